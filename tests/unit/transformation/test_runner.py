"""What goes from dbt into its log. What a build leaves behind is for tests/contract/transformation/test_runner.py."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from shopstack import output
from shopstack.transformation.runner import _run


def test_a_secret_that_dbt_says_does_not_reach_its_log(tmp_path: Path) -> None:
    output.hide("passphrase-of-the-key")
    log = tmp_path / "dbt.log"
    said = "print('signed in with passphrase-of-the-key')"
    _run([sys.executable, "-c", said], cwd=tmp_path, environment=os.environ, log=log)
    assert log.read_text().strip().endswith("signed in with ***")
