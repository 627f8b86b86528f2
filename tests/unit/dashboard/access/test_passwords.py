"""Hashes of passwords."""

from __future__ import annotations

import re

import pytest

from shopstack.dashboard.access import passwords
from shopstack.dashboard.access.passwords import hash_password, is_hash, make_password, matches


def test_a_hash_holds_its_own_salt_and_knows_its_password_alone() -> None:
    first, second = hash_password("cedar and oak"), hash_password("cedar and oak")
    assert first != second
    assert "cedar" not in first
    assert matches("cedar and oak", first)
    assert matches("cedar and oak", second)
    assert not matches("cedar and oaks", first)
    assert not matches("", first)


def test_a_hash_says_how_it_was_made_and_is_one_word_for_a_shell() -> None:
    made = hash_password("cedar and oak")
    assert re.fullmatch(r"scrypt:16384:8:5:[A-Za-z0-9_-]{22}:[A-Za-z0-9_-]{43}", made)
    assert is_hash(made)
    assert not is_hash(made[:-1])
    assert not is_hash("cedar and oak")


def test_a_hash_made_with_other_parameters_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 2**12)
    made = hash_password("cedar and oak")
    monkeypatch.undo()
    assert made.startswith("scrypt:4096:")
    assert matches("cedar and oak", made)


def test_a_letter_is_the_same_however_a_keyboard_writes_it() -> None:
    assert matches("cafe\N{COMBINING ACUTE ACCENT}-terrasse", hash_password("café-terrasse"))


def test_what_is_no_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="not a hash"):
        matches("cedar and oak", "cedar and oak")


def test_a_made_up_password_is_new_each_time_and_easy_to_type() -> None:
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-hj-km-np-z2-9]{4}(-[a-hj-km-np-z2-9]{4}){2}", one) for one in made)
