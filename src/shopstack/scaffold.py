"""How a project comes to be: the blueprint copied, what differs written, and what was copied remembered.

Nothing is templated. A new project equals the blueprint byte for byte, except `[shop]` in
`shopstack.toml`, the git-ignored `.env`, and `.shopstack/origin.json`, which holds the engine's version and
the checksum of every file as it was written, so that later edits can be told from what came with the engine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from shopstack import __version__
from shopstack.config import CONFIG_FILE, parse_config
from shopstack.errors import ConfigurationError, UsageError
from shopstack.installation import version_hint
from shopstack.project import Project
from shopstack.secrets import ENV_FILE

BLUEPRINT = Path(__file__).parent / "blueprint"
VENDORED = Path("transformation/packages/shopstack")
ORIGIN_FILE = Path(".shopstack/origin.json")

_LEFTOVERS = frozenset(
    {"__pycache__", "target", "logs", "dbt_packages", ".user.yml", ".terraform", ".DS_Store"}
)
"""What tools leave behind when they run inside the blueprint or a project; never copied, never reported."""

_ALLOWED_BEFORE = frozenset({".git", ".venv", ".DS_Store"})
"""What a folder may hold and still count as empty: people make the repository, or install the engine, first."""

_DRAFT = ".shopstack-draft-"
"""Prefix of a project that is not whole yet; one that a killed process left behind is in nobody's way."""

_ADDRESS_LINE = re.compile(r'^(\[shop\][^\[]*?^address\s*=\s*)"[^"]*"', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Origin:
    """What a project was made from."""

    engine_version: str
    files: Mapping[str, str]
    """SHA-256 of every file as it was written, by path with forward slashes."""


@dataclass(frozen=True)
class VendoredChange:
    """One file of the engine's dbt package that is not as the engine wrote it."""

    path: str
    kind: Literal["edited", "missing", "added"]


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below ``folder``, relative to it, in one order everywhere; leftovers of tools left out."""
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and _LEFTOVERS.isdisjoint(relative.parts) and path.suffix != ".pyc":
            yield relative


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def with_address(toml: str, address: str) -> str:
    """The configuration text with another shop's address, every other byte as it was.

    Raises:
        ConfigurationError: it has no ``address`` under ``[shop]``, or the address is not one.
    """
    changed, count = _ADDRESS_LINE.subn(lambda found: f'{found.group(1)}"{address}"', toml, count=1)
    if not count:
        raise ConfigurationError(
            f"{CONFIG_FILE} has no address under [shop].",
            why="The shop's address is written there.",
            hint=f'add under [shop] in {CONFIG_FILE}: address = "{address}"',
        )
    parse_config(changed)
    return changed


def env_text(credentials: Mapping[str, str]) -> str:
    """The `.env` of a project.

    Raises:
        UsageError: a value holds what no credential of Shopify's holds (a quote, a blank, a line break).
    """
    heading = "# Credentials of the shop. git ignores this file; never send it to anybody."
    return "\n".join([heading, *env_lines(credentials)]) + "\n"


def env_lines(credentials: Mapping[str, str]) -> list[str]:
    """The lines of `.env` that set them.

    Raises:
        UsageError: as `env_text`.
    """
    lines = []
    for name, value in credentials.items():
        if re.search(r"[\s'\"\\$]", value):
            raise UsageError(
                f"{name} does not look like one of Shopify's credentials.",
                why="It holds a blank, a quote or a line break.",
                hint="copy it again with the copy button of the Dev Dashboard, then try again",
            )
        lines.append(f"{name}={value}")
    return lines


def refuse_occupied(target: Path) -> None:
    """Stop before anything is asked or written if ``target`` is taken.

    Raises:
        UsageError: it is a file, or a folder with something in it.
    """
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target} is a file.", why="A project is a folder.", hint="shopstack init my-shop")
    names = (entry.name for entry in target.iterdir())
    if any(name not in _ALLOWED_BEFORE and not name.startswith(_DRAFT) for name in names):
        raise UsageError(
            f"The folder {target} is not empty.",
            why="A new project never overwrites anything.",
            hint="choose another folder: shopstack init my-shop",
        )


def create_project(target: Path, *, address: str, credentials: Mapping[str, str]) -> Project:
    """A new project in ``target``: whole, or (on any failure) not there at all.

    ``credentials`` become `.env`, readable for its owner alone.

    Raises:
        UsageError: the folder is taken or cannot be written to, or a value is unfit.
    """
    target = target.resolve()
    refuse_occupied(target)
    try:
        return _create(target, address, credentials)
    except OSError as problem:
        raise UsageError(
            f"The project could not be made in {target}.",
            why=str(problem),
            hint="choose a folder that you may write to: shopstack init ~/my-shop",
        ) from problem


def _create(target: Path, address: str, credentials: Mapping[str, str]) -> Project:
    """A draft beside or, where the folder exists, inside ``target``, so that moving it is only renaming."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=target if target.exists() else target.parent))
    try:
        _write_project(draft, address, credentials)
        project = Project.open(draft)
        _move_into(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Project(target, project.config)


def _write_project(draft: Path, address: str, credentials: Mapping[str, str]) -> None:
    checksums: dict[str, str] = {}
    for relative in files_below(BLUEPRINT):
        content = (BLUEPRINT / relative).read_bytes()
        if relative == Path(CONFIG_FILE):
            content = with_address(content.decode(), address).encode()
        destination = draft / relative
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(content)
        checksums[relative.as_posix()] = _checksum(content)
    write_private(draft / ENV_FILE, env_text(credentials))
    _write_origin(draft, checksums)


def _write_origin(root: Path, checksums: Mapping[str, str]) -> None:
    path = root / ORIGIN_FILE
    path.parent.mkdir(exist_ok=True)
    origin = {"engine_version": __version__, "files": dict(sorted(checksums.items()))}
    path.write_bytes(orjson.dumps(origin, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def write_private(path: Path, text: str) -> None:
    """A file that its owner alone can read, from its first byte on."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _move_into(draft: Path, target: Path) -> None:
    """The finished draft becomes ``target``: by one rename, or entry by entry into a folder that exists."""
    draft.chmod(0o755)  # a temporary folder is private; a project is an ordinary folder
    if not target.exists():
        draft.rename(target)
        return
    entries = sorted(draft.iterdir())
    try:
        for entry in entries:
            entry.rename(target / entry.name)
    except BaseException:
        for arrived in (target / entry.name for entry in entries):
            shutil.rmtree(arrived) if arrived.is_dir() else arrived.unlink(missing_ok=True)
        raise


def read_origin(root: Path) -> Origin:
    """What the project in ``root`` was made from.

    Raises:
        ConfigurationError: the file is missing or damaged.
    """
    path = root / ORIGIN_FILE
    try:
        found = orjson.loads(path.read_bytes())
        return Origin(str(found["engine_version"]), dict(found["files"]))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ConfigurationError(
            f"{ORIGIN_FILE.as_posix()} is missing or damaged.",
            why="It says which engine made this project, so that edits of its files can be told.",
            hint=f"git checkout {ORIGIN_FILE.as_posix()}",
        ) from problem


def vendored_changes(root: Path, origin: Origin) -> list[VendoredChange]:
    """How the engine's dbt package in the project differs from what was written there."""
    prefix = f"{VENDORED.as_posix()}/"
    expected = {path: sum_ for path, sum_ in origin.files.items() if path.startswith(prefix)}
    folder = root / VENDORED
    present = {prefix + path.as_posix() for path in files_below(folder)} if folder.is_dir() else set()
    changes = [VendoredChange(path, "added") for path in present - expected.keys()]
    for path, checksum in expected.items():
        if path not in present:
            changes.append(VendoredChange(path, "missing"))
        elif _checksum((root / path).read_bytes()) != checksum:
            changes.append(VendoredChange(path, "edited"))
    return sorted(changes, key=lambda change: change.path)


def restore_vendored(root: Path, origin: Origin) -> list[VendoredChange]:
    """Put the engine's dbt package back as it was; returns what was mended. Added files are left where they are.

    Raises:
        ConfigurationError: the project was made by another version of the engine, whose files are not here.
    """
    if origin.engine_version != __version__:
        raise ConfigurationError(
            f"This project was made by shopstack {origin.engine_version}; this is {__version__}.",
            why="The original files belong to that version.",
            hint=f"{version_hint(origin.engine_version)}, then: shopstack check --restore",
        )
    mended = [change for change in vendored_changes(root, origin) if change.kind != "added"]
    for change in mended:
        destination = root / change.path
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(BLUEPRINT / change.path, destination)
    return mended


def add_missing(root: Path, folder: Path) -> list[Path]:
    """Copy what the blueprint has below ``folder`` and the project lacks; its paths. Nothing is overwritten."""
    missing = [
        folder / path for path in files_below(BLUEPRINT / folder) if not (root / folder / path).exists()
    ]
    for path in missing:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(BLUEPRINT / path, root / path)
    return missing


def follow_engine(root: Path, origin: Origin) -> list[str]:
    """Bring the project's files to what this engine's blueprint holds; returns the paths that changed.

    The engine's own dbt package is replaced whole. Of the merchant's files only those change that are still
    as they were written; the configuration never does.
    """
    latest = {path.as_posix(): (BLUEPRINT / path).read_bytes() for path in files_below(BLUEPRINT)}
    del latest[CONFIG_FILE]
    kept = {path: known for path, known in origin.files.items() if not _is_vendored(path) or path in latest}
    gone = origin.files.keys() - kept.keys()
    for path in gone:
        (root / path).unlink(missing_ok=True)
    changed = sorted(gone)
    for path, content in latest.items():
        file = root / path
        current = _checksum(file.read_bytes()) if file.is_file() else ""
        if current == _checksum(content) or not (_is_vendored(path) or current == origin.files.get(path, "")):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        changed.append(path)
    _write_origin(root, kept | {path: _checksum(content) for path, content in latest.items()})
    return sorted(changed)


def _is_vendored(path: str) -> bool:
    return path.startswith(f"{VENDORED.as_posix()}/")
