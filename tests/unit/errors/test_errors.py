"""The error tree: the class alone decides the exit code."""

from __future__ import annotations

import re

import pytest

from shopstack import errors
from shopstack.cli.reference import error_classes
from shopstack.errors import ShopstackError


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UsageError", 2),
        ("ConfigurationError", 2),
        ("CredentialsError", 3),
        ("MissingScopeError", 3),
        ("TransientError", 4),
        ("UnreachableError", 4),
        ("LockedError", 4),
        ("DataError", 1),
        ("IncompleteError", 1),
        ("BuildError", 1),
        ("DifferenceError", 1),
    ],
)
def test_the_class_decides_the_exit_code(name: str, code: int) -> None:
    assert getattr(errors, name)("It went wrong.").exit_code == code


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = set(re.findall(r"([A-Z]\w+Error)\b", errors.__doc__ or ""))
    assert drawn == {one.__name__ for one in error_classes()}


def test_an_error_as_data_has_everything_that_a_person_is_told() -> None:
    problem = errors.LockedError("Another run works.", why="pid 7", hint="wait")
    assert problem.as_dict() == {
        "error": "LockedError",
        "message": "Another run works.",
        "why": "pid 7",
        "hint": "wait",
        "exit_code": 4,
    }
    assert str(problem) == "Another run works."


def test_every_error_can_be_caught_as_one() -> None:
    assert all(issubclass(one, ShopstackError) for one in error_classes())
    assert len(error_classes()) == 16
