"""Who can read it: versioned Parquet behind one pointer, a catalogue of views, metrics and the status file.

Readers (dashboard, notebook, `shopstack sql`, export) never open the warehouse: a reader never meets a writer.
"""

from shopstack.publish.current import Current, open_published
from shopstack.publish.old_versions import remove_old_versions
from shopstack.publish.pointer import Pointer, PublishedShop, PublishedTable, read_pointer
from shopstack.publish.snapshot import Snapshot
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
