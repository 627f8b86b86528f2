"""What the policies of a plan allow on ARNs, matched as IAM matches them; and the ARNs of what a plan would make."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from tests.infrastructure.aws.plans import Plan, resources
from tests.infrastructure.aws.policies import WITHOUT_RESOURCES, allowed


def arns(plan: Plan, *, account: str, region: str) -> list[str]:
    """ARNs of what a plan would make and another environment must not touch."""
    of = {
        type_: [one.values for one in resources(plan, type_)]
        for type_ in {each.type for each in resources(plan)}
    }
    here = f"{region}:{account}"
    found = [
        f"arn:aws:s3:::{one['bucket']}{tail}"
        for one in of["aws_s3_bucket"]
        for tail in ("", "/published/current.json")
    ]
    found += [
        f"arn:aws:secretsmanager:{here}:secret:{one['name']}-AbC123"
        for one in of["aws_secretsmanager_secret"]
    ]
    found += [f"arn:aws:ecr:{here}:repository/{one['name']}" for one in of["aws_ecr_repository"]]
    found += [f"arn:aws:iam::{account}:role/{one['name']}" for one in of["aws_iam_role"]]
    found += [
        f"arn:aws:ecs:{here}:task-definition/{one['family']}:7" for one in of["aws_ecs_task_definition"]
    ]
    found += [f"arn:aws:ecs:{here}:cluster/{one['name']}" for one in of["aws_ecs_cluster"]]
    found += [f"arn:aws:ecs:{here}:task/{one['name']}/0123abcd" for one in of["aws_ecs_cluster"]]
    found += [
        f"arn:aws:logs:{here}:log-group:{one['name']}:log-stream:run/1"
        for one in of["aws_cloudwatch_log_group"]
    ]
    found += [f"arn:aws:sqs:{here}:{one['name']}" for one in of["aws_sqs_queue"]]
    return found + [f"arn:aws:sns:{here}:{one['name']}" for one in of["aws_sns_topic"]]


def reaches(plan: Plan, foreign: Iterable[str]) -> list[str]:
    """Statements of a plan that allow something on one of the ``foreign`` ARNs, matched as IAM matches them."""
    foreign = list(foreign)
    return [
        f"{one.name}: reaches {arn}"
        for one in allowed(plan)
        if not WITHOUT_RESOURCES.issuperset(one.actions)
        for arn in foreign
        if any(fnmatchcase(arn, target.replace("[", "[[]")) for target in one.targets)
    ]
