"""The answers to the sales example, computed with csv, openpyxl and fractions only (see `by_hand`).

May 2024 has the posts of people (one was moved on the 16th, one came on the 13th), their absences
and targets by working days; the days themselves are written out here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache

import openpyxl

from by_hand import (
    EXAMPLES,
    HUNDRED,
    Card,
    Cell,
    Row,
    by_value,
    capped,
    curve,
    in_may,
    index,
    linear,
    moment,
    norms,
    of_attainment,
    same_person,
    scored,
    table,
)  # fmt: skip

DATA = EXAMPLES / "sales/data"
USD = Fraction("91.5")
EUR = {
    datetime(2023, 2, 1): Fraction(77),  # noqa: DTZ001
    datetime(2023, 7, 1): Fraction("95.4"),  # noqa: DTZ001
    datetime(2024, 1, 1): Fraction("98.6"),  # noqa: DTZ001
    datetime(2024, 5, 1): Fraction("98.2"),  # noqa: DTZ001
    datetime(2024, 5, 15): Fraction(99),  # noqa: DTZ001
}
FINAL = {"Сделка успешна", "Контракт подписан"}
# The working days of May 2024 in Russia: holidays on the 1st and 9th, the 10th off for a Saturday.
WORKED = (2, 3, 6, 7, 8, 13, 14, 15, 16, 17, 20, 21, 22, 23, 24, 27, 28, 29, 30, 31)
WORKING_DAYS = [date(2024, 5, day) for day in WORKED]
LOWERING = {"ОТ", "Б"}  # a vacation, an illness; a day at one's own cost (ДО) lowers nothing
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"
DEPARTMENTS = ("Группа ключевых клиентов", "Отдел продаж", "Региональный отдел")

REVENUE = capped(of_attainment(curve({0: 0, 70: 60, 100: 100, 130: 150})), 150)
CONVERSION = capped(by_value(norms(5, 20, 35, 130)), 130)


# --- records --------------------------------------------------------------------------------


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
        latest |= {row["ID"]: row for row in table(DATA / name, encoding)}
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


@cache
def leads_of_may() -> list[Row]:
    leads = table(DATA / "LEAD_2024.csv", "utf-8-sig")
    return [row for row in leads if in_may(moment(row["Дата создания"]))]


def converted(leads: Iterable[Row]) -> int:
    closings: dict[str, list[datetime]] = defaultdict(list)
    for deal in sales_won():
        closings[deal.lead].append(deal.closed)
    month = timedelta(days=30)
    starts = ((lead["ID"], moment(lead["Дата создания"])) for lead in leads)
    return sum(any(at <= c <= at + month for c in closings[number]) for number, at in starts)


# --- people and their posts -----------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """A line of employees.csv: who was what. Records are of the post that their day lies in, from
    `since` to `until`; days count from `first` to `last`, when the person was employed, too."""

    name: str
    label: str  # with the department behind the name where somebody has several
    email: str
    names: frozenset[frozenset[str]]
    department: str
    position: str
    since: date
    until: date
    first: date
    last: date

    def owns(self, owner: frozenset[str], at: datetime) -> bool:
        return owner in self.names and self.since <= at.date() <= self.until


@cache
def posts() -> list[Post]:
    """Read the posts of everybody; who has left keeps what was theirs before. Lines that differ in
    the salary alone, a raise, are one post."""
    held: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in table(DATA / "employees.csv", "utf-8"):
        held[row["id"], row["department"], row["position"]].append(row)

    def day(text: str, instead: str) -> date:
        return date.fromisoformat(text or instead)

    found = []
    for (ident, department, position), rows in held.items():
        row, several = rows[0], sum(key[0] == ident for key in held) > 1
        since, until = day(row["from"], FIRST_DAY), day(rows[-1]["to"], LAST_DAY)
        found.append(
            Post(
                row["name"],
                f"{row['name']} ({department})" if several else row["name"],
                row["email"],
                frozenset({same_person(row["name"]), same_person(row["aliases"])} - {frozenset()}),
                department,
                position,
                since,
                until,
                max(since, day(row["hired"], FIRST_DAY)),
                min(until, day(row["left"], LAST_DAY)),
            )
        )
    return found


def sales_posts() -> list[Post]:
    """Return who was a manager in May 2024, a line for each post."""
    may = date(2024, 5, 1), date(2024, 5, 31)
    return [
        post
        for post in posts()
        if post.position != "Руководитель отдела" and post.last >= may[0] and post.first <= may[1]
    ]


@cache
def absent() -> dict[frozenset[str], set[date]]:
    """Return the days away that lower what is expected, by name."""
    days: dict[frozenset[str], set[date]] = defaultdict(set)
    for row in table(DATA / "absences.csv", "utf-8"):
        first, last = (datetime.strptime(row[c], "%d.%m.%Y").date() for c in ("с", "по"))  # noqa: DTZ007
        if row["код"] in LOWERING:
            days[same_person(row["сотрудник"])] |= {d for d in WORKING_DAYS if first <= d <= last}
    return days


def days_there(post: Post) -> int:
    """Count the working days of May on which somebody held the post and was not away."""
    away = absent().get(same_person(post.name), set())
    return sum(post.first <= day <= post.last and day not in away for day in WORKING_DAYS)


def share(post: Post) -> Fraction:
    return Fraction(days_there(post), len(WORKING_DAYS))


# --- targets --------------------------------------------------------------------------------


@cache
def planned() -> dict[tuple[frozenset[str], str], Fraction]:
    """Read what is written for somebody by name: the column May of the workbook, and the lines."""
    sheet = openpyxl.load_workbook(DATA / "targets.xlsx").active
    assert sheet is not None
    captions, *lines = sheet.iter_rows(values_only=True)
    may = captions.index(datetime(2024, 5, 1))  # noqa: DTZ001
    kpis = {"Объём продаж": "revenue"}
    found = {
        (same_person(str(line[0])), kpis[str(line[1])]): Fraction(str(line[may]))
        for line in lines
        if line[may] is not None
    }
    months = {"2024-05": 1, "2024-Q2": 3}
    for row in table(DATA / "targets.csv", "utf-8"):
        if row["период"] in months:
            key = same_person(row["сотрудник"]), row["показатель"]
            assert key not in found
            found[key] = Fraction(row["план"]) / months[row["период"]]
    return found


def target(post: Post, kpi: str) -> Fraction:
    """Return what is expected of a post: volumes for the days there, the average as it stands."""
    if kpi == "won_deals":
        return Fraction(people_deals()[post.label])
    clients, average = {
        "Отдел продаж": (5, 170000),
        "Группа ключевых клиентов": (3, 420000),
        "Региональный отдел": (6, 85000),
    }[post.department]
    if post.email == "galeev@example.ru":
        clients = 4
    members = {"new_clients": clients, "average_deal": average}
    keys = (same_person(post.name), kpi), (same_person(post.email), kpi)
    own = next((planned()[key] for key in keys if key in planned()), None)
    written = Fraction(members[kpi]) if own is None else own
    return written if kpi == "average_deal" else written * share(post)


def divided(goal: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Divide a whole number by weights, the rest to the largest remainders, the first name first."""
    whole = sum(weights.values(), Fraction(0))
    quotas = {name: goal * weights[name] / whole for name in sorted(weights)}
    parts = {name: int(quota) for name, quota in quotas.items()}
    by_rest = sorted(quotas, key=lambda name: parts[name] - quotas[name])
    for name in by_rest[: goal - sum(parts.values())]:
        parts[name] += 1
    return parts


@cache
def department_deals() -> dict[str, int]:
    """Divide the company's 190 deals by what each department had won in May 2023."""
    won = [deal for deal in sales_won() if (deal.closed.year, deal.closed.month) == (2023, 5)]
    weights = {
        name: Fraction(
            sum(
                any(post.department == name and post.owns(d.owner, d.closed) for post in posts())
                for d in won
            )
        )
        for name in DEPARTMENTS
    }
    return divided(190, weights)


@cache
def people_deals() -> dict[str, int]:
    """Divide each department's deals among its posts, alike but for the days there."""
    parts: dict[str, int] = {}
    for name, goal in department_deals().items():
        parts |= divided(goal, {p.label: share(p) for p in sales_posts() if p.department == name})
    return parts


# --- facts ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """The records of somebody, or of several together, in May 2024."""

    won: list[Deal]
    leads: list[Row]

    @property
    def revenue(self) -> Fraction:
        return sum((deal.amount for deal in self.won), Fraction(0))

    @property
    def clients(self) -> int:
        return len({deal.client for deal in self.won if deal.client and not deal.is_return})

    @property
    def valued(self) -> int:
        return sum(deal.valued for deal in self.won)  # the average is of those with an amount

    @property
    def conversion(self) -> Fraction:
        return HUNDRED * converted(self.leads) / len(self.leads)


def facts(several: Iterable[Post]) -> Facts:
    own = list(several)

    def theirs(owner: str | frozenset[str], at: datetime) -> bool:
        name = same_person(owner) if isinstance(owner, str) else owner
        return any(post.owns(name, at) for post in own)

    return Facts(
        [deal for deal in sales_won() if in_may(deal.closed) and theirs(deal.owner, deal.closed)],
        [
            row
            for row in leads_of_may()
            if theirs(row["Ответственный"], moment(row["Дата создания"]))
        ],
    )


# --- scorecards -----------------------------------------------------------------------------

SHAPES = {
    "revenue": REVENUE,
    "new_clients": capped(linear, 140),
    "average_deal": capped(linear, 130),
    "lead_conversion": CONVERSION,
    "won_deals": linear,
}


def sales_row(several: list[Post], wanted: Mapping[str, Fraction | None]) -> dict[str, Cell]:
    """Return the cells of a post, or of several together, against what is expected."""
    own = facts(several)
    won, leads = len(own.won), len(own.leads)
    average = own.revenue / own.valued if won >= 3 else None
    cells = {
        "revenue": Cell(own.revenue, 35, target=wanted["revenue"]),
        "new_clients": Cell(Fraction(own.clients), 20, target=wanted["new_clients"]),
        "average_deal": Cell(average, 20, own.valued, target=wanted["average_deal"])
        if average is not None
        else Cell(None, 20, won, "insufficient"),
        "lead_conversion": Cell(own.conversion, 25, leads)
        if leads >= 10
        else Cell(None, 25, leads, "insufficient"),
        "won_deals": Cell(Fraction(won), 0, won, target=wanted["won_deals"]),
    }
    return {
        kpi: scored(cell, SHAPES[kpi])
        if cell.target is not None or kpi == "lead_conversion"
        else replace(cell, state="no_target" if cell.value is not None else cell.state)
        for kpi, cell in cells.items()
    }


VOLUMES = ("revenue", "new_clients", "won_deals")


@cache
def sales() -> Card:
    kpis = (*VOLUMES, "average_deal")
    return {
        post.label: sales_row([post], {kpi: target(post, kpi) for kpi in kpis})
        for post in sales_posts()
    }


def together(several: list[Post]) -> dict[str, Cell]:
    """Return several posts as one: the records of all; targets of volumes add up, others differ."""
    sums = {kpi: sum((target(p, kpi) for p in several), Fraction(0)) for kpi in VOLUMES}
    return sales_row(several, {**sums, "average_deal": None})


GOALS = {
    "Отдел продаж": 13_000_000,
    "Группа ключевых клиентов": 9_800_000,
    "Региональный отдел": 4_200_000,
}


def unit_row(several: list[Post], revenue: int, deals: int) -> dict[str, Cell]:
    """Return the cells of a department, or of the three together, in the scorecard of units."""
    own = facts(several)
    cells = {
        "revenue": Cell(own.revenue, 50, target=Fraction(revenue)),
        "won_deals": Cell(Fraction(len(own.won)), 20, len(own.won), target=Fraction(deals)),
        "lead_conversion": Cell(own.conversion, 30, len(own.leads)),
    }
    shapes = {**SHAPES, "won_deals": capped(linear, 130)}
    return {kpi: scored(cell, shapes[kpi]) for kpi, cell in cells.items()}


@cache
def departments() -> Card:
    """Score the departments by all who are in them, their heads as well."""
    return {
        name: unit_row(
            [post for post in posts() if post.department == name],
            GOALS[name],
            department_deals()[name],
        )
        for name in DEPARTMENTS
    }


def all_departments() -> dict[str, Cell]:
    return unit_row(posts(), sum(GOALS.values()), 190)


def moved() -> dict[str, list[Post]]:
    """Return who had several posts in May, with these."""
    several: dict[str, list[Post]] = defaultdict(list)
    for post in sales_posts():
        several[post.name].append(post)
    return {name: own for name, own in several.items() if len(own) > 1}


def index_of_several(several: list[Post]) -> Fraction:
    """Return the mean of the indexes of somebody's posts by the days there."""
    indexes = {post: index(sales()[post.label]) for post in several}
    products = [Fraction(own) * days_there(p) for p, own in indexes.items() if own is not None]
    return sum(products, Fraction(0)) / sum(days_there(post) for post in several)


def company_won() -> list[Deal]:
    """Return what the company won in May, whoever owns it, or nobody."""
    return [deal for deal in sales_won() if in_may(deal.closed)]


def revenue_in(year: int, month: int) -> dict[str, Fraction]:
    """Sum an earlier month for those of today's people who won something in it."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for deal in sales_won():
        if (deal.closed.year, deal.closed.month) == (year, month):
            for post in sales_posts():
                if post.owns(deal.owner, deal.closed):
                    found[post.name] += deal.amount
    return dict(found)
