"""Every link of the documentation leads somewhere."""

from __future__ import annotations

import pytest

from tests.docs.pages import Page, own_pages, page


@pytest.mark.parametrize("one", own_pages(), ids=lambda one: one.name)
def test_links_within_the_repository_resolve(one: Page) -> None:
    for target in one.links:
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        destination = (one.path.parent / path).resolve() if path else one.path
        assert destination.exists(), f"{one.name}: {target} does not exist"
        if anchor:
            assert anchor in Page(destination).anchors, f"{one.name}: {target} names no heading"


def test_the_link_check_sees_links_and_headings() -> None:
    readme = page("README.md")
    assert "docs/images/dashboard.png" in readme.links
    assert "every-morning" in readme.anchors


@pytest.mark.parametrize("folder", ["start", "guides", "concepts", "reference", "decisions"])
def test_every_page_can_be_reached_by_links_from_the_readme(folder: str) -> None:
    reached = set()
    waiting = [page("README.md").path]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for target in Page(path).links:
            destination = (path.parent / target.partition("#")[0]).resolve()
            if destination.suffix == ".md" and destination.is_file():
                waiting.append(destination)
    lost = [
        one.name for one in own_pages() if one.name.startswith(f"docs/{folder}/") and one.path not in reached
    ]
    assert lost == []
