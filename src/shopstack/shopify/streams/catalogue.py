"""What the shop sells: products with their variants."""

from __future__ import annotations

from shopstack.tables import Column, Stream, Table

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
            columns=(
                Column("id", "id", "text", "Shopify's id of the variant."),
                Column("title", "title", "text", "Title of the variant."),
                Column("sku", "sku", "text", "SKU now."),
                Column("price", "price", "decimal", "Price now (shop currency)."),
                Column("position", "position", "integer", "Place among the product's variants."),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
    ),
)
