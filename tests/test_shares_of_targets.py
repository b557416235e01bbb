"""What is expected of one stretch of time, made of numbers written for others: exact shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.people.staff import Person
from kpictl.scoring.targets import TargetBook, Written
from kpictl.scoring.targets.spans import TargetSpan, resolve
from kpictl.values import Period, Target
from plans import LATER

D = Decimal
ZONE = ZoneInfo("Europe/Moscow")
Numbers = Mapping[str, str]


def page(numbers: Numbers, kpi: str = "rev", subject: str = "s") -> dict[str, Written]:
    """Return numbers as they are written: period (`*`: any) → `90` or `5/month`."""
    found = {}
    for text, number in numbers.items():
        value, _, per = number.partition("/")
        period = "" if text == "*" else text
        found[period] = Written("scorecard", subject, kpi, period, D(value), per=per)
    return found


def asked(when: Period, *, volume: bool = True) -> TargetSpan:
    return TargetSpan((when.first, when.last + timedelta(days=1)), "scorecard", volume)


def expected(numbers: Numbers, period: str, *, volume: bool = True) -> Target | None:
    when = periods.parse(period, as_of=LATER, zone=ZONE)
    return resolve(page(numbers), asked(when, volume=volume))


@pytest.mark.parametrize(
    ("numbers", "period", "value", "derivation"),
    [
        # as it stands
        ({"2024-05": "50", "2024-Q2": "90"}, "2024-05", 50, ""),
        ({"2024-05": "50", "2024": "1"}, "2024-05-01..2024-05-31", 50, ""),
        ({"*": "7"}, "2024-05", 7, ""),
        ({"*": "7"}, "2024-W20", 7, ""),
        ({"2024-05": "50", "*": "7"}, "2024-06", 7, ""),
        # per something
        ({"*": "5/month"}, "2024-05", 5, "5/month"),
        ({"*": "5/month"}, "2024-Q2", 15, "5/month × 3"),
        ({"*": "62/month"}, "2024-05-31", 2, "62/month × 1/31 calendar_days"),
        ({"*": "58/month"}, "2024-02-01..2024-02-28", 56, "58/month × 28/29 calendar_days"),
        ({"*": "60/year"}, "2024-05", 5, "60/year × 1/12"),
        ({"*": "1/day"}, "2024-02", 29, "1/day × 29"),
        ({"*": "7/week"}, "2024-05", 31, "7/week × 31/7"),
        ({"*": "7/week"}, "2024-W20", 7, "7/week"),
        ({"2024-05": "5/day"}, "2024-05", 155, "2024-05: 5/day × 31"),
        ({"2024-Q2": "5/month"}, "2024-Q2", 15, "2024-Q2: 5/month × 3"),
        ({"2024-05": "50", "*": "5/month"}, "2024-Q2", 60, None),
        # a share of the shortest that holds it
        ({"2024": "1200"}, "2024-05", 100, "2024: 1200 × 1/12"),
        ({"2024": "1200"}, "2024-Q1", 300, "2024: 1200 × 3/12"),
        ({"2024": "1200", "2024-Q2": "90"}, "2024-05", 30, "2024-Q2: 90 × 1/3"),
        ({"2024": "1200", "2024-H1": "600"}, "2024-01", 100, "2024-H1: 600 × 1/6"),
        ({"2024": "1200", "2024-H1": "600"}, "2024-06", 100, "2024-H1: 600 × 1/6"),
        ({"*": "60/year"}, "2024-Q1", 15, "60/year × 1/4"),
        ({"2024-Q2": "90"}, "2024-04-30", 1, "2024-Q2: 90 × 1/3 × 1/30 calendar_days"),
        ({"2024-Q2": "90", "2024-04-29..2024-06-02": "35"}, "2024-05", 30, "2024-Q2: 90 × 1/3"),
        ({"2024-05": "31"}, "2024-05-01", 1, "2024-05: 31 × 1/31 calendar_days"),
        ({"2024-05": "31"}, "2024-05-31", 1, "2024-05: 31 × 1/31 calendar_days"),
        ({"2024-W20": "14"}, "2024-05-13", 2, "2024-W20: 14 × 1/7 calendar_days"),
        ({"2024-W20": "14"}, "2024-05-19", 2, "2024-W20: 14 × 1/7 calendar_days"),
        ({"2024-05": "310", "2024-W20": "14"}, "2024-05-14", 2, "2024-W20: 14 × 1/7 calendar_days"),
        ({"2024-05": "310", "2024-W20": "14"}, "2024-05-13..2024-05-31", 7 * 2 + 12 * 10, None),
        ({"2024-Q2": "90", "2024-W20": "70"}, "2024-05-01..2024-06-02", 30 + 2, None),
        ({"*": "31/month", "2024-W20": "14", "2024-W30": "7"}, "2024-05", 14 + 24, None),
        ({"*": "31/month", "2024-05-27..2024-06-02": "14"}, "2024-05", 5 * 2 + 26, None),
        # sums, the longest whole spans first
        ({"2024-04": "1", "2024-05": "2", "2024-06": "4"}, "2024-Q2", 7, None),
        ({"2024-Q2": "9", "2024-04": "5", "2024-07": "1"}, "2024-04-01..2024-07-31", 10, None),
        ({"2024-Q1": "8", "2024-Q2": "9", "2024-05": "4"}, "2024-H1", 17, None),
        ({"2024": "1200", "2024-Q2": "90"}, "2024-H1", 390, None),
        ({"2024-W19": "7", "2024-W20": "14"}, "2024-05-06..2024-05-19", 21, None),
        ({"2024-05": "31", "2024-06": "60"}, "2024-05-30..2024-06-02", 2 + 4, None),
        ({"2024-04": "30", "2024-05": "31"}, "2024-04-01..2024-05-30", 60, None),
        # a month made of shorter spans that fill it
        ({f"2024-02-{d:02}": "2" for d in range(1, 30)}, "2024-02", 58, None),
        (
            {"2024-04-29..2024-05-05": "7", "2024-05-06..2024-06-02": "28"},
            "2024-05",
            31,
            "2024-04-29..2024-05-05: 7 × 5/7 calendar_days + 2024-05-06..2024-06-02: 28 × 26/28 calendar_days",
        ),
        ({"2024-W20": "14", "2024": "1200"}, "2024-05", 100, "2024: 1200 × 1/12"),
        ({"2024-W20": "14", "*": "5/month"}, "2024-06", 5, "5/month"),
    ],
)
def test_a_volume_is_made_of_shares(
    numbers: Numbers, period: str, value: Fraction | int, derivation: str | None
) -> None:
    """As it stands, a share of the shortest that holds it, or a sum of parts that leave no gap."""
    found = expected(numbers, period)
    assert found is not None
    assert abs(Fraction(found.value) - value) < Fraction(1, 10**9)
    assert derivation is None or found.derivation == derivation


@pytest.mark.parametrize(
    ("numbers", "period"),
    [
        ({"2024-05": "50"}, "2024-06"),
        ({"2024-05": "50"}, "2024-Q2"),
        ({"2024-04": "1", "2024-06": "4"}, "2024-Q2"),
        ({"2024-05": "50"}, "2024-05-31..2024-06-01"),
        ({"2024-W20": "14"}, "2024-05"),
        ({"2024-05-01..2024-05-30": "14"}, "2024-05"),
        ({"2024": "1200"}, "2025-01"),
        ({"2024": "1200"}, "2023-12"),
    ],
)
def test_a_gap_is_no_target(numbers: Numbers, period: str) -> None:
    """Where a part of the period has no number, nothing is guessed."""
    assert expected(numbers, period) is None


@pytest.mark.parametrize(
    ("numbers", "period", "value"),
    [
        ({"2024": "60", "2024-Q2": "40"}, "2024-05", 40),
        ({"2024": "60", "2024-Q2": "40"}, "2024-04-01", 40),
        ({"2024": "60", "2024-Q2": "40"}, "2024-06-30", 40),
        ({"2024": "60", "2024-Q2": "40"}, "2024-Q2", 40),
        ({"2024": "60", "2024-Q2": "40"}, "2024-03-31..2024-04-01", 60),
        ({"2024": "60", "2024-Q2": "40"}, "2024-06-30..2024-07-01", 60),
        ({"2024": "60"}, "2025-01", None),
        ({"2024-05": "40"}, "2024-Q2", None),
        ({"2024-04": "1", "2024-05": "2", "2024-06": "4"}, "2024-Q2", None),
        ({"2024-05": "40", "*": "9"}, "2024-Q2", 9),
    ],
)
def test_a_quotient_is_the_shortest_that_holds_it(
    numbers: Numbers, period: str, value: int | None
) -> None:
    """An average is neither split nor added up."""
    found = expected(numbers, period, volume=False)
    assert (found and found.value) == value


# --- the book ----------------------------------------------------------------------------------


def book(*written: Written, volume: bool = True) -> TargetBook:
    made = TargetBook({"rev": volume, "avg": False})
    assert list(made.add(written)) == []
    return made


def one(
    value: int, period: str = "", kpi: str = "rev", level: str = "scorecard", **more: str
) -> Written:
    subject = more.pop("subject", "s")
    return Written(level, subject, kpi, period, D(value), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "period", "warned"),
    [
        ([one(300)], "2024-05", False),
        ([one(300)], "2024-02", False),
        ([one(300)], "2024-Q2", True),
        ([one(300)], "2024-05-01..2024-05-30", True),
        ([one(300), one(90, "2024-Q2", subject="x")], "2024-Q1", False),
        ([one(300), one(90, "2024-Q2", subject="x")], "2024-05", True),
        ([one(300), one(90, "2024-W20", subject="x")], "2024-W21", False),
        ([one(300), one(90, "2024-W20", subject="x")], "2024-05-01..2024-05-08", True),
        ([one(300), one(9, subject="x", per="quarter")], "2024-Q1", False),
        ([one(300), one(9, subject="x", per="quarter")], "2024-05", True),
        ([one(300), one(9, subject="x", per="week")], "2024-W20", False),
        ([one(300), one(9, "2024-Q2", kpi="avg", subject="x")], "2024-05", False),
        ([one(300, per="month")], "2024-Q2", False),
        ([one(300, kpi="avg")], "2024-Q2", False),
    ],
)
def test_a_bare_number_fits_periods_as_long_as_the_others(
    written: list[Written], period: str, *, warned: bool
) -> None:
    """A month, where nothing else is written, or whichever length the other volumes have."""
    when = periods.parse(period, as_of=LATER, zone=ZONE)
    found = list(book(*written).of_other_lengths(when, ["avg", "rev"], str))
    code = "targets.other_length" if len(written) > 1 else "targets.no_month"
    assert [p.code for p in found] == [code] * warned


def test_a_number_written_twice_keeps_the_first() -> None:
    """The second is a mistake and changes nothing."""
    made = TargetBook({"rev": True})
    (problem,) = made.add([one(1, "2024-05"), one(2, "2024-05"), one(3, "2024-06")])
    assert (problem.code, problem.data["period"]) == ("targets.written_twice", "2024-05")
    (problem,) = made.add([one(1), one(2)])
    assert problem.data["period"] == "—"
    when = periods.parse("2024-05", as_of=LATER, zone=ZONE)
    found = resolve(made.numbers("scorecard", "s", "rev"), asked(when))
    assert found is not None
    assert found.value == 1


ANN = Person("ann", "Ann", department="Отдел Север")


def test_who_lacks_a_target() -> None:
    """Who has none of their own, of their department's members or of the scorecard."""
    made = book(
        one(3, level="scorecard"),
        one(2, level="members", subject="отдел север"),
        one(1, level="employee", subject="ann"),
        one(9, level="department", subject="отдел север"),
        one(8, level="company", subject=""),
    )
    assert made.lacks("rev", "other", Person("bob", "Bob"))
    assert not made.lacks("rev", "other", ANN)
    assert not made.lacks("rev", "s", Person("bob", "Bob"))


@pytest.mark.parametrize(
    ("written", "nobodys"),
    [
        ([], True),
        ([one(1, kpi="avg")], True),
        ([one(1)], False),
        ([one(1, subject="other")], True),
        ([one(1, subject="other"), one(1)], False),
        ([one(1, level="employee", subject="ann")], False),
        ([one(1, subject="other"), one(1, level="members", subject="x")], False),
        ([one(1, level="department", subject="x"), one(1, level="company", subject="")], True),
    ],
)
def test_a_kpi_of_which_nobody_has_a_target(written: list[Written], *, nobodys: bool) -> None:
    """Goals of units and targets of other scorecards are nobody's here."""
    assert book(*written).lacks_personal_targets("rev", "s") is nobodys
