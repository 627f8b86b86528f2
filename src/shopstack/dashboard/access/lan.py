"""This machine in its network: the address and the name by which a phone beside it finds it. Nothing is sent."""

from __future__ import annotations

import ipaddress
import socket

from shopstack.config import LOOPBACK
from shopstack.errors import UsageError

ELSEWHERE = ("192.0.2.1", 9)
"""An address of no machine (RFC 5737), to ask by which way one would go out."""

GUIDE = "docs/guides/behind-a-reverse-proxy.md"


def own_address() -> str:
    """The IPv4 address by which this machine talks to its network; empty where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)  # chooses the way; a datagram socket sends nothing until it is told to
        except OSError:
            return ""
        found: str = probe.getsockname()[0]
    return "" if ipaddress.ip_address(found).is_unspecified else found


def lan_host(configured: str) -> str:
    """The address to listen on for the network: the configured one if it is not this machine's alone.

    Raises:
        UsageError: the machine is in no network, or right on the internet.
    """
    if configured not in LOOPBACK:
        return configured
    found = own_address()
    if not found or ipaddress.ip_address(found).is_loopback:
        raise UsageError(
            "This machine is in no network.",
            why="It has no address by which a phone could find it.",
            hint="connect it to the same Wi-Fi as the phone, then: shopstack dashboard --lan",
        )
    if ipaddress.ip_address(found).is_global:
        raise UsageError(
            f"--lan does not open the dashboard on {found}.",
            why="That is an address of the internet, not of a home's or a shop's network.",
            hint=f"put it behind a reverse proxy: {GUIDE}",
        )
    return found


def local_name() -> str:
    """The name by which phones know this machine in its network: ``my-laptop.local``; empty where it has none."""
    short = socket.gethostname().partition(".")[0].lower()
    return f"{short}.local" if short and short != "localhost" else ""
