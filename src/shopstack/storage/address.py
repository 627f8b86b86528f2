"""What `storage.url` may be: a folder, or `s3://bucket/prefix`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)
"""A scheme of one letter is a disk of Windows."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_AMAZON = re.compile(r"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com")
_OTHERS = {
    "gs": "Google Cloud Storage",
    "az": "Azure",
    "abfs": "Azure",
    "abfss": "Azure",
    "r2": "Cloudflare R2",
}


@dataclass(frozen=True)
class Bucket:
    """A place in S3."""

    name: str
    prefix: str
    """Without slashes at its ends; empty: the whole bucket."""

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


def bucket_of(url: str) -> Bucket | None:
    """The place in S3 that a tidied `storage.url` names; None: it is a folder."""
    if not url.startswith("s3://"):
        return None
    name, _, prefix = url.removeprefix("s3://").partition("/")
    return Bucket(name, prefix)


def storage_url(value: str) -> str:
    """The address, tidied: a folder as it was given, or `s3://bucket/prefix` without a slash at its end.

    Raises:
        ValueError: it is neither; what was meant is named where it can be guessed.
    """
    text = value.strip()
    if not text:
        msg = "it is empty; it is a folder such as data, or s3://my-bucket/my-shop"
        raise ValueError(msg)
    found = _SCHEME.fullmatch(text)
    if found is None:
        return text
    scheme, rest = found[1].lower(), found[2]
    if scheme == "file":
        msg = f"a folder is written without file:; did you mean {unquote(urlsplit(text).path) or 'data'}?"
        raise ValueError(msg)
    if scheme not in {"s3", "s3a", "s3n"}:
        raise ValueError(_unsupported(text, scheme))
    name, _, prefix = rest.strip("/").partition("/")
    address = str(Bucket(name, "/".join(part for part in prefix.split("/") if part)))
    if not _BUCKET.fullmatch(name):
        named = f"{name!r} is no name of a bucket" if name else "it names no bucket"
        msg = f"{named}; it looks like s3://my-bucket/my-shop"
        raise ValueError(msg)
    if {".", ".."} & set(prefix.split("/")):
        msg = f"{value!r} has . or .. in it; it looks like s3://my-bucket/my-shop"
        raise ValueError(msg)
    if text.rstrip("/") != address:
        msg = f"{value!r} is not written as an address of S3; did you mean {address}?"
        raise ValueError(msg)
    return address


def _unsupported(text: str, scheme: str) -> str:
    parts = urlsplit(text)
    amazon = _AMAZON.fullmatch(parts.hostname or "")
    if amazon:
        bucket = f"{amazon['bucket']}/" if amazon["bucket"] else ""
        meant = f"s3://{bucket}{parts.path.strip('/')}".rstrip("/")
        return f"{text!r} is the address of a web page; did you mean {meant}?"
    named = f" ({_OTHERS[scheme]})" if scheme in _OTHERS else ""
    return f"{scheme}:{named} is not supported; it is a folder such as data, or s3://my-bucket/my-shop"
