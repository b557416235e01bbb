"""The checklist in Markdown: a table of checks, and below it what is red."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.report import phrases
from kpictl.report.format import NBSP
from kpictl.report.md import code, literal, paragraph, table
from kpictl.report.ready.table import SIGNS
from kpictl.report.ready.texts import Teller
from kpictl.values.readiness import Verdict

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.readiness import Check, Readiness


def render_ready(readiness: Readiness, options: Options) -> str:
    lines = _lines(Teller.of(readiness, options))
    return "\n".join(lines).replace(NBSP, " ") + "\n"


def _lines(teller: Teller) -> Iterator[str]:
    readiness = teller.readiness
    yield f"# {teller.say('ready.title')}"
    title = phrases.title(readiness.results, teller.numbers.lang)
    yield from ("", phrases.DOT.join(map(literal, title)))
    yield from ("", f"**{literal(teller.sum())}**", "")
    heads = [(teller.say(f"ready.head.{name}"), False) for name in ("verdict", "check", "found")]
    yield from table(heads, (_row(teller, check) for check in readiness.checks))
    for check in readiness.checks:
        if check.verdict is Verdict.RED:
            yield from ("", f"## {literal(teller.title(check))}", "")
            yield from _red(teller, check)


def _row(teller: Teller, check: Check) -> list[str]:
    red = check.verdict is Verdict.RED
    said = teller.say(f"ready.verdict.{check.verdict}") if red else teller.remark(check)
    return [SIGNS[check.verdict], literal(teller.title(check)), literal(said)]


def _red(teller: Teller, check: Check) -> Iterator[str]:
    for one in check.findings:
        hint = teller.hint(one)
        shown = code(hint) if one.command else literal(hint)
        yield f"- {paragraph(teller.finding(one))}" + (f": {shown}" if hint else "")
    for figures in check.assertion.reconciliations if check.assertion else ():
        pairs = teller.pairs(check.assertion, figures) if check.assertion else ()
        yield from (f"  - {paragraph(text)}" for text in pairs)
