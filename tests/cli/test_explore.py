"""`explore`: what must be there before a notebook is opened, and what is said when it is. The page itself: tests/browser."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from shopstack.installation import install_hint
from shopstack.notebook import server
from shopstack.project import Project
from shopstack.scaffold import BLUEPRINT
from tests.cli.conftest import CommandLine
from tests.unit.dashboard.published_fixture import make_project, make_published

ADDRESS = "http://127.0.0.1:2718/?access_token=t"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A published project without a folder `analysis`."""
    return make_published(tmp_path_factory.mktemp("explore") / "shop", orders=20)[0]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What marimo was asked to serve; it is said to be ready, and then interrupted."""
    calls: list[dict[str, Any]] = []

    def serve(notebook: Path, folder: Path, *, port: int | None, on_ready: Callable[[str], None]) -> None:
        calls.append({"notebook": notebook, "folder": folder, "port": port})
        on_ready(ADDRESS)
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "serve", serve)
    return calls


def test_its_address_and_its_end_are_said(
    shopstack: CommandLine, published: Project, asked: list[dict[str, Any]]
) -> None:
    ran = shopstack("--project", str(published.root), "explore", "--port", "9100")
    assert ran.code == 0
    assert f"Notebook: {ADDRESS}  (Ctrl-C stops it)\n" in ran.err
    assert ran.err.endswith("The notebook is closed.\n")
    assert ran.out == ""
    notebook = published.root / "analysis" / "explore.py"
    assert asked == [{"notebook": notebook, "folder": published.root, "port": 9100}]


def test_for_programs_it_is_one_document(
    shopstack: CommandLine, published: Project, asked: list[dict[str, Any]]
) -> None:
    ran = shopstack("--project", str(published.root), "explore", "--json")
    assert ran.json() == {"address": ADDRESS, "notebook": str(published.root / "analysis" / "explore.py")}
    assert len(asked) == 1


def test_the_browser_opens_on_request(
    shopstack: CommandLine, published: Project, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    shopstack("--project", str(published.root), "explore")
    assert opened == []
    shopstack("--project", str(published.root), "explore", "--open")
    assert opened == [ADDRESS]
    assert len(asked) == 2


def test_a_notebook_that_is_missing_is_written_and_one_that_was_edited_is_left_alone(
    shopstack: CommandLine, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    project = make_published(tmp_path / "shop", orders=20)[0]
    folder = project.root / "analysis"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("# my own\n", encoding="utf-8")
    ran = shopstack("--project", str(project.root), "explore")
    assert "analysis/explore.py was missing and has been written" in ran.err
    assert "pyproject.toml" not in ran.err
    assert (folder / "pyproject.toml").read_text(encoding="utf-8") == "# my own\n"
    assert (folder / "explore.py").read_bytes() == (BLUEPRINT / "analysis" / "explore.py").read_bytes()
    assert "missing" not in shopstack("--project", str(project.root), "explore").err
    assert len(asked) == 2


def test_another_notebook_is_opened_by_its_path(
    shopstack: CommandLine, published: Project, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(published.root)
    own = published.root / "analysis" / "customers.py"
    own.parent.mkdir(exist_ok=True)
    own.touch()
    assert shopstack("explore", "analysis/customers.py").code == 0
    assert asked[0]["notebook"] == own
    ran = shopstack("explore", "analysis/custmers.py")
    assert ran.code == 2
    assert "error: There is no notebook analysis/custmers.py." in ran.err
    assert "customers.py" in ran.err
    assert "hint: begin with a copy: cp analysis/explore.py analysis/custmers.py" in ran.err


@pytest.mark.parametrize("absent", ["marimo", "altair"])
def test_without_the_extra_it_says_how_to_install_it(
    shopstack: CommandLine, published: Project, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setattr(
        server, "find_spec", lambda name: None if name == absent else importlib.util.find_spec(name)
    )
    ran = shopstack("--project", str(published.root), "explore")
    assert ran.code == 2
    assert f"error: The notebook needs {absent}." in ran.err
    assert f"hint: {install_hint('notebook')}" in ran.err


def test_before_the_first_publish_it_says_what_to_type(shopstack: CommandLine, tmp_path: Path) -> None:
    ran = shopstack("--project", str(make_project(tmp_path / "shop").root), "explore")
    assert ran.code == 2
    assert "error: Nothing has been published yet." in ran.err
    assert "hint: shopstack run" in ran.err
    assert not (tmp_path / "shop" / "analysis").exists()


def test_outside_a_project_it_says_how_to_make_one(shopstack: CommandLine) -> None:
    ran = shopstack("explore")
    assert ran.code == 2
    assert "There is no shopstack.toml here." in ran.err


def test_a_file_that_is_no_notebook_is_refused_with_the_reason_and_nothing_is_left_running(
    shopstack: CommandLine, published: Project
) -> None:
    script = published.root / "script.py"
    script.write_text("print(1)\n", encoding="utf-8")
    before = set(psutil.Process().children(recursive=True))
    ran = shopstack("--project", str(published.root), "explore", str(script))
    assert ran.code == 2
    assert "error: The notebook did not start." in ran.err
    assert "not recognized as a marimo notebook" in ran.err
    assert f"hint: see whether marimo opens it by itself: marimo edit {script}" in ran.err
    assert set(psutil.Process().children(recursive=True)) <= before
