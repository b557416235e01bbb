"""The list of targets as rows: what CSV, the workbook and JSON agree on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kpictl.report.derivation import spoken
from kpictl.report.format import Numbers
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetLine, TargetList

COLUMNS = (
    "period", "kind", "scorecard", "id", "name", "department", "kpi", "label", "unit", "target",
    "level", "place", "derivation", "state", "overruled",
)  # fmt: skip

CAPTION = "target_list.column."


def numbers_of(listed: TargetList, lang: str) -> Numbers:
    return Numbers(lang, listed.currency, listed.grades)


def rows(listed: TargetList) -> Iterator[list[Any]]:
    """Yield a row for each line, in the order of `COLUMNS`; absence is None."""
    for line in listed.lines:
        target = line.target
        made = (None, None, None, None) if target is None else (
            target.value, target.level, str(target.place or "") or None, target.derivation or None,
        )  # fmt: skip
        yield [
            listed.period.text, line.kind, line.scorecard or None, line.id or None,
            line.name or None, line.department, line.kpi, line.label, line.unit, *made,
            state(line), overruled(line) or None,
        ]  # fmt: skip


def state(line: TargetLine) -> str:
    """Return whether there is a target: `set`, `lacking` (points depend on it) or `none`."""
    return "set" if line.target is not None else "lacking" if line.needed else "none"


def overruled(line: TargetLine) -> str:
    """Return what else is written for them, nearest first: `members 200 kpi.yaml:12:3`."""
    others = line.target.overruled if line.target is not None else ()
    return "; ".join(f"{t.level} {t.value:f} {t.place or ''}".strip() for t in others)


def worded(name: str, value: Any, numbers: Numbers) -> Any:
    """Return a value as people say it."""
    if value is None:
        return None
    lang = numbers.lang
    if name == "kind":
        return say(lang, f"target_list.kind.{value}")
    if name == "state":
        return say(lang, f"target_list.state.{value}")
    if name == "level":
        return say(lang, f"explain.level.{value}")
    return spoken(value, numbers) if name == "derivation" else value
