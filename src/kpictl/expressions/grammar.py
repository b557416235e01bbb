"""The grammar: text → tree. sqlglot reads the SQL; only the node types listed here pass."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import sqlglot
from sqlglot import exp, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import TokenType

from kpictl.expressions.functions import FUNCTIONS, OF_PEOPLE, UNDER, Function
from kpictl.expressions.moments import read_moment
from kpictl.expressions.names import ExpressionError, Names, QualifiedNames
from kpictl.expressions.nodes import Literal, Node, Operation, Ref, Type
from kpictl.naming import shortened


class _PlanDialect(Dialect):
    """DuckDB's expressions without what writes them: that half of sqlglot's dialect takes longer to
    import than everything that is used of it."""

    NUMBERS_CAN_BE_UNDERSCORE_SEPARATED = True

    class Tokenizer(tokens.Tokenizer):
        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            **tokens.Tokenizer.KEYWORDS,
            "//": TokenType.DIV,
            "**": TokenType.DSTAR,
            "UNDER": TokenType.OVERLAPS,  # an operator, and a name where one is expected
        }
        KEYWORDS.pop("OVERLAPS", None)

    Parser = DuckDBParser


class _Rejected(Exception):
    """Ends the reading of one sub-tree; the error itself is already collected."""


def read(
    text: str, names: Names, zone: ZoneInfo, expect: frozenset[Type]
) -> tuple[Node | None, list[ExpressionError]]:
    """Return the tree of an expression and everything that is wrong with it."""
    try:
        raw = sqlglot.parse_one(text, dialect=_PlanDialect)
        reader = _Reader(names, zone)
        tree = reader.read_root(raw, expect)
    except SqlglotError as error:
        return None, [_syntax(text, error)]
    except RecursionError:
        return None, [ExpressionError("expr.too_deep")]
    return tree, reader.errors


def _syntax(text: str, error: SqlglotError) -> ExpressionError:
    found = getattr(error, "errors", None) or [{}]
    near = str(found[0].get("highlight") or text[:20])
    column = int(found[0].get("col") or 1)
    return ExpressionError("expr.syntax", {"near": near}, max(column - len(near), 0))


_COMPARISONS = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}


_BEFORE_POINT, _AFTER_POINT = 28, 100  # digits of a number that is written in an expression


class _Reader:
    def __init__(self, names: Names, zone: ZoneInfo) -> None:
        self.names = names
        self.zone = zone
        self.functions = {**FUNCTIONS, **getattr(names, "functions", {})}
        self.errors: list[ExpressionError] = []

    def read_root(self, raw: Any, expect: frozenset[Type]) -> Node | None:
        try:
            tree = self.read(raw)
        except _Rejected:
            return None
        if expect and tree.type not in expect:
            wanted = sorted(str(t) for t in expect)
            data = {"is": tree.type, "needs": "/".join(wanted), **_text_for(tree, expect)}
            self.errors.append(ExpressionError("expr.wrong_type", data))
        return tree

    def reject(self, code: str, raw: Any = None, **data: object) -> _Rejected:
        self.errors.append(ExpressionError(code, data, _offset(raw)))
        return _Rejected()

    def read(self, raw: Any) -> Node:
        for kinds, method in _READERS:
            if isinstance(raw, kinds):
                return method(self, raw)
        if isinstance(raw, exp.Func | exp.Anonymous):
            return self.function(raw)
        raise self.reject("expr.not_allowed", raw, what=_name(raw))

    def read_all(self, raws: Iterable[Any]) -> list[Node]:
        """Read siblings, so that a mistake in one does not hide those of the next."""
        found: list[Node] = []
        failed = False
        for raw in raws:
            try:
                found.append(self.read(raw))
            except _Rejected:
                failed = True
        if failed:
            raise _Rejected
        return found

    def literal(self, raw: exp.Literal) -> Node:
        if raw.is_string:
            return Literal(str(raw.this), Type.TEXT)
        try:
            number = Decimal(str(raw.this))
        except ArithmeticError:
            raise self.reject("expr.syntax", raw, near=str(raw.this)) from None
        if not _is_computable(number):
            limits = {"before": _BEFORE_POINT, "after": _AFTER_POINT}
            raise self.reject("expr.too_many_digits", raw, given=shortened(str(raw.this)), **limits)
        return Literal(number, Type.NUMBER)

    def column(self, raw: exp.Column) -> Node:
        name, owner = str(raw.name), ".".join(filter(None, (str(raw.db), str(raw.table))))
        qualified = isinstance(self.names, QualifiedNames) and not raw.args.get("catalog")
        if owner and not qualified:
            raise self.reject("expr.not_allowed", raw.this, what=raw.sql())
        if owner and isinstance(self.names, QualifiedNames):
            found = self.names.find_of(owner, name)
            name = f"{owner}.{name}"
        else:
            found = self.names.find(name)
        if found is None:
            known = list(self.names.known())
            near = difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.6)
            raise self.reject(
                "expr.unknown_name",
                raw.this,
                name=name,
                near=", ".join(near),
                known=", ".join(known),
            )
        return Ref(*found)

    def logic(self, raw: exp.And | exp.Or) -> Node:
        args = self.read_all(_flatten(raw, type(raw)))
        for arg in args:
            self.need(arg, {Type.BOOL}, raw)
        return Operation("and" if isinstance(raw, exp.And) else "or", tuple(args), Type.BOOL)

    def negation(self, raw: exp.Not) -> Node:
        arg = self.need(self.read(raw.this), {Type.BOOL}, raw.this)
        return Operation("not", (arg,), Type.BOOL)

    def comparison(self, raw: exp.Binary) -> Node:
        left, right = self.read_all((raw.this, raw.expression))
        op = next(op for kind, op in _COMPARISONS.items() if isinstance(raw, kind))
        left, right = self.align(left, right, raw, in_order=op not in ("=", "<>"))
        return Operation(op, (left, right), Type.BOOL)

    def arithmetic(self, raw: exp.Binary) -> Node:
        args = self.read_all((raw.this, raw.expression))
        for arg in args:
            self.need(arg, {Type.NUMBER}, raw)
        op = next(op for kind, op in _ARITHMETIC.items() if isinstance(raw, kind))
        return Operation(op, tuple(args), Type.NUMBER)

    def minus(self, raw: exp.Neg) -> Node:
        arg = self.need(self.read(raw.this), {Type.NUMBER}, raw.this)
        return Operation("neg", (arg,), Type.NUMBER)

    def is_(self, raw: exp.Is) -> Node:
        arg = self.read(raw.this)
        if isinstance(raw.expression, exp.Null):
            return Operation("is_null", (arg,), Type.BOOL)
        if isinstance(raw.expression, exp.Boolean):
            self.need(arg, {Type.BOOL}, raw.this)
            wanted = Literal(bool(raw.expression.this), Type.BOOL)
            same = Operation("=", (arg, wanted), Type.BOOL)
            return Operation("coalesce", (same, Literal(value=False, type=Type.BOOL)), Type.BOOL)
        raise self.reject("expr.not_allowed", raw, what="is")

    def in_(self, raw: exp.In) -> Node:
        options = raw.expressions
        if not options or raw.args.get("query") or raw.args.get("unnest"):
            raise self.reject("expr.not_allowed", raw, what="in (select …)")
        subject, *items = self.read_all([raw.this, *options])
        aligned = [self.align(subject, item, raw)[1] for item in items]
        return Operation("in", (subject, *aligned), Type.BOOL)

    def between(self, raw: exp.Between) -> Node:
        subject, low, high = self.read_all((raw.this, raw.args["low"], raw.args["high"]))
        low, high = (self.align(subject, one, raw, in_order=True)[1] for one in (low, high))
        return Operation(
            "and",
            (
                Operation(">=", (subject, low), Type.BOOL),
                Operation("<=", (subject, high), Type.BOOL),
            ),
            Type.BOOL,
        )

    def like(self, raw: exp.Like | exp.ILike) -> Node:
        args = self.read_all((raw.this, raw.expression))
        for arg in args:
            self.need(arg, {Type.TEXT}, raw)
        found = Operation("ilike" if isinstance(raw, exp.ILike) else "like", tuple(args), Type.BOOL)
        return Operation("not", (found,), Type.BOOL) if raw.args.get("negate") else found

    def under(self, raw: exp.Overlaps) -> Node:
        if UNDER not in self.functions:
            raise self.reject("expr.only_who", raw, name=UNDER)
        return self.call(
            UNDER, self.functions[UNDER], self.read_all((raw.this, raw.expression)), raw
        )

    def case(self, raw: exp.Case) -> Node:
        if raw.this is not None:
            raise self.reject("expr.case_subject", raw)
        default = raw.args.get("default") or exp.Null()
        flat = [part for branch in raw.args["ifs"] for part in (branch.this, branch.args["true"])]
        *branches, last = self.read_all([*flat, default])
        for condition in branches[::2]:
            self.need(condition, {Type.BOOL}, raw)
        kind = self.common([*branches[1::2], last], raw)
        return Operation("case", (*branches, last), kind)

    def if_(self, raw: exp.If) -> Node:
        default = raw.args.get("false") or exp.Null()
        condition, yes, no = self.read_all((raw.this, raw.args["true"], default))
        self.need(condition, {Type.BOOL}, raw)
        return Operation("case", (condition, yes, no), self.common([yes, no], raw))

    def cast(self, raw: exp.Cast) -> Node:
        """Allow `date '2024-05-01'` and nothing else that looks like a cast."""
        inner = raw.this
        if isinstance(inner, exp.Literal) and inner.is_string and raw.to.this.value == "DATE":
            moment = read_moment(str(inner.this), self.zone, Type.DATE)
            if moment is not None:
                return moment
        raise self.reject("expr.not_allowed", raw, what="cast")

    def function(self, raw: Any) -> Node:
        name = _name(raw)
        spec = self.functions.get(name)
        if spec is None and name in OF_PEOPLE:
            raise self.reject("expr.only_who", raw, name=name)
        if spec is None:
            near = difflib.get_close_matches(name, self.functions, n=3)
            raise self.reject(
                "expr.unknown_function",
                raw,
                name=name,
                near=", ".join(near),
                known=", ".join(self.functions),
            )
        args = self.read_all(_arguments(raw))
        least, most = len(spec.args) - spec.optional, len(spec.args)
        if len(args) < least or (len(args) > most and not spec.variadic):
            raise self.reject("expr.arguments", raw, name=name, given=len(args), needs=least)
        return self.call(name, spec, args, raw)

    def call(self, name: str, spec: Function, args: list[Node], raw: Any) -> Node:
        if spec.gives is None:
            first = args[0]
            rest = [self.align(first, arg, raw)[1] for arg in args[1:]]
            return Operation(name, (first, *rest), self.common([first, *rest], raw))
        accepted = [spec.args[min(i, len(spec.args) - 1)] for i in range(len(args))]
        checked = [self.moment(arg, types, raw) for arg, types in zip(args, accepted, strict=True)]
        if name == "round" and len(checked) == 2 and not _is_places(checked[1]):
            raise self.reject("expr.round_places", raw)
        if name == UNDER and not (isinstance(args[0], Ref) and args[0].name == "department"):
            raise self.reject("expr.under_what", raw)
        return Operation(name, tuple(checked), spec.gives)

    def moment(self, arg: Node, types: frozenset[Type], raw: Any) -> Node:
        """Let a written date stand where a moment is wanted."""
        if Type.DATE in types and isinstance(arg, Literal) and arg.type is Type.TEXT:
            return self.date_literal(arg, Type.DATETIME, raw)
        return self.need(arg, types, raw)

    def need(self, arg: Node, types: Iterable[Type], raw: Any) -> Node:
        if arg.type in types or arg.type is Type.NULL:
            return arg
        wanted = "/".join(sorted(str(t) for t in types))
        what = arg.name if isinstance(arg, Ref) else str(arg.type)
        field = _text_for(arg, types)
        raise self.reject("expr.operand", raw, what=what, **{"is": arg.type}, needs=wanted, **field)

    def common(self, nodes: list[Node], raw: Any) -> Type:
        types = {node.type for node in nodes} - {Type.NULL}
        if len(types) > 1:
            raise self.reject("expr.mixed", raw, types=", ".join(sorted(types)))
        return types.pop() if types else Type.NULL

    def align(
        self, left: Node, right: Node, raw: Any, *, in_order: bool = False
    ) -> tuple[Node, Node]:
        """Bring two sides of a comparison to one type, or say why they cannot meet.

        A code of a CRM may be written as a number, but not where it is asked which comes first:
        as texts, 100 stands before 3.
        """
        for one, other, put in (
            (left, right, lambda o: (left, o)),
            (right, left, lambda o: (o, right)),
        ):
            if isinstance(other, Literal):
                if one.type in (Type.DATE, Type.DATETIME) and other.type is Type.TEXT:
                    return put(self.date_literal(other, one.type, raw))
                if one.type is Type.TEXT and other.type is Type.NUMBER and not in_order:
                    return put(Literal(str(other.value), Type.TEXT))
        if left.type is right.type or Type.NULL in (left.type, right.type):
            return left, right
        if {left.type, right.type} == {Type.DATE, Type.DATETIME}:
            return left, right
        raise self.reject(
            "expr.compare", raw, left=_show(left), right=_show(right), ltype=left.type,
            rtype=right.type, **(_text_for(left, {right.type}) or _text_for(right, {left.type})),
        )  # fmt: skip

    def date_literal(self, literal: Literal, wanted: Type, raw: Any) -> Node:
        found = read_moment(str(literal.value), self.zone, wanted)
        if found is None:
            raise self.reject("expr.bad_date", raw, text=literal.value)
        return found


_READERS: tuple[tuple[Any, Callable[[_Reader, Any], Node]], ...] = (
    (exp.Literal, _Reader.literal),
    (exp.Boolean, lambda _r, raw: Literal(bool(raw.this), Type.BOOL)),
    (exp.Null, lambda _r, _raw: Literal(None, Type.NULL)),
    (exp.Column, _Reader.column),
    (exp.Paren, lambda r, raw: r.read(raw.this)),
    ((exp.And, exp.Or), _Reader.logic),
    (exp.Not, _Reader.negation),
    (tuple(_COMPARISONS), _Reader.comparison),
    (tuple(_ARITHMETIC), _Reader.arithmetic),
    (exp.Neg, _Reader.minus),
    (exp.Is, _Reader.is_),
    (exp.In, _Reader.in_),
    (exp.Between, _Reader.between),
    ((exp.Like, exp.ILike), _Reader.like),
    (exp.Overlaps, _Reader.under),
    (exp.Case, _Reader.case),
    (exp.If, _Reader.if_),
    (exp.Cast, _Reader.cast),
)


def _flatten(raw: Any, kind: Any) -> list[Any]:
    if isinstance(raw, exp.Paren) and isinstance(raw.this, kind):
        return _flatten(raw.this, kind)
    if isinstance(raw, kind):
        return [*_flatten(raw.this, kind), *_flatten(raw.expression, kind)]
    return [raw]


def _arguments(raw: Any) -> list[Any]:
    found: list[Any] = []
    keys = ("expressions",) if isinstance(raw, exp.Anonymous) else tuple(raw.arg_types)
    for key in keys:
        value = raw.args.get(key)
        found.extend(value if isinstance(value, list) else [value])
    return [value for value in found if isinstance(value, exp.Expression)]


def _name(raw: Any) -> str:
    if isinstance(raw, exp.Anonymous):
        return str(raw.this).lower()
    if isinstance(raw, exp.Func):
        return str(raw.sql_name()).lower()
    return type(raw).__name__.lower()


def _offset(raw: Any) -> int:
    nodes = raw.walk() if isinstance(raw, exp.Expression) else ()
    starts = [int(n.meta["start"]) for n in nodes if "start" in n.meta]
    return min(starts, default=0)


def _text_for(node: Node, types: Iterable[Type]) -> dict[str, object]:
    """Name the field of texts that stands where a number is needed."""
    lacks_number = isinstance(node, Ref) and node.type is Type.TEXT and Type.NUMBER in types
    return {"field": node.name} if isinstance(node, Ref) and lacks_number else {}


def _is_computable(number: Decimal) -> bool:
    """Say whether a number that somebody wrote can be computed with: `1e999999999` would fill any
    memory once it is made a fraction."""
    *_, exponent = number.as_tuple()
    whole = isinstance(exponent, int) and exponent >= -_AFTER_POINT
    return whole and (not number or number.adjusted() < _BEFORE_POINT)


def _is_places(node: Node) -> bool:
    return isinstance(node, Literal) and node.value in range(11)


def _show(node: Node) -> str:
    if isinstance(node, Ref):
        return node.name
    return repr(node.value) if isinstance(node, Literal) else node.op
