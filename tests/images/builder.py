"""buildah on this machine: a base made by debootstrap, an image built on it, and containers of it.

Nothing is installed. Images and containers lie in `.cache/containers`, apart from any others of this machine; the base stays
there. buildah's isolation by chroot needs no engine and shares this machine's network, so that what a test serves on loopback
can be reached; it has no read-only root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.images.dockerfile import CACHE

STORE = CACHE / "containers"
BASE = "localhost/base:bookworm"
"""Debian with Python 3.11 and pip, in place of Python's official image, which is not to be had without a registry."""
PACKAGES = "python3,python3-pip,ca-certificates"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
TIMEOUT = 3000
"""Seconds for the longest step, an image on a busy machine."""


def missing() -> str | None:
    """Why no image can be built on this machine, or None."""
    lacking = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    if lacking:
        return f"needs {' and '.join(lacking)} to build an image: apt-get install {' '.join(lacking)}"
    if sys.platform == "win32" or os.geteuid() != 0:
        return "needs to be root to build an image with buildah by chroot"
    return None


def buildah(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One command of buildah in our own store."""
    own = ["--root", str(STORE / "store"), "--runroot", str(STORE / "run"), "--storage-driver", "vfs"]
    done = subprocess.run(
        ["buildah", *own, *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0 or not check, f"buildah {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done


def ensure_base(folder: Path) -> None:
    """See to it that the base is there; ``folder`` is for what is made on the way."""
    if BASE in buildah("images", "--format", "{{.Name}}:{{.Tag}}").stdout.split():
        return
    root, file = folder / "root", folder / "Dockerfile"
    debootstrap = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)]
    subprocess.run(debootstrap, check=True, capture_output=True, timeout=TIMEOUT)
    file.write_text("FROM scratch\nCOPY . /\n", encoding="utf-8")
    buildah("bud", "--isolation", "chroot", "--file", str(file), "--tag", BASE, str(root))
    shutil.rmtree(root)


@contextmanager
def built(project: Path, tag: str) -> Iterator[str]:
    """The image of a project, by its own Dockerfile; removed at the end."""
    words = ["bud", "--isolation", "chroot", "--build-arg", f"BASE_IMAGE={BASE}", "--tag", tag]
    if CERTIFICATES.is_file():  # this machine may trust a mirror of packages that others do not know
        words += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"]
    buildah(*words, "--file", str(project / "orchestration" / "Dockerfile"), str(project))
    try:
        yield tag
    finally:
        buildah("rmi", "--force", tag, check=False)


@dataclass(frozen=True)
class Container:
    """One container of an image, with a disk of its own that nothing has been written to yet."""

    name: str
    environment: Mapping[str, str]
    options: tuple[str, ...] = ()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in it, as the image's user and in the image's folder unless the options say otherwise."""
        given = [part for name, value in self.environment.items() for part in ("--env", f"{name}={value}")]
        return buildah(
            "run", "--isolation", "chroot", *given, *self.options, self.name, "--", *words, check=False
        )

    def shopstack(self, *words: str) -> str:
        """A command of ours; it must end with 0. What it said."""
        done = self.run("shopstack", *words)
        assert done.returncode == 0, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def files(self) -> dict[str, tuple[int, float]]:
        """Size and time of every file of its disk, without what lies in volumes, which are mounted over it."""
        root = Path(buildah("mount", self.name).stdout.strip())
        found = {
            path.relative_to(root).as_posix(): (path.lstat().st_size, path.lstat().st_mtime)
            for path in root.rglob("*")
            if not path.is_dir() or path.is_symlink()
        }
        buildah("umount", self.name)
        return found


@contextmanager
def container(
    image: str,
    environment: Mapping[str, str],
    *,
    user: str = "",
    mounts: Mapping[str, Path] | None = None,
) -> Iterator[Container]:
    """A new container, as at every start of a task; removed at the end.

    Args:
        image: what it is made of.
        environment: variables that it gets beside the image's.
        user: as whom its commands run, if not as the image says.
        mounts: what is mounted where; in place of the volume, where the image declares one.
    """
    name = buildah("from", image).stdout.strip()
    options = ["--user", user] if user else []
    try:
        for place, here in (mounts or {}).items():
            # This buildah mounts volumes in no fixed order, the image's over ours.
            buildah("config", "--volume", f"{place}-", name)
            options += ["--volume", f"{here}:{place}"]
        yield Container(name, environment, tuple(options))
    finally:
        buildah("rm", name, check=False)
