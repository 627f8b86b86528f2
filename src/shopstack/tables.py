"""How a stream's tables are declared: the one vocabulary of the extractor and the warehouses.

A `Stream` says what is asked of Shopify and which tables it fills. GraphQL selection, typed DDL, dbt
sources, the reference page and the check against Shopify's schema all derive from these values.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    customer: bool = False
    """The value is a customer's id: what belongs to a removed customer is found by it."""
    scope: str = ""
    """Access scope that this one field needs beyond the stream's own; without it, the column is null."""
    without_query: bool = False
    """An address that is kept up to its ``?``: what follows may name a person, and no figure needs it."""


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
    """All of it is about a person: asked for only with ``[privacy] personal_data = true``."""
    by_namespace: bool = False
    """A connection of metafields: asked for once for each namespace in ``[extract] metafields``, and for no other."""

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
    count_field: str = ""
    """Root field that counts the same objects (``ordersCount``); empty where Shopify has none."""
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
    def root(self) -> Table:
        """The table of the root object."""
        return self.tables[0]

    def table(self, name: str) -> Table:
        """The table of that name; KeyError if there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

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

MOVED = "Moved"
"""`__typename` of a landed line that stands for no object: the tree of its parent changed while it was read and is
left out. The change took the root out of the window; the next window brings it whole."""
