"""The script that makes Terraform's own user: what it prints, what it never prints, and what it refuses."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import stat
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import sqlglot
from cryptography.hazmat.primitives import serialization

from tests.infrastructure.terraform import INFRASTRUCTURE, Proof, resources


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", INFRASTRUCTURE / "snowflake" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def key(bootstrap: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "terraform_key.p8"
    assert bootstrap.main(["new-key", str(path)]) == 0
    capsys.readouterr()
    return path


def _secret_lines(key: Path) -> list[str]:
    return [line for line in key.read_text().splitlines() if not line.startswith("-----")]


def test_a_new_key_is_its_owners_alone_and_only_its_public_half_is_printed(
    bootstrap: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pipeline_key.p8"
    assert bootstrap.main(["new-key", str(path)]) == 0
    said = capsys.readouterr()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert said.out.strip() == bootstrap.public_half(path)
    assert said.out.startswith("MII")
    assert said.out.count("\n") == 1
    assert not any(line in said.out + said.err for line in _secret_lines(path))


def test_a_key_is_never_written_over(
    bootstrap: ModuleType, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = key.read_bytes()
    assert bootstrap.main(["new-key", str(key)]) == 2
    assert "stays as it is" in capsys.readouterr().err
    assert key.read_bytes() == before


def test_a_key_that_git_would_take_along_is_refused(
    bootstrap: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["new-key", str(tmp_path / "key.pem")]) == 2
    assert "git ignores those" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert "*.p8" in (INFRASTRUCTURE.parent / ".gitignore").read_text().splitlines()


def test_terraform_takes_the_public_half_as_it_is_printed(
    bootstrap: ModuleType, key: Path, proof: Proof
) -> None:
    users = json.dumps({"pipeline": {"public_keys": [bootstrap.public_half(key)]}})
    plan = proof.plan("snowflake/dev", service_users=users)
    (user,) = (one["values"] for one in resources(plan) if one["type"] == "snowflake_service_user")
    assert user["rsa_public_key"] == bootstrap.public_half(key)


def test_the_commands_in_the_readme_are_those_that_there_are(bootstrap: ModuleType) -> None:
    readme = (INFRASTRUCTURE / "snowflake" / "README.md").read_text()
    lines = re.findall(r"^python (?:\.\./)?bootstrap\.py (.+)$", readme, re.MULTILINE)
    asked = [bootstrap.parser().parse_args(shlex.split(line)).command for line in lines]
    assert asked == ["new-key", "sql", "run", "new-key"]


def test_a_passphrase_encrypts_the_key(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(bootstrap.PASSPHRASE, "correct horse")
    path = tmp_path / "key.p8"
    public = bootstrap.new_key(path)
    assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert bootstrap.public_half(path) == public
    monkeypatch.setenv(bootstrap.PASSPHRASE, "another")
    assert bootstrap.main(["sql", str(path)]) == 2
    assert bootstrap.PASSPHRASE in capsys.readouterr().err


def test_the_statements_are_printed_and_nothing_else(
    bootstrap: ModuleType, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["sql", str(key)]) == 0
    said = capsys.readouterr()
    printed = [
        statement.sql(dialect="snowflake")
        for statement in sqlglot.parse(said.out, dialect="snowflake")
        if statement
    ]
    assert len(printed) == 5
    assert said.err == ""
    assert not any(line in said.out for line in _secret_lines(key))


def test_the_statements_can_be_repeated_and_give_two_roles(bootstrap: ModuleType) -> None:
    use, create, alter, *granted = bootstrap.statements("MIIabc")
    assert use == "use role SECURITYADMIN"
    assert create.startswith("create user if not exists SHOPSTACK_TERRAFORM type = service ")
    assert "password" not in create
    assert alter == "alter user if exists SHOPSTACK_TERRAFORM set rsa_public_key = 'MIIabc'"
    assert granted == [
        "grant role SYSADMIN to user SHOPSTACK_TERRAFORM",
        "grant role SECURITYADMIN to user SHOPSTACK_TERRAFORM",
    ]


def test_a_second_key_goes_beside_the_first(bootstrap: ModuleType) -> None:
    assert bootstrap.statements("MIIabc", slot=2)[2].endswith("set rsa_public_key_2 = 'MIIabc'")


def test_a_name_cannot_carry_a_statement(
    bootstrap: ModuleType, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["sql", str(key), "--name", "X; drop user ME"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no name for a user" in said.err


@pytest.mark.parametrize("held", [None, "no key", "elliptic"])
def test_what_is_no_rsa_key_is_refused(
    bootstrap: ModuleType, tmp_path: Path, held: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key.p8"
    if held == "elliptic":
        from cryptography.hazmat.primitives.asymmetric import ec

        formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(*formats))
    elif held:
        path.write_text(held)
    assert bootstrap.main(["sql", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")


class _RefusalError(Exception):
    """What the connector raises."""


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A connector that writes down how it is called, and refuses what holds `refuse`."""
    made: list[dict[str, Any]] = []

    class Connection:
        def __init__(self, **given: str) -> None:
            made.append({**given, "ran": []})

        def __enter__(self) -> Connection:
            return self

        def __exit__(self, *_: object) -> None: ...

        def cursor(self) -> SimpleNamespace:
            return SimpleNamespace(execute=self._execute)

        def _execute(self, statement: str) -> None:
            if made[-1]["user"] == "NOBODY":
                raise _RefusalError("Insufficient privileges")
            made[-1]["ran"].append(statement)

    connector = SimpleNamespace(connect=Connection, Error=_RefusalError)
    monkeypatch.setitem(sys.modules, "snowflake", SimpleNamespace(connector=connector))
    monkeypatch.setitem(sys.modules, "snowflake.connector", connector)
    return made


def test_only_run_runs_and_it_runs_what_it_prints(
    bootstrap: ModuleType, key: Path, connections: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(["sql", str(key)]) == 0
    assert connections == []
    printed = capsys.readouterr().out
    assert bootstrap.main(["run", str(key), "--account", "MYORG-MYACCOUNT", "--user", "ME"]) == 0
    assert capsys.readouterr().out == printed
    (connection,) = connections
    assert [f"{statement};" for statement in connection["ran"]] == printed.splitlines()
    assert (connection["account"], connection["user"]) == ("MYORG-MYACCOUNT", "ME")
    assert (connection["authenticator"], connection["role"]) == ("externalbrowser", "SECURITYADMIN")


@pytest.mark.usefixtures("connections")
def test_a_refusal_is_told(bootstrap: ModuleType, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["run", str(key), "--account", "MYORG-MYACCOUNT", "--user", "NOBODY"]) == 2
    assert "Insufficient privileges" in capsys.readouterr().err
