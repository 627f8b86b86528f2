"""Where a notebook is served: on a free port of this computer."""

from __future__ import annotations

import socket

import pytest

from shopstack.dashboard import ports
from shopstack.errors import UsageError
from shopstack.notebook import server


def test_a_busy_port_gives_way_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((server.HOST, 0)) as taken:
        busy = taken.getsockname()[1]
        assert busy < server.free_port(busy) < busy + ports.PORTS_TRIED
        monkeypatch.setattr(ports, "PORTS_TRIED", 1)
        with pytest.raises(UsageError) as refused:
            server.free_port(busy)
    assert str(busy) in refused.value.why
    assert refused.value.hint == "shopstack explore --port 9100"
    assert server.free_port(busy) == busy
