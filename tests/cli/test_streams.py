"""`streams`: what is read, what for, what must be granted; and the key that asks for more."""

from __future__ import annotations

import json

from shopstack.project import Project
from shopstack.shopify.streams import ORDERS, STREAMS, chosen, needed_scopes, on_request
from tests.cli.conftest import CommandLine


def test_every_stream_is_listed_with_its_scopes_and_tables(shopstack: CommandLine) -> None:
    result = shopstack("streams")
    assert result.code == 0
    lines = result.out.splitlines()
    for one in STREAMS:
        (line,) = [line for line in lines if line.split()[0] == one.name]
        assert all(scope in line for scope in one.scopes)
        assert all(table.name in line for table in one.tables)


def test_one_stream_is_shown_with_every_column(shopstack: CommandLine) -> None:
    result = shopstack("streams", "orders")
    for table in ORDERS.tables:
        assert f"raw.shopify.{table.name}" in result.out
        assert all(f"\n{column.name} " in result.out for column in table.columns)


def test_json_holds_the_whole_declaration(shopstack: CommandLine) -> None:
    found = {one["stream"]: one for one in json.loads(shopstack("streams", "--json").out)}
    assert set(found) == {one.name for one in STREAMS}
    assert found["orders"]["need"] == "required"
    tables = {table["table"]: table for table in found["orders"]["tables"]}
    assert tables["order_fulfillment_lines"]["on_request"] is True
    assert tables["orders"]["on_request"] is False
    assert json.loads(shopstack("streams", "orders", "--json").out) == found["orders"]


def test_it_is_said_with_which_setting_a_table_is_read(shopstack: CommandLine) -> None:
    listed = shopstack("streams").out
    assert "with [privacy] personal_data = true: customer_addresses." in listed
    assert 'with [extract] metafields = ["…"]: order_metafields.' in listed
    shown = shopstack("streams", "customers").out
    assert "raw.shopify.customer_addresses (with [privacy] personal_data = true)" in shown
    found = {
        one["table"]: one for one in json.loads(shopstack("streams", "customers", "--json").out)["tables"]
    }
    assert found["customers"]["read_with"] is None
    assert found["customer_addresses"]["read_with"] == "[privacy] personal_data = true"
    personal = {one["column"]: one["personal"] for one in found["customer_metafields"]["columns"]}
    assert (personal["key"], personal["value"]) == (False, True)


def test_an_unknown_stream_is_a_usage_error_that_names_the_known_ones(shopstack: CommandLine) -> None:
    result = shopstack("streams", "ordres")
    assert result.code == 2
    assert "orders" in result.err


def test_check_names_what_can_be_included(shopstack: CommandLine, project: Project) -> None:
    file = project.root / "shopstack.toml"
    address = f'[shop]\naddress = "{project.config.shop.address}"\n'
    file.write_text(f'{address}[extract]\ninclude = ["order_fulfilment_lines"]\n', encoding="utf-8")
    result = shopstack("check", "--project", str(project.root))
    assert result.code == 2
    assert "order_fulfillment_lines" in result.out + result.err
    file.write_text(f"{address}[extract]\ninclude = {json.dumps(list(on_request()))}\n", encoding="utf-8")
    assert shopstack("check", "--project", str(project.root)).code == 0


def test_what_is_read_anyway_may_be_included_as_well() -> None:
    assert chosen(["payouts", "inventory_levels"]) == chosen()
    assert needed_scopes(["payouts", "inventory_levels"]) == needed_scopes()
