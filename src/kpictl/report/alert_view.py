"""Of whom the condition of an alert holds, in words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.format import Numbers, clean, number
from kpictl.values import Row, WholePerson
from kpictl.words import has, say

if TYPE_CHECKING:
    from kpictl.values import Breach, Results, Unit


def heading(results: Results, lang: str) -> str:
    """Return the condition and how often it holds; "" where there is none."""
    if results.alert is None:
        return ""
    n, condition = len(results.alert.breaches), clean(results.alert.condition)
    return say(lang, "fail_on.met" if n else "fail_on.not_met", condition=condition, n=n)


def lines(breaches: Iterable[Breach], results: Results, numbers: Numbers) -> list[str]:
    """Return a line for each: who, of which KPI, with the figures that were asked for."""
    return [_line(one, results, numbers) for one in breaches]


def _line(one: Breach, results: Results, numbers: Numbers) -> str:
    lang = numbers.lang
    name = clean(one.name) or say(lang, "report.company")
    column = results.columns.get(one.kpi)
    label = clean(column.label) if column is not None else ""
    figures = ", ".join(figure(name, value, results, numbers) for name, value in one.figures)
    return " · ".join(filter(None, (name, label))) + (f": {figures}" if figures else "")


def figure(name: str, value: Decimal | None, results: Results, numbers: Numbers) -> str:
    """Return a figure by its name: `pace 72 %`, `index 55.0`, `Revenue €1,000`."""
    kpi, _, part = name.partition(".")
    column = results.columns.get(kpi)
    words = clean(column.label) if column is not None else ""
    part = part or ("value" if column is not None else kpi)
    key = f"fail_on.of.{part}"
    if part != "value" and has(numbers.lang, key):
        words = f"{words} {say(numbers.lang, key)}".strip()
    if value is None:
        return f"{words} –"
    if part in ("pace", "attainment", "coverage"):
        return f"{words} {numbers.percent(value, 1)}"
    if column is None or part == "score":
        return f"{words} {number(value, numbers.lang, 1, trim=True)}"
    return f"{words} {numbers.value(value, column.unit)}"


def holds_of(results: Results, line: tuple[str, Row | Unit | WholePerson], kpi: str) -> bool:
    """Say whether the condition holds of a line of data (its scorecard, and what it is of)."""
    card, of = line
    if results.alert is None or isinstance(of, WholePerson):
        return False
    kind, ident, segment = (
        ("row", of.id, of.segment) if isinstance(of, Row) else (of.kind, of.name, "")
    )
    if isinstance(of, Row) and not of.id:
        return False  # a total
    keys = {one.key for one in results.alert.breaches}
    return any((kind, card, ident, segment, which) in keys for which in ("", kpi))
