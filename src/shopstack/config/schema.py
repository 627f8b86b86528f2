"""The JSON Schema of `shopstack.toml`, by which editors complete its keys, explain them and mark what is none.

`python -m shopstack.config.schema` writes it into the blueprint, from where every project has it; the first line of
`shopstack.toml` names it. What the schema cannot say (addresses, names of hosts) `shopstack check` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from shopstack.config.sections import Config

SCHEMA_FILE = Path(".shopstack/schema.json")
"""Within a project."""


def json_schema() -> dict[str, Any]:
    """The schema, derived from the models that read the file."""
    schema = Config.model_json_schema(by_alias=True)
    shop = schema["properties"]["shop"]
    # One shop is a table, several are a list of tables.
    schema["properties"]["shop"] = {
        "anyOf": [shop["items"], {"type": "array", "items": shop["items"], "minItems": 1}]
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_untitled(schema)}


def _untitled(part: Any) -> Any:
    """Without the titles that only repeat the names of the keys in other letters."""
    if isinstance(part, list):
        return [_untitled(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _untitled(one) for name, one in part.items() if not (name == "title" and isinstance(one, str))
    }


def written() -> bytes:
    """The file's content."""
    return orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    (Path(__file__).parents[1] / "blueprint" / SCHEMA_FILE).write_bytes(written())
