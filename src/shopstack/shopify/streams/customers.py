"""The customers stream."""

from __future__ import annotations

from shopstack.tables import Column, Stream, Table

CUSTOMERS = Stream(
    name="customers",
    description="Customers; without personal data only their number, dates and counts.",
    root_field="customers",
    scopes=("read_customers",),
    required=False,
    count_field="customersCount",
    figures=("new and returning customers", "names in customer lists"),
    tables=(
        Table(
            name="customers",
            type_name="Customer",
            description="One row per customer.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the customer.", customer=True),
                Column("created_at", "createdAt", "timestamp", "When the customer was created (UTC)."),
                Column("updated_at", "updatedAt", "timestamp", "When the customer last changed (UTC)."),
                Column(
                    "number_of_orders", "numberOfOrders", "integer", "Orders ever, as counted by Shopify."
                ),
                Column("amount_spent", "amountSpent.amount", "decimal", "Spent ever, as counted by Shopify."),
                Column(
                    "amount_spent_currency", "amountSpent.currencyCode", "text", "Currency of that amount."
                ),
                Column("tags", "tags", "json", "Tags that the merchant gave him, a list of texts."),
                Column("state", "state", "text", "State of the customer's account."),
                Column("first_name", "firstName", "text", "First name.", personal=True),
                Column("last_name", "lastName", "text", "Last name.", personal=True),
                Column("email", "defaultEmailAddress.emailAddress", "text", "E-mail address.", personal=True),
            ),
        ),
    ),
)
