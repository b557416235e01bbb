"""The grammar of `--period`, its edges, and how periods hold one another."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl import periods
from kpictl.cli import app
from kpictl.cli.options import chosen_as_of
from kpictl.errors import UsageError
from kpictl.values import Period

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
NOW = datetime(2024, 5, 17, 12, tzinfo=MOSCOW)
DAY = timedelta(days=1)
ZONES = st.sampled_from(
    ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]
).map(ZoneInfo)
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def parse(text: str, as_of: date = NOW, zone: ZoneInfo = MOSCOW) -> Period:
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
        ("2024-05..2024-06", "2024-05-01", "2024-06-30"),
        ("01.05.2024 - 17.05.2024", "2024-05-01", "2024-05-17"),
        ("2024-05-01–2024-05-17", "2024-05-01", "2024-05-17"),
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


MONTH_WORDS = """
    январь января янв january jan
    февраль февраля фев февр february feb
    март марта мар march mar
    апрель апреля апр april apr
    май мая may
    июнь июня июн june jun
    июль июля июл july jul
    август августа авг august aug
    сентябрь сентября сен сент september sep sept
    октябрь октября окт october oct
    ноябрь ноября ноя нояб november nov
    декабрь декабря дек december dec
"""


WORDS = [line.split() for line in MONTH_WORDS.split("\n")[1:-1]]


@pytest.mark.parametrize(
    ("number", "word"),
    [(n, w) for n, line in enumerate(MONTH_WORDS.split("\n")[1:-1], 1) for w in line.split()],
)
def test_months_in_words(number: int, word: str) -> None:
    """A month is named in full, in the genitive or in short, in any case, before its year or
    behind it."""
    wanted = span(f"2024-{number:02}")
    for text in (f"{word} 2024", f"{word.upper()}. 2024 г.", f"2024 {word.title()}",
                 f"{word}, 2024", f"{word}-2024", f"{word}\xa02024 года"):  # fmt: skip
        assert span(text) == wanted


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        *((t, "2026-10") for t in ("10.2026", "10/2026", "10-2026", "2026.10", "2026/10")),
        *((t, "2026-05") for t in ("5.2026", "2026-5", "05.2026 г.")),
        *((t, "2024-Q2") for t in ("Q2 2024", "2024 Q2", "2Q2024", "q2-2024", "Q2/2024", "2024q2")),
        *((t, "2024-Q2") for t in ("2 квартал 2024", "II квартал 2024 г.", "2-й квартал 2024")),
        *((t, "2024-Q2") for t in ("2 кв. 2024", "2024, 2 квартал", "2nd quarter of 2024")),
        *((t, "2024-Q4") for t in ("IV кв 2024", "Quarter 4 2024", "4 квартала 2024 года")),
        *((t, "2024-H1") for t in ("1 полугодие 2024", "H1 2024", "1H 2024", "I полугодие 2024")),
        *((t, "2024-H2") for t in ("2-е полугодие 2024", "2024 H2", "2nd half 2024")),
        *((t, "2024") for t in ("2024 год", "2024 г.", "2024г")),
        *((t, "2024-W21") for t in ("W21 2024", "21 неделя 2024", "week 21 2024", "2024W21")),
        *((t, "2024-05-17") for t in ("17.05.2024", "20240517", "17 мая 2024", "May 17, 2024")),
        *((t, "2024-05-17") for t in ("17 May 2024", "17 мая 2024 г.", "2024.05.17")),
        ("апрель 2024 – май 2024", "2024-04-01..2024-05-31"),
        ("сегодня", "2024-05-17"),
        ("прошлый месяц", "2024-04"),
        ("Last Month", "2024-04"),
    ],
)
def test_periods_as_people_write_them(text: str, resolved: str) -> None:
    """Quarters, halves, weeks and days in Russian and English words come out resolved."""
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
        *("2024-02-30", "24-05", "13.2024", "202405", "05 2024", "5/17/2024", "last-week"),
        *("..2024-05-01", "May 24", "май 24", "мая 2024 17", "V квартал 2024", "3 полугодие 2024"),
        *(
            "2024-01..2024-02..2024-03",
            "2024-05-01..2024-05-17..",
            "май 2024 - июнь 2024 – июль 2024",
        ),
        *("ма 2024", "32.05.2024", "31 июня 2024", "0 квартал 2024", "2024 2024", "20240532"),
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
        *((text, True) for text in ("май 2024", "2 квартал 2024", "10.2026", "Oct 2026")),
        *((text, False) for text in ("mtd", "2024-05-01..", "last-7d", "may", "сегодня")),
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


RELATIVE: dict[str, tuple[str | int | date, int]] = {
    "today": (0, 0),
    "yesterday": (-1, -1),
    "mtd": ("month", 0),
    "qtd": ("quarter", 0),
    "ytd": ("year", 0),
    "last-7d": (-6, 0),
    "last-30d": (-29, 0),
    "2000-01-01..": (date(2000, 1, 1), 0),
}


def written_out(text: str, day: date) -> str:
    """Say by hand what a relative period means on a day."""
    if text in ("this-month", "last-month", "prev"):
        shown = day if text == "this-month" else day.replace(day=1) - DAY
        return f"{shown:%Y-%m}"
    first, last = RELATIVE[text]
    starts = {
        "month": day.replace(day=1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
    }
    if isinstance(first, str):
        begin = starts[first]
    else:
        begin = first if isinstance(first, date) else day + first * DAY
    return f"{begin}..{day + last * DAY}"


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([*RELATIVE, "this-month", "last-month", "prev"]), DATES, ZONES)
def test_a_relative_period_is_the_one_written_out(text: str, day: date, zone: ZoneInfo) -> None:
    """By a bare day, in every form it can be given in, a relative period is that day's; and so it
    is by any instant of the day, the first and the last included."""
    wanted = parse(written_out(text, day), zone=zone)
    year, week, weekday = day.isocalendar()
    forms = [str(day), f"{day:%Y%m%d}", f"{day:%d.%m.%Y}", f"{year}-W{week:02}-{weekday}"]
    nominative, genitive, *_ = WORDS[day.month - 1]
    english = next(word for word in WORDS[day.month - 1] if word.isascii())
    named = f"{english.title()} {day.day}, {day.year}"
    forms += [f"{day.day} {genitive} {day.year} г.", f"{day.day} {english[:3]} {day.year}", named]
    assert not periods.is_fixed(f"{nominative} {day.day}")
    forms += [f"{day:%Y/%m/%d}", f"{day:%Y.%m.%d}", f" {day.day}.{day.month}.{day.year} "]
    forms += [f"{named} 23:59", f"{day:%Y/%m/%d}T10:00", f"{day:%Y%m%d} 24:00"]
    forms += [f"{day}T24:00", f"{day} 24:00:00", f"{day}T00:00", f"{day}T23:59:59.999999"]
    for form in forms:
        as_of = periods.read_as_of(form, zone)
        assert periods.parse(text, as_of=as_of, zone=zone) == wanted
    end = periods.end_of(periods.read_as_of(str(day), zone), zone)
    assert end == parse(str(day), zone=zone).end


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-03-31T23:59", datetime(2024, 3, 31, 20, 59, tzinfo=UTC)),
        ("2024-03-31 23:59+00:00", datetime(2024, 3, 31, 23, 59, tzinfo=UTC)),
        ("2024-03-31T23:59:30Z", datetime(2024, 3, 31, 23, 59, 30, tzinfo=UTC)),
        ("31.03.2024 23:59", datetime(2024, 3, 31, 20, 59, tzinfo=UTC)),
        ("2024-04-01T00:00", datetime(2024, 3, 31, 21, tzinfo=UTC)),
        ("2024-03-31T24:00+00:00", datetime(2024, 4, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_is_taken_as_written(text: str, instant: datetime) -> None:
    """With a time, a moment is that time: in the company's zone, or by its own offset."""
    assert periods.end_of(periods.read_as_of(text, MOSCOW), MOSCOW) == instant


def test_the_hour_24_of_another_zone_is_the_end_of_a_day_only_there() -> None:
    """24:00 in Moscow, said with its offset, is the end of Moscow's day."""
    found = periods.read_as_of("2024-03-31T24:00+03:00", MOSCOW)
    assert periods.parse("mtd", as_of=found, zone=MOSCOW).text == "2024-03"


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2024-03", "2024-02-30", "2024-03-31+03:00", "2024-03-31x10:00", "31/03/2024"),
        *("2024-03-31T25:00", "2024-03-31-10:00", "1024-01-01", "2200-01-01", "2024-03-31T24:01"),
    ],
)
def test_what_is_no_moment(text: str) -> None:
    """What is neither a day nor an instant is refused, not guessed at."""
    with pytest.raises(UsageError) as caught:
        chosen_as_of(text, MOSCOW)
    assert caught.value.problem.code == "usage.as_of"


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


PLAN = """kpictl: 1
company: {timezone: Europe/Berlin, language: en}
sources: {s: {type: csv, o: orders.csv}}
kpis: {rev: {from: o, sum: amount, when: closed, by: manager}}
scorecards: {s: {kpis: {rev: {weight: 100, target: {Март 2024: 1000, Q2 2024: 30, 10.2020: 5}}}}}
"""
ORDERS = """closed,manager,amount
2024-03-05 10:00,Ann,100
2024-03-31 18:00,Ann,900
2024-03-31 23:59,,7
2024-04-01 00:00,,7
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("orders")
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    return str(folder / "kpi.yaml")


@pytest.mark.parametrize(
    ("words", "revenue", "target"),
    [
        (["-p", "today", "--as-of", "2024-03-31"], 900, 32.2580645161),
        (["-p", "mtd", "--as-of", "31.03.2024"], 1000, 1000),
        (["-p", "this-month", "--as-of", "20240331"], 1000, 1000),
        (["-p", "last-7d", "--as-of", "2024-W13-7"], 900, 225.8064516129),
        (["-p", "yesterday", "--as-of", "2024-03-31"], 0, 32.2580645161),
        (["--as-of", "2024-04-30"], 1000, 1000),
        (["--as-of", "2024-04-01T00:00"], 1000, 1000),
        (["-p", "октябрь 2020", "--as-of", "2024-04-30"], 0, 5),
    ],
)
def test_the_command_takes_a_bare_day_to_its_end(
    plan: str, words: list[str], revenue: int, target: float
) -> None:
    """The last day's records count, relative periods are that day's, and a month named in words
    meets the target that another form of it was written for: its days a part of it."""
    done = CliRunner().invoke(app, ["compute", "-c", plan, "-f", "json", *words])
    cell = json.loads(done.stdout)["scorecards"][0]["rows"][0]["kpis"]["rev"]
    assert (cell["value"], cell["target"]) == (revenue, target)


DAY_FORMS = [
    "2024-03-31",
    "20240331",
    "31.03.2024",
    "31 марта 2024",
    "March 31, 2024",
    "2024-W13-7",
]
HOW_LONG = {"today": 900, "mtd": 1000, "qtd": 1000, "ytd": 1000, "last-7d": 900, "yesterday": 0}


@pytest.mark.parametrize("command", ["compute", "explain", "left out", "names"])
def test_every_command_takes_every_form_of_a_day_to_its_end(
    plan: str, command: str, tmp_path: Path
) -> None:
    """Whatever is asked for relative to a day, and however the day is written: its evening is in."""
    call = {
        "compute": ["compute", "-c", plan, "-f", "json"],
        "explain": ["explain", "rev", "-e", "Ann", "-c", plan, "--csv", "-"],
        "left out": ["explain", "rev", "--left-out", "-c", plan, "--csv", "-"],
        "names": ["compute", "-c", plan, "-o", str(tmp_path / "{period} {scorecard} {as_of}.json")],
    }[command]
    for form, (period, revenue) in zip(DAY_FORMS, HOW_LONG.items(), strict=True):
        done = CliRunner().invoke(app, [*call, "-p", period, "--as-of", form])
        assert done.exit_code == 0, done.stderr
        resolved = parse(period, as_of=date(2024, 3, 31), zone=BERLIN).text
        if command == "explain":
            rows = list(csv.DictReader(io.StringIO(done.stdout)))
            assert sum(int(row["value"]) for row in rows) == revenue
        elif command == "left out":
            assert len(done.stdout.splitlines()) - 1 == (revenue > 0)
        else:
            written = tmp_path / f"{resolved} s 2024-03-31.json"
            text = written.read_text("utf-8") if command == "names" else done.stdout
            found = json.loads(text)
            assert found["period"]["text"] == resolved
            assert found["scorecards"][0]["rows"][0]["kpis"]["rev"]["value"] == revenue


def test_the_last_month_is_the_default_and_the_heading_says_so(plan: str) -> None:
    """Without --period the last whole month is computed and explained."""
    done = CliRunner().invoke(app, ["compute", "-c", plan, "--as-of", "2024-04-30"])
    assert "March 2024 · Mar 1–31 · last month by default" in done.stdout
    shown = CliRunner().invoke(app, ["explain", "rev", "-c", plan, "--as-of", "2024-04-30"])
    assert "1,000" in shown.stdout
