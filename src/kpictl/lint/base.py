"""What a rule says, and what becomes of it where the plan has turned the rule off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Generic, TypeVar

from msgspec import Struct

from kpictl.errors import Level, Place, Problem
from kpictl.plan.bound import Bound
from kpictl.plan.document import Path
from kpictl.plan.lint import LintPlan, RuleId
from kpictl.values import VALUE_PLACES, to_decimal
from kpictl.values.quantity import Quantity

Subject = TypeVar("Subject")


class Remark(Struct, frozen=True):
    """What a rule has seen: where in the plan, and the data of its text. `card` is the scorecard
    that it is about, which may turn the rule off for itself; "" for none."""

    place: Place
    data: Mapping[str, Any] = {}
    card: str = ""


class Rule(Struct, Generic[Subject], frozen=True):
    """What is looked at, and how much it matters: a lint never stops a command."""

    look: Callable[[Subject], Iterable[Remark]]
    level: Level = "warning"


class Silence(Struct, frozen=True):
    """Where a plan turns a rule off, and why."""

    reason: str
    place: Place


def remarks(
    rules: Mapping[RuleId, Rule[Subject]],
    subject: Subject,
    bound: Bound,
    *,
    tell_unused: bool = False,
) -> list[Problem]:
    """Return what rules remark on, in the order of their shelf.

    A remark whose rule is turned off is a note that bears the reason (`silenced`). `tell_unused`
    adds a note on each silence of a rule that has nothing to remark on any more.
    """
    silences = {key: silence for key, silence in _silences(bound) if key[1] in rules}
    used: set[tuple[str, RuleId]] = set()
    problems: list[Problem] = []
    for rule_id, rule in rules.items():
        for remark in rule.look(subject):
            keys = ((card, rule_id) for card in dict.fromkeys((remark.card, "")))
            key = next((key for key in keys if key in silences), None)
            data = {**remark.data, "rule": rule_id}
            level = rule.level
            if key is not None:
                used.add(key)
                data["silenced"], level = silences[key].reason, "note"
            problem = Problem(f"lint.{rule_id}", remark.place, data, level)
            if problem not in problems:
                problems.append(problem)
    for key, silence in silences.items():
        if tell_unused and key not in used:
            data = {"id": key[1], "reason": silence.reason}
            problems.append(Problem("lint.unused_silence", silence.place, data, "note"))
    return problems


def money(bound: Bound, amount: Fraction | None) -> Quantity:
    """Return money as it is to be written, in the company's currency."""
    currency = bound.plan.company.currency or ""
    exact = None if amount is None else to_decimal(amount, VALUE_PLACES)
    return Quantity(exact, "money" if currency else "", currency)


def is_silenced(problem: Problem) -> bool:
    """Say whether a remark is one that the plan has turned off."""
    return "silenced" in problem.data


def _silences(bound: Bound) -> Iterator[tuple[tuple[str, RuleId], Silence]]:
    """Yield what a plan turns off, by scorecard ("" for the whole plan) and rule."""
    sections: list[tuple[str, Path, LintPlan]] = [("", ("lint",), bound.plan.lint)]
    for card, spec in bound.plan.scorecards.items():
        sections.append((card, ("scorecards", card, "lint"), spec.lint))
    for card, path, section in sections:
        for rule_id, reason in section.ignore.items():
            place = bound.loaded.document.place((*path, "ignore", rule_id), key=True)
            yield (card, rule_id), Silence(reason, place)
