"""Pulling: every portal of a plan into the local store beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.bitrix24.sync.order import Listener, Need, Order, Outcome, Progress
from kpictl.errors import PlanRejected, UsageError
from kpictl.plan.load import LoadedPlan, load
from kpictl.sources import source_of
from kpictl.store import Work, folder_of, sound

if TYPE_CHECKING:
    from kpictl.bitrix24.rest.client import Client
    from kpictl.bitrix24.rest.rate_limit import Clock
    from kpictl.bitrix24.sync.headstart import HeadStart
    from kpictl.sources.base import Sync

__all__ = ["Listener", "Need", "Order", "Outcome", "Progress", "PullRequest", "portals", "pull"]


_HEAVY = ("duckdb", "numpy")
_BINDING = ("kpictl.bitrix24.sync.scope", "kpictl.expressions.grammar")
"""What writes down and what binds the plan: loaded while the portal works on the first request."""


class PullRequest(Struct, frozen=True):
    """What the command line asks of a pull; `since` is aware. See `Order`."""

    only: tuple[str, ...] = ()
    full: bool = False
    since: datetime | None = None
    sweep: bool = False
    all_fields: bool = False


class Portal(Struct, frozen=True):
    """A portal of the plan: how it is pulled, the plan as it was read, and where its store lies."""

    name: str
    sync: Sync
    loaded: LoadedPlan
    folder: Path
    environment: Mapping[str, str]

    def client(self, clock: Clock, listener: Listener) -> AbstractContextManager[Client]:
        """Open the way to the portal. UsageError when there is no key, or it cannot be one."""
        return self.sync.client(self.folder.parent, self.environment, clock, listener.wait)


def portals(plan: str, environment: Mapping[str, str]) -> list[Portal]:
    """Return the portals of a plan. PlanRejected when its shape is wrong; UsageError when it has
    no portal."""
    from kpictl.bitrix24.rest.access import environment as completed

    path = Path(plan)
    environment = completed(path.resolve().parent, environment)
    loaded = load(plan, environment)
    if loaded.plan is None:
        raise PlanRejected(loaded.problems)
    folder = folder_of(plan)
    found = [
        Portal(name, sync, loaded, folder, environment)
        for name, spec in loaded.plan.sources.items()
        if (sync := source_of(spec.type).sync(spec)) is not None
    ]
    if not found:
        raise UsageError("pull.no_portal", file=plan)
    return found


def pull(
    plan: str,
    environment: Mapping[str, str],
    asked: PullRequest,
    clock: Clock,
    listener: Listener | None = None,
) -> tuple[Outcome, ...]:
    """Pull every portal of a plan. PlanRejected, UsageError, SourceError or StoreError; whatever
    had been brought until then is kept for the next pull."""
    listener = listener or Listener()
    return tuple(_pull(portal, asked, clock, listener) for portal in portals(plan, environment))


def _pull(portal: Portal, asked: PullRequest, clock: Clock, listener: Listener) -> Outcome:
    from kpictl.bitrix24.sync.conductor import Pull
    from kpictl.bitrix24.sync.planning import every_field, mentioned

    order = Order(
        portal.name,
        asked.only or portal.sync.entities,
        asked.full,
        asked.since,
        asked.sweep,
        asked.all_fields,
        portal.sync.items,
    )

    assert portal.loaded.plan is not None  # noqa: S101  `portals` has looked
    plan = portal.loaded.plan
    wanted = mentioned(plan, order, only=bool(asked.only))
    # Which fields KPIs read need not be found out where all of them are brought.
    known = every_field(plan, wanted) if asked.only and asked.all_fields else None

    def open_work() -> Work:
        for heavy in _HEAVY if known is not None else (*_HEAVY, *_BINDING):
            import_module(heavy)
        return works.enter_context(closing(Work(portal.folder, portal.name)))

    def needs() -> Mapping[str, Need]:
        if known is not None:
            return known
        from kpictl.bitrix24.sync.scope import needs_of

        return needs_of(portal.loaded, order, only=bool(asked.only))

    with portal.client(clock, listener) as client, ExitStack() as works, sound(portal.folder):
        head = _head(portal.folder, order, wanted)
        binds = known is None
        return Pull(order, wanted, client, clock, open_work, needs, listener, head, binds).run()


def _head(folder: Path, order: Order, wanted: Sequence[str]) -> HeadStart | None:
    """Return the pages that the first request can bring: where a list is certain to be read whole,
    and all fields of it."""
    from kpictl.bitrix24.sync.headstart import head_start
    from kpictl.store import ddl

    if not order.all_fields or order.since is not None or (folder / ddl.WORK).exists():
        return None
    if not order.full and (folder / ddl.STORE).exists():
        return None
    return head_start(wanted, order.items)
