"""Answers have Shopify's form: versions, envelopes, errors, counts, nodes and personal data."""

from __future__ import annotations

import httpx
import pytest

from shopstack.simulator.server.access import grants
from tests.unit.simulator.server.conftest import Starter
from tests.unit.simulator.server.small_shop import Client

ORDER = "gid://shopify/Order/5600000000001"


def test_aliases_fragments_variables_directives_and_interfaces(client: Client) -> None:
    text = """
    query Whole($id: ID!, $with: Boolean!, $size: Int = 2) {
      one: order(id: $id) { ...Head agreements(first: 5) { edges { node { __typename ...Ledger } } } }
      many: orders(first: $size) { nodes { ...Head note @include(if: $with) test @skip(if: $with) } }
      thing: node(id: $id) { __typename id ... on Order { label: name } }
    }
    fragment Head on Order { id label: name }
    fragment Ledger on SalesAgreement { happenedAt sales(first: 9) { nodes { __typename lineType
      ... on ProductSale { lineItem { title } } ... on ShippingLineSale { shippingLine { title } } } } }
    """
    data = client.data(text, id=ORDER, **{"with": False})
    assert data["one"]["label"] == "#1001"
    sales = data["one"]["agreements"]["edges"][0]["node"]["sales"]["nodes"]
    assert [each["__typename"] for each in sales] == ["ProductSale", "ProductSale", "ShippingLineSale"]
    assert sales[0]["lineItem"] == {"title": "Salmon Bites"}
    assert [set(each) for each in data["many"]["nodes"]] == [{"id", "label", "test"}] * 2
    assert data["thing"] == {"__typename": "Order", "id": ORDER, "label": "#1001"}


def test_children_are_nodes_too(client: Client) -> None:
    order = client.data(
        "query($id: ID!) { order(id: $id) { refunds { id } lineItems(first: 1) { nodes { id } } } }",
        id="gid://shopify/Order/5600000000005",
    )["order"]
    ids = [order["refunds"][0]["id"], order["lineItems"]["nodes"][0]["id"], "gid://shopify/Order/404"]
    nodes = client.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Refund { order { name } } } }", ids=ids
    )["nodes"]
    assert [each and each["__typename"] for each in nodes] == ["Refund", "LineItem", None]
    assert nodes[0]["order"]["name"] == "#1005"


@pytest.mark.parametrize(
    ("asked", "answering"),
    [("2026-04", "2026-04"), ("2026-07", "2026-07"), ("2026-10", "2026-10"), ("2024-01", "2026-04")],
)
def test_the_header_tells_which_version_answered(client: Client, asked: str, answering: str) -> None:
    response = Client(client.server, version=asked).post("{ shop { name } }")
    assert response.status_code == 200
    assert response.headers["X-Shopify-API-Version"] == answering


@pytest.mark.parametrize("version", ["2031-01", "2026-05", "nonsense"])
def test_a_version_that_never_was_is_not_found(client: Client, version: str) -> None:
    assert Client(client.server, version=version).post("{ shop { name } }").status_code == 404


def test_unknown_fields_are_refused_without_data_or_cost(client: Client) -> None:
    answer = client.ask("query Mine { orders(first: 1) { nodes { id nope } } }")
    assert set(answer) == {"errors"}
    assert answer["errors"][0]["message"] == "Field 'nope' doesn't exist on type 'Order'"
    assert answer["errors"][0]["path"] == ["query Mine", "orders", "nodes", "nope"]
    assert answer["errors"][0]["extensions"] == {
        "code": "undefinedField",
        "typeName": "Order",
        "fieldName": "nope",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ order { id } }", "missingRequiredArguments"),
        ("{ shop }", "selectionMismatch"),
        ("{ shop { name { x } } }", "selectionMismatch"),
        ("{ shop(colour: 1) { name } }", "argumentNotAccepted"),
        ('{ orders(first: "1") { nodes { id } } }', "argumentLiteralsIncompatible"),
        ("{ orders(first: 1, sortKey: NOPE) { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("{ ...F }", "undefinedFragment"),
        ("query($n: Int) { shop { name } }", "variableNotUsed"),
        ("{ orders(first: $n) { nodes { id } } }", "variableNotDefined"),
        ("{ shop { name } ", "PARSE_ERROR"),
        ("{ shop { name ] }", "PARSE_ERROR"),
    ],
)
def test_what_is_refused_before_it_runs(client: Client, text: str, code: str) -> None:
    answer = client.ask(text)
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("variables", "explanation"),
    [
        ({}, "Expected value to not be null"),
        ({"id": None}, "Expected value to not be null"),
        ({"id": "12"}, "Invalid global id '12'"),
        ({"id": ORDER, "first": "two"}, "Could not coerce value 'two' to Int"),
    ],
)
def test_variables_that_do_not_fit(client: Client, variables: dict[str, object], explanation: str) -> None:
    text = "query($id: ID!, $first: Int = 1) { order(id: $id) { lineItems(first: $first) { nodes { id } } } }"
    answer = client.post(text, dict(variables)).json()
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"
    assert answer["errors"][0]["extensions"]["problems"][0]["explanation"] == explanation


def test_an_id_of_another_type_is_an_error_and_an_unknown_one_is_null(client: Client) -> None:
    answer = client.ask('{ order(id: "gid://shopify/Product/1") { id } }')
    assert answer["data"] == {"order": None}
    assert answer["errors"][0]["extensions"] == {"code": "RESOURCE_NOT_FOUND"}
    assert client.data('{ order(id: "gid://shopify/Order/1") { id } }') == {"order": None}


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("", {"count": 40, "precision": "EXACT"}),
        ("(limit: 40)", {"count": 40, "precision": "EXACT"}),
        ("(limit: 39)", {"count": 39, "precision": "AT_LEAST"}),
        ("(limit: null)", {"count": 40, "precision": "EXACT"}),
        ('(query: "test:true")', {"count": 1, "precision": "EXACT"}),
    ],
)
def test_counts_are_exact_up_to_their_limit(client: Client, limit: str, expected: dict[str, object]) -> None:
    assert client.data(f"{{ ordersCount{limit} {{ count precision }} }}")["ordersCount"] == expected


def test_every_count_agrees_with_its_list(client: Client) -> None:
    for root in ("orders", "customers", "products", "locations"):
        data = client.data(f"{{ {root}(first: 250) {{ nodes {{ id }} }} {root}Count {{ count }} }}")
        assert data[f"{root}Count"]["count"] == len(data[root]["nodes"])


def test_related_connections_hold_what_belongs_together(client: Client) -> None:
    data = client.data(
        "{ customers(first: 9) { nodes { id orders(first: 99) { nodes { customer { id } } } } } "
        "products(first: 9) { nodes { id variants(first: 9) { nodes { product { id } } } } } }"
    )
    for customer in data["customers"]["nodes"]:
        assert customer["orders"]["nodes"]
        assert {each["customer"]["id"] for each in customer["orders"]["nodes"]} == {customer["id"]}
    for product in data["products"]["nodes"]:
        assert [each["product"]["id"] for each in product["variants"]["nodes"]] == [product["id"]] * 2


def test_a_body_without_a_query_is_refused(client: Client) -> None:
    headers = {"X-Shopify-Access-Token": client.token}
    assert httpx.post(client.url, content=b"not json", headers=headers).status_code == 400
    assert httpx.post(client.url, json={"variables": {}}, headers=headers).status_code == 400


def test_one_of_several_operations_is_chosen_by_name(client: Client) -> None:
    headers = {"X-Shopify-Access-Token": client.token}
    body = {"query": "query A { shop { name } } query B { shop { id } }", "operationName": "B"}
    assert list(httpx.post(client.url, json=body, headers=headers).json()["data"]["shop"]) == ["id"]


def test_a_missing_scope_denies_the_field_and_leaves_the_rest(start: Starter) -> None:
    client = start(scopes=frozenset({"read_orders", "read_all_orders"}))
    answer = client.ask(
        '{ shop { name } order(id: "gid://shopify/Order/5600000000001") { name customer { id } } }'
    )
    assert answer["data"]["order"] == {"name": "#1001", "customer": None}
    error = answer["errors"][0]
    assert (
        error["message"]
        == "Access denied for customer field. Required access: `read_customers` access scope."
    )
    assert error["path"] == ["order", "customer"]
    assert error["extensions"] == {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": "`read_customers` access scope.",
    }


def test_a_node_needs_the_scope_of_its_type(start: Starter) -> None:
    client = start(scopes=frozenset({"read_products"}))
    answer = client.ask("query($id: ID!) { node(id: $id) { id } shop { name } }", id=ORDER)
    assert answer["data"]["node"] is None
    assert answer["data"]["shop"]["name"]
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("required", "scopes", "granted"),
    [
        ("`read_a` access scope.", {"read_a"}, True),
        ("`read_a` access scope.", {"write_a"}, True),
        ("`read_a` access scope.", {"read_b"}, False),
        ("`read_a` access scope, `read_b` access scope or `read_c` access scope.", {"read_c"}, True),
        (
            "`read_a` access scope and (`read_b` access scope or `read_c` access scope).",
            {"read_a", "read_c"},
            True,
        ),
        (
            "`read_a` access scope and (`read_b` access scope or `read_c` access scope).",
            {"read_b", "read_c"},
            False,
        ),
        ("Only accessible by supported access tokens: https://shopify.dev", set(), True),
    ],
)
def test_requirements_are_read_as_the_schema_words_them(
    required: str, scopes: set[str], granted: bool
) -> None:
    assert grants(required, frozenset(scopes), protected_data=True) is granted


def test_a_saved_search_is_never_silently_ignored(client: Client) -> None:
    answer = client.ask('{ ordersCount(savedSearchId: "gid://shopify/SavedSearch/1") { count } }')
    assert answer["data"] == {"ordersCount": None}
    assert answer["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


def test_a_write_scope_grants_reading(start: Starter) -> None:
    client = start(scopes=frozenset({"write_customers"}))
    assert client.data("{ customersCount { count } }")["customersCount"]["count"] == 5


def test_granted_scopes_are_listed(start: Starter) -> None:
    client = start(scopes=frozenset({"read_orders", "read_products"}))
    data = client.data("{ currentAppInstallation { accessScopes { handle } } }")
    handles = [each["handle"] for each in data["currentAppInstallation"]["accessScopes"]]
    assert handles == ["read_orders", "read_products"]


def test_orders_older_than_sixty_days_are_invisible_without_read_all_orders(start: Starter) -> None:
    client = start(scopes=frozenset({"read_orders", "read_customers"}))
    data = client.data(
        "{ ordersCount { count } orders(first: 250) { nodes { name createdAt } } "
        'old: order(id: "gid://shopify/Order/5600000000001") { id } '
        "customers(first: 5) { nodes { orders(first: 250) { nodes { createdAt } } } } }"
    )
    names = [each["name"] for each in data["orders"]["nodes"]]
    assert names == [f"#{1000 + order}" for order in range(30, 41)]
    assert data["ordersCount"]["count"] == len(names)
    assert data["old"] is None
    placed = [
        each["createdAt"] for customer in data["customers"]["nodes"] for each in customer["orders"]["nodes"]
    ]
    assert placed
    assert min(placed) >= "2026-06-02T12:00:00Z"


PERSONAL = """{ customers(first: 1) { nodes { displayName email firstName } }
  orders(first: 1) { nodes { email shippingAddress { name address1 zip city provinceCode countryCodeV2 } } } }"""


@pytest.mark.parametrize("regions", [True, False])
def test_personal_data_is_null_without_level_two(start: Starter, regions: bool) -> None:
    data = start(protected_data=False, regions_without_protected_data=regions).data(PERSONAL)
    assert data["customers"]["nodes"][0] == {"displayName": "", "email": None, "firstName": None}
    order = data["orders"]["nodes"][0]
    place = ("Austin", "TX", "US") if regions else (None, None, None)
    assert order["email"] is None
    assert list(order["shippingAddress"].values()) == [None, None, None, *place]


def test_personal_data_is_there_with_level_two(client: Client) -> None:
    data = client.data(PERSONAL)
    assert data["customers"]["nodes"][0]["email"] == "ana@example.com"
    assert data["orders"]["nodes"][0]["shippingAddress"]["address1"] == "2 Oak <&> Elm"
