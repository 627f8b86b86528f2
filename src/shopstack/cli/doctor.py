"""`shopstack doctor`: everything that could be wrong, one line a check with its fix."""

from __future__ import annotations

import click

from shopstack.cli.findings import show_findings
from shopstack.cli.session import Session, json_option, pass_session, project_option, shop_option


@click.command()
@shop_option
@project_option
@json_option
@pass_session
def doctor(session: Session, *, shop: str) -> int:
    """Check everything: project, bucket, Snowflake, data, credentials, scopes, what Shopify shows, disk, versions.

    One line a check, with its fix. The exit code is that of the gravest failure.

    \b
    Examples:
      shopstack doctor
      shopstack doctor --json
    """
    from shopstack.doctor import (
        check_data,
        check_machine,
        check_project,
        check_snowflake,
        check_storage,
        examine_shops,
    )

    project = session.project()
    findings = [
        *check_project(project),
        *check_storage(project),
        *check_snowflake(project),
        *check_data(project),
        *examine_shops(project, shop),
        *check_machine(project),
    ]
    return show_findings(findings, session)
