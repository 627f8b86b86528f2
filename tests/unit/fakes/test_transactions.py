"""The recorder must notice what Snowflake would not forgive: otherwise its silence says nothing."""

from __future__ import annotations

import pytest

from tests.fakes.transactions import offences


def said(*statements: str, session: str = "a") -> list[tuple[str, str]]:
    return [(session, statement) for statement in statements]


@pytest.mark.parametrize(
    "statement",
    [
        "create temporary table landed (id varchar)",
        "alter table orders add column note varchar",
        "put 'file:///tmp/orders.parquet' @landed",
        "truncate table orders",
        "drop table orders",
        "select 1",
    ],
)
def test_what_commits_by_itself_is_noticed_within_a_transaction(statement: str) -> None:
    within = said("begin", "insert into orders values (1)", statement, "commit")
    assert offences(within) == [statement]


def test_what_changes_rows_may_stand_there_and_anything_outside() -> None:
    loaded = said(
        "create table orders (id varchar)",
        "BEGIN",
        "COPY INTO orders from @landed/orders.parquet",
        "delete from orders where id = 1",
        "update orders set id = 2",
        "merge into orders using lines on true when matched then delete",
        "commit",
        "alter table orders add column note varchar",
    )
    assert offences(loaded) == []


def test_a_rollback_ends_a_transaction_and_sessions_are_told_apart() -> None:
    statements = [
        *said("begin", "rollback", "create table orders (id varchar)"),
        *said("begin"),
        *said("create table lines (id varchar)", session="b"),
    ]
    assert offences(statements) == []
