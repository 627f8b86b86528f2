"""What runs leave behind in words: histories, logs and the status file, with a removed customer taken out of them.

Only sentences are changed in what programs read; a log is text and changed anywhere. Tables and landed files have
owners of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from shopstack.project import Project
from shopstack.storage.files import write_whole

GONE = "[redacted]"

_NOBODY = re.compile(r"[A-Z]{0,2}|[0-9]{1,3}|true|false")
"""Values that addresses and metafields hold and that tell nothing of anybody."""

SENTENCES = frozenset({"detail", "message", "why", "hint", "reason", "failed"})
"""Keys of a run's file and of the status file under which words for a person stand."""


def forget(project: Project, words: Iterable[str]) -> int:
    """Take every one of the words out of everything that runs left behind; the number of files changed.

    A word counts only by itself: `Ann` is not taken out of `Annual`. Codes and figures that name nobody (`US`, `12`,
    `true`) stay.
    """
    wanted = sorted({word for word in words if not _NOBODY.fullmatch(word.strip())}, key=len, reverse=True)
    if not wanted:
        return 0
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)")
    files = [path for path in project.runs.rglob("*") if path.is_file()] if project.runs.is_dir() else []
    return sum(_forget(path, pattern) for path in [*files, project.status_file] if path.is_file())


def _forget(path: Path, pattern: re.Pattern[str]) -> bool:
    before = path.read_text(encoding="utf-8", errors="replace")
    if pattern.search(before) is None:
        return False
    after = pattern.sub(GONE, before)
    if path.suffix == ".json":
        with suppress(ValueError):  # what is no JSON is text like any other
            after = orjson.dumps(_without(orjson.loads(before), pattern), option=orjson.OPT_INDENT_2).decode()
    write_whole(path, after.encode())
    return True


def _without(value: Any, pattern: re.Pattern[str], *, sentence: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(one, pattern, sentence=sentence or key in SENTENCES) for key, one in value.items()
        }
    if isinstance(value, list):
        return [_without(one, pattern, sentence=sentence) for one in value]
    return pattern.sub(GONE, value) if sentence and isinstance(value, str) else value
