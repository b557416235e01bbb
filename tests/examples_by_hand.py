"""The answers to the examples for May 2024, computed with the csv module and fractions only.

Nothing of kpictl reads or counts on this page; the regulation (rates, targets, shapes of scores)
is written down a second time, as a person would read it in the plan. Sales have a page of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from statistics import median

from by_hand import (
    EXAMPLES,
    HUNDRED,
    Card,
    Cell,
    Row,
    by_value,
    capped,
    in_may,
    index,
    linear,
    moment,
    norms,
    of_attainment,
    ranks,
    reflected,
    rounded,
    same_person,
    scored,
    steps,
    table,
)  # fmt: skip
from sales_by_hand import departments, sales

# --- marketing ------------------------------------------------------------------------------


MARKETING = EXAMPLES / "marketing/data"


@cache
def campaign_of_leads() -> dict[str, str]:
    """Return the campaign in the mark of each lead, by the lead's id."""
    return {
        row["ID"]: row["UTM Campaign"] for row in table(MARKETING / "LEAD_2024.csv", "utf-8-sig")
    }


@cache
def owner_of_campaigns() -> dict[str, frozenset[str]]:
    """Return whose each campaign is; a lead and a deal without one are nobody's."""
    rows = table(MARKETING / "campaigns.csv", "utf-8")
    return {row["Кампания"]: same_person(row["Владелец"]) for row in rows} | {"": frozenset()}


def advertised(campaigns: set[str]) -> tuple[Fraction, Fraction, int, Fraction]:
    """Return what was spent on campaigns in May, whom it reached, the leads and the revenue."""
    ads = [
        row
        for row in table(MARKETING / "ads.csv", "utf-8")
        if row["Кампания"] in campaigns and row["Дата"].endswith(".05.2024")
    ]
    spend = sum((Fraction(row["Расход"].replace(",", ".")) for row in ads), Fraction(0))
    reach = sum((Fraction(row["Охват"]) for row in ads), Fraction(0))
    leads = sum(
        row["UTM Campaign"] in campaigns and in_may(moment(row["Дата создания"]))
        for row in table(MARKETING / "LEAD_2024.csv", "utf-8-sig")
    )
    earned = sum(
        (
            Fraction(row["Сумма"])
            for row in table(MARKETING / "DEAL_2024.csv", "utf-8")
            if campaign_of_leads()[row["Лид"]] in campaigns
            and row["Стадия сделки"] == "Сделка успешна"
            and in_may(moment(row["Дата изменения стадии"]))
        ),
        Fraction(0),
    )
    return spend, reach, leads, earned


def campaign_row(names: set[str]) -> dict[str, Cell]:
    """Return the cells of a campaign, or of several together."""
    spend, _reach, leads, earned = advertised(names)
    cells = {
        "campaign_roi": Cell(HUNDRED * (earned - spend) / spend, 60),
        "campaign_cpl": Cell(spend / leads, 40, leads, target=Fraction(1500), lower=True),
        "campaign_spend": Cell(spend, 0, state="no_target"),
        "campaign_leads": Cell(Fraction(leads), 0, leads, state="no_target"),
        "campaign_revenue": Cell(earned, 0, state="no_target"),
    }
    shapes = {
        "campaign_roi": capped(by_value(norms(0, 200, 400, 130)), 130),
        "campaign_cpl": capped(reflected, 130),
    }
    return {k: scored(cell, shapes[k]) if k in shapes else cell for k, cell in cells.items()}


@cache
def campaigns() -> Card:
    return {name: campaign_row({name}) for name in owner_of_campaigns() if name}


def mark_of_may(name: str) -> Fraction:
    """Return the mark of somebody for May: of several lines the last that the art director wrote."""
    marks = [
        (datetime.strptime(row["Дата оценки"], "%d.%m.%Y"), row["Оценка"])  # noqa: DTZ007
        for row in table(MARKETING / "marks.csv", "utf-8")
        if (row["Сотрудник"], row["Месяц"]) == (name, "май 2024")
    ]
    return Fraction(max(marks)[1].replace(",", "."))


def marketing_row(name: str) -> dict[str, Cell]:
    who = same_person(name)
    own = {campaign for campaign, owner in owner_of_campaigns().items() if owner == who}
    spend, reach, leads, earned = advertised(own)
    last = {"Тимур Асанов": 60, "Никита Громов": 35}.get(name, 45)
    seen = 1300000 if name == "Никита Громов" else 1000000
    cells = {
        "reach": Cell(reach, 20, target=Fraction(seen)),
        "ad_leads": Cell(Fraction(leads), 30, leads, target=Fraction(last)),
        "ad_roi": Cell(HUNDRED * (earned - spend) / spend, 30),
        "cpl": Cell(spend / leads, 10, leads, target=Fraction(1500), lower=True),
        "creatives": Cell(mark_of_may(name), 10, 1, target=Fraction(4)),
    }
    shapes = {
        "reach": capped(linear, 130),
        "ad_leads": capped(linear, 150),
        "ad_roi": capped(by_value(norms(0, 200, 400, 130)), 130),
        "cpl": capped(reflected, 130),
        "creatives": capped(linear, 120),
    }
    return {kpi: scored(cell, shapes[kpi]) for kpi, cell in cells.items()}


@cache
def marketing() -> Card:
    people = "Юлия Рей", "Тимур Асанов", "Алёна Зуева", "Никита Громов"
    return {name: marketing_row(name) for name in people}


# --- support --------------------------------------------------------------------------------


BANK_HOLIDAYS = {(3, 29), (4, 1), (5, 6), (5, 27)}  # of England in the months of the tickets
UNANSWERED = Fraction(10**9)  # waits still: longer than any that was answered


def worked(start: datetime, end: datetime) -> Fraction:
    """Return the minutes from 9 to 19 o'clock of working days between two moments, day by day."""
    total = Fraction(0)
    for number in range((end.date() - start.date()).days + 1):
        day = start.date() + timedelta(days=number)
        if day.weekday() < 5 and (day.month, day.day) not in BANK_HOLIDAYS:
            opens, closes = (datetime(day.year, day.month, day.day, hour) for hour in (9, 19))  # noqa: DTZ001
            seconds = (min(end, closes) - max(start, opens)).total_seconds()
            total += Fraction(max(0, int(seconds)), 60)
    return total


def support_row(name: str, tickets: list[Row]) -> dict[str, Cell]:
    def at(row: Row, column: str) -> datetime:
        return datetime.fromisoformat(row[column])

    opened = [row for row in tickets if in_may(at(row, "Opened"))]
    closed = [row for row in tickets if row["Closed"] and in_may(at(row, "Closed"))]
    ratings = [Fraction(row["Rating"]) for row in closed if row["Rating"]]
    waits = [
        worked(at(row, "Opened"), at(row, "First reply")) if row["First reply"] else UNANSWERED
        for row in opened
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


# --- what is paid ---------------------------------------------------------------------------

MARKETING_SHARE, MARKETING_CAP = Fraction(20, 100), Fraction(40_000)
TIERS = ((0, 2), (100_000, 3), (150_000, 5))  # from so many roubles of revenue on: percent
POOL, ELIGIBLE_FROM, RATING_FROM = 3200, 90, 4


def marketing_bonus(name: str) -> tuple[Fraction, Fraction]:
    """Return the two parts of a marketer's bonus: by index, and of the revenue, tier by tier."""
    staff = table(MARKETING / "employees.csv", "utf-8")
    salary = next(Fraction(row["salary"]) for row in staff if row["name"] == name)
    reached = index(marketing()[name])
    assert reached is not None
    who = same_person(name)
    *_, revenue = advertised({c for c, owner in owner_of_campaigns().items() if owner == who})
    commission = Fraction(0)
    for number, (start, rate) in enumerate(TIERS):
        end = TIERS[number + 1][0] if number + 1 < len(TIERS) else revenue
        commission += max(Fraction(0), min(revenue, Fraction(end)) - start) * rate / HUNDRED
    return salary * MARKETING_SHARE * Fraction(reached) / HUNDRED, commission


def marketing_pay() -> dict[str, Decimal]:
    return {
        name: rounded(min(sum(marketing_bonus(name), Fraction(0)), MARKETING_CAP), 2)
        for name in marketing()
    }


def support_pay() -> dict[str, Decimal]:
    """Divide the pool by index, in pence; what is left over goes to the largest remainders."""
    indexes = {name: index(cells) or Decimal(0) for name, cells in support().items()}
    shares = {name: Fraction(own) for name, own in indexes.items() if own >= ELIGIBLE_FROM}
    pence = {name: POOL * 100 * own / sum(shares.values()) for name, own in shares.items()}
    paid = {name: int(exact) for name, exact in pence.items()}
    places = ranks(support())
    order = sorted(pence, key=lambda name: (paid[name] - pence[name], places[name], name))
    for name in order[: POOL * 100 - sum(paid.values())]:
        paid[name] += 1
    return {name: Decimal(paid.get(name, 0)) / 100 for name in support()}


# --- all of them ----------------------------------------------------------------------------

CASES: dict[str, Callable[[], Card]] = {
    "sales": sales,
    "departments": departments,
    "marketing": marketing,
    "campaigns": campaigns,
    "support": support,
}
FOLDERS = {
    "departments": "sales",
    "campaigns": "marketing",
}  # of a scorecard that is not called like its example
