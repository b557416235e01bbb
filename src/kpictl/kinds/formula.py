"""`formula: (ad_revenue - spend) / spend` over other KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from kpictl.expressions import Expression, Literal, Node, Operation, Ref, Type, refs
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import evaluate
from kpictl.kinds.base import Binder, Kind, Operands, PartTallies, Phrase, Word
from kpictl.measure.query import Measure
from kpictl.plan.fields import Text
from kpictl.values import Fact, State

_NO_RECORDS = Context(ZoneInfo("UTC"))  # a formula holds no instants


class Formula(Kind):
    """Arithmetic over other KPIs, exact. A percent KPI stands in it as its share (25 % is 0.25).

    Where an operand has no value, neither has the formula, and for the same reason; a quotient by
    zero has none either.
    """

    verb: ClassVar[str] = "formula"
    quotient: ClassVar[bool] = True

    formula: Text = Field(description="Numbers, KPI names, + - * / ( ) and functions.")
    _tree: Node | None = PrivateAttr(None)
    _names: tuple[str, ...] = PrivateAttr(())

    def attach(self, expression: Expression) -> None:
        """Keep the checked tree; done once, when the plan is bound."""
        self._tree = _exact(expression.tree)
        self._names = tuple(dict.fromkeys(refs(expression.tree)))

    def needs(self) -> tuple[str, ...]:
        return self._names

    def phrase(self) -> Phrase:
        return Phrase("formula", {"text": self.written()})

    def written(self) -> Word:
        return Word("formula", self.formula, self._names)

    def grows(self, volumes: Mapping[str, bool]) -> bool:
        """Say whether volumes are added, subtracted, or taken times a plain number."""

        def grows(node: Node) -> bool:
            if isinstance(node, Ref):
                return volumes.get(node.name, False)
            if not isinstance(node, Operation):
                return False
            if node.op in ("+", "-"):
                return all(grows(arg) for arg in node.args)
            if node.op == "*":
                return sum(map(grows, node.args)) == 1 and any(
                    isinstance(arg, Literal) for arg in node.args
                )
            if node.op in ("/", "round"):
                return grows(node.args[0]) and all(isinstance(a, Literal) for a in node.args[1:])
            return False

        return self._tree is not None and self.shown_unit != "percent" and grows(self._tree)

    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        expression = binder.formula(self.formula, ("kpis", kpi, "formula"))
        if expression is not None:
            self.attach(expression)
        return ()

    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        del tallies
        tree = self._tree
        used = {name: operands[name] for name in self._names}
        values = {name: operand.plain for name, operand in used.items()}
        n = min((operand.fact.n for operand in used.values()), default=0)
        parts = None
        if isinstance(tree, Operation) and tree.op == "/":
            top, bottom = (evaluate(arg, values, _NO_RECORDS) for arg in tree.args)
            if top is not None and bottom is not None:
                parts = (Fraction(top), Fraction(bottom))
        result = None if tree is None else evaluate(tree, values, _NO_RECORDS)
        if result is None:
            missing = [o.fact for o in used.values() if o.plain is None]
            first = missing[0] if missing else Fact(State.NO_DATA)
            return Fact(first.state, n=n, parts=parts, need=first.need)
        empty = bool(used) and all(operand.fact.empty for operand in used.values())
        found = Fact(State.MEASURED, Fraction(result) * self.scale, n, parts, empty=empty)
        if isinstance(tree, Operation) and tree.op == "/":
            above = dict.fromkeys(refs(tree.args[0]))
            found = self.held_together(found, [used[name].fact for name in above])
        return self.guard(found)


def _exact(node: Node) -> Node:
    """Write the numbers of a tree as fractions, so that its arithmetic never rounds."""
    if isinstance(node, Literal) and isinstance(node.value, Decimal):
        return Literal(Fraction(node.value), Type.NUMBER)  # type: ignore[arg-type]
    if isinstance(node, Operation):
        return Operation(node.op, tuple(_exact(arg) for arg in node.args), node.type)
    return node
