"""`shopstack dashboard`: the pages, served from what is published, to this machine or to its network."""

from __future__ import annotations

import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from shopstack import output
from shopstack.cli.session import Session, json_option, pass_session, project_option
from shopstack.config import LOOPBACK
from shopstack.errors import UsageError
from shopstack.secrets import DASHBOARD_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from shopstack.dashboard.access import Access
    from shopstack.project import Project


UNENCRYPTED = "It goes over the network unencrypted: at home or in the shop that may do, in a network of strangers it does not."


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="First port tried. Default: [dashboard] port.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--lan",
    is_flag=True,
    help="Let phones and computers in the same network in, with a password; shows a QR code.",
)
@click.option(
    "--new-password",
    is_flag=True,
    help="With --lan: another password than before; everyone has to sign in again.",
)
@click.option(
    "--hash-password",
    is_flag=True,
    help="Ask for a password, print its hash for SHOPSTACK_DASHBOARD_PASSWORD, and end.",
)
@click.option("--watch", is_flag=True, help="Reload open pages when a file in dashboard/ is saved.")
@project_option
@json_option
@pass_session
def dashboard(
    session: Session,
    *,
    port: int | None,
    open_browser: bool,
    watch: bool,
    lan: bool,
    new_password: bool,
    hash_password: bool,
) -> None:
    """Serve the dashboard until Ctrl-C; a busy port gives way to the next free one.

    It may run all day: it shows each new version as soon as a run has published it. On this machine it asks for no
    password unless SHOPSTACK_DASHBOARD_PASSWORD is set; on any other address it always does.

    \b
    Examples:
      shopstack dashboard
      shopstack dashboard --port 9000 --open
      shopstack dashboard --watch
      shopstack dashboard --lan      for a phone in the same network
    """
    if hash_password:
        _print_hash(session)
        return
    if new_password and not lan:
        raise UsageError(
            "--new-password goes with --lan.",
            why="On this machine alone no password is kept.",
            hint="shopstack dashboard --lan --new-password",
        )
    project = session.project()
    host = _let_network_in(project, new_password=new_password) if lan else None

    def listening(address: str, access: Access) -> None:
        if session.json:
            output.data({"address": address, "password_from": access.password_from or None})
        if access.password_from:
            output.say(f"Password:  {_known_password(access)}")
        if lan:
            _show_to_phone(address)
        if access.served_on not in LOOPBACK and not access.trusted_proxies:
            output.say(UNENCRYPTED)

    serve_until_interrupted(
        project, host=host, port=port, open_browser=open_browser, watch=watch, on_listening=listening
    )


def serve_until_interrupted(
    project: Project,
    *,
    host: str | None = None,
    port: int | None,
    open_browser: bool = False,
    watch: bool = False,
    on_listening: Callable[[str, Access], None] | None = None,
) -> None:
    """The dashboard in the foreground; Ctrl-C is its ordinary end."""
    from shopstack.dashboard import serve

    try:
        serve(
            project,
            host=host,
            port=port,
            watch=watch,
            on_listening=on_listening,
            on_ready=_open if open_browser else None,
        )
    except KeyboardInterrupt:
        output.say("The dashboard is closed.")


def _open(address: str) -> None:
    """Show the page; a machine without a browser has the address on its terminal."""
    webbrowser.open(address)


def _let_network_in(project: Project, *, new_password: bool) -> str:
    """The address to listen on; sees to it that there is a password, and says one that was made."""
    from shopstack.dashboard.access import give_password
    from shopstack.dashboard.access.lan import lan_host

    host = lan_host(project.config.dashboard.host)
    made = give_password(project, _ask_for_lan, anew=new_password)
    if made:
        # Said before anything else can go wrong: nobody could find it out later.
        output.say(f"New password: {made}  (write it down: it is shown this once; only a hash of it is kept)")
    return host


def _ask_for_lan() -> str:
    """The password that a person wants; nothing where nobody sits at the terminal."""
    if not sys.stdin.isatty():
        return ""
    return _prompt("A password for the dashboard (Enter: one is made)", may_be_empty=True)


def _prompt(question: str, *, may_be_empty: bool = False) -> str:
    default = "" if may_be_empty else None
    while True:
        answer: str = click.prompt(question, hide_input=True, default=default, show_default=False, err=True)
        if not answer or click.prompt("Once more", hide_input=True, err=True) == answer:
            return answer
        output.say("That was not the same. Please type it twice again.")


def _print_hash(session: Session) -> None:
    from shopstack.dashboard.access import hash_of

    password = _prompt("Password to hash") if sys.stdin.isatty() else sys.stdin.readline().strip()
    hashed = hash_of(password)
    if session.json:
        output.data({"hash": hashed})
    else:
        output.text(hashed)


def _known_password(access: Access) -> str:
    """Which password is asked for, by where it comes from."""
    if access.password_from == DASHBOARD_PASSWORD:
        return f"the one in {DASHBOARD_PASSWORD}"
    return f"the one that was made or given here; for another: {access.password_from} --new-password"


def _show_to_phone(address: str) -> None:
    """The address as a picture, where there is a terminal to show it on."""
    from shopstack.cli.qr_code import qr_lines

    if output.is_terminal():
        output.say("Scan this with a phone in the same network:")
        output.dark_on_light(qr_lines(address, encoding=output.encoding()))
