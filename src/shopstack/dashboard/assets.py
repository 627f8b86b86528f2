"""The style sheets, the script and the icon: small, our own, and under a name that changes with their content."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from shopstack.dashboard.charts import chart_css

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file that pages link to."""

    content: bytes
    media_type: str
    fingerprint: str


@cache
def assets() -> Mapping[str, Asset]:
    """Every asset by file name."""
    found: dict[str, bytes] = {"charts.css": chart_css().encode()}
    for file in (files("shopstack.dashboard") / "static").iterdir():
        if file.name.rsplit(".", 1)[-1] in TYPES:
            found[file.name] = file.read_bytes()
    return {
        name: Asset(content, TYPES[name.rsplit(".", 1)[-1]], hashlib.sha256(content).hexdigest()[:12])
        for name, content in found.items()
    }


def asset_address(name: str) -> str:
    """Where a page finds the asset; a changed file has a new address, so browsers may keep it for ever."""
    return f"/static/{name}?v={assets()[name].fingerprint}"


def asset_text(name: str) -> Markup:
    """The asset's own text, for a page that stands alone."""
    return Markup(assets()[name].content.decode())  # noqa: S704 - our own file, without markup of anybody else's


def asset_inline(name: str) -> str:
    """The asset as an address that holds it whole."""
    asset = assets()[name]
    return f"data:{asset.media_type};base64,{b64encode(asset.content).decode()}"
