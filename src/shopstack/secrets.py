"""Where credentials come from: the environment, then the project's `.env`; never a flag, never a file under git.

Every secret that is read is registered with `output.hide`, so that nothing ever prints it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from shopstack import output
from shopstack.errors import CredentialsError

ENV_FILE = ".env"
CLIENT_ID = "SHOPIFY_CLIENT_ID"
CLIENT_SECRET = "SHOPIFY_CLIENT_SECRET"  # noqa: S105 - the variable's name, not its value
ACCESS_TOKEN = "SHOPIFY_ACCESS_TOKEN"  # noqa: S105 - the variable's name, not its value
DASHBOARD_PASSWORD = "SHOPSTACK_DASHBOARD_PASSWORD"  # noqa: S105 - the variable's name, not its value
SNOWFLAKE_KEY = "SNOWFLAKE_PRIVATE_KEY"
SNOWFLAKE_KEY_PATH = "SNOWFLAKE_PRIVATE_KEY_PATH"
SNOWFLAKE_PASSPHRASE = "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"  # noqa: S105 - the variable's name, not its value


@dataclass(frozen=True)
class StaticToken:
    """A token that does not expire by itself: an older custom app's ``shpat_…``."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class ClientCredentials:
    """An app of the Dev Dashboard: the id and secret buy a token that lives 24 hours."""

    client_id: str
    client_secret: str = field(repr=False)


Credentials = StaticToken | ClientCredentials


def read_environment(folder: Path) -> dict[str, str]:
    """The project's `.env` overlaid with the process environment (which wins).

    Raises:
        CredentialsError: the file is not UTF-8, or a line of it is no variable.
    """
    file = folder / ENV_FILE
    try:
        # utf-8-sig: the mark that some editors put before the first letter is no part of the first name.
        text = file.read_text(encoding="utf-8-sig") if file.is_file() else ""
    except UnicodeDecodeError as problem:
        raise CredentialsError(
            f"{ENV_FILE} cannot be read.",
            why=f"It is not UTF-8 text (byte {problem.start}).",
            hint=f"save {ENV_FILE} as UTF-8 in your editor, then: shopstack check",
        ) from problem
    wrong = next((one.original for one in parse_stream(io.StringIO(text)) if one.error), None)
    if wrong is not None:
        empty = wrong.string[: len(wrong.string) - len(wrong.string.lstrip())].count("\n")
        raise CredentialsError(
            f"{ENV_FILE}, line {wrong.line + empty} cannot be read.",
            why="A line is NAME=value; a value with a quote at its beginning needs one at its end.",
            hint=f"mend that line of {ENV_FILE} (see .env.example), then: shopstack check",
        )
    found = dotenv_values(stream=io.StringIO(text))
    values = {name: value for name, value in found.items() if value is not None}
    values.update(os.environ)
    return values


def variable(name: str, handle: str) -> str:
    """The name of a variable for one of several shops: ``SHOPIFY_CLIENT_ID__MY_SECOND_SHOP``."""
    return f"{name}__{handle.upper().replace('-', '_')}" if handle else name


def is_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret, of whichever shop."""
    return name.partition("__")[0] in {
        CLIENT_SECRET,
        ACCESS_TOKEN,
        DASHBOARD_PASSWORD,
        SNOWFLAKE_KEY,
        SNOWFLAKE_PASSPHRASE,
    }


def read_dashboard_password(folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """The dashboard's password or the hash of one, as it is set; empty where none is.

    Args:
        folder: the project's, with its `.env`.
        environment: read instead of `.env` and the process environment.

    Raises:
        CredentialsError: `.env` is not UTF-8.
    """
    values = read_environment(folder) if environment is None else environment
    password = values.get(DASHBOARD_PASSWORD, "").strip()
    output.hide(password)
    return password


@dataclass(frozen=True)
class SnowflakeKey:
    """A service user's private key as it is set: its text or its file, and what it is encrypted with."""

    text: str = field(default="", repr=False)
    path: Path | None = None
    passphrase: str = field(default="", repr=False)


def read_snowflake_key(folder: Path, environment: Mapping[str, str] | None = None) -> SnowflakeKey:
    """Where the private key for Snowflake is; whether it is one, `warehouse/snowflake_key.py` says.

    Args:
        folder: the project's, with its `.env`, to which a file's path is relative.
        environment: read instead of `.env` and the process environment.

    Raises:
        CredentialsError: none is set, or two are; or `.env` is not UTF-8.
    """
    values = read_environment(folder) if environment is None else environment
    text, path, passphrase = (
        values.get(name, "").strip() for name in (SNOWFLAKE_KEY, SNOWFLAKE_KEY_PATH, SNOWFLAKE_PASSPHRASE)
    )
    for secret in (text, passphrase, *(line for line in text.splitlines() if not line.startswith("-----"))):
        output.hide(secret)
    if bool(text) == bool(path):
        raise CredentialsError(
            "There are two private keys for Snowflake." if text else "There is no private key for Snowflake.",
            why=f"{SNOWFLAKE_KEY} and {SNOWFLAKE_KEY_PATH} are {'both' if text else 'not'} set.",
            hint=f"keep one: unset {SNOWFLAKE_KEY}, or take {SNOWFLAKE_KEY_PATH} out of .env"
            if text
            else f"put {SNOWFLAKE_KEY_PATH} in .env (docs/guides/snowflake.md says how a key is made)",
        )
    return SnowflakeKey(text, folder / Path(path).expanduser() if path else None, passphrase)


def read_credentials(
    folder: Path, environment: Mapping[str, str] | None = None, *, handle: str = "", alone: bool = True
) -> Credentials:
    """The credentials of a shop.

    Args:
        folder: the project's, with its `.env`.
        environment: read instead of `.env` and the process environment.
        handle: the shop's short name, with which its own variables end.
        alone: whether it is the only shop of the project, to which the plain variables belong too.

    Raises:
        CredentialsError: none are set, or only one half of a pair; or `.env` is not UTF-8.
    """
    values = read_environment(folder) if environment is None else environment
    own = {name: variable(name, handle) for name in (ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET)}
    if alone and not any(values.get(name, "").strip() for name in own.values()):
        own = {name: name for name in own}
    token, client_id, secret = (values.get(name, "").strip() for name in own.values())
    for value in (token, secret):
        output.hide(value)
    if client_id and secret:
        return ClientCredentials(client_id, secret)
    if token:
        return StaticToken(token)
    half = (
        f"{own[CLIENT_SECRET]} is missing beside {own[CLIENT_ID]}."
        if client_id
        else f"{own[CLIENT_ID]} is missing beside {own[CLIENT_SECRET]}."
    )
    raise CredentialsError(
        f"There are no credentials for the shop {handle}."
        if not alone
        else "There are no credentials for the shop.",
        why=half
        if client_id or secret
        else f"Neither {own[CLIENT_ID]} and {own[CLIENT_SECRET]} nor {own[ACCESS_TOKEN]} is set.",
        hint=_where_to_put(own, values)
        if not alone
        else "put them in .env (see .env.example), or: shopstack init",
    )


def _where_to_put(own: Mapping[str, str], values: Mapping[str, str]) -> str:
    """The exact variable of one of several shops; the plain ones belong to none of them."""
    plain = next((name for name in own if values.get(name, "").strip()), "")
    if plain:
        return f"with several shops each has its own: in .env, {plain} becomes {own[plain]} for the shop that it is of"
    return f"put {own[CLIENT_ID]} and {own[CLIENT_SECRET]} in .env (or {own[ACCESS_TOKEN]})"
