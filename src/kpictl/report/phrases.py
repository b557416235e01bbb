"""The sentences around the numbers: titles, why one is missing, what was left out, warnings."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.report.format import (
    Numbers,
    called,
    clean,
    day,
    in_zone,
    moment,
    number,
    period_days,
    period_words,
    says_days,
    until,
)
from kpictl.values import BY_DEPARTMENT, State
from kpictl.words import has, say

if TYPE_CHECKING:
    from kpictl.errors import Problem
    from kpictl.values import Column, LeftOut, Named, Results, Row, Score, Scorecard

DOT = " · "
DEFAULT_PLAN = "kpi.yaml"  # where the command line looks without -c
SHA_SHOWN = 6
LEFT_OUT = "--left-out"


def title(results: Results, lang: str) -> list[str]:
    """Return what stands beside a scorecard's label: period, days, plan, age of the data."""
    parts = [period_words(results.period, lang)]
    if not says_days(results.period):
        parts.append(period_days(results.period, lang))
    if results.period.whole is not None:
        whole = period_words(results.period.whole, lang)
        parts.append(say(lang, "report.period.to_date", period=whole))
    if results.period.by_default:
        parts.append(say(lang, "report.period.by_default"))
    plan = f"{clean(results.plan_file)} {results.plan_sha256[:SHA_SHOWN]}".strip()
    return [*parts, say(lang, "report.plan", plan=plan), data_age(results, lang)]


def name_head(card: Scorecard, lang: str) -> str:
    """Return what stands over the names of the rows: the caption of the column that names them."""
    if card.by == BY_DEPARTMENT:
        return say(lang, "report.head.department")
    return clean(card.by) or say(lang, "report.head.name")


def kpi_head(column: Column, lang: str) -> str:
    """Return what stands over a KPI's figures: its label, and whose number it is where it is not
    each one's own."""
    label = clean(column.label)
    return label if column.level == "person" else say(lang, f"report.of.{column.level}", kpi=label)


def data_age(results: Results, lang: str) -> str:
    if results.data_as_of is None:
        return say(lang, "report.no_data_yet")
    shown = until if results.data_as_of == results.as_of else moment
    return say(lang, "report.data_as_of", at=shown(results.data_as_of, results.timezone, lang))


def reaches(results: Results, lang: str) -> str:
    """Return in a sentence to which day each entity reaches, where they differ; else nothing."""
    shown = reach_list(results, lang)
    return say(lang, "report.reach", list=shown) if shown else ""


def reach_list(results: Results, lang: str) -> str:
    """Return to which day each entity reaches, where they differ; else nothing."""
    days = {one.label or one.entity: _day_of(one.data_as_of, results) for one in results.reaches}
    if len(set(days.values())) < 2:
        return ""
    shown = []
    for entity, reached in days.items():
        key = "report.reach.none" if reached is None else "report.reach.one"
        at = "" if reached is None else day(reached, lang)
        shown.append(say(lang, key, entity=clean(entity), at=at))
    return ", ".join(shown)


def _day_of(reached: datetime | None, results: Results) -> date | None:
    """Return the day to which something reaches; all that counts reaches the last day of it."""
    if reached is None or reached == results.as_of:
        return reached and results.as_of_day
    return in_zone(reached, results.timezone).date()


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
    """Return in words why a row has no index: a KPI that it is held back for, no points at all, or
    too little of the weight."""
    held = [
        clean(column.label)
        for column in card.columns
        if column.weight > 0
        and column.rule.missing == "hold"
        and row.score(column.kpi).points is None
    ]
    if held:
        return say(numbers.lang, "report.unrated.held", kpis=", ".join(held))
    if row.coverage >= card.min_coverage:
        return say(numbers.lang, "report.unrated.nothing")
    have, need = row.coverage, card.min_coverage
    return say(
        numbers.lang, "report.unrated", have=numbers.percent(have), need=numbers.percent(need)
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


def left_out(results: Results, numbers: Numbers) -> list[tuple[str, str]]:
    """Return what was left out, of each reason by the KPI that misses most: a line for each such
    KPI, and the command that lists exactly those records.

    Several KPIs mostly miss the same records; `explain KPI --left-out` has each one's own.
    """
    lines: dict[str, list[str]] = {}
    for one in _once(results):
        lines.setdefault(one.kpi, []).append(_left_out(one, numbers))
    found = []
    for kpi, texts in lines.items():
        column = results.columns.get(kpi)
        label = clean(column.label if column else kpi)
        found.append((f"{label}: {', '.join(texts)}", command_for(results, kpi, LEFT_OUT)))
    return found


def command_for(results: Results, kpi: str, *options: str) -> str:
    """Return the command that explains a KPI of this period, seen at this moment."""
    return command(results, "explain", kpi, *options)


def command(results: Results, *words: str) -> str:
    """Return a command as it is to be typed, of the same period, moment and plan as the results."""
    typed = ["kpictl", *words, "-p", results.period.text]
    if results.as_of < results.period.end:
        midnight = results.as_of.time() == time.min
        typed += ["--as-of", str(results.as_of_day) if midnight else results.as_of.isoformat()]
    if results.plan_file != DEFAULT_PLAN:
        typed += ["-c", results.plan_file]
    return clean(shlex.join(typed))


def _once(results: Results) -> list[LeftOut]:
    groups: dict[tuple[str, str, tuple[Named, ...]], list[LeftOut]] = {}
    for one in results.left_out:
        groups.setdefault((one.entity, one.reason, one.names), []).append(one)
    return [
        max(group, key=lambda one: (one.count, one.amount is not None)) for group in groups.values()
    ]


def whose(one: LeftOut, lang: str) -> str:
    """Return whose the records are that were left out, by name, and how many others there are."""
    more = f" +{one.more}" if one.more else ""
    return ", ".join(called(name, lang) for name in one.names) + more


def records(entity: str, count: int, numbers: Numbers) -> str:
    """Return so many records of an entity by what people call these: 3 deals."""
    key = f"report.entity.{entity}"
    noun = say(numbers.lang, key if has(numbers.lang, key) else "report.entity.records", n=count)
    return f"{numbers.number(Decimal(count))} {noun}"


def _left_out(one: LeftOut, numbers: Numbers) -> str:
    lang, what = numbers.lang, records(one.entity, one.count, numbers)
    key = f"report.left_out.{one.reason}"
    text = say(lang, key, what=what) if has(lang, key) else f"{what} ({clean(one.reason)})"
    if one.names:
        text += f": {clean(whose(one, lang))}"
    return text if one.amount is None else f"{text} ({numbers.money(one.amount)})"
