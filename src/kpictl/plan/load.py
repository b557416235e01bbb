"""A plan file → `Plan`, or every mistake of shape that is in it, each with its place."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, get_args
from zoneinfo import available_timezones

from msgspec import Struct
from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

import kpictl.catalog as catalogue
from kpictl.errors import Place, Problem
from kpictl.kinds import KINDS
from kpictl.masking import hide
from kpictl.plan import asserts, calendar, document, lint, model, pay
from kpictl.plan.awards import Award
from kpictl.plan.document import Document, Path
from kpictl.plan.fields import KEYS
from kpictl.plan.insight import InsightPlan
from kpictl.plan.secrets import HIDDEN, could_be, hidden_texts
from kpictl.plan.sources import FILES, SPECS, Column, LookUp, Table, Unpivot
from kpictl.scoring.curves import SHAPES


class LoadedPlan(Struct, frozen=True):
    """A plan as read. `plan` is None when its shape is wrong; `problems` then say why."""

    file: str
    folder: FilePath
    sha256: str
    document: Document
    plan: model.Plan | None
    problems: tuple[Problem, ...]


def load(path: str | FilePath, environment: Mapping[str, str]) -> LoadedPlan:
    """Read a plan file. Never raises for what the file holds."""
    file = FilePath(path)
    name = str(path)
    try:
        raw = document.read_bytes(file)
    except OSError as error:
        return _unread(name, file, _os_problem(name, error))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _unread(name, file, Problem("plan.encoding", Place(name, line)))
    read = document.read(text, name, environment)
    digest = hashlib.sha256(raw).hexdigest()
    plan, problems = validate(read)
    _hide_keys(read, rejected=plan is None)
    return LoadedPlan(name, file.resolve().parent, digest, read, plan, tuple(problems))


def _hide_keys(read: Document, *, rejected: bool) -> None:
    """Have the keys of portals hidden, wherever they come from; of a plan that is rejected also
    what could be one, for what is said of it quotes it."""
    if rejected:
        # Of a word that also stands elsewhere (`orders`) a message must not lose the other ones.
        for text in hidden_texts(read.text):
            if len(text) >= 8 and read.text.count(text) == 1:
                hide(text)
    sources = read.data.get("sources") if isinstance(read.data, dict) else None
    for spec in sources.values() if isinstance(sources, dict) else ():
        for key in document.SECRETS if isinstance(spec, dict) else ():
            if isinstance(spec.get(key), str):
                hide(spec[key])


def _unread(name: str, file: FilePath, problem: Problem) -> LoadedPlan:
    return LoadedPlan(name, file.parent, "", Document(name, ""), None, (problem,))


def _os_problem(name: str, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem("plan.missing_file", Place(name))
    if isinstance(error, IsADirectoryError):
        return Problem("plan.directory", Place(name))
    if isinstance(error, document.NotAFile):
        return Problem("plan.no_file", Place(name))
    return Problem("plan.unreadable", Place(name), {"detail": error.strerror or str(error)})


def validate(read: Document) -> tuple[model.Plan | None, list[Problem]]:
    """Check the shape of a document."""
    problems = list(read.problems)
    if read.data is None:
        if not problems:
            problems.append(Problem("plan.empty", Place(read.file, 1)))
        return None, problems
    if not isinstance(read.data, dict):
        problems.append(Problem("plan.not_mapping", read.place(()), {"what": _kind(read.data)}))
        return None, problems
    try:
        plan = model.Plan.model_validate(read.data)
    except ValidationError as error:
        said = {problem.place for problem in problems}
        found = translated(error.errors(include_url=False), read)
        problems += [p for p in found if p.place not in said]
        return None, problems
    return (None if problems else plan), problems


def translated(errors: Iterable[Any], read: Document) -> list[Problem]:
    """Return what pydantic says of a document in our words, each mistake once."""
    found = [_translate(item, read) for item in errors if not _other_branch(item["loc"], read)]
    return list(_told_once(found))


def _told_once(problems: list[Problem]) -> Iterator[Problem]:
    """Leave out repeats, and the missing key where a misspelt one was meant to be it."""
    meant = {(p.data["path"], p.data["near"]) for p in problems if p.code == "plan.unknown_key"}
    seen: list[Problem] = []
    for problem in problems:
        key = (problem.data["path"], problem.data.get("key"))
        if problem in seen or (problem.code == "plan.missing_key" and key in meant):
            continue
        seen.append(problem)
        yield problem


def _translate(item: Any, read: Document) -> Problem:
    kind = item["type"]
    path, at_key = real_path(item["loc"], read)
    said = dict(item.get("ctx", {}))
    keys = said.pop(KEYS, ())
    given = {"given": _short(item.get("input")), **said}
    if _is_secret(path, read):
        given["given"] = HIDDEN
    data = {"path": dotted(path), **given}
    if (option := _misspelt_option(path, read)) is not None:
        kind, path = "extra_forbidden", option
    if kind == "extra_forbidden":
        return _unknown_key(path, read)
    if kind == "missing":
        key = _written(str(item["loc"][-1]))
        data |= {"key": key, "path": dotted(path)}
        return Problem("plan.missing_key", read.place(path, key=True), data)
    if kind == "union_tag_invalid":
        return _no_variant(str(item["ctx"]["tag"]), path, read)
    if kind == "literal_error":
        options = re.findall(r"'((?:[^'\\]|\\.)*)'", str(data["expected"]))
        data |= suggest(str(data["given"]), options)
        if not all(option.isidentifier() for option in options):
            data["known"] = " ".join(f'"{option}"' for option in options)
    if kind == "shape":
        data |= suggest(str(data["given"]), list(SHAPES))
    if kind == "zone":
        data |= {**suggest(str(data["given"]), sorted(available_timezones())), "known": ""}
    inner = [(*path, key) for key in keys if (*path, key) in read.values]
    path = inner[0] if inner else path
    code = f"plan.{_CODES.get(kind) or ('unfit' if kind in _UNNAMED else kind)}"
    return Problem(code, read.place(path, key=at_key), data)


def _is_secret(path: Path, read: Document) -> bool:
    """Say whether a value that is wrong stands where a secret could."""
    value, source = _at(read.data, path), path[:2]
    kind = _at(read.data, source) if path[:1] == ("sources",) and len(path) > 1 else None
    kind = str(kind.get("type", "")) if isinstance(kind, dict) else ""
    return isinstance(value, str) and could_be(path, value, kind)


def _said(path: Path, read: Document) -> str:
    return HIDDEN if _is_secret(path, read) else _short(_at(read.data, path))


def _unknown_key(path: Path, read: Document) -> Problem:
    key, value = str(path[-1]), _at(read.data, path)
    place = read.place(path, key=True)
    given = _said(path, read)
    data: dict[str, object] = {"path": dotted(path[:-1]), "key": key, "given": given}
    if value is None and not key.isidentifier():
        return Problem("plan.comma", place, data)  # {sum: round(amount, 2)}
    data |= suggest(key, known_keys(read.data, path[:-1]))
    return Problem("plan.unknown_key", place, data)


def _misspelt_option(path: Path, read: Document) -> Path | None:
    """Return the key of a file source that is no entity but nearly an option."""
    if len(path) < 3 or path[0] != "sources":
        return None
    value = _at(read.data, path[:3])
    return path[:3] if misspelt_option(str(path[2]), value) else None


def misspelt_option(name: str, value: Any) -> str:
    """Return the option of a file source that a key must mean, or "": a free name that is near an
    option is an entity all the same if its value looks like files."""
    options = list(SPECS[FILES].model_fields)
    if name in options or name in catalogue.names():
        return ""
    first = value[0] if isinstance(value, list) and value else value
    looks_like_files = (
        "path" in first if isinstance(first, dict) else re.search(r"[./*]", str(first))
    )
    return "" if looks_like_files else suggest(name, options)["near"]


# What pydantic calls it → what we call it; our own errors already carry our names.
_CODES = {
    "dict_type": "needs_mapping",
    "model_type": "needs_mapping",
    "model_attributes_type": "needs_mapping",
    "list_type": "needs_list",
    "string_type": "needs_text",
    "string_unicode": "needs_text",
    "literal_error": "choice",
}
_UNNAMED = frozenset(get_args(ErrorType)) - frozenset(_CODES)


def _no_variant(tag: str, path: Path, read: Document) -> Problem:
    found = tag.partition(":")[2]
    data: dict[str, object] = {"path": dotted(path), "found": found}
    if tag.startswith("no_verb"):
        code = "plan.two_verbs" if found else "plan.no_verb"
        value = _at(read.data, path)
        if not isinstance(value, dict):
            given = data | {"given": _said(path, read)}
            return Problem("plan.needs_mapping", read.place(path), given)
        return _one_key(code, path, read, list(KINDS), data)
    if tag.startswith("no_shape"):
        code = "plan.two_shapes" if found else "plan.no_shape"
        return _one_key(code, path, read, list(SHAPES), data)
    if tag == "no_mapping":
        given = data | {"given": _said(path, read)}
        return Problem("plan.needs_mapping", read.place(path), given)
    data |= {"given": tag, **suggest(tag, list(SPECS))}
    return Problem("plan.choice", read.place((*path, "type")), data)


def _one_key(
    code: str, path: Path, read: Document, known: list[str], data: dict[str, object]
) -> Problem:
    """Point at the misspelt key, or the second, of a mapping that must hold exactly one."""
    value = _at(read.data, path)
    keys = [str(key) for key in value] if isinstance(value, dict) else []
    meant = known_keys(read.data, path) if code.endswith("_verb") else []
    near = misspelt((key for key in keys if key not in meant), known)
    wrong = [k for k in keys if k in known][1:] if data["found"] else list(near)
    data |= {"found": str(data["found"]).replace(",", ", "), "known": ", ".join(known)}
    data["near"] = near[wrong[0]] if wrong and not data["found"] else ""
    at_key = bool(wrong) or code.endswith("_verb")
    return Problem(code, read.place((*path, *wrong[:1]), key=at_key), data)


def misspelt(keys: Iterable[str], known: list[str]) -> dict[str, str]:
    """Return which of some keys are nearly one of those that are known, or have its letters."""
    letters = {tuple(sorted(word)): word for word in known}
    found: dict[str, str] = {}
    for key in keys:
        close = difflib.get_close_matches(key, known, 1, 0.75)
        meant = close[0] if close else letters.get(tuple(sorted(key)))
        if meant is not None:
            found[key] = meant
    return found


# After these paths pydantic puts the branch of a union that it took.
_BRANCHED: tuple[tuple[str, ...], ...] = (
    ("calendar", "file"),
    ("calendar", "years"),
    ("sources", "*"),
    ("sources", "*", "*", "path"),
    ("sources", "*", "*", "sheet"),
    ("sources", "*", "*", "header"),
    ("sources", "*", "*", "unpivot", "columns"),
    ("sources", "*", "*", "fields", "*"),
    ("sources", "*", "*", "fields", "*", "column"),
    ("rates",),
    ("rates", "*"),
    ("kpis", "*"),
    ("kpis", "*", "manual"),
    ("scorecards", "*", "kpis", "*", "score"),
    ("scorecards", "*", "kpis", "*", "target"),
    ("scorecards", "*", "from", "*", "kpis", "*", "score"),
    ("scorecards", "*", "from", "*", "kpis", "*", "target"),
    ("targets", "file"),
    ("targets", "*", "*"),
    ("awards", "*", "among"),
)
_BRANCHES = frozenset(
    {"number", "periods", "str", "of_column", "of_lookup", "Cascade", *SPECS, *KINDS, *SHAPES}
)


def _is_branch(path: Path, step: str | int) -> bool:
    name = str(step)
    named = name in _BRANCHES or name.startswith(("list[", "dict["))
    return named and any(_like(path, pattern) for pattern in _BRANCHED)


def _like(path: Path, pattern: tuple[str, ...]) -> bool:
    return len(pattern) == len(path) and all(
        p in ("*", str(s)) for p, s in zip(pattern, path, strict=True)
    )


def real_path(loc: tuple[str | int, ...], read: Document) -> tuple[Path, bool]:
    """Drop the steps that pydantic adds for unions; say whether a key itself is meant."""
    path: Path = ()
    at_key = dropped = False
    for step in loc:
        if not dropped and _is_branch(path, step):
            dropped = True
            continue
        dropped = False
        if step == "[key]":
            at_key = True
        elif (*path, step) in read.values or (*path, step) in read.keys:
            path = (*path, step)
    return path, at_key


def _other_branch(loc: tuple[str | int, ...], read: Document) -> bool:
    """Say whether an error is of a branch (text, list, mapping) that the value is not meant for."""
    for i, step in enumerate(loc):
        path, _ = real_path(loc[:i], read)
        if not _is_branch(path, step):
            continue
        value, name = _at(read.data, path), str(step)
        if name.startswith("list["):
            return not isinstance(value, list)
        if name == "Cascade":
            return isinstance(value, list)
        if name == "str":
            return isinstance(value, dict | list if path == ("rates",) else list)
    return False


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def known_keys(data: Any, path: Path) -> list[str]:
    """Return the keys that the mapping at a path may have."""
    for pattern, cls in _MODELS:
        if _like(path, pattern):
            found: type[BaseModel] = cls if isinstance(cls, type) else cls(_at(data, path))
            return [_written(n, found) for n in found.model_fields]
    return []


def _written(name: str, cls: type[BaseModel] | None = None) -> str:
    """Return a field's name as the plan writes it."""
    if cls is not None:
        return cls.model_fields[name].alias or name
    return {"entity": "from", "start": "from", "version": "kpictl"}.get(name, name)


def _kpi_model(value: Any) -> type[BaseModel]:
    return next((kind for verb, kind in KINDS.items() if verb in value), KINDS["count"])


def _source_model(value: Any) -> type[BaseModel]:
    return SPECS.get(str(value.get("type")), SPECS[FILES])


def _field_model(value: Any) -> type[BaseModel]:
    looked_up = isinstance(value, dict) and not {"from", "take"}.isdisjoint(value)
    return LookUp if looked_up else Column


def _shape_model(value: Any) -> type[BaseModel]:
    return next(shape for key, shape in SHAPES.items() if key in value)


_MODELS: tuple[tuple[tuple[str, ...], Any], ...] = (
    ((), model.Plan),
    (("company",), model.Company),
    (("calendar",), calendar.Calendar),
    (("calendar", "cycle"), calendar.ShiftCycle),
    (("calendar", "schedules", "*"), calendar.OwnHours),
    (("calendar", "schedules", "*", "cycle"), calendar.ShiftCycle),
    (("calendar", "shifts"), calendar.ShiftsPlan),
    (("close",), model.Close),
    (("sources", "*"), _source_model),
    (("sources", "*", "*"), Table),
    (("sources", "*", "*", "fields", "*"), _field_model),
    (("sources", "*", "*", "unpivot"), Unpivot),
    (("kpis", "*"), _kpi_model),
    *((("kpis", "*", verb), kind.inner()) for verb, kind in KINDS.items() if kind.inner()),
    (("scorecards", "*"), model.ScorecardPlan),
    (("scorecards", "*", "kpis", "*"), model.Entry),
    (("scorecards", "*", "kpis", "*", "score"), _shape_model),
    (("scorecards", "*", "from", "*"), model.Edition),
    (("scorecards", "*", "from", "*", "kpis", "*"), model.Entry),
    (("scorecards", "*", "from", "*", "kpis", "*", "score"), _shape_model),
    *(
        ((*at, *path), part)
        for at in (("scorecards", "*"), ("scorecards", "*", "from", "*"))
        for path, part in pay.MODELS
    ),
    (("pay",), pay.PayPlan),
    (("pay", "sanctions"), pay.Sanctions),
    (("pools", "*"), pay.Pool),
    (("payroll",), pay.Payroll),
    *((path, lint.LintPlan) for path in (("lint",), ("scorecards", "*", "lint"))),
    (("targets",), model.Targets),
    (("targets", "cascade", "*"), model.Cascade),
    (("targets", "cascade", "*", "*"), model.Cascade),
    (("insight",), InsightPlan),
    (("awards", "*"), Award),
    (("assert", "*"), asserts.Assert),
)


def suggest(word: str, known: Iterable[str]) -> dict[str, str]:
    """Return the data of a suggestion: what is near, and what there is."""
    options = list(known)
    lower = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(word.casefold(), lower, n=1, cutoff=0.6)
    return {"near": lower[near[0]] if near else "", "known": ", ".join(options)}


def dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)


def _kind(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


def _short(value: Any) -> str:
    text = (
        {True: "true", False: "false", None: "null"}.get(value)
        if not isinstance(value, dict | list)
        else ("{…}" if isinstance(value, dict) else "[…]")
    )
    text = text if text is not None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
