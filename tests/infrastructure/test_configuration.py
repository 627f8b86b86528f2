"""What the stacks of one environment print makes one configuration, and dev's meets prod's nowhere."""

from __future__ import annotations

import pytest

from shopstack import secrets
from shopstack.config import Config, parse_config
from tests.infrastructure.terraform import Proof

pytestmark = pytest.mark.xdist_group("terraform-aws")


@pytest.fixture(scope="module")
def configurations(proof: Proof) -> dict[str, Config]:
    """What is pasted from both stacks of dev, and from both of prod."""
    found = {}
    for root in ("dev", "prod"):
        printed = [
            proof.plan(stack)["planned_values"]["outputs"]["shopstack_toml"]["value"]
            for stack in (f"aws/{root}", f"snowflake/{root}")
        ]
        found[root] = parse_config("\n".join(printed))
    return found


@pytest.mark.parametrize("root", ["dev", "prod"])
def test_it_works_without_a_disk_that_lasts(configurations: dict[str, Config], root: str) -> None:
    assert configurations[root].warehouse.type == "snowflake"
    assert configurations[root].storage.url.startswith("s3://")


@pytest.mark.parametrize("root", ["dev", "prod"])
def test_the_secrets_have_the_names_that_the_engine_reads(proof: Proof, root: str) -> None:
    outputs = proof.plan(f"aws/{root}")["planned_values"]["outputs"]
    assert set(outputs["secret_names"]["value"]) == {
        secrets.CLIENT_ID,
        secrets.CLIENT_SECRET,
        secrets.SNOWFLAKE_KEY,
    }


def test_dev_and_prod_share_neither_bucket_nor_databases(configurations: dict[str, Config]) -> None:
    dev, prod = configurations["dev"], configurations["prod"]
    assert dev.storage.url != prod.storage.url
    for database in ("raw", "prod"):
        assert dev.warehouse.database(database) != prod.warehouse.database(database)
