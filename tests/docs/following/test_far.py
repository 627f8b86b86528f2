"""The whole way, with what it installs: from the files that shopstack comes in to a server and a simulated Snowflake.

Packages come from wherever pip takes them on this machine. Snowflake is simulated (fakesnow), which knows neither warehouses nor
roles nor users: of the statements that make them only the form is proved.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import sqlglot

from tests.contract.warehouse.engines import pem
from tests.docs.following.desk import ADDRESS, look_at_pages, own_words, simulated_shop, wizard
from tests.docs.following.reader import Reader, Then
from tests.docs.following.route import BY_HAND, INSTALLED, MOVED, SERVER, TO_THE_SERVER
from tests.docs.pages import REPOSITORY, page
from tests.e2e.harness import environment
from tests.fakes.snowflake_server import SnowflakeServer, snowflake_server

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("following far")]

PASSPHRASE = "correct-horse"
KEYS = {
    "openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out snowflake_key.p8": [
        ("Enter Encryption Password:", PASSPHRASE),
        ("Verifying - Enter Encryption Password:", PASSPHRASE),
    ],
    "openssl rsa -in snowflake_key.p8 -pubout -out snowflake_key.pub": [("snowflake_key.p8:", PASSPHRASE)],
}
PRINTED = """
[warehouse]
account = "MYORG-MYACCOUNT"
user = "SPOON_DEV_PIPELINE"
role = "SPOON_DEV_LOADER"
transformer_role = "SPOON_DEV_TRANSFORMER"
warehouse = "SPOON_DEV_PIPELINE"
database_prefix = "SPOON_DEV"
"""
"""What Terraform prints for dev (test_infrastructure.py), without `type`."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that are under git, and nothing else."""
    folder = tmp_path / "shopstack"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


def worksheet(server: SnowflakeServer, public_key: Path, statements: str) -> None:
    """Where statements are pasted that make databases, roles and a user: what fakesnow knows is run, the rest parsed."""
    lines = public_key.read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1]) == ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")
    filled = statements.replace("'…'", f"'{''.join(lines[1:-1])}'")
    connection = server.instance.connect()
    for statement in sqlglot.parse(filled, dialect="snowflake"):
        assert statement
        text = statement.sql(dialect="snowflake")
        if text.startswith("CREATE DATABASE"):
            connection.cursor().execute(text)


def carried(reader: Reader, _: str) -> None:
    """The folder is on the server, and the reader has signed in there."""
    there = reader.home / "server" / "my-shop"
    shutil.copytree(reader.project, there, ignore=shutil.ignore_patterns(".venv"))
    reader.type("cd server")


def written(reader: Reader, _: str) -> None:
    """The model of the guide that this page sends to is there."""
    first = next(block for block in page("docs/guides/edit-sql.md").blocks if block.language == "sql")
    mart = reader.project / "transformation" / "models" / "marts" / "weekend_sales.sql"
    mart.write_text(f"{first.text}\n", encoding="utf-8")


def changed_to(kind: str) -> Then:
    """What the reader does when he is told that all is proved."""

    def change(reader: Reader, said: str) -> None:
        assert f'next: type = "{kind}" in [warehouse]' in " ".join(said.split())
        reader.paste(PRINTED.replace("[warehouse]\n", f'[warehouse]\ntype = "{kind}"\n'))

    return change


def test_from_the_first_command_to_snowflake_and_back(checkout: Path) -> None:
    own_key = checkout / "ann_key.p8"
    own_key.write_text(pem(), encoding="utf-8")
    own_key.chmod(0o600)
    bare = {name: value for name, value in environment().items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with (
        simulated_shop() as shop,
        snowflake_server() as server,
        Reader(
            checkout,
            {
                **bare,
                "SNOWFLAKE_HOST": "127.0.0.1",
                "SNOWFLAKE_PORT": str(server.port),
                "SNOWFLAKE_PROTOCOL": "http",
            },
            own={
                **own_words(shop),
                "PASSPHRASE=…": f"PASSPHRASE={PASSPHRASE}",
                "~/ann_key.p8": str(own_key),
            },
            answers={"shopstack init my-shop": wizard(shop), **KEYS},
            looks={"shopstack dashboard": (ADDRESS.pattern, look_at_pages)},
            handed={
                "sql": lambda text: worksheet(server, checkout / "second-shop" / "snowflake_key.pub", text)
            },
            added={"warehouse": f'server = "{server.address}"\n'},
        ) as reader,
    ):
        reader.walk(INSTALLED)
        reader.first = f". {checkout}/.venv/bin/activate"
        reader.then = {TO_THE_SERVER: carried, "cd transformation": written}
        reader.walk(SERVER)
        reader.project = checkout / "second-shop"
        reader.walk(BY_HAND)
        reader.project = checkout / "my-shop"
        reader.paste(PRINTED)
        reader.set("SNOWFLAKE_PRIVATE_KEY_PATH=../second-shop/snowflake_key.p8")
        reader.set(f"SNOWFLAKE_PRIVATE_KEY_PASSPHRASE={PASSPHRASE}")
        reader.then = {
            "shopstack migrate --to snowflake": changed_to("snowflake"),
            "shopstack migrate --to duckdb": changed_to("duckdb"),
        }
        reader.walk(MOVED)
        reader.type("shopstack run")
        second, first = (figures(checkout / name) for name in ("second-shop", "my-shop"))
    assert first == second


def figures(project: Path) -> list[tuple[object, ...]]:
    """What is published of every day's sales."""
    with duckdb.connect(str(project / "data/published/catalog.duckdb"), read_only=True) as catalog:
        rows = catalog.execute("select * from reporting.daily_sales order by all").fetchall()
    assert rows
    return rows
