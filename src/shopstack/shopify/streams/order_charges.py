"""Tables of the orders stream about what raises or lowers an order beside its lines: duties, fees, discounts.

The ledger (`order_sales`) has their money; these say what it was for, and are read on request.
"""

from __future__ import annotations

from shopstack.shopify.streams.pieces import money
from shopstack.tables import Column, Table

LINE_DUTIES = Table(
    name="order_line_duties",
    type_name="Duty",
    parent="order_lines",
    path="duties",
    nesting="list",
    on_request=True,
    description="One row per import duty of a line item.",
    columns=(
        Column("id", "id", "text", "Shopify's id of the duty."),
        Column("country_code", "countryCodeOfOrigin", "text", "Country that the goods come from."),
        Column("harmonized_system_code", "harmonizedSystemCode", "text", "Customs code of the goods."),
        *money("price", "price", "What the duty comes to"),
    ),
)

ADDITIONAL_FEES = Table(
    name="order_additional_fees",
    type_name="AdditionalFee",
    parent="orders",
    path="additionalFees",
    nesting="list",
    on_request=True,
    description="One row per fee that an order was charged beside lines, shipping and duties.",
    columns=(
        Column("id", "id", "text", "Shopify's id of the fee."),
        Column("name", "name", "text", "What it is for."),
        *money("price", "price", "What it comes to"),
    ),
)

APPLICATION_TYPES = (
    "AutomaticDiscountApplication",
    "DiscountCodeApplication",
    "ManualDiscountApplication",
    "ScriptDiscountApplication",
)
_TITLED = tuple(one for one in APPLICATION_TYPES if one != "DiscountCodeApplication")

DISCOUNT_APPLICATIONS = Table(
    name="order_discount_applications",
    type_name="DiscountApplication",
    parent="orders",
    path="discountApplications",
    nesting="connection",
    key=("_root_id", "index"),
    possible_types=APPLICATION_TYPES,
    on_request=True,
    apart=True,
    description="One row per order and discount applied to it when it was placed, those that took nothing off too.",
    columns=(
        Column("index", "index", "integer", "Its number in the order: what an allocation refers to."),
        Column("type", "__typename", "text", "Code, automatic, manual or script."),
        Column("target_type", "targetType", "text", "Whether it lowers lines or shipping."),
        Column("target_selection", "targetSelection", "text", "Which of them: ALL, ENTITLED or EXPLICIT."),
        Column("allocation_method", "allocationMethod", "text", "How it is spread: ACROSS, EACH or ONE."),
        Column("code", "code", "text", "The code typed.", on=("DiscountCodeApplication",)),
        Column("title", "title", "text", "Title of an automatic or manual discount.", on=_TITLED),
        Column(
            "percentage",
            "value.percentage",
            "number",
            "Per cent that it takes off; null where it is an amount.",
            on=("PricingPercentageValue",),
        ),
        Column(
            "amount",
            "value.amount",
            "decimal",
            "Amount that it takes off, in the currency beside it; null where it is a percentage.",
            on=("MoneyV2",),
        ),
        Column("currency_code", "value.currencyCode", "text", "Currency of the amount.", on=("MoneyV2",)),
    ),
)
