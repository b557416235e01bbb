"""How a number stands while its period goes on, as an explanation tells it: expected by now, the
pace, the forecast, a line each with the sum that it is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl.report.format import NBSP, number
from kpictl.report.terminal import Line
from kpictl.values import SCORE_PLACES, VALUE_PLACES, to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.report.explanation import Teller
    from kpictl.values import Pace, Score

DAYS_PLACES = 2


def lines(teller: Teller, score: Score, unit: str) -> Iterator[Line]:
    """Yield what is expected by now, the pace and the forecast; nothing where a period is over."""
    pace = score.pace
    if pace is None or pace.state == "no_data":
        return
    if pace.state == "no_run_rate":
        yield from teller.line("pace", teller.say("explain.pace.no_run_rate"))
        return
    if pace.expected is not None:
        text = teller.value(pace.expected, unit) + _expected(teller, score, pace)
        yield from teller.line("expected", f"{text} · {_over(teller, pace)}")
    if pace.state in ("early", "away"):
        yield from teller.line("pace", f"{say(teller.lang, f'pace.state.{pace.state}')}")
        return
    if pace.percent is not None:
        text = f"{teller.exact(pace.percent)}{NBSP}%" + _percent(teller, score, pace)
        yield from teller.line("pace", text)
    if pace.forecast is not None:
        text = teller.value(pace.forecast, unit) + _forecast(teller, score, pace)
        over = "" if pace.expected is not None else f" · {_over(teller, pace)}"
        yield from teller.line("forecast", text + over)


def _expected(teller: Teller, score: Score, pace: Pace) -> str:
    """Return ` = target × days over / days in all`; "" where it is the sum of several."""
    if score.target is None or not pace.of:
        return ""
    exact = Fraction(score.target.value) * pace.elapsed / pace.of
    if to_decimal(exact, VALUE_PLACES) != pace.expected:
        return ""
    days = f"{_days(pace.elapsed, teller.lang)}/{_days(pace.of, teller.lang)}"
    return f" = {teller.exact(score.target.value)} × {days}"


def _percent(teller: Teller, score: Score, pace: Pace) -> str:
    """Return ` = fact / expected`, where these are the numbers that are shown."""
    fact = score.fact.exact
    if fact is None or not pace.expected:
        return ""
    if to_decimal(fact * 100 / Fraction(pace.expected), SCORE_PLACES) != pace.percent:
        return ""
    return f" = {teller.exact(fact)} / {teller.exact(pace.expected)}"


def _forecast(teller: Teller, score: Score, pace: Pace) -> str:
    if score.fact.exact is None:
        return ""
    days = f"{_days(pace.of, teller.lang)}/{_days(pace.elapsed, teller.lang)}"
    return f" = {teller.exact(score.fact.exact)} × {days}"


def _over(teller: Teller, pace: Pace) -> str:
    """Return how many days are over of how many."""
    done, of = _days(pace.elapsed, teller.lang), _days(pace.of, teller.lang)
    days = say(teller.lang, f"pace.elapsed.{pace.unit}", done=done, of=of, n=int(pace.of))
    return say(teller.lang, "explain.pace.over", days=days)


def _days(days: Fraction | Decimal, lang: str) -> str:
    return number(to_decimal(days, DAYS_PLACES), lang, DAYS_PLACES, trim=True)
