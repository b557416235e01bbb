"""What a pull has done, in words, in a line of a log, and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpictl.cli.problems import to_json as problems_json
from kpictl.cli.progress import caption
from kpictl.report.format import MINUS, clean, moment, number
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.pull import Outcome

Change = Mapping[str, int]


def summary(outcome: Outcome, lang: str, zone: ZoneInfo) -> str:
    """Return what a pull has done, for people."""
    parts = [say(lang, "pull.requests", n=outcome.requests)]
    parts.append(say(lang, "pull.seconds", n=max(round(outcome.seconds), 1)))
    if outcome.complete_to is not None:
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
        parts.append(f"complete to {at.isoformat(timespec='seconds')}")
    if outcome.resumed:
        parts.append("resumed")
    for problem in outcome.refused:
        method, code = (str(problem.data.get(key, "")) for key in ("method", "code"))
        parts.append(f"refused {method} ({code})")
    named = f"{outcome.source}: " if several else ""
    return f"done: {named}" + ", ".join(parts)


def _signs(change: Change) -> str:
    if "read" in change:
        new = "+" if not change.get("before") else "="
        return f"{new}{change['read']}"
    signs = (("new", "+"), ("changed", "~"), ("gone", "-"))
    said = [f"{sign}{change[key]}" for key, sign in signs if change.get(key)]
    return " ".join(said) or "+0"


def to_json(outcomes: Sequence[Outcome], lang: str) -> str:
    """Return what pulls have done as JSON; moments are ISO 8601 in UTC."""
    pulls = [_record(outcome, lang) for outcome in outcomes]
    return json.dumps({"kpictl": 1, "pulls": pulls}, ensure_ascii=False, indent=2) + "\n"


def _record(outcome: Outcome, lang: str) -> dict[str, Any]:
    return {
        "source": outcome.source,
        "changes": {entity: dict(change) for entity, change in outcome.changes.items()},
        "complete_to": outcome.complete_to.isoformat() if outcome.complete_to else None,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
        "resumed": outcome.resumed,
        "refused": json.loads(problems_json(outcome.refused, lang)),
        "notes": json.loads(problems_json(outcome.notes, lang)),
    }
