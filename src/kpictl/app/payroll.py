"""What accounting is given of a pay: a row for each amount, with the figures that its columns ask
for. The amounts add up to what is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.workspace import Workspace, require_sound
from kpictl.errors import UsageError
from kpictl.people.staff import Person
from kpictl.plan import payroll as names
from kpictl.values import PayEntry, PayLine, Results, Row

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound


class PayrollColumn(Struct, frozen=True):
    """A column that the plan maps: its caption, and the figure (or the text) that stands in it."""

    caption: str
    name: str | None
    text: str = ""


class PayrollRow(Struct, frozen=True):
    """One amount of a line: `figures` are those of the columns in their order; what is said in
    words (`kind`, `ground`) is left to the report."""

    line: PayLine
    entry: PayEntry
    figures: tuple[Any, ...] = ()


class Payroll(Struct, frozen=True):
    """The file of accounting. Without `columns` each step is one. `unknown` are the lines without
    an amount: they are in no row. `total` asks for a last line with the sum."""

    results: Results
    columns: tuple[PayrollColumn, ...]
    rows: tuple[PayrollRow, ...]
    unknown: tuple[PayLine, ...]
    total: bool = False

    @property
    def sum(self) -> Decimal:
        return sum((row.entry.amount for row in self.rows), Decimal(0))


def payroll(workspace: Workspace, request: ComputeRequest) -> Payroll:
    """Return what accounting is given of a period. UsageError where the plan pays nothing."""
    require_sound(workspace)
    bound = workspace.bound
    if all(card.bonus is None for card in bound.cards.values()):
        raise UsageError("pay.not_planned")
    results = compute(workspace, replace(request, pay=True))
    lines = () if results.pay is None else results.pay.lines
    unknown = tuple(one for one in lines if one.scorecard and one.amount is None)
    columns, reader = _columns(bound), _Reader(workspace, results)
    rows = (
        PayrollRow(line, entry, tuple(reader.read(column, line, entry) for column in columns))
        for line in lines
        if line not in unknown
        for entry in line.entries
    )
    spec = bound.plan.payroll
    return Payroll(results, columns, tuple(rows), unknown, spec is not None and spec.total)


def _columns(bound: Bound) -> tuple[PayrollColumn, ...]:
    spec = bound.plan.payroll
    return tuple(
        PayrollColumn(caption, None, text)
        if (text := names.literal(written)) is not None
        else PayrollColumn(caption, names.resolved(written, bound))
        for caption, written in (spec.columns if spec is not None else {}).items()
    )


class _Reader:
    """Reads the figures of the columns."""

    def __init__(self, workspace: Workspace, results: Results) -> None:
        self.period, self.results = results.period, results
        self.people = {person.id: person for person in workspace.employees or ()}
        self.rows = {
            (card.id, row.id, row.segment): row for card in results.scorecards for row in card.rows
        }

    def read(self, column: PayrollColumn, line: PayLine, entry: PayEntry) -> Any:
        """Return what stands in a column of a row; None where there is nothing."""
        if column.name is None:
            return column.text
        owner, _, rest = column.name.partition(".")
        if column.name == "payout":
            return entry.amount
        if owner == names.EMPLOYEE:
            return self._of_employee(line, rest)
        if owner == names.PART:
            parts = (part.amount for part in line.parts if part.id == rest)
            return next(parts, None) if entry.kind == "bonus" else None
        if owner == "adjustment":
            return None if entry.adjustment is None else getattr(entry.adjustment, rest) or None
        own = self._known(line)
        return own[column.name] if column.name in own else self._of_kpi(line, owner, rest)

    def _known(self, line: PayLine) -> dict[str, Any]:
        row, period, results = self._row(line), self.period, self.results
        return {
            **{name: getattr(line, name) or None for name in ("id", "name", "department")},
            **{name: getattr(line, name) or None for name in ("position", "scorecard")},
            **{name: getattr(row, name, None) for name in ("index", "rank", "coverage")},
            names.PERIOD: period.text,
            f"{names.PERIOD}.first": period.first,
            f"{names.PERIOD}.last": period.last,
            "company": results.company_name,
            "currency": results.currency,
            "plan": results.plan_file,
            "plan.sha256": results.plan_sha256,
            **dict.fromkeys(("kind", "ground")),
        }

    def _row(self, line: PayLine) -> Row | None:
        return self.rows.get((line.scorecard, line.id, line.segment))

    def _of_employee(self, line: PayLine, name: str) -> Any:
        person = self.people.get(line.id)
        if person is None:
            return line.id if name == names.NUMBER else None
        own = _post(person, line.segment).record(self.period)
        return own.get(name, person.id if name == names.NUMBER else None)

    def _of_kpi(self, line: PayLine, kpi: str, what: str) -> Any:
        row = self._row(line)
        score = next((s for s in row.scores if s.kpi == kpi), None) if row is not None else None
        if score is None:
            return None
        target = None if score.target is None else score.target.value
        own = {"": score.fact.value, "target": target, "attainment": score.attainment}
        return own.get(what, score.points)


def _post(person: Person, segment: str) -> Person:
    return next((post for post in person.posts() if post.segment == segment), person)
