"""What every staging model over Shopify's tables has in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopstack.transformation.sources import SOURCES_FILE

STAGING = sorted(SOURCES_FILE.parent.glob("stg_*.sql"))
OVER_SHOPIFY = [file for file in STAGING if "source('shopify'" in file.read_text(encoding="utf-8")]


def test_there_are_staging_models_over_shopifys_tables() -> None:
    assert "stg_orders.sql" in {file.name for file in OVER_SHOPIFY}


@pytest.mark.parametrize("file", OVER_SHOPIFY, ids=lambda file: file.stem)
def test_no_figure_is_made_of_a_shop_that_was_never_read_to_its_end(file: Path) -> None:
    assert "is_whole_shop()" in file.read_text(encoding="utf-8")
