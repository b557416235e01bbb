"""What the lint proves of pay: how high it can be, which steps and conditions there cannot be."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl.expressions import Type, parse
from kpictl.lint.ceiling import highest_percent, points_of
from kpictl.lint.ranges import can_be, index
from kpictl.pay.scales import percent_of
from kpictl.plan.load import load
from kpictl.plan.pay import Scale
from kpictl.values import Edge
from kpictl.values.ranges import Range
from plans import write
from test_lint import card, paying, remarks

NUMBERS = st.integers(-50, 250).map(Decimal)
BANDS = st.dictionaries(st.builds(Edge, NUMBERS, st.booleans()), NUMBERS, min_size=1, max_size=6)
CURVES = st.dictionaries(NUMBERS, NUMBERS, min_size=1, max_size=6)
SCALES = BANDS.map(lambda bands: Scale(bands=bands)) | CURVES.map(lambda curve: Scale(curve=curve))
ENDS = st.none() | st.integers(-60, 260).map(Fraction)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = draw(ENDS), draw(ENDS)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Range(low, high)


@given(SCALES, ranges())
def test_the_proof_of_a_scale_agrees_with_a_dense_sample(scale: Scale, figure: Range) -> None:
    """No figure of the range gives more than what is proved, and one of them gives just that."""
    proved = highest_percent(scale, figure)
    low = Fraction(-70) if figure.low is None else figure.low
    high = Fraction(280) if figure.high is None else figure.high
    sample = [low + (high - low) * n / 350 for n in range(351)]  # they bend at whole numbers
    values = [percent_of(scale, x) for x in (*sample, *points_of(scale, figure))]
    assert proved == max(values)
    for x in points_of(scale, figure):
        assert figure.low is None or x >= figure.low
        assert figure.high is None or x <= figure.high


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 200)), min_size=1, max_size=5),
    st.sampled_from(["renormalize", "zero", "neutral", "hold"]),
    st.integers(0, 100),
    st.data(),
)
def test_no_index_lies_outside_its_range(
    weights: list[tuple[int, int]], missing: str, coverage: int, data: st.DataObject
) -> None:
    """Whatever points the KPIs have, and whichever of them are measured: by the arithmetic itself."""
    from kpictl.plan.model import ScorecardPlan
    from kpictl.scoring.score import index as index_of
    from kpictl.values import Fact, Score, State

    kpis = {f"k{n}": {"weight": w, "cap": cap} for n, (w, cap) in enumerate(weights)}
    spec = ScorecardPlan.model_validate(
        {"kpis": kpis, "missing": missing, "min_coverage": coverage}
    )
    found = index(spec)
    scores = []
    for kpi, entry in spec.kpis.items():
        points = data.draw(st.none() | st.integers(0, int(entry.cap or 0)).map(Decimal))
        state = State.NO_DATA if points is None else State.MEASURED
        scores.append(Score(kpi, entry.weight, Fact(state), state, points=points))
    value, _, _ = index_of(spec, scores)
    if value is not None:
        rounding = Decimal("0.00005")
        assert found.low is None or found.low <= value + rounding
        assert found.high is None or found.high >= value - rounding


class _Names:
    """Two figures, a and b."""

    def find(self, name: str) -> tuple[str, Type] | None:
        return (name, Type.NUMBER) if name in ("a", "b") else None

    def known(self) -> list[str]:
        return ["a", "b"]


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("a > 100", False),
        ("a >= 100", True),
        ("a < 0", False),
        ("not a >= 0", False),
        ("a = 101", False),
        ("a + b > 200", False),
        ("a - b < -100", False),
        ("a * 2 > 199", True),
        ("a / 2 > 50", False),
        ("a > 100 and b > 1", False),
        ("a > 100 or b > 1", True),
        ("a * b > 1000000", True),
        ("a is null", True),
    ],
)
def test_a_condition_is_impossible_only_where_that_is_proved(text: str, can: bool) -> None:
    """Both figures lie from 0 to 100; what the ranges cannot tell is taken for possible."""
    from zoneinfo import ZoneInfo

    expression, errors = parse(text, _Names(), zone=ZoneInfo("UTC"), expect={Type.BOOL})
    assert expression is not None, errors
    known = Range(Fraction(0), Fraction(100))
    assert can_be(expression.tree, lambda _: known, value=True) is can


@pytest.mark.parametrize(
    ("bonus", "most"),
    [
        ("{salary_share: 40, by_index: {bands: {0: 0, 80: 50, 120: 130}}}", "52 % оклада"),
        ("{salary_share: 40, by_index: {bands: {0: 0, 80: 50, 121: 130}}}", "20 % оклада"),
        ("{fixed: 40000, by_index: linear}", "48 000 ₽"),
        ("{fixed: 40000, by_index: linear, cap: 45000}", "45 000 ₽"),
        ("{parts: {a: {salary_share: 10}, b: {fixed: 500}}}", "10 % оклада + 500 ₽"),
        (
            "{parts: {a: {fixed: 9, by_kpi: {revenue: {cap: 150}}}, b: {piece: {of: won, rate: 1}, cap: 300}}}",
            "313,50 ₽",
        ),
        ("{fixed: 100, by: index, factors: {f: {of: share, curve: {0: 50, 100: 150}}}}", "180 ₽"),
        ("{fixed: 100, by_index: {curve: {0: 0, 200: 60}}, guarantee: 80}", "80 ₽"),
    ],
)
def test_the_highest_pay_is_what_scales_caps_and_weights_allow(
    tmp_path: Path, bonus: str, most: str
) -> None:
    """Of an index that is 120 at most; each by hand."""
    said = remarks(tmp_path, paying(bonus))["highest_pay"]["message"]
    assert f"больше чем {most} в месяц" in said


def test_the_jump_of_whole_tiers_is_named_in_money(tmp_path: Path) -> None:
    """5 percent below the plan of a million, 8 percent at it: 30 000 for one kopeck more."""
    plan = paying("{commission: {of: revenue, whole: {0: 5, 100: 8, 125: 10}}}")
    said = remarks(tmp_path, plan.replace("10/month", "1000000/month"))["whole_tier"]["message"]
    assert "на 100 % ставка со всей суммы прыгает с 5 до 8 %, в этой точке это 30 000 ₽" in said
    by_value = paying("{commission: {of: revenue, at: value, whole: {0: 5, 200000: 6}}}")
    assert "это 2 000 ₽" in remarks(tmp_path, by_value)["whole_tier"]["message"]


def test_a_step_is_worth_what_it_is_a_percentage_of(tmp_path: Path) -> None:
    """Percent of the salary, which nobody else is to see; money where the sum stands in the plan."""
    steps = "by_index: {bands: {70: 50, 100: 100}}"
    of_salary = remarks(tmp_path, paying(f"{{salary_share: 30, {steps}}}"))["pay_cliff"]
    assert "прыгает с 0 до 50 %: эта ступень стоит 15 % оклада" in of_salary["message"]
    of_sum = remarks(tmp_path, paying(f"{{fixed: 40000, {steps}}}"))["pay_cliff"]
    assert "стоит 20 000 ₽" in of_sum["message"]


def test_an_index_without_caps_has_no_end(tmp_path: Path) -> None:
    """A linear score without a cap grows as long as the fact does: then so does the pay."""
    kpis = "revenue: {weight: 60, target: 10/month}, average: {weight: 40, target: 9}"
    plan = card(kpis, "bonus: {fixed: 100, by_index: linear, prorate: none}")
    assert "no_ceiling" in remarks(tmp_path, plan)
    curved = plan.replace("by_index: linear", "by_index: {curve: {0: 0, 150: 150}}")
    found = remarks(tmp_path, curved)
    assert "no_ceiling" not in found
    assert "150 ₽" in found["highest_pay"]["message"]


def test_what_a_regulation_must_name_is_listed(tmp_path: Path) -> None:
    """Kind, conditions and term of payment: those that the plan does not say, and no others."""
    said = remarks(tmp_path, paying("{fixed: 1000}"))["missing_terms"]["message"]
    assert "вид премии (label) / условия (шкала или gates) / срок выплаты" in said
    named = paying("{label: Премия, fixed: 1000}", "gates: {q: {when: index < 50, then: zero}}")
    said = remarks(tmp_path, named)["missing_terms"]["message"]
    assert said.endswith("нет: срок выплаты (pay.due)")
    assert load(write(tmp_path, named + "pay: {due: до 15 числа}\n", {}), {}).plan is not None
