"""Signed sessions and form tokens. Nothing is kept of them: the signature is all there is to check.

The key depends on the password, so that another password ends every session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

SESSION_SECONDS = 30 * 24 * 60 * 60
FORM_SECONDS = 24 * 60 * 60
CLOCK_SKEW = 60
"""Seconds by which a signature may come from the future: clocks are set back."""

Clock = Callable[[], float]


class Sessions:
    """Issues and checks what a browser brings back."""

    def __init__(self, secret: bytes, password_hash: str, clock: Clock = time.time) -> None:
        """``secret`` signs; ``clock`` gives seconds since 1970 (UTC)."""
        self._key = hmac.digest(secret, password_hash.encode(), hashlib.sha256)
        self._clock = clock
        self.mark = hashlib.sha256(secret).hexdigest()[:8]
        """Tells the cookies of this project from those of another on the same machine: cookies know no ports."""

    def begin(self) -> str:
        """A new session: ``ISSUED.RANDOM.SIGNATURE``, for a cookie."""
        return self._signed("session", secrets.token_urlsafe(16))

    def is_valid(self, session: str) -> bool:
        """Whether it was issued here, with the password of now, in the last 30 days."""
        parts = session.split(".")
        return len(parts) == 3 and self._is_signed("session", parts[1], session, SESSION_SECONDS)

    def form_token(self, form: str, bearer: str) -> str:
        """The token of a form that is given to ``bearer``, the value of a cookie."""
        signed = self._signed(form, bearer)
        return f"{signed.partition('.')[0]}.{signed.rpartition('.')[2]}"

    def is_form_token(self, token: str, form: str, bearer: str) -> bool:
        """Whether the token was given to the bearer with this form, in the last day."""
        issued, _, signature = token.partition(".")
        return bool(bearer) and self._is_signed(form, bearer, f"{issued}.{bearer}.{signature}", FORM_SECONDS)

    def _signed(self, purpose: str, what: str) -> str:
        issued = int(self._clock())
        return f"{issued}.{what}.{self._signature(purpose, what, issued)}"

    def _is_signed(self, purpose: str, what: str, given: str, seconds: int) -> bool:
        stamp = given.partition(".")[0]
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
            return False
        issued = int(stamp)
        expected = f"{issued}.{what}.{self._signature(purpose, what, issued)}"
        is_ours = hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))
        age = self._clock() - issued
        return is_ours and -CLOCK_SKEW <= age < seconds

    def _signature(self, purpose: str, what: str, issued: int) -> str:
        message = "\n".join((purpose, what, str(issued)))
        return hmac.new(self._key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
