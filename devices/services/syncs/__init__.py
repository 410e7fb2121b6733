"""When a tenant's list is read from its registration service: mirroring (the rows), syncing (the run)."""
