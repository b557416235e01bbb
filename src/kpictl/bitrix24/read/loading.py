"""The store's texts → one typed table per entity, as the loader of files makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.bitrix24.read import checking, portal_rates, related_records, stages, statement
from kpictl.bitrix24.read.cell_sql import raw_column
from kpictl.bitrix24.read.job import PortalLoad
from kpictl.expressions import Type
from kpictl.expressions.money import AMOUNT, currency_of
from kpictl.expressions.sql import column, name
from kpictl.sources import cells, derive
from kpictl.sources.base import LoadedEntity, LoadRequest
from kpictl.sources.currencies import RATES

if TYPE_CHECKING:
    from kpictl.bitrix24.read.reader import PortalReader
    from kpictl.database import Connection


def load(
    connection: Connection, reader: PortalReader, entity: str, request: LoadRequest
) -> LoadedEntity:
    """Bring an entity into the database as `entity_<name>`. SourceError: not pulled, unreadable."""
    job = PortalLoad(connection, reader, entity, request)
    _make(job)
    texts = {owner: _texts(job, owner) for owner in sorted(request.owners)}
    currencies = reader.settings.currencies
    rated = replace(request, rates=_rates(job), currencies=currencies)
    view = derive.view(connection, job.schema, job.table("stored"), rated, job.notes)
    reached = checking.complete_to(job)
    return LoadedEntity(entity, view, reached, texts, tuple(job.notes), complete=True)


def _make(job: PortalLoad) -> None:
    """Make the table of values: of the rows that can matter in the windows."""
    checking.pulled(job)
    cells.define_readers(job.connection)
    _make_parent(job)
    stages.make_words(job.connection, job.table("words"), job.words)
    if "stage" in job.fields:
        _make_stages(job)
    related_records.make(job)
    job.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {job.table('stored')} AS "
        f"SELECT * FROM ({statement.valued(job)}) WHERE {statement.in_windows(job)}"
    )
    checking.values(job)


def _make_stages(job: PortalLoad) -> None:
    """Make the table of the stages that occur, in the records and in their moves."""
    used = _stages_of(job, job.entity, job.fields["stage"].name, job.semantics)
    if job.rowwise.history is not None:
        used |= _stages_of(job, job.history, *job.history_columns)
    directories, says = job.reader.directories, job.reader.settings.stages
    leads = "leads" in (job.entity, job.schema.entity.parent)
    meaning = stages.Meaning(directories.stages(job.entity), says, leads)
    stages.make_stages(job.connection, job.table("stages"), used, meaning)


def _stages_of(
    job: PortalLoad, entity: str, stage: str, semantics: str | None
) -> set[tuple[str, str]]:
    """Return the (code, semantics) that occur in a table."""
    if stage.lower() not in job.there(entity):
        return set()
    group = "NULL" if semantics is None else f"cell_text({name(semantics)})"
    rows = job.connection.execute(
        f"SELECT DISTINCT cell_text({name(stage)}), coalesce({group}, '') "
        f"FROM {job.store.table(entity)}"
    ).fetchall()
    return {(str(code), str(ended)) for code, ended in rows if code is not None}


def _make_parent(job: PortalLoad) -> None:
    """Make the table of the records to which an entity's belong; say what belongs to none."""
    if job.parent is None:
        return
    request = LoadRequest(job.inherited)
    above = PortalLoad(
        job.connection, job.reader, job.parent, request, f"{job.parent}_of_{job.entity}"
    )
    _make(above)
    table = above.table("stored")
    job.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {job.table('parent')} AS SELECT * FROM {table}"
    )
    job.connection.execute(f"DROP TABLE {table}")
    job.notes.extend(above.notes)
    if "closed_at" not in job.request.fields:  # only the day of a rate is made of it
        request = LoadRequest(job.inherited - {"closed_at"})
    remarks = derive.remarks(job.connection, above.schema, job.table("parent"), request)
    job.notes.extend(p for p in remarks if p.level == "warning")
    checking.orphans(job)


def _texts(job: PortalLoad, owner: str) -> tuple[str, ...]:
    """Return the different texts of an owner field, of all records."""
    found, source = column(owner), statement.valued(job)
    stored = job.fields.get(owner)
    if stored is not None and stored.field.type is Type.TEXT and owner not in (*job.words, "stage"):
        found, source = raw_column(owner), statement.gathered(job, (owner,))
    rows = job.connection.execute(
        f"SELECT DISTINCT {found} FROM ({source}) WHERE {found} IS NOT NULL"
    ).fetchall()
    return tuple(sorted(str(row[0]) for row in rows))


def _rates(job: PortalLoad) -> str:
    """Return the table of rates for this portal's amounts; say which of them are the portal's."""
    company = job.request.currency
    if company is None or not derive.rated(job.schema, job.request.fields):
        return RATES
    quotes = portal_rates.quotes(job.store, company)
    rates, own = portal_rates.make_rates(job.connection, job.reader.settings.source, quotes)
    columns = [column(currency_of(n)) for n in job.priced]
    if AMOUNT in job.request.fields and "currency" in job.schema.present:
        columns.append(column(currency_of(AMOUNT)))
    asked = [f"SELECT {c} FROM {job.table('stored')}" for c in columns]
    rows = job.connection.execute(" UNION ".join(asked)).fetchall()
    used = {str(row[0]): quotes[str(row[0])] for row in rows if row[0] in own}
    note = portal_rates.remark(job.entity, used, (w.end for w in job.request.windows))
    if note is not None:
        job.notes.append(note)
    return rates
