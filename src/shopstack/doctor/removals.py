"""The check of removals of customers: none may be left half done."""

from __future__ import annotations

from collections.abc import Iterator

from shopstack.doctor.findings import Finding, failure, warning
from shopstack.errors import ShopstackError
from shopstack.extract.redaction import interrupted, interruption
from shopstack.orchestration.lock import holder
from shopstack.project import Project


def check_removals(project: Project) -> Iterator[Finding]:
    """Of customers: whether any was begun and broken off. Nothing is said where none was, or one is at work."""
    check = "removals"
    if holder(project.state):
        return
    try:
        begun = interrupted(project)
    except ShopstackError as problem:
        yield failure(check, problem)
        return
    for shop, at in begun.items():
        message, fix = interruption(shop, at)
        yield warning(check, message, fix)
