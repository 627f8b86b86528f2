"""The colours of charts by role, light and dark, and the style sheet that gives them to drawings on a page.

A drawing carries no colour of its own: it says `var(--chart-accent)`. On a page the style sheet gives the
variables their values, so one drawing serves both schemes; for a picture file `resolve` writes the values in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Literal

FONT_STACK = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif'
)

LAND_SHADES = 6
"""Steps of a shaded map; step 0 is land without sales."""

Role = Literal["accent", "dot", "dot-edge", "previous", "grid", "axis", "label", "surface", "land-edge"]


@dataclass(frozen=True)
class Palette:
    """One scheme. `axis`, `label` and `accent` reach AA contrast (4.5:1 text, 3:1 lines) on `surface`, `label` on `land` too."""

    surface: str
    accent: str
    dot: str
    dot_edge: str
    previous: str
    grid: str
    axis: str
    label: str
    land_edge: str
    land: tuple[str, ...]
    series: tuple[str, ...]
    """Colours of series side by side, in their order; they differ in lightness too, for readers who see few hues."""

    def variables(self) -> dict[str, str]:
        """CSS custom properties and their values."""
        plain = {
            f"--chart-{field.name.replace('_', '-')}": str(getattr(self, field.name))
            for field in fields(self)
            if field.name not in {"land", "series"}
        }
        land_ = {f"--chart-land-{step}": shade for step, shade in enumerate(self.land)}
        return plain | land_ | {f"--chart-series-{number}": shade for number, shade in enumerate(self.series)}


LIGHT = Palette(
    surface="#ffffff",
    accent="#0b6e4f",
    dot="#d9591c",
    dot_edge="#a63c08",
    previous="#7b807d",
    grid="#e6e8e6",
    axis="#5c625f",
    label="#1a1d1b",
    land_edge="#ffffff",
    land=("#eceeec", "#dbe5e0", "#c3d6cd", "#a6c4b7", "#84ae9c", "#5f967f"),
    series=("#0b6e4f", "#d9591c", "#2f5d9b", "#8f6a00", "#7a4a93", "#5c625f"),
)

DARK = Palette(
    surface="#1a1e1c",
    accent="#4cc38a",
    dot="#ff9452",
    dot_edge="#ffc49e",
    previous="#8f9692",
    grid="#2d3330",
    axis="#a4aba7",
    label="#f1f4f2",
    land_edge="#1a1e1c",
    land=("#272d2a", "#28382f", "#2b4639", "#2f5744", "#356b52", "#397a5d"),
    series=("#4cc38a", "#ff9452", "#7fb0f0", "#e0bd4f", "#c79be0", "#a4aba7"),
)


def colour(role: Role) -> str:
    """The role as a drawing names it."""
    return f"var(--chart-{role})"


def land(step: int) -> str:
    """The shade of a map's land, from 0 (no sales) to `LAND_SHADES - 1`."""
    return f"var(--chart-land-{step})"


def series_colour(number: int) -> str:
    """The colour of one of several series; after the last one they begin again."""
    return f"var(--chart-series-{number % len(LIGHT.series)})"


def resolve(svg: str, palette: Palette) -> str:
    """The drawing with the palette's values written in, for a file that has no page around it."""
    variables = palette.variables()
    return re.sub(r"var\((--chart-[a-z0-9-]+)\)", lambda match: variables[match[1]], svg)


def chart_css() -> str:
    """The style sheet of all charts; a page includes it once.

    Dark follows the reader's system, or `data-theme="dark"` / `"light"` on the root element where a page offers the choice.
    """
    light, dark = (_declarations(palette) for palette in (LIGHT, DARK))
    return (
        f":root{{{light}}}\n"
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{dark}}}}}\n'
        f':root[data-theme="dark"]{{{dark}}}\n' + _RULES
    )


def _declarations(palette: Palette) -> str:
    return ";".join(f"{name}:{value}" for name, value in palette.variables().items())


_RULES = """\
.chart{display:block;width:100%;height:auto;overflow:visible}
.chart text{font-family:inherit;font-variant-numeric:tabular-nums}
.chart-sparkline{height:2.25rem}
.chart-sparkline path{vector-effect:non-scaling-stroke}
.chart [data-tip]{outline:none}
.chart-hits [data-tip]{fill:transparent}
.chart-hits [data-tip]:hover,.chart-hits [data-tip]:focus,.chart-hits [data-tip].is-active{fill:var(--chart-label);fill-opacity:.06}
.chart-land [data-tip]:hover,.chart-land [data-tip]:focus,.chart-land [data-tip].is-active{stroke:var(--chart-label);stroke-width:1.25}
.chart-dots [data-tip]:hover,.chart-dots [data-tip]:focus,.chart-dots [data-tip].is-active,
.chart-rings [data-tip]:hover,.chart-rings [data-tip]:focus,.chart-rings [data-tip].is-active{fill-opacity:1;stroke:var(--chart-label);stroke-width:1.5;stroke-opacity:1}
.chart-labels{pointer-events:none}
.chart-narrow{display:none}
@media (max-width:640px){
.chart-wide{display:none}
.chart-narrow{display:block}
.chart-labels text{font-size:22px}
.chart-labels text:nth-of-type(n+4){display:none}
}
"""
