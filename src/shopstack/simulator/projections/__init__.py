"""Three separate readings of the one event log: documents with totals, the ledger, the daily report.

Each works out its own figures from the events and imports nothing of the other two, so that their agreement
means something.
"""
