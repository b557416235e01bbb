"""The answers to the examples for May 2024, computed with the csv module and fractions only.

Nothing of kpictl reads or counts on this page; the regulation (rates, targets, shapes of scores)
is written down a second time, as a person would read it in the plan.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
MAY, JUNE = datetime(2024, 5, 1), datetime(2024, 6, 1)  # noqa: DTZ001 - files without a zone
STAMP = "%d.%m.%Y %H:%M:%S"
HUNDRED = Fraction(100)

Row = dict[str, str]
Shape = Callable[[Fraction, Fraction | None], Fraction]


@dataclass(frozen=True)
class Cell:
    """What is expected of one person and KPI; `n` and `target` are compared where given."""

    value: Fraction | None
    weight: int
    n: int | None = None
    state: str = "measured"
    target: Fraction | None = None
    lower: bool = False
    points: Decimal | None = None

    @property
    def attainment(self) -> Fraction | None:
        if self.value is None or self.target is None:
            return None
        done = HUNDRED * self.value / self.target
        return 200 - done if self.lower else done


Card = dict[str, dict[str, Cell]]


def rounded(number: Fraction, places: int) -> Decimal:
    exact = WIDE.divide(Decimal(number.numerator), Decimal(number.denominator))
    return exact.quantize(Decimal(1).scaleb(-places), context=WIDE)


def table(path: Path, encoding: str, delimiter: str = ";") -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def moment(text: str) -> datetime:
    return datetime.strptime(text, STAMP)  # noqa: DTZ007 - files without a zone


def in_may(at: datetime) -> bool:
    return MAY <= at < JUNE


def same_person(name: str) -> frozenset[str]:
    return frozenset(name.replace("ё", "е").split())


# --- shapes of scores -----------------------------------------------------------------------


def capped(shape: Shape, cap: int) -> Shape:
    return lambda value, target: max(Fraction(0), min(Fraction(cap), shape(value, target)))


def linear(value: Fraction, target: Fraction | None) -> Fraction:
    assert target
    return HUNDRED * value / target


def reflected(value: Fraction, target: Fraction | None) -> Fraction:
    assert target
    return HUNDRED * (2 - value / target)


def by_value(shape: Callable[[Fraction], Fraction]) -> Shape:
    return lambda value, _target: shape(value)


def of_attainment(shape: Callable[[Fraction], Fraction]) -> Shape:
    return lambda value, target: shape(linear(value, target))


def norms(base: int, norm: int, goal: int, at_goal: int) -> Callable[[Fraction], Fraction]:
    def shape(value: Fraction) -> Fraction:
        if value <= norm:
            return HUNDRED * (value - base) / (norm - base)
        return HUNDRED + (at_goal - 100) * (value - norm) / (goal - norm)

    return shape


def steps(points: Mapping[float, int]) -> Callable[[Fraction], Fraction]:
    def shape(value: Fraction) -> Fraction:
        reached = [y for x, y in points.items() if value >= Fraction(str(x))]
        return Fraction(reached[-1])

    return shape


def curve(points: Mapping[int, int]) -> Callable[[Fraction], Fraction]:
    knots = list(points.items())

    def shape(value: Fraction) -> Fraction:
        for (x0, y0), (x1, y1) in pairwise(knots):
            if x0 <= value < x1:
                return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
        return Fraction(0) if value < knots[0][0] else Fraction(knots[-1][1])

    return shape


def scored(cell: Cell, shape: Shape) -> Cell:
    if cell.value is None:
        return cell
    points = rounded(shape(cell.value, cell.target), 4)
    return Cell(**{**cell.__dict__, "points": points})


# --- sales ----------------------------------------------------------------------------------

USD = Fraction("91.5")
EUR = {
    datetime(2023, 2, 1): Fraction(77),  # noqa: DTZ001
    datetime(2023, 7, 1): Fraction("95.4"),  # noqa: DTZ001
    datetime(2024, 1, 1): Fraction("98.6"),  # noqa: DTZ001
    datetime(2024, 5, 1): Fraction("98.2"),  # noqa: DTZ001
    datetime(2024, 5, 15): Fraction(99),  # noqa: DTZ001
}
FINAL = {"Сделка успешна", "Контракт подписан"}


@dataclass(frozen=True)
class Deal:
    id: str
    owner: frozenset[str]
    client: str
    lead: str
    is_return: bool
    closed: datetime
    amount: Fraction
    valued: bool


def rate(currency: str, at: datetime) -> Fraction:
    euro = [rate for since, rate in EUR.items() if since <= at][-1]
    return {"Российский рубль": Fraction(1), "Доллар США": USD, "Евро": euro}[currency]


@cache
def sales_won() -> list[Deal]:
    """Read every won deal in its latest version, the amount in roubles."""
    latest: dict[str, Row] = {}
    for name, encoding in ("DEAL_2023.csv", "cp1251"), ("DEAL_2024.csv", "utf-8-sig"):
        latest |= {row["ID"]: row for row in table(EXAMPLES / "sales/data" / name, encoding)}
    deals = []
    for row in latest.values():
        if row["Стадия сделки"] not in FINAL:
            continue
        closed = moment(row["Дата изменения стадии"])
        amount = Fraction(row["Сумма"] or "0") * rate(row["Валюта"], closed)
        owner = same_person(row["Ответственный"])
        again = row["Повторная сделка"] == "да"
        whose = (row["ID"], owner, row["Компания"], row["Лид"], again)
        deals.append(Deal(*whose, closed, amount, bool(row["Сумма"])))
    return deals


def converted(leads: Iterable[Row]) -> int:
    closings: dict[str, list[datetime]] = defaultdict(list)
    for deal in sales_won():
        closings[deal.lead].append(deal.closed)
    month = timedelta(days=30)
    starts = ((lead["ID"], moment(lead["Дата создания"])) for lead in leads)
    return sum(any(at <= c <= at + month for c in closings[number]) for number, at in starts)


def sales_targets(person: Row, planned: Mapping[tuple[frozenset[str], str], Fraction]) -> Row:
    """Read who is expected to do what: the person's own plan before the department's. That one,
    where it grows with time, is for the days of May that they were employed in."""
    clients, average = {
        "Отдел продаж": (5, 170000),
        "Группа ключевых клиентов": (3, 420000),
        "Региональный отдел": (6, 85000),
    }[person["department"]]
    shared = clients * employed_share_of_may(person)
    if person["email"] == "galeev@example.ru":
        shared = Fraction(4)  # his by name
    keys = same_person(person["name"]), same_person(person["email"])
    own = {kpi: str(target) for (who, kpi), target in planned.items() if who in keys}
    return {"new_clients": str(shared), "average_deal": str(average), **own}


def employed_share_of_may(person: Row) -> Fraction:
    """Return the calendar days of May, of 31, between the first and the last day of work."""
    first = max(date.fromisoformat(person["hired"] or "2000-01-01"), date(2024, 5, 1))
    last = min(date.fromisoformat(person["left"] or "2100-01-01"), date(2024, 5, 31))
    return Fraction((last - first).days + 1, 31)


def planned_for_may() -> dict[tuple[frozenset[str], str], Fraction]:
    share = {"2024-05": 1, "2024-Q2": 3}
    return {
        (same_person(row["сотрудник"]), row["показатель"]): Fraction(row["план"])
        / share[row["период"]]
        for row in table(EXAMPLES / "sales/data/targets.csv", "utf-8")
        if row["период"] in share
    }


def names_of(person: Row) -> set[frozenset[str]]:
    return {same_person(person["name"]), same_person(person["aliases"])} - {frozenset()}


def revenue_in(year: int, month: int) -> dict[str, Fraction]:
    """Sum an earlier month for those of today's people who won something in it."""
    return {
        person["name"]: sum((deal.amount for deal in won), Fraction(0))
        for person in sales_people()
        if (
            won := [
                deal
                for deal in sales_won()
                if deal.owner in names_of(person)
                and (deal.closed.year, deal.closed.month) == (year, month)
            ]
        )
    }


def sales_row(
    person: Row, planned: Mapping[tuple[frozenset[str], str], Fraction]
) -> dict[str, Cell]:
    names = names_of(person)
    won = [d for d in sales_won() if d.owner in names and in_may(d.closed)]
    leads = [
        row
        for row in table(EXAMPLES / "sales/data/LEAD_2024.csv", "utf-8-sig")
        if same_person(row["Ответственный"]) in names and in_may(moment(row["Дата создания"]))
    ]
    revenue = sum((d.amount for d in won), Fraction(0))
    valued = sum(d.valued for d in won)  # the average is of those that have an amount
    clients = len({d.client for d in won if d.client and not d.is_return})
    plan = {kpi: Fraction(text) for kpi, text in sales_targets(person, planned).items()}
    enough, many = len(won) >= 3, len(leads) >= 10
    few = "insufficient"
    cells = {
        "revenue": Cell(revenue, 35, target=plan["revenue"]),
        "new_clients": Cell(Fraction(clients), 20, target=plan["new_clients"]),
        "average_deal": Cell(revenue / valued, 20, valued, target=plan["average_deal"])
        if enough
        else Cell(None, 20, len(won), few),
        "lead_conversion": Cell(HUNDRED * converted(leads) / len(leads), 25, len(leads))
        if many
        else Cell(None, 25, len(leads), few),
    }
    shapes = {
        "revenue": capped(of_attainment(curve({0: 0, 70: 60, 100: 100, 130: 150})), 150),
        "new_clients": capped(linear, 140),
        "average_deal": capped(linear, 130),
        "lead_conversion": capped(by_value(norms(5, 20, 35, 130)), 130),
    }
    return {kpi: scored(cell, shapes[kpi]) for kpi, cell in cells.items()}


def sales_people() -> list[Row]:
    return [
        person
        for person in table(EXAMPLES / "sales/data/employees.csv", "utf-8")
        if person["active"] == "да" and person["position"] != "Руководитель отдела"
    ]


@cache
def sales() -> Card:
    planned = planned_for_may()
    return {person["name"]: sales_row(person, planned) for person in sales_people()}


# --- marketing ------------------------------------------------------------------------------


def marketing_row(name: str) -> dict[str, Cell]:
    data, who = EXAMPLES / "marketing/data", same_person(name)
    ads = [
        row
        for row in table(data / "ads.csv", "utf-8")
        if same_person(row["Маркетолог"]) == who and row["Дата"].endswith(".05.2024")
    ]
    spend = sum((Fraction(row["Расход"].replace(",", ".")) for row in ads), Fraction(0))
    reach = sum((Fraction(row["Охват"]) for row in ads), Fraction(0))
    leads = sum(
        same_person(row["Ответственный"]) == who
        and row["UTM Campaign"] != ""
        and in_may(moment(row["Дата создания"]))
        for row in table(data / "LEAD_2024.csv", "utf-8-sig")
    )
    earned = sum(
        (
            Fraction(row["Сумма"])
            for row in table(data / "DEAL_2024.csv", "utf-8")
            if same_person(row["Маркетолог"]) == who
            and row["Стадия сделки"] == "Сделка успешна"
            and in_may(moment(row["Дата изменения стадии"]))
        ),
        Fraction(0),
    )
    last = {"Тимур Асанов": 60, "Никита Громов": 35}.get(name, 45)
    seen = 1300000 if name == "Никита Громов" else 1000000
    cells = {
        "reach": Cell(reach, 20, target=Fraction(seen)),
        "ad_leads": Cell(Fraction(leads), 35, leads, target=Fraction(last)),
        "ad_roi": Cell(HUNDRED * (earned - spend) / spend, 30),
        "cpl": Cell(spend / leads, 15, leads, target=Fraction(1500), lower=True),
    }
    shapes = {
        "reach": capped(linear, 130),
        "ad_leads": capped(linear, 150),
        "ad_roi": capped(by_value(norms(0, 200, 400, 130)), 130),
        "cpl": capped(reflected, 130),
    }
    return {kpi: scored(cell, shapes[kpi]) for kpi, cell in cells.items()}


@cache
def marketing() -> Card:
    people = "Юлия Рей", "Тимур Асанов", "Алёна Зуева", "Никита Громов"
    return {name: marketing_row(name) for name in people}


# --- support --------------------------------------------------------------------------------


def support_row(name: str, tickets: list[Row]) -> dict[str, Cell]:
    def at(row: Row, column: str) -> datetime:
        return datetime.fromisoformat(row[column])

    opened = [row for row in tickets if in_may(at(row, "Opened"))]
    closed = [row for row in tickets if row["Closed"] and in_may(at(row, "Closed"))]
    ratings = [Fraction(row["Rating"]) for row in closed if row["Rating"]]
    waits = [
        Fraction(int((at(row, "First reply") - at(row, "Opened")).total_seconds()), 60)
        for row in opened
        if row["First reply"]
    ]
    solved = sum(row["Status"] == "Closed" and row["Reopened"] == "no" for row in closed)
    quick = HUNDRED * sum(wait <= 60 for wait in waits) / len(opened)
    target = Fraction(30 if name == "Hugo Brandt" else 40)
    cells = {
        "satisfaction": Cell(
            sum(ratings, Fraction(0)) / len(ratings), 35, len(ratings), target=Fraction("4.2")
        )
        if len(ratings) >= 5
        else Cell(None, 35, len(ratings), "insufficient"),
        "response_time": Cell(median(waits), 25, len(waits), target=Fraction(30), lower=True),
        "solved": Cell(Fraction(solved), 25, solved, target=target),
        "within_hour": Cell(quick, 15, len(opened)),
    }
    shapes = {
        "satisfaction": by_value(steps({0: 40, 3.5: 70, 4: 90, 4.2: 100, 4.4: 120})),
        "response_time": by_value(steps({0: 120, 20: 110, 30: 100, 45: 80, 60: 50, 120: 0})),
        "solved": of_attainment(steps({0: 0, 60: 60, 80: 80, 95: 100, 110: 120})),
        "within_hour": by_value(steps({0: 0, 70: 100})),
    }
    return {kpi: scored(cell, shapes[kpi]) for kpi, cell in cells.items()}


@cache
def support() -> Card:
    agents: dict[str, list[Row]] = defaultdict(list)
    for row in table(EXAMPLES / "support/data/tickets.csv", "utf-8", ","):
        agents[row["Agent"]].append(row)
    return {name: support_row(name, rows) for name, rows in sorted(agents.items()) if name}


# --- from scores to ranks ------------------------------------------------------------------


def index(cells: Mapping[str, Cell]) -> Decimal | None:
    counted = [
        (cell.weight, Fraction(cell.points)) for cell in cells.values() if cell.points is not None
    ]
    coverage = sum(weight for weight, _points in counted)
    if coverage < 60:
        return None
    total = sum((weight * points for weight, points in counted), Fraction(0))
    return rounded(total / coverage, 4)


def ranks(card: Card) -> dict[str, int | None]:
    indexes = {name: index(cells) for name, cells in card.items()}
    rated = [number for number in indexes.values() if number is not None]
    return {
        name: None if own is None else 1 + sum(other > own for other in rated)
        for name, own in indexes.items()
    }


CASES: dict[str, Callable[[], Card]] = {"sales": sales, "marketing": marketing, "support": support}
