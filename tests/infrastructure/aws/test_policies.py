"""What is planned for AWS keeps every policy, a wrong decision breaks the policy that is about it, and dev stays off prod."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from shopstack.config import parse_config
from tests.infrastructure.aws.known_bad import CASES, KnownBad, statement
from tests.infrastructure.aws.plans import ACCOUNT, REGION, Plan, containers, resources, statements
from tests.infrastructure.aws.policies import POLICIES, Policy
from tests.infrastructure.aws.reach import arns, reaches
from tests.infrastructure.terraform import ROOT, Proof

pytestmark = pytest.mark.xdist_group("terraform-aws")

STORAGE = ROOT / "src" / "shopstack" / "storage"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
@pytest.mark.parametrize("root", ["account", "dev", "prod"])
def test_a_plan_keeps_the_policy(plans: dict[str, Plan], root: str, policy: Policy) -> None:
    assert list(policy(plans[root])) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_decision_breaks_its_policy(plans: dict[str, Plan], case: KnownBad) -> None:
    assert any(case.says in wrong for wrong in case.policy(case.of(plans["dev"])))


def test_every_policy_has_a_plan_that_breaks_it() -> None:
    assert {case.policy for case in CASES} == set(POLICIES)


@pytest.mark.parametrize(("ours", "theirs"), [("dev", "prod"), ("prod", "dev")])
def test_an_environment_reaches_nothing_of_the_other(plans: dict[str, Plan], ours: str, theirs: str) -> None:
    foreign = arns(plans[theirs], account=ACCOUNT, region=REGION)
    assert reaches(plans[ours], foreign) == []
    assert set(foreign).isdisjoint(arns(plans[ours], account=ACCOUNT, region=REGION))


@pytest.mark.parametrize(
    "target",
    [
        "arn:aws:s3:::shopstack-prod-111122223333/*",
        "arn:aws:s3:::shopstack-*/*",
        "arn:aws:s3:::*",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:shopstack*",
        "*",
    ],
)
def test_a_reach_into_prod_is_seen(plans: dict[str, Plan], target: str) -> None:
    widened = KnownBad(
        POLICIES[0],
        "",
        statement("aws_iam_role_policy", "policy", Action=["s3:PutObject"], Resource=[target]),
    )
    assert reaches(widened.of(plans["dev"]), arns(plans["prod"], account=ACCOUNT, region=REGION))


def test_an_environment_reaches_what_is_its_own(plans: dict[str, Plan]) -> None:
    """The same matching finds what the task needs, so that it is not blind."""
    own = arns(plans["prod"], account=ACCOUNT, region=REGION)
    found = "\n".join(reaches(plans["prod"], own))
    for needed in (
        ":secret:shopstack-prod/",
        "/published/current.json",
        "log-stream:run/",
        ":repository/shopstack-prod",
    ):
        assert needed in found


def state_of_schedule(plan: Plan) -> str:
    (one,) = resources(plan, "aws_scheduler_schedule")
    state: str = one.values["state"]
    return state


@pytest.mark.parametrize("root", ["dev", "prod"])
def test_nothing_runs_by_itself_until_somebody_says_so(
    plans: dict[str, Plan], proof: Proof, root: str
) -> None:
    """With the values of the example, when there is no image yet."""
    assert state_of_schedule(plans[root]) == "DISABLED"
    assert state_of_schedule(proof.plan(f"aws/{root}", schedule_enabled="true")) == "ENABLED"


def test_dev_may_spend_less(plans: dict[str, Plan]) -> None:
    dev, prod = (
        float(resources(plans[root], "aws_budgets_budget")[0].values["limit_amount"])
        for root in ("dev", "prod")
    )
    assert dev < prod


def test_every_secret_that_is_handed_over_may_be_read(plans: dict[str, Plan]) -> None:
    ((_, container),) = containers(plans["prod"])
    (readable,) = [
        one.targets for one in statements(plans["prod"]) if "secretsmanager:GetSecretValue" in one.actions
    ]
    place = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shopstack-prod"
    assert [f"{place}/{secret['name']}-??????" for secret in container["secrets"]] == list(readable)


def test_the_task_may_ask_of_its_bucket_what_the_storage_asks_and_no_more(plans: dict[str, Plan]) -> None:
    needed = {
        "put_object": "s3:PutObject",
        "get_object": "s3:GetObject",
        "head_object": "s3:GetObject",
        "list_objects_v2": "s3:ListBucket",
        "delete_objects": "s3:DeleteObject",
    }
    sources = "\n".join(path.read_text(encoding="utf-8") for path in sorted(STORAGE.glob("*.py")))
    asked = {needed[name] for name in re.findall(r"\bclient\(\)\.(\w+)\(", sources)}
    granted = [
        one.actions for one in statements(plans["prod"]) if one.resource.address.endswith("role_policy.task")
    ]
    assert asked == {action for actions in granted for action in actions}


def test_a_secret_is_put_as_it_was_typed_and_stands_in_no_argument(
    plans: dict[str, Plan], tmp_path: Path
) -> None:
    aws = tmp_path / "aws"
    aws.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/value\n')
    aws.chmod(0o755)
    commands = plans["prod"]["planned_values"]["outputs"]["put_secrets"]["value"].splitlines()
    (command,) = [one for one in commands if "CLIENT_SECRET" in one]
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["bash", "-c", command], input=b"shpss_a$b\\c \n", env=path, check=True)
    assert (tmp_path / "value").read_bytes() == b"shpss_a$b\\c"
    arguments = (tmp_path / "arguments").read_text()
    assert "--secret-id shopstack-prod/SHOPIFY_CLIENT_SECRET --secret-string file:///dev/stdin" in arguments
    assert "shpss" not in arguments


@pytest.mark.parametrize("root", ["dev", "prod"])
def test_what_is_pasted_into_the_configuration_is_an_address_of_the_bucket(
    plans: dict[str, Plan], root: str
) -> None:
    lines = plans[root]["planned_values"]["outputs"]["shopstack_toml"]["value"]
    assert parse_config(lines).storage.url == f"s3://shopstack-{root}-{ACCOUNT}"


def test_a_failed_run_is_told_by_its_exit_code_or_its_end(plans: dict[str, Plan]) -> None:
    (rule,) = resources(plans["prod"], "aws_cloudwatch_event_rule")
    detail = json.loads(rule.values["event_pattern"])["detail"]
    assert detail["clusterArn"] == [f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shopstack-prod"]
    assert detail["$or"] == [
        {"containers": {"exitCode": [{"anything-but": [0]}]}},
        {"stopCode": [{"anything-but": ["EssentialContainerExited"]}]},
    ]
