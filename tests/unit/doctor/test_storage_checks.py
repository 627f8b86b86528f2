"""The checks of a bucket and of the disk beside it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.doctor import check_storage, worst_exit_code
from shopstack.doctor.storage import check_disk
from shopstack.errors import EXIT_CREDENTIALS, EXIT_OK, EXIT_TRANSIENT, EXIT_USAGE
from shopstack.project import Project
from tests.s3_projects import impatient, in_s3, refusing
from tests.s3_server import Asked, Simulated
from tests.unit.dashboard.published_fixture import make_project


@pytest.fixture
def far(s3: Simulated, tmp_path: Path) -> Project:
    assert s3.url
    return in_s3(tmp_path / "shop", uuid4().hex)


def test_a_folder_needs_no_check(tmp_path: Path) -> None:
    assert check_storage(make_project(tmp_path / "shop")) == []
    assert list(check_disk(make_project(tmp_path / "shop"))) == []


def test_a_bucket_with_every_right(far: Project) -> None:
    found = check_storage(far)
    assert [one.state for one in found] == ["ok", "ok", "ok"]
    assert "nothing is published there yet" in found[0].message
    assert far.stored().names("") == []


def test_the_right_to_read_alone_is_told_apart(far: Project, s3: Simulated) -> None:
    s3.refuse_changes()
    found = check_storage(far)
    assert [one.state for one in found] == ["ok", "failed"]
    assert "enough for shopstack dashboard" in found[1].message
    assert worst_exit_code(found) == EXIT_CREDENTIALS


def test_no_right_to_delete_is_told(far: Project, s3: Simulated) -> None:
    s3.before = lambda asked: "AccessDenied" if asked.method == "POST" else None
    found = check_storage(far)
    assert [one.state for one in found] == ["ok", "ok", "failed"]
    assert "may not delete from" in found[2].message


def test_no_right_at_all(far: Project, s3: Simulated) -> None:
    s3.before = refusing("AccessDenied")
    (found,) = check_storage(far)
    assert (found.state, found.exit_code) == ("failed", EXIT_CREDENTIALS)
    assert "may not list" in found.message
    assert found.fix


def test_out_of_reach_for_now(far: Project, s3: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    impatient(monkeypatch)
    s3.before = refusing("SlowDown")
    assert worst_exit_code(check_storage(far)) == EXIT_TRANSIENT


def test_a_server_without_conditions_is_warned_of(far: Project, s3: Simulated) -> None:
    def forget_the_first(asked: Asked) -> str | None:
        if asked.method == "PUT" and len([one for one in s3.asked if one.path == asked.path]) == 3:
            far.stored().remove(asked.path.rpartition("/")[2])
        return None

    s3.before = forget_the_first
    found = check_storage(far)
    assert [one.state for one in found] == ["ok", "warning", "ok"]
    assert "two machines that publish at once are not told" in found[1].message


MOUNTS = """22 1 0:5 / / rw,relatime - {root} none rw
30 22 8:1 / {volume} rw,relatime shared:1 - ext4 /dev/sda1 rw
"""


def mounts(folder: Path, root: str, volume: str = "/nowhere") -> Path:
    file = folder / "mountinfo"
    file.write_text(MOUNTS.format(root=root, volume=volume.replace(" ", "\\040")))
    return file


@pytest.mark.parametrize("root", ["overlay", "tmpfs"])
def test_a_disk_that_ends_with_its_container_is_refused(far: Project, tmp_path: Path, root: str) -> None:
    (found,) = check_disk(far, environment={}, mounts=mounts(tmp_path, root))
    assert (found.state, found.exit_code) == ("failed", EXIT_USAGE)
    assert "would be gone" in found.message
    assert "docs/guides/storage.md" in found.fix


def test_a_disk_that_lasts_is_right(far: Project, tmp_path: Path) -> None:
    volume = str(far.root.parent)
    for file in (mounts(tmp_path, "ext4"), mounts(tmp_path, "overlay", volume), tmp_path / "none"):
        (found,) = check_disk(far, environment={}, mounts=file)
        assert (found.state, found.exit_code) == ("ok", EXIT_OK)
        assert "only this machine" in found.message


def test_hosts_whose_disks_end_with_each_call(far: Project, tmp_path: Path) -> None:
    file = mounts(tmp_path, "ext4")
    (found,) = check_disk(far, environment={"AWS_LAMBDA_FUNCTION_NAME": "figures"}, mounts=file)
    assert found.state == "failed"
    (found,) = check_disk(far, environment={"GITHUB_ACTIONS": "true"}, mounts=file)
    assert (found.state, found.exit_code) == ("warning", EXIT_OK)
