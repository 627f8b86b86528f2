"""Somebody who follows the pages literally: types what is to be typed, pastes what is to be pasted, and fills in what is his."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from shopstack.config import CONFIG_FILE
from shopstack.secrets import ENV_FILE
from tests.docs.following.route import ELSEWHERE, Stop, blocks, commands
from tests.docs.following.terminal import Terminal, Typed
from tests.docs.pages import Block

_SECTION = re.compile(r"^\[(?P<name>\w+)\]\n(?:(?!^\[).*\n?)*", re.MULTILINE)

Then = Callable[["Reader", str], None]
"""What is done after a command, with what it said: by the reader, as the page has it, or in place of an account."""


@dataclass
class Reader:
    """One person with several terminals, whose folders lie in ``home``, and a project in the one called `my-shop`.

    What is in his hands: ``own`` has what he puts in place of an example, ``answers`` what he types when a command asks,
    ``then`` what he does after one, by the command as the page has it. ``added`` are lines that go below a section
    whenever one of that name is pasted: where the simulated Snowflake answers.
    """

    home: Path
    environment: Mapping[str, str]
    own: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    then: Mapping[str, Then] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    handed: Mapping[str, Callable[[str], None]] = field(default_factory=dict)
    """Who takes what is pasted elsewhere, by the block's language: a worksheet takes `sql`, AWS takes `json`."""
    looks: Mapping[str, tuple[str, Callable[[str], None]]] = field(default_factory=dict)
    """Commands that go on until Ctrl-C: the pattern that says that they are ready, and who looks then."""
    first: str = ""
    """What he types in every new terminal before anything else."""
    typed: list[Typed] = field(default_factory=list)
    """Every command that ended, with what it said."""
    project: Path = field(init=False)
    terminal: Terminal = field(init=False)
    """The one that he sits at."""
    _terminals: dict[str, Terminal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.project = self.home / "my-shop"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for terminal in self._terminals.values():
            terminal.hang_up()

    def walk(self, stops: Iterable[Stop]) -> None:
        """Take every block of every stop."""
        for stop in stops:
            if stop.terminal not in self._terminals:
                self.terminal = Terminal(self.home / stop.at, self.environment)
                self._terminals[stop.terminal] = self.terminal
                if self.first:
                    self.type(self.first)
            self.terminal = self._terminals[stop.terminal]
            for words in ({}, stop.again) if stop.again else ({},):
                for block in blocks(stop.page, stop.heading):
                    self._take(Block(block.language, _replaced(block.text, words), block.heading))

    def at(self, terminal: str) -> Terminal:
        """One of the terminals that were opened."""
        return self._terminals[terminal]

    def type(self, command: str) -> Typed:
        """Type one command; it must end with 0."""
        if command in self.looks:
            done = self.terminal.watch(command, *self.looks[command])
        else:
            done = self.terminal.type(_replaced(command, self.own), self.answers.get(command, ()))
        self.typed.append(done)
        assert done.code == 0, (
            f"{done.command}\nended with {done.code} in {self.terminal.folder}:\n{done.said}"
        )
        return done

    def paste(self, text: str) -> None:
        """Paste sections into `shopstack.toml`, each in place of the one of its name that was there."""
        file = self.project / CONFIG_FILE
        for section in _SECTION.finditer(f"{text.strip()}\n"):
            self.take_out(section["name"])
            kept = file.read_text(encoding="utf-8").rstrip()
            pasted = section[0].rstrip() + "\n" + self.added.get(section["name"], "")
            file.write_text(f"{kept}\n\n{pasted}", encoding="utf-8")

    def take_out(self, section: str) -> None:
        """Take a section out of `shopstack.toml`."""
        file = self.project / CONFIG_FILE
        text = file.read_text(encoding="utf-8")
        file.write_text(
            _SECTION.sub(lambda old: "" if old["name"] == section else old[0], text), encoding="utf-8"
        )

    def set(self, text: str) -> None:
        """Put variables into `.env`, each in place of the line of its name that was there."""
        file = self.project / ENV_FILE
        lines = file.read_text(encoding="utf-8").splitlines()
        for line in text.splitlines():
            name = line.partition("=")[0]
            lines = [old for old in lines if not old.startswith(f"{name}=")] + [_replaced(line, self.own)]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _take(self, block: Block) -> None:
        if block.language == "toml":
            self.paste(block.text)
        elif block.language == "ini":
            self.set(block.text)
        elif block.language in self.handed:
            self.handed[block.language](_replaced(block.text, self.own))
        elif block.language == "sh":
            for command in commands(block):
                done = None if command in ELSEWHERE else self.type(command)
                if command in self.then:
                    self.then[command](self, done.said if done else "")
        else:
            raise AssertionError(
                f"nobody knows what to do with this block of {block.language!r}:\n{block.text}"
            )


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for example, own in words.items():
        text = text.replace(example, own)
    return text
