"""Moving to another warehouse or another place for files, and back: copied, proved, and nothing changed until then."""
