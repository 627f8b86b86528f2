"""The sign-in in a real browser: by keyboard, without script, on a phone, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from shopstack.dashboard.access import Access, Gate
from shopstack.dashboard.access.passwords import hash_password
from shopstack.dashboard.access.sessions import Sessions
from shopstack.project import Project
from tests.browser.conftest import Look, Seen
from tests.browser.test_every_page import AXE
from tests.unit.dashboard.published_fixture import make_published

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSWORD = "cedar-and-oak-1"
HASH = hash_password(PASSWORD)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_published(tmp_path_factory.mktemp("locked") / "shop", orders=300)[0]


@pytest.fixture
def locked_dashboard(published: Project, serve_project: Callable[..., str]) -> str:
    """Address of a published shop that asks for a password; nobody has tried one yet."""
    gate = Gate(HASH, Sessions(bytes(32), HASH))
    return serve_project(published, Access("127.0.0.1", gate=gate))


def wrong_password(seen: Seen) -> None:
    """Give one; the browser notes the refusal in its console, as it should."""
    seen.page.get_by_label("Password").fill("oak-and-cedar-1")
    with seen.page.expect_navigation():
        seen.page.get_by_role("button", name="Sign in").click()
    seen.page.get_by_role("alert").wait_for()
    assert all("401" in trouble for trouble in seen.troubles)
    seen.troubles.clear()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_alone_goes_in_and_out_again(locked_dashboard: str, look: Look, scripts: bool) -> None:
    page = look(f"{locked_dashboard}/?period=90d", scripts=scripts).page
    assert page.title() == "Sign in · shopstack"
    if not scripts:
        page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{locked_dashboard}/?period=90d")
    assert "Cedar" in page.title()

    page.get_by_role("link", name="Sign out").press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/sign-in")
    page.goto(f"{locked_dashboard}/?period=90d")
    assert page.title() == "Sign in · shopstack"


def test_a_wrong_password_is_said_and_the_next_one_may_be_right(locked_dashboard: str, look: Look) -> None:
    seen = look(locked_dashboard)
    wrong_password(seen)
    field = seen.page.get_by_label("Password")
    assert "That is not the password." in seen.page.get_by_role("alert").inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == ""
    assert field.evaluate("field => field === document.activeElement")
    field.fill(PASSWORD)
    field.press("Enter")
    seen.page.wait_for_url(f"{locked_dashboard}/")
    assert "Cedar" in seen.page.title()


def test_the_session_holds_in_a_new_tab_and_is_hidden_from_scripts(locked_dashboard: str, look: Look) -> None:
    page = look(locked_dashboard).page
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"{locked_dashboard}/")
    assert page.evaluate("document.cookie") == ""
    second = page.context.new_page()
    second.goto(f"{locked_dashboard}/?period=7d")
    assert "Cedar" in second.title()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_form_is_whole_and_easy_to_hit(
    locked_dashboard: str, look: Look, scheme: Literal["light", "dark"], width: int, axe: str
) -> None:
    seen = look(locked_dashboard, width=width, scheme=scheme)
    wrong_password(seen)
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in (page.get_by_label("Password"), page.get_by_role("button", name="Sign in")):
        box = part.bounding_box()
        assert box
        assert box["height"] >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.evaluate(axe)
    assert page.evaluate(AXE) == []


def test_too_many_tries_are_told_how_long_to_wait(locked_dashboard: str, look: Look) -> None:
    seen = look(locked_dashboard)
    for _ in range(5):
        wrong_password(seen)
    seen.page.get_by_label("Password").fill(PASSWORD)
    seen.page.get_by_label("Password").press("Enter")
    seen.page.get_by_text("There were too many tries.").wait_for()
    assert all("429" in trouble for trouble in seen.troubles)
    seen.troubles.clear()
