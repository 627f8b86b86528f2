"""A plan of Terraform as its JSON tells it: resources with their values, and the statements of their policies."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Plan = Mapping[str, Any]
"""What `terraform show -json` prints of a plan."""

ACCOUNT, REGION = "111122223333", "us-east-1"
"""Where the roots' examples would be applied."""

_INDEX = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True)
class Resource:
    """One resource that would be made."""

    address: str
    """With module and index, as Terraform prints it: ``module.environment.aws_subnet.public[0]``."""
    type: str
    values: Mapping[str, Any]
    """What is known before anything exists; what AWS makes up is missing or null."""
    references: Mapping[str, tuple[str, ...]]
    """For each argument, the addresses that it was computed from, within the resource's own module."""

    @property
    def local_address(self) -> str:
        """Without module and index: ``aws_subnet.public``."""
        return ".".join(_INDEX.sub("", self.address).split(".")[-2:])


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    resource: Resource
    effect: str
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    """ARNs, or patterns of them."""
    principals: tuple[str, ...]
    """Services, providers or ``*``; none in a policy that belongs to a role."""
    conditions: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """How a finding names it."""
        return f"{self.resource.address}: {', '.join(self.actions)}"


COMPLETED = ("arn", "container_definitions")
"""What policies look at and a first plan cannot know: ARNs, and the containers, which name the secrets' ARNs."""


def completed(plan: Plan, state: Mapping[str, Any]) -> Plan:
    """A plan with the ARNs and containers of a state, whose values a mock made up."""
    known = {one["address"]: one["values"] for one in _raw(state["root_module"])}
    complete = copy.deepcopy(dict(plan))
    for one in _raw(complete["planned_values"]["root_module"]):
        made_up = known.get(one["address"], {})
        one["values"] = {name: made_up[name] for name in COMPLETED if name in made_up} | one["values"]
    return complete


def _raw(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _raw(child)


def resources(plan: Plan, *types: str) -> list[Resource]:
    """The resources of a plan, modules included; only those of ``types``, if any are given."""
    planned, configured = plan["planned_values"]["root_module"], plan["configuration"]["root_module"]
    found = _below(planned, configured)
    return [one for one in found if not types or one.type in types]


def _below(planned: Mapping[str, Any], configured: Mapping[str, Any]) -> Iterator[Resource]:
    expressions = {
        f"{one['type']}.{one['name']}": one.get("expressions", {}) for one in configured.get("resources", [])
    }
    for one in planned.get("resources", []):
        arguments = expressions[f"{one['type']}.{one['name']}"]
        references = {
            argument: tuple(value["references"])
            for argument, value in arguments.items()
            if isinstance(value, Mapping) and "references" in value
        }
        yield Resource(one["address"], one["type"], one["values"], references)
    for child in planned.get("child_modules", []):
        call = _INDEX.sub("", child["address"]).split(".")[-1]
        yield from _below(child, configured["module_calls"][call]["module"])


def statements(plan: Plan) -> list[Statement]:
    """Every statement of every policy in a plan, those that say who may take a role included."""
    return [
        statement
        for one in resources(plan)
        for argument in ("policy", "assume_role_policy", "inline_policy")
        if isinstance(one.values.get(argument), str)
        for statement in _statements(one, json.loads(one.values[argument]))
    ]


def _statements(resource: Resource, policy: Mapping[str, Any]) -> Iterator[Statement]:
    for one in _listed(policy.get("Statement", [])):
        principal = one.get("Principal", {})
        named = principal if isinstance(principal, str) else [*principal.values()]
        yield Statement(
            resource,
            one["Effect"],
            ("*",) if "NotAction" in one else tuple(_listed(one["Action"])),
            ("*",) if "NotResource" in one else tuple(_listed(one.get("Resource", []))),
            tuple(name for group in _listed(named) for name in _listed(group)),
            one.get("Condition", {}),
        )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def containers(plan: Plan) -> list[tuple[Resource, Mapping[str, Any]]]:
    """Every container of every task definition."""
    return [
        (one, container)
        for one in resources(plan, "aws_ecs_task_definition")
        for container in json.loads(one.values["container_definitions"])
    ]
