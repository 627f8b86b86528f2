"""Which shop an exported report is of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shopstack.errors import ConfigurationError, UsageError
from shopstack.project import Project
from shopstack.publish import Pointer, PublishedShop
from shopstack.publish.pointer import version_folder, write_pointer
from shopstack.verification import published_shop

SHOPS = tuple(
    PublishedShop(f"{name}.myshopify.com", name, "USD", "UTC", address=f"old-{name}.myshopify.com")
    for name in ("treats", "toys")
)


def project(folder: Path, *shops: PublishedShop) -> Project:
    (folder / "shopstack.toml").write_text("")
    made = Project.open(folder)
    if shops:
        write_pointer(made, Pointer("v-1", datetime(2026, 11, 1, tzinfo=UTC), None, shops))
        version_folder(made, "v-1").mkdir()
    return made


def test_the_only_shop_needs_no_name(tmp_path: Path) -> None:
    assert published_shop(project(tmp_path, SHOPS[0])) == SHOPS[0]


@pytest.mark.parametrize("name", ["toys", "toys.myshopify.com", "old-toys.myshopify.com"])
def test_one_of_several_is_named_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    assert published_shop(project(tmp_path, *SHOPS), name) == SHOPS[1]


def test_of_several_one_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must be said which shop") as caught:
        published_shop(project(tmp_path, *SHOPS))
    assert "treats, toys" in caught.value.why
    assert "--shop treats" in caught.value.hint


def test_a_shop_without_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No figures of a shop called cats"):
        published_shop(project(tmp_path, *SHOPS), "cats")


def test_without_figures_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Nothing has been published"):
        published_shop(project(tmp_path))
