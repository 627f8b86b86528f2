"""The DAG file without Airflow: what it imports and calls is there, and what it makes of a run's end."""

from __future__ import annotations

import ast
import json
import re
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shopstack.errors import EXIT_CREDENTIALS, EXIT_DATA, EXIT_OK, EXIT_TRANSIENT, EXIT_USAGE
from shopstack.publish.status import (
    HeldBackTable,
    LastRun,
    ReconciliationState,
    RunError,
    Status,
    status_as_dict,
)
from tests.docs.test_commands import parse

BLUEPRINT = Path(__file__).parents[2] / "src" / "shopstack" / "blueprint"
FILE = BLUEPRINT / "orchestration" / "airflow" / "shopstack_dag.py"
TEXT = FILE.read_text(encoding="utf-8")
TREE = ast.parse(TEXT)
ALLOWED = re.compile(r"airflow\.(sdk|sdk\.exceptions|providers\.standard\..+|providers\.amazon\..+)")
BEGAN = datetime(2026, 11, 30, 5, 15, tzinfo=UTC)

Concluded = Callable[[int, datetime, Callable[[], str]], list[str]]


class StoppedError(Exception):
    """Stands in for Airflow's exception after which nothing is tried again."""


class _Anything(ModuleType):
    """A module of which everything can be imported: classes to inherit from, decorators that change nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "AirflowFailException":
            return StoppedError
        if name == "AirflowException" or name.endswith("Operator"):
            return type(name, (Exception,), {})
        return lambda **_: lambda function: lambda *_: function


@pytest.fixture(scope="module")
def names() -> Iterator[Mapping[str, Any]]:
    """What the file defines, where Airflow is a stand-in."""
    patch = pytest.MonkeyPatch()
    for module in [*imported(TREE), "airflow", "airflow.providers", "airflow.providers.standard"]:
        if module.startswith("airflow"):
            patch.setitem(sys.modules, module, _Anything(module))
    yield runpy.run_path(str(FILE))
    patch.undo()


@pytest.fixture(scope="module")
def concluded(names: Mapping[str, Any]) -> Concluded:
    found: Concluded = names["concluded"]
    return found


def imported(tree: ast.AST) -> list[str]:
    """Every module that is imported, wherever."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return found


def test_it_imports_what_every_airflow_3_has() -> None:
    """`airflow.exceptions` is where Airflow 3.0 keeps what later ones have in `airflow.sdk`."""
    strange = [
        name
        for name in imported(TREE)
        if name.partition(".")[0] not in sys.stdlib_module_names and not ALLOWED.fullmatch(name)
    ]
    assert strange == ["airflow.exceptions"]


def test_its_commands_are_shopstacks(names: Mapping[str, Any]) -> None:
    assert parse([*names["RUN"]]).info_name == "run"
    lists = (node.elts for node in ast.walk(TREE) if isinstance(node, ast.List))
    called = [
        [ast.unparse(word) for word in words[1:]]
        for words in lists
        if words and ast.unparse(words[0]) == "COMMAND"
    ]
    assert sorted(called) == [
        ["'--project'", "PROJECT", "'status'", "'--json'"],
        ["'--project'", "PROJECT", "*RUN"],
    ]
    assert parse(["--project", ".", "status", "--json"]).info_name == "status"
    assert names["AGAIN"] == EXIT_TRANSIENT
    assert EXIT_USAGE in names["KNOWN"]


@pytest.mark.parametrize("root", ["dev", "prod"])
def test_its_settings_are_those_that_terraform_prints(root: str) -> None:
    asked = set(re.findall(r'settings\["(\w+)"\]', TEXT))
    aws = BLUEPRINT / "infrastructure" / "aws"
    outputs = (aws / "modules" / "environment" / "outputs.tf").read_text(encoding="utf-8")
    (printed,) = re.findall(
        r'^output "airflow" \{.*?value = \{(.*?)\n  \}', outputs, re.MULTILINE | re.DOTALL
    )
    assert asked == set(re.findall(r"^    (\w+) +=", printed, re.MULTILINE))
    own = (aws / root / "outputs.tf").read_text(encoding="utf-8")
    assert "value       = module.environment.airflow\n" in own


def status(
    exit_code: int,
    *,
    state: Any = "ok",
    started: datetime = BEGAN,
    error: RunError | None = None,
    **found: Any,
) -> Callable[[], str]:
    """What a run leaves behind."""
    last = LastRun("20261130T051500Z-0001", started, started + timedelta(minutes=3), exit_code, error=error)
    return lambda: json.dumps(status_as_dict(Status(state=state, last_run=last, **found)))


def never() -> str:
    raise AssertionError("nothing is to be asked")


def test_a_good_run_found_nothing(concluded: Concluded) -> None:
    assert concluded(EXIT_OK, BEGAN, never) == []


@pytest.mark.parametrize("code", [EXIT_TRANSIENT, 130, 137])
def test_what_time_mends_is_tried_again(concluded: Concluded, code: int) -> None:
    with pytest.raises(RuntimeError, match=str(code)):
        concluded(code, BEGAN, never)


@pytest.mark.parametrize("code", [EXIT_DATA, EXIT_USAGE, EXIT_CREDENTIALS])
@pytest.mark.parametrize("left", [lambda: "", lambda: '{"state": "never run"}'])
def test_a_run_that_leaves_nothing_behind_stops(
    concluded: Concluded, code: int, left: Callable[[], str]
) -> None:
    with pytest.raises(StoppedError, match="last good figures stay"):
        concluded(code, BEGAN, left)


def test_a_run_that_published_nothing_stops_and_says_why(concluded: Concluded) -> None:
    left = status(EXIT_DATA, state="failed", error=RunError("dbt failed."))
    with pytest.raises(StoppedError, match=r"last good figures stay\. dbt failed"):
        concluded(EXIT_DATA, BEGAN, left)


def test_what_an_earlier_run_left_says_nothing_of_this_one(concluded: Concluded) -> None:
    left = status(EXIT_DATA, started=BEGAN - timedelta(days=1))
    with pytest.raises(StoppedError):
        concluded(EXIT_DATA, BEGAN, left)


def test_figures_that_are_up_and_differ_are_no_failure_of_the_run(concluded: Concluded) -> None:
    differs = status(EXIT_DATA, reconciliation=ReconciliationState(state="differs", days=2))
    assert concluded(EXIT_DATA, BEGAN, differs) == ["2 days differ from Shopify's own report"]
    table = HeldBackTable("reporting.mine", BEGAN, "a test failed")
    held = status(EXIT_DATA, held_back=(table,))
    assert concluded(EXIT_DATA, BEGAN, held) == ["reporting.mine was not renewed: a test failed"]
    one = status(EXIT_CREDENTIALS, state="partly failed", error=RunError("second-shop refuses the token."))
    assert concluded(EXIT_CREDENTIALS, BEGAN, one) == ["second-shop refuses the token."]
    assert concluded(EXIT_DATA, BEGAN, status(EXIT_DATA)) == [
        "shopstack run ended with exit code 1; its log says why"
    ]
