"""A plan next to its sources: every name resolved, every expression checked, or all the mistakes.

What is checked between sections (weights, references, who can be scored) is one function each,
listed in `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

import kpictl.catalog as catalogue
from kpictl.calendar import UnknownYear, WorkCalendar
from kpictl.calendar.days import DayBook
from kpictl.calendar.timeline import Timeline, WorkTime
from kpictl.errors import Problem
from kpictl.expressions import (
    Expression,
    ExpressionError,
    Literal,
    Node,
    Operation,
    Type,
    operations,
    parse,
    refs,
)
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.functions import OF_PEOPLE, WORKING
from kpictl.expressions.money import AMOUNT
from kpictl.measure.query import NOBODY, Measure
from kpictl.naming import fold, slug
from kpictl.plan import calendar, typing
from kpictl.plan.bound import Bound, KpiNames
from kpictl.plan.checks import CHECKS
from kpictl.plan.document import Path
from kpictl.plan.load import LoadedPlan, dotted, suggest
from kpictl.plan.model import Plan
from kpictl.plan.pay import ReleaseBy
from kpictl.sources.schema import Schema

_NONE = "none"  # `by: none`

WHO_FIELDS: Mapping[str, Type] = {
    "id": Type.TEXT,
    "name": Type.TEXT,
    "email": Type.TEXT,
    "department": Type.TEXT,
    "position": Type.TEXT,
    "active": Type.BOOL,
    "hired": Type.DATE,
    "left": Type.DATE,
    "salary": Type.NUMBER,
    "head": Type.TEXT,
    "fte": Type.NUMBER,
    "is_head": Type.BOOL,
}


class PlanBinder:
    """Resolves what KPIs say against the schemas; collects what cannot be resolved."""

    def __init__(
        self,
        loaded: LoadedPlan,
        plan: Plan,
        schemas: Mapping[str, Schema],
        book: DayBook | None = None,
    ) -> None:
        self.loaded = loaded
        self.plan = plan
        self.schemas = schemas
        self.zone = ZoneInfo(plan.company.timezone)
        self.calendar: WorkCalendar | None = None
        if plan.calendar is not None:
            days = book or calendar.day_book(plan.calendar)
            self.calendar = calendar.work_calendar(plan.calendar, self.zone, days)
        self.problems: list[Problem] = []
        self.unopened: set[str] = set()
        self.complained: set[Path] = set()

    def problem(self, code: str, path: Path, **data: object) -> None:
        place = self.loaded.document.place(path)
        found = Problem(code, place, {"path": dotted(path), **data})
        if found not in self.problems:
            self.problems.append(found)

    def schema(self, entity: str, path: Path) -> Schema | None:
        if entity in self.schemas:
            return self.schemas[entity]
        if entity in self.unopened:
            return None  # its own problem is already listed
        if path in self.complained:
            return None
        self.complained.add(path)
        given = sorted(self.schemas)
        code = "bind.unknown_entity"
        self.problem(code, path, entity=entity, **suggest(entity, given))
        return None

    def expression(
        self, entity: str, text: str, path: Path, expect: Iterable[Type]
    ) -> Expression | None:
        schema = self.schema(entity, (*path[:-1], "from"))
        if schema is None:
            return None
        found, errors = typing.parse_over(schema, text, zone=self.zone, expect=expect)
        for error in errors:
            self.mistake(error, path, text, schema)
        if found is not None and not any(refs(found.tree)):
            # `average: 2024-05-01` is 2024 − 5 − 1 for every record: never what was meant.
            self.problem("expr.no_field", path, text=text, entity=schema.entity.name)
            return None
        return found if self.has_calendar(found, path) else None

    def has_calendar(self, found: Expression | None, path: Path) -> bool:
        """Say whether it is known when people work, if an expression asks for it."""
        if found is None or self.calendar is not None:
            return True
        asked = next((one.op for one in operations(found.tree) if one.op in WORKING), None)
        if asked is not None:
            offset = max(found.text.casefold().find(asked), 0)
            error = ExpressionError("expr.no_calendar", {"name": asked}, offset)
            self.mistake(error, path, found.text, None)
        return asked is None

    def formula(self, text: str, path: Path) -> Expression | None:
        found, errors = parse(text, KpiNames(self.plan), zone=self.zone, expect={Type.NUMBER})
        for error in errors:
            self.mistake(error, path, text, None)
        if found is None or not self.has_calendar(found, path):
            return None
        return replace(found, tree=self.folded(found.tree, path))

    def folded(self, node: Node, path: Path) -> Node:
        """Return the tree of a formula with what is made of written moments, in the company's zone,
        as a number: over KPIs there are no others."""
        if not isinstance(node, Operation):
            return node
        if node.op in WORKING and self.calendar is not None:
            timeline = Timeline.of(self.calendar.schedule)
            days = [
                timeline.day_of(arg.value)
                for arg in node.args
                if isinstance(arg, Literal) and isinstance(arg.value, date)
            ]
            unknown = timeline.first_unknown(days[0], days[-1]) if days else None
            if unknown is not None:
                error = UnknownYear(unknown.year, timeline.country(unknown))
                found = calendar.unknown_year(error, self.loaded.document.place(path))
                self.problems += [] if found in self.problems else [found]
            return Literal(
                evaluate(node, {}, Context(self.zone, work=WorkTime(timeline))), node.type
            )
        node = replace(node, args=tuple(self.folded(arg, path) for arg in node.args))
        if not any(isinstance(arg, Literal) and isinstance(arg.value, date) for arg in node.args):
            return node
        value = evaluate(node, {}, Context(self.zone))
        return node if value is None else Literal(value, node.type)

    def mistake(self, error: ExpressionError, path: Path, text: str, schema: Schema | None) -> None:
        if schema is not None and error.data.get("name") in schema.broken:
            return
        code, data = error.code, dict(error.data)
        if code == "expr.unknown_name" and schema is not None:
            lacking = schema.lacks(str(data["name"]))
            data |= {"entity": schema.entity.name}
            if lacking is not None:
                code = "bind.absent_field"
                data |= {
                    "captions": " / ".join(_columns_of(lacking, schema, self.plan.company.language))
                }
        elif code == "expr.unknown_name":
            code = "expr.unknown_kpi"
        elif schema is not None and "field" in data:
            data |= {"entity": schema.entity.name}
        place = self.loaded.document.place_within(path, text, error.offset)
        problem = Problem(code, place, {"path": dotted(path), "text": text, **data})
        if problem not in self.problems:
            self.problems.append(problem)

    def settle_moment(self, entity: str, name: str, path: Path) -> str | None:
        """Return the field that dates the records of an entity; None where there is no such date,
        which is a problem at `path`.

        A column without any cell to show its type becomes one of dates, in the entity's schema
        itself (`Schema.settle_type`): what is bound later must take it for a date, too, and a
        reader that holds the same schema loads it as one. No value can be read wrongly by that,
        since the column has none.
        """
        schema = self.schema(entity, (*path[:-1], "from"))
        if schema is None:
            return None
        found = schema.field(name)
        if found is not None and found.untyped:
            found = self._as_date(schema, found.name)
        if found is not None and found.type in (Type.DATE, Type.DATETIME):
            return found.name
        if name in schema.broken:
            return None
        moments = schema.moments()
        data = {"entity": entity, "name": name, **suggest(name, moments)}
        if found is not None:
            self.problem("bind.not_a_date", path, **data, **{"is": found.kind})
        elif (lacking := schema.lacks(name)) is not None:
            captions = " / ".join(_columns_of(lacking, schema, self.plan.company.language))
            self.problem("bind.absent_field", path, **data, captions=captions)
        else:
            self.problem("bind.no_date", path, **data)
        return None

    def _as_date(self, schema: Schema, name: str) -> catalogue.Field:
        """Take a column without any cell for one of dates, also where it is looked up."""
        if (looked_up := schema.looked_up.get(name)) is not None:
            self._as_date(self.schemas[looked_up.entity], looked_up.take)
        return schema.settle_type(name, "date")

    def is_overlay(self, entity: str, name: str) -> bool:
        """Say whether everybody whom an owner field names has the whole record."""
        return self.schemas[entity].credits.get(name) == "overlay"

    def is_month(self, entity: str, name: str) -> bool:
        """Say whether a field of an entity dates a record by its month."""
        return self.schemas[entity].present[name].kind == "month"

    def owner_if_any(self, entity: str, name: str | None) -> str | None:
        """Return the field that names the person whose a record is; None where there is none."""
        schema = self.schemas.get(entity)
        if schema is None:
            return None
        named = schema.field(name or schema.entity.owner or "owner")
        listed = [named, *schema.present.values()] if name is None else [named]
        fit = (f for f in listed if f is not None and f.kind == "person" and not f.several)
        return next((f.name for f in fit), None)

    def owner(self, entity: str, name: str | None, path: Path) -> str | None:  # noqa: PLR0911
        schema = self.schema(entity, (*path[:-1], "from"))
        if schema is None:
            return None
        wanted = name or schema.entity.owner or "owner"
        found = schema.field(wanted)
        if found is None and name == _NONE:
            return NOBODY
        if wanted in schema.broken:
            return None
        if found is None and name is None:
            found = next((f for f in schema.present.values() if f.kind == "person"), None)
        if found is None:
            data = {"entity": entity, "name": wanted, **suggest(wanted, list(schema.present))}
            self.problem("bind.no_owner" if name is None else "bind.no_field", path, **data)
            return None
        if found.several:
            single = [f for f in schema.present.values() if f.kind == "person" and not f.several]
            names = ", ".join(f.name for f in single)
            data = {"entity": entity, "name": wanted, "caption": next(iter(found.captions), wanted)}
            self.problem("bind.owner_several", path, **data, single=names)
            return None
        if found.type is not Type.TEXT:
            data = {"entity": entity, "name": wanted, "is": found.kind}
            data["caption"] = next(iter(found.captions), wanted)
            source = self.plan.sources.get(schema.source)
            guessed = source is None or not source.is_described
            if found.kind == "number" and not found.derived and guessed:
                self.problem("bind.owner_number", path, **data)
                return None
            people = [f.name for f in schema.present.values() if f.kind == "person"]
            texts = [n for n, f in schema.present.items() if f.type is Type.TEXT and n != "id"]
            self.problem("bind.owner_kind", path, **data, others=" / ".join(people or texts) or "…")
            return None
        return found.name

    def field(self, entity: str, name: str, path: Path) -> str | None:
        schema = self.schema(entity, path)
        if schema is None:
            return None
        found = schema.field(name)
        if found is not None:
            return found.name
        data = {"entity": entity, "name": name, **suggest(name, list(schema.present))}
        lacking = schema.lacks(name)
        if lacking is not None:
            captions = " / ".join(_columns_of(lacking, schema, self.plan.company.language))
            self.problem("bind.absent_field", path, **data, captions=captions)
        else:
            self.problem("bind.no_field", path, **data)
        return None

    def key(self, entity: str, name: str, path: Path) -> str | None:
        """Return the field that holds the ids of other records: a text, or a number for its
        text."""
        found = self.field(entity, name, path)
        kind = None if found is None else self.schemas[entity].present[found]
        if kind is None or kind.untyped or kind.type in (Type.TEXT, Type.NUMBER):
            return found
        self.problem("bind.not_a_key", path, entity=entity, name=name, **{"is": kind.kind})
        return None

    def has_entity(self, entity: str, path: Path) -> bool:
        """Say whether an entity is there; complain at `path` where it is not."""
        return self.schema(entity, path) is not None

    def converted(self, entity: str, expression: Expression | None) -> tuple[str, ...]:
        """Return the fields of an expression that are converted into the company's currency."""
        if expression is None or self.plan.company.currency is None:
            return ()
        present = self.schemas[entity].present
        whole = "amount_original" in present and present["amount"].derived
        return tuple(
            name
            for name in dict.fromkeys(refs(expression.tree))
            if (name == AMOUNT and whole) or present[name].priced
        )


def _columns_of(lacking: catalogue.Field, schema: Schema, lang: str) -> list[str]:
    """Return the captions of the columns whose presence would bring a field, in a language."""
    fields = schema.entity.fields
    needed = [fields[n] for n in lacking.needs[0]] if lacking.derived else [lacking]
    missing = [f for f in needed if f.name not in schema.present]
    return [caption(one, lang) for one in missing or [lacking]]


def caption(described: catalogue.Field, lang: str) -> str:
    """Return what exports of a language write over a field's column."""
    return described.called.get(lang) or next(iter(described.captions), described.name)


class WhoNames:
    """The names that `who` may use: of the employees file, or only id and name without one. What a
    list of employees calls a field is a name too (`отдел`)."""

    functions = OF_PEOPLE

    def __init__(self, more: Iterable[str] | None) -> None:
        self.types = dict(WHO_FIELDS) if more is not None else {"id": Type.TEXT, "name": Type.TEXT}
        self.types |= dict.fromkeys(more or (), Type.TEXT)

    def find(self, name: str) -> tuple[str, Type] | None:
        names = {fold(known): known for known in self.types}
        found = names.get(fold(name)) or self._captioned(fold(name))
        return None if found is None else (found, self.types[found])

    def _captioned(self, name: str) -> str | None:
        for field in catalogue.entity("employees").fields.values():
            if field.name in self.types and name in map(slug, field.captions):
                return field.name
        return None

    def known(self) -> Iterable[str]:
        return self.types


class Beside(Struct, frozen=True):
    """What is known beside the plan and the schemas of its sources.

    `unopened` are entities whose source failed: what refers to them is not complained of twice.
    `employee_fields` are further columns of the employees file; None where there is none. `book`
    are the days of the calendar with those of its files.
    """

    unopened: frozenset[str] = frozenset()
    employee_fields: tuple[str, ...] | None = None
    book: DayBook | None = None


def bind(
    loaded: LoadedPlan, plan: Plan, schemas: Mapping[str, Schema], beside: Beside
) -> tuple[Bound, list[Problem]]:
    """Resolve a plan; the bound plan is whole only where no problem is an error."""
    binder = PlanBinder(loaded, plan, schemas, beside.book)
    binder.unopened = set(beside.unopened)
    measures = {kpi: kind.bind(kpi, binder) for kpi, kind in plan.kpis.items()}
    order = _order(plan, binder)
    who: dict[str, Expression | None] = {}
    who.update({} if plan.scorecards else {"kpi": None})
    for card, spec in plan.scorecards.items():
        who[card] = _who(spec.who, ("scorecards", card, "who"), binder, beside.employee_fields)
    own_hours: dict[str, Expression] = {}
    for name, own in (plan.calendar.schedules if plan.calendar else {}).items():
        path = ("calendar", "schedules", name, "who")
        found = _who(own.who, path, binder, beside.employee_fields)
        own_hours |= {} if found is None else {name: found}
    bound = Bound(
        loaded, plan, binder.zone, schemas, order, measures, who,
        calendar=binder.calendar, own_hours=own_hours, employee_fields=beside.employee_fields,
        releases=_releases(plan, binder),
    )  # fmt: skip
    problems = list(binder.problems)
    for check in CHECKS:
        problems.extend(check(bound))
    return bound, problems


def _releases(plan: Plan, binder: PlanBinder) -> Mapping[ReleaseBy, Measure]:
    """Return the payments by which bonuses are released."""
    editions = (e.bonus for spec in plan.scorecards.values() for e in spec.editions.values())
    if not any((*(spec.bonus for spec in plan.scorecards.values()), *editions)):
        return {}
    from kpictl.plan import pay_records  # what few plans have is imported for them alone

    return pay_records.bind(plan, binder)


def _who(
    text: str | None, path: Path, binder: PlanBinder, more: Iterable[str] | None
) -> Expression | None:
    if text is None:
        return None
    names = WhoNames(more)
    found, errors = parse(text, names, zone=binder.zone, expect={Type.BOOL})
    for error in errors:
        name = str(error.data.get("name", ""))
        if error.code == "expr.unknown_name":
            lacks_file = more is None and name in WHO_FIELDS
            code = "bind.no_employees" if lacks_file else "bind.unknown_who"
            data = {**error.data, "name": name}
            error = ExpressionError(code, data, error.offset)  # noqa: PLW2901
        binder.mistake(error, path, text, None)
    return found if binder.has_calendar(found, path) else None


def _order(plan: Plan, binder: PlanBinder) -> tuple[str, ...]:
    """Sort the KPIs so that each comes after those it is computed from."""
    done: dict[str, None] = {}
    stack: list[str] = []

    def visit(kpi: str) -> None:
        if kpi in done:
            return
        if kpi in stack:
            ring = [*stack[stack.index(kpi) :], kpi]
            verb = plan.kpis[kpi].verb
            binder.problem("bind.cycle", ("kpis", kpi, verb), ring=" → ".join(ring))
            return
        stack.append(kpi)
        for need in plan.kpis[kpi].needs():
            if need in plan.kpis:
                visit(need)
            else:
                verb = plan.kpis[kpi].verb
                data = {"name": need, **suggest(need, list(plan.kpis))}
                binder.problem("bind.unknown_kpi", ("kpis", kpi, verb), **data)
        stack.pop()
        done[kpi] = None

    for kpi in plan.kpis:
        visit(kpi)
    return tuple(done)
