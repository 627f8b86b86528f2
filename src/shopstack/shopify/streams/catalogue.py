"""What the shop sells: products with their variants, and the collections that they are shown in."""

from __future__ import annotations

from shopstack.shopify.streams.metafields import metafields
from shopstack.tables import Column, Observed, Stream, Table

PRODUCTS = Stream(
    name="products",
    description="Products with their variants.",
    root_field="products",
    scopes=("read_products",),
    required=True,
    count_field="productsCount",
    tables=(
        Table(
            name="products",
            type_name="Product",
            description="One row per product.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the product."),
                Column("title", "title", "text", "Title now."),
                Column("handle", "handle", "text", "Handle in the shop's addresses."),
                Column("vendor", "vendor", "text", "Vendor."),
                Column("product_type", "productType", "text", "Type that the merchant gave it."),
                Column("tags", "tags", "json", "Tags that the merchant gave it, a list of texts."),
                Column("status", "status", "text", "ACTIVE, DRAFT or ARCHIVED."),
                Column("is_gift_card", "isGiftCard", "boolean", "Whether it is a gift card."),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
        Table(
            name="product_variants",
            type_name="ProductVariant",
            parent="products",
            path="variants",
            nesting="connection",
            description="One row per variant of a product.",
            observed=Observed(("price", "compare_at_price", "unit_cost"), kept=("sku", "inventory_item_id")),
            columns=(
                Column("id", "id", "text", "Shopify's id of the variant."),
                Column("title", "title", "text", "Title of the variant."),
                Column("sku", "sku", "text", "SKU now."),
                Column("price", "price", "decimal", "Price now (shop currency)."),
                Column(
                    "compare_at_price",
                    "compareAtPrice",
                    "decimal",
                    "Price before a reduction, as shown beside it (shop currency).",
                ),
                Column("taxable", "taxable", "boolean", "Whether tax is charged on it."),
                Column("inventory_item_id", "inventoryItem.id", "text", "What is counted in stock for it."),
                Column(
                    "unit_cost",
                    "inventoryItem.unitCost.amount",
                    "decimal",
                    "What one costs the shop, as of the product's last change (shop currency).",
                ),
                Column("position", "position", "integer", "Place among the product's variants."),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
        metafields("products", "a product"),
        metafields("product_variants", "a variant"),
    ),
)

COLLECTIONS = Stream(
    name="collections",
    description="Collections with the products in them. Read whole, since a product that joins one changes nothing of it.",
    root_field="collections",
    scopes=("read_products",),
    required=False,
    on_request=True,
    cursor="",
    count_field="collectionsCount",
    tables=(
        Table(
            name="collections",
            type_name="Collection",
            description="One row per collection.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the collection."),
                Column("title", "title", "text", "Title now."),
                Column("handle", "handle", "text", "Handle in the shop's addresses."),
                Column("sort_order", "sortOrder", "text", "How its products are sorted."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
        Table(
            name="collection_products",
            type_name="Product",
            parent="collections",
            path="products",
            nesting="connection",
            key=("_parent_id", "id"),
            description="One row per collection and product in it.",
            columns=(Column("id", "id", "text", "The product."),),
        ),
    ),
)
