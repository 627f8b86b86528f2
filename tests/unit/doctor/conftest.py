"""A simulated S3 for the checks of a bucket."""

from tests.s3_fixtures import running_s3, s3

__all__ = ["running_s3", "s3"]
