"""One more shop in a project: its table after the merchant's own text, its credentials in `.env` under its own names.

Nothing of the merchant's is rewritten. `shopstack.toml` gets a table at its end; where the project had one shop, the
header of that one becomes `[[shop]]`, and its variables in `.env` get the ending that each of several shops has.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from shopstack.config import CONFIG_FILE, Config, ShopConfig, parse_config, read_text, shop_address
from shopstack.errors import ConfigurationError, UsageError
from shopstack.project import Project
from shopstack.scaffold import env_lines
from shopstack.secrets import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, ENV_FILE, variable
from shopstack.storage.files import write_whole

_ONE_SHOP = re.compile(r"^([ \t]*)\[[ \t]*shop[ \t]*\]", re.MULTILINE)


@dataclass(frozen=True)
class Added:
    """What adding a shop changed beside its own table."""

    shop: ShopConfig
    renamed: Mapping[str, str]
    """Variables in `.env` of the shop that was alone, and what they are called now."""
    elsewhere: Mapping[str, str]
    """The same of variables that are not in `.env`: whoever sets them must rename them."""


def new_shop(config: Config, address: str) -> ShopConfig:
    """The shop that is to be added.

    Raises:
        UsageError: it is no address of a shop, or the project has it already.
    """
    try:
        shop = ShopConfig(address=shop_address(address))
    except ValueError as problem:
        raise UsageError(
            f"{address!r} is not a shop's permanent address.",
            why="It looks like my-second-shop.myshopify.com, as in Settings > Domains of Shopify's admin.",
            hint="shopstack add-shop my-second-shop.myshopify.com",
        ) from problem
    if shop.handle in {one.handle for one in config.shops}:
        raise UsageError(
            f"This project reads {shop.address} already.",
            why=f"{CONFIG_FILE} names {', '.join(one.address for one in config.shops)}.",
            hint=f"shopstack run --shop {shop.handle}",
        )
    return shop


def with_shop(text: str, shop: ShopConfig) -> str:
    """The configuration text with one more shop, everything else as it was.

    Raises:
        ConfigurationError: its shops are written in a form that cannot be added to.
    """
    before = parse_config(text)
    end = "\r\n" if "\r\n" in text else "\n"
    table = f'[[shop]]{end}address = "{shop.address}"{end}'
    changed = _ONE_SHOP.sub(r"\1[[shop]]", text, count=1).rstrip() + end + end + table
    try:
        after = parse_config(changed)
    except ConfigurationError:
        after = before
    if after != before.model_copy(update={"shops": (*before.shops, shop)}):
        raise ConfigurationError(
            f"{CONFIG_FILE} cannot be added to.",
            why="Its shops are not written as [shop] or [[shop]] tables.",
            hint=f'give each shop a table there: [[shop]], and below it address = "{shop.address}"',
        )
    return changed


def add_shop(project: Project, shop: ShopConfig, credentials: Mapping[str, str]) -> Added:
    """Write the shop's credentials (by their plain names) into `.env`, then its table into `shopstack.toml`.

    Killed in between, the project reads what it read before. ``credentials`` may be empty: they are set elsewhere.

    Raises:
        ConfigurationError: the configuration cannot be added to. UsageError: a credential does not look like one.
    """
    file = project.root / CONFIG_FILE
    mark = b"\xef\xbb\xbf" if file.read_bytes().startswith(b"\xef\xbb\xbf") else b""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        text = with_shop(opened.read(), shop)
    env = project.root / ENV_FILE
    known = read_text(env) if env.is_file() else ""
    alone = len(project.config.shops) == 1
    first, renamed = _with_ending(known, project.config.shop.handle) if alone else (known, {})
    own = {variable(name, shop.handle): value for name, value in credentials.items()}
    rest = first if not first or first.endswith("\n") else f"{first}\n"
    content = rest + "".join(f"{line}\n" for line in env_lines(own))
    if content != known:
        write_whole(env, content.encode(), mode=0o600)
    write_whole(file, mark + text.encode())
    names = {name: variable(name, project.config.shop.handle) for name in _NAMES if alone}
    elsewhere = {old: new for old, new in names.items() if os.environ.get(old) and not os.environ.get(new)}
    return Added(shop, renamed, elsewhere)


_NAMES = (CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN)


def _with_ending(env: str, handle: str) -> tuple[str, dict[str, str]]:
    """The variables of a shop that was alone under the names that it has among several."""
    renamed = {}
    for name in _NAMES:
        own = variable(name, handle)
        if re.search(rf"^[ \t]*(?:export[ \t]+)?{own}[ \t]*=", env, re.MULTILINE):
            continue
        env, count = re.subn(
            rf"^([ \t]*(?:export[ \t]+)?){name}(?=[ \t]*=)", rf"\g<1>{own}", env, flags=re.MULTILINE
        )
        if count:
            renamed[name] = own
    return env, renamed
