"""One way to S3: AWS's standard chain of credentials and addresses, and a bounded number of attempts.

Credentials come from the environment, a profile or the task's role, never from a file of the project; another address than
Amazon's from `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`. What errors mean is said in `s3_errors.py`.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

ATTEMPTS = 4
"""How often a request is tried in all: after the first, with growing pauses of a few seconds together."""

CONNECT_SECONDS, READ_SECONDS = 5, 60

_DECIDES = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)
"""What of the environment a client is made from: another environment needs another client."""


def client() -> Any:
    """A client for the environment as it is now; safe to be used by several threads."""
    return _client(tuple(os.environ.get(name) for name in _DECIDES))


@cache
def _client(environment: tuple[str | None, ...]) -> Any:
    import botocore.session
    from botocore.config import Config

    has_own_address = any(environment[:2])
    return botocore.session.get_session().create_client(
        "s3",
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            # Other servers than Amazon's seldom have a host name for each bucket.
            s3={"addressing_style": "path" if has_own_address else "auto"},
        ),
    )
