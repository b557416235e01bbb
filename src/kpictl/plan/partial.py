"""What is sound of a plan whose shape is wrong somewhere: the plan without its broken parts.

So that a typo in one KPI hides no wrong field in another: the sound part is bound to its sources,
too, and what follows only from a part that was left out is not said.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from kpictl.errors import Problem
from kpictl.plan import model
from kpictl.plan.document import Document, Path
from kpictl.plan.load import real_path, suggest

ROUNDS = 20  # a part that is left out may be missed by another; no plan has a longer chain


@dataclass(frozen=True, slots=True)
class Sound:
    """A plan of the parts that are sound, and the paths of those that are not."""

    plan: model.Plan
    broken: frozenset[Path]
    document: Document

    @property
    def entities(self) -> frozenset[str]:
        """Return the entities that broken sources would have brought."""
        sources = self.document.data.get("sources") or {}
        named = {str(p[2]) for p in self.broken if p[0] == "sources" and len(p) > 2}
        for path in self.broken:
            spec = sources.get(path[1]) if len(path) == 2 and path[0] == "sources" else None
            named.update(map(str, spec if isinstance(spec, dict) else ()))
        return frozenset(named)

    def names(self, *section: str) -> frozenset[str]:
        """Return the broken parts of a section, by name."""
        return frozenset(
            str(p[-1]) for p in self.broken if len(p) == len(section) + 1 and p[:-1] == section
        )

    def lacks(self, *section: str) -> bool:
        """Say whether a whole section is broken, or one above it, or may be what a key that is
        unknown was meant to be."""
        misspelt = any(len(p) == 1 and p[0] not in model.Plan.model_fields for p in self.broken)
        absent = section[0] not in self.document.data
        return (misspelt and absent) or any(section[: len(p)] == p for p in self.broken)


def sound(read: Document) -> Sound | None:
    """Return what is sound of a document; None where too little is."""
    if not isinstance(read.data, dict):
        return None
    data, broken = copy.deepcopy(read.data), set(_misread(read))
    for path in sorted(broken, key=len, reverse=True):
        _remove(data, path)
    for _ in range(ROUNDS):
        try:
            return Sound(model.Plan.model_validate(data), frozenset(broken), read)
        except ValidationError as error:
            parts = {_broken(e, read) for e in error.errors()}
        removed = [path for path in parts if path and _remove(data, path)]
        if () in parts or not removed:
            return None
        broken |= parts
    return None


def _misread(read: Document) -> Iterable[Path]:
    """Return the parts in which the text itself is wrong: a key twice, a variable that is not."""
    places = {problem.place for problem in read.problems}
    for path, place in (*read.values.items(), *read.keys.items()):
        if path and place in places:
            yield _part(path, read.data)


def _broken(error: Any, read: Document) -> Path:
    """Return what an error breaks: of a KPI or a line of a scorecard that is sound but for a key
    that nobody knows, this key alone."""
    path = real_path(error["loc"], read)[0]
    part = _part(path, read.data)
    alone = error["type"] == "extra_forbidden" and len(path) == len(part) + 1
    of_fields = part[:1] == ("kpis",) or part[2:3] == ("kpis",)
    return path if alone and of_fields and _at(read.data, path) is not None else part


def _part(path: Path, data: Any) -> Path:
    """Return the smallest part around a path that can be left out and still leave a plan."""
    depth = 2
    match path:
        case ("scorecards", _, "kpis", *_):
            depth = 4
        case ("sources" | "scorecards" | "targets", *_):
            depth = 3
    part = path[:depth]
    while part and not isinstance(_at(data, part[:-1]), dict):
        part = part[:-1]
    return part


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def _remove(data: Any, path: Path) -> bool:
    above = _at(data, path[:-1])
    if not isinstance(above, dict) or path[-1] not in above:
        return False
    del above[path[-1]]
    return True


def independent(problems: Iterable[Problem], part: Sound) -> list[Problem]:
    """Return the mistakes that are there whatever the broken parts turn out to be."""
    return [
        _with_all_names(p, part) for p in problems if p.level == "error" and not _follows(p, part)
    ]


def _follows(problem: Problem, part: Sound) -> bool:
    """Say whether a problem may only be there because a broken part is not."""
    name, card = str(problem.data.get("name", "")), str(problem.data.get("card", ""))
    if not problem.code.startswith("expr.") and _lacks_a_key(problem, part):
        return True
    match problem.code:
        case "bind.unknown_kpi" | "expr.unknown_kpi":
            found = part.lacks("kpis") or name in part.names("kpis")
        case "card.weights" | "card.empty":
            found = bool(part.names("scorecards", card, "kpis")) or _lacks_weights(card, part)
        case "card.tie_break":
            found = name in part.names("scorecards", card, "kpis")
        case "targets.scorecard":
            found = part.lacks("scorecards") or name in part.names("scorecards")
        case "bind.unknown_entity":
            found = part.lacks("sources") or bool(part.names("sources"))
        case "bind.no_employees" | "bind.unknown_who":
            found = "employees" in part.entities or part.lacks("sources")
        case code:  # without a company's currency nothing can be said of rates
            found = bool(part.names("company")) and code.startswith("rates.")
    return found


def _lacks_a_key(problem: Problem, part: Sound) -> bool:
    """Say whether a problem stands in a KPI of which a key was left out, which may have settled
    it: `bey` was meant to say whose its records are. A wrong name in a condition is one anyhow."""
    if problem.place is None:
        return False
    document = part.document
    starts = sorted(
        (place.line or 0, place.column or 0, str(path[1]))
        for path, place in document.keys.items()
        if len(path) == 2 and path[0] == "kpis" and place.file == problem.place.file
    )
    here = (problem.place.line or 0, problem.place.column or 0)
    before = [kpi for line, column, kpi in starts if (line, column) <= here]
    return bool(before) and bool(part.names("kpis", before[-1])) and _is_of_kpis(problem, part)


def _is_of_kpis(problem: Problem, part: Sound) -> bool:
    """Say whether a problem stands among the KPIs, and not in a section behind them."""
    place = problem.place
    tops = [
        (where.line or 0, where.column or 0, path[0])
        for path, where in part.document.keys.items()
        if len(path) == 1
    ]
    here = (0, 0) if place is None else (place.line or 0, place.column or 0)
    before = [top for top in sorted(tops, key=lambda t: t[:2]) if top[:2] <= here]
    return bool(before) and before[-1][2] == "kpis"


def _lacks_weights(card: str, part: Sound) -> bool:
    """Say whether a key that was left out may have been meant to be a weight."""
    entries = _at(part.document.data, ("scorecards", card, "kpis"))
    return any(
        part.names("scorecards", card, "kpis", kpi) and "weight" not in (entry or ())
        for kpi, entry in (entries.items() if isinstance(entries, dict) else ())
    )


def _with_all_names(problem: Problem, part: Sound) -> Problem:
    """Let a broken KPI be among those that a misspelt name is compared with."""
    kpis = part.document.data.get("kpis")
    if problem.code not in ("bind.unknown_kpi", "expr.unknown_kpi") or not isinstance(kpis, dict):
        return problem
    near = suggest(str(problem.data.get("name", "")), [str(kpi) for kpi in kpis])
    return replace(problem, data={**problem.data, **near})
