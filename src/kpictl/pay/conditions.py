"""Expressions of pay over the figures of a payee: conditions, and percentages."""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct

from kpictl.errors import PlanRejected, Problem
from kpictl.expressions import Type, refs
from kpictl.expressions.evaluate import TooManyDigits, evaluate
from kpictl.pay.payee import Figures, Payee
from kpictl.pay.scales import percent_of
from kpictl.plan import pay_figures
from kpictl.plan.pay import By


class Answered(Struct, frozen=True):
    """What an expression gives of a payee, with the figures that it asked for; `lacks` is the first
    of them that is not known."""

    value: Fraction | bool | None
    figures: Figures
    lacks: str = ""


def answer(payee: Payee, text: str, kind: Type) -> Answered:
    """Return what an expression gives of a payee."""
    bound = payee.computed.bound
    expression, _ = pay_figures.read(text, bound, kind)
    assert expression is not None  # noqa: S101  a plan with mistakes is refused
    figures = payee.figures(dict.fromkeys(refs(expression.tree)))
    lacks = next((name for name, value in figures.items() if value is None), "")
    try:
        value = evaluate(expression.tree, figures, bound.context)
    except TooManyDigits:
        place = bound.place(("scorecards", payee.card, "bonus"), key=True)
        raise PlanRejected([Problem("pay.too_many_digits", place, {"text": text})]) from None
    if value is None or isinstance(value, bool):
        return Answered(value, figures, lacks or ("" if isinstance(value, bool) else text))
    return Answered(Fraction(value), figures)


def percent(payee: Payee, by: By) -> tuple[Answered, Fraction | None]:
    """Return what is read on a scale, and the percent that it gives; None where it is not known."""
    text, scale = pay_figures.scale_of(by)
    answered = answer(payee, text, Type.NUMBER)
    if answered.value is None:
        return answered, None
    return answered, percent_of(scale, Fraction(answered.value))
