"""The wheel alone is enough: blueprint, simulator, gazetteer and map shapes are in it."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from shopstack.simulator.server import ServerSettings, serve
from shopstack.simulator.store import Store
from tests.e2e.harness import TOKEN, environment

pytestmark = pytest.mark.xdist_group("installed")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `shopstack` command of a bare environment that holds the wheel and the locked dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True, capture_output=True
    )
    wheel = next(folder.glob("shopstack-*.whl"))
    venv.create(folder / "venv", with_pip=True)
    inside = [
        str(folder / "venv/bin/python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "-q",
        "install",
        "--no-deps",
    ]
    subprocess.run(
        [*inside, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True, capture_output=True
    )
    subprocess.run([*inside, str(wheel)], check=True, capture_output=True)
    return folder / "venv/bin/shopstack"


def test_demo_init_and_run_work_outside_the_checkout(
    installed: Path, small_store: Store, tmp_path: Path
) -> None:
    def shopstack(*arguments: str, **extra: str) -> str:
        done = subprocess.run(
            [str(installed), *arguments],
            cwd=tmp_path,
            env=environment(**extra),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    demo = shopstack("demo", "--orders", "300", "--no-serve")
    assert "shopstack init" in demo
    assert (tmp_path / "demo-shop/data/published/current.json").is_file()
    with serve(small_store, settings=ServerSettings(static_tokens=frozenset({TOKEN}))) as server:
        shopstack(
            "init", "my-shop", "--non-interactive", SHOPSTACK_SHOP=server.url, SHOPIFY_ACCESS_TOKEN=TOKEN
        )
        shopstack("--project", "my-shop", "run")
    assert (tmp_path / "my-shop/data/published/current.json").is_file()
