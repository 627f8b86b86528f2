"""What in a compiled statement Snowflake would refuse, or take to mean something else than DuckDB does.

No statement is run: sqlglot parses it as Snowflake's and looks up every column. What parses and is wrong all the same
is named here: functions that Snowflake has not, and those defaults that differ silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

_FUNCTIONS = """
    abs any_value array_agg array_slice array_to_string cast ceil coalesce convert_timezone count
    current_timestamp date_trunc dateadd datediff dense_rank extract first_value floor greatest_ignore_nulls lag
    last_value lead least_ignore_nulls left length listagg lower lpad max min mod nullif power rank regexp_replace
    replace right round row_number sign split_part substring sum translate trim upper
"""

FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions that mean the same there. Others go in once their meaning has been read: concat() of anything and null is
null there, greatest() too."""

_WORDS = """
    all and as by case else exists from having in join not on or over partition select then union using values when
    where with within group decimal
"""

WORDS = frozenset(_WORDS.split())
"""What stands before a bracket and is no function."""

TYPES = frozenset({"BIGINT", "BOOLEAN", "DATE", "DOUBLE", "INT", "TEXT", "TIME", "TIMESTAMP", "TIMESTAMPNTZ"})

PARTS = frozenset({"YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE"})
"""Parts of a time that no setting of an account changes; weeks begin on the day that it is set to."""

_RESERVED = """
    account all alter and any as between by case cast check column connect connection constraint create cross current
    current_date current_time current_timestamp current_user database delete distinct drop else exists false following
    for from full grant group gscluster having ilike in increment inner insert intersect into is issue join lateral
    left like localtime localtimestamp minus natural not null of on or order organization qualify regexp revoke right
    rlike row rows sample schema select set some start table tablesample then to trigger true try_cast union unique
    update using values view when whenever where with
"""

RESERVED = frozenset(_RESERVED.split())
"""https://docs.snowflake.com/en/sql-reference/reserved-keywords"""

FOREIGN = (
    (exp.Filter, "filter (where …): write it as a case inside of the aggregate"),
    (exp.AtTimeZone, "at time zone: write it as shop_time()"),
    (exp.Lambda, "a lambda"),
    (exp.Array, "a list"),
    (exp.Struct, "a struct"),
    (exp.Bracket, "an element of a list"),
    (exp.Unnest, "unnest"),
    (exp.Qualify, "qualify: number the rows in a step of their own"),
    (exp.Interval, "an interval: write it as dateadd"),
    (exp.Pivot, "pivot"),
)


def schema_of(columns: dict[tuple[str, str, str], list[str]]) -> MappingSchema:
    """What the statements may read: for (database, schema, table) the names of its columns."""
    nested: dict[str, Any] = {}
    for (database, schema, table), names in columns.items():
        nested.setdefault(database, {}).setdefault(schema, {})[table] = dict.fromkeys(names, "VARCHAR")
    return MappingSchema(nested, dialect="snowflake")


def problems(sql: str, schema: MappingSchema) -> list[str]:
    """Everything that is wrong with a statement on Snowflake; nothing if it means there what it means on DuckDB."""
    try:
        tree = sqlglot.parse_one(sql, dialect="snowflake")
    except SqlglotError as error:
        return [f"does not parse: {error}"]
    return sorted(
        {*_as_written(sql), *_foreign(tree), *_silent(tree), *_names(tree), *_unknown(tree, schema)}
    )


def _as_written(sql: str) -> Iterator[str]:
    """Functions by the name that stands in the text: the parser takes those of every dialect for its own."""
    for token, after in pairwise(Snowflake().tokenize(sql)):
        name = token.text.lower()
        if token.token_type == TokenType.DCOLON:
            yield "::, write it as a cast"
        if token.token_type == TokenType.DECIMAL and after.token_type != TokenType.L_PAREN:
            yield "a decimal without its digits: it keeps none after the point there"
        if after.token_type != TokenType.L_PAREN or not name[:1].isalpha():
            continue
        if name not in FUNCTIONS and name not in WORDS:
            yield f"{name}() is not known as a function of Snowflake's"


def _foreign(tree: exp.Expr) -> Iterator[str]:
    for kind, words in FOREIGN:
        if tree.find(kind):
            yield words
    for cast in tree.find_all(exp.Cast):
        if cast.to.this != exp.DType.DECIMAL and cast.to.sql() not in TYPES:
            yield f"a cast to {cast.to.sql()}"
    for group in tree.find_all(exp.Group):
        if group.args.get("all"):
            yield "group by all"


def _silent(tree: exp.Expr) -> Iterator[str]:
    """What both dialects accept and mean differently."""
    for ordered in tree.find_all(exp.Ordered):
        if ordered.args.get("desc") and ordered.args.get("nulls_first"):
            yield f"{ordered.sql('snowflake')}: unknown values come first there, write nulls last"
    for division in tree.find_all(exp.Div):
        divisor = division.expression.unnest()
        never_zero = isinstance(divisor, exp.Nullif | exp.Count) or (
            isinstance(divisor, exp.Literal) and float(divisor.this) != 0
        )
        window = isinstance(divisor, exp.Window) and isinstance(divisor.this, exp.Count)
        if not never_zero and not window:
            yield f"{division.sql('snowflake')}: a division by zero is an error there, write nullif"
    for extract in tree.find_all(exp.Extract):
        if extract.name.upper() not in PARTS:
            yield f"{extract.sql('snowflake')}: depends on the account's settings"
    for kind in (exp.Max, exp.Min, exp.Sum):
        for aggregate in tree.find_all(kind):
            what = aggregate.this
            if isinstance(what, exp.Boolean | exp.Predicate) or what.name.lower().startswith(("is_", "has_")):
                yield f"{aggregate.sql('snowflake')}: an aggregate of a truth value"


def _names(tree: exp.Expr) -> Iterator[str]:
    for node in tree.find_all(exp.Alias, exp.TableAlias, exp.Column):
        name = (node.name if isinstance(node, exp.Column) else node.alias).lower()
        if name in RESERVED:
            yield f"{name} is a reserved word"


def _unknown(tree: exp.Expr, schema: MappingSchema) -> Iterator[str]:
    """Columns that are none of the tables read; an alias of the same select is none of them either."""
    try:
        qualify(
            tree.copy(),
            schema=schema,
            dialect="snowflake",
            expand_alias_refs=False,
            quote_identifiers=False,
        )
    except SqlglotError as error:
        yield str(error)
