"""One GraphQL call: what is tried again, what is an error, and where the token may go."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shopstack.errors import (
    ConfigurationError,
    CredentialsError,
    DataError,
    MissingScopeError,
    ShopstackError,
    TransientError,
    UnreachableError,
)
from shopstack.shopify.answers import SearchIgnoredError, TooCostlyError, retry_after
from shopstack.shopify.clock import SystemClock
from tests.unit.shopify.fakes import (
    APP,
    FakeClock,
    Reply,
    Script,
    answer,
    client,
    cost,
    failure,
)

QUERY = "{ shop { name } }"
GOOD = answer({"shop": {"name": "A shop"}})


def ask(script: Script, **options: Any) -> Any:
    async def work() -> Any:
        async with client(script, **options) as one:
            return (await one.execute(QUERY)).data

    return asyncio.run(work())


def test_an_answer_is_its_data() -> None:
    script = Script([GOOD])
    assert ask(script) == {"shop": {"name": "A shop"}}
    request = script.requests[0]
    assert str(request.url) == "https://a-shop.myshopify.com/admin/api/2026-07/graphql.json"
    assert request.headers["X-Shopify-Access-Token"] == "shpat_made_up"


@pytest.mark.parametrize(
    "stumble",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("reset"),
        httpx.Response(500),
        httpx.Response(503, headers={"Retry-After": "2"}),
        httpx.Response(429, headers={"Retry-After": "2.0"}),
        httpx.Response(200, content=b"<html>busy</html>"),
        httpx.Response(200, content=b'{"data": {"shop"'),
        failure("INTERNAL_SERVER_ERROR"),
        failure("THROTTLED"),
    ],
    ids=lambda reply: str(reply)[:40],
)
def test_what_time_mends_is_tried_again(stumble: Reply) -> None:
    script = Script([stumble, GOOD])
    assert ask(script) == {"shop": {"name": "A shop"}}
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [httpx.ConnectError("refused"), httpx.Response(502), failure("THROTTLED")],
    ids=["no answer", "502", "throttled"],
)
def test_attempts_are_bounded(reply: Reply) -> None:
    script = Script([reply])
    with pytest.raises(UnreachableError) as caught:
        ask(script, attempts=3)
    assert caught.value.exit_code == 4
    assert "Tried 3 times" in caught.value.why
    assert len(script.requests) <= 15


@pytest.mark.parametrize(
    ("reply", "kind", "exit_code"),
    [
        (httpx.Response(401), CredentialsError, 3),
        (httpx.Response(403, text="missing the `read_orders` scope"), MissingScopeError, 3),
        (httpx.Response(403, text="no"), CredentialsError, 3),
        (httpx.Response(404), ConfigurationError, 2),
        (httpx.Response(301, headers={"Location": "https://elsewhere.example/"}), ConfigurationError, 2),
        (httpx.Response(402), TransientError, 4),
        (httpx.Response(423), TransientError, 4),
        (httpx.Response(400, text="bad"), DataError, 1),
        (failure("ACCESS_DENIED", "Required access: `read_customers` access scope."), MissingScopeError, 3),
        (failure("undefinedField", "Field 'x' doesn't exist on type 'Order'"), DataError, 1),
        (failure("BAD_REQUEST", "you must provide one of first or last"), DataError, 1),
        (failure("MAX_COST_EXCEEDED"), TooCostlyError, 1),
    ],
)
def test_what_time_does_not_mend_is_said_at_once(
    reply: Reply, kind: type[ShopstackError], exit_code: int
) -> None:
    script = Script([reply, GOOD])
    with pytest.raises(kind) as caught:
        ask(script)
    assert caught.value.exit_code == exit_code
    assert caught.value.hint
    assert len(script.requests) == 1


def test_partial_data_is_no_answer() -> None:
    refused = failure("ACCESS_DENIED", "Access denied for customer field: `read_customers`.")
    refused["data"] = {"orders": {"nodes": [{"id": "1", "customer": None}]}}
    with pytest.raises(MissingScopeError, match="read_customers"):
        ask(Script([refused]))


def test_a_search_term_that_shopify_ignored_is_an_error() -> None:
    warned = answer(
        {"orders": {"nodes": []}},
        search=[
            {"query": "updated:>1", "warnings": [{"field": "updated", "message": "Invalid search field."}]}
        ],
    )
    with pytest.raises(SearchIgnoredError) as caught:
        ask(Script([warned]))
    assert "Invalid search field." in caught.value.why


def test_a_search_without_warnings_passes() -> None:
    script = Script([answer({"shop": {}}, search=[{"query": "id:1", "parsed": {}}])])
    assert ask(script) == {"shop": {}}


def test_a_refused_static_token_names_its_variable_and_never_itself() -> None:
    with pytest.raises(CredentialsError) as caught:
        ask(Script([httpx.Response(401)]))
    said = str(caught.value.as_dict())
    assert "SHOPIFY_ACCESS_TOKEN" in said
    assert "shpat_made_up" not in said


class App:
    """A shop that sells tokens and refuses all but the last one."""

    def __init__(self, lifetime: int = 86399) -> None:
        self.sold = 0
        self.lifetime = lifetime
        self.revoked: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/admin/oauth/access_token":
            assert request.headers["content-type"] == "application/x-www-form-urlencoded"
            assert b"grant_type=client_credentials" in request.content
            self.sold += 1
            return httpx.Response(
                200, json={"access_token": f"token-{self.sold}", "expires_in": self.lifetime}
            )
        if request.headers["X-Shopify-Access-Token"] in self.revoked:
            return httpx.Response(401)
        return httpx.Response(200, json=GOOD)


def test_one_bought_token_serves_many_requests_until_shortly_before_it_expires() -> None:
    shop, clock = App(lifetime=3600), FakeClock()

    async def work() -> None:
        async with client(shop, credentials=APP, clock=clock) as one:
            await one.execute(QUERY)
            await one.execute(QUERY)
            assert shop.sold == 1
            clock.elapsed += 3500
            await one.execute(QUERY)
            assert shop.sold == 2

    asyncio.run(work())


def test_a_token_refused_in_the_middle_is_renewed_once() -> None:
    shop = App()

    async def work() -> None:
        async with client(shop, credentials=APP) as one:
            await one.execute(QUERY)
            shop.revoked.add("token-1")
            await one.execute(QUERY)
            assert shop.sold == 2
            shop.revoked.update(f"token-{n}" for n in range(9))
            with pytest.raises(CredentialsError, match="client id or secret"):
                await one.execute(QUERY)
            assert shop.sold == 3

    asyncio.run(work())


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(400, json={"error": "invalid_client"}),
        httpx.Response(401),
        httpx.Response(200, text="no"),
    ],
)
def test_refused_client_credentials_say_which_and_how_to_renew(reply: httpx.Response) -> None:
    with pytest.raises(CredentialsError) as caught:
        ask(Script([reply]), credentials=APP)
    assert caught.value.exit_code == 3
    assert "SHOPIFY_CLIENT_ID" in caught.value.message
    assert "Dev Dashboard" in caught.value.hint


def test_an_address_without_a_shop_is_not_blamed_on_the_credentials() -> None:
    with pytest.raises(CredentialsError, match="no shop at this address") as caught:
        ask(Script([httpx.Response(404)]), credentials=APP)
    assert "[shop] address" in caught.value.hint


def test_the_host_of_results_never_sees_the_token() -> None:
    script = Script([httpx.Response(200, content=b"{}\n")])

    async def work() -> bytes:
        async with client(script) as one, one.open_result("https://results.example/r.jsonl?sig=1") as blocks:
            return b"".join([block async for block in blocks])

    assert asyncio.run(work()) == b"{}\n"
    assert "X-Shopify-Access-Token" not in script.requests[0].headers
    assert "shpat_made_up" not in str(script.requests[0].headers)


def test_an_answer_of_another_api_version_is_noticed_once() -> None:
    warnings: list[str] = []
    script = Script([httpx.Response(200, json=GOOD, headers={"X-Shopify-API-Version": "2026-10"})])

    async def work() -> str:
        async with client(script, warn=warnings.append) as one:
            await one.execute(QUERY)
            return (await one.execute(QUERY)).api_version

    assert asyncio.run(work()) == "2026-10"
    assert len(warnings) == 1
    assert "2026-10 instead of 2026-07" in warnings[0]


def test_a_query_waits_until_the_bucket_can_pay_for_it() -> None:
    clock = FakeClock()
    poor = answer({"shop": {}}, cost=cost(requested=700, available=200))
    script = Script([poor])

    async def work() -> None:
        async with client(script, clock=clock) as one:
            await one.execute(QUERY)
            await one.execute(QUERY)

    asyncio.run(work())
    assert clock.slept == [pytest.approx(5.0)]


def test_a_throttled_query_waits_longer_every_time_where_no_answer_says_how_long() -> None:
    clock = FakeClock()
    ask(Script([failure("THROTTLED"), failure("THROTTLED"), failure("THROTTLED"), GOOD]), clock=clock)
    assert clock.slept == sorted(clock.slept)
    assert len(clock.slept) == 3


def test_the_servers_time_is_observed() -> None:
    clock = FakeClock()
    script = Script([httpx.Response(200, json=GOOD, headers={"Date": "Sun, 01 Nov 2026 12:00:00 GMT"})])
    ask(script, clock=clock)
    assert clock.observed == [datetime(2026, 11, 1, 12, tzinfo=UTC)]


def test_a_fast_machine_goes_by_shopifys_clock() -> None:
    clock = SystemClock()
    behind = datetime(2020, 1, 1, tzinfo=UTC)
    clock.observe(behind)
    assert abs((clock.now() - behind).total_seconds()) < 60
    clock.observe(datetime.now(UTC))
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 1


@pytest.mark.parametrize("status", [402, 423])
def test_a_shop_that_gives_no_token_since_it_is_closed_does_not_refuse_the_credentials(status: int) -> None:
    with pytest.raises(TransientError, match=r"frozen|locked"):
        ask(Script([httpx.Response(status)]), credentials=APP)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2.0", 2.0), ("-1", 0.0), ("86400", 600.0), ("inf", 600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)
def test_who_asks_to_wait_is_heard_within_reason(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}) == seconds
