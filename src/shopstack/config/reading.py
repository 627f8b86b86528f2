"""Reading `shopstack.toml`, and what is said where it cannot be read."""

from __future__ import annotations

import difflib
import shlex
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shopstack.config.sections import CONFIG_FILE, SECTIONS, Config
from shopstack.errors import ConfigurationError


def _known_keys() -> list[str]:
    keys = [f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields]
    return [*SECTIONS, *keys]


_WORDS = {
    "tuple_type": 'it must be a list, such as ["one", "two"]',
    "string_type": "it must be text in quotes",
    "string_pattern_mismatch": "it is not written as it must be (docs/reference/configuration.md shows how)",
}
"""What pydantic says in the words of Python, in those of a person who edits a file."""


def _explain(detail: Any) -> tuple[str, str]:
    """One of pydantic's findings as (what, hint) in the words of `shopstack.toml`."""
    # The place in the list of shops is no part of a key's name.
    key = ".".join(str(part) for part in detail["loc"] if not isinstance(part, int))
    number = next((part for part in detail["loc"] if isinstance(part, int)), 0)
    where = f" (shop {number + 1})" if number else ""
    if detail["type"] == "extra_forbidden":
        known = _known_keys()
        leaf = {k.rsplit(".", 1)[-1]: k for k in known}
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5) or [
            leaf[m] for m in difflib.get_close_matches(key.rsplit(".", 1)[-1], list(leaf), n=1, cutoff=0.6)
        ]
        hint = f"did you mean {near[0]}?" if near else "known keys: docs/reference/configuration.md"
        return f"unknown key {key}{where}", hint
    message = _WORDS.get(detail["type"]) or str(detail["msg"]).removeprefix("Value error, ")
    return f"{key}{where}: {message}", f"mend {key} in {CONFIG_FILE}"


def parse_config(text: str, *, source: str = CONFIG_FILE) -> Config:
    """The configuration in a TOML text.

    Raises:
        ConfigurationError: not TOML, an unknown key (with the nearest known one), or a value out of range.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigurationError(
            f"{source} is not valid TOML.",
            why=str(problem),
            hint=f"mend that line of {source}, then shopstack check",
        ) from problem
    try:
        return Config.model_validate(values)
    except ValidationError as problem:
        found = [_explain(detail) for detail in problem.errors()]
        raise ConfigurationError(
            f"{source} has {'an error' if len(found) == 1 else f'{len(found)} errors'}: "
            + "; ".join(what for what, _ in found),
            why="Every key is checked, so that a misspelt one is never silently ignored.",
            hint="; ".join(hint for _, hint in found),
        ) from problem


def load_config(folder: Path) -> Config:
    """The configuration of the project in ``folder``.

    Raises:
        ConfigurationError: there is none, or `parse_config` refuses it.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        above = next((one for one in folder.parents if (one / CONFIG_FILE).is_file()), None)
        if above is not None and folder.is_dir():
            raise ConfigurationError(
                f"There is no {CONFIG_FILE} here.",
                why=f"{folder} is a folder within the project {above}.",
                hint=f"cd {shlex.quote(str(above))}, then the same command again",
            )
        raise ConfigurationError(
            f"There is no {CONFIG_FILE} here.",
            why=f"{folder} is not a shopstack project." if folder.is_dir() else f"{folder} does not exist.",
            hint="shopstack init my-shop (a new project), or: shopstack demo (a simulated shop)",
        )
    return parse_config(read_text(path))


def read_text(path: Path) -> str:
    """A text file of the project; the mark that some editors put before the first letter is left out.

    Raises:
        ConfigurationError: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ConfigurationError(
            f"{path.name} cannot be read.",
            why=f"It is not UTF-8 text (byte {problem.start}).",
            hint=f"save {path.name} as UTF-8 in your editor, then: shopstack check",
        ) from problem
