"""Who may ask the pages, and what a browser may do with the answer."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline(browser: TestClient) -> None:
    answer = browser.get("/")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))

    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', answer.text)
    assert not re.search(r'<[^>]+ style="|<style|<[^>]+ on[a-z]+="', answer.text)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_pages_can_only_be_read(browser: TestClient, method: str) -> None:
    answer = browser.request(method, "/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.7", ""])
def test_a_foreign_host_name_is_not_answered(browser: TestClient, host: str) -> None:
    answer = browser.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "Cedar" not in answer.text


@pytest.mark.parametrize("host", ["localhost:8787", "127.0.0.1", "[::1]:8787"])
def test_this_machine_s_names_are_answered(browser: TestClient, host: str) -> None:
    assert browser.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip"])
def test_a_proxy_is_not_answered_where_no_password_is_asked_for(browser: TestClient, header: str) -> None:
    answer = browser.get("/", headers={header: "203.0.113.7"})
    assert answer.status_code == 403
    assert "SHOPSTACK_DASHBOARD_PASSWORD" in answer.text
    assert "Cedar" not in answer.text
