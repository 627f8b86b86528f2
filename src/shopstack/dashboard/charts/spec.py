"""What a chart is before it is drawn: a Vega-Lite specification with its text alternative and its size.

Specifications name colours by role (`var(--chart-accent)`, see `theme`), hold every label as ready text and every
position as a plain number, so that drawing needs no time zone, no locale and no font metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Spec = dict[str, Any]
FormatValue = Callable[[Decimal], str]
"""Writes one value for a person: `functools.partial(format_money, currency="USD")`."""

FONT_SIZE = 12
_GLYPH_WIDTH = 0.6
"""Width of a digit in the widest usual interface font, in units of the font size: room is reserved by it, so that
the layout does not depend on the fonts of the machine that draws."""


@dataclass(frozen=True)
class Chart:
    """One drawing, ready for `render.to_svg`."""

    kind: Literal["sparkline", "time-series", "ordered", "us-map", "world-map", "heat", "custom"]
    title: str
    summary: str
    """What the drawing says, in a sentence, for readers who do not see it."""
    spec: Spec
    width: int
    height: int
    outlines: tuple[str, ...] = ()
    """Path of each area of a map, in the order of its marks: they never change, so Vega need not work them out."""

    @property
    def stretches(self) -> bool:
        """Whether it may be pulled out of proportion to fill its place."""
        return self.kind == "sparkline"


def text_width(text: str, size: int = FONT_SIZE) -> float:
    """Room to reserve for a text, in pixels; on the wide side."""
    return len(text) * size * _GLYPH_WIDTH


def nice_ticks(low: Decimal, high: Decimal, count: int = 4) -> list[Decimal]:
    """Round values from at or below `low` to at or above `high`, about `count` steps of 1, 2, 2.5 or 5 times ten^n."""
    if high <= low:
        high = low + 1
    rough = (high - low) / count
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(
        power * factor for factor in map(Decimal, ("1", "2", "2.5", "5", "10")) if power * factor >= rough
    )
    tick = (low // step) * step
    if tick > low:  # Decimal's // goes towards zero
        tick -= step
    ticks = [tick]
    while ticks[-1] < high:
        ticks.append(ticks[-1] + step)
    return ticks


@dataclass(frozen=True)
class ValueScale:
    """The axis of values: from where to where it goes, and the round values beside it with their texts."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    texts: tuple[str, ...]


def value_scale(edges: Sequence[Decimal], format_axis: FormatValue, count: int) -> ValueScale:
    """A scale over zero and all ``edges``, with at most some ``count`` steps, each value written as what it is.

    Where little hangs below zero (a month with more returns than sales) it gets the room that it needs, not a whole
    step, which would flatten everything above.
    """
    low, high = min([Decimal(0), *edges]), max([Decimal(0), *edges])
    ticks, texts = _true_ticks(low, high, format_axis, count)
    if low < 0 < high and low > ticks[0] / 2 and len(ticks) > 2 and ticks[1] == 0:
        return ValueScale(low - (high - low) / 50, ticks[-1], tuple(ticks[1:]), tuple(texts[1:]))
    return ValueScale(ticks[0], ticks[-1], tuple(ticks), tuple(texts))


def _true_ticks(
    low: Decimal, high: Decimal, format_axis: FormatValue, count: int
) -> tuple[list[Decimal], list[str]]:
    """So few that no two are written alike and none is rounded to what it is not; over more room if need be."""
    for room in (1, 10, 100, 1000):
        for steps in range(count, 0, -1):
            ticks = nice_ticks(low * room, high * room, steps)
            texts = [format_axis(tick) for tick in ticks]
            if len(set(texts)) == len(texts) and not any(_is_rounded(tick, format_axis) for tick in ticks):
                return ticks, texts
    return ticks, texts


def _is_rounded(tick: Decimal, format_axis: FormatValue) -> bool:
    """Whether it stands at the edge of a rounding, as 2.5 that is written 3: a hair to one side alone changes its text."""
    hair = Decimal("1e-9")
    text = format_axis(tick)
    return tick != 0 and (format_axis(tick - hair) == text) != (format_axis(tick + hair) == text)


def base(width: int, height: int, *, left: int = 0, right: int = 0, top: int = 0, bottom: int = 0) -> Spec:
    """The frame every chart shares: fixed margins (no measuring of text), no background, no title of Vega's own."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width - left - right,
        "height": height - top - bottom,
        "padding": {"left": left, "right": right, "top": top, "bottom": bottom},
        "autosize": {"type": "none"},
        "background": None,
        "config": {"view": {"stroke": None}, "axis": {"labelFontSize": FONT_SIZE}},
    }


def value_labels(values: Sequence[float], texts: Sequence[str]) -> str:
    """A Vega expression that gives each axis value its ready text."""
    cases = "".join(
        f"abs(datum.value - {value!r}) < 1e-9 ? {_quoted(text)} : "
        for value, text in zip(values, texts, strict=True)
    )
    return cases + "''"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
