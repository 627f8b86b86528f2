"""The one error tree: what can go wrong, what it means for the exit code, and what to do next.

    ShopstackError
    ├── UsageError                exit 2: the command line or a file of the project is wrong
    │   └── ConfigurationError
    ├── CredentialsError          exit 3: Shopify, or Snowflake, does not accept who we are
    │   ├── MissingScopeError     exit 3: it does, and we may not read what we must
    │   └── StorageRefusedError   exit 3: the bucket does not accept who we are, or what we want there
    ├── TransientError            exit 4: try again later; nothing is lost
    │   ├── UnreachableError      no answer, or only server errors, after bounded retries
    │   ├── StorageUnreachableError  the same, of the bucket
    │   └── LockedError           another run holds the project
    └── DataError                 exit 1: it ran, and the data failed a check
        ├── IncompleteError       an extracted window could not be proved complete
        ├── AbsentError           the shop does not have what an optional stream reads
        ├── BuildError            dbt failed, or a test of severity error did
        ├── MigrationError        what was copied is not what it was copied from
        └── DifferenceError       our figures differ from Shopify's own report

The class decides the exit code; nothing else does. Every error that a person sees has a message
(what happened), a reason (why) and a hint (what to type next).
"""

from __future__ import annotations

from typing import ClassVar

EXIT_OK = 0
EXIT_DATA = 1
EXIT_USAGE = 2
EXIT_CREDENTIALS = 3
EXIT_TRANSIENT = 4
EXIT_INTERRUPTED = 130


class ShopstackError(Exception):
    """Base of every error the engine raises on purpose."""

    exit_code: ClassVar[int] = EXIT_DATA

    def __init__(self, message: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.why = why
        self.hint = hint

    def as_dict(self) -> dict[str, str | int]:
        """The error for ``--json`` and for the run history."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "why": self.why,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }


class UsageError(ShopstackError):
    """The command line, or a file of the project, is wrong."""

    exit_code = EXIT_USAGE


class ConfigurationError(UsageError):
    """``shopstack.toml``, ``.env`` or a vendored file is wrong."""


class CredentialsError(ShopstackError):
    """Shopify refuses the token or the client credentials, or Snowflake the key or a right."""

    exit_code = EXIT_CREDENTIALS


class MissingScopeError(CredentialsError):
    """A required stream needs a scope that the app was not granted."""


class StorageRefusedError(CredentialsError):
    """The bucket refuses our AWS credentials, or does not grant them what is needed."""


class TransientError(ShopstackError):
    """Nothing is wrong that time does not mend: try again."""

    exit_code = EXIT_TRANSIENT


class UnreachableError(TransientError):
    """The shop did not answer, or answered only with server errors, after bounded retries."""


class StorageUnreachableError(TransientError):
    """The bucket did not answer, or answered only with server errors, after bounded retries."""


class LockedError(TransientError):
    """Another process holds the project's run lock."""


class DataError(ShopstackError):
    """It ran, and the data failed a check."""

    exit_code = EXIT_DATA


class IncompleteError(DataError):
    """A window could not be proved complete; nothing of it was loaded."""


class AbsentError(DataError):
    """The shop does not have what an optional stream reads; the stream is skipped."""


class BuildError(DataError):
    """dbt failed, or a test of severity error did; nothing was published."""


class MigrationError(DataError):
    """What was copied is not what it was copied from; the project still works with the source."""


class DifferenceError(DataError):
    """Figures went up, and they differ from Shopify's own report."""


def is_interruption(problem: BaseException) -> bool:
    """Whether it is Ctrl-C: in the middle of a query DuckDB makes a RuntimeError of it."""
    return isinstance(problem, KeyboardInterrupt) or (
        type(problem) is RuntimeError and str(problem) == "Query interrupted"
    )


_FULL_DISK = (
    "No space left on device",
    "Disk quota exceeded",
    "File too large",
    "There is not enough space on the disk",
)


def tells_full_disk(said: str) -> bool:
    """Whether the words of DuckDB or dbt mean that the system had no room for a file."""
    return any(words in said for words in _FULL_DISK)
