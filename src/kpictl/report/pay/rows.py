"""A pay in long form: one row for each step, as frames, CSV and sheets have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.errors import Place
from kpictl.values import VALUE_PLACES, PayStep, to_decimal

if TYPE_CHECKING:
    from kpictl.values import PayLine

COLUMNS = ("part", "step", "step_figures", "amount", "step_place")
"""The part of a bonus ("" for what is done to all of it), what is done, with which figures, the
amount that there is then, and where it is written."""


class StepRow(Struct, frozen=True):
    """One row: `figures` are codes and numbers; `step` is the step where it is one that has words.
    The amount of an adjustment is its own, of everything else what there is then."""

    part: str
    code: str
    figures: Mapping[str, Any]
    amount: Decimal | None
    place: Place | None = None
    step: PayStep | None = None

    def cells(self, say: Callable[[StepRow], str]) -> tuple[Any, ...]:
        place = None if self.place is None else str(self.place)
        return (self.part or None, self.code, say(self) or None, self.amount, place)


def of_line(line: PayLine) -> Iterator[StepRow]:
    """Yield the making of a pay, in the order in which it is computed."""
    for part in line.parts:
        yield from (_of_step(part.id, step) for step in part.steps)
        yield StepRow(part.id, "part", {}, exact(part.amount))
    yield from (_of_step("", step) for step in line.steps)
    yield StepRow("", "amount", {}, line.amount)
    for one in line.adjustments:
        told: dict[str, Any] = {"id": one.id, "reason": one.reason, "author": one.author}
        told |= {"date": one.written, "refers_to": one.refers_to, "kpi": one.kpi}
        said = {name: value for name, value in told.items() if value}
        yield StepRow(one.part, "adjustment", said, one.amount, one.place)
    if line.carried:
        yield StepRow("", "carried", {}, line.carried)
    state = {} if line.state == "computed" else {"state": line.state, "lacks": line.lacks}
    yield StepRow("", "payout", {k: v for k, v in state.items() if v}, line.payout)
    if line.balance:
        yield StepRow("", "balance", {}, line.balance)


def _of_step(part: str, step: PayStep) -> StepRow:
    code = step.code.removeprefix("pay.")
    return StepRow(part, code, step.data, exact(step.amount), step.place, step)


def figures(row: StepRow) -> str:
    """Return the figures of a row as a program reads them: `index=97; percent=97`."""
    return "; ".join(f"{name}={written(value)}" for name, value in row.figures.items())


def written(value: Any) -> str:
    """Write a figure of a step: numbers digit by digit, several in brackets."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))})"
    if isinstance(value, Fraction | Decimal):
        return f"{to_decimal(value, VALUE_PLACES):f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def exact(amount: Fraction | Decimal | None) -> Decimal | None:
    """Return an amount as it leaves the house: at most ten decimals."""
    return None if amount is None else to_decimal(amount, VALUE_PLACES)
