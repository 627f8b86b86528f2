"""The container image of a merchant's project: its Dockerfile, what goes into it, and what it does when it runs."""
