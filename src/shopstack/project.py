"""One merchant's project on disk: its configuration, and where everything of it lies."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from shopstack.config import Config, load_config
from shopstack.storage import Storage, bucket_of, open_storage

STATUS_FILE = "status.json"

Area = Literal["landing", "published", "runs", "dbt"]
"""What lies side by side below `storage.url`."""


@dataclass(frozen=True)
class Project:
    """A folder with a `shopstack.toml`. Paths are absolute; nothing is created by looking at them."""

    root: Path
    config: Config

    @classmethod
    def open(cls, folder: Path) -> Project:
        """The project in ``folder``.

        Raises:
            ConfigurationError: there is none, or its configuration is wrong.
        """
        root = folder.resolve()
        return cls(root, load_config(root))

    @property
    def warehouse(self) -> Path:
        """Folder of the DuckDB files (`raw.duckdb`, `prod.duckdb`, …)."""
        return self.root / self.config.warehouse.path

    def database(self, name: str) -> Path:
        """File of one DuckDB database: ``raw``, ``prod``, ``dev_ann``, ``branch_x``."""
        return self.warehouse / f"{name}.duckdb"

    @property
    def storage(self) -> Path:
        """Root of landed and published files on this machine; where they lie in S3, of local copies of them."""
        bucket = bucket_of(self.config.storage.url)
        if bucket is None:
            return self.root / self.config.storage.url
        cache = self.root / self.config.storage.cache if self.config.storage.cache else self.state / "cache"
        return cache / f"{bucket.name}-{sha256(str(bucket).encode()).hexdigest()[:8]}"

    @property
    def is_far(self) -> bool:
        """Whether its files lie in S3: what lies on this machine is a copy, or on its way there."""
        return bucket_of(self.config.storage.url) is not None

    def stored(self, area: Area | None = None) -> Storage:
        """Where its files lie: those of one area, or all of them."""
        url = f"{self.config.storage.url}/{area}" if area else self.config.storage.url
        return open_storage(url, self.storage / area if area else self.storage)

    @property
    def landing(self) -> Path:
        """Landed windows: `<shop>/<stream>/<window>/`."""
        return self.storage / "landing"

    @property
    def published(self) -> Path:
        """Published versions, the pointer `current.json` and `catalog.duckdb`."""
        return self.storage / "published"

    @property
    def runs(self) -> Path:
        """Run history: one JSON file a run."""
        return self.storage / "runs"

    @property
    def status_file(self) -> Path:
        """What the last run found; written after failures too."""
        return self.storage / STATUS_FILE

    @property
    def transformation(self) -> Path:
        """The dbt project."""
        return self.root / "transformation"

    @property
    def state(self) -> Path:
        """The engine's own small files: the lock, `origin.json`."""
        return self.root / ".shopstack"
