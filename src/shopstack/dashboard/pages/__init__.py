"""The stock pages: one module with the blocks' figures, one `.sql` file with their queries, one template each."""

from shopstack.dashboard.page import Page
from shopstack.dashboard.pages import nationwide_sales

PAGES: tuple[Page, ...] = (nationwide_sales.PAGE,)
"""Every stock page; the first one is the front page."""
