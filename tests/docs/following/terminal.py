"""A terminal with a shell in it, which commands are typed into as a person types them: one after another, all in one shell.

The shell is bash on a terminal of its own (a pty), so that folders and variables last from one command to the next, and
whoever asks for a password asks as always.
"""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 570
"""Seconds until a command counts as one that never ends."""

_PROMPT = re.compile(r"<<prompt (\d+) ([^>]*)>>")
_DRAWN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07")


@dataclass(frozen=True)
class Typed:
    """A command that ended."""

    command: str
    folder: Path
    """Where it was typed."""
    code: int
    said: str
    """What stood on the terminal, stdout and stderr as they came, without colours."""


class Terminal:
    """A shell in a folder. What it is given as ``environment`` is all that it has.

    Args:
        folder: where it begins.
        environment: `PATH` and whatever else the commands need.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._end, shell = pty.openpty()
        # Whoever leads a session and opens a terminal has it from then on.
        enter = 'exec bash --noprofile --norc --noediting -i <>"$0" >&0 2>&1'
        self._shell = subprocess.Popen(
            ["bash", "-c", enter, os.ttyname(shell)],
            cwd=folder,
            env={
                **environment,
                "TERM": "dumb",
                "COLUMNS": "200",
                "NO_COLOR": "1",
                "PROMPT_COMMAND": 'printf "<<prompt %s %s>>" "$?" "$PWD"',
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._until(_PROMPT)
        os.close(shell)
        self.type("stty -echo; PS1= PS2=")

    def hang_up(self) -> None:
        """Close it: what still runs in the foreground ends with the shell."""
        os.close(self._end)
        try:
            self._shell.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._shell.pid, signal.SIGKILL)
            self._shell.wait()

    def type(self, command: str, answers: Sequence[tuple[str, str]] = ()) -> Typed:
        """Type a command and wait for its end.

        Args:
            command: one line, or several that belong together.
            answers: what it asks, in order, each with what is typed then.
        """
        self._send(f"{command}\n")
        said = ""
        for question, answer in answers:
            said += self._until(re.compile(re.escape(question)))
            self._send(f"{answer}\n")
        return self._ended(command, said)

    def watch(self, command: str, line: str, look: Callable[[str], None]) -> Typed:
        """Type a command that goes on until Ctrl-C; ``look`` at what it said as soon as the pattern ``line`` is there, then end it."""
        self._send(f"{command}\n")
        said = self._until(re.compile(line))
        look(said)
        self._send("\x03")
        return self._ended(command, said)

    def _ended(self, command: str, said: str) -> Typed:
        shown, typed_in = said + self._until(_PROMPT), self.folder
        code, folder = re.findall(_PROMPT, shown)[-1]
        self.folder = Path(folder)
        return Typed(command, typed_in, int(code), _PROMPT.sub("", shown).strip())

    def _send(self, text: str) -> None:
        os.write(self._end, text.encode())

    def _until(self, pattern: re.Pattern[str]) -> str:
        """What came, up to the end of what the pattern finds."""
        end = time.monotonic() + PATIENCE
        while not (found := pattern.search(self._seen)):
            left = end - time.monotonic()
            ready, _, _ = select.select([self._end], [], [], max(left, 0))
            assert ready, f"the terminal waits for {pattern.pattern!r}; it shows:\n{self._seen}"
            try:
                content = self._decoder.decode(os.read(self._end, 65536))
            except OSError as gone:
                raise AssertionError(f"the shell has ended; it had shown:\n{self._seen}") from gone
            self._seen += _DRAWN.sub("", content)
        shown, self._seen = self._seen[: found.end()], self._seen[found.end() :]
        return shown
