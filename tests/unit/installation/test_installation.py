"""The hint for an extra names what pip can find, however shopstack was installed."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, PathDistribution
from pathlib import Path
from typing import Any

import pytest

from shopstack import installation
from shopstack.installation import install_hint, version_hint


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip keeps its notes on a package that is installed."""
    made = tmp_path / "shopstack-0.1.0.dist-info"
    made.mkdir()
    monkeypatch.setattr(installation, "distribution", lambda _name: PathDistribution(made))
    return made


def note(folder: Path, **origin: Any) -> None:
    (folder / "direct_url.json").write_text(json.dumps(origin))


def test_from_an_index(folder: Path) -> None:
    assert install_hint("notebook") == "pip install 'shopstack[notebook]'"
    assert version_hint() == "pip install --upgrade shopstack"
    assert version_hint("0.2.0") == "pip install shopstack==0.2.0"


@pytest.mark.parametrize(("info", "flag"), [({"editable": True}, "-e "), ({}, "")])
def test_from_the_folder_of_a_clone(folder: Path, info: dict[str, Any], flag: str) -> None:
    note(folder, url="file:///home/me/my%20work/shopstack", dir_info=info)
    assert install_hint("s3") == f"pip install {flag}'.[s3]', in /home/me/my work/shopstack"
    assert version_hint() == f"git pull && pip install {flag}., in /home/me/my work/shopstack"
    assert (
        version_hint("0.2.0") == f"git checkout v0.2.0 && pip install {flag}., in /home/me/my work/shopstack"
    )


def test_from_a_repository(folder: Path) -> None:
    url = "https://git.example/shopstack.git"
    note(folder, url=url, vcs_info={"vcs": "git", "commit_id": "a1b2", "requested_revision": "v1"})
    assert install_hint("snowflake") == f"pip install 'shopstack[snowflake] @ git+{url}@v1'"
    note(folder, url=url, vcs_info={"vcs": "git", "commit_id": "a1b2"})
    assert install_hint("snowflake") == f"pip install 'shopstack[snowflake] @ git+{url}@a1b2'"
    assert version_hint() == f"pip install --upgrade 'shopstack @ git+{url}'"
    assert version_hint("0.2.0") == f"pip install --upgrade 'shopstack @ git+{url}@v0.2.0'"


def test_from_a_file(folder: Path) -> None:
    url = "file:///home/me/shopstack-0.1.0-py3-none-any.whl"
    note(folder, url=url, archive_info={})
    assert install_hint("notebook") == f"pip install 'shopstack[notebook] @ {url}'"
    assert version_hint() == f"pip install the file of a newer version as you did this one ({url})"
    assert version_hint("0.2.0") == f"pip install the file of version 0.2.0 as you did this one ({url})"


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}"])
def test_a_note_that_says_nothing_is_as_none(folder: Path, text: str) -> None:
    (folder / "direct_url.json").write_text(text)
    assert install_hint("notebook") == "pip install 'shopstack[notebook]'"


def test_run_without_having_been_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installation, "distribution", absent)
    assert install_hint("notebook") == "pip install 'shopstack[notebook]'"
