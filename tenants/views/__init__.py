"""Pages about people and tenants, one file a noun."""
