"""Which version a request reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from shopstack.dashboard.reader import Reader
from shopstack.publish import Current, publish_version
from tests.unit.dashboard.published_fixture import NOW, make_project, make_published


def test_a_request_keeps_its_version_while_a_new_one_goes_up(tmp_path: Path) -> None:
    project, first = make_published(tmp_path / "shop", orders=40)
    reader = Reader(Current(project))
    with reader.current() as old:
        assert old is not None
        second = publish_version(project, now=NOW + timedelta(hours=1))
        with reader.current() as new:
            assert new is not None
            assert new.pointer.version == second.pointer.version
        assert old.rows("select count(*) as n from serving.fct_orders") == [{"n": 40}]
    assert old.pointer.version == first.pointer.version
    with pytest.raises(duckdb.Error):  # let go after its last request
        old.cursor()
    reader.close()


def test_a_version_is_opened_once_for_all_requests(tmp_path: Path) -> None:
    reader = Reader(Current(make_published(tmp_path / "shop", orders=40)[0]))
    with reader.current() as one, reader.current() as other:
        assert one is other
    reader.close()


def test_before_any_publish_there_is_none(tmp_path: Path) -> None:
    with Reader(Current(make_project(tmp_path / "shop"))).current() as snapshot:
        assert snapshot is None
