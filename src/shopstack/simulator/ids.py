"""Owns Shopify gids: how the store numbers its objects, and how the owner of a child is read off its gid.

Every object is known inside the simulator by a small sequence number. A child of an order carries its
order's number inside its own, so that no index from child to owner is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

_CHILDREN = 100_000
_ROOTS = {
    "Shop": 60_000_000_000,
    "App": 580_000,
    "Location": 70_000_000_000,
    "Product": 8_100_000_000_000,
    "ProductVariant": 44_000_000_000_000,
    "InventoryItem": 46_000_000_000_000,
    "Collection": 430_000_000_000,
    "Customer": 7_200_000_000_000,
    "DiscountNode": 1_400_000_000_000,
    "DiscountRedeemCode": 14_000_000_000_000,
    "GiftCard": 650_000_000_000,
    "DraftOrder": 1_150_000_000_000,
    "AbandonedCheckout": 37_000_000_000_000,
    "Order": 5_600_000_000_000,
    "ShopifyPaymentsAccount": 66_000_000_000,
    "ShopifyPaymentsPayout": 110_000_000_000,
    "BasicEvent": 160_000_000_000_000,
    "Metafield": 33_000_000_000_000,
}
_ADDRESSES = 9_100_000_000_000
_LEVELS = 150_000_000_000
_CHILD_BASE = 1_000_000_000_000


def gid(typename: str, sequence: int) -> str:
    """The gid of a root object."""
    return f"gid://shopify/{typename}/{_ROOTS[typename] + sequence}"


def child_gid(typename: str, order: int, number: int) -> str:
    """The gid of a child of an order; `number` counts the order's children of that type from 1."""
    return f"gid://shopify/{typename}/{_CHILD_BASE + order * _CHILDREN + number}"


def level_gid(location: int, item: str) -> str:
    """The gid of what lies of an inventory item at a location: its number is the location's, the rest its query."""
    return f"gid://shopify/InventoryLevel/{_LEVELS + location}?inventory_item_id={number_of(item)}"


def address_gid(number: int) -> str:
    """The gid of an address in a customer's book: it names the kind of address in its query."""
    return f"gid://shopify/MailingAddress/{_ADDRESSES + number}?model_name=CustomerAddress"


def item_of(level: str) -> str:
    """The gid of the inventory item of a level; empty where the gid is of no level."""
    number = level.rpartition("?inventory_item_id=")[2]
    return f"gid://shopify/InventoryItem/{number}" if number.isdigit() else ""


def number_of(gid_: str) -> int:
    """The number at the end of a gid (`legacyResourceId`)."""
    return int(gid_.rpartition("/")[2].partition("?")[0])


def typename_of(gid_: str) -> str:
    """The type that a gid names, or an empty string when it is no gid of Shopify's."""
    parts = gid_.split("/")
    return parts[3] if len(parts) == 5 and gid_.startswith("gid://shopify/") else ""


def sequence_of(gid_: str) -> int | None:
    """The sequence number of a root object, or None when the gid names no root type."""
    base = _ROOTS.get(typename_of(gid_))
    number = gid_.rpartition("/")[2]
    return int(number) - base if base is not None and number.isdigit() else None


def owner_of(gid_: str) -> int | None:
    """The sequence number of the order that a child belongs to, or None when it can be no child."""
    number = gid_.rpartition("/")[2]
    if typename_of(gid_) in _ROOTS or not number.isdigit():
        return None
    return (int(number) - _CHILD_BASE) // _CHILDREN


def find(tree: Any, gid_: str) -> dict[str, Any] | None:
    """The object of that id inside a document."""
    if isinstance(tree, dict):
        if tree.get("id") == gid_:
            return tree
        branches: Iterable[Any] = tree.values()
    elif isinstance(tree, list):
        branches = tree
    else:
        return None
    return next(filter(None, map(partial(find, gid_=gid_), branches)), None)
