"""Whatever goes wrong, whenever: after one quiet run the rows are those of a run that met no trouble.

Every seed draws a shop, its life while it is read, the faults and the kills. `make test` runs the first few
seeds, `make soak` the others too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.streams.trading import TRIES, trading

SEEDS = range(500)
QUICK = 8


def survives(seed: int, folder: Path) -> None:
    with trading(seed, folder / "project") as shop:
        with shop.going_on():
            for _ in range(shop.chance.randint(1, 2)):
                shop.trouble()
                shop.killed_run()
            for _ in range(TRIES):
                if shop.tried_run():
                    break
        for problem in shop.failures:
            assert problem.why, problem
            assert problem.hint, problem
        shop.quiet_run()
        found, wanted = shop.shop.tables(), shop.clean_tables(folder / "fresh")
        assert found.keys() == wanted.keys()
        assert [name for name in wanted if found[name] != wanted[name]] == []
        assert len(found["orders"]) == len(shop.store.ids("Order"))


@pytest.mark.parametrize("seed", SEEDS[:QUICK])
def test_no_trouble_shows_in_the_rows(seed: int, tmp_path: Path) -> None:
    survives(seed, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS[QUICK:])
def test_no_trouble_shows_in_the_rows_however_often(seed: int, tmp_path: Path) -> None:
    survives(seed, tmp_path)
