"""Where the roots keep their state: Terraform itself sets the backend up, against a simulated S3, and locks it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.session import get_session

from tests.infrastructure.terraform import INFRASTRUCTURE, Proof, RefusedError, roots
from tests.s3_server import BUCKET, Simulated, simulated_s3

pytestmark = [pytest.mark.xdist_group("terraform-state"), pytest.mark.usefixtures("terraform")]

SIMULATED = (
    "bucket=" + BUCKET,
    "skip_credentials_validation=true",
    "skip_requesting_account_id=true",
    "use_path_style=true",
)


@pytest.fixture(scope="module")
def s3() -> Iterator[Simulated]:
    with simulated_s3() as server:
        yield server


def _set_up(root: str, s3: Simulated, home: Path) -> tuple[Proof, str]:
    """The root with its own backend, and what Terraform says while it sets that up."""
    proof = Proof(INFRASTRUCTURE, home, s3.environment())
    shutil.copy(INFRASTRUCTURE / root / "backend.tf", proof.tree / root)
    given = [f"-backend-config={each}" for each in ("backend.hcl.example", *SIMULATED)]
    return proof, proof.run(root, "init", "-input=false", *given)


@pytest.mark.parametrize("root", [root for root in roots() if root != "aws/account"])
def test_the_backend_is_one_that_terraform_takes(root: str, s3: Simulated, tmp_path: Path) -> None:
    assert 'Successfully configured the backend "s3"' in _set_up(root, s3, tmp_path)[1]


def test_two_people_cannot_apply_at_once(s3: Simulated, tmp_path: Path) -> None:
    proof, _ = _set_up("snowflake/prod", s3, tmp_path)
    plan = ("plan", "-input=false", "-lock-timeout=0s", "-var-file=terraform.tfvars.example")
    bucket = get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=s3.url,
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",
    )
    lock = {"Bucket": BUCKET, "Key": "snowflake/prod.tfstate.tflock"}
    held = b'{"ID":"1","Operation":"OperationTypeApply","Who":"anna@office","Path":"figures"}'
    bucket.put_object(**lock, Body=held)
    with pytest.raises(RefusedError, match=r"(?s)Error acquiring the state lock.*anna@office"):
        proof.run("snowflake/prod", *plan)
    bucket.delete_object(**lock)
    s3.asked.clear()
    assert "to add" in proof.run("snowflake/prod", *plan)
    assert [one.method for one in s3.asked if "tflock" in one.path and one.changes] == ["PUT", "DELETE"]
