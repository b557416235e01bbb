"""A pay step by step, as text for people: each with its figures, what there is after it, and where
the plan has it. Amounts are shown to the kopeck; rounded is only the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place
from kpictl.report.csv import Sheet, written
from kpictl.report.format import NBSP, Numbers, clean, day, period_words
from kpictl.report.pay import rows
from kpictl.report.pay.texts import PayTexts
from kpictl.report.terminal import Line, cell_len, pad, wrap
from kpictl.report.view import told_apart
from kpictl.values import to_money

if TYPE_CHECKING:
    from kpictl.report.explanation import Look
    from kpictl.values import Adjustment, Gate, PayLine, PayStep, Release, Results

GAP = "   "  # before a place
LABEL = 15  # cells of what a line is called
_SAID_WITH_PERCENT = ("pay.by_index", "pay.by")
_SHARED = ("pay.fund", "pay.fund.own")
_GATES = ("pay.gate", "pay.gate_percent", "pay.gate_cap")


class ExplainedLine(Struct, frozen=True):
    """A line of an explanation: what it is called, what is said, the amount that there is after
    it, and where the plan or a file has it."""

    label: str
    text: str
    amount: str = ""
    places: tuple[Place, ...] = ()
    is_head: bool = False
    style: str = ""


def render(results: Results, lang: str, look: Look) -> str:
    """Return the pay of every line of the results as text."""
    results = told_apart(results)
    texts = PayTexts(Numbers.of(results, lang), results.columns)
    shown: list[Line] = []
    for line in () if results.pay is None else results.pay.lines:
        shown += [[]] if shown else []
        title = " = ".join((title_of(line, results, texts), texts.payout(line)))
        shown += [[(text, "bold")] for text in wrap(title, look.width, 2, cut=False)]
        shown += [[]]
        for told in told_of(line, texts):
            shown += _laid(told, look.width)
    return look.page(shown)


def title_of(line: PayLine, results: Results, texts: PayTexts) -> str:
    """Return whose pay it is, for what and when."""
    period = period_words(results.period, texts.lang)
    cards = {card.id: clean(card.label) or clean(card.id) for card in results.scorecards}
    here = [row for c in results.scorecards if c.id == line.scorecard for row in c.rows]
    own = (row.name for row in here if (row.id, row.segment) == (line.id, line.segment))
    name = clean(next(own, line.name)) or clean(line.id)
    card = cards.get(line.scorecard, clean(line.scorecard))
    return " · ".join(filter(None, (texts.say("pay.head"), name, period, card)))


def told_of(line: PayLine, texts: PayTexts) -> Iterator[ExplainedLine]:
    """Yield the making of a pay: its parts, what is done to their sum, what is paid."""
    several = len(line.parts) > 1
    for part in line.parts:
        if several:
            amount = texts.say("pay.figure.unknown")
            amount = amount if part.amount is None else texts.money(part.amount)
            yield ExplainedLine("", texts.part(part), amount, is_head=True)
        for step in joined(part.steps):
            yield _step(step, line, texts)
    for step in line.steps:
        if step.code != "pay.sum" or several:
            yield _step(step, line, texts)
    yield from _idle(line, texts)
    yield from _paid(line, texts)


def _idle(line: PayLine, texts: PayTexts) -> Iterator[ExplainedLine]:
    """Yield the conditions that changed nothing: those that do not hold, and caps that are higher
    than what there was."""
    for gate in line.gates:
        if gate.met and not is_idle(gate, line):
            continue
        places = () if gate.place is None else (gate.place,)
        yield ExplainedLine(
            texts.say("pay.label.gate"), texts.gate(gate, acts=False), places=places
        )


def is_idle(gate: Gate, line: PayLine) -> bool:
    """Say whether a condition is a cap that is higher than what there was, as far as it is known
    what there was."""
    if gate.effect.kind == "times" or line.state != "computed":
        return False
    steps = (*line.steps, *(step for part in line.parts for step in part.steps))
    return all(step.data.get("gate") != gate.label for step in steps)


def joined(steps: Iterable[PayStep]) -> list[PayStep]:
    """Return steps with the way to a percentage and what it comes to as one."""
    found: list[PayStep] = []
    for step in steps:
        if step.code == "pay.percent" and found and found[-1].code in _SAID_WITH_PERCENT:
            found[-1] = replace(found[-1], amount=step.amount)
        else:
            found.append(step)
    return found


def _step(step: PayStep, line: PayLine, texts: PayTexts) -> ExplainedLine:
    text, places = texts.step(step), [step.place] if step.place is not None else []
    if step.code == "pay.sum" and all(part.amount is not None for part in line.parts):
        text = _sum(step.amount or Decimal(0), line, texts)
    if step.code in _GATES:
        acting = (gate for gate in line.gates if gate.label == step.data.get("gate"))
        figures = next((texts.figures(gate.figures) for gate in acting), "")
        text += f" ({figures})" if figures else ""
    if step.code == "pay.salary":
        written = (stretch[4] for stretch in step.data.get("stretches", ()) if len(stretch) > 4)
        places += [place for place in written if place is not None]
    amount = "" if step.amount is None else texts.money(step.amount)
    amount = "" if amount == text else amount
    return ExplainedLine(texts.label(step), text, amount, tuple(dict.fromkeys(places)))


def _sum(total: Fraction | Decimal, line: PayLine, texts: PayTexts) -> str:
    """Return the parts as they are added up: to the kopeck where these come to the sum, too."""
    amounts = [part.amount or Decimal(0) for part in line.parts]
    is_plain = sum(map(to_money, amounts), Decimal(0)) == to_money(total)
    return " + ".join(map(texts.money if is_plain else texts.exact, amounts))


def _paid(line: PayLine, texts: PayTexts) -> Iterator[ExplainedLine]:
    """Yield what is paid of what was earned: adjustments, balances, what is not released yet."""
    said = texts.say
    if line.state != "computed":
        yield ExplainedLine(said("pay.label.payout"), texts.reason(line), style="yellow")
    if line.release is not None:
        yield ExplainedLine(said("pay.explain.earned"), _released(line.release, texts))
    rounded = _rounded(line, texts)
    changed = bool(line.adjustments or line.carried or line.draw)
    if changed and rounded:
        yield ExplainedLine(said("pay.label.amount"), rounded)
    total = line.amount or Decimal(0)
    for one in line.adjustments:
        total += one.amount
        places = () if one.place is None else (one.place,)
        text, amount = adjustment(one, texts), texts.money(total)
        yield ExplainedLine(said("pay.label.adjustment"), text, amount, places)
    if line.carried:
        total += line.carried
        text = said("pay.explain.carried.of", amount=texts.money(line.carried))
        yield ExplainedLine(said("pay.label.carried"), text, texts.money(total))
    if line.draw and line.payout == line.draw:
        text = said("pay.explain.draw", amount=texts.money(line.draw))
        yield ExplainedLine(said("pay.label.draw"), text)
    if line.payout is not None:
        text = texts.money(line.payout) if changed or not rounded else rounded
        yield ExplainedLine(said("pay.label.payout"), text, style="bold")
    if line.balance:
        is_draw = line.payout == line.draw and line.draw > 0
        key = "pay.explain.balance.draw" if is_draw else "pay.explain.balance.on"
        text = said(key, amount=texts.money(line.balance))
        yield ExplainedLine(said("pay.label.balance"), text)


def _rounded(line: PayLine, texts: PayTexts) -> str:
    """Say what was earned, rounded; nothing where it is not known."""
    if line.amount is None:
        return ""
    is_share = any(step.code in _SHARED for step in line.steps)
    key = "pay.explain.shared" if is_share else "pay.explain.rounded"
    return texts.say(key, amount=texts.money(line.amount))


def _released(release: Release, texts: PayTexts) -> str:
    return texts.say(
        "pay.explain.released",
        earned=texts.money(release.earned),
        before=texts.money(release.before),
        released=texts.money(release.released),
        waiting=texts.money(release.waiting),
    )


def adjustment(
    one: Adjustment, texts: PayTexts, key: str = "pay.explain.adjusted", **data: str
) -> str:
    """Return an adjustment with its reason, its author, when and for what; `data` are what else the
    words of `key` name."""
    more = texts.say("pay.adjustment.refers", period=clean(one.refers_to)) if one.refers_to else ""
    if one.written is not None:
        more += texts.say("pay.adjustment.written", day=day(one.written, texts.lang))
    return texts.say(
        key,
        **data,
        amount=texts.numbers.signed(texts.money(one.amount), one.amount),
        reason=clean(one.reason),
        author=clean(one.author),
        more=more,
    )


def _laid(told: ExplainedLine, width: int) -> Iterator[Line]:
    """Yield a line of an explanation as it fits the width."""
    amount = f" ={NBSP}{told.amount}" if told.amount else ""
    if told.is_head:
        lines = wrap(told.text + amount, width - 2, 2, cut=False)
        yield from ([(f"  {text}", "bold")] for text in lines)
        return
    place = " · ".join(clean(str(place)) for place in told.places)
    text = told.text + amount
    yield from _labelled(told, wrap(text, _room(width), 2, cut=False), place, width)


def _room(width: int) -> int:
    return max(width - LABEL - 2, LABEL)


def _labelled(told: ExplainedLine, texts: Sequence[str], place: str, width: int) -> Iterator[Line]:
    """Yield the lines of a text: its label before the first, its place after the last, or below it
    where that has no room for both."""
    fits = cell_len(texts[-1]) + len(GAP) + cell_len(place) <= _room(width)
    last = len(texts) - 1
    for number, text in enumerate(texts):
        label = "" if number else told.label
        line = [(f"  {pad(label, LABEL)}", "dim"), (text, told.style)]
        yield [*line, (GAP + place, "dim")] if place and fits and number == last else line
    if place and not fits:
        for text in wrap(place, _room(width) - 2, cut=False):
            yield [(" " * (LABEL + 4) + text, "dim")]


CSV_HEADER = ("scorecard", "id", "name", *rows.COLUMNS)


def render_csv(results: Results) -> bytes:
    """Return the steps of every line as CSV (UTF-8), formulas in text made harmless."""
    lines = () if results.pay is None else results.pay.lines
    cells = (
        (line.scorecard, line.id, line.name, *row.cells(rows.figures))
        for line in lines
        for row in rows.of_line(line)
    )
    numbers = Numbers.of(results, results.language)
    return written(Sheet(CSV_HEADER, cells), numbers, excel=False)
