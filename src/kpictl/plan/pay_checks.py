"""What the sections of pay say next to the rest of a plan: figures that exist, pools and funds that
are there, proration that is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.errors import Problem
from kpictl.expressions import Type
from kpictl.plan import pay_amounts, pay_figures, pay_records, payroll
from kpictl.plan.document import Path
from kpictl.plan.load import dotted, suggest
from kpictl.plan.pay import Bonus, BonusPart, Pool
from kpictl.plan.pay_figures import PayExpression

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound
    from kpictl.plan.model import ScorecardPlan


def check(bound: Bound, cards: Iterator[tuple[str, ScorecardPlan, Path]]) -> Iterator[Problem]:
    """Yield the mistakes in the sections of pay."""
    for card, spec, at in cards:
        for expression in pay_figures.expressions_of(spec, at):
            yield from _mistakes(bound, expression)
        if spec.gates and spec.bonus is None:
            place = bound.place((*at, "gates"), key=True)
            yield Problem("pay.gates_without_bonus", place, {"card": card}, "warning")
        if spec.bonus is not None:
            yield from _bonus(bound, spec, spec.bonus, (*at, "bonus"))
            yield from _caps_nothing(bound, spec, spec.bonus, at)
    for name, pool in bound.plan.pools.items():
        if isinstance(pool, Pool) and pool.when is not None:
            path = ("pools", name, "when")
            yield from _mistakes(bound, PayExpression(pool.when, path, Type.BOOL))
    yield from _unused(bound)
    yield from pay_amounts.check(bound)
    yield from payroll.check(bound)


def _caps_nothing(bound: Bound, spec: ScorecardPlan, bonus: Bonus, at: Path) -> Iterator[Problem]:
    """A cap in percent limits what has a hundred percent: a share of the salary, or a sum."""
    if any(part.is_timely for part in bonus.each.values()):
        return
    for gate, rule in spec.gates.items():
        if rule.effect.kind == "cap_percent":
            place = bound.place((*at, "gates", gate, "then"))
            yield Problem("pay.gate_caps_nothing", place, {"gate": gate, "then": rule.then})


def _bonus(bound: Bound, spec: ScorecardPlan, bonus: Bonus, path: Path) -> Iterator[Problem]:
    if spec.rows == "departments":
        yield Problem("pay.of_departments", bound.place(path, key=True), {"path": dotted(path)})
    if bonus.draw is not None and bound.plan.pay.since is None:
        place = bound.place((*path, "draw"), key=True)
        yield Problem("pay.draw_since", place, {"path": dotted(path)})
    if bonus.fund is not None and not _is_written(bound, "funds", bonus.fund):
        data = {"name": bonus.fund, **suggest(bonus.fund, list(bound.plan.funds))}
        yield Problem("pay.unknown_fund", bound.place((*path, "fund")), data)
    yield from pay_records.check(bound, spec, path)
    for name, part in bonus.each.items():
        own = (*path, "parts", name) if name else path
        yield from _part(bound, spec, part, own)
        if part.is_timely:
            yield from _proration(bound, bonus, part, own)


def _part(bound: Bound, spec: ScorecardPlan, part: BonusPart, path: Path) -> Iterator[Problem]:
    plan = bound.plan
    if part.pool is not None and not _is_written(bound, "pools", part.pool):
        data = {"name": part.pool, **suggest(part.pool, list(plan.pools))}
        yield Problem("pay.unknown_pool", bound.place((*path, "pool")), data)
    for kpi in part.by_kpi or {}:
        if kpi not in spec.kpis:
            at = (*path, "by_kpi", kpi)
            code = "pay.kpi_not_on_card" if kpi in plan.kpis else "bind.unknown_kpi"
            data = {"name": kpi, "path": dotted(at), **suggest(kpi, list(spec.kpis))}
            yield Problem(code, bound.place(at, key=True), data)
    for verb, paid in (("commission", part.commission), ("piece", part.piece)):
        if paid is not None and paid.of not in plan.kpis:
            at = (*path, verb, "of")
            data = {"name": paid.of, "path": dotted(at), **suggest(paid.of, list(plan.kpis))}
            yield Problem("bind.unknown_kpi", bound.place(at), data)


def _is_written(bound: Bound, section: str, name: str) -> bool:
    """Say whether a pool or a fund is there, be it with mistakes of its own."""
    return (section, name) in bound.loaded.document.keys


def _proration(bound: Bound, bonus: Bonus, part: BonusPart, path: Path) -> Iterator[Problem]:
    """What is for time says what happens to it for less time, and for which absences."""
    prorate = bonus.prorate_of(part)
    place = bound.place(path, key=True)
    if prorate is None:
        yield Problem("pay.prorate_silent", place, {"path": dotted(path)})
    elif isinstance(prorate, str) and prorate != "none" and bound.plan.absences is not None:
        yield Problem("pay.prorate_absences", place, {"by": prorate, "path": dotted(path)})
    by = prorate if isinstance(prorate, str) or prorate is None else prorate.by
    if by in ("worked_days", "worked_hours") and bound.calendar is None:
        yield Problem("pay.prorate_calendar", place, {"by": by})


def _mistakes(bound: Bound, expression: PayExpression) -> Iterator[Problem]:
    _, errors = pay_figures.read(expression.text, bound, expression.type)
    for error in errors:
        yield Problem(
            "pay.unknown_figure" if error.code == "expr.unknown_name" else error.code,
            bound.loaded.document.place_within(expression.path, expression.text, error.offset),
            {"path": dotted(expression.path), "text": expression.text, **error.data},
        )


def _unused(bound: Bound) -> Iterator[Problem]:
    """Pools and funds that no bonus names are said: a misspelt name would leave them out."""
    plan, used = bound.plan, set[tuple[str, str]]()
    for spec in plan.scorecards.values():
        for bonus in (spec.bonus, *(edition.bonus for edition in spec.editions.values())):
            if bonus is not None:
                used |= {("funds", bonus.fund or "")}
                used |= {("pools", part.pool or "") for part in bonus.each.values()}
    for section, listed in (("pools", plan.pools), ("funds", plan.funds)):
        for name in listed:
            if (section, name) not in used:
                place = bound.place((section, name), key=True)
                yield Problem("pay.unused", place, {"section": section, "name": name}, "warning")
