"""Files, functions and tables that the documentation names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shopstack.config import parse_config
from tests.docs.pages import BLUEPRINT, MODELS, PACKAGE, REPOSITORY, Page, own_pages, page

HANDWRITTEN = [one for one in own_pages() if "/reference/" not in one.name]
DEVELOPERS = [page("ARCHITECTURE.md"), page("CONTRIBUTING.md")]

OF_A_PROJECT = ("data/", ".shopstack/")
"""Folders that a merchant's project has, and the repository has not."""

_TOP = re.compile(r"^(src|tests|docs|benchmarks|scripts|\.ci)/[\w./-]*$")
_FILE = re.compile(r"^[\w./-]*\w(/|\.(py|sql|yml|toml|md|parquet|css|js|html))$")
_FUNCTION = re.compile(r"^(\w+)\(\)$")
_CLASS = re.compile(r"^[A-Z][a-z]+(?:[A-Z][a-z]+)*$")
_TABLE = re.compile(r"\b(?:serving|reporting|staging|intermediate)\.([a-z]\w+)")
_OWN_MODEL = re.compile(r"transformation/models/marts/(\w+)\.sql")


def find(path: str) -> Path | None:
    """The file or folder that a developers' page means: within the repository, the package or the dbt package."""
    for home in (REPOSITORY, PACKAGE, BLUEPRINT, MODELS.parent, MODELS):
        if (home / path).exists():
            return home / path
    return None


@pytest.mark.parametrize("one", HANDWRITTEN, ids=lambda one: one.name)
def test_paths_in_the_repository_exist(one: Page) -> None:
    for span in one.spans:
        if _TOP.match(span):
            assert (REPOSITORY / span).exists(), f"{one.name}: {span}"


@pytest.mark.parametrize("one", DEVELOPERS, ids=lambda one: one.name)
def test_files_that_developers_are_sent_to_exist(one: Page) -> None:
    for span in one.spans:
        if _FILE.match(span) and not span.startswith(OF_A_PROJECT):
            assert find(span) is not None, f"{one.name}: {span}"


@pytest.mark.parametrize("one", DEVELOPERS, ids=lambda one: one.name)
def test_functions_stand_in_the_file_that_is_named_before_them(one: Page) -> None:
    source = ""
    for span in one.spans:
        if _FILE.match(span) and span.endswith((".py", ".sql")):
            found = find(span)
            source = found.read_text(encoding="utf-8") if found else ""
        elif function := _FUNCTION.match(span):
            defined = re.search(rf"(?:def|macro) {function[1]}\(", source)
            assert defined, f"{one.name}: {span} is not defined in the file named before it"


@pytest.mark.parametrize("one", DEVELOPERS, ids=lambda one: one.name)
def test_classes_exist(one: Page) -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    for span in one.spans:
        if _CLASS.match(span):
            assert re.search(rf"^(?:class )?{span}\b", sources, re.MULTILINE), f"{one.name}: {span}"


def test_the_architecture_page_names_every_module_and_package_of_the_first_level() -> None:
    spans = set(page("ARCHITECTURE.md").spans)
    for path in sorted(PACKAGE.iterdir()):
        if path.name.startswith("__"):
            continue
        name = f"{path.name}/" if path.is_dir() else path.name
        named = name in spans or any(span.startswith(name) for span in spans)
        assert named, f"ARCHITECTURE.md says nothing of {name}"


@pytest.mark.parametrize("one", HANDWRITTEN, ids=lambda one: one.name)
def test_tables_are_models_of_the_project(one: Page) -> None:
    models = {path.stem for path in MODELS.rglob("*.sql")} | set(_OWN_MODEL.findall(one.text))
    for table in _TABLE.findall(one.text):
        assert table in models, f"{one.name}: {table}"


@pytest.mark.parametrize("one", HANDWRITTEN, ids=lambda one: one.name)
def test_configuration_in_the_text_is_valid(one: Page) -> None:
    for block in one.blocks:
        if block.language == "toml":
            parse_config(block.text)


def test_the_table_of_tables_lists_what_is_published() -> None:
    text = page("docs/guides/read-with-other-tools.md").text
    listed = re.findall(r"^\| `((?:serving|reporting)\.\w+)` \|", text, re.MULTILINE)
    models = [f"{path.parent.name}.{path.stem}" for path in MODELS.rglob("*.sql")]
    assert sorted(listed) == sorted(name for name in models if name.startswith(("serving.", "reporting.")))
