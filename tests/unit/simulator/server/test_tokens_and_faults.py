"""Tokens are granted, expire and are refused; faults strike where and as often as they are asked to."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from shopstack.simulator.server import FAULTS, Fault, RunningServer, ServerSettings, serve, serve_forever
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
