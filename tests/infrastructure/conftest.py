"""What every test of the infrastructure needs: Terraform, the schema providers, and one copy of the folder."""

from __future__ import annotations

import pytest

from tests.infrastructure.terraform import INFRASTRUCTURE, Proof, missing


@pytest.fixture(scope="session")
def terraform() -> None:
    """Skip where Terraform or the schemas are missing, and say how to get them."""
    if why := missing():
        pytest.skip(why)


@pytest.fixture(scope="session")
def proof(terraform: None, tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """The blueprint's infrastructure, ready to be planned."""
    return Proof(INFRASTRUCTURE, tmp_path_factory.mktemp("terraform"))
