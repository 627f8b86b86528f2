"""`shopstack.toml`: every key, its meaning and its default, declared once.

Frozen models; an unknown key is an error that names the nearest known one. The JSON Schema and the
reference page derive from these models. Secrets never stand here (see `secrets.py`).
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from shopstack.errors import ConfigurationError, UsageError
from shopstack.storage.address import storage_url

CONFIG_FILE = "shopstack.toml"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SHOP_DOMAIN = re.compile(r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")


def shop_address(value: str) -> str:
    """The shop's permanent address, tidied: ``name.myshopify.com``, or ``http://127.0.0.1:PORT`` for a simulator.

    Accepts what people paste: a full URL, the admin's address, upper case.

    Raises:
        ValueError: it is neither.
    """
    text = value.strip().rstrip("/").lower()
    parts = urlsplit(text if "//" in text else f"//{text}")
    host = parts.hostname or ""
    if host in LOOPBACK and parts.scheme == "http" and parts.port:
        return f"http://[{host}]:{parts.port}" if ":" in host else f"http://{host}:{parts.port}"
    admin = re.match(r"^/store/([a-z0-9-]+)", parts.path)
    if host == "admin.shopify.com" and admin:
        return f"{admin.group(1)}.myshopify.com"
    if host and "." not in host and text == host:
        host = f"{host}.myshopify.com"
    if not SHOP_DOMAIN.match(host):
        msg = f"{value!r} is not a shop's permanent address; it looks like my-shop.myshopify.com"
        raise ValueError(msg)
    return host


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShopConfig(_Section):
    """Which shop is read. For more than one shop, a `[[shop]]` table each."""

    address: Annotated[str, AfterValidator(shop_address)] = Field(
        default="my-shop.myshopify.com",
        description="The shop's permanent address, as in Settings > Domains: my-shop.myshopify.com.",
    )

    @property
    def is_simulated(self) -> bool:
        """Whether it is a simulator on this machine: no other address is asked over plain HTTP."""
        return self.address.startswith("http://")

    @property
    def handle(self) -> str:
        """The shop's short name: ``my-shop`` of my-shop.myshopify.com, ``simulated-8790`` of a simulator's port."""
        if self.is_simulated:
            return f"simulated-{urlsplit(self.address).port}"
        return self.address.partition(".")[0]


def _as_list(value: Any) -> Any:
    """`[shop]` is the list of one `[[shop]]`."""
    return (value,) if isinstance(value, (dict, ShopConfig)) else value


def _told_apart(shops: tuple[ShopConfig, ...]) -> tuple[ShopConfig, ...]:
    if not shops:
        msg = "there is no shop; write [shop] and its address"
        raise ValueError(msg)
    seen: dict[str, ShopConfig] = {}
    for shop in shops:
        if shop.handle in seen:
            before = seen[shop.handle].address
            same = "configured twice" if before == shop.address else f"the same as {before}"
            msg = f"the shop {shop.address} is {same}"
            raise ValueError(msg)
        seen[shop.handle] = shop
    return shops


MOST_NAMESPACES = 20
"""More would make the smallest question dearer than Shopify allows."""

_NAMESPACE = re.compile(r"\$app(:[A-Za-z0-9_-]{2,255})?|[A-Za-z0-9_-]{2,255}")


def _namespaces(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not _NAMESPACE.fullmatch(name):
            msg = f"{name!r} is no namespace of metafields; it has 2 to 255 letters, digits, - and _, like custom"
            raise ValueError(msg)
        if names.count(name) > 1:
            msg = f"{name!r} is named twice"
            raise ValueError(msg)
    if len(names) > MOST_NAMESPACES:
        msg = f"there are {len(names)} namespaces; {MOST_NAMESPACES} can be read"
        raise ValueError(msg)
    return names


Namespaces = Annotated[tuple[str, ...], AfterValidator(_namespaces)]
Shops = Annotated[tuple[ShopConfig, ...], BeforeValidator(_as_list), AfterValidator(_told_apart)]


class ExtractConfig(_Section):
    """How Shopify is read."""

    start: str = Field(
        default="",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="Read nothing that changed before this date (UTC). Empty: everything that Shopify shows.",
    )
    include: tuple[str, ...] = Field(
        default=(),
        description="Streams and tables that no page needs, read all the same: `shopstack streams` names them.",
    )
    metafields: Namespaces = Field(
        default=(),
        description="Namespaces of metafields that are read of orders, customers, products and variants, such as "
        '`["custom"]`. Values of orders and customers may name people.',
    )
    overlap_minutes: int = Field(
        default=10, ge=2, le=1440, description="How far an increment reads back behind its cursor."
    )
    bulk_above: int = Field(
        default=1000,
        ge=1,
        description="Increments of more objects than this are read by a bulk operation, whatever pages would cost.",
    )
    sweep: Literal["weekly", "never"] = Field(
        default="weekly",
        description="How often `shopstack run` looks for what was deleted at Shopify, which nothing announces.",
    )
    timeout_seconds: int = Field(
        default=30, ge=5, le=300, description="Longest wait for one answer of Shopify."
    )
    attempts: int = Field(default=6, ge=1, le=20, description="How often a failed request is tried in all.")


_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def _account(value: str) -> str:
    """An account's identifier, also where its whole address was pasted."""
    text = value.strip()
    host = urlsplit(text).hostname if "//" in text else text.rstrip("/")
    name = (host or "").removesuffix(".snowflakecomputing.com")
    if name and not _ACCOUNT.fullmatch(name):
        msg = f"{value!r} is no account of Snowflake's; it looks like my_organisation-my_account"
        raise ValueError(msg)
    return name


def _identifier(value: str) -> str:
    """A name that Snowflake takes without quotes, in capitals as Snowflake keeps it."""
    if value and not _IDENTIFIER.fullmatch(value):
        msg = f"{value!r} is no plain name; it has letters, digits and _ and does not begin with a digit"
        raise ValueError(msg)
    return value.upper()


def _server(value: str) -> str:
    parts = urlsplit(value)
    if value and not (
        parts.hostname
        and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    ):
        msg = f"{value!r} is no address of a server; it looks like https://account.privatelink.snowflakecomputing.com"
        raise ValueError(msg)
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]


class WarehouseConfig(_Section):
    """Where the data lands: DuckDB files within the project, or databases of a Snowflake account."""

    type: Literal["duckdb", "snowflake"] = Field(default="duckdb", description="The database engine.")
    path: str = Field(default="data/warehouse", description="Folder of the DuckDB files, within the project.")
    memory_limit: str = Field(
        default="640MB",
        pattern=r"^\d+(MB|GB)$",
        description="Memory that DuckDB may use (640MB, 2GB); more than that goes to disk. On the way to Snowflake, what "
        "Shopify answers passes through DuckDB too.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Threads of DuckDB while figures are made; 0 takes every core. What Shopify answers is loaded with one. "
        "With Snowflake, as many statements are under way at once.",
    )
    account: Annotated[str, AfterValidator(_account)] = Field(
        default="",
        description="Snowflake: the account's identifier (Admin > Accounts), such as my_organisation-my_account.",
    )
    user: str = Field(default="", description="Snowflake: the service user, who signs in with a key pair.")
    role: Identifier = Field(default="", description="Snowflake: the role that loads. Empty: the user's own.")
    transformer_role: Identifier = Field(
        default="", description="Snowflake: the role that builds and publishes. Empty: the one that loads."
    )
    warehouse: Identifier = Field(
        default="", description="Snowflake: the virtual warehouse that computes. Empty: the user's own."
    )
    database_prefix: Identifier = Field(
        default="SHOPSTACK",
        description="Snowflake: what the databases' names begin with: SPOON makes SPOON_RAW and SPOON_PROD.",
    )
    server: Annotated[str, AfterValidator(_server)] = Field(
        default="",
        description="Snowflake: the address that answers for the account, where it is another than Snowflake's own: a "
        "private link.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> WarehouseConfig:
        lacking = [name for name in ("account", "user", "database_prefix") if not getattr(self, name)]
        if self.type == "snowflake" and lacking:
            msg = f'type = "snowflake" needs {" and ".join(lacking)} too (docs/guides/snowflake.md)'
            raise ValueError(msg)
        return self

    def database(self, name: str) -> str:
        """Snowflake's name of a database: ``SPOON_RAW`` of ``raw``."""
        return f"{self.database_prefix}_{name.upper()}"


class StorageConfig(_Section):
    """Where landed and published files are kept."""

    url: Annotated[str, AfterValidator(storage_url)] = Field(
        default="data",
        description="Where landed and published files, dbt's state and the run history lie: a folder, or "
        "`s3://my-bucket/my-shop`.",
    )
    cache: str = Field(
        default="",
        description="Folder of local copies where `url` is in S3. Empty: `.shopstack/cache`, within the project.",
    )
    landing_days: int = Field(
        default=90,
        ge=0,
        description="Landed files are kept as they came for so many days; older ones are put together, the newest "
        "version of everything kept. 0: all are kept.",
    )


class CalendarConfig(_Section):
    """How the year is cut."""

    week_start: Literal["monday", "sunday"] = Field(default="sunday", description="First day of a week.")
    fiscal_year_start_month: int = Field(
        default=1, ge=1, le=12, description="First month of the fiscal year."
    )


class PrivacyConfig(_Section):
    """What is asked of Shopify about people."""

    personal_data: bool = Field(
        default=False, description="Whether names and e-mail addresses are asked for at all."
    )


_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def _host_names(names: tuple[str, ...]) -> tuple[str, ...]:
    tidied = tuple(name.strip().lower() for name in names)
    for name in tidied:
        if not _HOST_NAME.fullmatch(name):
            msg = f"{name!r} is no host name; it has neither https:// nor a port: figures.my-shop.com"
            raise ValueError(msg)
    return tidied


def _proxies(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        try:
            network = ipaddress.ip_network(address)
        except ValueError as problem:
            msg = f"{address!r} is no IP address and no network; it looks like 127.0.0.1 or 172.18.0.0/16"
            raise ValueError(msg) from problem
        if network.prefixlen == 0:
            msg = f"{address!r} is every address there is; name the proxy's own"
            raise ValueError(msg)
    return addresses


class DashboardConfig(_Section):
    """How the pages are served. On any other address than this machine's, and behind a proxy, they ask for a password."""

    host: str = Field(
        default="127.0.0.1",
        description="Address that the dashboard listens on. Any other than this machine's own needs a password.",
    )
    port: int = Field(
        default=8787, ge=1, le=65535, description="First port tried; a busy one gives way to the next."
    )
    names: Annotated[tuple[str, ...], AfterValidator(_host_names)] = Field(
        default=(),
        description="Host names by which browsers may call the dashboard, as a reverse proxy passes them on: "
        "figures.my-shop.com.",
    )
    trusted_proxies: Annotated[tuple[str, ...], AfterValidator(_proxies)] = Field(
        default=(),
        description="IP addresses of reverse proxies that are believed when they say for whom they ask, and by which "
        "protocol (`X-Forwarded-For`, `X-Forwarded-Proto`).",
    )
    old_after_hours: int = Field(
        default=26,
        ge=1,
        description="Hours after which pages mark their figures as old: somewhat more than between two runs.",
    )


class Config(_Section):
    """The whole of `shopstack.toml`."""

    shops: Shops = Field(default=(ShopConfig(),), alias="shop")
    extract: ExtractConfig = ExtractConfig()
    warehouse: WarehouseConfig = WarehouseConfig()
    storage: StorageConfig = StorageConfig()
    calendar: CalendarConfig = CalendarConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    dashboard: DashboardConfig = DashboardConfig()

    @property
    def shop(self) -> ShopConfig:
        """The first shop, which is the only one of most projects."""
        return self.shops[0]

    def shop_named(self, name: str) -> ShopConfig:
        """The configured shop of that handle or address.

        Raises:
            UsageError: there is none.
        """
        wanted = name.strip().lower()
        for shop in self.shops:
            if wanted in {shop.handle, shop.address}:
                return shop
        handles = [shop.handle for shop in self.shops]
        near = difflib.get_close_matches(wanted, handles, n=1, cutoff=0.5)
        raise UsageError(
            f"There is no shop {name!r} in this project.",
            why=f"{CONFIG_FILE} names {', '.join(handles)}.",
            hint=f"--shop {near[0]}"
            if near
            else f"choose one of them, or: shopstack add-shop {wanted or 'my-second-shop'}",
        )


SECTIONS: Mapping[str, type[_Section]] = {
    "shop": ShopConfig,
    **{
        name: info.annotation
        for name, info in Config.model_fields.items()
        if isinstance(info.annotation, type) and issubclass(info.annotation, _Section)
    },
}
"""The tables of `shopstack.toml` by name, in the order of the file."""


def _known_keys() -> list[str]:
    keys = [f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields]
    return [*SECTIONS, *keys]


def _explain(detail: Any) -> tuple[str, str]:
    """One of pydantic's findings as (what, hint) in the words of `shopstack.toml`."""
    # The place in the list of shops is no part of a key's name.
    key = ".".join(str(part) for part in detail["loc"] if not isinstance(part, int))
    number = next((part for part in detail["loc"] if isinstance(part, int)), 0)
    where = f" (shop {number + 1})" if number else ""
    if detail["type"] == "extra_forbidden":
        known = _known_keys()
        leaf = {k.rsplit(".", 1)[-1]: k for k in known}
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5) or [
            leaf[m] for m in difflib.get_close_matches(key.rsplit(".", 1)[-1], list(leaf), n=1, cutoff=0.6)
        ]
        hint = f"did you mean {near[0]}?" if near else "known keys: docs/reference/configuration.md"
        return f"unknown key {key}{where}", hint
    message = str(detail["msg"]).removeprefix("Value error, ")
    return f"{key}{where}: {message}", f"mend {key} in {CONFIG_FILE}"


def parse_config(text: str, *, source: str = CONFIG_FILE) -> Config:
    """The configuration in a TOML text.

    Raises:
        ConfigurationError: not TOML, an unknown key (with the nearest known one), or a value out of range.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigurationError(
            f"{source} is not valid TOML.",
            why=str(problem),
            hint=f"mend that line of {source}, then shopstack check",
        ) from problem
    try:
        return Config.model_validate(values)
    except ValidationError as problem:
        found = [_explain(detail) for detail in problem.errors()]
        raise ConfigurationError(
            f"{source} has {'an error' if len(found) == 1 else f'{len(found)} errors'}: "
            + "; ".join(what for what, _ in found),
            why="Every key is checked, so that a misspelt one is never silently ignored.",
            hint="; ".join(hint for _, hint in found),
        ) from problem


def load_config(folder: Path) -> Config:
    """The configuration of the project in ``folder``.

    Raises:
        ConfigurationError: there is none, or `parse_config` refuses it.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise ConfigurationError(
            f"There is no {CONFIG_FILE} here.",
            why=f"{folder} is not a shopstack project.",
            hint="shopstack init my-shop (a new project), or: shopstack demo (a simulated shop)",
        )
    return parse_config(read_text(path))


def read_text(path: Path) -> str:
    """A text file of the project; the mark that some editors put before the first letter is left out.

    Raises:
        ConfigurationError: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ConfigurationError(
            f"{path.name} cannot be read.",
            why=f"It is not UTF-8 text (byte {problem.start}).",
            hint=f"save {path.name} as UTF-8 in your editor, then: shopstack check",
        ) from problem
