"""What the doctor concludes from a shop's answers; the answers here are written out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shopstack.doctor.findings import Finding, worst_exit_code
from shopstack.doctor.shop import OLDEST_ORDER_QUERY, PLACES_QUERY, SHOP_QUERY, examine, read_proof
from shopstack.errors import (
    CredentialsError,
    DataError,
    MissingScopeError,
    ShopstackError,
    UnreachableError,
)
from shopstack.secrets import ClientCredentials, Credentials, StaticToken
from shopstack.shopify.streams import API_VERSION, needed_scopes
from shopstack.shopify.versions import end_of_support

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
TOKEN = StaticToken("shpat_0123456789")
AUSTIN = {"city": "Austin", "provinceCode": "TX", "countryCodeV2": "US"}
HIDDEN = {"city": None, "provinceCode": None, "countryCodeV2": "US"}
REPORT = "shopifyqlQuery"


def shop_answer(*without: str) -> dict[str, Any]:
    scopes = [{"handle": scope} for scope in needed_scopes() if scope not in without]
    shop = {
        "name": "Biscuit",
        "myshopifyDomain": "biscuit.myshopify.com",
        "currencyCode": "USD",
        "ianaTimezone": "America/New_York",
    }
    return {"shop": shop, "currentAppInstallation": {"accessScopes": scopes}}


def orders(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"orders": {"edges": [{"node": node} for node in nodes]}}


class Shop:
    """A shop whose every answer is given; an error is raised instead of answered."""

    def __init__(
        self, expires: datetime | None = None, **answers: Mapping[str, Any] | ShopstackError
    ) -> None:
        self.token_expires_at = expires
        self.api_version = API_VERSION
        self.answers: dict[str, Mapping[str, Any] | ShopstackError] = {
            "shop": shop_answer(),
            "oldest": orders({"createdAt": "2023-04-01T10:00:00Z"}),
            "places": orders({"shippingAddress": AUSTIN}, {"shippingAddress": None}),
            "report": {REPORT: {"parseErrors": [], "tableData": {"rows": []}}},
            **answers,
        }

    def ask(self, query: str) -> Mapping[str, Any]:
        kind = {SHOP_QUERY: "shop", OLDEST_ORDER_QUERY: "oldest", PLACES_QUERY: "places"}.get(query, "report")
        answer = self.answers[kind]
        if isinstance(answer, ShopstackError):
            raise answer
        return answer


def examined(shop: Shop, credentials: Credentials = TOKEN) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(shop, credentials, NOW)}


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [(91, "ok", "supported until"), (90, "warning", "ends in 90 days"), (0, "warning", "has ended")],
)
def test_the_end_of_a_versions_support_is_said_ahead(days: int, state: str, said: str) -> None:
    end = datetime.combine(end_of_support(API_VERSION), datetime.min.time(), UTC)
    (found,) = [
        one for one in examine(Shop(), TOKEN, end - timedelta(days=days)) if one.check == "API version"
    ]
    assert (found.state, said in found.message) == (state, True)
    assert bool(found.fix) == (state == "warning")


def test_a_version_is_supported_for_a_year() -> None:
    assert end_of_support("2026-07") == date(2027, 7, 1)


def test_an_answer_of_another_version_is_said() -> None:
    shop = Shop()
    shop.api_version = "2027-10"
    found = examined(shop)["API version"]
    assert found.state == "warning"
    assert "2027-10 instead of" in found.message


def test_a_shop_in_order_passes_every_check() -> None:
    found = examined(Shop())
    assert {finding.state for finding in found.values()} == {"ok"}
    assert list(found) == [
        "shop",
        "token",
        "API version",
        "scopes",
        "older orders",
        "city and province",
        "Shopify's report",
        "timezone and currency",
    ]
    assert "America/New_York" in found["timezone and currency"].message
    assert "2023-04-01" in found["older orders"].message


def test_a_bought_token_says_when_it_expires() -> None:
    found = examined(
        Shop(expires=datetime(2026, 4, 1, 11, 59, 59, tzinfo=UTC)), ClientCredentials("id", "secret-secret")
    )
    assert "expires in 24 hours" in found["token"].message


def test_a_refused_token_is_the_only_finding_and_exit_3() -> None:
    refused = CredentialsError("Shopify refuses the access token.", why="401", hint="renew it")
    found = examined(Shop(shop=refused))
    assert list(found) == ["token"]
    assert found["token"].fix == "renew it"
    assert worst_exit_code(list(found.values())) == 3


def test_an_unreachable_shop_is_said_to_be_that_and_exit_4() -> None:
    found = examined(Shop(shop=UnreachableError("biscuit could not be reached.", hint="try again")))
    assert list(found) == ["shop"]
    assert worst_exit_code(list(found.values())) == 4


def test_a_missing_required_scope_is_named_with_where_to_add_it_and_exit_3() -> None:
    found = examined(Shop(shop=shop_answer("read_products")))
    assert found["scopes"].state == "failed"
    assert "read_products" in found["scopes"].message
    assert "add read_products" in found["scopes"].fix
    assert worst_exit_code(list(found.values())) == 3


def test_a_missing_optional_scope_warns_and_names_the_figures_that_are_lost() -> None:
    found = examined(Shop(shop=shop_answer("read_reports")))
    assert found["scopes"].state == "warning"
    assert "read_reports" in found["scopes"].message
    assert "the comparison with Shopify's own report" in found["scopes"].message
    assert worst_exit_code(list(found.values())) == 0


def test_without_read_all_orders_it_says_since_when_orders_are_visible() -> None:
    found = examined(Shop(shop=shop_answer("read_all_orders")))
    assert found["older orders"].state == "warning"
    assert "only orders since 2026-01-31 are visible" in found["older orders"].message
    assert "read_all_orders" in found["older orders"].fix


def test_a_right_to_write_includes_the_right_to_read() -> None:
    answer = shop_answer("read_orders")
    answer["currentAppInstallation"]["accessScopes"].append({"handle": "write_orders"})
    assert read_proof(Shop(shop=answer)).missing_scopes(needed_scopes()) == []


@pytest.mark.parametrize(
    ("addresses", "state", "word"),
    [
        ([HIDDEN, HIDDEN], "warning", "hides"),
        ([HIDDEN, AUSTIN], "ok", "1 of the last 2"),
        ([], "ok", "no recent order"),
    ],
)
def test_city_and_province_are_tried_on_recent_orders(
    addresses: list[dict[str, Any]], state: str, word: str
) -> None:
    found = examined(Shop(places=orders(*({"shippingAddress": one} for one in addresses))))
    assert found["city and province"].state == state
    assert word in found["city and province"].message


def test_a_denied_report_warns_and_explains_the_customer_data_grant() -> None:
    found = examined(Shop(report=MissingScopeError("denied", hint="add scopes")))
    assert found["Shopify's report"].state == "warning"
    assert "level 2" in found["Shopify's report"].fix
    assert "read_reports" in found["Shopify's report"].fix


def test_a_report_that_cannot_be_parsed_says_what_shopify_said() -> None:
    found = examined(Shop(report={REPORT: {"parseErrors": ["unknown column"], "tableData": None}}))
    assert found["Shopify's report"].state == "warning"
    assert "unknown column" in found["Shopify's report"].message


def test_one_failing_question_does_not_hide_the_others() -> None:
    found = examined(Shop(places=DataError("Shopify refused a query.", why="odd", hint="shopstack doctor")))
    assert found["city and province"].state == "failed"
    assert found["timezone and currency"].state == "ok"
    assert worst_exit_code(list(found.values())) == 1
