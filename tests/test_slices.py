"""Slices of time asked at once, known at different moments; records of who held a post by turns.

Each promise in a few records, for both engines; `test_engines` has the same at random.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from kpictl.engines.plain import PlainEngine
from kpictl.engines.sql.statement import Statement
from kpictl.measure.query import (
    UNKNOWN,
    Engine,
    Link,
    Measure,
    Op,
    Ownership,
    Query,
    Reason,
    RecordQuery,
    Slice,
    always,
)
from test_engines import FIELDS, MICRO, by_duckdb, month, parsed

MOSCOW, NEW_YORK = ZoneInfo("Europe/Moscow"), ZoneInfo("America/New_York")
WEEK = 7 * 86400


def record(ident: str, owner: str | None = "Олег", **fields: Any) -> dict[str, Any]:
    return {**dict.fromkeys(FIELDS), "id": ident, "owner": owner, **fields}


def engines(zone: ZoneInfo, **entities: list[dict[str, Any]]) -> tuple[Engine, Engine]:
    """Return both engines over records of these entities."""
    return PlainEngine(entities), by_duckdb(zone, entities)


def known(text: str, as_of: datetime, zone: ZoneInfo = MOSCOW) -> Slice:
    """Return a slice of a period as it was known at a moment, to which the data reach."""
    return replace(month(text, zone), id=f"{text} at {as_of:%d.%m}", as_of=as_of, horizon=as_of)


def test_a_conversion_is_known_as_of_each_of_two_slices() -> None:
    """A success after the moment of a report is none in it, and its lead may still convert; beside
    it in one query a later report has it. So too where the stretches overlap or are the same."""
    early, late = datetime(2024, 4, 3, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)
    leads = [record("1", day=date(2024, 3, 30)), record("2", day=date(2024, 4, 2))]
    deals = [
        record("8", title="1", at=datetime(2024, 4, 5, tzinfo=UTC)),
        record("9", title="2", at=datetime(2024, 4, 6, tzinfo=UTC)),
    ]
    link = Link("deals", "title", None, "at", WEEK)
    measure = Measure("c", "hits", "leads", Op.LINKED, when="day", by="owner", link=link)
    owners = {"owner": always({"Олег": "oleg"})}
    expected = {  # how many converted, and how many may yet
        known("2024-03", early): (0, 1),
        known("2024-04", late): (1, 0),
        known("2024-03", late): (1, 0),
        known("2024-03..2024-04", early): (0, 2),
        known("2024-03..2024-04", late): (2, 0),
    }
    march, april, *_, whole = expected
    for slices in ((march, april), (march, whole), tuple(expected)):
        query = Query("leads", (measure,), slices, MOSCOW, owners)
        for engine in engines(MOSCOW, leads=leads, deals=deals):
            tallies = engine.answer(query).subjects["c.hits"]
            for one_slice in slices:
                tally = tallies[one_slice.id]["oleg"]
                assert [tally.total, tally.immature] == list(expected[one_slice])


@pytest.mark.parametrize("op", [Op.DISTINCT, Op.QUANTILE, Op.SUM])
def test_a_group_is_of_others_in_another_month(op: Op) -> None:
    """Who is on a scorecard in April alone is in its total of April alone."""
    leads = [
        record(str(n), owner, day=date(2024, of, 2), amount=Decimal(10 * of + n))
        for n, (owner, of) in enumerate([("Олег", 3), ("Анна", 3), ("Олег", 4), ("Анна", 4)])
    ]
    march, april = month("2024-03", MOSCOW), month("2024-04", MOSCOW)
    members = {march.id: frozenset({"oleg"}), april.id: frozenset({"oleg", "anna"})}
    value = parsed("amount", MOSCOW)
    measure = Measure("v", "value", "leads", op, when="day", by="owner", value=value)
    owners = {"owner": always({"Олег": "oleg", "Анна": "anna"})}
    query = Query("leads", (measure,), (march, april), MOSCOW, owners, {"card": members})
    for engine in engines(MOSCOW, leads=leads):
        found = engine.answer(query).groups["v.value"]
        assert [found[one_slice.id]["card"].n for one_slice in (march, april)] == [1, 2]


def turns(zone: ZoneInfo) -> dict[str, tuple[Ownership, ...]]:
    """Return whose the texts are: Oleg's post passes to Anna on the 16th, and ends with June; the
    text of Ira is hers at all times."""
    change, end = datetime(2024, 5, 16, tzinfo=zone), datetime(2024, 7, 1, tzinfo=zone)
    sales = (Ownership("oleg", None, change), Ownership("anna", change, end))
    return {"Продажи": sales, "Ира": (Ownership("ira"),)}


@pytest.mark.parametrize("zone", [MOSCOW, NEW_YORK])
@pytest.mark.parametrize("when", ["at", "day"])
def test_a_record_is_of_whoever_held_the_post(zone: ZoneInfo, when: str) -> None:
    """To the last microsecond, and to the last day: its midnight is that of the company, east or
    west of Greenwich."""
    moments: list[Any] = [date(2024, 5, 15), date(2024, 5, 16), date(2024, 6, 30), date(2024, 7, 1)]
    if when == "at":
        change, end = datetime(2024, 5, 16, tzinfo=zone), datetime(2024, 7, 1, tzinfo=zone)
        moments = [change - MICRO, change, end - MICRO, end]
        moments = [moment.astimezone(UTC) for moment in moments]
    leads = [record(str(n), "Продажи", **{when: m}) for n, m in enumerate(moments)]
    measure = Measure("v", "value", "leads", Op.COUNT, when=when, by="owner")
    one_slice = month("2024-05..2024-07", zone)
    query = Query("leads", (measure,), (one_slice,), zone, {"owner": turns(zone)})
    for engine in engines(zone, leads=leads):
        found = engine.answer(query).subjects["v.value"][one_slice.id]
        assert {subject: tally.n for subject, tally in found.items()} == {
            "oleg": 1,
            "anna": 2,
            UNKNOWN: 1,
        }
        for subject, ids in (("oleg", ["0"]), ("anna", ["1", "2"]), (UNKNOWN, ["3"])):
            request = RecordQuery(query, measure, one_slice, subjects=frozenset({subject}), fields=("id",))  # fmt: skip
            assert [row.fields["id"] for row in engine.records(request)] == ids


@pytest.mark.parametrize(
    ("subjects", "reason", "ids"),
    [
        (None, "counted", "12345"),
        ((), "counted", ""),
        (("ira",), "counted", "3"),
        (("oleg", "ira"), "counted", "13"),
        ((None,), "counted", "5"),
        ((UNKNOWN,), "counted", "4"),
        ((UNKNOWN, None, "anna"), "counted", "245"),
        (("nobody here",), "counted", ""),
        ((UNKNOWN,), "no_date", "67"),  # without a date, nobody knows who held the post
        (("oleg", "anna"), "no_date", ""),
        ((None,), "no_date", "8"),
        (("ira",), "no_date", "9"),
    ],
)
def test_whose_records_are_brought(
    subjects: tuple[str | None, ...] | None, reason: Reason, ids: str
) -> None:
    """Of each of those who are asked for, and of nobody else: also of no owner, and of nobody."""
    leads = [
        record("1", "Продажи", day=date(2024, 5, 15)),
        record("2", "Продажи", day=date(2024, 5, 16)),
        record("3", "Ира", day=date(2024, 5, 16)),
        record("4", "Чужой", day=date(2024, 5, 16)),
        record("5", None, day=date(2024, 5, 16)),
        *(record(n, who) for n, who in zip("6789", ("Продажи", "Чужой", None, "Ира"), strict=True)),
    ]
    measure = Measure("v", "value", "leads", Op.COUNT, when="day", by="owner")
    one_slice = month("2024-05", MOSCOW)
    query = Query("leads", (measure,), (one_slice,), MOSCOW, {"owner": turns(MOSCOW)})
    whose = None if subjects is None else frozenset(subjects)
    request = RecordQuery(query, measure, one_slice, reason, whose, fields=("id",), by_id=True)
    for engine in engines(MOSCOW, leads=leads):
        assert "".join(str(row.fields["id"]) for row in engine.records(request)) == ids
        assert engine.count(request) == len(ids)


def test_without_owners_whatever_has_a_text_is_nobody_s() -> None:
    """Of a company that names nobody all records with an owner's text are unknown people's."""
    leads = [record("1", "Ира", day=date(2024, 5, 2)), record("2", None, day=date(2024, 5, 2))]
    measure = Measure("v", "value", "leads", Op.COUNT, when="day", by="owner")
    one_slice = month("2024-05", MOSCOW)
    query = Query("leads", (measure,), (one_slice,), MOSCOW, {"owner": {}})
    request = RecordQuery(query, measure, one_slice, subjects=frozenset({UNKNOWN}), fields=("id",))
    for engine in engines(MOSCOW, leads=leads):
        assert [row.fields["id"] for row in engine.records(request)] == ["1"]


def test_an_ownership_holds_from_its_first_instant_to_before_its_last() -> None:
    """A post begins with its first instant, and the next one with the instant at which it ends."""
    change = datetime(2024, 5, 16, tzinfo=MOSCOW)
    before, after = Ownership("oleg", None, change), Ownership("anna", change, change + MICRO)
    moments = [change - MICRO, change, change + MICRO, change + timedelta(days=400)]
    assert [before.holds(moment) for moment in moments] == [True, False, False, False]
    assert [after.holds(moment) for moment in moments] == [False, True, False, False]
    assert all(Ownership("ira").holds(moment) for moment in moments)


def test_rows_of_the_database_may_come_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is of a person, a scorecard, a department or everybody, and by which of two fields, does
    not depend on which row is read first."""
    leads = [
        record(str(n), owner, title=title, day=date(2024, 5, 2), amount=Decimal(n % 3 + n))
        for n, (owner, title) in enumerate(
            [("Олег", "Анна"), ("Анна", "Анна"), ("Олег", "Олег"), ("Анна", None), (None, "Олег")]
        )
    ]
    leads.append(record("5", title="Анна", amount=Decimal(7)))  # without a date
    value = parsed("amount", MOSCOW)
    measures = tuple(
        Measure(f"{op}_{by}", "value", "leads", op, when="day", by=by, value=value)
        for op in (Op.DISTINCT, Op.QUANTILE, Op.SUM)
        for by in ("owner", "title")
    )
    whose = always({"Олег": "oleg", "Анна": "anna"})
    slices = (month("2024-05", MOSCOW), month("2024-04..2024-05", MOSCOW))
    query = Query(
        *("leads", measures, slices, MOSCOW, {"owner": whose, "title": whose}),
        groups={"card": {one.id: frozenset({"oleg"}) for one in slices}, "company": None},
        divisions={"oleg": "North", "anna": "South"},
    )
    plain, duckdb = engines(MOSCOW, leads=leads)
    read = Statement.read
    assert duckdb.answer(query) == plain.answer(query)
    monkeypatch.setattr(Statement, "read", lambda self, rows: read(self, [*rows][::-1]))
    assert duckdb.answer(query) == plain.answer(query)


def test_each_number_goes_by_its_own_date_where_a_post_was_passed_on() -> None:
    """A lead of Oleg's days that was seen in Anna's counts as his where it is dated by the one, and
    as hers by the other, though both are asked at once."""
    seen = datetime(2024, 5, 20, 12, tzinfo=MOSCOW)
    leads = [
        record("1", "Продажи", day=date(2024, 5, 10), at=seen),
        record("2", "Продажи", day=date(2024, 5, 11)),
    ]
    measures = tuple(
        Measure(when, "value", "leads", Op.COUNT, when=when, by="owner") for when in ("day", "at")
    )
    may = month("2024-05", MOSCOW)
    query = Query("leads", measures, (may,), MOSCOW, {"owner": turns(MOSCOW)})
    for engine in engines(MOSCOW, leads=leads):
        found = engine.answer(query).subjects
        counts = {
            (measure.kpi, subject): tally.n
            for measure in measures
            for subject, tally in found[measure.name][may.id].items()
        }
        assert counts == {("day", "oleg"): 2, ("at", "anna"): 1}
