"""How things stand: what the store holds of each source of a plan, without asking any portal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kpictl.errors import PlanRejected, SourceError
from kpictl.plan.load import load
from kpictl.plan.model import Bitrix24Source, CsvSource, Plan
from kpictl.store import Mark, Pulled, Stored, attach, folder_of, layout, sound
from kpictl.store.unfinished import Unfinished, unfinished
from kpictl.tables import expand

if TYPE_CHECKING:
    from kpictl.database import Connection

__all__ = [
    "FileSource",
    "Files",
    "Mark",
    "PortalSource",
    "Pulled",
    "Standing",
    "inputs",
    "patterns",
    "standing",
]

PULLS = 5  # of the diary


@dataclass(frozen=True, slots=True)
class Files:
    """An entity that files hold: the patterns of the plan, and how many files there are."""

    entity: str
    patterns: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class FileSource:
    """A source of files, which are read anew by each command."""

    name: str
    entities: tuple[Files, ...]


@dataclass(frozen=True, slots=True)
class PortalSource:
    """A portal, as far as it was pulled. `scopes` are what its key grants, `lacking` those of them
    that the plan needs besides: scope → entities; None and () where nobody has asked it yet."""

    name: str
    host: str | None = None
    user: str | None = None
    admin: bool | None = None
    scopes: tuple[str, ...] | None = None
    lacking: Mapping[str, tuple[str, ...]] | None = None
    currency: str | None = None
    marks: tuple[Mark, ...] = ()
    pulls: tuple[Pulled, ...] = ()

    @property
    def complete_to(self) -> datetime | None:
        """Return the moment up to which everything is there."""
        return min((mark.complete_to for mark in self.marks), default=None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything about a plan's sources. `size` (bytes) is None where there is no store."""

    plan: str
    zone: str
    store: Path
    size: int | None
    sources: tuple[FileSource | PortalSource, ...]
    unfinished: Unfinished | None = None


class _Nothing(dict[str, str]):
    """An environment in which every name is empty: what stands there needs no key."""

    def __missing__(self, key: str) -> str:
        return ""

    def __contains__(self, key: object) -> bool:
        return True


def standing(plan: str, environment: Mapping[str, str]) -> Standing:
    """Return how things stand. PlanRejected when the plan's shape is wrong; StoreError."""
    import duckdb

    loaded = load(plan, _Nothing(environment))
    if loaded.plan is None:
        raise PlanRejected(loaded.problems)
    folder = folder_of(plan)
    path = folder / layout.STORE
    connection = duckdb.connect(":memory:")
    try:
        with sound(folder):
            sources = tuple(
                _source(name, spec, loaded.plan, (connection, folder))
                for name, spec in loaded.plan.sources.items()
            )
        left = unfinished(connection, folder)
    finally:
        connection.close()
    size = path.stat().st_size if path.is_file() else None
    return Standing(plan, loaded.plan.company.timezone, path, size, sources, left)


def _source(
    name: str, spec: CsvSource | Bitrix24Source, plan: Plan, place: tuple[Connection, Path]
) -> FileSource | PortalSource:
    connection, folder = place
    if isinstance(spec, CsvSource):
        return _files(name, spec, folder.parent)
    stored = attach(connection, folder, name)
    return PortalSource(name) if stored is None else _portal(stored, spec, plan)


def _files(name: str, spec: CsvSource, folder: Path) -> FileSource:
    found = []
    for entity, table in spec.tables.items():
        patterns = table.path if isinstance(table.path, list) else [table.path]
        found.append(Files(entity, tuple(patterns), sum(_count(p, folder) for p in patterns)))
    return FileSource(name, tuple(found))


def inputs(plan: Plan, file: str) -> Iterator[Path]:
    """Yield the plan's own file and the files that it names, as far as they are there."""
    yield Path(file)
    for pattern in patterns(plan):
        with suppress(SourceError):
            yield from expand(pattern, Path(file).parent)


def patterns(plan: Plan) -> Iterator[str]:
    """Yield the names and patterns of all files that a plan reads: records, employees, targets,
    rates."""
    named: list[str | list[str] | None] = [plan.targets.file]
    named.append(plan.rates if isinstance(plan.rates, str) else None)
    for source in plan.sources.values():
        if isinstance(source, CsvSource):
            named += [table.path for table in source.tables.values()]
    for several in named:
        yield from [several] if isinstance(several, str) else several or []


def _count(pattern: str, folder: Path) -> int:
    try:
        return len(expand(pattern, folder))
    except SourceError:
        return 0


def _portal(stored: Stored, spec: Bitrix24Source, plan: Plan) -> PortalSource:
    scopes = stored.fact("scopes")
    granted = None if scopes is None else tuple(s for s in scopes.split(",") if s)
    admin = stored.fact("admin")
    return PortalSource(
        stored.source,
        stored.fact("host"),
        stored.fact("user"),
        None if admin is None else admin == "Y",
        granted,
        None if granted is None else _lacking(spec, plan, granted),
        stored.fact("base_currency"),
        tuple(stored.marks.values()),
        tuple(stored.pulls(PULLS)),
    )


def _lacking(
    spec: Bitrix24Source, plan: Plan, granted: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return the scopes that the plan's entities need and the key does not grant."""
    from kpictl.sources.bitrix24 import methods

    read = (entity for kpi in plan.kpis.values() for entity in kpi.entities())
    found: dict[str, list[str]] = {}
    for entity in dict.fromkeys([*spec.pull, "users", "departments", *read]):
        listing = methods.listing(entity, spec.items)
        if listing is None:
            continue
        if not methods.grants(granted, listing.scope):
            found.setdefault(listing.scope, []).append(entity)
    return {scope: tuple(entities) for scope, entities in found.items()}
