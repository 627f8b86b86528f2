"""The simulator's event log: every fact that the projections read, and nothing that they work out.

An event of an order carries what was decided when it happened: quantities, unit prices, which part of a
discount or tax fell on which line, what was paid. What follows from them (totals, signed sales, the daily
report) each projection works out for itself. Prices include tax if the order's `taxes_included` says so.

Units that leave a line (removed by an edit, refunded, returned) take their share of its discount and of each
of its taxes: after k of q units are gone, `half_up(amount * k / q)` of an amount is gone, and a movement is
the difference of two such states. A discount d becomes "before taxes" in a tax-inclusive order by taking
`half_up(d * r / (1 + r))` off, r being the sum of the line's tax rates; in a tax-exclusive order
`half_up(d * r)` added to it makes it "after taxes". Of a movement, both are differences of cumulative states too.

They stand in one file, although it is a long one: it is the vocabulary of one log, nearly all of it fields, and whoever
writes a projection looks from one event to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from shopstack.simulator.money import ZERO, Amount


class LineKind(StrEnum):
    """What a line item sells; the names are those of `SaleLineType`."""

    PRODUCT = "PRODUCT"
    GIFT_CARD = "GIFT_CARD"
    TIP = "TIP"


class ChargeKind(StrEnum):
    """What an order can be charged beside lines and shipping; UNKNOWN stands for types of future versions."""

    DUTY = "DUTY"
    ADDITIONAL_FEE = "ADDITIONAL_FEE"
    UNKNOWN = "UNKNOWN"


PaymentKind: TypeAlias = Literal["AUTHORIZATION", "CAPTURE", "SALE", "REFUND", "VOID"]
PaymentStatus: TypeAlias = Literal["SUCCESS", "PENDING", "FAILURE", "ERROR"]
Restock: TypeAlias = Literal["RETURN", "CANCEL", "NO_RESTOCK"]
AdjustmentReason: TypeAlias = Literal["REFUND_DISCREPANCY", "PENDING_REFUND_DISCREPANCY"]
StockState: TypeAlias = Literal[
    "available", "committed", "reserved", "damaged", "quality_control", "safety_stock", "incoming"
]
CancelReason: TypeAlias = Literal["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "STAFF", "OTHER"]


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax line: its rate in millionths and what it comes to."""

    title: str
    rate: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class Discount:
    """One discount application; `percentage` in millionths, or a fixed `amount`."""

    kind: Literal["CODE", "AUTOMATIC", "MANUAL"]
    title: str
    percentage: int | None = None
    amount: Amount = ZERO
    target: Literal["LINE_ITEM", "SHIPPING_LINE"] = "LINE_ITEM"
    method: Literal["ACROSS", "EACH", "ONE"] = "ACROSS"
    selection: Literal["ALL", "ENTITLED", "EXPLICIT"] = "ALL"


CardKey: TypeAlias = tuple[int, int, int]
"""A gift card: the order and the line that sold it, and its number among that line's; order 0: the merchant's gifts."""
Allocation: TypeAlias = tuple[int, Amount]
"""Index of a discount application, and the part of it that falls on the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line item as sold; `number` is unique within the order."""

    number: int
    title: str
    quantity: int
    price: Amount
    kind: LineKind = LineKind.PRODUCT
    product: int | None = None
    variant: int | None = None
    variant_title: str | None = None
    sku: str | None = None
    vendor: str | None = None
    discounts: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()
    requires_shipping: bool = True


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """A shipping charge of an order."""

    number: int
    title: str
    price: Amount
    code: str = "standard"
    discounts: tuple[Allocation, ...] = ()
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class Charge:
    """A duty (of one line), an additional fee, or a charge of a type that nobody knows yet."""

    number: int
    kind: ChargeKind
    title: str
    amount: Amount
    taxes: tuple[Tax, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One movement of money; `parent` is the number of the payment that it follows."""

    number: int
    kind: PaymentKind
    amount: Amount
    gateway: str = "shopify_payments"
    status: PaymentStatus = "SUCCESS"
    parent: int | None = None
    card: CardKey | None = None
    """The gift card that pays, where its balance is kept."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address as typed."""

    city: str | None
    province: str | None
    province_code: str | None
    country: str
    country_code: str
    zip: str | None = None
    address1: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address2: str | None = None
    company: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to the online store that led to an order; addresses as the browser sent them."""

    at: datetime
    source: str
    source_type: str | None = None
    landing_page: str | None = None
    referrer: str | None = None
    campaign: str | None = None
    """Name of the campaign that the landing page's UTM parameters tell; its source and medium are `source`'s."""


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Units of a line that come back."""

    line: int
    quantity: int
    restock: Restock = "RETURN"


@dataclass(frozen=True, slots=True)
class ShippingRefund:
    """Part of a shipping line that is given back; `taxes` follow the shipping line's tax lines."""

    shipping_line: int
    amount: Amount
    taxes: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A named difference between what came back and what was repaid; negative in the customer's favour."""

    number: int
    amount: Amount
    reason: AdjustmentReason = "REFUND_DISCREPANCY"


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """A discount given on a line after it was sold: what is taken off, and how each of its taxes falls."""

    line: int
    allocation: Allocation
    taxes: tuple[Amount, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnFee:
    """A fee kept from a return: for its shipping, or for taking a line back into stock."""

    number: int
    amount: Amount
    taxes: tuple[Tax, ...] = ()
    line: int | None = None
    percentage: int = 0
    """Of what the line is worth, in millionths; of a restocking fee alone."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of a product; prices in the shop currency's smallest unit."""

    number: int
    title: str
    sku: str | None
    price: int
    unit_cost: int | None = None
    compare_at: int | None = None
    inventory: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """A product as created."""

    number: int
    title: str
    vendor: str
    product_type: str
    variants: tuple[Variant, ...]
    tags: tuple[str, ...] = ()
    option: str = "Size"
    gift_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happening:
    at: datetime
    """When it happened: aware, UTC, whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OrderHappening(_Happening):
    order: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationOpened(_Happening):
    """The shop opened a place of its own."""

    location: int
    name: str
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(_Happening):
    """A product went on sale."""

    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted(_Happening):
    """A product was deleted; lines that sold it keep title and SKU and lose the link."""

    product: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChanged(_Happening):
    """A variant has another price from now on."""

    variant: int
    price: int
    compare_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostChanged(_Happening):
    """One of a variant costs the shop another amount from now on; None: nobody knows any more."""

    variant: int
    unit_cost: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(_Happening):
    """Units came, went or changed their state without an order: a delivery, a count, a breakage."""

    variant: int
    location: int
    moves: tuple[tuple[StockState, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCreated(_Happening):
    """Somebody became a customer."""

    customer: int
    first_name: str | None
    last_name: str | None
    email: str | None
    address: Address | None = None
    tags: tuple[str, ...] = ()
    account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersMerged(_Happening):
    """Two customers proved to be one: `merged` disappears, `kept` gets the orders."""

    kept: int
    merged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(_OrderHappening):
    """An order was placed. `currency` is the presentment currency."""

    name: str
    currency: str
    taxes_included: bool
    lines: tuple[Line, ...]
    shipping_lines: tuple[ShippingLine, ...] = ()
    charges: tuple[Charge, ...] = ()
    discounts: tuple[Discount, ...] = ()
    payments: tuple[Payment, ...] = ()
    customer: int | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    location: int | None = None
    channel: Literal["web", "pos", "shopify_draft_order"] = "web"
    email: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    visits: tuple[Visit, ...] = ()
    """Visits that led to it, oldest first."""
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdited(_OrderHappening):
    """Lines were added, units removed, or a discount given on lines that are still whole."""

    added: tuple[Line, ...] = ()
    removed: tuple[RefundLine, ...] = ()
    discounts: tuple[Discount, ...] = ()
    discounted: tuple[LineDiscount, ...] = ()
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMade(_OrderHappening):
    """Money moved by itself: a capture, a late payment, a void."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundCreated(_OrderHappening):
    """Lines, shipping or mere money went back."""

    number: int
    lines: tuple[RefundLine, ...] = ()
    shipping: tuple[ShippingRefund, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    payments: tuple[Payment, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSettled(_OrderHappening):
    """A pending payment of a refund came through; the adjustments undo those that named it pending."""

    refund: int
    payment: int
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested(_OrderHappening):
    """A return was opened, or asked for by the customer; nothing has come back yet."""

    number: int
    lines: tuple[RefundLine, ...]
    exchanged: tuple[Line, ...] = ()
    """What is to go out instead; it is no line of the order before the return is processed."""
    by_customer: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnProcessed(_OrderHappening):
    """A return came in: units back, exchange lines out, fees kept, and money either way.

    `refund` numbers the refund that records the units and the payments of kind REFUND.
    """

    number: int
    lines: tuple[RefundLine, ...]
    exchanged: tuple[Line, ...] = ()
    fees: tuple[ReturnFee, ...] = ()
    payments: tuple[Payment, ...] = ()
    refund: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(_OrderHappening):
    """The order was cancelled; what it gave back stands in a refund of its own."""

    reason: CancelReason


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFulfilled(_OrderHappening):
    """Everything that needs shipping was shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeleted(_OrderHappening):
    """The order was deleted; no API shows it any more."""


OrderEvent: TypeAlias = (
    OrderPlaced
    | OrderEdited
    | PaymentMade
    | RefundCreated
    | RefundSettled
    | ReturnRequested
    | ReturnProcessed
    | OrderCancelled
    | OrderFulfilled
    | OrderDeleted
)
ShopEvent: TypeAlias = (
    LocationOpened
    | ProductCreated
    | ProductDeleted
    | PriceChanged
    | CostChanged
    | StockAdjusted
    | CustomerCreated
    | CustomersMerged
)
Event: TypeAlias = OrderEvent | ShopEvent
