"""What a dbt build found, read from its artifacts and events: models, tests, and what is wrong in words.

How dbt is started, and what its findings mean for the run, is `runner`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

Outcome = Literal["passed", "warned", "failed", "skipped"]

_OUTCOMES: Mapping[str, Outcome] = {
    "success": "passed",
    "pass": "passed",
    "no-op": "passed",
    "warn": "warned",
    "fail": "failed",
    "error": "failed",
    "runtime error": "failed",
    "partial success": "failed",
    "skipped": "skipped",
}


@dataclass(frozen=True)
class NodeResult:
    """One model or test of a build."""

    name: str
    kind: str
    """model, seed, test, unit_test or operation (a hook)."""
    outcome: Outcome
    seconds: float
    rows: int | None
    """Rows that a test objects to; None for models."""
    model: str
    """The model that a test is about; the model itself for models; empty if it is about several."""
    message: str
    failing: tuple[str, ...] = ()
    """The first rows that a test objects to, in words."""

    @property
    def is_test(self) -> bool:
        """Whether it checks data instead of making them."""
        return self.kind in {"test", "unit_test"}

    @property
    def sentence(self) -> str:
        """What is wrong with it, naming it."""
        # A test that dbt named by all that it checks is better known by its model.
        name = self.model if self.model and self.name.startswith(f"sound_{self.model}_") else self.name
        if self.is_test and self.rows is not None:
            about = f" in {self.model}" if self.model and self.model not in name else ""
            rows = f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}"
            return f"{name}{about} ({': '.join([rows, *self.failing[:1]])})"
        return f"{name} ({self.cause})" if self.cause else name

    @property
    def cause(self) -> str:
        """The database's own complaint, in a line: dbt opens with a line that only repeats the name."""
        lines = [line.strip() for line in self.message.splitlines() if line.strip()]
        return lines[1] if len(lines) > 1 else "".join(lines)


@dataclass(frozen=True)
class Event:
    """What dbt said at one moment."""

    level: str
    name: str
    time: str
    message: str

    @classmethod
    def parse(cls, line: bytes) -> Event:
        """The event in a line that `child` printed; what is no JSON (a traceback) is an event of its own."""
        try:
            info = orjson.loads(line)["info"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return cls("error", "", "", line.decode(errors="replace").rstrip())
        return cls(info["level"], info["name"], info["ts"], info["msg"])

    def __str__(self) -> str:
        return " ".join(part for part in (self.time, self.level, self.message) if part)


def _about(unique_id: str, manifest: Mapping[str, Any]) -> str:
    """Name of the one model that a test is attached to; empty if there is none."""
    node = manifest.get("nodes", {}).get(unique_id) or manifest.get("unit_tests", {}).get(unique_id) or {}
    attached = node.get("attached_node") or node.get("model") or ""
    return str(attached).rsplit(".", 1)[-1]


def _result(
    entry: Mapping[str, Any], manifest: Mapping[str, Any], failing: Mapping[str, tuple[str, ...]]
) -> NodeResult:
    kind, _, *names = str(entry["unique_id"]).split(".")
    name = names[-1] if kind == "unit_test" else names[0]
    is_test = kind in {"test", "unit_test"}
    return NodeResult(
        name=name,
        kind=kind,
        outcome=_OUTCOMES.get(str(entry["status"]), "failed"),
        seconds=float(entry["execution_time"]),
        rows=entry["failures"] if is_test else None,
        model=_about(entry["unique_id"], manifest) if is_test else name,
        message=str(entry["message"] or "").strip(),
        failing=failing.get(name, ()),
    )


_FAILING = re.compile(r"failing rows of (?P<test>\S+): (?P<rows>\[.*\])", re.DOTALL)
"""What `macros/failing_rows.sql` says of a failed test."""


def failing_rows(events: Iterable[Event]) -> Mapping[str, tuple[str, ...]]:
    """For each test that objects, by name, the first rows that it objects to."""
    found = (_FAILING.fullmatch(event.message) for event in events)
    return {one["test"]: tuple(orjson.loads(one["rows"])) for one in found if one}


def read_results(target_folder: Path, events: Iterable[Event] = ()) -> tuple[NodeResult, ...] | None:
    """The results of the build that wrote its artifacts to ``target_folder``; None if it never got that far.

    The rows that failed are known only with the ``events`` of the build.
    """
    results = target_folder / "run_results.json"
    manifest = target_folder / "manifest.json"
    if not results.is_file():
        return None
    nodes: Mapping[str, Any] = orjson.loads(manifest.read_bytes()) if manifest.is_file() else {}
    failing = failing_rows(events)
    return tuple(_result(entry, nodes, failing) for entry in orjson.loads(results.read_bytes())["results"])


_FRAMES = re.compile(
    r"^(Traceback \(most recent call last\):|(During handling|The above exception) .*:|[ \t]+.*)?\n",
    re.MULTILINE,
)
"""What a traceback has beside the exceptions themselves: where in dbt's code they passed is for the log."""


_OPENING = "Encountered an error:"


def complaints(events: Iterable[Event]) -> str:
    """What dbt gave as the reason when it stopped before it built anything; each line once, no tracebacks.

    A line that says no more than that there is an error, or an earlier line again with the exception's name, says nothing.
    """
    said = "".join(f"{event.message}\n" for event in events if event.level == "error")
    if "Traceback (most recent call last):" in said:
        said = _FRAMES.sub("", said)
    told: dict[str, None] = {}
    for line in said.splitlines():
        if line.strip() and line.strip() != _OPENING and line.partition(": ")[2].rstrip() not in told:
            told[line.rstrip()] = None
    return "\n".join(told)
