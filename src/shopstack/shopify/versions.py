"""How long Shopify answers an API version. Which version is asked for is declared with the streams."""

from __future__ import annotations

from datetime import date


def end_of_support(version: str) -> date:
    """The first day on which a version (``2026-07``) may be gone: Shopify supports each for twelve months at least.

    See https://shopify.dev/docs/api/usage/versioning.
    """
    year, month = version.split("-")
    return date(int(year) + 1, int(month), 1)
