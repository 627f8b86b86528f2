"""The pages of a project whose files lie in S3: with the right to read alone, and while S3 is out of reach."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.publish import current, publish_version
from shopstack.publish.status import Status, write_status
from tests.s3_projects import impatient, in_s3, refusing
from tests.s3_server import Simulated
from tests.unit.dashboard.published_fixture import NOW, write_warehouse


def test_pages_need_nothing_but_reading_and_stay_up_without_s3(
    s3: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = uuid4().hex
    writer = in_s3(tmp_path / "writer", prefix)
    write_warehouse(writer, orders=60)
    first = publish_version(writer, now=NOW)
    write_status(writer, Status(state="ok"))
    monkeypatch.setattr(current, "LOOK_AFTER", 0.0)
    s3.let_read_what_is_published(prefix)
    s3.asked.clear()
    app = create_app(in_s3(tmp_path / "reader", prefix))
    with TestClient(app, base_url="http://127.0.0.1:8787") as browser:
        page = browser.get("/")
        assert page.status_code == 200
        assert page.headers["X-Published-Version"] == first.pointer.version
        assert browser.get("/nationwide_sales").status_code == 200
        assert browser.get("/healthz").json()["ok"] is True
        assert "cannot be reached" not in page.text
        assert s3.asked
        assert not [asked for asked in s3.asked if asked.changes]

        s3.before = lambda _: None
        second = publish_version(writer, now=NOW + timedelta(minutes=1))
        s3.let_read_what_is_published(prefix)
        assert browser.get("/").headers["X-Published-Version"] == second.pointer.version

        impatient(monkeypatch)
        s3.before = refusing("SlowDown")
        late = browser.get("/")
        assert (late.status_code, late.headers["X-Published-Version"]) == (200, second.pointer.version)
        assert "does not answer as it should" in late.text
        s3.before = lambda _: None
        assert "does not answer as it should" not in browser.get("/").text


def test_without_anything_from_before_it_is_said_what_is_wrong(
    s3: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    s3.before = refusing("AccessDenied")
    app = create_app(in_s3(tmp_path / "reader", uuid4().hex))
    with TestClient(app, base_url="http://127.0.0.1:8787") as browser:
        page = browser.get("/")
        assert page.status_code == 503
        assert "may not read" in page.text
        assert "shopstack doctor" in page.text
        assert browser.get("/healthz").status_code == 503
