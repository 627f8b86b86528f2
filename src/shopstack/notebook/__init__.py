"""For notebooks and scripts: one published version of a project as tables and charts, read-only.

    from shopstack.notebook import open_newest

    published = open_newest()                                  # of the project around the current folder
    published.metrics("net_sales", "orders", period="90d")     # a pyarrow table
    published.sales_map(period="90d")                          # an altair chart
    published.connect().sql("select count(*) from serving.fct_orders")

Figures are those of the dashboard: its metrics and its blocks are computed here, nothing is defined anew. Charts need
the extra: `notebook`.
"""

from shopstack.notebook.drawing import use_look
from shopstack.notebook.files import to_parquet
from shopstack.notebook.version import PublishedVersion, open_newest

__all__ = ["PublishedVersion", "open_newest", "to_parquet", "use_look"]
