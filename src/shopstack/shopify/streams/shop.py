"""The shop itself, its locations, and its own daily report."""

from __future__ import annotations

from shopstack.tables import Column, Observed, Stream, Table

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
            observed=Observed(("currency_code", "iana_timezone")),
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
            observed=Observed(("city", "province_code", "country_code")),
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
