"""Who can read it: versioned Parquet behind one pointer, a catalogue of views, metrics and the status file.

Readers (dashboard, notebook, `shopstack sql`, export) never open the warehouse: a reader never meets a writer. Nor do they
load what writes a version (`versions`), which knows dbt and Shopify: that comes when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopstack.publish.current import Current, open_published
from shopstack.publish.old_versions import remove_old_versions
from shopstack.publish.pointer import Pointer, PublishedShop, PublishedTable, read_pointer
from shopstack.publish.snapshot import Snapshot

if TYPE_CHECKING:
    from shopstack.publish.versions import Published, is_published, publish_version

__all__ = [
    "Current",
    "Pointer",
    "Published",
    "PublishedShop",
    "PublishedTable",
    "Snapshot",
    "is_published",
    "open_published",
    "publish_version",
    "read_pointer",
    "remove_old_versions",
]


def __getattr__(name: str) -> object:
    """What is in `versions`."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from shopstack.publish import versions

    return getattr(versions, name)
