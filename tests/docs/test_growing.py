"""The guide about growing: every rung says what to type or what is missing, what it costs, and the way back."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import page

GUIDE = page("docs/guides/as-your-business-grows.md")
RUNGS = re.findall(r"^\| \[([^\]]+)\]\(#", GUIDE.text, re.MULTILINE)


def _section(rung: str) -> str:
    return GUIDE.text.split(f"\n## {rung}\n", 1)[1].split("\n## ", 1)[0]


def test_the_guide_has_rungs() -> None:
    assert RUNGS[0] == "This computer"
    assert len(RUNGS) > 5


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_a_rung_says_what_it_costs(rung: str) -> None:
    assert "**It costs** " in _section(rung)


@pytest.mark.parametrize("rung", RUNGS[1:])
def test_a_rung_has_a_way_back(rung: str) -> None:
    assert re.search(r"^\*\*Back:\*\*\s", _section(rung), re.MULTILINE)


def test_sums_are_the_sums_of_the_prices_beside_them() -> None:
    sources = _section("Where the prices come from")
    processor, memory = (float(price) for price in re.findall(r"\$([\d.]+) a (?:vCPU|GB) and hour", sources))
    task = (0.5 * processor + 1 * memory) * 5 / 60 * 30
    assert f"**It costs** ${task:.2f} a month" in _section("Fargate")
    gateway = float(re.findall(r"\$([\d.]+) an hour \|", sources)[0]) * 730
    assert f"which would cost ${gateway:.0f}" in _section("Fargate")
    airflow = float(re.findall(r"mw1\.small \| \$([\d.]+) an hour", sources)[0]) * 730
    assert f"**It costs** ${airflow:.0f} a month" in _section("Managed Airflow")
