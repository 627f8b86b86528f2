"""The module that dev and prod share refuses, in its own tests, every value that it says it refuses."""

from __future__ import annotations

import re

from tests.infrastructure.terraform import INFRASTRUCTURE

MODULE = "aws/modules/environment"


def test_every_rule_of_a_variable_has_a_value_that_breaks_it() -> None:
    folder = INFRASTRUCTURE / MODULE
    variables = (folder / "variables.tf").read_text(encoding="utf-8")
    blocks = re.findall(r'^variable "(\w+)" \{(.*?)^\}', variables, re.DOTALL | re.MULTILINE)
    guarded = {name for name, text in blocks if "validation {" in text}
    refusals = (folder / "tests" / "refusals.tftest.hcl").read_text(encoding="utf-8")
    refused = re.findall(r"expect_failures = \[(.*?)\]", refusals, re.DOTALL)
    assert guarded == set(re.findall(r"var\.(\w+)", " ".join(refused)))
