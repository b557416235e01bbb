"""What is read for a period and how far it reaches: which records, up to when, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.errors import PlanRejected, Problem, SourceError
from kpictl.measure.dataset import require_none_wrong
from kpictl.measure.query import Slice, whole_months
from plans import LATER, Computed, compute, lines, write
from pulled import Portal, deal

BERLIN = ZoneInfo("Europe/Berlin")
PLAN = """\
kpictl: 1
company: {timezone: Europe/Berlin, language: en}
sources: {s: {type: csv, orders: o.csv}}
kpis: {rev: {label: Revenue, from: orders, sum: amount, when: day, by: who}}
scorecards: {s: {kpis: {rev: {weight: 100, target: {2024-05: 1}}}}}
"""


def weekdays(last: date, first: date = date(2024, 3, 1)) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def ordered(
    folder: Path, days: list[date], as_of: datetime = LATER, period: str = "2024-05"
) -> Computed:
    files = {"o.csv": lines("day;who;amount", ((day, "Ann", 5) for day in days))}
    return compute(folder, PLAN, files, as_of=as_of, period=period)


def missing(found: Computed) -> dict[str, dict[str, Any]]:
    """Return what is said to be missing of a period: code → data."""
    return {p.code: dict(p.data) for p in found.results.warnings if p.code.startswith("complete.")}


# --- files --------------------------------------------------------------------------------------


def test_three_days_without_a_record_are_a_long_weekend(tmp_path: Path) -> None:
    """Four are more than usual, and are counted."""
    assert missing(ordered(tmp_path, weekdays(date(2024, 5, 28)))) == {}
    assert missing(ordered(tmp_path, weekdays(date(2024, 5, 27)))) == {
        "complete.ends": {
            "entity": "orders", "period": "2024-05", "last": date(2024, 5, 27),
            "end": date(2024, 5, 31), "days": 4, "usual": 3,
        }
    }  # fmt: skip


def test_a_period_that_goes_on_says_how_far_it_is(tmp_path: Path) -> None:
    """The day that is under way, and how many are to come."""
    noon = datetime(2024, 5, 17, 12, tzinfo=BERLIN)
    assert missing(ordered(tmp_path, weekdays(date(2024, 5, 17)), noon)) == {
        "complete.goes_on": {"period": "2024-05", "day": date(2024, 5, 17), "days": 14}
    }


def test_what_has_records_later_only_reaches_no_further_than_now(tmp_path: Path) -> None:
    """Records of days to come say nothing of how far the data reach."""
    found = ordered(tmp_path, weekdays(date(2024, 5, 31)), datetime(2024, 5, 17, tzinfo=BERLIN))
    (reach,) = found.results.reaches
    assert (reach.entity, reach.basis) == ("orders", "last_record")
    assert reach.data_as_of == datetime(2024, 5, 16, tzinfo=BERLIN)
    assert found.results.data_as_of == reach.data_as_of


# --- portals ------------------------------------------------------------------------------------

DEALS = """\
sources: {crm: {type: bitrix24}}
kpis:
  won: {from: deals, count: rows, where: won, when: closed_at}
  new: {from: leads, count: rows, when: created_at}
"""
LEAD = {
    "id": 1, "title": "L", "stageId": "NEW", "stageSemanticId": "P", "opportunity": 1,
    "currencyId": "RUB", "sourceId": "WEB", "assignedById": 5, "movedTime": "2024-05-02T10:00:00+03:00",
    "createdTime": "2024-05-02T10:00:00+03:00", "updatedTime": "2024-05-02T10:00:00+03:00",
    "dateClosed": "",
}  # fmt: skip


def pulled(folder: Path, deals: datetime, leads: datetime, as_of: datetime = LATER) -> Computed:
    portal = Portal.of(deals=[deal(1)], leads=[LEAD])
    portal.complete = {"deals": deals, "leads": leads}
    portal.write(folder)
    return compute(folder, DEALS, {}, as_of=as_of)


MAY_20 = datetime(2024, 5, 20, 9, 5, tzinfo=UTC)
MAY_IS_OVER = datetime(2024, 5, 31, 21, tzinfo=UTC)  # midnight in Moscow


def test_what_was_pulled_before_the_period_was_over_is_said(tmp_path: Path) -> None:
    """With the moment, by the company's clock; of what was pulled at its end nothing is, however
    long ago that was. The whole reaches as far as the least of its parts."""
    found = pulled(tmp_path, MAY_20, MAY_IS_OVER)
    assert missing(found) == {
        "complete.pull_ends": {"entity": "deals", "at": "2024-05-20 12:05", "period": "2024-05"}
    }
    assert {(r.entity, r.data_as_of, r.basis) for r in found.results.reaches} == {
        ("deals", MAY_20, "pull"),
        ("leads", MAY_IS_OVER, "pull"),
    }
    assert found.results.data_as_of == MAY_20


def test_a_pull_reaches_no_further_than_the_moment_that_is_looked_at(tmp_path: Path) -> None:
    """Of a report as of 20 May the data reach to that moment, whatever was pulled later."""
    found = pulled(tmp_path, LATER, LATER, as_of=MAY_20)
    assert {r.data_as_of for r in found.results.reaches} == {MAY_20}
    assert found.results.data_as_of == MAY_20


BESIDE = """\
kpictl: 1
company: {timezone: Europe/Moscow, language: en}
sources: {crm: {type: bitrix24}, s: {type: csv, calls: c.csv}}
kpis:
  won: {from: deals, count: rows, where: won, when: closed_at}
  mark: {manual: m.csv, label: Mark}
  talks: {from: calls, count: rows, when: at, by: who}
  led: {conversion: {from: calls, to: deals, where: won, within: 30d, basis: cohort}, when: at, by: who}
"""
PULLED = datetime(2024, 6, 3, 6, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")


def beside(folder: Path, days: list[str], pull: datetime = PULLED) -> Computed:
    """Return what comes out of a portal pulled to a moment, a file of calls of some days beside it,
    and marks that somebody typed for May."""
    portal = Portal.of(deals=[deal(1)])
    portal.complete = {"deals": pull}
    portal.write(folder)
    calls = lines("id;who;at", ((f"a{n}", "Анна Белова", day) for n, day in enumerate(days)))
    marks = "employee,kpi,period,value\nАнна Белова,mark,2024-05,4\n"
    return compute(folder, BESIDE, {"c.csv": calls, "m.csv": marks})


@pytest.mark.parametrize("last", ["2024-05-20", "2024-06-14"])
def test_a_file_beside_a_portal_reaches_as_far_as_its_records(tmp_path: Path, last: str) -> None:
    """A pull vouches for its own records alone: what stands in files reaches to their last record,
    be that earlier or later. The whole reaches as far as what is known to be complete."""
    results = beside(tmp_path, ["2024-05-06", last]).results
    day = datetime.combine(date.fromisoformat(last), time.min, MOSCOW)
    assert {(r.entity, r.data_as_of, r.basis) for r in results.reaches} == {
        ("calls", day, "last_record"),
        ("deals", PULLED, "pull"),
        ("manual.mark", datetime(2024, 5, 1, tzinfo=MOSCOW), "last_record"),
    }
    assert results.data_as_of == PULLED


def test_a_file_without_a_record_reaches_nowhere(tmp_path: Path) -> None:
    """Of an empty file beside a portal it is said that nothing is there, in JSON by null."""
    results = beside(tmp_path, []).results
    reached = {one["entity"]: one["data_as_of"] for one in results.to_dict()["entities"]}
    assert reached["calls"] is None
    assert reached["deals"] == "2024-06-03T09:00:00+03:00"


def test_the_report_says_to_which_day_each_source_reaches(tmp_path: Path) -> None:
    """Above the table stands the moment of the pull, below it the day of each entity."""
    beside(tmp_path, ["2024-05-06", "2024-05-20"])
    words = ["compute", "-c", str(tmp_path / "kpi.yaml"), "-p", "2024-05", "--as-of", "2024-07-15"]
    page = CliRunner().invoke(app, words).stdout
    assert "data as of Jun 3, 2024 09:00" in page
    assert "Data up to: calls May 20, 2024, deals Jun 3, 2024, Mark May 1, 2024" in page


@pytest.mark.parametrize(("pull", "immature"), [(PULLED, 1), (LATER, 0)])
def test_windows_close_by_what_is_known_to_be_complete(
    tmp_path: Path, pull: datetime, immature: int
) -> None:
    """A call may still lead to a deal until the pull is past its window, whatever its file's last
    record is."""
    found = beside(tmp_path, ["2024-05-03", "2024-05-20"], pull)
    assert found.score("Анна Белова", "led").fact.immature == immature


# --- months that people type ---------------------------------------------------------------------

TYPED = """\
sources: {s: {type: csv, employees: e.csv}}
kpis:
  mark: {manual: m.csv, label: Mark}
  poll: {manual: m.csv, label: Poll, every: quarter}
scorecards: {all: {kpis: {mark: {weight: 60, target: 5}, poll: {weight: 40, target: 50}}, min_coverage: 0}}
"""
MARKS = "employee,kpi,period,value\nAnn,mark,2024-04,3\nAnn,mark,2024-05,4\nAnn,poll,2024-Q1,41\n"


def typed(folder: Path, period: str, marks: str = MARKS) -> Computed:
    files = {"e.csv": "id,name\n1,Ann\n", "m.csv": marks}
    return compute(folder, TYPED, files, period=period)


def test_a_part_of_a_month_has_none_of_what_is_of_the_whole(tmp_path: Path) -> None:
    """It is said which KPIs lack it, and by which field they are dated; of a whole month it is
    not, of a month without its quarter only that."""
    half = missing(typed(tmp_path, "2024-05-01..2024-05-15"))
    text = "2024-05-01..2024-05-15"
    assert half["complete.cut_months"] == {"kpis": "Mark", "period": text, "field": "period"}
    assert half["complete.cut_spans"] == {"entity": "manual.poll", "kpis": "Poll", "period": text}
    may = missing(typed(tmp_path, "2024-05"))
    assert may == {"complete.cut_spans": half["complete.cut_spans"] | {"period": "2024-05"}}
    assert missing(typed(tmp_path, "2024-Q1")) == {}


def test_a_quarter_of_which_nobody_typed_anything_is_said(tmp_path: Path) -> None:
    """With the day of the last value before it; of a month no quarter is missed."""
    said = missing(typed(tmp_path, "2024-Q2"))
    assert said == {
        "complete.not_typed": {
            "entity": "manual.poll", "kpis": "Poll", "last": date(2024, 1, 1), "n": 1,
            "period": "2024-Q2",
        }
    }  # fmt: skip


def test_where_all_is_typed_the_data_reach_to_the_last_value(tmp_path: Path) -> None:
    """There is nothing else that could say it."""
    assert typed(tmp_path, "2024-05").results.data_as_of == datetime(
        2024, 5, 1, tzinfo=ZoneInfo("Europe/Moscow")
    )


def test_what_is_typed_says_nothing_of_how_far_records_reach(tmp_path: Path) -> None:
    """Beside orders to 20 May a mark of June is no news of June."""
    plan = PLAN.replace("kpis: {rev:", "kpis: {mark: {manual: m.csv}, rev:", 1)
    plan = plan.replace("kpis: {rev: {weight", "kpis: {mark: {weight: 0}, rev: {weight")
    orders = lines("day;who;amount", ((day, "Ann", 5) for day in weekdays(date(2024, 5, 20))))
    marks = "employee,kpi,period,value\nAnn,mark,2024-05,4\nAnn,mark,2024-06,4\n"
    found = compute(tmp_path, plan, {"o.csv": orders, "m.csv": marks})
    assert found.of("mark") == {"Ann": 4}
    assert found.results.data_as_of == datetime(2024, 5, 20, tzinfo=BERLIN)


# --- look-ups -----------------------------------------------------------------------------------

ADS = """\
sources:
  ads:
    type: csv
    campaigns: {path: c.csv, fields: {owner: {column: owner, type: person}}}
    inquiries:
      path: l.csv
      fields:
        marketer: {from: campaigns, key: utm = code, take: owner}
        until: {from: campaigns, key: utm = code, take: until}
        price: {from: campaigns, key: utm = code, take: cost}
kpis:
  n: {from: inquiries, count: rows, when: created, by: marketer}
"""
CAMPAIGNS = "code;owner;until;cost\nspring;Ann;2024-05-10;100\nwinter;Ann;2024-02-10;7\n"
LEADS = "created;utm\n2024-02-03;spring\n2024-05-04;winter\n2024-05-05;spring\n"


def advertised(folder: Path, kpi: str, leads: str = LEADS) -> Computed:
    return compute(folder, ADS + f"  k: {kpi}\n", {"c.csv": CAMPAIGNS, "l.csv": leads})


def test_a_record_is_found_that_lies_outside_of_the_period_it_is_measured_in(
    tmp_path: Path,
) -> None:
    """The campaign of February is the partner of a lead of May, though campaigns are counted by
    May themselves."""
    found = advertised(tmp_path, "{from: campaigns, sum: cost, when: until, by: owner}")
    assert found.figures == {"Ann": {"n": 2, "k": 100}}


def test_a_day_that_is_looked_up_may_lie_in_the_period_alone(tmp_path: Path) -> None:
    """A lead of February whose campaign ends in May counts in May by that day, beside others that
    count by their own."""
    found = advertised(tmp_path, "{from: inquiries, count: rows, when: until, by: marketer}")
    assert found.figures == {"Ann": {"n": 2, "k": 2}}


# --- what had records before ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "kpi",
    [
        "{from: inquiries, sum: price, where: price > 50, when: created, by: marketer}",
        "{from: inquiries, median: price, where: price > 50, when: created, by: marketer}",
        "{from: inquiries, count: distinct utm, where: price > 50, when: created, by: marketer}",
    ],
)
def test_the_last_record_before_is_found_whatever_is_made_of_it(tmp_path: Path, kpi: str) -> None:
    """A sum, a median or a number of different texts that has no record in the period had its last
    one in February, by a condition on what is looked up."""
    leads = LEADS.replace("2024-05-05;spring\n", "2024-05-31;winter\n")
    assert missing(advertised(tmp_path, kpi, leads)) == {
        "complete.silent": {
            "entity": "inquiries", "kpis": "k", "last": date(2024, 2, 3), "n": 1,
            "period": "2024-05",
        }
    }  # fmt: skip


def test_a_conversion_without_a_record_had_its_last_one(tmp_path: Path) -> None:
    """Also where a record is one by what follows it."""
    plan = """
    sources: {crm: {type: csv, deals: d.csv, leads: l.csv}}
    kpis:
      deals: {from: deals, count: rows, when: created_at}
      rate: {conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort, when: created_at}, when: created_at}
    """
    deals = (
        "ID;Стадия сделки;Сумма;Ответственный;Лид;Дата создания\n"
        "1;Сделка успешна;1;Анна;7;05.04.2024 10:00:00\n2;Сделка успешна;1;Анна;;31.05.2024 10:00:00\n"
    )
    leads = (
        "ID;Ответственный;Дата создания\n7;Анна;01.04.2024 10:00:00\n8;Анна;02.04.2024 10:00:00\n"
    )
    said = missing(compute(tmp_path, plan, {"d.csv": deals, "l.csv": leads}))
    assert said["complete.silent"]["last"] == date(2024, 4, 2)


# --- mistakes and remarks ------------------------------------------------------------------------


def test_only_mistakes_stop_a_computation(tmp_path: Path) -> None:
    """Notes and warnings are said beside it; of several mistakes each is named."""
    path = write(tmp_path, PLAN, {"o.csv": "day;who;amount\n2024-05-01;Ann;5\n"})
    remarks = [Problem("a.note", None, {}, "note"), Problem("a.warning", None, {}, "warning")]
    mistakes = [Problem("a.mistake", None, {}), Problem("another.mistake", None, {})]
    with open_workspace(path, {}) as workspace:
        require_none_wrong(workspace, remarks)
        with pytest.raises((PlanRejected, SourceError)) as raised:
            require_none_wrong(workspace, [*remarks, *mistakes])
    assert [p.code for p in raised.value.problems] == ["a.mistake", "another.mistake"]


# --- days and months of a stretch ----------------------------------------------------------------


def stretch(text: str, as_of: datetime) -> Slice:
    return Slice("s", periods.parse(text, as_of=LATER, zone=BERLIN), as_of, as_of)


@pytest.mark.parametrize(
    ("as_of", "after"),
    [
        (datetime(2024, 5, 17, 0, 0, tzinfo=BERLIN), date(2024, 5, 17)),
        (datetime(2024, 5, 17, 0, 1, tzinfo=BERLIN), date(2024, 5, 18)),
        (datetime(2024, 5, 17, 23, 59, tzinfo=BERLIN), date(2024, 5, 18)),
        (LATER, date(2024, 6, 1)),
    ],
)
def test_a_day_that_has_begun_counts(as_of: datetime, after: date) -> None:
    """A day of which a moment has passed is one of the days that count."""
    may = stretch("2024-05", as_of)
    assert may.end_day(BERLIN) == after
    assert may.days(BERLIN) == (date(2024, 5, 1), after)
    assert may.months(BERLIN) == (date(2024, 5, 1), after)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-05", (5, 1), (6, 1)),
        ("2024-05-02..2024-07-31", (6, 1), (8, 1)),
        ("2024-05-01..2024-07-30", (5, 1), (7, 1)),
    ],
)
def test_months_that_a_stretch_holds_whole(
    text: str, start: tuple[int, int], end: tuple[int, int]
) -> None:
    """The first day and the last belong to it."""
    found = whole_months(periods.parse(text, as_of=LATER, zone=BERLIN))
    assert found == (date(2024, *start), date(2024, *end))
