"""GitHub's workflows of a merchant's project, held against three linters."""
