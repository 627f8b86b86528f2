"""`shopstack migrate`: the raw database or the files to another place, proved."""

from __future__ import annotations

from contextlib import ExitStack
from difflib import get_close_matches
from typing import Any

import click

from shopstack import output
from shopstack.cli.session import Session, json_option, leased, pass_session, project_option, wait_option
from shopstack.errors import UsageError
from shopstack.project import Project

WAREHOUSES = ("snowflake", "duckdb")


@click.command()
@click.option(
    "--to",
    "target",
    required=True,
    metavar="TARGET",
    help="snowflake or duckdb: the raw database. A folder or s3://bucket/prefix: the files.",
)
@wait_option
@project_option
@json_option
@pass_session
def migrate(session: Session, *, target: str, wait: bool) -> None:
    """Carry the raw database to another warehouse, or files to another place, and prove that it is the same.

    Every table is compared by the number of its rows and a checksum over all of them, every file by its checksum, both
    read back from where they were put. Nothing of the project changes: it works with what it had until you change
    shopstack.toml, which this command ends by telling you how to. Broken off, it goes on where it stopped.
    What was built and published is not carried: the next run makes it anew.

    \b
    Examples:
      shopstack migrate --to snowflake            raw.duckdb to the account of [warehouse]
      shopstack migrate --to duckdb               and back
      shopstack migrate --to s3://my-bucket/shop  landed files and the run history
    """
    _refuse_misspelt(target)
    with session.locked("migrate", wait=wait) as project:
        answer = (
            _move_database(project, target, wait=wait)
            if target in WAREHOUSES
            else _move_files(project, target)
        )
    if session.json:
        output.data(answer)


def _move_database(project: Project, target: str, *, wait: bool) -> dict[str, Any]:
    """Carry the raw database to the warehouse of that name, and say so; the report for ``--json``."""
    from shopstack.migration.warehouses import MovedTable, account_of, to_duckdb, to_snowflake

    def tell(moved: MovedTable) -> None:
        if moved.rows:
            output.say(
                f"{moved.table}: {moved.rows:,} rows, {'proved' if moved.copied else 'the same already'}"
            )

    move = to_snowflake if target == "snowflake" else to_duckdb
    with ExitStack() as stack:
        if project.config.warehouse.type != "snowflake":  # it is not held yet
            stack.enter_context(leased(account_of(project), "migrate", wait=wait))
        report = move(project, tell)
    output.say(
        f"{report.target} holds what {report.source} holds: {len(report.tables)} tables, {report.rows:,} rows"
    )
    if project.config.warehouse.type != target:
        output.say(f'next: type = "{target}" in [warehouse] of shopstack.toml, then: shopstack run')
    return report.as_dict()


def _move_files(project: Project, target: str) -> dict[str, Any]:
    """Carry the files to a folder or a bucket, and say so; the report for ``--json``."""
    from shopstack.migration.files import to_storage
    from shopstack.storage import storage_url

    try:
        url = storage_url(target)
    except ValueError as problem:
        raise UsageError(
            f"{target!r} is no place to move to.",
            why=str(problem),
            hint="shopstack migrate --to snowflake, --to duckdb, --to s3://bucket/prefix, or --to a folder",
        ) from problem
    report = to_storage(project, url, output.say)
    output.say(f"{report.target} holds the same {report.files:,} files ({report.size / 1024**2:,.1f} MB)")
    output.say(f'next: url = "{url}" in [storage] of shopstack.toml, then: shopstack run')
    return report.as_dict()


def _refuse_misspelt(target: str) -> None:
    """Raise UsageError for a word that is almost a warehouse's name: it would be taken for a folder of that name."""
    near = get_close_matches(target.lower(), WAREHOUSES, n=1, cutoff=0.75)
    if near and target not in WAREHOUSES and not {"/", "\\"} & set(target):
        raise UsageError(
            f"{target!r} is no warehouse.",
            why=f"The warehouse is called {near[0]}; a folder of this name is written ./{target}",
            hint=f"shopstack migrate --to {near[0]}",
        )
