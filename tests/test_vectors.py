"""The test vectors of the method (kpi-method B3), each under its number.

Arithmetic is asked of the functions that the program itself uses; what concerns records is asked
of a plan and a few lines of CSV.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kpictl.plan.model import Entry, ScorecardPlan
from kpictl.scoring.curves import (
    Bands,
    BaseNorm,
    Curve,
    Inverse,
    Linear,
    Pass,
    RedFlag,
    Reflected,
    Shape,
)
from kpictl.scoring.score import Expectation, index, ranked, score
from kpictl.values import Fact, Row, Score, State, Target, to_decimal
from plans import compute

D = Decimal
HOUR = D(30)  # minutes: target and norm of vectors 2 to 4
BANDS = {0: 0, 80: 50, 90: 80, 100: 100, 120: 130}
CURVE = {70: 50, 100: 100, 130: 200}


def points(
    shape: Shape,
    fact: str,
    target: str | None = None,
    *,
    better: str = "higher",
    floor: int = -1000,
    cap: int | None = None,
) -> Decimal | None:
    """Score one value as a scorecard does: shape, floor, cap, four decimals."""
    entry = Entry(weight=D(100), score=shape, floor=D(floor), cap=None if cap is None else D(cap))
    measured = Fact(State.MEASURED, Fraction(fact), 1)
    expected = None if target is None else Target(D(target), "employee")
    return score(Expectation("kpi", entry, better), measured, expected).points


def table(shape: type[Shape], key: str, steps: dict[int, int], *, of: str = "value") -> Shape:
    return shape.model_validate({key: steps, "of": of})


def card(weights: Sequence[int], **options: Any) -> ScorecardPlan:
    kpis = {f"kpi{i}": {"weight": weight} for i, weight in enumerate(weights)}
    return ScorecardPlan.model_validate({"kpis": kpis, **options})


def scores(weights: Sequence[int], reached: Sequence[int | None]) -> list[Score]:
    """Return the scores of one row; None stands for a KPI without data."""
    found = []
    for i, (weight, one) in enumerate(zip(weights, reached, strict=True)):
        state = State.NO_DATA if one is None else State.MEASURED
        value = None if one is None else D(one)
        found.append(Score(f"kpi{i}", D(weight), Fact(state), state, points=value))
    return found


def test_vector_01_linear() -> None:
    """1.15 million of a target of one million are 115 points."""
    assert points(Linear(), "1150000", "1000000") == D(115)


@pytest.mark.parametrize(
    ("fact", "inverse", "reflected", "base_norm"),
    [
        pytest.param("45", "66.6667", "50", "50", id="test_vector_02"),
        pytest.param("20", "150", "133.3333", "133.3333", id="test_vector_03"),
        pytest.param("0", "160", "200", "200", id="test_vector_04_the_cap_stands_in"),
    ],
)
def test_vectors_02_03_04_less_is_better(
    fact: str, inverse: str, reflected: str, base_norm: str
) -> None:
    """Of 30 minutes expected (60 at worst), the three formulas of "less is better" differ."""
    matrix = BaseNorm(base=D(60), norm=D(30))
    assert points(Inverse(), fact, "30", better="lower", cap=160) == D(inverse)
    assert points(Reflected(), fact, "30", better="lower") == D(reflected)
    assert points(Linear(), fact, "30", better="lower") == D(reflected)
    assert points(matrix, fact, better="lower") == D(base_norm)


def test_vector_04_inverse_of_nothing_has_no_attainment() -> None:
    """At zero minutes the inverse ratio is undefined: the cap scores, no attainment is shown."""
    entry = Entry(weight=D(100), score=Inverse(), cap=D(160))
    found = score(
        Expectation("reply", entry, "lower"),
        Fact(State.MEASURED, Fraction(0), 1),
        Target(D(30), "employee"),
    )
    assert (found.points, found.attainment) == (D(160), None)


@pytest.mark.parametrize(("fact", "expected"), [("1150000", "87.5"), ("700000", "-25")])
def test_vector_05_base_norm(fact: str, expected: str) -> None:
    """Between base and norm points grow in a line; below the base they are negative."""
    assert points(BaseNorm(base=D(800000), norm=D(1200000)), fact) == D(expected)


def test_vector_05_base_norm_floor() -> None:
    """A floor of zero lifts what the line makes negative."""
    assert points(BaseNorm(base=D(800000), norm=D(1200000)), "700000", floor=0) == 0


def test_vector_06_base_norm_goal() -> None:
    """Half way from norm to goal is half way from 100 points to the goal's."""
    shape = BaseNorm(base=D(800000), norm=D(1200000), goal=D(1500000), at_goal=D(120))
    assert points(shape, "1350000") == D(110)


@pytest.mark.parametrize(
    ("attainment", "expected"), [("89.996", 50), ("90", 80), ("120", 130), ("0", 0), ("79.9", 0)]
)
def test_vector_07_bands(attainment: str, expected: int) -> None:
    """A band begins at its lower bound exactly: 89.996 is not yet 90."""
    assert points(table(Bands, "bands", BANDS), attainment) == expected
    assert points(table(Bands, "bands", BANDS, of="attainment"), attainment, "100") == expected


@pytest.mark.parametrize(
    ("attainment", "expected"),
    [("69.99", 0), ("70", 50), ("85", 75), ("100", 100), ("115", 150), ("150", 200)],
)
def test_vector_08_curve(attainment: str, expected: int) -> None:
    """A curve is 0 before its first point, straight between points, flat after the last."""
    assert points(table(Curve, "curve", CURVE), attainment) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [("300", 0), ("500", "33.3333"), ("600", 50), ("700", "66.6667"), ("900", 100)],
)
def test_vector_09_goal_and_red_flag(fact: str, expected: str | int) -> None:
    """Red ends at a third of the scale and green begins at two thirds (shown times ten)."""
    assert points(RedFlag(red_flag=D(500), goal=D(700)), fact) == D(expected)


def test_vector_10_index() -> None:
    """The index is the weighted mean of the points."""
    weights = (40, 30, 30)
    assert index(card(weights), scores(weights, (95, 120, 80)))[:2] == (D(98), D(100))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("renormalize", D("105.7143")), ("zero", D(74)), ("neutral", D(104)), ("hold", None)],
)
def test_vector_11_missing(policy: str, expected: Decimal | None) -> None:
    """What stands in for a KPI without data is the plan's choice."""
    weights = (40, 30, 30)
    found, coverage, _ = index(card(weights, missing=policy), scores(weights, (95, 120, None)))
    assert (found, coverage) == (expected, D(70))


def test_vector_12_coverage() -> None:
    """Nobody is rated on 30 percent of the weight where 60 must be measured."""
    weights = (30, 70)
    found, coverage, _ = index(card(weights, min_coverage=60), scores(weights, (110, None)))
    assert (found, coverage) == (None, D(30))
    assert index(card(weights, min_coverage=30), scores(weights, (110, None)))[0] == D(110)


def test_vector_13_a_gate_leaves_the_index(tmp_path: Path) -> None:
    """A condition on pay that is met (satisfaction 3.8, below 4.0) takes nothing from the index of
    98: the scorecard stays truthful."""
    plan = """
        sources: {s: {type: csv, o: {path: o.csv, fields: {owner: who, day: day, a: a, b: b, c: c}}}}
        kpis:
          a: {from: o, sum: a, when: day}
          b: {from: o, sum: b, when: day}
          c: {from: o, average: c, when: day}
        scorecards:
          s:
            kpis:
              a: {weight: 40, target: 100/month}
              b: {weight: 30, target: 100/month}
              c: {weight: 30, score: {base: 0, norm: 4.75}}
            gates: {quality: {when: c < 4.0, then: payout * 0.5}}
    """
    files = {"o.csv": "who,day,a,b,c\nAnn,2024-05-02,95,120,3.8\n"}
    done = compute(tmp_path, plan, files, period="2024-05")
    assert done.of("c") == {"Ann": D("3.8")}
    assert done.row("Ann").index == D(98)


RATIO = """\
sources: {crm: {type: csv, work: {path: work.csv, fields: {owner: who, day: day, part: part, whole: whole}}}}
kpis:
  part:  {from: work, sum: part, when: day}
  whole: {from: work, sum: whole, when: day}
  share: {ratio: {of: part, over: whole}, unit: percent}
scorecards:
  all: {kpis: {share: {weight: 100}}}
"""


def test_vector_14_ratio_by_zero(tmp_path: Path) -> None:
    """A ratio over zero has no value, whatever stands above it; 0 of 4 is a measured zero."""
    work = """\
        who,day,part,whole
        Ann Bell,2024-05-02,0,0
        Oleg Kim,2024-05-02,5,0
        Ira Rey,2024-05-02,0,4
        """
    found = compute(tmp_path, RATIO, {"work.csv": work})
    assert found.of("share") == {"Ann Bell": "no_data", "Oleg Kim": "no_data", "Ira Rey": D(0)}
    over_zero = found.said("compute.over_zero")
    assert (over_zero.data["names"], over_zero.data["count"]) == ("Oleg Kim", 1)


@pytest.mark.parametrize(
    ("ties", "expected"), [("competition", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3])]
)
def test_vector_17_ties(ties: str, expected: list[int]) -> None:
    """Equal indexes share a rank; the plan says whether the next one is skipped."""
    rows = [
        Row(name, name, (), index=D(i)) for name, i in zip("dcba", (90, 95, 98, 95), strict=True)
    ]
    found = ranked(rows, card((100,), ties=ties), lambda row: row.name)
    assert [row.rank for row in found] == expected
    assert [row.name for row in found] == ["b", "a", "c", "d"]


def test_vector_19_ratio_roll_up(tmp_path: Path) -> None:
    """A group's ratio divides the summed parts; it is not the mean of the ratios."""
    work = """\
        who,day,part,whole
        Ann Bell,2024-05-02,2,4
        Oleg Kim,2024-05-02,30,200
        """
    found = compute(tmp_path, RATIO, {"work.csv": work})
    assert found.of("share") == {"Ann Bell": D(50), "Oleg Kim": D(15)}
    assert found.total == {"share": to_decimal(Fraction(3200, 204), 10)}
    assert to_decimal(Fraction(found.total["share"]), 2) == D("15.69")


def test_vector_20_attainment_roll_up(tmp_path: Path) -> None:
    """A group's attainment is its fact over its target: 450 of 700, not the mean of two."""
    plan = """\
        sources: {crm: {type: csv, work: {path: work.csv, fields: {owner: who, day: day, done: done}}}}
        kpis: {done: {from: work, sum: done, when: day}}
        scorecards: {all: {kpis: {done: {weight: 100, cap: 120}}}}
        targets:
          employee.Ann Bell: {done: 100}
          employee.Oleg Kim: {done: 600}
        """
    work = "who,day,done\nAnn Bell,2024-05-02,150\nOleg Kim,2024-05-02,300\n"
    found = compute(tmp_path, plan, {"work.csv": work})
    assert found.score("Ann Bell", "done").attainment == D(150)
    assert found.score("Ann Bell", "done").points == D(120)
    assert found.card.total is not None
    total = found.card.total.score("done")
    assert total.target == Target(D(700), "sum", None, "Σ 2")
    assert total.attainment == D("64.2857")


def test_vector_30_roi(tmp_path: Path) -> None:
    """A formula over money KPIs gives percent, may be negative, and has no value over zero."""
    plan = """\
        sources: {ads: {type: csv, ads: {path: ads.csv, fields: {owner: who, day: day, revenue: revenue, cost: cost}}}}
        kpis:
          revenue: {from: ads, sum: revenue, when: day, unit: money}
          cost:    {from: ads, sum: cost, when: day, unit: money}
          roi:     {formula: (revenue - cost) / cost, unit: percent}
          romi:    {formula: (revenue * 0.4 - cost) / cost, unit: percent}
        scorecards: {all: {kpis: {roi: {weight: 50}, romi: {weight: 50}}}}
        """
    ads = "who,day,revenue,cost\nAnn Bell,2024-05-02,900000,600000\nOleg Kim,2024-05-02,900000,0\n"
    found = compute(tmp_path, plan, {"ads.csv": ads})
    assert found.figures == {
        "Ann Bell": {"roi": D(50), "romi": D(-40)},
        "Oleg Kim": {"roi": "no_data", "romi": "no_data"},
    }


def conversion_plan(basis: str) -> str:
    return f"""\
        sources: {{crm: {{type: csv, leads: leads.csv, deals: deals.csv}}}}
        kpis:
          conversion:
            conversion: {{from: leads, to: deals, where: won, within: 30d, basis: {basis}}}
            when: created_at
        scorecards: {{all: {{kpis: {{conversion: {{weight: 100, score: {{base: 0, norm: 25}}}}}}}}}}
        """


def leads_and_deals() -> dict[str, str]:
    """40 leads of May; 8 of them won in May, 6 in June; 4 further wins in May of April's leads."""
    leads = ["ID;Ответственный;Дата создания"]
    leads += [f"{n};Анна Белова;20.04.2024 10:00:00" for n in range(1, 11)]
    leads += [f"{n};Анна Белова;20.05.2024 10:00:00" for n in range(101, 141)]
    won = [(n, "14.05.2024 12:00:00") for n in range(1, 5)]
    won += [(n, "29.05.2024 12:00:00") for n in range(101, 109)]
    won += [(n, "10.06.2024 12:00:00") for n in range(109, 115)]
    deals = ["ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии"]
    deals += [f"{900 + n};Сделка успешна;Анна Белова;{n};{moved}" for n, moved in won]
    return {"leads.csv": "\n".join(leads), "deals.csv": "\n".join(deals)}


@pytest.mark.parametrize(
    ("basis", "as_of", "expected", "immature"),
    [
        pytest.param("period", "2024-07-15", 30, 0, id="test_vector_31_period"),
        pytest.param("cohort", "2024-06-01", 20, 32, id="test_vector_31_cohort_immature"),
        pytest.param("cohort", "2024-07-15", 35, 0, id="test_vector_31_cohort_mature"),
    ],
)
def test_vector_31_conversion(
    tmp_path: Path, basis: str, as_of: str, expected: int, immature: int
) -> None:
    """By period 12 wins of 40 leads; by cohort 8 of 40 at the end of May, 14 when all are due."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    files = leads_and_deals()
    # The records reach beyond the last window, so that none of them is undecided in July.
    files["leads.csv"] += "\n141;Анна Белова;10.07.2024 10:00:00"
    moment = datetime.fromisoformat(as_of).replace(tzinfo=ZoneInfo("Europe/Moscow"))
    found = compute(tmp_path, conversion_plan(basis), files, as_of=moment)
    assert found.of("conversion") == {"Анна Белова": D(expected)}
    assert found.score("Анна Белова", "conversion").fact.immature == immature
    assert ("compute.immature" in found.codes) == bool(immature)


def test_vector_32_each_lead_counts_once(tmp_path: Path) -> None:
    """A lead with two won deals is one success of one lead."""
    files = {
        "leads.csv": "ID;Ответственный;Дата создания\n7;Анна Белова;20.05.2024 10:00:00",
        "deals.csv": """\
            ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии
            1;Сделка успешна;Анна Белова;7;21.05.2024 12:00:00
            2;Сделка успешна;Анна Белова;7;22.05.2024 12:00:00
            """,
    }
    found = compute(tmp_path, conversion_plan("cohort"), files)
    assert found.of("conversion") == {"Анна Белова": D(100)}


def test_vector_33_currency(tmp_path: Path) -> None:
    """Each deal is worth what its currency was worth on the day that it was won."""
    plan = """\
        sources: {crm: {type: csv, deals: deals.csv}}
        rates: {USD: {2024-01-01: 80, 2024-05-10: 91.50}, EUR: 98.20}
        kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
        scorecards: {all: {kpis: {revenue: {weight: 100, target: 140600}}}}
        """
    deals = """\
        ID;Стадия сделки;Сумма;Валюта;Ответственный;Дата изменения стадии
        1;Сделка успешна;1000;Доллар США;Анна Белова;10.05.2024 00:00:00
        2;Сделка успешна;500;Евро;Анна Белова;11.05.2024 12:00:00
        """
    found = compute(tmp_path, plan, {"deals.csv": deals})
    assert found.of("revenue") == {"Анна Белова": D(140600)}
    assert found.row("Анна Белова").index == D(100)


def test_vector_36_half_up() -> None:
    """Halves go away from zero, as people round; the binary float would go down."""
    assert to_decimal(D("2.675"), 2) == D("2.68")
    assert round(2.675, 2) == 2.67
    assert to_decimal(D("-2.675"), 2) == D("-2.68")
    assert to_decimal(Fraction(2, 3), 4) == D("0.6667")


def test_vector_pass_or_fail() -> None:
    """A condition gives all points or none (table of formulas, B2)."""
    shape = Pass.model_validate({"pass": "value >= 4"})
    assert [points(shape, fact) for fact in ("3.99", "4")] == [D(0), D(100)]
