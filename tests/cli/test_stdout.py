"""Where stdout is full, closed, gone or of another alphabet: an exit code that says so, never a part called whole."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from shopstack import output
from shopstack.cli import main

pytestmark = pytest.mark.skipif(os.name != "posix", reason="streams close and fill up differently elsewhere")


def ran(*arguments: str, environment: dict[str, str] | None = None, **streams: Any) -> tuple[int, str]:
    """The exit code of one command, and what it said on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "shopstack", *arguments],
        env={**os.environ, **(environment or {})},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **streams,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_fills_up_in_the_middle_is_told(tmp_path: Path, unbuffered: str) -> None:
    with (tmp_path / "streams.json").open("wb") as file:
        code, said = ran(
            "streams",
            "--json",
            environment={"PYTHONUNBUFFERED": unbuffered},
            stdout=file,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        )
    assert (tmp_path / "streams.json").stat().st_size == 20_000
    assert code == 4
    assert said.startswith("error: The disk is full.")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_answer_and_its_error_that_find_no_room_are_told_on_stderr(form: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        code, said = ran("streams", *form, stdout=full)
    assert code == 4
    assert said.startswith("error: The disk is full.")
    assert "Exception ignored" not in said


def test_a_reader_that_goes_away_before_an_error_in_json_is_no_defect(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        code, said = ran("--project", str(tmp_path), "status", "--json", stdout=writing)
    finally:
        os.close(writing)
    assert code == 2
    assert said.startswith("error: There is no shopstack.toml here.")


def test_a_service_may_close_stdout_and_stdin() -> None:
    def close() -> None:
        os.close(0)
        os.close(1)

    assert ran("streams", preexec_fn=close) == (0, "")


def test_an_answer_that_the_system_has_no_letters_for_is_told_with_the_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    monkeypatch.setattr("shopstack.cli.streams.stream", lambda _: output.text("Café"))
    assert main(["streams", "orders"]) == 2
    said = capsys.readouterr().err
    assert "why: Your system writes ascii, which lacks '\\xe9'." in said
    assert "PYTHONIOENCODING to utf-8" in said


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2**64, '"18446744073709551616"'),
        (-(2**63) - 1, '"-9223372036854775809"'),
        ({1: [2**70]}, '{"1": ["1180591620717411303424"]}'),
        ({"path": "caf\udce9"}, '{"path": "caf\\\\udce9"}'),
    ],
)
def test_what_json_has_no_room_for_is_written_as_text(
    capsys: pytest.CaptureFixture[str], value: object, written: str
) -> None:
    output.data(value)
    assert orjson.loads(capsys.readouterr().out) == orjson.loads(written)


def test_a_document_is_handed_on_while_the_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        output.data({"address": "http://127.0.0.1:8787"})
        assert orjson.loads((tmp_path / "out").read_bytes()) == {"address": "http://127.0.0.1:8787"}
