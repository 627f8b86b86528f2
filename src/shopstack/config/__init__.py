"""`shopstack.toml`: its tables (`sections.py`), the checks of single values (`values.py`) and its reading (`reading.py`)."""

from shopstack.config.reading import load_config, parse_config, read_text
from shopstack.config.sections import CONFIG_FILE, SECTIONS, Config, ShopConfig, WarehouseConfig
from shopstack.config.values import LOOPBACK, shop_address

__all__ = [
    "CONFIG_FILE",
    "LOOPBACK",
    "SECTIONS",
    "Config",
    "ShopConfig",
    "WarehouseConfig",
    "load_config",
    "parse_config",
    "read_text",
    "shop_address",
]
