"""Owns the documents of everything but orders that is shown from what is kept: by type, packed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from shopstack.simulator.ids import sequence_of, typename_of
from shopstack.simulator.packing import Packer


class KeptDocuments:
    """The documents that exist, by gid."""

    def __init__(self) -> None:
        self._packed: dict[str, dict[str, bytes]] = {}
        self._packers: dict[str, Packer] = {}

    def keep(self, id_: str, document: Mapping[str, Any]) -> None:
        """Take in an object as it is now."""
        typename = typename_of(id_)
        packer = self._packers.setdefault(typename, Packer())
        self._packed.setdefault(typename, {})[id_] = packer.pack(orjson.dumps(document))

    def drop(self, id_: str) -> None:
        """The object, if there was one, exists no more."""
        self._packed.get(typename_of(id_), {}).pop(id_, None)

    def raw(self, id_: str) -> bytes | None:
        """The JSON bytes of an object; None where there is none."""
        typename = typename_of(id_)
        packed = self._packed.get(typename, {}).get(id_)
        return None if packed is None else self._packers[typename].unpack(packed)

    def typenames(self) -> list[str]:
        """The types of which there are, or were, any."""
        return list(self._packed)

    def ids(self, typename: str) -> list[str]:
        """The gids of a type, in ascending order."""
        return sorted(self._packed.get(typename, ()), key=lambda one: sequence_of(one) or 0)
