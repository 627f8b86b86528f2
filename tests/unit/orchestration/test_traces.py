"""Words taken out of what runs leave behind: whoever was removed is gone, and what names nobody stays."""

from __future__ import annotations

from pathlib import Path

from shopstack.config import Config
from shopstack.orchestration.traces import forget
from shopstack.project import Project


def test_names_and_streets_are_taken_out_and_codes_and_figures_stay(tmp_path: Path) -> None:
    project = Project(tmp_path, Config())
    log = project.runs / "r1.log"
    log.parent.mkdir(parents=True)
    log.write_text("Li of 9 Ferry Road, NY, US: 12 rows, true\n", encoding="utf-8")
    assert forget(project, {"Li", "9 Ferry Road", "NY", "US", "12", "true", ""}) == 1
    assert log.read_text(encoding="utf-8") == "[redacted] of [redacted], NY, US: 12 rows, true\n"
    assert forget(project, {"US", "12"}) == 0
