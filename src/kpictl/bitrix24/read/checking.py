"""What stands between the store and a figure: what was not pulled, what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpictl.bitrix24.read import statement
from kpictl.bitrix24.read.cell_sql import bad_column, raw_column
from kpictl.bitrix24.rest import methods
from kpictl.errors import Problem, SourceError
from kpictl.expressions.sql import name
from kpictl.sources.bad_values import SHOWN, fields_with

if TYPE_CHECKING:
    from kpictl.bitrix24.read.job import PortalLoad
    from kpictl.store import Stored as Store


def pulled(job: PortalLoad) -> None:
    """Stop where an entity, or a field of it, was not pulled; say what is only partly there."""
    problems = list(lacking(job))
    if problems:
        raise SourceError(problems)
    _note_partial(job)
    for flag, delivered in job.left_out.items():
        table = job.store.table(job.entity)
        count = _count(job, f"FROM {table} WHERE cell_bool({name(delivered)})")
        if count:
            code = "portal.own_companies" if flag == "is_own" else "portal.templates"
            data = {"entity": job.entity, "count": count}
            job.notes.append(Problem(code, None, data, "note"))


def not_pulled(store: Store, entity: str, items: Mapping[str, int]) -> Problem:
    """Return what is said of an entity that a plan reads and nobody has pulled: whether it only
    takes a pull, or the key lacks the scope that it needs."""
    listing, scopes = methods.listing(entity, items), store.fact("scopes")
    data = {"entity": entity, "source": store.source}
    if listing is None or scopes is None or methods.grants(scopes.split(","), listing.scope):
        return Problem("portal.not_pulled", None, data)
    return Problem("portal.not_granted", None, {**data, "scope": listing.scope})


def lacking(job: PortalLoad) -> Iterator[Problem]:
    """Yield what was not pulled of the entity and of those that its fields are made of."""
    for entity in _required(job):
        if entity not in job.store.marks:
            yield not_pulled(job.store, entity, job.reader.settings.items)
    fields = lacking_fields(job)
    if fields:
        data = {"entity": job.entity, "fields": ", ".join(fields), "source": job.store.source}
        yield Problem("portal.fields_not_pulled", None, data)


def lacking_fields(job: PortalLoad) -> list[str]:
    """Return the needed fields of the entity that its records in the store do not have."""
    mark = job.store.marks.get(job.entity)
    if mark is None or not mark.rows:
        return []
    there = job.there(job.entity)
    return [n for n, stored in job.fields.items() if stored.name.lower() not in there]


def _required(job: PortalLoad) -> list[str]:
    """Return the entities without which there is no figure; a stage history is not among them."""
    replies = ["activities"] if job.rowwise.replies is not None else []
    above = [] if job.parent is None else [job.parent]
    return [job.entity, *above, *replies]


def complete_to(job: PortalLoad) -> datetime:
    """Return up to when (aware) all that was read is complete."""
    used = _required(job)
    if job.rowwise.history is not None:
        used.append(job.history)
    return min(job.store.marks[entity].complete_to for entity in used)


def _note_partial(job: PortalLoad) -> None:
    """Records that were asked for only since some day are not all of an earlier period."""
    since = job.store.marks[job.entity].since
    if since is None:
        return
    if not job.request.windows or any(w.start < since for w in job.request.windows):
        local = since.astimezone(_zone(job))
        day = local.isoformat(" ", "minutes")
        data = {"entity": job.entity, "since": day, "source": job.reader.settings.source}
        job.notes.append(Problem("portal.partial", None, data, "warning"))


def _zone(job: PortalLoad) -> ZoneInfo:
    """Return the company's zone, in which the database is."""
    row = job.connection.execute("SELECT current_setting('TimeZone')").fetchone()
    return ZoneInfo(row[0] if row else "UTC")


def _count(job: PortalLoad, rest: str) -> int:
    row = job.connection.execute(f"SELECT count(*) {rest}").fetchone()
    return int(row[0]) if row else 0


def orphans(job: PortalLoad) -> None:
    """Say how many rows belong to a record that is not there: deleted, or not for our eyes. Those
    of a record that is none of its entity, a template, are told of with it."""
    if job.parent is None:
        return
    parent_key = job.schema.entity.parent_key
    key = raw_column(parent_key)
    count = _count(
        job,
        f"FROM ({statement.gathered(job, (parent_key,))}) r WHERE NOT EXISTS (SELECT 1 FROM "
        f"{job.store.table(job.parent)} p WHERE CAST(p._id AS VARCHAR) = r.{key})",
    )
    if count:
        data = {"entity": job.entity, "count": count, "parent": job.parent}
        job.notes.append(Problem("portal.orphans", None, data, "note"))


# --- values that cannot be read ----------------------------------------------------------------


def values(job: PortalLoad) -> None:
    """Leave no unexplained hole in the table: SourceError, or warnings, for every value that could
    not be read."""
    problems = [problem for field in _unreadable(job) for problem in _show(job, field)]
    if problems and not job.reader.settings.skips_bad_values:
        raise SourceError(problems)
    job.notes.extend(
        Problem("portal.skipped_value", p.place, {**p.data}, "warning")
        for p in problems
        if p.code == "portal.bad_value"
    )


def _unreadable(job: PortalLoad) -> list[str]:
    counts = {n: f"count({bad_column(n)})" for n in job.checked()}
    return fields_with(job.connection, job.table("stored"), counts)


def _show(job: PortalLoad, field: str) -> Iterator[Problem]:
    """Yield the values of a field that could not be read, and how many more there are."""
    described, bad = job.fields[field].field, bad_column(field)
    where = f"FROM {job.table('stored')} WHERE {bad} IS NOT NULL"
    caption = described.captions[0] if described.captions else field
    data = {"entity": job.entity, "field": field, "caption": caption, "kind": described.kind}
    rows = job.connection.execute(f"SELECT line, {bad} {where} ORDER BY line LIMIT {SHOWN}")
    for ident, value in rows.fetchall():
        yield Problem("portal.bad_value", None, {**data, "id": ident, "value": value[:80]})
    more = _count(job, where) - SHOWN
    if more > 0:
        yield Problem("portal.more_bad_values", None, {**data, "more": more})
