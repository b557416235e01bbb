"""What a pull has done, in words, in a line of a log, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpictl.cli.problems import to_json as problems_json
from kpictl.cli.progress import caption
from kpictl.errors import Problem
from kpictl.report.format import MINUS, clean, in_zone, moment, number
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.bitrix24.sync import Outcome

Change = Mapping[str, int]


def together(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems with those in one that one step mends: the same permission, to be given to
    the same key. The gravest level counts; methods and KPIs are all named."""
    found: dict[tuple[object, ...], list[Problem]] = {}
    for n, problem in enumerate(problems):
        about = str(problem.data.get("key", "")).removesuffix("needed").rstrip("_")
        same = (problem.code, *(problem.data.get(k) for k in ("source", "scope", "code")), about)
        found.setdefault(same if about else (n,), []).append(problem)
    return [_joined(several) for several in found.values()]


def _joined(several: Sequence[Problem]) -> Problem:
    if len(several) == 1:
        return several[0]
    why = [str(one.data.get("why") or "") for one in several]
    listed = {
        "method": _names(str(one.data["method"]) for one in several),
        "why": _names(name for text in why for name in text.split(", ")),
    }
    first = next((one for one in several if one.data.get("why")), several[0])
    level = "error" if any(one.level == "error" for one in several) else first.level
    return Problem(first.code, first.place, {**first.data, **listed}, level)


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(name for name in names if name))


def summary(outcome: Outcome, lang: str, zone: ZoneInfo) -> str:
    """Return what a pull has done, for people."""
    parts = [say(lang, "pull.requests", n=outcome.requests)]
    parts.append(say(lang, "pull.seconds", n=max(round(outcome.seconds), 1)))
    if outcome.complete_to is not None and not outcome.refused:  # else the rest is, said below
        at = moment(outcome.complete_to, zone.key, lang)
        parts.append(say(lang, "pull.complete_to", at=at))
    if outcome.resumed:
        parts.append(say(lang, "pull.resumed"))
    changes = changes_in_words(outcome.changes, lang) or say(lang, "pull.nothing_new")
    return f"{clean(outcome.source)}: " + " · ".join([changes, *parts])


def changes_in_words(changes: Mapping[str, Change], lang: str) -> str:
    """Return what has changed, entity by entity: `сделки +12, изменено 40, удалено 1`."""
    said = [(entity, _words(change, lang)) for entity, change in changes.items()]
    return "; ".join(f"{caption(entity, lang)} {words}" for entity, words in said if words)


def _words(change: Change, lang: str) -> str:
    def shown(count: int) -> str:
        return number(Decimal(count), lang)

    if "read" in change:
        read, more = change["read"], change["read"] - change.get("before", 0)
        if more == read:
            return f"+{shown(read)}" if read else ""
        sign = f" (+{shown(more)})" if more > 0 else f" ({MINUS}{shown(-more)})" if more else ""
        return shown(read) + sign
    said = [f"+{shown(change['new'])}"] if change.get("new") else []
    said += [
        say(lang, f"pull.{key}", n=shown(change[key]))
        for key in ("changed", "gone")
        if change.get(key)
    ]
    return ", ".join(said)


def line(outcome: Outcome, zone: tzinfo, *, several: bool = False) -> str:
    """Return what a pull has done, for a log: `done: deals +61200, leads +12 ~40 -1, …`."""
    parts = [f"{entity} {_signs(change)}" for entity, change in outcome.changes.items()]
    parts.append(f"{outcome.requests} requests")
    parts.append(f"{max(round(outcome.seconds), 1)} s")
    if outcome.complete_to is not None:
        at = outcome.complete_to.astimezone(zone)
        rest = "rest " if outcome.refused else ""
        parts.append(f"{rest}complete to {at.isoformat(timespec='seconds')}")
    if outcome.resumed:
        parts.append("resumed")
    for problem in outcome.refused:
        method, code = (str(problem.data.get(key, "")) for key in ("method", "code"))
        if (said := f"refused {method} ({code})") not in parts:
            parts.append(said)
    named = f"{outcome.source}: " if several else ""
    return f"done: {named}" + ", ".join(parts)


def _signs(change: Change) -> str:
    if "read" in change:
        new = "+" if not change.get("before") else "="
        return f"{new}{change['read']}"
    signs = (("new", "+"), ("changed", "~"), ("gone", "-"))
    said = [f"{sign}{change[key]}" for key, sign in signs if change.get(key)]
    return " ".join(said) or "+0"


def to_json(outcomes: Sequence[Outcome], lang: str, zone: ZoneInfo) -> str:
    """Return what pulls have done as JSON; moments are ISO 8601 in the company's zone."""
    pulls = [_record(outcome, lang, zone) for outcome in outcomes]
    return json.dumps({"kpictl": 1, "pulls": pulls}, ensure_ascii=False, indent=2) + "\n"


def _record(outcome: Outcome, lang: str, zone: ZoneInfo) -> dict[str, Any]:
    at = outcome.complete_to
    return {
        "source": outcome.source,
        "changes": {entity: dict(change) for entity, change in outcome.changes.items()},
        "complete_to": None if at is None else in_zone(at, zone.key).isoformat(),
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
        "resumed": outcome.resumed,
        "refused": json.loads(problems_json(outcome.refused, lang)),
        "notes": json.loads(problems_json(outcome.notes, lang)),
    }
