"""What an expression may refer to, what one is, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from msgspec import Struct

from kpictl.expressions.nodes import Node, Type


class Names(Protocol):
    """What an expression may refer to."""

    def find(self, name: str) -> tuple[str, Type] | None:
        """Return canonical name and type of what the text calls `name`, or None."""

    def known(self) -> Iterable[str]:
        """Return the names to list and to suggest from."""


@runtime_checkable
class QualifiedNames(Names, Protocol):
    """Names of which some are of others: `revenue.pace`, `department.revenue.pace`."""

    def find_of(self, owner: str, name: str) -> tuple[str, Type] | None:
        """Return canonical name and type of what the text calls `owner.name`, or None; the owner
        may be of another in turn: `department.revenue`."""


class Expression(Struct, frozen=True):
    text: str
    tree: Node

    @property
    def type(self) -> Type:
        return self.tree.type


class ExpressionError(Struct, frozen=True):
    """A mistake in an expression: a text key with its data, and the offset of the word in it."""

    code: str
    data: Mapping[str, object] = {}
    offset: int = 0
