"""The steps of a pay in words: figures as people write them, bounds of bands, reasons, conditions.

The words are those of `words.*.pay`; their slots are the keys of a step's data, which are written
here, each as what it is: money, percent, days, the label of a KPI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.report import bands
from kpictl.report.format import NBSP, Numbers, clean, day
from kpictl.values import VALUE_PLACES, Edge, Effect, effect_of, to_decimal
from kpictl.words import has, say

if TYPE_CHECKING:
    from kpictl.report.pay.rows import StepRow
    from kpictl.values import Column, Gate, PayLine, PayPart, PayStep

PERCENT_PLACES = 4
DAY_PLACES = 4
EXACT_PLACES = 4
MONEY = frozenset(
    (
        *("sum", "base", "limit", "full", "size", "computed", "before", "amount", "paid"),
        *("earned", "released", "waiting", "carried", "balance", "draw", "due", "floor"),
        *("wage", "salary", "reduction", "price", "worth"),
    )
)
"""The slots that are money in every step, but for those of `_OWN`."""

_WORD = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_SIGNS = {"*": "×", ">=": "≥", "<=": "≤", "!=": "≠"}
_OF_ROW = ("index", "rank", "coverage", "salary", "days", "days_of", "fte", "tenure")
_READ = ("pay.by", "pay.factor")
_IN_PERCENT = ("index", "coverage", "attainment", "score")


class PayTexts(Struct, frozen=True):
    """Writes pay in one language; `columns` are the KPIs by id, for their labels and units."""

    numbers: Numbers
    columns: Mapping[str, Column]

    @property
    def lang(self) -> str:
        return self.numbers.lang

    def say(self, key: str, **data: object) -> str:
        return say(self.lang, key, **data)

    # --- figures -----------------------------------------------------------------------------

    def money(self, value: Fraction | Decimal) -> str:
        """Write money to the kopeck; kopecks only where there are any."""
        return self.numbers.money(to_decimal(value, 2))

    def figure(self, value: Fraction | Decimal | int, places: int = PERCENT_PLACES) -> str:
        """Write a number with as many decimals as it has, at most so many."""
        exact = to_decimal(Fraction(value), places)
        return self.numbers.number(exact, max(0, -int(exact.normalize().as_tuple().exponent)))

    def kpi(self, kpi: str) -> str:
        column = self.columns.get(kpi)
        return clean(column.label) if column is not None else clean(kpi)

    def called(self, name: str) -> str:
        """Return what a figure of an expression is called: `revenue.attainment`, `salary`."""
        unit, _, rest = name.partition(".")
        if unit in ("department", "company", "scorecard") and rest:
            return self.say(f"pay.figure.{unit}", figure=self.called(rest))
        if unit == "employee" and rest:
            return clean(rest)
        if name in self.columns or unit in self.columns:
            label = self.say("explain.quoted", text=self.kpi(unit))
            return self.say(f"pay.figure.{rest}", figure=label) if rest else label
        return self.say(f"pay.figure.{name}") if name in _OF_ROW else clean(name)

    def known(self, name: str, value: Decimal | None) -> str:
        """Write the value of a figure of an expression, with its unit."""
        if value is None:
            return self.say("pay.figure.unknown")
        last = name.rsplit(".", 1)[-1]
        if last in _IN_PERCENT and last not in self.columns:
            return f"{self.figure(value)}{NBSP}%"
        column = self.columns.get(last) or self.columns.get(name.rsplit(".", 2)[-2:][0])
        if name == "salary" or (column is not None and column.unit == "money"):
            return self.money(value)
        is_percent = column is not None and column.unit == "percent"
        return f"{self.figure(value)}{NBSP}%" if is_percent else self.figure(value)

    def figures(self, held: tuple[tuple[str, Decimal | None], ...]) -> str:
        """Write what a condition or an expression was held against: «Deals» = 2."""
        return ", ".join(
            f"{self.called(name)} ={NBSP}{self.known(name, value)}" for name, value in held
        )

    def formula(self, text: str) -> str:
        """Write an expression with what its figures are called."""
        known = {*self.columns, *_OF_ROW, "department", "company", "scorecard", "employee"}

        def named(match: re.Match[str]) -> str:
            return self.called(match[0]) if match[0].partition(".")[0] in known else match[0]

        shown = clean(text)
        for sign, written in _SIGNS.items():
            shown = shown.replace(sign, written)
        return _WORD.sub(named, shown)

    def is_figure(self, text: str) -> bool:
        """Say whether an expression is one figure alone, which may have a unit."""
        return _WORD.fullmatch(text.strip()) is not None

    def answer(self, text: str, value: Fraction | Decimal) -> str:
        """Write what an expression gives; one figure alone with its unit."""
        if not self.is_figure(text):
            return self.figure(value)
        return self.known(text.strip(), to_decimal(value, VALUE_PLACES))

    # --- steps -------------------------------------------------------------------------------

    def step(self, step: PayStep) -> str:
        """Return a step in words; one that has none is its code and its figures."""
        slots = {key: self._slot(step, key, value) for key, value in step.data.items()}
        key = self._key(step)
        if has(self.lang, key):
            slots = {"scale": "", **slots, **self._more(step)}
            try:
                return self.say(key, **slots).strip().replace(" %", f"{NBSP}%")
            except (KeyError, ValueError):
                pass
        told = ", ".join(f"{name}{NBSP}{value}" for name, value in slots.items() if value)
        return f"{step.code.removeprefix('pay.')}: {told}"

    def label(self, step: PayStep) -> str:
        """Return what a step is called at the head of its line, "" where it has no name."""
        return step_word(step.code.removeprefix("pay."), self.lang, "")

    def row(self, row: StepRow) -> str:
        """Return the figures of a row of a pay in words."""
        if row.step is not None:
            return self.step(row.step)
        if row.code == "payout" and row.figures:
            state, lacks = (str(row.figures.get(key, "")) for key in ("state", "lacks"))
            return self.say(f"pay.state.{state}", lacks=self.called(lacks))
        return ", ".join(clean(str(value)) for value in row.figures.values())

    def _key(self, step: PayStep) -> str:
        """Return the key of a step's words, which differ where there are several months."""
        months = step.data.get("months")
        if step.code == "pay.prorate" and not _is_by_days(step.data):
            return "pay.prorate.months"
        several = f"{step.code}.months"
        return (
            several
            if isinstance(months, int) and months > 1 and has(self.lang, several)
            else (step.code)
        )

    def _slot(self, step: PayStep, key: str, value: Any) -> str:
        own = _OWN.get((step.code, key))
        if own is not None:
            return own(self, step, value)
        if key in MONEY and isinstance(value, Fraction | Decimal):
            return self.money(value)
        return self._plain(key, value)

    def _plain(self, key: str, value: Any) -> str:
        if value is None:
            return self.say("pay.figure.unknown")
        if isinstance(value, bool) or not isinstance(
            value, Fraction | Decimal | int | date | tuple
        ):
            text = str(value)
            return self.kpi(text) if key == "kpi" else clean(text)
        if isinstance(value, date):
            return day(value, self.lang)
        if isinstance(value, tuple):
            if key == "figures":
                return self.figures(value)
            return ", ".join(self._plain("", one) for one in value)
        return self.figure(value)

    def _more(self, step: PayStep) -> dict[str, str]:
        """Return the slots of words that are made of several data."""
        data = step.data
        made: dict[str, str] = {}
        if "scale" in data:
            made["scale"] = self.scale(data)
        if step.code == "pay.by_kpi":
            made["scale"] = self._of_kpi(data) or made.get("scale", "")
        if made.get("scale"):
            made["scale"] = f" ({made['scale']})"
        figures = data.get("figures")
        if step.code in _READ:
            is_shown = figures and not self.is_figure(str(data.get("of", "")))
            made["held"] = f" ({self.figures(figures)})" if figures and is_shown else ""
        if step.code == "pay.gate":
            made["then"] = self.then(str(data.get("then", "")))
        return made

    def scale(self, data: Mapping[str, Any]) -> str:
        """Return where on a scale a figure lies, in words: above 80 %, up to 100 % inclusive."""
        if data.get("scale") == "bands":
            lower, upper = str(data.get("from", "")), str(data.get("to", ""))
            return self.band(lower, upper, str(data.get("of", "")))
        return self.say("pay.scale.curve") if data.get("scale") == "curve" else ""

    def band(self, lower: str, upper: str, of: str = "") -> str:
        """Return a band in words, by its bounds as the plan has them: `80` belongs to the band,
        `>100` does not. The bounds are of what the expression `of` gives, else percent."""
        edge, after = Edge.of(lower), Edge.of(upper)

        def shown(bound: Decimal) -> str:
            return self.answer(of, bound) if of else f"{self.figure(bound)}{NBSP}%"

        return bands.band(self.lang, edge, after, shown)

    def _of_kpi(self, data: Mapping[str, Any]) -> str:
        """Return why a KPI brings what it does: below its threshold, above its cap."""
        attainment, threshold, cap = (data.get(key) for key in ("attainment", "threshold", "cap"))
        if attainment is None:
            return self.say("pay.kpi.missing")
        if threshold is not None and attainment < threshold:
            return self.say("pay.kpi.threshold", percent=self.figure(threshold))
        if cap is not None and data.get("percent") == cap and attainment > cap:
            return self.say("pay.kpi.cap", percent=self.figure(cap))
        return ""

    def then(self, text: str) -> str:
        """Return what a condition does, in words."""
        match effect_of(text):
            case None:
                return clean(text)
            case Effect("times", number) if not number:
                return self.say("pay.then.zero")
            case Effect("times", number):
                return self.say("pay.then.times", factor=self.figure(number))
            case Effect("cap_percent", number):
                return self.say("pay.then.percent", percent=self.figure(number))
            case Effect(_, number):
                return self.say("pay.then.sum", limit=self.money(number))

    # --- lines -------------------------------------------------------------------------------

    def part(self, part: PayPart) -> str:
        """Return what a part is called; "" where it is the whole bonus."""
        return clean(part.label) or clean(part.id)

    def payout(self, line: PayLine) -> str:
        """Return what somebody is paid, or why there is no amount."""
        if line.payout is not None and line.state == "computed":
            return self.money(line.payout)
        reason = self.reason(line)
        if line.payout is None:
            return reason
        return f"{self.money(line.payout)} ({reason})"

    def reason(self, line: PayLine) -> str:
        """Return in words why there is no amount, "" where there is one."""
        if line.state == "computed":
            return ""
        lacks = clean(line.lacks)
        if line.state == "no_figure" and line.lacks:
            lacks = self.called(line.lacks)
        return self.say(f"pay.state.{line.state}", lacks=lacks)

    def gate(self, gate: Gate, *, acts: bool = True) -> str:
        """Return a condition: its name, what it was held against, and whether it acts; of one that
        holds and does not act, that there was nothing to change."""
        key = {True: "acts" if acts else "idle", False: "rests", None: "unknown"}[gate.met]
        figures = self.figures(gate.figures)
        then = self.then(gate.then)
        return self.say(f"pay.gate.{key}", gate=clean(gate.label), figures=figures, then=then)

    def exact(self, value: Fraction | Decimal) -> str:
        """Write an amount that is no kopecks yet, with up to four decimals."""
        exact = to_decimal(value, EXACT_PLACES)
        places = -int(exact.normalize().as_tuple().exponent)
        return self.numbers.money(exact, max(2, places))


def _is_by_days(data: Mapping[str, Any]) -> bool:
    """Say whether the days of a step are what it multiplies by: not so of months that are worth
    different amounts."""
    days, of, factor = (data.get(name) for name in ("days", "of", "factor"))
    if not days or not of or factor is None:
        return True
    return bool(Fraction(days) / Fraction(of) == factor)


def step_word(code: str, lang: str, otherwise: str | None = None) -> str:
    """Return what a step is called, by its code; a code without a word as it is."""
    key = f"pay.label.{code}"
    if has(lang, key):
        return say(lang, key)
    return code if otherwise is None else otherwise


# --- slots that are not what their name says everywhere ----------------------------------------

_Slot = Callable[[PayTexts, "PayStep", Any], str]


def _stretches(texts: PayTexts, step: PayStep, value: Any) -> str:
    """Write salaries one after the other: 80 000 ₽ (11 days), 100 000 ₽ (10 days from 16 Nov)."""
    several = len(value) > 1
    by_hours = step.data.get("unit") == "worked_hours"
    code, told = "pay.stretch.hours" if by_hours else "pay.stretch", []
    for salary, days, first, last, *_ in value:
        amount = texts.say("pay.figure.unknown") if salary is None else texts.money(salary)
        dates = {"first": day(first, texts.lang), "last": day(last, texts.lang)}
        count = texts.figure(days, DAY_PLACES)
        told.append(texts.say(code, salary=amount, days=count, **dates) if several else amount)
    return ", ".join(told)


def _tiers(texts: PayTexts, _: PayStep, value: Any) -> str:
    """Write the steps of a commission: how much at which rate."""
    return (
        texts.money(Decimal(0))
        if not value
        else " + ".join(
            f"{texts.money(end - start)} × {texts.figure(rate)}{NBSP}%"
            for start, end, rate, *_ in value
        )
    )


def _fact(texts: PayTexts, step: PayStep, value: Any) -> str:
    column = texts.columns.get(str(step.data.get("kpi", "")))
    is_money = column is None or column.unit == "money"
    return texts.money(value) if is_money else texts.figure(value, VALUE_PLACES)


def _reached(texts: PayTexts, step: PayStep, value: Any) -> str:
    if step.data.get("at") == "value":
        return _fact(texts, step, value)
    return texts.say("pay.of_target", percent=texts.figure(value))


def _answer(texts: PayTexts, step: PayStep, value: Any) -> str:
    return texts.answer(str(step.data.get("of", "")), value)


def _weight(texts: PayTexts, step: PayStep, value: Any) -> str:
    return texts.answer(str(step.data.get("by", "")), value)


def _wage(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.say(f"pay.base.{value}")


def _share(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.figure(Fraction(value) * 100)


def _number(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.figure(value)


def _days(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.figure(value, DAY_PLACES)


def _by(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.formula(str(value))


def _money_rate(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.money(value)


def _time(texts: PayTexts, _: PayStep, value: Any) -> str:
    return texts.say(f"pay.time.{value}")


def _absences(texts: PayTexts, _: PayStep, value: Any) -> str:
    return ", ".join(texts.say(f"explain.away.{kind}") for kind in value)


_OWN: Mapping[tuple[str, str], _Slot] = {
    ("pay.salary", "stretches"): _stretches,
    ("pay.commission", "fact"): _fact,
    ("pay.commission.whole", "fact"): _fact,
    ("pay.commission.marginal", "fact"): _fact,
    ("pay.commission.whole", "reached"): _reached,
    ("pay.commission.marginal", "reached"): _reached,
    ("pay.commission.marginal", "tiers"): _tiers,
    ("pay.gate_percent", "limit"): _number,
    ("pay.gate_percent", "before"): _number,
    ("pay.prorate", "days"): _days,
    ("pay.prorate", "of"): _days,
    ("pay.prorate", "by"): _time,
    ("pay.prorate", "absences"): _absences,
    ("pay.by", "of"): _by,
    ("pay.by", "value"): _answer,
    ("pay.factor", "value"): _answer,
    ("pay.pool", "weight"): _weight,
    ("pay.pool", "of"): _weight,
    ("pay.pool.own", "weight"): _weight,
    ("pay.prorate", "factor"): _share,
    ("pay.sanction", "base_of"): _wage,
    ("pay.commission.rate", "of_rate"): _money_rate,
    ("pay.commission.rate_other", "of_rate"): _money_rate,
    ("pay.piece.rate", "of_rate"): _money_rate,
    ("pay.piece.rate_other", "of_rate"): _money_rate,
    ("pay.factor", "of"): _by,
    ("pay.pool", "by"): _by,
    ("pay.pool.own", "by"): _by,
    ("pay.pool.not_eligible", "when"): _by,
    ("pay.piece", "rate"): _money_rate,
    ("pay.piece.rate", "rate"): _money_rate,
    ("pay.piece.rate_other", "rate"): _money_rate,
    ("pay.commission.rates", "fact"): _fact,
    ("pay.sanction", "wanted"): _money_rate,
}
