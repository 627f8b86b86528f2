"""Writes `models/exposures.yml` of the dbt package: what each page of the dashboard reads, told from its SQL and figures.

python -m scripts.exposures
"""

from __future__ import annotations

import sqlglot
import yaml
from sqlglot import exp

from scripts.pages import figures_of, ordered_pages
from shopstack.dashboard.document import Document
from shopstack.publish.metrics import Sum, metric
from shopstack.publish.versions import SCHEMAS
from shopstack.transformation.sources import SOURCES_FILE

FILE = SOURCES_FILE.parents[1] / "exposures.yml"

HEAD = """\
# Who reads the models: the pages of the dashboard. Written by `python -m scripts.exposures`; change the pages instead.
"""


def read_by(sql: str) -> set[str]:
    """Published tables that a query names."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    return {table.name for table in tree.find_all(exp.Table) if table.db in SCHEMAS}


def _by_sum(part: Sum | None) -> set[str]:
    return set() if part is None else read_by(f"select {part.value} from {part.relation}")


def read_by_page(page: Document) -> list[str]:
    """Names of the models that a page reads: in its queries, and for the metrics that its blocks show."""
    found = set().union(*(read_by(sql) for sql in page.queries.values()))
    for one in map(metric, figures_of(page)):
        found |= _by_sum(one.of) | _by_sum(one.per)
    return sorted(found)


def text() -> str:
    """The file as it should stand."""
    exposures = [
        {
            "name": page.name,
            "label": page.head.title,
            "description": page.head.description,
            "type": "dashboard",
            "maturity": "high",
            "owner": {"name": "shopstack"},
            "depends_on": [f"ref('{name}')" for name in read_by_page(page)],
        }
        for page in ordered_pages()
    ]
    content = {"version": 2, "exposures": exposures}
    return HEAD + yaml.safe_dump(content, sort_keys=False, width=130, allow_unicode=True)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
