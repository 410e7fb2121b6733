"""People: what they set for themselves."""

from tenants.models import User


def change_profile(*, user: User, name: str, time_zone: str, theme: str) -> User:
    """Store a person's own settings; the values come checked from the form."""
    user.name, user.time_zone, user.theme = name.strip(), time_zone, theme
    user.save(update_fields=["name", "time_zone", "theme"])
    return user
