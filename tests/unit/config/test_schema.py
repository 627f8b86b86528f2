"""Editors know of `shopstack.toml` what the engine knows: the schema that every project has is that of the models."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import pytest

from shopstack.config import CONFIG_FILE, parse_config
from shopstack.config.schema import SCHEMA_FILE, json_schema, written
from shopstack.errors import ConfigurationError
from shopstack.scaffold import BLUEPRINT

TEXT = (BLUEPRINT / CONFIG_FILE).read_text(encoding="utf-8")

SHOPS = '[[shop]]\naddress = "one.myshopify.com"\n[[shop]]\naddress = "two.myshopify.com"\n'


def test_the_projects_schema_equals_what_the_code_says() -> None:
    assert (BLUEPRINT / SCHEMA_FILE).read_bytes() == written(), "run `make docs`"
    jsonschema.Draft202012Validator.check_schema(json.loads(written()))


def test_the_first_line_of_the_configuration_names_it_for_editors() -> None:
    assert TEXT.splitlines()[0] == f"#:schema {SCHEMA_FILE.as_posix()}"


@pytest.mark.parametrize("text", [TEXT, SHOPS, ""], ids=["as it comes", "several shops", "empty"])
def test_what_the_engine_takes_the_schema_takes(text: str) -> None:
    parse_config(text)
    jsonschema.validate(tomllib.loads(text), json_schema())


@pytest.mark.parametrize(
    "text",
    [
        "[dashboard]\nprot = 8787\n",
        "[dashboard]\nport = 0\n",
        '[calendar]\nweek_start = "friday"\n',
        '[warehouse]\nmemory_limit = "much"\n',
        "[unheard]\nof = 1\n",
        '[[shop]]\nadress = "one.myshopify.com"\n',
    ],
)
def test_what_the_engine_refuses_the_schema_refuses(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_config(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), json_schema())


def test_every_key_is_explained() -> None:
    for section in json_schema()["$defs"].values():
        for name, key in section["properties"].items():
            assert key["description"], name
