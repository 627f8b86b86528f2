"""`shopstack export`: what it writes, what it says, what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.unit.dashboard.published_fixture import make_published


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_published(tmp_path_factory.mktemp("export") / "shop", orders=200)[0].root


def test_it_names_the_files_that_it_wrote(project: Path, tmp_path: Path, shopstack: CommandLine) -> None:
    ran = shopstack(
        "export", "nationwide_sales", "--to", str(tmp_path / "out"), "--project", str(project), "--json"
    )
    assert ran.code == 0, ran.err
    done = ran.json()
    assert done["files"] == [str(tmp_path / "out" / "nationwide_sales.html")]
    assert "Cedar &amp; Co" in Path(done["files"][0]).read_text(encoding="utf-8")


def test_days_of_one_s_own_are_those_of_the_page(
    project: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    words = ["export", "nationwide_sales", "--to", str(tmp_path), "--project", str(project)]
    ran = shopstack(*words, "--from", "2026-01-01", "--until", "2026-01-31")
    assert ran.code == 0, ran.err
    page = (tmp_path / "nationwide_sales.html").read_text(encoding="utf-8")
    assert "Jan 1 \N{EN DASH} Jan 31, 2026" in page


def test_days_may_begin_as_early_as_a_calendar_does(
    project: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    words = ["export", "nationwide_sales", "--to", str(tmp_path), "--project", str(project)]
    ran = shopstack(*words, "--from", "0001-01-01", "--until", "2026-01-31")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "There is no page called 'nowhere'."),
        (["--period", "fortnight"], "There is no period called"),
        (["--from", "2026-02-01"], "These days make no period."),
        (["--compare", "others"], "There is no comparison called"),
        (["--shop", "oak"], "There is no shop called 'oak'.\n  why: The shops are cedar-and-co."),
        (["--channel", "web"], "There is no channel with the key 'web'."),
    ],
)
def test_what_cannot_be_exported_is_refused(
    project: Path, tmp_path: Path, shopstack: CommandLine, words: list[str], said: str
) -> None:
    ran = shopstack("export", *words, "--to", str(tmp_path / "out"), "--project", str(project))
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "out").exists()


TABLE = "---\ntitle: Regions\n---\n\n```sql all\n{query}\n```\n\n```table regions\ndata: all\ncolumns: [{{column: n, label: N}}]\n```\n"


@pytest.fixture
def pages(project: Path) -> Iterator[Path]:
    """The folder of the project's own pages, empty again afterwards."""
    folder = project / "dashboard"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_an_own_page_that_cannot_be_read_is_named_and_not_passed_over(
    project: Path, pages: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    (pages / "regions.md").write_text("no head")
    (pages / "trust.md").write_bytes(b"---\ntitle: M\xfcller\n---\n")
    ran = shopstack("export", "--to", str(tmp_path / "out"), "--project", str(project), "--json")
    assert ran.code == 1
    assert {"regions", "trust"} <= {*ran.json()["broken"]}
    assert "The page regions is left out: The page regions.md cannot be read." in ran.err
    assert "hint: save trust.md as UTF-8 text" in ran.err
    assert (tmp_path / "out" / "nationwide_sales.html").exists()
    named = shopstack("export", "regions", "--to", str(tmp_path / "out"), "--project", str(project))
    assert named.code == 2
    assert named.err.startswith("error: The page regions.md cannot be read.\n  why: It does not begin")


def test_a_page_as_windows_saves_it_is_read(
    project: Path, pages: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    text = TABLE.format(query="select 1 as n").replace("\n", "\r\n")
    (pages / "regions.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    ran = shopstack("export", "regions", "--to", str(tmp_path), "--project", str(project))
    assert ran.code == 0, ran.err


def test_a_page_without_drawings_has_no_pictures_and_a_broken_one_is_named(
    project: Path, pages: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    words = ["export", "regions", "--pictures", "--to", str(tmp_path), "--project", str(project)]
    (pages / "regions.md").write_text(TABLE.format(query="select 1 as n"))
    none = shopstack(*words)
    assert none.code == 2
    assert "There is no drawing on regions." in none.err
    (pages / "regions.md").write_text(TABLE.format(query="selec 1"))
    broken = shopstack(*words, "--json")
    assert broken.code == 1
    assert broken.json()["broken"] == ["regions"]
    assert "regions of the page regions cannot be drawn: The query 'all' did not run." in broken.err


CHARTS = """---
title: Charts
---

```sql all
select 1 as n, 2 as m
```

```vega list
[1]
```

```line needy
data: all
x: n
y: m
needs: {column: missing, say: Too little.}
```

```vega undrawn
{"data": {"name": "all"}, "mark": "nothing of Vega's"}
```

```vega sound
{"data": {"name": "all"}, "mark": "point", "encoding": {"x": {"field": "n", "type": "quantitative"}}}
```
"""


def test_one_drawing_that_fails_does_not_take_the_others_with_it(
    project: Path, pages: Path, tmp_path: Path, shopstack: CommandLine
) -> None:
    (pages / "charts.md").write_text(CHARTS)
    ran = shopstack(
        "export", "charts", "--pictures", "--to", str(tmp_path), "--project", str(project), "--json"
    )
    assert ran.code == 1, ran.err
    assert ran.json()["broken"] == ["charts"]
    assert [Path(file).name.split("_charts_")[1].split("_")[0] for file in ran.json()["files"]] == ["sound"]
    for block in ("list", "needy", "undrawn"):
        assert f"{block} of the page charts cannot be drawn: " in ran.err


@pytest.mark.parametrize("place", ["taken", "taken/out"])
def test_a_folder_that_a_file_is_in_the_way_of_is_refused(
    project: Path, tmp_path: Path, shopstack: CommandLine, place: str
) -> None:
    (tmp_path / "taken").touch()
    ran = shopstack("export", "nationwide_sales", "--to", str(tmp_path / place), "--project", str(project))
    assert ran.code == 2
    assert "defect" not in ran.err
