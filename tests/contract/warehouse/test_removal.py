"""One customer removed from a project on Snowflake: what reporters see meanwhile, and what Snowflake keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shopstack import pipeline, steps
from shopstack.errors import BuildError
from shopstack.extract.redaction import Subject, interrupted
from shopstack.project import Project
from shopstack.publish import Published
from shopstack.publish.for_reporters import put_for_reporters
from shopstack.publish.pointer import Pointer, PublishedTable, write_pointer
from shopstack.shopify.streams import ORDERS
from shopstack.suppression import Suppressions
from tests.contract.warehouse.engines import SnowflakeEngine, pem
from tests.contract.warehouse.test_contract import CONCERNED, refunded
from tests.fakes.snowflake_server import SnowflakeServer
from tests.unit.warehouse.landed import LOADED_AT, SHOP, land
from tests.unit.warehouse.test_deletions import sweep

pytestmark = pytest.mark.xdist_group("warehouse")

NUMBER = "7212345678901"
HIM = f"gid://shopify/Customer/{NUMBER}"
ORDER = 5612345678901
WORDS = "his own words"
POINTER = Pointer(
    "v-1",
    datetime(2026, 3, 1, tzinfo=UTC),
    None,
    tables={"serving.fct_sales": PublishedTable(1, ("customer_id", "amount"))},
)


def bought() -> list[dict[str, Any]]:
    """His order, with a note about him, and a text that names him."""
    first, *below = refunded(ORDER, HIM, WORDS)
    return [
        {
            **first,
            "sourceUrl": f"https://admin.shopify.com/store/a-shop/customers/{NUMBER}",
            "tags": [HIM, f"of {HIM}!"],
        },
        *below,
    ]


@dataclass
class Shop:
    """A project whose only customer bought something for 10, which was built and put up for reporters."""

    project: Project
    server: SnowflakeServer
    prod: str

    def sells(self, schema: str, customer: str) -> None:
        """What a build, or a publish, makes."""
        self.server.query(
            f"create or replace table {self.prod}.{schema}.FCT_SALES as select '{customer}' as CUSTOMER_ID, 10 as AMOUNT"
        )

    def tables(self) -> set[str]:
        found = self.server.query(
            f"select schema_name || '.' || table_name from duckdb_tables() where database_name = '{self.prod}' "
            "and schema_name in ('SERVING', 'PUBLISHED')"
        )
        return {name for (name,) in found}

    def reported(self) -> list[tuple[Any, ...]]:
        return self.server.query(f"from {self.prod}.PUBLISHED.FCT_SALES")

    def altered(self) -> list[str]:
        """Tables of PUBLISHED that Time Travel was told to keep nothing of, in order, and those replaced or dropped."""
        words = ("alter table PUBLISHED", "create or replace transient table PUBLISHED", "drop table")
        return [text.split(" copy")[0] for _, text in self.server.statements if text.startswith(words)]


@pytest.fixture
def shop(
    recorded: SnowflakeServer, snowflake: SnowflakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY", pem())
    warehouse = snowflake.prepared(tmp_path)
    prefix = warehouse.access.database.removesuffix("_RAW")
    (tmp_path / "shopstack.toml").write_text(
        '[warehouse]\ntype = "snowflake"\naccount = "simulated"\nuser = "LOADER"\nrole = "LOADER"\n'
        f'database_prefix = "{prefix}"\nserver = "{recorded.address}"\n'
    )
    warehouse.load(land(tmp_path, bought()), ORDERS, loaded_at=LOADED_AT)
    recorded.instance.connect(f"{prefix}_PROD")
    made = Shop(Project.open(tmp_path), recorded, f"{prefix}_PROD")
    for schema in ("SERVING", "PUBLISHED"):
        recorded.query(f"create schema {made.prod}.{schema}")
        made.sells(schema, NUMBER)
    recorded.query(f"create table {made.prod}.PUBLISHED.MADE_NO_MORE as select 1 as x")
    return made


def publishing(shop: Shop, monkeypatch: pytest.MonkeyPatch, seen: list[Any]) -> None:
    """A build that notes what reporters see meanwhile, and a publish that is no more than the copies for them."""

    def build(_work: Any) -> Any:
        seen.append(shop.reported())
        assert "SERVING.FCT_SALES" not in shop.tables(), "nothing that was built of him is built on"
        shop.sells("SERVING", "redacted")
        return SimpleNamespace()

    def publish(_work: Any, *, keep: bool) -> Published:
        assert not keep, "what was published of him is not kept"
        put_for_reporters(shop.project, POINTER)
        return Published(POINTER, shop.project.root, (), ())

    monkeypatch.setattr(steps, "build", build)
    monkeypatch.setattr(steps, "publish", publish)


def test_reporters_have_figures_until_new_ones_take_their_place_and_nothing_of_the_old_is_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pointer(shop.project, POINTER, "")
    seen: list[Any] = []
    publishing(shop, monkeypatch, seen)
    report = pipeline.redact(shop.project, Subject(SHOP, HIM))
    assert report.derived == (shop.prod,)
    assert seen == [[(NUMBER, 10)]]
    assert shop.reported() == [("redacted", 10)]
    assert shop.tables() == {"SERVING.FCT_SALES", "PUBLISHED.FCT_SALES"}
    assert shop.altered()[-4:] == [
        'alter table PUBLISHED."FCT_SALES" set data_retention_time_in_days = 0',
        'alter table PUBLISHED."MADE_NO_MORE" set data_retention_time_in_days = 0',
        'create or replace transient table PUBLISHED."FCT_SALES"',
        'drop table if exists PUBLISHED."MADE_NO_MORE"',
    ]
    assert interrupted(shop.project) == {}


def test_a_build_that_fails_leaves_reporters_what_they_had(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pointer(shop.project, POINTER, "")

    def build(_work: Any) -> Any:
        raise BuildError("It failed.", why="A test.", hint="mend it")

    monkeypatch.setattr(steps, "build", build)
    with pytest.raises(BuildError):
        pipeline.redact(shop.project, Subject(SHOP, HIM))
    assert shop.reported() == [(NUMBER, 10)]
    assert set(interrupted(shop.project)) == {SHOP}


def test_copies_that_nothing_takes_the_place_of_are_dropped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "build", lambda _work: None)
    pipeline.redact(shop.project, Subject(SHOP, HIM))
    assert shop.tables() == set()


def test_no_statement_holds_what_would_tell_who_he_was(
    recorded: SnowflakeServer, snowflake: SnowflakeEngine, tmp_path: Path
) -> None:
    """Snowflake keeps the text of each for a year, for whoever may see the history of the warehouse."""
    warehouse = snowflake.prepared(tmp_path)
    warehouse.load(land(tmp_path, bought()), ORDERS, loaded_at=LOADED_AT)
    him = Suppressions(SHOP).entered([HIM], LOADED_AT)
    recorded.statements.clear()
    orders = warehouse.roots_of(ORDERS, him)
    assert orders == {f"gid://shopify/Order/{ORDER}"}
    listed = him.entered(orders, LOADED_AT)
    assert warehouse.personal_values(CONCERNED, listed) == {WORDS}
    assert warehouse.redact(CONCERNED, listed) == 2
    ((tags,),) = snowflake.rows(warehouse, "select tags from SHOPIFY.ORDERS")
    stand_in = listed.stand_in(HIM)
    assert tags == f'["{stand_in}","of {stand_in}!"]'
    telling = {NUMBER, str(ORDER), WORDS, listed.salt, stand_in, *(one.hash for one in listed.entries)}
    said = "\n".join(text for _, text in recorded.statements)
    assert {one for one in telling if one in said} == set()
    assert "HANDED_LISTED" in said


def test_no_statement_holds_the_ids_of_what_was_deleted(
    recorded: SnowflakeServer, snowflake: SnowflakeEngine, tmp_path: Path
) -> None:
    warehouse = snowflake.prepared(tmp_path)
    warehouse.load(land(tmp_path, bought()), ORDERS, loaded_at=LOADED_AT)
    recorded.statements.clear()
    warehouse.mark(sweep(tmp_path, [1], deleted=[ORDER]), ORDERS)
    assert snowflake.rows(warehouse, "select count(*) from SHOPIFY.ORDERS where _deleted_at is not null") == [
        (1,)
    ]
    assert str(ORDER) not in "\n".join(text for _, text in recorded.statements)
