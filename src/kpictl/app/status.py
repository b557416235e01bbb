"""How things stand: what the store holds of each source of a plan, without asking any portal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from kpictl.errors import PlanRejected
from kpictl.plan.load import load
from kpictl.sources import source_of
from kpictl.sources.base import Standpoint
from kpictl.sources.status import Status
from kpictl.store import ddl, folder_of, sound
from kpictl.store.unfinished import Unfinished, unfinished


class PlanStatus(Struct, frozen=True):
    """Everything about a plan's sources. `size` (bytes) is None where there is no store."""

    plan: str
    zone: str
    store: Path
    size: int | None
    sources: tuple[Status, ...]
    unfinished: Unfinished | None = None


class _Nothing(dict[str, str]):
    """An environment in which every name is empty: what stands there needs no key."""

    def __missing__(self, key: str) -> str:
        return ""

    def __contains__(self, key: object) -> bool:
        return True


def standing(plan: str, environment: Mapping[str, str]) -> PlanStatus:
    """Return how things stand. PlanRejected when the plan's shape is wrong; StoreError."""
    import duckdb

    loaded = load(plan, _Nothing(environment))
    if loaded.plan is None:
        raise PlanRejected(loaded.problems)
    folder = folder_of(plan)
    path = folder / ddl.STORE
    connection = duckdb.connect(":memory:")
    seen_from = Standpoint(loaded.plan, Path(plan), connection)
    try:
        with sound(folder):
            sources = tuple(
                source_of(spec.type).status(name, spec, seen_from)
                for name, spec in loaded.plan.sources.items()
            )
        left = unfinished(connection, folder)
    finally:
        connection.close()
    size = path.stat().st_size if path.is_file() else None
    return PlanStatus(plan, loaded.plan.company.timezone, path, size, sources, left)
