"""Which records a period has: at its first and last instant, by day, by month, and up to as-of."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.cli.options import chosen_as_of
from kpictl.errors import UsageError
from plans import LATER, compute, lines

MOSCOW = ZoneInfo("Europe/Moscow")
COUNTED = """\
sources: {{s: {{type: csv, o: {{path: o.csv, fields: {{at: {{column: at, type: {kind}}}}}}}}}}}
kpis:
  n: {{from: o, count: rows, when: at, by: agent}}
  d: {{from: o, count: distinct v, when: at, by: agent}}
  s: {{from: o, sum: v, when: at, by: agent}}
  all: {{from: o, count: rows, when: at, by: none}}
"""


def counted(
    folder: Path, kind: str, moments: list[str], period: str, as_of: datetime = LATER
) -> tuple[object, ...]:
    """Return which records are Ann's, as a sum of powers of two; checked by its other counts."""
    rows = [(moment, "Ann", 2**n) for n, moment in enumerate(moments)]
    files = {"o.csv": lines("at;agent;v", rows)}
    found = compute(folder, COUNTED.format(kind=kind), files, period=period, as_of=as_of)
    if not found.card.rows:
        return ()
    figures = found.figures["Ann"]
    bits = f"{int(str(figures['s'])):b}"[::-1]
    assert figures["n"] == figures["d"] == bits.count("1")
    (company,) = found.results.company
    assert company.fact.value == figures["n"]
    return tuple(moments[n] for n, bit in enumerate(bits) if bit == "1")


INSTANTS = [
    "2024-04-30 23:59:59",
    "2024-05-01 00:00:00",
    "2024-05-17 12:00:00",
    "2024-05-31 23:59:59",
    "2024-06-01 00:00:00",
]


def test_a_period_takes_in_its_first_instant_and_not_its_end(tmp_path: Path) -> None:
    """Midnight belongs to the day that it begins."""
    assert counted(tmp_path, "datetime", INSTANTS, "2024-05") == tuple(INSTANTS[1:4])


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        (datetime(2024, 5, 17, 12, 0, 0, tzinfo=MOSCOW), 2),
        (datetime(2024, 5, 17, 12, 0, 1, tzinfo=MOSCOW), 3),
        (datetime(2024, 6, 1, 0, 0, 0, tzinfo=MOSCOW), 4),
    ],
)
def test_as_of_cuts_off_what_was_not_yet(tmp_path: Path, as_of: datetime, last: int) -> None:
    """What bears the very instant of as-of has not happened yet."""
    assert counted(tmp_path, "datetime", INSTANTS, "2024-05", as_of) == tuple(INSTANTS[1:last])


DAYS = [
    "2024-04-30",
    "2024-05-01",
    "2024-05-16",
    "2024-05-17",
    "2024-05-18",
    "2024-05-31",
    "2024-06-01",
]


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        (LATER, 6),
        (datetime(2024, 5, 17, 0, 0, 0, tzinfo=MOSCOW), 3),
        (datetime(2024, 5, 17, 0, 0, 1, tzinfo=MOSCOW), 4),
        (datetime(2024, 5, 18, 0, 0, 0, tzinfo=MOSCOW), 4),
    ],
)
def test_days_count_from_their_first_midnight(tmp_path: Path, as_of: datetime, last: int) -> None:
    """A calendar day counts as soon as it has begun, and belongs to one month."""
    assert counted(tmp_path, "date", DAYS, "2024-05", as_of) == tuple(DAYS[1:last])


MONTHS = ["2024-03", "2024-04", "2024-05", "2024-06", "2024-07"]


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2024-05", ["2024-05"]),
        ("2024-Q2", ["2024-04", "2024-05", "2024-06"]),
        ("2024-05-01..2024-05-31", ["2024-05"]),
        ("2024-05-01..2024-05-30", []),
        ("2024-05-02..2024-06-30", ["2024-06"]),
        ("2024-04-30..2024-06-01", ["2024-05"]),
        ("2024-05-01", []),
    ],
)
def test_a_month_is_in_the_periods_that_hold_it_whole(
    tmp_path: Path, period: str, months: list[str]
) -> None:
    """A figure of a whole month is not a part of it."""
    assert counted(tmp_path, "month", MONTHS, period) == tuple(months)


def test_a_month_that_runs_counts_with_its_first_day(tmp_path: Path) -> None:
    """By the middle of May the line of May is there, and June's is not."""
    early = datetime(2024, 5, 10, 9, tzinfo=MOSCOW)
    assert counted(tmp_path, "month", MONTHS, "2024-Q2", early) == ("2024-04", "2024-05")


# --- windows -----------------------------------------------------------------------------------

PLAN = """\
    sources:
      crm:
        type: csv
        leads: {path: leads.csv, fields: {born: {column: Рождён, type: LEAD}}}
        deals: {path: deals.csv, fields: {done: {column: Готов, type: DEAL}}}
    kpis:
      turned:
        conversion: {from: leads, to: deals, when: done, within: 2d, basis: cohort}
        when: born
        unit: part
    """


@pytest.mark.parametrize(
    ("kinds", "born", "done", "hit"),
    [
        ("datetime datetime", "20.05.2024 10:00:00", "20.05.2024 10:00:00", True),
        ("datetime datetime", "20.05.2024 10:00:00", "20.05.2024 09:59:59", False),
        ("datetime datetime", "20.05.2024 10:00:00", "20.05.2024 00:00:00", True),
        ("datetime datetime", "20.05.2024 10:00:00", "19.05.2024 00:00:00", False),
        ("datetime datetime", "20.05.2024 10:00:00", "22.05.2024 09:59:59", True),
        ("datetime datetime", "20.05.2024 10:00:00", "22.05.2024 10:00:00", False),
        ("datetime date", "20.05.2024 10:00:00", "20.05.2024", True),
        ("datetime date", "20.05.2024 10:00:00", "19.05.2024", False),
        ("datetime date", "20.05.2024 10:00:00", "22.05.2024", True),
        ("datetime date", "20.05.2024 00:00:00", "22.05.2024", False),
        ("date date", "20.05.2024", "20.05.2024", True),
        ("date date", "20.05.2024", "21.05.2024", True),
        ("date date", "20.05.2024", "22.05.2024", False),
        ("date datetime", "20.05.2024", "20.05.2024 00:00:01", True),
        ("date datetime", "20.05.2024", "21.05.2024 23:59:59", True),
        ("date datetime", "20.05.2024", "22.05.2024 00:00:00", False),
        ("date datetime", "20.05.2024", "19.05.2024 23:59:59", False),
    ],
)
def test_a_success_lies_in_the_window_of_its_lead(
    tmp_path: Path, kinds: str, born: str, done: str, *, hit: bool
) -> None:
    """Not before the lead (a bare day is not before any hour in it), and less than two days after;
    the lead beside it, which nobody's deal follows, counts below the line."""
    lead, deal = kinds.split()
    plan = PLAN.replace("LEAD", lead).replace("DEAL", deal)
    leads = [("1", "Ann", born), ("2", "Ann", born), ("3", "Ann", "10.07.2024")]
    deals = [
        ("7", "Ann", "1", done),
        ("8", "Ann", "1", done),
        ("9", "Ann", "", done),
        ("10", "Ann", "2", ""),
    ]
    files = {
        "leads.csv": lines("ID;Ответственный;Рождён", leads),
        "deals.csv": lines("ID;Ответственный;Лид;Готов", deals),
    }
    found = compute(tmp_path, plan, files)
    assert found.score("Ann", "turned").fact.parts == (Fraction(hit), Fraction(2))


@pytest.mark.parametrize(
    ("latest", "open_"), [("22.05.2024 09:59:59", 1), ("22.05.2024 10:00:00", 0)]
)
def test_a_window_is_open_until_the_data_reach_its_end(
    tmp_path: Path, latest: str, open_: int
) -> None:
    """Of two leads one has turned and is decided; the other is open as long as its two days are."""
    plan = PLAN.replace("LEAD", "datetime").replace("DEAL", "datetime")
    leads = [("1", "Ann", "20.05.2024 10:00:00"), ("2", "Ann", "20.05.2024 10:00:00")]
    deals = [("7", "Ann", "1", "20.05.2024 12:00:00"), ("8", "Ann", "", latest)]
    files = {
        "leads.csv": lines("ID;Ответственный;Рождён", leads),
        "deals.csv": lines("ID;Ответственный;Лид;Готов", deals),
    }
    fact = compute(tmp_path, plan, files).score("Ann", "turned").fact
    assert (fact.parts, fact.immature) == ((Fraction(1), Fraction(2)), open_)


# --- who is together ---------------------------------------------------------------------------

STAFF = "имя;отдел\nАнна Белова;Москва\nОлег Ким;Казань\nПётр Дёмин;Казань\nИнна Рей;\n"
TOGETHER = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {agent: {column: agent, type: person}}}, employees: e.csv}}
kpis:
  n: {from: o, count: rows, when: day, by: agent}
  kinds: {from: o, count: distinct v, when: day, by: agent}
  sum: {from: o, sum: v, when: day, by: agent}
  mean: {from: o, average: v, when: day, by: agent}
  mid: {from: o, median: v, when: day, by: agent}
  p: {from: o, percentile: {of: v, at: 75}, when: day, by: agent}
  min: {from: o, min: v, when: day, by: agent}
  max: {from: o, max: v, when: day, by: agent}
  big: {from: o, share: v > 3, when: day, by: agent}
  bare: {from: o, max: v, where: v > 50, when: day, by: agent}
targets: {company: {n: 1, kinds: 1, sum: 1, mean: 1, mid: 1, p: 1, min: 1, max: 1, big: 1, bare: 1}}
"""


def test_a_group_is_computed_from_all_its_records(tmp_path: Path) -> None:
    """Departments, the scorecard's total and the company: every figure anew, never from people's
    figures; the company has also the records of nobody and of strangers."""
    rows = [
        ("Анна Белова", 1), ("Анна Белова", 3), ("Анна Белова", 8),
        ("Олег Ким", 3), ("Олег Ким", 5), ("Пётр Дёмин", 3), ("Пётр Дёмин", 10), ("Пётр Дёмин", ""),
        ("Инна Рей", 2), ("Чужой Человек", 60), ("", 40),
    ]  # fmt: skip
    files = {"e.csv": STAFF, "o.csv": lines("day;agent;v", [("2024-05-02", *row) for row in rows])}
    found = compute(tmp_path, TOGETHER, files)
    names = list(found.total)
    units = {unit.name: unit for unit in found.card.departments}
    company = {s.kpi: s.fact.value for s in found.results.company}
    half = "no_data"
    expected = {
        "Москва": ["3", "3", "12", "4", "3", "5.5", "1", "8", "33.3333333333", half],
        "Казань": ["5", "3", "21", "5.25", "4", "6.25", "3", "10", "40", half],
    }
    for name, figures in expected.items():
        facts = {s.kpi: s.fact for s in units[name].scores}
        shown = [str(f.state) if f.value is None else f"{f.value:f}" for f in facts.values()]
        assert (name, shown) == (name, figures)
    total = [value if isinstance(value, str) else f"{value:f}" for value in found.total.values()]
    assert total == ["9", "6", "35", "4.375", "3", "5.75", "1", "10", "33.3333333333", half]
    whole = [company[kpi] for kpi in names]
    assert [None if v is None else f"{v:f}" for v in whole] == [
        "11", "8", "135", "13.5", "4", "9.5", "1", "60", "45.4545454545", "60",
    ]  # fmt: skip


# --- years -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1900", None),
        ("2199", None),
        ("1900-01-01", None),
        ("2199-12-31", None),
        ("1899", "period.year"),
        ("2200", "period.year"),
        ("1899-12-31", "period.year"),
        ("2200-01-01", "period.year"),
        ("1899-12-31..1900-01-02", "period.year"),
        ("2199-12-31..2200-01-01", "period.year"),
        ("2200-13", "period.year"),
        ("1900-13", "period.unknown"),
        ("2199-13", "period.unknown"),
        ("2024-005", "period.unknown"),
        ("2024-13", "period.unknown"),
        ("2024-05-32", "period.unknown"),
        ("12345", "period.unknown"),
        ("2024-05-02..2024-05-01", "period.backwards"),
        ("2024-05-02..2024-05-02", None),
    ],
)
def test_a_period_lies_in_the_years_that_are_computed_with(text: str, code: str | None) -> None:
    """1900 to 2199, the first and the last day too; what is beyond is told from what is no period."""
    if code is None:
        periods.parse(text, as_of=LATER, zone=MOSCOW)
    else:
        with pytest.raises(UsageError) as error:
            periods.parse(text, as_of=LATER, zone=MOSCOW)
        assert error.value.problem.code == code
    assert periods.is_fixed(text) is (code in (None, "period.backwards"))


@pytest.mark.parametrize(
    ("text", "day"),
    [("1900-01-01", True), ("2199-12-31", True), ("1899-12-31", False), ("2200-01-01", False)],
)
def test_a_moment_lies_in_those_years_too(text: str, *, day: bool) -> None:
    """`--as-of` takes the first and the last day of them, and none beyond."""
    if day:
        assert str(chosen_as_of(text, MOSCOW)) == text
    else:
        with pytest.raises(UsageError, match=text):
            chosen_as_of(text, MOSCOW)


@pytest.mark.parametrize(
    ("text", "to_date"),
    [
        ("mtd", True),
        ("qtd", True),
        ("ytd", True),
        ("today", True),
        ("last-7d", True),
        ("2024-05-01..today", True),
        ("2024-05-01..", True),
        ("2024-05-01..2024-05-17", False),
        ("2024-05-01..2024-07-15", False),
        ("yesterday", False),
        ("last-month", False),
        ("this-month", False),
        ("2024-05", False),
        ("2024-05-17", False),
    ],
)
def test_what_runs_up_to_today_says_so(text: str, *, to_date: bool) -> None:
    """A stretch that today always ends is one to date; a month that happens to end today is not."""
    assert periods.parse(text, as_of=LATER, zone=MOSCOW).to_date is to_date


@pytest.mark.parametrize("number", [(1, "I"), (2, "II"), (3, "III"), (4, "IV")])
def test_quarters_are_numbered_in_roman_too(number: tuple[int, str]) -> None:
    """`III квартал 2024` is 2024-Q3."""
    arabic, roman = number
    found = periods.parse(f"{roman} квартал 2024", as_of=LATER, zone=MOSCOW)
    assert found.text == f"2024-Q{arabic}"


def test_an_instant_starts_itself_and_a_day_at_midnight() -> None:
    """A bare day is taken from its start or to its end; an instant is what it is."""
    day = LATER.astimezone(MOSCOW).date()
    assert periods.start_of(LATER, MOSCOW) == periods.end_of(LATER, MOSCOW) == LATER
    assert periods.start_of(day, MOSCOW).isoformat() == "2024-07-15T00:00:00+03:00"
    assert periods.end_of(day, MOSCOW).isoformat() == "2024-07-16T00:00:00+03:00"
