"""The parts of a landed window as files, for tests that look into them or damage them."""

from __future__ import annotations

from shopstack.landing import LandedWindow


def files_of(landed: LandedWindow) -> list[str]:
    """Absolute paths of the parts, in order. They stay, since the tests' windows lie in a folder."""
    with landed.at_hand() as files:
        return files
