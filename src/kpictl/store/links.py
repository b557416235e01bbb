"""Records that point to others which are not there: what they say of those may be out of date.

When two clients are merged, the portal lets their records point to the one that is left, and moves
no date of change for it. So a record whose client has vanished from the store is not to be trusted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from kpictl.expressions.sql import name, text
from kpictl.store import ddl
from kpictl.store.reader import Stored

_TARGETS: Mapping[str, str] = {
    "companyid": "companies",
    "company_id": "companies",
    "contactid": "contacts",
    "contact_id": "contacts",
}
_OWNERS: Mapping[str, str] = {"1": "leads", "2": "deals", "3": "contacts", "4": "companies"}
"""Types of record that activities belong to."""


class Link(Struct, frozen=True):
    """A column of an entity that holds ids of a target's records; with a `kind`, where
    OWNER_TYPE_ID says so."""

    entity: str
    column: str
    target: str
    kind: str = ""

    @property
    def key(self) -> str:
        return f"{self.entity}.{self.column}.{self.target}"


def links(stored: Stored, entities: Collection[str]) -> Iterator[Link]:
    """Yield the links of some entities to records of which the store has all: not to those that
    were pulled from some moment on."""
    whole = {entity for entity, mark in stored.marks.items() if mark.since is None}
    for entity in entities:
        columns = {column.casefold(): column for column in stored.columns(entity)}
        for column, target in _TARGETS.items():
            if column in columns and target in whole:
                yield Link(entity, columns[column], target)
        if entity == "activities" and {"owner_id", "owner_type_id"} <= columns.keys():
            for kind, target in _OWNERS.items():
                if target in whole:
                    yield Link(entity, columns["owner_id"], target, kind)


def lost(stored: Stored, link: Link) -> list[int]:
    """Return the ids that records point to and that are not there, ascending."""
    with ddl.comparing(stored.connection):
        rows = stored.rows(f"SELECT DISTINCT {_to(link)} {_dangling(stored, link)} ORDER BY 1")
    return [int(row[0]) for row in rows]


def stale(stored: Stored, link: Link, brought: str | None, known: Collection[int]) -> list[int]:
    """Return the records, ascending, that point to what is not there: without those that the pull
    in progress has brought (into the table `brought`), and those whose target is `known` to be
    missing at the portal too."""
    fresh = f" AND s._id NOT IN (SELECT _id FROM {brought})" if brought else ""
    listed = ", ".join(map(str, sorted(known)))
    unknown = f" AND {_to(link)} NOT IN ({listed})" if listed else ""
    with ddl.comparing(stored.connection):
        rows = stored.rows(f"SELECT s._id {_dangling(stored, link)}{fresh}{unknown} ORDER BY 1")
    return [int(row[0]) for row in rows]


def _to(link: Link) -> str:
    return f"TRY_CAST(s.{name(link.column)} AS BIGINT)"


def _dangling(stored: Stored, link: Link) -> str:
    owned = f" AND s.{name('OWNER_TYPE_ID')} = {text(link.kind)}" if link.kind else ""
    return (
        f"FROM {stored.table(link.entity)} s WHERE {_to(link)} > 0{owned} AND NOT EXISTS "
        f"(SELECT 1 FROM {stored.table(link.target)} t WHERE t._id = {_to(link)})"
    )
