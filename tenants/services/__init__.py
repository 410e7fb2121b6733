"""What can happen to people and tenants, one file per noun."""
