"""What the guides for other tools say is done as they say it: commands, Python, SQL, and the parameters of Hex."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from scripts.pages import PARAMETERS

from shopstack.dashboard.blocks import KINDS, VEGA
from shopstack.project import Project
from shopstack.publish.catalog import catalog_file
from tests.contract.transformation.raw_shop import SHOP
from tests.contract.transformation.test_edit_sql_guide import type_in
from tests.docs.pages import page

pytestmark = pytest.mark.xdist_group("transformation")

CATALOGUE = page("docs/guides/read-with-other-tools.md")
HEX = page("docs/guides/hex.md")


def blocks(guide: str, language: str) -> list[str]:
    """The guide's blocks of a language, in order."""
    return [block.text for block in page(f"docs/guides/{guide}.md").blocks if block.language == language]


def test_the_commands_answer_and_write_their_file(published: Project) -> None:
    commands, _ = blocks("read-with-other-tools", "sh")
    type_in(published, commands)
    lines = (published.root / "daily.csv").read_text(encoding="utf-8").splitlines()
    assert "net_sales" in lines[0]
    assert len(lines) > 100


def test_a_query_of_a_page_is_given_its_parameters_on_the_command_line(published: Project) -> None:
    _, command = blocks("read-with-other-tools", "sh")
    (published.root / "query.sql").write_text(
        "select sale_date, sum(net_sales) as net_sales from serving.fct_sales where shop = $shop "
        "and sale_date >= $first_day and ($channel is null or channel_key = $channel) group by sale_date",
        encoding="utf-8",
    )
    type_in(published, command.replace("my-shop.myshopify.com", SHOP).strip() + " > days.txt")
    assert "net_sales" in (published.root / "days.txt").read_text(encoding="utf-8")


def test_the_notebook_reads_the_days(published: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (cell,) = blocks("read-with-other-tools", "python")
    monkeypatch.chdir(published.root)
    names: dict[str, Any] = {}
    exec(cell, names)  # noqa: S102 - what the guide says, as it says it
    assert len(names["days"]) > 100


def test_a_query_with_parameters_is_prepared_and_run(published: Project) -> None:
    (text,) = blocks("read-with-other-tools", "duckdb")
    with duckdb.connect(str(catalog_file(published)), read_only=True) as connection:
        for statement in text.replace("my-shop.myshopify.com", SHOP).split(";")[:-1]:
            found = connection.execute(statement).fetchall()
        whole = connection.execute(
            "select sum(net_sales) from serving.fct_sales where sale_date between '2026-01-01' and '2026-06-30'"
        ).fetchone()
    assert len(found) > 10
    assert whole == (sum(amount for _, amount in found),)


def test_the_current_version_is_where_the_guide_says(published: Project) -> None:
    version = re.findall(r'"version": ?"([^"]+)"', (published.published / "current.json").read_text("utf-8"))
    assert "`data/published/current.json`" in CATALOGUE.text
    assert (published.published / version[0] / "reporting" / "daily_sales.parquet").is_file()


def _cell() -> dict[str, Any]:
    """What Hex's Python cell leaves behind, for dates as Hex's input cells give them."""
    (cell,) = blocks("hex", "python")
    names: dict[str, Any] = {
        "first_day": datetime.fromisoformat("2026-04-01"),
        "last_day": datetime.fromisoformat("2026-04-30"),
    }
    exec(cell, names)  # noqa: S102 - what the guide says, as it says it
    return names


def test_hexs_cell_compares_with_as_many_days_just_before() -> None:
    names = _cell()
    first, last = (date.fromisoformat(names[name]) for name in ("previous_first", "previous_last"))
    assert (first, last) == (date(2026, 3, 2), date(2026, 3, 31))
    assert names["until"] == names["previous_until"] == ""


def test_every_parameter_of_the_queries_has_a_cell() -> None:
    section = HEX.text.split("## 3.", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    inputs = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert inputs | (_cell().keys() & PARAMETERS.keys()) == PARAMETERS.keys()


def test_every_kind_of_block_has_its_cell_in_hex() -> None:
    section = HEX.text.split("## 5.", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {*KINDS, VEGA} - {"trust"}


def test_hexs_lists_of_shops_and_channels_can_be_read(published: Project) -> None:
    asked = re.findall(r"`(select \w+ from published\.\w+)`", HEX.text)
    assert len(asked) == 2
    with duckdb.connect(str(catalog_file(published)), read_only=True) as connection:
        for sql in asked:
            assert connection.execute(sql.replace("published.", "serving.")).fetchall()


@pytest.mark.parametrize("name", PARAMETERS)
def test_where_a_parameters_value_comes_from_can_be_asked(published: Project, name: str) -> None:
    with duckdb.connect(str(catalog_file(published)), read_only=True) as connection:
        for sql in re.findall(r"`(select [^`]+)`", PARAMETERS[name][1]):
            assert connection.execute(sql).fetchall()
