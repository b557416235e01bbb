"""How much of a stretch of days counts: months of tenure, absences, posts, and who is asked for
nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.target_list import target_list
from kpictl.app.workspace import open_workspace
from kpictl.people.absences import Absence, Absences
from kpictl.people.assignments import Assignment
from kpictl.people.staff import Person
from kpictl.scoring.targets.attendance import Roll, of_posts, prorated, ramped
from kpictl.scoring.targets.spans import Attendance
from kpictl.values import TargetStep
from plans import compute, write

D, F = Decimal, Fraction
ZONE = ZoneInfo("Europe/Moscow")
DAY = timedelta(days=1)
MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
BY_MONTH = {n: D(n) for n in range(1, 25)}
"""A ramp whose percents say which month of tenure it is."""


def hired(day: str | None) -> Person:
    return Person("ann", "Ann", hired=None if day is None else date.fromisoformat(day))


def percent(day: str, ramp: dict[int, Decimal], first: date, after: date) -> Fraction:
    return ramped(Roll(ZONE), hired(day), ramp, first, after)


# --- months of tenure ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "day", "month"),
    [
        ("2024-05-15", "2024-05-15", 1),
        ("2024-05-15", "2024-06-14", 1),
        ("2024-05-15", "2024-06-15", 2),
        ("2024-05-15", "2024-07-14", 2),
        ("2024-05-15", "2024-12-31", 8),
        ("2024-05-15", "2025-01-14", 8),
        ("2024-05-15", "2025-01-15", 9),
        ("2024-05-15", "2025-05-14", 12),
        ("2024-05-15", "2025-05-15", 13),
        ("2024-05-15", "2025-12-20", 20),
        # by the last day of a month that is shorter
        ("2023-10-31", "2023-11-29", 1),
        ("2023-10-31", "2023-11-30", 2),
        ("2023-10-31", "2023-12-30", 2),
        ("2023-10-31", "2023-12-31", 3),
        ("2023-10-31", "2024-02-28", 4),
        ("2023-10-31", "2024-02-29", 5),
        ("2023-10-31", "2024-03-30", 5),
        ("2023-10-31", "2024-03-31", 6),
        ("2022-12-30", "2023-02-27", 2),
        ("2022-12-30", "2023-02-28", 3),
        ("2022-12-31", "2023-12-30", 12),
        ("2022-12-31", "2023-12-31", 13),
        ("2024-01-01", "2024-01-31", 1),
        ("2024-01-01", "2024-02-01", 2),
        ("2024-01-01", "2024-12-31", 12),
    ],
)
def test_the_month_of_tenure_goes_by_the_day_of_the_hire(since: str, day: str, month: int) -> None:
    """A new month of tenure begins on the day of the month on which somebody was hired."""
    first = date.fromisoformat(day)
    assert percent(since, BY_MONTH, first, first + DAY) == month


@pytest.mark.parametrize(
    ("since", "ramp", "first", "after", "expected"),
    [
        # all of the stretch in one month of tenure; the days before the hire are none of it
        ("2024-05-01", {1: 50}, MAY, JUNE, 50),
        ("2024-05-17", {1: 50}, MAY, JUNE, 50),
        # 14 days of the first month, 16 of the second
        ("2024-05-15", {1: 50, 2: 80}, JUNE, JULY, F(14 * 50 + 16 * 80, 30)),
        # 16 of the second, then 17 after the ramp, which are whole
        ("2024-05-15", {1: 50, 2: 80}, date(2024, 6, 29), date(2024, 8, 1), F(16 * 80 + 17 * 100, 33)),
        # 17 of the first, 30 of the second, 14 of the third
        ("2024-05-15", {1: 20, 2: 40, 3: 60}, MAY, date(2024, 7, 29), F(31 * 20 + 30 * 40 + 14 * 60, 75)),
        # a month that is not named has the percent of the one before; before the first it is whole
        ("2024-05-01", {1: 50, 3: 80}, JUNE, JULY, 50),
        ("2024-05-01", {1: 50, 3: 80}, JULY, date(2024, 8, 1), 80),
        ("2024-05-01", {2: 75}, MAY, JUNE, 100),
        ("2024-05-01", {2: 75}, JUNE, JULY, 75),
        ("2024-05-01", {2: 75}, JULY, date(2024, 8, 1), 100),
        # long here, not here yet, no ramp
        ("2020-01-01", {1: 50, 2: 80}, MAY, JUNE, 100),
        ("2024-06-03", {1: 50, 2: 80}, MAY, JUNE, 100),
        ("2024-05-15", {}, MAY, JUNE, 100),
    ],
)  # fmt: skip
def test_a_ramp_is_weighed_by_the_days_of_each_month(
    since: str, ramp: dict[int, int], first: date, after: date, expected: Fraction | int
) -> None:
    """Each month of tenure counts by its days in the stretch, and after the last one all of them."""
    assert percent(since, {n: D(p) for n, p in ramp.items()}, first, after) == expected


def test_a_ramp_is_nothing_to_whom_it_is_not_known_when_they_were_hired() -> None:
    """Without the day of the hire all of the target holds."""
    assert ramped(Roll(ZONE), hired(None), {1: D(50)}, MAY, JUNE) == 100


# --- what counts ---------------------------------------------------------------------------------


def sick(first: date, last: date, share: Fraction | int = 1) -> Absences:
    one = Absence(first, last, "sick", F(share))
    return Absences({"ann": (one,)}, frozenset({"sick"}))


def away(reason: str, first: date, after: date, days: str, kind: str = "") -> TargetStep:
    data = {"first": first, "after": after, "days": D(days), "unit": "calendar_days", "kind": kind}
    return TargetStep(f"step.away.{reason}", data)


def ramp_of(percent: str) -> TargetStep:
    return TargetStep("step.ramp", {"percent": D(percent)})


HALF = {1: D(50), 2: D(80)}


@pytest.mark.parametrize(
    ("absences", "since", "first", "after", "expected"),
    [
        (Absences(), None, MAY, JUNE, None),
        (Absences(), "2020-01-01", MAY, JUNE, None),
        (
            Absences(), "2024-05-17", MAY, JUNE,
            Attendance(
                F(15, 62),
                ("15/31 calendar_days", "50%"),
                (away("hired", MAY, date(2024, 5, 17), "16"), ramp_of("50")),
            ),
        ),
        (Absences(), "2024-05-01", MAY, JUNE, Attendance(F(1, 2), ("50%",), (ramp_of("50"),))),
        (
            Absences(), "2024-05-16", JUNE, JULY,  # 15 days by 50 and 15 by 80
            Attendance(F(13, 20), ("65%",), (ramp_of("65"),)),
        ),
        (
            Absences(), "2024-05-11", JUNE, JULY,  # 10 days by 50 and 20 by 80
            Attendance(F(7, 10), ("70%",), (ramp_of("70"),)),
        ),
        (
            Absences(), "2024-05-11", MAY, date(2024, 6, 13),  # 31 days by 50 and 2 by 80, of 43
            Attendance(
                F(1710, 4300),
                ("33/43 calendar_days", "51.8182%"),
                (away("hired", MAY, date(2024, 5, 11), "10"), ramp_of("51.8182")),
            ),
        ),
        (
            sick(date(2024, 5, 6), date(2024, 5, 6), F(1, 3)), "2020-01-01", MAY, JUNE,
            Attendance(
                F(92, 93),
                ("30.6667/31 calendar_days",),
                (away("absence", date(2024, 5, 6), date(2024, 5, 7), "0.3333", "sick"),),
            ),
        ),
        (
            sick(MAY, date(2024, 5, 31)), None, MAY, JUNE,
            Attendance(
                F(0), ("0/31 calendar_days",), (away("absence", MAY, JUNE, "31", "sick"),)
            ),
        ),
    ],
)  # fmt: skip
def test_what_counts_of_a_stretch(
    absences: Absences, since: str | None, first: date, after: date, expected: Attendance | None
) -> None:
    """The days somebody was there for times the percent of their months, each with what made it;
    nothing where all of it counts."""
    assert prorated(Roll(ZONE, absences=absences), hired(since), HALF)(first, after) == expected


NORTH = Assignment(None, date(2024, 5, 17), "North")
SOUTH = Assignment(date(2024, 5, 17), None, "South")


@pytest.mark.parametrize(
    ("person", "always"),
    [
        (Person("ben", "Ben"), True),
        (Person("ben", "Ben", hired=MAY), False),
        (Person("ben", "Ben", left=MAY), False),
        (Person("ben", "Ben", hired=MAY, left=JULY, post=NORTH), False),
        (Person("ben", "Ben", assignments=(NORTH, SOUTH)), False),
        (Person("ann", "Ann"), False),
    ],
)
def test_who_is_always_there(person: Person, *, always: bool) -> None:
    """Whoever has no first and last day, no change of post and no absence."""
    assert Roll(ZONE, absences=sick(MAY, MAY)).is_always_there(person) is always


class Unknown:
    """A calendar that knows no year."""

    def is_working(self, day: date) -> bool:
        raise AssertionError(day)

    def working_days(self, first: date, after: date) -> int:
        raise AssertionError(first, after)

    def working_hours(self, first: date, after: date) -> Fraction:
        raise AssertionError(first, after)


def test_of_whom_nothing_is_taken_away_no_working_days_are_asked() -> None:
    """A whole target needs no calendar: it holds in years that the calendar does not know."""
    roll = Roll(ZONE, Unknown())
    assert prorated(roll, Person("ann", "Ann"), HALF)(MAY, JUNE) is None
    assert of_posts(roll, Person("ann", "Ann"))(MAY, JUNE) is None


@pytest.mark.parametrize(
    ("number", "first", "after", "expected"),
    [
        (0, MAY, JUNE, Attendance(F(16, 31), ("16/31 calendar_days",))),
        (1, MAY, JUNE, Attendance(F(15, 31), ("15/31 calendar_days",))),
        (0, MAY, date(2024, 5, 17), None),
        (1, MAY, date(2024, 5, 17), Attendance(F(0), ("0/16 calendar_days",))),
        (1, JUNE, JULY, None),
    ],
)
def test_a_number_of_somebody_with_two_posts_is_divided_by_their_days(
    number: int, first: date, after: date, expected: Attendance | None
) -> None:
    """Each post has as much as its days, all of it where it alone was held."""
    post = Person("ann", "Ann", assignments=(NORTH, SOUTH)).posts()[number]
    assert of_posts(Roll(ZONE), post)(first, after) == expected


# --- of whom nothing is expected -----------------------------------------------------------------

PLAN = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
kpis: {s: {from: o, sum: amt, when: d}, a: {from: o, average: amt, when: d}}
scorecards: {n: {kpis: {s: {weight: 50}, a: {weight: 50}}}}
absences: {file: a.csv}
"""
STAFF = "id,name,hired\n7,Ann,2024-05-15\n8,Ben,2020-01-01\n9,Cyd,\n"
ORDERS = "d,owner,amt\n2024-05-20,Ann,1\n"
ABSENCES = "id,from,to,kind\n8,2024-05-01,2024-05-31,sick\n"


def test_only_who_was_never_there_lacks_no_target(tmp_path: Path) -> None:
    """Who came in mid-month lacks a target as everybody does; who was away all month lacks none of
    a volume, and one of an average."""
    files = {"o.csv": ORDERS, "e.csv": STAFF, "a.csv": ABSENCES}
    as_of = datetime(2024, 7, 15, tzinfo=UTC)
    with open_workspace(str(write(tmp_path, PLAN, files)), {}) as workspace:
        may = periods.parse("2024-05", as_of=as_of, zone=workspace.bound.zone)
        (listed,) = target_list(workspace, ComputeRequest(may, as_of), (may,))
    lacking = {(line.name, line.kpi) for line in listed.lines if line.lacks}
    assert lacking == {("Ann", "s"), ("Cyd", "s"), ("Ann", "a"), ("Ben", "a"), ("Cyd", "a")}


@pytest.mark.parametrize(
    ("period", "value", "derivation"),
    [
        ("2024-05", 100, "company: 300 × 1/3"),
        (
            "2024-05-01..2024-05-17",
            50,
            "company: 300 × 1/3 = 100; 100 × 10/20 working_days",
        ),
    ],
)
def test_a_part_of_a_month_has_its_part_of_a_goal(
    tmp_path: Path, period: str, value: int, derivation: str
) -> None:
    """The goal of the month is divided, and each share counts by the days that have gone."""
    plan = PLAN.replace("absences: {file: a.csv}\n", "calendar: {country: RU}\n")
    plan += "targets: {company: {s: 300/month}, cascade: {s: {to: n, by: equal}}}\n"
    files = {"o.csv": ORDERS, "e.csv": "id,name\n7,Ann\n8,Ben\n9,Cyd\n"}
    target = compute(tmp_path, plan, files, period=period).score("Ann", "s").target
    assert target is not None
    assert (target.value, target.derivation) == (D(value), derivation)


def test_each_of_two_posts_held_at_once_says_its_own_days(tmp_path: Path) -> None:
    """A number written by name is taken whole, with a remark how long that post was held: ten days
    of the one, 27 of the other."""
    plan = """\
    sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}}
    kpis: {s: {from: o, sum: amt, when: d}, a: {from: o, sum: amt, when: d}}
    scorecards:
      n: {who: "department = 'North'", kpis: {s: {weight: 100}}}
      m: {who: "department = 'South'", kpis: {a: {weight: 100}}}
    targets: {employee.Ann: {s: {2024-05: 100}, a: {2024-05: 200}}}
    """
    staff = (
        "id,name,department,fte,from,to\n"
        "7,Ann,North,0.5,2020-01-01,2024-05-10\n7,Ann,South,0.5,2024-05-05,\n"
    )
    found = compute(tmp_path, plan, {"o.csv": ORDERS, "e.csv": staff})
    targets = {
        score.kpi: score.target
        for card in found.results.scorecards
        for row in card.rows
        for score in row.scores
    }
    said = {
        kpi: (target.value, [(step.code, step.data["days"]) for step in target.steps])
        for kpi, target in targets.items()
        if target is not None
    }
    assert said == {
        "s": (D(100), [("step.as_written", D(10))]),
        "a": (D(200), [("step.as_written", D(27))]),
    }
