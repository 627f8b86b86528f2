"""What the app may read: granted scopes, the streams that they allow, and how far back orders are visible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shopstack.errors import DataError, MissingScopeError, TransientError
from shopstack.shopify.client import ShopifyClient
from shopstack.shopify.selection import Access
from shopstack.tables import Stream

IDENTITY_QUERY = (
    "{ shop { myshopifyDomain ianaTimezone } currentAppInstallation { accessScopes { handle } } }"
)
REPORT_SCOPES = frozenset({"read_reports", "read_customers"})
PROTECTED_QUERY = (
    '{ shopifyqlQuery(query: "FROM sales SHOW orders SINCE today UNTIL today") '
    "{ parseErrors tableData { rows } } }"
)
ALL_ORDERS = "read_all_orders"

VISIBLE = timedelta(days=60)
"""How old an order may be to be shown without `read_all_orders`."""

VISIBLE_MARGIN = timedelta(minutes=15)
"""Kept from that edge, so that no order drops out of sight between being counted and being read."""

GRANT_HINT = (
    "Dev Dashboard > your app > Versions: add the scope, release, install it again; then: shopstack run"
)
REPORT_HINT = (
    "grant read_reports and read_customers, and ask for level 2 protected customer data "
    "(Dev Dashboard > your app > API access); then: shopstack run"
)
ALL_ORDERS_HINT = (
    f"ask for {ALL_ORDERS} (Dev Dashboard > your app > API access), install it again; then: shopstack run"
)


@dataclass(frozen=True)
class Identity:
    """The shop that answers, and what the app may read in it."""

    domain: str
    """The permanent address, which every key begins with, whatever address was asked."""
    timezone: str
    scopes: frozenset[str]


async def identify(client: ShopifyClient) -> Identity:
    """Ask who answers, and what it may read.

    Raises:
        CredentialsError, UnreachableError: as `ShopifyClient.execute`.
    """
    data = (await client.execute(IDENTITY_QUERY)).data
    return Identity(
        domain=str(data["shop"]["myshopifyDomain"]),
        timezone=str(data["shop"]["ianaTimezone"]),
        scopes=granted_scopes(data),
    )


def granted_scopes(data: Mapping[str, Any]) -> frozenset[str]:
    """The scopes of an answer to ``currentAppInstallation { accessScopes { handle } }``. Whoever may write may read."""
    handles = {str(one["handle"]) for one in data["currentAppInstallation"]["accessScopes"]}
    return frozenset(handles | {handle.replace("write_", "read_", 1) for handle in handles})


async def shows_protected(client: ShopifyClient, scopes: frozenset[str]) -> bool | None:
    """Whether the app was granted protected customer data, as far as Shopify lets on; None: that is not known.

    Without the grant the fields are null, and nothing in the answer says so. But ShopifyQL needs the same grant, and
    refuses whoever lacks it.

    Raises:
        CredentialsError: the token is refused.
    """
    if not scopes >= REPORT_SCOPES:
        return None
    try:
        answer = await client.execute(PROTECTED_QUERY)
    except MissingScopeError:
        return False
    except (DataError, TransientError):
        return None
    found = answer.data["shopifyqlQuery"] or {}
    return None if found.get("tableData") is None else True


@dataclass(frozen=True)
class Skipped:
    """Why an optional stream is not read."""

    reason: str
    hint: str
    missing_scope: str = ""
    figures: tuple[str, ...] = ()
    """What is missing on the page for it, in the owner's words."""


def missing_scopes(stream: Stream, access: Access) -> tuple[str, ...]:
    """The scopes that the stream cannot do without and the app does not have."""
    return tuple(scope for scope in stream.scopes if scope not in access.scopes)


def skip_reason(stream: Stream, access: Access) -> Skipped | None:
    """Why the stream is skipped; None when it can be read."""
    missing = missing_scopes(stream, access)
    if not missing:
        return None
    return Skipped(
        reason=f"the app was not granted {', '.join(missing)}",
        hint=REPORT_HINT if stream.kind == "report" else GRANT_HINT,
        missing_scope=", ".join(missing),
        figures=stream.figures,
    )


def tables_left_out(stream: Stream, access: Access) -> Skipped | None:
    """Which tables of a stream were asked for and are not read for want of their scope; None: none."""
    left_out = [
        table
        for table in stream.tables
        if table.scope
        and table.scope not in access.scopes
        and replace(access, scopes=access.scopes | {table.scope}).reads(stream, table)
    ]
    if not left_out:
        return None
    scopes = ", ".join(sorted({table.scope for table in left_out}))
    names = ", ".join(table.name for table in left_out)
    return Skipped(
        f"{names} not read: the app was not granted {scopes}",
        GRANT_HINT,
        scopes,
        tuple(figure for table in left_out for figure in table.figures),
    )


def require_scopes(streams: Iterable[Stream], access: Access) -> None:
    """Stop before anything is read when a required stream cannot be.

    Raises:
        MissingScopeError: naming every such stream and scope.
    """
    lacking = {s.name: missing_scopes(s, access) for s in streams if s.required and missing_scopes(s, access)}
    if lacking:
        scopes = sorted({scope for missing in lacking.values() for scope in missing})
        raise MissingScopeError(
            f"The app may not read {' and '.join(lacking)}: {', '.join(scopes)} is missing.",
            why="Without it there are no figures at all, so nothing was read.",
            hint="Dev Dashboard > your app > Versions: add the scope, release, install it again; then: shopstack doctor",
        )


def visible_from(access: Access, now: datetime) -> datetime | None:
    """The creation time from which orders are visible for certain; None when all are."""
    return None if ALL_ORDERS in access.scopes else now - VISIBLE + VISIBLE_MARGIN


@dataclass(frozen=True)
class Visibility:
    """Which orders the app can see."""

    created_from: datetime | None = None
    """Orders created earlier are invisible; None: all are visible."""
    since: date | None = None
    """First day of the shop whose orders are all there; None: every day."""
    reason: str = ""
    hint: str = ""

    def wider_than(self, before: date | None) -> bool:
        """Whether orders can be read now that could not when the stream was first read."""
        return before is not None and (self.since is None or self.since < before)


def order_visibility(access: Access, *, now: datetime, start: date | None, timezone: str) -> Visibility:
    """Which orders can be read: Shopify's 60 days without `read_all_orders`, and the configured start."""
    zone = ZoneInfo(timezone)
    limit = visible_from(access, now)
    shown = _first_whole_day(limit, zone) if limit else None
    begun = _first_whole_day(datetime.combine(start, time.min, UTC), zone) if start else None
    if begun and (shown is None or begun >= shown):
        return Visibility(limit, begun, f"[extract] start is {start}", "put an earlier day there to see more")
    if shown:
        return Visibility(limit, shown, f"only orders since {shown} are visible to the app", ALL_ORDERS_HINT)
    return Visibility()


def _first_whole_day(moment: datetime, zone: ZoneInfo) -> date:
    """The first day of the zone that begins at that moment or later."""
    local = moment.astimezone(zone)
    return local.date() if local.time() == time.min else local.date() + timedelta(days=1)
