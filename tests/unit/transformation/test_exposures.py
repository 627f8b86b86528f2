"""Each page of the dashboard is an exposure of exactly the models that it reads, told from its SQL and its figures."""

from __future__ import annotations

import pytest
from scripts.exposures import FILE, read_by, read_by_page, text

from shopstack.dashboard.document import Document
from shopstack.dashboard.library import stock_pages
from shopstack.transformation.sources import SOURCES_FILE

MODELS = SOURCES_FILE.parents[1]


def test_the_file_is_what_the_pages_say() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "python -m scripts.exposures"


@pytest.mark.parametrize("page", stock_pages().values(), ids=lambda page: page.name)
def test_a_page_says_what_it_is_and_reads_models_that_there_are(page: Document) -> None:
    assert page.head.description.endswith(".")
    assert page.head.menu
    read = read_by_page(page)
    assert read
    assert all(list(MODELS.glob(f"*/{name}.sql")) for name in read)


def test_a_table_in_a_part_of_a_query_is_read_too() -> None:
    sql = "with a as (select * from serving.x) select * from a where k in (select k from reporting.y)"
    assert read_by(sql) == {"x", "y"}
