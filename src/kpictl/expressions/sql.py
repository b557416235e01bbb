"""The tree as DuckDB SQL. Literals and identifiers are quoted here and nowhere else.

Fields are columns named `f_<name>`: text VARCHAR, numbers DECIMAL(38,10), days DATE, instants
TIMESTAMP in UTC. `MACROS` must exist in the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from kpictl.expressions.nodes import Literal, Node, Operation, Ref, Type

NUMBER = "DECIMAL(38,10)"

# Exact half-up quotient of whole numbers, to 10 decimals: DuckDB's own division goes through
# binary floats. Decimals are scaled to whole numbers first.
MACROS = (
    """CREATE OR REPLACE TEMP MACRO kpi_quotient(n, d) AS
        CAST((CASE WHEN (n < 0) <> (d < 0) THEN -1 ELSE 1 END)
          * ((2 * abs(n) * 10000000000 + abs(d)) // nullif(2 * abs(d), 0)) AS DECIMAL(38,0))
        * CAST(0.0000000001 AS DECIMAL(11,10))""",
    """CREATE OR REPLACE TEMP MACRO kpi_divide(a, b) AS kpi_quotient(
        CAST(CAST(a AS DECIMAL(38,10)) * 10000000000 AS HUGEINT),
        CAST(CAST(b AS DECIMAL(38,10)) * 10000000000 AS HUGEINT))""",
)

_UNIT_MICROS = {"minutes": 60_000_000, "hours": 3_600_000_000, "days": 86_400_000_000}


_QUOTE = "'"


def text(value: str) -> str:
    """Return a text as SQL. DuckDB 1.5 ends a literal at a NUL, which is therefore none's part."""
    parts = [f"'{part.replace(_QUOTE, _QUOTE * 2)}'" for part in value.split("\0")]
    return parts[0] if len(parts) == 1 else f"({' || chr(0) || '.join(parts)})"


def name(value: str) -> str:
    """Return a SQL identifier."""
    return '"' + value.replace('"', '""') + '"'


def column(field: str) -> str:
    """Return the column that holds a field's typed value."""
    return name(f"f_{field}")


def instant(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"


def compile_sql(node: Node, zone: ZoneInfo) -> str:
    """Return the SQL of a tree."""
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, Ref):
        return column(node.name)
    if node.op in _INFIX and len(node.args) == 2:
        left, right = (_side(arg, node.args, zone) for arg in node.args)
        return f"({left} {node.op} {right})"
    args = [compile_sql(arg, zone) for arg in node.args]
    if node.op in _UNIT_MICROS and all(arg.type is Type.DATE for arg in node.args):
        factor = 86_400_000_000 // _UNIT_MICROS[node.op]  # days apart, whatever the clocks did
        return f"CAST(({args[1]} - {args[0]}) * {factor} AS {NUMBER})"
    if node.op in _UNIT_MICROS:
        args = [_as_instant(arg, sql, zone) for arg, sql in zip(node.args, args, strict=True)]
        micros = f"CAST(epoch_us({args[1]}) - epoch_us({args[0]}) AS HUGEINT)"
        return f"kpi_quotient({micros}, CAST({_UNIT_MICROS[node.op]} AS HUGEINT))"
    return _CALLS[node.op](node, args, zone)


def _literal(node: Literal) -> str:
    value = node.value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"CAST({text(format(value, 'f'))} AS {NUMBER})"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return f"DATE '{value}'"
    return text(value)


def _side(arg: Node, both: tuple[Node, ...], zone: ZoneInfo) -> str:
    sql = compile_sql(arg, zone)
    if any(other.type is Type.DATETIME for other in both):
        return _as_instant(arg, sql, zone)
    return sql


def _as_instant(arg: Node, sql: str, zone: ZoneInfo) -> str:
    """A day next to an instant is its first moment in the company's zone."""
    if arg.type is not Type.DATE:
        return sql
    return f"timezone('UTC', timezone({text(zone.key)}, CAST({sql} AS TIMESTAMP)))"


def _local(arg: Node, sql: str, zone: ZoneInfo) -> str:
    if arg.type is Type.DATE:
        return f"CAST({sql} AS TIMESTAMP)"
    return f"timezone({text(zone.key)}, timezone('UTC', {sql}))"


def _calendar(part: str) -> Callable[[Operation, list[str], ZoneInfo], str]:
    def build(node: Operation, args: list[str], zone: ZoneInfo) -> str:
        return f"CAST(date_part('{part}', {_local(node.args[0], args[0], zone)}) AS {NUMBER})"

    return build


def _case(_node: Operation, args: list[str], _zone: ZoneInfo) -> str:
    *branches, default = args
    pairs = zip(branches[::2], branches[1::2], strict=True)
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in pairs)
    return f"(CASE {whens} ELSE {default} END)"


def _in(node: Operation, args: list[str], zone: ZoneInfo) -> str:
    subject = node.args[0]
    sides = [_side(arg, (subject, arg), zone) for arg in node.args[1:]]
    return f"({args[0]} IN ({', '.join(sides)}))"


def _call(function: str) -> Callable[[Operation, list[str], ZoneInfo], str]:
    return lambda _node, args, _zone: f"{function}({', '.join(args)})"


def _round(node: Operation, args: list[str], _zone: ZoneInfo) -> str:
    places = node.args[1] if len(node.args) == 2 else Literal(Decimal(0), Type.NUMBER)
    digits = int(places.value) if isinstance(places, Literal) else 0  # type: ignore[arg-type]
    return f"CAST(CAST({args[0]} AS DECIMAL(38,{digits})) AS {NUMBER})"


_INFIX = frozenset({"=", "<>", "<", "<=", ">", ">=", "+", "-"})
_CALLS: dict[str, Callable[[Operation, list[str], ZoneInfo], str]] = {
    "and": lambda _n, args, _z: f"({' AND '.join(args)})",
    "or": lambda _n, args, _z: f"({' OR '.join(args)})",
    "not": lambda _n, args, _z: f"(NOT {args[0]})",
    "neg": lambda _n, args, _z: f"(-{args[0]})",
    "*": lambda _n, args, _z: f"CAST({args[0]} * {args[1]} AS {NUMBER})",
    "/": lambda _n, args, _z: f"kpi_divide({args[0]}, {args[1]})",
    "is_null": lambda _n, args, _z: f"({args[0]} IS NULL)",
    "like": lambda _n, args, _z: f"({args[0]} LIKE {args[1]})",
    "ilike": lambda _n, args, _z: f"({args[0]} ILIKE {args[1]})",
    "in": _in,
    "case": _case,
    "coalesce": _call("coalesce"),
    "nullif": _call("nullif"),
    "least": _call("least"),
    "greatest": _call("greatest"),
    "abs": _call("abs"),
    "round": _round,
    "lower": _call("lower"),
    "upper": _call("upper"),
    "length": lambda _n, args, _z: f"CAST(length({args[0]}) AS {NUMBER})",
    "contains": _call("contains"),
    "starts_with": _call("starts_with"),
    "date": lambda n, args, z: f"CAST({_local(n.args[0], args[0], z)} AS DATE)",
    "year": _calendar("year"),
    "month": _calendar("month"),
    "day": _calendar("day"),
    "weekday": _calendar("isodow"),
    "hour": _calendar("hour"),
}
