"""What the data becomes: dbt's sources derived from the stream declarations, and dbt run in a child process."""
