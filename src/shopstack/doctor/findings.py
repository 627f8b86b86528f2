"""What a check says: one finding, with its fix, and the exit code that a failure stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shopstack.errors import EXIT_CREDENTIALS, EXIT_DATA, EXIT_OK, EXIT_TRANSIENT, EXIT_USAGE, ShopstackError

State = Literal["ok", "warning", "failed"]

_GRAVEST_FIRST = (EXIT_CREDENTIALS, EXIT_USAGE, EXIT_TRANSIENT, EXIT_DATA)


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    state: State
    message: str
    fix: str = ""
    exit_code: int = EXIT_OK
    """The exit code that a failed check stands for; 0 for one that passed or only warns."""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"check": self.check, "state": self.state, "message": self.message, "fix": self.fix}


def ok(check: str, message: str) -> Finding:
    """The check passed."""
    return Finding(check, "ok", message)


def warning(check: str, message: str, fix: str) -> Finding:
    """It works, and something is missing or unwise."""
    return Finding(check, "warning", message, fix)


def failure(check: str, problem: ShopstackError) -> Finding:
    """The check failed with one of the engine's own errors."""
    message = f"{problem.message} {problem.why}".strip()
    return Finding(check, "failed", message, problem.hint, problem.exit_code)


def worst_exit_code(findings: Sequence[Finding]) -> int:
    """The exit code of the gravest failure: credentials, then configuration, then transient, then data."""
    codes = {finding.exit_code for finding in findings if finding.state == "failed"}
    return next((code for code in _GRAVEST_FIRST if code in codes), EXIT_OK)


def guarded(check: str, find: Callable[[], Finding]) -> Finding:
    """What ``find`` finds; one of the engine's own errors becomes a failed finding."""
    try:
        return find()
    except ShopstackError as problem:
        return failure(check, problem)
