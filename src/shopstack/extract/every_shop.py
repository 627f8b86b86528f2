"""Every shop of a project, one after another: what fails in one shop is kept as that shop's own, and the next is read.

What is done for a shop is handed in (`extract`, `sweep`, `plan`). One after another, not side by side: all shops load
into one database, which takes one load at a time, and memory stays what one shop needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from shopstack.config import ShopConfig
from shopstack.errors import EXIT_OK, ConfigurationError, ShopstackError
from shopstack.shops import ShopAccess

Taken = Mapping[str, ShopConfig]
"""Shops that have answered already, by the permanent address that they gave."""


class OfOneShop(Protocol):
    """A report on one shop."""

    @property
    def shop(self) -> str:
        """The permanent address that it answered with."""

    @property
    def sentence(self) -> str:
        """One line for a person."""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""


R = TypeVar("R", bound=OfOneShop)


@dataclass(frozen=True)
class ShopFailure:
    """Why one of several shops could not be read."""

    shop: ShopConfig
    problem: ShopstackError

    @property
    def message(self) -> str:
        """What happened, naming the shop."""
        return f"{self.shop.handle} could not be read: {self.problem.message}"

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"address": self.shop.address, **self.problem.as_dict()}


@dataclass(frozen=True)
class EveryShop(Generic[R]):
    """What was found of each shop, and which ones failed."""

    reports: tuple[R, ...]
    failures: tuple[ShopFailure, ...] = ()

    @property
    def exit_code(self) -> int:
        """The highest of all."""
        return max((failure.problem.exit_code for failure in self.failures), default=EXIT_OK)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: of one shop its report, of several a list."""
        if len(self.reports) == 1 and not self.failures:
            return self.reports[0].as_dict()
        return {
            "shops": [report.as_dict() for report in self.reports],
            "failed": [failure.as_dict() for failure in self.failures],
        }


def every_shop(
    shops: Sequence[ShopAccess],
    work: Callable[[ShopAccess, Taken], R],
    failed: Callable[[ShopFailure], None] = lambda _: None,
) -> EveryShop[R]:
    """Do the work for each shop in turn; ``failed`` is told of each that fails.

    Raises:
        ShopstackError: no shop is left: the only one failed, or each of them did (then the gravest error).
    """
    reports: list[R] = []
    failures: list[ShopFailure] = []
    taken: dict[str, ShopConfig] = {}
    for access in shops:
        try:
            report = work(access, taken)
        except ShopstackError as problem:
            failures.append(ShopFailure(access.shop, problem))
            failed(failures[-1])
            continue
        reports.append(report)
        taken[report.shop] = access.shop
    if failures and not reports:
        raise max((failure.problem for failure in failures), key=lambda problem: problem.exit_code)
    return EveryShop(tuple(reports), tuple(failures))


def refuse_same(domain: str, shop: ShopConfig, taken: Taken) -> None:
    """Stop before a shop is read twice under two addresses.

    Raises:
        ConfigurationError: another configured address has answered as the same shop.
    """
    if domain in taken:
        raise ConfigurationError(
            f"{shop.address} and {taken[domain].address} are the same shop.",
            why=f"Both answer as {domain}; read twice, its rows would replace each other.",
            hint=f"take {shop.address} out of shopstack.toml, then: shopstack run",
        )
