"""Tables of the orders stream about goods on their way back: returns, what is in them, what goes out instead.

What a return did to the order's money stands in the ledger once it was processed; these know it from its request on.
"""

from __future__ import annotations

from shopstack.shopify.streams.pieces import money
from shopstack.tables import Column, Table

_VERIFIED = ("ReturnLineItem",)
_UNVERIFIED = ("UnverifiedReturnLineItem",)

RETURN_TABLES = (
    Table(
        name="order_returns",
        type_name="Return",
        parent="orders",
        path="returns",
        nesting="connection",
        scope="read_returns",
        figures=("returns under way and their reasons",),
        apart=True,
        none_where=("returnStatus", "NO_RETURN"),
        description="One row per return of an order, from its request on.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the return."),
            Column("name", "name", "text", "Name as shown (#1001-R1)."),
            Column("status", "status", "text", "REQUESTED, OPEN, CLOSED, DECLINED or CANCELED."),
            Column("created_at", "createdAt", "timestamp", "When it was opened or asked for (UTC)."),
            Column("request_approved_at", "requestApprovedAt", "timestamp", "When it was approved (UTC)."),
            Column("closed_at", "closedAt", "timestamp", "When it was done (UTC)."),
            Column("total_quantity", "totalQuantity", "integer", "Units in it."),
            Column("decline_reason", "decline.reason", "text", "Why it was declined."),
            Column(
                "decline_note",
                "decline.note",
                "text",
                "What the customer was told; may name him.",
                personal=True,
            ),
        ),
    ),
    Table(
        name="order_return_fees",
        type_name="ReturnShippingFee",
        parent="order_returns",
        path="returnShippingFees",
        nesting="list",
        description="One row per fee that is kept of a return for its shipping.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the fee."),
            *money("amount", "amountSet", "The fee"),
        ),
    ),
    Table(
        name="order_return_lines",
        type_name="ReturnLineItemType",
        parent="order_returns",
        path="returnLineItems",
        nesting="connection",
        possible_types=(*_VERIFIED, *_UNVERIFIED),
        description="One row per line of a return: units of one line item, with the reason.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the return line."),
            Column("type", "__typename", "text", "Whether Shopify knows the shipment that it comes from."),
            Column(
                "line_item_id",
                "fulfillmentLineItem.lineItem.id",
                "text",
                "The line item; null where the shipment is not known.",
                on=_VERIFIED,
            ),
            Column(
                "fulfillment_line_id",
                "fulfillmentLineItem.id",
                "text",
                "The line of the fulfilment that it came with.",
                on=_VERIFIED,
            ),
            Column("quantity", "quantity", "integer", "Units that are to come back."),
            Column("processed_quantity", "processedQuantity", "integer", "Units that came back."),
            Column("unprocessed_quantity", "unprocessedQuantity", "integer", "Units still to come."),
            Column("refunded_quantity", "refundedQuantity", "integer", "Units that were refunded."),
            Column("reason", "returnReason", "text", "Why: SIZE_TOO_SMALL, DEFECTIVE, OTHER and so on."),
            Column(
                "reason_handle",
                "returnReasonDefinition.handle",
                "text",
                "Why, in Shopify's longer list of reasons.",
            ),
            Column(
                "reason_note", "returnReasonNote", "text", "Why, as typed; may name a person.", personal=True
            ),
            Column("customer_note", "customerNote", "text", "What the customer wrote.", personal=True),
            *(
                Column(one.name, one.path, one.type, one.description, on=_VERIFIED)
                for one in money(
                    "total_after_discounts",
                    "withCodeDiscountedTotalPriceSet",
                    "Price of the units after discounts",
                )
            ),
            Column(
                "restocking_fee_percentage",
                "restockingFee.percentage",
                "number",
                "Per cent kept for taking it back into stock.",
                on=_VERIFIED,
            ),
            *(
                Column(one.name, one.path, one.type, one.description, on=_VERIFIED)
                for one in money(
                    "restocking_fee", "restockingFee.amountSet", "Fee for taking it back into stock"
                )
            ),
            Column("unit_price", "unitPrice.amount", "decimal", "Price of one unit.", on=_UNVERIFIED),
        ),
    ),
    Table(
        name="order_exchange_lines",
        type_name="ExchangeLineItem",
        parent="order_returns",
        path="exchangeLineItems",
        nesting="connection",
        description="One row per line that goes out in exchange for a return.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the exchange line."),
            Column("variant_id", "variantId", "text", "The variant when the return was made."),
            Column("quantity", "quantity", "integer", "Units that are to go out."),
            Column("processed_quantity", "processedQuantity", "integer", "Units that went out."),
            Column("unprocessed_quantity", "unprocessedQuantity", "integer", "Units still to go out."),
        ),
    ),
    Table(
        name="order_exchange_line_items",
        type_name="LineItem",
        parent="order_exchange_lines",
        path="lineItems",
        nesting="list",
        key=("_parent_id", "id"),
        description="One row per exchange line and line item that it became in the order.",
        columns=(Column("id", "id", "text", "The line item, in `order_lines`."),),
    ),
)
