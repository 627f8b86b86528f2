"""The dashboard's private file: the key that signs sessions, and the hash of a password that was made here.

It lies in the project's `.shopstack/private/`, can be read by its owner alone, and is kept out of git by a `.gitignore`
of its own. A password itself is never written.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from shopstack.dashboard.access.passwords import is_hash
from shopstack.errors import ConfigurationError
from shopstack.project import Project
from shopstack.storage.files import write_whole

SECRET_BYTES = 32


@dataclass(frozen=True)
class Private:
    """What the file holds."""

    secret: bytes
    """Signs sessions."""

    password: str = ""
    """The hash of the password that was made or given at this machine; empty if none was."""


def private_file(project: Project) -> Path:
    """Where it lies; it need not exist."""
    return project.state / "private" / "dashboard.json"


def read_private(project: Project) -> Private | None:
    """What the file holds; None where there is none.

    Raises:
        ConfigurationError: it is damaged.
    """
    path = private_file(project)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        found = orjson.loads(content)
        private = Private(bytes.fromhex(found["secret"]), found["password"])
        is_whole = len(private.secret) == SECRET_BYTES and (not private.password or is_hash(private.password))
    except (ValueError, KeyError, TypeError):
        is_whole = False
    if not is_whole:
        raise ConfigurationError(
            "The dashboard's password cannot be read.",
            why=f"{path} is damaged.",
            hint=f"remove {path}, then: shopstack dashboard --lan",
        )
    return private


def ensure_private(project: Project) -> Private:
    """What the file holds; made with a new key where there is none.

    Raises:
        ConfigurationError: it is damaged.
    """
    found = read_private(project)
    if found is None:
        found = Private(secrets.token_bytes(SECRET_BYTES))
        _write(project, found)
    return found


def keep_password(project: Project, hashed: str) -> None:
    """Let the hash take the place of the one before."""
    _write(project, replace(ensure_private(project), password=hashed))


def _write(project: Project, private: Private) -> None:
    path = private_file(project)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    content = orjson.dumps({"secret": private.secret.hex(), "password": private.password})
    write_whole(path, content + b"\n", mode=0o600)
