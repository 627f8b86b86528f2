"""The only writer: data to stdout, words to stderr, secrets nowhere."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rich.progress import Progress

from shopstack import output
from shopstack.errors import ConfigurationError


def test_data_is_one_json_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    output.data(
        {
            "amount": Decimal("12.3400"),
            "day": date(2026, 1, 31),
            "at": datetime(2026, 1, 31, 12, tzinfo=UTC),
            "rows": [1, None, True],
        }
    )
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "amount": "12.3400",
        "day": "2026-01-31",
        "at": "2026-01-31T12:00:00+00:00",
        "rows": [1, None, True],
    }
    assert printed.err == ""


def test_everything_said_to_a_person_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("working")
    output.step("done")
    output.warn("odd", hint="shopstack doctor")
    output.error(ConfigurationError("It is wrong.", why="Because.", hint="mend it"))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "working",
        "✓ done",
        "warning: odd",
        "   hint: shopstack doctor",
        "error: It is wrong.",
        "  why: Because.",
        " hint: mend it",
    ]


def test_a_known_secret_is_shown_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    output.hide("shpat_output_secret")
    output.say("with shpat_output_secret")
    output.step("with shpat_output_secret")
    output.warn("with shpat_output_secret", hint="shpat_output_secret")
    output.error(
        ConfigurationError("shpat_output_secret", why="shpat_output_secret", hint="shpat_output_secret")
    )
    output.data({"token": "shpat_output_secret"})
    output.text("shpat_output_secret")
    printed = capsys.readouterr()
    assert "shpat_output_secret" not in printed.out + printed.err
    assert printed.err.count("***") == 7
    assert printed.out.count("***") == 2


def test_a_secret_that_begins_with_another_is_hidden_whole() -> None:
    for number in range(20):  # in whatever order a set has them
        output.hide(f"password-{number:02}")
        output.hide(f"password-{number:02}-and-more")
    assert {output.redact(f"password-{number:02}-and-more") for number in range(20)} == {"***"}


def test_a_secret_is_hidden_in_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    output.hide('back\\slash and "quotes"')
    output.data({"said": 'it was back\\slash and "quotes"'})
    assert json.loads(capsys.readouterr().out) == {"said": "it was ***"}


def test_a_word_too_short_to_be_a_secret_is_not_hidden() -> None:
    output.hide("a")
    assert output.redact("a banana") == "a banana"


def test_brackets_are_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("set [dashboard] port")
    output.text("[red]not red[/red]")
    printed = capsys.readouterr()
    assert printed.err == "set [dashboard] port\n"
    assert printed.out == "[red]not red[/red]\n"


def test_progress_off_a_terminal_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress() as live:
        assert live is None
        task = output.Task(live, "orders")
        task.update("500 rows")
        task.done("1,000 rows")
    assert capsys.readouterr().err == "✓ orders: 1,000 rows\n"


def test_a_line_on_a_terminal_shows_how_much_of_what_is_expected_is_done() -> None:
    live = Progress(disable=True)
    task = output.Task(live, "orders")
    task.update("100 of 300", done=100, total=300)
    assert (live.tasks[0].completed, live.tasks[0].total) == (100, 300)
    task.update("310 of 300", done=310, total=300)
    assert live.tasks[0].completed == 300
    task.update("310", done=310)
    assert live.tasks[0].completed == 0
