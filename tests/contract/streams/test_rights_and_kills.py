"""A run that is killed around the note of what it may read: nothing stays unread, and nothing is claimed to be whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.streams.killing import Kill, run_to_kill
from tests.contract.streams.shop import DEFAULTS, differing
from tests.contract.streams.trading import Trading, patient_run, trading

FEWER = DEFAULTS.scopes - {"read_all_orders", "read_customers"}
CLAIMED = "select stream from _shopstack.streams where stream in ('orders', 'draft_orders') and visible_since is null"


def killed_while_noting(shop: Trading, nth: int) -> None:
    assert run_to_kill(Kill("noting", nth), patient_run, shop.shop.project.root, shop.clock.now())


def equals_a_clean_run(shop: Trading, folder: Path) -> bool:
    shop.quiet_run()
    return differing(shop.shop.tables(as_of_a_change=False), shop.clean_tables(folder / "fresh")) == {}


@pytest.mark.parametrize("nth", [1, 5, 8])
def test_rights_that_were_lost_when_a_run_was_killed_leave_nothing_unread(nth: int, tmp_path: Path) -> None:
    with trading(nth, tmp_path / "project") as shop:
        assert shop.tried_run(patiently=True)
        shop.may_read(FEWER)
        killed_while_noting(shop, nth)
        shop.may_read(DEFAULTS.scopes)
        assert equals_a_clean_run(shop, tmp_path)


@pytest.mark.parametrize("nth", [2, 8])
def test_rights_that_were_given_when_a_run_was_killed_are_not_taken_for_used(
    nth: int, tmp_path: Path
) -> None:
    with trading(nth, tmp_path / "project") as shop:
        shop.may_read(FEWER)
        assert shop.tried_run(patiently=True)
        assert shop.shop.rows(CLAIMED) == []
        shop.may_read(DEFAULTS.scopes)
        killed_while_noting(shop, nth)
        shop.may_read(FEWER)
        assert shop.tried_run(patiently=True)
        assert shop.shop.rows(CLAIMED) == []
        shop.may_read(DEFAULTS.scopes)
        assert equals_a_clean_run(shop, tmp_path)
