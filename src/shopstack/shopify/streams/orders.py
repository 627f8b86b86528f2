"""The orders stream: an order with its lines, its ledger, its payments, refunds and fulfilments."""

from __future__ import annotations

from datetime import timedelta

from shopstack.shopify.streams.journey import JOURNEY
from shopstack.shopify.streams.metafields import metafields
from shopstack.shopify.streams.order_charges import ADDITIONAL_FEES, DISCOUNT_APPLICATIONS, LINE_DUTIES
from shopstack.shopify.streams.order_fulfillments import FULFILLMENT_TABLES
from shopstack.shopify.streams.order_payments import PAYMENT_TABLES, REFUND_TABLES
from shopstack.shopify.streams.order_returns import RETURN_TABLES
from shopstack.shopify.streams.pieces import discount_allocations, money, place, tax_lines
from shopstack.tables import Awaited, Column, Stream, Table

SALE_TYPES = (
    "ProductSale",
    "ShippingLineSale",
    "TipSale",
    "GiftCardSale",
    "AdjustmentSale",
    "DutySale",
    "FeeSale",
    "AdditionalFeeSale",
    "UnknownSale",
)
AGREEMENT_TYPES = ("OrderAgreement", "OrderEditAgreement", "RefundAgreement", "ReturnAgreement")


ORDERS = Stream(
    name="orders",
    description="Orders with everything that hangs on them: lines, the ledger of sales, payments, refunds.",
    root_field="orders",
    scopes=("read_orders",),
    required=True,
    count_field="ordersCount",
    awaited=Awaited("journey_ready", within=timedelta(days=30)),
    sees_orders="as roots",
    tables=(
        Table(
            name="orders",
            type_name="Order",
            description="One row per order, as Shopify shows it now.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the order."),
                Column("name", "name", "text", "Order number as shown in the admin (#1001)."),
                Column("created_at", "createdAt", "timestamp", "When the order was created (UTC)."),
                Column(
                    "processed_at",
                    "processedAt",
                    "timestamp",
                    "When the order was placed (UTC); differs for imports.",
                ),
                Column(
                    "updated_at", "updatedAt", "timestamp", "When anything of the order last changed (UTC)."
                ),
                Column("cancelled_at", "cancelledAt", "timestamp", "When the order was cancelled (UTC)."),
                Column("closed_at", "closedAt", "timestamp", "When the order was archived (UTC)."),
                Column("test", "test", "boolean", "Whether it is a test order: outside every figure."),
                Column("cancel_reason", "cancelReason", "text", "Why it was cancelled."),
                Column(
                    "financial_status", "displayFinancialStatus", "text", "Paid, pending, refunded and so on."
                ),
                Column(
                    "fulfillment_status", "displayFulfillmentStatus", "text", "How much of it was shipped."
                ),
                Column(
                    "return_status",
                    "returnStatus",
                    "text",
                    "NO_RETURN, RETURN_REQUESTED, IN_PROGRESS and so on.",
                ),
                Column(
                    "source_name", "sourceName", "text", "Channel that the order came through (web, pos, …)."
                ),
                Column("currency_code", "currencyCode", "text", "Shop currency when the order was placed."),
                Column(
                    "presentment_currency_code",
                    "presentmentCurrencyCode",
                    "text",
                    "Currency that the customer saw.",
                ),
                Column(
                    "taxes_included", "taxesIncluded", "boolean", "Whether the order's prices include tax."
                ),
                Column(
                    "customer_id",
                    "customer.id",
                    "text",
                    "The customer; null for a guest.",
                    scope="read_customers",
                    customer=True,
                ),
                Column("tags", "tags", "json", "Tags that the merchant gave it, a list of texts."),
                Column(
                    "payment_gateways",
                    "paymentGatewayNames",
                    "json",
                    "Payment gateways used, a list of names.",
                ),
                Column("app_name", "app.name", "text", "Name of the app that made the order."),
                Column(
                    "channel",
                    "channelInformation.channelDefinition.handle",
                    "text",
                    "Sales channel, as a handle (web, pos, …).",
                ),
                Column(
                    "channel_name",
                    "channelInformation.channelDefinition.channelName",
                    "text",
                    "Sales channel as shown.",
                ),
                Column(
                    "customer_order_index",
                    "customerJourneySummary.customerOrderIndex",
                    "integer",
                    "Number of this order among the customer's orders, as Shopify counts them (from 0 or from 1).",
                ),
                *JOURNEY,
                *place("shipping", "shippingAddress", "shipping"),
                *place("billing", "billingAddress", "billing"),
                Column(
                    "retail_location_id",
                    "retailLocation.id",
                    "text",
                    "Shop location of a point-of-sale order.",
                    scope="read_locations",
                ),
                *money(
                    "original_total",
                    "originalTotalPriceSet",
                    "Total when placed, gift cards and tips included",
                ),
                *money(
                    "current_total", "currentTotalPriceSet", "Total now, after edits, returns and refunds"
                ),
                *money("net_payment", "netPaymentSet", "Received minus refunded"),
                *money("total_received", "totalReceivedSet", "Received from the customer"),
                *money("total_refunded", "totalRefundedSet", "Refunded to the customer"),
            ),
        ),
        Table(
            name="order_lines",
            type_name="LineItem",
            parent="orders",
            path="lineItems",
            nesting="connection",
            description="One row per line item of an order.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the line item."),
                Column(
                    "product_id",
                    "product.id",
                    "text",
                    "The product; null for custom items and deleted products.",
                ),
                Column(
                    "variant_id",
                    "variant.id",
                    "text",
                    "The variant; null for custom items and deleted variants.",
                ),
                Column("title", "title", "text", "Product title as sold."),
                Column("variant_title", "variantTitle", "text", "Variant title as sold."),
                Column("sku", "sku", "text", "SKU as sold."),
                Column("vendor", "vendor", "text", "Vendor as sold."),
                Column("is_gift_card", "isGiftCard", "boolean", "Whether the line sells a gift card."),
                Column("quantity", "quantity", "integer", "Units when ordered."),
                Column(
                    "current_quantity", "currentQuantity", "integer", "Units now, after edits and refunds."
                ),
                *money("original_unit_price", "originalUnitPriceSet", "Price of one unit before discounts"),
                *money("original_total", "originalTotalSet", "Quantity times unit price before discounts"),
                *money(
                    "discounted_total",
                    "discountedTotalSet",
                    "Line total after line discounts, without order and code discounts",
                ),
            ),
        ),
        discount_allocations("order_line_discounts", "order_lines", "line"),
        tax_lines("order_line_taxes", "order_lines", "a line item"),
        LINE_DUTIES,
        Table(
            name="order_agreements",
            type_name="SalesAgreement",
            parent="orders",
            path="agreements",
            nesting="connection",
            possible_types=AGREEMENT_TYPES,
            description="One row per sales agreement: an event of the order's ledger (order, edit, refund, return).",
            columns=(
                Column("id", "id", "text", "Shopify's id of the agreement."),
                Column("type", "__typename", "text", "Kind of agreement."),
                Column("happened_at", "happenedAt", "timestamp", "When it happened (UTC)."),
                Column("reason", "reason", "text", "ORDER, ORDER_EDIT, REFUND or RETURN."),
                Column(
                    "refund_id",
                    "refund.id",
                    "text",
                    "The refund of a refund agreement.",
                    on=("RefundAgreement",),
                ),
            ),
        ),
        Table(
            name="order_sales",
            type_name="Sale",
            parent="order_agreements",
            path="sales",
            nesting="connection",
            possible_types=SALE_TYPES,
            description="One row per sale: one signed movement of money in the ledger.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the sale."),
                Column("type", "__typename", "text", "Kind of sale."),
                Column("action_type", "actionType", "text", "ORDER, RETURN or UPDATE."),
                Column(
                    "line_type", "lineType", "text", "PRODUCT, SHIPPING, TIP, GIFT_CARD, DUTY, FEE and so on."
                ),
                Column("quantity", "quantity", "integer", "Units; negative when they come back."),
                Column(
                    "line_item_id",
                    "lineItem.id",
                    "text",
                    "The line item sold.",
                    on=("ProductSale", "TipSale", "GiftCardSale"),
                ),
                Column(
                    "shipping_line_id",
                    "shippingLine.id",
                    "text",
                    "The shipping line.",
                    on=("ShippingLineSale",),
                ),
                *money("total_amount", "totalAmount", "After discount and tax"),
                *money("total_tax_amount", "totalTaxAmount", "Tax in it"),
                *money(
                    "total_discount_amount_before_taxes",
                    "totalDiscountAmountBeforeTaxes",
                    "Discount before taxes, allocated to the cent",
                ),
            ),
        ),
        Table(
            name="order_shipping_lines",
            type_name="ShippingLine",
            parent="orders",
            path="shippingLines",
            nesting="connection",
            possible_types=("ShippingLine",),
            key=(),
            description="One row per shipping line of an order; its id may be null.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the shipping line; may be null."),
                Column("title", "title", "text", "Shipping method as shown."),
                Column("code", "code", "text", "Code of the shipping method."),
                Column("source", "source", "text", "Where the rate came from."),
                *money("original_price", "originalPriceSet", "Price before discounts"),
                *money("discounted_price", "discountedPriceSet", "Price after discounts"),
            ),
        ),
        discount_allocations("order_shipping_discounts", "order_shipping_lines", "shipping line", key=()),
        tax_lines("order_shipping_taxes", "order_shipping_lines", "a shipping line", key=()),
        tax_lines("order_taxes", "orders", "an order as a whole, by title and rate"),
        *PAYMENT_TABLES,
        *REFUND_TABLES,
        *FULFILLMENT_TABLES,
        *RETURN_TABLES,
        ADDITIONAL_FEES,
        DISCOUNT_APPLICATIONS,
        metafields("orders", "an order", about_people=True, apart=True),
    ),
)
