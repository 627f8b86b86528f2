"""The checks of a warehouse on Snowflake: whether the key is one, and whether each role may do its work there.

`terraform apply` says that grants were made, not that they are enough. Here each role does what it will have to do
(decision 0030 says what), in a small way that costs a minute of the warehouse, and takes it away again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from shopstack.doctor.findings import Finding, failure, ok, warning
from shopstack.doctor.snowflake_building import prove_building
from shopstack.doctor.snowflake_loading import RawProbes, prove_loading
from shopstack.doctor.snowflake_trial import Trial
from shopstack.errors import ShopstackError
from shopstack.project import Project
from shopstack.secrets import read_snowflake_key
from shopstack.warehouse.snowflake_connection import SnowflakeAccess, signed_in
from shopstack.warehouse.snowflake_key import private_key

_KEY, _LOADING, _BUILDING = "Snowflake's key", "Snowflake, loading", "Snowflake, building"


def check_snowflake_key(project: Project) -> Iterator[Finding]:
    """Without the network nothing is refused yet: a build server checks projects without any secret."""
    if project.config.warehouse.type != "snowflake":
        return
    try:
        key = read_snowflake_key(project.root)
        private_key(key)
    except ShopstackError as problem:
        yield warning(_KEY, f"{problem.message} {problem.why}", problem.hint)
        return
    yield ok(
        _KEY, f"a private key that Snowflake takes, {f'in {key.path.name}' if key.path else 'in a variable'}"
    )


def check_snowflake(project: Project) -> list[Finding]:
    """Sign in as whoever loads and as whoever builds, and have each do a little of its work.

    Who builds is tried while what the other has made is there: what comes tomorrow must be readable too.
    """
    if project.config.warehouse.type != "snowflake":
        return []
    config = project.config.warehouse
    built: list[Finding] = []

    def build(probes: RawProbes) -> None:
        def prove(trial: Trial) -> None:
            prove_building(trial, probes)

        built.extend(_tried(_BUILDING, lambda: SnowflakeAccess.to_transform(project), prove))

    def load(trial: Trial) -> None:
        is_apart = config.transformer_role not in {"", config.role}
        prove_loading(trial, build, not_for_it=config.database("prod") if is_apart else "")

    loaded = _tried(_LOADING, lambda: SnowflakeAccess.to_load(project), load)
    if not built:
        build(RawProbes(config.database("raw")))
    return [*loaded, *built]


def _tried(
    check: str, access_of: Callable[[], SnowflakeAccess], prove: Callable[[Trial], None]
) -> list[Finding]:
    """What a role's trial found; what ends it early is a finding too."""
    found: list[Finding] = []
    try:
        access = access_of()
        with signed_in(access) as session:
            trial = Trial(check, session, access)
            found = trial.found
            prove(trial)
    except ShopstackError as problem:
        found.append(failure(check, problem))
    return found
