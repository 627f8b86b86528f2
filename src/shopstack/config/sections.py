"""The tables of `shopstack.toml`: every key, its meaning and its default, declared once.

Frozen models; an unknown key is an error. The reference page and the JSON Schema (`schema.py`) derive from them. Secrets
never stand here (see `secrets.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shopstack.config.values import (
    Account,
    Day,
    HostNames,
    Identifier,
    Namespaces,
    Proxies,
    Server,
    ShopAddress,
    StorageUrl,
)
from shopstack.errors import UsageError

CONFIG_FILE = "shopstack.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShopConfig(_Section):
    """Which shop is read. For more than one shop, a `[[shop]]` table each."""

    address: ShopAddress = Field(
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


Shops = Annotated[tuple[ShopConfig, ...], BeforeValidator(_as_list), AfterValidator(_told_apart)]


class ExtractConfig(_Section):
    """How Shopify is read."""

    start: Day = Field(
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
    account: Account = Field(
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
    server: Server = Field(
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

    url: StorageUrl = Field(
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


class DashboardConfig(_Section):
    """How the pages are served. On any other address than this machine's, and behind a proxy, they ask for a password."""

    host: str = Field(
        default="127.0.0.1",
        description="Address that the dashboard listens on. Any other than this machine's own needs a password.",
    )
    port: int = Field(
        default=8787, ge=1, le=65535, description="First port tried; a busy one gives way to the next."
    )
    names: HostNames = Field(
        default=(),
        description="Host names by which browsers may call the dashboard, as a reverse proxy passes them on: "
        "figures.my-shop.com.",
    )
    trusted_proxies: Proxies = Field(
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
