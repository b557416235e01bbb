"""The records behind a number, and those that nearly counted: asked by the same conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app import leftout
from kpictl.errors import KpictlError, Place
from kpictl.expressions import Node, Operation
from kpictl.expressions.money import currency_of, original_of
from kpictl.expressions.show import show
from kpictl.measure.query import (
    Measure,
    Op,
    Reason,
    RecordQuery,
    RecordRow,
    Tally,
    squares_of,
    total_of,
)
from kpictl.values import Named, SubjectId

if TYPE_CHECKING:
    from kpictl.app.computation import Computation

SHOWN_FIELDS = ("id", "title")
SIGNED_FIELDS = ("author", "typed", "reason")
SAMPLE = 3


class Success(Struct, frozen=True):
    """What made a record convert: the first of its kind in the time allowed."""

    entity: str
    id: str
    moment: date | datetime


class Signature(Struct, frozen=True):
    """Who typed a value, on which day and why, as far as the file says it."""

    author: str | None = None
    day: date | None = None
    reason: str | None = None


class Record(Struct, frozen=True):
    """One record of the evidence. `value` is what it gave to the number (None: counted as one).

    `original` and `currency` are the amount as it was written, where it was converted. `hit` says
    of a base record whether it converted, `success` what made it do so. `place` is where it is
    written, for records without id. `open` says that it is unanswered and gave the time it has
    waited. Of one that several share `share` is what is shown of it (of 1), and `whole` its number.
    One that somebody typed is `signed`.
    """

    id: str | None
    title: str | None
    moment: date | datetime | None
    owner: Named | None
    value: Decimal | str | bool | date | datetime | None = None
    original: Decimal | None = None
    currency: str | None = None
    hit: bool | None = None
    place: Place | None = None
    success: Success | None = None
    open: bool = False
    share: Fraction | None = None
    whole: Decimal | None = None
    signed: Signature | None = None


class NearMiss(Struct, frozen=True):
    """Records that nearly counted: why not, how many, and a few of them."""

    reason: str
    count: int
    detail: str = ""
    sample: tuple[Record, ...] = ()


Whose = frozenset[SubjectId | None] | None
"""Whose records are meant: those of some subjects, or (None) everybody's, also nobody's."""


def records(computed: Computation, measure: Measure, subjects: Whose) -> list[Record]:
    """Return the records that a measure counts, by moment, then by id or line."""
    return _records(computed, _request(computed, measure, "counted", subjects))


def left_out(
    computed: Computation, measure: Measure, reason: str, kpi: str, subjects: Whose
) -> list[Record]:
    """Return the records of some subjects that a reason leaves out of everybody's number."""
    request = leftout.request(computed, kpi, measure, reason)
    if request is None:
        return []
    left = request.subjects
    if subjects is not None:
        left = subjects if left is None else left & subjects
    shown = _request(computed, measure, request.reason, left)
    return _records(computed, replace(shown, only=request.only))


def _request(
    computed: Computation, measure: Measure, reason: Reason, subjects: Whose
) -> RecordQuery:
    """Return the question for records with all that is shown of them."""
    query = computed.queries[measure.entity]
    schema = computed.bound.schemas[measure.entity]
    written = tuple(_as_written(computed, measure))
    shown = (*SHOWN_FIELDS, *(SIGNED_FIELDS if schema.told else ()))
    fields = (*(name for name in shown if name in schema.present), *written)
    return RecordQuery(query, measure, computed.slice, reason, subjects, fields=fields, lines=True)


def _as_written(computed: Computation, measure: Measure) -> list[str]:
    """Return the fields of the amount as it was written, and of its currency, where it is one that
    was converted."""
    if len(measure.converted) != 1:
        return []
    field = measure.converted[0]
    names = (original_of(field), currency_of(field))
    present = computed.bound.schemas[measure.entity].present
    priced = present[field].priced
    return [name for name in names if priced or name in present]


def _records(computed: Computation, request: RecordQuery) -> list[Record]:
    return [_record(computed, request.measure, row) for row in computed.engine.records(request)]


def _record(computed: Computation, measure: Measure, row: RecordRow) -> Record:
    zone, fields = computed.bound.zone, dict[str, Any](row.fields)
    ident, owner = fields.get("id"), None
    place = None
    if ident is None:
        place = computed.dataset.place_of(measure.entity, row.part, row.line)
    if row.owner is not None:
        owner = computed.subjects.called((measure.entity, measure.by), row.owner)
    field = measure.converted[0] if len(measure.converted) == 1 else ""
    currency = fields.get(currency_of(field))
    return Record(
        id=ident,
        title=fields.get("title"),
        moment=_local(row.moment, zone),
        owner=owner,
        value=_local(row.value, zone),
        original=None if currency is None else fields.get(original_of(field)),
        currency=currency,
        hit=row.hit,
        place=place,
        success=_success(measure, row, zone),
        open=row.open,
        share=row.share,
        whole=row.whole,
        signed=_signature(computed, measure, fields),
    )


def _signature(computed: Computation, measure: Measure, fields: dict[str, Any]) -> Signature | None:
    if not computed.bound.schemas[measure.entity].told:
        return None
    return Signature(*(fields.get(name) for name in SIGNED_FIELDS))


def _success(measure: Measure, row: RecordRow, zone: ZoneInfo) -> Success | None:
    success = row.success
    if measure.link is None or success is None or success.id is None:
        return None
    return Success(measure.link.entity, success.id, success.moment.astimezone(zone))


def _local(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value


def verify(measure: Measure, found: Sequence[Record], tally: Tally | None) -> None:
    """Check that the records add up to the number; a difference is our bug, and stops."""
    values = [r.value for r in found if r.value is not None]
    expected = tally or Tally()
    total: Fraction | None
    if measure.op is Op.COUNT:
        total = Fraction(len(found))
    elif measure.op is Op.LINKED:
        total = Fraction(sum(1 for r in found if r.hit))
    elif measure.op is Op.DISTINCT:
        total = Fraction(len(set(values)))
    else:
        numbers = [value for value in values if isinstance(value, Decimal)]
        total = total_of(measure, numbers)
        if squares_of(measure, numbers) != expected.squares:
            total = None
    if (total or 0) != (expected.total or 0):
        raise KpictlError(
            "explain.mismatch", measure=measure.name, records=total, value=expected.total
        )


# --- what nearly counted ---------------------------------------------------------------------


def exclusions(computed: Computation, measure: Measure, subjects: Whose) -> Iterator[NearMiss]:
    """Yield why other records of the same people did not count, the nearest of each reason."""
    told = computed.bound.schemas[measure.entity].told
    for part in _parts(measure):
        request = replace(_request(computed, measure, "fails", subjects), failing=part)
        text = show(part)
        yield from _excluded(computed, told.get(text, "condition"), request, text)
    before = replace(_request(computed, measure, "before", subjects), last=True)
    yield from _excluded(computed, "before", before)
    yield from _excluded(computed, "after", _request(computed, measure, "after", subjects))
    undated = leftout.request(computed, measure.kpi, measure, "no_date")
    if undated is not None:
        request = _request(computed, measure, "no_date", subjects)
        yield from _excluded(computed, "no_date", replace(request, only=undated.only))
    if measure.value is None:
        return
    yield from _excluded(computed, "no_rate", _request(computed, measure, "no_rate", subjects))
    lacking = "no_amount" if measure.converted else "no_value"
    yield from _excluded(computed, lacking, _request(computed, measure, "no_value", subjects))


def _parts(measure: Measure) -> tuple[Node, ...]:
    if measure.where is None:
        return ()
    tree = measure.where.tree
    if isinstance(tree, Operation) and tree.op == "and":
        return tree.args
    return (tree,)


def _excluded(
    computed: Computation, reason: str, request: RecordQuery, detail: str = ""
) -> Iterator[NearMiss]:
    count = computed.engine.count(request)
    if count:
        told = computed.bound.schemas[request.measure.entity].told.values()
        sample = _records(computed, replace(request, limit=None if reason in told else SAMPLE))
        yield NearMiss(reason, count, detail, tuple(sample))
