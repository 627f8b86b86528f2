"""Named queries: a page's SQL stands in a `.sql` file beside it, one query after each `-- name: …` line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^--\s*name:\s*([a-z_][a-z0-9_]*)\s*$", re.MULTILINE)


def parse_queries(text: str) -> dict[str, str]:
    """The queries of one file by name; what stands before the first name is a comment on the file.

    Raises:
        ValueError: a name comes twice, or has no query.
    """
    parts = _NAME.split(text)
    queries: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        query = body.strip().removesuffix(";").strip()
        if name in queries or not query:
            msg = f"query {name!r} is {'named twice' if name in queries else 'empty'}"
            raise ValueError(msg)
        queries[name] = query
    return queries


@cache
def stock_queries(page: str) -> Mapping[str, str]:
    """The queries of a stock page."""
    return parse_queries((files("shopstack.dashboard.pages") / f"{page}.sql").read_text(encoding="utf-8"))
