"""Metafields: what apps and the merchant note beside orders, customers, products and variants.

They are read by namespace, for the namespaces that ``[extract] metafields`` names and no other.
"""

from __future__ import annotations

from shopstack.tables import Column, Table


def metafields(parent: str, whose: str, *, about_people: bool = False, apart: bool = False) -> Table:
    """The metafields of a table's objects.

    Args:
        parent: name of the table of the objects that have them.
        whose: what such an object is called (``an order``).
        about_people: whether a value may say something about a customer: it is then treated like a note of his.
        apart: whether a bulk operation of their owner has no room for them.
    """
    name = f"{parent.removesuffix('s')}_metafields"
    told = "; may name a person" if about_people else ""
    return Table(
        name=name,
        type_name="Metafield",
        parent=parent,
        path="metafields",
        nesting="connection",
        by_namespace=True,
        apart=apart,
        description=f"One row per metafield of {whose}, of the namespaces that are asked for.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the metafield."),
            Column("namespace", "namespace", "text", "Namespace that it belongs to."),
            Column("key", "key", "text", "Name within the namespace."),
            Column(
                "type", "type", "text", "Shopify's type of the value: single_line_text_field, json and so on."
            ),
            Column(
                "value",
                "text",
                "text",
                f"The value as text, whatever its type{told}.",
                redacted=about_people,
                field="value",
            ),
            Column("created_at", "createdAt", "timestamp", "When it was first set (UTC)."),
            Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
        ),
    )
