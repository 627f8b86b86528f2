"""Where landed and published files, dbt's state and the run history lie: a folder, or a prefix in S3.

`base.py` says what both can do; one contract suite holds them to it.
"""

from pathlib import Path

from shopstack.storage.address import Bucket, bucket_of, storage_url
from shopstack.storage.base import MANIFEST, TEMPORARY, Storage
from shopstack.storage.folder import FolderStorage
from shopstack.storage.s3 import S3Storage


def open_storage(url: str, folder: Path) -> Storage:
    """The place that a tidied address names; ``folder`` is that place, or where its scratch files lie if it is far."""
    bucket = bucket_of(url)
    return FolderStorage(folder) if bucket is None else S3Storage(bucket, folder)


__all__ = [
    "MANIFEST",
    "TEMPORARY",
    "Bucket",
    "FolderStorage",
    "S3Storage",
    "Storage",
    "bucket_of",
    "open_storage",
    "storage_url",
]
