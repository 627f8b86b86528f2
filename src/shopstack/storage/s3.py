"""A prefix of an S3 bucket as storage: an object appears whole by one request, a folder with its manifest.

A folder is put as a mark that it is unfinished, its files, its manifest, and the mark's removal. Readers go by the manifest;
a folder with a mark and without a manifest was left by a killed process. What is still being written, and copies for engines
that read files themselves, lie in a scratch folder on this machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from uuid import uuid4

from shopstack.errors import StorageUnreachableError
from shopstack.storage.address import Bucket
from shopstack.storage.base import MANIFEST, TEMPORARY
from shopstack.storage.copies import copies_in, sweep_copies
from shopstack.storage.folder import FolderStorage
from shopstack.storage.s3_client import client
from shopstack.storage.s3_errors import ChangedMeanwhileError, UnchangedError, broke_off, telling

UNFINISHED = f"{TEMPORARY}unfinished"
"""Name of the mark in a folder that is being put."""

BLOCK = 1024 * 1024
"""Bytes in memory of what is brought here."""

READINGS = 3
"""How often an object is asked for whose content breaks off on the way."""

AT_ONCE = 1000
"""Objects listed or removed by one request: no more are allowed."""

Got = TypeVar("Got")


class S3Storage:
    """Objects below one prefix; ``scratch`` is the folder on this machine for what is not there yet, or not needed for long."""

    def __init__(self, bucket: Bucket, scratch: Path) -> None:
        self.bucket = bucket
        self._drafts = FolderStorage(scratch)
        self._copies = copies_in(self._drafts.root)

    def shown(self, relative: str = "") -> str:
        """Its address."""
        return f"{self.bucket}/{relative}".rstrip("/")

    def _key(self, relative: str) -> str:
        return f"{self.bucket.prefix}/{relative}".strip("/")

    def _below(self, relative: str) -> str:
        """What the keys in a folder begin with."""
        key = self._key(relative)
        return f"{key}/" if key else ""

    def _of(self, relative: str) -> dict[str, str]:
        return {"Bucket": self.bucket.name, "Key": self._key(relative)}

    def draft(self, relative: str) -> str:
        """The absolute path in the scratch folder."""
        return self._drafts.draft(relative)

    def open_new(self, relative: str) -> BinaryIO:
        """A new file in the scratch folder."""
        if not _is_draft(relative):
            msg = f"{relative} is no temporary name"
            raise ValueError(msg)
        return self._drafts.open_new(relative)

    def move(self, source: str, target: str) -> None:
        """Put what was written; its files stay at hand for a while, since they are likely to be read next."""
        if _is_draft(target):
            self._drafts.move(source, target)
            return
        here = Path(self._drafts.draft(source))
        self.put(here, target)
        for file in _files(here):
            below = file.relative_to(here).as_posix()
            self._copies.take(file, target if here.is_file() else f"{target}/{below}")
        self._drafts.remove(source)

    def put(self, source: Path, relative: str) -> None:
        """Upload a file by one request; a folder file by file, its manifest last."""
        if not source.is_dir():
            self._upload(source, relative)
            return
        mark = f"{relative}/{UNFINISHED}"
        self.replace(mark, b"")
        files = sorted(_files(source), key=lambda file: (file == source / MANIFEST, file))
        for file in files:
            self._upload(file, f"{relative}/{file.relative_to(source).as_posix()}")
        self._remove_keys([self._key(mark)])

    def _upload(self, source: Path, relative: str) -> None:
        with source.open("rb") as file, telling(self.bucket, "write to"):
            client().put_object(**self._of(relative), Body=file)
        self._copies.drop(relative)

    def at_hand(self, relatives: Sequence[str]) -> AbstractContextManager[list[str]]:
        """Copies on this machine's disk; drafts as they lie there."""
        if any(_is_draft(relative) for relative in relatives):
            return self._drafts.at_hand(relatives)
        return self._copies.held(relatives, self.get)

    def get(self, relative: str, target: Path) -> None:
        """Download one object, whole: it appears by a rename."""
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{TEMPORARY}{os.getpid()}-{uuid4().hex[:8]}")

        def download() -> None:
            with telling(self.bucket, "read"), draft.open("wb") as file:
                for block in client().get_object(**self._of(relative))["Body"].iter_chunks(BLOCK):
                    file.write(block)

        try:
            _again(download)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def read(self, relative: str) -> bytes:
        """The whole of one object."""
        return self._read(relative)[1]

    def read_newer(self, relative: str, stamp: str) -> tuple[str, bytes] | None:
        """The stamp (ETag) and the whole of an object; None where it is still the same: nothing is sent then."""
        try:
            return self._read(relative, **({"IfNoneMatch": stamp} if stamp else {}))
        except UnchangedError:
            return None

    def _read(self, relative: str, **condition: str) -> tuple[str, bytes]:
        if _is_draft(relative):
            return "", self._drafts.read(relative)

        def read() -> tuple[str, bytes]:
            with telling(self.bucket, "read"):
                found = client().get_object(**self._of(relative), **condition)
                return str(found["ETag"]), bytes(found["Body"].read())

        return _again(read)

    def exists(self, relative: str) -> bool:
        """Whether there is an object of that name, or any below it."""
        if _is_draft(relative):
            return self._drafts.exists(relative)
        return (
            bool(self.stamp(relative)) or next(self._listed(self._below(relative), most=1), None) is not None
        )

    def names(self, relative: str) -> list[str]:
        """The names of all objects and folders right below, however many; none that would lead elsewhere on a disk."""
        if _is_draft(relative):
            return self._drafts.names(relative)
        prefix = self._below(relative)
        found = {key[len(prefix) :].rstrip("/") for key in self._listed(prefix, delimiter="/")}
        return sorted(found - {"", ".", ".."})

    def _listed(self, prefix: str, *, delimiter: str = "", most: int = 0) -> Iterator[str]:
        """Keys that begin with ``prefix``, those with a later ``delimiter`` cut after it and told once."""
        asked: dict[str, Any] = {"Bucket": self.bucket.name, "Prefix": prefix, "MaxKeys": most or AT_ONCE}
        if delimiter:
            asked["Delimiter"] = delimiter
        while True:
            with telling(self.bucket, "list"):
                page = client().list_objects_v2(**asked)
            yield from (one["Key"] for one in page.get("Contents", ()))
            yield from (one["Prefix"] for one in page.get("CommonPrefixes", ()))
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def replace(self, relative: str, content: bytes, *, flushed: bool = False) -> None:
        """Write one object by one request; it is kept for good once S3 has answered."""
        if _is_draft(relative) and not relative.endswith(UNFINISHED):
            self._drafts.replace(relative, content, flushed=flushed)
            return
        with telling(self.bucket, "write to"):
            client().put_object(**self._of(relative), Body=content)
        self._copies.drop(relative)

    def swap(self, relative: str, content: bytes, stamp: str) -> bool:
        """Write one object unless somebody else did meanwhile.

        An answer may be lost on the way: the request is repeated then, and refused because of what it wrote itself.
        """
        condition = {"IfMatch": stamp} if stamp else {"IfNoneMatch": "*"}
        try:
            with telling(self.bucket, "write to"):
                client().put_object(**self._of(relative), Body=content, **condition)
        except ChangedMeanwhileError:
            return self._holds(relative, content)
        except FileNotFoundError:
            return False
        return True

    def _holds(self, relative: str, content: bytes) -> bool:
        try:
            return self.read(relative) == content
        except FileNotFoundError:
            return False

    def stamp(self, relative: str) -> str:
        """The object's ETag."""
        try:
            with telling(self.bucket, "read"):
                return str(client().head_object(**self._of(relative))["ETag"])
        except FileNotFoundError:
            return ""

    def remove(self, relative: str) -> None:
        """Delete an object, and all below it; of a folder its manifest first, so that nobody takes the rest for whole."""
        if _is_draft(relative):
            self._drafts.remove(relative)
            return
        self._copies.drop(relative)
        prefix, mark = self._below(relative), f"{relative}/{UNFINISHED}"
        below = list(self._listed(prefix))
        if f"{prefix}{MANIFEST}" in below:
            self.replace(mark, b"")
            self._remove_keys([f"{prefix}{MANIFEST}"])
        rest = [key for key in below if key != self._key(mark)]
        self._remove_keys([*rest, self._key(relative)] if relative else rest)
        if below and relative:
            self._remove_keys([self._key(mark)])

    def _remove_keys(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), AT_ONCE):
            asked = {"Objects": [{"Key": key} for key in keys[start : start + AT_ONCE]], "Quiet": True}
            with telling(self.bucket, "delete from"):
                answer = client().delete_objects(Bucket=self.bucket.name, Delete=asked)
                _raise_refused(answer.get("Errors", ()))

    def sweep(self, relative: str) -> None:
        """Remove drafts, copies that another process left, and folders that were never finished or not wholly removed."""
        self._drafts.sweep(relative)
        sweep_copies(self._drafts.root)
        prefix = self._below(relative)
        for key in list(self._listed(prefix)):
            folder, _, name = key[len(prefix) :].rpartition("/")
            if name != UNFINISHED or not folder:
                continue
            home = f"{relative}/{folder}".lstrip("/")
            if self.stamp(f"{home}/{MANIFEST}"):
                self._remove_keys([key])
            else:
                self.remove(home)


def _raise_refused(errors: Sequence[dict[str, str]]) -> None:
    """Of objects that could not be deleted, the first: in the form in which S3 refuses single ones."""
    from botocore.exceptions import ClientError

    if errors:
        code = errors[0].get("Code", "")
        status = 403 if code == "AccessDenied" else 500
        raise ClientError(
            {"Error": {**errors[0]}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DeleteObjects"
        )


def _is_draft(relative: str) -> bool:
    return any(part.startswith(TEMPORARY) for part in relative.split("/"))


def _files(source: Path) -> list[Path]:
    return [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]


def _again(read: Callable[[], Got]) -> Got:
    """Read once more what broke off on the way; what never began was repeated already (`s3_client.ATTEMPTS`)."""
    for _ in range(READINGS - 1):
        try:
            return read()
        except StorageUnreachableError as problem:
            if not broke_off(problem):
                raise
    return read()
