"""Results that are kept: exact, the same wherever they were computed, and enough for every report."""

from __future__ import annotations

import json
import operator
import os
import shutil
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import kpictl
from by_hand import EXAMPLES
from kpictl import results as kept
from kpictl.errors import Place, Problem, SourceError
from kpictl.report import FORMATS, Options, render
from kpictl.results import dumps, loads, placed
from kpictl.scoring.curves import NAMED, SHAPES
from kpictl.values import (
    Account,
    Column,
    Edge,
    Fact,
    LeftOut,
    Period,
    Reach,
    Results,
    Row,
    Rule,
    Score,
    Scorecard,
    State,
    Target,
    TargetLevel,
    Unit,
    to_decimal,
)
from plans import compute, lines
from results_sample import sample

# --- to a text and back ----------------------------------------------------------------------

texts = st.text(max_size=8)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
fractions = st.fractions()
zones = st.sampled_from(
    [UTC, ZoneInfo("Europe/Moscow"), ZoneInfo("America/New_York"), timezone(timedelta(minutes=330))]
)


def as_shown(moment: datetime) -> datetime:
    """Return a moment told from its twin only where it has one."""
    twin = moment.replace(fold=1 - moment.fold)
    return moment if twin.utcoffset() != moment.utcoffset() else moment.replace(fold=0)


days = (datetime(1999, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001  the strategy adds the zone
moments = st.datetimes(*days, timezones=zones).map(as_shown)

whole = st.integers(0, 10**9)
places = st.builds(Place, texts, whole, whole)
absent = st.none()


def few(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=2).map(tuple)


facts = st.builds(
    Fact,
    state=st.sampled_from(State),
    exact=absent | fractions,
    n=whole,
    parts=absent | st.tuples(fractions, fractions),
    need=absent | whole,
    empty=st.booleans(),
)
levels = st.sampled_from(get_args(TargetLevel))
bare = st.builds(Target, decimals, levels, absent | places, texts)
targets = st.builds(replace, bare, overruled=few(bare))
scores = st.builds(
    Score, texts, decimals, facts, st.sampled_from(State), absent | targets, absent | decimals
)
rows = st.builds(Row, texts, texts, few(scores), absent | texts, rank=absent | whole)
setting = decimals | texts | few(st.tuples(decimals, decimals))
rules = st.builds(
    Rule, texts, st.dictionaries(texts, setting, max_size=2), floor=decimals, cap=absent | decimals
)
columns = st.builds(
    Column, texts, texts, texts, decimals, st.sampled_from(["higher", "lower"]), rules
)
units = st.builds(Unit, st.sampled_from(["company", "department"]), texts, few(scores))
cards = st.builds(
    Scorecard,
    texts,
    texts,
    few(columns),
    few(rows),
    absent | rows,
    decimals,
    departments=few(units),
)
of_any_type = st.recursive(
    absent
    | st.booleans()
    | st.integers()
    | texts
    | decimals
    | fractions
    | moments
    | st.dates()
    | places,
    lambda inner: few(inner) | st.lists(inner, max_size=2),
    max_leaves=4,
)
problems = st.builds(
    Problem, texts, absent | places, st.dictionaries(texts, of_any_type, max_size=3)
)
names = few(texts | st.builds(Account, texts))
any_results = st.builds(
    Results,
    period=st.builds(Period, texts, moments, moments, st.booleans(), st.booleans()),
    as_of=moments,
    data_as_of=absent | moments,
    plan_file=texts,
    plan_sha256=texts,
    company_name=texts,
    currency=texts,
    timezone=st.just("Europe/Moscow"),
    language=st.sampled_from(["ru", "en"]),
    scorecards=few(cards),
    company=few(scores),
    departments=few(units),
    columns=st.dictionaries(texts, columns, max_size=2),
    left_out=few(st.builds(LeftOut, texts, texts, texts, whole, absent | decimals, names=names)),
    warnings=few(problems),
    reaches=few(
        st.builds(Reach, texts, absent | moments, st.sampled_from(["pull", "last_record"]))
    ),
)


@settings(max_examples=25)
@given(results=any_results)
@example(results=sample())
def test_what_is_kept_is_read_again_exactly(results: Results) -> None:
    """Every digit, every instant with its zone, every absence and every order comes back."""
    text = dumps(results)
    again = loads(text)
    assert again == results
    assert repr(again) == repr(results)  # also what no comparison looks at: zones, trailing zeros
    assert dumps(again) == text
    text.encode("utf-8")


@pytest.mark.parametrize("fold", [0, 1])
def test_the_hour_that_comes_twice_is_kept_as_the_one_it_was(fold: int) -> None:
    """Where clocks are set back, an instant is read again as the same of the two."""
    twice = datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=fold)
    again = loads(dumps(replace(sample(), as_of=twice))).as_of
    assert (again.fold, again.utcoffset()) == (fold, twice.utcoffset())


# --- what the results depend on --------------------------------------------------------------

PLANS = {
    "sales": {"period": "2024-05", "as_of": date(2024, 6, 10)},
    "marketing": {"period": "2024-05", "as_of": date(2024, 6, 10)},
    "support": {"period": "2024-05", "as_of": date(2024, 6, 10)},
}


@cache
def of_example(name: str) -> Results:
    path = os.path.relpath(EXAMPLES / name / "kpi.yaml")
    return kpictl.compute(path, environment={}, **PLANS[name])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PLANS)
def test_the_examples_come_back_and_make_every_report(name: str) -> None:
    """What was kept of an example gives each report byte for byte, in both languages."""
    results = of_example(name)
    again = loads(kpictl.dumps(results))
    assert again == results
    for lang, forms in (("ru", FORMATS), ("en", ("table", "json"))):
        shown = [placed(one, "some/where/kpi.yaml") for one in (results, again)]
        for form in forms:
            first, second = (render(one, form, Options(lang=lang)) for one in shown)
            assert first == second, form
    assert again.to_dict() == results.to_dict()


@pytest.mark.parametrize("name", PLANS)
def test_the_text_of_an_example_depends_on_no_folder(name: str, tmp_path: Path) -> None:
    """Steps of targets, gates and pay name the plan by its bare name as all else does, so that a
    plan that was moved gives the same text."""
    shutil.copytree(EXAMPLES / name, tmp_path / "moved")
    pays = name == "sales"
    here, moved = (
        kpictl.compute(path / "kpi.yaml", environment={}, pay=pays, **PLANS[name])  # type: ignore[arg-type]
        for path in (EXAMPLES / name, tmp_path / "moved")
    )
    assert bool(here.pay) is pays
    assert dumps(moved) == dumps(here)
    assert str(tmp_path) not in dumps(moved)


SOURCE = "sources: {crm: {type: csv, deals: d.csv}}\n"
REVENUE = "revenue: {from: deals, sum: amount, when: created_at, unit: money}"
PLAN = (
    SOURCE
    + f"kpis: {{{REVENUE}}}\n"
    + "scorecards: {s: {who: department = 'A', kpis: {revenue: {weight: 100, target: 90}}}}\n"
)
DEALS = lines(
    "ID;Сумма;Ответственный;Дата создания",
    [
        (1, "100", "Анна Белова", "01.05.2024 00:30:00"),
        (2, "7", "Глеб Чужой", "31.05.2024 23:59:00"),
    ],
)


def test_the_text_depends_on_no_path_zone_or_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same plan and data give the same text however the plan is called, and on a machine of
    another zone and language."""
    plan = PLAN.replace("who: department = 'A', ", "")
    first = dumps(compute(tmp_path, plan, {"d.csv": DEALS}).results)
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    time.tzset()
    try:
        moment = datetime(2024, 7, 15, 9, tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
        typed = Path(tmp_path.name) / ".." / tmp_path.name / "kpi.yaml"
        again = kpictl.compute(typed, period="2024-05", as_of=moment, environment={})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert dumps(again) == first
    assert again.plan_file == "kpi.yaml"
    assert str(tmp_path) not in first


def test_a_report_calls_the_plan_as_its_reader_does(tmp_path: Path) -> None:
    """Kept results name the bare plan; placed, each place of it and each command name the path."""
    found = placed(
        compute(tmp_path, PLAN.replace("who: department = 'A', ", ""), {"d.csv": DEALS}).results,
        "a/b.yaml",
    )
    answer = json.loads(str(render(found, "json")))
    (first, *_) = answer["scorecards"][0]["rows"]
    assert first["kpis"]["revenue"]["target_place"].startswith("a/b.yaml:")
    assert answer["plan"]["file"] == "a/b.yaml"
    assert placed(placed(found, "kpi.yaml"), "a/b.yaml") == found


# --- scored again by whoever reads them ------------------------------------------------------

RULES = {
    "linear": "target: 90",
    "reflected": "target: 90, score: reflected, floor: -50",
    "inverse": "target: 90, score: inverse, cap: 150",
    "base": "score: {base: 10, norm: 60, goal: 120, at_goal: 130}",
    "bands": 'target: 100, score: {bands: {0: 0, ">55.5": 40, 100: 100.5}}',
    "curve": "score: {curve: {0: 0, 50: 33, 110: 120}, of: value}, cap: 90",
    "pass": "target: 90, score: {pass: attainment > 99.5}",
    "red_flag": "score: {red_flag: 40, goal: 80}",
}

SIDES = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


def number(value: Any) -> Fraction:
    assert isinstance(value, Decimal)
    return Fraction(value)


def attained(rule: Rule, better: str, fact: Fraction, target: Fraction | None) -> Fraction:
    assert target is not None
    if rule.shape == "inverse":
        return 100 * target / fact
    if rule.shape == "reflected" or better == "lower":
        return 100 * (2 - fact / target)
    return 100 * fact / target


def shaped(rule: Rule, better: str, fact: Fraction, target: Fraction | None) -> Fraction | None:
    """Return the points of a rule before floor and cap, by its settings alone; None where the
    formula has no value."""
    given, shape = rule.settings, rule.shape
    x = fact if given.get("of") == "value" else None
    if shape == "base":
        base, norm = number(given["base"]), number(given["norm"])
        if "goal" in given and (fact - norm) * (norm - base) > 0:
            goal, top = number(given["goal"]), number(given["at_goal"])
            return 100 + (top - 100) * (fact - norm) / (goal - norm)
        return 100 * (fact - base) / (norm - base)
    if shape == "red_flag":
        red, goal = number(given["red_flag"]), number(given["goal"])
        tenths = 10 * (fact - (2 * red - goal)) / (3 * (goal - red))
        return 10 * min(max(tenths, Fraction(0)), Fraction(10))
    if shape == "inverse" and fact <= 0:
        return None
    x = attained(rule, better, fact, target) if x is None else x
    if shape == "pass":
        held = SIDES[str(given["side"])](x, number(given["bound"]))
        return Fraction(100 if held else 0)
    return read_at(given[shape], x, shape) if shape in ("bands", "curve") else x


def read_at(table: Any, x: Fraction, shape: str) -> Fraction:
    """Return what a table gives at a figure: steps, or straight lines."""
    if shape == "bands":
        reached = [b for a, b in table if (x > a.at if isinstance(a, Edge) else x >= a)]
        return Fraction(reached[-1] if reached else 0)
    steps = [(number(a), Fraction(b)) for a, b in table]
    if x < steps[0][0]:
        return Fraction(0)
    for (a, low), (b, high) in pairwise(steps):
        if x < b:
            return low + (high - low) * (x - a) / (b - a)
    return steps[-1][1]


def again(column: Column, score: Score) -> Decimal | None:
    """Return a score's points by what the results hold of it: fact, target, and the rule."""
    rule, fact = column.rule, score.fact.exact
    target = None if score.target is None else Fraction(score.target.value)
    if fact is None or (rule.needs_target and target is None):
        missing = {"zero": Decimal(0), "neutral": Decimal(100)}.get(rule.missing)
        return missing if column.weight else None
    if rule.shape in RULES:
        points = shaped(rule, column.better, fact, target)
    else:  # no formula of it is written here: its name says all
        points = NAMED[rule.shape].points(fact, target, column.better)
    if points is None:
        return rule.cap
    points = max(points, Fraction(rule.floor))
    return to_decimal(points if rule.cap is None else min(points, Fraction(rule.cap)), 4)


def scored(results: Results) -> int:
    """Score every row of every scorecard again; return how many points were compared."""
    count = 0
    for card in loads(dumps(results)).scorecards:
        for row in [*card.rows, *([card.total] if card.total else [])]:
            for column in card.columns:
                score = row.score(column.kpi)
                assert again(column, score) == score.points, (row.name, column)
                count += score.points is not None
    return count


@pytest.mark.parametrize("name", PLANS)
def test_a_reader_of_an_example_scores_it_again(name: str) -> None:
    """The rule at each column gives the same points from the facts and targets alone."""
    assert scored(of_example(name)) > 4


def rule_of(key: str) -> str:
    """Return a rule with a shape: one without settings is its name, and those are all alike."""
    shape = SHAPES[key]
    assert key in RULES or key in NAMED, f"{key} has settings: its rule and formula belong here"
    return RULES.get(key, f"target: 90, score: {key}{', cap: 150' * shape.needs_cap}")


OF_LOWER = {
    "base": "score: {base: 120, norm: 60, goal: 10, at_goal: 130}",
    "red_flag": "score: {red_flag: 80, goal: 40}",
}


def test_every_shape_is_scored_again_from_its_rule(tmp_path: Path) -> None:
    """Whatever the curve, threshold, floor, cap or stand-in: the rule alone says it."""
    weights = [1] * (len(SHAPES) - 1) + [101 - len(SHAPES)]
    people = [("Анна Белова", "100"), ("Олег Ким", "55.5"), ("Пётр Дёмин", "0"), ("Ян", "-3")]
    rows_ = [(n, much, who, "05.05.2024 10:00:00") for n, (who, much) in enumerate(people, 1)]
    deals = lines(
        "ID;Сумма;Ответственный;Дата создания", [*rows_, (9, "", "Ева", "05.05.2024 10:00:00")]
    )
    plan = SOURCE + "kpis:\n"
    cards_ = "scorecards:\n"
    for better, other in (("higher", {}), ("lower", OF_LOWER)):
        rules_ = {key: other.get(key) or rule_of(key) for key in SHAPES}
        plan += "".join(
            f"  {key}_{better}: {{from: deals, max: amount, when: created_at, better: {better}}}\n"
            for key in SHAPES
        )
        cards_ += f"  {better}:\n    missing: neutral\n    kpis:\n" + "".join(
            f"      {key}_{better}: {{weight: {weight}, {rule}{', missing: zero' if key == 'base' else ''}}}\n"
            for weight, (key, rule) in zip(weights, rules_.items(), strict=True)
        )
    found = compute(tmp_path, plan + cards_, {"d.csv": deals}).results
    assert {c.rule.shape for card in found.scorecards for c in card.columns} == set(SHAPES)
    assert scored(found) == 2 * len(SHAPES) * 6  # five people and the total


# --- texts that are not to be relied on ------------------------------------------------------


def refused(text: str) -> Problem:
    with pytest.raises(SourceError) as caught:
        loads(text, "may.results")
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert problem.place.file == "may.results"
    return problem


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"kpictl": 1}', "\x00", "[" * 100_000]
)
def test_what_are_no_results_is_said(text: str) -> None:
    """An empty file, a part of one, or a report is not taken for kept results."""
    assert refused(text).code == "results.unreadable"


def json_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@settings(max_examples=20)
@given(data=st.data())
def test_a_changed_letter_is_noticed(data: st.DataObject) -> None:
    """Whatever is cut off or changed in the text is said, and never ends in a traceback."""
    text = dumps(sample())
    at = data.draw(st.integers(0, len(text) - 2))
    for changed in (text[:at], text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]):
        if json_of(changed) != json_of(text):
            assert refused(changed).code.startswith("results.")


def sealed(change: Any) -> str:
    """A text whose seal is right and whose content is not what was written."""
    whole_ = json.loads(dumps(sample()))
    change(whole_["results"])
    return kept.sealed(whole_["results"])


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.pop("language"),
        lambda found: found.update(more=1),
        lambda found: found.update(as_of="yesterday"),
        lambda found: found.update(as_of="2024-05-01T00:00:00+00:00[Nowhere/Town]"),
        lambda found: found.update(as_of=None),
        lambda found: found.update(scorecards={}),
        lambda found: found["scorecards"][0].update(min_coverage="much"),
        lambda found: found["scorecards"][0]["rows"][0]["scores"][0].update(state="fine"),
        lambda found: found["scorecards"][0]["rows"][0]["scores"][0]["fact"].update(exact="1/0"),
        lambda found: found["warnings"][0]["data"].update(x={"secret": 1}),
    ],
)
def test_a_text_of_another_form_is_said(change: Any) -> None:
    """Also what somebody wrote and sealed is not read by guessing."""
    assert refused(sealed(change)).code == "results.damaged"


def test_a_text_that_is_older_than_a_figure_is_read() -> None:
    """What has been added since within the version is then absent, and all else is as it was."""

    def forget(found: Any) -> None:
        del found["grades"]
        for card in found["scorecards"]:
            for column in card["columns"]:
                del column["level"]

    assert loads(sealed(forget)) == sample()


def test_results_of_a_newer_version_are_not_guessed_at() -> None:
    """The text says of which form it is; of a later one nothing else is looked at."""
    text = dumps(sample()).replace('"kpictl_results": 1', '"kpictl_results": 2', 1)
    problem = refused(text)
    assert (problem.code, problem.data) == ("results.newer", {"version": 2, "known": 1})
