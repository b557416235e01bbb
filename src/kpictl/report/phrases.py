"""The sentences around the numbers: titles, why one is missing, what was left out, warnings."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.format import (
    Numbers,
    clean,
    moment,
    number,
    period_days,
    period_words,
    says_days,
)
from kpictl.values import State
from kpictl.words import has, say

if TYPE_CHECKING:
    from kpictl.errors import Problem
    from kpictl.values import LeftOut, Results, Row, Score, Scorecard

DOT = " · "
SHA_SHOWN = 6


def title(results: Results, lang: str) -> list[str]:
    """Return what stands beside a scorecard's label: period, days, plan, age of the data."""
    parts = [period_words(results.period, lang)]
    if not says_days(results.period):
        parts.append(period_days(results.period, lang))
    if results.period.by_default:
        parts.append(say(lang, "report.period.by_default"))
    plan = f"{clean(results.plan_file)} {results.plan_sha256[:SHA_SHOWN]}".strip()
    return [*parts, say(lang, "report.plan", plan=plan), data_age(results, lang)]


def data_age(results: Results, lang: str) -> str:
    if results.data_as_of is None:
        return say(lang, "report.no_data_yet")
    return say(lang, "report.data_as_of", at=moment(results.data_as_of, results.timezone, lang))


def weight(value: Decimal, numbers: Numbers) -> str:
    return say(numbers.lang, "report.weight", weight=number(value, numbers.lang, 2, trim=True))


def missing(score: Score, lang: str) -> str:
    """Return in words why a score's fact is not there."""
    fact = score.fact
    if fact.state is State.INSUFFICIENT and fact.need is not None:
        return say(lang, "report.insufficient", n=fact.n, need=fact.need)
    state = fact.state if score.state is State.NO_TARGET else score.state
    return say(lang, f"report.state.{state}")


def unrated(row: Row, card: Scorecard, numbers: Numbers) -> str:
    """Return in words why a row has no index."""
    return say(
        numbers.lang,
        "report.unrated",
        have=numbers.percent(row.coverage),
        need=numbers.percent(card.min_coverage),
    )


def message(problem: Problem, lang: str) -> str:
    """Return a problem's text; a text that cannot be said is shown as its code and data."""
    if has(lang, problem.code):
        try:
            return say(lang, problem.code, **problem.data)
        except (KeyError, ValueError):
            pass
    data = ", ".join(f"{key}={value}" for key, value in problem.data.items())
    return f"{problem.code} ({data})" if data else problem.code


def warnings(problems: Iterable[Problem], lang: str) -> list[tuple[str, str]]:
    """Return level and text of each warning; the text begins with its place."""
    lines = []
    for problem in problems:
        place = f"{problem.place}  " if problem.place else ""
        text = clean(message(problem, lang))
        lines.append((say(lang, f"report.level.{problem.level}"), f"{clean(place)} {text}".strip()))
    return lines


def left_out(results: Results, numbers: Numbers) -> list[str]:
    """Return what was left out: of each reason the KPI that misses most, and how many others do.

    Several KPIs mostly miss the same records; `explain KPI --left-out` has each one's own.
    """
    return [_left_out(one, numbers) for one in _once(results)]


def left_out_by_kpi(results: Results, numbers: Numbers) -> list[str]:
    """Return the same as a line for each KPI that misses most of something."""
    lines: dict[str, list[str]] = {}
    for one in _once(results):
        column = results.columns.get(one.kpi)
        label = clean(column.label if column else one.kpi)
        lines.setdefault(label, []).append(_left_out(one, numbers))
    return [f"{label}: {', '.join(texts)}" for label, texts in lines.items()]


def _once(results: Results) -> list[LeftOut]:
    groups: dict[tuple[str, str, str], list[LeftOut]] = {}
    for one in results.left_out:
        groups.setdefault((one.entity, one.reason, one.detail), []).append(one)
    return [
        max(group, key=lambda one: (one.count, one.amount is not None)) for group in groups.values()
    ]


def _left_out(one: LeftOut, numbers: Numbers) -> str:
    lang = numbers.lang
    key = f"report.entity.{one.entity}"
    noun = say(lang, key if has(lang, key) else "report.entity.records", n=one.count)
    what = f"{numbers.number(Decimal(one.count))} {noun}"
    key = f"report.left_out.{one.reason}"
    text = say(lang, key, what=what) if has(lang, key) else f"{what} ({clean(one.reason)})"
    if one.detail:
        text += f": {clean(one.detail)}"
    return text if one.amount is None else f"{text} ({numbers.money(one.amount)})"
