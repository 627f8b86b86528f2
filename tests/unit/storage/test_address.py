"""What `storage.url` may be, and what is said of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.config import parse_config
from shopstack.errors import EXIT_USAGE, ConfigurationError
from shopstack.project import Project
from shopstack.storage import Bucket, FolderStorage, S3Storage, bucket_of, storage_url


@pytest.mark.parametrize("folder", ["data", "/srv/data", "../data", r"C:\data", "C:/data", " data "])
def test_a_folder_stays_as_it_was_given(folder: str) -> None:
    assert storage_url(folder) == folder.strip()
    assert bucket_of(storage_url(folder)) is None


@pytest.mark.parametrize(
    ("given", "tidied", "bucket"),
    [
        ("s3://my-bucket/my-shop", "s3://my-bucket/my-shop", Bucket("my-bucket", "my-shop")),
        (" s3://my-bucket/a/b/ ", "s3://my-bucket/a/b", Bucket("my-bucket", "a/b")),
        ("s3://my-bucket", "s3://my-bucket", Bucket("my-bucket", "")),
        ("s3://my-bucket/", "s3://my-bucket", Bucket("my-bucket", "")),
    ],
)
def test_a_bucket_with_its_prefix(given: str, tidied: str, bucket: Bucket) -> None:
    assert storage_url(given) == tidied
    assert bucket_of(tidied) == bucket
    assert str(bucket) == tidied


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "it is empty"),
        ("s3:/my-bucket/shop", "did you mean s3://my-bucket/shop?"),
        ("s3:my-bucket/shop", "did you mean s3://my-bucket/shop?"),
        ("S3://my-bucket/shop", "did you mean s3://my-bucket/shop?"),
        ("s3a://my-bucket/shop", "did you mean s3://my-bucket/shop?"),
        ("s3://my-bucket//shop", "did you mean s3://my-bucket/shop?"),
        ("s3://", "it names no bucket"),
        ("s3://My_Bucket/shop", "no name of a bucket"),
        ("s3://my-bucket/../shop", "has . or .. in it"),
        ("gs://my-bucket/shop", "gs: (Google Cloud Storage) is not supported"),
        ("abfss://my-container/shop", "abfss: (Azure) is not supported"),
        ("ftp://host/shop", "ftp: is not supported"),
        ("file:///srv/data", "did you mean /srv/data?"),
        ("https://my-bucket.s3.eu-west-1.amazonaws.com/shop", "did you mean s3://my-bucket/shop?"),
        ("https://s3.amazonaws.com/my-bucket/shop/", "did you mean s3://my-bucket/shop?"),
        ("https://example.com/shop", "https: is not supported"),
    ],
)
def test_anything_else_is_refused_with_what_was_meant(given: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as found:
        parse_config(f"[storage]\nurl = {given!r}")
    assert said in found.value.message
    assert found.value.hint == "mend storage.url in shopstack.toml"
    assert found.value.exit_code == EXIT_USAGE


def project(folder: Path, text: str) -> Project:
    return Project(folder, parse_config(text))


def test_files_of_a_project_lie_in_its_folder(tmp_path: Path) -> None:
    mine = project(tmp_path, "")
    landing = mine.stored("landing")
    assert isinstance(landing, FolderStorage)
    assert landing.root == mine.landing == tmp_path / "data" / "landing"
    assert mine.stored().shown("status.json") == str(mine.status_file)
    assert not mine.is_far


def test_files_of_a_project_lie_in_s3_and_copies_of_them_in_its_folder(tmp_path: Path) -> None:
    mine = project(tmp_path, "[storage]\nurl = 's3://my-bucket/my-shop/'")
    landing = mine.stored("landing")
    assert isinstance(landing, S3Storage)
    assert landing.shown("a") == "s3://my-bucket/my-shop/landing/a"
    assert mine.stored().shown("status.json") == "s3://my-bucket/my-shop/status.json"
    assert mine.is_far
    assert mine.storage.parent == tmp_path / ".shopstack" / "cache"
    elsewhere = project(tmp_path, f"[storage]\nurl = 's3://my-bucket/other'\ncache = '{tmp_path}/copies'")
    assert elsewhere.storage.parent == tmp_path / "copies"
    assert elsewhere.storage.name != mine.storage.name


def test_copies_of_a_whole_bucket_lie_apart_from_those_of_a_prefix(tmp_path: Path) -> None:
    whole = project(tmp_path, "[storage]\nurl = 's3://my-bucket'")
    assert whole.stored("runs").shown() == "s3://my-bucket/runs"
    assert whole.storage != project(tmp_path, "[storage]\nurl = 's3://my-bucket/a'").storage


def test_the_key_that_was_called_root_is_named() -> None:
    with pytest.raises(ConfigurationError) as found:
        parse_config("[storage]\nroot = 'data'")
    assert "did you mean storage.url?" in found.value.hint
