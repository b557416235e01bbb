"""An explanation as text for people, and its records as CSV."""

from __future__ import annotations

import csv as csv_module
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from kpictl.evidence import Exclusion, Record
from kpictl.explain import Explanation, Part, Step
from kpictl.kinds.formula import Formula
from kpictl.report.csv import neutral
from kpictl.report.format import NBSP, Numbers, clean, day, period_words
from kpictl.report.sentence import sentence
from kpictl.values import VALUE_PLACES, Fact, LeftOut, State, Target, to_decimal
from kpictl.words import has, say

_INDENT = "      "


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes an explanation in one language; `limit` cuts long lists of records."""

    lang: str
    numbers: Numbers
    limit: int | None = None

    def say(self, key: str, **data: object) -> str:
        return say(self.lang, key, **data)

    def line(self, key: str, text: str) -> str:
        title = self.say(f"explain.{key}")
        return f"  {title:<11} {text}"

    def exact(self, value: Fraction | Decimal) -> str:
        """Write a number as people do, but with every digit that it has."""
        decimal = to_decimal(value, VALUE_PLACES)
        places = max(0, -int(decimal.as_tuple().exponent))
        return self.numbers.number(decimal, places)

    def value(self, value: Fraction | Decimal, unit: str) -> str:
        if unit == "money":
            return self.numbers.money(to_decimal(value, VALUE_PLACES))
        if unit == "percent":
            return f"{self.exact(to_decimal(value, 4))} %"
        text = f"{self.exact(value)}{'' if unit == 'count' else ' ' + self.unit(unit)}"
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

    def formula(self, kind: Formula, found: Explanation) -> str:
        """Return a formula with labels in the place of ids."""
        names = "|".join(re.escape(n) for n in sorted(kind.needs(), key=lambda n: -len(n)))
        text = clean(kind.formula)
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

    def page(self, found: Explanation) -> Iterator[str]:
        words = period_words(found.period, self.lang)
        subject = clean(found.subject) or self.say("explain.everybody")
        if found.row is not None:
            yield from self.index(found, subject, words)
            return
        first = found.steps[0]
        value = self.fact(first.fact, first.kind.shown_unit)
        yield f"{clean(first.label)} · {subject} · {words} = {value}"
        yield ""
        yield from self.made(found, first)
        yield from self.scored(found)
        yield from self.evidence(first)
        for step in found.steps[1:]:
            yield ""
            value = self.fact(step.fact, step.kind.shown_unit)
            yield f"  {clean(step.label)} = {value}"
            yield from self.made(found, step)
            yield from self.evidence(step)
        for note in found.notes:
            data = {k: clean(str(v)) for k, v in note.data.items()}
            yield self.line(
                "warning" if note.level == "warning" else "note", self.say(note.code, **data)
            )

    def made(self, found: Explanation, step: Step) -> Iterator[str]:
        yield self.line("how", sentence(self, found, step))
        figures = self.figures(found, step)
        if figures:
            yield self.line("formula", figures)
        if step.kind.needs() and step.fact.lacking:
            data = {"n": step.fact.lacking, "rate": step.fact.lacking_rate}
            yield self.line("lacking", self.say("explain.lacking.text", **data))

    def evidence(self, step: Step) -> Iterator[str]:
        """Show the records; of a share and its base, once, with the successes marked."""
        parts = step.parts
        if len(parts) == 2 and parts[0].measure.entity == parts[1].measure.entity:
            parts = parts[1:] if parts[1].measure.link is not None else _marked(*parts)
        for part in parts:
            yield from self.records(part, step)

    def figures(self, found: Explanation, step: Step) -> str:
        """Write the formula with its figures in it."""
        fact = step.fact
        if isinstance(step.kind, Formula):
            facts = {s.kpi: s for s in found.steps}
            named = [
                f"{self.kpi(kpi, found)} = {self.fact(facts[kpi].fact, facts[kpi].kind.shown_unit)}"
                for kpi in step.kind.needs()
                if kpi in facts
            ]
            return f"{self.formula(step.kind, found)}; " + ", ".join(named)
        if fact.parts is None:
            return ""
        top, bottom = (self.exact(part) for part in fact.parts)
        scale = " × 100" if step.kind.scale == 100 else ""
        if fact.exact is None:
            return f"{top} / {bottom}: {self.fact(fact, step.kind.shown_unit)}"
        return f"{top} / {bottom}{scale} = {self.fact(fact, step.kind.shown_unit)}"

    def scored(self, found: Explanation) -> Iterator[str]:
        score = found.score
        if score is None:
            return
        unit = found.steps[0].kind.shown_unit
        if score.target is not None:
            yield self.line("target", self.target(score.target, unit))
        elif score.state is State.NO_TARGET:
            yield self.line("target", self.say("explain.state.no_target"))
        if score.attainment is not None:
            text = f"{self.exact(score.attainment)} %"
            if score.target is not None and score.fact.exact is not None:
                fact, target = self.exact(score.fact.exact), self.exact(score.target.value)
                text += f" = {fact} / {target}" if _is_linear(score.attainment, score) else ""
            yield self.line("attainment", text)
        if score.points is not None:
            key = type(found.shape).key if found.shape is not None else "linear"
            shape = self.say(f"explain.shape.{key}")
            text = f"{self.exact(score.points)} ({shape})"
            if found.contribution is not None:
                weight = self.exact(score.weight)
                text += "; " + self.say(
                    "explain.contribution", points=self.exact(found.contribution), weight=weight
                )
            yield self.line("score", text)

    def target(self, target: Target, unit: str) -> str:
        level = self.say(f"explain.level.{target.level}")
        parts = [self.value(target.value, unit), level]
        if target.derivation:
            parts.append(clean(target.derivation))
        if target.place is not None:
            parts.append(clean(str(target.place)))
        text = " · ".join(parts)
        if target.overruled:
            others = "; ".join(
                f"{self.say(f'explain.level.{t.level}')} {self.value(t.value, unit)}"
                + (f", {clean(str(t.place))}" if t.place else "")
                for t in target.overruled
            )
            text += " (" + self.say("explain.overrules", others=others) + ")"
        return text

    def records(self, part: Part, step: Step) -> Iterator[str]:
        named = part.measure.name.rsplit(".", 1)[1]
        count = len(part.records)
        entity = self.entity(part.measure.entity, count)
        key = f"explain.records.{named}"
        text = self.say(key if has(self.lang, key) else "explain.records.value", what=entity)
        yield self.line("records", text)
        first = self.first(part)
        last = None if self.limit is None else first + self.limit
        shown = part.records[first:last]
        for record in shown:
            yield _INDENT + self.record(record, step)
        if len(shown) < count:
            yield _INDENT + self.say("explain.more", n=count - len(shown))
        if part.exclusions:
            yield self.line("excluded", "")
            for exclusion in part.exclusions:
                yield _INDENT + self.exclusion(exclusion)

    def first(self, part: Part) -> int:
        """Return where the list begins: where not all is shown, around the value that is sought."""
        count = len(part.records)
        if self.limit is None or part.sought is None or count <= self.limit:
            return 0
        return min(max(part.sought - self.limit // 2, 0), count - self.limit)

    def record(self, record: Record, step: Step) -> str:
        name = f"# {clean(record.id)}" if record.id else clean(str(record.place or ""))
        cells = [name]
        if record.title:
            cells.append(clean(record.title)[:60])
        cells.append(self.moment(record.moment))
        if isinstance(record.value, Decimal):
            unit = step.kind.shown_unit
            cells.append(self.value(record.value, unit if unit != "percent" else "count"))
        elif record.value is not None:
            cells.append(clean(str(record.value)))
        if record.original is not None and record.original != record.value and record.currency:
            cells.append(self.written(record))
        if record.hit is not None:
            cells.append(self.say("explain.hit" if record.hit else "explain.no_hit"))
        return "  ".join(cell for cell in cells if cell)

    def written(self, record: Record) -> str:
        """Return an amount as it was written, in its own currency."""
        original = "" if record.original is None else self.exact(record.original)
        return f"{original} {clean(record.currency or '')}".strip()

    def exclusion(self, exclusion: Exclusion) -> str:
        reason = self.say(f"explain.reason.{exclusion.reason}", detail=clean(exclusion.detail))
        sample = ", ".join(
            f"# {clean(r.id)}" if r.id else clean(str(r.place or "")) for r in exclusion.sample
        )
        more = " …" if exclusion.count > len(exclusion.sample) else ""
        return f"{exclusion.count}: {reason}" + (f" ({sample}{more})" if sample else "")

    def moment(self, moment: date | datetime | None) -> str:
        if moment is None:
            return ""
        if isinstance(moment, datetime):
            return f"{day(moment, self.lang)} {moment:%H:%M}"
        return day(datetime.combine(moment, datetime.min.time()), self.lang)

    def entity(self, name: str, n: int) -> str:
        key = f"report.entity.{name}"
        noun = say(self.lang, key if has(self.lang, key) else "report.entity.records", n=n)
        return f"{self.numbers.number(Decimal(n))} {noun}"

    def index(self, found: Explanation, subject: str, words: str) -> Iterator[str]:
        row, labels = found.row, found.labels
        assert row is not None  # noqa: S101  seen by `page`
        title = self.say("explain.index")
        value = self.say("explain.not_rated") if row.index is None else self.exact(row.index)
        yield f"{title} · {subject} · {words} = {value}"
        yield ""
        whole = sum((s.weight for s in row.scores if s.counted), Decimal(0))
        for score in row.scores:
            label = clean(labels.get(score.kpi, score.kpi))
            if score.points is None or not score.counted:
                state = self.say(
                    f"explain.state.{score.state}", n=score.fact.n, need=score.fact.need or 0
                )
                yield f"  {label}: {state}"
                continue
            points, weight = self.exact(score.points), self.exact(score.weight)
            share = Fraction(score.weight) * Fraction(score.points) / Fraction(whole)
            given = self.exact(to_decimal(share, 4))
            yield f"  {label}: {points} × {weight} / {self.exact(whole)} = {given}"
        yield self.line("coverage", f"{self.exact(row.coverage)} %")


def _marked(base: Part, hits: Part) -> tuple[Part, ...]:
    """Return the base records with those marked that the condition takes too."""
    taken = {(r.id, r.place, r.moment) for r in hits.records}
    marked = (replace(r, hit=(r.id, r.place, r.moment) in taken) for r in base.records)
    return (replace(base, measure=hits.measure, records=tuple(marked)),)


def _is_linear(attainment: Decimal, score: object) -> bool:
    from kpictl.values import Score

    assert isinstance(score, Score)  # noqa: S101  called with one
    if score.fact.exact is None or score.target is None:
        return False
    ratio = 100 * score.fact.exact / Fraction(score.target.value)
    return to_decimal(ratio, 4) == attainment


def render(found: Explanation, lang: str, limit: int | None = None) -> str:
    """Return an explanation as text; `limit` records of each part, None for all."""
    teller = Teller(lang, Numbers(lang, found.currency), limit)
    return "\n".join(line.rstrip() for line in teller.page(found)) + "\n"


def render_left_out(
    lines: Sequence[tuple[LeftOut, list[Record]]], found: tuple[str, str], limit: int | None = None
) -> str:
    """Return what a KPI leaves out, with the records. `found` is language and currency."""
    lang, currency = found
    teller = Teller(lang, Numbers(lang, currency), limit)
    texts: list[str] = []
    for line, records in lines:
        what = teller.entity(line.entity, line.count)
        head = say(lang, f"report.left_out.{line.reason}", what=what)
        detail = f": {clean(line.detail)}" if line.detail else ""
        texts.append(f"{head}{detail}")
        shown = records if limit is None else records[:limit]
        for record in shown:
            name = f"# {clean(record.id)}" if record.id else clean(str(record.place or ""))
            value = teller.exact(record.value) if isinstance(record.value, Decimal) else ""
            if record.original is not None and record.original != record.value:
                value += f" ({teller.written(record)})" if value else teller.written(record)
            cells = (name, clean(record.title or "")[:60], teller.moment(record.moment),
                     clean(record.owner or ""), value)  # fmt: skip
            texts.append(_INDENT + "  ".join(cell for cell in cells if cell))
    if not texts:
        texts.append(say(lang, "explain.nothing_left_out"))
    return "\n".join(texts) + "\n"


HEADER = ("kpi", "part", "id", "title", "moment", "owner", "value", "original", "currency", "hit",
          "place")  # fmt: skip


def render_csv(found: Explanation) -> bytes:
    """Return all records of an explanation as CSV (UTF-8), formulas in text made harmless."""
    out = io.StringIO(newline="")
    writer = csv_module.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for step in found.steps:
        for part in step.parts:
            named = part.measure.name.rsplit(".", 1)[1]
            for r in part.records:
                moment = r.moment.isoformat() if r.moment else ""
                texts = [neutral(t or "") for t in (r.id, r.title)]
                owner, currency = neutral(r.owner or ""), neutral(r.currency or "")
                value = _cell(r.value)
                original = _cell(r.original)
                hit = "" if r.hit is None else str(r.hit).lower()
                place = str(r.place or "")
                writer.writerow(
                    [step.kpi, named, *texts, moment, owner, value, original, currency, hit, place]
                )
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(to_decimal(value, VALUE_PLACES), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return neutral(str(value))
