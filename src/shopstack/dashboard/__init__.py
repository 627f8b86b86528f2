"""Who sees it: the web pages over the published version. Nothing here opens the warehouse."""

from shopstack.dashboard.app import create_app
from shopstack.dashboard.server import serve

__all__ = ["create_app", "serve"]
