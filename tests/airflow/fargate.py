"""Fargate on this machine: of ECS and CloudWatch's logs just what starts a container, waits for it, and reads what it said.

A container is `shopstack` with the command that it was started with, in a project's folder. What is not shown: rights,
networks, images, and that a task may fail to start.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.e2e.harness import TIMEOUT, environment

ARN = "arn:aws:ecs:us-east-1:111122223333:task/shopstack-prod/0123abcd"


@dataclass
class Fargate:
    """The cluster with one task. ``asked`` are the requests for it to be started."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    asked: list[dict[str, Any]] = field(default_factory=list)
    read: list[dict[str, Any]] = field(default_factory=list)
    """The requests for its log."""
    said: list[str] = field(default_factory=list)
    exit_code: int | None = None

    def answer(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """What AWS answers."""
        if action == "RunTask":
            self.asked.append(body)
            (override,) = body["overrides"]["containerOverrides"]
            threading.Thread(target=self._contain, args=(override["command"],)).start()
        if action == "GetLogEvents":
            self.read.append(body)
            place = int(body.get("nextToken", "f/0")[2:])
            events = [{"timestamp": 1_796_000_000_000, "message": line} for line in self.said[place:]]
            return {
                "events": events,
                "nextForwardToken": f"f/{place + len(events)}",
                "nextBackwardToken": "b/0",
            }
        state = "RUNNING" if self.exit_code is None else "STOPPED"
        container: dict[str, object] = {"name": "shopstack", "lastStatus": state}
        if self.exit_code is not None:
            container |= {"exitCode": self.exit_code}
        return {"tasks": [{"taskArn": ARN, "lastStatus": state, "containers": [container]}], "failures": []}

    def _contain(self, command: list[str]) -> None:
        words = [sys.executable, "-m", "shopstack", "--project", str(self.folder), *command]
        done = subprocess.run(
            words,
            env=environment(**self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        self.said += done.stdout.splitlines()
        self.exit_code = done.returncode


@contextmanager
def simulated_fargate(folder: Path, environment: Mapping[str, str]) -> Iterator[Fargate]:
    """A cluster whose containers work in the folder, until the block ends."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
            action = self.headers["X-Amz-Target"].partition(".")[2]
            content = json.dumps(fargate.answer(action, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Requests are kept in `Fargate.asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    fargate = Fargate(f"http://127.0.0.1:{server.server_port}", folder, environment)
    thread = threading.Thread(target=server.serve_forever, name="simulated-fargate", daemon=True)
    thread.start()
    try:
        yield fargate
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
