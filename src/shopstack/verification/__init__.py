"""Is it true: the ties of each order, and the agreement of our figures with Shopify's own report.

Both read what is published, as every reader does. That a window was loaded completely is proved before its
cursor moves (`shopify`), and again by dbt's tests before anything is published; it is not this package's business.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from shopstack.errors import EXIT_DATA, EXIT_OK
from shopstack.project import Project
from shopstack.publish import open_published
from shopstack.publish.status import ReconciliationState, TieCounts
from shopstack.verification.reconciliation import summarise_reconciliation
from shopstack.verification.ties import summarise_ties

__all__ = ["Verification", "verify_published"]


@dataclass(frozen=True)
class Verification:
    """What the published figures were held against, and what came of it."""

    version: str
    ties: TieCounts
    reconciliation: ReconciliationState

    @property
    def exit_code(self) -> int:
        """1 where a published figure differs from Shopify's report; untied orders are listed and do not fail."""
        return EXIT_DATA if self.reconciliation.state == "differs" else EXIT_OK

    @property
    def sentence(self) -> str:
        """One line for a person."""
        tied = f"{self.ties.orders - self.ties.untied:,} of {self.ties.orders:,} orders tie"
        found = self.reconciliation
        if found.state == "agrees":
            return f"{tied}; every closed day agrees with Shopify's own report"
        if found.state == "differs":
            return f"{tied}; {found.days} periods differ from Shopify's own report"
        return f"{tied}; {found.state}: {found.reason}"

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**asdict(self), "exit_code": self.exit_code}


def verify_published(project: Project) -> Verification:
    """Hold the published version against Shopify's own figures.

    Raises:
        ConfigurationError: nothing is published yet.
    """
    with open_published(project) as snapshot:
        return Verification(
            snapshot.pointer.version, summarise_ties(snapshot), summarise_reconciliation(snapshot)
        )
