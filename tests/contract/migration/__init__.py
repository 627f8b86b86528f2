"""Moving between warehouses and between places for files, with servers of both kinds on loopback."""
