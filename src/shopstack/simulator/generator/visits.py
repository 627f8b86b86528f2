"""How the made-up shop's customers found it: the visits that led to an order.

Chance is drawn by the order's number alone, so that visits change nothing else of a made-up shop.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from shopstack.simulator.events import Visit

_WEIGHTED_SOURCES = (
    ("direct", None, None, None, 34),
    ("Google", "SEO", "https://www.google.com/search?q=dog+treats", None, 30),
    ("Instagram", "POST", "https://l.instagram.com/?u=shop", "spring_treats", 14),
    ("Facebook", "AD", "https://www.facebook.com/", "puppy_box", 12),
    ("newsletter", "NEWSLETTER", None, "weekly_letter", 10),
)
_UP_TO = tuple(accumulate(entry[-1] for entry in _WEIGHTED_SOURCES))
_PAGES = ("/", "/collections/treats", "/collections/toys", "/products/salmon-bites")


def visits(order: int, at: datetime) -> tuple[Visit, ...]:
    """One to three visits that led to an order, oldest first; the last one on the order's own day."""
    random = Random(f"visits of {order}")  # noqa: S311 - made-up data, nothing secret
    moments = [at - timedelta(minutes=random.randint(2, 40))]
    for _ in range(random.choices((0, 1, 2), (60, 28, 12))[0]):
        moments.append(moments[-1] - timedelta(hours=random.randint(3, 240)))
    return tuple(_visit(moment, random) for moment in reversed(moments))


def _visit(at: datetime, random: Random) -> Visit:
    source, kind, referrer, campaign, _ = random.choices(_WEIGHTED_SOURCES, cum_weights=_UP_TO)[0]
    query = f"?utm_source={source}&utm_campaign={campaign}" if campaign else ""
    return Visit(
        at.replace(microsecond=0),
        source,
        kind,
        f"https://treats.example{random.choice(_PAGES)}{query}",
        referrer,
        campaign,
    )
