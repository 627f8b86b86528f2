"""The customers stream."""

from __future__ import annotations

from shopstack.shopify.streams.metafields import metafields
from shopstack.tables import Column, Stream, Table

ADDRESSES = Table(
    name="customer_addresses",
    type_name="MailingAddress",
    parent="customers",
    path="addressesV2",
    nesting="connection",
    personal=True,
    description="One row per address in a customer's address book.",
    columns=(
        Column("id", "id", "text", "Shopify's id of the address."),
        Column("first_name", "firstName", "text", "First name on it."),
        Column("last_name", "lastName", "text", "Last name on it."),
        Column("company", "company", "text", "Company or organisation."),
        Column("address1", "address1", "text", "Street and number, or a PO box."),
        Column("address2", "address2", "text", "Apartment, suite or unit."),
        Column("city", "city", "text", "City, as typed."),
        Column("province", "province", "text", "Province or state."),
        Column("province_code", "provinceCode", "text", "Its code."),
        Column("country", "country", "text", "Country."),
        Column("country_code", "countryCodeV2", "text", "ISO country code."),
        Column("zip", "zip", "text", "Postal code."),
        Column("phone", "phone", "text", "Telephone number."),
    ),
)

CUSTOMERS = Stream(
    name="customers",
    description="Customers; without personal data only their number, dates and counts, with it their addresses too.",
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
                Column(
                    "default_address_id",
                    "defaultAddress.id",
                    "text",
                    "The address in `customer_addresses` that is used unless he chooses another.",
                    personal=True,
                ),
            ),
        ),
        ADDRESSES,
        metafields("customers", "a customer", about_people=True),
    ),
)
