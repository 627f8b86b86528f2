"""The templates of pages and blocks, and what all of them may use."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from shopstack import __version__
from shopstack.dashboard.assets import asset_address, asset_inline, asset_text


def make_environment(*, watch: bool, stands_alone: bool) -> Environment:
    """The templates: every value is escaped, and a missing one is an error.

    Args:
        watch: pages reload themselves when what they are drawn from changes.
        stands_alone: pages hold their styles, script and figures themselves.
    """
    environment = Environment(
        loader=PackageLoader("shopstack.dashboard"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_address
    environment.globals["inlined"] = asset_text
    environment.globals["as_data"] = asset_inline
    environment.globals["engine_version"] = __version__
    environment.globals["front_page"] = "/"
    environment.globals["asks_password"] = False
    environment.globals["watch"] = watch
    environment.globals["stands_alone"] = stands_alone
    return environment
