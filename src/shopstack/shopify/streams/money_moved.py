"""Streams about money outside orders: what customers paid by, what Shopify Payments holds and pays out."""

from __future__ import annotations

from datetime import timedelta

from shopstack.tables import Column, Stream, Table

PAYMENTS_SCOPES = ("read_shopify_payments_accounts", "read_shopify_payments_payouts")
NO_ACCOUNT = "the shop does not use Shopify Payments"

TENDER_TRANSACTIONS = Stream(
    name="tender_transactions",
    description="Money that moved between customers and the shop, whatever it was paid by. Never changes once it is there.",
    root_field="tenderTransactions",
    scopes=("read_orders",),
    required=False,
    on_request=True,
    cursor="processed_at",
    sorts_by_id=False,
    sorts_by_cursor=False,
    settles=timedelta(days=2),
    sees_orders="by reference",
    lasting=True,
    tables=(
        Table(
            name="tender_transactions",
            type_name="TenderTransaction",
            description="One row per movement of money between a customer and the shop.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the movement."),
                Column("order_id", "order.id", "text", "The order; null once it is deleted.", order=True),
                Column(
                    "customer_id",
                    "order.customer.id",
                    "text",
                    "The order's customer.",
                    personal=True,
                    scope="read_customers",
                    customer=True,
                ),
                Column("amount", "amount.amount", "decimal", "What was paid; negative when it was refunded."),
                Column("currency_code", "amount.currencyCode", "text", "Currency of that amount."),
                Column(
                    "payment_method", "paymentMethod", "text", "What it was paid by (credit_card, cash, …)."
                ),
                Column("processed_at", "processedAt", "timestamp", "When it was processed (UTC)."),
                Column("remote_reference", "remoteReference", "text", "The gateway's own reference."),
                Column("test", "test", "boolean", "Whether it moved no real money."),
                Column(
                    "card_company",
                    "transactionDetails.creditCardCompany",
                    "text",
                    "Company of the card.",
                    on=("TenderTransactionCreditCardDetails",),
                ),
                Column(
                    "card_number",
                    "transactionDetails.creditCardNumber",
                    "text",
                    "Last digits of the card.",
                    on=("TenderTransactionCreditCardDetails",),
                    personal=True,
                ),
            ),
        ),
    ),
)


def _summary(name: str, path: str, what: str) -> Column:
    return Column(name, f"summary.{path}.amount", "decimal", f"{what} (currency of the payout).")


PAYOUTS = Stream(
    name="payouts",
    description="What Shopify Payments paid out to the shop's bank, or took from it. A payout changes its state for "
    "days: the last 90 days are read every time, everything once a week.",
    root_field="shopifyPaymentsAccount.payouts",
    scopes=PAYMENTS_SCOPES,
    required=False,
    figures=("payouts and what is on its way to the bank",),
    cursor="issued_at",
    settles=timedelta(days=90),
    reread=timedelta(days=7),
    lasting=True,
    absent=NO_ACCOUNT,
    tables=(
        Table(
            name="payouts",
            type_name="ShopifyPaymentsPayout",
            description="One row per payout of Shopify Payments.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the payout."),
                Column("status", "status", "text", "SCHEDULED, IN_TRANSIT, PAID, FAILED or CANCELED."),
                Column("transaction_type", "transactionType", "text", "DEPOSIT to the bank or WITHDRAWAL."),
                Column("issued_at", "issuedAt", "timestamp", "When it was issued (UTC)."),
                Column("net", "net.amount", "decimal", "What reaches the bank (currency of the payout)."),
                Column("currency_code", "net.currencyCode", "text", "Currency of the payout."),
                Column("trace_id", "externalTraceId", "text", "The bank's own reference."),
                _summary("charges_gross", "chargesGross", "Payments in it, before fees"),
                _summary("charges_fee", "chargesFee", "Fees of these payments"),
                _summary("refunds_gross", "refundsFeeGross", "Refunds in it"),
                _summary("refunds_fee", "refundsFee", "Fees of these refunds"),
                _summary("adjustments_gross", "adjustmentsGross", "Adjustments in it, disputes included"),
                _summary("adjustments_fee", "adjustmentsFee", "Fees of these adjustments"),
                _summary("reserved_funds_gross", "reservedFundsGross", "Funds held back or released"),
                _summary("reserved_funds_fee", "reservedFundsFee", "Fees of these"),
            ),
        ),
    ),
)

BALANCE_TRANSACTIONS = Stream(
    name="balance_transactions",
    description="Every movement of the shop's Shopify Payments balance, with its fee and its payout, which it gets "
    "days later: the last 45 days are read every time, everything once a week.",
    root_field="shopifyPaymentsAccount.balanceTransactions",
    scopes=PAYMENTS_SCOPES,
    required=False,
    figures=("what each payout is made of",),
    cursor="processed_at",
    settles=timedelta(days=45),
    reread=timedelta(days=7),
    lasting=True,
    absent=NO_ACCOUNT,
    tables=(
        Table(
            name="balance_transactions",
            type_name="ShopifyPaymentsBalanceTransaction",
            description="One row per movement of the Shopify Payments balance; a payout is one too, of type TRANSFER.",
            columns=(
                Column("id", "id", "text", "Shopify's id of the movement."),
                Column("type", "type", "text", "CHARGE, REFUND, ADJUSTMENT, TRANSFER and so on."),
                Column("amount", "amount.amount", "decimal", "What moved, before the fee."),
                Column("fee", "fee.amount", "decimal", "What Shopify keeps of it."),
                Column("net", "net.amount", "decimal", "What the balance grew by."),
                Column("currency_code", "net.currencyCode", "text", "Currency of these amounts."),
                Column("processed_at", "transactionDate", "timestamp", "When it was processed (UTC)."),
                Column("order_id", "associatedOrder.id", "text", "The order, if there is one."),
                Column("source_type", "sourceType", "text", "Kind of what it comes from."),
                Column("source_id", "sourceId", "text", "Number of what it comes from."),
                Column(
                    "source_order_transaction_id",
                    "sourceOrderTransactionId",
                    "text",
                    "Number of the order's payment that it comes from.",
                ),
                Column("payout_id", "associatedPayout.id", "text", "Its payout; null until it has one."),
                Column("payout_status", "associatedPayout.status", "text", "State of its payout."),
                Column("adjustment_reason", "adjustmentReason", "text", "Why the balance was adjusted."),
                Column("test", "test", "boolean", "Whether it moved no real money."),
            ),
        ),
    ),
)
