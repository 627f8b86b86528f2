"""Owns access tokens: the client credentials grant, static tokens and expiry by the store's clock."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shopstack.simulator.server.documents import StoreClock
from shopstack.simulator.server.settings import ServerSettings


class TokenBook:
    """The tokens that this shop accepts."""

    def __init__(self, clock: StoreClock, settings: ServerSettings) -> None:
        self._clock = clock
        self.settings = settings
        self._static = set(settings.static_tokens)
        self._issued: dict[str, datetime] = {}
        self._refusals = 0

    def grant(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a token request (form fields as Shopify documents them)."""
        settings = self.settings
        if form.get("grant_type") != "client_credentials":
            return 400, refusal("unsupported_grant_type", "The grant type is not supported.")
        known = form.get("client_id") == settings.client_id
        if self._refusals > 0:
            self._refusals -= 1
            return 400, refusal("application_cannot_be_found", "The app is not installed on this shop.")
        if not known or not secrets.compare_digest(form.get("client_secret", ""), settings.client_secret):
            return 400, refusal("invalid_client", "The client id or secret is wrong.")
        token = f"shpat_{secrets.token_hex(16)}"
        self._issued[token] = self._clock.now() + timedelta(seconds=settings.token_lifetime)
        scope = ",".join(sorted(settings.scopes))
        return 200, {"access_token": token, "scope": scope, "expires_in": settings.token_lifetime}

    def accepts(self, token: str | None) -> bool:
        """Whether a request with this token is let in."""
        if token is None:
            return False
        expires = self._issued.get(token)
        return token in self._static or (expires is not None and self._clock.now() < expires)

    def expire(self) -> None:
        """Let every granted token end now; static ones live on."""
        self._issued.clear()

    def revoke_once(self) -> None:
        """Let every granted token end now, and refuse the next grant: the app was removed, then installed again."""
        self._issued.clear()
        self._refusals += 1

    def revoke(self) -> None:
        """Let every token end now, static ones too."""
        self._issued.clear()
        self._static.clear()


def refusal(error: str, description: str) -> dict[str, Any]:
    """An OAuth error body."""
    return {"error": error, "error_description": description}
