"""What is kept beside a customer, an order or a product: addresses in a customer's book, and metafields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from shopstack.simulator.events import Address

Owner: TypeAlias = tuple[str, int]
"""What has metafields: its type (Order, Customer, Product or ProductVariant) and sequence number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSaved:
    """A customer has one address more, or another one in the place of an old one; his first is his default."""

    at: datetime
    customer: int
    address: Address
    place: int | None = None
    """Which of his addresses (from 0) gives way; None: it is a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRemoved:
    """A customer has one address less."""

    at: datetime
    customer: int
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MetafieldSet:
    """An app or the merchant noted something beside an object; what stood there before is gone."""

    at: datetime
    owner: Owner
    namespace: str
    key: str
    type: str
    value: str
    moves_owner: bool = True
    """Whether the owner counts as changed by it (`updatedAt`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetafieldDeleted:
    """What was noted is gone."""

    at: datetime
    owner: Owner
    namespace: str
    key: str
    moves_owner: bool = True


AttachedEvent: TypeAlias = AddressSaved | AddressRemoved | MetafieldSet | MetafieldDeleted
