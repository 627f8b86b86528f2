"""For which shops of a project a command works, and how it gets into each; reading them is left to `extract`."""

from __future__ import annotations

from dataclasses import dataclass, field

from shopstack.config import ShopConfig
from shopstack.errors import CredentialsError
from shopstack.project import Project
from shopstack.secrets import Credentials, read_credentials, read_environment


@dataclass(frozen=True)
class ShopAccess:
    """One configured shop and its credentials, or why there are none."""

    shop: ShopConfig
    credentials: Credentials | CredentialsError = field(repr=False)

    def require(self) -> Credentials:
        """The credentials.

        Raises:
            CredentialsError: there are none.
        """
        if isinstance(self.credentials, CredentialsError):
            raise self.credentials
        return self.credentials


def chosen_shops(project: Project, name: str = "") -> tuple[ShopAccess, ...]:
    """Every shop of the project, or the one of that handle or address.

    A shop without credentials must not keep the others from being read, so that this is told when its turn comes;
    where one shop alone is meant, at once.

    Raises:
        UsageError: there is no shop of that name.
        CredentialsError: the only shop has no credentials, or `.env` is not UTF-8.
    """
    config = project.config
    shops = (config.shop_named(name),) if name else config.shops
    environment = read_environment(project.root)
    found = []
    for shop in shops:
        try:
            credentials: Credentials | CredentialsError = read_credentials(
                project.root, environment, handle=shop.handle, alone=len(config.shops) == 1
            )
        except CredentialsError as problem:
            if len(shops) == 1:
                raise
            credentials = problem
        found.append(ShopAccess(shop, credentials))
    return tuple(found)
