"""The lines that make it run every morning have the form that each scheduler takes."""

from __future__ import annotations

import plistlib
import re
import shlex

import pytest

from tests.docs.pages import Page, page
from tests.docs.test_commands import parse

PAGES = [page("README.md"), page("docs/guides/every-morning.md")]


def _line(one: Page, program: str) -> str:
    (found,) = [line for block in one.blocks for line in block.text.splitlines() if re.search(program, line)]
    return found


def _must_be_a_run(words: list[str]) -> None:
    assert re.search(r"[/\\]shopstack(\.exe)?$", words[0])
    assert re.match(r"(/|[A-Z]:\\)path", words[0]), "a scheduler knows no PATH of ours"
    assert parse(words[1:]).info_name == "run"


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_cron(one: Page) -> None:
    entry = shlex.split(re.findall(r"'[^']+'", _line(one, r"crontab -l"))[0])[0].split()
    minute, hour, *every = entry[:5]
    assert (int(minute) < 60, int(hour) < 24, every) == (True, True, ["*", "*", "*"])
    _must_be_a_run(entry[5:])


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_launchd(one: Page) -> None:
    line = _line(one, r"launchctl bootstrap")
    job = plistlib.loads(shlex.split(line)[2].encode())
    assert set(job["StartCalendarInterval"]) == {"Hour", "Minute"}
    assert f"/{job['Label']}.plist" in line
    _must_be_a_run(job["ProgramArguments"])


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_windows(one: Page) -> None:
    line = _line(one, r"schtasks /Create")
    settings = dict(re.findall(r"/(TN|SC|ST|TR) (\"[^\"]+\"|\S+)", line))
    assert settings["SC"] == "DAILY"
    assert re.fullmatch(r"\d\d:\d\d", settings["ST"])
    _must_be_a_run(settings["TR"].strip('"').split())


def test_both_pages_give_the_same_lines() -> None:
    for program in (r"crontab -l", r"launchctl bootstrap", r"schtasks /Create"):
        assert _line(PAGES[0], program) == _line(PAGES[1], program)
