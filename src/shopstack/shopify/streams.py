"""What is read from Shopify: each stream declared once.

The GraphQL selection, the typed tables, dbt's sources, the reference page and the check against
Shopify's official schema derive from these declarations; nothing about a stream is written elsewhere.
Target API version: 2026-07; the queries are valid on 2026-04 and 2026-10 too.
"""

from __future__ import annotations

from shopstack.errors import UsageError
from shopstack.tables import Column, Stream, Table

API_VERSION = "2026-07"

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


def _money(name: str, path: str, what: str) -> tuple[Column, Column]:
    """A money bag as two columns: in shop currency, and in the currency that the customer saw."""
    return (
        Column(name, f"{path}.shopMoney.amount", "decimal", f"{what} (shop currency)."),
        Column(
            f"{name}_presentment",
            f"{path}.presentmentMoney.amount",
            "decimal",
            f"{what} (presentment currency).",
        ),
    )


def _place(prefix: str, path: str, whose: str) -> tuple[Column, ...]:
    """City, province and country of an address: all that is asked of one unless personal data is on."""
    return (
        Column(f"{prefix}_city", f"{path}.city", "text", f"City of the {whose} address, as typed."),
        Column(
            f"{prefix}_province_code",
            f"{path}.provinceCode",
            "text",
            f"Province or state code of the {whose} address.",
        ),
        Column(
            f"{prefix}_country_code",
            f"{path}.countryCodeV2",
            "text",
            f"ISO country code of the {whose} address.",
        ),
    )


SHOP = Stream(
    name="shop",
    description="The shop itself: its currency, timezone and tax convention frame every other figure.",
    root_field="shop",
    scopes=(),
    required=True,
    cursor="",
    kind="object",
    tables=(
        Table(
            name="shops",
            type_name="Shop",
            description="One row per shop.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the shop."),
                Column("name", "name", "text", "The shop's name."),
                Column("myshopify_domain", "myshopifyDomain", "text", "Permanent address (….myshopify.com)."),
                Column("currency_code", "currencyCode", "text", "ISO code of the shop currency."),
                Column("iana_timezone", "ianaTimezone", "text", "The shop's timezone: a day is a day there."),
                Column("taxes_included", "taxesIncluded", "boolean", "Whether prices include tax."),
                Column("plan", "plan.publicDisplayName", "text", "Shopify plan, as shown."),
                Column("created_at", "createdAt", "timestamp", "When the shop was created (UTC)."),
            ),
        ),
    ),
)

ORDERS = Stream(
    name="orders",
    description="Orders with everything that hangs on them: lines, the ledger of sales, payments, refunds.",
    root_field="orders",
    scopes=("read_orders",),
    required=True,
    count_field="ordersCount",
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
                ),
                Column(
                    "customer_order_index",
                    "customerJourneySummary.customerOrderIndex",
                    "integer",
                    "Number of this order among the customer's orders, counted by Shopify (0 is the first).",
                ),
                *_place("shipping", "shippingAddress", "shipping"),
                *_place("billing", "billingAddress", "billing"),
                Column(
                    "retail_location_id",
                    "retailLocation.id",
                    "text",
                    "Shop location of a point-of-sale order.",
                    scope="read_locations",
                ),
                *_money(
                    "original_total",
                    "originalTotalPriceSet",
                    "Total when placed, gift cards and tips included",
                ),
                *_money(
                    "current_total", "currentTotalPriceSet", "Total now, after edits, returns and refunds"
                ),
                *_money("net_payment", "netPaymentSet", "Received minus refunded"),
                *_money("total_received", "totalReceivedSet", "Received from the customer"),
                *_money("total_refunded", "totalRefundedSet", "Refunded to the customer"),
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
                *_money("original_unit_price", "originalUnitPriceSet", "Price of one unit before discounts"),
                *_money("original_total", "originalTotalSet", "Quantity times unit price before discounts"),
                *_money(
                    "discounted_total",
                    "discountedTotalSet",
                    "Line total after line discounts, without order and code discounts",
                ),
            ),
        ),
        Table(
            name="order_line_discounts",
            type_name="DiscountAllocation",
            parent="order_lines",
            path="discountAllocations",
            nesting="list",
            key=("_parent_id", "position"),
            position="position",
            description="One row per discount application and line: what each discount took off each line.",
            columns=(
                *_money(
                    "allocated_amount", "allocatedAmountSet", "Part of the discount that falls on the line"
                ),
                Column(
                    "application_index",
                    "discountApplication.index",
                    "integer",
                    "Which discount application of the order.",
                ),
                Column(
                    "application_type",
                    "discountApplication.__typename",
                    "text",
                    "Code, automatic, manual or script.",
                ),
                Column(
                    "target_type",
                    "discountApplication.targetType",
                    "text",
                    "Whether it lowers lines or shipping.",
                ),
                Column(
                    "code",
                    "discountApplication.code",
                    "text",
                    "The code typed.",
                    on=("DiscountCodeApplication",),
                ),
                Column(
                    "title",
                    "discountApplication.title",
                    "text",
                    "Title of an automatic or manual discount.",
                    on=(
                        "AutomaticDiscountApplication",
                        "ManualDiscountApplication",
                        "ScriptDiscountApplication",
                    ),
                ),
            ),
        ),
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
                *_money("total_amount", "totalAmount", "After discount and tax"),
                *_money("total_tax_amount", "totalTaxAmount", "Tax in it"),
                *_money(
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
                *_money("original_price", "originalPriceSet", "Price before discounts"),
                *_money("discounted_price", "discountedPriceSet", "Price after discounts"),
            ),
        ),
        Table(
            name="order_transactions",
            type_name="OrderTransaction",
            parent="orders",
            path="transactions",
            nesting="list",
            description="One row per payment movement: authorisation, capture, sale, refund, void.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the transaction."),
                Column("kind", "kind", "text", "SALE, AUTHORIZATION, CAPTURE, REFUND, VOID and so on."),
                Column("status", "status", "text", "SUCCESS, PENDING, FAILURE and so on."),
                Column(
                    "gateway", "gateway", "text", "Payment gateway (shopify_payments, gift_card, cash, …)."
                ),
                Column("test", "test", "boolean", "Whether it moved no real money."),
                Column(
                    "parent_transaction_id", "parentTransaction.id", "text", "The movement that it follows."
                ),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("processed_at", "processedAt", "timestamp", "When it was processed (UTC)."),
                *_money("amount", "amountSet", "Amount, always positive"),
            ),
        ),
        Table(
            name="order_refunds",
            type_name="Refund",
            parent="orders",
            path="refunds",
            nesting="list",
            description="One row per refund of an order.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the refund."),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("processed_at", "processedAt", "timestamp", "When it was processed (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
                *_money("total_refunded", "totalRefundedSet", "Money given back"),
            ),
        ),
    ),
)

CUSTOMERS = Stream(
    name="customers",
    description="Customers; without personal data only their number, dates and counts.",
    root_field="customers",
    scopes=("read_customers",),
    required=False,
    count_field="customersCount",
    figures=("new and returning customers", "names in customer lists"),
    tables=(
        Table(
            name="customers",
            type_name="Customer",
            description="One row per customer.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the customer."),
                Column("created_at", "createdAt", "timestamp", "When the customer was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When the customer last changed (UTC)."),
                Column(
                    "number_of_orders", "numberOfOrders", "integer", "Orders ever, as counted by Shopify."
                ),
                Column("amount_spent", "amountSpent.amount", "decimal", "Spent ever, as counted by Shopify."),
                Column(
                    "amount_spent_currency", "amountSpent.currencyCode", "text", "Currency of that amount."
                ),
                Column("state", "state", "text", "State of the customer's account."),
                Column("first_name", "firstName", "text", "First name.", personal=True),
                Column("last_name", "lastName", "text", "Last name.", personal=True),
                Column("email", "defaultEmailAddress.emailAddress", "text", "E-mail address.", personal=True),
            ),
        ),
    ),
)

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

LOCATIONS = Stream(
    name="locations",
    description="The shop's own locations: shops, warehouses, markets.",
    root_field="locations",
    scopes=("read_locations",),
    required=True,
    cursor="",
    count_field="locationsCount",
    tables=(
        Table(
            name="locations",
            type_name="Location",
            description="One row per location of the shop.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the location."),
                Column("name", "name", "text", "Name of the location."),
                Column("is_active", "isActive", "boolean", "Whether it is in use."),
                Column("city", "address.city", "text", "City, as typed."),
                Column("province_code", "address.provinceCode", "text", "Province or state code."),
                Column("country_code", "address.countryCode", "text", "ISO country code."),
                Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            ),
        ),
    ),
)

REPORT_METRICS = (
    "orders",
    "gross_sales",
    "discounts",
    "sales_reversals",
    "net_sales",
    "shipping_charges",
    "return_fees",
    "duties",
    "additional_fees",
    "taxes",
    "total_sales",
)

SALES_REPORT = Stream(
    name="sales_report",
    description="Shopify's own daily sales report (ShopifyQL): what our figures are held against.",
    root_field="shopifyqlQuery",
    scopes=("read_reports", "read_customers"),
    required=False,
    cursor="",
    kind="report",
    figures=("the comparison with Shopify's own report",),
    tables=(
        Table(
            name="sales_report_daily",
            type_name="ShopifyqlTableData",
            key=("day",),
            description="One row per day of Shopify's sales report, in the shop's timezone and currency.",
            columns=(
                Column("day", "day", "date", "Day in the shop's timezone."),
                Column("orders", "orders", "integer", "Orders, as Shopify's report counts them."),
                *(
                    Column(
                        metric,
                        metric,
                        "decimal",
                        f"{metric.replace('_', ' ').capitalize()} of the day, as Shopify reports it.",
                    )
                    for metric in REPORT_METRICS[1:]
                ),
            ),
        ),
    ),
)

STREAMS: tuple[Stream, ...] = (SHOP, LOCATIONS, PRODUCTS, CUSTOMERS, ORDERS, SALES_REPORT)
"""All streams in the order in which they are read; the report right after the orders that it is held against."""


def stream(name: str) -> Stream:
    """The stream of that name.

    Raises:
        UsageError: there is none.
    """
    for one in STREAMS:
        if one.name == name:
            return one
    raise UsageError(
        f"There is no stream called {name!r}.",
        why=f"The streams are {', '.join(s.name for s in STREAMS)}.",
        hint="shopstack status",
    )


def needed_scopes() -> tuple[str, ...]:
    """Every access scope that the app should ask for, in alphabetical order, `read_all_orders` included."""
    scopes = {"read_all_orders"}
    for one in STREAMS:
        scopes.update(one.scopes)
        scopes.update(column.scope for table in one.tables for column in table.columns if column.scope)
    return tuple(sorted(scopes))
