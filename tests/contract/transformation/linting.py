"""Runs sqlfluff with its dbt templater over the working folder, in one process and without a database.

`sqlfluff lint` would ask Snowflake what tables it has. No model looks at them while it is compiled, so the question is
left out. Run as `python -m tests.contract.transformation.linting DIALECT [RULES TO LEAVE OUT]`; prints a line for each
violation and one with the number of files.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

gc.set_threshold(
    200_000, 50, 50
)  # sqlfluff makes millions of small objects: a third of its time went into counting


def main(dialect: str, without: str = "") -> int:
    """Lint every file here by its own rules less those left out; how many violations there are, at most 1."""
    from dbt.adapters.base.impl import BaseAdapter
    from sqlfluff.core import FluffConfig, Linter

    setattr(BaseAdapter, "set_relations_cache", lambda *_, **__: None)  # noqa: B010 - a type checker minds the other way
    plain = FluffConfig.from_root()
    left_out = [*plain.get("rule_denylist"), *filter(None, without.split(","))]
    overrides: dict[str, Any] = {"dialect": dialect, "exclude_rules": ",".join(left_out)}
    found = Linter(config=FluffConfig.from_root(overrides=overrides)).lint_paths((".",), processes=1)
    violations = [
        f"{Path(file['filepath'])}:{one['start_line_no']} {one['name'] or one['code']} {one['description']}"
        for file in found.as_records()
        for one in file["violations"]
    ]
    print(*violations, f"{len(found.as_records())} files", sep="\n")  # noqa: T201 - what it was asked for
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
