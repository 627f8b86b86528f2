"""The Dockerfile: hadolint finds nothing, packages come by checksum, and what runs is no root and no shell."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib

import pytest

from tests.images.dockerfile import CACHE, DOCKERFILE, ORCHESTRATION, REPOSITORY, stages

HADOLINT = CACHE / "images" / "bin" / "hadolint"
TEXT = DOCKERFILE.read_text(encoding="utf-8")

BAD = {
    "DL3002": ("USER 10001:10001", "USER root"),
    "DL3006": ("FROM ${BASE_IMAGE} AS engine", "FROM python AS engine"),
    "DL3007": ("FROM ${BASE_IMAGE} AS engine", "FROM python:latest AS engine"),
    "DL3020": ("COPY requirements.txt", "ADD requirements.txt"),
    "DL3025": ('ENTRYPOINT ["shopstack"]', "ENTRYPOINT shopstack"),
    "SC2086": ('install "$@"', "install $PIP_OPTIONS"),
}
"""For each rule of hadolint a mistake that it must notice."""

PINNED = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>\S+)", re.MULTILINE)


def lint(text: str) -> set[str]:
    """The rules that hadolint says are broken."""
    words = [str(HADOLINT), "--no-fail", "--format", "json", "-"]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=True, timeout=60)
    return {one["code"] for one in json.loads(done.stdout)}


needs_hadolint = pytest.mark.skipif(
    not HADOLINT.is_file(), reason="needs hadolint in .cache/images (`make test` fetches it)"
)


@needs_hadolint
def test_hadolint_finds_nothing() -> None:
    assert lint(TEXT) == set()


@needs_hadolint
@pytest.mark.parametrize("rule", BAD)
def test_hadolint_notices_a_mistake(rule: str) -> None:
    right, wrong = BAD[rule]
    assert right in TEXT
    assert rule in lint(TEXT.replace(right, wrong))


def test_what_runs_begins_anew_from_the_base_and_takes_two_folders_along() -> None:
    *before, last = stages(TEXT)
    assert last.base == "${BASE_IMAGE}"
    assert len(before) == 2
    copied = [words for name, words in last.instructions if name == "COPY"]
    assert copied == ["--from=engine /opt/shopstack /opt/shopstack", "--from=project /project /project"]


def test_the_base_can_be_chosen_and_has_a_version() -> None:
    (default,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", default)


def test_without_further_words_it_runs_and_no_shell_stands_before_it() -> None:
    last = stages(TEXT)[-1]
    assert (last.words("ENTRYPOINT"), last.words("CMD")) == (["shopstack"], ["run"])


def test_nothing_is_compiled_where_nothing_can_be_written() -> None:
    engine, _, last = stages(TEXT)
    assert last.environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert "compileall" in engine.last("RUN")


def test_every_package_comes_by_checksum_and_ready_made() -> None:
    installs = [words for name, words in stages(TEXT)[0].instructions if name == "RUN" and "install" in words]
    assert len(installs) == 2
    assert all("--no-deps" in words and "--only-binary :all:" in words for words in installs)
    assert "--require-hashes" in installs[0]


def test_what_is_locked_is_what_the_tests_ran_with() -> None:
    """The extras that the cloud needs are among it, and no package is without a checksum."""
    text = (ORCHESTRATION / "requirements.lock").read_text(encoding="utf-8")
    locked = {found["name"]: found["version"] for found in PINNED.finditer(text)}
    tried = (REPOSITORY / "requirements-dev.lock").read_text(encoding="utf-8")
    assert locked.items() <= {found["name"]: found["version"] for found in PINNED.finditer(tried)}.items()
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=\w)", text))
    assert _asked_for("s3", "snowflake") <= locked.keys()


def _asked_for(*extras: str) -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in extras for one in project["optional-dependencies"][extra]),
    ]
    return {re.split(r"[\[>=<,]", one)[0] for one in wanted}


def test_the_lock_is_renewed_with_the_others() -> None:
    script = (REPOSITORY / "scripts" / "lock.sh").read_text(encoding="utf-8")
    written = (ORCHESTRATION / "requirements.lock").relative_to(REPOSITORY)
    assert f"-o {written.as_posix()} pyproject.toml" in script
