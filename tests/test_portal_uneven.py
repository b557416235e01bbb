"""Walking lists whose ids lie unevenly: no more requests than for even ones, nothing lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import pytest

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.batching import BatchSender
from kpictl.bitrix24.rest.commands import Command
from kpictl.bitrix24.rest.keyset_paging import FIRST, Row, Walk
from kpictl.bitrix24.rest.responses import Answer, Fault, Retry
from kpictl.bitrix24.sync.entity_sync import EntityReading
from kpictl.bitrix24.sync.reference import Extent, ServerClock
from test_portal_walks import DEALS, NOW, Clock, Deals, reading, walked

Layout = Callable[[int], Sequence[int]]


def _even(count: int) -> Sequence[int]:
    return range(1, count + 1)


def _sparse(count: int) -> Sequence[int]:
    return range(7, 7 + 13 * count, 13)


def _first_half_thinned(count: int) -> Sequence[int]:
    return [*range(1, 5 * count, 10), *range(5 * count, 5 * count + count - count // 2)]


def _last_half_thinned(count: int) -> Sequence[int]:
    half = count // 2
    return [*range(1, half + 1), *range(half + 1, half + 1 + 10 * (count - half), 10)]


def _middle_thinned(count: int) -> Sequence[int]:
    third = count // 3
    begin, end = third, third + 20 * third
    return [*range(1, begin + 1), *range(begin + 1, end, 20), *range(end, end + count - 2 * third)]


def _gaps_of_5000(count: int) -> Sequence[int]:
    return [i + 5000 * (i // 3000) for i in range(1, count + 1)]


def _gaps_by_chance(count: int) -> Sequence[int]:
    chance = random.Random(count)  # noqa: S311
    found, last = [], 0
    for _ in range(count):
        last += 5001 if chance.random() < 0.002 else 1
        found.append(last)
    return found


def _late_import(count: int) -> Sequence[int]:
    """A tenth of all came late, with ids of another system far above the others."""
    most = count * 9 // 10
    return [*range(1, most + 1), *range(10**7, 10**7 + count - most)]


def _early_gap(count: int) -> Sequence[int]:
    return [1, *range(10**6, 10**6 + count - 1)]


def _clusters(count: int) -> Sequence[int]:
    parts = (range(10**k, 10**k + count // 6) for k in range(5, 11))
    found = list(chain.from_iterable(parts))
    return [*found, *range(10**11, 10**11 + count - len(found))]


LAYOUTS: Sequence[Layout] = (_even, _sparse, _first_half_thinned, _last_half_thinned,
                             _middle_thinned, _gaps_of_5000, _gaps_by_chance, _late_import,
                             _early_gap, _clusters)  # fmt: skip


def least(count: int) -> int:
    return -(-count // 2500)


@pytest.mark.parametrize("count", [80_000, 100_000, 200_000])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.__name__.strip("_"))
def test_uneven_ids_cost_hardly_more_requests(layout: Layout, count: int) -> None:
    """However the ids lie, a list costs ⌈N/2500⌉ × 1.05 + 4 requests at most, with the two that
    every pull makes besides."""
    ids = layout(count)
    assert len(ids) == count
    portal = Deals(list(ids))
    assert sorted(walked(portal, reading(ids))) == list(ids)
    assert portal.requests + 2 <= least(count) * 1.05 + 4


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.__name__.strip("_"))
def test_looking_through_uneven_ids_costs_hardly_more_requests(layout: Layout) -> None:
    """The same holds for a sweep, which reads the ids alone."""
    ids = layout(100_000)
    portal, clock = Deals(list(ids)), Clock()
    found: list[int] = []
    walks = reading(ids).ids(lambda _, rows: found.extend(_ids(rows)), ServerClock(clock))
    assert BatchSender(portal, clock).run(walks) == []
    assert sorted(found) == list(ids)
    assert portal.requests + 2 <= least(len(ids)) * 1.05 + 4


def _ids(rows: Iterable[Row]) -> list[int]:
    return [row["id"] for row in rows]


def test_a_list_that_grows_while_it_is_read_is_read_in_full_batches() -> None:
    """An import that runs during a pull makes the list longer than it was counted: what is beyond
    the count is read in whole batches as well."""
    ids = list(range(1, 60_001))
    of = reading(ids[:20_000])
    of.extent = Extent(20_000, 1, 60_000)
    portal = Deals(ids)
    assert sorted(walked(portal, of)) == ids
    assert portal.requests <= least(60_000) + 1


def test_gaps_and_faults_together_lose_nothing() -> None:
    """Where ids lie unevenly and commands fail, each record still comes once."""
    chance = random.Random(5)  # noqa: S311
    ids = list(_clusters(80_000))

    def spoil(_: int, __: Command, answer: Answer) -> Answer | Fault | None:
        return Fault("INTERNAL_SERVER_ERROR", "", Retry.SOON) if chance.random() < 0.01 else answer

    assert sorted(walked(Deals(ids, spoil), reading(ids))) == ids


def test_records_that_come_and_go_while_uneven_ids_are_read_lose_no_other() -> None:
    """Deals that are deleted and made during the walk change nothing for those that stay."""
    chance = random.Random(9)  # noqa: S311
    ids = list(_middle_thinned(80_000))
    stay = {i for i in ids if i % 7}
    portal = Deals(ids)

    def meddle(number: int, __: Command, answer: Answer) -> Answer:
        if number % 10 == 0:
            for _ in range(20):
                at = chance.randrange(len(portal.ids))
                if portal.ids[at] not in stay:
                    del portal.ids[at]
            portal.ids.append(portal.ids[-1] + chance.randrange(1, 50))
        return answer

    portal.spoil = meddle
    found = walked(portal, reading(list(ids)))
    assert stay <= set(found)
    assert len(found) == len(set(found))


def test_nothing_to_read_costs_few_commands() -> None:
    """Where nothing has changed, each question is asked for a page or two, not for fifty."""
    portal, clock = Deals([]), Clock()
    one = EntityReading("deals", DEALS, ("id",), False, NOW, Extent(), last_id=70)
    walks = one.changes(lambda _, __: None, ServerClock(clock))
    BatchSender(portal, clock).run(walks)
    assert (portal.requests, portal.sizes) == (1, [2 * FIRST])


@pytest.mark.parametrize("count", [0, 49, 50, 99, 100, 101, 2500, 2600, 5000, 7501])
def test_many_changes_are_read_in_full_batches(count: int) -> None:
    """k changes cost ⌈k/2500⌉ requests and one more: once a full page says that there are many,
    they are read by the fifty pages."""
    ids = list(range(1, count + 1))
    portal, clock = Deals(ids), Clock()
    one = EntityReading("stage_history", methods.stage_history("stage_history", 2), ("ID",), False, NOW,
                  Extent())  # fmt: skip
    one.listing = DEALS
    found: list[int] = []

    def bring(_: Walk, rows: Sequence[Row]) -> None:
        found.extend(_ids(rows))

    new = one.changes(bring, ServerClock(clock))[-1]
    BatchSender(portal, clock).run([new])
    assert found == ids
    assert portal.requests <= max(least(count), 1) + 1
    assert sum(portal.sizes) <= FIRST + -(-count // 50) + 50


def test_a_full_bucket_is_not_asked_by_several_at_once() -> None:
    """Where a request has to wait for the portal's bucket, no second one is sent beside it."""
    ids = list(_even(80_000))
    portal = Deals(ids, full_for=0.001)
    flying, most, ask = 0, 0, portal.batch

    def batch(commands: Sequence[Command]) -> dict[str, Answer | Fault]:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        try:
            return ask(commands)
        finally:
            flying -= 1

    portal.batch = batch  # type: ignore[method-assign]
    assert sorted(walked(portal, reading(ids))) == ids
    assert most == 1
