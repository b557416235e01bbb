"""Text → checked tree. The grammar, and what reads SQL, is loaded when it is first used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from kpictl.expressions.nodes import Node, Type

MAX_LENGTH = 4000


class Names(Protocol):
    """What an expression may refer to."""

    def find(self, name: str) -> tuple[str, Type] | None:
        """Return canonical name and type of what the text calls `name`, or None."""

    def known(self) -> Iterable[str]:
        """Return the names to list and to suggest from."""


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    tree: Node

    @property
    def type(self) -> Type:
        return self.tree.type


@dataclass(frozen=True, slots=True)
class ExpressionError:
    """A mistake in an expression: a text key with its data, and the offset of the word in it."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)
    offset: int = 0


def parse(
    text: str, names: Names, *, zone: ZoneInfo, expect: Iterable[Type] = ()
) -> tuple[Expression | None, list[ExpressionError]]:
    """Read an expression over `names`; return it, or None and everything that is wrong with it.

    `expect` are the types that the place allows; empty allows any.
    """
    if len(text) > MAX_LENGTH:
        return None, [ExpressionError("expr.too_long", {"limit": MAX_LENGTH})]
    from kpictl.expressions.grammar import read

    tree, errors = read(text, names, zone, frozenset(expect))
    return (None, errors) if errors or tree is None else (Expression(text, tree), [])
