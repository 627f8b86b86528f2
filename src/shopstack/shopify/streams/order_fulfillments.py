"""Tables of the orders stream about what was shipped."""

from __future__ import annotations

from shopstack.shopify.streams.pieces import money
from shopstack.tables import Column, Table

FULFILLMENT_TABLES = (
    Table(
        name="order_fulfillments",
        type_name="Fulfillment",
        parent="orders",
        path="fulfillments",
        nesting="list",
        description="One row per fulfilment: what left the shop at once.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the fulfilment."),
            Column("name", "name", "text", "Name as shown (#1001-F1)."),
            Column("status", "status", "text", "SUCCESS, CANCELLED, ERROR and so on."),
            Column("display_status", "displayStatus", "text", "Where the parcel is, as shown."),
            Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
            Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            Column("in_transit_at", "inTransitAt", "timestamp", "When it was on its way (UTC)."),
            Column("delivered_at", "deliveredAt", "timestamp", "When it was delivered (UTC)."),
            Column(
                "estimated_delivery_at",
                "estimatedDeliveryAt",
                "timestamp",
                "When it should be delivered (UTC).",
            ),
            Column("total_quantity", "totalQuantity", "integer", "Units in it."),
            Column("requires_shipping", "requiresShipping", "boolean", "Whether anything in it is shipped."),
            Column(
                "location_id", "location.id", "text", "Location that it left from.", scope="read_locations"
            ),
        ),
    ),
    Table(
        name="order_fulfillment_lines",
        type_name="FulfillmentLineItem",
        parent="order_fulfillments",
        path="fulfillmentLineItems",
        nesting="connection",
        on_request=True,
        description="One row per line item in a fulfilment.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the fulfilment line."),
            Column("line_item_id", "lineItem.id", "text", "The line item."),
            Column("quantity", "quantity", "integer", "Units of it."),
            *money("original_total", "originalTotalSet", "Their price before discounts"),
            *money("discounted_total", "discountedTotalSet", "Their price after discounts"),
        ),
    ),
)
