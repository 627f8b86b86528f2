"""Columns that several streams declare alike: money in two currencies, places, tax lines, discounts."""

from __future__ import annotations

from shopstack.tables import Column, Table


def money(name: str, path: str, what: str) -> tuple[Column, Column]:
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


def place(prefix: str, path: str, whose: str) -> tuple[Column, ...]:
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


def rate(name: str, path: str, what: str) -> Column:
    """A share of one, as a float."""
    return Column(name, path, "number", what)


def tax_lines(
    name: str, parent: str, whose: str, *, key: tuple[str, ...] = ("_parent_id", "position")
) -> Table:
    """The tax lines that an object holds as a plain list."""
    return Table(
        name=name,
        type_name="TaxLine",
        parent=parent,
        path="taxLines",
        nesting="list",
        key=key,
        position="position",
        description=f"One row per tax of {whose}.",
        columns=(
            Column("title", "title", "text", "Name of the tax."),
            rate("rate", "rate", "Rate, as a share of one (0.08875)."),
            *money("price", "priceSet", "What the tax comes to, returns not taken off"),
            Column("source", "source", "text", "Who worked it out."),
            Column(
                "channel_liable",
                "channelLiable",
                "boolean",
                "Whether the sales channel pays it, not the shop.",
            ),
        ),
    )


def discount_allocations(
    name: str, parent: str, whose: str, *, key: tuple[str, ...] = ("_parent_id", "position")
) -> Table:
    """What each discount took off an object, with the application that it comes from.

    An application has no id: its key is the order's id and `application_index`.
    """
    titled = ("AutomaticDiscountApplication", "ManualDiscountApplication", "ScriptDiscountApplication")
    application = "discountApplication"
    return Table(
        name=name,
        type_name="DiscountAllocation",
        parent=parent,
        path="discountAllocations",
        nesting="list",
        key=key,
        position="position",
        description=f"One row per discount application and {whose}: what each discount took off it.",
        columns=(
            *money(
                "allocated_amount", "allocatedAmountSet", f"Part of the discount that falls on the {whose}"
            ),
            Column(
                "application_index",
                f"{application}.index",
                "integer",
                "Which discount application of the order.",
            ),
            Column(
                "application_type",
                f"{application}.__typename",
                "text",
                "Code, automatic, manual or script.",
            ),
            Column(
                "target_type",
                f"{application}.targetType",
                "text",
                "Whether it lowers lines or shipping.",
            ),
            Column(
                "target_selection",
                f"{application}.targetSelection",
                "text",
                "Which of them: ALL, ENTITLED or EXPLICIT.",
            ),
            Column(
                "allocation_method",
                f"{application}.allocationMethod",
                "text",
                "How it is spread: ACROSS, EACH or ONE.",
            ),
            Column("code", f"{application}.code", "text", "The code typed.", on=("DiscountCodeApplication",)),
            Column(
                "title",
                f"{application}.title",
                "text",
                "Title of an automatic or manual discount.",
                on=titled,
            ),
        ),
    )
