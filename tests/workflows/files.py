"""The blueprint's workflows as they stand: their text, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "src" / "shopstack" / "blueprint" / ".github" / "workflows"


def text_of(workflow: str) -> str:
    return (FOLDER / f"{workflow}.yml").read_text(encoding="utf-8")


def read(workflow: str) -> Any:
    """Mappings and lists of texts alone: YAML 1.1 would take `on` for a truth value, and `15` for a number."""
    return yaml.load(text_of(workflow), yaml.BaseLoader)  # noqa: S506 - it makes texts, and no objects
