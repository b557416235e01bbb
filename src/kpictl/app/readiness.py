"""The checklist before paying by a period: what it finds is red, and says what to look at.

A check is one function and one line in `READY`. It takes what was computed and yields lines of the
list; what it says of the figures was found by those rooms that made them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.app import computation, leftout, payable, reconcile, target_list
from kpictl.errors import Place, Problem
from kpictl.measure import completeness
from kpictl.measure.query import UNKNOWN, Measure, Op, whole_months
from kpictl.naming import first_few, fold, told_apart
from kpictl.plan.asserts import SECTION, matched_fields
from kpictl.scoring import posts
from kpictl.values import (
    NO_AMOUNT,
    VALUE_PLACES,
    LeftOut,
    Results,
    Row,
    Scorecard,
    State,
    to_decimal,
)
from kpictl.values.readiness import (
    Assertion,
    Check,
    Figure,
    Finding,
    Missing,
    Readiness,
    Reconciliation,
    Verdict,
)

if TYPE_CHECKING:
    from kpictl.app.computation import Computation, ComputeRequest
    from kpictl.app.workspace import Workspace
    from kpictl.people.staff import Person


class Audit(Struct, frozen=True):
    """What checks look at: what was measured, and what came of it."""

    computed: Computation
    results: Results

    def label(self, kpi: str) -> str:
        return self.computed.bound.label(kpi)


Checking = Callable[[Audit], Iterator[Check]]


def readiness(workspace: Workspace, request: ComputeRequest) -> Readiness:
    """Compute a period and go through the list. PlanRejected, SourceError or UsageError as of a
    computation."""
    bound = workspace.bound
    asserts = bound.plan.asserts.values()
    sides = tuple(side.kpi for spec in asserts for side in spec.sides)
    matched = frozenset().union(*matched_fields(bound).values()) if asserts else frozenset()
    request = replace(
        request,
        extra_kpis=tuple(dict.fromkeys((*request.extra_kpis, *sides))),
        extra_fields=request.extra_fields | matched | {"id"},
        ordered=True,
    )
    months = periods.months(request.period.first, periods.day_after(request.period))
    pays = any(card.bonus is not None for card in bound.cards.values())
    request = replace(request, pay=pays and bool(months))
    audit = Audit(*computation.compute_measured(workspace, request))
    return Readiness(audit.results, tuple(check for of in READY for check in of(audit)))


def _unchecked(ident: str, code: str, **data: object) -> Check:
    return Check(ident, Verdict.NOT_CHECKED, reason=Problem(code, None, data, "note"))


def _of_problem(problem: Problem, *command: str) -> Finding:
    count = problem.data.get("count")
    return Finding(problem, count if isinstance(count, int) else 1, command=command)


# --- the data ----------------------------------------------------------------------------------


def complete(audit: Audit) -> Iterator[Check]:
    """The data of the period are all there, and it is over."""
    found = completeness.incomplete(audit.results.warnings)
    yield Check.of("complete", (_of_problem(p) for p in found if p.code != "complete.not_typed"))


def left_out(audit: Audit) -> Iterator[Check]:
    """No record would count if it had an owner, a date, a rate or a value.

    A value is missed where records are added up or told apart. An average is of those that have
    one: not every client gives a mark.
    """
    yield Check.of("no_owner", _left_out(audit, "no_owner"))
    yield Check.of("strangers", _strangers(audit))
    yield Check.of("no_date", _left_out(audit, "no_date"))
    yield Check.of("no_rate", _left_out(audit, "no_rate"))
    yield Check.of("no_value", _left_out(audit, "no_value", "no_amount", "no_client"))


def _left_out(audit: Audit, *reasons: str) -> Iterator[Finding]:
    """Yield what is left out, of each entity by the KPI that misses most: several mostly miss the
    same records."""
    groups: dict[tuple[str, str], list[LeftOut]] = {}
    for one in audit.results.left_out:
        valued = one.reason in ("no_owner", "no_date", "no_rate")
        if one.reason in reasons and (valued or audit.computed.bound.volume(one.kpi)):
            groups.setdefault((one.entity, one.reason), []).append(one)
    for several in groups.values():
        most = max(several, key=lambda one: (one.count, one.amount is not None))
        amount = most.amount if most.reason != "no_date" else _undated_amount(audit, most)
        data = {"entity": most.entity, "count": most.count}
        yield Finding(
            Problem(f"report.left_out.{most.reason}", None, data, "warning"),
            most.count,
            amount,
            kpi=most.kpi,
            label=audit.label(most.kpi),
            entity=most.entity,
            ids=most.ids,
            command=("explain", most.kpi, "--left-out"),
        )


def _undated_amount(audit: Audit, one: LeftOut) -> Decimal | None:
    """Return how much money is in records without a date, where a KPI adds up money."""
    computed = audit.computed
    if computed.bound.kind(one.kpi).shown_unit != "money":
        return None
    for measure in computed.bound.measures[one.kpi]:
        request = leftout.request(computed, one.kpi, measure, "no_date")
        if request is not None and measure.entity == one.entity:
            values = [row.value for row in computed.engine.records(request)]
            exact = (Fraction(value) for value in values if isinstance(value, Decimal))
            return to_decimal(sum(exact, Fraction(0)), VALUE_PLACES)
    return None


def _strangers(audit: Audit) -> Iterator[Finding]:
    """Yield records of names that are nobody's: a slip of the pen, somebody who is not listed."""
    computed = audit.computed
    groups: dict[tuple[str, str], list[Finding]] = {}
    for kpi in computed.kpis:
        for measure in computed.bound.measures[kpi]:
            tally = computed.facts.tally(measure, computed.slice.id, UNKNOWN)
            if tally is not None and (count := tally.n + tally.no_value):
                money = computed.bound.kind(kpi).shown_unit == "money" and measure.op is Op.SUM
                total = tally.total if money else None
                amount = None if total is None else to_decimal(total, VALUE_PLACES)
                one = _stranger(audit, measure, count, amount)
                groups.setdefault((measure.entity, measure.by), []).append(one)
    for several in groups.values():
        yield max(several, key=lambda one: (one.count, one.amount is not None))


def _stranger(audit: Audit, measure: Measure, count: int, amount: Decimal | None) -> Finding:
    names, more = first_few(leftout.strangers(audit.computed, measure))
    kpi, data = measure.kpi, {"entity": measure.entity, "field": measure.by}
    return Finding(
        Problem("ready.strangers", None, data, "warning"), count, amount, kpi, audit.label(kpi),
        measure.entity, names, more, command=("explain", kpi, "--left-out"),
    )  # fmt: skip


# --- what is expected, and what people type -------------------------------------------------------


def targets(audit: Audit) -> Iterator[Check]:
    """Everybody has the targets that points depend on. (Two targets for one are refused.)"""
    lines = [line for line in target_list.resolved(audit.computed).lines if line.lacks]
    by_kpi: dict[tuple[str, str], list[target_list.TargetLine]] = {}
    for line in lines:
        by_kpi.setdefault((line.scorecard, line.kpi), []).append(line)
    yield Check.of(
        "targets", (_lacking(audit, card, several) for (card, _), several in by_kpi.items())
    )


def _rows(audit: Audit, card: str) -> str:
    """Return what tells words about the rows of a scorecard from those about people, where its rows
    are departments, channels, products."""
    return ".rows" if any(one.id == card and one.by for one in audit.results.scorecards) else ""


def _lacking(audit: Audit, card: str, lines: Sequence[target_list.TargetLine]) -> Finding:
    first, whose = lines[0], [line.shown for line in lines if line.shown]
    names, more = first_few(whose)
    data = {"card": first.scorecard_label, "kpi": first.label, "n": len(lines)}
    return Finding(
        Problem(f"ready.no_target{_rows(audit, card)}", None, data, "warning"),
        len(lines),
        kpi=first.kpi,
        label=first.label,
        names=names,
        more=more,
        command=("targets", "--lacking", "--scorecard", card),
    )


def manual(audit: Audit) -> Iterator[Check]:
    """What people type is there for everybody, in time, and signed as the plan wants it."""
    typed = [kpi for kpi in audit.computed.kpis if _typed(audit, kpi)]
    if not typed:
        yield _unchecked("manual", "ready.no_manual")
        return
    said = (p for p in audit.results.warnings if p.code.startswith("manual."))
    remarks = [_of_problem(p) for p in said if p.level == "warning"]
    lacking = [one for kpi in typed for one in _not_typed(audit, kpi)]
    due = [one for one, waits in lacking if not waits]
    if remarks or due or not lacking:
        yield Check.of("manual", [*due, *remarks])
        return
    last = max(_term(audit, one.kpi) for one, _ in lacking)
    yield _unchecked("manual", "ready.manual_waits", day=last)


def _typed(audit: Audit, kpi: str) -> list[Measure]:
    """Return the measures of what is typed for a KPI, in a period that holds any."""
    computed = audit.computed
    period, schemas = computed.period, computed.bound.schemas
    own = [m for m in computed.bound.measures[kpi] if schemas[m.entity].told]
    spans = [(m, *whole_months(period, m.months)) for m in own]
    return [measure for measure, start, end in spans if start < end]


def _term(audit: Audit, kpi: str) -> date:
    """Return the last day on which a value of the period may be typed."""
    last = audit.computed.period.last
    return last + timedelta(days=audit.computed.bound.kind(kpi).term or 0)


def _not_typed(audit: Audit, kpi: str) -> Iterator[tuple[Finding, bool]]:
    """Yield of whom no value is typed in a scorecard, and whether there is still time."""
    computed = audit.computed
    waits = audit.results.as_of_day <= _term(audit, kpi)
    for card in computed.cards:
        spec = computed.bound.cards[card]
        used = any(_stands_on(audit, shown, kpi) for shown in spec.kpis)
        if not used or spec.rows == "departments":
            continue
        for measure in _typed(audit, kpi):
            tallies = computed.facts.subjects(measure, computed.slice.id)
            lacking = [
                person
                for person in computed.members[card]
                if (tally := tallies.get(person.subject)) is None or not tally.n
            ]
            if lacking:
                yield _untyped(audit, (card, kpi), lacking), waits


def _stands_on(audit: Audit, shown: str, kpi: str) -> bool:
    """Say whether a KPI is, or is made of, another."""
    return shown == kpi or any(
        _stands_on(audit, need, kpi) for need in audit.computed.bound.kind(shown).needs()
    )


def _untyped(audit: Audit, of: tuple[str, str], people: Sequence[Person]) -> Finding:
    card, kpi = of
    shown = told_apart(people)
    names, more = first_few(sorted((shown[p.subject] for p in people), key=fold))
    label = audit.computed.bound.cards[card].label or card
    data = {"card": label, "kpi": audit.label(kpi), "n": len(people)}
    problem = Problem(f"ready.not_typed{_rows(audit, card)}", None, data, "warning")
    return Finding(
        problem, len(people), kpi=kpi,
        label=audit.label(kpi), names=names, more=more, command=("explain", kpi),
    )  # fmt: skip


# --- people --------------------------------------------------------------------------------------


def people_on_scorecards(audit: Audit) -> Iterator[Check]:
    """Nobody who may have been meant is on no scorecard, and nobody on two."""
    if audit.computed.request.scorecards:
        yield _unchecked("on_cards", "ready.some_cards")
        return
    remarks = audit.results.warnings
    found = [p for p in remarks if p.code in ("compute.on_no_card", "compute.on_two_cards")]
    if audit.computed.subjects.from_records and not found:
        yield _unchecked("on_cards", "ready.no_list")
        return
    yield Check.of("on_cards", map(_of_problem, found))


def rated(audit: Audit) -> Iterator[Check]:
    """Everybody has an index, but who was away for all of the period."""
    cards = [card for card in audit.results.scorecards if card.weighted]
    if not cards:
        yield _unchecked("rated", "ready.no_weights")
        return
    yield Check.of("rated", (one for card in cards for one in _unrated(audit, card)))


def _unrated(audit: Audit, card: Scorecard) -> Iterator[Finding]:
    """Yield who has no index, together with whoever lacks the same."""
    away = _away(audit, card)
    alike: dict[tuple[Missing, ...], list[Row]] = {}
    for row in card.rows:
        if row.index is None and row.subject not in away:
            alike.setdefault(_missing(row, card), []).append(row)
    for missing, rows in alike.items():
        people = list({row.id: row.name for row in rows}.values())  # each once, whatever the posts
        names, more = first_few(people)
        coverage = Figure(min(row.coverage for row in rows), "percent")
        need = Figure(card.min_coverage, "percent")
        data = {"card": card.label, "have": coverage, "need": need, "n": len(people)}
        code = "ready.unrated" if coverage.value < need.value else "ready.unrated.enough"
        yield Finding(
            Problem(code, None, data, "warning"),
            len(people),
            names=names,
            more=more,
            missing=missing,
            command=("compute", "--scorecard", card.id),
        )


def _missing(row: Row, card: Scorecard) -> tuple[Missing, ...]:
    labels = {column.kpi: column.label for column in card.columns}
    return tuple(
        Missing(labels[s.kpi], s.state, s.fact.n, s.fact.need)
        if s.state is State.INSUFFICIENT
        else Missing(labels[s.kpi], s.state)
        for s in row.scores
        if s.weight and not s.counted
    )


def _away(audit: Audit, card: Scorecard) -> frozenset[str]:
    """Return who was away for all of the period, so that nothing is expected."""
    computed = audit.computed
    people = computed.members.get(card.id, ())
    kpis = [column.kpi for column in card.columns if column.weight]
    return frozenset(
        p.subject for p in people if all(posts.expects_nothing(computed, k, p) for k in kpis)
    )


def paid(audit: Audit) -> Iterator[Check]:
    """Whoever has a bonus can be paid."""
    if audit.results.pay is not None:
        yield from payable.checks(audit.results)
    elif any(card.bonus is not None for card in audit.computed.bound.cards.values()):
        yield _unchecked("pay", "ready.part_of_month")
    else:
        yield _unchecked("pay", "ready.no_bonus")


# --- what else changes figures --------------------------------------------------------------------


_SHOWN_ABOVE = (completeness.PREFIX, "manual.", "lint.")


def warnings(audit: Audit) -> Iterator[Check]:
    """Nothing else is to be said of the figures: a date that was guessed, a stage unknown."""
    found = [p for p in audit.results.warnings if p.level == "warning"]
    others = (p for p in found if not p.code.startswith(_SHOWN_ABOVE))
    yield Check.of("warnings", (_of_problem(p) for p in others if not _is_of_another(p)))


def _is_of_another(problem: Problem) -> bool:
    """Say whether a remark is a line of another check, whose records it counts."""
    if problem.code in NO_AMOUNT.values():
        return True
    return problem.code in ("compute.on_two_cards", "compute.lacking", "pay.gate_unknown")


# --- what the plan asserts ------------------------------------------------------------------------


def asserts(audit: Audit) -> Iterator[Check]:
    """What the plan asserts holds."""
    plan = audit.computed.bound.plan
    if not plan.asserts:
        yield _unchecked("asserts", "ready.no_asserts")
    for name, spec in plan.asserts.items():
        found = reconcile.assertion(audit.computed, name)
        place = audit.computed.bound.place((SECTION, name), key=True)
        red = [one for one in found.reconciliations if not one.agrees]
        nothing = all(one.kpi is None and one.equals is None for one in found.reconciliations)
        ident, label = f"{SECTION}.{name}", spec.label or name
        if nothing:
            data = {"kpi": found.kpi_label, "other": found.equals_label}
            reason = Problem("reconcile.nothing", place, data, "note")
            yield Check(ident, Verdict.NOT_CHECKED, (), label, reason, found)
            continue
        findings = tuple(_apart(found, one, place) for one in red)
        verdict = Verdict.RED if red else Verdict.GREEN
        yield Check(ident, verdict, findings, label, assertion=found)


def _apart(found: Assertion, one: Reconciliation, place: Place) -> Finding:
    """Say of whom two figures are apart, and by how much."""
    data: dict[str, object] = {"kpi": found.kpi_label, "other": found.equals_label}
    apart, count, amount = one.difference, len(one.pairs) or 1, None
    if apart is None:
        code = "reconcile.lacks"
        data |= {"lacks": found.kpi_label if one.kpi is None else found.equals_label}
    else:
        code = "reconcile.more" if apart > 0 else "reconcile.less"
        code = code if apart else "reconcile.by_records"
        data["tolerance"] = found.tolerance
        sides = {"ours": one.kpi, "theirs": one.equals, "difference": abs(apart)}
        data |= {n: Figure(value, found.unit) for n, value in sides.items() if value is not None}
        amount = abs(apart) if found.unit == "money" else None
    return Finding(
        Problem(code, place, data, "warning"), count, amount, found.kpi, found.kpi_label,
        names=(one.name,) if one.name else (),
        command=("ready", "--unmatched", "-") if found.by_records else ("explain", found.kpi),
    )  # fmt: skip


READY: tuple[Checking, ...] = (
    complete,
    left_out,
    targets,
    manual,
    people_on_scorecards,
    rated,
    paid,
    warnings,
    asserts,
)
