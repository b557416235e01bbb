"""Whether everybody who is to be paid can be: what stands in the way is said without any amount,
since pay is shown only to who asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl.errors import Problem
from kpictl.naming import first_few
from kpictl.values import Pay, PayLine, Results
from kpictl.values.readiness import Check, Finding

if TYPE_CHECKING:
    from kpictl.values import Adjustment, Gate

_UNPAID = ("not_rated", "no_figure", "no_pool")


def checks(results: Results) -> Iterator[Check]:
    """Yield whether salaries, figures and reasons are there for everybody who has a bonus."""
    pay = results.pay
    if pay is None:
        return
    labels = {card.id: card.label for card in results.scorecards}
    without = [line for line in pay.lines if line.state == "no_salary"]
    yield Check.of("salary", _without_salary(without, labels))
    unpaid = [line for line in pay.lines if line.state in _UNPAID]
    yield Check.of("pay", [*_unpaid(unpaid, labels), *_gates(pay.lines, labels), *_pools(pay)])
    added = [(line, one) for line in pay.lines for one in line.adjustments]
    if added:
        yield Check.of("adjustments", _unsigned(added))


def _without_salary(lines: Iterable[PayLine], labels: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each scorecard that lines are of."""
    by_card: dict[str, list[PayLine]] = {}
    for line in lines:
        by_card.setdefault(line.scorecard, []).append(line)
    for card, several in by_card.items():
        data = {"card": labels.get(card) or card}
        yield _of_lines(Problem("ready.no_salary", None, data, "warning"), several)


def _of_lines(problem: Problem, lines: Sequence[PayLine]) -> Finding:
    """Return a finding about the people of lines, each of them once, however many posts they have,
    and the command that shows their pay: of one step by step, of several beside one another."""
    people = list({line.id: line.name for line in lines}.values())
    names, more = first_few(people)
    told = replace(problem, data={**problem.data, "n": len(people)})
    command: tuple[str, ...] = ("compute", "--pay", "--scorecard", lines[0].scorecard)
    if len(people) == 1:
        command = ("explain", "pay", "-e", people[0], "--pay")
    return Finding(told, len(people), names=names, more=more, command=command)


def _unpaid(lines: Iterable[PayLine], labels: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whose pay is not known, together with whoever lacks the same."""
    alike: dict[tuple[str, str, str], list[PayLine]] = {}
    for line in lines:
        alike.setdefault((line.scorecard, line.state, line.lacks), []).append(line)
    for (card, state, lacks), several in alike.items():
        data = {"card": labels.get(card) or card, "lacks": lacks}
        yield _of_lines(Problem(f"ready.unpaid.{state}", None, data, "warning"), several)


def _gates(lines: Iterable[PayLine], labels: Mapping[str, str]) -> Iterator[Finding]:
    """Yield conditions that do not act because a figure of theirs is not known."""
    alike: dict[tuple[str, str], list[tuple[PayLine, Gate]]] = {}
    for line in lines:
        for gate in line.gates:
            if gate.met is None and line.amount is not None:
                alike.setdefault((line.scorecard, gate.id), []).append((line, gate))
    for (card, _), pairs in alike.items():
        several, gate = [line for line, _ in pairs], pairs[0][1]
        lacks = _unknown(figure for _, one in pairs for figure in one.figures)
        data = {"card": labels.get(card) or card, "lacks": lacks, "gate": gate.label}
        yield _of_lines(Problem("ready.gate_unknown", gate.place, data, "warning"), several)


def _pools(pay: Pay) -> Iterator[Finding]:
    """Yield pools of which it is not known whether there is anything in them."""
    for use in pay.funds:
        if use.met is None:
            data = {"pool": use.id, "lacks": _unknown(use.figures)}
            problem = Problem("ready.pool_unknown", use.place, data, "warning")
            yield Finding(problem, command=("compute", "--pay"))


def _unknown(figures: Iterable[tuple[str, object]]) -> str:
    return ", ".join(dict.fromkeys(name for name, value in figures if value is None))


def _unsigned(added: Iterable[tuple[PayLine, Adjustment]]) -> Iterator[Finding]:
    """Yield adjustments without a reason or an author: each by its place."""
    for line, one in added:
        if not one.reason.strip() or not one.author.strip():
            problem = Problem("ready.unsigned", one.place, {"id": one.id}, "warning")
            yield _of_lines(problem, [line])
