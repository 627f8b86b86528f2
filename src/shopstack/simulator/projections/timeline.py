"""The shop's own events, as far as they are kept: what was destroyed, told by an event that outlives it."""

from __future__ import annotations

from typing import Any

from shopstack.simulator.ids import gid, typename_of
from shopstack.simulator.log import Destroyed
from shopstack.simulator.projections.printing import Printer

EVENT = "BasicEvent"
OWNER = "Robin Bramble"
"""Who destroys things in a simulated shop."""


def event_document(number: int, destroyed: Destroyed, printer: Printer) -> dict[str, Any]:
    """The event that tells of a destruction; events are numbered from 1 in the order in which they came."""
    return {
        "id": gid(EVENT, number),
        "action": "destroy",
        "appTitle": None,
        "attributeToApp": False,
        "attributeToUser": True,
        "author": OWNER,
        "createdAt": printer.time(destroyed.at),
        "criticalAlert": False,
        "hasAdditionalContent": False,
        "message": f"{OWNER} deleted {destroyed.name}.",
        "subjectId": destroyed.gid,
        "subjectType": typename_of(destroyed.gid).upper(),
    }
