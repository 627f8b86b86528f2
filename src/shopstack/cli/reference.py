"""The reference pages, generated from the code: commands, configuration, streams, metrics, errors.

`python -m shopstack.cli.reference` writes them into `docs/reference`; a test holds them against the code, so
an undocumented command, key, stream, metric or error is a failing test.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_origin

import click
from pydantic.fields import FieldInfo

from shopstack import errors, output
from shopstack.cli.app import COMMANDS, cli, command_of
from shopstack.cli.streams import awaited_of, cursor_of, need_of, setting_of
from shopstack.config import SECTIONS
from shopstack.publish.metrics import Metric, Sum, load_metrics
from shopstack.shopify.streams import API_VERSION, STREAMS, needed_scopes
from shopstack.tables import Column, Stream, Table, observation_columns

REFERENCE = Path("docs") / "reference"
WIDTH = 100
_GENERATED = "<!-- Generated from the code: `make docs` writes it anew. -->\n"

_EXIT_CODES = {
    errors.EXIT_OK: "done",
    errors.EXIT_DATA: "it ran, and the data failed a check; or a defect of ours, with the path of its log",
    errors.EXIT_USAGE: "the command line, the configuration or a file of the project is wrong",
    errors.EXIT_CREDENTIALS: "the credentials are refused, or a required scope is missing",
    errors.EXIT_TRANSIENT: "try again: the shop did not answer, or another run holds the project",
    errors.EXIT_INTERRUPTED: "interrupted (Ctrl-C); the same command takes it up again",
}


def _page(title: str, lead: str, body: Iterator[str]) -> str:
    return f"{_GENERATED}# {title}\n\n{lead}\n\n" + "\n".join(body).rstrip() + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def cli_page() -> str:
    """Every command with its own help text."""

    def body() -> Iterator[str]:
        yield from _help_of(cli, "shopstack", None)
        context = click.Context(cli, info_name="shopstack")
        for name in COMMANDS:
            yield f"## {name}\n"
            yield from _help_of(command_of(name), name, context)
        yield "## Exit codes\n"
        yield "| Code | Meaning |\n|---|---|"
        for code, meaning in _EXIT_CODES.items():
            yield f"| {code} | {meaning} |"

    lead = "stdout is data, everything else goes to stderr. Options of the group stand before or after the command's name."
    return _page("Commands", lead, body())


def _help_of(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=cli.context_settings["help_option_names"],
    )
    yield f"```text\n{command.get_help(context)}\n```\n"


def configuration_page() -> str:
    """Every key of `shopstack.toml`, a section a table."""

    def body() -> Iterator[str]:
        for name, section in SECTIONS.items():
            yield f"## [{name}]\n\n{inspect.getdoc(section)}\n"
            yield "| Key | Default | Allowed | Meaning |\n|---|---|---|---|"
            for key, field in section.model_fields.items():
                yield f"| `{key}` | `{_toml(field.default)}` | {_allowed(field)} | {_cell(field.description or '')} |"
            yield ""

    lead = (
        "One file, `shopstack.toml`, in the project's folder. Every key has a default; an unknown key is an error that "
        "names the nearest known one. Editors that know TOML (VS Code with Even Better TOML) complete and explain the keys: the "
        "file's first line names its schema. Secrets never stand in it: see `.env.example`."
    )
    return _page("Configuration", lead, body())


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _allowed(field: FieldInfo) -> str:
    """The values that a key takes, from the same declaration that checks them."""
    limits = {type(limit).__name__: limit for limit in field.metadata}
    if "Ge" in limits and "Le" in limits:
        return f"{limits['Ge'].ge} to {limits['Le'].le}"
    if "Ge" in limits:
        return f"{limits['Ge'].ge} or more"
    if get_origin(field.annotation) is tuple:
        return "list of names"
    choices = getattr(field.annotation, "__args__", ())
    if choices:
        return _cell(", ".join(f"`{_toml(choice)}`" for choice in choices))
    return "`true`, `false`" if field.annotation is bool else "text"


def streams_page() -> str:
    """Every stream, its scopes and its tables."""

    def body() -> Iterator[str]:
        yield f"Scopes to give the app: `{','.join(needed_scopes())}`. API version: {API_VERSION}.\n"
        for stream in STREAMS:
            yield from _stream(stream)

    lead = (
        "What is read from Shopify, and the tables of the `raw` database that it fills. A required stream stops a run "
        "that may not read it; an optional one is skipped, and the page says which figures are missing for it. What is read "
        "on request is left alone unless `[extract] include` names it."
    )
    return _page("Streams", lead, body())


def _stream(stream: Stream) -> Iterator[str]:
    need = need_of(stream)
    scopes = ", ".join(f"`{scope}`" for scope in stream.scopes) or "none"
    yield f"## {stream.name}\n\n{stream.description}\n"
    yield f"- {need}; root field `{stream.root_field}`; scopes: {scopes}\n- reads {cursor_of(stream)}"
    if stream.awaited:
        yield f"- reads again {awaited_of(stream)}"
    if stream.figures:
        yield f"- without it these are missing: {', '.join(stream.figures)}"
    for table in stream.tables:
        yield from _table(table)
        if table.observed:
            yield from _observations(table)
    yield ""


def _table(table: Table) -> Iterator[str]:
    below = f" Below `{table.parent}`, from `{table.path}`." if table.parent else ""
    named = f" Read only with `{setting_of(table)}`." if setting_of(table) else ""
    named += f" Needs `{table.scope}`." if table.scope else ""
    yield f"\n### raw.shopify.{table.name}\n\n{table.description}{below}{named}\n"
    yield "| Column | Type | In Shopify | Meaning |\n|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.type} | `{column.in_shopify}` | {_cell(column.description)}{_condition(table, column)} |"


def _observations(table: Table) -> Iterator[str]:
    yield f"\n### raw.shopify.{table.observations}\n\n{table.described_observations}\n"
    yield "| Column | Type | Meaning |\n|---|---|---|"
    for column in observation_columns(table):
        yield f"| `{column.name}` | {column.type} | {_cell(column.description)} |"


def _condition(table: Table, column: Column) -> str:
    said = " Personal: asked for only with `[privacy] personal_data = true`." if column.personal else ""
    if column in table.about_a_person and not column.personal:
        said = " Personal: never published, and taken out with a customer who is removed."
    return said + (f" Needs `{column.scope}`." if column.scope else "")


def metrics_page() -> str:
    """Every metric: what it is, where Shopify's admin shows it, and its SQL."""

    def body() -> Iterator[str]:
        for one in load_metrics().values():
            yield from _metric(one)

    lead = (
        "Every figure of the pages, defined once in `publish/metrics.yml`. A figure that is not additive is worked out anew "
        "for each period: its days cannot be added up. What the words mean: [the figures](../concepts/figures.md)."
    )
    return _page("Metrics", lead, body())


def _metric(one: Metric) -> Iterator[str]:
    yield f"## {one.name}\n\n**{one.label}.** {one.description}\n"
    yield f"- unit: {one.unit}; {'additive' if one.additive else 'not additive'}"
    yield f"- in Shopify's admin: {one.in_admin or 'nowhere'}"
    dimensions = ", ".join(f"`{dimension}`" for dimension in one.dimensions)
    yield f"- may be split by: {dimensions or 'nothing'}"
    yield f"- {_sum(one.of)}"
    if one.per:
        yield f"- divided by {_sum(one.per)}"
    yield ""


def _sum(part: Sum) -> str:
    return f"`{_cell(part.value)}` over `{part.relation}`, by `{part.day}`"


def errors_page() -> str:
    """The error tree and what each class means for the exit code."""

    def body() -> Iterator[str]:
        yield "| Class | Kind of | Exit code | When |\n|---|---|---|---|"
        for one in error_classes():
            parent = one.__mro__[1].__name__
            yield f"| `{one.__name__}` | `{parent}` | {one.exit_code} | {_cell(inspect.getdoc(one) or '')} |"

    lead = (
        "Every error says what happened, why, and what to type next. Its class alone decides the exit code."
    )
    return _page("Errors", lead, body())


def error_classes() -> list[type[errors.ShopstackError]]:
    """The classes of the error tree, in the order of their declaration."""
    found = vars(errors).values()
    return [one for one in found if isinstance(one, type) and issubclass(one, errors.ShopstackError)]


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "configuration.md": configuration_page,
    "streams.md": streams_page,
    "metrics.md": metrics_page,
    "errors.md": errors_page,
}
"""File name under `docs/reference` to the function that renders it."""


def write_pages(folder: Path) -> list[Path]:
    """Write every page; returns those whose text changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, render in PAGES.items():
        path, text = folder / name, render()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for written in write_pages(REFERENCE):
        output.step(f"wrote {written}")
    sys.exit(0)
