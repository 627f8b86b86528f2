"""dbt's sources are the streams' declarations, nothing more and nothing less."""

from __future__ import annotations

import yaml

from shopstack.shopify.streams import STREAMS
from shopstack.tables import Column, Stream, Table
from shopstack.transformation.sources import SOURCES_FILE, render


def test_the_committed_file_is_the_rendering() -> None:
    assert SOURCES_FILE.read_text(encoding="utf-8") == render(), (
        "sources.yml is derived: python -m shopstack.transformation.sources"
    )


def test_every_declared_table_is_a_source() -> None:
    shopify = yaml.safe_load(render())["sources"][0]
    declared = [t.name for s in STREAMS for t in s.tables]
    observed = [t.observations for s in STREAMS for t in s.observed]
    assert [t["name"] for t in shopify["tables"]] == [*declared, *observed]
    assert observed


def test_personal_columns_are_marked_and_children_know_their_root() -> None:
    people = Table(
        name="people",
        type_name="Person",
        columns=(Column("id", "id", "text", "Id."), Column("mail", "mail", "text", "Mail.", personal=True)),
        description="One row per person.",
    )
    pets = Table(
        name="pets",
        type_name="Pet",
        parent="people",
        path="pets",
        nesting="list",
        position="position",
        columns=(Column("kind", "kind", "text", "Kind."),),
        description="One row per pet.",
    )
    stream = Stream("people", "People.", "people", (), required=True, tables=(people, pets))
    tables = yaml.safe_load(render([stream]))["sources"][0]["tables"]
    assert [
        c["name"] for c in tables[0]["columns"] if c.get("config", {}).get("meta", {}).get("personal")
    ] == ["mail"]
    assert {"kind", "position", "_root_id", "_parent_id", "_shop"} <= {
        c["name"] for c in tables[1]["columns"]
    }
    assert "_root_id" not in {c["name"] for c in tables[0]["columns"]}
