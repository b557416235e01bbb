"""The checklist with numbers in place of names, the same as in the scorecards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.report import view
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.values.readiness import Assertion, Check, Finding, Readiness


def masked(readiness: Readiness, lang: str) -> Readiness:
    """Return the list with people numbered; who is on no scorecard has no number, and is left out
    of the names."""
    people = view.numbering(readiness.results)
    checks = tuple(_check(check, people, lang) for check in readiness.checks)
    return replace(readiness, results=view.masked(readiness.results, lang), checks=checks)


def _check(check: Check, people: view.Numbering, lang: str) -> Check:
    findings = (_finding(one, people.by_name | people.by_id, lang) for one in check.findings)
    found = check.assertion
    if found is not None and found.of == "employee":
        found = _of_people(found, people.by_id, lang)
    return replace(check, findings=tuple(findings), assertion=found)


def _finding(one: Finding, numbers: Mapping[str, int], lang: str) -> Finding:
    (problem,) = view.masked_problems([one.problem], numbers, lang)
    names = [_name(name, numbers, lang) for name in one.names if isinstance(name, str)]
    known = tuple(name for name in names if name is not None)
    command = _unnamed(one.command)
    return replace(
        one, problem=problem, names=known, more=one.more if known else 0, command=command
    )


def _unnamed(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command without the name of whom it asks for."""
    pairs = zip(("", *command), command, strict=False)
    return tuple("…" if before == "-e" else word for before, word in pairs)


def _name(name: str, numbers: Mapping[str, int], lang: str) -> str | None:
    """Return the number of somebody, also of one whose name has something behind it that tells it
    from another's."""
    bare = name if name in numbers else name.rpartition(" (")[0]
    return say(lang, "report.masked", n=numbers[bare]) if bare in numbers else None


def _of_people(found: Assertion, by_id: Mapping[str, int], lang: str) -> Assertion:
    several = (
        replace(one, id=str(by_id[one.id]), name=say(lang, "report.masked", n=by_id[one.id]))
        for one in found.reconciliations
    )
    return replace(found, reconciliations=tuple(several))
