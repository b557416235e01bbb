"""What a reader of a period must know: of its data, targets and working time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.app import typed
from kpictl.errors import Problem
from kpictl.measure import completeness
from kpictl.people import working_time
from kpictl.scoring import pace, target_remarks

if TYPE_CHECKING:
    from kpictl.app.computation import Computation


def of_period(computed: Computation) -> Iterator[Problem]:
    """Yield what was said while a period was measured, and what is to be said of its targets, its
    working time and the completeness of its data. This reads data again: a period that is only
    compared with or paid from is not asked."""
    bound, period = computed.bound, computed.slice.period
    yield from computed.said
    frame = pace.frame_of(period)
    yield from computed.expected.book.of_other_lengths(frame, computed.kpis, bound.label)
    people = (person for several in computed.members.values() for person in several)
    yield from working_time.remarks(bound, people, period)
    yield from target_remarks.remarks(computed)
    lacking = tuple(typed.remarks(computed))
    named = {problem.data["entity"] for problem in lacking}
    for problem in completeness.remarks(computed):
        if problem.code != completeness.NOT_TYPED or problem.data["entity"] not in named:
            yield problem
    yield from lacking
