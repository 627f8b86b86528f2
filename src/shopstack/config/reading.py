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


FORMS = {"extract.start": '"2026-01-31"', "warehouse.memory_limit": '"640MB" or "2GB"'}
"""How values are written that have a form."""

_WORDS = {
    "tuple_type": 'it must be a list, such as ["one", "two"]',
    "string_type": "it must be text in quotes",
    "string_pattern_mismatch": "it must be written as {form}",
    "literal_error": "it must be {expected}",
    "bool_type": "it must be true or false, without quotes",
    "bool_parsing": "it must be true or false, without quotes",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "model_type": "it must be a table: [{key}], and its keys below",
}
"""What pydantic says in the words of Python, in those of a person who edits a file."""

_ONE_SHOP = 'it must be a table: [shop], and below it address = "my-shop.myshopify.com"'

_SECRET = ("token", "secret", "password", "client_id", "api_key")
"""What a key is called that somebody takes for the place of a credential."""

_MENDED = {
    "Cannot declare ('shop',)": "of several shops each table begins with [[shop]], the first one's too",
    "Cannot overwrite a value": "of several shops each table begins with [[shop]], the first one's too",
    "Cannot mutate immutable namespace": "of several shops each table begins with [[shop]], the first one's too",
    "Cannot declare": "put the keys of a table that stands there twice together below one of its headings",
    "Invalid value": 'write text between straight quotes, as in "sunday"; true, false and numbers stand without, in small letters',
}
"""What to do, by what the reader of TOML says."""


def _explain(detail: Any) -> tuple[str, str]:
    """One of pydantic's findings as (what, hint) in the words of `shopstack.toml`."""
    # The place in the list of shops is no part of a key's name.
    key = ".".join(str(part) for part in detail["loc"] if not isinstance(part, int))
    number = next((part for part in detail["loc"] if isinstance(part, int)), 0)
    where = f" (shop {number + 1})" if number else ""
    if detail["type"] == "extra_forbidden":
        if any(word in key.lower() for word in _SECRET):
            return (
                f"unknown key {key}{where}",
                f"credentials never stand in {CONFIG_FILE}: take it out, and put it into .env (.env.example names them)",
            )
        known = _known_keys()
        leaf = {k.rsplit(".", 1)[-1]: k for k in known}
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5) or [
            leaf[m] for m in difflib.get_close_matches(key.rsplit(".", 1)[-1], list(leaf), n=1, cutoff=0.6)
        ]
        hint = f"did you mean {near[0]}?" if near else "known keys: docs/reference/configuration.md"
        return f"unknown key {key}{where}", hint
    given = {"expected": "", **detail.get("ctx", {}), "key": key, "form": FORMS.get(key, "")}
    given["expected"] = given["expected"].replace("'", '"')
    message = _WORDS.get(detail["type"], "").format(**given)
    if key == "shop" and detail["type"] == "tuple_type":
        message = _ONE_SHOP
    message = message or str(detail["msg"]).removeprefix("Value error, ")
    return f"{key}{where}: {message}", f"mend {key} in {CONFIG_FILE}"


def _mended(problem: str) -> str:
    known = next((hint for said, hint in _MENDED.items() if problem.startswith(said)), "")
    return f"mend that line of {CONFIG_FILE}" + (f": {known}" if known else "")


def parse_config(text: str) -> Config:
    """The configuration in a TOML text.

    Raises:
        ConfigurationError: not TOML, an unknown key (with the nearest known one), or a value out of range.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigurationError(
            f"{CONFIG_FILE} is not valid TOML.",
            why=str(problem),
            hint=f"{_mended(str(problem))}, then: shopstack check",
        ) from problem
    try:
        return Config.model_validate(values)
    except ValidationError as problem:
        found = [_explain(detail) for detail in problem.errors()]
        raise ConfigurationError(
            f"{CONFIG_FILE} has {'an error' if len(found) == 1 else f'{len(found)} errors'}: "
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
