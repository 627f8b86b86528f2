"""How a stream's declaration becomes tables, and one typed reading of its landed lines.

Every line of bulk JSONL is read once, with the union of all columns that any table of the stream declares;
each table then takes the lines of its type. The SQL is DuckDB's; running it is left to `duckdb.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shopstack.tables import (
    LOAD_COLUMNS,
    MOVED,
    OBSERVATION,
    PARENT_ID,
    ROOT_ID,
    Column,
    ColumnType,
    Stream,
    Table,
)

SQL_TYPES: dict[ColumnType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(20,4)",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
    "json": "json",
    "number": "double",
}

_READ_TYPES: dict[ColumnType, str] = {**SQL_TYPES, "decimal": "varchar", "timestamp": "timestamptz"}
"""Types while reading: an amount stays text until `exact_decimal` has seen that nothing of it gets lost, and a
time keeps its offset, which a cast of text to ``timestamp`` would drop."""

EXACT_DECIMAL = r"""create or replace temp macro exact_decimal(amount) as case
    when amount is null then null
    when regexp_full_match(amount, '-?[0-9]{1,16}([.][0-9]{1,4}0*)?') then cast(amount as decimal(20,4))
    else error('not an amount of at most four decimals: ' || amount) end"""
"""Text to money. Shopify prints plain decimals; anything else stops the load instead of being rounded."""

PREPARE = ("set timezone = 'UTC'", EXACT_DECIMAL)
"""What a connection needs before it reads lines."""

PARENT = "__parentId"
CARRIED = "__observation"
"""Field of an observation's line in a checkpoint that holds the row."""
TYPENAME = "__typename"

MOVED_FOUND = f"select 1 from lines where {TYPENAME} = '{MOVED}' limit 1"
"""SQL over ``lines``: a row if any tree is marked so."""


def name(identifier: str) -> str:
    """A quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted SQL string."""
    return "'" + value.replace("'", "''") + "'"


@dataclass
class _Shape:
    """The JSON found at one place of a line: a value, an object, or a list of objects."""

    type: str = ""
    fields: dict[str, _Shape] = field(default_factory=dict)
    is_list: bool = False

    def at(self, path: list[str]) -> _Shape:
        here = self
        for part in path:
            here = here.fields.setdefault(part, _Shape())
        return here

    def sql(self) -> str:
        if not self.fields:
            return self.type
        if self.type:
            msg = f"a value and an object with {', '.join(self.fields)} stand in one place"
            raise ValueError(msg)
        inner = ", ".join(f"{name(key)} {shape.sql()}" for key, shape in self.fields.items())
        return f"struct({inner})" + ("[]" if self.is_list else "")


def _add_table(shape: _Shape, stream: Stream, table: Table) -> None:
    for column in table.columns:
        leaf = shape.at(column.path.split("."))
        wanted = _READ_TYPES[column.type]
        leaf.type = wanted if leaf.type in {"", wanted} else "varchar"
        if column.entry:
            entries = shape.at([column.path.split(".")[0]])
            entries.is_list = True
            entries.at(["name"]).type = "varchar"
    for child in stream.children(table.name):
        if child.nesting == "list":
            below = shape.at([child.path])
            below.is_list = True
            _add_table(below, stream, child)


def line_columns(stream: Stream) -> dict[str, str]:
    """Names and types of everything that a landed line of the stream may hold.

    Two tables may give one place different types (a number here, text there): it is then read as text and
    each table's insert casts it.
    """
    shape = _Shape()
    for needed in ("id", TYPENAME, PARENT):
        shape.at([needed]).type = "varchar"
    for table in stream.tables:
        if table.nesting != "list":
            _add_table(shape, stream, table)
    if stream.observed:
        shape.at([CARRIED]).type = "json"
    return {key: below.sql() for key, below in shape.fields.items()}


def line_type(stream: Stream) -> str:
    """SQL: the table that a line belongs to, null when it is of no declared type."""
    cases = {kind: _told_by_parent(stream, tables) for kind, tables in stream.line_tables.items()}
    cases[MOVED] = text(MOVED)
    if stream.observed:
        cases[OBSERVATION] = text(OBSERVATION)
    whens = " ".join(f"when {text(kind)} then {table}" for kind, table in cases.items())
    return f"case coalesce({name(TYPENAME)}, split_part(id, '/', 4)) {whens} end"


def _told_by_parent(stream: Stream, tables: Sequence[Table]) -> str:
    """SQL: which of the tables a line of their common type belongs to."""
    if len(tables) == 1:
        return text(tables[0].name)
    whens = " ".join(
        f"when {text(kind)} then {text(table.name)}"
        for table in tables
        for kind in stream.holder_kinds(table)
    )
    return f"case split_part({name(PARENT)}, '/', 4) {whens} end"


def added_columns(table: Table) -> Iterator[Column]:
    """The columns that the engine adds to a raw table's declared ones."""
    if table.position:
        yield Column(table.position, "", "integer", "Place in its list, counted from 0.")
    if table.parent:
        yield ROOT_ID
        yield PARENT_ID
    yield from LOAD_COLUMNS


def table_columns(table: Table) -> dict[str, str]:
    """Every column of a raw table with its SQL type, in order."""
    columns = (*table.columns, *added_columns(table))
    return {column.name: SQL_TYPES[column.type] for column in columns}


def missing(table: Table, known: Collection[str], schema: str) -> Iterator[str]:
    """SQL: make a raw table, or add to it the columns that it lacks; nothing where all are known."""
    yield from missing_columns(f"{schema}.{name(table.name)}", table_columns(table), known)


def missing_columns(target: str, declared: Mapping[str, str], known: Collection[str]) -> Iterator[str]:
    """SQL: make a table, or add to it the columns that it lacks; nothing where all are known."""
    columns = {key: f"{name(key)} {kind}" for key, kind in declared.items()}
    if not known:
        yield f"create table {target} ({', '.join(columns.values())})"
        return
    for key, column in columns.items():
        if key not in known:
            yield f"alter table {target} add column {column}"


def root_key(stream: Stream) -> Column:
    """The root's column by whose value a tree is replaced."""
    return stream.root.column(stream.root.key[0])


def tree_key(stream: Stream, table: Table) -> str:
    """The column of any table of a stream that says which root its rows belong to."""
    return ROOT_ID.name if table.parent else root_key(stream).name


def _place(holder: str, column: Column) -> str:
    return ".".join([holder, *(name(part) for part in column.path.split("."))])


def _value(holder: str, column: Column) -> str:
    place = _place(holder, column)
    if column.entry:
        entries, _, rest = column.path.partition(".")
        named = f"list_filter({holder}.{name(entries)}, lambda one: one.name = {text(column.entry)})"
        place = ".".join([f"({named}[1])", *(name(part) for part in rest.split("."))])
    if column.type == "decimal":
        return f"exact_decimal({place})"
    if column.without_query:
        return f"regexp_extract({place}, '^[^?#]*')"
    return f"cast({place} as {SQL_TYPES[column.type]})"


@dataclass(frozen=True)
class _Source:
    """Where the objects of a table are found in ``lines``."""

    objects: str
    """What comes after ``from``, filter included."""
    holder: str
    """What a column's path begins with."""
    root_id: str
    parent_id: str
    place: str = "null"
    """Number of the entry in a plain list."""


def _source(stream: Stream, table: Table) -> _Source:
    if table.nesting == "list":
        return _entries(table, _source(stream, _parent(stream, table)))
    own = f"lines.table_name = {text(table.name)}"
    if table.nesting == "root":
        key = f"cast({_place('lines', root_key(stream))} as varchar)"
        return _Source(f"lines where {own}", "lines", key, "null")
    up = f"lines.{name(PARENT)}"
    parent = _parent(stream, table)
    if parent.nesting == "root":
        return _Source(f"lines where {own}", "lines", up, up)
    above = _roots_of(stream, parent)
    return _Source(
        f"lines join ({above}) as above on above.id = {up} where {own}", "lines", "above.root_id", up
    )


def _roots_of(stream: Stream, table: Table) -> str:
    """SQL: id and root id of every object of a child table."""
    source = _source(stream, table)
    return f"select {source.holder}.id as id, {source.root_id} as root_id from {source.objects}"


def _parent(stream: Stream, table: Table) -> Table:
    return stream.table(table.parent)


def _entries(table: Table, parent: _Source) -> _Source:
    """The entries of a plain list, each with its place."""
    entries = f"{parent.holder}.{name(table.path)}"
    unnested = (
        f"select unnest({entries}) as entry, {parent.root_id} as root_id, {parent.holder}.id as parent_id, "
        f"generate_subscripts({entries}, 1) - 1 as place from {parent.objects}"
    )
    return _Source(f"({unnested})", "entry", "root_id", "parent_id", "place")


def _values(table: Table, source: _Source) -> dict[str, str]:
    """SQL of every column but those of the load."""
    values = {column.name: _value(source.holder, column) for column in table.columns}
    if table.position:
        values[table.position] = source.place
    if table.parent:
        values |= {ROOT_ID.name: source.root_id, PARENT_ID.name: source.parent_id}
    return values


def objects(stream: Stream, table: Table, columns: Collection[str]) -> str:
    """SQL: these columns of a table's objects in ``lines``."""
    source = _source(stream, table)
    values = _values(table, source)
    chosen = ", ".join(f"{values[column]} as {name(column)}" for column in columns)
    return f"select {chosen} from {source.objects}"


def insert_rows(stream: Stream, table: Table, schema: str) -> str:
    """SQL: put a table's objects from ``lines`` into its raw table. Bound values: shop, load id, loaded at."""
    source = _source(stream, table)
    values = _values(table, source)
    values |= {column.name: f"${column.name[1:]}" for column in LOAD_COLUMNS}
    columns = ", ".join(name(column) for column in values)
    return (
        f"insert into {schema}.{name(table.name)} ({columns}) "
        f"select {', '.join(values.values())} from {source.objects}"
    )


def typed_rows(stream: Stream, table: Table, loaded: Mapping[str, str]) -> str:
    """SQL: a table's objects in ``lines`` as its raw table has them, JSON as text; ``loaded``: SQL of the load's columns."""
    source = _source(stream, table)
    values = {**_values(table, source), **loaded}
    types = table_columns(table)
    kinds = {key: "varchar" if kind == "json" else kind for key, kind in types.items()}
    chosen = ", ".join(f"cast({values[key]} as {kind}) as {name(key)}" for key, kind in kinds.items())
    return f"select {chosen} from {source.objects}"


def _roots_in_lines(stream: Stream) -> str:
    key = root_key(stream)
    value = f"cast({_place('lines', key)} as {SQL_TYPES[key.type]})"
    return f"select {value} from lines where table_name = {text(stream.root.name)}"


def known_root(stream: Stream, schema: str) -> str:
    """SQL: a row if any root that ``lines`` holds was loaded before; where none was, nothing is replaced.

    Bound value: shop.
    """
    key = name(root_key(stream).name)
    held = f"{schema}.{name(stream.root.name)} where _shop = $shop"
    return f"select 1 from {held} and {key} in ({_roots_in_lines(stream)}) limit 1"


def delete_roots(stream: Stream, table: Table, schema: str) -> str:
    """SQL: remove the old versions of the trees that ``lines`` holds. Bound value: shop."""
    own, found = name(tree_key(stream, table)), _roots_in_lines(stream)
    return f"delete from {schema}.{name(table.name)} where _shop = $shop and {own} in ({found})"


def line_of(stream: Stream, table: Table) -> Table:
    """The table whose lines hold a table's objects: itself, or for entries of a plain list the one that holds them."""
    return line_of(stream, _parent(stream, table)) if table.nesting == "list" else table


def broken_lines(stream: Stream, held: Collection[str]) -> Iterator[tuple[str, str]]:
    """Checks over ``lines``: what is wrong, and SQL giving an example of it (no row: all is well).

    ``held``: names of the tables that lines are of.
    """
    root = text(stream.root.name)
    shown = f"coalesce(id, {name(TYPENAME)}, 'a line without id')"
    yield (
        "is of a type that was not asked for",
        f"select {shown} from lines where table_name is null limit 1",
    )
    yield (
        "has a parent and should have none, or the other way round",
        f"select {shown} from lines where (table_name = {root}) <> ({name(PARENT)} is null) limit 1",
    )
    lines_with_id = [one for one in stream.tables if one.nesting != "list" and one.key == ("id",)]
    if lines_with_id:
        named = ", ".join(text(one.name) for one in lines_with_id)
        yield (
            "has no id",
            f"select table_name from lines where id is null and table_name in ({named}) limit 1",
        )
        yield (
            "came twice with different content",
            f"select id from lines where table_name in ({named}) group by table_name, id having count(*) > 1 limit 1",
        )
    for table in stream.tables:
        if table.nesting == "connection" and table.name in held:
            source = _source(stream, stream.table(table.parent))
            orphans = (
                f"select coalesce(child.id, child.{name(PARENT)}) from lines as child where "
                f"child.table_name = {text(table.name)} and child.{name(PARENT)} not in "
                f"(select {source.holder}.id from {source.objects}) limit 1"
            )
            yield f"has no line of its parent ({table.parent})", orphans


def drop_moved(stream: Stream) -> Iterator[str]:
    """SQL, from the leaves up: remove the trees that are marked as moved, and the marks."""
    moved = f"select {name(PARENT)} from lines where table_name = {text(MOVED)}"
    nested = [one for one in stream.tables if one.nesting == "connection" and one.parent != stream.root.name]
    for table in nested:
        gone = f"select id from ({_roots_of(stream, stream.table(table.parent))}) where root_id in ({moved})"
        yield f"delete from lines where table_name = {text(table.name)} and {name(PARENT)} in ({gone})"
    yield (
        f"delete from lines where table_name <> {text(MOVED)} and (id in ({moved}) or {name(PARENT)} in ({moved}))"
    )
    yield f"delete from lines where table_name = {text(MOVED)}"


def repeats(stream: Stream) -> str:
    """SQL over ``lines``: an id that came more than once, where there is one."""
    named = ", ".join(text(one.name) for one in stream.tables if one.nesting != "list")
    return (
        f"select id from lines where id is not null and table_name in ({named}) "
        "group by id having count(*) > 1"
    )


def drop_repeats(stream: Stream) -> str:
    """SQL: of lines that have one id and are alike in every value keep one; nothing is dropped on a doubt.

    A root that came twice may have doubled children that have no id (two alike shipping lines may be right):
    then all stay, and the check for repeated ids stops the load.
    """
    twice = repeats(stream)
    return f"""delete from lines where rowid in (
        select row_id from (
            select rowid as row_id, row_number() over (partition by lines.id, hash(lines)) as nth
            from lines where id in ({twice})
        ) where nth > 1)
        and not exists (select 1 from lines where id is null and {name(PARENT)} in ({twice}))"""
