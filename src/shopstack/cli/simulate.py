"""`shopstack simulate`: a Shopify to test against, served in the foreground."""

from __future__ import annotations

import hashlib
import socket
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shopstack import output
from shopstack.cli.session import Session, json_option, pass_session
from shopstack.errors import UsageError

if TYPE_CHECKING:
    from shopstack.simulator.server import ServerSettings
    from shopstack.simulator.store import Store

HOST = "127.0.0.1"
FINGERPRINT_ORDERS = 200
PLAN = "advanced"
"""Whose rate of points the shop answers with: at that of the lowest plan, a first look would wait for most of its time."""


@click.command()
@click.option(
    "--orders", default=20_000, show_default=True, type=click.IntRange(1), help="Orders of the shop."
)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same shop.")
@click.option(
    "--end",
    metavar="TIME",
    default="",
    help="Last moment of the shop's history (UTC, as in 2026-01-31T12:00:00). Default: now.",
)
@click.option("--port", default=8790, show_default=True, help="Port to listen on; 0 takes any free one.")
@click.option(
    "--from-parquet",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Fill the shop from a file of real transactions instead (UCI Online Retail II).",
)
@click.option(
    "--until-stdin-closes", is_flag=True, hidden=True, help="End together with the process that started it."
)
@json_option
@pass_session
def simulate(
    session: Session,
    *,
    orders: int,
    seed: int,
    end: str,
    port: int,
    from_parquet: Path | None,
    until_stdin_closes: bool,
) -> None:
    """Serve a simulated shop on this machine until Ctrl-C.

    For tests and for trying things out. Prints its address and its made-up credentials. It allows as many requests as a
    shop on the Advanced plan.

    \b
    Examples:
      shopstack simulate --orders 2000
      shopstack simulate --from-parquet online_retail.parquet
    """
    from shopstack.simulator.server import ServerSettings, serve
    from shopstack.simulator.server.settings import RESTORE_RATES

    last_moment = _moment(end)
    _refuse_busy(port)
    output.say("making the shop …")
    store = _from_file(from_parquet) if from_parquet else _generated(orders, seed, last_moment)
    settings = ServerSettings(restore_rate=RESTORE_RATES[PLAN])
    with serve(store, host=HOST, port=port, settings=settings) as server:
        try:
            _announce(session, server.url, settings, store)
            _stay(until_stdin_closes)
        except KeyboardInterrupt:
            output.say("The simulated shop is closed.")


def _generated(orders: int, seed: int, end: datetime) -> Store:
    from shopstack.simulator.generator import generate

    return generate(orders=orders, seed=seed, end=end)


def _from_file(path: Path) -> Store:
    """The shop of a file's transactions.

    Raises:
        UsageError: it is another file.
    """
    import pyarrow as pa

    from shopstack.simulator.real_orders import load_real_orders

    try:
        store, report = load_real_orders(path)
    except (pa.ArrowException, KeyError) as problem:
        raise UsageError(
            f"{path} is not a file of real transactions.",
            why=str(problem.args[0]) if problem.args else "",
            hint="shopstack simulate (makes a shop up)",
        ) from problem
    amount = Decimal(report.left_out.pence).scaleb(-2)
    output.say(
        f"{report.orders:,} orders; left out: {report.left_out.rows:,} rows, {amount} {store.shop.currency}"
    )
    return store


def _moment(text: str) -> datetime:
    """The end of the shop's history (UTC).

    Raises:
        UsageError: the text is no time.
    """
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UsageError(
            f"{text!r} is not a time.", hint="shopstack simulate --end 2026-01-31T12:00:00"
        ) from problem
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _refuse_busy(port: int) -> None:
    """Say so before the shop is made, which takes a while."""
    try:
        with socket.create_server((HOST, port)):
            return
    except (OSError, OverflowError) as problem:
        raise UsageError(
            f"Port {port} cannot be used.", why=str(problem), hint="shopstack simulate --port 0"
        ) from problem


def _announce(session: Session, address: str, settings: ServerSettings, store: Store) -> None:
    """On stdout, and at once: whoever started us waits for it."""
    if session.json:
        output.data(
            {
                "address": address,
                "client_id": settings.client_id,
                "client_secret": settings.client_secret,
                "fingerprint": fingerprint(store),
            }
        )
    else:
        output.text(f"address        {address}")
        output.text(f"client id      {settings.client_id}")
        output.text(f"client secret  {settings.client_secret}")
        output.say("Ctrl-C closes the shop.")
    sys.stdout.flush()


def fingerprint(store: Store) -> str:
    """Tells one shop from another by a sample of its orders: every byte of some two hundred."""
    orders = store.ids("Order")
    digest = hashlib.sha256(str(len(orders)).encode())
    for gid in orders[:: max(1, len(orders) // FINGERPRINT_ORDERS)]:
        digest.update(store.raw(gid) or b"")
    return digest.hexdigest()[:16]


def _stay(until_stdin_closes: bool) -> None:
    if until_stdin_closes:
        sys.stdin.buffer.read()
        return
    forever = threading.Event()
    while not forever.wait(1):  # a wait without end could not be interrupted on Windows
        pass
