"""`shopstack export`: what it writes, what it says, what it refuses."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "There is no page called 'nowhere'."),
        (["--period", "fortnight"], "There is no period called"),
        (["--from", "2026-02-01"], "These days make no period."),
        (["--compare", "others"], "There is no comparison called"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    project: Path, tmp_path: Path, shopstack: CommandLine, words: list[str], said: str
) -> None:
    ran = shopstack("export", *words, "--to", str(tmp_path / "out"), "--project", str(project))
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "out").exists()
