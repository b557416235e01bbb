"""The bonuses of the sales example for any month of its year, computed with csv, openpyxl and
fractions only (see `by_hand`): index, band, salary by days, condition, days worked, newcomers.

The regulation is written down a second time here, as a person would read it in the plan.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

import openpyxl

from by_hand import Cell, Row, capped, index, linear, moment, rounded, same_person, scored, table
from sales_by_hand import (
    CONVERSION,
    DATA,
    REVENUE,
    Deal,
    Post,
    converted,
    posts,
    sales_won,
)  # fmt: skip

DAY = timedelta(days=1)
# Days off on weekdays, and Saturdays that were worked, by the production calendars of both years.
DAYS_OFF = {
    *((2023, 6, 12), (2023, 11, 6)),
    *((2024, 1, day) for day in range(1, 9)),
    *((2024, 2, 23), (2024, 3, 8), (2024, 4, 29), (2024, 4, 30)),
    *((2024, 5, 1), (2024, 5, 9), (2024, 5, 10)),
}
SATURDAYS_WORKED = {(2024, 4, 27)}
LOWER_TARGETS, LOWER_PAY = {"ОТ", "Б"}, {"ОТ", "Б", "ДО"}
SHARE_OF_SALARY = Fraction(40, 100)
BANDS = {0: 0, 70: 50, 85: 80, 100: 100, 115: 130}  # index from → percent of the bonus
HARMFUL = 8  # percent of leads converted, below which half of the bonus is earned
NEWCOMER_MONTHS, NEWCOMER_SHARE = 3, Fraction(80, 100)
KOPECK = Decimal("0.01")


@dataclass(frozen=True)
class Month:
    year: int
    number: int

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return (self.first + 31 * DAY).replace(day=1) - DAY

    @property
    def text(self) -> str:
        return f"{self.year}-{self.number:02}"

    def has(self, at: datetime) -> bool:
        return (at.year, at.month) == (self.year, self.number)

    def working_days(self) -> list[date]:
        days = [self.first + number * DAY for number in range(self.last.day)]
        return [day for day in days if _is_worked(day)]


def _is_worked(day: date) -> bool:
    key = (day.year, day.month, day.day)
    return key in SATURDAYS_WORKED or (day.weekday() < 5 and key not in DAYS_OFF)


# --- who was there ---------------------------------------------------------------------------


def managers(month: Month) -> list[Post]:
    """Return the posts held in a month, heads apart."""
    return [
        post
        for post in posts()
        if post.position != "Руководитель отдела"
        and post.first <= month.last
        and post.last >= month.first
    ]


def days_there(post: Post, month: Month, lowering: set[str]) -> Fraction:
    """Return the share of a month's working days on which somebody was in the post, not away."""
    away: set[date] = set()
    for row in table(DATA / "absences.csv", "utf-8"):
        if row["код"] in lowering and same_person(row["сотрудник"]) == same_person(post.name):
            first, last = (datetime.strptime(row[c], "%d.%m.%Y").date() for c in ("с", "по"))  # noqa: DTZ007
            away |= {first + number * DAY for number in range((last - first).days + 1)}
    days = month.working_days()
    there = [day for day in days if post.first <= day <= post.last and day not in away]
    return Fraction(len(there), len(days))


def salary(post: Post, month: Month) -> Fraction:
    """Return the mean of the salaries in a post, each by the working days that it held for."""
    total, count = Fraction(0), 0
    for row in table(DATA / "employees.csv", "utf-8"):
        if (row["email"], row["department"]) == (post.email, post.department):
            since = max(date.fromisoformat(row["from"] or "0001-01-01"), post.first)
            until = min(date.fromisoformat(row["to"] or "9999-12-31"), post.last)
            held = sum(since <= day <= until for day in month.working_days())
            total, count = total + held * Fraction(row["salary"]), count + held
    return total / count


# --- what was expected -----------------------------------------------------------------------


@cache
def revenue_plans() -> dict[tuple[frozenset[str], str], Fraction]:
    """Read what revenue is planned for whom in which month, from workbooks and lines."""
    plans: dict[tuple[frozenset[str], str], Fraction] = {}
    for name in "targets_2023.xlsx", "targets.xlsx":
        sheet = openpyxl.load_workbook(DATA / name).active
        assert sheet is not None
        captions, *lines = sheet.iter_rows(values_only=True)
        for line in lines:
            for caption, cell in zip(captions[2:], line[2:], strict=True):
                if cell is not None:
                    assert isinstance(caption, datetime)
                    plans[same_person(str(line[0])), f"{caption:%Y-%m}"] = Fraction(str(cell))
    for row in table(DATA / "targets.csv", "utf-8"):
        year, _, quarter = row["период"].partition("-Q")
        for number in range(3) if quarter and row["показатель"] == "revenue" else ():
            month = f"{year}-{3 * int(quarter) - 2 + number:02}"
            plans[same_person(row["сотрудник"]), month] = Fraction(row["план"]) / 3
    return plans


def expected(post: Post, month: Month) -> dict[str, Fraction | None]:
    """Return the targets of a post: volumes for the days there, the average as it stands."""
    clients, average = {
        "Отдел продаж": (5, 170000),
        "Группа ключевых клиентов": (3, 420000),
        "Региональный отдел": (6, 85000),
    }[post.department]
    own = {"galeev@example.ru": 4, "belova@example.ru": 7}  # of May 2024, by name
    if month == Month(2024, 5):
        clients = own.get(post.email, clients)
    names = same_person(post.name), same_person(post.email)
    revenue = next(
        (
            plan
            for (who, when), plan in revenue_plans().items()
            if who in names and when == month.text
        ),
        None,
    )
    share = days_there(post, month, LOWER_TARGETS)
    return {
        "revenue": None if revenue is None else revenue * share,
        "new_clients": clients * share,
        "average_deal": Fraction(average),
    }


# --- what was reached ------------------------------------------------------------------------


@cache
def won_in(month: Month) -> list[Deal]:
    return [deal for deal in sales_won() if month.has(deal.closed)]


@cache
def leads_in(month: Month) -> dict[frozenset[str], list[Row]]:
    found: dict[frozenset[str], list[Row]] = defaultdict(list)
    for row in table(DATA / "LEAD_2024.csv", "utf-8-sig"):
        if month.has(moment(row["Дата создания"])):
            found[same_person(row["Ответственный"])].append(row)
    return found


def measured(post: Post, month: Month, without: frozenset[str] = frozenset()) -> dict[str, Cell]:
    """Return the four KPIs that weigh; `without` are ids of deals that are not to count."""
    won = [d for d in won_in(month) if post.owns(d.owner, d.closed) and d.id not in without]
    leads = [
        row
        for name in post.names
        for row in leads_in(month)[name]
        if post.owns(name, moment(row["Дата создания"]))
    ]
    plan, valued = expected(post, month), sum(deal.valued for deal in won)
    revenue = sum((deal.amount for deal in won), Fraction(0))
    clients = len({deal.client for deal in won if deal.client and not deal.is_return})
    rate = 100 * Fraction(converted(leads), len(leads)) if len(leads) >= 10 else None
    made = {
        "revenue": Cell(revenue, 35, target=plan["revenue"]),
        "new_clients": Cell(Fraction(clients), 20, target=plan["new_clients"]),
        "average_deal": Cell(
            revenue / valued if valued >= 3 else None, 20, target=plan["average_deal"]
        ),
        "lead_conversion": Cell(rate, 25),
    }
    shapes = {
        "revenue": REVENUE,
        "new_clients": capped(linear, 140),
        "average_deal": capped(linear, 130),
        "lead_conversion": CONVERSION,
    }
    return {
        kpi: scored(cell, shapes[kpi])
        for kpi, cell in made.items()
        if cell.target is not None or kpi == "lead_conversion"
    }


# --- what is paid ----------------------------------------------------------------------------


def bonus(post: Post, month: Month, without: frozenset[str] = frozenset()) -> Decimal | None:
    """Return the bonus, rounded half-up to the kopeck; None where there is no index to pay by."""
    own = measured(post, month, without)
    reached = index(own)
    full = salary(post, month) * SHARE_OF_SALARY * days_there(post, month, LOWER_PAY)
    hired = next(
        date.fromisoformat(row["hired"])
        for row in table(DATA / "employees.csv", "utf-8")
        if row["email"] == post.email
    )
    service = (month.year - hired.year) * 12 + month.number - hired.month + 1
    floor = full * NEWCOMER_SHARE if service <= NEWCOMER_MONTHS else None
    if reached is None:
        return None if floor is None else kopecks(floor)
    percent = [percent for since, percent in BANDS.items() if reached >= since][-1]
    amount = full * percent / 100
    conversion = own["lead_conversion"].value
    if conversion is not None and conversion < HARMFUL:
        amount /= 2
    return kopecks(amount if floor is None else max(amount, floor))


def bonuses(month: Month, without: frozenset[str] = frozenset()) -> dict[str, Decimal | None]:
    """Return everybody's bonus, of who was moved one for each post."""
    return {post.label: bonus(post, month, without) for post in managers(month)}


def kopecks(amount: Fraction) -> Decimal:
    return rounded(amount, 2).quantize(KOPECK)
