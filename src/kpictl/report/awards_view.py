"""Awards in words: who was given which, and what proves it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.report.alert_view import figure
from kpictl.report.format import Numbers, clean, number
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Award, AwardPeriod, Recipient, Results

_PLACES = 1  # of an index


class AwardLine(Struct, frozen=True):
    """An award and one of those who were given it, with the proof; `name` is "" and `proof` says
    why where it is shown for nobody."""

    label: str
    name: str
    proof: str
    recipient: Recipient | None = None

    @property
    def text(self) -> str:
        return " — ".join(filter(None, (self.name, self.proof)))


def lines(results: Results, numbers: Numbers) -> Iterator[AwardLine]:
    """Yield a line for each award and recipient; one for an award that is shown for nobody."""
    for award in results.awards:
        for one in award.recipients:
            proof = "; ".join(_proof(award, one, results, numbers))
            yield AwardLine(clean(award.label), _name(award, one, results), proof, one)
        if not award.recipients:
            yield AwardLine(clean(award.label), "", _nobody(award, numbers.lang))


def _name(award: Award, one: Recipient, results: Results) -> str:
    """Return who it is, with the scorecard where recipients are of several."""
    cards = {card.id: clean(card.label) for card in results.scorecards}
    several = len({other.scorecard for other in award.recipients}) > 1
    name = clean(one.name) or clean(one.id)
    return f"{name} ({cards[one.scorecard]})" if several else name


def _nobody(award: Award, lang: str) -> str:
    if award.hidden:
        return say(lang, "award.hidden", n=award.hidden)
    if award.undecided:
        return say(lang, "award.undecided", n=award.undecided)
    return say(lang, "award.nobody")


def _proof(award: Award, one: Recipient, results: Results, numbers: Numbers) -> Iterator[str]:
    lang = numbers.lang
    if award.held:
        met = sum(period.met is True for period in one.periods)
        shown = ", ".join(
            f"{period.period} {_figures(period, results, numbers)}"
            for period in one.periods[-award.held :]
            if period.met
        )
        yield say(lang, "award.held", n=met, of=award.held) + (f": {shown}" if shown else "")
    elif one.figures:
        yield ", ".join(figure(name, value, results, numbers) for name, value in one.figures)
    if one.value is not None and one.base is not None and one.gain is not None:
        data = {
            "what": figure(award.of or "index", one.value, results, numbers),
            "base": _value(one.base, award, results, numbers),
            "gain": numbers.signed(_value(one.gain, award, results, numbers), one.gain),
            "n": award.periods,
        }
        yield say(lang, f"award.{award.compared}", **data)
    if award.gates:
        yield say(lang, "award.gates")
    if one.months is not None:
        yield say(lang, "award.months", n=one.months)


def _figures(period: AwardPeriod, results: Results, numbers: Numbers) -> str:
    """Return the figures of a period: of a single one only the number."""
    if len(period.figures) == 1:
        name, value = period.figures[0]
        if name == "index" and value is not None:
            return number(value, numbers.lang, _PLACES, trim=True)
    return ", ".join(figure(name, value, results, numbers) for name, value in period.figures)


def _value(value: Decimal, award: Award, results: Results, numbers: Numbers) -> str:
    if award.of:
        return numbers.value(value, results.columns[award.of].unit)
    return number(value, numbers.lang, _PLACES, trim=True)
