"""Reading what a build found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from shopstack.transformation.results import Event, complaints, read_results


def entry(unique_id: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "unique_id": unique_id,
        "status": status,
        "execution_time": 0.5,
        "failures": None,
        "message": None,
        **more,
    }


def write(folder: Path, *entries: dict[str, Any], attached: dict[str, str] | None = None) -> None:
    nodes = {name: {"attached_node": model} for name, model in (attached or {}).items()}
    (folder / "run_results.json").write_bytes(orjson.dumps({"results": list(entries)}))
    (folder / "manifest.json").write_bytes(orjson.dumps({"nodes": nodes}))


def test_a_build_that_never_started_has_no_results(tmp_path: Path) -> None:
    assert read_results(tmp_path) is None


def test_a_failed_test_names_itself_its_model_and_its_rows(tmp_path: Path) -> None:
    test_id = "test.shopstack.every_cent_is_shown.1a2b"
    write(tmp_path, entry(test_id, "fail", failures=1200), attached={test_id: "model.shopstack.fct_sales"})
    (result,) = read_results(tmp_path) or ()
    assert result.outcome == "failed"
    assert result.sentence == "every_cent_is_shown in fct_sales (1,200 rows)"


def test_a_test_that_names_its_rows_is_told_by_its_model_and_the_first_of_them(tmp_path: Path) -> None:
    test_id = "test.shopstack.sound_fct_sales_sale_key__shop.1a2b"
    write(tmp_path, entry(test_id, "fail", failures=2), attached={test_id: "model.shopstack.fct_sales"})
    said = 'failing rows of sound_fct_sales_sale_key__shop: ["shop is null (treats|1)", "shop is null (treats|2)"]'
    event = Event("info", "JinjaLogInfo", "", said)
    (result,) = read_results(tmp_path, [event]) or ()
    assert result.sentence == "fct_sales (2 rows: shop is null (treats|1))"
    assert result.failing == ("shop is null (treats|1)", "shop is null (treats|2)")


def test_a_model_is_named_with_the_databases_complaint_not_with_dbts_preamble(tmp_path: Path) -> None:
    message = "Runtime Error in model fct_sales (models/fct_sales.sql)\n  Binder Error: no column\n  LINE 1"
    write(tmp_path, entry("model.shopstack.fct_sales", "error", message=message))
    (result,) = read_results(tmp_path) or ()
    assert not result.is_test
    assert result.sentence == "fct_sales (Binder Error: no column)"


def test_a_status_that_nobody_listed_counts_as_failed(tmp_path: Path) -> None:
    write(tmp_path, entry("model.shopstack.fct_sales", "exploded"))
    (result,) = read_results(tmp_path) or ()
    assert result.outcome == "failed"


def test_of_a_traceback_only_the_exceptions_are_told_each_once() -> None:
    told = """\
Encountered an error:
IO Error: no such file
Traceback (most recent call last):
  File "connections.py", line 110, in handler
    yield
    ^^^^^
IOException: IO Error: no such file

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "connections.py", line 117, in handler
    raise
IOException: IO Error: no such file
"""
    whole = [Event("error", "", "", told)]
    by_lines = [Event("error", "", "", line) for line in told.splitlines()]
    assert complaints(whole) == complaints(by_lines)
    assert complaints(whole).splitlines() == [
        "IO Error: no such file",
    ]


def test_a_complaint_without_a_traceback_keeps_its_indented_lines() -> None:
    told = "Compilation Error\n  model x depends on y\n    which was not found"
    assert complaints([Event("error", "", "", told)]) == told


def test_a_line_that_is_no_event_is_kept_as_a_complaint() -> None:
    line = b'{"info": {"level": "info", "name": "X", "ts": "t", "msg": "fine"}}'
    events = [Event.parse(line), Event.parse(b"Traceback: no\n"), Event.parse(b"7")]
    assert complaints(events) == "Traceback: no\n7"
    assert str(events[0]) == "t info fine"
