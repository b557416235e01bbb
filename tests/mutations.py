"""The changes that `mutants.py` makes: one node of a module's tree, or one word of its SQL."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SQL = tuple(
    (re.compile(pattern), change)
    for pattern, change in (
        (">=", ">"), ("<=", "<"), (" > ", " >= "), (" < ", " <= "), (" = ", " <> "),
        ("<>", "="), (r"\bAND\b", "OR"), (r"\bOR\b", "AND"), ("IS NULL", "IS NOT NULL"),
        ("IS NOT NULL", "IS NULL"), (r"\bNOT (?!NULL)", ""), (r"\bTRUE\b", "FALSE"),
        (r"\bFALSE\b", "TRUE"), (r" \+ ", " - "), (" - ", " + "), (r" \* ", " // "),
        (r"\bmin\(", "max("), (r"\bmax\(", "min("), ("LEFT JOIN", "JOIN"), ("DISTINCT ", ""),
        (r"\bDESC\b", "ASC"), ("UNION ALL", "UNION"), (r"\blast_day\(", "("),
        (r"(?<=[ (])(?<!DECIMAL\()[0-9]+(?=[ )])", "7"),
    )
)  # fmt: skip
_TALK = frozenset(
    {"Problem", "UsageError", "SourceError", "EngineError", "ExpressionError", "Field"}
)


@dataclass(frozen=True)
class Mutant:
    """`key` names a change whatever the lines are numbered; `change` makes the module's whole tree
    or, `at_import`, the one statement that makes `target`."""

    path: Path
    key: str
    scope: str
    lines: range
    change: Callable[[], ast.Module]
    at_import: bool
    target: str

    @property
    def line(self) -> int:
        return self.lines.start


def variants(node: Any) -> Iterator[ast.AST]:  # noqa: C901, PLR0912  one case a kind of node
    """Yield what may stand in a node's place, wrongly."""
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                ops = [*node.ops[:at], _COMPARED[type(op)](), *node.ops[at + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)
            if isinstance(node.comparators[0], ast.Tuple):
                for few in _without_one(node.comparators[0].elts):
                    yield ast.Compare(node.left, node.ops, [ast.Tuple(few, ast.Load())])
        case ast.BinOp() if type(node.op) in _COUNTED:
            yield ast.BinOp(node.left, _COUNTED[type(node.op)](), node.right)
        case ast.BoolOp():
            for few in _without_one(node.values):
                yield few[0] if len(few) == 1 else ast.BoolOp(node.op, few)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)):
            for pattern, change in _SQL:
                for found in pattern.finditer(value):
                    yield ast.Constant(value[: found.start()] + change + value[found.end() :])
        case ast.Call():
            if isinstance(node.func, ast.Name) and node.func.id in _CALLED:
                other = ast.Name(_CALLED[node.func.id], ast.Load())
                yield ast.Call(other, node.args, node.keywords)
            for few in _without_one(node.keywords):
                yield ast.Call(node.func, node.args, few)
        case ast.comprehension():
            for few in _without_one(node.ifs):
                yield ast.comprehension(node.target, node.iter, few, node.is_async)
        case ast.Raise() | ast.Continue() | ast.Break() | ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _without_one(items: list[Any]) -> Iterator[list[Any]]:
    return ([*items[:at], *items[at + 1 :]] for at in range(len(items)))


def mutants(path: Path, source: Path) -> Iterator[Mutant]:
    """Yield every change of a module, in the order of its lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = ".".join(path.relative_to(source).with_suffix("").parts)
    seen: Counter[str] = Counter()
    for spot in _spots(tree, ()):
        scope = ".".join(n.name for n in spot.above if isinstance(n, _NAMED))
        inside = any(isinstance(n, ast.FunctionDef | ast.Lambda) for n in spot.above)
        statement = next(n for n in reversed((*spot.above, spot.node)) if isinstance(n, ast.stmt))
        target = "" if inside else _target(statement, scope)
        if not inside and not target:
            continue
        for other in spot.others:
            text = f"{module}:{scope} {_text(spot.node)} -> {_text(other)}"
            seen[text] += 1
            key = text if seen[text] == 1 else f"{text} (no. {seen[text]})"
            whole = tree if inside else ast.Module([statement], [])
            change = partial(_changed, spot, other, whole)
            yield Mutant(
                path, key, f"{module}:{scope}", _lines(statement, spot), change, not inside, target
            )


def _changed(spot: _Spot, other: ast.AST, whole: ast.Module) -> ast.Module:
    """Return a copy of the tree with the other node in the spot; a tree takes long to copy."""
    ast.copy_location(other, spot.node)
    spot.put(other)
    changed = ast.fix_missing_locations(copy.deepcopy(whole))
    spot.put(spot.node)
    return changed


def _lines(statement: Any, spot: _Spot) -> range:
    """Return the lines from the statement's first to the spot's last: which of them Python counts
    as reached is its own affair. What a function has by default is the whole function's."""
    span = spot.node if hasattr(spot.node, "lineno") else spot.above[-1]
    whole = isinstance(statement, ast.FunctionDef)
    end: int = (statement if whole else span).end_lineno
    return range(statement.lineno, end + 1)


_NAMED = (ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class _Spot:
    above: tuple[Any, ...]
    node: Any
    name: str
    at: int | None
    others: tuple[ast.AST, ...]

    def put(self, node: ast.AST) -> None:
        if self.at is None:
            setattr(self.above[-1], self.name, node)
        else:
            getattr(self.above[-1], self.name)[self.at] = node


def _spots(node: Any, above: tuple[Any, ...]) -> Iterator[_Spot]:
    if isinstance(node, ast.Assert) or _talks(node):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "format_spec", "bases", "ctx"):
            continue
        for at, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or _is_docstring(child):
                continue
            others = tuple(variants(child)) if not _talks(child) else ()
            if name == "test" and isinstance(node, ast.If | ast.IfExp) and not others:
                others = (*others, ast.Constant(True), ast.Constant(False))
            if others:
                place = at if isinstance(value, list) else None
                yield _Spot((*above, node), child, name, place, others)
            yield from _spots(child, (*above, node))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _talks(node: Any) -> bool:
    """Say whether a node only makes a message: words are no arithmetic."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TALK


def _target(statement: ast.stmt, scope: str) -> str:
    """Return the name of the table that a statement outside functions makes, or nothing."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            if isinstance(statement, ast.AnnAssign) and scope:
                return f"{scope}.{name}" if "ClassVar" in ast.unparse(statement.annotation) else ""
            return f"{scope}.{name}" if scope else name
    return ""


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.comprehension):
        return " ".join(["for …", *(f"if {ast.unparse(one)}" for one in node.ifs)])
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return repr(node.value)
    return " ".join(ast.unparse(node).split())
