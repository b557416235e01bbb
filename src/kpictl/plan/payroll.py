"""What may stand in the columns of the file that accounting imports: texts, and names of figures.

payroll:
columns: {Табельный номер: employee.number, ФИО: name, Вид: "'П01'", Сумма: payout}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.naming import fold
from kpictl.plan.load import suggest

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

OF_LINE = (
    *("id", "name", "department", "position", "scorecard", "kind", "payout", "ground"),
    *("index", "rank", "coverage"),
)
OF_ADJUSTMENT = ("adjustment.id", "adjustment.reason", "adjustment.author", "adjustment.refers_to")
PERIOD = "period"
OF_PERIOD = (PERIOD, f"{PERIOD}.first", f"{PERIOD}.last")
OF_ALL = ("company", "currency", "plan", "plan.sha256")
OF_KPI = ("target", "attainment", "score")
NUMBER = "number"
"""The personnel number: a column of this name, else the id, which a list takes from there."""
OF_EMPLOYEE = (
    "id",
    NUMBER,
    "name",
    "email",
    "department",
    "position",
    "salary",
    "hired",
    "left",
    "fte",
)
EMPLOYEE, PART = "employee", "part"


def literal(text: str) -> str | None:
    """Return the text of a column that holds the same everywhere: `'П01'`; None of a name.

    >>> literal("'П01'"), literal("payout")
    ('П01', None)
    """
    bare = text.strip()
    if len(bare) >= 2 and bare[0] == bare[-1] and bare[0] in "'\"":
        return bare[1:-1]
    return None


def resolved(text: str, bound: Bound) -> str | None:
    """Return the name of a figure as the house has it; None where there is none of this name."""
    bare = text.strip()
    same = {fold(name): name for name in known(bound)}
    return same.get(fold(bare))


def known(bound: Bound) -> tuple[str, ...]:
    """Return every name that a column may have."""
    fields = dict.fromkeys((*OF_EMPLOYEE, *(bound.employee_fields or ())))
    cards = bound.cards.values()
    parts = {name: None for card in cards if card.bonus for name in card.bonus.each if name}
    kpis = dict.fromkeys(kpi for card in cards for kpi in card.kpis)
    return (
        *OF_LINE, *OF_PERIOD, *OF_ADJUSTMENT, *OF_ALL,
        *(f"{EMPLOYEE}.{name}" for name in fields),
        *(f"{PART}.{name}" for name in parts),
        *(name for kpi in kpis for name in (kpi, *(f"{kpi}.{what}" for what in OF_KPI))),
    )  # fmt: skip


def check(bound: Bound) -> Iterator[Problem]:
    """Yield the names that no column may have, each with the nearest that one may."""
    payroll = bound.plan.payroll
    if payroll is None:
        return
    for caption, text in payroll.columns.items():
        if literal(text) is None and resolved(text, bound) is None:
            data = {"name": text, "caption": caption, **suggest(text, list(known(bound)))}
            data["known"] = ", ".join((*OF_LINE, *OF_PERIOD, "employee.…"))
            yield Problem("payroll.unknown", bound.place(("payroll", "columns", caption)), data)
    names = [resolved(text, bound) for text in payroll.columns.values()]
    if payroll.columns and "payout" not in names:
        place = bound.place(("payroll", "columns"), key=True)
        yield Problem("payroll.without_payout", place, {}, "warning")
