"""Fixtures of the notebook's tests."""

from __future__ import annotations

from tests.s3_fixtures import running_s3, s3

__all__ = ["running_s3", "s3"]
