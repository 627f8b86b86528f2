"""The blueprint's Dockerfile as a test reads it: its stages, each a list of instructions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache"
ORCHESTRATION = REPOSITORY / "src" / "shopstack" / "blueprint" / "orchestration"
DOCKERFILE = ORCHESTRATION / "Dockerfile"

_COMMENT = re.compile(r"^[ \t]*#.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Stage:
    """What stands between one `FROM` and the next."""

    base: str
    instructions: tuple[tuple[str, str], ...]
    """Each with what follows it, continued lines joined: ``("USER", "10001:10001")``."""

    def last(self, instruction: str) -> str:
        """What the last one of a kind says, which is the one that counts."""
        return [words for name, words in self.instructions if name == instruction][-1]

    def words(self, instruction: str) -> list[str]:
        """The same in exec form, a JSON list of strings; a shell's line is none and raises `ValueError`."""
        found: list[str] = json.loads(self.last(instruction))
        return found

    @property
    def environment(self) -> dict[str, str]:
        """What its `ENV` sets."""
        pairs = (pair for name, words in self.instructions if name == "ENV" for pair in words.split())
        return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile, in their order; what stands before the first is left out."""
    lines = _COMMENT.sub("", text).replace("\\\n", " ").splitlines()
    parted = [line.split(None, 1) for line in lines if line.strip()]
    starts = [at for at, (name, _) in enumerate(parted) if name == "FROM"]
    ends = [*starts[1:], len(parted)]
    return [
        Stage(parted[start][1], tuple((name, words) for name, words in parted[start + 1 : end]))
        for start, end in zip(starts, ends, strict=True)
    ]
