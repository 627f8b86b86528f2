"""A query of DuckDB's as Snowflake would take it in a cell of Hex: translated by sqlglot, and what that leaves wrong put right.

Nothing is run. What this knows no translation for is named (`doubts`), so that nobody takes it for tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.snowflake import Snowflake

from scripts.pages import PARAMETERS
from shopstack.publish.versions import SCHEMAS

PUBLISHED = "published"
"""The one schema of Snowflake that the reporter role reads; `serving` and `reporting` are folded into it."""

FORMS: Mapping[str, str] = {
    "text": "{{{{ {name} }}}}",
    "text or null": "NULLIF({{{{ {name} }}}}, '')",
    "date": "CAST({{{{ {name} }}}} AS DATE)",
    "date or null": "CAST(NULLIF({{{{ {name} }}}}, '') AS DATE)",
    "timestamp (UTC) or null": "CAST(NULLIF({{{{ {name} }}}}, '') AS TIMESTAMPNTZ)",
}
"""How a parameter of each type stands in a cell of Hex. An input cell has no null: there it is an empty text."""

_FUNCTIONS = """
    abs array_construct_compact array_to_string avg boolor_agg booland_agg cast ceil chr coalesce contains
    convert_timezone count count_if date_trunc dateadd datediff day dayofweekiso decimal dense_rank extract first_value
    floor greatest_ignore_nulls iff lag last_day last_value lead least_ignore_nulls left length listagg lower lpad max
    max_by median min min_by mod month ntile nullif percent_rank power quarter rank replace right round row_number rtrim sign
    split_part substring sum to_char to_date trim upper year
"""

FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Functions of Snowflake's that mean what DuckDB's mean, from which sqlglot makes them."""

_WORDS = """
    all and as between by case distinct else except exists from group having in intersect join not on or over partition
    select then union using values when where with within
"""

WORDS = frozenset([*_WORDS.split(), "group by", "order by"])
"""What stands before a bracket and is no function."""


def snowflake(sql: str) -> str:
    """The query for Snowflake, its parameters as Hex takes them."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for table in tree.find_all(exp.Table):
        if table.db in SCHEMAS:
            table.set("db", exp.to_identifier(PUBLISHED))
    for number, listed in enumerate(list(tree.find_all(exp.In)), start=1):
        if listed.args.get("query") and not _is_condition(listed):
            _join(listed, f"listed_{number}")
    while (
        done := tree.transform(_translated)
    ) != tree:  # what is put in place of a node is looked at in the next round
        tree = done
    text = tree.sql("snowflake", pretty=True, comments=False)
    for name, (kind, _) in PARAMETERS.items():
        text = text.replace(_mark(name), FORMS[kind].format(name=name))
    return text


def doubts(text: str) -> list[str]:
    """Functions in a text for Snowflake that nobody has looked up there."""
    tree = sqlglot.parse_one(text, dialect="snowflake")
    own = {alias.name.lower() for alias in tree.find_all(exp.TableAlias)}
    called = {
        token.text.lower()
        for token, after in pairwise(Snowflake().tokenize(text))
        if after.token_type == TokenType.L_PAREN and token.text[:1].isalpha()
    }
    return sorted(called - FUNCTIONS - WORDS - own)


def _mark(name: str) -> str:
    return f"parameter__{name}__"


def _translated(node: exp.Expr) -> exp.Expr:
    """The node, or what stands for it where sqlglot's own translation would not do."""
    found: exp.Expr = node
    match node:
        case exp.Parameter() | exp.Placeholder():
            found = exp.column(_mark(node.name))
        case exp.IgnoreNulls(this=exp.AnyValue() as some):
            found = exp.Max(this=some.this)
        case exp.AnyValue():
            found = exp.Max(this=node.this)
        case exp.ConcatWs():  # a missing part makes the whole null there
            between, *parts = node.expressions
            found = exp.func("ARRAY_TO_STRING", exp.func("ARRAY_CONSTRUCT_COMPACT", *parts), between)
        case exp.Div(expression=divisor) if not isinstance(
            divisor, exp.Literal | exp.Nullif
        ):  # an error there
            zero = exp.Literal.number(0)
            found = exp.Div(this=node.this, expression=exp.Nullif(this=divisor, expression=zero))
        case exp.Add(expression=exp.ToDays(this=number)):
            found = exp.DateAdd(this=node.this, expression=number, unit=exp.var("DAY"))
        case exp.Sub(expression=exp.ToDays(this=number)):
            found = exp.DateAdd(
                this=node.this, expression=exp.Neg(this=exp.paren(number)), unit=exp.var("DAY")
            )
        case exp.TimeToStr() if isinstance(node.args["format"], exp.Case):  # only a literal is translated
            found = _with_formats(node)
        case exp.Anonymous(expressions=[there, exp.Anonymous(expressions=[here, moment]) as inner]) if (
            _is_timezone(node) and _is_timezone(inner)
        ):
            found = exp.func("CONVERT_TIMEZONE", here, there, moment)
    return found


def _with_formats(node: exp.TimeToStr) -> exp.Case:
    """A moment written in one of several formats: one of several ways to write it."""
    choice: exp.Case = node.args["format"].copy()
    for branch in choice.args["ifs"]:
        branch.set("true", exp.TimeToStr(this=node.this.copy(), format=branch.args["true"]))
    if otherwise := choice.args.get("default"):
        choice.set("default", exp.TimeToStr(this=node.this.copy(), format=otherwise))
    return choice


def _is_timezone(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "timezone"


def _is_condition(node: exp.Expr) -> bool:
    """Whether it stands in the `where` of its select, and not in that of an aggregate's filter or in a column."""
    nearest = node.find_ancestor(exp.Where, exp.Select)
    return isinstance(nearest, exp.Where) and isinstance(nearest.parent, exp.Select)


def _join(listed: exp.In, name: str) -> None:
    """A list that a query gives is joined: Snowflake takes it in a condition of `where` only, not within an aggregate."""
    select = listed.find_ancestor(exp.Select)
    if not isinstance(select, exp.Select):
        return
    inner = listed.args["query"].this
    values = (
        exp.select(exp.alias_(inner.expressions[0].copy(), f"{name}_key"))
        .distinct()
        .from_(inner.args["from_"].this)
    )
    if inner.args.get("where"):
        values = values.where(inner.args["where"].this)
    key = exp.column(f"{name}_key", name)
    select.join(values.subquery(name), on=key.eq(listed.this.copy()), join_type="left", copy=False)
    listed.replace(key.copy().is_(exp.null()).not_())
