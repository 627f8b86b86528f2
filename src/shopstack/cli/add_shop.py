"""`shopstack add-shop`: one more shop in this project, its credentials proved before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shopstack import output
from shopstack.cli.init import answered, ask_credentials, prove, until_proved
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.secrets import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, read_credentials, variable
from shopstack.secrets import read_environment as environment_of
from shopstack.shopify.streams import needed_scopes

if TYPE_CHECKING:
    from shopstack.config import ShopConfig
    from shopstack.doctor import ShopProof
    from shopstack.project import Project


@click.command(name="add-shop")
@click.argument("address")
@click.option(
    "--non-interactive",
    is_flag=True,
    help=f"Ask nothing: take {CLIENT_ID}__MY_SECOND_SHOP and so on from the environment or .env.",
)
@project_option
@json_option
@pass_session
def add_shop(session: Session, *, address: str, non_interactive: bool) -> None:
    """Read one more shop in this project: ADDRESS, as in Settings > Domains of its admin.

    Asks for the credentials of an app of that shop, proves them with one request, and only then adds to shopstack.toml
    and .env. What you wrote there stays.

    \b
    Examples:
      shopstack add-shop my-second-shop.myshopify.com
      SHOPIFY_CLIENT_ID__MY_SECOND_SHOP=… SHOPIFY_CLIENT_SECRET__MY_SECOND_SHOP=… \\
        shopstack add-shop my-second-shop --non-interactive
    """
    from shopstack.add_shop import add_shop as add
    from shopstack.add_shop import new_shop, with_shop
    from shopstack.config import CONFIG_FILE, read_text

    project = session.project()
    shop = new_shop(project.config, address)
    with_shop(read_text(project.root / CONFIG_FILE), shop)
    if non_interactive:
        credentials: dict[str, str] = {}
        proof = prove(
            shop.address,
            read_credentials(project.root, environment_of(project.root), handle=shop.handle, alone=False),
        )
    else:
        credentials, proof = _interview(shop, project)
    added = add(project, shop, credentials)
    variables = [variable(name, shop.handle) for name in credentials]
    if session.json:
        output.data(
            {
                "shop": proof.as_dict(),
                "missing_scopes": proof.missing_scopes(needed_scopes()),
                "variables": variables,
                "renamed": dict(added.renamed),
                "next": "shopstack run",
            }
        )
    output.step(f"added {shop.address} to {CONFIG_FILE}")
    if variables:
        output.step(f"wrote {' and '.join(variables)} to .env")
    for old, new in added.renamed.items():
        output.step(f"{old} in .env is called {new} now: with several shops each has its own")
    for old, new in added.elsewhere.items():
        output.warn(
            f"{old} belongs to no shop any more: with several shops each has its own",
            hint=f"call it {new} where it is set",
        )
    output.say("Next: shopstack run")


def _interview(shop: ShopConfig, project: Project) -> tuple[dict[str, str], ShopProof]:
    """Ask until the credentials work; the person may correct them twice."""
    names = [variable(name, shop.handle) for name in (CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN)]
    return answered(
        lambda: until_proved(
            ask_credentials, lambda given: prove(shop.address, read_credentials(project.root, given))
        ),
        hint=f"set {names[0]} and {names[1]} (or {names[2]}), then: "
        f"shopstack add-shop {shop.address} --non-interactive",
    )
