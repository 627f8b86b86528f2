"""The gift cards stream: what the shop owes to holders of its cards."""

from __future__ import annotations

from shopstack.tables import Column, Stream, Table

GIFT_CARDS = Stream(
    name="gift_cards",
    description="Gift cards with their balances. Read whole, since Shopify finds no card by its last change.",
    root_field="giftCards",
    scopes=("read_gift_cards",),
    required=False,
    on_request=True,
    cursor="",
    count_field="giftCardsCount",
    tables=(
        Table(
            name="gift_cards",
            type_name="GiftCard",
            description="One row per gift card. The code is never asked for: who has it can spend it.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the gift card."),
                Column("initial_value", "initialValue.amount", "decimal", "Value when it was issued."),
                Column("balance", "balance.amount", "decimal", "What is left on it."),
                Column("currency", "balance.currencyCode", "text", "Currency of value and balance."),
                Column("enabled", "enabled", "boolean", "Whether it can be used."),
                Column("created_at", "createdAt", "timestamp", "When it was issued (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
                Column("deactivated_at", "deactivatedAt", "timestamp", "When it was disabled (UTC)."),
                Column("expires_on", "expiresOn", "date", "Last day on which it is good; null: no end."),
                Column(
                    "order_id",
                    "order.id",
                    "text",
                    "Order that sold it; null when issued by hand.",
                    order=True,
                ),
                Column(
                    "order_customer_id",
                    "order.customer.id",
                    "text",
                    "The customer who bought it.",
                    personal=True,
                    scope="read_customers",
                    customer=True,
                ),
                Column(
                    "customer_id",
                    "customer.id",
                    "text",
                    "The customer who has it.",
                    personal=True,
                    scope="read_customers",
                    customer=True,
                ),
                Column(
                    "recipient_id",
                    "recipientAttributes.recipient.id",
                    "text",
                    "The customer whom it is for.",
                    personal=True,
                    scope="read_customers",
                    customer=True,
                ),
                Column(
                    "recipient_name",
                    "recipientAttributes.preferredName",
                    "text",
                    "How the recipient is to be addressed.",
                    personal=True,
                ),
                Column(
                    "message",
                    "recipientAttributes.message",
                    "text",
                    "Message to the recipient.",
                    personal=True,
                ),
                Column("note", "note", "text", "Note of the merchant.", personal=True),
            ),
        ),
    ),
)
