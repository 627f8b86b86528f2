"""What Snowflake says when something is wrong, in the engine's own errors: the class decides what is tried again.

Snowflake tells by number and words; the words decide where several things share one number, as all refusals to sign in
do. https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from shopstack.errors import (
    ConfigurationError,
    CredentialsError,
    DataError,
    LockedError,
    ShopstackError,
    TransientError,
    UnreachableError,
)

if TYPE_CHECKING:
    from shopstack.warehouse.snowflake_connection import SnowflakeAccess

GUIDE = "docs/guides/snowflake.md"
SKEW = timedelta(seconds=50)
"""By how much a clock may be wrong: a key pair's token is good for a minute."""


@dataclass(frozen=True)
class _Case:
    """One thing that Snowflake refuses for."""

    words: str
    """Pattern of its words, in any case."""
    kind: type[ShopstackError]
    message: str
    hint: str
    numbers: frozenset[int] = frozenset()
    """Its numbers, where they alone tell."""


_CASES = (
    _Case(
        r"role '.*' specified in the connect string|role .* is not granted",
        CredentialsError,
        "Snowflake lets {user} not take the role {role}.",
        "grant role {role} to user {user}; (in Snowflake), or mend [warehouse] role in shopstack.toml",
        frozenset({390189, 390186}),
    ),
    _Case(
        r"is not allowed to access snowflake",
        CredentialsError,
        "Snowflake does not let this machine in.",
        "add its address to the network policy of {user}",
        frozenset({390420, 390422}),
    ),
    _Case(
        r"incorrect username|user access disabled|user temporarily locked|user is empty",
        CredentialsError,
        "Snowflake does not know {user}, or has locked him out.",
        "mend [warehouse] user in shopstack.toml, or in Snowflake: describe user {user};",
        frozenset({390100, 390101, 390102}),
    ),
    _Case(
        r"cannot be resumed because resource monitor|exceeded its quota|warehouse .* is suspended",
        TransientError,
        "The warehouse {warehouse} is suspended: its resource monitor's credits are used up.",
        "raise the monitor's quota or wait until it begins anew, then: shopstack run",
        frozenset({90073}),
    ),
    _Case(
        r"no active warehouse selected",
        ConfigurationError,
        "There is no warehouse {warehouse} that {role} may compute with.",
        "mend [warehouse] warehouse in shopstack.toml, or: grant usage on warehouse {warehouse} to role {role};",
        frozenset({606}),
    ),
    _Case(
        r"does not have a current database|database .* does not exist or not authorized",
        CredentialsError,
        "There is no database {database}, or {role} may not use it.",
        f"create it, or: grant usage on database {{database}} to role {{role}}; ({GUIDE} names every grant)",
        frozenset({90105}),
    ),
    _Case(
        r"insufficient privileges|not authorized|does not exist",
        CredentialsError,
        "Snowflake lets {role} not do what the engine must.",
        f"give it the grants that {GUIDE} names",
        frozenset({3001, 2003, 2043}),
    ),
    _Case(
        r"locked table|has not yet been released|waiters for this lock",
        LockedError,
        "Another statement holds a table of {database}.",
        "wait for it to end, then try again",
        frozenset({625}),
    ),
    _Case(
        r"reached its statement or warehouse timeout|statement was canceled|query execution was canceled",
        TransientError,
        "A statement was stopped by Snowflake.",
        "try again; if it happens again, raise statement_timeout_in_seconds of the warehouse {warehouse}",
        frozenset({604, 630}),
    ),
)

_ENDED = frozenset({390111, 390114, 390195})
"""A session that is no more: it was idle for too long, or ended by an administrator."""

_LOST = re.compile(
    r"http 5\d\d|bad gateway|service unavailable|too many requests|throttl|connection (reset|aborted|is closed)"
    r"|timed? ?out|max retries|could not connect|failed to (connect to db|execute request)|remote end closed",
    re.IGNORECASE,
)
_WRONG_ACCOUNT = re.compile(
    r"404|403|verify the account name|name or service not known|failed to resolve|getaddrinfo|certificate",
    re.IGNORECASE,
)


def translated(
    problem: Exception, access: SnowflakeAccess, *, clock_error: Callable[[], timedelta | None]
) -> ShopstackError:
    """The engine's error for one of the connector's. ``clock_error``: how far this machine's clock is ahead, if known."""
    said = " ".join(str(problem).split())
    number = getattr(problem, "errno", None) or 0
    if "jwt token" in said.lower():
        return _refused_token(said, access, clock_error())
    for case in _CASES:
        if number in case.numbers or re.search(case.words, said, re.IGNORECASE):
            known = access.described
            return case.kind(case.message.format(**known), why=said, hint=case.hint.format(**known))
    if _WRONG_ACCOUNT.search(said) and ("login-request" in said or "connect" in said.lower()):
        return ConfigurationError(
            f"There is no account {access.account} at {access.host}.",
            why=said,
            hint="mend [warehouse] account in shopstack.toml (Snowsight: Admin > Accounts shows its identifier)",
        )
    if _is_lost(problem) or number in _ENDED or _LOST.search(said):
        return UnreachableError(
            "Snowflake does not answer.", why=said, hint="try again later; nothing is half-loaded"
        )
    return DataError("Snowflake refused a statement.", why=said, hint=f"see {GUIDE}, then: shopstack run")


def _is_lost(problem: Exception) -> bool:
    """Whether the connection is gone, rather than a statement refused."""
    from snowflake.connector import errors

    kinds = (
        errors.OperationalError,
        errors.InterfaceError,
        errors.InternalServerError,
        errors.HttpError,
        errors.ServiceUnavailableError,
        errors.GatewayTimeoutError,
        errors.BadGatewayError,
        errors.TooManyRequests,
        errors.RequestTimeoutError,
    )
    return isinstance(problem, kinds)


def _refused_token(said: str, access: SnowflakeAccess, ahead: timedelta | None) -> CredentialsError:
    """A key pair's token is refused for a wrong key, a wrong name, or a wrong clock: Snowflake does not say for which."""
    if ahead is not None and abs(ahead) > SKEW:
        minutes = abs(ahead) / timedelta(minutes=1)
        return CredentialsError(
            "Snowflake refuses the signature, because this machine's clock is wrong.",
            why=f"It is {minutes:.0f} minutes {'ahead' if ahead > timedelta(0) else 'behind'}; a signature is good for one.",
            hint="set the clock (timedatectl set-ntp true), then try again",
        )
    return CredentialsError(
        f"Snowflake refuses the key of {access.user}.",
        why=f"{said} The user does not have the public half of this key, or user or account are others.",
        hint=f"alter user {access.user} set rsa_public_key = '…'; ({GUIDE} says how)",
    )
