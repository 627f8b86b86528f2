"""From a project of one's own to one whose files lie in a bucket: typed as the pages say, with a simulated shop and S3.

Whoever works with the bucket has the rights of the policies on the page, and no others.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.following.desk import (
    ADDRESS,
    commands_of_ours,
    look_at_pages,
    make_bucket,
    own_words,
    rights,
    simulated_shop,
    wizard,
)
from tests.docs.following.reader import Reader
from tests.docs.following.route import LAPTOP, VIEWER
from tests.s3_server import Simulated

pytestmark = pytest.mark.xdist_group("following")


def test_the_files_go_to_the_bucket_and_somebody_elsewhere_sees_the_pages(
    tmp_path: Path, s3: Simulated
) -> None:
    make_bucket(s3, "my-bucket")
    policies: list[str] = []

    def attached(policy: str) -> None:
        policies.append(policy)
        s3.before = rights(policies[0])

    with simulated_shop() as shop:
        environment = {**commands_of_ours(), "HOME": str(tmp_path), **s3.environment()}
        with Reader(
            tmp_path,
            environment,
            own=own_words(shop),
            answers={"shopstack init my-shop": wizard(shop)},
            looks={"shopstack dashboard": (ADDRESS.pattern, look_at_pages)},
            handed={"json": attached},
            then={"shopstack migrate --to data": lambda reader, _: reader.take_out("storage")},
        ) as reader:
            reader.walk(LAPTOP)
            shutil.copytree(
                reader.project, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("data", "cache")
            )
            s3.before = rights(policies[1])
            reader.walk(VIEWER)
    commands = [one.command for one in reader.typed]
    assert commands.count("shopstack run") == 2
    assert commands.count("shopstack dashboard") == 2
    assert (tmp_path / "elsewhere" / ".shopstack" / "cache").is_dir()
