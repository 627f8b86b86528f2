"""The checks of a project and its machine: everything that can be told without the network."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from shopstack import __version__
from shopstack.config import CONFIG_FILE, ShopConfig
from shopstack.doctor.findings import Finding, guarded, ok, warning
from shopstack.doctor.removals import check_removals
from shopstack.doctor.snowflake import check_snowflake_key
from shopstack.doctor.storage import check_disk, check_passing_disk
from shopstack.errors import EXIT_USAGE, CredentialsError, ShopstackError
from shopstack.installation import version_hint
from shopstack.project import Project
from shopstack.scaffold import VENDORED, VendoredChange, read_origin, vendored_changes
from shopstack.secrets import ENV_FILE, Credentials, StaticToken
from shopstack.shopify.streams import chosen
from shopstack.shops import chosen_shops
from shopstack.transformation.namesakes import namesakes
from shopstack.transformation.seeds import place, read_seeds, workbooks

LOW_DISK_BYTES = 2 * 1024**3
"""Below this a first run of a shop with some 100,000 orders may not fit (landing, raw, prod, published)."""

EXAMPLE = ShopConfig.model_fields["address"].default
"""The address in a configuration that nobody has filled in."""

MOST_LINES_SHOWN = 20
"""So many wrong lines of a table that the merchant filled in are told."""


def check_project(project: Project, *, disk_lasts: bool = True) -> list[Finding]:
    """Everything about a project that can be told without the network.

    ``disk_lasts``: whether this machine's disk, as far as the caller knows, outlives a run.
    """
    return [
        guarded("configuration", lambda: _configuration(project)),
        *_credentials(project),
        _env_file(project.root),
        check_engine(project),
        *_vendored(project.root),
        *_namesakes(project),
        *_filled_in(project),
        *(check_disk(project) if disk_lasts else check_passing_disk(project)),
        *check_snowflake_key(project),
        *([] if project.is_far else check_removals(project)),
    ]


def check_machine(project: Project) -> list[Finding]:
    """Disk and versions."""
    return [_disk(project.root), _versions()]


def _configuration(project: Project) -> Finding:
    """The file is read already; what it asks to include must be something that is read on request."""
    chosen(project.config.extract.include)
    shops = [shop.address for shop in project.config.shops]
    if EXAMPLE in shops:
        return warning(
            "configuration",
            f"{CONFIG_FILE} is valid, but its shop is still the example's, {EXAMPLE}",
            f"put your shop's address under [shop] in {CONFIG_FILE}",
        )
    named = f"the shop is {shops[0]}" if len(shops) == 1 else f"the shops are {', '.join(shops)}"
    return ok("configuration", f"{CONFIG_FILE} is valid; {named}")


def _credentials(project: Project) -> Iterator[Finding]:
    """Of each shop. Without the network nothing is refused yet: a build server checks projects without any secret."""
    try:
        shops = chosen_shops(project)
    except ShopstackError as problem:
        yield warning("credentials", f"{problem.message} {problem.why}", problem.hint)
        return
    for access in shops:
        check = of_shop("credentials", access.shop, project)
        if isinstance(access.credentials, CredentialsError):
            missing = access.credentials
            yield warning(check, f"{missing.message} {missing.why}", missing.hint)
        else:
            yield ok(check, describe_credentials(access.credentials))


def of_shop(check: str, shop: ShopConfig, project: Project) -> str:
    """A check's name; of one of several shops, with the shop's."""
    return check if len(project.config.shops) == 1 else f"{check} ({shop.handle})"


def describe_credentials(credentials: Credentials) -> str:
    """Which kind they are; never their value."""
    if isinstance(credentials, StaticToken):
        return "an access token is set (it does not expire by itself)"
    return "client id and secret are set (each token they buy lives 24 hours)"


def _env_file(root: Path) -> Finding:
    path = root / ENV_FILE
    if not path.exists():
        return ok("secrets file", f"there is no {ENV_FILE}; credentials come from the environment")
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        return warning("secrets file", f"others on this machine can read {ENV_FILE}", f"chmod 600 {path}")
    ignored = root / ".gitignore"
    if not ignored.is_file() or ENV_FILE not in ignored.read_text(encoding="utf-8").split():
        return warning(
            "secrets file",
            f"git does not ignore {ENV_FILE}",
            f"add the line {ENV_FILE} to {root / '.gitignore'}",
        )
    return ok("secrets file", f"{ENV_FILE} is readable for its owner alone and ignored by git")


def check_engine(project: Project) -> Finding:
    """Whether this engine is the one that made the project: its dbt package must fit the engine that runs it."""
    return guarded("engine", lambda: _engine(project.root))


def _engine(root: Path) -> Finding:
    origin = read_origin(root)
    if origin.engine_version == __version__:
        return ok("engine", f"shopstack {__version__}, the version that made this project")
    return warning(
        "engine",
        f"this is shopstack {__version__}; the project's own files come from {origin.engine_version}",
        version_hint(origin.engine_version),
    )


_CHANGE_WORDS = {
    "edited": "{path} was edited; the next upgrade would lose that",
    "missing": "{path} is missing",
    "added": "{path} does not belong to the engine; the next upgrade would lose it",
}


def _vendored(root: Path) -> Iterator[Finding]:
    try:
        changes = vendored_changes(root, read_origin(root))
    except ShopstackError:
        return  # the check of the engine's version has said so
    if not changes:
        yield ok("engine's dbt package", f"{VENDORED.as_posix()} is as the engine wrote it")
    for change in changes:
        yield _changed(change)


def _changed(change: VendoredChange) -> Finding:
    fix = "move it to transformation/models/"
    if change.kind == "edited":
        fix = (
            "shopstack check --restore (your own version goes to transformation/models/, under the same name)"
        )
    elif change.kind == "missing":
        fix = "shopstack check --restore"
    message = _CHANGE_WORDS[change.kind].format(path=change.path)
    return Finding("engine's dbt package", "failed", message, fix, EXIT_USAGE)


def _namesakes(project: Project) -> Iterator[Finding]:
    for one in namesakes(project):
        yield Finding("your own tables", "failed", one.message, one.hint, EXIT_USAGE)


def _filled_in(project: Project) -> Iterator[Finding]:
    """What the merchant wrote into the seeds; every wrong line of a table is told."""
    check = "what you filled in"
    tables = read_seeds(project)
    for table in tables:
        for problem in table.problems[:MOST_LINES_SHOWN]:
            message = f"{place(table.seed, problem)}: {problem.message}"
            yield Finding(check, "failed", message, problem.hint, EXIT_USAGE)
        if len(table.problems) > MOST_LINES_SHOWN:
            more = f"{table.seed.file.as_posix()}: {len(table.problems) - MOST_LINES_SHOWN:,} more lines are wrong"
            yield Finding(check, "failed", more, "mend those above, then: shopstack check", EXIT_USAGE)
    for path, seed in workbooks(project):
        message = f"{path.as_posix()} is a spreadsheet, not CSV: nothing in it is read"
        fix = f"save it as {seed.file.name}: Save as > CSV UTF-8 (comma delimited); keep the spreadsheet elsewhere"
        yield warning(check, message, fix)
    if not any(table.problems for table in tables):
        lines = ", ".join(f"{table.seed.name} {len(table.rows):,}" for table in tables)
        yield ok(check, f"every line is right ({lines})")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    shown = f"{free / 1024**3:.1f} GB free"
    if free < LOW_DISK_BYTES:
        return warning("disk", shown, "make room: a first run writes the shop's data several times over")
    return ok("disk", shown)


def _versions() -> Finding:
    parts = {name: metadata.version(name) for name in ("duckdb", "dbt-core", "dbt-duckdb")}
    shown = ", ".join(f"{name} {version}" for name, version in parts.items())
    return ok("versions", f"shopstack {__version__}, Python {platform.python_version()}, {shown}")
