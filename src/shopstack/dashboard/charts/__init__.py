"""The dashboard's charts: what to draw is decided here, how it looks in `theme`, how it becomes SVG in `render`."""

from shopstack.dashboard.charts.apart import DRAWER
from shopstack.dashboard.charts.caption import Caption, Key, compared_keys, series_keys
from shopstack.dashboard.charts.maps import Dot, is_on_us_map, shade, us_map, world_map
from shopstack.dashboard.charts.ordered import Series, Shape, ordered
from shopstack.dashboard.charts.render import figure, inline, to_png, to_svg
from shopstack.dashboard.charts.sparkline import sparkline
from shopstack.dashboard.charts.spec import Chart
from shopstack.dashboard.charts.theme import DARK, LIGHT, Palette, chart_css
from shopstack.dashboard.charts.time_series import Day, Step, draw_steps, granularity_for, steps

__all__ = [
    "DARK",
    "DRAWER",
    "LIGHT",
    "Caption",
    "Chart",
    "Day",
    "Dot",
    "Key",
    "Palette",
    "Series",
    "Shape",
    "Step",
    "chart_css",
    "compared_keys",
    "draw_steps",
    "figure",
    "granularity_for",
    "inline",
    "is_on_us_map",
    "ordered",
    "series_keys",
    "shade",
    "sparkline",
    "steps",
    "to_png",
    "to_svg",
    "us_map",
    "world_map",
]
