"""The merchant's own pages read what is published and nothing else; readers meet one whole version each."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from starlette.testclient import TestClient

from shopstack.dashboard import create_app
from shopstack.project import Project
from shopstack.publish import publish_version
from shopstack.publish.limits import PAGE
from tests.contract.reading.test_only_what_is_published import READS, SECRET, WRITES, files_of, put
from tests.unit.dashboard.published_fixture import NOW, make_published

LOCAL = "http://127.0.0.1:8787"
PAGE_TEXT = """---
title: Mine
menu: Mine
order: 90
---
```sql mine
{sql}
```

```table bad
title: Taken
data: mine
columns: [{column: number, label: Number}]
```

```sql orders
select count(*) as orders_of_the_shop from serving.fct_orders where shop = $shop
```

```table good
title: Counted
data: orders
columns: [{column: orders_of_the_shop, label: Orders}]
```
"""
FIGURE = """---
title: Count
menu: Count
order: 90
---
```sql counted
select 'marked-' || min(title) as mark from serving.dim_products where shop = $shop
union all
select 'marked-' || min(label) from serving.dim_customers where shop = $shop
```

```table marks
title: Marks
data: counted
columns: [{column: mark, label: Mark}]
```
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A published project with a secret beside it."""
    project = make_published(tmp_path_factory.mktemp("pages") / "shop", orders=40)[0]
    (project.root / ".env").write_text(f"SHOPIFY_TOKEN={SECRET}\n", encoding="utf-8")
    (project.root / "dashboard").mkdir()
    return project


def shown(project: Project, sql: str) -> str:
    """The page with the query, as a browser gets it."""
    text = PAGE_TEXT.replace("{sql}", sql)
    (project.root / "dashboard" / "mine.md").write_text(text, encoding="utf-8")
    with TestClient(create_app(project), base_url=LOCAL) as browser:
        answer = browser.get("/mine")
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize("statement", [*READS[::10], *WRITES[::10]])
def test_a_block_that_reaches_elsewhere_says_so_in_its_place(shop: Project, statement: str) -> None:
    shown(shop, "select 1 as one")  # the page's file is there before the files are looked at
    before = {name: found for name, found in files_of(shop.root).items() if not name.endswith("mine.md")}
    html = shown(shop, put(statement, shop))
    after = {name: found for name, found in files_of(shop.root).items() if not name.endswith("mine.md")}
    assert "did not run" in html or "only be read" in html
    assert "<bdi>40</bdi>" in html[html.index("Counted") :]  # the block below it stands
    assert SECRET not in html
    assert after == before


def test_a_block_with_too_many_rows_says_how_many_may_be_read(shop: Project) -> None:
    html = shown(shop, f"select range as number from range({PAGE.rows + 1})")
    assert f"found more than {PAGE.rows:,} rows" in html
    assert "<bdi>40</bdi>" in html[html.index("Counted") :]


def test_five_readers_meet_one_whole_version_each_while_ten_go_up(tmp_path: Path) -> None:
    project = make_published(tmp_path / "shop", orders=40)[0]
    (project.root / "dashboard").mkdir()
    (project.root / "dashboard" / "count.md").write_text(FIGURE, encoding="utf-8")
    marks = {publish(project, 0): "0"}
    over = threading.Event()

    def read(browser: TestClient) -> list[tuple[int, str, frozenset[str]]]:
        found = []
        while not over.is_set():
            answer = browser.get("/count")
            version = answer.headers["x-published-version"]
            found.append(
                (answer.status_code, version, frozenset(re.findall(r"marked-mark(\d+)", answer.text)))
            )
        return found

    with TestClient(create_app(project), base_url=LOCAL) as browser, ThreadPoolExecutor(5) as pool:
        reading = [pool.submit(read, browser) for _ in range(5)]
        try:
            for number in range(1, 11):
                marks[publish(project, number)] = str(number)
        finally:
            over.set()
        answers = [answer for one in reading for answer in one.result()]
        last = browser.get("/count")
    assert answers
    for status_code, version, found in answers:
        assert status_code == 200
        assert found == {marks[version]}
    assert marks[last.headers["x-published-version"]] == "10"  # without a restart


def publish(project: Project, number: int) -> str:
    """Publish a version in which two tables bear its number; its name."""
    with duckdb.connect(str(project.database("prod"))) as connection:
        connection.execute("update serving.dim_products set title = ?", [f"mark{number}"])
        connection.execute("update serving.dim_customers set label = ?", [f"mark{number}"])
    return publish_version(project, now=NOW + timedelta(seconds=number + 1)).pointer.version
