"""The tables of adjustments and of sanctions that a plan names → a pay book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.pay.paybook import BookedAdjustment, PayBook, Sanction
from kpictl.people.staff import Directory, Person
from kpictl.plan.load import suggest
from kpictl.sources.bare import open_listed
from kpictl.sources.pay_tables import EMPLOYEE, PayColumn, PayTableLine, read
from kpictl.values import Adjustment, to_money

if TYPE_CHECKING:
    from kpictl.plan.load import LoadedPlan
    from kpictl.plan.model import Plan

_REASON = ("reason", "ground", "основание", "причина")
_AUTHOR = ("author", "approved by", "автор", "утвердил", "кто решил")
_PERIOD = ("period", "month", "период", "месяц")
ADJUSTMENTS = (
    PayColumn("id", "text", ("id", "number", "no", "№", "номер")),
    PayColumn("employee", "employee", EMPLOYEE),
    PayColumn("amount", "number", ("amount", "sum", "сумма")),
    PayColumn("period", "period", _PERIOD),
    PayColumn("reason", "text", _REASON),
    PayColumn("author", "text", _AUTHOR),
    PayColumn("date", "day", ("date", "дата"), needed=False),
    PayColumn("kpi", "text", ("kpi", "metric", "показатель"), needed=False),
    PayColumn("part", "text", ("part", "часть", "часть премии"), needed=False),
    PayColumn(
        "refers_to", "text", ("refers to", "refers_to", "относится к", "за период"), needed=False
    ),
)
SANCTIONS = (
    PayColumn("employee", "employee", EMPLOYEE),
    PayColumn("order", "text", ("order", "order number", "приказ", "номер приказа")),
    PayColumn("date", "day", ("date", "order date", "дата", "дата приказа")),
    PayColumn("period", "period", _PERIOD),
    PayColumn(
        "reduction",
        "number",
        ("reduction", "percent", "%", "снижение", "процент", "процент снижения"),
    ),
)


def opened(
    plan: Plan, loaded: LoadedPlan, scratch: Path, people: Sequence[Person]
) -> tuple[PayBook, list[Problem]]:
    """Return the adjustments and sanctions of a plan, and what is wrong with them."""
    directory, spec = Directory(people), plan.pay
    problems: list[Problem] = []
    adjustments: list[BookedAdjustment] = []
    sanctions: list[Sanction] = []
    if spec.adjustments is not None:
        files, wrong = open_listed(spec.adjustments, ("pay", "adjustments"), loaded, scratch)
        lines, more = read(files, ADJUSTMENTS, directory)
        adjustments = [_adjustment(line) for line in lines]
        problems += [*wrong, *more, *_of_adjustments(lines, plan)]
    if spec.sanctions is not None:
        path = ("pay", "sanctions", "file")
        files, wrong = open_listed(spec.sanctions.file, path, loaded, scratch)
        lines, more = read(files, SANCTIONS, directory)
        sanctions = [_sanction(line) for line in lines]
        problems += [*wrong, *more, *_of_sanctions(lines)]
    return PayBook(tuple(adjustments), tuple(sanctions)), problems


def _adjustment(line: PayTableLine) -> BookedAdjustment:
    values = line.values
    first, after = values["period"]
    adjustment = Adjustment(
        id=values["id"],
        amount=to_money(values["amount"]),
        reason=values["reason"],
        author=values["author"],
        written=values["date"],
        part=values["part"] or "",
        kpi=values["kpi"] or "",
        refers_to=values["refers_to"] or "",
        place=line.place,
    )
    return BookedAdjustment(line.person.id, first, after, adjustment)


def _sanction(line: PayTableLine) -> Sanction:
    values = line.values
    first, after = values["period"]
    return Sanction(
        line.person.id,
        values["order"],
        values["date"],
        first,
        after,
        values["reduction"],
        line.place,
    )


def _of_adjustments(lines: Sequence[PayTableLine], plan: Plan) -> Iterator[Problem]:
    """Yield numbers that stand twice, fractions of a kopeck, and KPIs and parts that are not
    there."""
    seen: dict[str, PayTableLine] = {}
    labels = [*plan.kpis, *(kind.label for kind in plan.kpis.values() if kind.label)]
    parts = sorted(
        {
            name
            for card in plan.scorecards.values()
            for name in (card.bonus.parts if card.bonus else ())
        }
    )
    for line in lines:
        values = line.values
        first = seen.setdefault(values["id"], line)
        if first is not line:
            data: dict[str, object] = {"id": values["id"], "place": first.place}
            yield Problem("pay_table.id_twice", line.places["id"], data)
        if values["amount"] != to_money(values["amount"]):
            data = {"given": f"{values['amount']:f}"}
            yield Problem("pay_table.kopecks", line.places["amount"], data)
        if values["kpi"] and values["kpi"] not in labels:
            data = {"name": values["kpi"][:80], **suggest(values["kpi"], labels)}
            yield Problem("pay_table.unknown_kpi", line.places["kpi"], data)
        if values["part"] and values["part"] not in parts:
            data = {"name": values["part"][:80], **suggest(values["part"], parts)}
            yield Problem("pay_table.unknown_part", line.places["part"], data)


def _of_sanctions(lines: Sequence[PayTableLine]) -> Iterator[Problem]:
    for line in lines:
        reduction = line.values["reduction"]
        if not 0 < reduction <= 100:
            data = {"given": f"{reduction:f}"}
            yield Problem("pay_table.reduction", line.places["reduction"], data)
