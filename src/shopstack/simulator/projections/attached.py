"""Documents of metafields. Field names are listed in `served`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from shopstack.simulator.attached import METAFIELD, Attached, Metafield
from shopstack.simulator.ids import gid, number_of, sequence_of
from shopstack.simulator.projections.printing import Printer

_OWNER_TYPES = {
    "Order": "ORDER",
    "Customer": "CUSTOMER",
    "Product": "PRODUCT",
    "ProductVariant": "PRODUCTVARIANT",
}
_PLAIN = ("boolean", "json", "rating", "number_integer")
"""Types whose value is JSON itself."""


class MetafieldDocuments:
    """Metafields as the Admin API shows them; whose one is, the store knows."""

    def __init__(self, attached: Attached) -> None:
        self._attached = attached

    def ids(self, _typename: str) -> list[str]:
        """Their gids, in ascending order."""
        return [gid(METAFIELD, number) for number in sorted(self._attached.metafields)]

    def document(self, gid_: str, _now: datetime) -> dict[str, Any] | None:
        """One by its gid; None when there is none."""
        kept = self._attached.metafields.get(sequence_of(gid_) or 0)
        return None if kept is None else _document(kept)


def _document(kept: Metafield) -> dict[str, Any]:
    id_ = gid(METAFIELD, kept.number)
    return {
        "id": id_,
        "legacyResourceId": str(number_of(id_)),
        "namespace": kept.namespace,
        "key": kept.key,
        "type": kept.type,
        "value": kept.value,
        "jsonValue": orjson.loads(kept.value) if kept.type in _PLAIN else kept.value,
        "ownerType": _OWNER_TYPES[kept.owner[0]],
        "createdAt": Printer.time(kept.created),
        "updatedAt": Printer.time(kept.changed),
    }
