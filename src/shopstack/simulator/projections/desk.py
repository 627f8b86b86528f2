"""Documents of what the desk keeps: discounts, gift cards, draft orders and abandoned checkouts.

Made when they are asked for, since a discount's status depends on the time. Field names are listed in `served`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shopstack.simulator.checkout import total_of
from shopstack.simulator.desk import Card, Desk, Discount, Held
from shopstack.simulator.events import CardKey, Line, LineKind
from shopstack.simulator.ids import gid, number_of, sequence_of, typename_of
from shopstack.simulator.log import EventLog
from shopstack.simulator.money import PPM, ZERO, Amount, half_up
from shopstack.simulator.projections.addresses import mailing_address
from shopstack.simulator.projections.printing import Printer

_LINES = 1_000
"""More lines than a draft or a checkout has."""


class DeskDocuments:
    """The desk's objects as the Admin API shows them."""

    def __init__(self, desk: Desk, log: EventLog, printer: Printer) -> None:
        self._desk = desk
        self._log = log
        self._printer = printer
        self._cards: dict[int, CardKey] = {}

    def ids(self, typename: str) -> list[str]:
        """The gids of a type, in ascending order."""
        kept: Mapping[str, Any] = {
            "DiscountNode": self._desk.discounts,
            "GiftCard": [card.number for card in self._desk.cards.values()],
            "DraftOrder": self._desk.drafts,
            "AbandonedCheckout": self._desk.checkouts,
        }
        return [gid(typename, number) for number in sorted(kept[typename])]

    def document(self, gid_: str, now: datetime) -> dict[str, Any] | None:
        """One object by its gid, as it is at that time; None when there is none."""
        number = sequence_of(gid_)
        if number is None:
            return None
        match typename_of(gid_):
            case "DiscountNode":
                discount = self._desk.discounts.get(number)
                return None if discount is None else self._discount(discount, now)
            case "GiftCard":
                card = self._card_of(number)
                return None if card is None else self._card(card)
            case "DraftOrder":
                draft = self._desk.drafts.get(number)
                return None if draft is None else self._draft(draft)
        checkout = self._desk.checkouts.get(number)
        return None if checkout is None else self._checkout(checkout)

    def _card_of(self, number: int) -> Card | None:
        if len(self._cards) != len(self._desk.cards):
            self._cards = {card.number: key for key, card in self._desk.cards.items()}
        key = self._cards.get(number)
        return None if key is None else self._desk.cards[key]

    # Discounts

    def _discount(self, kept: Discount, now: datetime) -> dict[str, Any]:
        set_up, time = kept.set_up, self._printer.time
        ended = set_up.ends_at is not None and set_up.ends_at <= now
        shown: dict[str, Any] = {
            "__typename": f"Discount{set_up.kind}{set_up.gives}",
            "title": set_up.title,
            "status": "EXPIRED" if ended else "ACTIVE" if set_up.starts_at <= now else "SCHEDULED",
            "startsAt": time(set_up.starts_at),
            "endsAt": time(set_up.ends_at) if set_up.ends_at else None,
            "createdAt": time(kept.created),
            "updatedAt": time(kept.changed),
            "discountClasses": list(set_up.classes),
        }
        if set_up.gives != "App":
            shown["summary"] = _summary(set_up.gives, set_up.percentage)
        if set_up.gives in ("Basic", "Bxgy"):
            shown["customerGets"] = {"value": self._value(kept)}
        if (set_up.kind, set_up.gives) == ("Automatic", "Bxgy"):  # the one that is a node itself
            shown["id"] = (
                f"gid://shopify/DiscountAutomaticBxgy/{number_of(gid('DiscountNode', set_up.number))}"
            )
        if set_up.kind == "Automatic":
            shown["asyncUsageCount"] = self._desk.used["AUTOMATIC", set_up.title]
        else:
            codes = [
                {
                    "id": gid("DiscountRedeemCode", number),
                    "code": code,
                    "asyncUsageCount": self._desk.used["CODE", code],
                }
                for code, number in kept.codes.items()
            ]
            shown |= {
                "asyncUsageCount": sum(self._desk.used["CODE", code] for code in kept.codes),
                "usageLimit": set_up.usage_limit,
                "appliesOncePerCustomer": set_up.once_per_customer,
                "codesCount": {"count": len(codes), "precision": "EXACT"},
                "codes": codes,
            }
        return {"id": gid("DiscountNode", set_up.number), "discount": shown}

    def _value(self, kept: Discount) -> dict[str, Any]:
        set_up = kept.set_up
        effect: dict[str, Any] = (
            {
                "__typename": "DiscountAmount",
                "amount": self._printer.money(set_up.amount),
                "appliesOnEachItem": False,
            }
            if set_up.percentage is None
            else {"__typename": "DiscountPercentage", "percentage": set_up.percentage / PPM}
        )
        if set_up.gives == "Basic":
            return effect
        return {"__typename": "DiscountOnQuantity", "effect": effect, "quantity": {"quantity": "1"}}

    # Gift cards

    def _card(self, card: Card) -> dict[str, Any]:
        time = self._printer.time
        sold = card.order is not None and card.order not in self._desk.deleted_orders
        holder = self._customer(card.customer)
        last = f"{card.number * 7919 % 10_000:04d}"
        return {
            "id": gid("GiftCard", card.number),
            "initialValue": self._printer.money(card.value),
            "balance": self._printer.money(card.balance),
            "enabled": card.disabled is None,
            "createdAt": time(card.issued),
            "updatedAt": time(card.changed),
            "deactivatedAt": time(card.disabled) if card.disabled else None,
            "expiresOn": card.expires_on.isoformat() if card.expires_on else None,
            "lastCharacters": last,
            "maskedCode": f"•••• •••• •••• {last}",
            "order": {"__ref": gid("Order", card.order)} if sold and card.order is not None else None,
            "customer": holder,
            "recipientAttributes": {
                "recipient": holder,
                "preferredName": card.recipient_name,
                "message": card.message,
                "sendNotificationAt": None,
            }
            if holder and card.recipient_name
            else None,
            "note": card.note,
        }

    def _customer(self, customer: int | None) -> dict[str, str] | None:
        return None if customer is None else {"__ref": gid("Customer", customer)}

    # Baskets

    def _basket(self, held: Held, typename: str) -> dict[str, Any]:
        """What drafts and checkouts show alike."""
        basket, bag = held.basket, self._bag(held)
        id_ = gid(typename, basket.number)
        original, off = ZERO, ZERO
        for line in basket.lines:
            original += Amount(*(line.quantity * side for side in line.price))
            off += _off(line)
        taxes = [one for line in basket.lines for one in line.taxes]
        taxes += [one for shipping in basket.shipping_lines for one in shipping.taxes]
        tax = sum((one.amount for one in taxes), ZERO)
        total = total_of(basket.lines, basket.shipping_lines, included=basket.taxes_included)
        return {
            "id": id_,
            "createdAt": self._printer.time(basket.at),
            "updatedAt": self._printer.time(held.changed),
            "completedAt": self._printer.time(held.completed) if held.completed else None,
            "customer": self._customer(held.customer),
            "taxesIncluded": basket.taxes_included,
            "shippingAddress": mailing_address(basket.shipping_address, number_of(id_) * 10 + 1),
            "billingAddress": mailing_address(basket.billing_address, number_of(id_) * 10 + 2),
            "totalLineItemsPriceSet": bag(original),
            "subtotalPriceSet": bag(original - off),
            "totalTaxSet": bag(tax),
            "totalPriceSet": bag(total),
            "taxLines": [
                self._printer.tax_line(one.title, one.rate, one.amount, basket.currency) for one in taxes
            ],
        }

    def _bag(self, held: Held) -> Callable[[Amount], Any]:
        return lambda amount: self._printer.bag(amount.shop, amount.presentment, held.basket.currency)

    def _draft(self, held: Held) -> dict[str, Any]:
        basket, bag = held.basket, self._bag(held)
        shown = self._basket(held, "DraftOrder")
        carriage = sum(
            (one.price - sum((off for _, off in one.discounts), ZERO) for one in basket.shipping_lines), ZERO
        )
        taken = held.order is not None and held.order not in self._desk.deleted_orders
        status = "COMPLETED" if held.completed else "INVOICE_SENT" if held.invoiced else "OPEN"
        return {
            **shown,
            "legacyResourceId": str(number_of(shown["id"])),
            "name": f"#D{basket.number}",
            "status": status,
            "invoiceSentAt": self._printer.time(held.invoiced) if held.invoiced else None,
            "order": {"__ref": gid("Order", held.order)} if taken and held.order is not None else None,
            "tags": list(basket.tags),
            "currencyCode": self._printer.currency,
            "presentmentCurrencyCode": basket.currency,
            "totalDiscountsSet": bag(sum((_off(line) for line in basket.lines), ZERO)),
            "totalShippingPriceSet": bag(carriage),
            "totalQuantityOfLineItems": sum(line.quantity for line in basket.lines),
            "email": basket.email,
            "phone": None,
            "note2": basket.note,
            "lineItems": [self._draft_line(held, line, n) for n, line in enumerate(basket.lines, 1)],
        }

    def _goods(self, line: Line) -> dict[str, Any]:
        """What a line sells; a product that was deleted is shown no more."""
        listed = line.product in self._log.listed
        return {
            "title": line.title,
            "variantTitle": line.variant_title,
            "sku": line.sku,
            "quantity": line.quantity,
            "product": {"__ref": gid("Product", line.product)} if listed and line.product else None,
            "variant": {"__ref": gid("ProductVariant", line.variant)} if listed and line.variant else None,
        }

    def _draft_line(self, held: Held, line: Line, place: int) -> dict[str, Any]:
        bag, off = self._bag(held), _off(line)
        whole = Amount(*(line.quantity * side for side in line.price))
        left = whole - off
        return {
            "id": f"gid://shopify/DraftOrderLineItem/{_line_number(held, place, 'DraftOrder')}",
            **self._goods(line),
            "name": line.title if line.variant_title is None else f"{line.title} - {line.variant_title}",
            "uuid": f"draft-{held.basket.number}-{place}",
            "vendor": line.vendor,
            "custom": line.product is None,
            "isGiftCard": line.kind is LineKind.GIFT_CARD,
            "requiresShipping": line.requires_shipping,
            "taxable": bool(line.taxes),
            "originalUnitPriceSet": bag(line.price),
            "originalTotalSet": bag(whole),
            "totalDiscountSet": bag(off),
            "discountedTotalSet": bag(left),
            "approximateDiscountedUnitPriceSet": bag(_each(left, line.quantity)),
        }

    def _checkout(self, held: Held) -> dict[str, Any]:
        basket, bag = held.basket, self._bag(held)
        shown = self._basket(held, "AbandonedCheckout")
        return {
            **shown,
            "name": f"#{number_of(shown['id'])}",
            "discountCodes": [one.title for one in basket.discounts if one.kind == "CODE"],
            "totalDiscountSet": bag(sum((_off(line) for line in basket.lines), ZERO)),
            "totalDutiesSet": None,
            "note": basket.note or "",
            "abandonedCheckoutUrl": f"https://checkout.example/recover?key={number_of(shown['id']):x}",
            "lineItems": [self._checkout_line(held, line, n) for n, line in enumerate(basket.lines, 1)],
        }

    def _checkout_line(self, held: Held, line: Line, place: int) -> dict[str, Any]:
        bag = self._bag(held)
        whole = Amount(*(line.quantity * side for side in line.price))
        given = held.basket.discounts
        own = sum((off for index, off in line.discounts if given[index].kind != "CODE"), ZERO)
        before, after = whole - own, whole - _off(line)
        return {
            "id": f"gid://shopify/AbandonedCheckoutLineItem/{_line_number(held, place, 'AbandonedCheckout')}",
            **self._goods(line),
            "originalUnitPriceSet": bag(line.price),
            "originalTotalPriceSet": bag(whole),
            "discountedTotalPriceSet": bag(before),
            "discountedTotalPriceWithCodeDiscount": bag(after),
            "discountedUnitPriceSet": bag(_each(before, line.quantity)),
            "discountedUnitPriceWithCodeDiscount": bag(_each(after, line.quantity)),
        }


def _summary(gives: str, percentage: int | None) -> str:
    if gives == "FreeShipping":
        return "Free shipping"
    off = "An amount off" if percentage is None else f"{percentage * 100 / PPM:g}% off"
    return f"Buy some, get {off.lower()}" if gives == "Bxgy" else off


def _off(line: Line) -> Amount:
    return sum((off for _, off in line.discounts), ZERO)


def _each(amount: Amount, quantity: int) -> Amount:
    return Amount(*(half_up(side, quantity) for side in amount))


def _line_number(held: Held, place: int, typename: str) -> int:
    return number_of(gid(typename, held.basket.number)) * _LINES + place
