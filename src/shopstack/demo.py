"""The demo: a simulated shop in a process of its own, and a project that reads it like any other.

The project is made by the same scaffolding as a merchant's. What makes it a demo is its shop's address, which
is loopback, and `.shopstack/demo.json`, which holds what the shop was made from: the same shop is taken up again,
another one begins the project's data anew. A project of a real shop is never touched.
"""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import orjson

from shopstack.config import CONFIG_FILE
from shopstack.errors import ShopstackError, UsageError
from shopstack.project import Project
from shopstack.scaffold import (
    create_project,
    env_text,
    follow_engine,
    read_origin,
    refuse_occupied,
    with_address,
    write_private,
)
from shopstack.secrets import CLIENT_ID, CLIENT_SECRET, ENV_FILE
from shopstack.transformation.runner import target_folder

DEMO_FILE = "demo.json"
SEED = 1
STOP_SECONDS = 10


@dataclass(frozen=True)
class Recipe:
    """What a simulated shop is made from; the same recipe makes the same shop."""

    orders: int
    end: str
    """Last moment of the shop's history (UTC, ISO 8601, whole seconds)."""
    seed: int = SEED


@dataclass(frozen=True)
class Note:
    """What a demo's project was filled from; kept in `demo.json`."""

    recipe: Recipe
    fingerprint: str
    """Of the shop itself: another version of the simulator may make another shop from the same recipe."""


@dataclass(frozen=True)
class SimulatedShop:
    """A simulated shop that answers."""

    address: str
    client_id: str
    client_secret: str
    fingerprint: str = ""

    @property
    def credentials(self) -> dict[str, str]:
        """Its made-up credentials, by their names in `.env`."""
        return {CLIENT_ID: self.client_id, CLIENT_SECRET: self.client_secret}


def opened_again_by(project: Project) -> str:
    """The command that opens the project's simulated shop again; empty where the shop is a real one."""
    shop = project.config.shop
    if len(project.config.shops) > 1 or not shop.is_simulated:
        return ""
    if _read_note(project.root) is None:  # made by `init` against a simulator: the demo would begin it anew
        return f"shopstack simulate --port {urlsplit(shop.address).port} (opens a simulated shop there)"
    return f"shopstack demo --dir {shlex.quote(str(project.root))} (opens the simulated shop again)"


def recipe_for(folder: Path, orders: int, now: datetime) -> Recipe:
    """The recipe that the project in ``folder`` was made from today; a new one if there is none such.

    A shop's history ends when it was made, so a shop of yesterday would have no orders today.
    """
    now = now.astimezone(UTC)
    note = _read_note(folder)
    if note and note.recipe.orders == orders and note.recipe.end[:10] == now.date().isoformat():
        return note.recipe
    return Recipe(orders, now.isoformat(timespec="seconds"))


def _read_note(folder: Path) -> Note | None:
    try:
        found = orjson.loads((folder / ".shopstack" / DEMO_FILE).read_bytes())
        return Note(Recipe(**found["recipe"]), found["fingerprint"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def refuse_foreign(folder: Path) -> None:
    """Stop before anything starts if ``folder`` holds something else than a demo.

    Raises:
        UsageError: it is the project of a real shop, or no project at all.
    """
    if not (folder / CONFIG_FILE).is_file():
        refuse_occupied(folder)
        return
    project = Project.open(folder)
    shops = project.config.shops
    if len(shops) > 1 or not shops[0].is_simulated:
        raise UsageError(
            f"{folder} is the project of {', '.join(shop.address for shop in shops)}.",
            why="The demo touches no project but its own, which has one simulated shop.",
            hint="shopstack demo --dir another-folder",
        )


def preferred_port(folder: Path) -> int:
    """The port that the project's shop had the last time, if it is free; 0 (any free one) otherwise.

    With the same port, the demo's project works with `shopstack simulate --port` later on too.
    """
    try:
        port = urlsplit(Project.open(folder).config.shop.address).port or 0
        with socket.create_server(("127.0.0.1", port)):
            return port
    except (ShopstackError, OSError):
        return 0


def open_or_create(folder: Path, shop: SimulatedShop) -> Project:
    """The demo's project, reading ``shop``: the one that is there, brought to this engine, or a new one.

    Raises:
        UsageError: the folder holds something else.
    """
    refuse_foreign(folder)
    if not (folder / CONFIG_FILE).is_file():
        return create_project(folder, address=shop.address, credentials=shop.credentials)
    path = folder / CONFIG_FILE
    text = path.read_text(encoding="utf-8")
    readdressed = with_address(text, shop.address)
    if readdressed != text:
        path.write_text(readdressed, encoding="utf-8")
    write_private(folder / ENV_FILE, env_text(shop.credentials))
    follow_engine(folder, read_origin(folder))
    return Project.open(folder)


def forget_other_shop(project: Project, note: Note) -> bool:
    """Begin the project's data anew if it came from another shop; whether it did. The caller holds the lock."""
    if _read_note(project.root) == note:
        return False
    file = project.state / DEMO_FILE
    # By name: both roots are configuration, and may be folders that hold other things too.
    databases = (path for kind in ("*.duckdb", "*.duckdb.wal") for path in project.warehouse.glob(kind))
    folders = (project.landing, project.published, project.runs, target_folder(project).parent)
    old = [path for path in (*folders, project.status_file, *databases) if path.exists()]
    # The note goes first: killed in between, the next demo begins anew once more.
    file.unlink(missing_ok=True)
    for path in old:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    file.write_bytes(orjson.dumps(asdict(note), option=orjson.OPT_INDENT_2))
    return bool(old)


@contextmanager
def simulated_shop(recipe: Recipe, *, port: int = 0) -> Iterator[SimulatedShop]:
    """A simulated shop in a child process, gone afterwards, and gone too if this process is killed.

    Raises:
        ShopstackError: it did not start.
    """
    command = [
        *(sys.executable, "-P", "-m", "shopstack", "simulate", "--json", "--until-stdin-closes"),
        *(
            "--orders",
            str(recipe.orders),
            "--seed",
            str(recipe.seed),
            "--end",
            recipe.end,
            "--port",
            str(port),
        ),
    ]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us; we end the shop when nothing needs it any more
        ) as child,
    ):
        try:
            yield _announced(child, log)
        finally:
            _stop(child)


def _announced(child: subprocess.Popen[bytes], log: IO[bytes]) -> SimulatedShop:
    """The shop, as soon as the child says on stdout that it answers."""
    assert child.stdout is not None  # noqa: S101 - it was asked for as a pipe
    document = b""
    for line in child.stdout:
        document += line
        if line.rstrip() == b"}":
            break
    try:
        found = orjson.loads(document)
        return SimulatedShop(
            found["address"], found["client_id"], found["client_secret"], found["fingerprint"]
        )
    except (ValueError, KeyError) as problem:
        child.wait()
        log.seek(0)
        said = log.read().decode(errors="replace").strip().splitlines()
        raise ShopstackError(
            "The simulated shop did not start.",
            why=" ".join(said[-3:]) or f"Its process ended with {child.returncode}.",
            hint="shopstack simulate (shows everything that it says)",
        ) from problem


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the child: it leaves by itself when its stdin closes, and is made to if it does not."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
