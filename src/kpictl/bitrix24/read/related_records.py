"""What other records say of a record: its moves through stages, what was sent to its client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.bitrix24.read.cell_sql import moment
from kpictl.expressions.sql import column, name
from kpictl.sources import derive

if TYPE_CHECKING:
    from kpictl.bitrix24.read.job import PortalLoad

_OUTGOING = "2"


def make(job: PortalLoad) -> None:
    """Make the tables that `joins` needs."""
    if job.rowwise.history is not None:
        _make_moves(job)
    if job.rowwise.replies is not None:
        _make_replies(job)


def _make_moves(job: PortalLoad) -> None:
    """Make the table of when records came to an outcome, the newest moment of each.

    What a move came to is asked as it is of a record: of the plan, of the move's own semantics, of
    the directory of stages.
    """
    stage, semantics = job.history_columns
    job.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {job.table("moves")} AS
        SELECT cell_text(m."OWNER_ID") AS record, s.outcome, max({moment("CREATED_TIME")}) AS moment
        FROM {job.store.table(job.history)} m JOIN {job.table("stages")} s
        ON s.code = cell_text(m.{name(stage)})
        AND s.semantics = coalesce(cell_text(m.{name(semantics)}), '')
        WHERE s.outcome <> 'open' GROUP BY 1, 2"""
    )


def _make_replies(job: PortalLoad) -> None:
    """Make the table of the moments of completed outgoing activities, sorted, by record."""
    kind = job.reader.directories.type_of(job.entity)
    at = f"coalesce({moment('START_TIME')}, {moment('CREATED')})"
    sent = f"""SELECT cell_text("OWNER_ID") AS record, {at} AS moment
        FROM {job.store.table("activities")}
        WHERE cell_text("OWNER_TYPE_ID") = '{kind}' AND cell_text("DIRECTION") = '{_OUTGOING}'
        AND cell_bool("COMPLETED")"""
    if "owner_id" not in job.there("activities"):  # nothing has ever been there
        sent = "SELECT '' AS record, CAST(NULL AS TIMESTAMP) AS moment"
    job.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {job.table("replies")} AS
        SELECT record, list_sort(list(moment)) AS moments FROM ({sent})
        WHERE moment IS NOT NULL GROUP BY record"""
    )


def joins(job: PortalLoad) -> str:
    """Return the joins that bring `h.moment` and `y.moments`."""
    found, ident = "", f"o.{column('id')}"
    if job.rowwise.history is not None:
        ended = derive.outcome(job.rowwise)
        found += f" LEFT JOIN {job.table('moves')} h ON h.record = {ident} AND h.outcome = {ended}"
    if job.rowwise.replies is not None:
        found += f" LEFT JOIN {job.table('replies')} y ON y.record = {ident}"
    return found
