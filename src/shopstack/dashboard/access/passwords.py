"""Passwords: how one is hashed, compared, and made up. Nothing here keeps one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata

COST, BLOCK, PARALLEL = 2**14, 8, 5
"""scrypt's parameters: 16 MiB and about a tenth of a second for each guess."""

MOST_MEMORY = 64 * 1024 * 1024
KEY_BYTES = 32
SALT_BYTES = 16

SHORTEST = 10
LONGEST = 200

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a made-up password consists of: nothing that looks like something else, nothing that needs the shift key."""

_HASH = re.compile(r"scrypt:(\d{4,6}):(\d{1,2}):(\d{1,2}):([A-Za-z0-9_-]{22}):([A-Za-z0-9_-]{43})")


def make_password() -> str:
    """A password nobody has thought of, easy to type on a phone: ``k3wr-tzpe-hc4x`` (59 bits)."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def hash_password(password: str, salt: bytes | None = None) -> str:
    """What may be kept of a password: ``scrypt:COST:BLOCK:PARALLEL:SALT:KEY``. It has no character that a shell reads."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    key = _derive(password, salt, cost=COST, block=BLOCK, parallel=PARALLEL)
    return f"scrypt:{COST}:{BLOCK}:{PARALLEL}:{_text(salt)}:{_text(key)}"


def is_hash(text: str) -> bool:
    """Whether it is a hash of `hash_password` rather than a password."""
    return _HASH.fullmatch(text) is not None


def matches(password: str, hashed: str) -> bool:
    """Whether it is the password of the hash; takes the same time either way.

    Raises:
        ValueError: ``hashed`` is no hash.
    """
    found = _HASH.fullmatch(hashed)
    if found is None:
        msg = "not a hash of a password"
        raise ValueError(msg)
    salt, key = _bytes(found[4]), _bytes(found[5])
    cost, block, parallel = (int(found[place]) for place in (1, 2, 3))
    derived = _derive(password, salt, cost=cost, block=block, parallel=parallel)
    return hmac.compare_digest(derived, key)


def _derive(password: str, salt: bytes, *, cost: int, block: int, parallel: int) -> bytes:
    # Keyboards write the same letter in more than one way: an "é" of a phone is that of a computer.
    same = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(same, salt=salt, n=cost, r=block, p=parallel, maxmem=MOST_MEMORY, dklen=KEY_BYTES)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
