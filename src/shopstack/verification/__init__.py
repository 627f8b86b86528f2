"""Is it true: completeness of what was loaded, ties of each order, agreement with Shopify's own report."""
