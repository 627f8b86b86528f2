"""What a picture says that has left its page: title, shop and days, and the names of its lines, above the drawing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from shopstack.dashboard.charts.spec import FONT_SIZE, text_width
from shopstack.dashboard.charts.theme import Role, colour, series_colour

MARGIN = 24
TITLE_SIZE = 17
LINE = 20
"""Pixels from one line of words to the next."""
SWATCH = 18


@dataclass(frozen=True)
class Key:
    """The name of one line or column of the drawing, beside a piece of its colour."""

    name: str
    colour: str
    is_dashed: bool = False


@dataclass(frozen=True)
class Caption:
    """The words above a picture."""

    title: str
    words: str = ""
    keys: tuple[Key, ...] = ()


def series_keys(names: Sequence[str]) -> tuple[Key, ...]:
    """Keys of series side by side, in their order."""
    return tuple(Key(name, series_colour(number)) for number, name in enumerate(names))


def compared_keys(before: str) -> tuple[Key, ...]:
    """Keys of a period and of what it is compared with."""
    return (Key("This period", colour("accent")), Key(before, colour("previous"), is_dashed=True))


def captioned(svg: str, width: int, height: int, caption: Caption) -> str:
    """The drawing, ``width`` by ``height`` pixels, on paper of its own below its caption; colours stay variables."""
    parts = list(_words(caption, width))
    top = MARGIN + sum(room for _, room in parts) + 8
    across, down = width + 2 * MARGIN, top + height + MARGIN
    y, said = MARGIN, ""
    for line, room in parts:
        y += room
        said += f'<g transform="translate({MARGIN} {y - 6})">{line}</g>'
    inner = svg.replace('width="100%"', f'x="{MARGIN}" y="{top}" width="{width}" height="{height}"', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}">'
        f'<rect width="{across}" height="{down}" fill="{colour("surface")}"/>{said}{inner}</svg>'
    )


def _words(caption: Caption, width: int) -> Iterator[tuple[str, int]]:
    """Each line of words as markup from a point at its left, and the height that it takes up."""
    for line in textwrap.wrap(caption.title, int(width / text_width("0", TITLE_SIZE))):
        yield _line(line, TITLE_SIZE, "label", ' font-weight="700"'), TITLE_SIZE + 7
    for line in textwrap.wrap(caption.words, int(width / text_width("0"))):
        yield _line(line, FONT_SIZE, "axis"), LINE
    at, row = 0.0, ""
    for key in caption.keys:
        wide = SWATCH + 6 + text_width(key.name) + 14
        if row and at + wide > width:
            yield row, LINE
            at, row = 0.0, ""
        row += _key(key, at)
        at += wide
    if row:
        yield row, LINE


def _line(text: str, size: int, role: Role, more: str = "") -> str:
    return f'<text font-size="{size}" fill="{colour(role)}"{more}>{escape(text)}</text>'


def _key(key: Key, x: float) -> str:
    dashes = ' stroke-dasharray="4 4"' if key.is_dashed else ""
    swatch = f'<path d="M{x:g} -4h{SWATCH}" stroke="{key.colour}" stroke-width="2.5"{dashes}/>'
    return f'{swatch}<text x="{x + SWATCH + 6:g}" font-size="{FONT_SIZE}" fill="{colour("axis")}">{escape(key.name)}</text>'
