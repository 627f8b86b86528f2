"""The checks that ask Shopify: who answers, what the app may read, and what is missing for want of a scope.

Each check is one small query of its own, so that a refusal of one says nothing about the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from shopstack.config import Config, ShopConfig
from shopstack.doctor.connection import connect
from shopstack.doctor.findings import Finding, failure, guarded, ok, warning
from shopstack.doctor.project import describe_credentials, of_shop
from shopstack.errors import (
    ConfigurationError,
    CredentialsError,
    MissingScopeError,
    ShopstackError,
    TransientError,
)
from shopstack.extract.every_shop import refuse_same
from shopstack.installation import version_hint
from shopstack.project import Project
from shopstack.secrets import Credentials
from shopstack.shopify.access import (
    granted_scopes,
    order_visibility,
    require_scopes,
    skip_reason,
    tables_left_out,
)
from shopstack.shopify.selection import Access
from shopstack.shopify.streams import API_VERSION, chosen, needed_scopes
from shopstack.shopify.versions import end_of_support
from shopstack.shops import ShopAccess, chosen_shops

ADD_SCOPE = "Dev Dashboard > your app > new version > Access > Scopes: add {scopes}; release, install again"
ASK_FOR_CUSTOMER_DATA = (
    "Dev Dashboard > your app > API access > Protected customer data: ask for level 2 "
    "(nothing personal is read: Shopify puts city and the sales reports behind the same door)"
)

VERSION_NOTICE = timedelta(days=90)
"""How long before the end of an API version's support it is said."""

SHOP_QUERY = """\
{
  shop { name myshopifyDomain currencyCode ianaTimezone }
  currentAppInstallation { accessScopes { handle } }
}"""

OLDEST_ORDER_QUERY = "{ orders(first: 1, sortKey: CREATED_AT) { edges { node { id createdAt } } } }"

PLACES_QUERY = """\
{
  orders(first: 25, sortKey: CREATED_AT, reverse: true) {
    edges { node { id shippingAddress { city provinceCode countryCodeV2 } } }
  }
}"""


class Connection(Protocol):
    """A shop that answers queries; each raises the engine's own errors."""

    @property
    def token_expires_at(self) -> datetime | None:
        """When the token in use expires (UTC); None for one that does not."""

    @property
    def api_version(self) -> str:
        """The API version that answered last."""

    def ask(self, query: str) -> Mapping[str, Any]:
        """The ``data`` of the answer."""


@dataclass(frozen=True)
class ShopProof:
    """What one real request showed: the shop, its frame, and what the app may read."""

    name: str
    domain: str
    currency_code: str
    timezone: str
    scopes: frozenset[str]
    """Granted scopes; a right to write stands for the right to read too."""

    @property
    def access(self) -> Access:
        """What the extraction may ask for."""
        return Access(self.scopes)

    def missing_scopes(self, needed: Sequence[str]) -> list[str]:
        """The needed scopes that were not granted."""
        return [scope for scope in needed if scope not in self.scopes]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "name": self.name,
            "shop": self.domain,
            "currency_code": self.currency_code,
            "timezone": self.timezone,
            "scopes": sorted(self.scopes),
        }


def read_proof(connection: Connection) -> ShopProof:
    """The shop and its grants.

    Raises:
        CredentialsError: the token is refused.
        UnreachableError: the shop does not answer.
    """
    data = connection.ask(SHOP_QUERY)
    shop = data["shop"]
    return ShopProof(
        name=shop["name"],
        domain=shop["myshopifyDomain"],
        currency_code=shop["currencyCode"],
        timezone=shop["ianaTimezone"],
        scopes=granted_scopes(data),
    )


def examine(
    connection: Connection, credentials: Credentials, now: datetime, include: Sequence[str] = ()
) -> list[Finding]:
    """Every check that needs the shop's answer. Where the first request fails, it alone is reported.

    ``include`` names what is read on request: its scopes are needed too.
    """
    try:
        proof = read_proof(connection)
    except ShopstackError as problem:
        check = "shop" if isinstance(problem, TransientError) else "token"
        return [failure(check, problem)]
    return [
        ok("shop", f"{proof.name} answers ({proof.domain})"),
        _token(connection, credentials, now),
        _version(connection.api_version, now),
        guarded("scopes", lambda: _scopes(proof, include)),
        guarded("older orders", lambda: _older_orders(connection, proof, now)),
        guarded("city and province", lambda: _places(connection)),
        _report(connection, now),
        ok("timezone and currency", f"a day is a day in {proof.timezone}; money is {proof.currency_code}"),
    ]


def _token(connection: Connection, credentials: Credentials, now: datetime) -> Finding:
    expires = connection.token_expires_at
    if expires is None:
        return ok("token", describe_credentials(credentials))
    hours = (expires - now) / timedelta(hours=1)
    return ok("token", f"accepted; expires in {hours:.0f} hours and is renewed by itself")


def _version(answered: str, now: datetime) -> Finding:
    """Whether Shopify still answers the version that every query is written for, and for how long."""
    check = "API version"
    if answered != API_VERSION:
        return warning(
            check,
            f"Shopify answers with {answered} instead of {API_VERSION}, which it no longer supports: "
            "figures may be missing without notice",
            version_hint(),
        )
    end = end_of_support(API_VERSION)
    days = (end - now.date()).days
    if days > VERSION_NOTICE.days:
        return ok(check, f"{API_VERSION}, supported until {end} at least")
    left = f"ends in {days} days" if days > 0 else "has ended"
    return warning(check, f"Shopify's support of {API_VERSION} {left} ({end})", version_hint())


def _scopes(proof: ShopProof, include: Sequence[str]) -> Finding:
    """Missing scopes: a failure where a required stream needs one, else a warning that names what is lost."""
    streams, needed = chosen(include), needed_scopes(include)
    missing = proof.missing_scopes(needed)
    if not missing:
        return ok("scopes", f"all granted: {', '.join(needed)}")
    fix = ADD_SCOPE.format(scopes=", ".join(missing))
    try:
        require_scopes(streams, proof.access)
    except MissingScopeError as problem:
        return failure("scopes", MissingScopeError(problem.message, why=problem.why, hint=fix))
    access = replace(proof.access, included=frozenset(include))
    left_out = [skip_reason(stream, access) or tables_left_out(stream, access) for stream in streams]
    lost = [figure for one in left_out if one for figure in one.figures]
    without = f"; missing for it: {', '.join(lost)}" if lost else ""
    return warning("scopes", f"not granted: {', '.join(missing)}{without}", fix)


def _older_orders(connection: Connection, proof: ShopProof, now: datetime) -> Finding:
    check = "older orders"
    visible = order_visibility(proof.access, now=now, start=None, timezone=proof.timezone)
    if visible.since is not None:
        return warning(check, visible.reason, visible.hint)
    edges = connection.ask(OLDEST_ORDER_QUERY)["orders"]["edges"]
    oldest = f"; the oldest is of {edges[0]['node']['createdAt'][:10]}" if edges else "; there are none yet"
    return ok(check, f"orders of any age are visible{oldest}")


def _places(connection: Connection) -> Finding:
    check = "city and province"
    edges = connection.ask(PLACES_QUERY)["orders"]["edges"]
    addresses = [edge["node"]["shippingAddress"] for edge in edges if edge["node"]["shippingAddress"]]
    if not addresses:
        return ok(check, "no recent order has a shipping address to try it with")
    readable = [address for address in addresses if address["city"]]
    if not readable:
        return warning(check, "Shopify hides city and province: the map stays empty", ASK_FOR_CUSTOMER_DATA)
    return ok(check, f"readable ({len(readable)} of the last {len(addresses)} addresses name a city)")


def report_query(day: datetime) -> str:
    """The smallest question to Shopify's own sales report: one day's orders."""
    shopifyql = f"FROM sales SHOW orders TIMESERIES day SINCE {day:%Y-%m-%d} UNTIL {day:%Y-%m-%d}"
    return f'{{ shopifyqlQuery(query: "{shopifyql}") {{ parseErrors tableData {{ rows }} }} }}'


def _report(connection: Connection, now: datetime) -> Finding:
    """Whether Shopify's own report may be read; without it the run goes on and the comparison stays grey."""
    check = "Shopify's report"
    try:
        answer = connection.ask(report_query(now - timedelta(days=1)))["shopifyqlQuery"]
    except CredentialsError:
        return warning(
            check,
            "ShopifyQL is not allowed: figures cannot be compared with Shopify's own",
            f"{ADD_SCOPE.format(scopes='read_reports, read_customers')}; {ASK_FOR_CUSTOMER_DATA}",
        )
    except ShopstackError as problem:
        return warning(check, f"{problem.message} {problem.why}".strip(), problem.hint)
    if answer is None or answer["parseErrors"]:
        said = "; ".join(answer["parseErrors"]) if answer else "no answer"
        return warning(
            check, f"ShopifyQL refuses our question: {said}", "shopstack run (the rest is unaffected)"
        )
    return ok(check, "ShopifyQL is allowed: figures are held against Shopify's own report")


def examine_shops(project: Project, name: str = "") -> list[Finding]:
    """Every check that asks Shopify, of each shop (or of the one named); without credentials, that alone is reported.

    Raises:
        UsageError: there is no shop of that name.
    """
    if name:
        project.config.shop_named(name)
    try:
        shops = chosen_shops(project, name)
    except ShopstackError as problem:
        return [failure("token", problem)]
    findings: list[Finding] = []
    taken: dict[str, ShopConfig] = {}
    for access in shops:
        found = _examine_one(project, access, taken)
        findings += [replace(one, check=of_shop(one.check, access.shop, project)) for one in found]
    return findings


def _examine_one(project: Project, access: ShopAccess, taken: dict[str, ShopConfig]) -> list[Finding]:
    try:
        credentials = access.require()
        with connect(project.config, access.shop, credentials) as connection:
            if len(project.config.shops) > 1:
                domain = read_proof(connection).domain
                refuse_same(domain, access.shop, taken)
                taken[domain] = access.shop
            include = project.config.extract.include
            return examine(connection, credentials, datetime.now(UTC), include)
    except (ConfigurationError, TransientError) as problem:
        return [failure("shop", problem)]
    except ShopstackError as problem:
        return [failure("token", problem)]


def prove_shop(address: str, credentials: Credentials) -> ShopProof:
    """One real request to a shop that has no project yet.

    Raises:
        CredentialsError: the credentials are refused.
        UnreachableError: the shop does not answer.
    """
    with connect(Config(), ShopConfig(address=address), credentials) as connection:
        return read_proof(connection)
