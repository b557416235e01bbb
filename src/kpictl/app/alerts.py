"""`--fail-on "pace < 80 or index < 60"`: results held against a condition, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from msgspec.structs import replace

from kpictl.errors import Place, UsageError
from kpictl.expressions import Type
from kpictl.expressions.evaluate import TooManyDigits
from kpictl.scoring import conditions
from kpictl.scoring.conditions import Condition, ConditionNames
from kpictl.values import Alert, Breach, Results, Row, Unit

OPTION = "--fail-on"  # the file of the places of mistakes in a condition


class _AnyKpi(ConditionNames, frozen=True):
    """The names of a plan that nobody has read yet: whatever is asked for may be a KPI of it."""

    def find(self, name: str) -> tuple[str, Type]:
        return super().find(name) or (name, Type.NUMBER)

    def find_of(self, owner: str, name: str) -> tuple[str, Type] | None:
        return ConditionNames((owner,)).find_of(owner, name)


def condition(text: str, kpis: Iterable[str] | None) -> Condition:
    """Read a condition over these KPIs; None where it is not known which there are. UsageError says
    what is wrong with it."""
    names = _AnyKpi(()) if kpis is None else ConditionNames(tuple(kpis))
    read, errors = conditions.read(text, names.kpis, names)
    if read is not None:
        return read
    first = errors[0]
    if first.code == "expr.unknown_name":
        data = {"name": first.data["name"], "known": ", ".join(names.known())}
        raise _mistake("fail_on.name", first.offset, **data)
    raise _mistake(first.code, first.offset, **first.data)


def _mistake(code: str, offset: int, **data: object) -> UsageError:
    """Return a mistake in a condition, with its place in it."""
    error = UsageError(code, **data)
    error.problem = replace(error.problem, place=Place(OPTION, 0, offset + 1))
    return error


def alert(results: Results, text: str) -> Alert:
    """Hold every row, department and company of the results against a condition. UsageError says
    what is wrong with it."""
    read = condition(text, results.columns)
    try:
        breaches = [breach for line in _lines(results) for breach in _breaches(read, line)]
    except TooManyDigits:
        raise _mistake("fail_on.too_many_digits", 0) from None
    return Alert(text, tuple(breaches))


_Line = tuple[str, Row | Unit]  # scorecard, or "" of a unit on its own


def _lines(results: Results) -> Iterator[_Line]:
    for card in results.scorecards:
        yield from ((card.id, row) for row in card.rows)
    yield from (("", unit) for unit in results.units)


def _breaches(read: Condition, line: _Line) -> Iterator[Breach]:
    """Yield the line if the condition holds of it as a whole; else each KPI for whose pace,
    attainment or score it does."""
    card, of = line
    whole = conditions.figures(of)
    any_kpi = read.of_any_kpi(of)
    if read.holds(whole):
        shown = tuple(pair for pair in read.asked(whole) if pair[0] not in any_kpi)
        yield _breach(card, of, "", shown)
        return
    for score, own in conditions.each_kpi(read, of) if any_kpi else ():
        if read.holds(own):
            yield _breach(card, of, score.kpi, read.asked(own))


def _breach(
    card: str, of: Row | Unit, kpi: str, figures: tuple[tuple[str, Decimal | None], ...]
) -> Breach:
    if isinstance(of, Unit):
        return Breach(of.kind, card, "", of.name, kpi, figures)
    return Breach("row", card, of.id, of.name, kpi, figures, of.segment)
