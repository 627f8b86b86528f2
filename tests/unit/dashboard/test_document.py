"""Pages as they are written: their head, their queries, their blocks, and what is said of mistakes in them."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from shopstack.dashboard.blocks import read_block
from shopstack.dashboard.document import Fence, Prose, parse_document
from shopstack.dashboard.library import stock_pages
from shopstack.errors import ConfigurationError, UsageError

HEAD = "---\ntitle: What now\n---\n"


def fence(text: str) -> Fence:
    (found,) = parse_document("page", HEAD + text).fences
    return found


def test_a_page_is_prose_queries_and_blocks_in_their_order() -> None:
    text = (
        HEAD + "Some *words*.\n\n```sql q\nselect 1;\n```\n\n```table t\ndata: q\ncolumns: []\n```\nMore.\n"
    )
    page = parse_document("page", text)
    assert page.queries == {"q": "select 1"}
    assert [type(part) for part in page.parts] == [Prose, Fence, Prose]
    assert page.parts[0] == Prose(Markup("<p>Some <em>words</em>.</p>\n"))
    assert (page.fences[0].kind, page.fences[0].name, page.fences[0].line) == ("table", "t", 10)


def test_prose_has_no_markup_of_its_writer() -> None:
    page = parse_document("page", HEAD + "<script>alert(1)</script>\n\n[x](javascript:alert(1))\n")
    assert isinstance(page.parts[0], Prose)
    assert "<script" not in page.parts[0].html
    assert 'href="javascript' not in page.parts[0].html


def test_a_fence_without_a_word_is_code_to_be_read() -> None:
    page = parse_document("page", HEAD + "```\nplain\n```\n")
    assert page.parts == (Prose(Markup("<pre><code>plain\n</code></pre>\n")),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no head", "does not begin with a head"),
        ("---\nmenu: x\n---\n", "title: field required"),
        ("---\ntitle: x\ntitel: y\n---\n", "titel: extra inputs"),
        ("---\ntitle: [\n---\n", "no YAML"),
    ],
)
def test_a_page_without_a_sound_head_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as problem:
        parse_document("page", text)
    assert problem.value.message == "The page page.md cannot be read."
    assert words in problem.value.why


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```table\ndata: q\n```", "needs one name"),
        ("```tabel t\n```", "did you mean table?"),
        ("```table t\ndata: [\n```", "no YAML (line 4)"),
        ("```vega t\n{\n```", "no JSON (line 4)"),
        ("```table t\ncolumns: []\n```", "data: field required"),
        ("```table t\ndata: q\ncolumns: []\nlimits: 3\n```", "limits: extra inputs"),
        ("```sql\nselect 1\n```", "needs one name"),
        ("```sql q\n```", "is empty"),
    ],
)
def test_a_block_that_cannot_be_read_says_where_and_why(text: str, words: str) -> None:
    with pytest.raises(UsageError) as problem:
        read_block(fence(text))
    said = f"{problem.value.message} {problem.value.why} {problem.value.hint}"
    assert words in said
    assert "line 4" in said


def test_names_come_once() -> None:
    page = parse_document(
        "page", HEAD + "```list a\n```\n```list a\n```\n```sql q\nselect 1\n```\n```sql q\nselect 2\n```\n"
    )
    assert [one.problem for one in page.fences] == [
        "",
        "There are two blocks called a.",
        "There are two queries called q.",
    ]


@pytest.mark.parametrize("name", stock_pages())
def test_every_stock_query_states_its_grain_and_keeps_to_one_shop(name: str) -> None:
    for query, sql in stock_pages()[name].queries.items():
        assert sql.startswith("-- Grain: "), query
        assert "$shop" in sql, query


@pytest.mark.parametrize("name", stock_pages())
def test_every_stock_block_can_be_read_and_names_a_query_that_there_is(name: str) -> None:
    page = stock_pages()[name]
    blocks = [read_block(one) for one in page.fences]
    assert blocks
    assert all(not block.data or block.data in page.queries for block in blocks)
