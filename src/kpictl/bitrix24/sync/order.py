"""What is asked of a pull, what it says on its way, and what it has done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.errors import Problem

if TYPE_CHECKING:
    from kpictl.bitrix24.rest.client import Wait


class Order(Struct, frozen=True):
    """Which portal of the plan is pulled, and how.

    `only` names entities (() is what the plan's KPIs read); `full` reads everything anew; `since`
    (aware) asks only for records changed from then on; `sweep` looks for deleted records whatever
    the day; `all_fields` brings every field. `items` are the plan's smart processes.
    """

    source: str
    only: tuple[str, ...] = ()
    full: bool = False
    since: datetime | None = None
    sweep: bool = False
    all_fields: bool = False
    items: Mapping[str, int] = {}


class Need(Struct, frozen=True):
    """What the plan needs of an entity: delivered fields, and for the sake of which KPIs."""

    columns: frozenset[str]
    kpis: tuple[str, ...] = ()


Needs = Callable[[], Mapping[str, Need]]
"""Asked once the portal's field descriptions are in the store. PlanRejected."""


class Progress(Struct, frozen=True):
    """How far the reading of an entity is; `kind` is all, changes or sweep."""

    entity: str
    kind: str
    read: int
    expected: int | None
    done: bool = False


class Listener(Struct):
    """Who wants to hear of a pull while it runs."""

    progress: Callable[[Progress], None] = lambda _: None
    wait: Callable[[Wait], None] = lambda _: None
    note: Callable[[Problem], None] = lambda _: None


class Outcome(Struct, frozen=True):
    """What a pull has done. `changes` is entity → new, changed, gone, read → how many.

    `refused` are the entities that the portal did not give, each with what to do about it;
    everything else is complete to `complete_to`.
    """

    source: str
    changes: Mapping[str, Mapping[str, int]]
    complete_to: datetime | None
    requests: int
    seconds: float
    resumed: bool = False
    refused: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
