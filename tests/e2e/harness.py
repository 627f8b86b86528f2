"""A shop, a project and the command line, as a merchant has them: what every end-to-end test needs.

The shop is the simulator, served in this process on a free port; commands run in child processes.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.project import Project

TOKEN = "shpat_e2e_0123456789abcdef"
TIMEOUT = 570
LOAD_TIMES = (
    *("_load_id", "load_id", "frame_load_id", "_loaded_at", "loaded_at", "data_up_to"),
    *("observed_at", "observed_on"),
    *("variant_period_key", "valid_from", "valid_from_date", "valid_to"),  # prices and costs are observed
)
"""Columns that tell when something was read or loaded, and so differ between two readings of the same shop."""


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """stdout as the JSON document that ``--json`` promises."""
        return json.loads(self.stdout)


@dataclass
class Merchant:
    """A project folder and the environment that its commands run in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command as a running child process, in a group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "shopstack", "--project", str(self.folder), *arguments],
            env=environment(**self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def shopstack(self, *arguments: str) -> Result:
        """A command, run to its end."""
        process = self.start(*arguments)
        try:
            stdout, stderr = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return Result(process.returncode, stdout, stderr)

    def ok(self, *arguments: str) -> Result:
        """A command that must end with 0."""
        result = self.shopstack(*arguments)
        assert result.code == 0, f"{arguments} ended with {result.code}\n{result.stdout}\n{result.stderr}"
        return result

    def dbt(self, *arguments: str) -> str:
        """Plain dbt in the project, as an analyst types it; must end with 0."""
        done = subprocess.run(
            [str(Path(sys.executable).parent / "dbt"), *arguments],
            cwd=self.folder / "transformation",
            env=environment(DBT_SEND_ANONYMOUS_USAGE_STATS="false"),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def page(self, address: str = "/") -> str:
        """The dashboard's answer, as whoever opens it reads it: text without tags, in single spaces."""
        app = create_app(Project.open(self.folder))
        with TestClient(app, base_url="http://127.0.0.1:8787") as browser:
            answer = browser.get(address)
        assert answer.status_code == 200, answer.text
        body = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def raw(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the raw database (the pipeline must not be running)."""
        with duckdb.connect(str(self.folder / "data/warehouse/raw.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of what is published, read as an outside tool would."""
        with duckdb.connect(str(self.folder / "data/published/catalog.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def fingerprint(self) -> dict[str, tuple[int, int]]:
        """Rows and an order-free checksum of every raw and published table, without load times."""
        found: dict[str, tuple[int, int]] = {}
        for read, database in ((self.raw, "raw"), (self.published, "published")):
            names = read(
                "select table_schema, table_name from information_schema.tables "
                "where table_schema in ('shopify', 'serving', 'reporting') "
                "and table_name <> 'completeness' order by all"
            )
            for schema, name in names:
                columns = ", ".join(
                    f'"{column}"'
                    for (column,) in read(
                        "select column_name from information_schema.columns "
                        f"where table_schema = '{schema}' and table_name = '{name}' "
                        f"and column_name not in {LOAD_TIMES} order by column_name"
                    )
                )
                rows = read(f'select count(*), coalesce(sum(hash({columns})), 0) from "{schema}"."{name}"')
                found[f"{database}.{schema}.{name}"] = rows[0]
        return found


def environment(**extra: str) -> dict[str, str]:
    """This process's environment without any real shop's credentials."""
    values = {k: v for k, v in os.environ.items() if not k.startswith(("SHOPIFY_", "SHOPSTACK_"))}
    return {**values, "NO_COLOR": "1", **extra}


def new_project(folder: Path, address: str, **credentials: str) -> Merchant:
    """A project made by `shopstack init` for the shop at ``address`` (a simulator's URL)."""
    secrets = credentials or {"SHOPIFY_ACCESS_TOKEN": TOKEN}
    result = subprocess.run(
        [sys.executable, "-m", "shopstack", "init", str(folder), "--non-interactive"],
        env=environment(SHOPSTACK_SHOP=address, **secrets),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return Merchant(folder)
