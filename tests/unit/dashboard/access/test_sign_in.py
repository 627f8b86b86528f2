"""The way in, as a browser and as a program go it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.websockets import WebSocketDisconnect

from shopstack.dashboard.access.sessions import SESSION_SECONDS
from shopstack.dashboard.access.sign_in import LARGEST_FORM, in_words, safe_next
from tests.unit.dashboard.access.conftest import HOST, PASSWORD, Lock, Locked

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FIGURES = "Cedar"


def token_of(answer: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert found
    return found[1]


def sign_in(locked: Locked, password: str = PASSWORD, **headers: str) -> httpx.Response:
    form = {"token": token_of(locked.browser.get("/sign-in")), "next": "/", "password": password}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: httpx.Response = locked.browser.post("/sign-in", data=form, headers=named)
    return answer


def test_a_page_leads_to_the_sign_in_and_from_there_back_to_itself(locked: Locked) -> None:
    turned = locked.browser.get("/?period=90d&shop=a%2Fb", headers=BROWSER)
    assert turned.status_code == 303
    assert turned.headers["cache-control"] == "no-store"
    assert parse_qs(urlsplit(turned.headers["location"]).query) == {"next": ["/?period=90d&shop=a%2Fb"]}

    page = locked.browser.get(turned.headers["location"])
    assert page.status_code == 200
    assert FIGURES not in page.text
    assert 'name="next" value="/?period=90d&amp;shop=a%2Fb"' in page.text

    form = {"token": token_of(page), "next": "/?period=90d&shop=a%2Fb", "password": PASSWORD}
    entered = locked.browser.post("/sign-in", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/?period=90d&shop=a%2Fb")
    figures = locked.browser.get("/?period=90d")
    assert figures.status_code == 200
    assert FIGURES in figures.text
    assert '<a href="/sign-out">Sign out</a>' in figures.text


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("HEAD", "/", BROWSER["accept"]),
        ("GET", "/", "application/json"),
        ("GET", "/", "*/*"),
        ("GET", "/status.json", BROWSER["accept"]),
        ("GET", "/orders.csv", BROWSER["accept"]),
        ("POST", "/sign-out", BROWSER["accept"]),
        ("GET", "/static", "*/*"),
        ("GET", "/healthz/", "*/*"),
        ("GET", "//healthz", "*/*"),
    ],
)
def test_what_is_no_page_is_refused_in_words(locked: Locked, method: str, path: str, accept: str) -> None:
    answer = locked.browser.request(method, f"http://{HOST}:8787{path}", headers={"accept": accept})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Session")
    if method != "HEAD":
        assert answer.text == "A password is needed: sign in at /sign-in first.\n"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/nationwide_sales", "/%2e%2e/", "/static/../"])
def test_every_page_there_may_be_leads_to_the_sign_in(locked: Locked, path: str) -> None:
    answer = locked.browser.get(path, headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2F")


def test_the_way_in_is_open_and_shows_nothing_of_the_shop(locked: Locked) -> None:
    page = locked.browser.get("/sign-in")
    needed = re.findall(r'(?:href|src)="(/[^"]+)"', page.text)
    assert needed
    for path in [*needed, "/healthz", "/favicon.ico"]:
        if path.startswith("/sign-"):
            continue
        answer = locked.browser.get(path)
        assert answer.is_success, path
        assert FIGURES not in answer.text
    assert locked.browser.get("/healthz").json() == {"ok": True}
    sign_in(locked)
    assert set(locked.browser.get("/healthz").json()) == {"ok", "version"}
    assert locked.browser.get("/status.json").status_code == 200


def test_the_page_is_strict_and_without_script_or_style_of_its_own(locked: Locked) -> None:
    page = locked.browser.get("/sign-in")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r'<[^>]+ style="|<style|<[^>]+ on[a-z]+="|<script>', page.text)


def test_a_wrong_password_is_said_and_opens_nothing(locked: Locked) -> None:
    answer = sign_in(locked, "oak-and-cedar-1")
    assert answer.status_code == 401
    assert "That is not the password." in answer.text
    assert "oak-and-cedar" not in answer.text
    assert locked.browser.get("/", headers=BROWSER).status_code == 303


@pytest.mark.parametrize("given", ["", "x" * 201, PASSWORD + " ", "\N{SNOWMAN}\x00"])
def test_strange_passwords_are_wrong_ones(locked: Locked, given: str) -> None:
    assert sign_in(locked, given).status_code == 401


def test_a_session_s_cookie_is_out_of_reach_of_scripts_and_lasts_thirty_days(locked: Locked) -> None:
    cookie = sign_in(locked).headers["set-cookie"]
    assert re.match(r"shopstack_session_[0-9a-f]{8}=\d+\.[\w-]+\.[0-9a-f]{64}; ", cookie)
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes == {"httponly", "samesite=lax", "path=/", f"max-age={SESSION_SECONDS}"}

    locked.clock.now += SESSION_SECONDS - 1
    assert locked.browser.get("/").status_code == 200
    locked.clock.now += 1
    assert locked.browser.get("/", headers=BROWSER).status_code == 303


def test_figures_are_kept_out_of_shared_caches(locked: Locked) -> None:
    sign_in(locked)
    page = locked.browser.get("/")
    assert page.headers["cache-control"] == "private, no-cache"
    assert "Cookie" in page.headers["vary"]
    again = locked.browser.get("/", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    style = re.search(r'href="(/static/dashboard.css[^"]+)"', page.text)
    assert style
    assert locked.browser.get(style[1]).headers["cache-control"].startswith("public")


def test_one_who_is_in_is_led_on(locked: Locked) -> None:
    sign_in(locked)
    answer = locked.browser.get("/sign-in?next=/?period=7d")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?period=7d")


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "nowhere",
        "//evil.example",
        "//evil.example/%2f..",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/caf\N{LATIN SMALL LETTER E WITH ACUTE}",
        "/" + "x" * 2000,
        "/sign-in?next=/",
        "/sign-out",
    ],
)
def test_no_sign_in_leads_to_another_host_or_in_circles(locked: Locked, wanted: str) -> None:
    assert safe_next(wanted) == "/"
    form = {"token": token_of(locked.browser.get("/sign-in")), "next": wanted, "password": PASSWORD}
    assert locked.browser.post("/sign-in", data=form).headers["location"] == "/"


@pytest.mark.parametrize("wanted", ["/", "/?period=90d&shop=a", "/trust", "/a%2Fb?next=https://x.example"])
def test_a_path_of_this_dashboard_is_led_on_to(wanted: str) -> None:
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://{HOST}:9999"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": f"http://{HOST}:8787"},
    ],
)
def test_a_form_of_another_page_is_refused(locked: Locked, headers: dict[str, str]) -> None:
    answer = sign_in(locked, **headers)
    assert answer.status_code == 403
    assert "not sent from this page" in answer.text
    assert "session" not in answer.headers["set-cookie"]


def test_a_form_of_this_page_is_taken(locked: Locked) -> None:
    answer = sign_in(locked, origin=f"http://{HOST}:8787", sec_fetch_site="same-origin")
    assert answer.status_code == 303


def test_a_form_needs_its_own_browser_s_token(lock: Lock) -> None:
    mine, other = lock(), lock()
    foreign = token_of(other.browser.get("/sign-in"))
    mine.browser.get("/sign-in")
    for token in ("", "x", foreign):
        answer = mine.browser.post("/sign-in", data={"token": token, "password": PASSWORD})
        assert answer.status_code == 403
        assert "could not be checked" in answer.text
    cookieless = {"token": foreign, "password": PASSWORD}
    other.browser.cookies.clear()
    assert other.browser.post("/sign-in", data=cookieless).status_code == 403


def test_a_second_form_in_the_same_browser_does_not_spoil_the_first(locked: Locked) -> None:
    first = token_of(locked.browser.get("/sign-in"))
    locked.browser.get("/sign-in")
    answer = locked.browser.post("/sign-in", data={"token": first, "password": PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"password": "cedar-and-oak-1"}', "application/json"),
        (b"password=" + b"x" * LARGEST_FORM, "application/x-www-form-urlencoded"),
        (b"&".join(b"a=b" for _ in range(50)), "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"password=cedar-and-oak-1", "multipart/form-data; boundary=x"),
    ],
)
def test_what_is_no_form_opens_nothing(locked: Locked, content: bytes, kind: str) -> None:
    answer = locked.browser.post("/sign-in", content=content, headers={"content-type": kind})
    assert answer.status_code == 403


def test_too_many_tries_have_to_wait_even_with_the_right_password(locked: Locked) -> None:
    for _ in range(5):
        assert sign_in(locked, "oak-and-cedar-1").status_code == 401
    refused = sign_in(locked)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "10"
    assert "possible in 10 seconds" in refused.text
    assert "session" not in refused.headers["set-cookie"]
    locked.clock.now += 10
    assert sign_in(locked).status_code == 303


def test_a_wait_is_said_in_words() -> None:
    assert [in_words(one) for one in (1, 59, 60, 61, 900)] == [
        "1 second",
        "59 seconds",
        "1 minute",
        "2 minutes",
        "15 minutes",
    ]


def test_signing_out_is_asked_for_once_more_and_ends_the_session(locked: Locked) -> None:
    sign_in(locked)
    page = locked.browser.get("/sign-out")
    assert "Sign out of this browser?" in page.text
    assert locked.browser.get("/").status_code == 200

    left = locked.browser.post("/sign-out", data={"token": token_of(page)})
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert "max-age=0" in left.headers["set-cookie"].lower()
    assert locked.browser.get("/", headers=BROWSER).status_code == 303


def test_nobody_else_signs_one_out(locked: Locked) -> None:
    sign_in(locked)
    token = token_of(locked.browser.get("/sign-out"))
    foreign = locked.browser.post(
        "/sign-out", data={"token": token}, headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert locked.browser.post("/sign-out", data={"token": ""}).status_code == 403
    assert locked.browser.get("/").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_the_two_forms_can_be_written(locked: Locked, method: str) -> None:
    assert locked.browser.request(method, "/").status_code == 405
    assert locked.browser.request("PUT", "/sign-in").status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8787"])
def test_a_foreign_name_does_not_even_see_the_sign_in(locked: Locked, host: str) -> None:
    assert locked.browser.get("/sign-in", headers={"host": host}).status_code == 421


def test_cookies_of_other_programs_on_the_machine_are_passed_over(locked: Locked) -> None:
    session = sign_in(locked).headers["set-cookie"].partition(";")[0]
    locked.browser.cookies.clear()
    for others in ('settings={"a": 1, "b": [2]}; ', "a,b=c; ", "x; ", 'name="unclosed; '):
        assert locked.browser.get("/", headers={"cookie": others + session}).status_code == 200


def test_there_is_no_other_way_in_than_requests(locked: Locked) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, locked.browser.websocket_connect("/"):
        pass
    assert refused.value.code == 1008


def test_a_broken_cookie_is_none(locked: Locked) -> None:
    answer = locked.browser.get("/", headers={**BROWSER, "cookie": 'a"b;=;\x01;shopstack_session=1.2.3'})
    assert answer.status_code == 303


class TestBehindAProxy:
    """A proxy at 10.0.0.2 that speaks https, and one that nobody named."""

    def test_cookies_are_sent_over_https_alone(self, lock: Lock) -> None:
        locked = lock(client="10.0.0.2", trusted_proxies=("10.0.0.2",), names=frozenset({"figures.example"}))
        headers = {"x-forwarded-proto": "https", "host": "figures.example"}
        page = locked.browser.get("/sign-in", headers=headers)
        form_cookie = page.headers["set-cookie"]
        assert form_cookie.startswith("__Host-shopstack_form_")
        answer = locked.browser.post(
            "/sign-in",
            data={"token": token_of(page), "password": PASSWORD},
            headers={**headers, "origin": "https://figures.example", "cookie": form_cookie.partition(";")[0]},
        )
        assert answer.status_code == 303
        session = answer.headers["set-cookie"]
        assert session.startswith("__Host-shopstack_session_")
        assert "; Secure" in session
        inside = {**headers, "cookie": session.partition(";")[0]}
        assert locked.browser.get("/", headers=inside).status_code == 200
        leaving = locked.browser.get("/sign-out", headers=inside)
        form = {"token": token_of(leaving)}
        left = locked.browser.post("/sign-out", data=form, headers=inside)
        assert left.headers["clear-site-data"] == '"cache"'
        # The same cookie over plain http is none.
        assert (
            locked.browser.get("/", headers={**inside, **BROWSER, "x-forwarded-proto": "http"}).status_code
            == 303
        )

    def test_an_unnamed_proxy_is_not_believed(self, lock: Lock) -> None:
        locked = lock(client="10.0.0.9", trusted_proxies=("10.0.0.2",))
        assert "Secure" not in sign_in(locked, x_forwarded_proto="https").headers["set-cookie"]

    def test_each_visitor_of_a_named_proxy_has_tries_of_his_own(self, lock: Lock) -> None:
        locked = lock(client="10.0.0.2", trusted_proxies=("10.0.0.0/24",))
        for _ in range(5):
            sign_in(locked, "oak-and-cedar-1", x_forwarded_for="203.0.113.9")
        assert sign_in(locked, x_forwarded_for="203.0.113.9").status_code == 429
        assert sign_in(locked, x_forwarded_for="1.2.3.4, 203.0.113.9").status_code == 429
        assert sign_in(locked, x_forwarded_for="203.0.113.10").status_code == 303

    def test_nobody_gets_new_tries_by_naming_another_address(self, lock: Lock) -> None:
        locked = lock(client="203.0.113.9", trusted_proxies=("10.0.0.2",))
        for number in range(5):
            sign_in(locked, "oak-and-cedar-1", x_forwarded_for=f"198.51.100.{number}")
        assert sign_in(locked, x_forwarded_for="198.51.100.200").status_code == 429
