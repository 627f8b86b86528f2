"""Ctrl-C, whenever it comes: a calm word, exit code 130, and nothing of a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest

from shopstack.project import Project
from tests.cli.conftest import CommandLine


@pytest.mark.parametrize(
    "problem", [KeyboardInterrupt(), click.Abort(), RuntimeError("Query interrupted")], ids=repr
)
def test_ctrl_c_is_calm_and_130(
    shopstack: CommandLine, project: Project, monkeypatch: pytest.MonkeyPatch, problem: BaseException
) -> None:
    def interrupted(_: Project, **__: bool) -> None:
        raise problem

    monkeypatch.setattr("shopstack.doctor.check_project", interrupted)
    ran = shopstack("--project", "shop", "check")
    assert ran.code == 130
    assert ran.err.strip() == "Interrupted. Nothing is half done; the same command takes it up again."


@pytest.mark.skipif(os.name != "posix", reason="the signal is sent as a terminal does")
def test_ctrl_c_while_the_code_is_still_being_read_is_calm_too() -> None:
    code = """
import builtins, os, signal
real = builtins.__import__
def interrupted(name, *rest, **more):
    if name == "click":
        os.kill(os.getpid(), signal.SIGINT)
    return real(name, *rest, **more)
builtins.__import__ = interrupted
from shopstack.cli import main
main(["status"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "Interrupted. Nothing is half done; the same command takes it up again.\n"
