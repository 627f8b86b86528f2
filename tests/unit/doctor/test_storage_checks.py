"""The checks of a bucket and of the disk beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from shopstack.doctor import check_storage, worst_exit_code
from shopstack.doctor.storage import check_disk, check_passing_disk
from shopstack.errors import EXIT_CREDENTIALS, EXIT_OK, EXIT_TRANSIENT, EXIT_USAGE
from shopstack.project import Project
from shopstack.storage import s3_client
from tests.s3_projects import impatient, in_s3, refusing
from tests.s3_server import BUCKET, Asked, Simulated
from tests.unit.dashboard.published_fixture import make_project


@pytest.fixture
def far(s3: Simulated, tmp_path: Path) -> Project:
    assert s3.url
    return in_s3(tmp_path / "shop", uuid4().hex)


@pytest.fixture
def guarded_bucket(s3: Simulated) -> Iterator[None]:
    """The bucket as the Terraform that comes with a project makes it."""
    client = s3_client.client()
    client.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    client.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS, True))
    yield
    s3.before = lambda _: None
    client.delete_bucket_encryption(Bucket=BUCKET)
    client.delete_public_access_block(Bucket=BUCKET)


BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def test_a_folder_needs_no_check(tmp_path: Path) -> None:
    assert check_storage(make_project(tmp_path / "shop")) == []
    assert list(check_disk(make_project(tmp_path / "shop"))) == []


@pytest.mark.usefixtures("guarded_bucket")
def test_a_bucket_with_every_right(far: Project) -> None:
    found = check_storage(far)
    assert [one.state for one in found] == ["ok", "ok", "ok", "ok"]
    assert "nothing is published there yet" in found[0].message
    assert found[3].message == f"{BUCKET} is encrypted (AES256) and closed to the public"
    assert far.stored().names("") == []


def test_the_right_to_read_alone_is_told_apart(far: Project, s3: Simulated) -> None:
    s3.refuse_changes()
    found = check_storage(far)
    assert [one.state for one in found][:2] == ["ok", "failed"]
    assert "enough for shopstack dashboard" in found[1].message
    assert (
        f"grant s3:PutObject on arn:aws:s3:::{far.config.storage.url.removeprefix('s3://')}/*" in found[1].fix
    )
    assert worst_exit_code(found) == EXIT_CREDENTIALS


def test_no_right_to_delete_is_told(far: Project, s3: Simulated) -> None:
    s3.before = lambda asked: "AccessDenied" if asked.method == "POST" else None
    found = check_storage(far)
    assert [one.state for one in found][:3] == ["ok", "ok", "failed"]
    assert "may not delete from" in found[2].message
    assert "grant s3:DeleteObject on" in found[2].fix


def test_no_right_to_read_what_was_written(far: Project, s3: Simulated) -> None:
    s3.before = lambda asked: "AccessDenied" if asked.method == "GET" and "/doctor-" in asked.path else None
    found = check_storage(far)
    assert [one.state for one in found][:3] == ["ok", "failed", "ok"]
    assert "grant s3:GetObject on" in found[1].fix
    assert far.stored().names("") == []


def test_a_bucket_that_could_be_opened_is_warned_of(far: Project) -> None:
    *_, encryption, public = check_storage(far)
    assert (encryption.state, public.state) == ("warning", "warning")
    assert f"put-bucket-encryption --bucket {BUCKET} " in encryption.fix
    assert '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}' in encryption.fix
    assert f"put-public-access-block --bucket {BUCKET} " in public.fix


@pytest.mark.usefixtures("guarded_bucket")
def test_one_gate_that_is_open_is_an_open_bucket(far: Project) -> None:
    three = {**dict.fromkeys(BLOCKS, True), "RestrictPublicBuckets": False}
    s3_client.client().put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=three)
    *_, public, rest = check_storage(far)
    assert "no block of its own" in public.message
    assert rest.message == f"{BUCKET} is encrypted (AES256)"


@pytest.mark.usefixtures("guarded_bucket")
def test_whoever_may_not_look_at_the_settings_is_no_worse_for_it(far: Project, s3: Simulated) -> None:
    hidden = ("?encryption", "?publicAccessBlock")
    s3.before = lambda asked: "AccessDenied" if asked.path.endswith(hidden) else None
    found = check_storage(far)
    assert [one.state for one in found] == ["ok"] * 4
    assert "s3:GetEncryptionConfiguration, s3:GetBucketPublicAccessBlock" in found[3].message
    s3.before = lambda asked: "AccessDenied" if asked.path.endswith(hidden[0]) else None
    assert [one.message for one in check_storage(far)][3] == f"{BUCKET} is closed to the public"


def test_settings_that_are_out_of_reach_are_a_failure(
    far: Project, s3: Simulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    s3.before = lambda asked: "SlowDown" if asked.path.endswith("?encryption") else None
    assert worst_exit_code(check_storage(far)) == EXIT_TRANSIENT


def test_no_right_at_all(far: Project, s3: Simulated) -> None:
    s3.before = refusing("AccessDenied")
    (found,) = check_storage(far)
    assert (found.state, found.exit_code) == ("failed", EXIT_CREDENTIALS)
    assert "may not list" in found.message
    assert f"grant s3:ListBucket on arn:aws:s3:::{BUCKET} " in found.fix


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
    assert [one.state for one in found][:3] == ["ok", "warning", "ok"]
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


ON_SNOWFLAKE = """
[warehouse]
type = "snowflake"
account = "simulated"
user = "SPOON_PIPELINE"
"""


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ("", ["[warehouse] type", "[storage] url"]),
        ('[storage]\nurl = "s3://figures/shop"\n', ["[warehouse] type"]),
        (ON_SNOWFLAKE, ["[storage] url"]),
        (ON_SNOWFLAKE + '[storage]\nurl = "s3://figures/shop"\n', []),
    ],
)
def test_what_needs_a_disk_that_lasts_is_refused_where_none_does(
    tmp_path: Path, settings: str, refused: list[str]
) -> None:
    project = make_project(tmp_path / "shop")
    with (project.root / "shopstack.toml").open("a") as file:
        file.write(f"\n{settings}")
    found = list(check_passing_disk(Project.open(project.root)))
    assert [one.message.split(" is ")[0] for one in found if one.state == "failed"] == refused
    assert worst_exit_code(found) == (EXIT_USAGE if refused else EXIT_OK)
    assert found
