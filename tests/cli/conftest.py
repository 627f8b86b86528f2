"""The command line as a person uses it: in this process, with a simulated shop on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import stamina

from shopstack.cli import main
from shopstack.project import Project
from shopstack.scaffold import create_project
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from shopstack.simulator.store import Store

TOKEN = "shpat_cli_0123456789abcdef"
SETTINGS = ServerSettings(
    static_tokens=frozenset({TOKEN}), client_id="cli-client", client_secret="cli-secret-1234"
)


@dataclass(frozen=True)
class Ran:
    """What one command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """stdout as the one document that ``--json`` promises."""
        return orjson.loads(self.out)


class CommandLine:
    """Runs commands in the current folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = main(list(arguments))
        printed = self._capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Ran(code, printed.out, printed.err)


@pytest.fixture
def shopstack(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    """The command, in an empty folder, without credentials around and without waits between attempts."""
    monkeypatch.chdir(tmp_path)
    for name in ("SHOPIFY_ACCESS_TOKEN", "SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SHOPSTACK_SHOP", "SHOPSTACK_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    with stamina.set_testing(True, attempts=2, cap=True):
        yield CommandLine(capsys)


@pytest.fixture(scope="session")
def shop(small_store: Store) -> Iterator[RunningServer]:
    """A simulated shop that answers."""
    with serve(small_store, settings=SETTINGS) as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, shop: RunningServer) -> Project:
    """A project that reads the simulated shop, in the current folder's `shop`."""
    return create_project(tmp_path / "shop", address=shop.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN})
