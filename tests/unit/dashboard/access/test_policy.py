"""Who has to give a password, and which one."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from shopstack import output
from shopstack.config import parse_config
from shopstack.dashboard import create_app
from shopstack.dashboard.access import access_of, give_password, hash_of
from shopstack.dashboard.access.lan import lan_host, local_name, own_address
from shopstack.dashboard.access.passwords import hash_password, matches
from shopstack.dashboard.access.private import ensure_private, private_file, read_private
from shopstack.errors import ConfigurationError, UsageError
from shopstack.project import Project
from shopstack.secrets import DASHBOARD_PASSWORD

OFFICE = "192.168.1.5"
PASSWORD = "cedar-and-oak-1"


@pytest.fixture(autouse=True)
def no_password_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DASHBOARD_PASSWORD, raising=False)


def make(folder: Path, settings: str = "") -> Project:
    text = f"[dashboard]\n{settings}\n"
    return Project(folder, parse_config(text))


def never() -> str:
    raise AssertionError("asked for a password")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_none_and_nothing_is_written(tmp_path: Path, host: str) -> None:
    access = access_of(make(tmp_path), host)
    assert access.gate is None
    assert access.password_from == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", [OFFICE, "0.0.0.0", "::", "office.lan", "127.0.0.2"])  # noqa: S104 - nothing is bound
def test_every_other_address_needs_one(tmp_path: Path, host: str) -> None:
    with pytest.raises(UsageError, match=f"does not start on {host} without a password") as refused:
        access_of(make(tmp_path), host)
    assert refused.value.exit_code == 2
    assert DASHBOARD_PASSWORD in refused.value.hint


def test_no_application_is_made_that_would_be_open_to_others(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="without a password"):
        create_app(make(tmp_path, f'host = "{OFFICE}"'))


@pytest.mark.parametrize("settings", ['names = ["figures.example"]', 'trusted_proxies = ["127.0.0.1"]'])
def test_behind_a_proxy_this_machine_needs_one_too(tmp_path: Path, settings: str) -> None:
    with pytest.raises(UsageError, match="behind a proxy") as refused:
        access_of(make(tmp_path, settings))
    assert DASHBOARD_PASSWORD in refused.value.hint


def test_the_variable_is_asked_for_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (PASSWORD, hash_password(PASSWORD)):
        monkeypatch.setenv(DASHBOARD_PASSWORD, given)
        for host in ("127.0.0.1", OFFICE):
            access = access_of(make(tmp_path), host)
            assert access.gate is not None
            assert access.password_from == DASHBOARD_PASSWORD
            assert given not in output.redact(f"said: {given}")


def test_the_variable_may_stand_in_the_project_s_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{DASHBOARD_PASSWORD}={hash_password(PASSWORD)}\n", encoding="utf-8")
    assert access_of(make(tmp_path), OFFICE).gate is not None


def test_a_plain_password_keeps_its_sessions_over_a_restart_and_another_ends_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DASHBOARD_PASSWORD, PASSWORD)
    first, again = (access_of(make(tmp_path), OFFICE).gate for _ in range(2))
    monkeypatch.setenv(DASHBOARD_PASSWORD, PASSWORD + "!")
    changed = access_of(make(tmp_path), OFFICE).gate
    assert first
    assert again
    assert changed
    session = first.sessions.begin()
    assert again.sessions.is_valid(session)
    assert not changed.sessions.is_valid(session)
    assert PASSWORD not in private_file(make(tmp_path)).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "words", "hint"),
    [
        ("short", "too short", f"choose another for {DASHBOARD_PASSWORD}"),
        ("x" * 201, "too long", f"choose another for {DASHBOARD_PASSWORD}"),
        ("scrypt:16384:8:5:abc", "broken hash", "shopstack dashboard --hash-password prints a new one"),
    ],
)
def test_a_password_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, words: str, hint: str
) -> None:
    monkeypatch.setenv(DASHBOARD_PASSWORD, given)
    with pytest.raises(UsageError, match=words) as refused:
        access_of(make(tmp_path), OFFICE)
    assert refused.value.why
    assert refused.value.hint == hint


def test_a_password_is_made_once_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    project = make(tmp_path)
    made = give_password(project, ask=lambda: "")
    kept = read_private(project)
    assert kept is not None
    assert matches(made, kept.password)
    assert made not in private_file(project).read_text(encoding="utf-8")
    assert give_password(project, ask=never) == ""
    assert access_of(project, OFFICE).gate is not None
    assert access_of(project, "127.0.0.1").gate is None


def test_the_private_file_is_its_owner_s_alone_and_kept_out_of_git(tmp_path: Path) -> None:
    ensure_private(make(tmp_path))
    path = private_file(make(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert sorted(one.name for one in path.parent.iterdir()) == [".gitignore", "dashboard.json"]


def test_a_person_s_own_password_is_kept_and_not_shown(tmp_path: Path) -> None:
    project = make(tmp_path)
    assert give_password(project, ask=lambda: f" {PASSWORD} ") == ""
    kept = read_private(project)
    assert kept is not None
    assert matches(PASSWORD, kept.password)
    with pytest.raises(UsageError, match="too short"):
        give_password(project, ask=lambda: "short", anew=True)
    assert read_private(project) == kept


def test_a_new_password_ends_the_sessions_of_the_old_one(tmp_path: Path) -> None:
    project = make(tmp_path)
    first = give_password(project, ask=lambda: "")
    before = access_of(project, OFFICE).gate
    second = give_password(project, ask=lambda: "", anew=True)
    after = access_of(project, OFFICE).gate
    assert first != second
    assert before
    assert after
    assert not after.sessions.is_valid(before.sessions.begin())
    assert before.sessions.mark == after.sessions.mark


def test_a_password_from_the_variable_is_not_replaced_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DASHBOARD_PASSWORD, PASSWORD)
    assert give_password(make(tmp_path), ask=never) == ""
    with pytest.raises(UsageError, match="No new password") as refused:
        give_password(make(tmp_path), ask=never, anew=True)
    assert DASHBOARD_PASSWORD in refused.value.why


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"secret": "00", "password": ""}', '{"secret": "zz", "password": ""}']
)
def test_a_damaged_private_file_opens_nothing(tmp_path: Path, content: str) -> None:
    project = make(tmp_path)
    private_file(project).parent.mkdir(parents=True)
    private_file(project).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read") as refused:
        access_of(project, OFFICE)
    assert "dashboard.json" in refused.value.hint


def test_a_hash_for_the_variable_is_that_of_the_password() -> None:
    assert matches(PASSWORD, hash_of(PASSWORD))
    with pytest.raises(UsageError, match="too short"):
        hash_of("")


def test_the_machine_s_local_name_means_it_in_its_network_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DASHBOARD_PASSWORD, PASSWORD)
    monkeypatch.setattr(socket, "gethostname", lambda: "Anns-Laptop.fritz.box")
    assert local_name() == "anns-laptop.local"
    assert access_of(make(tmp_path), OFFICE).names == {"anns-laptop.local"}
    assert access_of(make(tmp_path), "127.0.0.1").names == frozenset()


@pytest.mark.parametrize(
    ("found", "words"), [("", "in no network"), ("127.0.0.1", "in no network"), ("8.8.8.8", "internet")]
)
def test_lan_is_refused_where_there_is_no_lan(
    monkeypatch: pytest.MonkeyPatch, found: str, words: str
) -> None:
    monkeypatch.setattr("shopstack.dashboard.access.lan.own_address", lambda: found)
    with pytest.raises(UsageError) as refused:
        lan_host("127.0.0.1")
    assert words in refused.value.message + refused.value.why
    assert refused.value.hint


def test_lan_takes_the_network_s_address_or_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shopstack.dashboard.access.lan.own_address", lambda: OFFICE)
    assert lan_host("127.0.0.1") == OFFICE
    assert lan_host("10.0.0.7") == "10.0.0.7"


def test_a_machine_without_a_network_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(socket.socket):
        def connect(self, address: object) -> None:
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "socket", Cut)
    assert own_address() == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('names = ["https://figures.example"]', "no host name"),
        ('names = ["figures.example:443"]', "no host name"),
        ('names = ["*"]', "no host name"),
        ('trusted_proxies = ["*"]', "no IP address"),
        ('trusted_proxies = ["proxy"]', "no IP address"),
        ('trusted_proxies = ["0.0.0.0/0"]', "every address"),
        ('trusted_proxies = ["::/0"]', "every address"),
    ],
)
def test_settings_that_would_let_in_too_much_are_refused(tmp_path: Path, settings: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make(tmp_path, settings)
    assert words in refused.value.message + refused.value.why
