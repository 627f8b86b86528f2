"""What a reader finds on his desk: the shop, the bucket, the commands, and what he answers where he is asked."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from moto.iam.policy_validation import IAMPolicyDocumentValidator

from shopstack.simulator.generator import generate
from shopstack.simulator.server import RunningServer, ServerSettings, serve
from tests.s3_server import Asked, Simulated

CLIENT = ServerSettings(client_id="reader-client", client_secret="reader-secret-1234")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def commands_of_ours() -> dict[str, str]:
    """`PATH` with the commands of this environment before all others, and whatever makes this tree's package theirs."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {name: value for name, value in os.environ.items() if name == "PYTHONPATH"} | {"PATH": path}


@contextmanager
def simulated_shop() -> Iterator[RunningServer]:
    """A shop of 60 orders, whose app has `CLIENT`'s credentials."""
    with serve(
        generate(orders=60, end=datetime(2026, 11, 1, 12, tzinfo=UTC), seed=11), settings=CLIENT
    ) as shop:
        yield shop


def make_bucket(s3: Simulated, name: str) -> None:
    """An empty bucket, as AWS's console or Terraform would make it."""
    urllib.request.urlopen(urllib.request.Request(f"{s3.url}/{name}", method="PUT")).close()


def wizard(shop: RunningServer) -> list[tuple[str, str]]:
    """What `shopstack init` asks, with what is typed then."""
    return [
        ("The shop's address:", shop.url),
        ("(not shown):", CLIENT.client_id),
        ("Client secret (not shown):", CLIENT.client_secret),
    ]


def own_words(shop: RunningServer) -> dict[str, str]:
    """What the reader puts where an example stands. His second project, without questions, is the one of his server."""
    return {
        "SHOPSTACK_SHOP=my-shop.myshopify.com": f"SHOPSTACK_SHOP={shop.url}",
        "SHOPIFY_CLIENT_ID=…": f"SHOPIFY_CLIENT_ID={CLIENT.client_id}",
        "SHOPIFY_CLIENT_SECRET=…": f"SHOPIFY_CLIENT_SECRET={CLIENT.client_secret}",
        "shopstack init my-shop --non-interactive": "shopstack init second-shop --non-interactive",
    }


def look_at_pages(said: str) -> None:
    """Open the address that `shopstack dashboard` printed."""
    (address,) = set(ADDRESS.findall(said))
    with urllib.request.urlopen(address) as page:
        assert "Net sales" in page.read().decode()


def rights(policy: str) -> Callable[[Asked], str | None]:
    """What S3 answers whoever has this policy and no other: for `Simulated.before`. AWS must take its form."""
    IAMPolicyDocumentValidator(policy).validate()
    allowed = [
        (action, resource)
        for statement in json.loads(policy)["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]

    def answer(asked: Asked) -> str | None:
        path, _, query = asked.path.partition("?")
        action = "s3:ListBucket" if "list-type=" in query else _ACTIONS[asked.method]
        resource = f"arn:aws:s3:::{path.strip('/')}"
        # Several at once are deleted by names in the request's content, which is not looked into.
        is_allowed = any(
            action == may and (asked.method == "POST" or fnmatchcase(resource, where))
            for may, where in allowed
        )
        return None if is_allowed else "AccessDenied"

    return answer


_ACTIONS = {
    "GET": "s3:GetObject",
    "HEAD": "s3:GetObject",
    "PUT": "s3:PutObject",
    "DELETE": "s3:DeleteObject",
    "POST": "s3:DeleteObject",
}
