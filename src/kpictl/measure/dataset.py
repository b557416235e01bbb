"""What a computation reads: the records of its sources as typed tables of a sealed database.

All that any slice of time needs is loaded at once; afterwards nothing outside is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from kpictl.database import seal
from kpictl.errors import Place, Problem, SourceError, rejection
from kpictl.expressions import Type
from kpictl.measure import spellings, undated
from kpictl.measure.query import (
    NOBODY,
    Engine,
    EngineError,
    Measure,
    Op,
    Query,
    RecordQuery,
    RecordRow,
    Slice,
    Tables,
)
from kpictl.plan.reads import fields_named, looked_up, own_fields
from kpictl.sources import lookups
from kpictl.sources.base import LoadedEntity, LoadRequest, Window
from kpictl.sources.currencies import make_rates
from kpictl.sources.rates import read_rates

if TYPE_CHECKING:
    from kpictl.app.workspace import Workspace
    from kpictl.database import Connection
    from kpictl.values import EngineName, Period


class DataRequest(Struct, frozen=True):
    """Which records are needed: those of the measures in the periods, as they were known at
    `as_of`. `extra_fields` are wanted of each entity beside those that are measured; `ordered` says
    that the lines of files must be known."""

    measures: tuple[Measure, ...]
    periods: tuple[Period, ...]
    as_of: datetime
    ordered: bool = False
    extra_fields: frozenset[str] = frozenset()


class Dataset(Struct, frozen=True):
    """Entities as tables, with what the sources said of them on the way.

    `pulled` says of entities of a portal up to when they are complete, `requests` what was asked
    of the sources.
    """

    workspace: Workspace
    connection: Connection
    loaded: Mapping[str, LoadedEntity]
    requests: Mapping[str, LoadRequest]
    pulled: Mapping[str, datetime] = {}
    notes: tuple[Problem, ...] = ()
    needed: Needed = field(default_factory=lambda: Needed({}))

    @property
    def tables(self) -> Tables:
        """Return where the entities lie and of what types their fields are."""
        schemas = self.workspace.bound.schemas
        return Tables(
            {entity: loaded.table for entity, loaded in self.loaded.items()},
            {e: {n: f.type for n, f in schemas[e].present.items()} for e in self.loaded},
        )

    @property
    def latest(self) -> datetime | None:
        """Return the least of the moments to which sources vouch for being complete; where none
        does, the last one that any record bears. When people typed values says nothing of how far
        records reach, if there are others."""
        if self.pulled:
            return min(self.pulled.values())
        schemas = self.workspace.bound.schemas
        known = [(e, loaded.latest) for e, loaded in self.loaded.items() if loaded.latest]
        of_records = [latest for entity, latest in known if not schemas[entity].told]
        return max(of_records or [latest for _, latest in known], default=None)

    def texts(self, entity: str, by: str) -> tuple[str, ...]:
        """Return what stands in an owner field of all records."""
        return self.loaded[entity].texts[by]

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        """Return where a record is written."""
        return self.workspace.readers[entity].place_of(entity, part, line)

    def engine(self, name: EngineName = "duckdb") -> Engine:
        """Return an engine over these tables."""
        if name == "plain":
            from kpictl.engines.plain import PlainEngine

            return PlainEngine(_entities(self))
        from kpictl.engines.duckdb import DuckDBEngine

        return DuckDBEngine(self.connection, self.tables)

    def close(self) -> None:
        """Let the tables go, before the workspace is closed: nobody will ask them any more."""
        self.workspace.databases.release(self.connection)


def load(workspace: Workspace, request: DataRequest) -> Dataset:
    """Bring what is needed into a database and seal it; each entity keeps the moment to which its
    source says that it reaches. SourceError with every problem found."""
    connection = workspace.new_database()
    notes = _make_rates(workspace, connection)
    needed = _fields_of(workspace, request)
    requests = needed.requests
    loaded = _load_all(workspace, connection, requests, needed)
    notes.extend(note for one in loaded.values() for note in one.notes)
    seal(connection)
    pulled = {e: one.latest for e, one in loaded.items() if one.complete and one.latest}
    return Dataset(workspace, connection, loaded, requests, pulled, tuple(notes), needed)


class Needed(Struct, frozen=True):
    """What is asked of each entity: of the sources, by `requests`, and then of the others, the
    fields that are to be looked up; `windows` say which records matter."""

    requests: Mapping[str, LoadRequest]
    look_ups: Mapping[str, tuple[str, ...]] = {}
    windows: Mapping[str, tuple[Window, ...]] = {}


def _fields_of(workspace: Workspace, request: DataRequest) -> Needed:
    schemas = workspace.bound.schemas
    named = {
        entity: fields | (request.extra_fields & schemas[entity].present.keys())
        for entity, fields in fields_named(request.measures).items()
    }
    look_ups = looked_up(named, schemas)
    searched = {schemas[e].looked_up[n].entity for e, names in look_ups.items() for n in names}
    own = own_fields(named, schemas)
    searched |= own.keys() - named.keys()
    requests, windows = {}, {}
    for entity, fields in own.items():
        load_request = _request(workspace, request, entity, fields)
        windows[entity] = load_request.windows
        beside = any(w.field in schemas[entity].looked_up for w in load_request.windows)
        if entity in searched or beside:  # a partner may be of any time
            load_request = replace(
                load_request, windows=(), ordered=load_request.ordered or entity in searched
            )
        requests[entity] = load_request
    return Needed(requests, look_ups, windows)


def _load_all(
    workspace: Workspace,
    connection: Connection,
    requests: Mapping[str, LoadRequest],
    needed: Needed,
) -> dict[str, LoadedEntity]:
    """Load entities, and give them what they look up in one another."""
    loaded = dict[str, LoadedEntity]()
    for entity, load_request in requests.items():
        loaded[entity] = workspace.readers[entity].load(connection, entity, load_request)
        if not needed.windows.get(entity):  # how far others reach says nothing of these
            loaded[entity] = replace(loaded[entity], latest=None)
    join_look_ups(workspace, connection, loaded, needed)
    return loaded


def join_look_ups(
    workspace: Workspace, connection: Connection, loaded: dict[str, LoadedEntity], needed: Needed
) -> None:
    """Give loaded entities, in place, what they look up in one another. SourceError names every
    key that stands twice, and records whose shares are not 100 percent."""

    def record(entity: str, part: int, line: int) -> Place | None:
        return workspace.readers[entity].place_of(entity, part, line)

    if needed.look_ups:
        bound = workspace.bound
        joining = lookups.Joining(bound.schemas, bound.place_of_look_up, record, needed.windows)
        lookups.join(connection, loaded, needed.look_ups, joining)


def _make_rates(workspace: Workspace, connection: Connection) -> list[Problem]:
    """Make the table of rates by which amounts are converted; return what is to be said of it."""
    company = workspace.bound.plan.company
    if company.currency is None:
        return []
    rates, problems = read_rates(workspace.bound, workspace.scratch)
    require_none_wrong(workspace, problems)
    make_rates(connection, company.currency, rates)
    return problems


def require_none_wrong(workspace: Workspace, problems: Sequence[Problem]) -> None:
    """Stop at mistakes, with all of them; notes and warnings are none."""
    errors = [p for p in problems if p.level == "error"]
    if errors:
        raise rejection(errors, workspace.bound.loaded.document.file)


def owners_needed(measures: Sequence[Measure], entity: str) -> frozenset[str]:
    """Return the fields of an entity that say whose records are; a company's alone have none."""
    return frozenset(by for of, by in owner_fields(measures) if of == entity)


def owner_fields(measures: Sequence[Measure]) -> list[tuple[str, str]]:
    """Return by which fields of which entities measures ask whose a record is, in order."""
    each = [(m.entity, m.by) for m in measures]
    each += [(m.link.entity, m.link.by) for m in measures if m.link is not None]
    return [one for one in dict.fromkeys(each) if one[1] != NOBODY]


def _request(
    workspace: Workspace, request: DataRequest, entity: str, fields: frozenset[str]
) -> LoadRequest:
    bound, own = workspace.bound, [m for m in request.measures if m.entity == entity]
    told = frozenset[str]().union(*(undated.fields_of_undated(bound, m) for m in own))
    windows = tuple(windows_of(entity, request))
    currency = bound.plan.company.currency
    owners = owners_needed(request.measures, entity) - bound.schemas[entity].looked_up.keys()
    as_of = request.as_of
    load_request = LoadRequest(
        fields | told, owners, windows, request.ordered, currency, as_of=as_of
    )
    return replace(load_request, aside=told - fields)


def windows_of(entity: str, request: DataRequest) -> list[Window]:
    """Return which records of an entity can matter in any of the periods."""
    stretches: dict[str, list[tuple[datetime, datetime]]] = {}
    for measure in request.measures:
        for period in request.periods:
            if measure.entity == entity:
                end = min(period.end, request.as_of)
                stretches.setdefault(measure.when, []).append((period.start, end))
            if measure.link is not None and measure.link.entity == entity:
                end = request.as_of
                stretches.setdefault(measure.link.when, []).append((period.start, end))
    return [Window(name, *one) for name, several in stretches.items() for one in _joined(several)]


def _joined(stretches: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return half-open stretches as few as they can be: those that touch are one."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(set(stretches)):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def latest_before(
    dataset: Dataset,
    one_slice: Slice,
    measures: Sequence[Measure],
    engine: EngineName = "duckdb",
) -> list[date | datetime | None]:
    """Return the moment of the last record before a slice that each measure of one entity would
    have taken; None where there is none.

    The records before a period are not loaded for it. What files hold is read once more, apart;
    where other lines of them cannot be read, nothing is known of before.
    """
    whole = replace(dataset, connection=dataset.workspace.new_database())
    try:
        whole = _with_all_of(whole, measures[0].entity)
        query = _count_of(whole, one_slice, measures)
        answering = whole.engine(engine)
        asked = [
            RecordQuery(query, measure, one_slice, "before", limit=1, last=True)
            for measure in query.measures
        ]
        return [row.moment for one in asked for row in answering.records(one) or [_NO_RECORD]]
    except (SourceError, EngineError):
        return [None] * len(measures)
    finally:
        whole.close()


def _with_all_of(dataset: Dataset, entity: str) -> Dataset:
    """Load the records of all times of an entity, and what they look up, into an empty database."""
    load_request = replace(dataset.requests[entity], windows=())
    if not dataset.loaded[entity].complete:
        load_request = replace(load_request, owners=frozenset(), ordered=False, currency=None)
    requests = {entity: load_request}
    if entity in dataset.needed.look_ups:
        requests = {**dataset.requests, entity: load_request}
    workspace, connection = dataset.workspace, dataset.connection
    _make_rates(workspace, connection)
    return replace(dataset, loaded=_load_all(workspace, connection, requests, dataset.needed))


def _count_of(dataset: Dataset, one_slice: Slice, measures: Sequence[Measure]) -> Query:
    """Return the question how many records measures would take, in every spelling of theirs."""
    bound = dataset.workspace.bound
    counted = [replace(m, op=Op.COUNT, value=None, link=None) for m in measures]
    wide = spellings.widened(counted, dataset.connection, dataset.tables.names)
    company = bound.company_time
    work = {} if company is None else {m.by: company for m in measures} | {NOBODY: company}
    counted = [wide[measure.name] for measure in counted]
    return Query(measures[0].entity, tuple(counted), (one_slice,), bound.zone, {}, work=work)


_NO_RECORD = RecordRow(None, None, None, {})


# --- the tables as records -------------------------------------------------------------------


def _entities(dataset: Dataset) -> dict[str, list[dict[str, Any]]]:
    """Return all records as mappings from field to value, for the engine in plain Python."""
    tables = dataset.tables
    return {entity: _records(dataset, tables, entity) for entity in tables.names}


def _records(dataset: Dataset, tables: Tables, entity: str) -> list[dict[str, Any]]:
    from kpictl.engines.plain import LINE, PART

    cursor = dataset.connection.execute(f"SELECT * FROM {tables.names[entity]}")
    names = [str(column[0]) for column in cursor.description or ()]
    instants = {n for n, kind in tables.columns[entity].items() if kind is Type.DATETIME}
    called = {"part": PART, "line": LINE}
    found = []
    for row in cursor.fetchall():
        record = {called.get(n, n.removeprefix("f_")): v for n, v in zip(names, row, strict=True)}
        for name in instants & record.keys():
            if isinstance(record[name], datetime):
                record[name] = record[name].replace(tzinfo=UTC)
        found.append(record)
    return found
