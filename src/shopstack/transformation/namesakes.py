"""Tables of the merchant's own that have the name of one of the engine's, which is still switched on.

dbt takes a model of the project for one of a package wherever both have a name. So whatever the engine makes from its
own table would be made from his, unasked, with no more than its tests to notice. To replace a table is to switch the
engine's off first, which `dbt_project.yml` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shopstack.errors import ConfigurationError
from shopstack.project import Project
from shopstack.transformation.containment import ENGINE

PACKAGE = Path("packages") / ENGINE
DBT_PROJECT = "dbt_project.yml"
_MODELS = "models"
_SWITCHES = ("+enabled", "enabled")
_OWN = ((_MODELS, "*.sql"), (_MODELS, "*.py"), ("seeds", "*.csv"))


@dataclass(frozen=True)
class Namesake:
    """A file of the merchant's own, and the engine's model of its name."""

    own: Path
    """Relative to the project."""
    engines: Path
    """Relative to the models of the engine's package: `reporting/product_performance.sql`."""

    @property
    def message(self) -> str:
        """What is wrong."""
        return f"{self.own.as_posix()} has the name of one of the engine's tables, {self.engines.stem}"

    @property
    def hint(self) -> str:
        """What to do about it."""
        keys = " > ".join((_MODELS, ENGINE, *self.engines.with_suffix("").parts))
        return (
            f"to replace the engine's, write in transformation/{DBT_PROJECT}, below {keys}: +enabled: false "
            f"(docs/guides/edit-sql.md shows it); if that is not meant, give the file another name"
        )


def namesakes(project: Project) -> tuple[Namesake, ...]:
    """Every file of the merchant's own with the name of a model of the engine's that is not switched off."""
    folder = project.transformation
    models = folder / PACKAGE / _MODELS
    engines = {path.stem: path.relative_to(models) for path in sorted(models.rglob("*.sql"))}
    switches = _switches(folder / DBT_PROJECT)
    return tuple(
        Namesake(path.relative_to(project.root), engines[path.stem])
        for path in _own(folder)
        if path.stem in engines and not _is_off(switches, engines[path.stem])
    )


def require_no_namesakes(project: Project) -> None:
    """Refuse what dbt would put in the engine's place without being told to.

    Raises:
        ConfigurationError: a table of the merchant's own has the name of one of the engine's.
    """
    for one in namesakes(project):
        raise ConfigurationError(
            f"{one.message}.",
            why="The engine's own is still switched on, and whatever is made from it would be made from yours.",
            hint=one.hint,
        )


def _own(folder: Path) -> Iterator[Path]:
    for place, pattern in _OWN:
        yield from sorted((folder / place).rglob(pattern))


def _switches(file: Path) -> Mapping[str, Any]:
    """What the project's file says of the engine's models; nothing where it cannot be read, which dbt says better."""
    try:
        said = yaml.safe_load(file.read_bytes())[_MODELS][ENGINE]
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return {}
    return said if isinstance(said, Mapping) else {}


def _is_off(switches: Mapping[str, Any], model: Path) -> bool:
    """Whether a model is switched off, by itself or with the folder that it lies in. What dbt works out itself counts as off."""
    is_on: Any = True
    level: Any = switches
    for key in (None, *model.with_suffix("").parts):
        level = level if key is None else level.get(key)
        if not isinstance(level, Mapping):
            break
        is_on = next((level[name] for name in _SWITCHES if name in level), is_on)
    return is_on is not True
