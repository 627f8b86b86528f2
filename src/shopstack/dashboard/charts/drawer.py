"""The drawing process: Vega-Lite or SVG in by stdin, SVG or PNG out by stdout, until stdin ends.

It is run as a file and imports nothing of the engine, so that it holds little besides Vega; `apart` starts it and talks
to it. A request is one line of JSON, an answer one line of JSON and as many bytes as that says. The first answer, which
nobody asked for, says that it is ready.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import vl_convert

SMALLEST = '{"data": {"values": [{}]}, "mark": "point"}'


def drawn(request: dict[str, Any]) -> bytes:
    """What the request asks for.

    Raises:
        ValueError: Vega or the picture's renderer refuses it.
    """
    if "svg" in request:
        return bytes(vl_convert.svg_to_png(request["svg"], scale=request["scale"]))
    return str(vl_convert.vegalite_to_svg(request["spec"], allowed_base_urls=[])).encode()


def in_words(problem: ValueError) -> str:
    """What was said against it, without the way to that through Vega's own text."""
    return str(problem).split("\n    at ", 1)[0]


def answer(content: bytes, *, is_drawn: bool = True) -> None:
    """Say it, at once."""
    head = json.dumps({"drawn": is_drawn, "bytes": len(content)}).encode()
    sys.stdout.buffer.write(head + b"\n" + content)
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer until stdin ends, which it does with the process at its other end, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    answer(drawn({"spec": SMALLEST}))  # Vega takes a while to begin; it does so while figures are queried
    for line in sys.stdin.buffer:
        try:
            answer(drawn(json.loads(line)))
        except ValueError as problem:
            answer(in_words(problem).encode(), is_drawn=False)
    os._exit(0)  # Vega's threads have nothing to tidy up


if __name__ == "__main__":
    main()
