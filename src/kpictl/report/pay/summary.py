"""Pay beside and below a scorecard: the column, totals, conditions that act, funds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl.naming import fold
from kpictl.report.format import Numbers, clean
from kpictl.report.pay.explained import adjustment, is_idle
from kpictl.report.pay.texts import PayTexts
from kpictl.values import BY_DEPARTMENT

if TYPE_CHECKING:
    from kpictl.values import FundUse, PayLine, Results, Row, Scorecard


def texts_of(results: Results, numbers: Numbers) -> PayTexts:
    return PayTexts(numbers, results.columns)


def lines_of(results: Results, card: Scorecard) -> tuple[PayLine, ...]:
    """Return the pay of a scorecard's rows, in their order; nothing where none is asked for."""
    if results.pay is None or card.by == BY_DEPARTMENT:
        return ()
    known = {
        (line.id, line.segment): line for line in results.pay.lines if line.scorecard == card.id
    }
    own = (known.get((row.id, row.segment)) for row in card.rows)
    return tuple(line for line in own if line is not None)


def column(results: Results, card: Scorecard, rows: Iterable[Row], numbers: Numbers) -> list[str]:
    """Return what each line of a table is paid, or why there is no amount; of a total and of a
    department what its people are paid together, where all of them are shown. Nothing where the
    scorecard pays nothing."""
    lines = lines_of(results, card)
    if not lines:
        return []
    texts, own = texts_of(results, numbers), {(one.id, one.segment): one for one in lines}
    people, is_whole = len(card.rows), not card.hidden
    cells = []
    for place, row in enumerate(rows):
        if place < people:
            line = own.get((row.id, row.segment))
            cells.append("" if line is None else texts.payout(line))
        else:
            of_unit = (
                one for one in lines if row.department is None or _is_of(one, row.department)
            )
            cells.append(texts.money(paid(of_unit)) if is_whole else "")
    return cells


def paid(lines: Iterable[PayLine]) -> Decimal:
    """Return what these are paid together; who has no amount is paid nothing yet."""
    return sum((line.payout or Decimal(0) for line in lines), Decimal(0))


def _is_of(line: PayLine, department: str) -> bool:
    return line.department is not None and fold(line.department) == fold(department)


def below(results: Results, card: Scorecard, numbers: Numbers) -> list[str]:
    """Return what must be known of the pay of a scorecard: how much it is in all and of each
    department, whose amount is not known, which conditions act, what was added by hand."""
    lines = lines_of(results, card)
    if not lines:
        return []
    texts, names = texts_of(results, numbers), _names(card)
    totals = _totals(lines, texts) if not card.hidden else _shown(lines, texts)
    return [*totals, *_gates(lines, names, texts), *_adjusted(lines, names, texts)]


def _names(card: Scorecard) -> dict[tuple[str, str], str]:
    return {(row.id, row.segment): clean(row.name) or clean(row.id) for row in card.rows}


def _totals(lines: tuple[PayLine, ...], texts: PayTexts) -> Iterator[str]:
    total = texts.money(paid(lines))
    by_department: dict[str, list[PayLine]] = {}
    for line in lines:
        by_department.setdefault(line.department or "", []).append(line)
    if len(by_department) > 1:
        listed = ", ".join(
            f"{clean(name) or texts.say('pay.without_department')} {texts.money(paid(several))}"
            for name, several in by_department.items()
        )
        text = texts.say("pay.total.departments", total=total, list=listed)
    else:
        text = texts.say("pay.total", total=total)
    unknown = sum(1 for line in lines if line.state != "computed")
    yield text + ("; " + texts.say("pay.without_amount", n=unknown) if unknown else "")


def _shown(lines: tuple[PayLine, ...], texts: PayTexts) -> Iterator[str]:
    """Yield what those of the rows are paid that are shown, where there are several."""
    if len(lines) > 1:
        yield texts.say("pay.total.shown", total=texts.money(paid(lines)))


def _gates(
    lines: tuple[PayLine, ...], names: dict[tuple[str, str], str], texts: PayTexts
) -> Iterator[str]:
    """Yield each condition that acts with the figures that it was held against, and of whom."""
    whom: dict[str, list[str]] = {}
    for line in lines:
        for gate in line.gates:
            if gate.met and not is_idle(gate, line):
                whom.setdefault(texts.gate(gate), []).append(names[line.id, line.segment])
    if whom:
        yield texts.say("pay.gates")
    for condition, people in whom.items():
        yield "  " + texts.say("pay.gates.of", condition=condition, names=", ".join(people))


def _adjusted(
    lines: tuple[PayLine, ...], names: dict[tuple[str, str], str], texts: PayTexts
) -> Iterator[str]:
    """Yield each adjustment with its reason and author."""
    said = False
    for line in lines:
        for one in line.adjustments:
            if not said:
                yield texts.say("pay.adjustments")
            said = True
            name = names[line.id, line.segment]
            yield "  " + adjustment(one, texts, "pay.adjustment", name=name)


def unlisted(results: Results, numbers: Numbers) -> list[str]:
    """Return what is paid to people who are in no scorecard, each amount with its reason, and what
    is paid in all with them; nothing where there are none."""
    lines = () if results.pay is None else results.pay.lines
    others = [line for line in lines if not line.scorecard]
    if not others:
        return []
    texts = texts_of(results, numbers)
    found = [texts.say("pay.unlisted"), *(f"  {_unlisted(one, texts)}" for one in others)]
    if len(others) == len(lines):
        return found
    is_whole = not any(card.hidden for card in results.scorecards)
    total = texts.money(paid(lines))
    return [*found, texts.say("pay.total.with" if is_whole else "pay.total.shown", total=total)]


def _unlisted(line: PayLine, texts: PayTexts) -> str:
    """Return what somebody of no scorecard is paid, and what that is made of."""
    reasons = []
    if line.amount is not None:
        said = "; ".join(texts.step(step) for step in line.steps)
        reasons.append(": ".join(filter(None, (texts.money(line.amount), said))))
    reasons += [adjustment(one, texts) for one in line.adjustments]
    if line.carried:
        reasons.append(texts.say("pay.explain.carried.of", amount=texts.money(line.carried)))
    if line.balance:
        reasons.append(texts.say("pay.explain.balance.on", amount=texts.money(line.balance)))
    name, payout = clean(line.name) or clean(line.id), texts.money(line.payout or Decimal(0))
    return texts.say("pay.unlisted.of", name=name, payout=payout, reasons="; ".join(reasons))


def funds(results: Results, numbers: Numbers) -> list[str]:
    """Return what there is in each pool and fund, what was computed and what is paid of it."""
    if results.pay is None or not results.pay.funds:
        return []
    texts = texts_of(results, numbers)
    return [texts.say("pay.funds"), *(f"  {_fund(one, texts)}" for one in results.pay.funds)]


def _fund(one: FundUse, texts: PayTexts) -> str:
    name = clean(one.id)
    if one.limit is None:
        return texts.say("pay.fund.no_amount", name=name)
    told = {"limit": texts.money(one.limit), "paid": texts.money(one.paid)}
    if one.kind == "pool":
        key = "pay.fund.pool" if one.met else "pay.fund.unmet"
        return texts.say(key, name=name, **told)
    key = "pay.fund.scaled" if one.computed > one.limit else "pay.fund.limit"
    return texts.say(key, name=name, computed=texts.money(one.computed), **told)
