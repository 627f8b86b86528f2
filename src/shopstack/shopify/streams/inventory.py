"""The inventory stream: what is counted in stock, what it costs, and how many of it lie where."""

from __future__ import annotations

import json

from shopstack.tables import Column, Observed, Stream, Table

QUANTITIES = {
    "available": "Units that can be sold",
    "on_hand": "Units that lie there, whatever becomes of them",
    "committed": "Units sold and not yet shipped",
    "reserved": "Units held back for a time (a draft order, say)",
    "incoming": "Units on their way there",
    "damaged": "Units that are damaged",
    "quality_control": "Units that are being inspected",
    "safety_stock": "Units kept so that the shop never sells too many",
}
"""The states that Shopify counts, by their names in the API. On hand are all of them but the incoming."""

INVENTORY_ITEMS = Stream(
    name="inventory_items",
    description=(
        "What is counted in stock, its cost, and its quantities at every location. Shopify keeps no history of them: "
        "they are read whole, once on each day of the shop, and every day's figures are kept."
    ),
    root_field="inventoryItems",
    scopes=("read_inventory",),
    required=False,
    figures=("stock and what to reorder",),
    cursor="",
    sorts_by_id=False,
    tables=(
        Table(
            name="inventory_items",
            type_name="InventoryItem",
            description="One row per thing that is counted in stock: each variant has one.",
            observed=Observed(("unit_cost",), kept=("sku",)),
            columns=(
                Column("id", "id", "text", "Shopify's id of the inventory item."),
                Column("sku", "sku", "text", "SKU now."),
                Column("tracked", "tracked", "boolean", "Whether Shopify counts it."),
                Column("requires_shipping", "requiresShipping", "boolean", "Whether it is shipped."),
                Column(
                    "unit_cost", "unitCost.amount", "decimal", "What one costs the shop now (shop currency)."
                ),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
        Table(
            name="inventory_levels",
            type_name="InventoryLevel",
            parent="inventory_items",
            path="inventoryLevels",
            nesting="connection",
            description="One row per inventory item and location where it is stocked.",
            arguments=(("quantities", f"names: {json.dumps(list(QUANTITIES))}"),),
            observed=Observed(tuple(QUANTITIES), kept=("location_id",), daily=True),
            columns=(
                Column("id", "id", "text", "Shopify's id of the level."),
                Column("location_id", "location.id", "text", "The location."),
                *(
                    Column(name, "quantities.quantity", "integer", f"{what}.", entry=name)
                    for name, what in QUANTITIES.items()
                ),
                Column("created_at", "createdAt", "timestamp", "When it was first stocked there (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
    ),
)
