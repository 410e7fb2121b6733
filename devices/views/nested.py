"""A list page that belongs to one object: its addresses carry the object's key."""

from functools import cached_property
from typing import Any

from portal.ui.commands import Placed
from portal.ui.list_blade import ListBlade


class NestedBlade(ListBlade):
    """Rows of one object; subclasses answer `parent` and the queryset, and place their own commands."""

    @cached_property
    def parent(self) -> Any:
        """The object of the address; subclasses fetch it inside the tenant."""
        raise NotImplementedError

    @property
    def key(self) -> Any:
        """The key in the address."""
        match = self.request.resolver_match
        return match.kwargs["pk"] if match else None

    def reverse(self, name: str, **kwargs: Any) -> str:
        """The list's own address carries the object's key."""
        if name in (self.url_name, f"{self.url_name}_export"):
            kwargs["pk"] = self.key
        return super().reverse(name, **kwargs)

    def command(
        self, label: Any, url: str, icon: str, permission: str, selection: str = "", opens: str = "dialog"
    ) -> list[Placed]:
        """A command at an address of the object; nothing for people without the permission."""
        if permission not in getattr(self.request, "permissions", frozenset()):
            return []
        return [Placed(label, icon, self.reverse(url, pk=self.key), selection, opens)]

    @staticmethod
    def kit(*words: str) -> list[Placed]:
        """The kit's own commands."""
        return [Placed(word, "", "", "", "kit") for word in words]
