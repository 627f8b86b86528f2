"""The policy about buckets: each is closed, encrypted, versioned, tidied up, and not deleted while it holds something.

A bucket of provider 6 is described by several resources; the plan's configuration says which belong to which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infrastructure.aws.plans import Plan, Resource, resources, statements

KINDS = (
    "server_side_encryption_configuration",
    "versioning",
    "public_access_block",
    "ownership_controls",
    "lifecycle_configuration",
    "policy",
)
"""What every bucket has beside itself: the ends of ``aws_s3_bucket_…``."""

SIDES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def buckets_are_closed(plan: Plan) -> Iterator[str]:
    """Every bucket is encrypted, versioned, private, tidied up, asked by https alone, and not deleted while full."""
    yield from (
        f"{one.address} {wrong}"
        for one in resources(plan, "aws_s3_bucket")
        for wrong in _wrong_with(plan, one)
    )


def _wrong_with(plan: Plan, bucket: Resource) -> Iterator[str]:
    of = {kind: _companion(plan, bucket, kind) for kind in KINDS}
    yield from (f"has no {kind}" for kind, values in of.items() if not values)
    if not re.search(r'"(AES256|aws:kms)"', json.dumps(of["server_side_encryption_configuration"])):
        yield "is not encrypted"
    if '"Enabled"' not in json.dumps(of["versioning"]):
        yield "keeps no versions"
    yield from (f"leaves {side} off" for side in SIDES if of["public_access_block"].get(side) is not True)
    rules = [rule for rule in of["lifecycle_configuration"].get("rule", []) if rule["status"] == "Enabled"]
    if not any(rule.get("noncurrent_version_expiration") for rule in rules):
        yield "keeps old versions for ever"
    if bucket.values.get("force_destroy"):
        yield "is deleted with what it holds"
    if not _refuses_http(plan, bucket):
        yield "answers without encryption"


def _companion(plan: Plan, bucket: Resource, kind: str) -> Mapping[str, Any]:
    found = [
        one.values
        for one in resources(plan, f"aws_s3_bucket_{kind}")
        if f"{bucket.local_address}.id" in one.references.get("bucket", ())
    ]
    return found[0] if len(found) == 1 else {}


def _refuses_http(plan: Plan, bucket: Resource) -> bool:
    arn = f"arn:aws:s3:::{bucket.values['bucket']}"
    return any(
        one.effect == "Deny"
        and one.actions == ("s3:*",)
        and one.principals == ("*",)
        and {arn, f"{arn}/*"} <= set(one.targets)
        and one.conditions == {"Bool": {"aws:SecureTransport": "false"}}
        for one in statements(plan)
    )
