"""Checks of single values of `shopstack.toml`: each takes what people type, tidies it, or says what it should look like."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from shopstack.storage.address import storage_url

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

MOST_NAMESPACES = 20
"""More would make the smallest question dearer than Shopify allows."""

_SHOP_DOMAIN = re.compile(r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")
_NAMESPACE = re.compile(r"\$app(:[A-Za-z0-9_-]{2,255})?|[A-Za-z0-9_-]{2,255}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


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
    if not _SHOP_DOMAIN.match(host):
        msg = f"{value!r} is not a shop's permanent address; it looks like my-shop.myshopify.com"
        raise ValueError(msg)
    return host


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


def _day(value: str) -> str:
    try:
        is_day = not value or date.fromisoformat(value).isoformat() == value
    except ValueError:
        is_day = False
    if not is_day:
        msg = f"{value!r} is no day; it is written as 2026-01-31"
        raise ValueError(msg)
    return value


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


ShopAddress = Annotated[str, AfterValidator(shop_address)]
Namespaces = Annotated[tuple[str, ...], AfterValidator(_namespaces)]
Day = Annotated[str, AfterValidator(_day)]
Account = Annotated[str, AfterValidator(_account)]
Identifier = Annotated[str, AfterValidator(_identifier)]
Server = Annotated[str, AfterValidator(_server)]
HostNames = Annotated[tuple[str, ...], AfterValidator(_host_names)]
Proxies = Annotated[tuple[str, ...], AfterValidator(_proxies)]
StorageUrl = Annotated[str, AfterValidator(storage_url)]
