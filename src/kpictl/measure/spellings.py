"""What conditions compare texts with → every spelling of it that the records have.

`stage = 'КП отправлено'` takes records whose stage has a no-break space, another hyphen or
decomposed letters (`naming.look`). Engines compare exactly: what is compared is widened to the
spellings that a column really has, which are looked for once, and only where it has unusual ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeGuard, TypeVar

from msgspec.structs import replace

from kpictl.database import Connection
from kpictl.expressions import Expression, Literal, Node, Operation, Ref, Type
from kpictl.expressions.sql import column, text
from kpictl.measure.query import Link, Measure
from kpictl.naming import look

# Characters that surely look like nothing else; a text of them alone, without a space too many, has
# one spelling. Written for RE2; without backtick, quotes and dashes other than the plain ones.
_PLAIN = r"[!-_a-~\x{410}-\x{44f}\x{401}\x{451}\x{2116}]"
_ORDINARY = f"{_PLAIN}+(?: {_PLAIN}+)*"

Holder = TypeVar("Holder", Measure, Link)
Spellings = Mapping[tuple[str, str], Mapping[str | None, tuple[str, ...]]]
"""By the entity and the SQL of what stands in it: a text → its other spellings there."""


def widened(
    measures: Iterable[Measure], connection: Connection, tables: Mapping[str, str]
) -> dict[str, Measure]:
    """Return the measures by name, with what they compare texts with widened. `tables` are the SQL
    names of the entities."""
    listed = list(measures)
    compared: dict[tuple[str, str], set[str]] = {}
    for measure in listed:
        for entity, tree in _trees(measure):
            for sql, literal in _compared(tree):
                compared.setdefault((entity, sql), set()).add(literal)
    spellings = {
        (entity, sql): found
        for (entity, sql), literals in compared.items()
        if (found := _spelled(connection, tables[entity], sql, literals))
    }
    return {m.name: _measure(m, spellings) if spellings else m for m in listed}


def _expressions(holder: Measure | Link) -> dict[str, Expression]:
    """Return every expression that a measure or a link holds, by the name of its field."""
    held = {name: getattr(holder, name) for name in holder.__struct_fields__}
    return {name: value for name, value in held.items() if isinstance(value, Expression)}


def _trees(measure: Measure) -> Iterator[tuple[str, Node]]:
    """Yield every tree over records that a measure asks, with the entity of these."""
    for holder in (measure, measure.link):
        if holder is not None:
            for expression in _expressions(holder).values():
                yield holder.entity, expression.tree


def _compared(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the SQL of what a tree holds against texts, each with its text."""
    if not isinstance(node, Operation):
        return
    node = _each_apart(node)
    if sides := _sides(node):
        subject, others = sides
        texts = [str(other.value) for other in others if _is_text(other)]
        yield from ((sql, literal) for sql in _made_of(subject) for literal in texts)
    for arg in node.args:
        yield from _compared(arg)


def _each_apart(node: Operation) -> Operation:
    """Return `'a' in (x, y)` as what it says: `x = 'a' or y = 'a'`."""
    if node.op != "in" or not _is_text(node.args[0]):
        return node
    literal, *operands = node.args
    equal = (Operation("=", (operand, literal), Type.BOOL) for operand in operands)
    return Operation("or", tuple(equal), Type.BOOL)


def _sides(node: Operation) -> tuple[Node, Sequence[Node]] | None:
    """Return what is compared with texts, and these, among what else it is compared with."""
    if node.op not in ("=", "<>", "in"):
        return None
    subject, *others = node.args
    if _is_text(subject):
        subject, others = others[0], [subject]
    return (subject, others) if any(map(_is_text, others)) else None


def _is_text(node: Node) -> TypeGuard[Literal]:
    return isinstance(node, Literal) and isinstance(node.value, str)


def _made_of(node: Node) -> Iterator[str]:
    """Yield, as SQL, the fields whose texts an operand may be, in small or capital letters where it
    has them so."""
    if isinstance(node, Ref) and node.type is Type.TEXT:
        yield column(node.name)
    if not isinstance(node, Operation):
        return
    if node.op in ("lower", "upper"):
        yield from (f"{node.op}({sql})" for sql in _made_of(node.args[0]))
    *branches, last = node.args
    passed_on = {"coalesce": node.args, "nullif": branches, "case": (*branches[1::2], last)}
    for arg in passed_on.get(node.op, ()):
        yield from _made_of(arg)


def _spelled(
    connection: Connection, table: str, sql: str, literals: Iterable[str]
) -> dict[str | None, tuple[str, ...]]:
    """Return the other spellings of the texts that records have: text → those, in order."""
    looks = {literal: look(literal) for literal in literals}
    listed = ", ".join(text(one) for one in sorted(set(looks.values())))
    rows = connection.execute(
        f"SELECT DISTINCT {sql} FROM {table} WHERE {sql} IN ({listed})"
        f" OR NOT regexp_full_match({sql}, {text(_ORDINARY)})"
    ).fetchall()
    by_look: dict[str, set[str]] = {}
    for (value,) in rows:
        by_look.setdefault(look(value), set()).add(value)
    others = {one: by_look.get(seen, set()) - {one} for one, seen in looks.items()}
    return {one: tuple(sorted(found)) for one, found in others.items() if found}


def _measure(measure: Measure, spellings: Spellings) -> Measure:
    link = None if measure.link is None else _holder(measure.link, spellings)
    return replace(_holder(measure, spellings), link=link)


def _holder(holder: Holder, spellings: Spellings) -> Holder:
    """Return a measure or a link with all of its own expressions widened."""
    wide = {
        name: replace(expression, tree=_node(expression.tree, holder.entity, spellings))
        for name, expression in _expressions(holder).items()
    }
    return replace(holder, **wide)


def _node(node: Node, entity: str, spellings: Spellings) -> Node:
    if not isinstance(node, Operation):
        return node
    node = _each_apart(node)
    args = tuple(_node(arg, entity, spellings) for arg in node.args)
    node = replace(node, args=args)
    sides = _sides(node)
    if sides is None:
        return node
    subject, others = sides
    known = [spellings.get((entity, sql), {}) for sql in _made_of(subject)]
    wide: dict[Node, None] = {}
    for other in others:
        written = str(other.value) if _is_text(other) else None
        more = (spelling for texts in known for spelling in texts.get(written, ()))
        wide |= dict.fromkeys((other, *(Literal(spelling, Type.TEXT) for spelling in more)))
    if wide.keys() == set(others):
        return node
    inside = Operation("in", (subject, *wide), Type.BOOL)
    return Operation("not", (inside,), Type.BOOL) if node.op == "<>" else inside
