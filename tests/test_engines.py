"""DuckDB against its judge: random records and questions, answered by both in the same way.

`plain` and `evaluate` are the readable definitions; whatever they say of random records, the SQL
must say too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise, permutations, product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy as Strategy
from msgspec.structs import replace

from hard import examples
from kpictl import periods
from kpictl.app import computation
from kpictl.app.computation import Computation, ComputeRequest
from kpictl.app.workspace import open_workspace
from kpictl.calendar.cumulative import cumulative_table
from kpictl.calendar.schedule import Cycle, Schedule
from kpictl.calendar.timeline import Timeline, WorkTime
from kpictl.database import Connection, connect
from kpictl.engines.duckdb import DuckDBEngine
from kpictl.engines.plain import LINE, PART, PlainEngine
from kpictl.expressions import Expression, Operation, Type, parse
from kpictl.expressions.context import Context, WorkTable
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.functions import FUNCTIONS, WORKING, asks_working_time
from kpictl.expressions.sql import compile_sql
from kpictl.expressions.waiting import is_open, until_now
from kpictl.expressions.work_sql import make_table
from kpictl.measure.query import (
    NOBODY,
    UNKNOWN,
    Link,
    Measure,
    Members,
    Op,
    Owners,
    Ownership,
    Query,
    Reason,
    RecordQuery,
    RecordRow,
    Slice,
    Tables,
    always,
)
from plans import LATER, write

Record = dict[str, Any]
Rows = list[Record]

FIELDS: Mapping[str, Type] = {
    "id": Type.TEXT,
    "owner": Type.TEXT,
    "team": Type.TEXT,
    "title": Type.TEXT,
    "amount": Type.NUMBER,
    "amount_original": Type.NUMBER,
    "mark": Type.NUMBER,
    "flag": Type.BOOL,
    "day": Type.DATE,
    "at": Type.DATETIME,
    "seen": Type.DATETIME,
}
SQL_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.NUMBER: "DECIMAL(38,10)",
    Type.BOOL: "BOOLEAN",
    Type.DATE: "DATE",
    Type.DATETIME: "TIMESTAMP",
}
TABLES = Tables({"leads": "test_leads", "deals": "test_deals"}, {"leads": FIELDS, "deals": FIELDS})
ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Africa/Cairo")
FAST = settings(max_examples=examples(30, 200), deadline=None)


class Names:
    """The fields of the random records, for the parser."""

    def find(self, name: str) -> tuple[str, Type] | None:
        return (name, FIELDS[name]) if name in FIELDS else None

    def known(self) -> Iterable[str]:
        return FIELDS


# --- the database ----------------------------------------------------------------------------


@cache
def database(zone: str) -> Connection:
    return connect(ZoneInfo(zone))


def literal(value: Any, kind: Type) -> str:
    if value is None:
        return f"CAST(NULL AS {SQL_TYPES[kind]})"
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None)
    return f"CAST('{str(value).replace(chr(39), chr(39) * 2)}' AS {SQL_TYPES[kind]})"


def put(connection: Connection, table: str, records: Rows) -> None:
    """Make the table that an engine expects: a column `f_<name>` for each field."""
    columns = ", ".join(f"f_{name} {SQL_TYPES[kind]}" for name, kind in FIELDS.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} ({columns}, part INTEGER, line INTEGER)"
    )
    rows = [
        f"({', '.join(literal(record[name], kind) for name, kind in FIELDS.items())}, "
        f"{record.get(PART, 0)}, {record.get(LINE, 0)})"
        for record in records
    ]
    if rows:
        connection.execute(f"INSERT INTO {table} VALUES {', '.join(rows)}")


def parsed(text: str, zone: ZoneInfo) -> Expression:
    found, errors = parse(text, Names(), zone=zone)
    assert found is not None, (text, errors)
    return found


OFFICE = Timeline.of(Schedule(ZoneInfo("Europe/Moscow")))
NIGHTS = Timeline.of(
    Schedule(ZoneInfo("Europe/Berlin"), Cycle(date(2024, 1, 1), (((22 * 60, 30 * 60),), (), ())))
)


@cache
def worked(zone: str) -> WorkTable:
    """Return the table of the company's working time, over all that random records can be of."""
    days = cumulative_table([OFFICE], date(2023, 12, 1), date(2025, 1, 31))
    return make_table(database(zone), '"work of all"', days)


def surroundings(zone: ZoneInfo) -> Context:
    """Return what expressions mean in a company that has working hours."""
    return Context(zone, work=WorkTime(OFFICE), table=worked(zone.key))


# --- random records --------------------------------------------------------------------------

OWNERS = ("Анна Белова", "Белова А.", "Олег Ким", "Ира О'Рей", "чужой")
TEXTS = st.one_of(
    st.sampled_from(
        ["", "Насос", "насос", "ёлка", "100%", "a_b", "O'Neil", 'ООО "Луч"', "\\", "B"]
    ),
    st.text("абАБёЁ ab%_'\\ßẞςΣİſ", max_size=4),
)
NUMBERS = st.one_of(
    st.decimals(-100, 100, places=2, allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal(0), Decimal("0.0000000001"), Decimal("-2.5"), Decimal("0.5")]),
)
MICRO = timedelta(microseconds=1)
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
TURNS = [  # when clocks change in the zones above, and where periods begin
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 1, tzinfo=UTC),
    datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC),
    datetime(2024, 4, 25, 22, tzinfo=UTC),
    datetime(2024, 10, 31, 21, tzinfo=UTC),
]


def edges(zone: ZoneInfo, period: str) -> list[datetime]:
    found = periods.parse(period, as_of=LATER, zone=zone)
    return [found.start.astimezone(UTC), found.end.astimezone(UTC)]


def instants(around: Sequence[datetime]) -> Strategy[datetime]:
    near = st.builds(
        lambda edge, shift: edge + shift,
        st.sampled_from([*around, *TURNS]),
        st.sampled_from([-MICRO, timedelta(0), MICRO, timedelta(hours=-1), timedelta(hours=3)]),
    )
    anywhere = st.timedeltas(timedelta(0), timedelta(days=330)).map(lambda t: NEW_YEAR + t)
    return st.one_of(near, anywhere)


def days(around: Sequence[datetime], zone: ZoneInfo) -> Strategy[date]:
    near = st.builds(
        lambda edge, shift: edge.astimezone(zone).date() + timedelta(days=shift),
        st.sampled_from([*around, *TURNS]),
        st.integers(-1, 1),
    )
    return st.one_of(near, st.dates(date(2024, 2, 1), date(2024, 12, 31)))


def maybe(strategy: Strategy[Any]) -> Strategy[Any]:
    return st.one_of(st.none(), strategy, strategy, strategy)


def records(
    zone: ZoneInfo, around: Sequence[datetime], ids: Strategy[Any], size: int
) -> Strategy[Rows]:
    moments = instants(around)
    one = st.fixed_dictionaries(
        {
            "id": ids,
            "owner": maybe(st.sampled_from(OWNERS)),
            "team": maybe(st.sampled_from(["север", "юг"])),
            "title": maybe(TEXTS),
            "amount": maybe(NUMBERS),
            "amount_original": maybe(NUMBERS),
            "mark": maybe(NUMBERS),
            "flag": maybe(st.booleans()),
            "day": maybe(days(around, zone)),
            "at": maybe(moments),
            "seen": maybe(moments),
        }
    )
    return st.lists(one, max_size=size)


# --- random expressions, written in the plan's language --------------------------------------


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def call(name: str, *args: Strategy[str]) -> Strategy[str]:
    return st.tuples(*args).map(lambda given: f"{name}({', '.join(given)})")


def infix(left: Strategy[str], ops: Sequence[str], right: Strategy[str]) -> Strategy[str]:
    return st.tuples(left, st.sampled_from(ops), right).map(lambda p: f"({p[0]} {p[1]} {p[2]})")


def cases(condition: Strategy[str], value: Strategy[str]) -> Strategy[str]:
    return st.tuples(condition, value, condition, value, value).map(
        lambda p: f"case when {p[0]} then {p[1]} when {p[2]} then {p[3]} else {p[4]} end"
    )


COMPARE = ("=", "<>", "<", "<=", ">", ">=", "!=")
DAY_LITERALS = ("'2024-05-01'", "'31.05.2024'", "date '2024-10-27'", "'2024-03-31'")
INSTANT_LITERALS = (
    "'2024-05-01'",
    "'31.05.2024 18:20'",
    "'2024-10-27 02:30'",
    "'2024-03-31 03:00:00'",
)


WRITTEN = (Type.TEXT, Type.NUMBER, Type.BOOL, Type.DATE, Type.DATETIME)
PLACES = ("round", 1)  # the one argument of which the types do not say all: it is a written number


def forms(name: str) -> Iterator[tuple[Type, list[Iterable[Type]]]]:
    """Yield what a function of the shelf gives and of which types its arguments are: without what
    may be left out and with it, and with one more of what may be repeated."""
    spec = FUNCTIONS[name]
    for gives in WRITTEN if spec.gives is None else (spec.gives,):
        args = [{gives}] * len(spec.args) if spec.gives is None else spec.args
        least, most = len(args) - spec.optional, len(args) + spec.variadic
        for count in range(least, most + 1):
            yield gives, [args[min(i, len(args) - 1)] for i in range(count)]


class Grammar:
    """Strategies for the text of an expression of each type, so many levels deep."""

    def __init__(self, depth: int) -> None:
        inner = Grammar(depth - 1) if depth else None
        self.text = st.one_of(st.sampled_from(["title", "owner", "team"]), TEXTS.map(quoted))
        number = NUMBERS.map(lambda n: f"{abs(n):f}")
        self.number = st.one_of(st.sampled_from(["amount", "mark"]), number)
        self.day: Strategy[str] = st.just("day")
        self.instant: Strategy[str] = st.sampled_from(["at", "seen"])
        self.bool: Strategy[str] = st.sampled_from(["flag", "true", "title is null", "amount > 0"])
        if inner is not None:
            self.deeper(inner)

    @property
    def moment(self) -> Strategy[str]:
        return st.one_of(self.day, self.instant)

    @property
    def any(self) -> Strategy[str]:
        return st.one_of(self.text, self.number, self.day, self.instant, self.bool)

    def of(self, kinds: Iterable[Type]) -> Strategy[str]:
        """Return expressions of any of some types."""
        each = (self.text, self.number, self.bool, self.day, self.instant)
        return st.one_of(*(one for kind, one in zip(WRITTEN, each, strict=True) if kind in kinds))

    def calls(self, kind: Type) -> Iterator[Strategy[str]]:
        """Yield calls of all functions of the shelf that can give a type."""
        for name in FUNCTIONS:
            for gives, args in forms(name):
                if gives is kind:
                    yield call(name, *(self.argument(name, *one) for one in enumerate(args)))

    def argument(self, name: str, position: int, kinds: Iterable[Type]) -> Strategy[str]:
        """Return what a function is given. Of working time it is a field: each argument stands
        in the SQL often, and what is three deep would stand there for minutes."""
        if (name, position) == PLACES:
            return st.integers(0, 10).map(str)
        return st.sampled_from(["day", "at", "seen"]) if name in WORKING else self.of(kinds)

    def deeper(self, g: Grammar) -> None:
        self.text = st.one_of(self.text, *g.calls(Type.TEXT), cases(g.bool, g.text))
        self.number = st.one_of(
            self.number,
            infix(g.number, ["+", "-", "*", "/"], g.number),
            infix(g.number, ["*", "/"], g.number),
            g.number.map(lambda n: f"(-{n})"),
            *g.calls(Type.NUMBER),
            cases(g.bool, g.number),
        )
        self.day = st.one_of(self.day, *g.calls(Type.DATE))
        self.instant = st.one_of(self.instant, *g.calls(Type.DATETIME), cases(g.bool, g.instant))
        self.bool = st.one_of(
            self.bool,
            infix(g.number, COMPARE, g.number),
            infix(g.text, COMPARE, g.text),
            infix(g.moment, COMPARE, g.moment),
            infix(g.day, COMPARE, st.sampled_from(DAY_LITERALS)),
            infix(g.instant, COMPARE, st.sampled_from(INSTANT_LITERALS)),
            infix(g.bool, ["and", "or"], g.bool),
            g.bool.map(lambda b: f"(not {b})"),
            g.any.map(lambda a: f"({a} is null)"),
            g.any.map(lambda a: f"({a} is not null)"),
            g.bool.map(lambda b: f"({b} is true)"),
            infix(g.text, ["like", "not like", "ilike"], st.sampled_from(["'а%'", "'%Б_'", "'%\\%'", "title"])),
            st.tuples(g.text, st.lists(g.text, min_size=1, max_size=3)).map(_in),
            st.tuples(g.number, st.lists(g.number, min_size=1, max_size=3)).map(_in),
            st.tuples(g.number, g.number, g.number).map(lambda p: f"({p[0]} between {p[1]} and {p[2]})"),
            st.tuples(g.instant, st.sampled_from(INSTANT_LITERALS)).map(
                lambda p: f"({p[0]} not between {p[1]} and '2024-11-03 01:30')"
            ),
            *g.calls(Type.BOOL),
        )  # fmt: skip


def _in(parts: tuple[str, list[str]]) -> str:
    return f"({parts[0]} in ({', '.join(parts[1])}))"


GRAMMAR = Grammar(2)
SHALLOW = Grammar(1)


# --- expressions -----------------------------------------------------------------------------


def by_sql(trees: Sequence[Any], zone: ZoneInfo, rows: Rows) -> list[tuple[Any, ...]]:
    """Return what trees come to in each record, in the database."""
    connection = database(zone.key)
    put(connection, "test_leads", rows)
    each = ", ".join(compile_sql(tree, surroundings(zone)) for tree in trees)
    found = connection.execute(f"SELECT {each} FROM test_leads ORDER BY rowid").fetchall()
    return [
        tuple(v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for v in line)
        for line in found
    ]


def typed(values: Iterable[Any]) -> list[tuple[type, Any]]:
    return [(type(value), value) for value in values]


@FAST
@given(st.data())
def test_an_expression_means_the_same_in_sql(data: st.DataObject) -> None:
    """Whatever can be written, DuckDB gives for each record exactly what the definition gives."""
    zone = ZoneInfo(data.draw(st.sampled_from(ZONES)))
    rows = data.draw(records(zone, edges(zone, "2024-05"), maybe(TEXTS), 8))
    for _ in range(3):
        text = data.draw(GRAMMAR.any)
        tree = parsed(text, zone).tree
        expected = [evaluate(tree, row, surroundings(zone)) for row in rows]
        found = [value for (value,) in by_sql([tree], zone, rows)]
        assert typed(found) == typed(expected), text


# What a function is called with, and the records: texts that hold and begin with one another,
# numbers of either sign, days and instants on either side of a change of clocks and of midnight.
LEAVES: Mapping[Type, Sequence[str]] = {
    Type.TEXT: ("title", "owner", "'а'"),
    Type.NUMBER: ("amount", "mark", "0.5"),
    Type.BOOL: ("flag", "(amount > 0)"),
    Type.DATE: ("day",),
    Type.DATETIME: ("at", "seen"),
}
_AT = [datetime.fromisoformat(f"{text}+00:00") for text in (
    "2023-12-31 23:30", "2024-03-31 00:59:59.999999", "2024-03-31 01:00", "2024-05-17 06:20:30",
    "2024-05-19 10:00", "2024-10-27 00:30", "2024-10-27 01:30", "2024-05-31 22:00",
)]  # fmt: skip
RECORDS: Rows = [
    {
        **dict.fromkeys(FIELDS),
        "title": ("Насос", "ёлка", "", "а", "Ёж % _", "насос", None, "O'Neil а")[n],
        "owner": ("Нас", "Ёлка", "", "А", "Ёж", None, "а", "O'Neil")[n],
        "amount": (Decimal("-2.5"), Decimal("2.675"), Decimal(0), None, *map(Decimal, "7359"))[n],
        "mark": (*map(Decimal, ("-100.25", "2.675", "0.0000000001", "3")), None, Decimal(-4), Decimal(5), Decimal(1))[n],
        "flag": (True, False, None)[n % 3],
        "day": None if n == 4 else (_AT[n] + timedelta(days=n % 3 - 1)).date(),
        "at": _AT[n],
        "seen": None if n == 2 else _AT[n] + timedelta(hours=11 * n - 30),
    }
    for n in range(8)
]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_means_the_same_in_sql(name: str) -> None:
    """Of any arguments that it may have, a function of the shelf is in DuckDB what it is defined to
    be, and it gives what the shelf says."""
    zone = ZoneInfo("Europe/Berlin")
    asked = []
    for gives, args in forms(name):
        each = [
            [leaf for kind in WRITTEN if kind in kinds for leaf in LEAVES[kind]] for kinds in args
        ]
        if (name, len(args) - 1) == PLACES:
            each[-1] = ["0", "2", "10"]
        asked += [(gives, f"{name}({', '.join(given)})") for given in product(*each)]
    trees = [parsed(text, zone).tree for _, text in asked]
    found = by_sql(trees, zone, RECORDS)
    for (gives, text), tree, values in zip(asked, trees, zip(*found, strict=True), strict=True):
        expected = [evaluate(tree, row, surroundings(zone)) for row in RECORDS]
        assert tree.type is gives, text
        assert typed(values) == typed(expected), text
    assert len({*zip(*found, strict=True)}) > 1, "whatever it is given, it gives the same"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / 3", Decimal("0.3333333333")),
        ("2 / 3", Decimal("0.6666666667")),
        ("-2 / 3", Decimal("-0.6666666667")),
        ("1 / 0", None),
        ("0.00001 * 0.00005", Decimal("0.0000000005")),
        ("0.00001 * 0.000005", Decimal("0.0000000001")),
        ("-0.00001 * 0.000005", Decimal("-0.0000000001")),
        ("0.33333333335 + 0", Decimal("0.3333333334")),
        ("round(2.675, 2)", Decimal("2.68")),
        ("round(-2.5)", Decimal(-3)),
        ("999999999999.99 * 1", Decimal("999999999999.99")),
        ("999999999999.99 / 3", Decimal("333333333333.33")),
        ("null and false", False),
        ("null or true", True),
        ("not (null and true)", None),
        ("'x' in ('x', null)", True),
        ("'x' in ('y', null)", None),
        ("least(null, 2)", Decimal(2)),
        ("days('2024-03-31', '2024-04-01')", Decimal("0.9583333333")),
        ("hours('2024-10-27', '2024-10-28')", Decimal(25)),
        ("date(coalesce(at, '2024-05-31 23:59:59'))", date(2024, 5, 31)),
        ("length('ёж')", Decimal(2)),
        ("upper('ёж') = 'ЁЖ'", True),
        ("'100%' like '100%'", True),
        ("'a_b' like 'a\\_b'", False),
    ],
)
def test_what_expressions_mean(text: str, expected: Any) -> None:
    """Rounding is half-up at ten places, nulls are SQL's, days of clock changes have 23 or 25 hours."""
    zone = ZoneInfo("Europe/Berlin")
    tree = parsed(text, zone).tree
    empty: Record = dict.fromkeys(FIELDS)
    assert evaluate(tree, empty, Context(zone)) == expected
    assert by_sql([tree], zone, [empty]) == [(expected,)]


# --- queries ---------------------------------------------------------------------------------

PERIODS = (
    *("2024-05", "2024-03", "2024-10", "2024-Q2", "2024-05-17", "2024-W13", "2024-04-26"),
    *("2024-04", "2024-04..2024-05"),  # whose bounds are those of the two months
)
SUBJECTS = {
    "owner": {"Анна Белова": "anna", "Белова А.": "anna", "Олег Ким": "oleg", "Ира О'Рей": "ira"},
    "team": {"север": "север"},
}
OWNED = {by: always(subjects) for by, subjects in SUBJECTS.items()}
CROWDS: Mapping[str, frozenset[str] | None] = {
    "карта «А»": frozenset({"anna", "oleg"}),
    'quoted "b"': frozenset({"ira", "север"}),
    "nobody": frozenset(),
    "all": None,
}


def groups(*slices: str, other: frozenset[str] | None = None) -> dict[str, Members | None]:
    """Return the groups of slices; in the first, one of them may be others."""
    found: dict[str, Members | None] = {}
    for group, crowd in CROWDS.items():
        found[group] = None if crowd is None else dict.fromkeys(slices, crowd)
    if other is not None:
        found["карта «А»"] = {**dict.fromkeys(slices, other), slices[-1]: frozenset({"anna"})}
    return found


@st.composite
def owners(draw: st.DrawFn, around: Sequence[datetime]) -> Mapping[str, Owners]:
    """Draw whose the texts are: the same at all times, or one after the other."""
    found = {by: always(subjects) for by, subjects in SUBJECTS.items()}
    for raw in draw(st.sets(st.sampled_from(OWNERS[:3]))):
        turns = sorted(draw(st.sets(instants(around), min_size=1, max_size=3)))
        bounds = [draw(st.sampled_from([None, turns[0] - timedelta(days=3)])), *turns, None]
        names = draw(st.permutations(["anna", "oleg", "ira", "север"]))
        several = [Ownership(n, *pair) for n, pair in zip(names, pairwise(bounds), strict=False)]
        dropped = draw(st.integers(0, len(several)))  # between two stretches it may be nobody's
        found["owner"][raw] = tuple(o for i, o in enumerate(several) if i != dropped)
    return found


@st.composite
def slices(draw: st.DrawFn, zone: ZoneInfo, around: Sequence[datetime]) -> tuple[Slice, ...]:
    """Draw stretches of time, overlapping ones too, as they were known then or are known now; the
    same one may be asked as of several moments."""
    texts = draw(st.lists(st.sampled_from(PERIODS), min_size=1, max_size=4))
    as_of = draw(st.one_of(st.just(LATER), instants(around)))
    horizon = min(as_of, draw(instants(around)))
    found = []
    for number, text in enumerate(texts):
        known = draw(st.one_of(st.just(as_of), st.just(as_of), instants(around)))
        period = periods.parse(text, as_of=LATER, zone=zone)
        found.append(Slice(f"{number}: {text}", period, known, min(known, horizon)))
    return tuple(found)


def links(zone: ZoneInfo) -> Strategy[Link]:
    conditions = st.one_of(st.none(), SHALLOW.bool.map(lambda text: parsed(text, zone)))
    windows = st.sampled_from([1, 3600, 86400, 30 * 86400])
    return st.builds(
        Link,
        st.just("deals"),
        st.sampled_from(["title", "title", "mark"]),  # a number stands for its digits
        conditions,
        st.sampled_from(["at", "day"]),
        windows,
    )


@st.composite
def measures(draw: st.DrawFn, zone: ZoneInfo, kpi: str) -> Measure:
    op = draw(st.sampled_from(Op))
    kind = SHALLOW.any if op is Op.DISTINCT else SHALLOW.number
    valued = op not in (Op.COUNT, Op.LINKED)
    where = st.one_of(st.none(), SHALLOW.bool, GRAMMAR.bool)
    text = draw(where)
    found = Measure(
        kpi,
        "value",
        "leads",
        op,
        when=draw(st.sampled_from(["at", "day"])),
        by=draw(st.sampled_from(["owner", "team", NOBODY])),
        value=parsed(draw(st.one_of(st.just("amount"), kind)), zone) if valued else None,
        where=None if text is None else parsed(text, zone),
        position=Fraction(draw(st.integers(0, 100)), 100),
        link=draw(links(zone)) if op is Op.LINKED else None,
        converted=("amount",) if valued and draw(st.booleans()) else (),
    )
    return waiting(found) if op is not Op.LINKED and draw(st.booleans()) else found


def waiting(measure: Measure) -> Measure:
    """Return a measure in which what is unanswered lasts until now (`open: elapsed`), where it has
    a duration that could."""
    trees = [one.tree for one in (measure.where, measure.value) if one is not None]
    tests = tuple(test for tree in trees if (test := is_open(tree)) is not None)
    if not tests:
        return measure
    where, value = (
        None if one is None else replace(one, tree=until_now(one.tree))
        for one in (measure.where, measure.value)
    )
    either = tests[0] if len(tests) == 1 else Operation("or", tests, Type.BOOL)
    return replace(measure, where=where, value=value, open=Expression("", either))


def monthly(measure: Measure, months: int) -> Measure:
    """Return a measure of records that are dated by the first day of so many months."""
    return replace(measure, when="day", monthly=True, months=months)


WORK = {
    "owner": WorkTime(OFFICE, {"Анна Белова": NIGHTS}),
    "team": WorkTime(OFFICE),
    NOBODY: WorkTime(OFFICE),
}
LINKED_WORK = {("deals", NOBODY): WorkTime(OFFICE)}


@st.composite
def questions(draw: st.DrawFn) -> tuple[Query, dict[str, Rows]]:
    """Draw a query over leads, and the leads and deals that it is asked of."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    text = draw(st.sampled_from(PERIODS))
    around = edges(zone, text)
    ids = st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "8"])
    leads = draw(records(zone, around, ids, 12))
    deals = draw(records(zone, around, ids, 8))
    for deal in deals:
        deal["title"] = draw(maybe(ids))
    asked = [draw(measures(zone, f"kpi{i}")) for i in range(draw(st.integers(1, 4)))]
    if draw(st.booleans()):
        asked[0] = monthly(asked[0], draw(st.sampled_from([1, 3, 6, 12])))
    divisions = {"anna": "sales", "oleg": "sales", "ira": "office"} if draw(st.booleans()) else {}
    times, whose = draw(slices(zone, around)), draw(owners(around))
    other = draw(st.one_of(st.none(), st.just(frozenset({"oleg", UNKNOWN}))))
    together = groups(*(one.id for one in times), other=other)
    query = Query("leads", tuple(asked), times, zone, whose, together, divisions, WORK, LINKED_WORK)
    for rows in (leads, deals):
        for line, row in enumerate(rows):
            row[PART], row[LINE] = line % 2, line
    return query, {"leads": leads, "deals": deals}


def by_duckdb(zone: ZoneInfo, entities: Mapping[str, Rows]) -> DuckDBEngine:
    """Return DuckDB over the records."""
    connection = database(zone.key)
    for entity, rows in entities.items():
        put(connection, TABLES.names[entity], rows)
    return DuckDBEngine(connection, TABLES)


def month(text: str, zone: ZoneInfo) -> Slice:
    """Return a slice of a period as it is known long afterwards."""
    return Slice(text, periods.parse(text, as_of=LATER, zone=zone), LATER, LATER)


@settings(max_examples=examples(40, 300), deadline=None)
@given(questions())
def test_the_engines_agree(question: tuple[Query, dict[str, Rows]]) -> None:
    """Every operation on random records gives the same tallies in DuckDB and in plain Python, for
    any slices of time, and whoever the records are of at which time."""
    query, entities = question
    expected = PlainEngine(entities).answer(query)
    found = by_duckdb(query.zone, entities).answer(query)
    for measure in query.measures:
        name = measure.name
        assert found.subjects[name] == expected.subjects[name], measure
        assert found.groups[name] == expected.groups[name], measure
        assert found.undated[name] == expected.undated[name], measure


@st.composite
def requests(draw: st.DrawFn) -> tuple[RecordQuery, dict[str, Rows]]:
    """Draw what is asked of the records behind a number, and the records."""
    query, entities = draw(questions())
    measure = draw(st.sampled_from(query.measures))
    reasons: list[Reason] = ["counted", "no_owner", "no_date", "before", "after", "no_value"]
    reason: Reason = draw(st.sampled_from([*reasons, "no_rate", "fails"]))
    subjects = st.sets(st.sampled_from(["anna", "oleg", "ira", "север", UNKNOWN, None]))
    trees = SHALLOW.bool.map(lambda text: parsed(text, query.zone).tree).filter(
        lambda tree: not asks_working_time(tree)  # but where the measure itself does
    )
    for line, row in enumerate(entities["leads"]):  # by an id alone, records have no other order
        row["id"] = None if row["id"] is None else f"{row['id']}{line}"
    return RecordQuery(
        query,
        measure,
        draw(st.sampled_from(query.slices)),
        reason,
        draw(st.one_of(st.none(), subjects.map(frozenset))),
        failing=draw(trees) if reason == "fails" else None,
        only=draw(st.one_of(st.none(), trees)),
        fields=("id", "title", "seen"),
        lines=draw(st.booleans()),
        by_id=draw(st.booleans()),
        limit=draw(st.one_of(st.none(), st.integers(0, 4))),
        last=draw(st.booleans()),
    ), entities


@settings(max_examples=examples(60, 500), deadline=None)
@given(requests())
def test_the_engines_bring_the_same_records(request: tuple[RecordQuery, dict[str, Rows]]) -> None:
    """The records behind a number, and those that nearly counted, are the same, in one order."""
    asked, entities = request
    expected: list[RecordRow] = PlainEngine(entities).records(asked)
    engine = by_duckdb(asked.query.zone, entities)
    assert engine.records(asked) == expected
    assert engine.count(asked) == PlainEngine(entities).count(asked)


@settings(max_examples=examples(22, 200), deadline=None)
@given(questions())
def test_a_number_is_made_of_its_records(question: tuple[Query, dict[str, Rows]]) -> None:
    """What a subject has in a slice stands on exactly the records that are brought for it."""
    query, entities = question
    engine = by_duckdb(query.zone, entities)
    answer = engine.answer(query)
    for measure in query.measures:
        for one_slice in query.slices:
            for subject, tally in answer.subjects[measure.name][one_slice.id].items():
                whose = frozenset({subject})
                count = engine.count(RecordQuery(query, measure, one_slice, subjects=whose))
                assert count == tally.n + tally.no_value


@settings(max_examples=examples(18, 200), deadline=None)  # each asks many queries
@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(
    question: tuple[Query, dict[str, Rows]], random: Any
) -> None:
    """Shuffled records, asked one measure and one slice at a time, give the same answers."""
    query, entities = question
    together = by_duckdb(query.zone, entities).answer(query)
    shuffled = {entity: random.sample(rows, len(rows)) for entity, rows in entities.items()}
    engine = by_duckdb(query.zone, shuffled)
    for measure in query.measures:
        for one_slice in query.slices:
            alone = engine.answer(replace(query, measures=(measure,), slices=(one_slice,)))
            name = measure.name
            assert alone.subjects[name][one_slice.id] == together.subjects[name][one_slice.id]
            assert alone.groups[name][one_slice.id] == together.groups[name][one_slice.id]


def test_the_edges_of_a_period() -> None:
    """The first instant of a period is in it, the last one is its end less a microsecond."""
    zone = ZoneInfo("Europe/Moscow")
    start, end = edges(zone, "2024-05")
    empty: Record = {**dict.fromkeys(FIELDS), "owner": "Олег Ким"}
    moments = [start - MICRO, start, end - MICRO, end]
    rows = [{**empty, "at": m, "day": m.astimezone(zone).date()} for m in moments]
    asked = tuple(
        Measure(when, "value", "leads", Op.COUNT, when=when, by="owner") for when in ("at", "day")
    )
    query = Query("leads", asked, (month("2024-05", zone),), zone, OWNED)
    for engine in (PlainEngine({"leads": rows}), by_duckdb(zone, {"leads": rows})):
        answer = engine.answer(query)
        counts = [answer.subjects[f"{w}.value"]["2024-05"]["oleg"].n for w in ("at", "day")]
        assert counts == [2, 2]


def test_a_stretch_and_the_months_that_it_is_made_of() -> None:
    """Two months beside one another, and the two as one, asked at once: all three are right."""
    zone = ZoneInfo("Europe/Moscow")
    empty: Record = {**dict.fromkeys(FIELDS), "owner": "Олег Ким"}
    rows = [{**empty, "at": datetime(2024, of, 15, tzinfo=UTC)} for of in (4, 5, 5)]
    measure = Measure("at", "value", "leads", Op.COUNT, when="at", by="owner")
    texts = ("2024-04", "2024-05", "2024-04..2024-05")
    for order in permutations(texts):
        slices = tuple(month(text, zone) for text in order)
        query = Query("leads", (measure,), slices, zone, OWNED)
        for engine in (PlainEngine({"leads": rows}), by_duckdb(zone, {"leads": rows})):
            counted = engine.answer(query).subjects["at.value"]
            assert [counted[text]["oleg"].n for text in texts] == [1, 2, 3]


def test_a_window_across_a_change_of_clocks() -> None:
    """Thirty days are 30 times 24 hours, from the midnight of a day, also when clocks change."""
    zone = ZoneInfo("Europe/Berlin")
    empty: Record = dict.fromkeys(FIELDS)
    lead = {**empty, "id": "1", "owner": "Олег Ким", "day": date(2024, 3, 20)}
    edge = datetime(2024, 3, 19, 23, tzinfo=UTC) + timedelta(days=30)
    link = Link("deals", "title", None, "at", 30 * 86400)
    measure = Measure("hits", "value", "leads", Op.LINKED, when="day", by="owner", link=link)
    query = Query("leads", (measure,), (month("2024-03", zone),), zone, OWNED)
    for moment, hits in ((edge - MICRO, 1), (edge, 0)):
        entities = {"leads": [lead], "deals": [{**empty, "title": "1", "at": moment}]}
        for engine in (PlainEngine(entities), by_duckdb(zone, entities)):
            answer = engine.answer(query)
            assert answer.subjects["hits.value"]["2024-03"]["oleg"].total == hits


def test_an_hour_that_comes_twice() -> None:
    """The hour that clocks repeat is, when written in a plan, its first."""
    zone = ZoneInfo("Europe/Berlin")
    tree = parsed("at = '2024-10-27 02:30'", zone).tree
    first = {**dict.fromkeys(FIELDS), "at": datetime(2024, 10, 27, 0, 30, tzinfo=UTC)}
    second = {**first, "at": datetime(2024, 10, 27, 1, 30, tzinfo=UTC)}
    assert [evaluate(tree, row, Context(zone)) for row in (first, second)] == [True, False]
    assert by_sql([tree], zone, [first, second]) == [(True,), (False,)]


# --- one scan --------------------------------------------------------------------------------

TEN = """\
sources: {crm: {type: csv, leads: leads.csv, deals: deals.csv}}
rates: {USD: 90}
kpis:
  leads:      {from: leads, count: rows, when: created_at}
  people:     {from: leads, count: distinct full_name, when: created_at}
  money:      {from: leads, sum: amount, when: created_at, unit: money}
  average:    {from: leads, average: amount, when: created_at}
  middle:     {from: leads, median: amount, when: created_at}
  spread:     {from: leads, stddev: amount, when: created_at}
  ninety:     {from: leads, percentile: {of: amount, at: 90}, where: not junk, when: modified_at}
  least_one:  {from: leads, min: amount, when: created_at}
  most_one:   {from: leads, max: amount, when: created_at, by: source}
  good:       {from: leads, share: converted, when: created_at}
  conversion: {conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort}, when: created_at}
  a_lead:     {ratio: {of: money, over: leads}}
  worth:      {formula: money / leads * 2}
scorecards:
  all: {kpis: {leads: {weight: 10}, people: {weight: 10}, money: {weight: 10}, average: {weight: 10}, middle: {weight: 10}, spread: {weight: 0}, ninety: {weight: 10}, least_one: {weight: 10}, good: {weight: 10}, conversion: {weight: 10}, a_lead: {weight: 5}, worth: {weight: 5}}}
  sources: {kpis: {most_one: {weight: 100}}}
"""


@contextmanager
def ten_kpis(folder: Path, *months: str) -> Iterator[tuple[Computation, ...]]:
    files = {
        "leads.csv": "ID;Полное имя;Сумма;Валюта;Статус;Источник;Ответственный;Дата создания;Дата изменения\n"
        "1;Лев;5;USD;Сконвертирован;VK;Анна Белова;05.05.2024 10:00:00;06.05.2024 10:00:00\n",
        "deals.csv": "ID;Лид;Стадия сделки;Ответственный;Дата изменения стадии\n"
        "1;1;Сделка успешна;Анна Белова;06.05.2024 10:00:00\n",
    }
    with open_workspace(write(folder, TEN, files), {}) as workspace:
        zone = workspace.bound.zone
        several = [periods.parse(text, as_of=LATER, zone=zone) for text in months or ["2024-05"]]
        yield computation.measure_periods(workspace, ComputeRequest(several[0], LATER), several)


def scans(plan: Any) -> Iterator[str]:
    """Yield the tables that a plan of DuckDB scans, once for each scan."""
    if "SCAN" in plan["name"]:
        yield str(plan["extra_info"].get("Table", plan["name"])).rsplit(".", 1)[-1]
    for child in plan["children"]:
        yield from scans(child)


@pytest.mark.parametrize(
    "months",
    [("2024-05",), tuple(f"2024-{n:02}" for n in range(1, 13)), ("2024-05", "2024", "2024-Q2")],
)
def test_ten_kpis_are_few_scans_however_many_the_slices(
    tmp_path: Path, months: tuple[str, ...]
) -> None:
    """The KPIs over an entity read its table as often for one period as for many, overlapping or
    not: once for what adds up and once for what does not, of each owner's and moment's field."""
    with ten_kpis(tmp_path, *months) as (computed, *_):
        query = computed.queries["leads"]
        assert {m.op for m in query.measures} == set(Op)
        engine = DuckDBEngine(computed.dataset.connection, computed.dataset.tables)
        found = []
        for statement in engine.statements(query):
            explained = f"EXPLAIN (FORMAT json) {statement}"
            ((_, text),) = engine.connection.execute(explained).fetchall()
            found += [table for plan in json.loads(text) for table in scans(plan)]
        own = {(m.by, m.when) if len(months) > 1 else m.by for m in query.measures}
    assert found.count("stored_leads") <= 2 * len(own), found
    assert found.count("stored_deals") == 1, found


def test_ten_kpis_are_right(tmp_path: Path) -> None:
    """The same ten KPIs, from one lead of five dollars, come out as they must: in its month, in the
    quarter that holds it, and not in the month before."""
    with ten_kpis(tmp_path, "2024-05", "2024-Q2", "2024-04") as (may, quarter, april):
        facts = {kpi: fact.value for kpi, fact in may.facts_of("Анна Белова").items()}
        assert quarter.facts_of("Анна Белова") == may.facts_of("Анна Белова")
        assert april.facts_of("Анна Белова")["leads"].value == 0
    assert facts == {
        "leads": 1,
        "people": 1,
        "money": 450,
        "average": 450,
        "middle": 450,
        "spread": None,
        "ninety": 450,
        "least_one": 450,
        "most_one": None,
        "good": 100,
        "conversion": 100,
        "a_lead": 450,
        "worth": 900,
    }


def test_duckdb_is_the_one_that_was_tried() -> None:
    """The SQL relies on DuckDB's decimal arithmetic, which this version still does exactly."""
    with duckdb.connect() as connection:
        found = connection.execute("SELECT CAST(0.1 AS DECIMAL(38,10)) * 3").fetchall()
    assert found == [(Decimal("0.3"),)]


def test_a_text_is_itself_in_sql_whatever_it_holds() -> None:
    """Quotes and NUL go into a statement and come out again, in every DuckDB."""
    import duckdb

    from kpictl.expressions.sql import text

    with duckdb.connect() as connection:
        for value in ("", "'", "a\0b", "\0", "it's\0'", "\\0", "\\'", "\N{GRINNING FACE}\n\t"):
            assert connection.execute(f"SELECT {text(value)}").fetchall() == [(value,)]


@pytest.mark.parametrize("op", [Op.DISTINCT, Op.QUANTILE, Op.COUNT])
def test_a_group_may_hold_what_is_nobody_s(op: Op) -> None:
    """Records whose owner's text nobody knows are the group's, also of what must be recomputed;
    those without any owner are not."""
    zone, one_slice = ZoneInfo("UTC"), month("2024-05", ZoneInfo("UTC"))
    empty: Record = {**dict.fromkeys(FIELDS), "day": date(2024, 5, 2)}
    texts = ["Олег Ким", "Никто", "Никто", None]
    rows = [{**empty, "owner": o, "amount": Decimal(n)} for n, o in enumerate(texts)]
    value = None if op is Op.COUNT else parsed("amount", zone)
    measure = Measure("v", "value", "leads", op, when="day", by="owner", value=value)
    crowd = {one_slice.id: frozenset({"oleg", UNKNOWN})}
    query = Query("leads", (measure,), (one_slice,), zone, OWNED, {"crowd": crowd})
    for engine in (PlainEngine({"leads": rows}), by_duckdb(zone, {"leads": rows})):
        assert engine.answer(query).groups["v.value"][one_slice.id]["crowd"].n == 3
