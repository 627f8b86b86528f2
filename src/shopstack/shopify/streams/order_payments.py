"""Tables of the orders stream about money that moved: payments with their fees, refunds with what came back."""

from __future__ import annotations

from shopstack.shopify.streams.pieces import money, rate
from shopstack.tables import Column, Table

PAYMENT_TABLES = (
    Table(
        name="order_transactions",
        type_name="OrderTransaction",
        parent="orders",
        path="transactions",
        nesting="list",
        description="One row per payment movement: authorisation, capture, sale, refund, void.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the transaction."),
            Column("kind", "kind", "text", "SALE, AUTHORIZATION, CAPTURE, REFUND, VOID and so on."),
            Column("status", "status", "text", "SUCCESS, PENDING, FAILURE and so on."),
            Column("gateway", "gateway", "text", "Payment gateway (shopify_payments, gift_card, cash, …)."),
            Column("test", "test", "boolean", "Whether it moved no real money."),
            Column("parent_transaction_id", "parentTransaction.id", "text", "The movement that it follows."),
            Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
            Column("processed_at", "processedAt", "timestamp", "When it was processed (UTC)."),
            *money("amount", "amountSet", "Amount, always positive"),
        ),
    ),
    Table(
        name="order_transaction_fees",
        type_name="TransactionFee",
        parent="order_transactions",
        path="fees",
        nesting="list",
        description="One row per fee that Shopify Payments kept of a payment; other gateways tell none.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the fee."),
            Column("type", "type", "text", "Kind of fee (processing_fee, …)."),
            Column("amount", "amount.amount", "decimal", "The fee in all."),
            Column("currency_code", "amount.currencyCode", "text", "Currency of the fee."),
            Column("tax_amount", "taxAmount.amount", "decimal", "Tax on the fee."),
            Column("flat_fee", "flatFee.amount", "decimal", "Part of it that is the same for every payment."),
            rate("rate", "rate", "Rate of the other part, as a share of one."),
            Column("rate_name", "rateName", "text", "Name of the rate."),
        ),
    ),
)

REFUND_TABLES = (
    Table(
        name="order_refunds",
        type_name="Refund",
        parent="orders",
        path="refunds",
        nesting="list",
        description="One row per refund of an order.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the refund."),
            Column("created_at", "createdAt", "timestamp", "When it was created (UTC)."),
            Column("processed_at", "processedAt", "timestamp", "When it was processed (UTC)."),
            Column("updated_at", "updatedAt", "timestamp", "When it last changed (UTC)."),
            Column("note", "note", "text", "Why, as typed; may name a person.", personal=True),
            *money("total_refunded", "totalRefundedSet", "Money given back"),
        ),
    ),
    Table(
        name="order_refund_lines",
        type_name="RefundLineItem",
        parent="order_refunds",
        path="refundLineItems",
        nesting="connection",
        key=(),
        possible_types=("RefundLineItem",),
        description="One row per line item that a refund takes back; its id may be null.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the refund line; may be null."),
            Column("line_item_id", "lineItem.id", "text", "The line item."),
            Column("quantity", "quantity", "integer", "Units taken back."),
            Column("restock_type", "restockType", "text", "What became of them: RETURN, CANCEL, NO_RESTOCK."),
            Column("restocked", "restocked", "boolean", "Whether they went back into stock."),
            Column(
                "location_id",
                "location.id",
                "text",
                "Location where they were restocked.",
                scope="read_locations",
            ),
            *money("price", "priceSet", "Price of one unit"),
            *money("subtotal", "subtotalSet", "What the units came to, discounts taken off"),
            *money("total_tax", "totalTaxSet", "Tax of the units"),
        ),
    ),
    Table(
        name="order_refund_shipping",
        type_name="RefundShippingLine",
        parent="order_refunds",
        path="refundShippingLines",
        nesting="connection",
        description="One row per shipping line of which a refund gives something back.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the refunded shipping line."),
            Column("shipping_line_id", "shippingLine.id", "text", "The shipping line; may be null."),
            *money("subtotal", "subtotalAmountSet", "What is given back of it"),
            *money("tax_amount", "taxAmountSet", "Tax of it"),
        ),
    ),
    Table(
        name="order_refund_duties",
        type_name="RefundDuty",
        parent="order_refunds",
        path="duties",
        nesting="list",
        key=("_parent_id", "position"),
        position="position",
        on_request=True,
        description="One row per duty of which a refund gives something back.",
        columns=(
            Column("duty_id", "originalDuty.id", "text", "The duty, in `order_line_duties`."),
            *money("amount", "amountSet", "What is given back of it"),
        ),
    ),
    Table(
        name="order_adjustments",
        type_name="OrderAdjustment",
        parent="order_refunds",
        path="orderAdjustments",
        nesting="connection",
        description="One row per named difference between what came back and what was repaid.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the adjustment."),
            Column(
                "reason", "reason", "text", "Why: REFUND_DISCREPANCY, PENDING_REFUND_DISCREPANCY and so on."
            ),
            *money("amount", "amountSet", "The difference; negative in the customer's favour"),
            *money("tax_amount", "taxAmountSet", "Tax of the difference"),
        ),
    ),
    Table(
        name="order_refund_transactions",
        type_name="OrderTransaction",
        parent="order_refunds",
        path="transactions",
        nesting="connection",
        key=("_parent_id", "id"),
        description="One row per refund and payment that it caused: the payment stands in `order_transactions`.",
        columns=(
            Column("id", "id", "text", "Shopify's id of the transaction."),
            Column("kind", "kind", "text", "REFUND, VOID and so on."),
            Column("status", "status", "text", "SUCCESS, PENDING, FAILURE and so on."),
            *money("amount", "amountSet", "Amount, always positive"),
        ),
    ),
)
