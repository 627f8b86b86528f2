"""Documents of everything but orders: the shop, its apps, locations, products, variants and customers.

Field names are listed in `served`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shopstack.simulator.attached_events import Owner
from shopstack.simulator.events import Address, CustomerCreated, LocationOpened, ProductCreated, Variant
from shopstack.simulator.ids import gid, level_gid, number_of
from shopstack.simulator.money import exponent, printed_fixed
from shopstack.simulator.projections.addresses import customer_address, location_address
from shopstack.simulator.projections.printing import Printer
from shopstack.simulator.projections.stock import Stock, quantities
from shopstack.simulator.shop import ShopSettings

_APPS = {1: ("Online Store", "online_store"), 2: ("Point of Sale", "pos")}
_DAYS_A_MONTH = 30
_LISTED_ADDRESSES = 250
"""All that the plain list of a customer's addresses shows."""


def shop_document(shop: ShopSettings, now: datetime) -> dict[str, Any]:
    """The shop as the API shows it; its UTC offset is that of `now`."""
    local = now.astimezone(ZoneInfo(shop.timezone))
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    imperial = shop.currency == "USD"
    return {
        "id": gid("Shop", 1),
        "name": shop.name,
        "email": f"hello@{shop.domain.partition('.')[0]}.example",
        "contactEmail": f"hello@{shop.domain.partition('.')[0]}.example",
        "shopOwnerName": f"Owner of {shop.name}",
        "myshopifyDomain": shop.domain,
        "primaryDomain": {
            "id": "gid://shopify/Domain/1",
            "host": shop.domain,
            "url": f"https://{shop.domain}",
            "sslEnabled": True,
        },
        "url": f"https://{shop.domain}",
        "currencyCode": shop.currency,
        "enabledPresentmentCurrencies": [shop.currency, *shop.presentment_currencies],
        "ianaTimezone": shop.timezone,
        "timezoneAbbreviation": local.tzname() or "UTC",
        "timezoneOffset": f"{sign}{hours:02d}{rest:02d}",
        "timezoneOffsetMinutes": minutes,
        "taxesIncluded": shop.taxes_included,
        "taxShipping": True,
        "plan": {
            "displayName": shop.plan,
            "publicDisplayName": shop.plan,
            "partnerDevelopment": False,
            "shopifyPlus": shop.plan == "Plus",
        },
        "unitSystem": "IMPERIAL_SYSTEM" if imperial else "METRIC_SYSTEM",
        "weightUnit": "POUNDS" if imperial else "KILOGRAMS",
        "orderNumberFormatPrefix": "#",
        "orderNumberFormatSuffix": "",
        "setupRequired": False,
        "createdAt": Printer.time(shop.created_at),
        "updatedAt": Printer.time(shop.created_at),
    }


def app_documents() -> dict[str, dict[str, Any]]:
    """The apps that orders come through, by gid."""
    return {
        gid("App", number): {
            "id": gid("App", number),
            "title": title,
            "handle": handle,
            "embedded": True,
            "shopifyDeveloped": True,
        }
        for number, (title, handle) in _APPS.items()
    }


def location_document(opened: LocationOpened, *, primary: bool) -> dict[str, Any]:
    """A place of the shop's own."""
    id_ = gid("Location", opened.location)
    return {
        "id": id_,
        "legacyResourceId": str(number_of(id_)),
        "name": opened.name,
        "address": location_address(opened.address),
        "isActive": True,
        "isFulfillmentService": False,
        "isPrimary": primary,
        "fulfillsOnlineOrders": primary,
        "shipsInventory": primary,
        "hasActiveInventory": True,
        "createdAt": Printer.time(opened.at),
        "updatedAt": Printer.time(opened.at),
    }


def collection_document(number: int, title: str, made: datetime) -> dict[str, Any]:
    """A collection; which products are in it, the store knows."""
    id_ = gid("Collection", number)
    return {
        "id": id_,
        "legacyResourceId": str(number_of(id_)),
        "title": title,
        "handle": title.lower().replace(" ", "-"),
        "sortOrder": "BEST_SELLING",
        "templateSuffix": None,
        "updatedAt": Printer.time(made),
    }


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of variants after they were created: when price and cost last changed, and what stock they have.

    A movement of stock is a change of the variant and of its product, a change of cost is one of the inventory item alone.
    """

    priced: Mapping[int, datetime]
    costed: Mapping[int, datetime]
    stock: Stock
    noted: Mapping[Owner, datetime]
    """When something noted beside a product or a variant last changed it."""

    def of_variant(self, variant: Variant, created: datetime) -> datetime:
        """When anything of a variant last changed."""
        moved = (self.stock.changed[variant.number, one] for one in self.stock.levels.get(variant.number, ()))
        noted = self.noted.get(("ProductVariant", variant.number), created)
        return max(created, self.priced.get(variant.number, created), noted, *moved)

    def of_product(self, created: ProductCreated) -> datetime:
        """When anything of a product last changed."""
        noted = self.noted.get(("Product", created.product.number), created.at)
        return max(noted, *(self.of_variant(variant, created.at) for variant in created.product.variants))

    def inventory(self, variant: Variant) -> int:
        """Units of it that can be sold."""
        available = self.stock.available(variant.number)
        return variant.inventory if available is None else available


def product_documents(
    created: ProductCreated, printer: Printer, changes: Changes
) -> dict[str, dict[str, Any]]:
    """A product with its variants and their inventory items, by gid."""
    product, at = created.product, printer.time(created.at)
    id_ = gid("Product", product.number)
    inventory = sum(changes.inventory(variant) for variant in product.variants)
    shown = {
        id_: {
            "id": id_,
            "legacyResourceId": str(number_of(id_)),
            "title": product.title,
            "handle": "-".join("".join(c if c.isalnum() else " " for c in product.title.lower()).split()),
            "vendor": product.vendor,
            "productType": product.product_type,
            "status": "ACTIVE",
            "tags": list(product.tags),
            "isGiftCard": product.gift_card,
            "description": product.title,
            "descriptionHtml": f"<p>{product.title}</p>",
            "hasOnlyDefaultVariant": len(product.variants) == 1,
            "totalInventory": inventory,
            "totalVariants": len(product.variants),
            "tracksInventory": not product.gift_card,
            "variantsCount": {"count": len(product.variants), "precision": "EXACT"},
            "options": [
                {
                    "id": f"gid://shopify/ProductOption/{number_of(id_)}",
                    "name": product.option if len(product.variants) > 1 else "Title",
                    "position": 1,
                    "values": [variant.title for variant in product.variants],
                }
            ],
            "createdAt": at,
            "updatedAt": printer.time(changes.of_product(created)),
            "publishedAt": at,
        }
    }
    for position, variant in enumerate(product.variants, 1):
        shown |= _variant_documents(created, variant, position, printer, changes)
    return shown


def _variant_documents(
    created: ProductCreated, variant: Variant, position: int, printer: Printer, changes: Changes
) -> dict[str, dict[str, Any]]:
    product, at = created.product, printer.time(created.at)
    inventory = changes.inventory(variant)
    places = exponent(printer.currency)
    id_, item = gid("ProductVariant", variant.number), gid("InventoryItem", variant.number)
    only = len(product.variants) == 1
    title = "Default Title" if only else variant.title
    return {
        id_: {
            "id": id_,
            "legacyResourceId": str(number_of(id_)),
            "title": title,
            "displayName": f"{product.title} - {title}",
            "sku": variant.sku,
            "barcode": None,
            "price": printed_fixed(variant.price, places),
            "compareAtPrice": None
            if variant.compare_at is None
            else printed_fixed(variant.compare_at, places),
            "position": position,
            "taxable": not product.gift_card,
            "availableForSale": True,
            "inventoryPolicy": "CONTINUE",
            "inventoryQuantity": inventory,
            "sellableOnlineQuantity": inventory,
            "selectedOptions": [{"name": "Title" if only else product.option, "value": title}],
            "inventoryItem": {"__ref": item},
            "product": {"__ref": gid("Product", product.number)},
            "createdAt": at,
            "updatedAt": printer.time(changes.of_variant(variant, created.at)),
        },
        item: {
            "id": item,
            "legacyResourceId": str(number_of(item)),
            "sku": variant.sku,
            "tracked": not product.gift_card,
            "requiresShipping": not product.gift_card,
            "unitCost": None if variant.unit_cost is None else printer.money(variant.unit_cost),
            "duplicateSkuCount": 0,
            "variant": {"__ref": id_},
            "inventoryLevels": _levels(variant, item, printer, changes.stock),
            "createdAt": at,
            "updatedAt": printer.time(changes.costed.get(variant.number, created.at)),
        },
    }


def _levels(variant: Variant, item: str, printer: Printer, stock: Stock) -> list[dict[str, Any]]:
    """What lies of a variant at each location where it is stocked."""
    shown = []
    for location, units in sorted(stock.levels.get(variant.number, {}).items()):
        id_, shelf = level_gid(location, item), (variant.number, location)
        changed = printer.time(stock.changed[shelf])
        shown.append(
            {
                "id": id_,
                "isActive": True,
                "canDeactivate": not any(units.values()),
                "item": {"__ref": item},
                "location": {"__ref": gid("Location", location)},
                "quantities": [
                    {
                        "id": f"{id_.replace('InventoryLevel', 'InventoryQuantity')}&name={name}",
                        "name": name,
                        "quantity": quantity,
                        "updatedAt": changed,
                    }
                    for name, quantity in quantities(units).items()
                ],
                "createdAt": printer.time(stock.opened[shelf]),
                "updatedAt": changed,
            }
        )
    return shown


@dataclass(frozen=True, slots=True)
class CustomerHistory:
    """What a customer's document shows of his orders: their sequence numbers, oldest first, and sums over them."""

    orders: Sequence[int]
    spent: int
    updated_at: datetime


def customer_document(
    created: CustomerCreated,
    book: Mapping[int, Address],
    history: CustomerHistory,
    now: datetime,
    printer: Printer,
) -> dict[str, Any]:
    """A customer with his addresses, the default one first; spent amounts are in shop currency."""
    id_ = gid("Customer", created.customer)
    name = " ".join(part for part in (created.first_name, created.last_name) if part)
    addresses = [customer_address(address, number) for number, address in book.items()]
    months = max(0, (now - created.at).days // _DAYS_A_MONTH)
    return {
        "id": id_,
        "legacyResourceId": str(number_of(id_)),
        "displayName": name or created.email or f"Customer {number_of(id_)}",
        "firstName": created.first_name,
        "lastName": created.last_name,
        "email": created.email,
        "phone": None,
        "defaultEmailAddress": None
        if created.email is None
        else {"emailAddress": created.email, "validFormat": True, "marketingState": "NOT_SUBSCRIBED"},
        "defaultAddress": addresses[0] if addresses else None,
        "addresses": addresses[:_LISTED_ADDRESSES],
        "addressesV2": addresses,
        "state": "ENABLED" if created.account else "DISABLED",
        "tags": list(created.tags),
        "note": None,
        "locale": "en",
        "taxExempt": False,
        "verifiedEmail": created.email is not None,
        "dataSaleOptOut": False,
        "numberOfOrders": str(len(history.orders)),
        "amountSpent": printer.money(history.spent),
        "lifetimeDuration": f"{months} month{'' if months == 1 else 's'}",
        "lastOrder": {"__ref": gid("Order", history.orders[-1])} if history.orders else None,
        "createdAt": printer.time(created.at),
        "updatedAt": printer.time(history.updated_at),
    }
