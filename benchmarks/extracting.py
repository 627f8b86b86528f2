"""One extraction in a process of its own: ``python -m benchmarks.extracting FOLDER TOKEN AHEAD [alone]`` prints its
moments as JSON; ``alone``: it reads the orders and no other stream.

Knows nothing of the simulator, so that its memory and its processor time are the engine's alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from shopstack.extract import extract, extraction
from shopstack.landing import LandedWindow
from shopstack.project import Project
from shopstack.secrets import StaticToken
from shopstack.shopify import bulk
from shopstack.shopify.clock import SystemClock
from shopstack.shopify.streams import ORDERS
from shopstack.tables import Stream
from shopstack.warehouse.base import LoadResult
from shopstack.warehouse.duckdb import DuckDBWarehouse


@dataclass(frozen=True)
class Moment:
    """A point of time: the machine's clock, and the processor seconds of this process until then."""

    at: float
    cpu: float

    @classmethod
    def now(cls) -> Moment:
        """This moment."""
        return cls(time.monotonic(), time.process_time())


@dataclass(frozen=True)
class Extracted:
    """When an extraction began, had the last bulk result of an order, committed the last order, and ended."""

    began: Moment
    ready: Moment | None
    committed: Moment
    ended: Moment
    peak: int
    """Bytes of resident memory at the most."""

    @classmethod
    def read(cls, printed: bytes) -> Extracted:
        """What `main` printed."""
        found = orjson.loads(printed)
        began, committed, ended = (Moment(**found[key]) for key in ("began", "committed", "ended"))
        ready = Moment(**found["ready"]) if found["ready"] else None
        return cls(began, ready, committed, ended, found["peak"])


def peak() -> int:
    """Highest resident memory of this process, in bytes; what `getrusage` says may be its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


class Ahead(SystemClock):
    """The machine's clock, so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The present, UTC."""
        return datetime.now(UTC) + self._ahead


def _orders_only(_included: Iterable[str] = ()) -> tuple[Stream, ...]:
    return (ORDERS,)


def extracted(folder: Path, token: str, ahead: float, *, alone: bool = False) -> Extracted:
    """Extract into a project, and note the moments."""
    if alone:
        # From outside, as below: a project always reads what a shop's figures need.
        extraction.chosen = _orders_only  # type: ignore[attr-defined, assignment]
    ready, committed = [], []
    download, load = bulk._download, DuckDBWarehouse.load

    async def noted_download(*arguments: Any) -> None:
        ready.append(Moment.now())
        await download(*arguments)

    def noted_load(
        warehouse: DuckDBWarehouse, landed: LandedWindow, stream: Stream, **more: Any
    ) -> LoadResult:
        done = load(warehouse, landed, stream, **more)
        if stream is ORDERS:
            committed.append(Moment.now())
        return done

    # Measured from outside: the engine itself has no need to tell these two moments.
    bulk._download, DuckDBWarehouse.load = noted_download, noted_load  # type: ignore[assignment, method-assign]
    began = Moment.now()
    extract(Project.open(folder), StaticToken(token), clock=Ahead(ahead))
    return Extracted(began, ready[-1] if ready else None, committed[-1], Moment.now(), peak())


def main() -> int:
    """Print the moments."""
    folder, token, ahead, *alone = sys.argv[1:]
    found = extracted(Path(folder), token, float(ahead), alone=alone == ["alone"])
    sys.stdout.buffer.write(orjson.dumps(asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
