"""What only Snowflake can do to a load: refuse to sign in, lose the connection, withhold a right, stand still."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errorcode import ER_FAILED_TO_CONNECT_TO_DB
from snowflake.connector.errors import OperationalError
from snowflake.connector.storage_client import SnowflakeStorageClient

from shopstack.errors import (
    ConfigurationError,
    CredentialsError,
    DataError,
    ShopstackError,
    TransientError,
    UnreachableError,
)
from shopstack.shopify.streams import ORDERS, STREAMS, stream
from shopstack.warehouse.layout import table_columns
from shopstack.warehouse.snowflake import SnowflakeWarehouse
from shopstack.warehouse.snowflake_connection import RUN, SnowflakeAccess, file_uri, pauses, signed_in
from shopstack.warehouse.snowflake_sessions import ATTEMPTS
from shopstack.warehouse.snowflake_sql import table_name
from tests.contract.warehouse.engines import SnowflakeEngine
from tests.contract.warehouse.test_contract import CONCERNED, HIM, listed, refunded
from tests.fakes.snowflake_server import SnowflakeServer
from tests.unit.warehouse.landed import LOADED_AT, SHOP, land, tree

pytestmark = [pytest.mark.usefixtures("recorded"), pytest.mark.xdist_group("warehouse")]


@pytest.fixture
def warehouse(snowflake: SnowflakeEngine, tmp_path: Path) -> SnowflakeWarehouse:
    return snowflake.prepared(tmp_path)


@dataclass(frozen=True)
class Refusal:
    """What Snowflake says, and what is made of it."""

    code: str
    words: str
    kind: type[ShopstackError]
    message: str
    at: str = "^copy into"
    """Pattern of the statement that is refused."""


def assert_refused(
    warehouse: SnowflakeWarehouse, tmp_path: Path, kind: type[ShopstackError], message: str
) -> None:
    """A load ends with an error of exactly this kind, whose message has these words and which says what to do."""
    with pytest.raises(ShopstackError) as caught:
        warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    assert type(caught.value) is kind
    assert message in caught.value.message
    assert caught.value.why
    assert caught.value.hint


NO_ROLE = "Role 'LOADER' specified in the connect string does not exist or not authorized."
NO_ENTRY = "Incoming request with IP/Token 192.0.2.1 is not allowed to access Snowflake."
LOGINS = (
    Refusal("390144", "JWT token is invalid. [0ce9eb56]", CredentialsError, "refuses the key of LOADER"),
    Refusal("390100", "Incorrect username or password.", CredentialsError, "does not know LOADER"),
    Refusal("390189", NO_ROLE, CredentialsError, "not take the role LOADER"),
    Refusal("390422", NO_ENTRY, CredentialsError, "does not let this machine in"),
)

QUOTA = "Warehouse 'LOADING' cannot be resumed because resource monitor 'MONTHLY' has exceeded its quota."
NO_WAREHOUSE = "No active warehouse selected in the current session."
NO_RIGHT = "SQL access control error: Insufficient privileges to operate on table 'LOADS'"
NO_SCHEMA = "SQL compilation error: Schema '_SHOPSTACK' does not exist or not authorized."
TOO_LONG = "Statement reached its statement or warehouse timeout of 60 second(s) and was canceled."
NO_NUMBER = "Numeric value 'x' is not recognized"
STATEMENTS = (
    Refusal("090073", QUOTA, TransientError, "LOADING is suspended"),
    Refusal("000606", NO_WAREHOUSE, ConfigurationError, "no warehouse LOADING that LOADER may compute with"),
    Refusal("003001", NO_RIGHT, CredentialsError, "lets LOADER not do", at="^insert into"),
    Refusal("002003", NO_SCHEMA, CredentialsError, "lets LOADER not do", at="^create temporary stage"),
    Refusal("000630", TOO_LONG, TransientError, "was stopped"),
    Refusal("100038", NO_NUMBER, DataError, "refused"),
)


@pytest.mark.parametrize("said", LOGINS, ids=lambda said: said.code)
def test_who_may_not_sign_in_is_told_why(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path, said: Refusal
) -> None:
    recorded.logins.clear()
    recorded.refuse_login(code=said.code, message=said.words)
    assert_refused(warehouse, tmp_path, said.kind, said.message)
    assert len(recorded.logins) == 1, "a refusal is not asked again"


def test_an_account_that_does_not_exist_is_a_wrong_configuration(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    recorded.answer_login(403)
    assert_refused(warehouse, tmp_path, ConfigurationError, "no account simulated")


@pytest.mark.parametrize("said", STATEMENTS, ids=lambda said: said.code)
def test_what_snowflake_refuses_in_the_middle_of_a_load_leaves_nothing_behind(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path, said: Refusal
) -> None:
    recorded.fail(said.at, code=said.code, message=said.words)
    assert_refused(warehouse, tmp_path, said.kind, said.message)
    assert warehouse.progress(SHOP) == {}
    assert set(warehouse.count(SHOP, ORDERS).values()) == {0}


def test_a_statement_that_a_busy_server_does_not_take_is_asked_again(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    recorded.lose("^insert into _SHOPSTACK.loads", times=2)
    result = warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    assert result.rows["order_lines"] == 2
    assert warehouse.count(SHOP, ORDERS)["order_lines"] == 2
    assert set(warehouse.progress(SHOP)) == {"orders"}


def test_a_statement_may_work_for_longer_than_a_lost_network_is_waited_for(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer
) -> None:
    recorded.slow("^select 'worked'", seconds=2)
    with signed_in(warehouse.access.patient(1)) as session:
        assert session.row("select 'worked'") == ("worked",)
    assert recorded.cancelled == 0


def test_signing_in_to_a_server_that_only_says_that_it_is_busy_comes_to_an_end(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer
) -> None:
    recorded.answer_login(503)
    with pytest.raises(UnreachableError), signed_in(warehouse.access.patient(1)):
        pytest.fail("nobody let us in")
    with pytest.raises(OperationalError) as caught:
        list(pauses(0))
    assert caught.value.errno == ER_FAILED_TO_CONNECT_TO_DB


def test_the_connector_is_asked_for_amounts_as_they_are(
    warehouse: SnowflakeWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes floats of what Snowflake sends as scaled integers; this server sends decimals, which it leaves alone."""
    asked: dict[str, Any] = {}
    connect = snowflake.connector.connect

    def noted(**known: Any) -> Any:
        asked.update(known)
        return connect(**known)

    monkeypatch.setattr(snowflake.connector, "connect", noted)
    with signed_in(warehouse.access):
        assert asked["arrow_number_to_decimal"] is True


def test_a_load_whose_session_has_ended_is_begun_again_in_another(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    ended = "Session no longer exists. New login required to access the service."
    recorded.logins.clear()
    recorded.fail("^insert into _SHOPSTACK.loads", code="390111", message=ended)
    with warehouse.held():
        warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
        assert warehouse.count(SHOP, ORDERS)["order_lines"] == 2
        assert len(recorded.logins) == 2


def test_a_connection_that_stays_lost_ends_the_run_and_the_next_one_goes_on(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    recorded.lose("^commit", times=1000)
    with warehouse.held():
        assert_refused(warehouse, tmp_path, UnreachableError, "does not answer")
    logins = [one for one in recorded.logins if one["LOGIN_NAME"] == "LOADER"]
    assert len(logins) >= ATTEMPTS
    recorded.forget_faults()
    assert warehouse.count(SHOP, ORDERS)["orders"] == 1
    landed = land(tmp_path, tree(2))
    with warehouse.held():
        warehouse.load(landed, ORDERS, loaded_at=LOADED_AT)
    assert warehouse.count(SHOP, ORDERS)["orders"] == 2


def test_a_step_signs_in_once_and_every_statement_bears_the_runs_name(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    recorded.logins.clear()
    token = RUN.set("20261130T101500Z")
    try:
        with warehouse.held():
            warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
            warehouse.progress(SHOP)
    finally:
        RUN.reset(token)
    (login,) = recorded.logins
    assert login["SESSION_PARAMETERS"]["QUERY_TAG"] == "shopstack 20261130T101500Z"
    assert login["query"]["roleName"] == "LOADER"
    assert login["query"]["warehouse"] == "LOADING"


def test_what_is_there_is_not_made_again(warehouse: SnowflakeWarehouse, recorded: SnowflakeServer) -> None:
    warehouse.prepare(STREAMS)
    assert not [text for _, text in recorded.statements if text.startswith(("create", "alter"))]


def test_a_column_that_was_declared_since_is_added(
    snowflake: SnowflakeEngine, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    warehouse = snowflake.empty(tmp_path)
    shops = stream("shop")
    declared = ", ".join(
        f'"{column.upper()}" varchar' for column in table_columns(shops.root) if column != "name"
    )
    with signed_in(warehouse.access) as session:
        session.execute("create schema SHOPIFY")
        session.execute(f'create table SHOPIFY."SHOPS" ({declared})')
    warehouse.prepare([shops])
    added = [text for _, text in recorded.statements if text.startswith("alter table")]
    assert added == ['alter table SHOPIFY."SHOPS" add column "NAME" varchar']


def test_only_what_can_be_read_again_lies_in_transient_tables(
    snowflake: SnowflakeEngine, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    snowflake.empty(tmp_path).prepare([stream("products")])
    made = [text for _, text in recorded.statements]
    for table, kind in (
        ('SHOPIFY."PRODUCT_VARIANTS"', "transient table"),
        ('SHOPIFY."PRODUCT_VARIANTS_OBSERVED"', "table"),
        ('_SHOPSTACK."CURSORS"', "table"),
    ):
        assert [text for text in made if text.startswith(f"create {kind} if not exists {table} (")]


def test_a_removal_that_broke_off_at_its_end_gives_tables_their_retention_back(
    warehouse: SnowflakeWarehouse, recorded: SnowflakeServer, tmp_path: Path
) -> None:
    warehouse.load(land(tmp_path, refunded(1, HIM, "his own words")), ORDERS, loaded_at=LOADED_AT)
    recorded.fail("set data_retention_time_in_days = 1$", code="003001", message="Insufficient privileges")
    with pytest.raises(CredentialsError):
        warehouse.redact(CONCERNED, listed(HIM))
    recorded.statements.clear()
    assert warehouse.redact(CONCERNED, listed(HIM)) == 0, "it was done"
    changed = [text for _, text in recorded.statements if text.startswith("alter table")]
    assert changed == [
        f"alter table {table_name(table)} set data_retention_time_in_days = 1"
        for one in CONCERNED
        for table in one.raw_tables
    ]


@pytest.mark.parametrize("name", ["with a space", "O'Brien's", "back\\slash", "it's \\'all\\'", "100% more"])
def test_files_go_up_from_a_folder_of_any_name(
    warehouse: SnowflakeWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Files that are on their way lie in the folder that TMPDIR names."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    warehouse.load(land(tmp_path, tree(1)), ORDERS, loaded_at=LOADED_AT)
    assert warehouse.count(SHOP, ORDERS)["order_lines"] == 2
    assert list(folder.iterdir()) == []


def test_only_the_name_of_a_file_is_a_pattern(warehouse: SnowflakeWarehouse, tmp_path: Path) -> None:
    folder = tmp_path / "[shop] *"
    folder.mkdir()
    (folder / "one.csv").write_text("1")
    (tmp_path / "s *").mkdir()
    (tmp_path / "s *" / "two.csv").write_text("2")
    with signed_in(warehouse.access) as session:
        session.execute("create temporary stage _SHOPSTACK.TRIED")
        session.upload(folder / "*.csv", "@_SHOPSTACK.TRIED")
        listed = session.rows("list @_SHOPSTACK.TRIED")
    assert [Path(file).name for file, *_ in listed] == ["one.csv"]


def test_a_path_is_quoted_as_snowflake_reads_it() -> None:
    assert file_uri(Path("/data/a b/*.parquet")) == "'file:///data/a b/*.parquet'"
    assert file_uri(Path(r"/data/back\slash/x")) == r"'file:///data/back\\slash/x'"
    assert file_uri(Path("/x")) == "'file:///x'"
    assert file_uri(PureWindowsPath(r"C:\Temp\my files\x.csv")) == "'file://C:/Temp/my files/x.csv'"


def test_a_file_that_cannot_be_sent_is_not_waited_for_without_end(
    warehouse: SnowflakeWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.csv").write_text("1")

    def gone(*_: Any) -> None:
        raise OSError("the disk is gone")

    with signed_in(warehouse.access) as session:
        session.execute("create temporary stage _SHOPSTACK.TRIED")
        monkeypatch.setattr(SnowflakeStorageClient, "get_digest", gone)
        with pytest.raises(OSError, match="the disk is gone"):
            session.upload(tmp_path / "one.csv", "@_SHOPSTACK.TRIED")


def test_only_a_server_of_this_machine_is_asked_without_encryption() -> None:
    access = SnowflakeAccess(account="an-account", user="U", key=None)  # type: ignore[arg-type]
    assert access.address == {}
    assert access.host == "an-account.snowflakecomputing.com"
