"""What every KPI kind is: a part of the plan that asks, combines and phrases itself.

A kind is one file: a class whose verb is the key that selects it. It reads its own keys, says
which measures it needs (`bind`), makes one fact of their tallies (`combine`) for a person and for
a group alike, and says in words what it is (`phrase`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar, Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace
from pydantic import Field

from kpictl.expressions import Expression, Operation, Type
from kpictl.expressions.evaluate import require_few_digits
from kpictl.expressions.waiting import is_open, until_now
from kpictl.measure.query import Measure, Tally
from kpictl.plan.fields import Count, Part, Text
from kpictl.values import Fact, State
from kpictl.values.ranges import ANYTHING, Range

Path = tuple[str | int, ...]


class Binder(Protocol):
    """What a kind may ask of the plan's surroundings while it binds."""

    def expression(
        self, entity: str, text: str, path: Path, expect: Iterable[Type]
    ) -> Expression | None: ...

    def formula(self, text: str, path: Path) -> Expression | None: ...

    def settle_moment(self, entity: str, name: str, path: Path) -> str | None:
        """Return the field that dates records; one whose type nothing shows is a date from then."""

    def is_overlay(self, entity: str, name: str) -> bool: ...

    def is_month(self, entity: str, name: str) -> bool: ...

    def owner(self, entity: str, name: str | None, path: Path) -> str | None: ...

    def owner_if_any(self, entity: str, name: str | None) -> str | None: ...

    def key(self, entity: str, name: str, path: Path) -> str | None:
        """Return the field that holds the ids of other records."""

    def field(self, entity: str, name: str, path: Path) -> str | None: ...

    def has_entity(self, entity: str, path: Path) -> bool: ...

    def converted(self, entity: str, expression: Expression | None) -> tuple[str, ...]: ...

    def problem(self, code: str, path: Path, **data: object) -> None: ...


class Operand(Struct, frozen=True):
    """Another KPI inside a ratio or a formula; `plain` is its value with percent as a share."""

    fact: Fact
    plain: Fraction | None


class Word(Struct, frozen=True):
    """A word of a sentence that is not shown as the plan has it: a KPI goes by its label, an entity
    by what its records are called, a formula by the labels of the KPIs that it `names`."""

    of: Literal["kpi", "entity", "formula"]
    text: str
    names: tuple[str, ...] = ()


class Phrase(Struct, frozen=True):
    """A kind in words: the text `sentence.KEY` of the table of words, and what fills its slots.

    `aside` follows in brackets. `where` and `when` are the condition and the date of the records
    that it reads itself. Each is None where there is none.
    """

    key: str
    data: Mapping[str, str | Word] = {}
    aside: str | None = None
    where: str | None = None
    when: str | None = None


Operands = Mapping[str, Operand]
PartTallies = Mapping[str, Tally]
"""What the measures of a KPI came to, by the part of it that each is."""


class Kind(Part):
    """The keys that every KPI has."""

    verb: ClassVar[str]
    volume: ClassVar[bool] = False  # grows with time: its targets split, add up and prorate
    quotient: ClassVar[bool] = False  # a share by nature: `unit: percent` shows it times 100
    is_typed: ClassVar[bool] = False  # people type its values, in files of their own

    label: Text | None = Field(None, description="How people call it.")
    description: Text | None = Field(None, description="What it is for, in a sentence.")
    unit: Text | None = Field(
        None, description="money, percent, minutes, hours, days, or a word of your own."
    )
    better: Literal["higher", "lower"] = Field("higher", description="Which way is good.")
    min_n: Count | None = Field(
        None, description="Fewer records than this (of a ratio: of its denominator) is no result."
    )

    @classmethod
    def inner(cls) -> type[Part] | None:
        """Return the section that stands under the verb; None where a text or a number does."""
        below = cls.model_fields[cls.verb].annotation
        return below if isinstance(below, type) and issubclass(below, Part) else None

    @property
    def scale(self) -> int:
        return 100 if self.quotient and self.shown_unit == "percent" else 1

    @property
    def shown_unit(self) -> str:
        return self.unit or "count"

    @property
    def term(self) -> int | None:
        """Return by how many days after the end of a period its values are to be there; None where
        that is not said."""
        return None

    @property
    def months(self) -> int:
        """Return how many months each of its values is of, where it has a term."""
        return 1

    @property
    def divides_strangers(self) -> bool:
        """Whether what is above the line is of other records than what is below it: then a few of
        them make any percentage."""
        return False

    def range(self) -> Range:
        """Return between which bounds its facts lie, whatever the records are."""
        return ANYTHING

    def needs(self) -> tuple[str, ...]:
        """Return the KPIs that this one is computed from."""
        return ()

    def entities(self) -> tuple[str, ...]:
        """Return the entities whose records it reads itself."""
        return ()

    def link_fields(self) -> tuple[tuple[str, str], ...]:
        """Return the fields that hold ids of other records, as (entity, what the plan calls the
        field): ids are texts, whatever they look like."""
        return ()

    def expressions(self) -> Iterator[str]:
        """Yield every text of the plan in which this KPI may name a field or another KPI."""
        yield from _texts(self)

    def grows(self, volumes: Mapping[str, bool]) -> bool:
        """Say whether it grows with time, where it is known of the KPIs that it needs."""
        del volumes
        return self.volume

    @abstractmethod
    def phrase(self) -> Phrase:
        """Return how it is said in a sentence."""

    def written(self) -> Word | None:
        """Return the arithmetic over other KPIs as the plan has it; None where there is none, and
        the parts of a quotient say how it came about."""
        return None

    @abstractmethod
    def bind(self, kpi: str, binder: Binder) -> tuple[Measure, ...]:
        """Return the measures this KPI asks for; mistakes go to the binder."""

    @abstractmethod
    def combine(self, tallies: PartTallies, operands: Operands) -> Fact:
        """Make one fact of what the measures came to, keyed by the part that each measure is."""

    def guard(self, fact: Fact) -> Fact:
        """Turn a fact that stands on too few records into `insufficient`."""
        if self.min_n is None or fact.state is not State.MEASURED or fact.n >= self.min_n:
            return fact
        return replace(fact, state=State.INSUFFICIENT, exact=None, need=self.min_n)

    def held_together(self, fact: Fact, above: Sequence[Fact]) -> Fact:
        """Return a quotient of KPIs with what is to be known of its upper part.

        Records that lack their number above still count below. Where less is better, a sum of no
        record above is not known to be zero: who has no line of costs has not spent nothing.
        """
        lacking = sum(one.lacking for one in above)
        fact = replace(fact, lacking=lacking, lacking_rate=sum(one.lacking_rate for one in above))
        unknown = bool(above) and all(one.empty for one in above)
        if self.better == "lower" and unknown and fact.exact is not None:
            return replace(fact, state=State.NO_DATA, exact=None)
        return fact

    def quotient_fact(self, top: Fraction, bottom: Fraction, n: int, immature: int = 0) -> Fact:
        """Return top / bottom; a zero denominator has no value, whatever the numerator."""
        parts = (top, bottom)
        if not bottom:
            return Fact(State.NO_DATA, n=n, parts=parts)
        require_few_digits(top, bottom)
        exact = top / bottom * self.scale
        return self.guard(Fact(State.MEASURED, exact, n, parts, immature=immature))


_PROSE = frozenset({"label", "description", "unit", "better", "open"})  # for people alone


def _texts(part: Part) -> Iterator[str]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Part):
            yield from _texts(value)
        elif isinstance(value, str) and name not in _PROSE:
            yield value


class RecordKind(Kind):
    """A kind that reads records of one entity."""

    entity: Text = Field(alias="from", description="The entity whose records are read.")
    where: Text | None = Field(None, description="Which records count: a condition on fields.")
    when: Text = Field(description="The date field that puts a record into the period.")
    by: Text | None = Field(
        None, description="Whose number it is: a field, or none. Default: the entity's owner."
    )

    open: Literal["elapsed"] | None = Field(
        None, description="elapsed: a duration whose end is empty lasts until the report's moment."
    )

    def entities(self) -> tuple[str, ...]:
        return (self.entity,)

    def waiting(
        self, kpi: str, binder: Binder, measures: tuple[Measure, ...]
    ) -> tuple[Measure, ...]:
        """Return measures in which what is unanswered has lasted until now, if the plan says so.

        What is open is counted with the value, or the base of a share: its `hits` are of those.
        """
        if self.open is None or not measures:
            return measures
        trees = [one.tree for m in measures for one in (m.where, m.value) if one is not None]
        tests = tuple(dict.fromkeys(test for tree in trees if (test := is_open(tree)) is not None))
        if not tests:
            binder.problem("kind.open", ("kpis", kpi, "open"))
            return ()
        either = tests[0] if len(tests) == 1 else Operation("or", tests, Type.BOOL)
        waits = Expression("", either)
        return tuple(
            replace(
                measure,
                where=_until_now(measure.where),
                value=_until_now(measure.value),
                open=None if measure.part == "hits" else waits,
            )
            for measure in measures
        )

    def measure(self, kpi: str, binder: Binder, part: str, **parts: Any) -> Measure | None:
        """Build a measure over this kind's entity; None when the plan has a mistake in it."""
        path: Path = ("kpis", kpi)
        where = None
        if self.where is not None:
            where = binder.expression(self.entity, self.where, (*path, "where"), {Type.BOOL})
        when = binder.settle_moment(self.entity, self.when, (*path, "when"))
        by = binder.owner(self.entity, self.by, (*path, "by"))
        if when is None or by is None or (self.where is not None and where is None):
            return None
        monthly = binder.is_month(self.entity, when)
        said: dict[str, Any] = {"by": by, "when": when, "where": where, "monthly": monthly}
        said["overlay"] = binder.is_overlay(self.entity, by)
        return Measure(kpi, part, self.entity, **said, **parts)


def _until_now(one: Expression | None) -> Expression | None:
    return None if one is None else replace(one, tree=until_now(one.tree))


class ValueKind(RecordKind):
    """A kind that takes one number from each record, by an expression under its verb."""

    def value_text(self) -> str:
        return str(getattr(self, self.verb))

    def phrase(self) -> Phrase:
        data: dict[str, str | Word] = {
            "value": self.value_text(),
            "entity": Word("entity", self.entity),
        }
        return Phrase(self.verb, data, where=self.where, when=self.when)

    def value_measure(self, kpi: str, binder: Binder, **parts: object) -> tuple[Measure, ...]:
        path: Path = ("kpis", kpi, self.verb)
        value = binder.expression(self.entity, self.value_text(), path, {Type.NUMBER})
        converted = binder.converted(self.entity, value)
        found = self.measure(kpi, binder, "value", value=value, converted=converted, **parts)
        return () if found is None or value is None else self.waiting(kpi, binder, (found,))


def single(fact_of: Tally, *, empty_is_zero: bool) -> Fact:
    """Return the fact of one tally: nothing to add up is zero, nothing to average is no data."""
    if fact_of.total is None:
        if not empty_is_zero:
            return Fact(State.NO_DATA)
        return Fact(State.MEASURED, Fraction(0), 0)
    return Fact(State.MEASURED, fact_of.total, fact_of.n)
