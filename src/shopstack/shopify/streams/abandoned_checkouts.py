"""The abandoned checkouts stream: who began to pay and did not, or came back later."""

from __future__ import annotations

from shopstack.shopify.streams.pieces import money, place
from shopstack.tables import Column, Stream, Table

ABANDONED_CHECKOUTS = Stream(
    name="abandoned_checkouts",
    description="Checkouts that were left, with their lines. The link back into a checkout is never asked for.",
    root_field="abandonedCheckouts",
    scopes=("read_orders",),
    required=False,
    on_request=True,
    count_field="abandonedCheckoutsCount",
    oldest_by="created_at",
    tables=(
        Table(
            name="abandoned_checkouts",
            type_name="AbandonedCheckout",
            description="One row per checkout that was left.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the checkout."),
                Column("name", "name", "text", "Number of the checkout as shown in the admin."),
                Column("created_at", "createdAt", "timestamp", "When it was begun (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
                Column("completed_at", "completedAt", "timestamp", "When it was paid after all (UTC)."),
                Column(
                    "customer_id",
                    "customer.id",
                    "text",
                    "The customer.",
                    scope="read_customers",
                    customer=True,
                ),
                Column(
                    "discount_codes", "discountCodes", "json", "Codes that were entered, a list of texts."
                ),
                Column("taxes_included", "taxesIncluded", "boolean", "Whether its prices include tax."),
                *place("shipping", "shippingAddress", "shipping"),
                *place("billing", "billingAddress", "billing"),
                *money("line_items_total", "totalLineItemsPriceSet", "Lines before discounts"),
                *money("discounts", "totalDiscountSet", "Discounts"),
                *money("subtotal", "subtotalPriceSet", "Lines after discounts"),
                *money("tax", "totalTaxSet", "Tax"),
                *money("duties", "totalDutiesSet", "Duties"),
                *money("total", "totalPriceSet", "Total"),
                Column("note", "note", "text", "Note of the customer.", personal=True),
            ),
        ),
        Table(
            name="abandoned_checkout_lines",
            type_name="AbandonedCheckoutLineItem",
            parent="abandoned_checkouts",
            path="lineItems",
            nesting="connection",
            description="One row per line item of a checkout.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the line item."),
                Column("product_id", "product.id", "text", "The product; null once it is deleted."),
                Column("variant_id", "variant.id", "text", "The variant; null once it is deleted."),
                Column("title", "title", "text", "Title as shown."),
                Column("variant_title", "variantTitle", "text", "Variant title as shown."),
                Column("sku", "sku", "text", "SKU as shown."),
                Column("quantity", "quantity", "integer", "Units."),
                *money("original_unit_price", "originalUnitPriceSet", "Price of one unit before discounts"),
                *money(
                    "original_total", "originalTotalPriceSet", "Quantity times unit price before discounts"
                ),
                *money("discounted_total", "discountedTotalPriceSet", "Line total after line discounts"),
                *money(
                    "discounted_total_with_code",
                    "discountedTotalPriceWithCodeDiscount",
                    "Line total after line discounts and codes",
                ),
            ),
        ),
    ),
)
