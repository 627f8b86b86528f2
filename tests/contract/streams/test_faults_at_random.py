"""Whatever goes wrong, whenever: after one quiet run the rows are those of a run that met no trouble.

Every seed draws a shop, its life while it is read, the faults, the rights that are lost for a while, and the kills.
`make test` runs the first few seeds, `make soak` all of them; both say at the end how many seeds ran, what struck,
and where. A seed draws what is done; when within an operation it strikes is left to the machine, as in life: a seed
that fails once may pass alone, and its traceback is what there is to go by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from pprint import pformat

import pytest

from tests.contract.streams.cheap import all_kept
from tests.contract.streams.killing import PHASES, Kill, run_to_kill
from tests.contract.streams.shop import Tables, differing
from tests.contract.streams.trading import KILLS, TRIES, Trading, asked_for, run, trading

SEEDS = range(500)
QUICK = 5
REBUILT = 5
"""Of so many seeds, one also makes the raw tables anew from what was landed."""

Record = Callable[[str, object], None]


@pytest.fixture(scope="module", autouse=True)
def _kept() -> Iterator[None]:
    with all_kept():
        yield


def survives(seed: int, folder: Path, record: Record) -> None:
    with trading(seed, folder / "project", asked_for(seed)) as shop:
        try:
            live_through(shop)
        finally:
            record("kills", dict(shop.killed))
            record("unharmed", shop.unharmed)
            record("faults", dict(shop.struck))
        for problem in shop.failures:
            assert problem.why, problem
            assert problem.hint, problem
        shop.quiet_run()
        found, wanted = shop.shop.tables(as_of_a_change=False), shop.clean_tables(folder / "fresh")
        alike(found, wanted)
        assert len(found["orders"]) == len(shop.store.ids("Order"))
        if seed % REBUILT == 0:
            alike(shop.rebuilt_tables(), wanted)


def alike(found: Tables, wanted: Tables) -> None:
    """Say in full what differs: it may never happen again."""
    different = differing(found, wanted)
    assert not different, pformat(different, width=160, compact=True)


def live_through(shop: Trading) -> None:
    """Killed, in trouble and with fewer rights, then tried until a run is through."""
    with shop.going_on():
        for turn in range(KILLS):
            shop.killed_run(turn)
            shop.trouble(turn)
            shop.lose_rights()
        shop.tried_run()
        shop.regain_rights()
        for _ in range(TRIES):
            if shop.tried_run():
                break


@pytest.mark.parametrize("seed", SEEDS[:QUICK])
def test_no_trouble_shows_in_the_rows(seed: int, tmp_path: Path, record_property: Record) -> None:
    survives(seed, tmp_path, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS[QUICK:])
def test_no_trouble_shows_in_the_rows_however_often(
    seed: int, tmp_path: Path, record_property: Record
) -> None:
    survives(seed, tmp_path, record_property)


@pytest.mark.parametrize("phase", PHASES)
def test_a_run_can_be_killed_whatever_it_does(phase: str, tmp_path: Path) -> None:
    with trading(1, tmp_path / "project") as shop:
        assert run_to_kill(Kill(phase), run, shop.shop.project.root, shop.clock.now())
