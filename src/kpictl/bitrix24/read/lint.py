"""What a plan says that its portal cannot give: told before anything is computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.bitrix24.read import checking
from kpictl.bitrix24.read.job import PortalLoad
from kpictl.bitrix24.read.reader import PortalReader
from kpictl.bitrix24.read.schema import entity_of, stored_fields
from kpictl.errors import Problem
from kpictl.expressions import Literal, Node, Operation, Ref
from kpictl.naming import fold, look
from kpictl.people.staff import Directory
from kpictl.plan.load import suggest
from kpictl.plan.reads import fields_needed
from kpictl.sources import derive
from kpictl.sources.base import LoadRequest

if TYPE_CHECKING:
    from kpictl.bitrix24.read.cell_sql import Words
    from kpictl.database import Connection
    from kpictl.people.staff import Staff
    from kpictl.plan.bound import Bound
    from kpictl.sources.base import SourceReader

_EQUAL = ("=", "<>", "in")
_LIKE = ("like", "ilike")
_DEPARTMENTS = ("department", "departments")


class LintContext(Struct, frozen=True):
    """A bound plan, the readers of its entities, and who is known."""

    bound: Bound
    connection: Connection
    readers: Mapping[str, SourceReader]
    staff: Staff

    def reader(self, entity: str) -> PortalReader | None:
        """Return the reader of an entity of a portal; None for one of files."""
        found = self.readers.get(entity)
        return found if isinstance(found, PortalReader) else None


def never(asked: LintContext) -> Iterator[Problem]:
    """Yield what nothing can be found by: names where numbers stand, values that no list has."""
    closed: dict[tuple[str, str], _Closed | None] = {}
    for kpi, entity, found in _comparisons(asked.bound):
        place = asked.bound.place(("kpis", kpi), key=True)
        yield from (replace(p, place=place) for p in _name_for_number(asked, entity, found))
        if found.op in _EQUAL:
            key = (entity, found.field)
            if key not in closed:
                closed[key] = _closed(asked, *key)
            yield from (replace(p, place=place) for p in _unknown(found, closed[key]))
    yield from _unknown_departments(asked)


# --- what is not in the store ------------------------------------------------------------------


def missing(asked: LintContext, told: Collection[str]) -> Iterator[Problem]:
    """Yield what computing would stop at, at the first KPI that needs it; not the entities that
    were `told` of."""
    measures = [m for found in asked.bound.measures.values() for m in found]
    for entity, fields in fields_needed(measures, asked.bound.schemas).items():
        reader = asked.reader(entity)
        if reader is None or entity in told:
            continue
        jobs = [PortalLoad(asked.connection, reader, entity, LoadRequest(fields))]
        if jobs[0].parent in reader.store.marks:
            jobs.append(
                PortalLoad(
                    asked.connection, reader, str(jobs[0].parent), LoadRequest(jobs[0].inherited)
                )
            )
        place = asked.bound.place(("kpis", _first(asked.bound, jobs[0])), key=True)
        for job in jobs:
            for problem in checking.lacking(job):
                if problem.data["entity"] not in told or "fields" in problem.data:
                    yield replace(problem, place=place, level="warning")


def _first(bound: Bound, job: PortalLoad) -> str:
    """Return the first KPI that reads a field which is not there, else the first that reads the
    entity."""
    lacking = set(checking.lacking_fields(job))
    readers = []
    for kpi, measures in bound.measures.items():
        fields = fields_needed(measures, bound.schemas).get(job.entity)
        if fields is not None:
            readers.append(kpi)
            if not lacking.isdisjoint(derive.stored_fields(job.schema, fields)):
                return kpi
    return readers[0]


# --- what is compared with what ----------------------------------------------------------------


class _Comparison(Struct, frozen=True):
    op: str
    field: str
    text: str


def _comparisons(bound: Bound) -> Iterator[tuple[str, str, _Comparison]]:
    """Yield what KPIs compare: KPI, entity, comparison."""
    for kpi, measures in bound.measures.items():
        for measure in measures:
            asked = [(measure.entity, measure.where), (measure.entity, measure.value)]
            if measure.link is not None:
                asked.append((measure.link.entity, measure.link.where))
            for entity, expression in asked:
                if expression is not None:
                    yield from ((kpi, entity, found) for found in _compared(expression.tree))


def _compared(node: Node) -> Iterator[_Comparison]:
    """Yield the fields that a tree holds against texts, each with its text."""
    if not isinstance(node, Operation):
        return
    if node.op in (*_EQUAL, *_LIKE):
        names = [arg.name for arg in node.args if isinstance(arg, Ref)]
        texts = [arg.value for arg in node.args if isinstance(arg, Literal)]
        yield from (_Comparison(node.op, n, t) for n in names for t in texts if isinstance(t, str))
    for arg in node.args:
        yield from _compared(arg)


def _name_for_number(asked: LintContext, entity: str, found: _Comparison) -> Iterator[Problem]:
    """A portal's person fields hold numbers of users: next to a name they are never equal, which
    would change a figure without a word."""
    if entity not in asked.staff.accounts or found.text.isdecimal():
        return
    if asked.bound.schemas[entity].present[found.field].kind != "person":
        return
    people = Directory(asked.staff.people or ()).search(found.text)
    number = people[0].id if len(people) == 1 else "12"
    data = {"field": found.field, "name": found.text, "id": number}
    yield Problem("portal.name_for_number", None, data)


# --- values that a list of the portal does not have --------------------------------------------


class _Closed(Struct, frozen=True):
    """A field whose values the portal lists: what it is called, and the words for the codes."""

    called: str
    words: Words
    several: bool = False


def _closed(asked: LintContext, entity: str, field: str) -> _Closed | None:
    """Return what a field may hold; None where it may hold anything, or nobody knows."""
    reader = asked.reader(entity)
    described = asked.bound.schemas[entity].present[field]
    if reader is not None and described.inherited:
        entity = str(asked.bound.schemas[entity].entity.parent)
    if reader is None:
        return None
    called = described.captions[0] if field.startswith("uf_") else field
    if field == "stage":
        words = {code: status.caption for code, status in reader.directories.stages(entity).items()}
        return _Closed(called, words) if words else None
    stored = stored_fields(entity_of(entity), reader.store.descriptions(entity)).get(field)
    words = {} if stored is None else dict(reader.directories.words(entity, stored))
    return _Closed(called, words, stored.multiple) if stored is not None and words else None


def _unknown(found: _Comparison, closed: _Closed | None) -> Iterator[Problem]:
    """A mistyped value is equal to nothing; one of several is not equal to all of them together."""
    if closed is None:
        return
    known = frozenset(look(word) for word in closed.words.values())
    text = look(found.text)
    parts = text.split(", ") if closed.several and text not in known else [text]
    data = {"field": closed.called, "value": text}
    if not known.issuperset(parts):
        if text.isdecimal() and text not in closed.words:
            return  # a code that has no word stands for itself
        near = {"near": closed.words[text]} if text in closed.words else {}
        data |= suggest(text, sorted(known)) | near
        yield Problem("portal.no_value", None, data, "warning")
    elif closed.several:
        data["name"] = found.field
        yield Problem("portal.one_of_several", None, data, "warning")


def _unknown_departments(asked: LintContext) -> Iterator[Problem]:
    """Hold what `who` says of departments against those that the portals have."""
    if not asked.staff.by_accounts:
        return
    called = set(_departments(asked.readers.values()))
    alike = {fold(name): name for name in sorted(called)}
    for card, expression in asked.bound.who.items():
        for found in () if expression is None or not called else _compared(expression.tree):
            if found.field in _DEPARTMENTS and found.op in _EQUAL:
                words = {name: name for name in called}
                found = replace(found, text=alike.get(fold(found.text), found.text))  # noqa: PLW2901
                closed = _Closed(found.field, words, found.field == "departments")
                place = asked.bound.place(("scorecards", card, "who"))
                yield from (replace(p, place=place) for p in _unknown(found, closed))


def _departments(readers: Iterable[SourceReader]) -> Iterator[str]:
    stores = {r.store.source: r.store for r in readers if isinstance(r, PortalReader)}
    for store in stores.values():
        for row in store.records("departments"):
            yield str(row.get("NAME") or "").strip()
