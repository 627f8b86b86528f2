"""What S3 and the way to it object to, as errors of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from shopstack.errors import (
    ConfigurationError,
    ShopstackError,
    StorageRefusedError,
    StorageUnreachableError,
)
from shopstack.installation import install_hint
from shopstack.storage.address import Bucket

MISSING = frozenset({"NoSuchKey", "404"})
CHANGED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
UNCHANGED = frozenset({"304", "NotModified"})


@dataclass(frozen=True)
class _Meaning:
    """What some of S3's codes and statuses mean; ``{bucket}``, ``{name}``, ``{doing}`` and ``{right}`` are filled in."""

    kind: type[ShopstackError]
    message: str
    hint: str
    codes: frozenset[str] = frozenset()
    statuses: frozenset[int] = frozenset()

    def covers(self, code: str, status: int) -> bool:
        return code in self.codes or status in self.statuses


_RIGHTS = {
    "list": "s3:ListBucket on arn:aws:s3:::{name}",
    "read": "s3:GetObject on arn:aws:s3:::{below}",
    "write to": "s3:PutObject on arn:aws:s3:::{below}",
    "delete from": "s3:DeleteObject on arn:aws:s3:::{below}",
}
"""What each thing that is done takes; ``{below}``: all that lies below the prefix."""

_MEANINGS = (
    _Meaning(
        ConfigurationError,
        "There is no bucket {name}.",
        "mend storage.url in shopstack.toml, or make the bucket; then: shopstack doctor",
        frozenset({"NoSuchBucket"}),
    ),
    _Meaning(
        ConfigurationError,
        "The bucket {name} lies in another region.",
        "set AWS_REGION to its region",
        frozenset(
            {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
        ),
        frozenset({301, 307}),
    ),
    _Meaning(
        StorageRefusedError,
        "S3 does not accept this machine's time.",
        "set the clock (timedatectl set-ntp true), then the same command again",
        frozenset({"RequestTimeTooSkewed"}),
    ),
    _Meaning(
        StorageRefusedError,
        "S3 does not accept the AWS credentials for {bucket}.",
        "renew them (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), then: shopstack doctor",
        frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}),
        frozenset({401}),
    ),
    _Meaning(
        StorageRefusedError,
        "These AWS credentials may not {doing} {bucket}.",
        "grant {right} (docs/guides/storage.md has the whole policy), then: shopstack doctor",
        statuses=frozenset({403}),
    ),
    _Meaning(
        StorageUnreachableError,
        "{bucket} does not answer as it should.",
        "the same command again, a little later",
        frozenset({"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling"}),
        frozenset(range(500, 600)),
    ),
    _Meaning(
        ConfigurationError,
        "S3 refuses to {doing} {bucket}.",
        "shopstack doctor (docs/guides/storage.md)",
        statuses=frozenset(range(1000)),
    ),
)
"""The first that covers an answer counts; the last one covers all."""


class ChangedMeanwhileError(Exception):
    """A conditional write found something else than was expected."""


class UnchangedError(Exception):
    """A conditional read found what is known already."""


def _exceptions() -> Any:
    """botocore's errors, by name.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        from botocore import exceptions
    except ImportError as problem:
        raise ConfigurationError(
            "What is needed for S3 is not installed.",
            why=f"storage.url in shopstack.toml begins with s3://, and Python has no module {problem.name}.",
            hint=install_hint("s3"),
        ) from problem
    return exceptions


@contextmanager
def telling(bucket: Bucket, doing: str) -> Iterator[None]:
    """Turn what S3 and the way to it object to into errors of ours.

    ``doing`` completes "… s3://bucket/prefix": `read`, `write to`.

    Raises:
        FileNotFoundError: there is no such object. ChangedMeanwhileError, UnchangedError: a condition was not met.
        StorageRefusedError, StorageUnreachableError, ConfigurationError: as their names say.
    """
    told = _exceptions()
    try:
        yield
    except told.ClientError as problem:
        raise _refusal(bucket, doing, problem.response) from problem
    except (told.ConnectionError, told.HTTPClientError, told.IncompleteReadError) as problem:
        raise StorageUnreachableError(
            f"{bucket} cannot be reached.",
            why=str(problem),
            hint="check the network, then the same command again; shopstack doctor says more",
        ) from problem
    except told.NoCredentialsError as problem:
        raise StorageRefusedError(
            f"There are no AWS credentials for {bucket}.",
            why="Neither the environment, nor a profile, nor a role of this machine has any.",
            hint="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (docs/guides/storage.md)",
        ) from problem
    except (
        told.CredentialRetrievalError,
        told.PartialCredentialsError,
        told.ProfileNotFound,
        told.TokenRetrievalError,
    ) as problem:
        raise StorageRefusedError(
            f"The AWS credentials for {bucket} cannot be used.",
            why=str(problem),
            hint="mend the profile, or: aws sso login",
        ) from problem
    except told.BotoCoreError as problem:
        raise ConfigurationError(
            f"{bucket} cannot be used.", why=str(problem), hint="mend storage.url, then: shopstack doctor"
        ) from problem


def broke_off(problem: StorageUnreachableError) -> bool:
    """Whether an answer had begun when it ended."""
    told = _exceptions()
    return isinstance(problem.__cause__, (told.IncompleteReadError, told.ResponseStreamingError))


def _refusal(bucket: Bucket, doing: str, answer: Any) -> Exception:
    """What an answer that is an error means."""
    error = answer.get("Error", {})
    code, said = str(error.get("Code", "")), str(error.get("Message", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    why = f"S3 says: {said or code}" + (f" ({code})" if said and code else "")
    if code in MISSING:
        return FileNotFoundError(error.get("Key") or str(bucket))
    if code in CHANGED or status == 412:
        return ChangedMeanwhileError(code)
    if code in UNCHANGED or status == 304:
        return UnchangedError(code)
    meaning = next(one for one in _MEANINGS if one.covers(code, status))
    below = "/".join(part for part in (bucket.name, bucket.prefix, "*") if part)
    right = _RIGHTS.get(doing, "the right").format(name=bucket.name, below=below)
    named = {"bucket": bucket, "name": bucket.name, "doing": doing, "right": right}
    return meaning.kind(meaning.message.format(**named), why=why, hint=meaning.hint.format(**named))
