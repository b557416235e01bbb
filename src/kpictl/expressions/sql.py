"""The tree as DuckDB SQL. Literals and identifiers are quoted here and nowhere else.

Fields are columns named `f_<name>`: text VARCHAR, numbers DECIMAL(38,10), days DATE, instants
TIMESTAMP in UTC. `MACROS` must exist in the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from kpictl.expressions import work_sql
from kpictl.expressions.context import Context, WorkTable
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


def compile_sql(node: Node, context: Context) -> str:
    """Return the SQL of a tree."""
    if isinstance(node, Literal):
        return _literal(node)
    if isinstance(node, Ref):
        return column(node.name)
    if node.op in _INFIX and len(node.args) == 2:
        left, right = (_side(arg, node.args, context) for arg in node.args)
        return f"({left} {node.op} {right})"
    args = [compile_sql(arg, context) for arg in node.args]
    if node.op in _UNIT_MICROS and all(arg.type is Type.DATE for arg in node.args):
        factor = 86_400_000_000 // _UNIT_MICROS[node.op]  # days apart, whatever the clocks did
        return f"CAST(({args[1]} - {args[0]}) * {factor} AS {NUMBER})"
    if node.op in _UNIT_MICROS:
        args = [_as_instant(arg, sql, context) for arg, sql in zip(node.args, args, strict=True)]
        micros = f"CAST(epoch_us({args[1]}) - epoch_us({args[0]}) AS HUGEINT)"
        return f"kpi_quotient({micros}, CAST({_UNIT_MICROS[node.op]} AS HUGEINT))"
    return _CALLS[node.op](node, args, context)


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


def _side(arg: Node, both: tuple[Node, ...], context: Context) -> str:
    sql = compile_sql(arg, context)
    if any(other.type is Type.DATETIME for other in both):
        return _as_instant(arg, sql, context)
    return sql


def _as_instant(arg: Node, sql: str, context: Context) -> str:
    """A day next to an instant is its first moment in the company's zone."""
    if arg.type is not Type.DATE:
        return sql
    return f"timezone('UTC', timezone({text(context.zone.key)}, CAST({sql} AS TIMESTAMP)))"


def _local(arg: Node, sql: str, context: Context) -> str:
    if arg.type is Type.DATE:
        return f"CAST({sql} AS TIMESTAMP)"
    return f"timezone({text(context.zone.key)}, timezone('UTC', {sql}))"


def _calendar(part: str) -> Callable[[Operation, list[str], Context], str]:
    def build(node: Operation, args: list[str], context: Context) -> str:
        return f"CAST(date_part('{part}', {_local(node.args[0], args[0], context)}) AS {NUMBER})"

    return build


def _case(_node: Operation, args: list[str], _context: Context) -> str:
    *branches, default = args
    pairs = zip(branches[::2], branches[1::2], strict=True)
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in pairs)
    return f"(CASE {whens} ELSE {default} END)"


def _in(node: Operation, args: list[str], context: Context) -> str:
    subject = node.args[0]
    sides = [_side(arg, (subject, arg), context) for arg in node.args[1:]]
    return f"({args[0]} IN ({', '.join(sides)}))"


def _call(function: str) -> Callable[[Operation, list[str], Context], str]:
    return lambda _node, args, _context: f"{function}({', '.join(args)})"


def _round(node: Operation, args: list[str], _context: Context) -> str:
    places = node.args[1] if len(node.args) == 2 else Literal(Decimal(0), Type.NUMBER)
    digits = int(places.value) if isinstance(places, Literal) else 0  # type: ignore[arg-type]
    return f"CAST(CAST({args[0]} AS DECIMAL(38,{digits})) AS {NUMBER})"


# --- working time ----------------------------------------------------------------------------


def _table(context: Context) -> WorkTable:
    assert context.table is not None  # noqa: S101  a plan without a calendar is refused
    return context.table


def _if_given(args: list[str], sql: str) -> str:
    """Return SQL that is NULL where an argument is: `least` and `greatest` pass over a NULL. (Of a
    CASE each part would be computed as often as it stands there.)"""
    return " + ".join([sql, *(f"constant_or_null(0, {arg})" for arg in args)])


def _if_all_given(args: list[str], sql: str) -> str:
    return f"CASE WHEN {' AND '.join(f'{arg} IS NOT NULL' for arg in args)} THEN {sql} END"


def _worked(unit: str) -> Callable[[Operation, list[str], Context], str]:
    def build(node: Operation, args: list[str], context: Context) -> str:
        table = _table(context)
        start, end = (
            work_sql.worked_before(_as_instant(arg, sql, context), table)
            for arg, sql in zip(node.args, args, strict=True)
        )
        return _quotient(_if_given(args, f"{end} - {start}"), _UNIT_MICROS[unit])

    return build


def _quotient(micros: str, unit: int) -> str:
    """Return microseconds in a unit, half-up to 10 decimals, in whole numbers of 64 bits: of all
    years that a calendar can know they are enough, and `kpi_quotient` takes twice the time."""
    share = Fraction(10**10, unit)
    top, bottom = 2 * share.numerator, share.denominator
    size = f"(abs({micros}) * {top} + {bottom}) // {2 * bottom}"
    signed = f"(CASE WHEN {micros} < 0 THEN -1 ELSE 1 END) * ({size})"
    return (
        f"CAST(CAST({signed} AS DECIMAL(19,0)) * CAST(0.0000000001 AS DECIMAL(11,10)) AS {NUMBER})"
    )


def _day_entry(arg: Node, sql: str, table: WorkTable) -> str:
    return work_sql.day(sql, table) if arg.type is Type.DATE else work_sql.shown_day(sql, table)


def _working_days(node: Operation, args: list[str], context: Context) -> str:
    table = _table(context)
    entries = (_day_entry(arg, sql, table) for arg, sql in zip(node.args, args, strict=True))
    start, end = (work_sql.of_day(table, "working_days", entry) for entry in entries)
    return f"CAST({_if_given(args, f'{end} - {start}')} AS {NUMBER})"


def _is_working(node: Operation, args: list[str], context: Context) -> str:
    table = _table(context)
    if node.args[0].type is not Type.DATE:
        return _if_all_given(args, work_sql.is_working_at(args[0], table))
    entry = work_sql.day(args[0], table)
    return _if_all_given(args, f"{work_sql.of_day(table, 'is_working', entry)} = 1")


def _is_known(node: Operation, args: list[str], context: Context) -> str:
    table = _table(context)
    entries = [_day_entry(arg, sql, table) for arg, sql in zip(node.args, args, strict=True)]
    return _if_all_given(args, work_sql.known_between(entries[0], entries[-1], table))


# --- what is unanswered ----------------------------------------------------------------------


def _is_open(node: Operation, args: list[str], context: Context) -> str:
    assert context.as_of is not None  # noqa: S101  whoever asks says when
    end = _as_instant(node.args[0], args[0], context)
    return f"coalesce({end} >= {instant(context.as_of)}, TRUE)"


def _until(node: Operation, args: list[str], context: Context) -> str:
    assert context.as_of is not None  # noqa: S101  whoever asks says when
    if node.type is Type.DATE:
        today = context.as_of.astimezone(context.zone).date()
        return f"least({args[0]}, DATE '{today}')"  # which a NULL is not part of
    return f"least({_as_instant(node.args[0], args[0], context)}, {instant(context.as_of)})"


_INFIX = frozenset({"=", "<>", "<", "<=", ">", ">=", "+", "-"})
_CALLS: dict[str, Callable[[Operation, list[str], Context], str]] = {
    "and": lambda _n, args, _c: f"({' AND '.join(args)})",
    "or": lambda _n, args, _c: f"({' OR '.join(args)})",
    "not": lambda _n, args, _c: f"(NOT {args[0]})",
    "neg": lambda _n, args, _c: f"(-{args[0]})",
    "*": lambda _n, args, _c: f"CAST({args[0]} * {args[1]} AS {NUMBER})",
    "/": lambda _n, args, _c: f"kpi_divide({args[0]}, {args[1]})",
    "is_null": lambda _n, args, _c: f"({args[0]} IS NULL)",
    "like": lambda _n, args, _c: f"({args[0]} LIKE {args[1]})",
    "ilike": lambda _n, args, _c: f"({args[0]} ILIKE {args[1]})",
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
    "length": lambda _n, args, _c: f"CAST(length({args[0]}) AS {NUMBER})",
    "contains": _call("contains"),
    "starts_with": _call("starts_with"),
    "working_minutes": _worked("minutes"),
    "working_hours": _worked("hours"),
    "working_days": _working_days,
    "is_working": _is_working,
    "working_time_known": _is_known,
    "is_open": _is_open,
    "until": _until,
    "date": lambda n, args, c: f"CAST({_local(n.args[0], args[0], c)} AS DATE)",
    "year": _calendar("year"),
    "month": _calendar("month"),
    "day": _calendar("day"),
    "weekday": _calendar("isodow"),
    "hour": _calendar("hour"),
}
