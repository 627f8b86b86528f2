#!/usr/bin/env bash
# Renews the lock files with uv. dbt-core stays below 1.12: the parser it would bring is downloaded at build time.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header --python-version 3.11 --quiet)
limits=$(mktemp); trap 'rm -f "$limits"' EXIT
echo 'dbt-core<1.12' > "$limits"
uv pip compile "${options[@]}" --constraint "$limits" --all-extras --group dev -o requirements-dev.lock pyproject.toml
uv pip compile "${options[@]}" --constraint requirements-dev.lock -o requirements.lock pyproject.toml
for apart in tests/{infrastructure/provider,infrastructure/checkov,workflows}/requirements; do
  uv pip compile "${options[@]}" -o "$apart.lock" "$apart.in"
done
