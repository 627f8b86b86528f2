"""The DAG that `init` copies: its text, and its runs by Airflow itself."""
