"""How targets of a period were made of those written: of other lengths of time, or its parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.format import Numbers, clean
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Column, Results, Score, Scorecard, Target, Unit

SHOWN = 2  # of a KPI whose people have many targets
_NUMBER = re.compile(r"(^|: | \+ )(\d+(?:\.\d+)?)(?=$|/| )")
_PER = re.compile(r"/(day|week|month|quarter|half|year)\b")


def spoken(derivation: str, numbers: Numbers) -> str:
    """Return a derivation with its numbers and lengths of time as people write them."""
    lang = numbers.lang
    text = _NUMBER.sub(lambda m: m[1] + _figure(m[2], numbers), clean(derivation))
    return _PER.sub(lambda m: "/" + say(lang, f"report.per.{m[1]}"), text)


def of_card(card: Scorecard, numbers: Numbers) -> str:
    """Return how the targets of a scorecard's people, and the goals of its departments, were made;
    "" where all are of this very period."""
    parts: list[str] = []
    for column in card.columns:
        people = _made((row.score(column.kpi) for row in card.rows), column, numbers)
        parts.extend(_listed(clean(column.label), people))
        for unit in card.departments:
            goals = _made([unit.score(column.kpi)], column, numbers)
            parts.extend(_listed(f"{clean(column.label)}, {clean(unit.name)}", goals))
    return _sentence(parts, numbers)


def of_unit(unit: Unit, results: Results, numbers: Numbers) -> str:
    """Return how the goals of a unit were made; "" where all are of this very period."""
    parts: list[str] = []
    for score in unit.scores:
        column = results.columns[score.kpi]
        parts.extend(_listed(clean(column.label), _made([score], column, numbers)))
    return _sentence(parts, numbers)


def _sentence(parts: list[str], numbers: Numbers) -> str:
    return say(numbers.lang, "report.derived", list="; ".join(parts)) if parts else ""


def _listed(label: str, made: list[str]) -> Iterator[str]:
    if made:
        more = f" +{len(made) - SHOWN}" if len(made) > SHOWN else ""
        yield f"{label}: {', '.join(made[:SHOWN])}{more}"


def _made(scores: Iterable[Score], column: Column, numbers: Numbers) -> list[str]:
    """Return the different derivations of a KPI's targets, each with what it gives."""
    targets = (score.target for score in scores)
    shown = (_one(target, column, numbers) for target in targets if target and _is_made(target))
    return list(dict.fromkeys(shown))


def _is_made(target: Target) -> bool:
    """Say whether a target was split or added up: `5/month` of a month is as it was written."""
    return "×" in target.derivation or " + " in target.derivation


def _one(target: Target, column: Column, numbers: Numbers) -> str:
    value = numbers.value(target.value, column.unit)
    return f"{spoken(target.derivation, numbers)} = {value}"


def _figure(text: str, numbers: Numbers) -> str:
    decimal = Decimal(text)
    return numbers.number(decimal, max(0, -int(decimal.as_tuple().exponent)))
