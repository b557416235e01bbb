"""How targets of a period were made of those written: of other lengths of time, or its parts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.format import Numbers, clean
from kpictl.report.phrases import command_for
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values import Column, Results, Score, Scorecard, Target, Unit

SHOWN = 2  # derivations of a KPI, and names of each
# A number by itself, none of a period (`2024-05`, `2024: 60`) or of a word.
_NUMBER = re.compile(r"(?<![\w.\-])(\d+(?:\.\d+)?)(?=$|[/%);]| (?!\w+:))")
_DAYS = re.compile(r" (working_days|calendar_days)\b")
_ROUNDED = re.compile(r" ~ (\S+)")
_PER = re.compile(r"/(day|week|month|quarter|half|year)\b")


def spoken(derivation: str, numbers: Numbers) -> str:
    """Return a derivation with its numbers and lengths of time as people write them."""
    lang = numbers.lang
    text = clean(derivation)
    if text.startswith("company: "):
        text = say(lang, "report.company") + text.removeprefix("company")
    text = _NUMBER.sub(lambda m: _figure(m[1], numbers), text)
    text = _DAYS.sub(lambda m: " " + say(lang, f"target.{m[1]}"), text)
    text = _ROUNDED.sub(lambda m: say(lang, "target.rounded", step=m[1]), text)
    return _PER.sub(lambda m: "/" + say(lang, f"report.per.{m[1]}"), text)


def of_card(card: Scorecard, results: Results, numbers: Numbers) -> list[str]:
    """Return how the targets of a scorecard's people, and the goals of its departments, were made,
    in short: a line a KPI that names whom each concerns; [] where all are of this very period."""
    lines: list[str] = []
    for column in card.columns:
        label = clean(column.label)
        if people := _of_people(card, column, results, numbers):
            lines.append(f"{label}: {people}")
        goals = (
            (unit.name, _made(unit.score(column.kpi), column, numbers)) for unit in card.departments
        )
        lines.extend(f"{label}, {clean(name)}: {goal}" for name, goal in goals if goal)
    return _titled(lines, numbers)


def of_unit(unit: Unit, results: Results, numbers: Numbers) -> list[str]:
    """Return how the goals of a unit were made; [] where all are of this very period."""
    columns = ((score, results.columns[score.kpi]) for score in unit.scores)
    made = ((clean(column.label), _made(score, column, numbers)) for score, column in columns)
    return _titled([f"{label}: {goal}" for label, goal in made if goal], numbers)


def _titled(lines: list[str], numbers: Numbers) -> list[str]:
    """Put the title before the lines: beside the only one, above several."""
    if len(lines) < 2:
        return [say(numbers.lang, "report.derived", list=line) for line in lines]
    title = say(numbers.lang, "report.derived", list="").rstrip()
    return [title, *(f"  {line}" for line in lines)]


def _of_people(card: Scorecard, column: Column, results: Results, numbers: Numbers) -> str:
    """Return the different derivations of a KPI's targets, each with whose it is, unless it is
    everybody's; where they are many, the first of them and the command that shows any."""
    whose: dict[str, list[str]] = {}
    scores = [(row, row.score(column.kpi)) for row in card.rows]
    for row, score in scores:
        if made := _made(score, column, numbers):
            whose.setdefault(made, []).append(clean(row.name) or clean(row.id))
    if len(whose) == 1 and len(next(iter(whose.values()))) == sum(
        score.target is not None for _, score in scores
    ):
        return next(iter(whose))
    shown = [f"{made} ({_few(names)})" for made, names in list(whose.items())[:SHOWN]]
    if rest := [name for names in list(whose.values())[SHOWN:] for name in names]:
        command = command_for(results, column.kpi)
        data = {"n": len(rest), "names": _few(rest), "command": command}
        shown.append(say(numbers.lang, "report.derived.more", **data))
    return "; ".join(shown)


def _few(names: list[str]) -> str:
    more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _made(score: Score, column: Column, numbers: Numbers) -> str:
    """Return how a score's target was made, with what it gives; "" where it was not."""
    if score.target is None or not _is_made(score.target):
        return ""
    value = numbers.value(score.target.value, column.unit)
    return f"{spoken(score.target.derivation, numbers)} = {value}"


def _is_made(target: Target) -> bool:
    """Say whether a target was split or added up: `5/month` of a month is as it was written."""
    return "×" in target.derivation or " + " in target.derivation


def _figure(text: str, numbers: Numbers) -> str:
    decimal = Decimal(text)
    return numbers.number(decimal, max(0, -int(decimal.as_tuple().exponent)))
