"""The README says what the code is: the scopes, the packages of the diagram, the map of the repository."""

from __future__ import annotations

import re
import subprocess

from shopstack.config import Config
from shopstack.shopify.streams import needed_scopes, on_request
from tests.docs.pages import PACKAGE, REPOSITORY, page

README = page("README.md")


def packages() -> set[str]:
    """Folders of the package with code or data of ours in them."""
    return {
        folder.name
        for folder in PACKAGE.iterdir()
        if folder.is_dir() and any(file.is_file() for file in folder.glob("*[!c]"))
    } - {"__pycache__"}


def map_paths() -> list[str]:
    """First column of the table below "What is where"."""
    table = README.text.split("## What is where", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def test_the_scopes_to_paste_are_those_that_the_streams_need() -> None:
    (block,) = [block.text for block in README.blocks if block.text.startswith("read_")]
    pasted = block.strip().split(",")
    assert pasted == [scope for scope in needed_scopes() if scope != "read_all_orders"]
    assert "read_all_orders" in README.spans


def test_the_guide_gives_the_reason_for_every_scope_and_no_other() -> None:
    section = page("docs/start/own-shop.md").text.split("## Why these scopes", 1)[1].split("\n## ", 1)[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == sorted(needed_scopes())


def test_the_guide_gives_the_reason_for_every_scope_of_what_is_read_on_request() -> None:
    text = page("docs/start/own-shop.md").text
    more = set(needed_scopes(on_request())) - set(needed_scopes())
    assert {scope for scope in more if f"`{scope}`" not in text} == set()


def test_every_box_of_the_diagram_is_a_package_and_every_package_has_one() -> None:
    (diagram,) = [block.text for block in README.blocks if block.language == "mermaid"]
    boxes = re.findall(r"^ *(\w+)\[(?![(\[])(\w+): [^\]]+\]$", diagram, re.MULTILINE)
    assert all(identifier == label for identifier, label in boxes)
    assert sorted(label for _, label in boxes) == sorted(packages())


def test_every_arrow_of_the_diagram_joins_what_is_drawn() -> None:
    (diagram,) = [block.text for block in README.blocks if block.language == "mermaid"]
    drawn = set(re.findall(r"^ *(\w+)[\[(]", diagram, re.MULTILINE))
    arrows = [line for line in diagram.splitlines() if "->" in line]
    joined = {end.strip() for line in arrows for end in re.split(r"-->|-\..*?\.->", line)}
    assert joined == drawn


def test_every_path_of_the_map_exists() -> None:
    paths = map_paths()
    assert len(paths) > 10
    for path in paths:
        found = REPOSITORY / path
        assert found.is_dir() if path.endswith("/") else found.is_file(), path


def test_every_package_and_every_folder_under_git_is_on_the_map() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    tops = {path.split("/")[0] for path in listed if "/" in path and not path.startswith(".")}
    on_map = map_paths()
    for name in tops:
        assert any(path.startswith(f"{name}/") for path in on_map), name
    for name in packages():
        assert f"src/shopstack/{name}/" in on_map, name


def test_the_address_is_the_one_that_the_dashboard_tries_first() -> None:
    defaults = Config().dashboard
    assert f"http://{defaults.host}:{defaults.port}" in README.text


def test_the_picture_is_a_screenshot_of_the_width_that_it_claims() -> None:
    picture = (REPOSITORY / "docs/images/dashboard.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(picture[16:20]) == 1280
