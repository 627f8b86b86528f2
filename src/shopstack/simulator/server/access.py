"""Owns who may see what: required scopes as the official schema words them, and protected customer data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from shopstack.simulator.schema import ReducedSchema
from shopstack.simulator.server.settings import ServerSettings

DOCUMENTATION: Final = "https://shopify.dev/api/usage/access-scopes"

#: Parts of an address whose fate without level 2 is not settled in public (a setting decides).
REGION_FIELDS: Final = frozenset(
    {
        "MailingAddress.city",
        "MailingAddress.province",
        "MailingAddress.provinceCode",
        "MailingAddress.country",
        "MailingAddress.countryCode",
        "MailingAddress.countryCodeV2",
    }
)
#: Scopes that the documentation asks for beyond what the schema's text names.
EXTRA_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "QueryRoot.shopifyqlQuery": frozenset({"read_customers"}),
    # "The user must have access to payouts", as the schema words it.
    "ShopifyPaymentsAccount.payouts": frozenset({"read_shopify_payments_payouts"}),
    "ShopifyPaymentsAccount.balanceTransactions": frozenset({"read_shopify_payments_payouts"}),
}


@dataclass(frozen=True)
class Access:
    """What one app may see on one schema: refusals with their wording, and fields that come as null.

    Keys of ``denied`` are ``Type.field``, those of ``denied_types`` types (for ``node`` and ``nodes``).
    """

    denied: Mapping[str, str]
    denied_types: Mapping[str, str]
    hidden: frozenset[str]


def grants(required: str, scopes: frozenset[str], *, protected_data: bool) -> bool:
    """Whether the granted scopes meet a requirement as the schema words it (alternatives, ``and``, ``Also:``)."""
    if "Level 2 access" in required and not protected_data:
        return False
    for part in re.split(r"\band\b|Also:", required):
        named = set(re.findall(r"`([a-z_]+)`", part))
        implied = {scope.replace("read_", "write_", 1) for scope in named}
        if named and not (named | implied) & scopes:
            return False
    return True


def access_of(schema: ReducedSchema, settings: ServerSettings) -> Access:
    """The access of an app with these settings; keys are ``Type.field``."""
    denied: dict[str, str] = {}
    for typename, definition in schema.graphql.type_map.items():
        if typename.startswith("__") or not isinstance(definition, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for name, field in definition.fields.items():
            key = f"{typename}.{name}"
            returned = get_named_type(field.type).name.removesuffix("Connection")
            required = schema.access.get(key) or schema.access.get(returned)
            granted = required is None or grants(
                required, settings.scopes, protected_data=settings.protected_data
            )
            if required and not (granted and EXTRA_SCOPES.get(key, frozenset()) <= settings.scopes):
                denied[key] = required
    if not settings.shopifyql:
        denied["QueryRoot.shopifyqlQuery"] = schema.access["QueryRoot.shopifyqlQuery"]
    denied_types = {
        name: required
        for name, required in schema.access.items()
        if "." not in name and not grants(required, settings.scopes, protected_data=settings.protected_data)
    }
    hidden: frozenset[str] = frozenset()
    if not settings.protected_data:
        hidden = frozenset(schema.protected)
        if not settings.regions_without_protected_data:
            hidden |= REGION_FIELDS
    return Access(denied, denied_types, hidden)


def visible_since(settings: ServerSettings, now: datetime) -> datetime | None:
    """Orders created before this moment are invisible; None where ``read_all_orders`` is granted."""
    if "read_all_orders" in settings.scopes:
        return None
    return now - timedelta(days=settings.visible_days)


def events_since(settings: ServerSettings, now: datetime) -> datetime:
    """The moment from which on events are kept."""
    return now - timedelta(days=settings.events_kept)
