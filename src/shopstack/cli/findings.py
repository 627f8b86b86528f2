"""How the answers of `check` and `doctor` are shown: one line a check, its fix below."""

from __future__ import annotations

from collections.abc import Sequence

from shopstack import output
from shopstack.cli.session import Session
from shopstack.doctor import Finding, worst_exit_code

_MARKS = {"ok": "ok  ", "warning": "warn", "failed": "FAIL"}


def show_findings(findings: Sequence[Finding], session: Session) -> int:
    """Print them as text or JSON; the exit code of the worst."""
    code = worst_exit_code(findings)
    if session.json:
        output.data({"checks": [finding.as_dict() for finding in findings], "exit_code": code})
        return code
    width = max((len(finding.check) for finding in findings), default=0)
    for finding in findings:
        output.text(f"{_MARKS[finding.state]}  {finding.check:<{width}}  {finding.message}")
        if finding.fix:
            output.text(f"      {'':<{width}}  fix: {finding.fix}")
    return code
