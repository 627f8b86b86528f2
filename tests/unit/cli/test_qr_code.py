"""Addresses as pictures of characters."""

from __future__ import annotations

import segno

from shopstack.cli.qr_code import QUIET, qr_lines

ADDRESS = "http://192.168.178.105:8787"
MODULES = [
    [bool(module) for module in row] for row in segno.make_qr(ADDRESS, error="m").matrix_iter(border=QUIET)
]


def test_half_blocks_are_the_code_s_modules_two_rows_a_line() -> None:
    lines = qr_lines(ADDRESS, encoding="utf-8")
    rows = []
    for line in lines:
        rows.append([sign in "▀█" for sign in line])
        rows.append([sign in "▄█" for sign in line])
    assert rows[: len(MODULES)] == MODULES
    assert not any(any(row) for row in rows[len(MODULES) :])
    assert len(lines) <= 20


def test_a_terminal_without_blocks_gets_two_signs_a_module() -> None:
    lines = qr_lines(ADDRESS, encoding="ascii")
    assert all(line.isascii() for line in lines)
    assert [[line[at] == "#" for at in range(0, len(line), 2)] for line in lines] == MODULES
    assert max(map(len, lines)) <= 80


def test_an_unknown_encoding_is_met_with_care() -> None:
    assert all(line.isascii() for line in qr_lines(ADDRESS, encoding="no-such-encoding"))
