"""A free port of this machine: the one that is wanted, or the next."""

from __future__ import annotations

import errno
import socket

from shopstack.errors import UsageError

PORTS_TRIED = 20


def open_port(
    host: str, port: int, *, served: str = "dashboard", hint: str = "shopstack dashboard --port 9000"
) -> socket.socket:
    """A listening socket on ``port``, or on the next free one above it.

    Args:
        host: address to listen on.
        port: the first one tried.
        served: what is to answer there, for the message where it cannot.
        hint: how another port is asked for.

    Raises:
        UsageError: the address is not one of this machine, or every port tried is busy.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share a busy port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, candidate))
            listener.listen(128)
        except PermissionError:
            listener.close()
        except OSError as problem:
            listener.close()
            if not _is_busy(problem):
                raise UsageError(
                    f"The {served} cannot listen on {host}.",
                    why=str(problem),
                    hint="set [dashboard] host in shopstack.toml to 127.0.0.1",
                ) from problem
        else:
            return listener
    raise UsageError(
        f"There is no free port for the {served}.",
        why=f"Ports {port} to {candidate} are all in use.",
        hint=hint,
    )


def _is_busy(problem: OSError) -> bool:
    return problem.errno in {errno.EADDRINUSE, errno.EACCES}
