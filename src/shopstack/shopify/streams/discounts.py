"""What the shop takes off its prices: code and automatic discounts."""

from __future__ import annotations

from shopstack.tables import Column, ColumnType, Stream, Table

CODE_TYPES = ("DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping", "DiscountCodeApp")
AUTOMATIC_TYPES = (
    "DiscountAutomaticBasic",
    "DiscountAutomaticBxgy",
    "DiscountAutomaticFreeShipping",
    "DiscountAutomaticApp",
)
_ALL = (*CODE_TYPES, *AUTOMATIC_TYPES)
_BASIC = ("DiscountCodeBasic", "DiscountAutomaticBasic")
_BXGY = ("DiscountCodeBxgy", "DiscountAutomaticBxgy")
_WORDED = tuple(one for one in _ALL if not one.endswith("App"))


def _of(name: str, field: str, kind: ColumnType, description: str, on: tuple[str, ...] = _ALL) -> Column:
    """A column of the discount itself, which is one of eight types behind a union."""
    return Column(name, f"discount.{field}", kind, description, on=on)


def _value(name: str, field: str, kind: ColumnType, effect: str, what: str) -> tuple[Column, Column]:
    """A part of what a discount gives: off everything that it covers, or off what is got for what is bought."""
    return (
        Column(
            name,
            f"discount.customerGets.value.{field}",
            kind,
            f"{what}; null for other kinds of discounts.",
            on=_BASIC,
            inside=(("value", (effect,)),),
        ),
        Column(
            f"got_{name}",
            f"discount.customerGets.value.effect.{field}",
            kind,
            f"{what}, of the items that a buy-X-get-Y discount gives.",
            on=_BXGY,
            inside=(("value", ("DiscountOnQuantity",)), ("effect", (effect,))),
        ),
    )


DISCOUNTS = Stream(
    name="discounts",
    description=(
        "Code and automatic discounts. Read whole, since Shopify moves their time of change neither when they are "
        "used nor when they begin or end."
    ),
    root_field="discountNodes",
    scopes=("read_discounts",),
    required=False,
    figures=("what each discount is and how often Shopify says it was used",),
    cursor="",
    count_field="discountNodesCount",
    tables=(
        Table(
            name="discounts",
            type_name="DiscountNode",
            possible_types=("DiscountNode",),
            description="One row per discount.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the discount."),
                Column(
                    "type",
                    "discount.__typename",
                    "text",
                    "How it is given (by code or automatically) and its kind, as Shopify's type (DiscountCodeBasic, …).",
                ),
                _of("title", "title", "text", "Title; of an automatic discount, what orders show."),
                _of("status", "status", "text", "ACTIVE, EXPIRED or SCHEDULED, when it was read."),
                _of("starts_at", "startsAt", "timestamp", "When it begins (UTC)."),
                _of("ends_at", "endsAt", "timestamp", "When it ends (UTC); null: never."),
                _of("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
                _of("updated_at", "updatedAt", "timestamp", "When it was last edited (UTC)."),
                _of(
                    "classes",
                    "discountClasses",
                    "json",
                    "What it lowers: a list of ORDER, PRODUCT, SHIPPING.",
                ),
                _of("summary", "summary", "text", "What it gives, in Shopify's words.", _WORDED),
                _of(
                    "usage_count",
                    "asyncUsageCount",
                    "integer",
                    "How often it was used; Shopify counts a little late.",
                ),
                _of(
                    "usage_limit",
                    "usageLimit",
                    "integer",
                    "How often it may be used; null: no limit.",
                    CODE_TYPES,
                ),
                _of(
                    "once_per_customer",
                    "appliesOncePerCustomer",
                    "boolean",
                    "Whether a customer may use it once only.",
                    CODE_TYPES,
                ),
                _of("codes_count", "codesCount.count", "integer", "How many codes redeem it.", CODE_TYPES),
                *_value(
                    "percentage",
                    "percentage",
                    "number",
                    "DiscountPercentage",
                    "Share taken off (0.1 is 10 %)",
                ),
                *_value("amount", "amount.amount", "decimal", "DiscountAmount", "Amount taken off"),
                *_value(
                    "currency", "amount.currencyCode", "text", "DiscountAmount", "Currency of the amount"
                ),
            ),
        ),
        Table(
            name="discount_codes",
            type_name="DiscountRedeemCode",
            parent="discounts",
            path="discount.codes",
            nesting="connection",
            apart=True,
            on=CODE_TYPES,
            by_id=True,
            description=(
                "One row per code that redeems a discount. Paged through to the last one, since a bulk operation "
                "silently stops after a hundred."
            ),
            columns=(
                Column("id", "id", "text", "Shopify's id of the code."),
                Column("code", "code", "text", "The code that customers type."),
                Column(
                    "usage_count",
                    "asyncUsageCount",
                    "integer",
                    "How often it was used; Shopify counts a little late.",
                ),
            ),
        ),
    ),
)
