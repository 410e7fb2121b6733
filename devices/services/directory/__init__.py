"""The tenant's directory: groups and Microsoft Entra devices."""
