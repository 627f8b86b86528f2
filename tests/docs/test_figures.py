"""A figure without an explanation is a failing test."""

from __future__ import annotations

import re

import yaml

from tests.docs.pages import MODELS, PACKAGE, page

FIGURES = page("docs/concepts/figures.md")


def test_every_figure_of_the_page_is_explained() -> None:
    metrics = yaml.safe_load((PACKAGE / "publish/metrics.yml").read_text(encoding="utf-8"))
    for name, metric in metrics.items():
        assert f"| {metric['label']} |" in FIGURES.text, name


def test_every_measure_of_a_sale_is_explained() -> None:
    macro = (MODELS.parent / "macros/sales.sql").read_text(encoding="utf-8")
    listed = macro.split("macro sales_metrics()", 1)[1].split("endmacro", 1)[0]
    measures = re.findall(r'"(\w+)"', listed)
    assert "net_sales" in measures
    for measure in measures:
        assert f"| `{measure}` |" in FIGURES.text, measure


def test_every_state_of_the_comparison_is_explained() -> None:
    sql = (MODELS / "reporting/reconciliation.yml").read_text(encoding="utf-8")
    guide = page("docs/guides/when-figures-differ.md").text
    for state in ("agrees", "differs", "not checked", "not covered", "open"):
        assert state in sql
        assert f"| {state} |" in guide, state


def test_every_cause_of_a_difference_is_explained() -> None:
    sql = (MODELS / "intermediate/int_reconciliation_classes.sql").read_text(encoding="utf-8")
    causes = set(re.findall(r"^ *\(\d, '([a-z ]+)',", sql, re.MULTILINE))
    assert "late event" in causes
    guide = page("docs/guides/when-figures-differ.md").text
    for cause in causes | {"unexplained"}:
        assert f"| {cause} |" in guide, cause
