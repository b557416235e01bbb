"""What each kind makes of the records at its borders: too few, none, without a value, undecided."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.kinds.conversion import Conversion
from kpictl.report.explanation import render
from kpictl.words import say
from plans import compute, lines, refused

MOSCOW = ZoneInfo("Europe/Moscow")
SOURCE = "sources: {s: {type: csv, o: {path: o.csv}}}\n"
COHORT = """\
    sources: {crm: {type: csv, leads: leads.csv, deals: deals.csv}}
    kpis:
      turned:
        conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort}
        when: created_at
    """


def orders(**values: list[object]) -> dict[str, str]:
    """Return orders of 2 May by agent and value."""
    rows = [("2024-05-02", who, value) for who, them in values.items() for value in them]
    return {"o.csv": lines("day;agent;v", rows)}


VERBS = (
    "count: rows",
    "count: distinct v",
    "sum: v",
    "average: v",
    "median: v",
    "percentile: {of: v, at: 90}",
    "min: v",
    "max: v",
    "stddev: v",
    "share: v > 0",
)


def test_as_many_records_as_min_n_are_enough(tmp_path: Path) -> None:
    """Three records with `min_n: 3` are a result, two are too few, and it says how many it needs."""
    keys = "when: day, by: agent, min_n: 3"
    kpis = "".join(f"  k{n}: {{from: o, {verb}, {keys}}}\n" for n, verb in enumerate(VERBS))
    found = compute(tmp_path, f"{SOURCE}kpis:\n{kpis}", orders(Ann=[1, 2, 3], Bob=[1, 2]))
    for kpi in found.figures["Ann"]:
        enough, few = (found.score(name, kpi).fact for name in ("Ann", "Bob"))
        assert (str(enough.state), enough.n) == ("measured", 3)
        assert (str(few.state), few.value, few.need) == ("insufficient", None, 3)


def test_no_value_at_all_is_no_data_and_not_too_few(tmp_path: Path) -> None:
    """`min_n` says how many are enough, where there is something to take a value of."""
    keys = "when: day, by: agent, min_n: 3"
    kpis = "".join(f"  k{n}: {{from: o, {verb}, {keys}}}\n" for n, verb in enumerate(VERBS[3:9]))
    found = compute(tmp_path, f"{SOURCE}kpis:\n{kpis}", orders(Ann=[1, 2, 3], Bob=[""]))
    assert set(found.figures["Bob"].values()) == {"no_data"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2", "4", "4", "4", "5", "5", "7", "9"], "2.1380899353"),  # √(32/7)
        (["1", "2"], "0.7071067812"),  # √½, half-up
        (["-0.0000000001", "0.0000000001"], "0.0000000001"),  # √2 · 10⁻¹⁰
        (["5", "5", "5", "5"], "0"),
        # Far from zero the squares are wider than any decimal; the spread is that of 1, 2, 4.
        (["900000000000001.5", "900000000000002.5", "900000000000004.5"], "1.5275252317"),
    ],
)
def test_a_standard_deviation_is_exact_to_ten_decimals(
    tmp_path: Path, values: list[object], expected: str
) -> None:
    """The sample's, over n - 1, as spreadsheets have it in STDEV.S; `explain` adds the records up."""
    plan = f"{SOURCE}kpis: {{k: {{from: o, stddev: v, when: day, by: agent}}}}\n"
    found = compute(tmp_path, plan, orders(Ann=values, Bob=[7], Cy=[""]))
    assert found.of("k") == {"Ann": Decimal(expected), "Bob": "insufficient", "Cy": "no_data"}
    assert found.score("Bob", "k").fact.need == 2
    with open_workspace(tmp_path / "kpi.yaml", {}) as workspace:
        job = ComputeRequest(found.results.period, found.results.as_of)
        explained = explain(workspace, job, ExplainRequest("k", "Ann"))
    (part,) = explained.steps[0].parts
    assert len(part.records) == len(values)
    assert "sums of the values and of their squares agree" in render(explained, "en")


def test_the_spread_of_all_is_taken_over_all_their_records(tmp_path: Path) -> None:
    """Deviations do not add up: the total's is that of everybody's values together."""
    plan = f"{SOURCE}kpis: {{k: {{from: o, stddev: v, when: day, by: agent}}}}\n"
    found = compute(tmp_path, plan, orders(Ann=[1, 2], Bob=[10, 11]))
    assert found.of("k") == dict.fromkeys(("Ann", "Bob"), Decimal("0.7071067812"))
    assert found.total == {"k": Decimal("5.2281290471")}  # √(82/3)


def test_where_less_is_better_a_cost_that_nobody_wrote_down_is_not_zero(tmp_path: Path) -> None:
    """Nothing above the line is no data, and below `min_n` too few; one of two costs is a cost."""
    plan = f"""{SOURCE}kpis:
  cost: {{from: o, sum: v, where: v > 100, when: day, by: agent}}
  fee: {{from: o, sum: v, where: v <= 100, when: day, by: agent}}
  rows: {{from: o, count: rows, when: day, by: agent}}
  none: {{ratio: {{of: cost, over: rows}}, better: lower}}
  few: {{ratio: {{of: cost, over: rows}}, better: lower, min_n: 3}}
  one: {{formula: (cost + fee) / rows, better: lower}}
  both: {{formula: cost / rows, better: lower}}
  more: {{ratio: {{of: cost, over: rows}}}}
  flat: {{formula: 10 / rows, better: lower}}
  plus: {{formula: cost + fee, better: lower}}
  five: {{formula: '5'}}
  twice: {{formula: cost * 2}}
  sum: {{formula: cost + fee}}
  of_twice: {{ratio: {{of: twice, over: rows}}, better: lower}}
  of_sum: {{ratio: {{of: sum, over: rows}}, better: lower}}
"""
    found = compute(tmp_path, plan, orders(Ann=[1, 5]))
    assert {k: v for k, v in found.figures["Ann"].items() if k not in ("cost", "fee", "rows")} == {
        "none": "no_data", "few": "insufficient", "one": 3, "both": "no_data", "more": 0, "flat": 5,
        "plus": 6, "five": 5, "twice": 0, "sum": 6, "of_twice": "no_data", "of_sum": 3,
    }  # fmt: skip


def test_as_many_records_below_the_line_as_min_n_are_enough(tmp_path: Path) -> None:
    """A ratio counts the records of its denominator, a formula those of its rarest operand."""
    plan = f"""{SOURCE}
kpis:
  total: {{from: o, sum: v, when: day, by: agent}}
  big: {{from: o, count: rows, where: v >= 3, when: day, by: agent}}
  all: {{from: o, count: rows, when: day, by: agent}}
  r: {{ratio: {{of: total, over: all}}, min_n: 3}}
  f: {{formula: all + big, min_n: 2}}
"""
    found = compute(tmp_path, plan, orders(Ann=[1, 3, 5], Bob=[1, 3]))
    assert found.of("r") == {"Ann": 3, "Bob": "insufficient"}
    assert found.of("f") == {"Ann": 5, "Bob": "insufficient"}


@pytest.mark.parametrize(
    ("last", "open_"),
    [
        pytest.param("18.06.2024 09:59:59", 1, id="the data end before the window does"),
        pytest.param("19.06.2024 10:00:00", 0, id="the data end with the window"),
        pytest.param("14.07.2024 10:00:00", 0, id="the data end long after it"),
    ],
)
def test_what_the_data_do_not_reach_is_undecided(tmp_path: Path, last: str, open_: int) -> None:
    """ExplainRequest in July of an export of June, a lead whose 30 days the export does not hold is open:
    nobody knows yet whether it turned."""
    leads = [("1", "Анна Белова", "20.05.2024 10:00:00"), ("2", "Анна Белова", last)]
    files = {
        "leads.csv": lines("ID;Ответственный;Дата создания", leads),
        "deals.csv": "ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии\n",
    }
    found = compute(tmp_path, COHORT, files)
    assert found.score("Анна Белова", "turned").fact.immature == open_
    assert ("compute.immature" in found.codes) == bool(open_)


def test_what_comes_after_as_of_is_not_known_yet(tmp_path: Path) -> None:
    """ExplainRequest on 1 June of an export of July, a lead of 20 May is open, and a deal of 10 June is not
    seen."""
    leads = [("1", "Анна Белова", "20.05.2024 10:00:00"), ("2", "Анна Белова", "10.07.2024 10:00")]
    deals = [("9", "Сделка успешна", "Анна Белова", "1", "10.06.2024 12:00:00")]
    files = {
        "leads.csv": lines("ID;Ответственный;Дата создания", leads),
        "deals.csv": lines("ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии", deals),
    }
    found = compute(tmp_path, COHORT, files, as_of=datetime(2024, 6, 1, tzinfo=MOSCOW))
    fact = found.score("Анна Белова", "turned").fact
    assert (fact.value, fact.immature) == (Decimal(0), 1)


# --- what each kind comes to -------------------------------------------------------------------

EVERY = f"""{SOURCE}kpis:
  rows: {{from: o, count: rows, when: day, by: agent}}
  kinds: {{from: o, count: distinct what, when: day, by: agent}}
  total: {{from: o, sum: v, when: day, by: agent}}
  mean: {{from: o, average: v, when: day, by: agent}}
  middle: {{from: o, median: v, when: day, by: agent}}
  tenth: {{from: o, percentile: {{of: v, at: 10}}, when: day, by: agent}}
  top: {{from: o, percentile: {{of: v, at: 100}}, when: day, by: agent}}
  least: {{from: o, min: v, when: day, by: agent}}
  most: {{from: o, max: v, when: day, by: agent}}
  good: {{from: o, share: v >= 4, when: day, by: agent}}
  good_a: {{from: o, share: v >= 4, where: what = 'a', when: day, by: agent, unit: part}}
  each: {{ratio: {{of: total, over: rows}}}}
  part: {{ratio: {{of: most, over: total}}, unit: percent}}
  gain: {{formula: (total - 10) / total, unit: percent}}
  half: {{formula: good / 2}}
  const: {{formula: total / 4 + 1}}
"""
RECORDS = [
    ("2024-05-01", "Ann", "a", "1"),
    ("2024-05-02", "Ann", "a", "4"),
    ("2024-05-03", "Ann", "b", "5"),
    ("2024-05-31", "Ann", "b", "10"),
    ("2024-05-31", "Ann", "", ""),
    ("2024-05-10", "Bob", "b", "3"),
    ("2024-05-10", "Cid", "", ""),
    ("2024-04-30", "Ann", "c", "1000"),
    ("2024-06-01", "Ann", "c", "1000"),
]


def test_what_every_kind_makes_of_the_same_records(tmp_path: Path) -> None:
    """Counts, sums, means, order statistics, shares and quotients, by hand; an empty cell is a
    record without a value, and whoever has only such has no mean, but a count and a sum of zero."""
    found = compute(tmp_path, EVERY, {"o.csv": lines("day;agent;what;v", RECORDS)})
    none = "no_data"
    figures = {
        "rows": (5, 1, 1), "kinds": (2, 1, 0), "total": (20, 3, 0), "mean": (5, 3, none),
        "middle": (Decimal("4.5"), 3, none), "tenth": (Decimal("1.9"), 3, none),
        "top": (10, 3, none), "least": (1, 3, none), "most": (10, 3, none),
        "good": (60, 0, 0), "good_a": (Decimal("0.5"), none, none), "each": (4, 3, 0),
        "part": (50, 100, none), "gain": (50, Decimal("-233.3333333333"), none),
        "half": (Decimal("0.3"), 0, 0), "const": (6, Decimal("1.75"), 1),
    }  # fmt: skip
    found_figures = {
        kpi: tuple(found.of(kpi)[who] for who in ("Ann", "Bob", "Cid")) for kpi in figures
    }
    assert found_figures == figures


def test_how_many_records_a_value_stands_on(tmp_path: Path) -> None:
    """Of values those that are there, of a quotient the lower part's, of a formula its rarest's."""
    plan = EVERY + "  rare: {formula: total + mean + rows}\n"
    found = compute(tmp_path, plan, {"o.csv": lines("day;agent;what;v", RECORDS)})
    facts = {kpi: found.score("Ann", kpi).fact for kpi in found.figures["Ann"]}
    assert {kpi: fact.n for kpi, fact in facts.items()} == {
        "rows": 5, "kinds": 4, "total": 4, "mean": 4, "middle": 4, "tenth": 4, "top": 4,
        "least": 4, "most": 4, "good": 5, "good_a": 2, "each": 5, "part": 4, "gain": 4, "half": 5,
        "const": 4, "rare": 4,
    }  # fmt: skip
    assert [facts[kpi].parts for kpi in ("good", "each", "gain")] == [
        (Fraction(3), Fraction(5)),
        (Fraction(20), Fraction(5)),
        (Fraction(10), Fraction(20)),
    ]
    assert (facts["total"].lacking, facts["each"].lacking, facts["const"].parts) == (1, 1, None)
    cid = found.score("Cid", "part").fact
    assert (str(cid.state), cid.n, cid.parts) == ("no_data", 0, None)
    assert found.score("Cid", "mean").fact.parts == (Fraction(0), Fraction(0))
    assert {fact.immature for fact in facts.values()} == {0}
    assert [found.score("Cid", kpi).fact.n for kpi in ("rows", "kinds", "total", "middle")] == [
        1,
        0,
        0,
        0,
    ]


def test_a_plain_number_stands_on_no_record_and_is_known(tmp_path: Path) -> None:
    """A formula without a KPI is the same for everybody: it is of no records, it is no result where
    some are asked for, and as a cost it is not one that nobody wrote down."""
    plan = f"""{SOURCE}kpis:
  rows: {{from: o, count: rows, when: day, by: agent}}
  rent: {{formula: '6'}}
  few: {{formula: '6', min_n: 1}}
  each: {{ratio: {{of: rent, over: rows}}, better: lower}}
  with: {{formula: (rent + 0) / rows, better: lower}}
"""
    found = compute(tmp_path, plan, orders(Ann=[1, 5]))
    assert found.figures["Ann"] == {
        "rows": 2, "rent": 6, "few": "insufficient", "each": 3, "with": 3,
    }  # fmt: skip
    facts = {kpi: found.score("Ann", kpi).fact for kpi in ("rent", "few", "each")}
    assert [(fact.n, fact.need) for fact in facts.values()] == [(0, None), (0, 1), (2, None)]


def test_who_has_leads_and_no_deal_converts_none_of_them(tmp_path: Path) -> None:
    """No success is a measured zero by the period as by the cohort, and of no lead there is no
    data, whatever was won."""
    leads = [(n, who, "20.05.2024 10:00:00") for n, who in enumerate(("Анна Белова", "Олег Ким"))]
    leads += [(7, "Анна Белова", "10.07.2024 10:00:00")]
    deals = [
        ("9", "Сделка успешна", "Анна Белова", "0", "21.05.2024 12:00:00"),
        ("8", "Сделка успешна", "Пётр Дёмин", "", "21.05.2024 12:00:00"),
    ]
    files = {
        "leads.csv": lines("ID;Ответственный;Дата создания", leads),
        "deals.csv": lines("ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии", deals),
    }
    cohort = compute(tmp_path, COHORT, files)
    period = compute(tmp_path, COHORT.replace("cohort", "period"), files)
    assert cohort.of("turned") == {"Анна Белова": 100, "Олег Ким": 0}
    assert period.of("turned") == {"Анна Белова": 100, "Олег Ким": 0, "Пётр Дёмин": "no_data"}
    assert period.score("Пётр Дёмин", "turned").fact.parts == (Fraction(1), Fraction(0))
    assert cohort.total == {"turned": 50}
    empty = compute(tmp_path, COHORT, files, period="2024-03")
    assert empty.total == {"turned": "no_data"}
    assert empty.card.total is not None
    assert empty.card.total.score("turned").fact.parts == (Fraction(0), Fraction(0))


def test_a_quotient_that_has_no_value_says_of_what(tmp_path: Path) -> None:
    """Where a part is missing, so is the quotient, for the part's reason; over zero it has none."""
    plan = f"""{SOURCE}kpis:
  net: {{from: o, sum: v, when: day, by: agent}}
  rows: {{from: o, count: rows, when: day, by: agent}}
  mean: {{from: o, average: v, when: day, by: agent, min_n: 3}}
  r: {{ratio: {{of: rows, over: net}}}}
  s: {{ratio: {{of: mean, over: rows}}}}
  f: {{formula: rows / net}}
  g: {{formula: rows + mean}}
  h: {{formula: rows / mean}}
  i: {{formula: (rows / net) / rows}}
"""
    found = compute(tmp_path, plan, orders(Ann=[5, -5], Bob=[1, 2, 3]))
    facts = {kpi: found.score("Ann", kpi).fact for kpi in "rsfghi"}
    assert {kpi: (str(f.state), f.n, f.need, f.parts) for kpi, f in facts.items()} == {
        "r": ("no_data", 2, None, (2, 0)),
        "s": ("insufficient", 2, 3, None),
        "f": ("no_data", 2, None, (2, 0)),
        "g": ("insufficient", 2, 3, None),
        "h": ("insufficient", 2, 3, None),
        "i": ("no_data", 2, None, None),
    }
    assert found.of("s")["Bob"] == Decimal("0.6666666667")
    assert found.of("g")["Bob"] == 5


@pytest.mark.parametrize(
    ("unit", "value"),
    [("", Decimal("0.25")), (", unit: percent", 25), (", unit: шт", Decimal("0.25"))],
)
def test_a_quotient_is_in_percent_only_where_it_says_so(
    tmp_path: Path, unit: str, value: Decimal
) -> None:
    """A ratio and a formula of 1 over 4 are 25 in percent and 0.25 in anything else; an average of
    percents stays what it is."""
    plan = f"""{SOURCE}kpis:
  a: {{from: o, min: v, when: day, by: agent, unit: percent}}
  b: {{from: o, max: v, when: day, by: agent}}
  r: {{ratio: {{of: a, over: b}}{unit}}}
  f: {{formula: a / b{unit}}}
"""
    found = compute(tmp_path, plan, orders(Ann=[1, 4]))
    assert found.figures["Ann"] == {"a": 1, "b": 4, "r": value, "f": value}


@pytest.mark.parametrize(
    ("within", "ru", "en"),
    [
        ("1d", "за 1 день", "within 1 day"),
        ("30d", "за 30 дней", "within 30 days"),
        ("3w", "за 21 день", "within 21 days"),
        ("48h", "за 2 дня", "within 2 days"),
        ("1h", "за 1 час", "within 1 hour"),
        ("36h", "за 36 часов", "within 36 hours"),
    ],
)
def test_the_window_of_a_conversion_is_said_in_days_or_hours(within: str, ru: str, en: str) -> None:
    """Whole days are said as days, whatever they were written in, and the rest as hours."""
    spec = {"from": "leads", "to": "deals", "within": within, "basis": "cohort"}
    phrase = Conversion.model_validate({"conversion": spec, "when": "created_at"}).phrase()
    data = {slot: str(word) for slot, word in phrase.data.items()}
    said = [say(lang, f"sentence.{phrase.key}", **data) for lang in ("ru", "en")]
    assert (said[0].endswith(f" {ru}"), said[1].endswith(f" {en}")) == (True, True), said


@pytest.mark.parametrize(("basis", "value"), [("cohort", 50), ("period", 100)])
@pytest.mark.parametrize("unit", ["percent", "part"])
def test_conditions_on_both_sides_of_a_conversion(
    tmp_path: Path, basis: str, value: int, unit: str
) -> None:
    """`where` beside the conversion is of the leads, `where` in it of the deals; `unit` holds."""
    plan = f"""\
    sources:
      crm:
        type: csv
        leads: {{path: leads.csv, fields: {{channel: {{column: Канал, type: text}}}}}}
        deals: deals.csv
    kpis:
      turned:
        conversion: {{from: leads, to: deals, where: won, within: 30d, basis: {basis}}}
        when: created_at
        where: channel = 'Сайт'
        unit: {unit}
    """
    leads = [
        ("1", "Анна Белова", "20.05.2024 10:00:00", "Сайт"),
        ("2", "Анна Белова", "20.05.2024 10:00:00", "Сайт"),
        ("3", "Анна Белова", "20.05.2024 10:00:00", "Звонок"),
        ("4", "Анна Белова", "10.07.2024 10:00:00", "Сайт"),
    ]
    deals = [
        ("7", "Сделка успешна", "Анна Белова", "1", "21.05.2024 12:00:00"),
        ("8", "Сделка провалена", "Анна Белова", "2", "21.05.2024 12:00:00"),
        ("9", "Сделка успешна", "Анна Белова", "3", "21.05.2024 12:00:00"),
    ]
    files = {
        "leads.csv": lines("ID;Ответственный;Дата создания;Канал", leads),
        "deals.csv": lines("ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии", deals),
    }
    found = compute(tmp_path, plan, files)
    assert found.of("turned") == {
        "Анна Белова": value if unit == "percent" else Decimal(value) / 100
    }
    if basis == "period":  # of which a window means nothing
        plain = compute(tmp_path, plan.replace("within: 30d, ", ""), files)
        assert plain.figures == found.figures
    everything = compute(tmp_path, plan.replace("where: won, ", ""), files)
    assert everything.of("turned")["Анна Белова"] in (100, 150, 1, Decimal("1.5"))


# --- what grows with time ----------------------------------------------------------------------


GROWING = (
    "from: o, count: rows, when: day, by: agent",
    "from: o, count: distinct v, when: day, by: agent",
    "from: o, sum: v, when: day, by: agent",
    "formula: total",
    "formula: total + rows",
    "formula: total - rows",
    "formula: total * 2",
    "formula: 2 * total",
    "formula: total / 2",
    "formula: 'round(total, 1)'",
    "formula: round(total)",
    "formula: (total - rows) / 2 + rows * 3",
)
STEADY = (
    "from: o, average: v, when: day, by: agent",
    "from: o, median: v, when: day, by: agent",
    "from: o, max: v, when: day, by: agent",
    "from: o, share: v > 1, when: day, by: agent",
    "ratio: {of: total, over: rows}",
    "formula: total - mean",
    "formula: mean + total",
    "formula: total + 100",
    "formula: mean * 2",
    "formula: total * rows",
    "formula: total * mean",
    "formula: total / rows",
    "formula: 2 / total",
    "formula: mean / 2",
    "formula: round(mean)",
    "formula: '-total'",
    "formula: abs(total)",
    "formula: 'total / 2', unit: percent",
    "formula: '5'",
)


def monthly(kpis: tuple[str, ...]) -> str:
    """Return a plan in which 5 a month are expected of each KPI."""
    names = [f"k{n}" for n in range(len(kpis))]
    return f"""{SOURCE}kpis:
  rows: {{from: o, count: rows, when: day, by: agent}}
  total: {{from: o, sum: v, when: day, by: agent}}
  mean: {{from: o, average: v, when: day, by: agent}}
{"".join(f"  {name}: {{{kpi}}}{chr(10)}" for name, kpi in zip(names, kpis, strict=True))}
scorecards: {{c: {{kpis: {{rows: {{weight: 100}}, {", ".join(f"{n}: {{weight: 0}}" for n in names)}}}}}}}
targets: {{scorecard.c: {{rows: 1, {", ".join(f"{n}: 5/month" for n in names)}}}}}
"""


def test_what_adds_up_is_expected_per_month(tmp_path: Path) -> None:
    """Of counts, sums, and what is added, subtracted, or multiplied by a number of them, three
    times as much is expected of a quarter as of a month."""
    found = compute(tmp_path, monthly(GROWING), orders(Ann=[1, 2]), period="2024-Q2")
    targets = {s.kpi: s.target and s.target.value for s in found.card.rows[0].scores}
    assert targets == {"rows": 1, **{f"k{n}": 15 for n in range(len(GROWING))}}


def test_what_does_not_add_up_has_no_target_per_month(tmp_path: Path) -> None:
    """Of means, extremes, shares, quotients and products nothing can be expected per month."""
    found = refused(tmp_path, monthly(STEADY), orders(Ann=[1, 2]), period="2024-Q2")
    assert [p.code for p in found] == ["targets.per_of_quotient"] * len(STEADY)
