"""A Shopify to test against: an event log, its projections, and the server that speaks the Admin API.

Nothing here imports the engine, so that what stands here can prove the engine wrong.
"""
