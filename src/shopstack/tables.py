"""How a stream's tables are declared: the one vocabulary of the extractor and the warehouses.

A `Stream` says what is asked of Shopify and which tables it fills. GraphQL selection, typed DDL, dbt
sources, the reference page and the check against Shopify's schema all derive from these values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

ColumnType = Literal["text", "integer", "decimal", "boolean", "timestamp", "date", "json", "number"]
"""``decimal`` is exact (20 digits, 4 after the point): money. ``timestamp`` is UTC without a zone mark.
``number`` is a rate, never money: as near as a float comes."""

Nesting = Literal["root", "connection", "list"]


@dataclass(frozen=True)
class Column:
    """One column of a raw table, and where its value stands in the Shopify object."""

    name: str
    path: str
    type: ColumnType
    description: str
    on: tuple[str, ...] = ()
    """Concrete types that have the field, where the object is an interface (inline fragments)."""
    inside: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The same further down the path: fields of it that are unions, and the concrete types in which it goes on."""
    personal: bool = False
    """Asked for only with ``[privacy] personal_data = true``."""
    redacted: bool = False
    """It may say something about a person although it is asked for: never published, and taken out with a customer who
    is removed."""
    customer: bool = False
    """The value is a customer's id: what belongs to a removed customer is found by it."""
    order: bool = False
    """The value is the id of an order that the row belongs to: what belongs to a removed customer's order, or to a
    guest's, is found by it."""
    scope: str = ""
    """Access scope that this one field needs beyond the stream's own; without it, the column is null."""
    without_query: bool = False
    """An address that is kept up to its ``?``: what follows may name a person, and no figure needs it."""
    entry: str = ""
    """Where `path` begins with a plain list of named values (``quantities.quantity``): the ``name`` of the entry that
    holds the value. The column is null where no entry has that name."""

    field: str = ""
    """Shopify's name of the field, where `path` is an alias: in another table of the stream an object stands under that
    name, and one place of a line cannot hold both."""

    @property
    def in_shopify(self) -> str:
        """Where Shopify's own schema has the value."""
        return self.field or self.path

    @property
    def protected(self) -> bool:
        """Whether Shopify may leave it null for want of a grant: what is personal, and parts of an address."""
        return self.personal or "address" in self.path.lower()

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that is asked for to fill it."""
        return (self.path, f"{self.path.split('.')[0]}.name") if self.entry else (self.path,)


@dataclass(frozen=True)
class Observed:
    """What of a table is observed, because no API gives its history back.

    Beside the raw table there is an append-only one: a row whenever a value was seen to have changed.
    """

    columns: tuple[str, ...]
    """Names of the columns whose values are followed."""
    kept: tuple[str, ...] = ()
    """Names of further columns that are noted beside them; a change of these alone is no observation."""
    daily: bool = False
    """Whether a row is added on every day of the shop on which it was looked at, changed or not."""


@dataclass(frozen=True)
class Awaited:
    """What Shopify works out of a root later, without saying that the root changed.

    Such roots are asked for again by their ids, and read whole again once they have it.
    """

    column: str
    """Name of the root's boolean column that is false until then."""
    within: timedelta
    """How long after a root was created it is asked for."""


@dataclass(frozen=True)
class Table:
    """One raw table. Its grain is one Shopify object found at ``path`` below its parent table's object."""

    name: str
    type_name: str
    """GraphQL type of the object. A line of bulk JSONL belongs to the table whose type its `__typename` names,
    or its gid where no `__typename` was asked for."""
    columns: tuple[Column, ...]
    description: str
    parent: str = ""
    """Name of the table whose object holds this one; empty for the root."""
    path: str = ""
    """Field of the parent that holds it (``lineItems``); empty for the root."""
    nesting: Nesting = "root"
    key: tuple[str, ...] = ("id",)
    position: str = ""
    """Name of the column that numbers entries of a plain list (from 0), where they have no id of their own."""
    possible_types: tuple[str, ...] = ()
    """Concrete types, where the object is an interface or may lack an id: `__typename` is asked for as well."""
    on_request: bool = False
    """Read only when it is named in ``[extract] include``: no page needs it, and it costs requests of its own.
    What hangs below such a table comes with it."""
    scope: str = ""
    """Access scope that the table needs beyond the stream's own; without it, it and what hangs below stay empty."""
    figures: tuple[str, ...] = ()
    """What is missing on the page without that scope, in the owner's words."""
    apart: bool = False
    """A connection of the root that is asked for by itself, after the roots: a bulk operation may hold five
    connections in all, and these are the ones left over."""
    on: tuple[str, ...] = ()
    """Where it is read apart and its path enters a union (``discount.codes``): the concrete types that have it."""
    by_id: bool = False
    """Where it is read apart: its entries come in order of their ids and are found by them (``id:>1``), so that a
    list that is longer than paging reaches is read to its end."""
    none_where: tuple[str, str] | None = None
    """Where it is read apart: a field of the root and the value of it that says that there is nothing to ask for."""
    personal: bool = False
    """All of it but its key is about a person: asked for only with ``[privacy] personal_data = true``."""
    by_namespace: bool = False
    """A connection of metafields: asked for once for each namespace in ``[extract] metafields``, and for no other."""
    arguments: tuple[tuple[str, str], ...] = ()
    """Fields of the object that Shopify gives with arguments only, and these (``("quantities", "names: [...]")``)."""
    observed: Observed | None = None
    """What of it is followed through time; None: only the newest version counts."""

    @property
    def observations(self) -> str:
        """Name of the raw table of its observations."""
        return f"{self.name}_observed"

    @property
    def described_observations(self) -> str:
        """What the rows of that table are."""
        daily = (
            ", and one for each day on which it was looked at"
            if self.observed and self.observed.daily
            else ""
        )
        return f"Only ever added to: one row for each time that a value of {self.name} was seen to have changed{daily}."

    @property
    def kinds(self) -> tuple[str, ...]:
        """Concrete types of its objects."""
        return self.possible_types or (self.type_name,)

    @property
    def about_a_person(self) -> tuple[Column, ...]:
        """The columns that are never published, and of which nothing is left of a customer who was removed."""
        return tuple(
            one
            for one in self.columns
            if one.personal or one.redacted or (self.personal and one.name not in self.key)
        )

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True)
class Stream:
    """Everything that is read together from one root field, with one cursor."""

    name: str
    description: str
    root_field: str
    """Field of Shopify's query root; or a path to a connection below an object (``shopifyPaymentsAccount.payouts``).
    What hangs below an object is always paged: whether bulk operations take it is nowhere documented."""
    scopes: tuple[str, ...]
    required: bool
    tables: tuple[Table, ...]
    cursor: str = "updated_at"
    """Filter field of the root's ``query`` argument that a window is cut by; empty reads everything every time."""
    search: str = ""
    """Terms of that argument that every question carries beside the window: roots that they do not find are no part
    of the stream."""
    count_field: str = ""
    """Root field that counts the same objects (``ordersCount``); empty where Shopify has none."""
    count_ends: bool = False
    """Whether that count knows no ``limit`` and ends somewhere: where it does, the roots count as not counted."""
    in_bulk: bool = True
    """Whether bulk operations are known to take the root field; pages are read where they are not."""
    oldest_by: str = ""
    """Column by which the oldest object of a window is found, where Shopify does not sort by the cursor."""
    sorts_by_id: bool = True
    """Whether Shopify can sort the roots by their ids."""
    sorts_by_cursor: bool = True
    """Whether Shopify can sort the roots by the cursor."""
    settles: timedelta = timedelta(0)
    """How long after its cursor's time a root may still change, or first be shown: every run reads back so far."""
    reread: timedelta = timedelta(0)
    """Read from the first again so often, for changes that no cursor tells of; zero where the cursor tells of all."""
    awaited: Awaited | None = None
    """What of its roots comes later than they do; None: everything comes with them, or moves the cursor."""
    sees_orders: Literal["", "as roots", "by reference"] = ""
    """Where Shopify may hide orders (those older than 60 days, without `read_all_orders`): whether its roots are orders,
    or name one. What was hidden is read again, from the first, once it is shown."""
    lasting: bool = False
    """Nothing of it is ever deleted at Shopify, so that no sweep looks for what is gone."""
    absent: str = ""
    """What it means when the object that holds the roots is null, in the owner's words."""
    kind: Literal["connection", "object", "report"] = "connection"
    on_request: bool = False
    """Read only when it is named in ``[extract] include``: no page needs it, so that nobody must grant its scopes."""
    figures: tuple[str, ...] = field(default=())
    """What is missing on the page when an optional stream is skipped, in the owner's words."""

    @property
    def root_path(self) -> tuple[str, ...]:
        """The fields from Shopify's query root to the connection of the roots, or to the one object."""
        return tuple(self.root_field.split("."))

    @property
    def searched(self) -> bool:
        """Whether the roots are asked for by a ``query`` argument."""
        return bool(self.cursor or self.search)

    @property
    def root(self) -> Table:
        """The table of the root object."""
        return self.tables[0]

    def table(self, name: str) -> Table:
        """The table of that name; KeyError if there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    @property
    def has_tail(self) -> bool:
        """Whether what changed after its window is read as well: where the cursor tells of changes and a count of none."""
        return self.cursor == "updated_at" and bool(self.count_field)

    @property
    def observed(self) -> tuple[Table, ...]:
        """The tables of which something is observed."""
        return tuple(table for table in self.tables if table.observed)

    @property
    def raw_tables(self) -> tuple[str, ...]:
        """Names of all raw tables that it fills, those of observations last."""
        return (*(table.name for table in self.tables), *(table.observations for table in self.observed))

    @property
    def daily(self) -> bool:
        """Whether it is read once on each day of the shop, and not again on that day."""
        return any(table.observed.daily for table in self.tables if table.observed)

    @property
    def line_tables(self) -> Mapping[str, tuple[Table, ...]]:
        """The tables whose objects have lines of their own, by the type that a line's id or `__typename` names.

        Where a type has several (metafields of products and of their variants), the parent's type tells which.

        Raises:
            ValueError: nothing tells them apart.
        """
        found: dict[str, tuple[Table, ...]] = {}
        for table in self.tables:
            for kind in table.kinds if table.nesting != "list" else ():
                others = found.get(kind, ())
                above = set(self.holder_kinds(table))
                for other in others:
                    if not above.isdisjoint(self.holder_kinds(other)) or not (table.parent and other.parent):
                        msg = f"{kind} would belong to {other.name} and to {table.name}"
                        raise ValueError(msg)
                found[kind] = (*others, table)
        return found

    def holder_kinds(self, table: Table) -> tuple[str, ...]:
        """Concrete types of the objects that hold a table's; none for the root."""
        return self.table(table.parent).kinds if table.parent else ()

    def below_list(self, table: Table) -> bool:
        """Whether the table is a connection within a plain list, which bulk operations refuse."""
        return table.nesting == "connection" and self.table(table.parent).nesting == "list"

    def is_apart(self, table: Table) -> bool:
        """Whether the table, or one that it hangs below, is read by itself after the roots."""
        return table.apart or bool(table.parent and self.is_apart(self.table(table.parent)))

    def children(self, parent: str) -> Iterator[Table]:
        """Tables directly below ``parent``, in declaration order."""
        return (table for table in self.tables if table.parent == parent)


LOAD_COLUMNS: tuple[Column, ...] = (
    Column("_shop", "", "text", "Permanent address of the shop (….myshopify.com): the prefix of every key."),
    Column("_load_id", "", "integer", "The load that wrote the row; grows with every load."),
    Column("_loaded_at", "", "timestamp", "When that load was committed (UTC)."),
    Column(
        "_deleted_at",
        "",
        "timestamp",
        "When a sweep found its root gone from Shopify (UTC); null while it is there.",
    ),
)
"""Columns that every raw table has beside its declared ones."""

ROOT_ID = Column("_root_id", "", "text", "The root object (order, product) that the row belongs to.")
"""Column of every child table: a tree is replaced whole by its root's id."""

PARENT_ID = Column("_parent_id", "", "text", "The object that directly holds the row.")
"""Column of every child table."""

OBSERVED_COLUMNS: tuple[Column, ...] = (
    Column(
        "observed_at", "", "timestamp", "When Shopify said so (UTC): the time at which the answer was landed."
    ),
    Column("observed_on", "", "date", "The same as a day in the shop's timezone."),
)
"""Columns that every table of observations has beside the observed ones."""


def observation_columns(table: Table) -> tuple[Column, ...]:
    """The columns of a table's observations: key, root, what is kept, what is observed, when, and by which load.

    Raises:
        ValueError: nothing of the table is observed.
    """
    if table.observed is None:
        raise ValueError(f"nothing of {table.name} is observed")
    root = (ROOT_ID,) if table.parent else ()
    declared = (*table.key, *table.observed.kept, *table.observed.columns)
    load = tuple(column for column in LOAD_COLUMNS if column.name in {"_shop", "_load_id"})
    return (*(table.column(name) for name in declared), *OBSERVED_COLUMNS, *root, *load)


OBSERVATION = "Observation"
"""`__typename` of a line of a checkpoint that stands for no object: one row of a table of observations, which the
windows that the checkpoint took the place of had given."""

MOVED = "Moved"
"""`__typename` of a landed line that stands for no object: the tree of its parent changed while it was read and is
left out. The change took the root out of the window; the next window brings it whole."""
