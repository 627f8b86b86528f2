"""`shopstack sql`: a question to the published data, answered as a table, JSON or CSV."""

from __future__ import annotations

import sys

import click

from shopstack import output
from shopstack.cli.render import aligned, comma_separated
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.errors import UsageError


@click.command()
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Answer with comma-separated values and a header.")
@project_option
@json_option
@pass_session
def sql(session: Session, query: str, as_csv: bool) -> None:
    """Ask the published data a question in SQL (DuckDB's); - reads the query from stdin.

    Tables carry the warehouse's names: serving.fct_sales, reporting.daily_sales and so on. Nothing can be
    changed, and a run that works at the same time is not in the way.

    \b
    Examples:
      shopstack sql "select sale_date, sum(net_sales) from serving.fct_sales group by 1 order by 1 desc limit 7"
      shopstack sql "select * from reporting.daily_sales" --csv > daily.csv
      shopstack sql - < question.sql
    """
    from shopstack.publish import open_published

    if as_csv and session.json:
        raise UsageError("--csv and --json exclude each other.", hint="shopstack sql --help")
    text = sys.stdin.read() if query == "-" else query
    with open_published(session.project()) as snapshot:
        try:
            result = snapshot.execute(text)
        except UsageError as problem:
            tables = ", ".join(sorted(snapshot.pointer.tables))
            raise UsageError(
                problem.message, why=problem.why, hint=f"published tables: {tables}"
            ) from problem
        columns = [column[0] for column in result.description or ()]
        rows = result.fetchall()
    if session.json:
        output.data([dict(zip(columns, row, strict=True)) for row in rows])
    elif as_csv:
        output.text(comma_separated(columns, rows))
    else:
        for line in aligned(columns, rows):
            output.text(line)
