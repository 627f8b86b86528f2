"""Columns of an order about how its customer found the shop: his first and last visit before he bought."""

from __future__ import annotations

from shopstack.tables import Column

_SUMMARY = "customerJourneySummary"


def _visit(prefix: str, path: str, which: str) -> tuple[Column, ...]:
    """One visit. Landing page and referrer are kept without what follows the question mark."""

    def utm(name: str) -> Column:
        return Column(
            f"{prefix}_utm_{name}",
            f"{path}.utmParameters.{name}",
            "text",
            f"UTM {name} of the {which} visit.",
        )

    return (
        Column(f"{prefix}_at", f"{path}.occurredAt", "timestamp", f"When the {which} visit was (UTC)."),
        Column(
            f"{prefix}_source",
            f"{path}.source",
            "text",
            f"Where the {which} visit came from, as Shopify tells it.",
        ),
        Column(
            f"{prefix}_source_type",
            f"{path}.sourceType",
            "text",
            f"Kind of marketing behind the {which} visit.",
        ),
        Column(
            f"{prefix}_landing_page",
            f"{path}.landingPage",
            "text",
            f"Page that the {which} visit began on, without its query.",
            without_query=True,
        ),
        Column(
            f"{prefix}_referrer",
            f"{path}.referrerUrl",
            "text",
            f"Page that the {which} visit came from, without its query.",
            without_query=True,
        ),
        *(utm(name) for name in ("source", "medium", "campaign", "term", "content")),
    )


JOURNEY = (
    Column(
        "journey_ready", f"{_SUMMARY}.ready", "boolean", "Whether Shopify has worked out the journey yet."
    ),
    Column(
        "days_to_conversion",
        f"{_SUMMARY}.daysToConversion",
        "integer",
        "Days from the first visit to the order.",
    ),
    *_visit("first_visit", f"{_SUMMARY}.firstVisit", "first"),
    *_visit("last_visit", f"{_SUMMARY}.lastVisit", "last"),
)
