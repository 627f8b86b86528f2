"""What goes wrong at Shopify: mended and unnoticed in the rows, or an error that says what to do."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shopstack.errors import (
    CredentialsError,
    DataError,
    MissingScopeError,
    ShopstackError,
    TransientError,
    UnreachableError,
)
from shopstack.extract import extract
from shopstack.secrets import ClientCredentials, Credentials, StaticToken
from shopstack.simulator.generator import generate
from shopstack.simulator.server import Fault, ServerSettings
from shopstack.simulator.store import Store
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, FAST, Tables, make_project, served

MENDED = {
    "requests": ("server_error", "too_many_requests", "throttled", "internal_error", "shop_unreachable"),
    "token": ("token_expired", "unauthorized"),
    "operations": ("bulk_failed", "bulk_failed_without_data", "bulk_canceled", "bulk_expired"),
    "downloads": ("download_truncated", "download_reset", "download_corrupt", "download_expired"),
}


@pytest.mark.parametrize("kinds", MENDED.values(), ids=MENDED.keys())
def test_what_goes_wrong_once_leaves_no_trace_in_the_rows(
    tiny_store: Store, folder: Path, clean_tables: Tables, kinds: tuple[str, ...]
) -> None:
    faults = tuple(
        Fault(kind, times=1, skip=3 * place, retry_after=0.01) for place, kind in enumerate(kinds, start=1)
    )
    with served(tiny_store, folder, replace(DEFAULTS, faults=faults)) as shop:
        shop.extract()
        assert shop.tables() == clean_tables


LASTING: dict[str, tuple[type[ShopstackError], int]] = {
    "shop_unreachable": (UnreachableError, 4),
    "server_error": (UnreachableError, 4),
    "payment_required": (TransientError, 4),
    "locked": (TransientError, 4),
    "unauthorized": (CredentialsError, 3),
    "forbidden": (CredentialsError, 3),
    "search_warning": (DataError, 1),
    "bulk_failed": (TransientError, 4),
    "download_truncated": (UnreachableError, 4),
}


@pytest.mark.parametrize(("kind", "expected"), LASTING.items(), ids=LASTING.keys())
def test_what_stays_wrong_is_an_error_with_a_way_out_and_no_order_is_loaded(
    tiny_store: Store, folder: Path, kind: str, expected: tuple[type[ShopstackError], int]
) -> None:
    with served(tiny_store, folder, replace(DEFAULTS, faults=(Fault(kind, times=None),))) as shop:
        with pytest.raises(expected[0]) as caught:
            shop.extract()
        assert caught.value.exit_code == expected[1]
        assert caught.value.why
        assert caught.value.hint
        if shop.project.database("raw").exists():
            assert shop.rows("select count(*) from shopify.orders") == [(0,)]


@pytest.mark.parametrize(
    "credentials",
    [StaticToken("shpat_wrong"), ClientCredentials(DEFAULTS.client_id, "wrong")],
    ids=["token", "secret"],
)
def test_wrong_credentials_are_refused_by_name(
    tiny_store: Store, folder: Path, credentials: Credentials
) -> None:
    with served(tiny_store, folder) as shop, pytest.raises(CredentialsError) as caught:
        shop.extract(credentials)
    assert "SHOPIFY_" in caught.value.message
    assert "wrong" not in caught.value.message


def test_an_unreachable_address_is_given_up(folder: Path) -> None:
    project = make_project(folder, "http://127.0.0.1:9", FAST)
    with pytest.raises(UnreachableError, match="could not be reached"):
        extract(project, CREDENTIALS)


def without(*scopes: str) -> ServerSettings:
    return replace(DEFAULTS, scopes=DEFAULTS.scopes - set(scopes))


def test_a_missing_scope_of_a_required_stream_stops_before_anything_is_read(
    tiny_store: Store, folder: Path
) -> None:
    with served(tiny_store, folder, without("read_products")) as shop:
        with pytest.raises(MissingScopeError, match="read_products"):
            shop.extract()
        assert not shop.project.landing.exists()


def test_optional_streams_are_skipped_and_what_is_missing_is_recorded(
    tiny_store: Store, folder: Path, clean_tables: Tables
) -> None:
    with served(tiny_store, folder, without("read_customers")) as shop:
        found = {one.stream: one for one in shop.extract().streams}
        assert {name for name, one in found.items() if one.state == "skipped"} == {
            "customers",
            "sales_report",
        }
        assert found["customers"].missing_scope == "read_customers"
        assert found["customers"].figures
        recorded = shop.rows("select reason, hint from _shopstack.streams where stream = 'customers'")
        assert recorded == [(found["customers"].reason, found["customers"].hint)]
        tables = shop.tables()
        assert tables["customers"] == []
        assert tables["order_sales"] == clean_tables["order_sales"]
        assert shop.rows("select count(customer_id) from shopify.orders") == [(0,)]


@pytest.mark.parametrize(
    "settings",
    [
        replace(DEFAULTS, shopifyql=False),
        replace(DEFAULTS, protected_data=False),
        replace(DEFAULTS, faults=(Fault("report_unavailable", times=None),)),
    ],
    ids=["no ShopifyQL", "no protected data", "unavailable"],
)
def test_without_its_report_the_shop_is_read_all_the_same(
    tiny_store: Store, folder: Path, clean_tables: Tables, settings: ServerSettings
) -> None:
    with served(tiny_store, folder, settings) as shop:
        found = {one.stream: one for one in shop.extract().streams}
        assert found["sales_report"].state == "skipped"
        assert found["sales_report"].reason
        assert found["sales_report"].hint
        assert shop.tables()["order_sales"] == clean_tables["order_sales"]


def test_without_all_orders_the_last_sixty_days_are_read_and_the_rest_when_it_is_granted(
    folder: Path,
) -> None:
    now = datetime.now(UTC)
    store = generate(orders=60, years=1, end=now, seed=5)
    with served(store, folder, without("read_all_orders")) as shop:
        first = {one.stream: one for one in shop.extract().streams}["orders"]
        assert first.visible_since is not None
        assert abs((first.visible_since - (now - timedelta(days=60)).date()).days) <= 2
        ((some, oldest),) = shop.rows("select count(*), min(created_at) from shopify.orders")
        assert 0 < some < 60
        assert oldest > (now - timedelta(days=60)).replace(tzinfo=None)
    with served(store, folder) as shop:
        second = {one.stream: one for one in shop.extract().streams}["orders"]
        assert (second.method, second.visible_since) == ("bulk", None)
        assert shop.rows("select count(*) from shopify.orders") == [(60,)]
        assert shop.rows("select visible_since from _shopstack.streams where stream = 'orders'") == [(None,)]


def test_a_configured_start_leaves_out_what_did_not_change_since(tiny_store: Store, folder: Path) -> None:
    changed = sorted(tiny_store.index("Order", "updated_at").values())
    start = changed[len(changed) // 2].date()
    wanted = sum(1 for moment in changed if moment.date() >= start)
    with served(tiny_store, folder, more=f'[extract]\nstart = "{start}"\n') as shop:
        shop.extract()
        assert shop.rows("select count(*) from shopify.orders") == [(wanted,)]
        ((since,),) = shop.rows("select visible_since from _shopstack.streams where stream = 'orders'")
        assert start <= since <= start + timedelta(days=1)
        assert isinstance(since, date)


CHILD = """
import sys
from pathlib import Path
from shopstack.extract import Silent, extract
from shopstack.project import Project
from tests.contract.streams.shop import CREDENTIALS

class Teller(Silent):
    def say(self, what):
        print(what, flush=True)
    def planned(self, stream, method, expected):
        self.say(f"planned {stream}")
    def advanced(self, stream, objects, roots, points):
        self.say(f"advanced {stream}")
    def finished(self, report):
        self.say(f"finished {report.stream}")

extract(Project.open(Path(sys.argv[1])), CREDENTIALS, observer=Teller())
"""


@pytest.mark.parametrize(
    ("moment", "with_signal"),
    [
        ("planned orders", signal.SIGKILL),
        ("advanced orders", signal.SIGKILL),
        ("finished products", signal.SIGKILL),
        ("finished orders", signal.SIGKILL),
        ("advanced orders", signal.SIGINT),
    ],
)
def test_a_run_that_is_killed_is_finished_by_the_next_one(
    tiny_store: Store, folder: Path, clean_tables: Tables, moment: str, with_signal: signal.Signals
) -> None:
    root = Path(__file__).parents[3]
    with served(tiny_store, folder) as shop:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                if line.strip() == moment:
                    child.send_signal(with_signal)
                    break
        assert child.wait(timeout=60) != 0
        shop.extract()
        assert shop.tables() == clean_tables
        homes = [home for shop_folder in shop.project.landing.iterdir() for home in shop_folder.iterdir()]
        assert not [entry for home in homes for entry in home.iterdir() if entry.name.startswith(".")]
