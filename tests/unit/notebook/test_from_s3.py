"""A notebook of a project whose files lie in S3."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.notebook import open_newest
from shopstack.publish import current, publish_version
from shopstack.publish.status import Status, write_status
from tests.s3_projects import impatient, in_s3, refusing
from tests.s3_server import Simulated
from tests.unit.dashboard.published_fixture import write_warehouse


def test_it_goes_on_out_of_reach_and_says_so(
    s3: Simulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = in_s3(tmp_path / "shop", uuid4().hex)
    write_warehouse(project, orders=60)
    publish_version(project)
    write_status(project, Status(state="ok"))
    with open_newest(project.root) as published:
        figures = published.metrics("net_sales", "orders", period="all")
        fresh = published.freshness()
    impatient(monkeypatch)
    monkeypatch.setattr(current, "LOOK_AFTER", 3600.0)
    s3.before = refusing("SlowDown")
    with open_newest(project.root) as published:
        assert published.metrics("net_sales", "orders", period="all").equals(figures)
        assert published.freshness() == fresh
        asked = len(s3.asked)
        published.split("net_sales", "channel_key", period="all")
        assert len(s3.asked) == asked, "not at every figure"
    assert "does not answer as it should" in capsys.readouterr().err
