"""The grammar of `--period`, its edges, and how periods hold one another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpictl import periods
from kpictl.errors import UsageError
from kpictl.values import Period

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2024, 5, 17, 12, tzinfo=MOSCOW)
DAY = timedelta(days=1)
ZONES = st.sampled_from(
    ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]
).map(ZoneInfo)
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def parse(text: str, as_of: datetime = NOW, zone: ZoneInfo = MOSCOW) -> Period:
    return periods.parse(text, as_of=as_of, zone=zone)


def span(text: str, as_of: datetime = NOW) -> tuple[str, str]:
    """Return the first and the last day, both of which belong to the period."""
    found = parse(text, as_of)
    return str(found.first), str(found.last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-H1", "2024-01-01", "2024-06-30"),
        ("2024-h2", "2024-07-01", "2024-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-Q2", "2024-04-01", "2024-06-30"),
        ("2024-q4", "2024-10-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-W21", "2024-05-20", "2024-05-26"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2024-05-17", "2024-05-17", "2024-05-17"),
        ("2024-05-01..2024-05-17", "2024-05-01", "2024-05-17"),
        ("2024-05-01..", "2024-05-01", "2024-05-17"),
        (" 2024-05 ", "2024-05-01", "2024-05-31"),
    ],
)
def test_written_periods(text: str, first: str, last: str) -> None:
    """Years, halves, quarters, months, ISO weeks, days and ranges with both ends inclusive."""
    assert span(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "resolved", "first", "last"),
    [
        ("today", "2024-05-17", "2024-05-17", "2024-05-17"),
        ("yesterday", "2024-05-16", "2024-05-16", "2024-05-16"),
        ("this-month", "2024-05", "2024-05-01", "2024-05-31"),
        ("last-month", "2024-04", "2024-04-01", "2024-04-30"),
        ("prev", "2024-04", "2024-04-01", "2024-04-30"),
        ("mtd", "2024-05-01..2024-05-17", "2024-05-01", "2024-05-17"),
        ("qtd", "2024-04-01..2024-05-17", "2024-04-01", "2024-05-17"),
        ("ytd", "2024-01-01..2024-05-17", "2024-01-01", "2024-05-17"),
        ("last-7d", "2024-05-11..2024-05-17", "2024-05-11", "2024-05-17"),
        ("last-1d", "2024-05-17", "2024-05-17", "2024-05-17"),
    ],
)
def test_relative_periods(text: str, resolved: str, first: str, last: str) -> None:
    """Relative forms are resolved against as-of, and written out resolved."""
    assert span(text) == (first, last)
    assert parse(text).text == resolved


def test_relative_periods_at_the_edge_of_a_year() -> None:
    """The month before January is December of the year before."""
    january = datetime(2024, 1, 1, 0, 30, tzinfo=MOSCOW)
    assert span("last-month", january) == ("2023-12-01", "2023-12-31")
    assert span("yesterday", january) == ("2023-12-31", "2023-12-31")
    assert parse("ytd", january).text == "2024-01-01"


def test_today_is_the_companys() -> None:
    """At 22:00 in Greenwich it is tomorrow in Moscow."""
    assert span("today", datetime(2024, 5, 16, 22, tzinfo=UTC)) == ("2024-05-17", "2024-05-17")


@pytest.mark.parametrize(
    "text",
    [
        *("", "may", "2024-13", "2024-00", "2024-Q5", "2024-H3", "2024-W54", "2023-W53"),
        *("2024-02-30", "24-05", "2024-5", "2024/05", "05.2024", "last-week"),
        *("2024-05..2024-06", "..2024-05-01"),
    ],
)
def test_what_is_no_period(text: str) -> None:
    """Anything else is refused with the list of forms."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.problem.code == "period.unknown"
    assert "2024-Q2" in str(caught.value.problem.data["forms"])


@pytest.mark.parametrize("text", ["2024-05-17..2024-05-01", "2024-06-01.."])
def test_periods_that_end_before_they_begin(text: str) -> None:
    """An end before the beginning is a mistake of its own."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.problem.code == "period.backwards"


def test_a_month_is_half_open() -> None:
    """A month begins at its first midnight and ends just before the next one's."""
    may = parse("2024-05")
    assert may.start == datetime(2024, 4, 30, 21, tzinfo=UTC)
    assert may.end == datetime(2024, 5, 31, 21, tzinfo=UTC)
    assert may.end == parse("2024-06").start


def test_days_of_clock_changes_have_23_and_25_hours() -> None:
    """Days are as long as the zone makes them."""
    berlin = ZoneInfo("Europe/Berlin")
    lengths = []
    for text in ("2024-03-31", "2024-10-27", "2024-05-17"):
        found = parse(text, zone=berlin)
        lengths.append(
            (found.end.astimezone(UTC) - found.start.astimezone(UTC)) / timedelta(hours=1)
        )
    assert lengths == [23, 25, 24]


def test_a_day_that_a_zone_left_out() -> None:
    """Samoa had no 30 December 2011: the day is empty, its neighbours meet."""
    apia = ZoneInfo("Pacific/Apia")
    before, after = parse("2011-12-29", zone=apia), parse("2011-12-31", zone=apia)
    assert before.end.astimezone(UTC) == after.start.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2024-05", "2024-04"),
        ("2024-01", "2023-12"),
        ("2024-Q1", "2023-Q4"),
        ("2024", "2023"),
        ("2024-H1", "2023-H2"),
        ("2024-W01", "2023-W52"),
        ("2024-05-01", "2024-04-30"),
        ("2024-05-11..2024-05-17", "2024-05-04..2024-05-10"),
    ],
)
def test_the_period_before(text: str, before: str) -> None:
    """Before a month comes a month, before a quarter a quarter, before seven days seven days."""
    assert periods.previous(parse(text), MOSCOW).text == before


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        *((text, True) for text in ("2024-05", "2024-W21", "2024-05-01..2024-05-17")),
        *((text, False) for text in ("mtd", "2024-05-01..", "last-7d", "may")),
    ],
)
def test_what_a_target_may_name(text: str, *, fixed: bool) -> None:
    """Only a period that is the same on every day is fixed."""
    assert periods.is_fixed(text) is fixed


def test_months_of_a_stretch() -> None:
    """A quarter is three months; a stretch that cuts a month is none."""
    assert len(periods.months(date(2024, 4, 1), date(2024, 7, 1))) == 3
    assert periods.months(date(2024, 4, 1), date(2024, 6, 30)) == ()
    assert periods.months(date(2024, 4, 2), date(2024, 7, 1)) == ()


@settings(deadline=None)
@given(DATES, st.integers(1, 800), ZONES)
def test_what_is_written_is_read_back(first: date, length: int, zone: ZoneInfo) -> None:
    """Any stretch of days is written in a form that means the same stretch."""
    after = first + length * DAY
    found = parse(periods.write(first, after), zone=zone)
    assert (found.first, found.last + DAY) == (first, after)
    assert parse(found.text, zone=zone) == found


GRAMMAR = st.one_of(
    st.from_regex(r"20[0-9]{2}", fullmatch=True),
    st.from_regex(r"20[0-9]{2}-([Hh][12]|[Qq][1-4]|0[1-9]|1[0-2])", fullmatch=True),
    st.from_regex(r"20[0-9]{2}-[Ww](0[1-9]|[1-4][0-9]|5[0-2])", fullmatch=True),
    DATES.map(str),
    st.tuples(DATES, st.integers(0, 500)).map(lambda p: f"{p[0]}..{p[0] + p[1] * DAY}"),
    st.sampled_from(
        ["today", "yesterday", "this-month", "last-month", "mtd", "qtd", "ytd", "prev"]
    ),
    st.integers(1, 9999).map(lambda n: f"last-{n}d"),
)


@settings(deadline=None)
@given(GRAMMAR, st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1), timezones=ZONES))  # noqa: DTZ001
def test_every_form_resolves_to_a_fixed_one(text: str, as_of: datetime) -> None:
    """Whatever is asked for comes back written so that it means the same on any other day."""
    zone = ZoneInfo(str(as_of.tzinfo))
    found = parse(text, as_of, zone)
    assert found.start < found.end
    assert periods.is_fixed(found.text)
    assert parse(found.text, datetime(2050, 1, 1, tzinfo=zone), zone) == found


@settings(deadline=None)
@given(st.datetimes(datetime(2001, 1, 1), datetime(2098, 12, 1), timezones=st.just(UTC)), ZONES)  # noqa: DTZ001
def test_every_instant_is_in_exactly_one_month(instant: datetime, zone: ZoneInfo) -> None:
    """Months neither overlap nor leave a gap, in any zone."""
    day = instant.astimezone(zone).date()
    month = parse(f"{day:%Y-%m}", zone=zone)
    around = [periods.previous(month, zone), month, parse("this-month", month.end + 5 * DAY, zone)]
    holding = [m for m in around if m.start.astimezone(UTC) <= instant < m.end.astimezone(UTC)]
    assert holding == [month]
    assert around[0].end == month.start
    assert around[2].start == month.end


@settings(deadline=None)
@given(DATES, ZONES)
def test_a_year_is_its_parts(day: date, zone: ZoneInfo) -> None:
    """Twelve months, four quarters and two halves each make up the year without a gap."""
    year = parse(f"{day:%Y}", zone=zone)
    for forms in (
        [f"{day:%Y}-{n:02}" for n in range(1, 13)],
        [f"{day:%Y}-Q{n}" for n in range(1, 5)],
        [f"{day:%Y}-H{n}" for n in (1, 2)],
    ):
        parts = [parse(text, zone=zone) for text in forms]
        assert [p.start for p in parts] == [year.start, *(p.end for p in parts[:-1])]
        assert parts[-1].end == year.end
