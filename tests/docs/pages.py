"""The pages of documentation as tests read them: links, headings, code spans and code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "shopstack"
BLUEPRINT = PACKAGE / "blueprint"
MODELS = BLUEPRINT / "transformation" / "packages" / "shopstack" / "models"

_FENCE = re.compile(r"^ *```(?P<language>[^\n]*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!`)!?\[(?:[^\]]|\\\])*\]\((?P<target>[^)\s]+)\)")
_SPAN = re.compile(r"(?<!`)`(?P<text>[^`\n]+)`(?!`)")
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced code block."""

    language: str
    text: str
    heading: str = ""
    """The one that it stands below."""


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path within the repository."""
        return self.path.relative_to(REPOSITORY).as_posix()

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The file without its code blocks."""
        return _FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        """Its code blocks, indentation of list items removed."""
        found, end, heading = [], 0, ""
        for match in _FENCE.finditer(self.text):
            headings = _HEADING.findall(self.text, end, match.start())
            heading, end = headings[-1] if headings else heading, match.end()
            lines = match["text"].splitlines()
            margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
            text = "\n".join(line[margin:] for line in lines)
            found.append(Block(match["language"].strip(), text, heading))
        return found

    def section(self, heading: str) -> str:
        """The text below a heading, up to the next one of any level, code blocks and all."""
        _, _, rest = self.text.partition(f"# {heading}\n")
        fences = [match.span() for match in _FENCE.finditer(rest)]
        ends = (match.start() for match in _HEADING.finditer(rest))
        end = next((at for at in ends if not any(start <= at < stop for start, stop in fences)), len(rest))
        return rest[:end]

    @property
    def links(self) -> list[str]:
        """Targets of its links and pictures."""
        return [match["target"] for match in _LINK.finditer(self.prose)]

    @property
    def spans(self) -> list[str]:
        """Its code spans, in order."""
        return [match["text"] for match in _SPAN.finditer(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name after ``#``: headings in the form that GitHub gives them."""
        return {_slug(match["text"]) for match in _HEADING.finditer(self.prose)}


def _slug(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.strip().replace(" ", "-")


def page(name: str) -> Page:
    """The page at a path within the repository."""
    return Page(REPOSITORY / name)


def own_pages() -> list[Page]:
    """Every page that is written by hand or generated here; what is fetched or installed is left out."""
    patterns = ("*.md", "docs/**/*.md", "benchmarks/*.md", "src/**/*.md")
    return [Page(path) for pattern in patterns for path in sorted(REPOSITORY.glob(pattern))]


def shell_lines(page_: Page) -> Iterator[str]:
    """Lines of its shell blocks, continued lines joined."""
    for block in page_.blocks:
        if block.language in {"sh", "bash", "console"}:
            yield from block.text.replace("\\\n", " ").splitlines()
