"""`shopstack sql`: a question to the published data, answered as a table, JSON or CSV."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from shopstack import output
from shopstack.cli import answers
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.errors import UsageError

if TYPE_CHECKING:
    from shopstack.publish import Snapshot
    from shopstack.publish.snapshot import Stream


_COMMENT = re.compile(r"--(\s|.*\n)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?")
_LACKING = re.compile(r"Values were not provided for the following parameters: (.+)")
_EXCESS = re.compile(r"excess parameters: (.+)")
_LISTING = re.compile(r"\s*show\s+tables\s*;?\s*", re.IGNORECASE)


class QueryCommand(click.Command):
    """Takes a query that begins with a comment for what it is, and not for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put such a query behind all options."""
        queries = [one for one in args if _COMMENT.match(one)] if "--" not in args else []
        options = [one for one in args if one not in queries]
        return super().parse_args(ctx, [*options, "--", *queries] if queries else args)


@click.command(cls=QueryCommand)
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Answer with comma-separated values and a header.")
@click.option(
    "--param",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter that the query names as $NAME; once for each. Without VALUE: null.",
)
@project_option
@json_option
@pass_session
def sql(session: Session, query: str, as_csv: bool, given: tuple[str, ...]) -> None:
    """Ask the published data a question in SQL (DuckDB's); - reads the query from stdin.

    Tables carry the warehouse's names: serving.fct_sales, reporting.daily_sales and so on. Nothing can be
    changed, and a run that works at the same time is not in the way.

    \b
    Examples:
      shopstack sql "select sale_date, sum(net_sales) from serving.fct_sales group by 1 order by 1 desc limit 7"
      shopstack sql "select * from reporting.daily_sales" --csv > daily.csv
      shopstack sql - < question.sql
      shopstack sql --param first_day=2026-01-01 'select * from reporting.daily_sales where date_day >= $first_day'
      shopstack sql "show tables"
    """
    from shopstack.publish import open_published

    if as_csv and session.json:
        raise UsageError("--csv and --json exclude each other.", hint="shopstack sql --help")
    text = _text_of(query)
    with open_published(session.project()) as snapshot:
        try:
            found = (
                _listing(snapshot) if _LISTING.fullmatch(text) else snapshot.stream(text, _parameters(given))
            )
            if session.json:
                _refuse_namesakes(found.columns)
            written = answers.as_json if session.json else answers.as_csv if as_csv else answers.as_table
            output.whole(written(found.columns, found.batches))
        except UsageError as problem:
            hint = _hint(problem.why, text, sorted(snapshot.pointer.tables))
            if not hint:
                raise
            raise UsageError(problem.message, why=problem.why, hint=hint) from problem


def _parameters(given: Sequence[str]) -> dict[str, Any]:
    """Values by name: a day or a moment where one is written as such, None for nothing, else the text.

    Raises:
        UsageError: one is not written as NAME=VALUE, or two have one name.
    """
    values: dict[str, Any] = {}
    for one in given:
        written, equals, value = one.partition("=")
        name = written.strip().removeprefix("$")
        if not (name and equals):
            raise UsageError(
                f"--param {one} names no value.",
                why="A parameter is given as NAME=VALUE; NAME= means null.",
                hint="shopstack sql --param first_day=2026-01-01 …",
            )
        if name in values:
            raise UsageError(f"--param {name} is given twice.", hint="shopstack sql --help")
        values[name] = _value(value)
    return values


def _value(text: str) -> Any:
    if _DAY.fullmatch(text) or _MOMENT.fullmatch(text):
        try:
            return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
        except ValueError:  # 2026-02-30: what uses it as a day says so
            return text
    return text or None


def _hint(why: str, text: str, tables: Sequence[str]) -> str:
    """What to type next after a query that DuckDB refused; nothing where the refusal says it."""
    lacking, excess = _LACKING.search(why), _EXCESS.search(why)
    if lacking:
        options = " ".join(f"--param {name.strip()}=…" for name in sorted(lacking[1].split(",")))
        return f"give each parameter a value: shopstack sql {options}"
    if excess:
        return f"leave it out: the query does not name ${excess[1].split(',')[0].strip()}"
    if "does not exist" in why:
        return f"published tables: {', '.join(tables)}"
    if "file system operations are disabled" in why:
        return "only what is published can be read here; a notebook can read files too: shopstack explore"
    named = next((table for table in tables if re.search(rf"\b{re.escape(table)}\b", text)), "")
    return f'shopstack sql "describe {named}"' if named and why.startswith("Binder Error") else ""


def _listing(snapshot: Snapshot) -> Stream:
    """The published tables. DuckDB's own answer is about one schema, which here is an empty one."""
    from shopstack.publish.snapshot import Stream

    return Stream(("name",), iter([[(name,) for name in sorted(snapshot.pointer.tables)]]))


def _text_of(query: str) -> str:
    """The query, read from stdin where it is ``-``.

    Raises:
        UsageError: it is not UTF-8 (by the locale, Python refuses such bytes or smuggles them in as surrogates).
    """
    try:
        text = sys.stdin.read() if query == "-" else query
        text.encode()
    except UnicodeError as problem:
        raise UsageError(
            "The query cannot be read.", why="It is not UTF-8 text.", hint="save it as UTF-8"
        ) from problem
    return text


def _refuse_namesakes(columns: Sequence[str]) -> None:
    """In a JSON object one column would hide another of the same name, unsaid.

    Raises:
        UsageError: two columns have one name.
    """
    twice = sorted(name for name, count in Counter(columns).items() if count > 1)
    if twice:
        raise UsageError(
            f"Two columns are called {twice[0]!r}.",
            why="In JSON one of them would hide the other.",
            hint=f'give one of them a name of its own in the query: … as "{twice[0]}_2"',
        )
