"""Owns the simulated Admin GraphQL API: everything between a store and an HTTP client.

What the shop holds and what happens in it is left to ``simulator.store``.
"""

from shopstack.simulator.server.app import create_app
from shopstack.simulator.server.faults import FAULTS
from shopstack.simulator.server.running import RunningServer, ServerStartError, serve, serve_forever
from shopstack.simulator.server.settings import Fault, ServerSettings

__all__ = [
    "FAULTS",
    "Fault",
    "RunningServer",
    "ServerSettings",
    "ServerStartError",
    "create_app",
    "serve",
    "serve_forever",
]
