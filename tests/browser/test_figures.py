"""The figures of the sales page, for days chosen at random, beside sums that are written here a second time."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.publish import Snapshot, open_published
from tests.browser.whole_shop import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RANGES = 10
PAGE = "nationwide_sales"

FIGURES = """
with sold as (
    select net_sales from serving.fct_sales
    where sale_date >= date '{first}' and sale_date <= date '{last}' and channel_key like '{channel}'
),
ordered as (
    select order_key, customer_key, placed_sales from serving.fct_orders
    where order_date >= date '{first}' and order_date <= date '{last}' and channel_key like '{channel}'
)
select
    (select coalesce(sum(net_sales), 0) from sold) as net_sales,
    (select count(*) from ordered) as orders,
    (select sum(placed_sales) from ordered) as placed_sales,
    (select count(distinct customer_key) from ordered) as customers
"""


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[TestClient]:
    with TestClient(create_app(demo.project), base_url="http://127.0.0.1:8787") as client:
        yield client


@pytest.fixture(scope="module")
def snapshot(demo: Demo) -> Iterator[Snapshot]:
    with open_published(demo.project) as snapshot:
        yield snapshot


@pytest.fixture(params=range(RANGES))
def days(request: pytest.FixtureRequest, snapshot: Snapshot) -> tuple[date, date]:
    """A first and a last day within the shop's life, from one day to all of it."""
    first, last = snapshot.execute("select min(order_date), max(order_date) from serving.fct_orders").rows[0]
    chance = random.Random(request.param)
    length = int((last - first).days ** chance.random())
    start = first + timedelta(days=chance.randrange((last - first).days - length + 1))
    return start, start + timedelta(days=length)


def ask(days: tuple[date, date], channel: str = "") -> str:
    words = {"period": "custom", "from": days[0], "to": days[1], "channel": channel}
    return urlencode({name: value for name, value in words.items() if value})


def table(client: TestClient, block: str, query: str) -> list[dict[str, str]]:
    """What a block's CSV holds."""
    answer = client.get(f"/csv/{PAGE}/{block}?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def figures(client: TestClient, query: str) -> dict[str, Decimal | None]:
    found = {row["figure"]: row["value"] for row in table(client, "figures", query)}
    names = {
        "Net sales": "net_sales",
        "Orders": "orders",
        "Average order": "average_order",
        "Customers": "customers",
    }
    return {name: Decimal(found[label]) if found[label] else None for label, name in names.items()}


def average_order(ours: Mapping[str, object]) -> Decimal:
    """Divided in decimals: in binary, half a cent may come out as a hair less."""
    return Decimal(str(ours["placed_sales"])) / Decimal(str(ours["orders"]))


def assert_same(shown: Mapping[str, Decimal | None], ours: Mapping[str, object]) -> None:
    for name, value in shown.items():
        if value is None:
            assert (name, ours["orders"]) == ("average_order", 0)
        elif name == "average_order":
            assert value == pytest.approx(average_order(ours), abs=Decimal("1e-9"))
        else:
            assert value == ours[name], name


def test_figures_channels_products_and_places_are_what_the_facts_add_up_to(
    client: TestClient, snapshot: Snapshot, days: tuple[date, date]
) -> None:
    first, last = days
    (ours,) = snapshot.rows(FIGURES.format(first=first, last=last, channel="%"), {})
    assert_same(figures(client, ask(days)), ours)

    by_channel = Decimal(0)
    for (channel,) in snapshot.execute("select channel_key from serving.dim_channels").rows:
        (of_channel,) = snapshot.rows(FIGURES.format(first=first, last=last, channel=channel), {})
        shown = figures(client, ask(days, channel))
        assert_same(shown, of_channel)
        by_channel += shown["net_sales"] or 0
    assert by_channel == ours["net_sales"]

    for block in ("products", "map"):
        rows = table(client, block, ask(days))
        assert sum((Decimal(row["net_sales"]) for row in rows), Decimal(0)) == ours["net_sales"], block
    assert sum(int(row["orders"]) for row in table(client, "map", ask(days))) == ours["orders"]


def test_what_is_read_on_the_page_is_the_same(
    client: TestClient, snapshot: Snapshot, days: tuple[date, date]
) -> None:
    (ours,) = snapshot.rows(FIGURES.format(first=days[0], last=days[1], channel="%"), {})
    html = client.get(f"/{PAGE}?{ask(days)}").text
    cards = re.findall(r'class="value">([^<]+)<', html)
    assert cards[1] == f"{ours['orders']:,}"
    if ours["orders"]:  # half a cent is rounded up
        average = average_order(ours).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert cards[2] == f"${average:,}"
    else:
        assert cards[2] == "\N{EN DASH}"
    assert cards[3] == f"{ours['customers']:,}"
    if ours["orders"]:
        places = money(re.findall(r"<dd><b>([^<]+)</b>", html))
        assert sum(places[:-1]) == places[-1] == ours["net_sales"]
        *products, foot = money(re.findall(r'<td class="number"><bdi>([^<]*\$[^<]+)</bdi></td>', html))
        assert sum(products) == foot == ours["net_sales"]


def money(words: list[str]) -> list[Decimal]:
    """Amounts as they are read, with a sign of minus and commas."""
    return [Decimal(re.sub(r"[$,]", "", one).replace("\N{MINUS SIGN}", "-")) for one in words]
