"""Where credentials come from: the environment, then the project's `.env`; never a flag, never a file under git.

Every secret that is read is registered with `output.hide`, so that nothing ever prints it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from shopstack import output
from shopstack.errors import CredentialsError

ENV_FILE = ".env"
CLIENT_ID = "SHOPIFY_CLIENT_ID"
CLIENT_SECRET = "SHOPIFY_CLIENT_SECRET"  # noqa: S105 - the variable's name, not its value
ACCESS_TOKEN = "SHOPIFY_ACCESS_TOKEN"  # noqa: S105 - the variable's name, not its value


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
        CredentialsError: the file is not UTF-8.
    """
    try:
        # utf-8-sig: the mark that some editors put before the first letter is no part of the first name.
        found = dotenv_values(folder / ENV_FILE, encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise CredentialsError(
            f"{ENV_FILE} cannot be read.",
            why=f"It is not UTF-8 text (byte {problem.start}).",
            hint=f"save {ENV_FILE} as UTF-8 in your editor, then: shopstack check",
        ) from problem
    values = {name: value for name, value in found.items() if value is not None}
    values.update(os.environ)
    return values


def read_credentials(folder: Path, environment: Mapping[str, str] | None = None) -> Credentials:
    """The shop's credentials.

    Raises:
        CredentialsError: none are set, or only one half of a pair; or `.env` is not UTF-8.
    """
    values = read_environment(folder) if environment is None else environment
    token = values.get(ACCESS_TOKEN, "").strip()
    client_id = values.get(CLIENT_ID, "").strip()
    secret = values.get(CLIENT_SECRET, "").strip()
    for value in (token, secret):
        output.hide(value)
    if client_id and secret:
        return ClientCredentials(client_id, secret)
    if token:
        return StaticToken(token)
    half = (
        f"{CLIENT_SECRET} is missing beside {CLIENT_ID}."
        if client_id
        else f"{CLIENT_ID} is missing beside {CLIENT_SECRET}."
    )
    raise CredentialsError(
        "There are no credentials for the shop.",
        why=half
        if client_id or secret
        else f"Neither {CLIENT_ID} and {CLIENT_SECRET} nor {ACCESS_TOKEN} is set.",
        hint="put them in .env (see .env.example), or: shopstack init",
    )
