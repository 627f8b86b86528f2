"""What the made-up shop sells: dog treats and what goes with them, with prices, costs and how well they sell."""

from __future__ import annotations

from dataclasses import dataclass

from shopstack.simulator.events import Product, Variant

_GRADES = ("Small", "Medium", "Large")
_BAGS = ("6 oz", "12 oz", "24 oz")
_RANGE: tuple[tuple[str, str, str, tuple[tuple[str, int, int], ...], int], ...] = (
    # title, vendor, type, ((variant, price, unit cost), …), popularity
    ("Peanut Butter Crunchies", "Biscuit & Bramble", "Biscuits", tuple(zip(_BAGS, (899, 1499, 2599), (270, 430, 760), strict=True)), 18),
    ("Blackberry Bites", "Biscuit & Bramble", "Biscuits", tuple(zip(_BAGS, (949, 1599, 2799), (300, 480, 850), strict=True)), 14),
    ("Sweet Potato Chews", "Hedgerow Kitchen", "Chews", tuple(zip(_BAGS, (1099, 1899, 3299), (350, 610, 1090), strict=True)), 13),
    ("Salmon Skin Twists", "Harbor Larder", "Chews", tuple(zip(_BAGS, (1299, 2199, 3899), (520, 900, 1620), strict=True)), 9),
    ("Pumpkin Oat Soft Bakes", "Biscuit & Bramble", "Soft treats", tuple(zip(_BAGS, (999, 1699, 2899), (310, 520, 900), strict=True)), 11),
    ("Grain-Free Turkey Tidbits", "Hedgerow Kitchen", "Training treats", tuple(zip(_BAGS, (1149, 1949, 3399), (400, 690, 1230), strict=True)), 12),
    ("Cheddar Puppy Buttons", "Biscuit & Bramble", "Training treats", tuple(zip(_BAGS[:2], (799, 1349), (240, 410), strict=True)), 10),
    ("Bully Stick", "Harbor Larder", "Chews", tuple(zip(_GRADES, (599, 899, 1299), (260, 410, 620), strict=True)), 9),
    ("Birthday Bone", "Biscuit & Bramble", "Celebrations", (("Default", 1450, 420),), 4),
    ("Advent Calendar for Dogs", "Biscuit & Bramble", "Celebrations", (("Default", 3450, 1290),), 3),
    ("Calming Chamomile Drops", "Meadow Apothecary", "Supplements", (("60 count", 2450, 690), ("120 count", 4250, 1210)), 5),
    ("Hip & Joint Nibbles", "Meadow Apothecary", "Supplements", (("60 count", 2799, 840), ("120 count", 4899, 1490)), 6),
    ("Freeze-Dried Liver Cubes", "Harbor Larder", "Training treats", tuple(zip(_BAGS, (1399, 2399, 4199), (560, 980, 1750), strict=True)), 8),
    ("Treat Tin", "Biscuit & Bramble", "Accessories", (("Cream", 1900, 640), ("Bramble", 1900, 640)), 4),
    ("Waxed Canvas Treat Pouch", "Field & Lead", "Accessories", (("Olive", 2800, 1130), ("Navy", 2800, 1130), ("Rust", 2800, 1130)), 3),
    ("Sampler Box", "Biscuit & Bramble", "Bundles", (("Default", 3900, 1350),), 8),
    ("Lamb & Mint Sticks", "Hedgerow Kitchen", "Chews", tuple(zip(_BAGS[:2], (1199, 2049), (430, 750), strict=True)), 6),
    ("Carob Drops", "Biscuit & Bramble", "Soft treats", tuple(zip(_BAGS[:2], (849, 1429), (260, 450), strict=True)), 5),
)  # fmt: skip
_GIFT_CARDS = (2500, 5000, 10_000)
DISCONTINUED = "Carob Drops"
"""Sold at first, later deleted."""
SEASONAL = "Advent Calendar for Dogs"
"""Sold in November and December only."""


@dataclass(frozen=True, slots=True)
class Good:
    """One variant on the shelf."""

    product: Product
    variant: Variant
    popularity: float


def worth_of_a_dollar(currency: str) -> int:
    """Smallest units of a currency that buy about what a dollar buys."""
    return {"JPY": 150, "KRW": 1400}.get(currency, 100)


def _scaled(cents: int, per_dollar: int) -> int:
    """A price in another currency's smallest unit; `per_dollar` of them buy a dollar's worth."""
    return (cents * per_dollar + 50) // 100


def assortment(per_dollar: int = 100) -> tuple[list[Product], list[Good], list[Good]]:
    """The products, what of them is on the shelf, and the gift cards.

    Args:
        per_dollar: smallest units of the shop currency for one dollar's worth (100 for dollars, 150 for yen).
    """
    products: list[Product] = []
    goods: list[Good] = []
    variant_number = 0
    for number, (title, vendor, kind, variants, popularity) in enumerate(_RANGE, 1):
        made = []
        for place, (name, price, cost) in enumerate(variants):
            variant_number += 1
            # one in ten was never given a cost, as in real shops
            known = None if variant_number % 10 == 0 else _scaled(cost, per_dollar)
            sku = f"BB-{number:02d}-{place + 1}"
            made.append(
                Variant(
                    variant_number,
                    name,
                    sku,
                    _scaled(price, per_dollar),
                    known,
                    None,
                    20 + variant_number * 7 % 90,
                )
            )
        product = Product(number, title, vendor, kind, tuple(made), (kind.lower(), "dog"))
        products.append(product)
        goods += [Good(product, one, popularity / (place + 1)) for place, one in enumerate(made)]
    number = len(products) + 1
    cards = tuple(
        Variant(variant_number + place, f"${price // 100}", None, _scaled(price, per_dollar))
        for place, price in enumerate(_GIFT_CARDS, 1)
    )
    gift = Product(
        number, "Gift Card", "Biscuit & Bramble", "Gift cards", cards, (), "Denominations", gift_card=True
    )
    return [*products, gift], goods, [Good(gift, card, 1) for card in cards]
