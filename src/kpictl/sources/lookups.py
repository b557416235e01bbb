"""Look-ups: fields of an entity that are taken from another one, over a key.

`marketer: {from: campaigns, key: utm_campaign = code, take: owner}`: for each record the campaign
with its code, and of that the owner. One record has one partner at most (n:1): a key that stands
twice is a mistake. Texts that look the same are the same, as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.expressions import Type
from kpictl.expressions.sql import column, instant, name, text
from kpictl.naming import fold
from kpictl.plan.load import suggest
from kpictl.plan.sources import LookUp
from kpictl.sources.schema import LookedUp, Schema

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.plan.document import Document, Path
    from kpictl.plan.model import Plan
    from kpictl.sources.base import LoadedEntity, Window

SHOWN = 5
_ROWS_AT_ONCE = 5000
_WHOLE = 100  # percent

Schemas = Mapping[str, Schema]


# --- the plan's names --------------------------------------------------------------------------


def resolve(
    plan: Plan, document: Document, schemas: Schemas, unopened: Iterable[str] = ()
) -> tuple[dict[str, Schema], list[Problem]]:
    """Return the schemas with the fields that are looked up, and what is wrong with these."""
    resolver = _Resolver(plan, document, dict(schemas), frozenset(unopened))
    for entity, several in resolver.written.items():
        for field_name in several:
            resolver.field(entity, field_name)
    return resolver.schemas, resolver.problems


class _Resolver:
    """Resolves each look-up after those that it is made of."""

    def __init__(
        self, plan: Plan, document: Document, schemas: dict[str, Schema], unopened: frozenset[str]
    ) -> None:
        self.document = document
        self.schemas = schemas
        self.unopened = unopened
        self.problems: list[Problem] = []
        self.written: dict[str, dict[str, tuple[LookUp, Path]]] = {}
        for source, spec in plan.sources.items():
            for entity, several in spec.look_ups().items():
                if entity in schemas or entity not in unopened:
                    path = spec.look_up_path(entity)
                    placed = {n: (one, ("sources", source, *path, n)) for n, one in several.items()}
                    self.written.setdefault(entity, {}).update(placed)
        self._done: set[tuple[str, str]] = set()
        self._under: list[tuple[str, str]] = []

    def problem(self, code: str, path: Path, **data: object) -> None:
        self.problems.append(Problem(code, self.document.place(path), data))

    def field(self, entity: str, field_name: str) -> None:
        """Add a look-up to the schema of its entity, if nothing is wrong with it."""
        spec, path = self.written[entity][field_name]
        this = entity, field_name
        if this in self._done:
            return
        if this in self._under:
            ring = [*self._under[self._under.index(this) :], this]
            shown = " → ".join(f"{e}.{n}" for e, n in ring)
            self.problem("lookup.circle", path, ring=shown)
            return
        self._under.append(this)
        self._resolve(entity, field_name, spec, path)
        self._under.pop()
        self._done.add(this)
        schema = self.schemas.get(entity)
        if schema is not None and field_name not in schema.looked_up:
            # What the plan does with it is not to be complained of again.
            self.schemas[entity] = replace(schema, broken=schema.broken | {field_name})

    def _resolve(self, entity: str, field_name: str, spec: LookUp, path: Path) -> None:
        for one in (entity, spec.entity):
            if one not in self.schemas:
                if one not in self.unopened:
                    known = suggest(one, sorted(self.schemas))
                    self.problem("bind.unknown_entity", (*path, "from"), entity=one, **known)
                return
        own, key = spec.keys
        names = [
            self._name(entity, own, (*path, "key")),
            self._name(spec.entity, key, (*path, "key")),
            self._name(spec.entity, spec.take, (*path, "take")),
        ]
        if None in names:
            return
        own, key, take = (str(one) for one in names)
        schema, other = self.schemas[entity], self.schemas[spec.entity]
        if not self._alike(schema, own, other, key, path):
            return
        taken = other.present[take]
        found = replace(
            taken, name=field_name, codes=(), needs=(), also="", values={}, priced=False
        )
        share = spec.share and self._name(spec.entity, spec.share, (*path, "share"))
        if spec.share is not None and share is None:
            return
        if spec.credit is not None:
            found = replace(found, kind="person")
            schema = replace(schema, credits={**schema.credits, field_name: spec.credit})
        looked_up = LookedUp(spec.entity, own, key, take, spec.credit is not None, share)
        self.schemas[entity] = replace(
            schema,
            present={**schema.present, field_name: replace(found, inherited=False)},
            aliases={**schema.aliases, fold(field_name): field_name},
            looked_up={**schema.looked_up, field_name: looked_up},
            own=schema.own or schema,
        )

    def _name(self, entity: str, given: str, path: Path) -> str | None:
        """Return what a schema calls a field, which may be looked up itself."""
        written = {fold(one): one for one in self.written.get(entity, {})}
        if (further := written.get(fold(given))) is not None:
            self.field(entity, further)
        schema = self.schemas[entity]
        found = schema.field(given)
        if found is not None:
            return found.name
        if further is None and given not in schema.broken:
            known = suggest(given, list(schema.present))
            self.problem("lookup.no_field", path, entity=entity, name=given, **known)
        return None

    def _alike(self, schema: Schema, own: str, other: Schema, key: str, path: Path) -> bool:
        """Say whether two fields can be compared; one without any cell is what the other is."""
        left, right = schema.present[own], other.present[key]
        if left.untyped and not right.untyped:
            left = schema.settle_type(own, right.kind)
        elif right.untyped and not left.untyped:
            right = other.settle_type(key, left.kind)
        if left.type is right.type:
            return True
        kinds = {"name": own, "is": left.kind, "key": key, "other": right.kind}
        self.problem("lookup.types", (*path, "key"), entity=other.entity.name, **kinds)
        return False


# --- the records -------------------------------------------------------------------------------


class Joining(Struct, frozen=True):
    """What look-ups are joined with: where the plan writes each, how a record of an entity is
    placed, and which records of each entity can matter."""

    schemas: Schemas
    place: Callable[[str, str], Place]
    record: Callable[[str, int, int], Place | None]
    windows: Mapping[str, Sequence[Window]]


def join(
    connection: Connection,
    loaded: dict[str, LoadedEntity],
    names: Mapping[str, Sequence[str]],
    joining: Joining,
) -> None:
    """Give loaded entities the fields of these names, in place. SourceError names every key that
    stands twice."""
    work = _Join(connection, loaded, joining)
    for entity, several in names.items():
        for field_name in several:
            work.add(entity, field_name)
    if work.problems:
        raise SourceError(work.problems)


class _Join:
    def __init__(
        self, connection: Connection, loaded: dict[str, LoadedEntity], joining: Joining
    ) -> None:
        self.connection = connection
        self.loaded = loaded
        self.joining = joining
        self.problems: list[Problem] = []
        self._done: set[tuple[str, str]] = set()
        self._keys: dict[tuple[str, str], dict[Any, Any]] = {}

    def add(self, entity: str, field_name: str) -> None:
        if (entity, field_name) in self._done or entity not in self.loaded:
            return
        self._done.add((entity, field_name))
        schemas = self.joining.schemas
        found = schemas[entity].looked_up[field_name]
        if found.own in schemas[entity].looked_up:
            self.add(entity, found.own)
        for one in (found.key, found.take):
            if one in schemas[found.entity].looked_up:
                self.add(found.entity, one)
        if found.entity in self.loaded:
            self._join(entity, field_name, found)

    def _join(self, entity: str, field_name: str, found: LookedUp) -> None:
        keys = self._keys_of(found)
        own, number = self.loaded[entity], len(self._done)
        partners = self._spelt(f"partners_{entity}_{number}", self._partners(entity, found, keys))
        view = name(f"with_{entity}_{number}")
        is_text = self.joining.schemas[entity].present[found.own].type is Type.TEXT
        spelt = f"LEFT JOIN {partners} p ON p.own = s.{column(found.own)}" if is_text else ""
        key = f"coalesce(p.partner, s.{column(found.own)})" if is_text else f"s.{column(found.own)}"
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT s.*, o.taken AS {column(field_name)} "
            f"FROM {own.table} s {spelt} LEFT JOIN ({self._taken(entity, found, keys)}) o "
            f"ON o.key = {key}"
        )
        texts = self._distinct(view, field_name) if found.several else self._texts(found)
        self.loaded[entity] = replace(
            own,
            table=view,
            texts={**own.texts, field_name: texts},
            notes=(*own.notes, *self._without_partner(entity, field_name, found, keys)),
        )

    def _taken(self, entity: str, found: LookedUp, keys: Mapping[Any, Any]) -> str:
        """Return the SELECT of what is taken for each key: of several records all, in their
        order, as a text that names each with the share."""
        other, key, take = self.loaded[found.entity].table, column(found.key), column(found.take)
        if not found.several:
            return (
                f"SELECT {key} AS key, any_value({take}) AS taken FROM {other} "
                f"WHERE {key} IS NOT NULL GROUP BY 1"
            )
        if found.share is not None:
            self._check_shares(entity, found, keys)
        share = "''" if found.share is None else f"coalesce(' ' || {_plain(found.share)}, '')"
        one, join = f"q.{key}", ""
        if self.joining.schemas[found.entity].present[found.key].type is Type.TEXT:
            written = self.connection.execute(f"SELECT DISTINCT {key} FROM {other}").fetchall()
            pairs = [(v, keys[_folded(v)]) for (v,) in written if v is not None]
            unlike = sorted(pair for pair in pairs if pair[0] != pair[1])
            spelt = self._spelt(f"keys_{entity}_{len(self._done)}", unlike)
            one, join = f"coalesce(c.partner, q.{key})", f"LEFT JOIN {spelt} c ON c.own = q.{key}"
        texts = f"string_agg({take} || {share}, '; ' ORDER BY part, line)"
        return (
            f"SELECT {one} AS key, {texts} AS taken FROM {other} q {join} "
            f"WHERE q.{key} IS NOT NULL GROUP BY 1"
        )

    def _check_shares(self, entity: str, found: LookedUp, keys: Mapping[Any, Any]) -> None:
        """See that the shares of each record that matters are 100 together."""
        own = column(found.own)
        mine = self.connection.execute(
            f"SELECT DISTINCT {own} FROM {self.loaded[entity].table} "
            f"WHERE {own} IS NOT NULL AND {self._matters(entity)}"
        ).fetchall()
        wanted = {_folded(value) for (value,) in mine}
        assert found.share is not None  # noqa: S101  asked only where there is one
        rows = self.connection.execute(
            f"SELECT {column(found.key)}, {column(found.share)}, part, line "
            f"FROM {self.loaded[found.entity].table} ORDER BY part, line"
        ).fetchall()
        several: dict[Any, list[tuple[Any, int, int]]] = {}
        for key, share, part, line in rows:
            if key is not None and _folded(key) in wanted:
                several.setdefault(_folded(key), []).append((share, part, line))
        for key, shares in several.items():
            total = sum((share or 0) for share, _, _ in shares)
            if total != _WHOLE or any(not share or share < 0 for share, _, _ in shares):
                at = [self.joining.record(found.entity, part, line) for _, part, line in shares]
                shown = ", ".join(str(place) for place in at[:SHOWN] if place is not None)
                data = {"entity": found.entity, "key": found.key, "value": str(keys[key])[:80]}
                data |= {"total": f"{total.normalize():f}" if total else "0", "lines": shown}
                self.problems.append(Problem("credit.not_whole_of", at[0], data))

    def _spelt(self, called: str, pairs: Sequence[tuple[str, str]]) -> str:
        """Make the table of the texts that stand for a key which is written otherwise."""
        table = name(called)
        columns = "own VARCHAR, partner VARCHAR"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        for at in range(0, len(pairs), _ROWS_AT_ONCE):
            rows = ", ".join(f"({text(a)}, {text(b)})" for a, b in pairs[at : at + _ROWS_AT_ONCE])
            self.connection.execute(f"INSERT INTO {table} VALUES {rows}")
        return table

    def _keys_of(self, found: LookedUp) -> dict[Any, Any]:
        """Return the keys of an entity, folded, each with its text; a second one is a mistake."""
        this = found.entity, found.key
        if this in self._keys:
            return self._keys[this]
        table = self.loaded[found.entity].table
        rows = self.connection.execute(
            f"SELECT {column(found.key)}, part, line FROM {table} "
            f"WHERE {column(found.key)} IS NOT NULL ORDER BY part, line"
        ).fetchall()
        seen: dict[Any, tuple[Any, int, int]] = {}
        again: dict[Any, list[tuple[int, int]]] = {}
        for value, part, line in rows:
            key = _folded(value)
            if key in seen:
                again.setdefault(key, [seen[key][1:]]).append((part, line))
            else:
                seen[key] = value, part, line
        if found.several:
            again = {}
        for key, places in list(again.items())[:SHOWN]:
            self.problems.append(self._twice(found, str(seen[key][0]), places, len(again)))
        self._keys[this] = {key: value for key, (value, _, _) in seen.items()}
        return self._keys[this]

    def _twice(
        self, found: LookedUp, value: str, places: list[tuple[int, int]], count: int
    ) -> Problem:
        known = [(part, line) for part, line in places if line is not None]
        at = [self.joining.record(found.entity, part, line) for part, line in known]
        lines = [str(place) for place in at if place is not None]
        more = " …" * (len(lines) > SHOWN)
        data = {"entity": found.entity, "key": found.key, "value": value[:80], "count": count}
        shown = ", ".join(lines[:SHOWN]) + more
        place = next((one for one in at[1:] if one is not None), None)
        return Problem("lookup.not_unique", place, {**data, "lines": shown or len(places)})

    def _partners(
        self, entity: str, found: LookedUp, keys: Mapping[Any, Any]
    ) -> list[tuple[str, str]]:
        """Return the texts that stand for a key that is written otherwise."""
        if self.joining.schemas[entity].present[found.own].type is not Type.TEXT:
            return []
        own = column(found.own)
        rows = self.connection.execute(
            f"SELECT DISTINCT {own} FROM {self.loaded[entity].table} WHERE {own} IS NOT NULL"
        ).fetchall()
        pairs = ((value, keys.get(_folded(value))) for (value,) in rows)
        return sorted((value, key) for value, key in pairs if key is not None and key != value)

    def _texts(self, found: LookedUp) -> tuple[str, ...]:
        return self._distinct(self.loaded[found.entity].table, found.take)

    def _distinct(self, table: str, field_name: str) -> tuple[str, ...]:
        taken = column(field_name)
        rows = self.connection.execute(
            f"SELECT DISTINCT CAST({taken} AS VARCHAR) FROM {table} WHERE {taken} IS NOT NULL"
        ).fetchall()
        return tuple(sorted(str(value) for (value,) in rows))

    def _without_partner(
        self, entity: str, field_name: str, found: LookedUp, keys: Mapping[Any, Any]
    ) -> list[Problem]:
        """Say how many records that matter have a key which nothing has, and which keys these
        are."""
        own = column(found.own)
        rows = self.connection.execute(
            f"SELECT {own}, count(*) FROM {self.loaded[entity].table} "
            f"WHERE {own} IS NOT NULL AND {self._matters(entity)} GROUP BY 1"
        ).fetchall()
        lacking: Counter[str] = Counter()
        for value, count in rows:
            if _folded(value) not in keys:
                lacking[str(value)] += count
        if not lacking:
            return []
        first = sorted(lacking.items(), key=lambda one: (-one[1], one[0]))
        shown = ", ".join(f"«{value[:60]}» ({count})" for value, count in first[:SHOWN])
        data = {
            "entity": entity,
            "field": field_name,
            "other": found.entity,
            "key": found.key,
            "count": sum(lacking.values()),
            "keys": shown + " …" * (len(first) > SHOWN),
        }
        place = self.joining.place(entity, field_name)
        return [Problem("lookup.no_partner", place, data, "warning")]

    def _matters(self, entity: str) -> str:
        """Return the condition that a record lies in the windows, as far as they go by a field of
        its own."""
        tests, present = [], self.joining.schemas[entity].present
        for window in self.joining.windows.get(entity, ()):
            if window.field in self.joining.schemas[entity].looked_up:
                return "TRUE"
            day = present[window.field].type is Type.DATE
            start, end = (_bound(moment, day=day) for moment in (window.start, window.end))
            last = "<=" if day and window.end.timetz().replace(tzinfo=None) != _MIDNIGHT else "<"
            moment = column(window.field)
            tests.append(f"({moment} >= {start} AND {moment} {last} {end})")
        return f"({' OR '.join(tests)})" if tests else "TRUE"


_MIDNIGHT = datetime.min.time()


def _bound(moment: datetime, *, day: bool) -> str:
    if day:
        return f"DATE '{moment:%Y-%m-%d}'"
    return instant(moment)


def _plain(field_name: str) -> str:
    """Return the SQL of a number as it is written, without zeros at its end."""
    number = f"CAST({column(field_name)} AS VARCHAR)"
    return f"rtrim(rtrim({number}, '0'), '.')"


def _folded(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value
