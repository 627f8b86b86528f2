"""The reference pages say what the code does: an undocumented command, key, stream or error is a failure."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from shopstack.cli.app import COMMANDS, command_of
from shopstack.cli.reference import PAGES, REFERENCE, error_classes, write_pages
from shopstack.config import SECTIONS
from shopstack.shopify.streams import STREAMS, needed_scopes

FOLDER = Path(__file__).parents[2] / REFERENCE


def page(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_equals_what_the_code_says(name: str) -> None:
    assert page(name) == PAGES[name](), "run `make docs`"


def test_no_page_is_left_over() -> None:
    # What the pages of the dashboard ask for is written by a script of its own.
    assert {path.name for path in FOLDER.glob("*.md")} == {*PAGES, "page-queries.md"}


def test_every_command_and_option_is_documented() -> None:
    text = page("cli.md")
    for name in COMMANDS:
        assert f"## {name}\n" in text
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        for option in command_of(name).params:
            if isinstance(option, click.Option) and not option.hidden:
                assert all(spelt in section for spelt in option.opts), (name, option.opts)


def test_every_configuration_key_is_documented() -> None:
    text = page("configuration.md")
    for name, section in SECTIONS.items():
        assert f"## [{name}]" in text
        for key in section.model_fields:
            assert f"| `{key}` |" in text, key


def test_every_stream_table_column_and_scope_is_documented() -> None:
    text = page("streams.md")
    for stream in STREAMS:
        assert f"## {stream.name}\n" in text
        for table in stream.tables:
            section = text.split(f"### raw.shopify.{table.name}\n")[1].split("\n##")[0]
            assert all(f"| `{column.name}` |" in section for column in table.columns), table.name
    assert all(scope in text for scope in needed_scopes())


def test_every_error_is_documented_with_its_exit_code() -> None:
    text = page("errors.md")
    for one in error_classes():
        assert f"| `{one.__name__}` | `{one.__mro__[1].__name__}` | {one.exit_code} |" in text


def test_pages_are_written_once(tmp_path: Path) -> None:
    assert len(write_pages(tmp_path)) == len(PAGES)
    assert write_pages(tmp_path) == []
