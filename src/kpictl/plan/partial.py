"""What is sound of a plan whose shape is wrong somewhere: the plan without its broken parts.

So that a typo in one KPI hides no wrong field in another: the sound part is bound to its sources,
too, and what follows only from a part that was left out is not said.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pydantic import ValidationError

from kpictl.errors import Place, Problem
from kpictl.kinds import KINDS
from kpictl.plan import model
from kpictl.plan.document import Document, Path
from kpictl.plan.load import misspelt, real_path, suggest, translated

ROUNDS = 20  # a part that is left out may be missed by another; no plan has a longer chain


class Sound(Struct, frozen=True):
    """A plan of the parts that are sound, and the paths of those that are not. `problems` are those
    of shape that a misspelt verb had hidden."""

    plan: model.Plan
    broken: frozenset[Path]
    document: Document
    problems: tuple[Problem, ...] = ()

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
    read = replace(read, data=copy.deepcopy(read.data))
    broken, guessed = set(_misread(read)), _Guessed(read)
    data = copy.deepcopy(read.data)
    for path in sorted(broken, key=len, reverse=True):
        _remove(data, path)
    for _ in range(ROUNDS):
        try:
            plan = model.Plan.model_validate(data)
            return Sound(plan, frozenset(broken), guessed.read, guessed.problems())
        except ValidationError as error:
            errors = error.errors(include_url=False)
        guessed.note(errors)
        if guessed.verbs(errors, data, broken):
            continue
        removed = {_remove_around(e, guessed.read, data, broken) for e in errors} - {()}
        if not removed:
            return None
        broken |= removed
    return None


def _remove_around(error: Any, read: Document, data: Any, broken: set[Path]) -> Path:
    """Leave out what an error breaks, and return it: of a KPI or a line of a scorecard the value
    alone at first; () where nothing is left that could be left out."""
    path = real_path(error["loc"], read)[0]
    part = _part(path, read.data)
    of_fields = part[:1] == ("kpis",) or part[2:3] == ("kpis",)
    torn = error["type"] == "extra_forbidden" and _at(read.data, path) is None  # round(amount, 2)
    deepest = len(path) if of_fields and not torn else len(part)
    for end in range(deepest, max(len(part), 1) - 1, -1):
        if path[:end] not in broken and _remove(data, path[:end]):
            return path[:end]
    return ()


def _misread(read: Document) -> Iterable[Path]:
    """Return the parts in which the text itself is wrong: a key twice, a variable that is not."""
    places = {problem.place for problem in read.problems}
    for path, place in (*read.values.items(), *read.keys.items()):
        if path and place in places:
            yield _part(path, read.data)


class _Guessed:
    """KPIs whose verb is misspelt, as they are meant: so that a wrong verb hides no other mistake.

    One without any verb, but with an entity, is taken for a count. `read` is the document with the
    verbs that were meant, at the places of those that are written.
    """

    def __init__(self, read: Document) -> None:
        self.read = read
        self.kpis: dict[str, bool] = {}  # name → whether its verb is known
        self.found: list[Any] = []

    def verbs(self, errors: Iterable[Any], data: Any, broken: set[Path]) -> bool:
        """Give a verb to the KPIs that were said to have none; say whether there were any."""
        given = False
        for error in errors:
            path = real_path(error["loc"], self.read)[0]
            tag = str(error.get("ctx", {}).get("tag", ""))
            if tag == "no_verb:" and len(path) == 2 and path[1] not in self.kpis:
                given = self._give(str(path[1]), data, broken) or given
        return given

    def _give(self, name: str, data: Any, broken: set[Path]) -> bool:
        value = data["kpis"][name]
        if not isinstance(value, dict):
            return False
        near = misspelt((str(k) for k in value if str(k) not in _keys_of("count")), list(KINDS))
        written = next(iter(near), None)
        if written is not None:
            meant = {near[k] if k == written else k: v for k, v in value.items()}
            self._place(name, written, near[written])
        elif "from" in value:
            meant = {
                **{k: v for k, v in value.items() if _may_be_of_count(str(k))},
                "count": "rows",
            }
        else:
            return False
        data["kpis"][name] = meant
        self.read.data["kpis"][name] = copy.deepcopy(meant)
        self.kpis[name] = written is not None
        broken.add(("kpis", name, written or "count"))
        return True

    def _place(self, name: str, written: str, meant: str) -> None:
        """Let what is said of the verb that was meant be shown at the one that is written."""
        old: Path = ("kpis", name, written)

        def moved(places: dict[Path, Place]) -> dict[Path, Place]:
            new = {p: v for p, v in places.items() if p[:3] == old}
            return {**places, **{("kpis", name, meant, *p[3:]): v for p, v in new.items()}}

        self.read = replace(self.read, keys=moved(self.read.keys), values=moved(self.read.values))

    def note(self, errors: Iterable[Any]) -> None:
        """Remember the errors of shape in KPIs whose verb was guessed."""
        for error in errors:
            path = real_path(error["loc"], self.read)[0]
            known = self.kpis.get(str(path[1])) if path[:1] == ("kpis",) and len(path) > 1 else None
            lacks = error["type"] == "missing" and not known
            if known is not None and not lacks and error["type"] != "union_tag_invalid":
                self.found.append(error)

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong in the shape of these KPIs besides their verb."""
        return tuple(translated(self.found, self.read))


def _may_be_of_count(key: str) -> bool:
    """Say whether a key is one of a count, or no verb's at all and nearly one of a count."""
    own = _keys_of("count")
    others = {key for verb in KINDS for key in _keys_of(verb)}
    return key in own or (key not in others and bool(get_close_matches(key, own, 1)))


def _keys_of(verb: str) -> list[str]:
    return [field.alias or name for name, field in KINDS[verb].model_fields.items()]


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
    if not before or not _is_of_kpis(problem, part) or problem.code == "bind.unknown_kpi":
        return False
    lost = [p for p in part.broken if p[:2] == ("kpis", before[-1]) and len(p) > 2]
    return bool(lost) and not _is_at_a_value(problem.place, before[-1], part, lost)


def _is_at_a_value(place: Place, kpi: str, part: Sound, lost: Iterable[Path]) -> bool:
    """Say whether a problem is shown at a value that stands whole in the KPI: what is wrong with it
    is so whatever another key was meant to be."""
    values = part.document.values
    at = [p for p, v in values.items() if p[:2] == ("kpis", kpi) and len(p) > 2 and v == place]
    return any(all(one[: len(p)] != p for one in lost) for p in at)


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
        "weight" in names or (names and "weight" not in (entry or ()))
        for kpi, entry in (entries.items() if isinstance(entries, dict) else ())
        for names in [part.names("scorecards", card, "kpis", kpi)]
    )


def _with_all_names(problem: Problem, part: Sound) -> Problem:
    """Let a broken KPI be among those that a misspelt name is compared with."""
    kpis = part.document.data.get("kpis")
    if problem.code not in ("bind.unknown_kpi", "expr.unknown_kpi") or not isinstance(kpis, dict):
        return problem
    near = suggest(str(problem.data.get("name", "")), [str(kpi) for kpi in kpis])
    return replace(problem, data={**problem.data, **near})
