"""How DuckDB says that a file of its own is damaged for good; anything else keeps it from working for now."""

from __future__ import annotations

SIGNS = (
    "not a valid DuckDB database file",  # it begins with something else, or is empty
    "Could not read enough bytes from file",  # its end is missing
    "Corrupt database file",  # a block is not as it was written
)
MAKE_RAW_AGAIN = "move that file away, then: shopstack extract --from-landing (asks Shopify for nothing)"
"""What to do where the raw database is the damaged one."""


def tells_damage(said: str) -> bool:
    """Whether DuckDB's words mean that a database file is damaged."""
    return any(sign in said for sign in SIGNS)
