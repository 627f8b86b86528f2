"""When it runs: the lock that keeps two runs apart, and the history of what each run did."""
