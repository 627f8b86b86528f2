"""The command line: one file per command, each of which parses, calls and prints; nothing is decided here."""

from shopstack.cli.app import main

__all__ = ["main"]
