"""From what was sold to what reached the bank, and what it cost: April to June 2026 of two shops; 30 June is today.

Treats sells in US dollars and reads its Shopify Payments account; Paws sells in yen and reads its payouts alone; Tails
sells in euros and has not read its account since April. The tests in `test_money` name the figures.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.contract.transformation.raw_shop import SHOP, Order, RawShop, gid

PAWS = "paws.myshopify.com"
TAILS = "tails.myshopify.com"
CONFIGURATION = "".join(f'[[shop]]\naddress = "{shop}"\n\n' for shop in (SHOP, PAWS, TAILS))
READ_UP_TO = "2026-06-30 12:00:00"
CARD = "shopify_payments"

FILLED_IN = {
    "product_costs": "shop;sku;from_date;cost\ntreats;BONE;2026-05-01;12,00\ntreats;B0NE;2026-05-01;1\npaws;BONE;2026-01-01;300\n",
    "ad_spend": (
        "shop,date,channel,amount\ntreats,2026-04-01,Google,30\ntreats,2026-04-30,Meta,10\npaws,2026-05-31,Google,0\n"
    ),
    "shipping_costs": (
        "shop,order_name,from_date,to_date,amount\ntreats,#1001,,,4.50\ntreats,,2026-05-01,2026-05-31,7\n"
        "treats,#9999,,,1\n"
    ),
    "fixed_costs": "shop,month,name,amount\ntreats,2026-04,Rent,900\ntreats,2026-04,Tools,50\npaws,2026-05,Rent,10000\n",
}
"""What the merchant wrote, as spreadsheets of two languages write it; order #9999 and the SKU B0NE there are not."""


def fill_in(transformation: Path) -> None:
    """The merchant's own tables."""
    for name, content in FILLED_IN.items():
        (transformation / "seeds" / f"{name}.csv").write_text(content, encoding="utf-8")


def write(raw: RawShop) -> None:
    """All three shops."""
    raw.read_up_to(READ_UP_TO)
    _read_account(raw, "payouts", "balance_transactions")
    for case in (costs, april, may, june, payouts, paws, tails):
        case(raw)


def costs(raw: RawShop) -> None:
    """A bone was seen to cost 10 before any was sold, a leash to cost 6 only after it was."""
    for number, sku, seen_at, cost in (
        (1, "BONE", "2026-04-05", Decimal(10)),
        (2, "LEASH", "2026-04-01", None),
    ):
        product, variant = gid("Product", number), gid("ProductVariant", number)
        raw.insert("products", id=product, title=sku, status="ACTIVE")
        raw.insert("product_variants", id=variant, sku=sku, _root_id=product)
        item = gid("InventoryItem", number)
        raw.observe(
            "product_variants",
            f"{seen_at} 12:00:00",
            id=variant,
            _root_id=product,
            inventory_item_id=item,
            sku=sku,
            unit_cost=cost,
        )
    leash = gid("InventoryItem", 2)
    raw.observe("inventory_items", "2026-05-05 12:00:00", id=leash, sku="LEASH", unit_cost=Decimal(6))


def april(raw: RawShop) -> None:
    """Paid at once, by gift card and cash, not before May, and in the last hour of the month."""
    raw.insert("customers", id=gid("Customer", 7), number_of_orders=1)
    all_kinds = raw.order("2026-04-10 18:00:00", original="170", current="116", paid="116", customer=7)
    bones = _line(all_kinds, "BONE", quantity=2)
    sold = all_kinds.agreement("ORDER", "2026-04-10 18:00:00")
    sold.sale("PRODUCT", "108", tax="8", quantity=2, line_id=bones).sale("SHIPPING", "9")
    sold.sale("TIP", "3").sale("GIFT_CARD", "50")
    all_kinds.transaction("AUTHORIZATION", "170", gateway=CARD)
    _paid(all_kinds, "CAPTURE", "170", "2026-04-11 18:00:00", fee="5.23", payout=1)
    back = all_kinds.agreement("REFUND", "2026-05-10 18:00:00")
    back.sale("PRODUCT", "-54", action="RETURN", tax="-4", quantity=-1, line_id=bones)
    _paid(all_kinds, "REFUND", "54", "2026-05-10 18:00:00", payout=3)

    split = _sold(
        raw, "2026-04-20 18:00:00", "40", sku="LEASH", current="0", paid="0", back_at="2026-05-31 18:00:00"
    )
    split.transaction("SALE", "25", gateway="gift_card").transaction("SALE", "15", gateway="cash")
    split.transaction("REFUND", "15", gateway="cash", at="2026-06-02 18:00:00")
    split.transaction("REFUND", "25", gateway="gift_card", at="2026-06-02 18:00:00")

    late = _sold(raw, "2026-04-29 18:00:00", "60", sku="BONE")
    _paid(late, "SALE", "60", "2026-05-03 18:00:00", fee="2.04", payout=2)

    last_hour = _sold(raw, "2026-05-01 06:30:00", "20", sku="BONE")
    _paid(
        last_hour, "SALE", "20", "2026-05-01 06:30:00", booked_at="2026-05-01 07:30:00", fee="0.88", payout=2
    )


def may(raw: RawShop) -> None:
    """Another gateway, a cent too much, a payout that fails; a dispute, and a payment of a deleted order."""
    _sold(raw, "2026-05-15 18:00:00", "30").transaction("SALE", "30", gateway="paypal")
    cent = _sold(raw, "2026-05-20 18:00:00", "10.01", sku="BONE", current="10.00", paid="10")
    _paid(cent, "SALE", "10", "2026-05-20 18:00:00", fee="0.59", payout=3)
    large = _sold(raw, "2026-05-25 18:00:00", "200", sku="BONE", quantity=5)
    _paid(large, "SALE", "200", "2026-05-25 18:00:00", fee="6.10", payout=3)
    failed = _sold(raw, "2026-05-26 18:00:00", "5", sku="BONE")
    _paid(failed, "SALE", "5", "2026-05-26 18:00:00", fee="0.45", payout=4)
    _booked(raw, "ADJUSTMENT", "-10", "15", "2026-05-21 18:00:00", payout=3)
    _booked(
        raw, "CHARGE", "12", "0.65", "2026-05-22 18:00:00", payout=3, order=gid("Order", 77), source="77001"
    )


def june(raw: RawShop) -> None:
    """Authorised and no more; younger than what was read of the balance; settled in euros."""
    _sold(raw, "2026-06-29 18:00:00", "70", paid="0").transaction("AUTHORIZATION", "70", gateway=CARD)
    young = _sold(raw, "2026-06-30 13:00:00", "33")
    young.transaction("SALE", "33", gateway=CARD)
    abroad = _sold(raw, "2026-06-15 18:00:00", "44")
    _paid(abroad, "SALE", "44", "2026-06-15 18:00:00", booked="40", fee="1", currency="EUR", payout=6)


def payouts(raw: RawShop) -> None:
    """The third is 6 cents less than its movements; the fourth failed; a test payment and the transfers count for nothing."""
    for number, issued_at, net, status, currency in (
        (1, "2026-04-15 18:00:00", "164.77", "PAID", "USD"),
        (2, "2026-05-06 18:00:00", "77.08", "PAID", "USD"),
        (3, "2026-06-02 18:00:00", "135.60", "IN_TRANSIT", "USD"),
        (4, "2026-05-28 18:00:00", "4.55", "FAILED", "USD"),
        (6, "2026-06-18 18:00:00", "39", "PAID", "EUR"),
    ):
        _paid_out(raw, number, issued_at, net, status=status, currency=currency)
        _booked(raw, "TRANSFER", f"-{net}", "0", issued_at, payout=number, currency=currency)
    _booked(raw, "CHARGE", "999", "9", "2026-05-22 18:00:00", test=True)
    _booked(raw, "RESERVED_FUNDS", "-8", "0", "2026-06-30 11:00:00")


def paws(raw: RawShop) -> None:
    """Yen, a card, and a payout whose movements are not read."""
    _open(raw, PAWS, 2, "JPY", "Asia/Tokyo")
    raw.insert("products", id=gid("Product", 1), title="BONE", status="ACTIVE")
    order = _sold(raw, "2026-05-31 14:00:00", "5500", sku="BONE", tax="500", quantity=2, currency="JPY")
    order.transaction("SALE", "5500", gateway=CARD, fees=("187",))
    raw.connection.execute(
        "update shopify.order_transaction_fees set currency_code = 'JPY' where amount = 187"
    )
    _read_account(raw, "payouts")
    _paid_out(raw, 9, "2026-05-31 14:30:00", "5313", status="PAID", currency="JPY")


def tails(raw: RawShop) -> None:
    """Euros by card, in April while the account was read, and in May when it no longer was and one fee was not told."""
    _open(raw, TAILS, 3, "EUR", "Europe/Paris")
    _read_account(raw, "payouts", "balance_transactions", up_to="2026-04-30 12:00:00")
    early = _sold(raw, "2026-04-03 10:00:00", "12", currency="EUR")
    _paid(early, "SALE", "12", "2026-04-03 10:00:00", fee="1", currency="EUR", payout=11)
    _paid_out(raw, 11, "2026-04-08 10:00:00", "11", status="PAID", currency="EUR")
    late = _sold(raw, "2026-05-03 10:00:00", "20", currency="EUR")
    late.transaction("SALE", "12", gateway=CARD)
    late.transaction("SALE", "8", gateway=CARD, fees=("0.31",))
    raw.connection.execute(
        "update shopify.order_transaction_fees set currency_code = 'EUR' where amount = 0.31"
    )


def _open(raw: RawShop, shop: str, number: int, currency: str, timezone: str) -> None:
    """One more shop; what is written from now on is its own."""
    raw.shop = shop
    raw.connection.execute("insert into _shopstack.shops values (?, ?, '2026-06-30 11:00:00')", [shop, shop])
    raw.insert(
        "shops",
        id=gid("Shop", number),
        name=shop.partition(".")[0],
        myshopify_domain=shop,
        currency_code=currency,
        iana_timezone=timezone,
        taxes_included=True,
    )
    raw.read_up_to(READ_UP_TO)


def _read_account(raw: RawShop, *streams: str, up_to: str = READ_UP_TO) -> None:
    """The engine's note that these streams were read."""
    for stream in streams:
        raw.connection.execute(
            "insert into _shopstack.cursors values (?, ?, ?, 1)", [raw.shop, stream, up_to]
        )
        raw.connection.execute(
            "insert into _shopstack.streams values (?, ?, 'loaded', null, null, null, null, ?)",
            [raw.shop, stream, up_to],
        )


def _paid_out(raw: RawShop, number: int, issued_at: str, net: str, *, status: str, currency: str) -> None:
    """A payout."""
    raw.insert(
        "payouts",
        id=gid("ShopifyPaymentsPayout", number),
        status=status,
        transaction_type="DEPOSIT",
        currency_code=currency,
        net=Decimal(net),
        issued_at=issued_at,
    )


def _sold(
    raw: RawShop,
    at: str,
    total: str,
    *,
    sku: str | None = None,
    tax: str = "0",
    quantity: int = 1,
    current: str | None = None,
    paid: str | None = None,
    back_at: str | None = None,
    currency: str = "USD",
) -> Order:
    """An order of one line, sold and perhaps taken back."""
    order = raw.order(
        at,
        original=total,
        current=current or total,
        paid=paid or total,
        currency_code=currency,
        presentment_currency_code=currency,
    )
    line = _line(order, sku, quantity=quantity)
    order.agreement("ORDER", at).sale("PRODUCT", total, tax=tax, quantity=quantity, line_id=line)
    if back_at:
        order.agreement("RETURN", back_at).sale(
            "PRODUCT", f"-{total}", action="RETURN", quantity=-quantity, line_id=line
        )
    return order


def _line(order: Order, sku: str | None, *, quantity: int = 1) -> str:
    """A line that knows its variant."""
    numbers = {"BONE": 1, "LEASH": 2}
    line = order.line(sku or "Something", quantity=quantity, sku=sku)
    if sku:
        order.raw.connection.execute(
            "update shopify.order_lines set variant_id = ?, product_id = ? where id = ?",
            [gid("ProductVariant", numbers[sku]), gid("Product", numbers[sku]), line],
        )
    return line


def _paid(
    order: Order,
    kind: str,
    amount: str,
    at: str,
    *,
    payout: int,
    fee: str = "0",
    booked: str | None = None,
    booked_at: str | None = None,
    currency: str = "USD",
) -> None:
    """A payment by Shopify Payments, and what the balance has of it."""
    told = (fee,) if fee != "0" and currency == "USD" else ()
    order.transaction(kind, amount, gateway=CARD, at=at, fees=told)
    ((transaction,),) = order.raw.connection.execute(
        "select max(id) from shopify.order_transactions"
    ).fetchall()
    back = kind == "REFUND"
    _booked(
        order.raw,
        "REFUND" if back else "CHARGE",
        f"-{amount}" if back else booked or amount,
        fee,
        booked_at or at,
        payout=payout,
        order=order.id,
        source=transaction.rpartition("/")[2],
        currency=currency,
    )


def _booked(
    raw: RawShop,
    kind: str,
    amount: str,
    fee: str,
    at: str,
    *,
    payout: int | None = None,
    order: str | None = None,
    source: str | None = None,
    currency: str = "USD",
    test: bool = False,
) -> None:
    """A movement of the balance."""
    raw.insert(
        "balance_transactions",
        id=raw.next_id("ShopifyPaymentsBalanceTransaction"),
        type=kind,
        amount=Decimal(amount),
        fee=Decimal(fee),
        net=Decimal(amount) - Decimal(fee),
        currency_code=currency,
        processed_at=at,
        order_id=order,
        source_order_transaction_id=source,
        payout_id=None if payout is None else gid("ShopifyPaymentsPayout", payout),
        test=test,
    )
