"""The tree of a rule."""

from dataclasses import dataclass

from devices.services.profiles.rules.attributes import Attribute
from devices.services.profiles.rules.patterns import Pattern

Value = str | bool | None | tuple[str, ...] | Pattern

POSITIVE = {
    "ne": "eq",
    "notStartsWith": "startsWith",
    "notEndsWith": "endsWith",
    "notContains": "contains",
    "notMatch": "match",
    "notIn": "in",
}
OPERATORS = (*POSITIVE.values(), *POSITIVE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One operator on an attribute, or on the item of a collection (attribute is None)."""

    attribute: Attribute | None
    operator: str
    value: Value
    text: str

    @property
    def positive(self) -> str:
        """The operator without its *not*."""
        return POSITIVE.get(self.operator, self.operator)

    @property
    def is_negative(self) -> bool:
        """Whether the operator is the opposite of `positive`."""
        return self.operator in POSITIVE


@dataclass(frozen=True, slots=True)
class Quantified:
    """-any or -all (is_any False) of a collection's items fulfil the body."""

    attribute: Attribute
    is_any: bool
    body: "Node"
    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """All parts (is_and), or one of them, hold."""

    is_and: bool
    parts: tuple["Node", ...]
    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"
    text: str


Node = Comparison | Quantified | Joined | Not
