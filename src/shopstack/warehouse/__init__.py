"""Where the data lands: raw tables, loaded whole-tree and all-or-nothing, with cursors in the same transaction."""
