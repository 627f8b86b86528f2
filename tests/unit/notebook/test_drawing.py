"""The dashboard's charts as altair's: whole in themselves, coloured, with their texts under the pointer."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import altair as alt
import pytest
import vl_convert

from shopstack.dashboard.charts import LIGHT, Dot, sparkline, us_map, world_map
from shopstack.dashboard.charts.spec import Chart
from shopstack.notebook import use_look
from shopstack.notebook.drawing import said, to_altair

PLACES = [Dot("Austin", 30.27, -97.74, Decimal(10), "Austin, TX: $10.00, 1 order")]


@pytest.mark.parametrize(
    "chart",
    [
        us_map({"TX": Decimal(10)}, PLACES, title="Map", format_value=str),
        world_map({"US": Decimal(10)}, PLACES, title="Map", format_value=str),
        sparkline([Decimal(1), Decimal(3)], title="Orders"),
    ],
    ids=lambda chart: chart.kind,
)
def test_a_chart_names_its_colours_and_fetches_nothing(chart: Chart) -> None:
    spec = to_altair(chart).to_dict()
    text = json.dumps({key: value for key, value in spec.items() if key != "$schema"})
    assert "var(" not in text
    assert '"url"' not in text
    assert "http" not in text
    assert LIGHT.accent in text or LIGHT.dot in text
    assert spec["background"] == LIGHT.surface
    assert "var(" in json.dumps(chart.spec)  # the dashboard's own is left as it was


def test_texts_of_marks_are_shown_under_the_pointer() -> None:
    spec = to_altair(us_map({}, PLACES, title="Map", format_value=str)).to_dict()
    named = {layer["name"]: layer["encoding"].get("tooltip") for layer in spec["layer"]}
    assert named["land"] == named["dots"] == named["rings"] == {"field": "t", "type": "nominal"}
    assert named["labels"] is None


def test_a_map_has_its_outlines_where_the_dashboard_draws_them() -> None:
    chart = us_map({"TX": Decimal(10)}, PLACES, title="Map", format_value=str)
    drawn = vl_convert.vegalite_to_svg(json.dumps(to_altair(chart).to_dict()))
    paths = {numbers(path) for path in re.findall(r' d="(M[^"]+)"', drawn)}
    outlines = {numbers(outline) for outline in chart.outlines}
    assert len(outlines) == 51
    assert outlines <= paths


def numbers(path: str) -> tuple[float, ...]:
    """The coordinates of a path."""
    return tuple(round(float(one), 1) for one in re.findall(r"-?\d*\.?\d+", path))


def test_words_stand_in_the_place_of_a_chart() -> None:
    spec = said("Nothing in this period.").to_dict()
    assert list(spec["datasets"].values()) == [[{"words": "Nothing in this period."}]]


def test_a_chart_of_one_s_own_has_the_dashboard_s_colours_and_a_menu_that_only_saves() -> None:
    before, options = alt.theme.active, dict(alt.renderers.options)
    try:
        use_look()
        spec = alt.Chart(alt.InlineData(values=[])).mark_bar().to_dict()
        menu = alt.renderers.options["embed_options"]["actions"]
    finally:
        alt.theme.enable(before)
        alt.renderers.enable(alt.renderers.active, **options)
    assert spec["config"]["mark"] == {"color": LIGHT.accent}
    assert [name for name, is_shown in menu.items() if is_shown] == ["export"]
