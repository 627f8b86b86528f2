"""An address as a QR code of characters, for a phone that is held before the terminal."""

from __future__ import annotations

import segno

QUIET = 4
"""Light modules around the code, as its standard wants."""

_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def qr_lines(text: str, *, encoding: str) -> list[str]:
    """The code in lines of equal length, its dark modules drawn: half blocks, or ``##`` where there are none.

    Args:
        text: what the phone reads.
        encoding: of the terminal.
    """
    code = segno.make_qr(text, error="m")
    rows = [[1 if module else 0 for module in row] for row in code.matrix_iter(border=QUIET)]
    if not _can_write("".join(_HALVES.values()), encoding):
        return ["".join("##" if module else "  " for module in row) for row in rows]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs]


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
