"""Whether the dashboard asks for a password, which one, and by which names it may be called.

This machine's own addresses are open: whoever sits here can read the project's files anyway. Every other address, and
everything behind a proxy, needs a password, or the dashboard does not start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shopstack import output
from shopstack.config import CONFIG_FILE, LOOPBACK
from shopstack.dashboard.access.gate import Gate
from shopstack.dashboard.access.lan import local_name
from shopstack.dashboard.access.passwords import (
    LONGEST,
    SALT_BYTES,
    SHORTEST,
    hash_password,
    is_hash,
    make_password,
)
from shopstack.dashboard.access.private import ensure_private, keep_password, read_private
from shopstack.dashboard.access.sessions import Sessions
from shopstack.errors import ConfigurationError, UsageError
from shopstack.project import Project
from shopstack.secrets import DASHBOARD_PASSWORD, read_dashboard_password


@dataclass(frozen=True)
class Access:
    """Who may open a dashboard."""

    served_on: str
    """The address it listens on."""

    names: frozenset[str] = frozenset()
    """Host names that mean it, besides its addresses."""

    trusted_proxies: tuple[str, ...] = ()
    """IP addresses and networks of proxies that are believed."""

    gate: Gate | None = None
    """Asks for the password; None: none is asked for."""

    password_from: str = ""
    """Where the password comes from, for a person to read; empty where none is asked for."""


def access_of(project: Project, host: str | None = None) -> Access:
    """Who may open the project's dashboard on an address (by default the configured one).

    Raises:
        UsageError: the address needs a password, and there is none or it is too short.
        ConfigurationError: the private file is damaged, or the variable holds a broken hash.
        CredentialsError: `.env` is not UTF-8.
    """
    configured = project.config.dashboard
    served_on = host or configured.host
    names = frozenset(configured.names)
    own = local_name()
    if served_on not in LOOPBACK and own:
        names |= {own}
    plain = read_dashboard_password(project.root)
    is_needed = served_on not in LOOPBACK or bool(configured.names) or bool(configured.trusted_proxies)
    if plain:
        private = ensure_private(project)
        hashed, source = _hash_of_variable(plain, private.secret), DASHBOARD_PASSWORD
    elif is_needed:
        stored = read_private(project)
        if stored is None or not stored.password:
            raise _refusal(served_on)
        private, hashed, source = stored, stored.password, "shopstack dashboard --lan"
    else:
        return Access(served_on, names)
    gate = Gate(hashed, Sessions(private.secret, hashed))
    return Access(served_on, names, configured.trusted_proxies, gate, source)


def _refusal(served_on: str) -> UsageError:
    if served_on in LOOPBACK:
        return UsageError(
            "The dashboard does not start behind a proxy without a password.",
            why=f"[dashboard] names or trusted_proxies is set in {CONFIG_FILE}: others reach it through a proxy.",
            hint=f"put {DASHBOARD_PASSWORD}=… into .env (a hash of it: shopstack dashboard --hash-password)",
        )
    return UsageError(
        f"The dashboard does not start on {served_on} without a password.",
        why="Everyone who reaches that address could read the shop's figures.",
        hint=f"shopstack dashboard --lan (it makes one), or put {DASHBOARD_PASSWORD}=… into .env",
    )


def _hash_of_variable(text: str, secret: bytes) -> str:
    """The hash that is set, or that of the password that is set: the same at every start, so that sessions live on."""
    if is_hash(text):
        return text
    if text.startswith("scrypt:"):
        raise ConfigurationError(
            f"{DASHBOARD_PASSWORD} holds a broken hash.",
            why="It begins with scrypt: and is not whole.",
            hint="shopstack dashboard --hash-password prints a new one",
        )
    _require_sound(text, hint=f"choose another for {DASHBOARD_PASSWORD}")
    return hash_password(text, salt=secret[:SALT_BYTES])


def _require_sound(password: str, *, hint: str) -> None:
    length = len(password)
    if not SHORTEST <= length <= LONGEST:
        raise UsageError(
            f"The dashboard's password is too {'short' if length < SHORTEST else 'long'}.",
            why=f"It has {length} characters; it may have {SHORTEST} to {LONGEST}.",
            hint=hint,
        )


def hash_of(password: str) -> str:
    """The hash of a password that a person has chosen.

    Raises:
        UsageError: it is too short or too long.
    """
    _require_sound(password, hint="choose another, or let one be made: shopstack dashboard --lan")
    return hash_password(password)


def give_password(project: Project, ask: Callable[[], str], *, anew: bool = False) -> str:
    """See to it that there is a password: ask for one where there is none, and make one if the answer is empty.

    Args:
        project: whose private file keeps the hash.
        ask: what the person wants as password; empty: whatever is made.
        anew: ask although there is one; it takes the place of the other and ends all sessions.

    Returns:
        The password that was made, to be shown once; empty if none was.

    Raises:
        UsageError: a new one is wanted although the variable sets it, or the answer is too short or too long.
    """
    if read_dashboard_password(project.root):
        if anew:
            raise UsageError(
                "No new password was made.",
                why=f"It comes from {DASHBOARD_PASSWORD}, which goes before one that is kept here.",
                hint=f"change {DASHBOARD_PASSWORD} where it is set, or remove it",
            )
        return ""
    stored = read_private(project)
    if stored and stored.password and not anew:
        return ""
    chosen = ask().strip()
    made = "" if chosen else make_password()
    output.hide(chosen)
    keep_password(project, hash_of(chosen or made))
    return made
