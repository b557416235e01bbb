"""Walking a list by id: everything once, in as few requests as the limits allow."""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.batching import BatchSender
from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.keyset_paging import Row, Walk
from kpictl.bitrix24.rest.methods import Listing
from kpictl.bitrix24.rest.responses import Answer, Fault, Retry
from kpictl.bitrix24.sync.entity_sync import EntityReading, cells
from kpictl.bitrix24.sync.reference import Extent, ServerClock
from kpictl.store.bulk_insert import packs

NOW = datetime(2024, 5, 31, tzinfo=UTC)
DEALS = methods.item("deals", 2)
_REFERENCE = re.compile(r"\$result\[(\w+)\]\[items\]\[49\]\[id\]")


@dataclass
class Clock:
    moment: float = 0.0

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += seconds


@dataclass
class Deals:
    """A portal with deals of these ids, that understands batches; `spoil` may replace answers."""

    ids: list[int]
    spoil: Callable[[int, Command, Answer], Answer | Fault | None] = lambda _, __, answer: answer
    requests: int = 0
    sizes: list[int] = field(default_factory=list)
    blocked_until: float = 0.0
    full_for: float = 0.0

    def free_at(self, method: str) -> float:  # noqa: ARG002  every method alike
        return self.blocked_until

    def room_in(self) -> float:
        return self.full_for

    def batch(self, commands: Sequence[Command]) -> dict[str, Answer | Fault]:
        assert len(commands) <= 50
        self.requests += 1
        self.sizes.append(len(commands))
        replies: dict[str, Answer | Fault] = {}
        for number, command in enumerate(commands):
            answer = self.spoil(number, command, Answer({"items": self.page(command, replies)}))
            if answer is not None:
                replies[command.label] = answer
        return replies

    def page(self, command: Command, replies: dict[str, Answer | Fault]) -> list[dict[str, Any]]:
        conditions = command.params["filter"]
        above = conditions[">id"]
        if isinstance(above, str):
            found = _REFERENCE.fullmatch(above)
            assert found is not None
            before = replies.get(found[1])
            result = before.result if isinstance(before, Answer) else None
            rows = result["items"] if isinstance(result, dict) else []
            # Nothing to refer to: the portal then filters by nothing, and begins anew.
            above = rows[49]["id"] if isinstance(rows, list) and len(rows) == 50 else 0
        until = conditions.get("<=id", math.inf)
        start = bisect_right(self.ids, int(above))
        return [{"id": i} for i in self.ids[start : start + 50] if i <= until]


def reading(ids: Sequence[int]) -> EntityReading:
    extent = Extent(len(ids), ids[0], ids[-1]) if ids else Extent(0)
    return EntityReading("deals", DEALS, ("id",), True, NOW, extent)


def walked(portal: Deals, of: EntityReading) -> list[int]:
    found: list[int] = []

    def bring(_: Walk, rows: Sequence[Row]) -> None:
        found.extend(row["id"] for row in rows)

    clock = Clock()
    walks = of.all(bring, ServerClock(clock))
    assert BatchSender(portal, clock).run(walks) == []
    return found


gaps = st.lists(st.integers(1, 40), max_size=700)


@given(gaps)
@settings(deadline=None)
@example([1] * 50)
@example([1] * 2500)
@example([])
def test_every_record_comes_once(steps: list[int]) -> None:
    """Whatever gaps the ids have, each record is brought once."""
    ids = [sum(steps[: i + 1]) for i in range(len(steps))]
    assert sorted(walked(Deals(ids), reading(ids))) == ids


@given(st.sampled_from([0, 1, 49, 50, 51, 2499, 2500, 2501, 5000, 20_000, 74_999, 75_000, 200_000]))
@settings(deadline=None)
def test_few_requests_are_made(count: int) -> None:
    """A list of N costs at most ⌈N / 2500⌉ batches, and one more for each further stretch."""
    ids = list(range(1, count + 1))
    portal = Deals(ids)
    assert sorted(walked(portal, reading(ids))) == ids
    best = -(-count // 2500)
    assert portal.requests <= best + (2 if count >= 75_000 else 0)


@given(st.integers(0, 10_000), st.integers(1, 3000))
@settings(deadline=None, max_examples=60)
def test_faults_inside_a_batch_lose_nothing(seed: int, count: int) -> None:
    """A command that fails, is left out or answers nonsense in the middle of a batch costs
    requests, never records."""
    chance = random.Random(seed)  # noqa: S311
    ids = sorted(chance.sample(range(1, 20_000), count))

    def spoil(number: int, command: Command, answer: Answer) -> Answer | Fault | None:
        if chance.random() > 0.1:
            return answer
        return chance.choice(
            [
                Fault("INTERNAL_SERVER_ERROR", "", Retry.SOON),
                Fault("OPERATION_TIME_LIMIT", "", Retry.METHOD),
                Answer({"items": [{"id": "?"}]}),
                Answer({"items": list(reversed(answer.result["items"]))}),
                Answer([]) if answer.result["items"] == [] else Answer(None),
                None,
            ]
        )

    assert sorted(walked(Deals(ids, spoil), reading(ids))) == ids


def test_a_method_that_may_not_be_called_is_waited_for() -> None:
    """When the portal has blocked the method, the courier sleeps until it is free, and goes on."""
    portal = Deals([1, 2, 3], blocked_until=300.0)
    clock = Clock()
    found: list[int] = []
    walks = reading(portal.ids).all(
        lambda _, rows: found.extend(row["id"] for row in rows), ServerClock(clock)
    )
    BatchSender(portal, clock).run(walks)
    assert (found, clock.moment) == ([1, 2, 3], 300.0)


def test_what_is_refused_for_good_is_handed_back() -> None:
    """A list that the portal will not give ends the walk of that list alone."""
    refusal = Fault("ACCESS_DENIED", "", Retry.NEVER)
    portal = Deals([1], lambda _, __, ___: refusal)
    clock = Clock()
    walks = reading([1]).all(lambda _, __: None, ServerClock(clock))
    assert BatchSender(portal, clock).run(walks) == walks
    assert walks[0].fault is refusal


def test_small_lists_share_one_request() -> None:
    """Changes of many entities cost one request together, not one each."""
    portal = Deals([])
    clock = Clock()
    walks = []
    for entity, type_id in methods.ITEM_TYPES.items():
        one = EntityReading(entity, methods.item(entity, type_id), ("id",), False, NOW, Extent())
        walks.extend(one.changes(lambda _, __: None, ServerClock(clock)))
    BatchSender(portal, clock).run(walks)
    assert portal.requests == 1


def test_a_record_that_vanishes_at_the_end_does_not_end_the_walk_early() -> None:
    """When the last record has gone, a short page proves nothing; an empty one does."""
    ids = list(range(1, 121))
    of = reading(ids)
    portal = Deals([i for i in ids if i != 120])
    assert walked(portal, of) == list(range(1, 120))


def test_what_comes_unasked_is_kept_under_its_own_name() -> None:
    """A column for what was asked for, even if empty, and one for what came besides."""
    columns, rows = cells([{"id": 7, "title": "a", "more": {"b": [1]}}], ("id", "stageId"), "id")
    assert columns == ("id", "stageId", "title", "more")
    assert rows == [(7, 7, None, "a", {"b": [1]})]


def test_delivered_values_are_kept_as_texts() -> None:
    """The store keeps what was delivered, to the letter: whole numbers, truth values, lists."""
    (columns,) = packs([(7, "a", True, None, {"b": [1]}), ("8", 5, False, "0.10", "")])
    assert columns == [
        ["7", "8"],
        ["a", "5"],
        ["true", "false"],
        [None, "0.10"],
        ['{"b":[1]}', ""],
    ]


def test_asking_names_only_fields_the_portal_has() -> None:
    """A smart process without stages is not asked for one: the portal would refuse the whole."""
    found = methods.narrowed(methods.item("projects", 1036), ("id", "title", "createdTime"))
    assert found.always == ("id", "createdTime", "title")


def test_every_listing_orders_by_id() -> None:
    """A walk relies on the order; no method's default is trusted."""
    for entity in (*methods.names({"projects": 1036}), "users", "stage_history_leads"):
        found: Listing | None = methods.listing(entity, {"projects": 1036})
        assert found is not None
        assert any("ASC" in str(value).upper() for value in found.order.values()), entity
