"""What conditions compare texts with → every spelling of it that the records have.

`stage = 'КП отправлено'` takes records whose stage has a no-break space, another hyphen or
decomposed letters (`naming.look`). Engines compare exactly: what is compared is widened to the
spellings that a column really has, which are looked for once, and only where it has unusual ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from kpictl.database import Connection
from kpictl.expressions import Expression, Literal, Node, Operation, Ref, Type
from kpictl.expressions.sql import column, text
from kpictl.measure.query import Measure
from kpictl.naming import look

# Characters that surely look like nothing else; a text of them alone, without a space too many, has
# one spelling. Written for RE2; without backtick, quotes and dashes other than the plain ones.
_PLAIN = r"[!-_a-~\x{410}-\x{44f}\x{401}\x{451}\x{2116}]"
_ORDINARY = f"{_PLAIN}+(?: {_PLAIN}+)*"

Compared = Mapping[tuple[str, str], frozenset[str]]
Spellings = Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]


def widened(
    measures: Iterable[Measure], connection: Connection, tables: Mapping[str, str]
) -> dict[str, Measure]:
    """Return the measures by name, with what they compare texts with widened. `tables` are the SQL
    names of the entities."""
    listed = list(measures)
    compared: dict[tuple[str, str], set[str]] = {}
    for measure in listed:
        for entity, expression in _expressions(measure):
            for field, literal in _compared(expression.tree):
                compared.setdefault((entity, field), set()).add(literal)
    spellings = {
        (entity, field): found
        for (entity, field), literals in compared.items()
        if (found := _spelled(connection, tables[entity], field, literals))
    }
    return {m.name: _measure(m, spellings) if spellings else m for m in listed}


def _expressions(measure: Measure) -> Iterator[tuple[str, Expression]]:
    own = ((measure.entity, e) for e in (measure.where, measure.value) if e is not None)
    yield from own
    if measure.link is not None and measure.link.where is not None:
        yield measure.link.entity, measure.link.where


def _compared(node: Node) -> Iterator[tuple[str, str]]:
    """Yield the fields that a tree holds against texts, each with its text."""
    if not isinstance(node, Operation):
        return
    if sides := _sides(node):
        field, literals = sides
        yield from ((field.name, str(one.value)) for one in literals)
    for arg in node.args:
        yield from _compared(arg)


def _sides(node: Operation) -> tuple[Ref, list[Literal]] | None:
    """Return the field and the texts of a comparison of a field with texts alone."""
    if node.op not in ("=", "<>", "in"):
        return None
    fields = [arg for arg in node.args if isinstance(arg, Ref) and arg.type is Type.TEXT]
    literals = [a for a in node.args if isinstance(a, Literal) and isinstance(a.value, str)]
    if len(fields) != 1 or len(literals) != len(node.args) - 1:
        return None
    return fields[0], literals


def _spelled(
    connection: Connection, table: str, field: str, literals: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the other spellings of the texts that a column has: text → those, in order."""
    looks = {literal: look(literal) for literal in literals}
    listed = ", ".join(text(one) for one in sorted(set(looks.values())))
    name = column(field)
    rows = connection.execute(
        f"SELECT DISTINCT {name} FROM {table} WHERE {name} IN ({listed})"
        f" OR NOT regexp_full_match({name}, {text(_ORDINARY)})"
    ).fetchall()
    by_look: dict[str, set[str]] = {}
    for (value,) in rows:
        by_look.setdefault(look(value), set()).add(value)
    others = {one: by_look.get(seen, set()) - {one} for one, seen in looks.items()}
    return {one: tuple(sorted(found)) for one, found in others.items() if found}


def _measure(measure: Measure, spellings: Spellings) -> Measure:
    def expression(entity: str, one: Expression | None) -> Expression | None:
        if one is None:
            return None
        return replace(one, tree=_node(one.tree, entity, spellings))

    link = measure.link
    if link is not None:
        link = replace(link, where=expression(link.entity, link.where))
    own = measure.entity
    where, value = expression(own, measure.where), expression(own, measure.value)
    return replace(measure, where=where, value=value, link=link)


def _node(node: Node, entity: str, spellings: Spellings) -> Node:
    if not isinstance(node, Operation):
        return node
    sides = _sides(node)
    if sides is None:
        args = tuple(_node(arg, entity, spellings) for arg in node.args)
        return replace(node, args=args)
    field, literals = sides
    known = spellings.get((entity, field.name), {})
    texts = (t for one in literals for t in (str(one.value), *known.get(str(one.value), ())))
    wide = list(dict.fromkeys(texts))
    if len(wide) == len(literals):
        return node
    options = (Literal(one, Type.TEXT) for one in wide)
    inside = Operation("in", (field, *options), Type.BOOL)
    return Operation("not", (inside,), Type.BOOL) if node.op == "<>" else inside
