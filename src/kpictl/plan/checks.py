"""What one section of the plan says next to another: one function a rule, one line in `CHECKS`.

A rule takes the bound plan and yields problems. Errors stop the run; warnings are printed with
the result. What is allowed but often regretted is said by `check` alone (`kpictl.lint`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from kpictl import periods
from kpictl.errors import Problem
from kpictl.expressions import Literal, Node, operations
from kpictl.expressions.show import show
from kpictl.naming import fold
from kpictl.plan import conditions, editions
from kpictl.plan.assert_checks import asserts
from kpictl.plan.awards import names_of
from kpictl.plan.document import SECRETS, Path
from kpictl.plan.fields import PerPeriod, since
from kpictl.plan.load import suggest

if TYPE_CHECKING:
    from kpictl.measure.query import Measure
    from kpictl.plan.bound import Bound
    from kpictl.plan.model import Cascade, ScorecardPlan

_LEVELS = ("employee", "members", "scorecard", "department")


def scorecards(bound: Bound) -> Iterator[Problem]:
    """Every KPI of a scorecard exists, and the weights add up to 100."""
    for card, spec, at in _cards(bound):
        path = (*at, "kpis")
        for kpi in spec.kpis:
            if kpi not in bound.plan.kpis:
                data = {"name": kpi, "card": card, **suggest(kpi, list(bound.plan.kpis))}
                yield Problem("bind.unknown_kpi", bound.place((*path, kpi), key=True), data)
        if not spec.kpis:
            yield Problem("card.empty", bound.place(path, key=True), {"card": card})
            continue
        total = sum((entry.weight for entry in spec.kpis.values()), Decimal(0))
        if total != 100:
            listed = ", ".join(f"{kpi} {entry.weight}" for kpi, entry in spec.kpis.items())
            said = {"card": card, "total": total, "listed": listed}
            yield Problem("card.weights", bound.place(path, key=True), said)
        yield from _falling(bound, path, spec)
        for i, kpi in enumerate(spec.tie_break):
            if kpi not in spec.kpis:
                data = {"name": kpi, "card": card, **suggest(kpi, list(spec.kpis))}
                place = bound.place((*at, "tie_break", i))
                yield Problem("card.tie_break", place, data)
            elif kpi in spec.tie_break[:i]:
                place = bound.place((*at, "tie_break", i))
                yield Problem("lint.tie_break", place, {"kpi": kpi}, "warning")


def _cards(bound: Bound) -> Iterator[editions.Written]:
    """Return every scorecard as it is from each day on, and where that is written."""
    return editions.written(bound.plan.scorecards)


def _falling(bound: Bound, path: Path, spec: ScorecardPlan) -> Iterator[Problem]:
    """Shapes that give the less the more there is, of a KPI of which more is said to be better."""
    for kpi, entry in spec.kpis.items():
        if entry.score.falls and kpi in bound.plan.kpis and bound.kind(kpi).better == "higher":
            place = bound.place((*path, kpi, "score"))
            data = {"kpi": bound.label(kpi), "score": type(entry.score).key}
            yield Problem("lint.falling_score", place, data, "warning")


def of_company(bound: Bound) -> Iterator[Problem]:
    """What is the company's alone stands in no scorecard and has no goal but the company's."""
    for card, spec, at in _cards(bound):
        for kpi in spec.kpis:
            if kpi in bound.plan.kpis and bound.of_company(kpi):
                place = bound.place((*at, "kpis", kpi), key=True)
                yield Problem("card.of_company", place, {"kpi": kpi, "card": card})
    for level, block in bound.plan.targets.blocks.items():
        for kpi in block:
            if kpi in bound.plan.kpis and bound.of_company(kpi):
                place = bound.place(("targets", level, kpi), key=True)
                yield Problem("targets.of_company", place, {"kpi": kpi, "level": level})


def reserved(bound: Bound) -> Iterator[Problem]:
    """Some words mean something else on the command line and in the JSON."""
    for section, word in (("kpis", "index"), ("kpis", "pay"), ("scorecards", "company")):
        if word in getattr(bound.plan, section):
            place = bound.place((section, word), key=True)
            yield Problem("plan.reserved", place, {"path": section, "key": word})


def twins(bound: Bound) -> Iterator[Problem]:
    """Names that look the same would be one name on the command line, in a spreadsheet or a URL."""
    plan = bound.plan
    listed: list[tuple[tuple[str | int, ...], list[str]]] = [
        (("kpis",), list(plan.kpis)),
        (("scorecards",), list(plan.scorecards)),
    ]
    for source, spec in plan.sources.items():
        tables = getattr(spec, "tables", {})
        listed.append((("sources", source), list(tables)))
        for entity, table in tables.items():
            listed.append((("sources", source, entity, "fields"), list(table.fields)))
    for path, names in listed:
        seen: dict[str, str] = {}
        for name in names:
            if fold(name) in seen:
                data = {"key": name, "other": seen[fold(name)]}
                yield Problem("plan.twin", bound.place((*path, name), key=True), data)
            seen[fold(name)] = name


def shapes(bound: Bound) -> Iterator[Problem]:
    """Points can be made of what a scorecard says of a KPI."""
    for card, spec, at in _cards(bound):
        for kpi, entry in spec.kpis.items():
            path = (*at, "kpis", kpi)
            data = {"card": card, "kpi": kpi}
            if entry.cap is not None and entry.cap < entry.floor:
                yield Problem("card.cap_below_floor", bound.place(path), data)
            if entry.score.needs_cap and entry.cap is None:
                yield Problem("card.needs_cap", bound.place(path), data)
            if kpi not in bound.plan.kpis:
                continue
            better = bound.plan.kpis[kpi].better
            if entry.score.better() not in (None, better):
                place = bound.place((*path, "score"))
                yield Problem("card.direction", place, {**data, "better": better})


def targets(bound: Bound) -> Iterator[Problem]:
    """Targets name levels, scorecards and KPIs that exist, and are above zero."""
    plan = bound.plan
    for level, block in {"company": plan.targets.company, **plan.targets.blocks}.items():
        path = ("targets", level)
        prefix, _, name = level.partition(".")
        if level != "company" and (prefix not in _LEVELS or not name):
            keys = ["company", "cascade", "file", "prorate"]
            levels = [*keys, *(f"{one}.{name}" for one in _LEVELS)]
            data = {"key": level, **suggest(level, levels)}
            data["known"] = ", ".join([*(f"{one}.…" for one in _LEVELS), *keys])
            yield Problem("targets.level", bound.place(path, key=True), data)
            continue
        if prefix == "scorecard" and name not in plan.scorecards:
            data = {"name": name, **suggest(name, list(plan.scorecards))}
            yield Problem("targets.scorecard", bound.place(path, key=True), data)
        for kpi, value in block.items():
            if kpi not in plan.kpis:
                data = {"name": kpi, **suggest(kpi, list(plan.kpis))}
                yield Problem("bind.unknown_kpi", bound.place((*path, kpi), key=True), data)
            yield from _values(bound, (*path, kpi), value)
            yield from _per_what(bound, (*path, kpi), value)
    for card, spec, at in _cards(bound):
        for kpi, entry in spec.kpis.items():
            place = (*at, "kpis", kpi, "target")
            if entry.target is not None:
                yield from _values(bound, place, entry.target)
                yield from _per_what(bound, place, entry.target)
            if entry.target is not None and kpi in plan.targets.blocks.get(f"scorecard.{card}", {}):
                data = {"card": card, "kpi": kpi}
                other = bound.place(("targets", f"scorecard.{card}", kpi))
                yield Problem("targets.twice", bound.place(place), {**data, "other": other})


def _values(bound: Bound, path: tuple[str | int, ...], value: object) -> Iterator[Problem]:
    """Hold a target above zero, and let no period stand in it twice in different words."""
    if not isinstance(value, dict):
        if _is_below_zero(value):
            yield Problem("targets.not_positive", bound.place(path), {"given": value})
        return
    seen: dict[periods.Days | date, str] = {}
    for text, number in value.items():
        if _is_below_zero(number):
            yield Problem("targets.not_positive", bound.place((*path, text)), {"given": number})
        with suppress(ValueError):
            days = since(text) or periods.fixed_days(text)
            if days in seen:
                data = {"period": text, "other": seen[days]}
                yield Problem("targets.period_twice", bound.place((*path, text), key=True), data)
            seen[days] = text


def _is_below_zero(value: object) -> bool:
    number = value.value if isinstance(value, PerPeriod) else value
    return isinstance(number, Decimal) and number <= 0


def _per_what(bound: Bound, path: tuple[str | int, ...], value: object) -> Iterator[Problem]:
    """Only what grows with time is expected per month, and from a day on only so; `path` ends with
    the KPI, or its target."""
    kpi = str(path[-1] if path[-1] != "target" else path[-2])
    if kpi not in bound.order:
        return
    written = value.items() if isinstance(value, dict) else [(None, value)]
    for text, number in written:
        place = bound.place(path if text is None else (*path, text))
        data = {"kpi": kpi, "given": number}
        if not bound.volume(kpi):
            if isinstance(number, PerPeriod):
                yield Problem("targets.per_of_quotient", place, data)
        elif text is not None and since(text) is not None and isinstance(number, Decimal):
            yield Problem("targets.since_of_what", place, data)


def cascades(bound: Bound) -> Iterator[Problem]:
    """A cascade divides what adds up, among people or departments that there are, in one way."""
    plan = bound.plan
    for kpi, steps in bound.cascades.items():
        path: tuple[str | int, ...] = ("targets", "cascade", kpi)
        if kpi not in plan.kpis:
            data = {"name": kpi, **suggest(kpi, list(plan.kpis))}
            yield Problem("bind.unknown_kpi", bound.place(path, key=True), data)
            continue
        if not bound.volume(kpi):
            place = bound.place(path, key=True)
            yield Problem("cascade.no_volume", place, {"kpi": bound.label(kpi)})
        for number, step in enumerate(steps):
            at = (*path, number) if isinstance(plan.targets.cascade[kpi], list) else path
            yield from _cascade(bound, kpi, at, step)


def _cascade(
    bound: Bound, kpi: str, path: tuple[str | int, ...], step: Cascade
) -> Iterator[Problem]:
    cards = list(dict.fromkeys(card for card, spec, _ in _cards(bound) if kpi in spec.kpis))
    if step.to != "departments" and step.to not in cards:
        data = {"name": step.to, "kpi": bound.label(kpi), **suggest(step.to, cards)}
        data["known"] = ", ".join([*cards, "departments"])
        yield Problem("cascade.to", bound.place((*path, "to")), data)
    if step.to == "departments" and step.of == "departments":
        yield Problem("cascade.of", bound.place((*path, "of")), {})
    if (step.by is None) == (not step.weights):
        yield Problem("cascade.by", bound.place(path), {})
    if step.weights and not any(step.weights.values()):
        yield Problem("cascade.weights", bound.place((*path, "weights")), {})


def cohorts(bound: Bound) -> Iterator[Problem]:
    """Without the id of its records a cohort cannot be followed."""
    for kpi, measures in bound.measures.items():
        for measure in measures:
            if measure.link and "id" not in bound.schemas[measure.entity].present:
                place = bound.place(("kpis", kpi, bound.kind(kpi).verb, "from"))
                yield Problem("bind.no_id", place, {"entity": measure.entity})


def not_yet(bound: Bound) -> Iterator[Problem]:
    """Sections that are only checked for shape say so, rather than being ignored."""
    for section in ("close",):
        if getattr(bound.plan, section):
            place = bound.place((section,), key=True)
            yield Problem("plan.not_yet", place, {"section": section}, "note")


def pay(bound: Bound) -> Iterator[Problem]:
    """What is paid asks for figures that exist, and says how time counts."""
    plan = bound.plan
    if (
        not plan.pools
        and not plan.funds
        and not any(held.gates or held.bonus for _, held, _ in _cards(bound))
    ):
        return
    from kpictl.plan import pay_checks  # what few plans have is imported for them alone

    yield from pay_checks.check(bound, _cards(bound))


def awards(bound: Bound) -> Iterator[Problem]:
    """Awards are of scorecards that there are, and ask for KPIs that these have."""
    plan = bound.plan
    for award, spec in plan.awards.items():
        path: Path = ("awards", award)
        for number, card in enumerate(spec.scorecards):
            if card not in bound.cards:
                at = (*path, "among", number) if isinstance(spec.among, list) else (*path, "among")
                data = {"name": card, **suggest(card, list(bound.cards))}
                yield Problem("award.scorecard", bound.place(at), data)
        kpis = _kpis_of(bound, spec.scorecards)
        if spec.of is not None and spec.of not in kpis:
            data = {"name": spec.of, **suggest(spec.of, kpis)}
            yield Problem("award.kpi", bound.place((*path, "of")), data)
        if spec.when is not None:
            yield from conditions.mistakes(bound, (*path, "when"), spec.when, names_of(kpis))
        if spec.every is not None:
            names = names_of(kpis, each=True)
            yield from conditions.mistakes(bound, (*path, "every"), spec.every, names)


def _kpis_of(bound: Bound, cards: tuple[str, ...]) -> list[str]:
    """Return the KPIs that some scorecards (none: all) have, from whichever day on."""
    specs = [spec for card, spec, _ in _cards(bound) if not cards or card in cards]
    specs = specs if bound.plan.scorecards else list(bound.cards.values())
    inside = {kpi for spec in specs for kpi in spec.kpis}
    return [kpi for kpi in bound.plan.kpis if kpi in inside]


def secrets(bound: Bound) -> Iterator[Problem]:
    """A key to a portal that stands in the plan is read by everybody who reads the plan."""
    for name, source in bound.plan.sources.items():
        for key in SECRETS:
            value = getattr(source, key, None)
            # A file source has no secrets: there `webhook` is the name of an entity.
            if isinstance(value, str) and value not in bound.loaded.document.secrets:
                variable = f'"${{{name.upper()}_{key.upper()}}}"'
                data = {"path": f"sources.{name}.{key}", "key": key, "variable": variable}
                place = bound.place(("sources", name, key), key=True)
                yield Problem("lint.secret", place, data, "warning")


def constants(bound: Bound) -> Iterator[Problem]:
    """A text next to a text is the same for every record: one of them was meant to be a field."""
    written: list[tuple[tuple[str, ...], Node]] = [
        (("kpis", kpi), tree) for kpi, found in bound.measures.items() for tree in _trees(found)
    ]
    written += [(("scorecards", c, "who"), e.tree) for c, e in bound.who.items() if e is not None]
    for path, tree in written:
        for node in operations(tree):
            texts = [arg.value for arg in node.args if isinstance(arg, Literal)]
            if node.op not in ("=", "<>", "in") or len(texts) < len(node.args):
                continue
            if isinstance(texts[0], str):
                data = {"text": show(node), "name": texts[0]}
                yield Problem("lint.constant", bound.place(path, key=True), data, "warning")


def _trees(measures: tuple[Measure, ...]) -> Iterator[Node]:
    for measure in measures:
        linked = None if measure.link is None else measure.link.where
        yield from (e.tree for e in (measure.where, measure.value, linked) if e is not None)


CHECKS: tuple[Callable[[Bound], Iterator[Problem]], ...] = (
    scorecards,
    of_company,
    reserved,
    twins,
    shapes,
    targets,
    cascades,
    cohorts,
    pay,
    awards,
    not_yet,
    secrets,
    constants,
    asserts,
)
