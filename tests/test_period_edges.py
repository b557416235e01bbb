"""The first and the last year that are computed with, stretches up to now, and whole months between
days."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.errors import UsageError

ZONE = ZoneInfo("Europe/Moscow")
TODAY = date(2024, 5, 17)


@pytest.mark.parametrize("text", ["1900", "1900-01", "1900-01-01", "2199", "2199-12", "2199-12-31"])
def test_the_years_that_are_computed_with_are_whole(text: str) -> None:
    """From the first day of the first to the last of the last."""
    assert periods.parse(text, as_of=TODAY, zone=ZONE).text == text
    assert periods.is_fixed(text)


@pytest.mark.parametrize(
    "text",
    [
        "0000-05",
        "1899",
        "1899-12",
        "2200",
        "2200-01-01",
        "1899-12-31..1900-01-01",
        "2199-12..2200-01",
    ],
)
def test_other_years_are_refused_as_such(text: str) -> None:
    """They are said to be no years that are computed with, not to be no periods."""
    with pytest.raises(UsageError) as raised:
        periods.parse(text, as_of=TODAY, zone=ZONE)
    assert raised.value.problem.code == "period.year"
    assert not periods.is_fixed(text)


def test_no_run_begins_before_the_first_year() -> None:
    """The periods before one are counted back to it; the first beyond is named."""
    last = periods.parse("1900-03", as_of=TODAY, zone=ZONE)
    found = periods.run(last, 3, ZONE)
    assert [period.text for period in found] == ["1900-01", "1900-02", "1900-03"]
    with pytest.raises(UsageError) as raised:
        periods.run(last, 4, ZONE)
    assert raised.value.problem.data["text"] == "1899-12"


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2024-05-01..2024-05-17", "2023-05-01..2023-05-17"),
        ("2024-05-17", "2023-05-17"),
        ("2024-02-29", "2023-02-28"),
        ("2024-02-10..2024-02-29", "2023-02-10..2023-02-28"),
        ("2024-02", "2023-02"),
        ("2025-02", "2024-02"),  # whole, though it had a day more
        ("2024-Q4", "2023-Q4"),
        ("2024", "2023"),
        ("2026-W20", "2025-W20"),
        ("2020-W53", "2019-W52"),  # of which there was none the year before
        ("2021-W52", "2020-W52"),
    ],
)
def test_the_same_stretch_of_the_year_before(text: str, before: str) -> None:
    """Day for day, month for month, week for week of the same number."""
    period = periods.of_days(*periods.fixed_days(text), ZONE)
    assert (period.text, periods.year_before(period, ZONE).text) == (text, before)


@pytest.mark.parametrize(
    ("first", "after", "months"),
    [
        ("2023-06-15", "2024-06-01", 11),
        ("2023-06-15", "2024-06-14", 11),
        ("2023-06-15", "2024-06-15", 12),
        ("2023-11-01", "2024-02-01", 3),
        ("2024-05-01", "2024-05-31", 0),
        ("2024-01-31", "2024-02-29", 0),
        ("2024-01-31", "2024-03-01", 1),
    ],
)
def test_whole_months_between_two_days(first: str, after: str, months: int) -> None:
    """A month is over when its day has come again."""
    days = date.fromisoformat(first), date.fromisoformat(after)
    assert periods.months_between(*days) == months


@pytest.mark.parametrize(
    ("text", "after"),
    [("2024-02", "2024-03-01"), ("2023-12", "2024-01-01"), ("2024-05-17", "2024-05-18")],
)
def test_the_day_after_a_period(text: str, after: str) -> None:
    """The first that is none of it."""
    period = periods.parse(text, as_of=TODAY, zone=ZONE)
    assert periods.day_after(period) == date.fromisoformat(after)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("I квартал 2024", "2024-Q1"),
        ("ii кв. 2024", "2024-Q2"),
        ("III кв 2024", "2024-Q3"),
        ("IV кв. 2024", "2024-Q4"),
        ("II полугодие 2024", "2024-H2"),
    ],
)
def test_parts_of_a_year_in_roman_numbers(text: str, resolved: str) -> None:
    """As people write quarters and halves."""
    assert periods.parse(text, as_of=TODAY, zone=ZONE).text == resolved


@pytest.mark.parametrize(
    "text", ["2024-٠٥", "2024-H3", "III полугодие 2024", "2024-Q5", "2024-13", "1900-13", "2199-13"]
)
def test_what_no_year_has_is_no_period(text: str) -> None:
    """Parts beyond the year, and digits of other scripts."""
    with pytest.raises(UsageError) as raised:
        periods.parse(text, as_of=TODAY, zone=ZONE)
    assert raised.value.problem.code == "period.unknown"
