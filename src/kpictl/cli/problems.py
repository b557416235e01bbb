"""Problems as people read them: place, message, the line with the word marked, the next step.

    kpi.yaml:41:7  scorecards.sales.kpis: KPI «revenu» нет
       41 │       revenu: {weight: 40}
          │       ^^^^^^ может быть, revenue?

Everything that comes from files is made tame before it is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from msgspec.structs import replace
from rich.cells import cell_len

from kpictl.errors import Place, Problem
from kpictl.naming import shortened
from kpictl.plan.secrets import HIDDEN, masked
from kpictl.report.format import Numbers, clean, number
from kpictl.report.terminal import fit
from kpictl.values.quantity import Quantity
from kpictl.words import has, say, table

LEAST_WIDTH = 40
NOTHING = "—"
KNOWN_SHOWN = 160  # cells of a list of what there is
_INDENT = 4
_TAB = "    "
_LEVELS = ("error", "warning", "note")
_COLORS = {"error": "31", "warning": "33", "note": "36", "bold": "1", "dim": "2"}
# Data that hold types or other words of ours, said in the reader's language.
_TRANSLATED = {
    **dict.fromkeys(("is", "needs", "kind", "ltype", "rtype", "types"), ("problem.type.",)),
    "what": ("problem.what.", "problem.type."),
    "better": ("problem.better.",),
    "terms": ("check.term.",),
}


def render(  # noqa: PLR0913  what is shown, and how: each has its own name at the call
    problems: Iterable[Problem],
    lang: str,
    *,
    sources: Mapping[str, str],
    color: bool,
    width: int,
    failed: bool = True,
) -> str:
    """Return problems as lines for a terminal, sorted by place.

    `sources` are the texts of the files whose lines are to be shown. Where the command has
    `failed`, the number of mistakes follows, unless the one mistake has no place.
    """
    found = _sorted(problems)
    page = _Page(lang, sources, color=color, width=max(width, LEAST_WIDTH))
    lines = [line for problem in found for line in page.problem(problem)]
    errors = [p for p in found if p.level == "error"]
    if failed and (len(errors) > 1 or any(p.place for p in errors)):
        lines.append(page.paint(say(lang, "problems.count", n=len(errors)), "bold"))
    return "".join(line + "\n" for line in lines)


def lines(problems: Iterable[Problem], lang: str) -> str:
    """Return problems for a log or for grep: one line each, however long; the level comes first,
    then the place, what is wrong, and the next steps. Errors first, then warnings, then notes."""
    found = sorted(_sorted(problems), key=lambda problem: _LEVELS.index(problem.level))
    return "".join(_line(problem, lang) + "\n" for problem in found)


def _line(problem: Problem, lang: str) -> str:
    place = f"{_place(problem)}: " if problem.place else ""
    text = "; ".join([_named(message(problem, lang), problem, lang), *hints(problem, lang)])
    return f"{level(problem.level, lang)}: {place}{text}"


def _named(text: str, problem: Problem, lang: str) -> str:
    """Return a message with the rule of the lint that says it, and why the plan turned it off."""
    rule, reason = problem.data.get("rule"), problem.data.get("silenced")
    if rule is not None:
        text = f"{text} [{rule}]"
    if reason is not None:
        text = f"{text} ({say(lang, 'check.silenced', reason=shortened(clean(str(reason))))})"
    return text


def level(name: str, lang: str) -> str:
    """Return the word for error, warning or note with which a line begins."""
    return say(lang, f"report.level.{name}").lower()


def to_json(problems: Iterable[Problem], lang: str) -> str:
    """Return problems as a JSON list; absent parts are null."""
    return (
        json.dumps([_record(p, lang) for p in _sorted(problems)], ensure_ascii=False, indent=2)
        + "\n"
    )


def mask(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text, longer ones first."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def message(problem: Problem, lang: str) -> str:
    """Return what is wrong, after the path of the key where one is known."""
    text = _fill(problem.code, problem, lang)
    path = shortened(clean(str(problem.data.get("path") or "")))
    return f"{path}: {text}" if path else text


def hints(problem: Problem, lang: str) -> list[str]:
    """Return the next steps: the word that was meant or those there are, then what to write."""
    if "silenced" in problem.data:
        return []
    found: list[str] = []
    near = shortened(clean(str(problem.data.get("near") or "")))
    known = clean(str(problem.data.get("known") or ""))
    if "{near}" in table(lang).get(problem.code, ""):
        near = ""  # the word that cannot be read, not one that was meant
    step = next((k for k in _hint_keys(problem) if has(lang, k)), None)
    if near:
        found.append(say(lang, "problems.near", near=near))
    elif known and (step is None or "{known}" not in table(lang)[step]):
        found.append(say(lang, "problems.known", known=_cut_list(known, lang)))
    if step is not None:
        found.append(_fill(step, problem, lang))
    return found


def _place(problem: Problem) -> str:
    """Return where a problem stands, as it is shown; nothing where it has no place."""
    place = problem.place
    if place is None:
        return ""
    return clean(str(replace(place, file=shortened(clean(place.file)))))


def _hint_keys(problem: Problem) -> tuple[str, ...]:
    """Return where a hint may stand: for the very key that it is about, else for the mistake."""
    key = problem.data.get("key")
    return f"{problem.code}.{key}.hint", f"{problem.code}.hint"


def _fill(key: str, problem: Problem, lang: str) -> str:
    """Return a text filled with a problem's data; what cannot be filled shows the data as it is."""
    data = {name: _shown(name, value, lang) for name, value in problem.data.items()}
    data.setdefault("file", shortened(clean(problem.place.file if problem.place else "")))
    try:
        return say(lang, key, **data)
    except (KeyError, ValueError):
        listed = ", ".join(f"{name}={value}" for name, value in data.items() if value)
        return f"{key} ({listed})"


def _shown(name: str, value: Any, lang: str) -> str:
    match value:
        case Decimal():
            text = f"{value:f}"
        case Quantity():
            text = _quantity(value, lang)
        case tuple() if any(isinstance(item, Quantity) for item in value):
            text = " + ".join(_quantity(item, lang) for item in value)
        case list() | tuple() | set() | frozenset():
            text = ", ".join(str(item) for item in value)
        case _:
            text = str(value)
    if name == "known":
        return _cut_list(clean(text), lang)
    if name not in _TRANSLATED:
        return shortened(clean(text))
    words = [_word(word, _TRANSLATED[name], lang) for word in re.split(r"/|, ", text)]
    return clean(" / ".join(words))


def _quantity(quantity: Quantity, lang: str) -> str:
    if quantity.value is None:
        return NOTHING
    numbers = Numbers(lang, quantity.currency)
    if has(lang, f"check.of.{quantity.unit}"):  # percent of what is no KPI
        percent = f"{number(quantity.value, lang, 2, trim=True)} %"
        return f"{percent} {say(lang, f'check.of.{quantity.unit}')}"
    return numbers.value(quantity.value, quantity.unit)


def _word(word: str, prefixes: tuple[str, ...], lang: str) -> str:
    keys = (prefix + word for prefix in prefixes)
    return next((say(lang, key) for key in keys if has(lang, key)), word)


def _cut_list(known: str, lang: str) -> str:
    """Return a list of names that is not longer than anyone reads."""
    if cell_len(known) <= KNOWN_SHOWN:
        return known
    names, shown = known.split(", "), 0
    while shown < len(names) and cell_len(", ".join(names[: shown + 1])) <= KNOWN_SHOWN:
        shown += 1
    if not shown:
        return fit(known, KNOWN_SHOWN)
    return f"{', '.join(names[:shown])} {say(lang, 'problems.more', n=len(names) - shown)}"


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems by place, those of no place last; of one place, errors first."""

    def key(problem: Problem) -> tuple[bool, str, int, int, int]:
        place = problem.place or Place("")
        level = _LEVELS.index(problem.level)
        return problem.place is None, place.file, place.line, place.column, level

    return sorted(problems, key=key)


def _record(problem: Problem, lang: str) -> dict[str, Any]:
    place = problem.place or Place("")
    ruled = {k: problem.data.get(k) for k in ("rule", "silenced")} if "rule" in problem.data else {}
    return {
        "code": problem.code,
        "level": problem.level,
        "file": place.file or None,
        "line": place.line or None,
        "column": place.column or None,
        "message": message(problem, lang),
        "hint": "; ".join(hints(problem, lang)) or None,
        **ruled,
    }


class _Page:
    """Lines of one width and language, painted or not."""

    def __init__(self, lang: str, sources: Mapping[str, str], *, color: bool, width: int) -> None:
        self.lang = lang
        self.sources = {file: masked(text) for file, text in sources.items()}
        self.color = color
        self.width = width

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if self.color and text else text

    def problem(self, problem: Problem) -> Iterator[str]:
        yield from self.head(problem)
        steps = hints(problem, self.lang)
        excerpt = [] if problem.level == "note" else list(self.excerpt(problem, steps))
        if excerpt:
            yield from excerpt
            return
        for step in steps:
            yield from _wrapped(step, self.width, _INDENT, first=_INDENT)

    def head(self, problem: Problem) -> Iterator[str]:
        text = _named(message(problem, self.lang), problem, self.lang)
        if problem.level != "error":
            text = f"{say(self.lang, f'report.level.{problem.level}')}: {text}"
        place = _place(problem)
        first, *rest = _wrapped(f"{place}  {text}" if place else text, self.width, _INDENT)
        if place and first.startswith(place):
            first = self.paint(place, "bold") + first.removeprefix(place)
        yield first
        yield from rest

    def excerpt(self, problem: Problem, steps: list[str]) -> Iterator[str]:
        """Yield the line of the file, and below it the mark under the word, with the next step."""
        place = problem.place
        lines = self.sources.get(place.file, []) if place else []
        if place is None or not place.column or not 0 < place.line <= len(lines):
            return
        raw, column = lines[place.line - 1].shown(place.column - 1)
        number = f"{place.line:>5}"
        gutter = f"{number} │ "
        length = _length(raw, column, problem)
        line, start, length = _window(raw, column, length, self.width - len(gutter))
        yield self.paint(f"{number} │", "dim") + f" {line}".rstrip()
        margin = " " * len(number) + " │"
        room = self.width - len(gutter) - start - length - 1
        first, *others = steps or [""]
        if cell_len(first) > room:
            first, others = "", steps
        painted = " " * start + self.paint("^" * length, problem.level)
        yield (self.paint(margin, "dim") + f" {painted} {first}").rstrip()
        for step in others:
            for text in _wrapped(step, self.width - len(gutter), 2):
                yield self.paint(margin, "dim") + f" {text}"


def _length(line: str, column: int, problem: Problem) -> int:
    """Return how many characters of a line the mark goes under: the word that is wrong."""
    rest = line[column:]
    for name in ("key", "name", "given", "entity", "caption"):
        word = str(problem.data.get(name) or "")
        if word and rest.startswith(word):
            return len(word)
    match = re.match(r"\"[^\"]*\"|'[^']*'|[^\s,:{}\[\]\"'()]+", rest)
    return len(match[0]) if match else 1


def _tame(text: str) -> str:
    """Return text that is safe to show, its spaces kept."""
    return "".join(_TAB if c == "\t" else " " if c.isspace() else clean(c) for c in text)


def _window(line: str, column: int, length: int, room: int) -> tuple[str, int, int]:
    """Return the part of a line that fits, with the start and length of the mark in cells."""
    before, word, after = line[:column], line[column : column + length], line[column + length :]
    before, word, after = _tame(before[-4000:]), _tame(word[:400]), _tame(after[:4000])
    word = fit(word, max(room - 2, 1))
    start, size = cell_len(before), max(cell_len(word), 1)
    whole = before + word + after
    if cell_len(whole) <= room:
        return whole, start, size
    left = max(min(start, room - size - 1, room // 2), 0)
    if start > left:
        while before and cell_len(before) > left - 1:
            before = before[1:]
        before = "…" + before
    start = cell_len(before)
    return before + word + fit(after, room - start - cell_len(word)), start, size


def _wrapped(text: str, width: int, indent: int, *, first: int = 0) -> list[str]:
    """Break text at spaces; a word longer than the line stays whole."""
    lines: list[str] = []
    current = " " * first
    for word in re.split(r" (?! )", text):
        blank = not current.strip()
        longer = current + word if blank else f"{current} {word}"
        if blank or cell_len(longer) <= width:
            current = longer
        else:
            lines.append(current)
            current = " " * indent + word.lstrip()
    return [*lines, current]
