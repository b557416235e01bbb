"""Dividing a goal, growing a target, finding what is written: exact figures, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpictl import periods
from kpictl.plan.fields import Growth
from kpictl.scoring.targets import TargetBook, Written
from kpictl.scoring.targets.cascade import Share, divide, shares
from kpictl.scoring.targets.divided import Divided, made, steps_of
from kpictl.scoring.targets.growth import whole_months
from kpictl.values import Target, TargetLevel, UnitKind
from plans import LATER

D, F = Decimal, Fraction
ZONE = ZoneInfo("Europe/Moscow")
Exact = Mapping[str, Fraction | int]


# --- shares --------------------------------------------------------------------------------------


def part(ident: str, weight: Fraction | int | None, there: Fraction | int = 1) -> Share:
    return Share(ident, None if weight is None else F(weight), F(there))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part("a", 1), part("b", 3)], {"a": F(1, 4), "b": F(3, 4)}),
        ([part("a", F(1, 2)), part("b", F(1, 2))], {"a": F(1, 2), "b": F(1, 2)}),
        # an equal share to whom nothing is known of, the rest by the weights
        ([part("a", None), part("b", 1), part("c", 3)], {"a": F(1, 3), "b": F(1, 6), "c": F(1, 2)}),
        ([part("a", 0), part("b", 1), part("c", 3)], {"a": F(1, 3), "b": F(1, 6), "c": F(1, 2)}),
        ([part("a", -2), part("b", 1), part("c", 3)], {"a": F(1, 3), "b": F(1, 6), "c": F(1, 2)}),
        ([part("a", None), part("b", -5)], {"a": F(1, 2), "b": F(1, 2)}),
        # who is there for half of the time has half as much
        ([part("a", 1, F(1, 2)), part("b", 1)], {"a": F(1, 3), "b": F(2, 3)}),
        ([part("a", 1, 0), part("b", 5)], {"a": 0, "b": 1}),
        # nobody is there, nobody is asked
        ([part("a", 1, 0), part("b", 3, 0)], {"a": 0, "b": 0}),
        ([], {}),
    ],
)  # fmt: skip
def test_shares_add_up_to_one(parts: list[Share], expected: Exact) -> None:
    """Shares go by weight and presence; of whom nothing is known, an n-th."""
    assert shares(parts) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part("a", 1), part("b", 3), part("c", None)], {"a": F(1, 4), "b": F(3, 4), "c": 0}),
        ([part("a", 2)], {"a": 1}),
        ([part("a", None)], {"a": 0}),
    ],
)
def test_who_has_no_weight_in_the_plan_gets_nothing(parts: list[Share], expected: Exact) -> None:
    """Where the plan itself says the weights, whom it does not name has no share."""
    assert shares(parts, unknown_as_equal=False) == expected


# --- dividing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "weights", "step", "amounts", "rest"),
    [
        # 1.2, 3.7 and 5.1: the tenth goes to the largest remainder, neither least nor largest part
        (10, {"a": 12, "b": 37, "c": 51}, 1, {"a": 1, "b": 4, "c": 5}, (0, "")),
        # 50, 33.3 and 16.7, in tens: whole steps, the last to the largest remainder
        (100, {"a": 50, "b": F(100, 3), "c": F(50, 3)}, 10, {"a": 50, "b": 30, "c": 20}, (0, "")),
        # what is smaller than a step is the largest part's, wherever it stands
        (F(201, 2), {"z": 25, "a": 75}, 1, {"z": 25, "a": F(151, 2)}, (F(1, 2), "a")),
        (F(201, 2), {"a": 25, "z": 75}, 1, {"a": 25, "z": F(151, 2)}, (F(1, 2), "z")),
        (100, {"a": 100, "b": 0}, F(1, 100), {"a": 100, "b": 0}, (0, "")),
        # hundredths
        (1, {"a": F(100, 3), "b": F(200, 3)}, F(1, 100), {"a": F(33, 100), "b": F(67, 100)}, (0, "")),
        # nothing, less than nothing, nobody
        (0, {"a": 50, "b": 50}, 1, {"a": 0, "b": 0}, (0, "")),
        (-100, {"a": 50, "b": 50}, 1, {"a": 0, "b": 0}, (0, "")),
        (100, {"a": 0, "b": 0}, 1, {"a": 0, "b": 0}, (0, "")),
    ],
)  # fmt: skip
def test_an_amount_is_divided_in_whole_steps(
    amount: Fraction | int,
    weights: Exact,
    step: Fraction | int,
    amounts: Exact,
    rest: tuple[Fraction | int, str],
) -> None:
    """By largest remainder, in percent here; of nothing, or of less, nobody gets a part."""
    by = {ident: F(percent) / 100 for ident, percent in weights.items()}
    found = divide(F(amount), by, F(step))
    assert (found.amounts, found.weights) == (amounts, by)
    assert (found.rest, found.rest_in) == rest


# --- how a part came about -----------------------------------------------------------------------


def goal(
    amount: int,
    known: Exact,
    *,
    unknown: tuple[str, ...] = (),
    name: str = "",
    kept: tuple[int, ...] = (),
    step: int | None = None,
    size: int | None = None,
) -> Divided:
    """Return a goal divided by the facts of April 2024, with an equal share of the unknown."""
    parts = [*(part(i, weight) for i, weight in known.items()), *(part(i, None) for i in unknown)]
    least = F(step or size or F(1, 100))
    return Divided(
        kpi="revenue",
        kind="department" if name else "company",
        subject=name,
        parent=Target(D(amount), "company", derivation="18/month × 2"),
        by="prev_share",
        parts=tuple(p.id for p in parts),
        kept=D(sum(kept)),
        kept_of=len(kept),
        division=divide(F(amount - sum(kept)), shares(parts), least),
        unknown=frozenset(unknown),
        known={ident: F(weight) for ident, weight in known.items()},
        base="2024-04",
        name=name,
        step=None if step is None else D(step),
        size=least,
    )


LONG = {"ann": F("10.00104"), "ben": F("20.00208")}
"""Facts of more places than are shown, a third and two thirds."""


@pytest.mark.parametrize(
    ("divided", "written"),
    [
        (goal(90, {"ann": 1, "ben": 2}), {"ann": "company: 90 × 1/3", "ben": "company: 90 × 2/3"}),
        (goal(90, {"ann": 5}, name="North"), {"ann": "North: 90 × 1"}),
        (goal(90, LONG), {"ann": "company: 90 × 10/30", "ben": "company: 90 × 20/30"}),
        # what others have of their own is off; an equal share is no fraction of facts
        (
            goal(100000, {"ann": 30, "ben": 60}, unknown=("carl",), kept=(4000, 6000)),
            {
                "ann": "company: (100000 − 10000) × 22.2222%",
                "ben": "company: (100000 − 10000) × 44.4444%",
                "carl": "company: (100000 − 10000) × 33.3333%",
            },
        ),
        # rounded: by the step of the plan, also where it comes out even; by whole pieces where not
        (goal(90, {"ann": 1, "ben": 2}, step=10), {"ann": "company: 90 × 1/3 ~ 10"}),
        (goal(105, {"ann": 1, "ben": 2}, step=10), {"ben": "company: 105 × 2/3 ~ 10"}),
        (goal(90, {"ann": 1, "ben": 2}, size=1), {"ann": "company: 90 × 1/3"}),
        (goal(100, {"ann": 1, "ben": 2}, size=1, kept=(10,)), {"ann": "company: (100 − 10) × 1/3"}),
        (goal(100, {"ann": 1, "ben": 2}, size=1), {"ann": "company: 100 × 1/3 ~ 1"}),
        (goal(100, {"ann": 1, "ben": 2}), {"ann": "company: 100 × 1/3"}),
    ],
)
def test_a_part_says_how_it_came_about(divided: Divided, written: dict[str, str]) -> None:
    """Whose goal, less what others have of their own, times the share, and to what it was rounded."""
    assert {ident: made(divided, ident) for ident in written} == written


def steps(divided: Divided, ident: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the steps after the one of the goal itself."""
    parent, *rest = steps_of(divided, ident)
    assert parent.code == "step.cascade.parent"
    return [(step.code.removeprefix("step.cascade."), dict(step.data)) for step in rest]


def test_the_steps_of_a_part_say_whose_goal_it_was() -> None:
    """The goal that was divided comes first, with how it was made itself."""
    parent, *_ = steps_of(goal(36, {"ann": 1}, name="North"), "ann")
    assert parent.data == {
        "kind": "department",
        "name": "North",
        "value": D(36),
        "derivation": "18/month × 2",
    }


def test_the_steps_of_a_part_by_facts_and_of_an_equal_one() -> None:
    """The share of the facts with the facts, and to what it came; of the unknown an n-th."""
    divided = goal(100000, {"ann": 30, "ben": 60}, unknown=("carl",), kept=(4000, 6000))
    kept = ("kept", {"count": 2, "value": D(10000)})
    among = {"count": 3, "kpi": "revenue", "period": "2024-04", "percent": D("33.33")}
    assert steps(divided, "ann") == [
        kept,
        ("prev_share", {**among, "own": D(30), "all": D(90)}),
        ("adjusted", {"percent": D("22.22")}),
    ]
    assert steps(divided, "carl") == [kept, ("no_history", among)]


def test_the_steps_of_a_rounded_part_say_who_has_the_rest() -> None:
    """To what it was rounded, and what was left over of the one who got it, nobody else's."""
    divided = goal(105, LONG, step=10)
    among = {"count": 2, "kpi": "revenue", "period": "2024-04", "all": D("30.0031")}
    assert divided.division.amounts == {"ann": 30, "ben": 75}
    assert steps(divided, "ann") == [
        ("prev_share", {**among, "percent": D("33.33"), "own": D("10.001")}),
        ("rounded", {"step": D(10), "rest": D(0)}),
    ]
    assert steps(divided, "ben") == [
        ("prev_share", {**among, "percent": D("66.67"), "own": D("20.0021")}),
        ("rounded", {"step": D(10), "rest": D(5)}),
    ]
    assert [code for code, _ in steps(goal(90, LONG), "ann")] == ["prev_share"]


# --- growth --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2024-05", "2024-05"),
        ("2024-Q2", "2024-Q2"),
        ("2024-05-01..2024-05-17", "2024-05"),
        ("2024-05-10..2024-05-31", "2024-05"),
        ("2024-05-10..2024-05-20", "2024-05"),
        ("2024-05-31", "2024-05"),
        ("2024-01-31..2024-02-28", "2024-01-01..2024-02-29"),
        ("2024-04-30..2024-06-01", "2024-Q2"),
        ("2024-12-31..2025-01-01", "2024-12-01..2025-01-31"),
    ],
)
def test_the_months_that_a_period_lies_in(period: str, months: str) -> None:
    """Whole months are themselves; of a part of one it is the month, from its first to its last."""
    when = periods.parse(period, as_of=LATER, zone=ZONE)
    assert whole_months(when, ZONE).text == months


# --- the book ------------------------------------------------------------------------------------


def one(
    value: int,
    period: str = "",
    *,
    level: TargetLevel = "scorecard",
    subject: str = "s",
    kpi: str = "rev",
    growth: bool = False,
) -> Written:
    grows = Growth.of("prev") if growth else None
    return Written(level, subject, kpi, period, D(value), growth=grows)


def book(*written: Written) -> TargetBook:
    made_of = TargetBook({"rev": True, "avg": False})
    assert list(made_of.add(written)) == []
    return made_of


def test_numbers_and_growths_of_one_page_are_told_apart() -> None:
    """What is written as a number is no growth, and the other way round."""
    found = book(one(5, "2024-05"), one(0, "2024-06", growth=True), one(7))
    assert set(found.numbers("scorecard", "s", "rev")) == {"2024-05", ""}
    assert set(found.growths("scorecard", "s", "rev")) == {"2024-06"}


def test_growth_is_no_number_that_lacks_its_length() -> None:
    """A growth without a period is of whichever is computed: nothing to remark on."""
    assert list(book(one(0, growth=True)).bare(str)) == []
    (problem,) = book(one(0, growth=True), one(5, subject="x"), one(6, kpi="avg")).bare(str)
    assert (problem.code, problem.data["given"], problem.data["count"]) == (
        "lint.bare_target", 5, 1,
    )  # fmt: skip


def test_the_length_of_a_growth_is_not_the_other_numbers() -> None:
    """A growth of a quarter does not make a bare number a quarter's: it is still a month's."""
    quarter = periods.parse("2024-Q1", as_of=LATER, zone=ZONE)
    found = book(one(300), one(0, "2024-Q2", subject="x", growth=True))
    assert [p.code for p in found.of_other_lengths(quarter, ["rev"], str)] == ["targets.no_month"]


@pytest.mark.parametrize(
    ("written", "level", "has"),
    [
        ([], "company", False),
        ([one(1, level="company", subject="")], "company", True),
        ([one(1, level="company", subject="")], "department", False),
        ([one(1, level="company", subject="", kpi="avg")], "company", False),
        ([one(1, level="company", subject=""), one(1, subject="x")], "company", True),
        ([one(1, level="department", subject="north")], "department", True),
        ([one(1, level="department", subject="north")], "company", False),
        ([one(1)], "company", True),
        ([one(1)], "department", True),
        ([one(1, subject="x")], "company", False),
        ([one(1, kpi="avg")], "company", False),
        ([one(1, level="employee", subject="ann")], "company", False),
    ],
)
def test_whether_a_unit_has_a_goal(
    written: Iterable[Written], level: UnitKind, *, has: bool
) -> None:
    """A goal of the level and KPI, whoever's; or the number of the scorecard, which is anybody's."""
    assert book(*written).has_goal(level, "rev", "s") is has
