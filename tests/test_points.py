"""Points, indexes and ranks at their borders: pure arithmetic, on exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from kpictl.plan.model import Entry, ScorecardPlan
from kpictl.scoring.score import Expectation, index, ranked, score
from kpictl.values import Edge, Fact, Row, Score, State, Target

D = Decimal
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


def entry(**keys: Any) -> Entry:
    """Read an entry of a scorecard as a plan has it, without a cap unless one is named."""
    return ENTRY.validate_python({"weight": 100, "floor": -1000, **keys})


def scored(
    fact: str | None, keys: dict[str, Any], *, target: int | None = 100, better: str = "higher"
) -> Score:
    made = Fact(State.NO_DATA) if fact is None else Fact(State.MEASURED, Fraction(fact), 1)
    expected = None if target is None else Target(D(target), "employee")
    return score(Expectation("k", entry(**keys), better), made, expected)


BASE = {"base": 10, "norm": 5, "goal": 2, "at_goal": 160}
UP = {"base": 0, "norm": 10, "goal": 20, "at_goal": 150}
CLOSE = {"base": 0, "norm": "0.5", "goal": 1, "at_goal": 150}
BANDS = {"of": "value", "bands": {2: 50, 4: 80, 6: 120}}
CURVE = {"of": "value", "curve": {2: 50, 4: 80, 6: 120}}
FLAG = {"red_flag": 30, "goal": 60}


@pytest.mark.parametrize(
    ("shape", "fact", "points"),
    [
        ("linear", "0", 0),
        ("linear", "50", 50),
        ("linear", "130", 130),
        ("reflected", "0", 200),
        ("reflected", "100", 100),
        ("reflected", "150", 50),
        ({"base": 10, "norm": 5}, "10", 0),
        ({"base": 10, "norm": 5}, "5", 100),
        ({"base": 10, "norm": 5}, "4", 120),
        ({"base": 10, "norm": 5}, "11", -20),
        ({"base": 0, "norm": 10}, "15", 150),
        (BASE, "10", 0),
        (BASE, "6", 80),
        (BASE, "5", 100),
        (BASE, "4", 120),
        (BASE, "2", 160),
        (BASE, "1", 180),
        (UP, "5", 50),
        (UP, "10", 100),
        (UP, "12", 110),
        (UP, "20", 150),
        (CLOSE, "0.75", 125),
        (CLOSE, "1", 150),
        (BANDS, "1.99", 0),
        (BANDS, "2", 50),
        (BANDS, "3.99", 50),
        (BANDS, "4", 80),
        (BANDS, "600", 120),
        ({"bands": {80: 50, 100: 100}}, "79.99", 0),
        ({"bands": {80: 50, 100: 100}}, "80", 50),
        ({"bands": {80: 50, ">100": 130}}, "100", 50),
        ({"bands": {80: 50, ">100": 130}}, "100.0000000001", 130),
        ({"bands": {">=80": 50, "> 100 %": 130}}, "80", 50),
        ({"bands": {100: 100, ">100": 130}}, "100", 100),
        ({"bands": {100: 100, ">100": 130}}, "101", 130),
        (CURVE, "1.99", 0),
        (CURVE, "2", 50),
        (CURVE, "3", 65),
        (CURVE, "4", 80),
        (CURVE, "5.5", 110),
        (CURVE, "6", 120),
        (CURVE, "600", 120),
        ({"curve": {80: 50, 100: 100}}, "90", 75),
        (FLAG, "0", 0),
        (FLAG, "30", D("33.3333")),
        (FLAG, "45", 50),
        (FLAG, "60", D("66.6667")),
        (FLAG, "90", 100),
        (FLAG, "100", 100),
        ({"red_flag": 60, "goal": 30}, "0", 100),
        ({"red_flag": 60, "goal": 30}, "60", D("33.3333")),
    ],
)
def test_points_at_the_borders_of_a_shape(
    shape: str | dict[str, Any], fact: str, points: int | Decimal
) -> None:
    """Each shape is worth what its formula says, at its bounds and on both sides of them."""
    assert scored(fact, {"score": shape}).points == points


@pytest.mark.parametrize(
    ("condition", "passing", "failing"),
    [
        ("value >= 4", ["4", "5"], ["3.99"]),
        ("value > 4", ["4.01"], ["4", "3"]),
        ("value <= 4", ["4", "3"], ["4.01"]),
        ("value < 4", ["3.99"], ["4", "5"]),
        ("value = 4", ["4"], ["3.99", "4.01"]),
        (" value>=-4.5 ", ["-4.5"], ["-4.51"]),
        ("attainment >= 95", ["95", "96"], ["94.99"]),
        ("attainment <= 95", ["95", "94"], ["95.01"]),
    ],
)
def test_a_condition_passes_on_its_own_side(
    condition: str, passing: list[str], failing: list[str]
) -> None:
    """100 points on the named side of a bound, which `=` in the sign takes in, else none."""
    shape = {"score": {"pass": condition}}
    assert [scored(fact, shape).points for fact in passing] == [D(100)] * len(passing)
    assert [scored(fact, shape).points for fact in failing] == [D(0)] * len(failing)


@pytest.mark.parametrize(
    ("fact", "points", "attainment"),
    [("200", 50, D(50)), ("50", 150, D(200)), ("1", 150, D(10000)), ("0", 150, None)],
)
def test_an_inverse_is_capped_and_has_no_percent_at_zero(
    fact: str, points: int, attainment: Decimal | None
) -> None:
    """100·T/F: the points end at the cap, the percent does not, and at zero there is none."""
    found = scored(fact, {"score": "inverse", "cap": 150}, better="lower")
    assert (found.points, found.attainment) == (D(points), attainment)


@pytest.mark.parametrize("shape", ["linear", "reflected", "inverse"])
def test_a_shape_that_needs_a_target_has_no_points_without(shape: str) -> None:
    """Without a target there is neither percent nor points, and the state says why."""
    found = scored("50", {"score": shape, "cap": 150}, target=None)
    assert (found.state, found.points, found.attainment) == (State.NO_TARGET, None, None)


@pytest.mark.parametrize(
    ("shape", "wants"),
    [
        ({"base": 0, "norm": 100}, False),
        ({"pass": "value >= 4"}, False),
        ({"pass": "attainment >= 4"}, True),
        ({"red_flag": 3, "goal": 6}, False),
        (BANDS, False),
        ({"bands": {80: 50}}, True),
        (CURVE, False),
        ({"curve": {80: 50}}, True),
    ],
)
def test_what_reads_the_value_needs_no_target(shape: dict[str, Any], *, wants: bool) -> None:
    """A table or a condition on the value gives points where nothing is expected."""
    assert (scored("50", {"score": shape}, target=None).points is None) is wants


def test_a_fact_that_is_not_there_has_no_points() -> None:
    """No data stays no data, with its target beside it."""
    found = scored(None, {})
    assert (found.state, found.points, found.attainment) == (State.NO_DATA, None, None)
    assert found.target is not None


@pytest.mark.parametrize(
    ("fact", "points"), [("19", 20), ("20", 20), ("21", 21), ("119", 119), ("121", 120)]
)
def test_points_end_at_floor_and_cap(fact: str, points: int) -> None:
    """Below the floor and above the cap the points stand still; the percent goes on."""
    found = scored(fact, {"floor": 20, "cap": 120})
    assert (found.points, found.attainment) == (D(points), D(fact))


def test_points_keep_four_decimals_rounded_half_up() -> None:
    """A third of a percent is kept to the ten-thousandth."""
    assert scored("2", {}, target=3).points == D("66.6667")
    assert scored("0.00005", {}).points == D("0.0001")


@pytest.mark.parametrize(
    "shape",
    [
        {"base": 5, "norm": 5},
        {"base": 0, "norm": 10, "goal": 20},
        {"base": 0, "norm": 10, "at_goal": 150},
        {"base": 0, "norm": 10, "goal": 10, "at_goal": 150},
        {"base": 0, "norm": 10, "goal": 5, "at_goal": 150},
        {"base": 10, "norm": 5, "goal": 7, "at_goal": 150},
        {"base": 10, "norm": 5, "goal": 5, "at_goal": 150},
        {"red_flag": 5, "goal": 5},
        {"pass": "value => 4"},
        {"pass": "value >= four"},
        {"bands": {}},
        {"bands": [1]},
        {"curve": {}},
    ],
)
def test_a_shape_that_says_nothing_is_refused(shape: dict[str, Any]) -> None:
    """Equal bounds, half a goal, a goal on the wrong side, an empty table: no shape."""
    with pytest.raises(ValidationError):
        entry(score=shape)


@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ("linear", {}),
        ({"base": 0, "norm": 10}, {"base": 0, "norm": 10}),
        (UP, {"base": 0, "norm": 10, "goal": 20, "at_goal": 150}),
        (
            {"bands": {">100": 130, 100: 100, 80: 50}},
            {"of": "attainment", "bands": ((80, 50), (100, 100), (Edge(D(100), above=True), 130))},
        ),
        ({"curve": {90: 80, 70: 50}}, {"of": "attainment", "curve": ((70, 50), (90, 80))}),
        ({"pass": "value >= 4"}, {"of": "value", "side": ">=", "bound": 4}),
    ],
)
def test_a_rule_is_told_by_what_the_plan_gave_it(
    shape: str | dict[str, Any], settings: dict[str, Any]
) -> None:
    """Results keep each rule by the plan's keys, without those that it left out; a table ascends,
    and a bound is a number unless it does not belong to its band."""
    assert entry(score=shape).score.settings() == settings


# --- the index ---------------------------------------------------------------------------------


def card(weights: dict[str, Any], **keys: Any) -> ScorecardPlan:
    kpis = {k: w if isinstance(w, dict) else {"weight": w} for k, w in weights.items()}
    return ScorecardPlan.model_validate({"kpis": kpis, **keys})


def rated(
    points: dict[str, int | str | None], plan: ScorecardPlan
) -> tuple[Decimal | None, Decimal, list[Score]]:
    scores = [
        Score(kpi, plan.kpis[kpi].weight, Fact(State.MEASURED), State.MEASURED)
        if given is None
        else Score(
            kpi, plan.kpis[kpi].weight, Fact(State.MEASURED), State.MEASURED, points=D(given)
        )
        for kpi, given in points.items()
    ]
    return index(plan, scores)


def test_the_index_is_the_weighted_mean_of_what_is_measured() -> None:
    """Σ w·s / Σ w, to four decimals; what has no weight is shown and does not count."""
    found, coverage, scores = rated({"a": 90, "b": 50, "c": 1000}, card({"a": 70, "b": 30, "c": 0}))
    assert (found, coverage) == (D(78), D(100))
    assert [(s.counted, s.substituted) for s in scores] == [
        (True, False),
        (True, False),
        (False, False),
    ]
    assert rated({"a": 100, "b": 0, "c": 0}, card({"a": 1, "b": 1, "c": 1}))[0] == D("33.3333")


def test_a_weight_below_one_counts() -> None:
    """Half a percent of weight is a weight, whether measured or filled."""
    plan = card({"a": "99.5", "b": "0.5"}, missing="zero")
    found, _, scores = rated({"a": 100, "b": 300}, plan)
    assert (found, [s.counted for s in scores]) == (D(101), [True, True])
    found, coverage, scores = rated({"a": 100, "b": None}, plan)
    assert (found, coverage, scores[1].counted) == (D("99.5"), D("99.5"), True)
    assert rated({"a": 100, "b": None}, card({"a": "99.5", "b": "0.5"}, missing="hold"))[0] is None


@pytest.mark.parametrize(
    ("measured", "rated_"), [(60, True), ("59.9999", False), (100, True), (0, False)]
)
def test_as_much_coverage_as_asked_for_is_enough(measured: int | str, *, rated_: bool) -> None:
    """60 % of the weight measured is enough where 60 % is asked for, a hair less is not."""
    plan = card({"a": measured, "b": 100 - D(measured)})
    found, coverage, _ = rated({"a": 80, "b": None}, plan)
    assert (found is not None, coverage) == (rated_, D(measured))


def test_all_of_it_is_enough_whatever_is_asked_for() -> None:
    """Where everything is measured there is an index, were more than 100 % asked for."""
    plan = card({"a": 40, "b": 60}, min_coverage=150)
    assert rated({"a": 80, "b": 80}, plan)[0] == D(80)
    assert rated({"a": 80, "b": None}, plan)[0] is None


@pytest.mark.parametrize(
    ("policy", "expected", "filled"),
    [
        ("renormalize", D(80), None),
        ("zero", D(56), D(0)),
        ("neutral", D(86), D(100)),
        ("hold", None, None),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_what_stands_in_for_a_kpi_without_points(
    policy: str, expected: Decimal | None, filled: Decimal | None, *, own: bool
) -> None:
    """The rest decides, a zero, a hundred, or no index: as the KPI says, else the scorecard."""
    weights: dict[str, Any] = {"a": 70, "b": {"weight": 30, "missing": policy} if own else 30}
    plan = card(weights, missing="renormalize" if own else policy)
    found, coverage, scores = rated({"a": 80, "b": None}, plan)
    assert (found, coverage) == (expected, D(70))
    assert (scores[1].points, scores[1].substituted) == (filled, filled is not None)
    assert scores[1].counted == (filled is not None)


@pytest.mark.parametrize("policy", ["zero", "neutral", "hold"])
def test_nothing_stands_in_for_what_has_no_weight(policy: str) -> None:
    """A KPI without weight that is not measured neither fills nor withholds the index."""
    plan = card({"a": 100, "b": {"weight": 0, "missing": policy}})
    found, coverage, scores = rated({"a": 80, "b": None}, plan)
    assert (found, coverage) == (D(80), D(100))
    assert (scores[1].points, scores[1].counted, scores[1].substituted) == (None, False, False)


def test_one_held_kpi_withholds_the_index_whatever_follows_it() -> None:
    """The KPI that holds may stand first, between and last."""
    kpis = {
        "a": 75,
        "b": {"weight": 5, "missing": "zero"},
        "c": {"weight": 10, "missing": "hold"},
        "d": 10,
    }
    assert rated({"c": None, "a": 80, "b": None, "d": None}, card(kpis))[0] is None
    assert rated({"a": 80, "b": None, "d": None, "c": None}, card(kpis))[0] is None
    assert rated({"a": 80, "b": None, "c": 60, "d": None}, card(kpis))[0] == D("73.3333")


def test_nobody_is_rated_by_nothing() -> None:
    """Without any points, or any weight, there is no index; the coverage is 0."""
    assert rated({"a": None}, card({"a": 100}))[:2] == (None, D(0))
    assert rated({"a": 50}, card({"a": 0}))[:2] == (None, D(0))


def test_coverage_is_the_measured_share_of_the_weight() -> None:
    """In percent, to four decimals, of whatever the weights add up to."""
    assert rated({"a": 50, "b": None}, card({"a": 1, "b": 2}, min_coverage=0))[1] == D("33.3333")


# --- ranks -------------------------------------------------------------------------------------


def row(name: str, points: int | None, fact: int | None = None) -> Row:
    exact = None if fact is None else Fraction(fact)
    scores = (Score("t", D(0), Fact(State.MEASURED, exact), State.MEASURED),)
    return Row(name, name, scores, index=None if points is None else D(points))


@pytest.mark.parametrize(
    ("ties", "ranks"), [("competition", [1, 2, 2, 4, None]), ("dense", [1, 2, 2, 3, None])]
)
def test_ranks_after_a_tie(ties: str, ranks: list[int | None]) -> None:
    """Equal indexes share a rank, listed by name; who is not rated comes last, without one."""
    rows = [row("b", 80), row("none", None), row("d", 70), row("a", 80), row("c", 90)]
    order = ranked(rows, card({"t": 0}, ties=ties), lambda r: r.name)
    assert [r.name for r in order] == ["c", "a", "b", "d", "none"]
    assert [r.rank for r in order] == ranks


@pytest.mark.parametrize(
    ("lower", "names"), [(False, ["high", "low", "without"]), (True, ["low", "high", "without"])]
)
def test_a_fact_breaks_a_tie_the_better_way(names: list[str], *, lower: bool) -> None:
    """More wins, or less where less is better; who has no fact comes after both."""
    rows = [row("without", 80), row("low", 80, -5), row("high", 80, 7)]
    plan = card({"t": 0}, tie_break=["t"])
    order = ranked(rows, plan, lambda r: r.name, frozenset({"t"} if lower else ()))
    assert ([r.name for r in order], [r.rank for r in order]) == (names, [1, 2, 3])
