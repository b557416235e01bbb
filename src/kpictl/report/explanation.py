"""An explanation as text for people, and its records as CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.app.evidence import NearMiss, Record, Success
from kpictl.app.explanation import ExplainedMeasure, Explanation, Step
from kpictl.errors import Problem
from kpictl.kinds.base import Word
from kpictl.report import bands, explained_index, explained_pace, people, phrases
from kpictl.report.derivation import spoken
from kpictl.report.format import NBSP, Numbers, called, clean, day, period_words
from kpictl.report.sentence import sentence
from kpictl.report.signed import signature, typed
from kpictl.report.target_steps import step_told
from kpictl.report.terminal import Line, cell_len, pad, paint, wrap
from kpictl.values import VALUE_PLACES, Fact, Score, State, Target, to_decimal
from kpictl.words import has, say

_INDENT = 6  # cells before a record
_LABEL = 14  # cells before what is said of a label
_LEAST_TITLE = 8


class Cells(Struct, frozen=True):
    """A record as cells of a table: name, title, moment, value, amount as written, remark."""

    texts: tuple[str, str, str, str, str, str]
    style: str = ""


_TITLE = 1
_FIGURES = (3, 4)


class Teller(Struct, frozen=True):
    """Writes an explanation in one language; `limit` cuts long lists of records. Lines break
    between words, and are at most `width` cells."""

    lang: str
    numbers: Numbers
    limit: int | None = None
    width: int = 120

    def say(self, key: str, **data: object) -> str:
        return say(self.lang, key, **data)

    def line(self, key: str, text: str, style: str = "") -> Iterator[Line]:
        """Yield what is said of a label: the label once, the text beside it."""
        first, *more = wrap(text, max(self.width - _LABEL, _LABEL), cut=False)
        yield [(f"  {self.say(f'explain.{key}'):<{_LABEL - 2}}", "dim"), (first, style)]
        yield from ([(" " * _LABEL + line, style)] for line in more)

    def text(self, text: str, indent: int = 0, style: str = "") -> Iterator[Line]:
        """Yield a text with an indent, the lines after the first two further."""
        lines = wrap(text, max(self.width - indent, _LABEL), 2, cut=False)
        yield from ([(" " * indent + line, style)] for line in lines)

    def head(self, *parts: str, value: str, indent: int = 0) -> Iterator[Line]:
        """Yield whose number of what it is, and the number itself."""
        lines = wrap(" · ".join(parts) + f" = {value}", self.width - indent, 2, cut=False)
        yield from ([(" " * indent + line, "bold")] for line in lines)

    def exact(self, value: Fraction | Decimal) -> str:
        """Write a number as people do, but with every digit that it has."""
        decimal = to_decimal(value, VALUE_PLACES)
        places = max(0, -int(decimal.as_tuple().exponent))
        return self.numbers.number(decimal, places)

    def value(self, value: Fraction | Decimal, unit: str) -> str:
        if unit == "money":
            return self.numbers.money(to_decimal(value, VALUE_PLACES))
        if unit == "percent":
            return f"{self.exact(to_decimal(value, 4))}{NBSP}%"
        text = f"{self.exact(value)}{'' if unit == 'count' else NBSP + self.unit(unit)}"
        return text + self.as_said(value, unit, text)

    def as_said(self, value: Fraction | Decimal, unit: str, exact: str) -> str:
        """Return a length of time beside its exact value as the table shows it, in brackets."""
        if unit not in ("minutes", "hours"):
            return ""
        said = self.numbers.short(to_decimal(value, VALUE_PLACES), unit)
        return "" if said.replace(NBSP, " ") == exact.replace(NBSP, " ") else f" ({said})"

    def kpi(self, kpi: str, found: Explanation) -> str:
        """Return the label of a KPI, quoted."""
        label = clean(found.labels.get(kpi, kpi))
        return self.say("explain.quoted", text=label) if label != kpi else kpi

    def word(self, word: Word, found: Explanation) -> str:
        """Return a word of a sentence as people call what it names."""
        if word.of == "kpi":
            return self.kpi(word.text, found)
        return self.entities(word.text) if word.of == "entity" else self.formula(word, found)

    def formula(self, word: Word, found: Explanation) -> str:
        """Return a formula with labels in the place of ids."""
        text = clean(word.text)
        names = "|".join(map(re.escape, sorted(word.names, key=lambda name: -len(name))))
        return re.sub(rf"\b(?:{names})\b", lambda m: self.kpi(m[0], found), text) if names else text

    def entities(self, name: str) -> str:
        """Return what the records of an entity are called, many of them."""
        key = f"report.entity.{name}"
        return say(self.lang, key, n=5) if has(self.lang, key) else clean(name)

    def field(self, name: str, step: Step) -> str:
        """Return what the source calls a field, quoted."""
        caption = clean(step.captions.get(name, name))
        return self.say("explain.quoted", text=caption) if caption != name else name

    def unit(self, unit: str) -> str:
        key = f"report.unit.{unit}"
        return say(self.lang, key) if has(self.lang, key) else clean(unit)

    def fact(self, fact: Fact, unit: str) -> str:
        if fact.exact is not None:
            return self.value(fact.exact, unit)
        return self.say(f"explain.state.{fact.state}", n=fact.n, need=fact.need or 0)

    # --- the parts of the page -----------------------------------------------------------

    def page(self, found: Explanation) -> Iterator[Line]:
        words = period_words(found.period, self.lang)
        subject = self.subject(found)
        if found.whole is not None:
            yield from self.whole(found, subject, words)
            return
        if found.row is not None:
            yield from explained_index.lines(self, found, (subject, words))
            yield from self.there(found)
            yield from self.warnings(found.notes)
            return
        first = found.steps[0]
        value = self.fact(first.fact, first.kind.shown_unit)
        yield from self.head(clean(first.label), subject, words, value=value)
        yield []
        yield from self.made(found, first)
        yield from self.scored(found)
        yield from self.there(found)
        yield from self.evidence(found, first)
        for step in found.steps[1:]:
            yield []
            value = self.fact(step.fact, step.kind.shown_unit)
            yield from self.head(clean(step.label), value=value, indent=2)
            yield from self.made(found, step)
            yield from self.evidence(found, step)
        yield from self.warnings(found.notes)

    def subject(self, found: Explanation) -> str:
        """Return whose number it is: a person's, a scorecard's, a department's, the company's."""
        if found.unit is None:
            return clean(found.subject) or self.say("explain.everybody")
        unit = self.say("report.company")
        if found.unit.kind == "department":
            people = found.unit.people or 0
            unit = self.say("explain.department", name=clean(found.unit.name), n=people)
        return unit if found.subject == found.unit.name else f"{clean(found.subject)}: {unit}"

    def warnings(self, remarks: Iterable[Problem]) -> Iterator[Line]:
        """Yield what warns the reader; notes are for whoever keeps the plan."""
        for remark in remarks:
            if remark.level != "note":
                data = {k: clean(str(v)) for k, v in remark.data.items()}
                yield from self.line("warning", self.say(remark.code, **data), "yellow")

    def made(self, found: Explanation, step: Step) -> Iterator[Line]:
        yield from self.line("how", sentence(self, found, step))
        figures = self.figures(found, step)
        if figures:
            yield from self.line("formula", figures)
        if step.kind.needs() and step.fact.lacking:
            data = {"n": step.fact.lacking, "rate": step.fact.lacking_rate}
            yield from self.line("lacking", self.say("explain.lacking.text", **data))

    def evidence(self, found: Explanation, step: Step) -> Iterator[Line]:
        """Show the records; of a share and its base, once, with the successes marked."""
        parts = step.parts
        if len(parts) == 2 and parts[0].measure.entity == parts[1].measure.entity:
            parts = parts[1:] if parts[1].measure.link is not None else _marked(*parts)
        for part in parts:
            yield from self.records(found, part, step)

    def figures(self, found: Explanation, step: Step) -> str:
        """Write the formula with its figures in it."""
        fact = step.fact
        if (written := step.kind.written()) is not None:
            facts = {s.kpi: s for s in found.steps}
            named = [
                f"{self.kpi(kpi, found)} = {self.fact(facts[kpi].fact, facts[kpi].kind.shown_unit)}"
                for kpi in step.kind.needs()
                if kpi in facts
            ]
            return f"{self.word(written, found)}; " + ", ".join(named)
        if fact.parts is None:
            return ""
        top, bottom = (self.exact(part) for part in fact.parts)
        scale = " × 100" if step.kind.scale == 100 else ""
        if fact.exact is None:
            return f"{top} / {bottom}: {self.fact(fact, step.kind.shown_unit)}"
        return f"{top} / {bottom}{scale} = {self.fact(fact, step.kind.shown_unit)}"

    def scored(self, found: Explanation) -> Iterator[Line]:
        score = found.score
        if score is None:
            return
        unit = found.steps[0].kind.shown_unit
        if score.target is not None:
            yield from self.line("target", self.target(score.target, unit))
            yield from self.steps(found, score.target, unit)
            yield from self.addends(found.addends, unit)
        elif score.state is State.NO_TARGET:
            yield from self.line("target", self.say("explain.state.no_target"))
        if score.attainment is not None:
            text = f"{self.exact(score.attainment)}{NBSP}%"
            if score.target is not None and score.fact.exact is not None:
                fact, target = self.exact(score.fact.exact), self.exact(score.target.value)
                text += f" = {fact} / {target}" if _is_linear(score.attainment, score) else ""
            yield from self.line("attainment", text)
        if score.points is not None:
            text = f"{self.exact(score.points)} ({bands.shape(self, found, score)})"
            if found.contribution is not None:
                weight = self.exact(score.weight)
                text += "; " + self.say(
                    "explain.contribution", points=self.exact(found.contribution), weight=weight
                )
            yield from self.line("score", text, self.numbers.style(score.points))
        yield from explained_pace.lines(self, score, unit)

    def target(self, target: Target, unit: str) -> str:
        level = self.say(f"explain.level.{target.level}")
        parts = [self.value(target.value, unit), level]
        if target.derivation and target.level != "sum":  # whose parts are listed
            parts.append(spoken(target.derivation, self.numbers))
        if target.place is not None:
            parts.append(clean(str(target.place)))
        text = " · ".join(parts)
        if target.overruled:
            others = "; ".join(
                f"{self.say(f'explain.level.{t.level}')} {self.value(t.value, unit)}"
                + (f", {spoken(t.derivation, self.numbers)}" if t.derivation else "")
                + (f", {clean(str(t.place))}" if t.place else "")
                for t in target.overruled
            )
            text += " (" + self.say("explain.overrules", others=others) + ")"
        return text

    def steps(self, found: Explanation, target: Target, unit: str) -> Iterator[Line]:
        """Yield what a target was made of, step by step: a base with its own evidence, a share of a
        goal, days that somebody was not there."""
        for step in target.steps:
            text = step_told(step, self, (found, unit))
            yield from self.text(text, _LABEL, "dim")

    def addends(self, addends: Sequence[tuple[str, Target]], unit: str) -> Iterator[Line]:
        """Yield the targets that a total's is the sum of: whose, how much, how made, where."""
        names = [clean(name) for name, _ in addends]
        values = [self.value(target.value, unit) for _, target in addends]
        sizes = (max(map(cell_len, names), default=0), max(map(cell_len, values), default=0))
        for name, value, (_, target) in zip(names, values, addends, strict=True):
            made = spoken(target.derivation, self.numbers)
            place = clean(str(target.place or ""))
            rest = " · ".join(filter(None, (made, place)))
            line = f"{pad(name, sizes[0])}  {pad(value, sizes[1], 'right')}  {rest}"
            yield from self.text(line, _INDENT)

    def records(self, found: Explanation, part: ExplainedMeasure, step: Step) -> Iterator[Line]:
        count = len(part.records)
        entity = phrases.records(part.measure.entity, count, self.numbers)
        keys = (f"explain.records.{part.measure.part}", f"explain.records.{part.measure.op}")
        key = next((key for key in keys if has(self.lang, key)), "explain.records.plain")
        yield from self.line("records", self.say(key, what=entity))
        first = self.first(part)
        last = None if self.limit is None else first + self.limit
        shown = part.records[first:last]
        sought = frozenset(place - first for place in part.sought)
        cells = [self.record(r, step, n in sought) for n, r in enumerate(shown)]
        if found.of_many and any(record.owner for record in shown):
            owners = [called(record.owner, self.lang) for record in shown]
            cells = [_owned(one, owner) for one, owner in zip(cells, owners, strict=True)]
        yield from self.table(cells)
        if len(shown) < count:
            yield from self.text(self.say("explain.more", n=count - len(shown)), _INDENT, "dim")
        if part.exclusions:
            yield from self.line("excluded", "")
            for exclusion in part.exclusions:
                yield from self.text(self.exclusion(exclusion), _INDENT, "dim")

    def first(self, part: ExplainedMeasure) -> int:
        """Return where the list begins: where not all is shown, around the value that is sought."""
        count = len(part.records)
        if self.limit is None or not part.sought or count <= self.limit:
            return 0
        return min(max(part.sought[0] - self.limit // 2, 0), count - self.limit)

    def table(self, rows: Sequence[Cells]) -> Iterator[Line]:
        """Yield records as aligned columns; only a title is ever cut, so that they fit."""
        columns = list(zip(*(row.texts for row in rows), strict=True))
        sizes = [max(map(cell_len, column)) for column in columns]
        over = _INDENT + sum(size + 2 for size in sizes if size) - 2 - self.width
        if over > 0 and sizes:
            sizes[_TITLE] = max(sizes[_TITLE] - over, min(_LEAST_TITLE, sizes[_TITLE]))
        for row in rows:
            cells = [
                pad(text, size, "right" if place in _FIGURES else "left")
                for place, (text, size) in enumerate(zip(row.texts, sizes, strict=True))
                if size
            ]
            yield [(" " * _INDENT + "  ".join(cells).rstrip(), row.style)]

    def record(self, record: Record, step: Step, sought: bool) -> Cells:
        """Return the cells of a record: name, title, moment, value, amount as written, remark."""
        name = f"# {clean(record.id)}" if record.id else clean(str(record.place or ""))
        value = original = remark = ""
        if isinstance(record.value, Decimal):
            unit = step.kind.shown_unit
            value = self.value(record.value, unit if unit != "percent" else "count")
        elif record.value is not None:
            remark = clean(str(record.value))
        if record.original is not None and record.original != record.value and record.currency:
            original = self.written(record)
        if record.hit is not None:
            remark = self.say("explain.hit" if record.hit else "explain.no_hit")
        if record.share is not None:
            remark = self.share(record, step)
        if record.success is not None:
            remark = self.success(record.success)
        if record.open:
            remark = self.say("explain.open")
        if sought:
            remark = " · ".join(filter(None, (self.say("explain.sought"), remark)))
        style = "bold" if sought else {True: "green", False: "dim", None: ""}[record.hit]
        title = clean(record.title or "") or signature(record, self.lang)
        title, moment = title[:60], self.moment(record.moment)
        return Cells((name, title, moment, value, original, remark), style)

    def share(self, record: Record, step: Step) -> str:
        """Return what of a shared record is meant, where it is not all of it: 60% of €1,000."""
        if record.share is None or record.whole is None or record.share == 1:
            return ""
        percent = f"{to_decimal(record.share * 100, 2).normalize():f}"
        whole = self.value(record.whole, step.kind.shown_unit)
        return self.say("explain.share_of", share=percent, whole=whole)

    def success(self, success: Success) -> str:
        """Return what made a record convert: a deal, its number and its moment."""
        key = f"report.entity.{success.entity}"
        noun = say(self.lang, key, n=1) if has(self.lang, key) else clean(success.entity)
        moment = self.moment(success.moment)
        return self.say("explain.converted", what=noun, id=clean(success.id), at=moment)

    def written(self, record: Record) -> str:
        """Return an amount as it was written, in its own currency."""
        original = "" if record.original is None else self.exact(record.original)
        return f"{original}{NBSP}{clean(record.currency or '')}".strip()

    def exclusion(self, exclusion: NearMiss) -> str:
        reason = self.say(f"explain.reason.{exclusion.reason}", detail=clean(exclusion.detail))
        sample = ", ".join(f"# {clean(r.id)}" if r.id else typed(r, self) for r in exclusion.sample)
        more = " …" if exclusion.count > len(exclusion.sample) else ""
        return f"{exclusion.count}: {reason}" + (f" ({sample}{more})" if sample else "")

    def moment(self, moment: date | datetime | None) -> str:
        if moment is None:
            return ""
        if isinstance(moment, datetime):
            return f"{day(moment, self.lang)} {moment:%H:%M}"
        return day(datetime.combine(moment, datetime.min.time()), self.lang)

    def whole(self, found: Explanation, subject: str, words: str) -> Iterator[Line]:
        """Yield the index of somebody with several posts: that of each, by its days."""
        one = found.whole
        assert one is not None  # noqa: S101  seen by `page`
        value = self.say("explain.not_rated") if one.index is None else self.exact(one.index)
        yield from self.head(self.say("explain.index"), subject, words, value=value)
        yield []
        for _, text in people.whole_people([one], self.numbers):
            yield from self.text(text, 2)
        yield []
        yield from self.there(found)

    def there(self, found: Explanation) -> Iterator[Line]:
        """Yield how many days of the period each post was held, or somebody was there."""
        for name, presence in found.there:
            text = people.there(presence, self.numbers)
            several = len(found.there) > 1
            yield from self.line("days", f"{clean(name)}: {text}" if several else text)


def _owned(cells: Cells, owner: str) -> Cells:
    """Add whose record it is to the remark, where records are of several people."""
    number, title, moment, value, original, remark = cells.texts
    remark = "  ".join(filter(None, (clean(owner or "–"), remark)))
    return replace(cells, texts=(number, title, moment, value, original, remark))


def _marked(base: ExplainedMeasure, hits: ExplainedMeasure) -> tuple[ExplainedMeasure, ...]:
    """Return the base records with those marked that the condition takes too."""
    taken = {(r.id, r.place, r.moment) for r in hits.records}
    marked = (replace(r, hit=(r.id, r.place, r.moment) in taken) for r in base.records)
    return (replace(base, measure=hits.measure, records=tuple(marked)),)


def _is_linear(attainment: Decimal, score: object) -> bool:

    assert isinstance(score, Score)  # noqa: S101  called with one
    if score.fact.exact is None or score.target is None:
        return False
    ratio = 100 * score.fact.exact / Fraction(score.target.value)
    return to_decimal(ratio, 4) == attainment


class Look(Struct, frozen=True):
    """How a page is to look: its language, "" for the company's; as in `report.Options`."""

    width: int = 120
    terminal: bool = False
    color: bool = False
    limit: int | None = None  # so many records of each part

    def page(self, lines: Iterable[Line]) -> str:
        text = "".join(paint(line, color=self.color).rstrip(" ") + "\n" for line in lines)
        return text if self.terminal else text.replace(NBSP, " ")


def render(found: Explanation, lang: str, look: Look | None = None) -> str:
    """Return an explanation as text."""
    look = look or Look()
    numbers = Numbers(lang, found.currency, found.grades)
    return look.page(Teller(lang, numbers, look.limit, look.width).page(found))
