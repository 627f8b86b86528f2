"""`init`: asks or reads the environment, proves the credentials by a real request, and only then writes."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shopstack.cli.app import cli
from shopstack.errors import CredentialsError
from shopstack.scaffold import BLUEPRINT, files_below
from shopstack.shopify.streams import needed_scopes
from shopstack.simulator.server import RunningServer, serve
from shopstack.simulator.store import Store
from tests.cli.conftest import SETTINGS, TOKEN, CommandLine


def answer(tmp_path: Path, *lines: str) -> Result:
    """The wizard with these lines typed."""
    return CliRunner().invoke(cli, ["init", str(tmp_path / "my-shop")], input="\n".join(lines) + "\n")


def test_from_the_environment_it_makes_a_project_that_reads_the_shop(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTACK_SHOP", shop.url)
    monkeypatch.setenv("SHOPIFY_CLIENT_ID", SETTINGS.client_id)
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", SETTINGS.client_secret)
    ran = shopstack("init", "my-shop", "--non-interactive", "--json")
    assert ran.code == 0, ran.err
    document = ran.json()
    assert document["project"] == str(tmp_path / "my-shop")
    assert document["shop"]["name"] == "Biscuit & Bramble"
    assert document["missing_scopes"] == []
    assert document["next"] == "cd my-shop && shopstack run"
    assert SETTINGS.client_secret not in ran.out + ran.err
    toml = tomllib.loads((tmp_path / "my-shop" / "shopstack.toml").read_text())
    assert toml["shop"]["address"] == shop.url
    own = {Path(".env"), Path(".shopstack/origin.json")}
    assert set(files_below(tmp_path / "my-shop")) == set(files_below(BLUEPRINT)) | own


def test_in_the_current_folder_the_next_command_needs_no_cd(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTACK_SHOP", shop.url)
    monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", TOKEN)
    ran = shopstack("init", "--non-interactive")
    assert ran.code == 0, ran.err
    assert ran.err.endswith("Next: shopstack run\n")
    assert (tmp_path / "shopstack.toml").is_file()


def test_the_wizard_prints_the_exact_scopes_and_where_to_paste_them(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path
) -> None:
    result = answer(tmp_path, shop.url, SETTINGS.client_id, SETTINGS.client_secret)
    assert result.exit_code == 0, result.stderr
    assert ",".join(scope for scope in needed_scopes() if scope != "read_all_orders") in result.stderr
    assert "https://dev.shopify.com/dashboard" in result.stderr
    assert "read_all_orders" in result.stderr
    assert SETTINGS.client_secret not in result.output
    assert result.stdout == ""
    assert (
        (tmp_path / "my-shop" / ".env")
        .read_text()
        .endswith(f"SHOPIFY_CLIENT_ID={SETTINGS.client_id}\nSHOPIFY_CLIENT_SECRET={SETTINGS.client_secret}\n")
    )


def test_the_wizard_takes_an_older_apps_token_and_asks_again_for_an_address_that_is_none(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path
) -> None:
    result = answer(tmp_path, "www.biscuits.com", shop.url, TOKEN)
    assert result.exit_code == 0, result.stderr
    assert "is not a shop's permanent address" in result.stderr
    assert f"SHOPIFY_ACCESS_TOKEN={TOKEN}" in (tmp_path / "my-shop" / ".env").read_text()


def test_the_wizard_lets_wrong_credentials_be_corrected(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path
) -> None:
    result = answer(tmp_path, shop.url, "shpat_wrong_0123456789", TOKEN)
    assert result.exit_code == 0, result.stderr
    assert "refuses the access token" in result.stderr
    assert (tmp_path / "my-shop").is_dir()


def test_wrong_credentials_three_times_end_it_and_leave_nothing(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path
) -> None:
    result = answer(tmp_path, shop.url, *["shpat_wrong_0123456789"] * 3)
    assert isinstance(result.exception, CredentialsError)
    assert list(tmp_path.iterdir()) == []


def test_refused_credentials_end_with_3_and_leave_nothing(
    shopstack: CommandLine, shop: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTACK_SHOP", shop.url)
    monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", "shpat_wrong_0123456789")
    ran = shopstack("init", "my-shop", "--non-interactive")
    assert ran.code == 3
    assert "hint:" in ran.err
    assert "shpat_wrong" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_shop_ends_with_4_and_leaves_nothing(
    shopstack: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPSTACK_SHOP", "http://127.0.0.1:9")
    monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", TOKEN)
    ran = shopstack("init", "my-shop", "--non-interactive")
    assert ran.code == 4
    assert "could not be reached" in ran.err
    assert "shopstack run" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_missing_scopes_are_named_and_the_project_is_made_all_the_same(
    shopstack: CommandLine, small_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, scopes=SETTINGS.scopes - {"read_reports", "read_all_orders"})
    with serve(small_store, settings=settings) as limited:
        monkeypatch.setenv("SHOPSTACK_SHOP", limited.url)
        monkeypatch.setenv("SHOPIFY_ACCESS_TOKEN", TOKEN)
        ran = shopstack("init", "my-shop", "--non-interactive")
    assert ran.code == 0
    assert "the app lacks read_all_orders, read_reports" in ran.err
    assert (tmp_path / "my-shop").is_dir()


@pytest.mark.parametrize(
    ("environment", "code", "word"),
    [
        ({}, 2, "SHOPSTACK_SHOP is not set"),
        ({"SHOPSTACK_SHOP": "www.biscuits.com"}, 2, "not a shop's permanent address"),
        ({"SHOPSTACK_SHOP": "biscuit.myshopify.com"}, 3, "no credentials"),
        (
            {"SHOPSTACK_SHOP": "biscuit.myshopify.com", "SHOPIFY_CLIENT_ID": "x"},
            3,
            "SHOPIFY_CLIENT_SECRET is missing",
        ),
    ],
)
def test_what_the_environment_lacks_is_named(
    shopstack: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    code: int,
    word: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ran = shopstack("init", "my-shop", "--non-interactive")
    assert ran.code == code
    assert word in ran.err
    assert not Path("my-shop").exists()


def test_a_folder_in_use_is_refused_before_anything_is_asked(shopstack: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "my-shop").mkdir()
    (tmp_path / "my-shop" / "thesis.txt").write_text("mine")
    ran = shopstack("init", "my-shop")
    assert ran.code == 2
    assert "is not empty" in ran.err
    assert "Client ID" not in ran.err


def test_nobody_there_to_answer_is_said(shopstack: CommandLine, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "my-shop")], input="")
    assert "nobody here to answer" in str(result.exception)
