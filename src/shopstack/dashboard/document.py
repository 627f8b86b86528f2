"""A page as it is written: a Markdown file with named queries and blocks of charts, read into its parts.

The head between two lines of `---` is YAML (`Head`). A fence whose first word is `sql` is a named query and is not shown;
one whose first word is a kind of block is drawn there. Everything else is Markdown. What is wrong with one block is
said in its place when the page is drawn; only a page without a sound head is no page at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shopstack.dashboard.periods import Comparison
from shopstack.errors import ConfigurationError

SQL = "sql"

_HEAD = re.compile(r"\A---\s*\n(?P<head>.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Head(BaseModel):
    """What a page says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    """The question that the page answers."""
    menu: str = ""
    """Its short name in the navigation; the title where it has none."""
    order: int = 1000
    """Its place in the navigation; the first page is the front page."""
    description: str = ""
    compare: Comparison = "previous"
    """What it compares with where the address does not say."""
    period: bool = True
    """Whether the reader chooses a period; false for a page that is not about one."""


@dataclass(frozen=True)
class Prose:
    """Text between blocks, as HTML without any markup of the writer's own."""

    html: Markup


@dataclass(frozen=True)
class Fence:
    """A block as it is written: ```` ```line sales_over_time ```` and what stands in it."""

    kind: str
    name: str
    text: str
    line: int
    """Where it begins in the file, counted from 1."""
    problem: str = ""
    """What is wrong with its first line; empty where it is sound."""


Part = Prose | Fence


@dataclass(frozen=True)
class Document:
    """One page. ``queries`` are its SQL by name."""

    name: str
    head: Head
    parts: tuple[Part, ...]
    queries: Mapping[str, str]
    origin: Literal["stock", "project"] = "stock"

    @property
    def menu(self) -> str:
        """What the navigation calls it."""
        return self.head.menu or self.head.title

    @property
    def fences(self) -> tuple[Fence, ...]:
        """Its blocks, in order."""
        return tuple(part for part in self.parts if isinstance(part, Fence))


def parse_document(name: str, text: str, *, origin: Literal["stock", "project"] = "stock") -> Document:
    """The page that a file holds.

    Raises:
        ConfigurationError: its head is missing or wrong; the message names the file.
    """
    found = _HEAD.match(text)
    if found is None:
        raise _refused(name, "It does not begin with a head: a line of ---, `title: …`, a line of ---.")
    head = _head(name, found["head"])
    offset = text[: found.end()].count("\n")
    parts: list[Part] = []
    queries: dict[str, str] = {}
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    prose = []
    for token in markdown.parse(text[found.end() :]):
        if token.type != "fence" or not token.info.strip():
            prose.append(token)
            continue
        if prose:
            parts.append(_prose(markdown, prose))
            prose = []
        fence = _fence(
            token.info, token.content, offset + (token.map[0] if token.map else 0) + 1, parts, queries
        )
        if fence is None:
            queries[token.info.split()[1]] = token.content.strip().removesuffix(";").strip()
        else:
            parts.append(fence)
    if prose:
        parts.append(_prose(markdown, prose))
    return Document(name, head, tuple(parts), queries, origin)


def _prose(markdown: MarkdownIt, tokens: Sequence[Token]) -> Prose:
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Prose(Markup(html))  # noqa: S704 - markup of the writer's own is switched off


def _head(name: str, text: str) -> Head:
    try:
        return Head.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as problem:
        raise _refused(name, f"Its head is no YAML: {problem}") from problem
    except ValidationError as problem:
        raise _refused(name, f"Its head is wrong: {said(problem)}") from problem


def _fence(info: str, text: str, line: int, parts: list[Part], queries: Mapping[str, str]) -> Fence | None:
    """The block of a fence; None for a sound query."""
    kind, *rest = info.split()
    name = rest[0] if rest else ""
    taken = {part.name for part in parts if isinstance(part, Fence)}
    problem = ""
    if len(rest) != 1 or not _NAME.fullmatch(name):
        problem = f"It needs one name of small letters, digits and _ behind `{kind}`: ```{kind} my_block"
    elif kind == SQL and name in queries:
        problem = f"There are two queries called {name}."
    elif kind != SQL and name in taken:
        problem = f"There are two blocks called {name}."
    elif kind == SQL and not text.strip():
        problem = f"The query {name} is empty."
    if kind == SQL and not problem:
        return None
    return Fence(kind, name if not problem else f"line_{line}", text, line, problem)


def said(problem: ValidationError) -> str:
    """What pydantic found, in a sentence: `title: field required; ordr: extra inputs are not permitted`."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg'][:1].lower()}{one['msg'][1:]}"
        for one in problem.errors()
    )


def _refused(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The page {name}.md cannot be read.",
        why=why,
        hint=f"correct dashboard/{name}.md and reload the page",
    )
