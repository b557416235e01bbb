"""What the fields of an entity hold: how full each is, and what stands in it most often.

Read through the source's own reader, so that a value stands here as conditions of a plan see it.
What is personal (telephones, addresses, comments) is counted and never shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app.workspace import Workspace, open_workspace
from kpictl.catalog import Field
from kpictl.errors import UsageError, rejection
from kpictl.expressions import Type
from kpictl.expressions.sql import column, name
from kpictl.people.staff import Person
from kpictl.plan.load import suggest
from kpictl.sources import source_of
from kpictl.sources.base import LoadRequest, SourceReader
from kpictl.values import to_decimal

COMMON = 5  # values shown of a field
LONGEST = 60  # characters of a value
FEW = 12  # different numbers or days up to which they are listed, not given as a range
RARE = 50  # one cell in so many: where even the commonest value is rarer, none is named
EMPLOYEES = "employees"
EMPTY = "empty"
"""The kind of a column of a file that nobody has declared and in which nothing stands."""

Holds = Literal["values", "range", "different", "private", "nothing"]


class Value(Struct, frozen=True):
    """A value as conditions see it, and in how many percent of the filled cells it stands."""

    text: str
    share: Decimal


class FieldProfile(Struct, frozen=True):
    """A field and what it holds. `filled` is in percent of the records; None when it was not
    pulled. `values` are the commonest, or for `holds` range the least and the greatest; where there
    are too many to name any, `different` is how many."""

    name: str
    code: str
    kind: str
    caption: str
    derived: bool = False
    filled: Decimal | None = None
    holds: Holds = "nothing"
    values: tuple[Value, ...] = ()
    different: int = 0


class EntityProfile(Struct, frozen=True):
    """The fields of an entity of a source, and how many records it has."""

    entity: str
    source: str
    records: int
    fields: tuple[FieldProfile, ...]


def contents(
    plan: str, environment: Mapping[str, str], entity: str, source: str | None = None
) -> EntityProfile:
    """Look into an entity. UsageError when there is none of that name, SourceError when its source
    cannot be opened or read, PlanRejected when the plan says of it what cannot be."""
    with open_workspace(plan, environment) as workspace:
        if entity == EMPLOYEES and workspace.employees is not None:
            if not workspace.employees and workspace.errors:  # their file cannot be opened
                raise rejection(workspace.errors, workspace.bound.loaded.document.file)
            return _of_people(workspace.employees)
        reader = workspace.readers.get(entity)
        if reader is None or source not in (None, reader.schemas[entity].source):
            raise _unknown(workspace, entity, source)
        return _Look(workspace, reader, entity).contents()


def _unknown(workspace: Workspace, entity: str, source: str | None) -> Exception:
    plan = workspace.bound.plan
    if source is not None and source not in plan.sources:
        return UsageError("fields.no_source", name=source, **suggest(source, [*plan.sources]))
    if any(
        source in (None, key) and entity in source_of(spec.type).describe(spec)
        for key, spec in plan.sources.items()
    ):
        return UsageError("fields.not_pulled", entity=entity)
    declared = {e for spec in plan.sources.values() for e in spec.entities()}
    if entity in declared and entity not in workspace.readers and workspace.errors:
        return rejection(workspace.errors, workspace.bound.loaded.document.file)
    known = [
        e for e, r in workspace.readers.items() if source in (None, r.schemas[e].source)
    ]  # fmt: skip
    if workspace.employees is not None:
        known.append(EMPLOYEES)
    return UsageError("fields.no_entity", entity=entity, **suggest(entity, sorted(known)))


class _Look:
    """One look into an entity."""

    def __init__(self, workspace: Workspace, reader: SourceReader, entity: str) -> None:
        self.workspace, self.reader, self.entity = workspace, reader, entity
        self.connection = workspace.connection
        self.schema = reader.schemas[entity]
        self.table = ""
        self.loaded: frozenset[str] = frozenset()

    def contents(self) -> EntityProfile:
        readable = (f for f in self._shown() if self.reader.readable(self.entity, f))
        self.loaded = frozenset(f.name for f in readable)
        records = 0
        if self.reader.holds(self.entity):
            reader = self.reader.lenient(self.entity)
            loaded = reader.load(self.connection, self.entity, LoadRequest(self.loaded))
            self.table = name("contents")
            self.connection.execute(f"CREATE TEMP TABLE {self.table} AS FROM {loaded.table}")
            records = self._one(f"SELECT count(*) FROM {self.table}")
        kinds = self._kinds()
        fields = tuple(self._content(f, records, kinds) for f in self._shown())
        return EntityProfile(self.entity, self.schema.source, records, fields)

    def _shown(self) -> Iterable[Field]:
        return (f for f in self.schema.present.values() if not f.inherited)

    def _kinds(self) -> Mapping[str, str]:
        """Return how fields look of whose type nobody says anything."""
        found = self.reader.guessed(self.connection, self.entity)
        return {field: kind or EMPTY for field, kind in found.items()}

    def _content(self, field: Field, records: int, kinds: Mapping[str, str]) -> FieldProfile:
        code = self.reader.code(field)
        caption = field.captions[0] if field.captions and not field.derived else ""
        kind = kinds.get(field.name, field.kind)
        content = FieldProfile(field.name, code, kind, caption, field.derived)
        if field.name not in self.loaded:
            return content
        filled = self._one(f"SELECT count({column(field.name)}) FROM {self.table}")
        content = replace(content, filled=_percent(filled, records))
        if not filled:
            return content
        if is_private(self.entity, field):
            return replace(content, holds="private")
        return self._values(field, content, filled)

    def _values(self, field: Field, content: FieldProfile, filled: int) -> FieldProfile:
        cell = column(field.name)
        different = self._one(f"SELECT count(DISTINCT {cell}) FROM {self.table}")
        content = replace(content, different=different)
        ordered = field.type in (Type.NUMBER, Type.DATE, Type.DATETIME)
        if ordered and different > FEW:
            ((least, most),) = self._rows(f"SELECT min({cell}), max({cell}) FROM {self.table}")
            ends = tuple(Value(self._text(field, v), Decimal(0)) for v in (least, most))
            return replace(content, holds="range", values=ends)
        rows = self._rows(
            f"SELECT {cell}, count(*) FROM {self.table} WHERE {cell} IS NOT NULL "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {COMMON}"
        )
        if different > FEW and rows[0][1] * RARE <= max(filled, RARE):
            return replace(content, holds="different")
        if any(isinstance(value, str) and _CONTACT.search(value) for value, _ in rows):
            return replace(content, holds="private")
        values = tuple(Value(self._text(field, v), _percent(n, filled)) for v, n in rows)
        return replace(content, holds="values", values=values)

    def _text(self, field: Field, value: Any) -> str:
        accounts = self.workspace.staff.accounts.get(self.entity)
        if field.kind == "person" and accounts is not None:
            value = accounts.names.get(str(value), value)
        match value:
            case bool():
                text = "true" if value else "false"
            case Decimal():
                text = f"{to_decimal(value, 10):f}"
            case datetime():
                zone = ZoneInfo(self.workspace.bound.plan.company.timezone)
                local = value.replace(tzinfo=UTC).astimezone(zone)  # instants lie there in UTC
                text = f"{local:%Y-%m-%d %H:%M}"
            case date():
                text = value.isoformat()
            case _:
                text = str(value)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def _one(self, query: str) -> int:
        return int(self._rows(query)[0][0])

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


# --- what is nobody's business ------------------------------------------------------------------

_PRIVATE = re.compile(
    r"phone|\bfm\b|mail|messenger|skype|telegram|whatsapp|\bim\b|\bweb\b|address|comment|passport|birth"
    r"|\bsecret|password|телефон|почт|мессенджер|адрес|комментар|паспорт|рожден|снилс|\bинн\b"
    r"|пароль|реквизит",
    re.IGNORECASE,
)
_NAMES = frozenset({"name", "last_name", "second_name", "full_name"})
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.\w{2,}|\+?\d[\s()-]*(?:\d[\s()-]*){9,13}$")


def is_private(entity: str, field: Field) -> bool:
    """Say whether a field holds what is nobody's business here, by all that it is called."""
    called = (
        field.name.replace("_", " "),
        *field.captions,
        *(c.replace("_", " ") for c in field.codes),
    )
    if entity in ("contacts", "leads", "users") and field.name in _NAMES:
        return True
    if entity == "contacts" and field.name == "title":
        return True
    return field.type is Type.TEXT and any(_PRIVATE.search(text) for text in called)


def _percent(part: int, whole: int) -> Decimal:
    return to_decimal(Decimal(part * 100) / Decimal(whole), 1) if whole else Decimal(0)


# --- employees ----------------------------------------------------------------------------------

_ATTRIBUTES = ("id", "name", "email", "department", "position", "active", "hired", "left", "salary")
_SHOWN = frozenset({"department", "position", "active", "departments", "head"})
_KINDS = {"active": "bool", "hired": "date", "left": "date", "salary": "money", "id": "id"}


def _of_people(people: Sequence[Person]) -> EntityProfile:
    """Look into the list of employees: what `who` may ask for."""
    names = [*_ATTRIBUTES, *sorted({key for person in people for key in person.more})]
    fields = []
    for attribute in names:
        cells = [p.more.get(attribute, getattr(p, attribute, None)) for p in people]
        kept = [_said(cell) for cell in cells if cell is not None]
        kind = _KINDS.get(attribute, "text" if kept else EMPTY)
        content = FieldProfile(attribute, "", kind, "", filled=_percent(len(kept), len(people)))
        if kept and attribute in _SHOWN:
            common = Counter(kept).most_common(COMMON)
            values = tuple(Value(text, _percent(n, len(kept))) for text, n in common)
            content = replace(content, holds="values", values=values)
        elif kept:
            content = replace(content, holds="private")
        fields.append(content)
    return EntityProfile(EMPLOYEES, "", len(people), tuple(fields))


def _said(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)[:LONGEST]
