"""How dbt is called: its command line, and the environment of the child process that it runs in."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from shopstack import secrets
from shopstack.project import Project
from shopstack.transformation.seeds import relative_to_dbt
from shopstack.transformation.snowflake import dbt_target, is_snowflake, snowflake_environment


def seeds_folder(project: Project) -> Path:
    """Where dbt finds what the merchant filled in, tidied."""
    return project.storage / "dbt" / "seeds"


def command_line(
    project: Project,
    *,
    target: str,
    folder: Path,
    today: date | None,
) -> list[str]:
    """What starts a build of ``target``, whose state dbt keeps in ``folder``; `extent_of()` goes behind it."""
    calendar = project.config.calendar
    variables: dict[str, Any] = {
        "week_start": calendar.week_start,
        "fiscal_year_start_month": calendar.fiscal_year_start_month,
    }
    if today is not None:
        # Passed only when asked for: dbt parses everything anew whenever a variable changes.
        variables["today"] = today.isoformat()
    command = [sys.executable, "-m", "shopstack.transformation.child"]
    command += ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    command += ["--partial-parse", "--no-send-anonymous-usage-stats", "--no-version-check"]
    command += [
        "build",
        "--target",
        dbt_target(project, target),
        "--project-dir",
        str(project.transformation),
    ]
    command += ["--profiles-dir", str(project.transformation), "--target-path", str(folder)]
    command += ["--log-path", str(folder), "--vars", orjson.dumps(variables).decode()]
    # Unit tests hold the SQL against made-up rows: they belong to those who change it, not to every run.
    command += ["--exclude-resource-type", "unit_test"]
    return command


def extent_of(select: str | Sequence[str] | None, *, full_refresh: bool) -> list[str]:
    """What is built: a selection, all of it anew, or what the rows loaded since the last build can change."""
    extent = ["--full-refresh"] if full_refresh else []
    if select is not None:
        extent += ["--select", *([select] if isinstance(select, str) else select)]
        # A test that needs a model outside the selection has nothing sound to look at.
        extent += ["--indirect-selection", "buildable"]
    elif not full_refresh:
        # The engine's views are as they were, and their rows are tested again in the facts that are made of them.
        extent += [
            "--exclude",
            "package:shopstack,config.materialized:view",
            "--indirect-selection",
            "cautious",
        ]
    return extent


def environment_of(project: Project, target: str, threads: int) -> dict[str, str]:
    """The child's environment: where the warehouse is, and none of the shop's credentials."""
    kept = {name: value for name, value in os.environ.items() if not secrets.is_secret(name)}
    own = {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "SHOPSTACK_TARGET": dbt_target(project, target),
        "SHOPSTACK_SEEDS": relative_to_dbt(project, seeds_folder(project)),
        "SHOPSTACK_THREADS": str(threads),
    }
    if is_snowflake(project):
        return own | snowflake_environment(project)
    return own | {
        # As seen from dbt's own folder: dbt parses everything anew when a path in its profile changes, a copy of the
        # project too.
        "SHOPSTACK_WAREHOUSE": os.path.relpath(project.warehouse, project.transformation),
        "SHOPSTACK_MEMORY_LIMIT": project.config.warehouse.memory_limit,
    }
