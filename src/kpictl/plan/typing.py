"""What a plan takes a column for that has no cell to show its type.

An export without records, or with a column that nobody has filled, is healthy: such a column is
the number, the day or the text that the expressions of the plan need, and its values are absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpictl.catalog import EXPRESSION_TYPES, Kind
from kpictl.expressions import Expression, ExpressionError, Type, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpictl.sources.schema import Schema

_KINDS: tuple[Kind, ...] = ("text", "number", "date", "datetime", "bool")
_MOST = 3  # untyped columns in one expression for which every combination is tried


class _Assumed:
    """The names of a schema, with types assumed for columns that show none."""

    def __init__(self, schema: Schema, kinds: Mapping[str, Kind]) -> None:
        self.schema = schema
        self.kinds = kinds
        self.untyped: set[str] = set()

    def find(self, name: str) -> tuple[str, Type] | None:
        found = self.schema.field(name)
        if found is None:
            return None
        if found.untyped:
            self.untyped.add(found.name)
        return found.name, EXPRESSION_TYPES[self.kinds.get(found.name, found.kind)]

    def known(self) -> Iterable[str]:
        return self.schema.known()


def parse_over(
    schema: Schema, text: str, *, zone: ZoneInfo, expect: Iterable[Type]
) -> tuple[Expression | None, list[ExpressionError]]:
    """Read an expression over the fields of a schema, as `parse` does; columns without a type get
    the only one with which it holds together, in the schema itself (`Schema.settle_type`), or keep
    none where it needs none."""
    names, expect = _Assumed(schema, {}), frozenset(expect)
    found, errors = parse(text, names, zone=zone, expect=expect)
    if not names.untyped or len(names.untyped) > _MOST:
        return found, errors
    untyped = sorted(names.untyped)
    fitting: list[tuple[dict[str, Kind], Expression]] = []
    for combination in product(_KINDS, repeat=len(untyped)):
        kinds = dict(zip(untyped, combination, strict=True))
        read, mistakes = parse(text, _Assumed(schema, kinds), zone=zone, expect=expect)
        if read is not None and not mistakes:
            fitting.append((kinds, read))
    if not fitting:
        return found, errors
    kinds, read = fitting[0]
    for name in untyped:
        if len({other[name] for other, _ in fitting}) < len(_KINDS):
            schema.settle_type(name, kinds[name])
    return read, []
