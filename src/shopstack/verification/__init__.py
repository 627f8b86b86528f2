"""Is it true: completeness of what was loaded, ties of each order, agreement with Shopify's own report.

All of it reads what is published, as every reader does. A window is proved complete before its cursor moves
(`shopify`), and dbt's tests hold that proof again before anything is published; here it is counted for a person.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from shopstack.errors import EXIT_DATA, EXIT_OK, UsageError
from shopstack.project import Project
from shopstack.publish import PublishedShop, Snapshot, open_published
from shopstack.publish.status import LoadCounts, ReconciliationState, ShopChecks, TieCounts
from shopstack.verification.completeness import summarise_completeness
from shopstack.verification.reconciliation import of_several, summarise_reconciliation
from shopstack.verification.ties import summarise_ties

__all__ = ["Verification", "published_shop", "verify_published"]


@dataclass(frozen=True)
class Verification:
    """What the published figures were held against, and what came of it."""

    version: str
    completeness: LoadCounts
    ties: TieCounts
    reconciliation: ReconciliationState
    shops: tuple[ShopChecks, ...] = ()
    """The same for each of several shops; empty where there is only one."""

    @property
    def exit_code(self) -> int:
        """1 where a load is incomplete or a figure differs from Shopify's report; untied orders are only listed."""
        wrong = self.completeness.incomplete or self.reconciliation.state == "differs"
        return EXIT_DATA if wrong else EXIT_OK

    @property
    def sentence(self) -> str:
        """One line for a person."""
        tied = f"{self.ties.orders - self.ties.untied:,} of {self.ties.orders:,} orders tie"
        if self.shops:
            words = "; ".join(f"{one.shop} {one.reconciliation.state}" for one in self.shops)
            return f"{tied}; held against Shopify's own reports: {words}"
        found = self.reconciliation
        if found.state == "agrees":
            return f"{tied}; every compared day agrees with {_compared_with(found)}"
        if found.state == "differs":
            return f"{tied}; {found.days} periods differ from {_compared_with(found)}"
        return f"{tied}; {found.state}: {found.reason}"

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**asdict(self), "exit_code": self.exit_code}


def _compared_with(found: ReconciliationState) -> str:
    return ", ".join(found.sources).replace("Shopify's report", "Shopify's own report")


def verify_published(project: Project) -> Verification:
    """Hold the published version against Shopify's own figures.

    Raises:
        ConfigurationError: nothing is published yet.
    """
    with open_published(project) as snapshot:
        shops = [one.shop for one in snapshot.pointer.shops]
        checks = tuple(_checks(snapshot, shop) for shop in shops) if len(shops) > 1 else ()
        return Verification(
            version=snapshot.pointer.version,
            completeness=summarise_completeness(snapshot),
            ties=summarise_ties(snapshot),
            reconciliation=of_several(checks) if checks else summarise_reconciliation(snapshot),
            shops=checks,
        )


def _checks(snapshot: Snapshot, shop: str) -> ShopChecks:
    return ShopChecks(
        shop,
        summarise_completeness(snapshot, shop),
        summarise_ties(snapshot, shop),
        summarise_reconciliation(snapshot, shop),
    )


def published_shop(project: Project, name: str = "") -> PublishedShop:
    """The shop whose figures are up, or the one of several by its name or address.

    Raises:
        ConfigurationError: nothing is published yet. UsageError: there are several and none is named, or no such one.
    """
    with open_published(project) as snapshot:
        shops = snapshot.pointer.shops
    wanted = name.removesuffix(".myshopify.com")
    found = [one for one in shops if not name or wanted == one.handle or name in {one.shop, one.address}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.handle for one in shops)
    if name:
        raise UsageError(
            f"No figures of a shop called {name} are published.",
            why=f"There are those of: {known}.",
            hint="shopstack status (says which shops were read)",
        )
    raise UsageError(
        "It must be said which shop the report is of.",
        why=f"There are several: {known}.",
        hint=f"the same command with --shop {found[0].handle if found else 'NAME'}",
    )
