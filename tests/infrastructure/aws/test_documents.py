"""The documents within the Terraform that its schemas take for mere text: AWS's own descriptions and rules know better.

What AWS accepts in a request is described by botocore; the rules for policies are those of moto's imitation of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.ecr.policy_validation import EcrLifecyclePolicyValidator
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from tests.infrastructure.aws.plans import Plan, containers, resources, statements

pytestmark = pytest.mark.xdist_group("terraform-aws")

ROOTS = pytest.mark.parametrize("root", ["dev", "prod"])

NO_OPERATION_OF_THAT_NAME = {
    "iam:PassRole": "asked of whoever hands a role over",
    "s3:ListBucket": "ListObjectsV2",
}
"""Actions of IAM that are named otherwise than the request which they allow."""


@cache
def service(name: str) -> Any:
    """AWS's description of one of its services."""
    return botocore.session.get_session().get_service_model(name)


def wrong_with_container(container: Mapping[str, Any]) -> str:
    """What AWS would not take of a container's definition; empty if it takes all."""
    shape = service("ecs").operation_model("RegisterTaskDefinition").input_shape
    asked = {"family": "shopstack", "containerDefinitions": [container]}
    report: str = ParamValidator().validate(asked, shape).generate_report()
    return report


@ROOTS
def test_aws_takes_the_container(plans: dict[str, Plan], root: str) -> None:
    ((_, container),) = containers(plans[root])
    assert wrong_with_container(container) == ""


@pytest.mark.parametrize(
    "entry", [{"readOnlyRootFilesystem": True}, {"stopTimeout": "120"}, {"secrets": [{"name": "KEY"}]}]
)
def test_a_container_that_aws_would_not_take_is_seen(plans: dict[str, Plan], entry: dict[str, Any]) -> None:
    ((_, container),) = containers(plans["dev"])
    assert wrong_with_container({**container, **entry}) != ""


def unknown_actions(actions: Iterator[str]) -> list[str]:
    """The actions that are no operation of their service, and not known to be named otherwise."""
    unknown = []
    for action in actions:
        name, _, operation = action.partition(":")
        if action not in NO_OPERATION_OF_THAT_NAME and operation not in service(name).operation_names:
            unknown.append(action)
    return unknown


@ROOTS
def test_every_action_that_is_allowed_exists(plans: dict[str, Plan], root: str) -> None:
    allowed = (action for one in statements(plans[root]) if one.effect == "Allow" for action in one.actions)
    assert unknown_actions(allowed) == []


def test_an_action_that_does_not_exist_is_seen() -> None:
    assert unknown_actions(iter(["s3:GetObjects", "ecs:RunTask"])) == ["s3:GetObjects"]


@ROOTS
def test_policies_have_the_form_that_aws_asks_for(plans: dict[str, Plan], root: str) -> None:
    documents = [
        one.values["policy"] for one in resources(plans[root], "aws_iam_policy", "aws_iam_role_policy")
    ]
    assert len(documents) >= 5
    for document in documents:
        IAMPolicyDocumentValidator(document).validate()


def test_a_policy_of_another_form_is_refused(plans: dict[str, Plan]) -> None:
    reader = resources(plans["dev"], "aws_iam_policy")[0]
    document = json.loads(reader.values["policy"])
    document["Statement"][0]["Resource"] = ["shopstack-dev"]
    with pytest.raises(ServiceException):
        IAMPolicyDocumentValidator(json.dumps(document)).validate()


@ROOTS
def test_the_registry_takes_the_rules_for_old_images(plans: dict[str, Plan], root: str) -> None:
    (rules,) = resources(plans[root], "aws_ecr_lifecycle_policy")
    EcrLifecyclePolicyValidator(rules.values["policy"]).validate()


def test_rules_that_the_registry_would_not_take_are_seen(plans: dict[str, Plan]) -> None:
    (rules,) = resources(plans["dev"], "aws_ecr_lifecycle_policy")
    document = json.loads(rules.values["policy"])
    document["rules"][0]["selection"]["countUnit"] = "weeks"
    with pytest.raises(ServiceException):
        EcrLifecyclePolicyValidator(json.dumps(document)).validate()
