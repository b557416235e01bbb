"""Scorecards that change on a day: which weights, targets and scores hold in a period.

What is written of a scorecard itself holds until the first day under its `from`, each of its
editions from its day until the next. A period lies in one of them; one that a
change falls into has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kpictl import periods
from kpictl.errors import UsageError
from kpictl.plan.document import Path
from kpictl.plan.model import Edition, ScorecardPlan
from kpictl.values import Period


def days_of(spec: ScorecardPlan) -> list[tuple[date, str]]:
    """Return the days on which a scorecard changes, in order, each with its key in the plan."""
    return sorted((periods.fixed_days(text)[0], text) for text in spec.editions)


def editions(spec: ScorecardPlan) -> Iterator[tuple[str, ScorecardPlan]]:
    """Yield a scorecard as it is from each day on, with the day's key; "" for what is written of
    itself."""
    yield "", spec
    for _, text in days_of(spec):
        yield text, _edited(spec, spec.editions[text])


Written = tuple[str, ScorecardPlan, Path]


def written(cards: Mapping[str, ScorecardPlan]) -> Iterator[Written]:
    """Yield every scorecard as it is from each day on, with its id, and where that is written."""
    for card, spec in cards.items():
        for key, held in editions(spec):
            yield card, held, ("scorecards", card, "from", key) if key else ("scorecards", card)


def key_in_force(card: str, spec: ScorecardPlan, period: Period) -> str:
    """Return the key of the edition that holds in a period, "" for the scorecard itself. UsageError
    where it changes within the period."""
    chosen = ""
    for day, text in days_of(spec):
        if period.first < day <= period.last:
            before = periods.write(period.first, day)
            after = periods.write(day, date.fromordinal(period.last.toordinal() + 1))
            data = {"card": spec.label or card, "day": day, "before": before, "after": after}
            raise UsageError("card.changes_within", period=period.text, **data)
        if day <= period.first:
            chosen = text
    return chosen


def in_force(spec: ScorecardPlan, key: str) -> ScorecardPlan:
    """Return a scorecard as an edition of it says, by its key."""
    return _edited(spec, spec.editions[key]) if key else spec


def united(spec: ScorecardPlan, keys: Sequence[str]) -> ScorecardPlan:
    """Return a scorecard with the KPIs of all the editions of these keys, as the last has them."""
    last = in_force(spec, keys[-1])
    kpis = {kpi: one for key in keys for kpi, one in in_force(spec, key).kpis.items()}
    return last.model_copy(update={"kpis": kpis | last.kpis})


def _edited(spec: ScorecardPlan, edition: Edition) -> ScorecardPlan:
    said = {name: getattr(edition, name) for name in edition.model_fields_set}
    return spec.model_copy(update=said)
