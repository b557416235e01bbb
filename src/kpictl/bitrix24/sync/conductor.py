"""The conductor of a pull: portal → store. Order of calls; what is read and how is not said here.

A pull is one reference request, then whole lists or changes, then rounds of changes until the
portal has been caught up with, then whatever deletions call for, and at last one transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.batching import BatchSender, Closing, courier_of
from kpictl.bitrix24.rest.client import Client, PortalError
from kpictl.bitrix24.rest.keyset_paging import Once, Row, Walk
from kpictl.bitrix24.rest.offset_paging import Belongings
from kpictl.bitrix24.rest.problems import problem_of
from kpictl.bitrix24.rest.rate_limit import Clock
from kpictl.bitrix24.sync import reference, remarks, stale
from kpictl.bitrix24.sync.entity_sync import EntityReading, cells, numbered
from kpictl.bitrix24.sync.headstart import HeadStart
from kpictl.bitrix24.sync.order import Listener, Need, Needs, Order, Outcome, Progress
from kpictl.bitrix24.sync.planning import look_further_back, reading_of, signature_of
from kpictl.bitrix24.sync.reference import Reference
from kpictl.errors import Problem, SourceError
from kpictl.store import Applied, PulledEntity, WalkState, Work
from kpictl.store.twins import former

CAUGHT_UP = timedelta(seconds=60)
"""A round of changes that took less leaves nothing worth another one."""
ROUNDS = 5
_OFF = "off."  # fact of an entity: how many more records the portal counts than it gives


class Round(Struct, frozen=True):
    """A round of changes: what is asked of some readings, and the portal's time before it."""

    moment: datetime
    readings: tuple[EntityReading, ...]
    tasks: tuple[Walk | Once, ...]
    counts: Mapping[str, Once]


class Pull(Struct):
    """One pull of one portal. `wanted` are the entities that it may come to; `open_work` is called
    while the portal works on the first request, with which the pages of `head` come.

    `binds`: `needs` reads what the store then knows of the portal. Else lists are asked for first,
    and what they refer to is written down while they fly.
    """

    order: Order
    wanted: tuple[str, ...]
    client: Client
    clock: Clock
    open_work: Callable[[], Work]
    needs: Needs
    listener: Listener = field(default_factory=Listener)
    head: HeadStart | None = None
    binds: bool = True
    resumed: bool = False
    refused: list[Problem] = []
    notes: list[Problem] = []
    readings: dict[str, EntityReading] = {}
    answered: Reference | None = None
    opened: Work | None = None

    @property
    def work(self) -> Work:
        if self.opened is None:
            self.opened = self.open_work()
            self.notes.extend(remarks.discarded(self.opened))
        return self.opened

    @property
    def reference(self) -> Reference:
        assert self.answered is not None  # noqa: S101  the first request comes first
        return self.answered

    @property
    def courier(self) -> BatchSender:
        return courier_of(self.client, self.clock, self.listener.wait)

    def run(self) -> Outcome:
        """Pull. SourceError when the portal cannot be read, StoreError; what was brought until
        then is kept, and the next pull goes on from there."""
        began = self.clock.now()
        try:
            server = reference.ServerClock(self.clock, lambda: self.client.told)
            courier = self.courier
            courier.meanwhile = lambda: self.work
            self.answered = reference.ask(courier, server, self.wanted, self.order.items, self.head)
            self.answered.facts["host"] = self.client.host
            if self.binds:
                self._refer()
            started = self.reference.server.now()
            self._plan(self.needs())
            job = self._begin()
            self._catch_up(self._read_all())
            self._look_for_the_gone()
            self._belongings()
            changes = self._apply(job, started)
            self._read_again(changes)
        except PortalError as error:
            raise SourceError([self._problem(error, ())]) from None
        self.notes.extend(remarks.missing(changes, self.readings))
        self.notes.extend(remarks.misnamed(self.work, self.readings))
        marks = [reading.mark for reading in self.readings.values()]
        return Outcome(
            self.order.source,
            changes,
            min(marks, default=None),
            self.client.requests,
            self.clock.now() - began,
            self.resumed,
            tuple(self.refused),
            tuple(self.notes),
        )

    def _apply(self, job: str, started: datetime) -> dict[str, dict[str, int]]:
        return self.work.apply(
            Applied(
                self.order.source,
                job,
                started,
                self.reference.server.now(),
                self.client.requests,
                tuple(reading.found() for reading in self.readings.values()),
                facts={_OFF + entity: str(r.off) for entity, r in self.readings.items()},
            )
        )

    def _problem(self, error: PortalError, kpis: Sequence[str]) -> Problem:
        needed = ", ".join(kpis) or None
        return problem_of(error, source=self.order.source, needed_by=needed)

    # --- what records refer to -----------------------------------------------------------

    def _refer(self) -> None:
        """Bring users, stages and field descriptions into the store: the plan is read by them."""
        answered = self.reference
        now = answered.server.now()
        with self.work.store() as stored:
            answered.rows["categories"].extend(reference.pipelines_kept(answered, stored))
            answered.facts.update(former(stored, answered.described))
        lists = {entity: numbered(rows) for entity, rows in answered.rows.items()}
        self.work.put_lists(lists)
        found = [
            PulledEntity(entity, whole=True, complete_to=now, columns=columns)
            for entity, (columns, _) in lists.items()
        ]
        for entity in methods.REFERENCE:
            if entity in answered.refused:
                method, fault = answered.refused[entity]
                problem = self._problem(PortalError(fault, method), ())
                self.notes.append(replace(problem, level="warning"))
        for entity, (count, total) in answered.lacking.items():
            self.notes.append(remarks.lacking(entity, count, total))
        source, requests = self.order.source, self.client.requests
        self.work.apply(
            Applied(source, "", now, now, requests, tuple(found), answered.described,
                    answered.facts, diary=False)
        )  # fmt: skip

    # --- what is to be read --------------------------------------------------------------

    def _plan(self, needs: Mapping[str, Need]) -> None:
        with self.work.store() as stored:
            marks = stored.marks
            off = {entity: int(stored.fact(_OFF + entity) or 0) for entity in needs}
        for entity, need in needs.items():
            if entity in self.reference.refused:
                self._refuse(entity, need.kpis)
                continue
            listing = self.reference.listings.get(entity) or methods.listing(
                entity, self.order.items
            )
            if listing is None:
                continue
            self.readings[entity] = reading_of(
                self.order, self.reference, listing, need, marks.get(entity)
            )
            self.readings[entity].off = off[entity]
        look_further_back(self.readings)
        self._take_head()

    def _take_head(self) -> None:
        """Keep the pages that came with the first request where they are the beginning of a list:
        what changes from then on is read again."""
        head, began = self.head, self.reference.began
        reading = None if head is None else self.readings.get(head.entity)
        if head is None or began is None or reading is None or not head.fits(reading):
            self.head = None
            return
        reading.mark = min(reading.mark, began)

    def _refuse(self, entity: str, kpis: Sequence[str]) -> None:
        method, fault = self.reference.refused[entity]
        problem = self._problem(PortalError(fault, method, host=self.client.host), kpis)
        problem = self.reference.explained(entity, problem)
        if problem not in self.refused:
            self.refused.append(problem)

    def _begin(self) -> str:
        """Begin the job, or go on with the same one that an earlier process has left."""
        signature = signature_of(self.readings)
        left = self.work.job()
        if left.get("signature") == signature and not self.work.was_applied(left["id"]):
            self.resumed = True
            self.work.forget(("changed", "new", "ids"))
            for entity, moment in json.loads(left["marks"]).items():
                self.readings[entity].mark = datetime.fromisoformat(moment)
            return left["id"]
        job = uuid.uuid4().hex
        self.work.begin({"id": job, "signature": signature, **self._marks()})
        return job

    def _marks(self) -> dict[str, str]:
        """Return up to which moment each entity is read, as the job keeps it."""
        marks = {entity: r.mark.isoformat() for entity, r in self.readings.items()}
        return {"marks": json.dumps(marks)}

    # --- reading -------------------------------------------------------------------------

    def _read_all(self) -> Round | None:
        """Read whole lists, where whole lists are to be read; return the round of changes that has
        travelled with their last pages, None where none has."""
        left = self.work.walks()
        walks: list[Walk] = []
        for reading in self._by_ids(whole=True):
            found = reading.resumed(left, self._bring)
            if not found:
                found = reading.all(self._bring, self.reference.server)
                self.work.put([walk.state for walk in found], reading.entity, reading.named)
                if found and self.head is not None and self.head.entity == reading.entity:
                    self.head.begin(reading, found[0])
            reading.walks = found
            walks.extend(found)
        rounds: list[Round] = []

        def changes() -> Sequence[Walk | Once]:
            rounds[:] = [self._asked(self._by_ids())] if self._known_ends() else []
            return [task for asked in rounds for task in asked.tasks]

        closing = Closing(changes)

        late = [] if self.binds else [self._refer]

        def meanwhile() -> None:
            while late:
                late.pop()()
            for walk in walks:
                walk.deliver()

        self._run(walks, closing, meanwhile)
        meanwhile()
        for reading in self._by_ids(whole=True):
            reading.last_id = self.work.last_id(reading.entity)
        return rounds[0] if closing.tasks else None

    def _known_ends(self) -> bool:
        """Say whether it is known up to which id each whole list is going to be read, and note it
        down: new records are those above."""
        for reading in self._by_ids(whole=True):
            ends = [walk.state.last for walk in reading.walks if walk.state.kind == "all"]
            last = next((end for end in ends if end is not None), 0 if not ends else None)
            if last is None:
                return False
            reading.last_id = last
        return True

    def _by_ids(self, *, whole: bool | None = None) -> list[EntityReading]:
        return [
            r
            for r in self.readings.values()
            if r.listing.paging == "ids" and whole in (None, r.whole)
        ]

    def _run(
        self,
        tasks: Sequence[Walk | Once | Belongings],
        closing: Closing | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        """Run tasks; an entity that the portal refuses is taken out of the pull and told of.

        A question besides that stays unanswered, such as how many there are, is no harm.
        """
        courier = self.courier
        courier.meanwhile = meanwhile
        for task in courier.run(tasks, closing):
            if task.fault is None or not isinstance(task, Walk | Belongings):
                continue
            entity = task.state.entity if isinstance(task, Walk) else task.listing.entity
            reading = self.readings.pop(entity, None)
            if reading is not None:
                error = PortalError(task.fault, task.method)
                self.refused.append(self._problem(error, reading.kpis))

    def _bring(self, walk: Walk, rows: Sequence[Row]) -> None:
        """Write down what a walk has brought, and where it stands."""
        state = walk.state
        reading = self.readings.get(state.entity)
        if reading is None:
            return
        if state.kind == "ids":
            ids = [ident for row in rows if (ident := walk.listing.id_of(row)) is not None]
            self.work.put_ids([state], state.entity, ids)
        else:
            self._put(reading, rows, state)
        self._tell(reading, state.kind)

    def _put(
        self, reading: EntityReading, rows: Sequence[Row], state: WalkState | None = None
    ) -> None:
        columns, values = cells(rows, reading.columns, reading.listing.id)
        fresh = state is not None and state.kind == "all"
        states = [] if state is None else [state]
        self.work.put(states, reading.entity, columns, values, fresh=fresh)

    def _tell(self, reading: EntityReading, kind: str) -> None:
        of = [walk.state for walk in reading.walks if walk.state.kind == kind]
        expected = reading.extent.total if kind in ("all", "ids") else None
        read = sum(state.read for state in of)
        self.listener.progress(
            Progress(reading.entity, kind, read, expected, all(s.done for s in of))
        )

    # --- catching up ---------------------------------------------------------------------

    def _catch_up(self, done: Round | None) -> None:
        """Read what has changed, until a round takes so short a time that little can be missing;
        `done` is a round that has been read already."""
        for _ in range(ROUNDS):
            asked = done or self._asked(self._by_ids())
            self._round(asked, () if done else asked.tasks)
            done = None
            if self.reference.server.now() - asked.moment < CAUGHT_UP:
                break
        different = [r for r in self._by_ids() if self._differs(r)]
        if different:
            asked = self._asked(different)
            self._round(asked, asked.tasks)
            for reading in different:
                reading.sweep = reading.sweep or self._differs(reading)

    def _asked(self, readings: Sequence[EntityReading]) -> Round:
        """Return a round of changes that begins now."""
        moment = self.reference.server.now()
        tasks: list[Walk | Once] = []
        counts: dict[str, Once] = {}
        for reading in readings:
            walks = reading.changes(self._bring, self.reference.server)
            # A whole list may be on its way still.
            reading.walks = [w for w in reading.walks if w.state.kind == "all"] + walks
            tasks.extend(walks)
            if reading.counts:
                counts[reading.entity] = reading.count(self.reference.server)
        return Round(moment, tuple(readings), (*tasks, *counts.values()), counts)

    def _round(self, asked: Round, left: Sequence[Walk | Once]) -> None:
        """Read what is left of a round of changes, and note down how far that goes."""
        self._run(left)
        for reading in asked.readings:
            if reading.entity in self.readings:
                reading.mark = asked.moment
                reading.last_id = max(reading.last_id, self.work.last_id(reading.entity))
                count = asked.counts.get(reading.entity)
                answer = None if count is None else count.answer
                reading.total = None if answer is None else answer.total
        self.work.forget(("changed", "new"))
        self.work.note(self._marks())

    def _differs(self, reading: EntityReading) -> bool:
        """Say whether the portal has another number of records than the store is going to have."""
        if reading.total is None:
            return False
        return self._short(reading) != reading.off

    def _short(self, reading: EntityReading) -> int:
        """Return how many more records the portal counts than the store is going to have."""
        with self.work.store() as stored:
            return (reading.total or 0) - self.work.counted(stored, reading.found())

    # --- what has gone, and what has come back -------------------------------------------

    def _look_for_the_gone(self) -> None:
        """Look through the ids of what is due; what the sweep sees and nobody has is read too."""
        sweeping = [r for r in self._by_ids() if r.sweep and r.sweeps]
        if not sweeping:
            return
        moment = self.reference.server.now()
        for reading in sweeping:
            self.work.clear_ids(reading.entity)
            reading.extent = replace(
                reading.extent,
                last=max(reading.last_id, reading.extent.last or 0) or None,
            )
            reading.walks = reading.ids(self._bring, self.reference.server)
            self.work.put_ids([w.state for w in reading.walks], reading.entity, ())
        self._run([walk for reading in sweeping for walk in reading.walks])
        for reading in sweeping:
            if reading.entity in self.readings:
                reading.swept_at = moment
                self._bring_missing(reading)
                if reading.total is not None:
                    # What differs even after a sweep is a portal that counts in its own way.
                    reading.off = self._short(reading)

    def _bring_missing(self, reading: EntityReading) -> None:
        """Read records of whose existence only the sweep has learnt: rights may have changed."""
        with self.work.store() as stored:
            missing = self.work.unknown(stored, reading.found())
        self._bring_ids(reading, missing)

    def _bring_ids(self, reading: EntityReading, ids: Sequence[int]) -> None:
        questions = reading.missing(ids)
        self._run(questions)
        for question in questions:
            answer = question.answer
            found = reading.listing.found(answer.result) if answer is not None else None
            rows = [row for row in found or () if reading.listing.id_of(row) is not None]
            if rows:
                self._put(reading, rows)

    def _read_again(self, changes: dict[str, dict[str, int]]) -> None:
        """Read records whose client has vanished once more, and end the job. Until that is done
        the store does not know of it: a pull that breaks off here leaves it to the next."""
        found = stale.find(self.work, self.readings)
        self.work.begin({})
        for entity, ids in found.ids.items():
            self._bring_ids(self.readings[entity], ids)
        stale.apply(self.work, found, self.order.source, self.reference.server.now(), changes)

    # --- rows that belong to records -----------------------------------------------------

    def _belongings(self) -> None:
        """Read the product rows of the records that this pull has brought; in a sweep, of all: a
        row can be changed without its record being changed."""
        deals = self.readings.get("deals")
        for reading in tuple(self.readings.values()):
            if reading.listing.paging != "owners":
                continue
            if deals is None:  # refused: nothing is known of their rows either
                del self.readings[reading.entity]
                continue
            owners = self.work.ids("deals")
            if (reading.whole or reading.sweep) and not deals.whole:
                with self.work.store() as stored:
                    known = stored.rows(f"SELECT _id FROM {stored.table('deals')}")
                owners = sorted({*owners, *(row[0] for row in known)})
            reading.mark = deals.mark
            reading.swept_at = self.reference.server.now() if reading.sweep else reading.swept_at
            bring = self._bring_rows(reading, len(owners))
            self.work.put((), reading.entity, reading.named)
            self._run([Belongings(reading.listing, owners, bring)])

    def _bring_rows(
        self, reading: EntityReading, owners: int
    ) -> Callable[[Sequence[int], Sequence[Row]], None]:
        read = 0

        def bring(complete: Sequence[int], rows: Sequence[Row]) -> None:
            nonlocal read
            self._put(reading, rows)
            self.work.put_ids((), reading.entity, complete)
            read += len(complete)
            self.listener.progress(Progress(reading.entity, "all", read, owners, read >= owners))

        return bring
