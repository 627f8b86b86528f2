"""How shopstack came onto this machine: from an index, from the folder of a clone, or from a file or repository.

pip notes it beside the package (`direct_url.json`); a package from an index has no such note.
https://packaging.python.org/en/latest/specifications/direct-url/
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

PACKAGE = "shopstack"


def install_hint(extra: str) -> str:
    """What to type for one of shopstack's extras (`notebook`), given how shopstack itself was installed."""
    origin = _origin()
    url = str(origin.get("url", ""))
    if "dir_info" in origin:
        editable = "-e " if origin["dir_info"].get("editable") else ""
        return f"pip install {editable}'.[{extra}]', in {url2pathname(urlsplit(url).path)}"
    if "vcs_info" in origin:
        known = origin["vcs_info"]
        revision = known.get("requested_revision") or known.get("commit_id", "")
        url = f"{known.get('vcs', 'git')}+{url}" + (f"@{revision}" if revision else "")
    return f"pip install '{PACKAGE}[{extra}]" + (f" @ {url}'" if url else "'")


def _origin() -> dict[str, Any]:
    """What pip noted; nothing where it came from an index, or is run without having been installed."""
    try:
        noted = distribution(PACKAGE).read_text("direct_url.json")
        found = json.loads(noted or "{}")
    except (PackageNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
