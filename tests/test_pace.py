"""Pace and forecast while a period goes on: what is expected by now, and what comes of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl import results as kept
from kpictl.report import FORMATS, Options, render
from kpictl.report.json import schema
from kpictl.scoring.pace import Days, of_volume
from kpictl.values import Pace, Results
from plans import Computed, compute

D = Decimal
END_OF_17_MAY = datetime(2024, 5, 17, 21, tzinfo=UTC)  # midnight in Moscow
PLAN = """\
{calendar}sources: {{crm: {{type: csv, deals: deals.csv, employees: people.csv}}}}
kpis:
  revenue: {{label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}}
  wins: {{label: Сделки, from: deals, count: rows, where: won, when: closed_at}}
  average: {{label: Средний чек, ratio: {{of: revenue, over: wins}}, unit: money}}
scorecards:
  sales:
    kpis:
      revenue: {{weight: 100, target: 1000000/month}}
      wins: {{weight: 0}}
      average: {{weight: 0}}
targets: {{company: {{revenue: {{2024-05: 3000000}}}}}}
"""
RUSSIA = "calendar: {country: RU}\n"
PEOPLE = """\
имя;e-mail;отдел;принят;уволен
Анна Белова;belova@example.ru;Москва;01.01.2020;
Олег Ким;kim@example.ru;Казань;01.01.2020;
Пётр Дёмин;demin@example.ru;Казань;01.01.2020;08.05.2024
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;350000;Анна Белова;06.05.2024 12:00:00
2;Сделка успешна;250000;Анна Белова;17.05.2024 12:00:00
3;Сделка успешна;200000;Олег Ким;07.05.2024 12:00:00
4;Сделка успешна;70000;Анна Белова;25.05.2024 12:00:00
"""
FILES = {"people.csv": PEOPLE, "deals.csv": DEALS}


def paced(
    folder: Path, *, calendar: str = RUSSIA, as_of: datetime = END_OF_17_MAY, **more: str
) -> Computed:
    return compute(folder, PLAN.format(calendar=calendar), FILES, as_of=as_of, **more)


def said(*figures: object) -> tuple[object, ...]:
    return figures


def pace(computed: Computed, name: str, kpi: str = "revenue") -> Pace:
    found = computed.score(name, kpi).pace
    assert found is not None
    return found


def test_by_working_days(tmp_path: Path) -> None:
    """600,000 of 1,000,000 after 10 of 20 working days: half was expected; it is a fifth ahead."""
    anna = pace(paced(tmp_path), "Анна Белова")
    assert said(anna.elapsed, anna.of, anna.unit) == (10, 20, "working_days")
    assert said(anna.expected, anna.percent) == (500_000, 120)
    assert said(anna.forecast, anna.needed) == (1_200_000, 40_000)


def test_by_calendar_days(tmp_path: Path) -> None:
    """Without a calendar days are those of the calendar, and it is said that they are."""
    computed = paced(tmp_path, calendar="")
    anna = pace(computed, "Анна Белова")
    assert said(anna.elapsed, anna.of, anna.unit) == (17, 31, "calendar_days")
    assert anna.percent == D("109.4118")
    assert anna.forecast == D("1094117.6470588235")
    page = render(computed.results, "table", Options(lang="ru"))
    assert "прошло 17 из 31 календарного дня" in str(page)


def test_the_days_of_somebody_who_left(tmp_path: Path) -> None:
    """Whose last day is over has all their days behind them: nothing is needed any more."""
    peter = pace(paced(tmp_path), "Пётр Дёмин")
    assert peter.elapsed == peter.of == 5
    assert peter.needed is None
    assert peter.forecast == 0


def test_people_together_and_the_company(tmp_path: Path) -> None:
    """What is expected of people adds up; the company has its own goal, by its own days."""
    computed = paced(tmp_path)
    assert computed.card.total is not None
    whole = computed.card.total.score("revenue").pace
    people = [pace(computed, row.name) for row in computed.card.rows]
    assert whole is not None
    assert whole.expected == sum(one.expected or 0 for one in people)
    assert whole.forecast == 1_600_000
    (company,) = computed.results.company
    assert company.pace is not None
    assert said(company.pace.expected, company.pace.needed) == (1_500_000, 220_000)


def test_a_ratio_and_a_volume_without_a_target(tmp_path: Path) -> None:
    """An average does not grow with time: it has no run-rate, and says so. Without a target there
    is a forecast and nothing to hold it against."""
    computed = paced(tmp_path)
    assert pace(computed, "Анна Белова", "average").state == "no_run_rate"
    wins = pace(computed, "Анна Белова", "wins")
    assert said(wins.forecast, wins.expected, wins.percent, wins.needed) == (4, None, None, None)
    page = str(render(computed.results, "table", Options(lang="en")))
    assert "No run-rate (they do not grow with time): Средний чек" in page


def test_who_is_away_for_the_whole_period_is_not_early(tmp_path: Path) -> None:
    """None of the days is theirs: there is no rate to wait for."""
    away = "сотрудник;с;по;код\nАнна Белова;01.05.2024;31.05.2024;О\n"
    plan = PLAN.format(calendar=RUSSIA)
    plan += "absences: {file: away.csv, codes: {О: paid_absence}}\n"
    found = compute(tmp_path, plan, {**FILES, "away.csv": away}, as_of=END_OF_17_MAY)
    assert pace(found, "Анна Белова").state == "away"
    assert "отсутствует" in str(render(found.results, "table", Options(lang="ru")))


def test_too_early_to_say(tmp_path: Path) -> None:
    """Before a fifth of the days is over there is no rate; what is needed a day there is."""
    early = pace(paced(tmp_path, as_of=datetime(2024, 5, 6, 21, tzinfo=UTC)), "Анна Белова")
    assert said(early.state, early.elapsed) == ("early", 3)
    assert said(early.expected, early.percent, early.forecast) == (150_000, None, None)
    assert early.needed == D("38235.2941176471")
    page = paced(tmp_path, as_of=datetime(2024, 5, 6, 21, tzinfo=UTC)).results
    assert "рано судить" in str(render(page, "table", Options(lang="ru")))


def test_a_day_that_goes_on_is_not_over(tmp_path: Path) -> None:
    """In the middle of a Friday the Friday does not count yet, of days as of what is expected."""
    now = pace(paced(tmp_path, as_of=datetime(2024, 5, 17, 12, tzinfo=UTC)), "Анна Белова")
    assert said(now.elapsed, now.expected) == (9, 450_000)


def test_nothing_of_it_when_the_period_is_over(tmp_path: Path) -> None:
    """A period that is over, or has not begun, has no pace: every output is as if there were none."""
    for as_of in (datetime(2024, 5, 31, 21, tzinfo=UTC), datetime(2024, 4, 20, tzinfo=UTC)):
        results = paced(tmp_path, as_of=as_of).results
        assert results.elapsed is None
        assert "pace" not in kept.dumps(results)
        for form in FORMATS:
            text = str(render(results, form, Options(lang="en")))
            assert "pace" not in text.casefold()
            assert "forecast" not in text.casefold()


def test_month_to_date_has_the_month_before_it(tmp_path: Path) -> None:
    """Asked for the month to date, people see the month's target, and how far to it they should be;
    the days that are written out have their own part of the target, and are over."""
    computed = paced(tmp_path, period="mtd")
    anna = computed.score("Анна Белова", "revenue")
    assert anna.target is not None
    assert said(anna.target.value, anna.attainment) == (1_000_000, 60)
    assert said(pace(computed, "Анна Белова").percent, computed.results.period.text) == (
        120, "2024-05-01..2024-05-18",
    )  # fmt: skip
    page = str(render(computed.results, "table", Options(lang="en")))
    assert "targets of May 2024" in page
    over = paced(tmp_path, period="2024-05-01..2024-05-17").score("Анна Белова", "revenue")
    assert over.target is not None
    assert said(over.target.value, over.pace) == (500_000, None)


def test_points_and_index_know_nothing_of_it(tmp_path: Path) -> None:
    """Points, index and rank are of the whole period's target, as they were."""
    anna = paced(tmp_path).row("Анна Белова")
    assert said(anna.index, anna.score("revenue").attainment) == (60, 60)


def test_a_year_that_the_calendar_does_not_know(tmp_path: Path) -> None:
    """Where no number needs its working days, the figures are there and the pace is not; a warning
    says why."""
    plan = """\
    calendar: {country: RU}
    sources: {crm: {type: csv, deals: deals.csv}}
    kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, by: none, unit: money}}
    targets: {company: {revenue: {2035-05: 3000000}}}
    """
    computed = compute(
        tmp_path,
        plan,
        {"deals.csv": DEALS.replace("2024", "2035")},
        period="2035-05",
        as_of=datetime(2035, 5, 17, 21, tzinfo=UTC),
    )
    (revenue,) = computed.results.company
    assert said(revenue.fact.value, revenue.pace) == (800_000, None)
    assert computed.said("pace.unknown_year").data["year"] == 2035


def test_every_format_says_it(tmp_path: Path) -> None:
    """Table, CSV, JSON, Excel and Markdown have the pace; the JSON is as its schema says; and
    results that are kept are read again with it."""
    results = paced(tmp_path).results
    found = json.loads(str(render(results, "json")), parse_float=D)
    jsonschema.Draft202012Validator(schema()).validate(json.loads(str(render(results, "json"))))
    assert found["elapsed"] == {"days": 10, "of": 20, "unit": "working_days"}
    assert found["scorecards"][0]["rows"][0]["kpis"]["revenue"]["pace"]["forecast"] == 1_200_000
    line = first(results)
    assert (line["pace"], line["needed_per_day"], line["day_unit"]) == (
        "120",
        "40000",
        "working_days",
    )
    for form in ("table", "md"):
        page = str(render(results, form, Options(lang="en"))).replace("\u00a0", " ")
        assert "10 of 20 working days" in page
        assert "120%" in page
    assert len(render(results, "xlsx")) > 1000
    assert kept.loads(kept.dumps(results)) == results


def first(results: Results) -> dict[str, str]:
    text = render(results, "csv")
    assert isinstance(text, bytes)
    return next(csv.DictReader(io.StringIO(text.decode())))


amounts = st.decimals(0, 10**9, places=2)


@given(
    fact=amounts,
    target=st.decimals(1, 10**9, places=2),
    days=st.tuples(st.integers(1, 30), st.integers(1, 31)),
)
def test_pace_and_forecast_say_the_same(
    fact: Decimal, target: Decimal, days: tuple[int, int]
) -> None:
    """At 100 % the forecast is the target; whoever does what is needed each day reaches it."""
    over, of = sorted(days)
    found = of_volume(Fraction(fact), target, Days(Fraction(over), Fraction(of), "working_days"))
    if found.state == "measured":
        assert found.forecast is not None
        assert found.percent is not None
        share = Fraction(found.forecast) * 100 / Fraction(target)
        assert abs(share - Fraction(found.percent)) < Fraction(1, 1000)
    if found.needed and over < of:
        reached = Fraction(fact) + Fraction(found.needed) * (of - over)
        assert abs(reached - Fraction(target)) < Fraction(1, 10**6)


@pytest.mark.parametrize("fact", [None, Fraction(0)])
def test_no_fact_is_not_zero(fact: Fraction | None) -> None:
    """Who has sold nothing is at 0 %; of whom nothing is known has no pace."""
    found: Any = of_volume(fact, D(100), Days(Fraction(5), Fraction(10), "working_days"))
    assert (found.state, found.percent) == (("no_data", None) if fact is None else ("measured", 0))


@pytest.mark.parametrize(
    ("asked", "lang", "expected"),
    [
        (("revenue", "-e", "Белова"), "ru", [
            "К сроку     500 000 ₽ = 1 000 000 × 10/20 · прошло 10 из 20 рабочих дней",
            "Темп        120 % = 600 000 / 500 000",
            "Прогноз     1 200 000 ₽ = 600 000 × 20/10",
        ]),
        (("revenue", "-e", "Белова"), "en", [
            "By now      ₽500,000 = 1,000,000 × 10/20 · 10 of 20 working days are over",
            "Pace        120 % = 600,000 / 500,000",
            "Forecast    ₽1,200,000 = 600,000 × 20/10",
        ]),
        (("wins", "-e", "Белова"), "en", ["Forecast    4 = 2 × 20/10 · 10 of 20"]),
        (("average", "-e", "Белова"), "ru", ["Темп        нет: число не растёт со временем"]),
        (("revenue", "--company"), "ru", ["К сроку     1 500 000 ₽ = 3 000 000 × 10/20"]),
    ],
)  # fmt: skip
def test_explained(tmp_path: Path, asked: tuple[str, ...], lang: str, expected: list[str]) -> None:
    """`explain` shows how expected, pace and forecast were made, a line each, while a period goes on
    and only then."""
    from typer.testing import CliRunner

    from kpictl.cli import app
    from plans import HEAD

    (tmp_path / "kpi.yaml").write_text(HEAD + PLAN.format(calendar=RUSSIA), encoding="utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = ["explain", *asked, "-c", str(tmp_path / "kpi.yaml"), "--lang", lang, "-p", "2024-05"]
    open_page = CliRunner().invoke(app, [*words, "--as-of", "2024-05-19"]).stdout
    for line in expected:
        assert line in open_page
    over = CliRunner().invoke(app, [*words, "--as-of", "2024-06-05"]).stdout
    assert not any(f"  {line[:12]}" in over for line in expected)


def test_a_scorecard_of_departments(tmp_path: Path) -> None:
    """A department's row has a pace by the company's days against the department's own goal, and
    all together theirs."""
    plan = PLAN.format(calendar=RUSSIA).replace("  sales:\n", "  sales:\n    rows: departments\n")
    goals = "department.Москва: {revenue: {2024-05: 1500000}}, "
    goals += "department.Казань: {revenue: {2024-05: 800000}}, "
    plan = plan.replace("targets: {", "targets: {" + goals)
    results = compute(tmp_path, plan, FILES, as_of=datetime(2024, 5, 20, tzinfo=UTC)).results
    (card,) = results.scorecards
    paces = {row.name: row.score("revenue").pace for row in card.rows}
    given = {
        name: (p.expected, p.percent, p.forecast) for name, p in paces.items() if p is not None
    }
    assert given == {
        "Москва": (D(750000), D(80), D(1200000)),
        "Казань": (D(400000), D(50), D(400000)),
    }
    assert card.total is not None
    total = card.total.score("revenue").pace
    assert total is not None
    assert (total.expected, total.forecast) == (D(1150000), D(1600000))
