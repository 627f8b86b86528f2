"""Owns what a simulated shop can be told to do: credentials, grants, limits, timings and faults, all with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: Points a second by plan; the bucket holds twenty seconds of them (https://shopify.dev/docs/api/usage/limits).
RESTORE_RATES: Final = {"standard": 100, "advanced": 200, "plus": 1000, "enterprise": 2000}

DEFAULT_SCOPES: Final = frozenset(
    {
        "read_all_orders",
        "read_customers",
        "read_discounts",
        "read_draft_orders",
        "read_gift_cards",
        "read_inventory",
        "read_locations",
        "read_orders",
        "read_products",
        "read_reports",
        "read_returns",
        "read_shopify_payments_accounts",
        "read_shopify_payments_payouts",
    }
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong on request.

    ``kind`` is a key of ``faults.FAULTS``; it strikes ``times`` times (``None``: for ever) after letting ``skip``
    occasions pass, and only where ``match`` is part of the query's text. ``status`` and ``retry_after`` (seconds)
    matter to HTTP faults alone.
    """

    kind: str
    times: int | None = 1
    skip: int = 0
    match: str = ""
    status: int = 500
    retry_after: float = 2.0


@dataclass(frozen=True)
class ServerSettings:
    """How the simulated Admin API behaves. Times are seconds of the store's clock."""

    client_id: str = "simulated-client"
    client_secret: str = "simulated-secret"  # noqa: S105 - a made-up credential of a made-up shop
    static_tokens: frozenset[str] = frozenset({"shpat_simulated"})
    token_lifetime: int = 86399
    scopes: frozenset[str] = DEFAULT_SCOPES
    #: Overrides the restore rate (points a second) of the shop's plan.
    restore_rate: int | None = None
    throttling: bool = True
    max_query_cost: int = 1000
    #: Paging ends after this many objects of one connection (Shopify's documented limit).
    paging_limit: int = 25_000
    #: Level 2 access to protected customer data; without it personal fields are null.
    protected_data: bool = True
    #: Whether city, province and country of an address stay readable without level 2 (not settled in public).
    regions_without_protected_data: bool = True
    shopifyql: bool = True
    #: Whether the shop has a Shopify Payments account; without one the account is null.
    payments_account: bool = True
    #: Seconds after an order until its journey is ready, which changes nothing else of it.
    journey_seconds: int = 0
    #: Types of which the event log has events. Whether orders and customers are among them is not settled in public.
    event_subjects: frozenset[str] = frozenset({"CUSTOMER", "ORDER", "PRODUCT"})
    #: Days that an event is kept.
    events_kept: int = 365
    #: The count of events ends here, without an argument that lifts it.
    counted_events: int = 10_000
    #: Days of orders visible without the scope ``read_all_orders``.
    visible_days: int = 60
    bulk_slots: int = 5
    bulk_seconds: float = 0.0
    bulk_objects_per_second: float | None = None
    result_lifetime: int = 7 * 86400
    #: So long after it a change is seen by searches and the counts of what they find; what is read shows it at once.
    index_lag: float = 0.0
    #: Seconds of real time that every GraphQL answer takes.
    latency: float = 0.0
    faults: tuple[Fault, ...] = field(default_factory=tuple)

    def points_per_second(self, plan: str) -> int:
        """The restore rate in force for a shop of this plan; an unknown plan counts as the lowest."""
        if self.restore_rate is not None:
            return self.restore_rate
        return RESTORE_RATES.get(plan.lower(), RESTORE_RATES["standard"])
