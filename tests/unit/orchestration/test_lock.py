"""The run lock: one holder, named to whoever comes second, gone with the process that held it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shopstack.errors import EXIT_TRANSIENT, LockedError
from shopstack.orchestration import lock
from shopstack.orchestration.lock import Holder, holder, run_lock

HOLD = """
import sys
from pathlib import Path
from shopstack.orchestration.lock import run_lock
with run_lock(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold_in_another_process(state: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_run_is_refused_naming_pid_command_and_since_when(tmp_path: Path) -> None:
    child = hold_in_another_process(tmp_path)
    try:
        with pytest.raises(LockedError) as refused, run_lock(tmp_path, "build"):
            pytest.fail("two processes held the lock at once")
        found = holder(tmp_path)
    finally:
        child.communicate("")
    assert found is not None
    assert found.pid == child.pid
    assert (
        f"shopstack run (pid {child.pid}, since {found.since.astimezone():%Y-%m-%d %H:%M:%S}"
        in refused.value.why
    )
    assert refused.value.hint.endswith("shopstack build --wait")
    assert refused.value.exit_code == EXIT_TRANSIENT


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    child = hold_in_another_process(tmp_path)
    child.kill()
    child.communicate()
    with run_lock(tmp_path, "run"):
        pass
    assert holder(tmp_path) is None


def test_waiting_names_the_holder_once_and_goes_on_when_it_ends(tmp_path: Path) -> None:
    child = hold_in_another_process(tmp_path)
    told: list[Holder | None] = []
    polls: list[float] = []

    def end_the_holder_at_the_second_poll(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) == 2:
            child.communicate("")

    with run_lock(tmp_path, "run", wait=True, on_wait=told.append, sleep=end_the_holder_at_the_second_poll):
        assert child.returncode == 0
    assert [one.pid for one in told if one] == [child.pid]
    assert len(polls) == 2


def test_the_lock_is_released_and_the_holder_forgotten_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), run_lock(tmp_path, "run"):
        raise ValueError("broken")
    assert (tmp_path / "run.lock").read_bytes() == b""
    assert holder(tmp_path) is None


def test_a_stale_file_alone_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text('{"pid": 1, "command": "run", "since": "2020-01-01T00:00:00+00:00"}')
    assert holder(tmp_path) is None
    with run_lock(tmp_path, "run"):
        found = (tmp_path / "run.lock").read_text()
    assert f'"pid":{os.getpid()}' in found


def test_a_holder_that_has_not_written_its_name_yet_is_still_a_holder(tmp_path: Path) -> None:
    child = hold_in_another_process(tmp_path)
    (tmp_path / "run.lock").write_bytes(b"")
    waited: list[float] = []
    try:
        with (
            pytest.raises(LockedError, match="Another run") as refused,
            run_lock(tmp_path, "run", sleep=waited.append),
        ):
            pytest.fail("two processes held the lock at once")
    finally:
        child.communicate("")
    assert refused.value.why == "It has just started."
    assert 0 < sum(waited) < 1


def test_a_look_at_the_lock_does_not_refuse_a_run(tmp_path: Path) -> None:
    tmp_path.joinpath("run.lock").touch()
    with contextlib.ExitStack() as look:
        file = look.enter_context((tmp_path / "run.lock").open("r+b"))
        assert lock._try_lock(file)
        with run_lock(tmp_path, "run", sleep=lambda _: look.close()):
            assert holder(tmp_path) is not None


def test_whoever_may_not_write_can_still_look(tmp_path: Path) -> None:
    with run_lock(tmp_path, "run"):
        pass
    opened = []
    real = Path.open

    def note(path: Path, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        opened.append(mode)
        return real(path, mode, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", note)
        assert holder(tmp_path) is None
    assert opened == ["rb"]
