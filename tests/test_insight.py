"""`compute --insight`: what people are strong and weak at, and where training would help most."""

from __future__ import annotations

import csv
import io
import json
import warnings
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kpictl import report
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.workspace import open_workspace
from kpictl.periods import parse
from kpictl.report import Options
from kpictl.report.format import NBSP
from kpictl.report.json import schema
from kpictl.results import dumps, loads
from kpictl.scoring import insight
from kpictl.values import Finding, Results, Row
from plans import LATER, refused, write

D = Decimal
NAMES = ("Анна Белова", "Олег Ким", "Инна Рей", "Юрий Нил", "Яна Фок", "Пётр Лис")
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: people.csv, tickets: tickets.csv}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  reply: {label: Время ответа, from: tickets, median: minutes, when: day, by: owner, unit: minutes, better: lower}
scorecards:
  sales:
    label: Продажи
    kpis: {revenue: {weight: 60, target: 1000/month}, reply: {weight: 40, target: 40}}
"""


def told(
    folder: Path,
    revenue: list[str],
    reply: list[int],
    *,
    plan: str = PLAN,
    as_of: datetime = LATER,
) -> Results:
    """Compute May with insight: of each person the sums of the months up to May, and a reply."""
    lines = ["ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии"]
    for who, sums in zip(NAMES, revenue, strict=False):
        amounts = sums.split()
        for place, amount in enumerate(amounts):
            month = 24 * 12 + 5 - len(amounts) + place
            day = f"10.{month % 12 + 1:02d}.20{month // 12:02d} 12:00:00"
            lines.append(f"{who}{place};Сделка успешна;{amount};{who};{day}")
    tickets = ["id;day;owner;minutes"]
    tickets += [f"{n};2024-05-07;{NAMES[n]};{minutes}" for n, minutes in enumerate(reply)]
    people = ["имя;отдел", *(f"{who};{'Юг' if n < 3 else 'Север'}" for n, who in enumerate(NAMES))]
    files = {
        "deals.csv": "\n".join(lines),
        "tickets.csv": "\n".join(tickets),
        "people.csv": "\n".join(people),
    }
    path = write(folder, plan, files)
    with open_workspace(path, {}) as workspace:
        period = parse("2024-05", as_of=as_of, zone=workspace.bound.zone)
        return compute(workspace, ComputeRequest(period, as_of, insight=True))


def row(results: Results, name: str) -> Row:
    return next(row for row in results.scorecards[0].rows if row.name == name)


def finding(results: Results, name: str, kpi: str) -> Finding:
    own = row(results, name).insight
    assert own is not None
    found = own.of(kpi)
    assert found is not None
    return found


def fractions(*numbers: int) -> list[Fraction]:
    return [Fraction(number) for number in numbers]


# --- arithmetic ----------------------------------------------------------------------------------


def test_vector_18_half_of_the_equal_ones_are_worse() -> None:
    """95 within 98, 95, 95, 90 is at the 50th percentile."""
    found = insight.compare(Fraction(95), fractions(98, 95, 95, 90), 4, lower=False)
    assert found.percentile == D(50)


def test_vector_34_a_robust_z_is_not_hidden_by_the_outlier_itself() -> None:
    """20, 25, 30, 35, 65 minutes, lower is better: the z of 65 is −4.72."""
    found = insight.compare(Fraction(65), fractions(20, 25, 30, 35, 65), 5, lower=True)
    assert (found.state, found.median, found.z) == ("measured", D(30), D("-4.7215"))
    assert found.percentile == D(10)


def test_few_peers_and_no_spread_are_never_divided() -> None:
    """Fewer than are needed have no median; a median deviation of zero has no z."""
    few = insight.compare(Fraction(1), fractions(1, 2, 3, 4), 5, lower=False)
    assert (few.state, few.n, few.median, few.z) == ("few", 4, None, None)
    flat = insight.compare(Fraction(9), fractions(5, 5, 5, 5, 9), 5, lower=False)
    assert (flat.state, flat.median, flat.z) == ("no_spread", D(5), None)


numbers = st.lists(st.fractions(-100, 100, max_denominator=9), min_size=5, max_size=12)


@given(numbers)
def test_percentiles_are_half_on_average_and_directions_mirror(values: list[Fraction]) -> None:
    """All percentiles of a group average 50; the other direction turns z and percentile round."""
    up = [insight.compare(x, values, 5, lower=False) for x in values]
    down = [insight.compare(x, values, 5, lower=True) for x in values]
    shares = [one.percentile or D(0) for one in up]
    assert abs(sum(shares, D(0)) / len(values) - 50) < D("0.001")
    for one, other in zip(up, down, strict=True):
        assert one.percentile is not None
        assert other.percentile is not None
        assert abs(one.percentile + other.percentile - 100) <= D("0.0001")
        assert one.z == (None if other.z is None else -other.z)


@given(numbers, st.fractions(1, 50, max_denominator=7), st.fractions(-50, 50, max_denominator=7))
def test_a_robust_z_knows_no_unit(values: list[Fraction], scale: Fraction, shift: Fraction) -> None:
    """Minutes or hours, from whatever zero: z is the same."""
    other = [value * scale + shift for value in values]
    for x, y in zip(values, other, strict=True):
        assert insight.robust_z(x, values, lower=False) == insight.robust_z(y, other, lower=False)


# --- verdicts ------------------------------------------------------------------------------------


def test_a_strength_is_ahead_of_peers_and_of_the_target(tmp_path: Path) -> None:
    """Anna is far ahead and above her target: strong. Oleg is far behind: weak. Yuri is ahead of
    nobody."""
    results = told(tmp_path, ["2000", "100", "1000", "1100", "900"], [30, 35, 40, 45, 150])
    verdicts = {name: finding(results, name, "revenue").verdict for name in NAMES[:5]}
    assert verdicts == {
        "Анна Белова": "strength", "Олег Ким": "weakness", "Инна Рей": "neither",
        "Юрий Нил": "neither", "Яна Фок": "neither",
    }  # fmt: skip
    slow = finding(results, "Яна Фок", "reply")
    assert (slow.verdict, slow.peers.median) == ("weakness", D(40))


def test_ahead_of_weak_peers_is_no_strength_under_the_target(tmp_path: Path) -> None:
    """The best of a group in which nobody reaches the target is not strong."""
    results = told(tmp_path, ["850", "100", "200", "300", "250"], [1])
    first = finding(results, "Анна Белова", "revenue")
    assert first.peers.z is not None
    assert first.peers.z > 1
    assert first.verdict == "neither"


def test_with_few_peers_the_target_and_the_own_past_decide(tmp_path: Path) -> None:
    """Seven are needed, six there are: Anna is above her target and her usual; Oleg above his
    target alone; Inna does as she always did."""
    plan = PLAN + "insight: {min_peers: 7}\n"
    sums = ["500 600 700 1200", "1300 1300 1300 1200", "1200 1200 1200 1200"]
    results = told(tmp_path, sums, [], plan=plan)
    verdicts = {name: finding(results, name, "revenue").verdict for name in NAMES[:3]}
    assert verdicts == {"Анна Белова": "strength", "Олег Ким": "neither", "Инна Рей": "neither"}
    anna = finding(results, "Анна Белова", "revenue")
    assert anna.peers.state == "few"
    assert anna.history is not None
    assert (anna.history.n, anna.history.median, anna.history.place) == (3, D(600), "best")
    assert anna.lift is None


def test_training_helps_where_the_median_moves_the_index_most(tmp_path: Path) -> None:
    """By hand: Oleg sells 500 of 1000, the median is 1000: (100 − 50) · 60/100 = 30 points; his
    reply of 80 minutes of 40 has 0 points, the median of 40 has 100: 100 · 40/100 = 40 points."""
    results = told(tmp_path, ["1000", "500", "1000", "1100", "1200"], [40, 80, 40, 30, 20])
    own = row(results, "Олег Ким").insight
    assert own is not None
    assert finding(results, "Олег Ким", "revenue").lift == D(30)
    assert (own.training, own.lift) == ("reply", D(40))
    south = results.scorecards[0].insights[1]
    assert (south.department, south.people, south.training) == ("Юг", 3, "reply")
    assert south.lift == D("13.3333")


def test_people_of_different_targets_are_compared_by_percent_of_them(tmp_path: Path) -> None:
    """Who has a tenth of the target and all of it done is not weak."""
    plan = PLAN + "targets: {employee.Олег Ким: {revenue: 100/month}}\n"
    results = told(tmp_path, ["1000", "120", "900", "1100", "1000"], [], plan=plan)
    oleg = finding(results, "Олег Ким", "revenue")
    assert (oleg.measure, oleg.value, oleg.verdict) == ("attainment", D(120), "strength")


def test_peers_may_be_those_of_the_department(tmp_path: Path) -> None:
    """With `peers: department` and three needed, the south is compared with itself."""
    plan = PLAN + "insight: {peers: department, min_peers: 3}\n"
    results = told(tmp_path, ["10", "20", "30", "1000", "1100", "1200"], [], plan=plan)
    assert finding(results, "Инна Рей", "revenue").peers.median == D(20)
    assert finding(results, "Юрий Нил", "revenue").peers.n == 3


def test_bounds_must_not_cross(tmp_path: Path) -> None:
    """weak is below strong."""
    plan = PLAN + "insight: {strong: -1, weak: 1}\n"
    assert "plan.insight_order" in {problem.code for problem in refused(tmp_path, plan, {})}


def test_a_period_that_goes_on_is_held_against_no_past(tmp_path: Path) -> None:
    """On 20 May nobody is weak because the month is not over."""
    as_of = datetime(2024, 5, 20, 21, tzinfo=UTC)
    results = told(tmp_path, ["600 700 800 700", "700", "680", "650", "720"], [], as_of=as_of)
    for name in NAMES[:5]:
        found = finding(results, name, "revenue")
        assert found.history is None
        assert found.reached is not None
        assert found.reached > 80


# --- every format --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("insight")
    revenue = ["900 1000 1100 2500", "100", "1000", "1100", "900", "1000"]
    return told(folder, revenue, [30, 31, 30, 35, 62])


def test_each_finding_is_a_sentence_with_its_figures(results: Results) -> None:
    """What it is, against the median, the points, the own past; in Russian and in English."""
    text = str(report.render(results, "md", Options(lang="ru"))).replace(NBSP, " ")
    best = "в 2,5 раза больше медианы (1 000 ₽); оценка 250; лучший результат за 4 периода"
    assert f"Объём 2 500 ₽ — {best}" in text
    assert "− Время ответа 1 ч 02 мин — вдвое дольше медианы (31 мин)" in text
    english = str(report.render(results, "table", Options(lang="en", width=200)))
    assert "twice as long as the median (31 min)" in english
    assert "training would help most in “" in english


def test_no_sentence_names_a_colleague(results: Results) -> None:
    """A page of one person holds nobody else."""
    card = results.scorecards[0]
    alone = replace(card, rows=card.rows[:1], insights=(), departments=(), total=None)
    page = str(report.render(replace(results, scorecards=(alone,)), "table", Options(width=200)))
    assert card.rows[0].name in page
    assert not [name for name in NAMES if name != card.rows[0].name and name in page]


def test_what_could_not_be_compared_is_said(tmp_path: Path) -> None:
    """Few peers and no spread are words, not figures."""
    results = told(tmp_path, ["5", "5", "5", "5", "9"], [30])
    text = str(report.render(results, "table", Options(lang="ru", width=200)))
    assert "Объём: разброса нет" in text
    assert "Время ответа: сравнивать не с кем, есть у 1 из 5 нужных" in text


def test_json_is_as_its_schema_says(results: Results) -> None:
    """Scripts get every figure of a finding, and of the departments."""
    data = json.loads(str(report.render(results, "json")))
    jsonschema.validate(data, schema())
    (card,) = data["scorecards"]
    first = card["rows"][0]["insight"]["kpis"]["revenue"]
    assert (first["verdict"], first["peers"]["median"], first["history"]["n"]) == (
        "strength", 1000, 3,
    )  # fmt: skip
    assert [one["department"] for one in card["insights"]] == ["Север", "Юг", None]


def test_csv_and_workbook_have_the_findings(results: Results) -> None:
    """A line of data has its verdict and figures; the workbook a sheet of sentences."""
    raw = report.render(results, "csv")
    assert isinstance(raw, bytes)
    lines = list(csv.DictReader(io.StringIO(raw.decode())))
    assert (lines[0]["verdict"], lines[0]["peer_median"], lines[0]["history_place"]) == (
        "strength", "1000", "best",
    )  # fmt: skip
    book = report.render(results, "xlsx")
    assert isinstance(book, bytes)
    with warnings.catch_warnings(action="ignore"):  # openpyxl keeps no extensions of Excel
        sheet = openpyxl.load_workbook(io.BytesIO(book))["Сильные и слабые стороны"]
    assert [cell.value for cell in sheet[2]][:3] == ["Анна Белова", "Объём", "сильно"]


def test_kept_results_have_their_insight(results: Results) -> None:
    """What is kept is read again as it was."""
    assert loads(dumps(results)) == results
