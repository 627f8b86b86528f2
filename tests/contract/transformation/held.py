"""What every figure is held against: the cases that sums go wrong over, and the mistakes of public models.

A case has a figure written by hand (`test_figures`), unit tests in the package (``meta: case`` beside a model) and a day
of a simulated shop (`tests.e2e.test_cases`). A mistake has unit tests (``meta: mistake``) where one can show it, and is
made on purpose by `mutations`. `test_plain_dbt` and `test_mutations` fail where one of them has none.
"""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "refund in a later month": (
        "a later refund leaves the order's day as it was",
        "a refund counts on the day it was processed",
    ),
    "midnight and clock changes": (
        "half past eleven at night belongs to that day",
        "so it does when the clocks went forward",
        "and when they went back",
        "an order that is booked after midnight is worth its own on its day",
        "and makes the orders of the next day no larger",
    ),
    "uneven discount": ("a discount that does not divide keeps every cent",),
    "tax conventions": ("prices with tax inside are the same arithmetic",),
    "cancelled, test and deleted": (
        "a cancelled order sells and takes back; a test order does nothing",
        "an order that was deleted at Shopify is gone",
    ),
    "edited next day": ("an edit is no new order",),
    "exchange with fee": (
        "an exchange returns, sells and charges",
        "a return that is only announced changes nothing",
    ),
    "odd refunds": (
        "a refund without lines is a reversal",
        "postage given back lowers shipping alone",
        "a pending refund first cancels itself out",
        "and counts when it is settled",
    ),
    "gift cards and tenders": (
        "a gift card sold is no sale yet",
        "a tip stands beside the sales; two payments are one order",
    ),
    "people and places": ("a customer's currency is not the shop's",),
    "unknown line type": ("an unknown kind of line is shown and never dropped",),
}
"""Case -> names of its figures in `test_figures`. The case "run twice" is no row of a table: `tests.e2e.test_cases` has it."""

MISTAKES: dict[str, str] = {
    "quantity times a total": "A line's total is multiplied by its quantity once more.",
    "payments fan out": "Sale and capture, or several refunds, are joined to what they belong to and multiply it.",
    "guests as one customer": "All orders without a customer are one customer, who keeps coming back.",
    "incremental history of customers": "Who is new is told from the rows of one increment.",
    "local time as UTC": "A time is shifted the wrong way, or taken as it stands.",
    "inner join": "What has no address, line, product or customer is dropped.",
    "customer by name": "A customer is known by name or address, which a gift does not share.",
    "default address": "An order is on the map where its customer lives.",
    "place without province": "Two cities of one name are one place.",
    "filter against itself": "An increment is what is newer than the newest row of its own source: nothing.",
    "no unique key": "A misspelt key makes an incremental model append.",
    "lines left behind": "A merge updates and inserts, and keeps what is gone.",
    "strict comparison of dates": "Rows of the last loaded day that come later are lost.",
    "calendar ends early": "The calendar ends with the last order instead of today.",
    "misspelt tests": "A model's tests stand under a key that dbt does not read.",
    "growth from zero": "Growth is divided by zero, or by a loss.",
    "total price as revenue": "Tax, shipping, tips and gift cards count as sales.",
}
"""Mistake -> what it does."""
