"""What the merchant fills in: taken as spreadsheets write it, refused by file and line where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from shopstack.doctor import check_project
from shopstack.errors import ConfigurationError
from shopstack.project import Project
from shopstack.scaffold import BLUEPRINT, create_project
from shopstack.transformation.seeds import FOLDER, SEEDS, prepare_seeds

ROOT = Path(__file__).parents[3]
TOKEN = {"SHOPIFY_ACCESS_TOKEN": "shpat_0123456789abcdef"}
TWO_SHOPS = '[[shop]]\naddress = "biscuit.myshopify.com"\n\n[[shop]]\naddress = "bramble.myshopify.com"\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "shop", address="biscuit.myshopify.com", credentials=TOKEN)


@pytest.fixture
def two_shops(project: Project) -> Project:
    (project.root / "shopstack.toml").write_text(TWO_SHOPS)
    return Project.open(project.root)


def fill_in(project: Project, name: str, content: str | bytes) -> None:
    file = project.root / FOLDER / f"{name}.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def prepared(project: Project, name: str) -> list[str]:
    folder = project.storage / "dbt" / "seeds"
    prepare_seeds(project, folder)
    return (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()


def refused(project: Project) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        prepare_seeds(project, project.storage / "dbt" / "seeds")
    return caught.value


def test_what_ships_is_declared_headed_and_described_alike() -> None:
    described = yaml.safe_load((BLUEPRINT / FOLDER / "seeds.yml").read_text(encoding="utf-8"))["seeds"]
    types = {
        "shop": "varchar",
        "text": "varchar",
        "date": "date",
        "month": "date",
        "amount": "decimal(20, 4)",
    }
    for seed, entry in zip(SEEDS, described, strict=True):
        names = [column.name for column in seed.columns]
        assert (BLUEPRINT / seed.file).read_text(encoding="utf-8") == ",".join(names) + "\n"
        assert entry["name"] == seed.name
        assert entry["config"]["column_types"] == {one.name: types[one.kind] for one in seed.columns}
        assert [column["name"] for column in entry["columns"]] == names
        assert all(column["description"] for column in entry["columns"])


def test_a_new_project_has_them_empty_and_empty_is_valid(project: Project) -> None:
    for seed in SEEDS:
        assert prepared(project, seed.name) == [",".join(one.name for one in seed.columns)]


def test_a_project_without_the_files_counts_as_having_filled_in_nothing(project: Project) -> None:
    for file in (project.root / FOLDER).iterdir():
        file.unlink()
    assert prepared(project, "ad_spend") == ["shop,date,channel,amount"]


@pytest.mark.parametrize(
    "content",
    [
        "date,channel,amount\n2026-01-31,Google,12.50\n",
        "\ufeffdate,channel,amount\r\n2026-01-31,Google,12.50\r\n",
        "date;channel;amount\r\n2026-01-31;Google;12,50\r\n",
        "sep=;\r\ndate;channel;amount\r\n2026-01-31;Google;12,50\r\n;;\r\n;;\r\n\r\n",
        "date\tchannel\tamount\n2026-01-31\tGoogle\t12.50\n",
        'Shop,Date,Channel,Amount,,\n,2026-01-31, Google ,"12,50",,\n,,,,,\n\n',
        "amount,channel,date\n12.5,Google,2026-01-31",
    ],
    ids=["plain", "byte order mark", "semicolons", "sep and empty lines", "tabs", "empty columns", "order"],
)
def test_spreadsheets_may_write_it_their_own_way(project: Project, content: str) -> None:
    fill_in(project, "ad_spend", content)
    head, line = prepared(project, "ad_spend")
    assert head == "shop,date,channel,amount"
    assert line in (
        "biscuit.myshopify.com,2026-01-31,Google,12.50",
        "biscuit.myshopify.com,2026-01-31,Google,12.5",
    )


@pytest.mark.parametrize(
    ("name", "content", "said", "hint"),
    [
        ("ad_spend", "date,channel,amount\n2026-01-31,Google,ten\n", (2, "not a number: 'ten'"), "1234.50"),
        (
            "ad_spend",
            "date,channel,amount\n\n2026-01-31,Google,$12\n",
            (3, "not a number: '$12'"),
            "currency",
        ),
        ("ad_spend", "date,channel,amount\n2026-01-31,Google,-1\n", (2, "less than 0: '-1'"), "minus"),
        (
            "ad_spend",
            "date,channel,amount\n31/01/2026,Google,1\n",
            (2, "date as 2026-01-31: '31/01/2026'"),
            "YYYY",
        ),
        (
            "ad_spend",
            "date,channel,amount\n2026-02-30,Google,1\n",
            (2, "date as 2026-01-31: '2026-02-30'"),
            "YYYY",
        ),
        ("ad_spend", "date,channel,amount\n0206-02-03,Google,1\n", (2, "year 206"), "2026-01-31"),
        ("ad_spend", "date,channel,amount\n2026-02-03,,1\n", (2, "channel is empty"), "take the line out"),
        ("ad_spend", "date,channel,amount\n2026-02-03,Google,12,50\n", (2, "4 cells"), '"12,50"'),
        ("ad_spend", "date,channel,spend\n", (1, "no column 'spend'"), "shop,date,channel,amount"),
        ("ad_spend", "date,chanel,amount\n", (1, "no column 'chanel'"), "call it channel"),
        ("ad_spend", "date,amount\n", (1, "column channel is missing"), "shop,date,channel,amount"),
        ("ad_spend", "date,date,channel,amount\n", (1, "date is there twice"), "first line"),
        ("ad_spend", "", (0, "it is empty"), "names the columns"),
        ("ad_spend", b"PK\x03\x04\x14", (0, "a spreadsheet, not CSV"), "Save as"),
        (
            "ad_spend",
            "date,channel,amount\n2026-02-03,Caf\u00e9,1\n".encode("cp1252"),
            (2, "not UTF-8"),
            "UTF-8",
        ),
        ("ad_spend", 'date,channel,amount\n2026-02-03,"6" ads",1\n', (2, "quotes are broken"), '""'),
        (
            "ad_spend",
            "date,channel,amount\n2026-02-03,Google,1\n2026-02-04,Google,1\n2026-02-03,Google,2\n",
            (4, "date 2026-02-03, channel Google stands in line 2 already"),
            "one of the two",
        ),
        (
            "ad_spend",
            "date;channel;amount\n2026-02-03;Google;1.234\n",
            (2, "two numbers: '1.234'"),
            "1234 or 1.2340",
        ),
        (
            "ad_spend",
            'date,channel,amount\n2026-02-03,Google,"1,234"\n',
            (2, "two numbers"),
            "1234 or 1.2340",
        ),
        (
            "ad_spend",
            "date,channel,amount\n2026-02-03,Google,1.23456\n",
            (2, "more than 4 decimals"),
            "1.2346",
        ),
        (
            "product_costs",
            "sku,from_date,cost\nA,2026-01-01,0.5\nA,2026-01-01,0.6\n",
            (3, "in line 2"),
            "one of",
        ),
        ("fixed_costs", "month,name,amount\n2026-01-15,Rent,900\n", (2, "not a month as 2026-01"), "2026-01"),
        (
            "shipping_costs",
            "order_name,from_date,to_date,amount\n,2026-01-01,,5\n",
            (2, "no whole period"),
            "to_date",
        ),
        (
            "shipping_costs",
            "order_name,from_date,to_date,amount\n#1,2026-01-01,,5\n",
            (2, "and a period"),
            "or",
        ),
        (
            "shipping_costs",
            "order_name,from_date,to_date,amount\n,2026-01-15,2026-02-14,5\n",
            (2, "more than one month"),
            "each month",
        ),
        (
            "shipping_costs",
            "order_name,from_date,to_date,amount\n,2026-01-15,2026-01-14,5\n",
            (2, "before it begins"),
            "swap",
        ),
        (
            "ad_spend",
            "shop,date,channel,amount\nbuiscit,2026-01-15,Google,5\n",
            (2, "no shop 'buiscit'"),
            "address",
        ),
    ],
)
def test_a_bad_line_is_refused_by_file_and_line_and_says_what_to_do(
    project: Project, name: str, content: str | bytes, said: tuple[int, str], hint: str
) -> None:
    fill_in(project, name, content)
    problem = refused(project)
    line, message = said
    where = f"transformation/seeds/{name}.csv" + (f", line {line}: " if line else ": ")
    assert problem.message.startswith(where)
    assert message in problem.message
    assert hint in problem.hint
    assert problem.exit_code == 2


def test_every_bad_line_is_told_and_check_tells_them_too(project: Project) -> None:
    fill_in(
        project, "ad_spend", "date,channel,amount\n2026-01-31,Google,x\n2026-02-01,Google,1\n3,Google,2\n"
    )
    fill_in(project, "fixed_costs", "month,name,amount\n2026-01,,900\n")
    assert "ad_spend.csv, line 4; transformation/seeds/fixed_costs.csv, line 2" in refused(project).why
    found = [one for one in check_project(project) if one.check == "what you filled in"]
    assert [one.state for one in found] == ["failed"] * 3
    assert "ad_spend.csv, line 2: amount is not a number: 'x'" in found[0].message


def test_a_thousand_of_a_plain_file_is_no_riddle(project: Project) -> None:
    fill_in(project, "product_costs", "sku,from_date,cost\nA,2026-01-01,1.234\nB,2026-01-01,1234.5\n")
    assert [line.rpartition(",")[2] for line in prepared(project, "product_costs")[1:]] == ["1.234", "1234.5"]


def test_months_are_written_as_people_write_them(project: Project) -> None:
    fill_in(project, "fixed_costs", "month,name,amount\n2026-01,Rent,900\n2026-02-01,Rent,900\n")
    assert [line.split(",")[1] for line in prepared(project, "fixed_costs")[1:]] == [
        "2026-01-01",
        "2026-02-01",
    ]


def test_of_several_shops_each_line_names_its_own(two_shops: Project) -> None:
    fill_in(
        two_shops,
        "ad_spend",
        "shop,date,channel,amount\nbiscuit,2026-01-01,G,1\nbramble.myshopify.com,2026-01-01,G,2\n",
    )
    assert [line.split(",")[0] for line in prepared(two_shops, "ad_spend")[1:]] == [
        "biscuit.myshopify.com",
        "bramble.myshopify.com",
    ]
    fill_in(two_shops, "ad_spend", "date,channel,amount\n2026-01-01,Google,1\n")
    problem = refused(two_shops)
    assert "line 2: shop is empty, and the project has several shops" in problem.message


def test_the_guides_examples_are_right(project: Project) -> None:
    guide = (ROOT / "docs/guides/fill-in-your-costs.md").read_text(encoding="utf-8")
    examples = re.findall(r"```csv\n(.*?)```", guide, re.DOTALL)
    by_header = {",".join(one.name for one in seed.columns): seed for seed in SEEDS}
    assert {example.splitlines()[0] for example in examples} == set(by_header)
    for example in examples:
        seed = by_header[example.splitlines()[0]]
        fill_in(project, seed.name, example)
        assert len(prepared(project, seed.name)) == len(example.splitlines())


def test_seeds_of_his_own_and_descriptions_go_along_and_what_is_gone_goes(project: Project) -> None:
    own = project.root / FOLDER / "more" / "targets.csv"
    own.parent.mkdir()
    own.write_text("month;target\n2026-01;5\n")
    folder = project.storage / "dbt" / "seeds"
    prepare_seeds(project, folder)
    assert (folder / "more" / "targets.csv").read_bytes() == own.read_bytes()
    assert (folder / "seeds.yml").read_bytes() == (project.root / FOLDER / "seeds.yml").read_bytes()
    own.unlink()
    prepare_seeds(project, folder)
    assert not (folder / "more").exists()


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".numbers"])
def test_a_workbook_beside_the_table_is_not_taken_for_it_without_a_word(
    project: Project, suffix: str
) -> None:
    (project.root / FOLDER / f"ad_spend{suffix}").write_bytes(b"PK")
    told = [one for one in check_project(project) if one.check == "what you filled in"]
    assert [one.state for one in told] == ["warning", "ok"]
    assert f"ad_spend{suffix} is a spreadsheet, not CSV: nothing in it is read" in told[0].message
    assert "save it as ad_spend.csv" in told[0].fix
