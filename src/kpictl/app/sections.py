"""The sections of a plan that name files of their own: salaries, the calendar, shifts, absences,
adjustments and sanctions.

Each function returns what its files add to the people or to the plan, and what is wrong with them;
a plan without such a section adds nothing. What reads the files is imported for plans that have
them alone: few do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Problem
from kpictl.pay.paybook import EMPTY, PayBook
from kpictl.people.absences import NONE, Absences
from kpictl.people.staff import Staff
from kpictl.plan.bound import Bound
from kpictl.plan.load import LoadedPlan
from kpictl.plan.model import Plan

if TYPE_CHECKING:
    from kpictl.calendar.days import DayBook


def with_salaries(
    loaded: LoadedPlan, plan: Plan, scratch: Path, staff: Staff
) -> tuple[Staff, list[Problem]]:
    """Return everybody with the salaries of a file of their own, and what is wrong with it."""
    if plan.pay.salaries is None:
        return staff, []
    if staff.people is None:
        section = loaded.document.place(("pay", "salaries"))
        return staff, [Problem("pay.without_people", section, {})]
    from kpictl.sources import salaries

    people, wrong = salaries.attached(staff.people, plan.pay.salaries, loaded, scratch)
    return replace(staff, people=tuple(people)), wrong


def read_days(
    loaded: LoadedPlan, plan: Plan, scratch: Path
) -> tuple[DayBook | None, list[Problem]]:
    """Return the days of the plan's calendar, and what is wrong with its files."""
    if plan.calendar is None:
        return None, []
    from kpictl.sources import calendar_file

    return calendar_file.read_days(plan, loaded, scratch)


def with_shifts(
    bound: Bound, loaded: LoadedPlan, scratch: Path, staff: Staff
) -> tuple[Bound, list[Problem]]:
    """Return the plan whose calendar knows the shifts of people, and what is wrong with their
    tables."""
    spec = None if bound.plan.calendar is None else bound.plan.calendar.shifts
    if spec is None or bound.calendar is None:
        return bound, []
    path = ("calendar", "shifts")
    if staff.people is None:
        section = loaded.document.place(path, key=True)
        return bound, [Problem("shifts.without_people", section, {}, "warning")]
    from kpictl.sources import section_files, shifts

    files, problems = section_files.opened(spec, path, bound.plan, loaded, scratch)
    rosters, wrong = shifts.read(files, spec, staff.people)
    calendar = replace(bound.calendar, rosters=rosters)
    return replace(bound, calendar=calendar), [*problems, *wrong]


def read_absences(
    bound: Bound, loaded: LoadedPlan, scratch: Path, staff: Staff
) -> tuple[Absences, list[Problem]]:
    """Return who of the people was away when, and what is wrong with that."""
    spec, plan = bound.plan.absences, bound.plan
    if spec is None:
        return NONE, []
    section = loaded.document.place(("absences",), key=True)
    if staff.people is None:
        return NONE, [Problem("absences.without_people", section, {}, "warning")]
    from kpictl.sources import absences, section_files

    files, problems = section_files.opened(spec, ("absences",), plan, loaded, scratch)
    found, wrong = absences.read(files, spec, staff.people)
    over = absences.too_long(found, staff.people, bound.calendar)
    return found, [*problems, *wrong, *over]


def read_paybook(
    loaded: LoadedPlan, plan: Plan, scratch: Path, staff: Staff
) -> tuple[PayBook, list[Problem]]:
    """Return the adjustments and sanctions of a plan, and what is wrong with them."""
    if plan.pay.adjustments is None and plan.pay.sanctions is None:
        return EMPTY, []
    if staff.people is None:
        section = loaded.document.place(("pay",), key=True)
        return EMPTY, [Problem("pay.without_people", section, {})]
    from kpictl.sources import paybook

    return paybook.opened(plan, loaded, scratch, staff.people)
