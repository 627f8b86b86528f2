"""The documentation says nothing about the machine that it was written on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import REPOSITORY, Page, own_pages

_HOME = re.compile(r"(?<![\w.~])/(?:home|Users|root|tmp|work|mnt)/[\w.-]+")


@pytest.mark.parametrize("one", own_pages(), ids=lambda one: one.name)
def test_no_page_names_a_place_on_this_machine(one: Page) -> None:
    assert _HOME.findall(one.text) == []
    for place in {REPOSITORY.as_posix(), Path.home().as_posix()} - {"/", "/root"}:
        assert f"{place}/" not in one.text


@pytest.mark.parametrize("text", ["see /home/ann/x", "in /tmp/a.log", "(/work/main)"])
def test_the_check_sees_such_places(text: str) -> None:
    assert _HOME.search(text)


@pytest.mark.parametrize("text", ["/path/to/shopstack", "docs/home/x", "https://dev.shopify.com/work/x"])
def test_the_check_leaves_placeholders_and_addresses_alone(text: str) -> None:
    assert not _HOME.search(text)
