"""One run at a time over Snowflake: a leased row in the raw database, beside the lock of this machine (`lock.py`).

The row says who works (machine, process, command, since when) and until when; its holder renews it while it works. A machine
that was switched off renews nothing: once the time is over, the next run takes over. All times are the database's own, so
that no machine's clock counts.

Who takes the row changes it first and reads it then, in one transaction: Snowflake lets one statement at a time change a
table, and each sees what was committed before it began. So of two that come at once the second sees the first.
https://docs.snowflake.com/en/sql-reference/transactions#read-committed-isolation
"""

from __future__ import annotations

import _thread
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shopstack.errors import DataError, LockedError, ShopstackError
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, SnowflakeSession, signed_in
from shopstack.warehouse.snowflake_sql import STATE
from shopstack.warehouse.snowflake_tables import make_schemas

LEASE = timedelta(minutes=10)
"""How long a row is held without being renewed: longer than a lost connection lasts, shorter than a night."""

BEAT = LEASE / 5
"""How often it is renewed."""

POLL_SECONDS = 15.0
MAKING_SECONDS = 1.0
"""How long the first run of all is given to make the table."""

TABLE = f"{STATE}.run_lock"

NOW = "sysdate()"
"""SQL: what time it is (UTC), by the database."""

_COLUMNS = "host, pid, command, since, lease_until"


@dataclass(frozen=True)
class LeaseHolder:
    """Who holds the row."""

    host: str
    pid: int
    command: str
    since: datetime
    """UTC."""
    until: datetime
    """When another may take over, unless it is renewed (UTC)."""

    def __str__(self) -> str:
        """As in "held by …"."""
        local = self.since.astimezone()
        return f"shopstack {self.command} on {self.host} (pid {self.pid}, since {local:%Y-%m-%d %H:%M:%S %Z})"


class Lease:
    """The row, for one run."""

    def __init__(self, access: SnowflakeAccess, command: str, *, now: str = NOW) -> None:
        self._access = access
        self._command = command
        self._now = now
        self._token = uuid.uuid4().hex

    def take(self) -> bool:
        """Take the row if it is free, or its time is over; whether it is ours.

        Raises:
            LockedError: another is taking it, or renewing it, at this very moment.
        """
        with signed_in(self._access) as session:
            _make_table(session)
            with session.transaction():
                session.execute(f"update {TABLE} set turns = turns + 1")
                taken = session.execute(
                    f"update {TABLE} set token = %(token)s, host = %(host)s, pid = %(pid)s, command = %(command)s, "
                    f"since = {self._now}, lease_until = {self._later()} "
                    f"where token is null or lease_until < {self._now}",
                    {
                        "token": self._token,
                        "host": socket.gethostname(),
                        "pid": os.getpid(),
                        "command": self._command,
                    },
                )
            return taken > 0

    def holder(self) -> LeaseHolder | None:
        """Who holds the row now; None if nobody does."""
        return lease_holder(self._access)

    def renew(self) -> bool:
        """Hold it for longer; False: another has taken over."""
        with signed_in(self._access) as session:
            return bool(
                session.execute(
                    f"update {TABLE} set lease_until = {self._later()} where token = %s", (self._token,)
                )
            )

    def release(self) -> None:
        """Give it back."""
        with signed_in(self._access) as session:
            session.execute(
                f"update {TABLE} set token = null, lease_until = null where token = %s", (self._token,)
            )

    def _later(self) -> str:
        return f"dateadd(second, {int(LEASE.total_seconds())}, {self._now})"


def _make_table(session: SnowflakeSession) -> None:
    """Make the table where it is missing; of two that do so at once, one may be refused."""
    for may_fail in (True, False):
        if _is_made(session):
            return
        try:
            make_schemas(session, STATE)
            # With its one row from the beginning, so that nobody puts in a second. A bare 0 would be a number of one digit.
            session.execute(
                f"create table if not exists {TABLE} as select cast(null as varchar) as token, "
                "cast(null as varchar) as host, cast(0 as number(38,0)) as pid, cast(null as varchar) as command, "
                "cast(null as timestamp_ntz) as since, cast(null as timestamp_ntz) as lease_until, "
                "cast(0 as number(38,0)) as turns"
            )
        except (DataError, LockedError):
            if not may_fail:
                raise
            time.sleep(MAKING_SECONDS)


def lease_holder(access: SnowflakeAccess) -> LeaseHolder | None:
    """Who holds the row now; None if nobody does, or nobody ever did."""
    with signed_in(access) as session:
        if not _is_made(session):
            return None
        found = session.row(f"select {_COLUMNS} from {TABLE} where token is not null")
    if found is None:
        return None
    host, pid, command, since, until = found
    return LeaseHolder(host, int(pid), command, since.replace(tzinfo=UTC), until.replace(tzinfo=UTC))


def _is_made(session: SnowflakeSession) -> bool:
    query = "select 1 from information_schema.tables where table_schema = %s and table_name = 'RUN_LOCK'"
    return session.row(query, (STATE,)) is not None


@contextmanager
def run_lease(
    access: SnowflakeAccess,
    command: str,
    *,
    wait: bool = False,
    on_wait: Callable[[LeaseHolder | None], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the row until the end, renewed meanwhile.

    With ``wait``, stays until the holder is done and calls ``on_wait`` once with who that is.

    Raises:
        LockedError: somebody else holds it, and ``wait`` was not asked for; or took over, because nothing was renewed
            for too long: what was under way is stopped.
    """
    lease = Lease(access, command)
    _acquire(lease, command, wait=wait, on_wait=on_wait, sleep=sleep)
    heart = _Heart(lease)
    heart.start()
    try:
        yield
    except KeyboardInterrupt:
        if heart.lost:
            raise _taken_over() from None
        raise
    finally:
        heart.stop()
        with suppress(ShopstackError):  # its time is over soon in any case
            lease.release()


def _acquire(
    lease: Lease,
    command: str,
    *,
    wait: bool,
    on_wait: Callable[[LeaseHolder | None], None],
    sleep: Callable[[float], None],
) -> None:
    told = False
    while True:
        # Refused: somebody changes the row at this moment. Who it is shows below, or next time.
        with suppress(LockedError):
            if lease.take():
                return
        holder = lease.holder()
        if not wait:
            raise LockedError(
                "Another run is working on this project's data in Snowflake.",
                why=f"It is held by {holder}." if holder else "It has just started.",
                hint=f"wait for it to end, or: shopstack {command} --wait"
                + (f" (if that machine is gone, it is free at {holder.until:%H:%M} UTC)" if holder else ""),
            )
        if not told:
            on_wait(holder)
            told = True
        sleep(POLL_SECONDS)


def _taken_over() -> LockedError:
    return LockedError(
        "Another run has taken over this project's data in Snowflake.",
        why=f"This one could not say that it is alive for more than {int(LEASE / timedelta(minutes=1))} minutes.",
        hint="see that the machine does not sleep while it runs, then: shopstack run",
    )


class _Heart(threading.Thread):
    """Renews a lease; stops the run when another has taken over."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(daemon=True, name="lease")
        self.lost = False
        self._lease = lease
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(BEAT.total_seconds()):
            with suppress(Exception):  # the next beat may get through; there are some before the time is over
                if not self._lease.renew():
                    self.lost = True
                    _thread.interrupt_main()
                    return

    def stop(self) -> None:
        """Renew no more."""
        self._ended.set()
        self.join()
