"""The search syntax finds what Shopify's would, and warns where Shopify's would."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shopstack.simulator.server.search import parse_search, parsed_form, time_interval
from tests.unit.simulator.server.conftest import Starter
from tests.unit.simulator.server.small_shop import Client

SEARCH = "query($query: String) { orders(first: 250, query: $query) { nodes { name } } }"


def found(client: Client, query: str) -> list[int]:
    answer = client.ask(SEARCH, query=query)
    assert "errors" not in answer, answer["errors"]
    assert "search" not in answer["extensions"], answer["extensions"]["search"]
    return [int(each["name"][1:]) - 1000 for each in answer["data"]["orders"]["nodes"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name:1001", [1]),
        ("name:#1001", [1]),
        ("test:true", [13]),
        ("tag:first", [1]),
        ("status:cancelled", [17]),
        ("name:1001 OR name:1002", [1, 2]),
        ("tag:first AND name:1002", []),
        ("tag:first name:1001", [1]),
        ("(name:1001 OR name:1002) AND NOT tag:first", [2]),
        ("(name:1001 OR name:1002) -tag:first", [2]),
        ("id:5600000000003", [3]),
        ("id:>=5600000000039", [39, 40]),
        ("id:<5600000000003", [1, 2]),
        ("id:>5600000000003 id:<=5600000000005", [4, 5]),
        ("email:buyer1@example.com", [1]),
        ('name:"1001"', [1]),
        ("name:100*", list(range(1, 10))),
        ("financial_status:refunded", [17]),
        ("buyer12@example.com", [12]),
    ],
)
def test_terms_and_connectives(client: Client, query: str, expected: list[int]) -> None:
    assert found(client, query) == expected


def test_a_quoted_time_is_taken_whole(client: Client) -> None:
    # orders 30 and 31 were placed at 15:30 UTC on June 4th and 9th
    assert found(client, "created_at:>='2026-06-04T15:30:00Z' created_at:<='2026-06-09T15:30:00Z'") == [
        30,
        31,
    ]
    assert found(client, "created_at:>'2026-06-04T15:30:00Z' created_at:<'2026-06-09T15:30:00Z'") == []
    assert found(client, "created_at:>='2026-06-04T15:30:01Z' created_at:<='2026-06-09'") == [31]


def test_an_unquoted_time_is_cut_at_its_first_colon_and_read_in_shop_time(client: Client) -> None:
    # 11:30 in New York is 15:30 UTC: cut to "11" it begins at 15:00 UTC; cut to "15" at 19:00 UTC
    assert found(client, "created_at:>=2026-06-04T11:59:00Z created_at:<'2026-06-09'") == [30]
    assert found(client, "created_at:>=2026-06-04T15:30:00Z created_at:<'2026-06-09'") == []


def test_an_unknown_field_is_ignored_with_a_warning(client: Client) -> None:
    answer = client.ask(SEARCH, query="updated:>2026-01-01 name:1001")
    assert [each["name"] for each in answer["data"]["orders"]["nodes"]] == ["#1001"]
    assert answer["extensions"]["search"] == [
        {
            "path": ["orders"],
            "query": "updated:>2026-01-01 name:1001",
            "parsed": {
                "and": [
                    {"field": "updated", "range": {"gt": "2026-01-01"}},
                    {"field": "name", "match_all": "1001"},
                ]
            },
            "warnings": [
                {
                    "field": "updated",
                    "message": "Invalid search field for this query.",
                    "code": "invalid_field",
                }
            ],
        }
    ]


def test_a_query_of_bad_terms_alone_holds_every_row(client: Client) -> None:
    answer = client.ask(SEARCH, query="nonsense:1")
    assert len(answer["data"]["orders"]["nodes"]) == 40
    assert answer["extensions"]["search"][0]["warnings"]


def test_a_value_that_no_filter_knows_matches_nothing_and_warns(client: Client) -> None:
    answer = client.ask(SEARCH, query="status:melted")
    assert answer["data"]["orders"]["nodes"] == []
    assert answer["extensions"]["search"][0]["warnings"] == [
        {"field": "status", "message": "Input `melted` is not an accepted value.", "code": "invalid_value"}
    ]


def test_roots_know_different_fields(client: Client) -> None:
    text = "query($query: String) { customers(first: 9, query: $query) { nodes { id } } customersCount(query: $query) { count } }"
    answer = client.ask(text, query="created_at:>'2020-01-01'")
    warned = [each["path"] for each in answer["extensions"]["search"]]
    assert warned == [["customers"]]
    assert answer["data"]["customersCount"]["count"] == 5


def test_a_filter_that_the_store_cannot_answer_is_an_error_and_never_all_rows(client: Client) -> None:
    answer = client.ask(SEARCH, query="cart_token:abc")
    assert answer["data"] is None
    assert "cannot filter" in answer["errors"][0]["message"]


def test_warnings_name_the_alias_of_their_field(client: Client) -> None:
    answer = client.ask('{ shop { id } mine: orders(first: 1, query: "foo:1") { nodes { id } } }')
    assert answer["extensions"]["search"][0]["path"] == ["mine"]


def test_a_search_fault_makes_a_good_filter_ignored(start: Starter) -> None:
    client = start()
    client.control("faults", kind="search_warning")
    answer = client.ask(SEARCH, query="name:1001")
    assert len(answer["data"]["orders"]["nodes"]) == 40
    assert answer["extensions"]["search"][0]["warnings"][0]["code"] == "invalid_field"
    assert len(client.data(SEARCH, query="name:1001")["orders"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01T05:00:00", "2027-01-01T05:00:00"),
        ("2026-12", "2026-12-01T05:00:00", "2027-01-01T05:00:00"),
        ("2026-03-08", "2026-03-08T05:00:00", "2026-03-09T04:00:00"),  # the day on which clocks go forward
        ("2026-06-01T10", "2026-06-01T14:00:00", "2026-06-01T15:00:00"),
        ("2026-06-01T10:20:30Z", "2026-06-01T10:20:30", "2026-06-01T10:20:31"),
        ("2026-06-01T10:20:30+02:00", "2026-06-01T08:20:30", "2026-06-01T08:20:31"),
    ],
)
def test_a_time_stands_for_all_that_it_does_not_say(text: str, start: str, end: str) -> None:
    interval = time_interval(text, ZoneInfo("America/New_York"), datetime.now(UTC))
    assert interval is not None
    assert interval[0].replace(tzinfo=None).isoformat() == start
    assert (datetime.fromisoformat(end) - interval[1].replace(tzinfo=None)).total_seconds() == pytest.approx(
        1e-6
    )


@pytest.mark.parametrize("text", ["not-a-date", "2026-13", "2026-02-30", "yesterdayish", ""])
def test_what_is_no_time_has_no_interval(text: str) -> None:
    assert time_interval(text, ZoneInfo("UTC"), datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", None),
        ("a:1", {"field": "a", "match_all": "1"}),
        ("word", {"field": "default", "match_all": "word"}),
        (
            "a:1 OR b:2 c:3",
            {
                "or": [
                    {"field": "a", "match_all": "1"},
                    {"and": [{"field": "b", "match_all": "2"}, {"field": "c", "match_all": "3"}]},
                ]
            },
        ),
        ("NOT a:1", {"not": {"field": "a", "match_all": "1"}}),
        ("a:'x y'", {"field": "a", "match_all": "x y"}),
        ("(a:1", {"field": "a", "match_all": "1"}),
    ],
)
def test_the_parsed_form(text: str, form: object) -> None:
    tree = parse_search(text)
    assert (parsed_form(tree) if tree else None) == form
