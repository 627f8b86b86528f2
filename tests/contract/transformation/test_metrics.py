"""Every metric over random ranges and channels, against its statement over the raw tables."""

from __future__ import annotations

import pytest

from shopstack.project import Project
from shopstack.publish.metrics import load_metrics
from tests.contract.transformation.metric_statements import (
    STATEMENTS,
    disagreements,
    raw_tables,
    splits_that_do_not_add_up,
)

pytestmark = pytest.mark.xdist_group("transformation")


def test_every_metric_has_a_statement_of_its_own() -> None:
    assert set(STATEMENTS) == set(load_metrics())


def test_every_metric_is_what_its_statement_says_in_every_range_and_channel(published: Project) -> None:
    found, compared = disagreements(published)
    assert found == []
    assert compared > 400


def test_the_parts_of_an_additive_metric_are_the_whole(published: Project) -> None:
    assert splits_that_do_not_add_up(published) == []


IN_MONEY = {"cogs", "gross_profit", "share_without_cost", "ad_spend", "mer", "cac"}
"""Metrics whose cases are those of `test_money`."""


@pytest.mark.parametrize("name", sorted(set(STATEMENTS) - IN_MONEY))
def test_the_cases_move_every_metric(published: Project, name: str) -> None:
    """A statement that is zero whatever is asked would compare nothing."""
    everything = {"shop": "treats.myshopify.com", "first": "2000-01-01", "last": "2099-12-31"}
    with raw_tables(published) as connection:
        row = connection.execute(STATEMENTS[name], {**everything, "until": None, "channel": None}).fetchone()
    assert row
    assert row[0]
