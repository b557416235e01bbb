"""The checklist as CSV, for programs or for Excel: a row for each finding, and for each check that
has none. What has no partner is in a table of its own, all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpictl.report.csv import Sheet, written
from kpictl.report.ready.texts import Teller
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.report.format import Numbers
    from kpictl.values.readiness import Assertion, Check, Pair, Readiness, Reconciliation

COLUMNS = (
    "period", "check", "title", "verdict", "code", "message", "count", "amount", "kpi", "names",
    "ids", "command", "place",
)  # fmt: skip
UNMATCHED = (
    "period", "check", "scope", "id", "name", "side", "key", "kpi", "equals", "difference",
    "kpi_ids", "equals_ids", "elsewhere", "moment",
)  # fmt: skip


def render_ready(readiness: Readiness, options: Options) -> bytes:
    teller = Teller.of(readiness, options)
    rows = (row for check in readiness.checks for row in _rows(teller, check))
    sheet = Sheet(COLUMNS, rows, "ready.column.", _worded)
    return written(sheet, teller.numbers, excel=options.excel)


def _rows(teller: Teller, check: Check) -> Iterator[list[Any]]:
    head = [
        teller.readiness.results.period.text, check.id, teller.title(check), str(check.verdict),
    ]  # fmt: skip
    if not check.findings:
        code = None if check.reason is None else check.reason.code
        said = teller.remark(check) or None
        yield [*head, code, said, *[None] * 7]
    for one in check.findings:
        place = str(one.problem.place) if one.problem.place else None
        yield [
            *head, one.problem.code, teller.finding(one), one.count, one.amount, one.kpi or None,
            teller.names(one) or None, ", ".join(one.ids) or None,
            teller.hint(one) if one.command else None, place,
        ]  # fmt: skip


def _worded(name: str, value: Any, numbers: Numbers) -> Any:
    return say(numbers.lang, f"ready.verdict.{value}") if name == "verdict" else value


def render_unmatched(readiness: Readiness, options: Options) -> bytes:
    """Return all records that have no partner, or another figure than it: a row a key."""
    teller = Teller.of(readiness, options)
    period = readiness.results.period.text
    rows = (
        [period, check.id, check.assertion.of, *row]
        for check in readiness.checks
        if check.assertion is not None
        for one in check.assertion.reconciliations
        for row in _pairs(check.assertion, one)
    )
    sheet = Sheet(UNMATCHED, rows, "ready.unmatched.", _side_worded)
    return written(sheet, teller.numbers, excel=options.excel)


def _pairs(found: Assertion, one: Reconciliation) -> Iterator[list[Any]]:
    named = one.name if found.of != "company" else ""
    for pair in one.pairs:
        yield [one.id or None, named or None, *_pair(pair)]


def _pair(pair: Pair) -> list[Any]:
    return [
        pair.side, None if pair.key is None else " · ".join(pair.key), pair.kpi, pair.equals,
        pair.difference, ", ".join(pair.kpi_ids) or None, ", ".join(pair.equals_ids) or None,
        pair.elsewhere, None if pair.moment is None else pair.moment.isoformat(),
    ]  # fmt: skip


def _side_worded(name: str, value: Any, numbers: Numbers) -> Any:
    word = {"elsewhere": "why"}.get(name, name)
    known = value is not None and name in ("side", "scope", "elsewhere")
    return say(numbers.lang, f"ready.{word}.{value}") if known else value
