#!/usr/bin/env bash
# Renews the lock files with uv, within the limits that pyproject.toml gives it.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header --python-version 3.11 --quiet)
uv pip compile "${options[@]}" --all-extras --group dev -o requirements-dev.lock pyproject.toml
uv pip compile "${options[@]}" --constraint requirements-dev.lock -o requirements.lock pyproject.toml
uv pip compile "${options[@]}" --constraint requirements-dev.lock --extra s3 --extra snowflake --no-annotate \
  -o src/shopstack/blueprint/orchestration/requirements.lock pyproject.toml
for apart in tests/{infrastructure/provider,infrastructure/checkov,workflows,images,airflow/3.0,airflow/3.3}/requirements; do
  uv pip compile "${options[@]}" -o "$apart.lock" "$apart.in"
done
