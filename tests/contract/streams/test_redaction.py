"""One customer removed: no byte of his values is left in what was read, whatever is read afterwards; the money stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import orjson
import pytest

from shopstack import steps, suppression
from shopstack.doctor import check_project
from shopstack.errors import DataError, UsageError
from shopstack.extract import Silent, extract, extraction, raw_warehouse, rebuild, rebuilding, sweep
from shopstack.extract.redaction import (
    Subject,
    enter,
    gid_of,
    interrupted,
    note_finished,
    redact,
    subject,
    traces_of,
)
from shopstack.extract.retention import compact_landing
from shopstack.landing import landed_windows, verify_parts
from shopstack.orchestration.recorder import recorded
from shopstack.project import Project
from shopstack.shopify.streams import STREAMS
from shopstack.simulator.attached_events import MetafieldSet
from shopstack.simulator.clock import VirtualClock
from shopstack.simulator.desk_events import CheckoutAbandoned, DraftCompleted, DraftCreated, GiftCardIssued
from shopstack.simulator.events import CustomerCreated
from shopstack.simulator.generator.desk import basket
from shopstack.simulator.ids import gid
from shopstack.simulator.scenarios import Bench, chews, gift_card, treats
from shopstack.simulator.server.live import let_happen
from shopstack.simulator.store import Store
from shopstack.storage import FolderStorage
from tests.contract.streams.killing import REMOVING, Kill, run_to_kill
from tests.contract.streams.searching import HIS_HOME, found_in
from tests.contract.streams.shop import CREDENTIALS, DEFAULTS, FAST, Shop, served
from tests.contract.streams.test_landing import Pinned
from tests.contract.streams.trading import LIGHT
from tests.landed_files import files_of

pytestmark = pytest.mark.xdist_group("removal")

HIM, GUEST = gid("Customer", 2), gid("Order", 5)
NUMBER = HIM.rpartition("/")[2]
NOTE, GUESTS_NOTE = "Xerzebul rang about a squashed parcel", "the guest Wilhelmine Oddfellow rang"
RETURN_NOTE, CARD_NOTE = "my Xerzebulette will not eat them", "for Xerzebul, who waited long"
CHECKOUT_NOTE, DRAFT_NOTE = "Xerzebul will ring before noon", "Quatsch wants forty bags"
PAID_BY, GUEST_PAID_BY = (f"•••• •••• •••• {order * 7919 % 10_000:04d}" for order in (2, 5))
"""The last digits of the cards that his second order and the guest's were paid by."""
MESSAGE, WISH, GUESTS_MESSAGE = "for aunt Mechthild", "no Zwetschgen, please", "to Wilhelmine, with love"
"""Metafields of his order, of himself, and of the guest's order."""
GOODS = "baked on Tuesdays"
"""A metafield of a product: nobody's."""
NOTES = {NOTE, RETURN_NOTE, CARD_NOTE, CHECKOUT_NOTE, DRAFT_NOTE, MESSAGE, WISH, "Your X.", "Dear Xerzebul"}
ADDRESS = {"77 Quibbleton Crescent", "90417-8855", "c/o Hummelbrunn", "+1 555 0199"}
HIS = {"Xerzebul", "Quatsch", "xerzebul.quatsch@odd.example", *NOTES, *ADDRESS, PAID_BY, HIM, NUMBER}
"""What of him is read when personal data is on and the namespace is named."""
OF_GUEST = {GUESTS_NOTE, GUESTS_MESSAGE, GUEST_PAID_BY, "the guest's own draft"}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PERSONAL = f"{FAST}metafields = ['custom']\n[privacy]\npersonal_data = true\n{LIGHT}"


@dataclass(frozen=True)
class Traded(Shop):
    """A shop whose life goes on."""

    store: Store
    clock: VirtualClock


@pytest.fixture(scope="module", autouse=True)
def _few_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A gazetteer of three places: nobody is in it, and it is all that is large here."""
    few = tmp_path_factory.mktemp("places") / "places.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy (from read_parquet('{extraction.PLACES}') limit 3) to '{few}'")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(extraction, "PLACES", few)
        patched.setattr(rebuilding, "PLACES", few)
        yield


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traded]:
    """A shop with him in it, read three times with personal data and swept once; tests work on copies."""
    bench = Bench()
    assert isinstance(bench.store.clock, VirtualClock)
    opened = bench.local("2025-03-01 10:00")
    bench.store.append(
        CustomerCreated(
            at=opened,
            customer=2,
            first_name="Xerzebul",
            last_name="Quatsch",
            email="xerzebul.quatsch@odd.example",
            address=HIS_HOME,
        )
    )
    bench.place("2026-01-10 10:00", [treats(2)])
    his = bench.place(
        "2026-01-11 10:00", [treats(3), chews(2), gift_card()], customer=2, address=HIS_HOME, shipping=500
    )
    his.fulfil(bench.local("2026-01-12 10:00"))
    his.refund(bench.local("2026-01-20 10:00"), {1: 1}, note=NOTE)
    his.request_return(bench.local("2026-01-21 10:00"), {2: 1}, by_customer=True, note=RETURN_NOTE)
    bench.place("2026-02-11 10:00", [chews(1)], customer=2, address=HIS_HOME)
    bench.place("2026-02-12 10:00", [treats(1)]).refund(
        bench.local("2026-02-20 10:00"), {1: 1}, note="Ada's own"
    )
    guest = bench.place("2026-02-13 10:00", [treats(4)], customer=None)
    guest.refund(bench.local("2026-02-20 11:00"), {1: 1}, note=GUESTS_NOTE)
    at = bench.local("2026-03-01 10:00")
    bench.store.extend(
        [
            GiftCardIssued(
                at=at,
                card=9,
                value=5000,
                customer=2,
                recipient_name="Dear Xerzebul",
                message="Your X.",
                note=CARD_NOTE,
            ),
            replace(basket(CheckoutAbandoned, 1, his.placed, at), note=CHECKOUT_NOTE),
            replace(basket(DraftCreated, 1, his.placed, at), note=DRAFT_NOTE),
            replace(basket(DraftCreated, 2, guest.placed, at), note="the guest's own draft"),
            DraftCompleted(at=at, draft=2, order=5),
        ]
    )
    store = bench.built()
    store.extend(
        MetafieldSet(
            at=bench.local("2026-02-21 10:00"),
            owner=owner,
            namespace="custom",
            key="message",
            type="multi_line_text_field",
            value=value,
        )
        for owner, value in (
            (("Order", 2), MESSAGE),
            (("Customer", 2), WISH),
            (("Order", 5), GUESTS_MESSAGE),
            (("Product", 1), GOODS),
        )
    )
    settings = replace(DEFAULTS, throttling=False)
    with served(store, tmp_path_factory.mktemp("traded") / "project", settings, PERSONAL) as shop:
        for order in (gid("Order", 2), gid("Order", 1)):
            extract(shop.project, CREDENTIALS, clock=Pinned(bench.store.clock))
            bench.store.clock.advance(DAY)
            let_happen(store, "fulfil", order)
            bench.store.clock.advance(timedelta(hours=1))
        extract(shop.project, CREDENTIALS, clock=Pinned(bench.store.clock))
        sweep(shop.project, CREDENTIALS, clock=Pinned(bench.store.clock))
        yield Traded(shop.server, shop.project, store, bench.store.clock)


@pytest.fixture
def shop(traded: Traded, tmp_path: Path) -> Traded:
    shutil.copytree(traded.project.root, tmp_path / "project")
    return replace(traded, project=Project.open(tmp_path / "project"))


class Heard(Silent):
    """Keeps what a person is warned of."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def warned(self, message: str, hint: str) -> None:
        self.said.append(f"{message} {hint}")


def domain(shop: Traded) -> str:
    return FolderStorage(shop.project.landing).names("")[0]


def removed(shop: Traded, named: str = HIM) -> None:
    remove(shop.project.root, domain(shop), named)


def remove(folder: Path, domain: str, named: str) -> None:
    """As the command does, up to what is built of it."""
    project = Project.open(folder)
    warehouse, who = raw_warehouse(project), Subject(domain, named)
    enter(project, who, traces_of(project, warehouse, who, now=NOW).orders, now=NOW)
    redact(project, warehouse, domain, now=NOW)
    note_finished(project, domain, now=NOW)


def left(shop: Traded, words: set[str] = HIS) -> set[tuple[str, str]]:
    return found_in(shop.project.root, words)


def money(shop: Traded) -> dict[str, list[Decimal]]:
    """Rows and the sum of every amount of every raw table; Shopify's report has a row more with every day."""
    queries = []
    for stream in (one for one in STREAMS if one.kind != "report"):
        for table in stream.tables:
            sums = ", ".join(
                ["count(*)", *(f'sum("{one.name}")' for one in table.columns if one.type == "decimal")]
            )
            queries.append(f"select '{table.name}', [{sums}]::decimal(38, 4)[] from shopify.{table.name}")
    return dict(shop.rows(" union all ".join(queries)))


def read_again(shop: Traded) -> None:
    shop.clock.advance(DAY)
    extract(shop.project, CREDENTIALS, clock=Pinned(shop.clock))


def rebuilt(shop: Traded) -> None:
    rebuild(shop.project)


def compacted(shop: Traded) -> None:
    done = compact_landing(
        shop.project, raw_warehouse(shop.project), now=NOW + timedelta(days=900), worth_it=2
    )
    assert "orders" in {one.stream for one in done}
    windows = landed_windows(FolderStorage(shop.project.landing), domain(shop), "orders")
    (noted,) = [one.manifest.redactions for one in windows if one.manifest.method == "checkpoint"]
    assert {one.at for one in noted} == {NOW}
    assert noted[0].lines > 2
    rebuild(shop.project)


def read_from_the_first(shop: Traded) -> None:
    shop.project.database("raw").unlink()
    read_again(shop)


def swept(shop: Traded) -> None:
    report = sweep(shop.project, CREDENTIALS, clock=Pinned(shop.clock))
    assert report.sentence == "nothing was deleted"


def put_back(shop: Traded) -> None:
    """The landing of before, from a backup; the list of removed customers stayed."""
    listed = shop.project.landing / domain(shop) / suppression.FILE
    kept = listed.read_bytes()
    shutil.rmtree(shop.project.landing)
    shutil.copytree(shop.project.root.parent / "backup", shop.project.landing)
    listed.write_bytes(kept)
    rebuild(shop.project)


def test_what_is_searched_for_is_there_before(shop: Traded) -> None:
    found = left(shop)
    assert {word for _, word in found} == HIS
    assert {file.rpartition("/")[2] for file, _ in found} >= {"raw.duckdb", "part-0000.jsonl.zst"}


def test_nothing_of_him_is_left_and_the_money_stays(shop: Traded) -> None:
    before = money(shop)
    removed(shop)
    assert left(shop) == set()
    assert money(shop) == before
    assert shop.rows("select count(*) from shopify.orders where customer_id like '%/redacted-%'") == [(2,)]
    assert shop.rows("select first_name, email from shopify.customers where id like '%/redacted-%'") == [
        (None, None)
    ]
    assert shop.rows(
        "select count(card_number), count(card_company) from shopify.tender_transactions where order_id in "
        "(select id from shopify.orders where customer_id like '%/redacted-%')"
    ) == [(0, 3)]


def test_others_keep_what_is_theirs(shop: Traded) -> None:
    removed(shop)
    others = {"Bell", "ada.bell@example.com", "Ada's own", "1 Main St", GOODS, *OF_GUEST}
    assert {word for _, word in left(shop, others)} == others


@pytest.mark.parametrize("later", [read_again, rebuilt, compacted, read_from_the_first, swept, put_back])
def test_nothing_brings_him_back(shop: Traded, later: Callable[[Traded], None]) -> None:
    shutil.copytree(shop.project.landing, shop.project.root.parent / "backup")
    before = money(shop)
    removed(shop)
    later(shop)
    assert left(shop) == set()
    assert money(shop) == before


def test_a_change_of_his_order_does_not_bring_him_back(shop: Traded) -> None:
    removed(shop)
    let_happen(shop.store, "fulfil", gid("Order", 3))
    read_again(shop)
    assert left(shop) == set()
    assert shop.rows(
        "select fulfillment_status, customer_id like '%/redacted-%' from shopify.orders "
        f"where id = '{gid('Order', 3)}'"
    ) == [("FULFILLED", True)]


def test_raw_is_what_a_rebuild_from_the_landing_gives(shop: Traded) -> None:
    removed(shop)
    before = shop.tables()
    rebuild(shop.project)
    assert shop.tables() == before


def test_the_manifest_says_that_and_when_and_not_who(shop: Traded) -> None:
    removed(shop)
    windows = list(landed_windows(FolderStorage(shop.project.landing), domain(shop), "orders"))
    touched = [one.manifest for one in windows if one.manifest.redactions]
    assert touched
    assert {one.redactions[0].at for one in touched} == {NOW}
    for one in windows:
        verify_parts(one)


def test_the_list_holds_hashes_alone(shop: Traded) -> None:
    removed(shop)
    listed = orjson.loads((shop.project.landing / domain(shop) / suppression.FILE).read_bytes())
    assert sorted(one["kind"] for one in listed["entries"]) == ["Customer", "Order", "Order"]
    for entry in listed["entries"]:
        assert set(entry) == {"hash", "kind", "entered_at", "finished_at"}
        assert len(entry["hash"]) == 64


def test_a_guest_is_removed_by_order(shop: Traded) -> None:
    before = money(shop)
    assert {word for _, word in left(shop, OF_GUEST)} == OF_GUEST
    removed(shop, GUEST)
    assert left(shop, OF_GUEST) == set()
    assert money(shop) == before
    assert {word for _, word in left(shop)} == HIS
    read_from_the_first(shop)
    assert left(shop, OF_GUEST) == set()


def again(shop: Traded) -> None:
    removed(shop)


def taken_up(shop: Traded) -> None:
    """What the next run does before it reads anything."""
    for one in interrupted(shop.project):
        redact(shop.project, raw_warehouse(shop.project), one, now=NOW)
        note_finished(shop.project, one, now=NOW)


@pytest.mark.parametrize(
    ("phase", "nth", "finish"),
    [
        ("entered", 1, taken_up),
        ("screening", 4, again),
        ("a part written", 2, again),
        ("a manifest written", 3, taken_up),
        ("blanking", 2, again),
        ("committed", 1, taken_up),
        ("written anew", 1, again),
    ],
)
def test_killed_anywhere_it_is_finished_by_whoever_comes_next(
    shop: Traded, phase: str, nth: int, finish: Callable[[Traded], None]
) -> None:
    assert phase in REMOVING
    before = money(shop)
    assert run_to_kill(Kill(phase, nth), remove, shop.project.root, domain(shop), HIM)
    assert list(interrupted(shop.project)) == [domain(shop)]
    (told,) = [one for one in check_project(shop.project) if one.check == "removals"]
    assert (told.state, "was interrupted" in told.message) == ("warning", True)
    finish(shop)
    assert left(shop) == set()
    assert money(shop) == before
    assert interrupted(shop.project) == {}
    storage = FolderStorage(shop.project.landing)
    for stream in STREAMS:
        for landed in landed_windows(storage, domain(shop), stream.name):
            verify_parts(landed)
            assert sum(part.lines for part in landed.manifest.parts) == landed.manifest.landed_objects


def test_a_landed_file_that_was_changed_keeps_no_run_from_going_on(shop: Traded) -> None:
    enter(shop.project, Subject(domain(shop), HIM), [], now=NOW)
    windows = landed_windows(FolderStorage(shop.project.landing), domain(shop), "orders")
    Path(next(file for one in windows for file in files_of(one))).write_bytes(b"changed")
    heard = Heard()
    with recorded(shop.project, "run") as work:
        assert steps.take_up_removals(work, heard) == ()
    assert "is not the one that was written" in heard.said[0]
    assert list(interrupted(shop.project)) == [domain(shop)]


def test_a_list_that_cannot_be_read_stops_what_would_be_landed(shop: Traded) -> None:
    removed(shop)
    (shop.project.landing / domain(shop) / suppression.FILE).write_bytes(b"{")
    with pytest.raises(DataError, match="list of removed customers"):
        read_again(shop)


def test_his_values_are_known_before_and_a_stranger_is_refused(shop: Traded) -> None:
    warehouse = raw_warehouse(shop.project)
    him, stranger = (Subject(domain(shop), one) for one in (HIM, "gid://shopify/Customer/42"))
    found = traces_of(shop.project, warehouse, him, now=NOW)
    assert found.orders == {gid("Order", 2), gid("Order", 3)}
    assert found.values >= HIS - {HIM, NUMBER}
    assert not found.values & OF_GUEST
    with pytest.raises(UsageError, match="has no customer 42") as caught:
        traces_of(shop.project, warehouse, stranger, now=NOW)
    assert "admin" in caught.value.hint
    removed(shop)
    assert traces_of(shop.project, warehouse, him, now=NOW).values == set()


def test_the_shop_must_be_told_where_there_are_several(shop: Traded) -> None:
    warehouse = raw_warehouse(shop.project)
    assert subject(shop.project, warehouse, NUMBER, order=False, shop="") == Subject(domain(shop), HIM)
    (shop.project.landing / "another.myshopify.com" / "orders").mkdir(parents=True)
    with pytest.raises(UsageError, match="which shop"):
        subject(shop.project, warehouse, NUMBER, order=False, shop="")
    assert subject(shop.project, warehouse, NUMBER, order=False, shop=domain(shop)).gid == HIM
    with pytest.raises(UsageError, match="Nothing was read of a shop"):
        subject(shop.project, warehouse, NUMBER, order=False, shop="nowhere")


@pytest.mark.parametrize(
    "given", [NUMBER, HIM, f"https://admin.shopify.com/store/a-shop/customers/{NUMBER}?x=1", f" {NUMBER} "]
)
def test_an_id_may_be_given_as_a_person_finds_it(given: str) -> None:
    assert gid_of(given, order=False) == HIM


@pytest.mark.parametrize(
    "given", ["xerzebul@odd.example", "#1001", "gid://shopify/Product/1", "", "products/12"]
)
def test_what_is_no_customers_id_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="not the id of a customer"):
        gid_of(given, order=False)
