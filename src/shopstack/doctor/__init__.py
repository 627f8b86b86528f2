"""Is everything in order: one finding a check, each with its fix.

`check_project` looks at the project alone, without the network; `examine_shops` asks Shopify too. What is
found is returned, never printed or raised: a broken thing must not hide the next one.
"""

from shopstack.doctor.data import check_data
from shopstack.doctor.findings import Finding, worst_exit_code
from shopstack.doctor.project import check_engine, check_machine, check_project
from shopstack.doctor.shop import ShopProof, examine_shops, prove_shop
from shopstack.doctor.snowflake import check_snowflake
from shopstack.doctor.storage import check_storage

__all__ = [
    "Finding",
    "ShopProof",
    "check_data",
    "check_engine",
    "check_machine",
    "check_project",
    "check_snowflake",
    "check_storage",
    "examine_shops",
    "prove_shop",
    "worst_exit_code",
]
