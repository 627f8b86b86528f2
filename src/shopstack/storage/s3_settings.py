"""What is set for a whole bucket: whether it is encrypted, and whether strangers are kept out. It is looked at, never set.

Whoever runs a project needs no right to ask; whoever may not, and servers that do not know the question, leave it open.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shopstack.storage.address import Bucket
from shopstack.storage.s3_client import client
from shopstack.storage.s3_errors import telling

RIGHTS = ("s3:GetEncryptionConfiguration", "s3:GetBucketPublicAccessBlock")
"""What asking takes."""

_NOT_SET = frozenset(
    {"ServerSideEncryptionConfigurationNotFoundError", "NoSuchPublicAccessBlockConfiguration"}
)
_NOT_ANSWERED = frozenset({400, 403, 404, 405, 501})
"""Statuses of who may not ask, and of servers that speak S3 without these questions."""


@dataclass(frozen=True)
class BucketSettings:
    """Of one bucket; None where that could not be seen."""

    encryption: str | None
    """How what is written is encrypted (`AES256`, `aws:kms`); empty: not by itself."""
    is_closed: bool | None
    """Whether the bucket refuses, by all four settings, to be opened to the public."""


def settings_of(bucket: Bucket) -> BucketSettings:
    """Ask for them.

    Raises:
        StorageUnreachableError: no answer. ConfigurationError: the bucket is not there.
    """
    rules = _asked(bucket, "get_bucket_encryption", "ServerSideEncryptionConfiguration")
    closed = _asked(bucket, "get_public_access_block", "PublicAccessBlockConfiguration")
    return BucketSettings(
        encryption=None if rules is None else _algorithm(rules),
        is_closed=None if closed is None else len(closed) == 4 and all(closed.values()),
    )


def _algorithm(rules: dict[str, Any]) -> str:
    defaults = [one.get("ApplyServerSideEncryptionByDefault", {}) for one in rules.get("Rules", ())]
    return next((str(one["SSEAlgorithm"]) for one in defaults if "SSEAlgorithm" in one), "")


def _asked(bucket: Bucket, question: str, answer: str) -> dict[str, Any] | None:
    """One setting; empty where it is not set, None where nobody says."""
    with telling(bucket, "look at the settings of"):
        from botocore.exceptions import ClientError

        try:
            return dict(getattr(client(), question)(Bucket=bucket.name)[answer])
        except ClientError as problem:
            code = problem.response.get("Error", {}).get("Code", "")
            if code in _NOT_SET:
                return {}
            status = problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status in _NOT_ANSWERED and code != "NoSuchBucket":
                return None
            raise
