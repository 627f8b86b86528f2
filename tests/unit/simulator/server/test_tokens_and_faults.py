"""Tokens are granted, expire and are refused; faults strike where and as often as they are asked to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from shopstack.simulator.server import FAULTS, Fault, RunningServer, ServerSettings, serve, serve_forever
from shopstack.simulator.server.results import remove_abandoned
from tests.unit.simulator.server.conftest import Starter
from tests.unit.simulator.server.small_shop import Client, small_store

SHOP = "{ shop { name } }"
GRANT = {
    "grant_type": "client_credentials",
    "client_id": "simulated-client",
    "client_secret": "simulated-secret",
}
IDS = "{ orders { edges { node { id } } } }"


def granted(client: Client) -> Client:
    answer = httpx.post(f"{client.server.url}/admin/oauth/access_token", data=GRANT).json()
    return Client(client.server, token=answer["access_token"])


def test_client_credentials_give_a_token_for_a_day(start: Starter) -> None:
    client = start()
    response = httpx.post(f"{client.server.url}/admin/oauth/access_token", data=GRANT)
    answer = response.json()
    assert response.status_code == 200
    assert answer["expires_in"] == 86399
    assert "read_orders" in answer["scope"].split(",")
    mine = Client(client.server, token=answer["access_token"])
    assert mine.post(SHOP).status_code == 200
    client.control("clock", seconds=86398)
    assert mine.post(SHOP).status_code == 200
    client.control("clock", seconds=1)
    assert mine.post(SHOP).status_code == 401
    assert client.post(SHOP).status_code == 200  # the static token lives on


@pytest.mark.parametrize("wrong", [{"client_secret": "x"}, {"client_id": "x"}, {"grant_type": "password"}])
def test_wrong_credentials_get_no_token(start: Starter, wrong: dict[str, str]) -> None:
    response = httpx.post(f"{start().server.url}/admin/oauth/access_token", data={**GRANT, **wrong})
    assert response.status_code == 400
    assert "access_token" not in response.json()


def test_a_bad_token_is_unauthorized(start: Starter) -> None:
    response = Client(start().server, token="shpat_wrong").post(SHOP)
    assert response.status_code == 401
    assert response.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def test_a_token_can_expire_in_the_middle(start: Starter) -> None:
    client = granted(start())
    client.control("faults", kind="token_expired", skip=1)
    assert [client.post(SHOP).status_code for _ in range(3)] == [200, 401, 401]
    assert granted(client).post(SHOP).status_code == 200


def test_a_revoked_token_stays_refused(start: Starter) -> None:
    client = start()
    client.control("revoke-tokens")
    assert client.post(SHOP).status_code == 401


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"kind": "unauthorized"}, 401),
        ({"kind": "payment_required"}, 402),
        ({"kind": "forbidden"}, 403),
        ({"kind": "locked"}, 423),
        ({"kind": "too_many_requests", "retry_after": 3}, 429),
        ({"kind": "server_error"}, 500),
        ({"kind": "server_error", "status": 503}, 503),
    ],
)
def test_http_faults_strike_once_and_pass(start: Starter, fault: dict[str, object], status: int) -> None:
    client = start()
    assert client.control("faults", **fault).status_code == 200
    struck = client.post(SHOP)
    assert struck.status_code == status
    assert struck.headers.get("Retry-After") == ("3.0" if status == 429 else None)
    assert client.post(SHOP).status_code == 200


def test_faults_strike_after_some_occasions_as_often_as_asked_and_where_they_match(start: Starter) -> None:
    client = start(faults=(Fault("server_error", times=2, skip=1, match="ordersCount"),))
    count = "{ ordersCount { count } }"
    assert client.post(SHOP).status_code == 200
    assert [client.post(count).status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_without_end_lasts_until_it_is_cleared(start: Starter) -> None:
    client = start(faults=(Fault("locked", times=None),))
    assert [client.post(SHOP).status_code for _ in range(3)] == [423] * 3
    client.control("clear")
    assert client.post(SHOP).status_code == 200


def test_an_unreachable_shop_cuts_the_connection(start: Starter) -> None:
    client = start(faults=(Fault("shop_unreachable"),))
    with pytest.raises(httpx.TransportError):
        client.post(SHOP)
    assert client.post(SHOP).status_code == 200


def test_answers_can_be_throttled_or_fail_inside(start: Starter) -> None:
    client = start(faults=(Fault("throttled"), Fault("internal_error")))
    assert client.ask(SHOP)["errors"][0]["extensions"]["code"] == "THROTTLED"
    failed = client.ask(SHOP)
    assert failed["data"] is None
    assert failed["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert failed["errors"][0]["extensions"]["requestId"] in failed["errors"][0]["message"]
    assert client.ask(SHOP)["data"]["shop"]["name"]


def test_the_control_routes_refuse_what_makes_no_sense(start: Starter) -> None:
    client = start()
    assert "known" in client.control("faults", kind="nonsense").json()["error"]
    assert client.control("faults", kind="locked", colour="red").status_code == 400
    assert client.control("clock", seconds=-5).status_code == 400
    assert set(client.control("faults", kind="locked").json()["known"]) == set(FAULTS)


@pytest.mark.parametrize(
    ("kind", "status", "link", "code"),
    [
        ("bulk_failed", "FAILED", "partialDataUrl", "INTERNAL_SERVER_ERROR"),
        ("bulk_failed_without_data", "FAILED", None, "INTERNAL_SERVER_ERROR"),
        ("bulk_canceled", "CANCELED", "url", None),
        ("bulk_expired", "EXPIRED", None, None),
    ],
)
def test_bulk_operations_can_end_badly(
    start: Starter, kind: str, status: str, link: str | None, code: str | None
) -> None:
    client = start(faults=(Fault(kind),))
    operation = client.bulk(IDS)
    assert operation["status"] == status
    assert operation["errorCode"] == code
    assert {name for name in ("url", "partialDataUrl") if operation[name]} == ({link} if link else set())
    if link:
        lines = httpx.get(operation[link]).text.splitlines()
        assert 0 < len(lines) < 40
        assert operation["objectCount"] == "40"
    assert client.bulk(IDS)["status"] == "COMPLETED"


@pytest.mark.parametrize("kind", ["download_truncated", "download_corrupt"])
def test_downloads_can_be_damaged(start: Starter, kind: str) -> None:
    client = start()
    operation = client.bulk(IDS)
    whole = httpx.get(operation["url"]).content
    client.control("faults", kind=kind)
    damaged = httpx.get(operation["url"]).content
    assert damaged != whole
    assert httpx.get(operation["url"]).content == whole


def test_downloads_can_break_off(start: Starter) -> None:
    client = start()
    operation = client.bulk(IDS)
    client.control("faults", kind="download_reset")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(operation["url"])
    client.control("faults", kind="download_expired")
    assert httpx.get(operation["url"]).status_code == 403
    assert httpx.get(operation["url"]).status_code == 200


def test_stopping_frees_the_ports_and_removes_the_results() -> None:
    with serve(small_store(3), settings=ServerSettings()) as server:
        client = Client(server)
        client.bulk(IDS)
        folder = Path(server.api.files.folder)
        assert list(folder.iterdir())
    assert not folder.exists()
    with pytest.raises(httpx.ConnectError):
        client.post(SHOP)


def test_an_answer_that_is_being_given_is_given_before_the_server_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(small_store(1), settings=ServerSettings(latency=0.3))
    with server, ThreadPoolExecutor(1) as elsewhere:
        asked = Client(server)
        arrived = threading.Event()
        accepts = server.api.tokens.accepts

        def told(token: str) -> bool:
            arrived.set()
            return accepts(token)

        monkeypatch.setattr(server.api.tokens, "accepts", told)
        answer = elsewhere.submit(asked.data, SHOP)
        assert arrived.wait(10)
        server.stop()
        assert answer.result() == {"shop": {"name": "Biscuit & Bramble"}}


def test_serving_forever_tells_where_and_ends_when_stopped() -> None:
    names: list[str] = []

    def ready(server: RunningServer) -> None:
        names.append(Client(server).data(SHOP)["shop"]["name"])
        server.stop()

    serve_forever(small_store(1), ready=ready)
    assert names == ["Biscuit & Bramble"]


def test_a_taken_port_is_an_error() -> None:
    with serve(small_store(1)) as server:
        port = httpx.URL(server.url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"):
            serve(small_store(1), port=port)


def test_a_hanging_answer_keeps_the_client_waiting_and_nobody_else(start: Starter) -> None:
    client = start(faults=(Fault("answer_hangs"),))
    with pytest.raises(httpx.ReadTimeout):
        client.post(SHOP, timeout=0.1)
    assert client.post(SHOP).status_code == 200


def test_a_lost_answer_is_of_a_request_that_was_carried_out(start: Starter) -> None:
    client = start(faults=(Fault("answer_lost", match="bulkOperationRunQuery"),))
    with pytest.raises(httpx.RemoteProtocolError):
        client.bulk(IDS)
    (found,) = client.server.api.bulk.documents()
    assert found["status"] in {"RUNNING", "COMPLETED"}


def test_another_version_can_answer_once(start: Starter) -> None:
    client = start(faults=(Fault("version_changed", times=1),))
    versions = [client.post(SHOP).headers["X-Shopify-API-Version"] for _ in range(2)]
    assert versions == ["2026-10", "2026-07"]


def test_all_slots_can_be_taken_by_others(start: Starter) -> None:
    client = start(faults=(Fault("slots_busy"),))
    mutation = f"mutation {{ bulkOperationRunQuery(query: {json.dumps(IDS)}) {{ userErrors {{ code }} }} }}"
    assert [client.ask(mutation)["data"]["bulkOperationRunQuery"]["userErrors"] for _ in range(2)] == [
        [{"code": "OPERATION_IN_PROGRESS"}],
        [],
    ]


def test_an_operation_can_claim_to_have_found_nothing(start: Starter) -> None:
    client = start(faults=(Fault("bulk_empty"),))
    operation = client.bulk(IDS)
    assert (operation["status"], operation["objectCount"], operation["url"]) == ("COMPLETED", "0", None)
    assert client.bulk(IDS)["objectCount"] == "40"


def test_a_revoked_app_gets_no_token_until_it_is_installed_again(start: Starter) -> None:
    client = start(faults=(Fault("token_revoked"),))
    first, _ = client.server.api.tokens.grant(GRANT)
    client.post(SHOP)
    assert [first, *(client.server.api.tokens.grant(GRANT)[0] for _ in range(2))] == [200, 400, 200]


def test_rights_can_be_taken_and_given_back_while_the_shop_answers(start: Starter) -> None:
    client = start()
    products = "{ products(first: 1) { nodes { id } } }"
    left = client.control("grant", scopes=["read_orders"], protected_data=False).json()
    assert left == {"scopes": ["read_orders"], "protected_data": False}
    assert client.ask(products)["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    client.control("grant", scopes=["read_orders", "read_products"])
    assert client.ask(products)["data"]["products"]["nodes"]
    assert client.control("grant", colour="red").status_code == 400


def test_results_of_a_killed_server_are_removed_by_the_next_one(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    left, kept, other = (
        tmp_path / name
        for name in (f"bulk-results-{ended.pid}-abc", f"bulk-results-{os.getpid()}-abc", "bulk-results-abc")
    )
    for folder in (left, kept, other):
        folder.mkdir()
    remove_abandoned(tmp_path)
    assert [folder.exists() for folder in (left, kept, other)] == [False, True, True]
