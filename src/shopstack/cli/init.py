"""`shopstack init`: a project for one's own shop, its credentials proved by one real request before it is made."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from shopstack import output
from shopstack.cli.session import Session, json_option, pass_session
from shopstack.config import shop_address
from shopstack.errors import CredentialsError, UnreachableError, UsageError
from shopstack.secrets import ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, read_credentials
from shopstack.shopify.streams import needed_scopes

if TYPE_CHECKING:
    from shopstack.doctor import ShopProof
    from shopstack.secrets import Credentials

SHOP_VARIABLE = "SHOPSTACK_SHOP"
Given = TypeVar("Given")

ATTEMPTS = 3


@dataclass(frozen=True)
class Answers:
    """What the wizard asks: the shop and its credentials, by their names in `.env`."""

    address: str
    credentials: Mapping[str, str]


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--non-interactive",
    is_flag=True,
    help=f"Ask nothing: take {SHOP_VARIABLE} and {CLIENT_ID} + {CLIENT_SECRET} (or {ACCESS_TOKEN}) "
    "from the environment.",
)
@json_option
@pass_session
def init(session: Session, *, folder: Path, non_interactive: bool) -> None:
    """Make a project for your own shop in DIR (default: the current folder).

    Asks for the shop's address and credentials, proves them with one request, and only then writes.

    \b
    Examples:
      shopstack init my-shop
      SHOPSTACK_SHOP=my-shop.myshopify.com SHOPIFY_CLIENT_ID=… SHOPIFY_CLIENT_SECRET=… \\
        shopstack init my-shop --non-interactive
    """
    from shopstack.scaffold import create_project, refuse_occupied

    refuse_occupied(folder.resolve())
    if non_interactive:
        answers = _from_environment(os.environ)
        proof = _prove(answers)
    else:
        answers, proof = _interview()
    project = create_project(folder, address=answers.address, credentials=answers.credentials)
    next_command = "shopstack run" if folder == Path() else f"cd {shlex.quote(str(folder))} && shopstack run"
    if session.json:
        output.data(
            {
                "project": str(project.root),
                "shop": proof.as_dict(),
                "missing_scopes": proof.missing_scopes(needed_scopes()),
                "next": next_command,
            }
        )
    output.step(f"made {project.root}")
    output.say(f"Next: {next_command}")


def _prove(answers: Answers) -> ShopProof:
    return prove(answers.address, read_credentials(Path(), answers.credentials))


def prove(address: str, credentials: Credentials) -> ShopProof:
    """One real request to a shop; says what it found. There is no project yet that a run could try again."""
    from shopstack.doctor import prove_shop

    try:
        proof = prove_shop(address, credentials)
    except UnreachableError as problem:
        raise UnreachableError(
            problem.message,
            why=problem.why,
            hint="check the shop's address and your connection, then the same command again",
        ) from problem
    output.step(f"{proof.name} answers: {proof.domain}, {proof.currency_code}, {proof.timezone}")
    missing = proof.missing_scopes(needed_scopes())
    if missing:
        output.warn(
            f"the app lacks {', '.join(missing)}", hint="add them to the app, release and install it again"
        )
    return proof


def _interview() -> tuple[Answers, ShopProof]:
    """Ask until the credentials work; the person may correct them twice."""

    def ask() -> tuple[Answers, ShopProof]:
        address = click.prompt("The shop's address", value_proc=_checked_address, err=True)
        return until_proved(lambda: Answers(address, ask_credentials()), _prove)

    return answered(ask, hint="shopstack init --non-interactive")


def until_proved(ask: Callable[[], Given], prove_it: Callable[[Given], ShopProof]) -> tuple[Given, ShopProof]:
    """What was answered, once it works; the person may correct it twice.

    Raises:
        CredentialsError: it never did.
    """
    for _ in range(ATTEMPTS - 1):
        given = ask()
        try:
            return given, prove_it(given)
        except CredentialsError as problem:
            output.error(problem)
    given = ask()
    return given, prove_it(given)


def answered(ask: Callable[[], Given], *, hint: str) -> Given:
    """Tell what a person has to do first, then ask.

    Raises:
        UsageError: there is no person; ``hint`` says how to do without one.
    """
    output.say(instructions())
    try:
        return ask()
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise UsageError(
            "There is nobody here to answer.", why="The questions met the end of the input.", hint=hint
        ) from None


def _checked_address(value: str) -> str:
    try:
        return shop_address(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from problem


def ask_credentials() -> dict[str, str]:
    """An app's id and secret, or an older token, by their names in `.env`."""
    # Hidden as well: an older token, which is a secret, may be pasted here.
    first = click.prompt(
        "Client ID, or a token that begins with shpat_ (not shown)", type=_stripped, hide_input=True, err=True
    )
    if first.startswith("shpat_"):
        return {ACCESS_TOKEN: first}
    secret = click.prompt("Client secret (not shown)", type=_stripped, hide_input=True, err=True)
    return {CLIENT_ID: first, CLIENT_SECRET: secret}


def _stripped(value: str) -> str:
    return value.strip()


def _from_environment(environment: Mapping[str, str]) -> Answers:
    """The answers without asking.

    Raises:
        UsageError: the address is missing or not one.
        CredentialsError: the credentials are missing, or half of them is.
    """
    given = environment.get(SHOP_VARIABLE, "")
    try:
        address = shop_address(given)
    except ValueError as problem:
        raise UsageError(
            f"{SHOP_VARIABLE} is not set." if not given else f"{SHOP_VARIABLE}: {problem}.",
            why="Without questions, the shop's address comes from the environment.",
            hint=f"export {SHOP_VARIABLE}=my-shop.myshopify.com",
        ) from problem
    read_credentials(Path(), environment)
    pair = {name: environment.get(name, "").strip() for name in (CLIENT_ID, CLIENT_SECRET)}
    if all(pair.values()):
        return Answers(address, pair)
    return Answers(address, {ACCESS_TOKEN: environment[ACCESS_TOKEN].strip()})


def instructions() -> str:
    """Where the credentials come from, with the exact scopes to paste."""
    scopes = ",".join(scope for scope in needed_scopes() if scope != "read_all_orders")
    return f"""\
shopstack reads your shop through an app of your own. To make one (five minutes, once):

  1. Open https://dev.shopify.com/dashboard and choose Apps > Create app > Start from Dev Dashboard.
  2. In the new version, under Access > Scopes, paste this line:

     {scopes}

     For orders older than 60 days add ,read_all_orders too; if Shopify does not grant it, leave it out:
     everything works on the last 60 days, and says so.
  3. Release the version, then install the app: Home > Install app > your shop.
  4. Under Settings, copy the client ID and the client secret.

An older custom app's token (it begins with shpat_) works as well: paste it instead of the client ID.
"""
