"""What must hold of every plan for AWS. Each policy takes a plan and yields what is wrong with it, a sentence each.

The schemas tell a misspelt argument; these tell a wrong decision.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from tests.infrastructure.aws.buckets import buckets_are_closed
from tests.infrastructure.aws.plans import Plan, Resource, Statement, containers, resources, statements

Policy = Callable[[Plan], Iterator[str]]

CHARGED_BY_THE_HOUR = (
    "aws_alb", "aws_db_instance", "aws_ecs_service", "aws_eip", "aws_instance", "aws_kms_key", "aws_lb",
    "aws_mwaa_environment", "aws_nat_gateway", "aws_rds_cluster", "aws_vpn_connection",
)  # fmt: skip
"""Resources that cost money while nothing runs; a small shop's stack has none of them."""

VALUES_OF_SECRETS = ("aws_secretsmanager_secret_version", "aws_ssm_parameter")
"""Resources whose arguments are values of secrets, which then stand in the state."""

ATTACHMENTS = (
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
)
"""Resources that take in policies which are written elsewhere."""

SETTINGS_ALONE = "arn:aws:iam::aws:policy/SecurityAudit"
"""The one policy of AWS's own that may be taken in: it shows settings, no contents, and changes nothing."""

WITHOUT_RESOURCES = frozenset({"ecr:GetAuthorizationToken"})
"""Actions for which AWS defines no resource, so that a statement about them has to say ``*``."""

TAGS = ("project", "environment", "managed-by")

_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|PRIVATE_KEY$")
_ONE_JOB = re.compile(r"repo:[\w.-]+/[\w.-]+:(pull_request|ref:refs/heads/main)")
"""Not `environment:…`: on GitHub's free plan, a private repository cannot tie one to a branch."""


def no_way_in(plan: Plan) -> Iterator[str]:
    """Nothing may be called from outside, and only https goes out."""
    for one in resources(plan, "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"):
        yield f"{one.address} lets something in, or is of a kind that could"
    for one in resources(plan, "aws_security_group", "aws_default_security_group"):
        if one.values.get("ingress") or one.values.get("egress"):
            yield f"{one.address} has rules of its own"
    for one in resources(plan, "aws_vpc_security_group_egress_rule"):
        if (one.values["ip_protocol"], one.values["from_port"], one.values["to_port"]) != ("tcp", 443, 443):
            yield f"{one.address} lets out more than https"
    for one in resources(plan, "aws_subnet"):
        if one.values["map_public_ip_on_launch"]:
            yield f"{one.address} gives everything a public address"
    if len(resources(plan, "aws_vpc")) != len(resources(plan, "aws_default_security_group")):
        yield "a network keeps the group that it came with, whose members may talk to each other"


def nothing_charged_by_the_hour(plan: Plan) -> Iterator[str]:
    """What is not running costs nothing but storage: no NAT gateway, no server, no key of one's own."""
    for one in resources(plan, *CHARGED_BY_THE_HOUR):
        yield f"{one.address} costs while nothing runs"
    for one in resources(plan, "aws_vpc_endpoint"):
        if one.values["vpc_endpoint_type"] != "Gateway":
            yield f"{one.address} costs while nothing runs"


def allowed(plan: Plan) -> list[Statement]:
    """The statements of a plan that allow something."""
    return [one for one in statements(plan) if one.effect == "Allow"]


def least_privilege(plan: Plan) -> Iterator[str]:
    """No action by pattern, no resource ``*`` where AWS has a narrower one, no policy written by others."""
    for one in allowed(plan):
        if any("*" in action for action in one.actions):
            yield f"{one.name}: an action is a pattern"
        if not all(map(_names_something, one.targets)) and not WITHOUT_RESOURCES.issuperset(one.actions):
            yield f"{one.name}: on everything"
    for attached in resources(plan, *ATTACHMENTS):
        if attached.values.get("policy_arn") == SETTINGS_ALONE:
            continue
        yield f"{attached.address} takes in a policy that is not ours"


def _names_something(target: str) -> bool:
    parts = target.split(":", 5)
    return len(parts) == 6 and "*" not in "".join(parts[:5]) and not parts[5].startswith("*")


def roles_are_for_one(plan: Plan) -> Iterator[str]:
    """Who may take a role is one service, or one job of one repository, and for this account alone."""
    for one in allowed(plan):
        if one.resource.type != "aws_iam_role":
            if "*" in one.principals:
                yield f"{one.name}: everybody may"
            continue
        if len(one.principals) != 1 or "*" in one.principals[0]:
            yield f"{one.name}: more than one may take it"
        exact = one.conditions.get("StringEquals", {})
        if "sts:AssumeRoleWithWebIdentity" in one.actions:
            issuer = "token.actions.githubusercontent.com"
            subjects = exact.get(f"{issuer}:sub", "")
            known = all(map(_ONE_JOB.fullmatch, [subjects] if isinstance(subjects, str) else subjects))
            if not known or exact.get(f"{issuer}:aud") != "sts.amazonaws.com":
                yield f"{one.name}: any job may take it"
        elif "aws:SourceAccount" not in exact:
            yield f"{one.name}: other accounts may have it taken for them"


def encrypted_at_rest(plan: Plan) -> Iterator[str]:
    """Images and messages too. Logs, secrets and budgets AWS always encrypts; the topic says why it is not."""
    for one in resources(plan, "aws_ecr_repository"):
        kinds = [each["encryption_type"] for each in one.values.get("encryption_configuration", [])]
        if kinds not in (["AES256"], ["KMS"]):
            yield f"{one.address} says nothing of encryption"
    for one in resources(plan, "aws_sqs_queue"):
        if not one.values.get("sqs_managed_sse_enabled"):
            yield f"{one.address} is not encrypted"


def images_are_fixed(plan: Plan) -> Iterator[str]:
    """A tag names one image for ever, every image is looked through, and old ones go, but for the one that runs."""
    tidying = resources(plan, "aws_ecr_lifecycle_policy")
    tidied = {one.values["repository"] for one in tidying}
    for one in resources(plan, "aws_ecr_repository"):
        if one.values["image_tag_mutability"] != "IMMUTABLE":
            yield f"{one.address}: a tag can be moved"
        if not _of_block(one, "image_scanning_configuration", "scan_on_push"):
            yield f"{one.address}: images are not scanned"
        if one.values["name"] not in tidied:
            yield f"{one.address} keeps every image"
    kept = [pattern for one in tidying for pattern in _kept_by_tag(one)]
    for task, container in containers(plan):
        if container["image"].rpartition(":")[2] not in kept:
            yield f"{task.address} may lose its image"


def _kept_by_tag(tidying: Resource) -> Iterator[str]:
    """The tags of which a rule keeps one image each; no rule of a higher number removes what such a rule selects."""
    rules = sorted(json.loads(tidying.values["policy"])["rules"], key=lambda rule: int(rule["rulePriority"]))
    for rule in rules:
        selection = rule["selection"]
        if (selection["tagStatus"], selection["countType"]) != ("tagged", "imageCountMoreThan"):
            return
        if len(selection.get("tagPatternList", [])) == 1:
            yield from selection["tagPatternList"]


def containers_are_confined(plan: Plan) -> Iterator[str]:
    """Not as root, on a file system that cannot be written but for scratch folders, with no privileges."""
    for task, one in containers(plan):
        if {"", "0", "root"} & {*one.get("user", "").split(":")}:
            yield f"{task.address} runs as root"
        if one.get("readonlyRootFilesystem") is not True:
            yield f"{task.address} can change its own files"
        if one.get("privileged"):
            yield f"{task.address} is privileged"
        if one.get("linuxParameters", {}).get("capabilities", {}).get("drop") != ["ALL"]:
            yield f"{task.address} keeps capabilities"
        if re.search(r":latest$|/[^:]*$", one["image"]):
            yield f"{task.address}: its image has no tag of its own"
        volumes = {volume["name"] for volume in task.values["volume"]}
        if not {mount["sourceVolume"] for mount in one.get("mountPoints", [])} <= volumes:
            yield f"{task.address}: a scratch folder has no volume"


def secrets_have_no_values(plan: Plan) -> Iterator[str]:
    """No value of a secret comes near the state: secrets are empty, and containers are told names."""
    for valued in resources(plan, *VALUES_OF_SECRETS):
        yield f"{valued.address} holds a value"
    named = {one.values["arn"]: one.values["name"] for one in resources(plan, "aws_secretsmanager_secret")}
    for task, one in containers(plan):
        for setting in one.get("environment", []):
            if _SECRET.search(setting["name"]):
                yield f"{task.address}: {setting['name']} is no setting"
        for secret in one.get("secrets", []):
            if not named.get(secret["valueFrom"], "").endswith(f"/{secret['name']}"):
                yield f"{task.address}: {secret['name']} comes from elsewhere"


def logs_end(plan: Plan) -> Iterator[str]:
    """Logs are kept for a year or so at most, and every container has one."""
    groups = resources(plan, "aws_cloudwatch_log_group")
    for one in groups:
        if not 1 <= (one.values["retention_in_days"] or 0) <= 400:
            yield f"{one.address} keeps logs for ever"
    for task, container in containers(plan):
        options = container.get("logConfiguration", {}).get("options", {})
        if options.get("awslogs-group") not in {one.values["name"] for one in groups}:
            yield f"{task.address} writes no log of ours"


def spending_is_watched(plan: Plan) -> Iterator[str]:
    """Where something runs, a budget tells somebody before and after it is spent."""
    budgets = resources(plan, "aws_budgets_budget")
    if resources(plan, "aws_ecs_task_definition") and not budgets:
        yield "there is no budget"
    for one in budgets:
        notifications = one.values.get("notification", [])
        told = {each["notification_type"] for each in notifications if each["subscriber_email_addresses"]}
        if told != {"ACTUAL", "FORECASTED"}:
            yield f"{one.address} does not tell of costs that are there and of costs that will be"
        if float(one.values["limit_amount"]) > 100:
            yield f"{one.address} is above what a small shop spends"


def failures_are_told(plan: Plan) -> Iterator[str]:
    """A run that cannot be started is tried again, set aside and told of; so is one that failed."""
    schedules = resources(plan, "aws_scheduler_schedule")
    for one in schedules:
        (target,) = one.values["target"]
        if not any(each["maximum_retry_attempts"] for each in target.get("retry_policy") or []):
            yield f"{one.address} tries once"
        if not target.get("dead_letter_config"):
            yield f"{one.address} forgets what it could not start"
    needed = ("aws_cloudwatch_event_rule", "aws_cloudwatch_metric_alarm", "aws_sns_topic_subscription")
    for type_ in needed if schedules else ():
        if not resources(plan, type_):
            yield f"there is no {type_}: nobody hears of a failure"


def everything_is_tagged(plan: Plan) -> Iterator[str]:
    """The provider's own tags say of which project and environment everything is, and it works in one account."""
    for one in plan["configuration"]["provider_config"].values():
        blocks = one["expressions"].get("default_tags", [])
        tags = blocks[0]["tags"].get("constant_value", {}) if blocks else {}
        yield from (f"there is no tag {tag!r} on everything" for tag in TAGS if not tags.get(tag))
        if "allowed_account_ids" not in one["expressions"]:
            yield "it works in any account"
    for each in resources(plan):
        if {*TAGS} & {*(each.values.get("tags") or {})}:
            yield f"{each.address} says otherwise"


def _of_block(one: Resource, block: str, argument: str) -> object:
    found = one.values.get(block) or [{}]
    return found[0].get(argument)


POLICIES: tuple[Policy, ...] = (
    no_way_in, nothing_charged_by_the_hour, least_privilege, roles_are_for_one, buckets_are_closed, encrypted_at_rest,
    images_are_fixed, containers_are_confined, secrets_have_no_values, logs_end, spending_is_watched,
    failures_are_told, everything_is_tagged,
)  # fmt: skip
