"""The tables that the merchant fills in: which there are, whether they are right, and the copies of them that dbt reads.

They lie in the project's `transformation/seeds/` and are his alone. dbt reads tidied copies of that folder, so that a
spreadsheet may write them its own way; a wrong line stops the build before dbt begins. See decision 0023.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shopstack.config import CONFIG_FILE
from shopstack.errors import ConfigurationError, UsageError
from shopstack.project import Project
from shopstack.transformation.spreadsheets import Cell, Check, Problem, Row, read_rows, write_rows

FOLDER = Path("transformation/seeds")
MOST_SHOWN = 5
"""So many wrong lines of a file are told at once."""

_SHOP = Cell("shop", "shop", required=False)


@dataclass(frozen=True)
class Seed:
    """One table that the merchant fills in."""

    name: str
    columns: tuple[Cell, ...]
    key: tuple[str, ...]
    """Columns that no two lines have alike."""
    check: Check = lambda row: None

    @property
    def file(self) -> Path:
        """Relative to the project."""
        return FOLDER / f"{self.name}.csv"


def _order_or_period(row: Mapping[str, str]) -> tuple[str, str] | None:
    """A shipping cost is of an order or of a period, and a period lies within one month: no rule of ours cuts amounts."""
    dates = [row["from_date"], row["to_date"]]
    hint = "fill in order_name, or from_date and to_date"
    if row["order_name"] and any(dates):
        return "it is about an order and a period", hint
    if not row["order_name"] and not all(dates):
        return "it is about no order and no whole period", hint
    if dates[0] > dates[1]:
        return f"the period ends on {dates[1]}, before it begins", "swap from_date and to_date"
    if dates[0][:7] != dates[1][:7]:
        return (
            f"the period {dates[0]} to {dates[1]} lies in more than one month",
            "write a line for each month",
        )
    return None


SEEDS = (
    Seed(
        "product_costs",
        (_SHOP, Cell("sku", "text"), Cell("from_date", "date"), Cell("cost", "amount")),
        ("shop", "sku", "from_date"),
    ),
    Seed(
        "ad_spend",
        (_SHOP, Cell("date", "date"), Cell("channel", "text"), Cell("amount", "amount")),
        ("shop", "date", "channel"),
    ),
    Seed(
        "shipping_costs",
        (
            _SHOP,
            Cell("order_name", "text", required=False),
            Cell("from_date", "date", required=False),
            Cell("to_date", "date", required=False),
            Cell("amount", "amount"),
        ),
        ("shop", "order_name", "from_date", "to_date"),
        _order_or_period,
    ),
    Seed(
        "fixed_costs",
        (_SHOP, Cell("month", "month"), Cell("name", "text"), Cell("amount", "amount")),
        ("shop", "month", "name"),
    ),
)


@dataclass(frozen=True)
class FilledIn:
    """One table as it was read."""

    seed: Seed
    rows: Sequence[Row]
    problems: Sequence[Problem]


def read_seeds(project: Project) -> tuple[FilledIn, ...]:
    """Every table, with what is wrong with it. A file that is missing is empty: older projects have none."""
    return tuple(_read(project, seed) for seed in SEEDS)


def _read(project: Project, seed: Seed) -> FilledIn:
    file = project.root / seed.file
    if not file.exists():
        return FilledIn(seed, (), ())
    try:
        content = file.read_bytes()
    except OSError as problem:
        return FilledIn(seed, (), (Problem(0, f"it cannot be read: {problem}", "close it elsewhere"),))
    rows, problems = read_rows(
        content,
        seed.columns,
        seed.key,
        shop_named=lambda name: _shop_named(project, name),
        check=seed.check,
    )
    return FilledIn(seed, rows, problems)


def _shop_named(project: Project, name: str) -> str:
    """Without a name it is the only shop; of several, none may be meant twice."""
    shops = project.config.shops
    if not name:
        if len(shops) > 1:
            msg = "shop is empty, and the project has several shops"
            raise ValueError(msg)
        return shops[0].address
    try:
        return project.config.shop_named(name).address
    except UsageError as problem:
        msg = f"{CONFIG_FILE} has no shop {name!r}"
        raise ValueError(msg) from problem


def require_sound_seeds(tables: Sequence[FilledIn]) -> None:
    """Refuse what cannot be used, naming file and line.

    Raises:
        ConfigurationError: a line of some table is wrong.
    """
    wrong = [(table.seed, problem) for table in tables for problem in table.problems]
    if not wrong:
        return
    (seed, first), others = wrong[0], wrong[1:]
    also = [place(one, problem) for one, problem in others[:MOST_SHOWN]]
    if len(others) > MOST_SHOWN:
        also.append(f"{len(others) - MOST_SHOWN} more")
    raise ConfigurationError(
        f"{place(seed, first)}: {first.message}.",
        why=f"Also wrong: {'; '.join(also)}."
        if also
        else "What is filled in wrongly is never left out silently.",
        hint=f"{first.hint}; then: shopstack check",
    )


def place(seed: Seed, problem: Problem) -> str:
    """Where a problem is: file and line."""
    return f"{seed.file.as_posix()}, line {problem.line}" if problem.line else seed.file.as_posix()


WORKBOOKS = (".xlsx", ".xls", ".ods", ".numbers")
"""What spreadsheets save unless they are told to save CSV."""


def workbooks(project: Project) -> tuple[tuple[Path, Seed], ...]:
    """Workbooks (relative to the project) that lie where a table's CSV file should: nothing in them is read."""
    found = ((seed.file.with_suffix(suffix), seed) for seed in SEEDS for suffix in WORKBOOKS)
    return tuple((path, seed) for path, seed in found if (project.root / path).exists())


def prepare_seeds(project: Project, folder: Path) -> None:
    """Make ``folder`` the copy of the project's seeds that dbt reads; files that stay the same are left alone.

    Raises:
        ConfigurationError: a line of some table is wrong.
    """
    tables = read_seeds(project)
    require_sound_seeds(tables)
    wanted = {Path(f"{table.seed.name}.csv"): write_rows(table.seed.columns, table.rows) for table in tables}
    wanted |= dict(_others(project.root / FOLDER))
    for old in sorted(folder.rglob("*"), reverse=True):
        if old.is_file() and old.relative_to(folder) not in wanted:
            old.unlink()
        elif old.is_dir() and not any(old.iterdir()):
            old.rmdir()
    for path, content in wanted.items():
        target = folder / path
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _others(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """What else lies among the seeds: their descriptions, and seeds of the merchant's own."""
    own = {Path(f"{seed.name}.csv") for seed in SEEDS}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative not in own:
            yield relative, path.read_bytes()


def relative_to_dbt(project: Project, folder: Path) -> str:
    """The folder as dbt wants it: relative to the dbt project."""
    return Path(os.path.relpath(folder, project.transformation)).as_posix()
