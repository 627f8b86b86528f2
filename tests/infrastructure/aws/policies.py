"""What must hold of every plan for AWS. Each policy takes a plan and returns what is wrong with it, one sentence each.

The schemas tell a misspelt argument; these tell a wrong decision.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.infrastructure.aws.buckets import buckets_are_closed
from tests.infrastructure.aws.plans import Plan, Statement, containers, resources, statements

Policy = Callable[[Plan], list[str]]

CHARGED_BY_THE_HOUR = frozenset(
    {
        "aws_alb", "aws_db_instance", "aws_ecs_service", "aws_eip", "aws_instance", "aws_kms_key", "aws_lb",
        "aws_mwaa_environment", "aws_nat_gateway", "aws_rds_cluster", "aws_vpn_connection",
    }
)  # fmt: skip
"""Resources that cost money while nothing runs; a small shop's stack has none of them."""

VALUES_OF_SECRETS = frozenset({"aws_secretsmanager_secret_version", "aws_ssm_parameter"})
"""Resources whose arguments are values of secrets, which then stand in the state."""

WITHOUT_RESOURCES = frozenset({"ecr:GetAuthorizationToken"})
"""Actions for which AWS defines no resource, so that a statement about them has to say ``*``."""

_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|PRIVATE_KEY$")


def no_way_in(plan: Plan) -> list[str]:
    """Nothing may be called from outside, and only https goes out."""
    wrong = [
        f"{one.address} lets something in" for one in resources(plan, "aws_vpc_security_group_ingress_rule")
    ]
    for one in resources(plan, "aws_security_group", "aws_default_security_group"):
        wrong += [
            f"{one.address} has rules of its own" for side in ("ingress", "egress") if one.values.get(side)
        ]
    wrong += [
        f"{one.address} is a rule of the old kind" for one in resources(plan, "aws_security_group_rule")
    ]
    for one in resources(plan, "aws_vpc_security_group_egress_rule"):
        ports = (one.values["ip_protocol"], one.values["from_port"], one.values["to_port"])
        wrong += [f"{one.address} lets out more than https"] if ports != ("tcp", 443, 443) else []
    for one in resources(plan, "aws_subnet"):
        wrong += (
            [f"{one.address} gives everything a public address"]
            if one.values["map_public_ip_on_launch"]
            else []
        )
    default = len(resources(plan, "aws_default_security_group"))
    wrong += ["a network keeps its default group"] if len(resources(plan, "aws_vpc")) != default else []
    return wrong


def nothing_charged_by_the_hour(plan: Plan) -> list[str]:
    """What is not running costs nothing but storage: no NAT gateway, no server, no key of one's own."""
    wrong = [
        f"{one.address} costs while nothing runs"
        for one in resources(plan)
        if one.type in CHARGED_BY_THE_HOUR
    ]
    endpoints = resources(plan, "aws_vpc_endpoint")
    return wrong + [
        f"{one.address} costs by the hour"
        for one in endpoints
        if one.values["vpc_endpoint_type"] != "Gateway"
    ]


def allowed(plan: Plan) -> list[Statement]:
    """The statements of a plan that allow something."""
    return [one for one in statements(plan) if one.effect == "Allow"]


def least_privilege(plan: Plan) -> list[str]:
    """No action by pattern, no resource ``*`` where AWS has a narrower one, no policy written by others."""
    wrong = []
    for one in allowed(plan):
        wrong += (
            [f"{one.name}: an action is a pattern"] if any("*" in action for action in one.actions) else []
        )
        named = all(_names_something(target) for target in one.targets)
        if not named and not WITHOUT_RESOURCES.issuperset(one.actions):
            wrong.append(f"{one.name}: on everything")
    wrong += [f"{one.address} takes in a policy that is not ours" for one in resources(plan, *_ATTACHED)]
    return wrong


def _names_something(target: str) -> bool:
    parts = target.split(":", 5)
    return len(parts) == 6 and "*" not in "".join(parts[:5]) and not parts[5].startswith("*")


_ATTACHED = (
    "aws_iam_role_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
)


def roles_are_for_one(plan: Plan) -> list[str]:
    """Who may take a role is one service, or one job of one repository, and for this account alone."""
    wrong = []
    for one in allowed(plan):
        if one.resource.type != "aws_iam_role":
            continue
        exact = one.conditions.get("StringEquals", {})
        if "sts:AssumeRoleWithWebIdentity" in one.actions:
            subject = exact.get("token.actions.githubusercontent.com:sub", "*")
            audience = exact.get("token.actions.githubusercontent.com:aud", "*")
            if (
                not re.fullmatch(r"repo:[\w.-]+/[\w.-]+:environment:\w+", subject)
                or audience != "sts.amazonaws.com"
            ):
                wrong.append(f"{one.name}: any job may take it")
        elif "aws:SourceAccount" not in exact:
            wrong.append(f"{one.name}: other accounts may have it taken for them")
        if len(one.principals) != 1 or "*" in one.principals[0]:
            wrong.append(f"{one.name}: more than one may take it")
    open_to_all = [
        one for one in allowed(plan) if one.resource.type != "aws_iam_role" and "*" in one.principals
    ]
    return wrong + [f"{one.name}: everybody may" for one in open_to_all]


def encrypted_at_rest(plan: Plan) -> list[str]:
    """Images and messages too. Logs, secrets and budgets are always encrypted by AWS; alerts say why they are not."""
    wrong = []
    for one in resources(plan, "aws_ecr_repository"):
        kinds = [each["encryption_type"] for each in one.values.get("encryption_configuration", [])]
        wrong += [f"{one.address} says nothing of encryption"] if kinds not in (["AES256"], ["KMS"]) else []
    for one in resources(plan, "aws_sqs_queue"):
        wrong += [f"{one.address} is not encrypted"] if not one.values.get("sqs_managed_sse_enabled") else []
    return wrong


def images_are_fixed(plan: Plan) -> list[str]:
    """A tag names one image for ever, every image is looked through, and old ones go."""
    wrong = []
    for one in resources(plan, "aws_ecr_repository"):
        wrong += (
            [f"{one.address}: a tag can be moved"]
            if one.values["image_tag_mutability"] != "IMMUTABLE"
            else []
        )
        scans = [each["scan_on_push"] for each in one.values.get("image_scanning_configuration", [])]
        wrong += [f"{one.address}: images are not scanned"] if scans != [True] else []
        kept = [
            each for each in resources(plan, "aws_ecr_lifecycle_policy")
            if each.values["repository"] == one.values["name"]
        ]  # fmt: skip
        wrong += [f"{one.address} keeps every image"] if len(kept) != 1 else []
    return wrong


def containers_are_confined(plan: Plan) -> list[str]:
    """Not as root, on a file system that cannot be written but for scratch folders, with no privileges."""
    wrong = []
    for task, one in containers(plan):
        name = f"{task.address}: {one['name']}"
        user, _, group = one.get("user", "0").partition(":")
        wrong += [f"{name} runs as root"] if user in {"", "0", "root"} or group in {"0", "root"} else []
        wrong += [f"{name} can change its own files"] if one.get("readonlyRootFilesystem") is not True else []
        wrong += [f"{name} is privileged"] if one.get("privileged") else []
        dropped = one.get("linuxParameters", {}).get("capabilities", {}).get("drop", [])
        wrong += [f"{name} keeps capabilities"] if dropped != ["ALL"] else []
        wrong += (
            [f"{name}: its image has no tag of its own"]
            if re.search(r":latest$|/[^:]*$", one["image"])
            else []
        )
        volumes = {volume["name"] for volume in task.values["volume"]}
        wrong += [
            f"{name}: {mount['containerPath']} is no scratch folder"
            for mount in one.get("mountPoints", [])
            if mount["sourceVolume"] not in volumes
        ]
    return wrong


def secrets_have_no_values(plan: Plan) -> list[str]:
    """No value of a secret comes near the state: secrets are empty, and containers are told names."""
    wrong = [f"{one.address} holds a value" for one in resources(plan) if one.type in VALUES_OF_SECRETS]
    arns = {one.values["arn"]: one.values["name"] for one in resources(plan, "aws_secretsmanager_secret")}
    for task, one in containers(plan):
        for setting in one.get("environment", []):
            wrong += (
                [f"{task.address}: {setting['name']} is no setting"]
                if _SECRET.search(setting["name"])
                else []
            )
        for secret in one.get("secrets", []):
            ours = arns.get(secret["valueFrom"], "").endswith(f"/{secret['name']}")
            wrong += [f"{task.address}: {secret['name']} comes from elsewhere"] if not ours else []
    return wrong


def logs_end(plan: Plan) -> list[str]:
    """Logs are kept for a year or so at most, and every container has one."""
    groups = {one.values["name"]: one for one in resources(plan, "aws_cloudwatch_log_group")}
    wrong = [
        f"{one.address} keeps logs for ever"
        for one in groups.values()
        if not 1 <= (one.values["retention_in_days"] or 0) <= 400
    ]
    for task, one in containers(plan):
        logged = one.get("logConfiguration", {}).get("options", {}).get("awslogs-group")
        wrong += [f"{task.address} writes no log of ours"] if logged not in groups else []
    return wrong


def spending_is_watched(plan: Plan) -> list[str]:
    """Where something runs, a budget tells somebody before and after it is spent."""
    wrong = []
    budgets = resources(plan, "aws_budgets_budget")
    if resources(plan, "aws_ecs_task_definition") and not budgets:
        wrong.append("there is no budget")
    for one in budgets:
        told = {
            notification["notification_type"]
            for notification in one.values.get("notification", [])
            if notification["subscriber_email_addresses"]
        }
        wrong += [
            f"{one.address} does not tell of {kind} costs"
            for kind in ("ACTUAL", "FORECASTED")
            if kind not in told
        ]
        wrong += (
            [f"{one.address} is above what a small shop spends"]
            if float(one.values["limit_amount"]) > 100
            else []
        )
    return wrong


def failures_are_told(plan: Plan) -> list[str]:
    """A run that cannot be started is tried again, set aside and told of; so is one that failed."""
    wrong = []
    for one in resources(plan, "aws_scheduler_schedule"):
        (target,) = one.values["target"]
        wrong += (
            [f"{one.address} tries once"]
            if not _first(target.get("retry_policy"), "maximum_retry_attempts")
            else []
        )
        wrong += (
            [f"{one.address} forgets what it could not start"] if not target.get("dead_letter_config") else []
        )
    if resources(plan, "aws_scheduler_schedule"):
        needed = ("aws_cloudwatch_event_rule", "aws_cloudwatch_metric_alarm", "aws_sns_topic_subscription")
        wrong += [
            f"there is no {type_}: nobody hears of a failure"
            for type_ in needed
            if not resources(plan, type_)
        ]
    return wrong


def _first(blocks: list[dict[str, object]] | None, argument: str) -> object:
    return blocks[0].get(argument) if blocks else None


def everything_is_tagged(plan: Plan) -> list[str]:
    """The provider's own tags say of which project and environment everything is."""
    providers = [one for one in plan["configuration"]["provider_config"].values() if one["name"] == "aws"]
    wrong = []
    for one in providers:
        blocks = one.get("expressions", {}).get("default_tags", [])
        tags = blocks[0]["tags"].get("constant_value", {}) if blocks else {}
        wrong += [
            f"no tag {tag!r} on everything"
            for tag in ("project", "environment", "managed-by")
            if not tags.get(tag)
        ]
        wrong += ["any account would do"] if "allowed_account_ids" not in one["expressions"] else []
    for each in resources(plan):
        own = each.values.get("tags") or {}
        wrong += [f"{each.address} says otherwise" for tag in ("project", "environment") if tag in own]
    return wrong


POLICIES: tuple[Policy, ...] = (
    no_way_in, nothing_charged_by_the_hour, least_privilege, roles_are_for_one, buckets_are_closed, encrypted_at_rest,
    images_are_fixed, containers_are_confined, secrets_have_no_values, logs_end, spending_is_watched,
    failures_are_told, everything_is_tagged,
)  # fmt: skip
