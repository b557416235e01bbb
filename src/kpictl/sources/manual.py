"""Values that people type, as records of an entity: one for each KPI of the kind `manual`.

Which value holds depends on the moment of the report: what was typed after it is not there yet. So
a closed period stays what it was, also where a value is corrected later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.catalog import Entity, Field
from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions.sql import NUMBER, column, name
from kpictl.kinds.manual import AHEAD, LATE, PERIOD, REPLACED, VALUE, entity_of, typed
from kpictl.naming import fold
from kpictl.people.staff import Directory, Staff
from kpictl.sources.base import LoadedEntity, LoadRequest, OpenedSource, SourceReader
from kpictl.sources.manual_files import Files
from kpictl.sources.manual_lines import Entry, Lines, TypedKpi, read
from kpictl.sources.schema import Schema

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.plan.load import LoadedPlan
    from kpictl.plan.model import Plan

EMPLOYEE, AUTHOR, TYPED, REASON = "employee", "author", "typed", "reason"
_FIELDS = (
    Field(EMPLOYEE, "person"),
    Field(PERIOD, "month"),
    Field(VALUE, "number"),
    Field(AUTHOR, "person"),
    Field(TYPED, "date"),
    Field(REASON, "text"),
    Field(REPLACED, "bool"),
    Field(LATE, "bool"),
    Field(AHEAD, "bool"),
)
_TYPES = {"number": NUMBER, "month": "DATE", "date": "DATE", "bool": "BOOLEAN"}
_SHOWN = 5


# --- opening -------------------------------------------------------------------------------------


def opened(
    plan: Plan, loaded: LoadedPlan, scratch: Path, staff: Staff
) -> tuple[OpenedSource, Mapping[str, ManualReader]]:
    """Open the files of all KPIs whose values people type, and return their readers by KPI, too;
    what cannot be opened is said at the plan's `manual`."""
    kinds = typed(plan.kpis)
    files = Files(plan, loaded, scratch, kinds)
    directory, zone = Directory(staff.people or ()), ZoneInfo(plan.company.timezone)
    readers: dict[str, ManualReader] = {}
    for kpi, kind in kinds.items():
        if kpi not in files.unopened:
            tables = [table for key in files.of[kpi] for table in files.tables(key)]
            asked = TypedKpi(kpi, kind.label or kpi, kind, directory)
            captions = {n: t.sheet.file.header[c] for t in tables for n, c in t.columns.items()}
            readers[kpi] = ManualReader(asked, read(tables, asked), zone, captions)
    absent = frozenset(map(entity_of, files.unopened))
    entities: dict[str, SourceReader] = {entity_of(kpi): one for kpi, one in readers.items()}
    return OpenedSource(entities, tuple(files.problems), absent), readers


# --- reading -------------------------------------------------------------------------------------


class ManualReader:
    """The typed values of one KPI."""

    is_of_files = True

    def __init__(
        self, asked: TypedKpi, lines: Lines, zone: ZoneInfo, captions: Mapping[str, str]
    ) -> None:
        self.asked, self.lines, self.zone = asked, lines, zone
        self.name = entity_of(asked.kpi)
        present = {
            one.name: replace(one, captions=(captions[one.name],)) if one.name in captions else one
            for one in _FIELDS
        }
        aliases = {fold(one): one for one in present}
        entity = Entity(self.name, present, owner=EMPLOYEE)
        told = {f"not {reason}": reason for reason in (REPLACED, LATE, AHEAD)}
        self._schema = Schema(entity, "", present, aliases=aliases, told=told)

    @property
    def schemas(self) -> Mapping[str, Schema]:
        return {self.name: self._schema}

    def load(self, connection: Connection, entity: str, request: LoadRequest) -> LoadedEntity:
        matters = _Matters(request, self.zone)
        wrong = [m.problem for m in self.lines.mistakes if m.days is None or matters.has(m.days)]
        if wrong:
            raise SourceError(wrong)
        judged = self._judged(matters.today)
        table = name(f"entity_{entity}")
        typed = [(column(f.name), _TYPES.get(f.kind, "VARCHAR")) for f in _FIELDS]
        columns = [("part", "BIGINT"), ("line", "BIGINT"), *typed]
        cast = ", ".join(f"CAST({called} AS {kind}) AS {called}" for called, kind in columns)
        lists = ", ".join(f"unnest(CAST(? AS VARCHAR[])) AS {called}" for called, _ in columns)
        cells = [list(texts) for texts in zip(*map(_row, judged), strict=True)]
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {cast} FROM (SELECT {lists})",
            cells or [[]] * len(columns),
        )
        texts = {EMPLOYEE: tuple(sorted({one.entry.employee for one in judged}))}
        notes = [*self.lines.remarks, *self._late(judged, matters)]
        days = [one.entry.typed or one.entry.first for one in judged if not one.ahead]
        latest = datetime.combine(max(days), time.min, self.zone) if days else None
        return LoadedEntity(entity, table, latest, texts, tuple(notes))

    def _judged(self, today: date | None) -> list[_Judged]:
        """Return each value with what keeps it from holding; of those that nothing else does the
        last one holds."""
        due, ignored = self.asked.kind.due, self.asked.kind.late == "ignore"
        found, last = [], dict[tuple[str, date], Entry]()
        for entry in self.lines.entries:
            ahead = today is not None and entry.typed is not None and entry.typed > today
            late = (
                due is not None
                and entry.typed is not None
                and entry.typed >= entry.after + timedelta(days=due)
            )
            found.append(_Judged(entry, late, ignored, ahead))
            if not ahead and not (late and ignored):
                before = last.setdefault(entry.cell, entry)
                last[entry.cell] = max(before, entry, key=lambda one: one.turn)
        return [
            replace(one, replaced=one.may_hold and last[one.entry.cell] is not one.entry)
            for one in found
        ]

    def _late(self, judged: Sequence[_Judged], matters: _Matters) -> Iterator[Problem]:
        """Say which values of the periods that are asked for came late: those that hold, or that
        were left out for it."""
        ignored = self.asked.kind.late == "ignore"
        late = [
            one.entry
            for one in judged
            if one.late and not one.ahead and not one.replaced
            if matters.has((one.entry.first, one.entry.after))
        ]
        if late:
            shown = ", ".join(str(entry.place) for entry in late[:_SHOWN])
            data = {"kpi": self.asked.label, "count": len(late), "due": self.asked.kind.due,
                    "entity": self.name, "places": shown}  # fmt: skip
            code = "manual.late_ignored" if ignored else "manual.late"
            yield Problem(code, late[0].place, data, "warning")

    def holding(self, today: date) -> frozenset[tuple[str, date]]:
        """Return of whom (see `key`) and of which period, by its first day, a value holds."""
        return frozenset(one.entry.cell for one in self._judged(today) if one.may_hold)

    def key(self, person: str) -> str:
        """Return what a listed person, by id, is called in `holding`."""
        return self.asked.key(person)

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        del entity
        named = (e for e in self.lines.entries if field_name == EMPLOYEE and e.employee == text)
        return next((entry.employee_place for entry in named), None)

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        del entity, part
        return self.lines.entries[line].place

    def closer(self, problem: Problem) -> Problem:
        return problem

    def holds(self, entity: str) -> bool:
        return entity == self.name

    def readable(self, entity: str, field: Field) -> bool:
        del field
        return self.holds(entity)

    def guessed(self, connection: Connection, entity: str) -> Mapping[str, str]:
        del connection, entity
        return {}

    def code(self, field: Field) -> str:
        del field
        return ""

    def lenient(self, entity: str) -> ManualReader:
        del entity
        whole = Lines(self.lines.entries, [], self.lines.remarks)
        captions = {f.name: f.captions[0] for f in self._schema.present.values() if f.captions}
        return ManualReader(self.asked, whole, self.zone, captions)


class _Matters:
    """What of the values can matter to whoever asks: of which periods, and up to which day."""

    def __init__(self, request: LoadRequest, zone: ZoneInfo) -> None:
        instant = timedelta(microseconds=1)
        self.today = None
        if request.as_of is not None:
            self.today = (request.as_of - instant).astimezone(zone).date()
        self.stretches = [
            (w.start.astimezone(zone).date(), (w.end - instant).astimezone(zone).date())
            for w in request.windows
        ]

    def has(self, days: tuple[date, date]) -> bool:
        """Say whether days, half-open, touch a period that is asked for."""
        first, after = days
        touched = (start < after and first <= last for start, last in self.stretches)
        return not self.stretches or any(touched)


class _Judged(Struct, frozen=True):
    """A value, and why it may not hold. A late one does where late ones are not `ignored`."""

    entry: Entry
    late: bool
    ignored: bool
    ahead: bool
    replaced: bool = False

    @property
    def may_hold(self) -> bool:
        return not self.ahead and not (self.late and self.ignored)


def _row(one: _Judged) -> tuple[str | None, ...]:
    """Return the texts of a record's columns: part, line, and the fields in their order."""
    entry = one.entry
    return (
        *("0", str(entry.number), entry.employee, str(entry.first), f"{entry.value:f}"),
        *(entry.author or None, None if entry.typed is None else str(entry.typed)),
        *(entry.reason or None, str(one.replaced)),
        *(str(one.late and one.ignored and not one.ahead), str(one.ahead)),
    )
