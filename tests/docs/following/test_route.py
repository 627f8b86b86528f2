"""Nothing of the way is left out: every block is on a walk, and what is not typed is declared and is still there."""

from __future__ import annotations

import pytest

from tests.docs.following.route import ELSEWHERE, PAGES, WALKS, commands
from tests.docs.pages import page

STOPS = {(stop.page, stop.heading) for walk in WALKS for stop in walk}


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_on_a_walk(name: str) -> None:
    headings = {block.heading for block in page(name).blocks}
    assert headings == {heading for where, heading in STOPS if where == name}


def test_what_is_not_typed_still_stands_on_a_page() -> None:
    told = {command for name in PAGES for block in page(name).blocks for command in commands(block)}
    assert {command for command in ELSEWHERE if command not in told} == set()


def test_a_page_says_where_its_commands_are_typed() -> None:
    """Where a terminal is opened in a folder within the project, the text names it."""
    within = [stop for walk in WALKS for stop in walk if stop.at.startswith("my-shop/")]
    assert within
    for stop in within:
        assert f"`{stop.at.removeprefix('my-shop/')}`" in page(stop.page).section(stop.heading)
