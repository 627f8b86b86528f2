"""Credentials: from the environment, then `.env`; never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack import output
from shopstack.errors import EXIT_CREDENTIALS, CredentialsError
from shopstack.secrets import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    DASHBOARD_PASSWORD,
    ClientCredentials,
    StaticToken,
    is_secret,
    read_credentials,
    read_dashboard_password,
)


@pytest.fixture(autouse=True)
def no_credentials_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET):
        monkeypatch.delenv(name, raising=False)


def test_a_token_is_read_from_the_projects_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{ACCESS_TOKEN}=shpat_from_file\n")
    assert read_credentials(tmp_path) == StaticToken("shpat_from_file")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(f"{ACCESS_TOKEN}=shpat_from_file\n")
    monkeypatch.setenv(ACCESS_TOKEN, "shpat_from_environment")
    assert read_credentials(tmp_path) == StaticToken("shpat_from_environment")


def test_client_id_and_secret_go_before_a_token(tmp_path: Path) -> None:
    everything = {CLIENT_ID: "id", CLIENT_SECRET: "secret-of-app", ACCESS_TOKEN: "shpat_old"}
    assert read_credentials(tmp_path, everything) == ClientCredentials("id", "secret-of-app")


@pytest.mark.parametrize(
    ("given", "missing"), [({CLIENT_ID: "id"}, CLIENT_SECRET), ({CLIENT_SECRET: "secret-of-app"}, CLIENT_ID)]
)
def test_half_a_pair_names_the_other_half(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    with pytest.raises(CredentialsError) as found:
        read_credentials(tmp_path, given)
    assert found.value.why.startswith(f"{missing} is missing")


def test_none_at_all_says_where_they_belong_and_exits_with_3(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError) as found:
        read_credentials(tmp_path, {ACCESS_TOKEN: "  "})
    assert found.value.exit_code == EXIT_CREDENTIALS
    assert ".env" in found.value.hint


def test_a_secret_shows_neither_in_repr_nor_in_output(tmp_path: Path) -> None:
    credentials = [
        read_credentials(tmp_path, {ACCESS_TOKEN: "shpat_never_show_me"}),
        read_credentials(tmp_path, {CLIENT_ID: "id", CLIENT_SECRET: "secret_never_show_me"}),
    ]
    assert "never_show_me" not in repr(credentials)
    assert output.redact("a shpat_never_show_me b secret_never_show_me c") == "a *** b *** c"


def test_the_mark_that_windows_editors_put_before_the_text_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{ACCESS_TOKEN}=shpat_from_file\n", encoding="utf-8-sig")
    assert read_credentials(tmp_path) == StaticToken("shpat_from_file")


def test_a_line_that_is_no_variable_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SHOPIFY_CLIENT_ID=a\n\n=b\nSHOPIFY_CLIENT_SECRET=c\n")
    with pytest.raises(CredentialsError, match=r"\.env, line 3 cannot be read"):
        read_credentials(tmp_path)


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(f"{ACCESS_TOKEN}=sécret".encode("latin-1"))
    with pytest.raises(CredentialsError, match=r"\.env cannot be read"):
        read_credentials(tmp_path)


def test_each_of_several_shops_has_variables_of_its_own(tmp_path: Path) -> None:
    given = {f"{ACCESS_TOKEN}__MY_SHOP": "shpat_first", f"{ACCESS_TOKEN}__MY_SECOND_SHOP": "shpat_second"}
    for handle, token in (("my-shop", "shpat_first"), ("my-second-shop", "shpat_second")):
        assert read_credentials(tmp_path, given, handle=handle, alone=False) == StaticToken(token)
    assert read_credentials(tmp_path, given, handle="my-shop") == StaticToken("shpat_first")


def test_the_plain_variables_belong_to_a_shop_that_is_alone(tmp_path: Path) -> None:
    given = {ACCESS_TOKEN: "shpat_plain"}
    assert read_credentials(tmp_path, given, handle="my-shop") == StaticToken("shpat_plain")
    with pytest.raises(CredentialsError) as found:
        read_credentials(tmp_path, given, handle="my-shop", alone=False)
    assert f"{ACCESS_TOKEN} becomes {ACCESS_TOKEN}__MY_SHOP" in found.value.hint


def test_a_missing_variable_of_one_shop_is_named_exactly(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError) as found:
        read_credentials(tmp_path, {f"{CLIENT_ID}__MY_SHOP": "id"}, handle="my-shop", alone=False)
    assert found.value.why == f"{CLIENT_SECRET}__MY_SHOP is missing beside {CLIENT_ID}__MY_SHOP."


def test_secrets_of_every_shop_are_known_by_their_names() -> None:
    assert all(map(is_secret, (ACCESS_TOKEN, f"{CLIENT_SECRET}__MY_SHOP", f"{ACCESS_TOKEN}__MY_SHOP")))
    assert is_secret(DASHBOARD_PASSWORD)
    assert not is_secret(CLIENT_ID)


def test_the_dashboard_s_password_is_read_and_never_shown(tmp_path: Path) -> None:
    assert read_dashboard_password(tmp_path, {}) == ""
    assert read_dashboard_password(tmp_path, {DASHBOARD_PASSWORD: " never-show-this "}) == "never-show-this"
    assert output.redact("a never-show-this") == "a ***"
