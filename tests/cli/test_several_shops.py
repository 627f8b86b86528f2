"""A project of several shops on the command line: one more is added, one is chosen, one fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from shopstack.cli.app import cli
from shopstack.config import load_config
from shopstack.project import Project
from shopstack.scaffold import create_project
from shopstack.simulator.generator import generate
from shopstack.simulator.server import RunningServer, serve
from shopstack.simulator.server.settings import Fault
from tests.cli.conftest import SETTINGS, TOKEN, CommandLine

END = datetime(2026, 11, 1, 12, tzinfo=UTC)
OWN_WORDS = "\n# Ours: never read the year of the move.\n[extract]\nattempts = 2   # Tom, in May\n"


@dataclass(frozen=True)
class Shops:
    """Two shops that answer."""

    first: RunningServer
    second: RunningServer

    @property
    def handles(self) -> tuple[str, str]:
        first, second = (f"simulated-{one.url.rpartition(':')[2]}" for one in (self.first, self.second))
        return first, second


def variable(name: str, handle: str) -> str:
    return f"{name}__{handle.upper().replace('-', '_')}"


@pytest.fixture(scope="module")
def shops() -> Iterator[Shops]:
    with ExitStack() as stack:
        running = []
        for seed, domain in enumerate(("one.myshopify.com", "two.myshopify.com")):
            store = generate(orders=4, end=END, seed=seed)
            store.shop = replace(store.shop, domain=domain, name=domain.partition(".")[0].capitalize())
            running.append(stack.enter_context(serve(store, settings=SETTINGS)))
        yield Shops(*running)


@pytest.fixture
def project(tmp_path: Path, shops: Shops, shopstack: CommandLine) -> Project:
    """The first shop's project, with words of the merchant's own in it, and the command in its folder."""
    made = create_project(
        tmp_path / "shop", address=shops.first.url, credentials={"SHOPIFY_ACCESS_TOKEN": TOKEN}
    )
    with (made.root / "shopstack.toml").open("a", encoding="utf-8") as file:
        file.write(OWN_WORDS)
    os.chdir(made.root)
    return made


@pytest.fixture
def both(project: Project, shops: Shops, shopstack: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of both shops."""
    monkeypatch.setenv(variable("SHOPIFY_ACCESS_TOKEN", shops.handles[1]), TOKEN)
    ran = shopstack("add-shop", shops.second.url, "--non-interactive")
    assert ran.code == 0, ran.err
    return Project.open(project.root)


def text_of(project: Project) -> str:
    return (project.root / "shopstack.toml").read_text(encoding="utf-8")


def test_a_shop_is_added_behind_what_the_merchant_wrote(
    shopstack: CommandLine, project: Project, shops: Shops
) -> None:
    before = text_of(project)
    first, second = shops.handles
    asked = CliRunner().invoke(
        cli, ["add-shop", shops.second.url], input=f"{SETTINGS.client_id}\n{SETTINGS.client_secret}\n"
    )
    assert asked.exit_code == 0, asked.stderr
    assert SETTINGS.client_secret not in asked.output
    assert text_of(project) == before.replace("[shop]", "[[shop]]", 1) + (
        f'\n[[shop]]\naddress = "{shops.second.url}"\n'
    )
    assert [one.handle for one in load_config(project.root).shops] == [first, second]
    env = project.root / ".env"
    assert env.read_text(encoding="utf-8").endswith(
        f"{variable('SHOPIFY_ACCESS_TOKEN', first)}={TOKEN}\n"
        f"{variable('SHOPIFY_CLIENT_ID', second)}={SETTINGS.client_id}\n"
        f"{variable('SHOPIFY_CLIENT_SECRET', second)}={SETTINGS.client_secret}\n"
    )
    assert env.stat().st_mode & 0o077 == 0
    assert f"is called {variable('SHOPIFY_ACCESS_TOKEN', first)} now" in asked.stderr
    checked = shopstack("check", "--json").json()["checks"]
    credentials = [one["state"] for one in checked if one["check"].startswith("credentials (")]
    assert credentials == ["ok", "ok"]


def test_where_credentials_cannot_be_kept_no_copy_of_them_is_left(
    shopstack: CommandLine, project: Project, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".env")

    monkeypatch.setenv(variable("SHOPIFY_ACCESS_TOKEN", shops.handles[1]), TOKEN)
    monkeypatch.setattr(os, "replace", refused)
    monkeypatch.setattr(Path, "replace", refused)
    ran = shopstack("add-shop", shops.second.url, "--non-interactive")
    assert ran.code == 2, ran.err
    holding = [path.name for path in project.root.iterdir() if path.is_file() and TOKEN in path.read_text()]
    assert holding == [".env"]


def test_without_questions_its_variables_are_named(
    shopstack: CommandLine, project: Project, shops: Shops
) -> None:
    before = text_of(project)
    ran = shopstack("add-shop", "My-Second-Shop", "--non-interactive")
    assert ran.code == 3
    assert "SHOPIFY_CLIENT_ID__MY_SECOND_SHOP and SHOPIFY_CLIENT_SECRET__MY_SECOND_SHOP" in ran.err
    assert text_of(project) == before
    nobody = CliRunner().invoke(cli, ["add-shop", shops.second.url], input="")
    assert "nobody here to answer" in str(nobody.exception)


def test_variables_that_are_set_elsewhere_are_to_be_renamed_there(
    shopstack: CommandLine, project: Project, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = shops.handles
    (project.root / ".env").unlink()
    monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv(variable("SHOPIFY_ACCESS_TOKEN", second), TOKEN)
    ran = shopstack("add-shop", shops.second.url, "--non-interactive", "--json")
    assert ran.code == 0, ran.err
    assert ran.json()["shop"]["shop"] == "two.myshopify.com"
    assert f"hint: call it {variable('SHOPIFY_ACCESS_TOKEN', first)} where it is set" in ran.err
    assert not (project.root / ".env").exists()


@pytest.mark.parametrize(
    ("address", "code", "word"),
    [
        ("{first}", 2, "reads {first} already"),
        ("www.biscuits.com", 2, "not a shop's permanent address"),
        ("http://127.0.0.1:9", 4, "could not be reached"),
    ],
)
def test_what_cannot_be_added_is_refused_and_nothing_is_changed(
    shopstack: CommandLine,
    project: Project,
    shops: Shops,
    monkeypatch: pytest.MonkeyPatch,
    *,
    address: str,
    code: int,
    word: str,
) -> None:
    monkeypatch.setenv(variable("SHOPIFY_ACCESS_TOKEN", "simulated-9"), TOKEN)
    before = (text_of(project), (project.root / ".env").read_text())
    ran = shopstack("add-shop", address.format(first=shops.first.url), "--non-interactive")
    assert ran.code == code
    assert word.format(first=shops.first.url) in ran.err
    assert (text_of(project), (project.root / ".env").read_text()) == before


def test_shops_that_are_written_otherwise_are_left_to_the_merchant(
    shopstack: CommandLine, project: Project, shops: Shops
) -> None:
    written = f'shop = {{ address = "{shops.first.url}" }}\n'
    (project.root / "shopstack.toml").write_text(written)
    ran = shopstack("add-shop", "my-second-shop", "--non-interactive")
    assert ran.code == 2
    assert '[[shop]], and below it address = "my-second-shop.myshopify.com"' in ran.err
    assert text_of(project) == written


def test_lines_of_windows_and_the_mark_of_some_editors_stay(
    shopstack: CommandLine, project: Project, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project.root / "shopstack.toml"
    file.write_bytes(b"\xef\xbb\xbf" + text_of(project).replace("\n", "\r\n").encode())
    before = file.read_bytes()
    monkeypatch.setenv(variable("SHOPIFY_ACCESS_TOKEN", shops.handles[1]), TOKEN)
    assert shopstack("add-shop", shops.second.url, "--non-interactive").code == 0
    assert file.read_bytes() == before.replace(b"[shop]", b"[[shop]]", 1) + (
        f'\r\n[[shop]]\r\naddress = "{shops.second.url}"\r\n'.encode()
    )


@pytest.mark.parametrize(
    "command", [("run",), ("run", "--dry-run"), ("extract",), ("extract", "--sweep"), ("doctor",)]
)
def test_a_wrong_name_is_met_with_the_nearest(
    shopstack: CommandLine, both: Project, shops: Shops, command: tuple[str, ...]
) -> None:
    ran = shopstack(*command, "--shop", f"{shops.handles[1]}0")
    assert ran.code == 2
    assert f"There is no shop '{shops.handles[1]}0' in this project." in ran.err
    assert f"hint: --shop {shops.handles[1]}\n" in ran.err
    assert not both.database("raw").exists()


def test_each_shop_is_examined_and_one_can_be_chosen(
    shopstack: CommandLine, both: Project, shops: Shops
) -> None:
    first, second = shops.handles
    found = {one["check"] for one in shopstack("doctor", "--json").json()["checks"]}
    assert {f"shop ({first})", f"shop ({second})"} <= found
    alone = {one["check"] for one in shopstack("doctor", "--shop", second, "--json").json()["checks"]}
    assert f"shop ({first})" not in alone
    assert f"shop ({second})" in alone
    planned = shopstack("run", "--dry-run")
    assert planned.code == 0
    assert "one.myshopify.com\n" in planned.out
    assert "two.myshopify.com\n" in planned.out
    chosen = shopstack("run", "--dry-run", "--shop", shops.second.url)
    assert "one.myshopify.com" not in chosen.out


def test_where_one_shop_fails_the_others_are_read_and_it_is_named(
    shopstack: CommandLine, both: Project, shops: Shops
) -> None:
    first, second = shops.handles
    shops.first.api.faults.add(Fault("internal_error", times=None))
    try:
        ran = shopstack("extract", "--json")
        status, doctor = shopstack("status"), shopstack("doctor", "--json")
        alone = shopstack("extract", "--shop", second, "--json")
        failed = shopstack("extract", "--shop", first)
    finally:
        shops.first.api.faults.clear()
    assert ran.code == 4
    document = ran.json()
    assert [one["shop"] for one in document["shops"]] == ["two.myshopify.com"]
    assert [one["address"] for one in document["failed"]] == [shops.first.url]
    assert f"warning: {first}" in ran.err
    assert "hint:" in ran.err
    assert f"{first}: never read, so none of its figures are shown; stale since" in status.out
    assert f"{second}: last read " in status.out
    states = {one["check"]: one["state"] for one in doctor.json()["checks"]}
    assert (states[f"shop ({first})"], states[f"shop ({second})"]) == ("failed", "ok")
    assert doctor.code == 4
    assert alone.code == 0
    assert failed.code == 4
    assert shopstack("extract").code == 0


def test_a_shop_without_credentials_keeps_no_other_from_being_read(
    shopstack: CommandLine, both: Project, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = variable("SHOPIFY_ACCESS_TOKEN", shops.handles[1])
    monkeypatch.delenv(name)
    ran = shopstack("extract", "--json")
    assert ran.code == 3
    assert [one["shop"] for one in ran.json()["shops"]] == ["one.myshopify.com"]
    assert name in ran.err
    checked = shopstack("check")
    assert checked.code == 0
    assert name in checked.out
