"""The table of words against the code: nothing is said without words, nor with words left open."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import kpictl
from kpictl.values import NO_AMOUNT
from kpictl.words import LANGUAGES, say, table

SOURCE = Path(kpictl.__file__).parent
RAISERS = {
    *("Problem", "KpictlError", "UsageError", "StoreError", "ExpressionError"),
    *("reject", "problem", "refusal", "_TooMuchError"),
}
SLOT = re.compile(r"\{(\w+)(?:\|[^|{}]*)*\}")
# Data that is added on the way, whoever raises the problem.
ALWAYS = {"path", "file"}
FROM_EXPRESSIONS = {"text", "entity", "captions"}
FROM_SHAPES = {"given"}
INDIRECT = {
    "pay.adjustment": {"amount", "author", "more", "reason"},  # what adjustments have in all words
    **{key: {"names", "lacks", "count"} for key in NO_AMOUNT.values()},
    "yaml.too_many": {"limit"},
    "yaml.too_deep": {"limit"},
    "unpivot.sideways": {"entity", "name"},
    "unpivot.totals": {"count", "columns"},
    "unpivot.impossible": {"count", "columns"},
    "source.bad_value": {"caption", "value", "kind"},
    "source.too_fine": {"caption", "field", "value"},
    "source.bad_date": {"caption", "value", "kind"},
    "source.time_among_days": {"caption", "value"},
    "source.skipped_line": {"caption", "value", "count"},
    "source.in_two_files": {"entity", "count", "lines", "example"},
    "source.in_later_file": {"entity", "count", "lines", "example"},
    "source.written_twice": {"entity", "count", "lines", "example"},
    "source.on_later_line": {"entity", "count", "lines", "example"},
    "source.later_line_differs": {"entity", "count", "lines", "example", "fields"},
    "table.title_of_bare": {"captions", "row"},
    "table.footer_of_bare": {"count", "lines"},
    "table.ragged_of_bare": {"cells", "columns"},
    "source.no_id": {"caption", "value", "count"},
    "source.skipped_value": {"caption", "value"},
    "usage.no_kpi": {"name"},
    "usage.no_scorecard": {"name"},
    "usage.many_kpis": {"name", "ids", "first"},
    "usage.many_scorecards": {"name", "ids", "first"},
    "ready.strangers": {"what"},
    "ready.no_salary": {"n"},
    "ready.gate_unknown": {"n"},
    "pay.explain.released": {"earned", "before", "released", "waiting"},
    "layout.decimal_sign": {"caption", "value", "read", "other"},
}
FIGURES = {"period.first", "period.last"}  # of the file of accounting: no texts
UNSEEN = "*"  # data of another problem, passed on


class Site(NamedTuple):
    """A code in the source, with the keys of data that can be seen around it."""

    code: str
    where: str
    keys: frozenset[str]


def keys_in(function: ast.AST) -> set[str]:
    """Return every key of data that a function writes: in calls, in dicts, by `suggest`."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Dict):
            found |= {str(k.value) for k in node.keys if isinstance(k, ast.Constant)}
            spread = zip(node.keys, node.values, strict=True)
            if any(k is None and isinstance(v, ast.Attribute) for k, v in spread):
                found.add(UNSEEN)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            found.add(str(node.slice.value))
        elif isinstance(node, ast.Call) and called(node) == "suggest":
            found |= {"near", "known"}
    return found


def constant(node: ast.AST) -> str:
    """Return the text that a node is, "" for any other node."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else ""


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def functions(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield outermost functions and methods, and what stands outside them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
    yield ast.Module([n for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign)], [])


@cache
def sites() -> tuple[Site, ...]:
    prefixes = {key.split(".")[0] for key in table("en")}
    looks_like_key = re.compile(rf"({'|'.join(sorted(prefixes))})(\.[a-z_]+)+")
    found: list[Site] = []
    for file in sorted(SOURCE.rglob("*.py")):
        name = file.relative_to(SOURCE).as_posix()
        if name.startswith("words/"):
            continue
        for function in functions(ast.parse(file.read_text("utf-8"))):
            keys = frozenset(keys_in(function))
            where = f"{name}:{getattr(function, 'name', '')}"
            compared = {
                part
                for n in ast.walk(function)
                if isinstance(n, ast.Compare | ast.MatchValue)
                for part in ast.walk(n)
            }
            for node in ast.walk(function):
                if node in compared:
                    continue
                if (
                    isinstance(node, ast.Call)
                    and called(node) in ("PydanticCustomError", "unfit")
                    and constant(node.args[0])
                ):
                    found.append(Site(f"plan.{constant(node.args[0])}", where, keys | FROM_SHAPES))
                text = constant(node)
                if looks_like_key.fullmatch(text) and not is_file(text) and text not in FIGURES:
                    found.append(Site(text, where, keys))
    return tuple(found)


def is_file(text: str) -> bool:
    """Say whether a text is the name of a file (kpi.yaml) or of a module."""
    return text.rsplit(".", 1)[-1] in ("yaml", "csv", "json", "xlsx", "py")


CODE = re.compile(r"[a-z]+(\.[a-z_]+)+")


@cache
def raised() -> tuple[tuple[str, str], ...]:
    """Return the codes written out in calls that raise, whatever they begin with."""
    found: list[tuple[str, str]] = []
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) in RAISERS:
                texts = filter(CODE.fullmatch, map(constant, node.args[:2]))
                found.extend((text, file.name) for text in texts)
    return tuple(found)


def slots(key: str, lang: str) -> set[str]:
    return set(SLOT.findall(table(lang).get(key, "")))


def test_both_languages_say_the_same_things() -> None:
    """Russian and English have the same keys, and the same slots in each."""
    ru, en = table("ru"), table("en")
    assert set(ru) ^ set(en) == set()
    assert {k for k in ru if slots(k, "ru") != slots(k, "en")} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_words(lang: str) -> None:
    """Whatever code is raised anywhere has a text in every language."""
    lacking = {(s.code, s.where) for s in sites() if s.code not in table(lang)}
    lacking |= {(code, file) for code, file in raised() if code not in table(lang)}
    assert lacking == set()


def test_codes_made_of_shape_errors_have_words() -> None:
    """What pydantic says is translated into codes that have texts."""
    from kpictl.plan.load import _CODES

    for name in (*_CODES.values(), "unfit"):
        assert f"plan.{name}" in table("en")


def test_words_are_filled_with_what_is_there() -> None:
    """Every slot of a text, and of its next step, is among the data of each place that raises it."""
    from kpictl.words.en.pay import TEXTS as STEPS

    open_slots = []
    for code, where, keys in sites():
        if code in STEPS:  # what stands in them is written by report.pay.texts, from their figures
            continue
        texts = [k for k in table("en") if k == code or re.fullmatch(rf"{code}(\.\w+)?\.hint", k)]
        wanted = {slot for key in texts for slot in slots(key, "en")}
        given = keys | ALWAYS | INDIRECT.get(code, set())
        if code.startswith(("expr.", "bind.")):
            given |= FROM_EXPRESSIONS
        if wanted - given and UNSEEN not in given:
            open_slots.append((code, where, sorted(wanted - given)))
    assert open_slots == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_left_unsaid(lang: str) -> None:
    """A text of a problem is said by some code; a next step belongs to a text."""
    codes = {s.code for s in sites()}
    rooms = ("yaml", "plan", "expr", "bind", "card", "targets", "lint", "table", "source", "people")
    texts = {k for k in table(lang) if k.split(".")[0] in rooms}
    from kpictl.plan.lint import RULE_IDS
    from kpictl.plan.load import _CODES

    made = {f"plan.{name}" for name in (*_CODES.values(), "unfit")} | {"bind.unknown_who"}
    made |= {f"lint.{rule}" for rule in RULE_IDS}
    unsaid = {k for k in texts if not k.endswith(".hint")} - codes - made
    stray = {k for k in texts if k.endswith(".hint") and not belongs(k, texts)}
    assert unsaid | stray == set()


def belongs(hint: str, texts: set[str]) -> bool:
    return bool({hint.removesuffix(".hint"), hint.rsplit(".", 2)[0]} & texts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_key_is_said_twice(lang: str) -> None:
    """Two modules of a language never give the same key different words."""
    package = importlib.import_module(f"kpictl.words.{lang}")
    keys = [
        key
        for module in pkgutil.iter_modules(package.__path__)
        for key in importlib.import_module(f"{package.__name__}.{module.name}").TEXTS
    ]
    assert sorted(keys) == sorted(set(keys))


def test_percents_have_the_decimal_sign_of_the_language() -> None:
    """A reader of Russian sees 107,33 %; a number that is to be typed into a plan stays as it is."""
    data = {"kpi": "x", "total": 1, "goal": "0.5", "percent": Decimal("107.33"), "difference": 1}
    assert "0.5: 107,33 %" in say("ru", "cascade.over", **data)
    assert "107.33%" in say("en", "cascade.over", **data)
