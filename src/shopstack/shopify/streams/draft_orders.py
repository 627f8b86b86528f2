"""The draft orders stream: what the merchant prepares for a customer before it is an order."""

from __future__ import annotations

from shopstack.shopify.streams.pieces import money, place
from shopstack.tables import Column, Stream, Table

DRAFT_ORDERS = Stream(
    name="draft_orders",
    description="Draft orders with their lines, and the order that came of each.",
    root_field="draftOrders",
    scopes=("read_draft_orders",),
    required=False,
    on_request=True,
    count_field="draftOrdersCount",
    sees_orders="by reference",
    tables=(
        Table(
            name="draft_orders",
            type_name="DraftOrder",
            description="One row per draft order.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the draft."),
                Column("name", "name", "text", "Number of the draft as shown in the admin (#D1)."),
                Column("status", "status", "text", "OPEN, INVOICE_SENT or COMPLETED."),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
                Column("invoice_sent_at", "invoiceSentAt", "timestamp", "When its invoice was sent (UTC)."),
                Column("completed_at", "completedAt", "timestamp", "When it became an order (UTC)."),
                Column(
                    "order_id", "order.id", "text", "The order that came of it; null until then.", order=True
                ),
                Column(
                    "customer_id",
                    "customer.id",
                    "text",
                    "The customer.",
                    scope="read_customers",
                    customer=True,
                ),
                Column("tags", "tags", "json", "Tags that the merchant gave it, a list of texts."),
                Column("currency_code", "currencyCode", "text", "Shop currency."),
                Column(
                    "presentment_currency_code",
                    "presentmentCurrencyCode",
                    "text",
                    "Currency that the customer sees.",
                ),
                Column("taxes_included", "taxesIncluded", "boolean", "Whether its prices include tax."),
                *place("shipping", "shippingAddress", "shipping"),
                *place("billing", "billingAddress", "billing"),
                *money("line_items_total", "totalLineItemsPriceSet", "Lines before discounts"),
                *money("discounts", "totalDiscountsSet", "Discounts"),
                *money("subtotal", "subtotalPriceSet", "Lines after discounts"),
                *money("shipping_price", "totalShippingPriceSet", "Shipping"),
                *money("tax", "totalTaxSet", "Tax"),
                *money("total", "totalPriceSet", "Total, shipping and tax included"),
                Column("email", "email", "text", "E-mail address.", personal=True),
                Column("phone", "phone", "text", "Telephone number.", personal=True),
                Column("note", "note2", "text", "Note of the merchant.", personal=True),
            ),
        ),
        Table(
            name="draft_order_lines",
            type_name="DraftOrderLineItem",
            parent="draft_orders",
            path="lineItems",
            nesting="connection",
            description="One row per line item of a draft order.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the line item."),
                Column("product_id", "product.id", "text", "The product; null for custom items."),
                Column("variant_id", "variant.id", "text", "The variant; null for custom items."),
                Column("title", "title", "text", "Title as offered."),
                Column("variant_title", "variantTitle", "text", "Variant title as offered."),
                Column("sku", "sku", "text", "SKU as offered."),
                Column("vendor", "vendor", "text", "Vendor as offered."),
                Column("is_custom", "custom", "boolean", "Whether it is no product of the catalogue."),
                Column("is_gift_card", "isGiftCard", "boolean", "Whether the line sells a gift card."),
                Column("quantity", "quantity", "integer", "Units."),
                *money("original_unit_price", "originalUnitPriceSet", "Price of one unit before discounts"),
                *money("original_total", "originalTotalSet", "Quantity times unit price before discounts"),
                *money("discount", "totalDiscountSet", "Discount on the line"),
                *money("discounted_total", "discountedTotalSet", "Line total after its discount"),
            ),
        ),
    ),
)
