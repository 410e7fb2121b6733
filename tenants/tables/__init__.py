"""Columns of the lists about people and tenants, one file a noun."""
