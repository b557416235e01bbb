"""Records without the date that a KPI counts by: which of them would count if they had it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from kpictl.expressions import Literal, Node, Operation, Ref, Type
from kpictl.measure.query import Measure, Slice
from kpictl.plan.bound import Bound

# Dates that only what is over has, and how it is known to be over.
_CLOSING = frozenset({"closed_at", "close_date"})
_OVER = {
    "outcome": ("won", "lost", "converted", "junk"),
    "status": ("completed", "supposedly_completed", "declined"),
}
# The same in a table of the plan's own, where only the name can tell.
_CLOSING_NAME = re.compile(
    r"clos|resol|finish|complet|solved|ended|закры|заверш|реш[её]н|окончан|выполнен", re.IGNORECASE
)

# What a table of the plan's own calls the moment from which on a record is there.
_MADE_NAME = re.compile(r"creat|opened|raised|registered|созда|открыт|завед|регистр", re.IGNORECASE)


def fields_of_undated(bound: Bound, measure: Measure) -> frozenset[str]:
    """Return the fields that tell of a record without a date whether it would count if it had one:
    whether it is over, and since when it is there."""
    told = (_tells_over(bound, measure), _tells_made(bound, measure))
    return frozenset(name for name in told if name is not None)


def _tells_over(bound: Bound, measure: Measure) -> str | None:
    """Return the field that tells of a record without a date of closing whether it is over."""
    schema = bound.schemas[measure.entity]
    if not schema.entity.known or measure.when not in _CLOSING:
        return None
    present = schema.present
    # Where only what the plan reads is there: the stage for a date that is made of it.
    source = bound.plan.sources.get(schema.source)
    only = source is not None and source.brings_only_needed
    if only and not present[measure.when].derived:
        return None
    return next((n for n in _OVER if n in present and present[n].type is Type.TEXT), None)


def _tells_made(bound: Bound, measure: Measure) -> str | None:
    """Return the field of the moment when a record was made, where there is one and no more."""
    schema = bound.schemas[measure.entity]
    known = schema.entity.known
    found = [
        name
        for name, described in schema.present.items()
        if described.type in (Type.DATE, Type.DATETIME)
        and described.kind != "month"
        and not (described.derived or described.inherited)
        and name not in schema.looked_up
        and (name == "created_at" if known else _MADE_NAME.search(name))
    ]
    return found[0] if len(found) == 1 and found[0] != measure.when else None


def needs_no_date(bound: Bound, measure: Measure) -> bool:
    """Say whether a record of a table of the plan's own may well have no date: it is not over."""
    known = bound.schemas[measure.entity].entity.known
    return not known and measure.where is None and bool(_CLOSING_NAME.search(measure.when))


def would_count(bound: Bound, measure: Measure, period: Slice) -> Node | None:
    """Return the condition that a record without a date would count if it had one: an open one has
    no date of closing, and what was made after the slice can have none within it."""
    tests: list[Node] = []
    if (name := _tells_over(bound, measure)) is not None:
        over = (Literal(word, Type.TEXT) for word in _OVER[name])
        tests.append(Operation("in", (Ref(name, Type.TEXT), *over), Type.BOOL))
    if (name := _tells_made(bound, measure)) is not None:
        made = Ref(name, bound.schemas[measure.entity].present[name].type)
        tests.append(_none_or_before(made, period, bound.zone))
    return Operation("and", tuple(tests), Type.BOOL) if tests else None


def _none_or_before(made: Ref, one_slice: Slice, zone: ZoneInfo) -> Node:
    end = one_slice.end_day(zone) if made.type is Type.DATE else one_slice.end
    before = Operation("<", (made, Literal(end, made.type)), Type.BOOL)
    return Operation("or", (Operation("is_null", (made,), Type.BOOL), before), Type.BOOL)
