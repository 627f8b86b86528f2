"""The deletions stream: what Shopify's event log says was destroyed, and when."""

from __future__ import annotations

from datetime import timedelta

from shopstack.tables import Column, Stream, Table

DELETIONS = Stream(
    name="deletions",
    description="What was destroyed, by Shopify's own event log. The log goes back one year; what was read stays. "
    "Whether it shows the deletion of orders and customers, Shopify does not say. It is information beside the sweep "
    "(`extract --sweep`), which alone proves that something is gone: nothing is marked as deleted by it.",
    root_field="events",
    scopes=(),
    required=False,
    on_request=True,
    cursor="created_at",
    search="action:destroy AND comments:false",
    count_field="eventsCount",
    count_ends=True,
    in_bulk=False,
    settles=timedelta(hours=1),
    lasting=True,
    tables=(
        Table(
            name="deletions",
            type_name="Event",
            possible_types=("BasicEvent",),
            description="One row per event that tells of something destroyed. Its text and who did it are not asked "
            "for: they name persons.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the event."),
                Column("action", "action", "text", "What happened: destroy."),
                Column(
                    "subject_id",
                    "subjectId",
                    "text",
                    "Shopify's id of what was destroyed.",
                    on=("BasicEvent",),
                    customer=True,
                ),
                Column(
                    "subject_type",
                    "subjectType",
                    "text",
                    "What it was: ORDER, CUSTOMER, PRODUCT, PRODUCT_VARIANT, COLLECTION and so on.",
                    on=("BasicEvent",),
                ),
                Column("app_title", "appTitle", "text", "The app that did it; null where none did."),
                Column("by_app", "attributeToApp", "boolean", "Whether an app did it."),
                Column("created_at", "createdAt", "timestamp", "When it happened (UTC)."),
            ),
        ),
    ),
)
