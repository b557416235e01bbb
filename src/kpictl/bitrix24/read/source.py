"""A Bitrix24 portal as a kind of source: pulled into the store, opened from there."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

import kpictl.catalog as catalogue
from kpictl.errors import Problem
from kpictl.naming import fold
from kpictl.plan.load import suggest
from kpictl.plan.sources import Bitrix24Source, SourceSpec
from kpictl.sources.base import Lint, Linting, OpenedSource, Source, SourceOpening, Standpoint, Sync
from kpictl.sources.status import Pulled, Status

if TYPE_CHECKING:
    from kpictl.bitrix24.rest.client import Client, Wait
    from kpictl.bitrix24.rest.rate_limit import Clock
    from kpictl.plan.model import Plan
    from kpictl.store import Stored

PULLS = 5  # of the diary


class PortalSource:
    """A portal. Files overrule it: it gives what they do not hold."""

    yields = True

    def open(self, opening: SourceOpening) -> OpenedSource:
        return _Portal(opening).open()

    def describe(self, spec: SourceSpec) -> tuple[str, ...]:
        from kpictl.bitrix24.read.reader import offered

        return offered(_spec(spec).items)

    def status(self, name: str, spec: SourceSpec, seen_from: Standpoint) -> Status:
        from kpictl import store

        stored = store.attach(seen_from.connection, store.folder_of(str(seen_from.file)), name)
        pulled = Pulled("Bitrix24")
        if stored is not None:
            pulled = _pulled(stored, _spec(spec), seen_from.plan)
        return Status(name, spec.type, pulled=pulled)

    def lint(self, linting: Linting) -> Lint:
        from kpictl.bitrix24.read import lint

        asked = lint.LintContext(linting.bound, linting.connection, linting.readers, linting.staff)
        return Lint(tuple(lint.never(asked)), tuple(lint.missing(asked, linting.told)))

    def sync(self, spec: SourceSpec) -> Sync | None:
        return PortalSync(_spec(spec))

    def guard(self, file: str | Path) -> AbstractContextManager[object]:
        from kpictl import store

        return store.sound(store.folder_of(file))


def _spec(spec: SourceSpec) -> Bitrix24Source:
    assert isinstance(spec, Bitrix24Source)  # noqa: S101  the shelf goes by its type
    return spec


class PortalSync(Struct, frozen=True):
    """How a portal is pulled."""

    spec: Bitrix24Source

    @property
    def entities(self) -> tuple[str, ...]:
        return tuple(self.spec.pull)

    @property
    def items(self) -> Mapping[str, int]:
        return self.spec.items

    @contextmanager
    def client(
        self,
        folder: Path,
        environment: Mapping[str, str],
        clock: Clock,
        on_wait: Callable[[Wait], None],
    ) -> Iterator[Client]:
        """Open the way to the portal. UsageError when there is no key, or it cannot be one."""
        from kpictl.bitrix24.rest import access
        from kpictl.bitrix24.rest.client import Client
        from kpictl.bitrix24.rest.transport import Wire

        said = {
            access.PORTAL: self.spec.portal,
            access.CLIENT_ID: self.spec.client_id,
            access.CLIENT_SECRET: self.spec.client_secret,
            access.REFRESH_TOKEN: self.spec.refresh_token,
            access.SERVER: self.spec.authorization_server,
        }
        if self.spec.client_id and not self.spec.webhook:
            said[access.WEBHOOK] = ""  # an application is meant, whatever else is lying about
        given = {name: value for name, value in said.items() if value is not None}
        # Not copied: the keyring is asked only for what is looked up and nowhere else.
        known: Mapping[str, str] = ChainMap(given, cast("dict[str, str]", environment))
        wire = Wire(access.find(folder, known, self.spec.webhook))
        try:
            yield Client(wire, clock=clock, on_wait=on_wait)
        finally:
            wire.close()


# --- opening -----------------------------------------------------------------------------------


class _Portal:
    """One portal that is being opened."""

    def __init__(self, opening: SourceOpening) -> None:
        self.opening, self.spec = opening, _spec(opening.spec)
        self.problems: list[Problem] = []
        self.unpulled: dict[str, Problem] = {}

    def open(self) -> OpenedSource:
        from kpictl import store
        from kpictl.bitrix24.read import reader
        from kpictl.bitrix24.read import users as portal_users

        entities = self._entities(reader.offered(self.spec.items))
        folder, name = store.folder_of(self.opening.loaded.file), self.opening.name
        stored = store.attach(self.opening.connection, folder, name)
        if stored is None:
            self._note_unpulled(entities)
            return replace(self._opened(folder), unopened=frozenset(entities), is_awaited=True)
        opened = reader.open_portal(stored, self._settings(), entities)
        self._note_unpulled([e for e in entities if e not in stored.marks], stored)
        users = portal_users.read(stored, ZoneInfo(self.opening.plan.company.timezone))
        if users is None and stored.marks:
            place = self._place(("sources", name))
            self.problems.append(Problem("portal.no_users", place, {"source": name}, "warning"))
        return replace(
            self._opened(folder),
            readers=dict.fromkeys(opened.schemas, opened),
            unopened=frozenset(entities) - opened.schemas.keys(),
            users=users,
            accounts=frozenset(entities),
        )

    def _opened(self, folder: Path) -> OpenedSource:
        from kpictl import store

        name = self.opening.name
        return OpenedSource(
            problems=tuple(self.problems),
            unpulled=self.unpulled,
            attach=lambda connection: store.attach(connection, folder, name),
        )

    def _settings(self) -> Any:
        from kpictl.bitrix24.read.reader import Settings

        spec = self.spec
        stages = {fold(k): str(v) for k, v in spec.stages.items()}
        currencies = {fold(k): code for k, code in spec.currencies.items()}
        skips = spec.on_bad_value == "skip"
        return Settings(self.opening.name, stages, spec.items, skips, currencies)

    def _place(self, path: tuple[str | int, ...], *, key: bool = True) -> Any:
        return self.opening.loaded.document.place(path, key=key)

    def _entities(self, known: Sequence[str]) -> list[str]:
        """Return the entities that are read of the portal: not what files hold, nor what the plan
        names at another portal."""
        spec, path = self.spec, ("sources", self.opening.name)
        for i, entity in enumerate(spec.pull):
            if entity not in known:
                data = {"entity": entity, **suggest(entity, list(known))}
                place = self._place((*path, "pull", i), key=False)
                self.problems.append(Problem("portal.no_entity", place, data))
        for entity in spec.items:
            if catalogue.entity(entity).known:
                data = {"path": "items", "key": entity}
                self.problems.append(
                    Problem("plan.reserved", self._place((*path, "items", entity)), data)
                )
        own, portals = set(spec.entities()), self._other_portals()
        if spec.pull and portals:
            known = [e for e in known if e in own or e.partition("_history_")[2] in own]
        others = {e for portal in portals for e in portal.entities()} - own
        taken = self.opening.taken | self.opening.unopened
        by_portals = taken - self.opening.first
        read = {e for kpi in self.opening.plan.kpis for e in self.opening.plan.entities_of(kpi)}
        for entity in sorted((taken & own) | ((by_portals & read & set(known)) - others)):
            place = self._place(path)
            self.problems.append(Problem("source.entity_twice", place, {"entity": entity}))
        return [e for e in known if e not in taken and e not in others]

    def _other_portals(self) -> list[Bitrix24Source]:
        sources = self.opening.plan.sources.items()
        return [
            spec
            for name, spec in sources
            if isinstance(spec, Bitrix24Source) and name != self.opening.name
        ]

    def _note_unpulled(self, entities: Iterable[str], stored: Stored | None = None) -> None:
        """Remark on what KPIs read and nobody has pulled; what computes them stops there."""
        from kpictl.bitrix24.read.checking import not_pulled

        missing, name = set(entities), self.opening.name
        for kpi in self.opening.plan.kpis:
            read = missing.intersection(self.opening.plan.entities_of(kpi))
            for entity in sorted(read - self.unpulled.keys()):
                found, path = (
                    Problem("portal.nothing_pulled", None, {"source": name}),
                    ("sources", name),
                )
                if stored is not None:
                    found, path = not_pulled(stored, entity, self.spec.items), ("kpis", kpi)
                problem = replace(found, place=self._place(path), level="warning")
                self.unpulled[entity] = problem
                self.problems.append(problem)


# --- how it stands -----------------------------------------------------------------------------


def _pulled(stored: Stored, spec: Bitrix24Source, plan: Plan) -> Pulled:
    from kpictl.store import known_since

    scopes = stored.fact("scopes")
    granted = None if scopes is None else tuple(s for s in scopes.split(",") if s)
    admin = stored.fact("admin")
    return Pulled(
        "Bitrix24",
        stored.fact("host"),
        stored.fact("user"),
        None if admin is None else admin == "Y",
        granted,
        None if granted is None else _lacking(spec, plan, granted),
        stored.fact("base_currency"),
        tuple(stored.marks.values()),
        tuple(stored.pulls(PULLS)),
        known_since(stored),
    )


def _lacking(
    spec: Bitrix24Source, plan: Plan, granted: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return the scopes that the plan's entities need and the key does not grant."""
    from kpictl.bitrix24.rest import methods

    read = (entity for kpi in plan.kpis for entity in plan.entities_of(kpi))
    found: dict[str, list[str]] = {}
    for entity in dict.fromkeys([*spec.pull, "users", "departments", *read]):
        listing = methods.listing(entity, spec.items)
        if listing is None:
            continue
        if not methods.grants(granted, listing.scope):
            found.setdefault(listing.scope, []).append(entity)
    return {scope: tuple(entities) for scope, entities in found.items()}


SOURCE: Source = PortalSource()
