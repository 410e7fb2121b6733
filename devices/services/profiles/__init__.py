"""Deployment profiles: profiles (the settings), assignment (who gets which), direct (by hand)."""
