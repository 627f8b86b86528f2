"""The demo as a newcomer meets it: one command, and a painted page at the address it says."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Look, free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def demo_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that `shopstack demo` ends with, served until the tests have looked at it."""
    folder: Path = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "shopstack", "demo", "--orders", "400", "--port", str(free_port())]
    with subprocess.Popen(
        [*command, "--dir", str(folder / "demo-shop")], stderr=subprocess.PIPE, text=True
    ) as demo:
        said: list[str] = []
        try:
            yield _address(demo, said)
        finally:
            demo.send_signal(signal.SIGINT)
            said.extend(demo.stderr or ())
        assert demo.wait(timeout=30) == 0, "".join(said)


def _address(demo: subprocess.Popen[str], said: list[str]) -> str:
    for line in demo.stderr or ():
        said.append(line)
        found = re.search(r"Dashboard: (http://127\.0\.0\.1:\d+)", line)
        if found:
            return found[1]
    raise AssertionError("the demo ended without a dashboard:\n" + "".join(said))


def test_the_demo_s_page_is_painted_whole_and_agrees_with_the_shop_s_own_report(
    demo_address: str, look: Look
) -> None:
    page = look(f"{demo_address}/?period=365d").page

    assert page.title().startswith("Nationwide sales · ")
    assert page.get_by_text("Simulated shop.").is_visible()
    assert page.get_by_text("could not be computed").count() == 0
    assert page.locator(".figure .chart-sparkline:visible").count() == 5
    assert page.locator(".chart-us-map .chart-dots circle").count() > 20
    assert (
        page.locator(".chart-us-map [data-tip$=' orders'], .chart-us-map [data-tip$=' order']").count() > 20
    )
    assert page.locator("#map-top li").count() == 12
    assert page.locator("#products tbody tr").count() > 5
    assert page.get_by_role("link", name="Agrees with Shopify's report").is_visible()
