"""Pay as a table with a column for each step: what a sheet and the file of accounting show.

A part is its base times percentages and coefficients, plus what a cap took: the figures that its
steps have, so that a formula over the cells of its row gives the amount again. What is done to the
sum of the parts (caps, guarantees, funds) stands there as what it changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from kpictl.report.format import Numbers, clean
from kpictl.report.pay.explained import adjustment
from kpictl.report.pay.rows import exact
from kpictl.report.pay.texts import PayTexts, step_word
from kpictl.values import PayLine, PayPart, PayStep, effect_of

if TYPE_CHECKING:
    from kpictl.values import Results

Shape = Literal["text", "day", "money", "percent", "number"]
Key = tuple[str, ...]

SUM: Key = ("sum",)
_OWN: tuple[tuple[str, Shape], ...] = (
    ("id", "text"),
    ("name", "text"),
    ("department", "text"),
    ("position", "text"),
    ("scorecard", "text"),
    ("period", "text"),
    ("from", "day"),
    ("to", "day"),
    ("kind", "text"),
)


class Column(Struct, frozen=True):
    """A column: how it is found, its caption for people and for programs, what stands in it."""

    key: Key
    caption: str
    name: str
    shape: Shape


class Cell(Struct, frozen=True):
    """A value, and the formula that gives it again: texts, and keys of cells of the same row."""

    value: Any
    formula: tuple[str | Key, ...] = ()


class StepsTable(Struct, frozen=True):
    """Columns, and rows of cells by the keys of their columns."""

    columns: tuple[Column, ...]
    rows: tuple[dict[Key, Cell], ...]

    @property
    def total(self) -> Decimal:
        """Return the sum of all rows."""
        return sum((row[SUM].value or Decimal(0) for row in self.rows), Decimal(0))


class _Builder(Struct):
    texts: PayTexts
    results: Results
    parts: dict[str, dict[Key, Column]] = {}
    changes: dict[Key, Column] = {}

    def say(self, key: str) -> str:
        return self.texts.say(key)

    # --- columns -----------------------------------------------------------------------------

    def of_part(self, part: PayPart, key: Key, word: str, shape: Shape) -> Key:
        """Note a column of a part, once."""
        label = clean(part.label) or clean(part.id)
        caption = ": ".join(filter(None, (label, word)))
        name = ".".join(filter(None, (part.id, *key[2:])))
        self.parts.setdefault(part.id, {}).setdefault(key, Column(key, caption, name, shape))
        return key

    def change(self, step: PayStep) -> Key:
        code = step.code.removeprefix("pay.")
        key = ("change", code, str(step.data.get("gate", "")))
        word = step_word(code, self.texts.lang)
        word = ": ".join(filter(None, (word, clean(key[2]))))
        name = ".".join(filter(None, (code, key[2])))
        self.changes.setdefault(key, Column(key, word, name, "money"))
        return key

    def columns(self) -> tuple[Column, ...]:
        own = (
            Column((name,), self.say(f"report.column.{name}"), name, shape) for name, shape in _OWN
        )
        parts = []
        for part, columns in self.parts.items():
            amount = columns.pop(("part", part, "amount"), None)
            parts += [*columns.values(), *([amount] if amount else [])]
        last = Column(SUM, self.say("pay.column.sum"), "sum", "money")
        note = Column(("note",), self.say("pay.column.note"), "note", "text")
        return (*own, *parts, *self.changes.values(), last, note)

    # --- rows --------------------------------------------------------------------------------

    def rows(self, line: PayLine) -> Iterator[dict[Key, Cell]]:
        """Yield the bonus of a line, each adjustment, and balances, each a row; their sums come to
        what is paid."""
        if line.scorecard:
            yield self._bonus(line)
        for entry in line.entries:
            if entry.kind != "bonus":
                one = entry.adjustment
                note = "" if one is None else adjustment(one, self.texts)
                yield self._row(line, entry.kind, entry.amount, note)

    def _row(
        self, line: PayLine, kind: str, amount: Decimal | None, note: str = ""
    ) -> dict[Key, Cell]:
        period = self.results.period
        own = {
            "id": line.id,
            "name": line.name,
            "department": line.department,
            "position": line.position,
            "scorecard": line.scorecard,
            "period": period.text,
            "from": period.first,
            "to": period.last,
            "kind": self.say(f"pay.kind.{kind}"),
        }
        row: dict[Key, Cell] = {(name,): Cell(value) for name, value in own.items()}
        return {**row, SUM: Cell(amount), ("note",): Cell(note or None)}

    def _bonus(self, line: PayLine) -> dict[Key, Cell]:
        row = self._row(line, "bonus", line.amount, self.texts.reason(line))
        added: list[Key] = []
        total = Fraction(0)
        for part in line.parts:
            row |= self._part(part)
            if part.amount is not None:
                added.append(("part", part.id, "amount"))
                total += part.amount
        for step in line.steps:
            if step.amount is None or step.code == "pay.sum":
                continue
            key = self.change(step)
            before = Fraction(row[key].value) if key in row else Fraction(0)
            row[key] = Cell(exact(before + step.amount - total))
            added += [] if key in added else [key]
            total = step.amount
        if line.amount is not None and added:
            terms = [term for key in added for term in ("+", key)][1:]
            row[SUM] = Cell(line.amount, ("ROUND(", *terms, ",2)"))
        return row

    def _part(self, part: PayPart) -> dict[Key, Cell]:
        """Return the cells of a part: its base, what it is multiplied by, what is taken, and the
        amount, which a formula over these gives."""
        made: dict[Key, Cell] = {}
        formula: list[str | Key] = []
        amount: Fraction | None = None
        for step in part.steps:
            if step.amount is None:
                continue
            if amount is None:
                word = self.say("pay.column.base")
                key = self.of_part(part, ("part", part.id, "base"), word, "money")
                made[key], formula = Cell(exact(step.amount)), [key]
            elif (factor := _factor(step)) is not None:
                word = self.texts.label(step)
                name, value, shape = factor
                word = " ".join(filter(None, (word, clean(name))))
                code = step.code.removeprefix("pay.")
                key = ("part", part.id, *filter(None, (code, name)))
                made[self.of_part(part, key, word, shape)] = Cell(exact(value))
                formula += ["*", key, *(["/100"] if shape == "percent" else [])]
            else:
                code, gate = step.code.removeprefix("pay."), str(step.data.get("gate", ""))
                word = ": ".join(filter(None, (self.texts.label(step), clean(gate))))
                key = ("part", part.id, *filter(None, (code, gate)))
                made[self.of_part(part, key, word, "money")] = Cell(exact(step.amount - amount))
                formula = ["(", *formula, "+", key, ")"]
            amount = step.amount
        key = self.of_part(part, ("part", part.id, "amount"), self.say("pay.label.part"), "money")
        made[key] = Cell(exact(part.amount), tuple(formula) if part.amount is not None else ())
        return made


def _factor(step: PayStep) -> tuple[str, Fraction, Shape] | None:
    """Return what a step multiplies by: its name beside the step's, the number, how it is shown;
    None of a step that does not multiply."""
    data = step.data
    match step.code:
        case "pay.percent":
            return "", Fraction(data["percent"]), "percent"
        case "pay.factor":
            return str(data["name"]), Fraction(data["percent"]), "percent"
        case "pay.prorate":
            return "", Fraction(data["factor"]), "number"
        case "pay.gate":
            effect = effect_of(str(data["then"]))
            number = Fraction(1) if effect is None else Fraction(effect.number)
            return str(data["gate"]), number, "number"
    return None


def table(results: Results, numbers: Numbers, lines: Sequence[PayLine]) -> StepsTable:
    """Return lines of a pay with a column for each step."""
    builder = _Builder(PayTexts(numbers, results.columns), results)
    rows = tuple(row for line in lines for row in builder.rows(line))
    return StepsTable(builder.columns(), rows)
