"""A small shop's whole data stack: Shopify in, answers out."""

__version__ = "0.1.0"
