"""What runs leave behind in words: histories, logs and the status file, with a removed customer taken out of them.

Only sentences are changed in what programs read; a log is text and changed anywhere. Tables and landed files have
owners of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import orjson

from shopstack.project import STATUS_FILE, Project
from shopstack.storage import FolderStorage, Storage

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
    # In S3 the logs of dbt lie there too, and here as it wrote them.
    roots = [project.stored(), FolderStorage(project.storage)] if project.is_far else [project.stored()]
    return sum(_forget(root, name, pattern) for root in roots for name in _names(root))


def _names(root: Storage) -> Iterator[str]:
    yield from (f"runs/{name}" for name in root.names("runs"))
    yield STATUS_FILE


def _forget(root: Storage, name: str, pattern: re.Pattern[str]) -> bool:
    try:
        before = root.read(name).decode("utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError):
        return False
    if pattern.search(before) is None:
        return False
    after = pattern.sub(GONE, before)
    if name.endswith(".json"):
        with suppress(ValueError):  # what is no JSON is text like any other
            after = orjson.dumps(_without(orjson.loads(before), pattern), option=orjson.OPT_INDENT_2).decode()
    root.replace(name, after.encode(), flushed=True)
    return True


def _without(value: Any, pattern: re.Pattern[str], *, sentence: bool = False) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(one, pattern, sentence=sentence or key in SENTENCES) for key, one in value.items()
        }
    if isinstance(value, list):
        return [_without(one, pattern, sentence=sentence) for one in value]
    return pattern.sub(GONE, value) if sentence and isinstance(value, str) else value
