"""The checks of where files lie: whether DuckDB's disk lasts, what the bucket lets us do, and whom it keeps out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

from shopstack.doctor.findings import Finding, failure, guarded, ok, warning
from shopstack.doctor.removals import check_removals
from shopstack.errors import EXIT_USAGE, ShopstackError, StorageRefusedError
from shopstack.project import Project
from shopstack.publish import read_pointer
from shopstack.storage import Bucket, Storage, bucket_of
from shopstack.storage.s3_settings import RIGHTS, settings_of

MOUNTS = Path("/proc/self/mountinfo")
PASSING = {"overlay": "a container's own disk", "tmpfs": "memory", "ramfs": "memory"}
"""File systems that end with a container or with the machine's power, and what they are."""

PASSING_HOSTS = {"AWS_LAMBDA_FUNCTION_NAME": "a Lambda function", "K_SERVICE": "Cloud Run"}
"""Variables of hosts whose disks end with each call, whatever their file system."""

ENCRYPT = (
    "aws s3api put-bucket-encryption --bucket {name} --server-side-encryption-configuration "
    """'{{"Rules": [{{"ApplyServerSideEncryptionByDefault": {{"SSEAlgorithm": "AES256"}}}}]}}'"""
)
CLOSE = (
    "aws s3api put-public-access-block --bucket {name} --public-access-block-configuration "
    "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
)
"""What sets what is not set for a bucket."""

_DISK = "warehouse's disk"
_BUCKET = "bucket"


def check_disk(
    project: Project, *, environment: Mapping[str, str] = os.environ, mounts: Path = MOUNTS
) -> Iterator[Finding]:
    """Where files lie in S3, the project may run in a container: DuckDB's own files need a disk that outlives it."""
    if not project.is_far or project.config.warehouse.type != "duckdb":
        return
    where = next((host for name, host in PASSING_HOSTS.items() if environment.get(name)), None)
    where = where or PASSING.get(_file_system(project.warehouse, mounts))
    fix = (
        'a folder on a volume as [warehouse] path, or [warehouse] type = "snowflake" (docs/guides/storage.md)'
    )
    if where:
        message = f"{project.warehouse} lies on {where}: the DuckDB files would be gone with the next start"
        yield Finding(_DISK, "failed", message, fix, EXIT_USAGE)
    elif environment.get("GITHUB_ACTIONS"):
        message = f"{project.warehouse} is gone when this job of GitHub Actions ends"
        yield warning(_DISK, message, fix)
    else:
        kept = f"DuckDB's files stay here, in {project.warehouse}; only this machine may run the project"
        yield ok(_DISK, kept)


def check_passing_disk(project: Project) -> Iterator[Finding]:
    """Whether a run may take place on a machine whose disk ends with it: nothing that must last may lie there."""
    warehouse, storage = project.config.warehouse, project.config.storage
    if warehouse.type == "duckdb":
        message = f"[warehouse] type is {warehouse.type!r}: its files would be gone with this machine"
        fix = '[warehouse] type = "snowflake" (docs/guides/snowflake.md), or run it where a disk lasts'
        yield Finding(_DISK, "failed", message, fix, EXIT_USAGE)
    if not project.is_far:
        message = f"[storage] url is the folder {storage.url}: what was read and published would be gone with this machine"
        fix = '[storage] url = "s3://…" (docs/guides/storage.md)'
        yield Finding("files' disk", "failed", message, fix, EXIT_USAGE)
    if warehouse.type != "duckdb" and project.is_far:
        yield ok(_DISK, "nothing that must last lies on this machine")


def _file_system(path: Path, mounts: Path) -> str:
    """The type of file system that a path lies on, or will; empty where the system does not tell."""
    if not mounts.is_file():
        return ""
    home = next(one for one in (path, *path.parents) if one.exists()).resolve()
    found, longest = "", -1
    for line in mounts.read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        mounted = Path(before.split()[4].replace("\\040", " "))
        if home.is_relative_to(mounted) and len(mounted.parts) >= longest:
            found, longest = after.split()[0], len(mounted.parts)
    return found


def check_storage(project: Project) -> list[Finding]:
    """Ask the bucket, where there is one: list, read, write, write on condition, delete. What is written is removed.

    Then whether it is encrypted and closed to the public, as far as these credentials may ask.
    """
    bucket = bucket_of(project.config.storage.url)
    if bucket is None:
        return []
    found = list(_probed(project))
    return [*found, *(() if found[0].state == "failed" else _settings(bucket))]


def _probed(project: Project) -> Iterator[Finding]:
    stored = project.stored()
    listed = guarded(_BUCKET, lambda: _listed(project, stored))
    yield listed
    if listed.state == "failed":
        return
    yield from check_removals(project)
    probe, content = f"doctor-{uuid4().hex}", b"written by shopstack doctor, to be removed at once"
    try:
        stored.replace(probe, content)
    except StorageRefusedError as problem:
        message = (
            f"{problem.message} {problem.why} It is enough for shopstack dashboard, not for shopstack run."
        )
        yield Finding(_BUCKET, "failed", message, problem.hint, problem.exit_code)
        return
    except ShopstackError as problem:
        yield failure(_BUCKET, problem)
        return
    yield from _used(stored, probe, content)


def _listed(project: Project, stored: Storage) -> Finding:
    stored.names("")
    pointer = read_pointer(project)
    up = f"{pointer.version} is published there" if pointer else "nothing is published there yet"
    return ok(_BUCKET, f"{stored.shown()} can be listed and read; {up}")


def _used(stored: Storage, probe: str, content: bytes) -> Iterator[Finding]:
    """What was written can be read again, is not overwritten against a condition, and goes away."""

    def read() -> Finding:
        if stored.read(probe) != content:
            return Finding(
                _BUCKET,
                "failed",
                f"{stored.shown(probe)} is not what was written",
                "look at what answers for S3",
                EXIT_USAGE,
            )
        if stored.swap(probe, content + b", again", ""):
            return warning(
                _BUCKET,
                "it does not hold conditions (If-None-Match): two machines that publish at once are not told",
                "let one machine alone run this project",
            )
        return ok(_BUCKET, "it can be written to, and holds conditions")

    def delete() -> Finding:
        stored.remove(probe)
        if stored.exists(probe):
            return warning(_BUCKET, f"{stored.shown(probe)} is still there", "remove it by hand")
        return ok(_BUCKET, "what was written can be deleted")

    yield guarded(_BUCKET, read)
    yield guarded(_BUCKET, delete)


def _settings(bucket: Bucket) -> Iterator[Finding]:
    """What is set for the whole bucket, where that can be seen."""
    try:
        found = settings_of(bucket)
    except ShopstackError as problem:
        yield failure(_BUCKET, problem)
        return
    if found.encryption == "":
        unencrypted = f"{bucket.name} does not encrypt by itself what is written to it"
        yield warning(_BUCKET, unencrypted, ENCRYPT.format(name=bucket.name))
    if found.is_closed is False:
        message = f"{bucket.name} has no block of its own against being opened to the public"
        yield warning(_BUCKET, message, CLOSE.format(name=bucket.name))
    seen = [f"encrypted ({found.encryption})"] if found.encryption else []
    seen += ["closed to the public"] if found.is_closed else []
    if seen:
        yield ok(_BUCKET, f"{bucket.name} is {' and '.join(seen)}")
    if found.encryption is None or found.is_closed is None:
        open_ = [
            right
            for right, one in zip(RIGHTS, (found.encryption, found.is_closed), strict=True)
            if one is None
        ]
        unseen = f"not looked at, since these credentials may not ask or nobody answers: {', '.join(open_)}"
        yield ok(_BUCKET, f"{unseen} (a run needs neither)")
