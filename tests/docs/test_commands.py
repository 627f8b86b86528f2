"""Every command in the documentation is one that the command line takes, with options that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from shopstack.cli.app import cli
from shopstack.cli.session import Session
from tests.docs.pages import REPOSITORY, Page, own_pages, page, shell_lines

_OPERATORS = {"&&", "||", "|", ";", ">", ">>", "<", "(", ")", "&"}
_ASSIGNMENT = re.compile(r"^[A-Z_]+=")
_COMMAND = re.compile(r"^(?:.*/)?shopstack(?:\.exe)?$")


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of each `shopstack` in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _OPERATORS:
            words.append(word)
            continue
        while words and _ASSIGNMENT.match(words[0]):
            words.pop(0)
        if words and _COMMAND.match(words[0]):
            yield words[1:]
        words = [">"] if word in {">", ">>", "<"} else []


def parse(arguments: list[str]) -> click.Context:
    """The command line's own reading of the arguments; nothing is run."""
    top = click.Context(cli, info_name="shopstack", obj=Session(), **cli.context_settings)
    _, rest, _ = cli.make_parser(top).parse_args(list(arguments))
    if not rest:
        return top
    name, command, rest = cli.resolve_command(top, rest)
    assert command is not None
    return command.make_context(name, rest, parent=top)


@pytest.mark.parametrize("one", own_pages(), ids=lambda one: one.name)
def test_commands_in_shell_blocks_parse(one: Page) -> None:
    for line in shell_lines(one):
        for arguments in calls(line):
            parse(arguments)


@pytest.mark.parametrize("one", own_pages(), ids=lambda one: one.name)
def test_no_command_has_a_remark_behind_it(one: Page) -> None:
    """zsh, which a Mac opens, takes a remark for arguments where somebody pastes it."""
    assert [line for line in shell_lines(one) if re.search(r"(^|\s)#", line)] == []


@pytest.mark.parametrize("one", own_pages(), ids=lambda one: one.name)
def test_commands_in_the_text_parse(one: Page) -> None:
    for span in one.spans:
        if not span.startswith("shopstack "):
            continue
        for arguments in calls(span):
            try:
                parse(arguments)
            except click.MissingParameter:
                continue  # prose names a command without the argument that it takes


@pytest.mark.parametrize(
    "line", ["shopstack rn", "shopstack run --dryrun", "cd x && shopstack dashboard --prt 1", "shopstack sql"]
)
def test_the_check_refuses_what_the_command_line_refuses(line: str) -> None:
    (arguments,) = calls(line)
    with pytest.raises(Exception, match=r"no command|[Nn]o such option|Missing parameter"):
        parse(arguments)


def test_the_check_finds_the_commands_of_the_readme() -> None:
    found = [arguments for line in shell_lines(page("README.md")) for arguments in calls(line)]
    assert ["init", "my-shop"] in found
    assert ["dashboard"] in found


@pytest.mark.parametrize("one", own_pages(), ids=lambda one: one.name)
def test_make_targets_and_their_settings_exist(one: Page) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    settings = set(re.findall(r"^([A-Z]+) \?=", makefile, re.MULTILINE))
    lines = [line.partition("#")[0] for line in shell_lines(one)]
    for line in (line for line in [*lines, *one.spans] if line.startswith("make ")):
        for word in line.split()[1:]:
            name, is_setting, _ = word.partition("=")
            assert name in (settings if is_setting else targets), f"{one.name}: {line}"
