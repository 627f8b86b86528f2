"""The plans that the tests of AWS look at."""

from __future__ import annotations

import pytest

from tests.infrastructure.aws.plans import Plan, completed
from tests.infrastructure.terraform import Proof


@pytest.fixture(scope="session")
def plans(proof: Proof) -> dict[str, Plan]:
    """The plan of every root, with all that can be asked for, and with made-up values for what AWS makes up."""
    environments = {
        root: completed(
            proof.plan(f"aws/{root}", github_repository="my-shop/data", github_runs="true"),
            proof.mocked(f"aws/{root}", "root"),
        )
        for root in ("dev", "prod")
    }
    return {"account": proof.plan("aws/account", github_repository="my-shop/data"), **environments}
