"""Plans that must fail: a good plan with one decision changed, for each policy at least one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.infrastructure.aws import policies
from tests.infrastructure.aws.buckets import buckets_are_closed
from tests.infrastructure.aws.plans import Plan

Mutable = dict[str, Any]


@dataclass(frozen=True)
class KnownBad:
    """One wrong decision."""

    policy: policies.Policy
    """The policy that must object."""
    says: str
    """What its objection says, in part."""
    change: Callable[[Mutable], None]
    """Puts the decision into a plan, in place."""

    @property
    def name(self) -> str:
        """How the test calls it."""
        return f"{self.policy.__name__}: {self.says}"

    def of(self, plan: Plan) -> Plan:
        """A copy of the plan with the wrong decision in it."""
        changed = copy.deepcopy(dict(plan))
        self.change(changed)
        return changed


def _modules(module: Mutable) -> Iterator[Mutable]:
    yield module
    for child in module.get("child_modules", []):
        yield from _modules(child)


def _values(plan: Mutable, type_: str) -> list[Mutable]:
    modules = _modules(plan["planned_values"]["root_module"])
    return [
        one["values"] for module in modules for one in module.get("resources", []) if one["type"] == type_
    ]


def setting(type_: str, argument: str, value: object) -> Callable[[Mutable], None]:
    """Every resource of a type has another value for an argument."""

    def change(plan: Mutable) -> None:
        for values in _values(plan, type_):
            values[argument] = value

    return change


def without(type_: str) -> Callable[[Mutable], None]:
    """A plan without any resource of a type."""

    def change(plan: Mutable) -> None:
        for module in _modules(plan["planned_values"]["root_module"]):
            module["resources"] = [one for one in module.get("resources", []) if one["type"] != type_]

    return change


def adding(type_: str, **values: object) -> Callable[[Mutable], None]:
    """A plan with one resource more."""

    def change(plan: Mutable) -> None:
        root = plan["planned_values"]["root_module"]
        one = {"address": f"{type_}.more", "type": type_, "name": "more", "values": values}
        root["resources"] = [*root.get("resources", []), one]
        configured = plan["configuration"]["root_module"]
        configured["resources"] = [
            *configured.get("resources", []),
            {"type": type_, "name": "more", "expressions": {}},
        ]

    return change


def block(type_: str, name: str, **arguments: object) -> Callable[[Mutable], None]:
    """Other arguments in the first block of a name, of every resource of a type."""

    def change(plan: Mutable) -> None:
        for values in _values(plan, type_):
            values[name][0].update(arguments)

    return change


def container(**arguments: object) -> Callable[[Mutable], None]:
    """Another container."""

    def change(plan: Mutable) -> None:
        for values in _values(plan, "aws_ecs_task_definition"):
            (one,) = json.loads(values["container_definitions"])
            values["container_definitions"] = json.dumps([{**one, **arguments}])

    return change


def statement(type_: str, argument: str, **entries: object) -> Callable[[Mutable], None]:
    """Another first statement in every policy of a type of resource."""

    def change(plan: Mutable) -> None:
        for values in _values(plan, type_):
            document = json.loads(values[argument])
            document["Statement"][0].update(entries)
            values[argument] = json.dumps(document)

    return change


def _untagged(plan: Mutable) -> None:
    del plan["configuration"]["provider_config"]["aws"]["expressions"]["default_tags"]


def _any_account(plan: Mutable) -> None:
    del plan["configuration"]["provider_config"]["aws"]["expressions"]["allowed_account_ids"]


_HTTP = {"ip_protocol": "tcp", "from_port": 80, "to_port": 80}
_ANY_JOB, _ANY_BRANCH = (
    {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": f"repo:my-shop/data:{jobs}",
        }
    }
    for jobs in ("*", "environment:prod")
)
_NEWEST_ALONE = json.dumps(
    {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan"}}]}
)

CASES: tuple[KnownBad, ...] = (
    KnownBad(policies.no_way_in, "lets something in", adding("aws_vpc_security_group_ingress_rule", from_port=22)),
    KnownBad(policies.no_way_in, "rules of its own", setting("aws_security_group", "ingress", [{"from_port": 22}])),
    KnownBad(policies.no_way_in, "of a kind that could", adding("aws_security_group_rule", type="ingress")),
    KnownBad(policies.no_way_in, "more than https", lambda plan: _values(plan, "aws_vpc_security_group_egress_rule")[0].update(_HTTP)),
    KnownBad(policies.no_way_in, "public address", setting("aws_subnet", "map_public_ip_on_launch", True)),
    KnownBad(policies.no_way_in, "keeps the group", without("aws_default_security_group")),
    KnownBad(policies.nothing_charged_by_the_hour, "aws_nat_gateway.more", adding("aws_nat_gateway")),
    KnownBad(policies.nothing_charged_by_the_hour, "aws_vpc_endpoint.more", adding("aws_vpc_endpoint", vpc_endpoint_type="Interface")),
    KnownBad(policies.least_privilege, "is a pattern", statement("aws_iam_role_policy", "policy", Action=["s3:Get*"])),
    KnownBad(policies.least_privilege, "is a pattern", statement("aws_iam_role_policy", "policy", NotAction=["iam:CreateUser"])),
    KnownBad(policies.least_privilege, "on everything", statement("aws_iam_policy", "policy", Resource=["*"])),
    KnownBad(policies.least_privilege, "on everything", statement("aws_iam_policy", "policy", NotResource=["arn:aws:s3:::other"])),
    KnownBad(policies.least_privilege, "on everything", statement("aws_iam_policy", "policy", Resource=["arn:aws:ecs:us-east-1:111122223333:*"])),
    KnownBad(policies.least_privilege, "not ours", adding("aws_iam_role_policy_attachment", policy_arn="arn:aws:iam::aws:policy/AdministratorAccess")),
    KnownBad(policies.roles_are_for_one, "other accounts", statement("aws_iam_role", "assume_role_policy", Condition={})),
    KnownBad(policies.roles_are_for_one, "any job", statement("aws_iam_role", "assume_role_policy", Action="sts:AssumeRoleWithWebIdentity", Condition=_ANY_JOB)),
    KnownBad(policies.roles_are_for_one, "any job", statement("aws_iam_role", "assume_role_policy", Action="sts:AssumeRoleWithWebIdentity", Condition=_ANY_BRANCH)),
    KnownBad(policies.roles_are_for_one, "more than one", statement("aws_iam_role", "assume_role_policy", Principal={"AWS": "*"})),
    KnownBad(policies.roles_are_for_one, "everybody may", statement("aws_s3_bucket_policy", "policy", Effect="Allow")),
    KnownBad(buckets_are_closed, "no server_side_encryption_configuration", without("aws_s3_bucket_server_side_encryption_configuration")),
    KnownBad(buckets_are_closed, "keeps no versions", block("aws_s3_bucket_versioning", "versioning_configuration", status="Suspended")),
    KnownBad(buckets_are_closed, "leaves block_public_policy off", setting("aws_s3_bucket_public_access_block", "block_public_policy", False)),
    KnownBad(buckets_are_closed, "for ever", setting("aws_s3_bucket_lifecycle_configuration", "rule", [])),
    KnownBad(buckets_are_closed, "with what it holds", setting("aws_s3_bucket", "force_destroy", True)),
    KnownBad(buckets_are_closed, "without encryption", statement("aws_s3_bucket_policy", "policy", Condition={})),
    KnownBad(policies.encrypted_at_rest, "says nothing", setting("aws_ecr_repository", "encryption_configuration", [])),
    KnownBad(policies.encrypted_at_rest, "not encrypted", setting("aws_sqs_queue", "sqs_managed_sse_enabled", False)),
    KnownBad(policies.images_are_fixed, "can be moved", setting("aws_ecr_repository", "image_tag_mutability", "MUTABLE")),
    KnownBad(policies.images_are_fixed, "not scanned", block("aws_ecr_repository", "image_scanning_configuration", scan_on_push=False)),
    KnownBad(policies.images_are_fixed, "keeps every image", without("aws_ecr_lifecycle_policy")),
    KnownBad(policies.images_are_fixed, "may lose its image", setting("aws_ecr_lifecycle_policy", "policy", _NEWEST_ALONE)),
    KnownBad(policies.containers_are_confined, "runs as root", container(user="0:0")),
    KnownBad(policies.containers_are_confined, "its own files", container(readonlyRootFilesystem=False)),
    KnownBad(policies.containers_are_confined, "is privileged", container(privileged=True)),
    KnownBad(policies.containers_are_confined, "keeps capabilities", container(linuxParameters={})),
    KnownBad(policies.containers_are_confined, "no tag of its own", container(image="111122223333.dkr.ecr.us-east-1.amazonaws.com/shopstack-dev:latest")),
    KnownBad(policies.containers_are_confined, "has no volume", setting("aws_ecs_task_definition", "volume", [])),
    KnownBad(policies.secrets_have_no_values, "holds a value", adding("aws_secretsmanager_secret_version", secret_string="shpss_1")),
    KnownBad(policies.secrets_have_no_values, "is no setting", container(environment=[{"name": "SHOPIFY_CLIENT_SECRET", "value": "shpss_1"}])),
    KnownBad(policies.secrets_have_no_values, "from elsewhere", container(secrets=[{"name": "KEY", "valueFrom": "arn:aws:secretsmanager:us-east-1:111122223333:secret:other"}])),
    KnownBad(policies.logs_end, "for ever", setting("aws_cloudwatch_log_group", "retention_in_days", 0)),
    KnownBad(policies.logs_end, "no log of ours", container(logConfiguration={})),
    KnownBad(policies.spending_is_watched, "there is no budget", without("aws_budgets_budget")),
    KnownBad(policies.spending_is_watched, "does not tell", setting("aws_budgets_budget", "notification", [])),
    KnownBad(policies.spending_is_watched, "above", setting("aws_budgets_budget", "limit_amount", "5000")),
    KnownBad(policies.failures_are_told, "tries once", block("aws_scheduler_schedule", "target", retry_policy=[])),
    KnownBad(policies.failures_are_told, "forgets", block("aws_scheduler_schedule", "target", dead_letter_config=[])),
    KnownBad(policies.failures_are_told, "nobody hears", without("aws_cloudwatch_event_rule")),
    KnownBad(policies.everything_is_tagged, "no tag 'environment'", _untagged),
    KnownBad(policies.everything_is_tagged, "any account", _any_account),
    KnownBad(policies.everything_is_tagged, "says otherwise", setting("aws_vpc", "tags", {"environment": "other"})),
)  # fmt: skip
