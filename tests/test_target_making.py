"""Targets that are prorated, grown from facts, and divided among people and departments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.errors import PlanRejected
from kpictl.people.presence import Reason
from kpictl.people.staff import Person
from kpictl.scoring.targets.attendance import Roll, prorated
from kpictl.scoring.targets.cascade import Share, divide, shares
from kpictl.scoring.targets.spans import Clock, TargetSpan, resolve
from kpictl.scoring.targets.written import Written
from kpictl.values import Target
from kpictl.words import LANGUAGES, has
from plans import Computed, compute, refused, write

D = Decimal
ZONE = ZoneInfo("Europe/Moscow")


class Weekdays:
    """A calendar whose working days are Monday to Friday."""

    def is_working(self, day: date) -> bool:
        return day.weekday() < 5

    def working_days(self, first: date, after: date) -> int:
        days = (date.fromordinal(n) for n in range(first.toordinal(), after.toordinal()))
        return sum(map(self.is_working, days))

    def working_hours(self, first: date, after: date) -> Fraction:
        return Fraction(8 * self.working_days(first, after))


WEEKDAYS = Weekdays()

STAFF = """\
name,department,hired,left
Ann Roe,North,2020-01-01,
Ben Ito,North,2020-01-01,
Carl Day,South,2020-01-01,
"""
ORDERS = """\
date,amount,owner
2023-05-10,60,Ann Roe
2023-05-11,30,Ben Ito
2024-04-10,10,Ann Roe
2024-04-11,20,Ben Ito
2024-04-12,50,Carl Day
2024-05-10,10,Ann Roe
"""
PLAN = """\
sources: {crm: {type: csv, orders: orders.csv, employees: employees.csv}}
kpis:
  revenue: {from: orders, sum: amount, when: date, by: owner, unit: money}
  average: {from: orders, average: amount, when: date, by: owner}
scorecards: {sales: {who: active, kpis: {revenue: {weight: 50}, average: {weight: 50}}RAMP}}
CALENDAR
targets:
"""


def made(
    folder: Path,
    targets: str,
    *,
    staff: str = STAFF,
    period: str = "2024-05",
    calendar: bool = True,
    ramp: str = "",
) -> Computed:
    plan = PLAN.replace("CALENDAR", "calendar: {country: RU}" if calendar else "")
    plan = plan.replace("RAMP", f", ramp: {ramp}" if ramp else "")
    files = {"orders.csv": ORDERS, "employees.csv": staff}
    return compute(folder, plan + targets, files, period=period)


def targets(found: Computed, kpi: str = "revenue") -> dict[str, Target]:
    scores = {row.name: row.score(kpi).target for row in found.card.rows}
    return {name: target for name, target in scores.items() if target is not None}


def values(found: Computed, kpi: str = "revenue") -> dict[str, Decimal]:
    return {name: target.value for name, target in targets(found, kpi).items()}


# --- presence ------------------------------------------------------------------------------------

HIRED = "name,department,hired\nAnn Roe,North,2024-05-15\nBen Ito,North,2020-01-01\n"
MILLION = "  scorecard.sales: {revenue: 1000000/month, average: 7}\n"


def test_a_newcomer_has_the_share_of_their_working_days(tmp_path: Path) -> None:
    """Hired on May 15, 2024: 13 of 20 working days of a million; a quotient stays whole."""
    found = made(tmp_path, MILLION, staff=HIRED)
    ann = targets(found)["Ann Roe"]
    assert (ann.value, ann.derivation) == (D(650000), "1000000/month × 13/20 working_days")
    assert [(s.code, s.data["days"]) for s in ann.steps] == [("step.away.hired", D(7))]
    assert values(found)["Ben Ito"] == D(1000000)
    assert values(found, "average") == {"Ann Roe": D(7), "Ben Ito": D(7)}


def test_without_a_calendar_days_are_calendar_days(tmp_path: Path) -> None:
    """17 of 31 calendar days, and the derivation says of which days."""
    ann = targets(made(tmp_path, MILLION, staff=HIRED, calendar=False))["Ann Roe"]
    assert ann.value == D("548387.0967741935")
    assert ann.derivation == "1000000/month × 17/31 calendar_days"


def test_months_of_a_newcomer_add_up_to_the_quarter(tmp_path: Path) -> None:
    """Whatever a number is written of, the quarter is what its months are together."""
    written = "  scorecard.sales: {revenue: {2024-Q2: 3000000}}\n"
    months = [
        values(made(tmp_path / m, written, staff=HIRED, period=m)).get("Ann Roe", D(0))
        for m in ("2024-05", "2024-06")
    ]
    quarter = targets(made(tmp_path / "q", written, staff=HIRED, period="2024-Q2"))["Ann Roe"]
    assert quarter.value == sum(months) == D(1650000)


def test_what_is_written_by_name_is_taken_whole(tmp_path: Path) -> None:
    """A number for the employee stands as written, with a remark; `prorate: all` prorates it."""
    by_name = "  employee.Ann Roe: {revenue: {2024-05: 1000000}}\n"
    found = made(tmp_path, by_name, staff=HIRED)
    assert values(found) == {"Ann Roe": D(1000000)}
    assert found.said("targets.as_written").data["days"] == D(13)
    all_ = made(tmp_path, f"{by_name}  prorate: all\n", staff=HIRED)
    assert values(all_) == {"Ann Roe": D(650000)}


def test_a_ramp_lowers_the_first_months(tmp_path: Path) -> None:
    """Half in the first month since the hire, three quarters in the second, by the day."""
    found = made(tmp_path, MILLION, staff=HIRED, ramp="{1: 50, 2: 75}")
    ann = targets(found)["Ann Roe"]
    assert (ann.value, ann.derivation) == (D(325000), "1000000/month × 13/20 working_days × 50%")
    june = made(tmp_path, MILLION, staff=HIRED, ramp="{1: 50, 2: 75}", period="2024-06")
    # June 2024 has 19 working days: 9 before the 15th, the rest in the second month.
    share = (Fraction(9) * 50 + Fraction(10) * 75) / 19 / 100
    assert abs(Fraction(values(june)["Ann Roe"]) - share * 1000000) < 1


def test_a_part_of_a_month_is_of_working_days(tmp_path: Path) -> None:
    """To the middle of the month: the month's target, as far as its working days have gone."""
    ann = targets(made(tmp_path, MILLION, period="2024-05-01..2024-05-17"))["Ann Roe"]
    assert (ann.value, ann.derivation) == (D(500000), "1000000/month × 10/20 working_days")


def test_a_target_from_a_day_on(tmp_path: Path) -> None:
    """Each working day counts by the number that holds for it; of a quotient by its days."""
    written = (
        "  scorecard.sales:\n"
        "    revenue: {from 2024-01-01: 1000000/month, from 2024-05-15: 2000000/month}\n"
        "    average: {from 2024-01-01: 10, from 2024-05-15: 20}\n"
    )
    found = made(tmp_path, written)
    assert values(found)["Ann Roe"] == D(1650000)  # 7/20 of one and 13/20 of the other
    assert values(found, "average")["Ann Roe"] == D("16.5")
    assert (
        "2024-05-15..: 20 × 13/20 working_days" in targets(found, "average")["Ann Roe"].derivation
    )
    june = made(tmp_path, written, period="2024-06")
    assert (values(june)["Ann Roe"], values(june, "average")["Ann Roe"]) == (D(2000000), D(20))


# --- growth --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("growth", "expected"),
    [
        ("+10% over prev", {"Ann Roe": "11", "Ben Ito": "22", "Carl Day": "55"}),
        ("+10% over -1y", {"Ann Roe": "66", "Ben Ito": "33"}),
        ("best of 12 periods", {"Ann Roe": "60", "Ben Ito": "30", "Carl Day": "50"}),
        ("-50% over best of 1 period", {"Ann Roe": "5", "Ben Ito": "10", "Carl Day": "25"}),
    ],
)
def test_growth_over_ones_own_facts(tmp_path: Path, growth: str, expected: dict[str, str]) -> None:
    """A target that a fact of another period makes; who has none, has no target, and is named."""
    found = made(tmp_path, f"  scorecard.sales: {{revenue: {growth}}}\n")
    assert values(found) == {name: D(value) for name, value in expected.items()}
    lacking = [p.data["names"] for p in found.results.warnings if p.code == "targets.no_base"]
    assert lacking == ([] if len(expected) == 3 else ["Carl Day"])


def test_growth_shows_its_base(tmp_path: Path) -> None:
    """The base period, its value and its records are steps of the target."""
    target = targets(made(tmp_path, "  scorecard.sales: {revenue: +10% over prev}\n"))["Ben Ito"]
    assert target.derivation == "2024-04: 20 × 1.1"
    (step,) = target.steps
    assert (step.code, step.data["period"], step.data["value"], step.data["n"]) == (
        "step.growth.prev",
        "2024-04",
        D(20),
        1,
    )


def test_units_grow_too(tmp_path: Path) -> None:
    """The company over a year before, a department over the month before."""
    written = (
        "  company: {revenue: +10% over -1y}\n  department.North: {revenue: +100% over prev}\n"
    )
    found = made(tmp_path, written)
    goals = {u.name: u.score("revenue").target for u in found.results.units}
    assert {name: t.value for name, t in goals.items() if t} == {"": D(99), "North": D(60)}


# --- cascade -------------------------------------------------------------------------------------

COMPANY = "  company: {revenue: {2024-05: 18000000}}\n"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("by: equal", [6000000, 6000000, 6000000]),
        ("by: prev_share", [2250000, 4500000, 11250000]),
        ("by: last_year_share", [8000000, 4000000, 6000000]),  # Carl: an equal share, one of 3
        ("weights: {Ann Roe: 1, Ben Ito: 3}", [4500000, 13500000, None]),
        ("by: equal, round: 5000000", [8000000, 5000000, 5000000]),
    ],
)
def test_a_goal_is_divided_among_people(
    tmp_path: Path, by: str, expected: list[int | None]
) -> None:
    """The people's targets add up to the company's goal exactly, whatever they are divided by."""
    found = made(tmp_path, f"{COMPANY}  cascade: {{revenue: {{to: sales, {by}}}}}\n")
    got = values(found)
    assert [got.get(n) for n in ("Ann Roe", "Ben Ito", "Carl Day")] == expected
    assert sum(got.values()) == 18000000
    assert {t.level for t in targets(found).values()} == {"cascade"}
    if "last_year" in by:
        assert found.said("cascade.no_history").data["names"] == "Carl Day"


@pytest.mark.parametrize(
    ("to", "expected"),
    [("{to: sales, by: fte}", [8, 4, 6]), ("[{to: departments, by: fte}, {to: sales, by: fte}]", [8, 4, 6])],
)  # fmt: skip
def test_shares_of_full_posts(tmp_path: Path, to: str, expected: list[int]) -> None:
    """By the column of the employees, of who was moved or not: what somebody had last in the period;
    one without an entry has a full post."""
    staff = (
        "name,department,fte,from,to\nAnn Roe,North,,,\nBen Ito,North,0.5,,\n"
        "Carl Day,South,1,,2024-05-10\nCarl Day,South,0.75,2024-05-11,\n"
    )
    goal = "  company: {revenue: {2024-05: 18}}\n"
    found = made(tmp_path, f"{goal}  cascade: {{revenue: {to}}}\n", staff=staff)
    assert [values(found)[name] for name in ("Ann Roe", "Ben Ito", "Carl Day")] == expected


def test_parts_of_a_goal_with_a_long_tail_add_up_to_it(tmp_path: Path) -> None:
    """A third of a quarter's hundred is given whole: no warning tells of what was not rounded off."""
    goal = "  company: {revenue: {2024-Q2: 100}}\n"
    found = made(tmp_path, f"{goal}  cascade: {{revenue: {{to: sales, by: equal}}}}\n")
    assert sum(values(found).values()) == D("33.3333333333")
    assert not {code for code in found.codes if code.startswith("cascade.")}


def test_through_departments_to_people(tmp_path: Path) -> None:
    """First among departments by headcount, then each department's goal among its people."""
    steps = "[{to: departments, by: headcount}, {to: sales, by: equal}]"
    found = made(tmp_path, f"{COMPANY}  cascade: {{revenue: {steps}}}\n")
    assert set(values(found).values()) == {D(6000000)}
    goals = {u.name: u.score("revenue").target for u in found.results.units}
    assert {name: t.value for name, t in goals.items() if t} == {
        "": D(18000000), "North": D(12000000), "South": D(6000000),
    }  # fmt: skip


def test_what_people_have_of_their_own_is_taken_off_first(tmp_path: Path) -> None:
    """The rest is divided among the others; where nothing is left, that is said."""
    own = "  employee.Ann Roe: {revenue: {2024-05: 4000000}}\n"
    cascade = "  cascade: {revenue: {to: sales, by: equal}}\n"
    got = values(made(tmp_path, COMPANY + own + cascade))
    assert got == {"Ann Roe": D(4000000), "Ben Ito": D(7000000), "Carl Day": D(7000000)}
    found = made(tmp_path, COMPANY + own.replace("4000000", "20000000") + cascade)
    assert values(found) == {"Ann Roe": D(20000000)}
    assert {"cascade.over", "cascade.nothing_left"} <= found.codes


def test_a_goal_that_is_not_all_given_is_said_in_money_and_percent(tmp_path: Path) -> None:
    """Everybody has a target of their own: 14.64 of 18 million."""
    own = "  scorecard.sales: {revenue: {2024-05: 4880000}}\n"
    found = made(tmp_path, f"{COMPANY}{own}  cascade: {{revenue: {{to: sales, by: equal}}}}\n")
    data = found.said("cascade.under").data
    assert (data["total"], data["goal"], data["percent"]) == (
        "14\u00a0640\u00a0000", "18\u00a0000\u00a0000", D("81.33"),
    )  # fmt: skip


def test_a_newcomers_share_is_of_their_days(tmp_path: Path) -> None:
    """Who was there for a part gets so much less, the others the rest: it still adds up."""
    staff = STAFF.replace("Carl Day,South,2020-01-01", "Carl Day,South,2024-05-15")
    found = made(
        tmp_path, f"{COMPANY}  cascade: {{revenue: {{to: sales, by: equal}}}}\n", staff=staff
    )
    got = values(found)
    assert sum(got.values()) == 18000000
    # the weights are 1, 1 and 13/20
    assert abs(got["Carl Day"] - 18000000 * D(13) / D(53)) < D("0.01")


@pytest.mark.parametrize(
    ("cascade", "code"),
    [
        ("{average: {to: sales, by: equal}}", "cascade.no_volume"),
        ("{revenue: {to: sale, by: equal}}", "cascade.to"),
        ("{revenue: {to: sales}}", "cascade.by"),
        ("{revenue: {to: sales, by: equal, weights: {Ann Roe: 1}}}", "cascade.by"),
        ("{revenue: {to: departments, of: departments, by: equal}}", "cascade.of"),
        ("{revenue: {to: sales, weights: {Ann Roe: 0}}}", "cascade.weights"),
        ("{sales: {to: sales, by: equal}}", "bind.unknown_kpi"),
    ],
)
def test_mistakes_of_a_cascade(tmp_path: Path, cascade: str, code: str) -> None:
    """What cannot be divided is a mistake in the plan."""
    plan = PLAN.replace("CALENDAR", "").replace("RAMP", "") + f"{COMPANY}  cascade: {cascade}\n"
    problems = refused(tmp_path, plan, {"orders.csv": ORDERS, "employees.csv": STAFF})
    assert [p.code for p in problems] == [code]


@settings(max_examples=60)
@given(
    st.integers(1, 10**9),
    st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=1, max_size=9),
    st.sampled_from([Fraction(1, 100), Fraction(1), Fraction(10000)]),
)
def test_a_division_adds_up(amount: int, weights: list[int | None], step: Fraction) -> None:
    """Parts add up to the whole; each is of whole steps but the one that has the rest, and within a
    step (and the rest) of its exact share."""
    parts = [Share(str(i), None if w is None else Fraction(w)) for i, w in enumerate(weights)]
    by = shares(parts)
    assert sum(by.values()) == 1
    found = divide(Fraction(amount), by, step)
    assert sum(found.amounts.values()) == amount
    for ident, part in found.amounts.items():
        bare = part - (found.rest if ident == found.rest_in else 0)
        assert bare % step == 0
        assert abs(bare - amount * by[ident]) < step + found.rest


def test_a_year_that_the_calendar_does_not_know(tmp_path: Path) -> None:
    """Where a target needs working days that nobody knows, that is a mistake of the plan."""
    with pytest.raises(PlanRejected) as rejected:
        made(tmp_path, MILLION, period="2031-05-01..2031-05-10")
    assert [p.code for p in rejected.value.problems] == ["calendar.unknown_year"]


@pytest.mark.parametrize(
    "command",
    [
        "compute",
        "compute --by department",
        "explain revenue -e Ann",
        "explain index -e Ann",
        "card Ann",
        "targets",
        "ready",
        "trend --kpi revenue",
    ],
)
def test_each_command_names_the_year_that_the_calendar_lacks(tmp_path: Path, command: str) -> None:
    """Whichever asks for the target first: the plan is refused at its calendar, exit code 3, for
    people's targets as for a goal of the company."""
    plan = PLAN.replace("CALENDAR", "calendar: {country: RU}").replace("RAMP", "")
    for goals in (MILLION, "  company: {revenue: 1000000/month}\n"):
        path = write(tmp_path, plan + goals, {"orders.csv": ORDERS, "employees.csv": STAFF})
        words = [*command.split(), "-c", str(path), "-p", "2031-05-01..2031-05-10", "--lang", "en"]
        told = CliRunner().invoke(app, words)
        assert (told.exit_code, "2031" in told.stderr) == (3, True), told.output


# --- as it is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_shows_each_step(tmp_path: Path, lang: str) -> None:
    """The goal, whose it is, the facts by which it was divided and the command for their records,
    the days somebody was not there, the rounding."""
    plan = PLAN.replace("CALENDAR", "calendar: {country: RU}").replace("RAMP", "")
    written = f"{COMPANY}  cascade: {{revenue: {{to: sales, by: prev_share, round: 1000}}}}\n"
    written += "  scorecard.sales: {average: +10% over prev}\n"
    staff = STAFF.replace("Carl Day,South,2020-01-01", "Carl Day,South,2024-05-15")
    path = write(tmp_path, plan + written, {"orders.csv": ORDERS, "employees.csv": staff})
    words = ["-c", str(path), "-p", "2024-05", "--lang", lang]

    def told(kpi: str, who: str) -> str:
        page = CliRunner().invoke(app, ["explain", kpi, "-e", who, *words]).stdout
        return " ".join(page.split()).replace("\u00a0", " ").replace("\u202f", " ")

    revenue = told("revenue", "Carl Day")
    for part in ("2024-04", "kpictl explain revenue -e 'Carl Day' -p 2024-04", "62"):
        assert part in revenue
    average = told("average", "Ben Ito")
    assert "kpictl explain average -e 'Ben Ito' -p 2024-04" in average
    months = {"en": "by largest remainder", "ru": "по наибольшему остатку"}
    assert months[lang] in revenue


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_to_be_away_has_its_words(lang: str, reason: str) -> None:
    """What presence may say, explain can tell."""
    assert has(lang, f"step.away.{reason}")


DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))


@settings(max_examples=60)
@given(
    st.lists(DAYS, min_size=1, max_size=4),
    st.sampled_from(["2024: 1200", "2024-Q2: 300; 2024: 1200", "*: 5/month", "*: 60/year"]),
    st.booleans(),
    st.dates(date(2023, 6, 1), date(2024, 12, 1)),
)
def test_the_parts_of_a_year_add_up_to_it(
    cuts: list[date], written: str, calendar: bool, hired: date
) -> None:
    """However the year is cut, and whenever somebody was hired, the parts are the whole."""
    page = {}
    for text in written.split("; "):
        period, number = text.split(": ")
        value, _, per = number.partition("/")
        key = "" if period == "*" else period
        page[key] = Written("scorecard", "s", "rev", key, D(value), per=per)
    roll = Roll(ZONE, WEEKDAYS if calendar else None)
    attending = prorated(roll, Person("ann", "Ann", hired=hired), {1: D(50), 2: D(75)})

    def part(first: date, after: date) -> Fraction:
        asked = TargetSpan((first, after), "scorecard", True, Clock(roll.calendar), attending)
        target = resolve(page, asked)
        return Fraction(target.value) if target is not None else Fraction(0)

    bounds = sorted({date(2024, 1, 1), *cuts, date(2025, 1, 1)})
    whole = part(bounds[0], bounds[-1])
    assert abs(sum(part(a, b) for a, b in pairwise(bounds)) - whole) < Fraction(1, 10**8)


@pytest.mark.parametrize("names", [("Zoe", "Ann", "Mia"), ("Mia", "Zoe", "Ann")])
def test_equal_remainders_go_by_name(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Four among three: the first by name has the one that is left, whatever the order of the list;
    the derivation says that it was rounded."""
    plan = """\
    sources: {s: {type: csv, deals: {path: d.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
    kpis: {deals: {from: deals, count: rows, when: day}}
    scorecards: {s: {who: "name is not null", kpis: {deals: {weight: 100}}}}
    targets: {company: {deals: {2024-05: 4}}, cascade: {deals: {to: s, by: equal}}}
    """
    files = {"d.csv": "day,owner\n2024-05-02,Ann\n", "e.csv": "name\n" + "\n".join(names) + "\n"}
    found = compute(tmp_path, plan, files)
    got = {row.name: row.score("deals").target for row in found.card.rows}
    assert {name: t.value for name, t in got.items() if t} == dict.fromkeys(names, 1) | {"Ann": 2}
    assert all(t.derivation.endswith(" ~ 1") for t in got.values() if t)
