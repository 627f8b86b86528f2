"""Reproducible measurements; each says what it shows. Results are kept in README.md beside them."""
