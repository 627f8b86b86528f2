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
        return f"pip install {_editable(origin)}'.[{extra}]', in {_folder(url)}"
    if "vcs_info" in origin:
        known = origin["vcs_info"]
        revision = known.get("requested_revision") or known.get("commit_id", "")
        url = f"{known.get('vcs', 'git')}+{url}" + (f"@{revision}" if revision else "")
    return f"pip install '{PACKAGE}[{extra}]" + (f" @ {url}'" if url else "'")


def version_hint(version: str = "") -> str:
    """What to type for another version of shopstack (`0.2.0`; empty: the newest), given how this one was installed."""
    origin = _origin()
    url = str(origin.get("url", ""))
    if "dir_info" in origin:
        moved = f"git checkout v{version}" if version else "git pull"
        return f"{moved} && pip install {_editable(origin)}., in {_folder(url)}"
    if "vcs_info" in origin:
        source = f"{origin['vcs_info'].get('vcs', 'git')}+{url}" + (f"@v{version}" if version else "")
        return f"pip install --upgrade '{PACKAGE} @ {source}'"
    if url:
        return f"pip install the file of {f'version {version}' if version else 'a newer version'} as you did this one ({url})"
    return f"pip install {PACKAGE}=={version}" if version else f"pip install --upgrade {PACKAGE}"


def _editable(origin: dict[str, Any]) -> str:
    return "-e " if origin["dir_info"].get("editable") else ""


def _folder(url: str) -> str:
    return url2pathname(urlsplit(url).path)


def _origin() -> dict[str, Any]:
    """What pip noted; nothing where it came from an index, or is run without having been installed."""
    try:
        noted = distribution(PACKAGE).read_text("direct_url.json")
        found = json.loads(noted or "{}")
    except (PackageNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
