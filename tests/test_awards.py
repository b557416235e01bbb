"""`awards:` — who is given which, with what proof, over which periods, in every format."""

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

from kpictl import report
from kpictl.plan.awards import Award as AwardPlan
from kpictl.report import Options
from kpictl.report.json import schema
from kpictl.results import dumps, loads
from kpictl.scoring import awards
from kpictl.values import Award, Fact, Results, Row, Score, State
from plans import Computed, compute, refused

D = Decimal
PLAN = """\
sources: {{crm: {{type: csv, deals: deals.csv, employees: people.csv}}}}
kpis:
  revenue: {{label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}}
  won: {{label: Сделки, from: deals, count: rows, where: won, when: closed_at}}
scorecards:
  sales:
    label: Продажи
    kpis: {{revenue: {{weight: 80, target: 100/month}}, won: {{weight: 20, target: 1/month}}}}
    {gates}
awards:
  {award}
"""
PEOPLE = """\
имя;e-mail;принят
Анна Белова;belova@example.ru;01.01.2020
Олег Ким;kim@example.ru;15.06.2023
Инна Рей;rey@example.ru;01.04.2024
"""


def deals(**months: str) -> str:
    """Return one won deal of each person a month: `anna="100 120"` are the sums from December on,
    a dash no deal."""
    names = {"anna": "Анна Белова", "oleg": "Олег Ким", "inna": "Инна Рей"}
    lines = ["ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии"]
    for who, sums in months.items():
        amounts = sums.split()
        for place, amount in enumerate(amounts):
            number = 24 * 12 + 5 - len(amounts) + place
            day = f"10.{number % 12 + 1:02d}.20{number // 12:02d} 12:00:00"
            if amount != "-":
                lines.append(f"{who}{place};Сделка успешна;{amount};{names[who]};{day}")
    return "\n".join(lines) + "\n"


def computed(folder: Path, award: str, gates: str = "", **sums: str) -> Computed:
    files = {"deals.csv": deals(**sums), "people.csv": PEOPLE}
    return compute(folder, PLAN.format(award=award, gates=gates), files)


def one(folder: Path, award: str, gates: str = "", **sums: str) -> Award:
    (found,) = computed(folder, f"it: {{label: Награда, {award}}}", gates, **sums).results.awards
    return found


def names(award: Award) -> list[str]:
    return [recipient.name for recipient in award.recipients]


def test_the_leader_is_every_first_of_a_scorecard(tmp_path: Path) -> None:
    """Equals share the award, and the rank proves it."""
    award = one(tmp_path, "when: rank = 1", anna="150", oleg="150", inna="90")
    assert names(award) == ["Анна Белова", "Олег Ким"]
    assert award.recipients[0].figures == (("rank", D(1)),)
    assert award.recipients[0].periods == ()


def test_every_kpi_must_reach_its_bound(tmp_path: Path) -> None:
    """`every` is held against each weighted KPI, and shows the figure of each."""
    award = one(tmp_path, "every: score >= 100", anna="100", oleg="99", inna="500")
    assert names(award) == ["Инна Рей", "Анна Белова"]
    assert award.recipients[1].figures == (("revenue.score", D(100)), ("won.score", D(100)))


def test_most_improved_is_against_the_mean_of_the_periods_before(tmp_path: Path) -> None:
    """By hand: Anna 84 → 100 of a mean (100 + 84 + 92)/3 = 92, Oleg 100 of 100: she alone rose."""
    award = one(tmp_path, "most_improved: 3 periods", anna="100 80 90 100", oleg="100 100 100 100")
    (anna,) = award.recipients
    assert (anna.name, anna.value, anna.base, anna.gain) == (
        "Анна Белова", D(100), D(92), D(8),
    )  # fmt: skip
    assert [(p.period, p.figures) for p in anna.periods] == [
        ("2024-02", (("index", D(100)),)),
        ("2024-03", (("index", D(84)),)),
        ("2024-04", (("index", D(92)),)),
        ("2024-05", (("index", D(100)),)),
    ]
    assert award.undecided == 1  # Inna, hired in April


def test_nobody_is_most_improved_who_has_not_risen(tmp_path: Path) -> None:
    """The least fall is no improvement; an award that nobody got is there all the same."""
    award = one(tmp_path, "most_improved: 2 periods", anna="100 100 99", oleg="100 100 90")
    assert names(award) == []
    assert award.label == "Награда"


def test_most_improved_needs_all_of_its_periods(tmp_path: Path) -> None:
    """A month before any record is unknown, not zero: nobody rises from there."""
    award = one(tmp_path, "most_improved: 3 periods", anna="100 90 200")
    assert names(award) == []
    assert award.undecided == 3


@pytest.mark.parametrize(("sums", "given"), [("80 120 100 100", True), ("100 100 99 100", False)])
def test_a_streak_is_unbroken(tmp_path: Path, sums: str, given: bool) -> None:
    """`for: 2 periods` looks at the last two, this one among them."""
    award = one(tmp_path, "when: index >= 100, for: 2 periods", anna=sums)
    assert names(award) == (["Анна Белова"] if given else [])
    if given:
        assert [p.met for p in award.recipients[0].periods] == [True, True]


def test_the_promotion_reserve(tmp_path: Path) -> None:
    """Five of six months at 110 and more, no gate failed, a year of service: Oleg had a failed gate
    in one of them, Inna has no six months."""
    rule = "when: index >= 110, for: 5 of 6 periods, gates: passed, tenure: 11 months"
    good = "200 200 50 200 200 200"
    award = one(
        tmp_path, rule, "gates: {deal: {when: revenue > 1000, then: payout * 0.5}}",
        anna=good, oleg="200 200 50 200 1001 200", inna="200 200",
    )  # fmt: skip
    assert names(award) == ["Анна Белова"]
    anna = award.recipients[0]
    assert [p.met for p in anna.periods] == [True, True, False, True, True, True]
    assert anna.months == 53
    assert award.undecided == 0  # Inna's two months of service are known to be too few


def test_service_is_counted_in_whole_months(tmp_path: Path) -> None:
    """Oleg, hired on 15 June, has eleven whole months by the end of May."""
    assert names(one(tmp_path, "when: index > 0, tenure: 11 months", oleg="1")) == ["Олег Ким"]
    assert names(one(tmp_path, "when: index > 0, tenure: 1 year", oleg="1")) == []


def test_a_record_is_above_all_other_periods(tmp_path: Path) -> None:
    """Of six periods all must be known, and an equal one before is no record."""
    rule = "record: 6 periods, of: revenue"
    award = one(tmp_path, rule, anna="1 2 3 9 5 10", oleg="1 2 3 10 5 10", inna="1 2")
    (anna,) = award.recipients
    assert (anna.name, anna.value, anna.base, anna.gain) == ("Анна Белова", D(10), D(9), D(1))
    assert award.undecided == 1


def test_who_is_not_rated_is_given_nothing(tmp_path: Path) -> None:
    """A condition that holds of a fact alone is no award without an index."""
    text = PLAN.format(award="it: {label: Н, when: won >= 0}", gates="missing: hold").replace(
        "target: 1/month", "score: {bands: {0: 0}}, missing: hold"
    )
    text = text.replace("revenue: {weight: 80, target: 100/month}", "revenue: {weight: 80}")
    found = compute(tmp_path, text, {"deals.csv": deals(anna="5"), "people.csv": PEOPLE})
    assert all(row.index is None for row in found.card.rows)
    assert names(found.results.awards[0]) == []


def test_no_award_is_given_while_the_period_goes_on(tmp_path: Path) -> None:
    """Who leads on the 20th has won nothing yet."""
    plan = PLAN.format(award="it: {label: Н, when: rank = 1}", gates="")
    files = {"deals.csv": deals(anna="5"), "people.csv": PEOPLE}
    found = compute(tmp_path, plan, files, as_of=datetime(2024, 5, 20, tzinfo=UTC))
    assert found.results.awards == ()


def test_history_that_no_calendar_knows_is_no_mistake(tmp_path: Path) -> None:
    """Periods of a year without a calendar are unknown; the scorecard is computed all the same."""
    plan = "calendar: {file: cal.csv}\n" + PLAN.format(
        award="it: {label: Н, most_improved: 3 periods}", gates=""
    )
    days = "\n".join(["date,kind", *(f"2024-{m:02d}-01,off" for m in range(1, 13))])
    files = {"deals.csv": deals(anna="5 6"), "people.csv": PEOPLE, "cal.csv": days}
    found = compute(tmp_path, plan, files, period="2024-01", as_of=datetime(2024, 6, 1, tzinfo=UTC))
    assert found.results.awards[0].recipients == ()


def test_filters_hide_recipients_and_say_how_many(tmp_path: Path) -> None:
    """Ranks, and so awards, are among everybody; only shown rows name theirs."""
    from kpictl.app.computation import ComputeRequest
    from kpictl.app.computation import compute as compute_job
    from kpictl.app.workspace import open_workspace
    from kpictl.periods import parse
    from plans import LATER, write

    plan = PLAN.format(award="it: {label: Н, when: rank = 1}", gates="")
    path = write(tmp_path, plan, {"deals.csv": deals(anna="9", oleg="5"), "people.csv": PEOPLE})
    with open_workspace(path, {}) as workspace:
        period = parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(period, LATER, employee="Ким")
        (award,) = compute_job(workspace, job).awards
    assert (award.recipients, award.hidden) == ((), 1)


# --- the language ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("award", "code"),
    [
        ("{label: Н, when: rank = 1 and ▸indx > 5}", "condition.unknown_name"),
        ("{label: Н, when: ▸score >= 100}", "condition.unknown_name"),
        ("{label: Н, every: revenue.▸pace > 5}", "condition.unknown_name"),
        ("{label: Н, when: rank = 1, among: ▸sale}", "award.scorecard"),
        ("{label: Н, most_improved: 3 periods, of: ▸revenu}", "award.kpi"),
        ("{label: Н, most_improved: ▸3}", "plan.award_count"),
        ("{label: Н, when: rank = 1, for: ▸7 of 6 periods}", "plan.award_periods"),
        ("{label: Н, when: rank = 1, for: ▸always}", "plan.award_for"),
        ("{label: Н, when: rank = 1, tenure: ▸long}", "plan.award_tenure"),
        ("{label: ▸Н}", "plan.award_nothing"),
        ("{label: Н, when: rank = 1, of: ▸revenue}", "plan.award_of"),
        ("{label: Н, record: 6 periods, for: ▸2 periods}", "plan.award_for_what"),
        ("{label: Н, most_improved: ▸3 periods, record: 6 periods}", "plan.award_two"),
    ],
)
def test_a_mistake_is_shown_where_it_is(tmp_path: Path, award: str, code: str) -> None:
    """Every mistake in an award has its code, its line and the column of its very character."""
    marked = PLAN.format(award=f"it: {award}", gates="")
    plan = marked.replace("▸", "")
    files = {"deals.csv": deals(anna="5"), "people.csv": PEOPLE}
    (problem,) = refused(tmp_path, plan, files)
    line = next(line for line in marked.splitlines() if "▸" in line)
    assert problem.place is not None
    assert (problem.code, problem.place.column) == (code, line.index("▸") + 1)


# --- every format --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Anna leads and is most improved; nobody has a streak."""
    award = """leader: {label: "=Лучший*", when: rank = 1}
  improved: {label: Прорыв, most_improved: 2 periods}
  streak: {label: Серия, when: index > 500, for: 2 periods}"""
    return computed(
        tmp_path_factory.mktemp("awards"), award, anna="90 90 200", oleg="100 100 100"
    ).results


def test_the_table_has_each_award_with_its_proof(results: Results) -> None:
    """Who, for what, and of an award that nobody was given that nobody was."""
    text = str(report.render(results, "table", Options(width=200)))
    assert "=Лучший*: Анна Белова — место 1" in text
    assert "индекс 180 против 92 в среднем за 2 прежних периода (+88)" in text
    assert "Серия: никому" in text
    assert "Awards" in str(report.render(results, "table", Options(lang="en")))


def test_a_mask_hides_recipients(results: Results) -> None:
    """With --mask an award goes to the number that the row has."""
    for form in ("table", "md", "json", "csv"):
        found = report.render(results, form, Options(mask=True))
        text = found if isinstance(found, str) else found.decode()
        assert "Белова" not in text
    assert "Сотрудник 1 — место 1" in str(report.render(results, "md", Options(mask=True)))


def test_json_has_awards_as_its_schema_says(results: Results) -> None:
    """Scripts get every award with its rule, its recipients and their figures."""
    data = json.loads(str(report.render(results, "json")))
    jsonschema.validate(data, schema())
    leader, improved, streak = data["awards"]
    assert leader["recipients"][0]["figures"] == {"rank": 1}
    assert (improved["recipients"][0]["gain"], improved["periods"]) == (88, 2)
    assert (streak["recipients"], streak["for"]) == ([], {"least": 2, "of": 2})


def test_csv_and_workbook_have_awards(results: Results) -> None:
    """Each line of data names the awards of its row; text in a sheet is never a formula."""
    raw = report.render(results, "csv")
    assert isinstance(raw, bytes)
    first = next(csv.DictReader(io.StringIO(raw.decode())))
    assert first["awards"] == "'=Лучший*; Прорыв"
    assert first["award_proof"] == "rank=1; index=180, base=92, gain=88"
    book = report.render(results, "xlsx")
    assert isinstance(book, bytes)
    with warnings.catch_warnings(action="ignore"):  # openpyxl keeps no extensions of Excel
        sheet = openpyxl.load_workbook(io.BytesIO(book))["Награды"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[1] == ["=Лучший*", "Анна Белова", "место 1"]
    assert sheet["A2"].data_type == "s"


def test_kept_results_have_their_awards(results: Results) -> None:
    """What is kept is read again as it was."""
    assert loads(dumps(results)) == results


# --- arithmetic ----------------------------------------------------------------------------------


def row(name: str, index: int | None) -> Row:
    score = Score("kpi", D(100), Fact(State.MEASURED), State.MEASURED)
    value = None if index is None else D(index)
    return Row(name, name, (score,), rank=1, index=value)


def history(values: dict[str, list[int | None]]) -> awards.CardHistory:
    """Return a scorecard of people with these indexes, the oldest first."""
    count = max(map(len, values.values()))
    periods = tuple(
        awards.PeriodRows(str(place), tuple(row(n, own[place]) for n, own in values.items()), {})
        for place in range(count)
    )
    return awards.CardHistory("card", ("kpi",), frozenset(), periods, {})


indexes = st.lists(st.one_of(st.none(), st.integers(-50, 300)), min_size=6, max_size=6)
people = st.dictionaries(st.sampled_from("abcdef"), indexes, min_size=1)


@given(people)
def test_nobody_improved_more_than_the_most_improved(values: dict[str, list[int | None]]) -> None:
    """Everybody with the greatest gain is given it, nobody with less, nobody with none."""
    found = awards.give("it", AwardPlan(label="a", most_improved="3 periods"), [history(values)])
    gains = {
        name: own[5] - Fraction(sum(known), 3)
        for name, own in values.items()
        if own[5] is not None
        if len(known := [v for v in own[2:5] if v is not None]) == 3
    }
    most = max(gains.values(), default=Fraction(0))
    best = [name for name, gain in gains.items() if gain == most > 0]
    assert [one.id for one in found.recipients] == best


@given(people, st.integers(1, 5))
def test_a_condition_in_some_periods_counts_the_known(
    values: dict[str, list[int | None]], least: int
) -> None:
    """Given where enough periods hold, undecided only where unknown ones could still do it."""
    spec = AwardPlan(label="a", when="index >= 100", **{"for": f"{least} of 6 periods"})
    found = awards.give("it", spec, [history(values)])
    rated = {name: own for name, own in values.items() if own[5] is not None}
    met = {n: sum(v is not None and v >= 100 for v in own) for n, own in rated.items()}
    assert [one.id for one in found.recipients] == [n for n in rated if met[n] >= least]
    open_ones = {n: met[n] + rated[n].count(None) for n in rated if met[n] < least}
    assert found.undecided == sum(count >= least for count in open_ones.values())
