"""What a plan of the Snowflake roots grants to whom, and what their README says about it: both in the same words.

The words are those of the README's tables: `database RAW`, `future tables in PROD.PUBLISHED`, without the prefix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.infrastructure.terraform import resources

Grant = tuple[str, str, str]
"""`("LOADER", "database RAW", "USAGE")`"""

GRANT = "snowflake_grant_privileges_to_account_role"


def grants(plan: Mapping[str, Any], prefix: str) -> set[Grant]:
    """Every privilege that a plan grants to a role, one by one."""
    found: set[Grant] = set()
    for resource in resources(plan):
        if resource["type"] == GRANT:
            values = resource["values"]
            role = _bare(values["account_role_name"], prefix)
            privileges = ["ALL"] if values["all_privileges"] else values["privileges"]
            if values["with_grant_option"]:
                privileges = [f"{privilege} WITH GRANT OPTION" for privilege in privileges]
            found |= {
                (role, where, privilege) for where in _places(values, prefix) for privilege in privileges
            }
    return found


def _places(values: Mapping[str, Any], prefix: str) -> Iterator[str]:
    if values["on_account"]:
        yield "account"
    for block in values["on_account_object"]:
        yield f"{block['object_type'].lower()} {_bare(block['object_name'], prefix)}"
    for block in values["on_schema"]:
        forms = {
            "schema_name": "schema",
            "all_schemas_in_database": "all schemas in",
            "future_schemas_in_database": "future schemas in",
        }
        yield from (f"{said} {_bare(block[key], prefix)}" for key, said in forms.items() if block[key])
    for block in values["on_schema_object"]:
        if block["object_name"]:
            yield f"{block['object_type'].lower()} {_bare(block['object_name'], prefix)}"
        for when in ("all", "future"):
            for inner in block[when]:
                place = _bare(inner["in_schema"] or inner["in_database"], prefix)
                yield f"{when} {inner['object_type_plural'].lower()} in {place}"


def _bare(name: str, prefix: str) -> str:
    """A name without quotes and without the prefix; whole where it has another one, so that it stands out."""
    return name.replace('"', "").removeprefix(f"{prefix}_")


def written_grants(readme: Path) -> set[Grant]:
    """The README's table of who may do what."""
    table = _table(readme, "Who may do what")
    return {
        (role, place, privilege)
        for role, on, may in table
        for place in _spans(on)
        for privilege in _spans(may)
    }


def written_roles(readme: Path) -> dict[str, str]:
    """The README's table of which role makes which resource, by the resource's address within its module."""
    return {_spans(resource)[0]: role for resource, role, _ in _table(readme, "Which role makes what")}


def planned_roles(plan: Mapping[str, Any]) -> dict[str, str]:
    """With which role a plan makes each resource, by the resource's address within its module."""
    configuration = plan["configuration"]
    roles = {
        config.get("alias", ""): config["expressions"]["role"]["constant_value"]
        for config in configuration["provider_config"].values()
        if "role" in config.get("expressions", {})
    }
    modules = [configuration["root_module"]]
    found = {}
    while modules:
        module = modules.pop()
        modules += [call["module"] for call in module.get("module_calls", {}).values()]
        for resource in module.get("resources", []):
            _, _, alias = resource["provider_config_key"].partition(".")
            found[resource["address"]] = roles[alias.rpartition(".")[2]]
    return found


def _table(readme: Path, heading: str) -> Iterator[list[str]]:
    section = readme.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return ([cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:])


def _spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)
