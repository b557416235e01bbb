"""One part of a bonus: what it is at 100 percent, how much of that is earned, and what is left for
the time that somebody was there (kpi-method B2, "Bonus formulas").

    base × percent × factors × conditions × proration, at most the cap; of that, what is released
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.pay import commission, conditions, time
from kpictl.pay.payee import Payee, SalaryStretch, mean_salary, shown
from kpictl.pay.scales import edge_after, percent_of
from kpictl.pay.steps import Computed
from kpictl.plan.pay import Bonus, BonusPart, By, OfKpi, Prorate, ProrateSpec, Scale
from kpictl.plan.pay_figures import scale_of
from kpictl.scoring.curves import edge_below
from kpictl.values import Gate, PayBase, PayPart, PayState, PayStep, Release

HUNDRED = Fraction(100)


class Written(Struct, frozen=True):
    """A part as the plan has it, within its bonus."""

    id: str
    bonus: Bonus
    part: BonusPart

    @property
    def prorate(self) -> Prorate | None:
        return self.bonus.prorate_of(self.part)

    @property
    def base(self) -> PayBase:
        bases: Mapping[str, PayBase] = {
            "salary_share": "salary",
            "fixed": "fixed",
            "commission": "commission",
            "piece": "piece",
            "pool": "pool",
        }
        return bases[self.part.bases[0]]


def compute(
    payee: Payee, written: Written, gates: tuple[Gate, ...], from_pool: Computed | None
) -> tuple[PayPart, Computed]:
    """Return a part of a bonus for a payee; `from_pool` is what a pool gives, where it is one."""
    part, acting = written.part, [gate for gate in gates if gate.met]
    computed = from_pool if part.pool is not None else _base(payee, written)
    assert computed is not None  # noqa: S101  every pool is divided before
    if part.pool is None and computed.amount is not None:
        computed = _scaled(payee, part, computed)
    for name, factor in part.factors.items():
        computed = _factored(payee, name, factor, computed)
    computed = _at_most_percent(computed, acting)
    for gate in acting:
        if gate.effect.kind == "times":
            step = PayStep("pay.gate", {"gate": gate.label, "then": gate.then})
            computed = computed.times(Fraction(gate.effect.number), step)
    if part.is_timely:
        computed = _prorated(payee, written, computed)
    if part.cap is not None and written.id:
        limit = Fraction(part.cap) * len(payee.months)
        computed = computed.at_most(limit, PayStep("pay.cap", {"limit": limit}))
    released = payee.released.get(written.id)
    if released is not None and computed.amount is not None:
        amount = Fraction(released.released)
        computed = computed.becoming(amount, PayStep("pay.release", told(released)))
    label = part.label or written.id
    made = PayPart(
        written.id, label, written.base, computed.amount, computed.full, computed.percent,
        computed.steps,
    )  # fmt: skip
    return made, computed


def told(released: Release) -> dict[str, Decimal]:
    """Return what is said of money that is waited for."""
    names = ("earned", "before", "released", "waiting")
    return {name: getattr(released, name) for name in names}


# --- base --------------------------------------------------------------------------------------


def _base(payee: Payee, written: Written) -> Computed:
    part = written.part
    if part.commission is not None or part.piece is not None:
        return commission.compute(payee, written.id, part)
    if part.salary_share is not None:
        spec = time.spec_of(written.prorate)
        return _of_salary(payee, part.salary_share, spec)
    full = Fraction(part.fixed or 0) * len(payee.months)
    data = {"sum": part.fixed, "months": len(payee.months)}
    return Computed(full, (PayStep("pay.fixed", data, full),), full)


def _of_salary(payee: Payee, share: Decimal, spec: ProrateSpec | None) -> Computed:
    stretches = [payee.salaries(month, spec) for month in payee.months]
    bases = [mean_salary(of_month) for of_month in stretches]
    if any(base is None for base in bases):
        return Computed(None, state="no_salary")
    base = sum((one for one in bases if one is not None), Fraction(0))
    full = base * Fraction(share) / HUNDRED
    data = {
        "stretches": tuple(_told(one) for of_month in stretches for one in of_month),
        "months": len(payee.months),
        "base": base,
        "share": share,
        "unit": payee.worked.unit if spec is None else spec.by,
    }
    return Computed(full, (PayStep("pay.salary", data, full),), full)


def _told(stretch: SalaryStretch) -> tuple[object, ...]:
    return (stretch.salary, stretch.days, stretch.first, stretch.last, stretch.place)


def due_at_100(payee: Payee, written: Written) -> list[Fraction]:
    """Return what a part for time is at 100 percent in each month, for the time that somebody was
    there; of another part nothing: what it is at 100 percent is not known. A salary that is not
    known counts as none."""
    part, due = written.part, list[Fraction]()
    spec = time.spec_of(written.prorate)
    for month in payee.months:
        worth = Fraction(part.fixed or 0)
        if part.salary_share is not None:
            base = mean_salary(payee.salaries(month, spec)) or Fraction(0)
            worth = base * Fraction(part.salary_share) / HUNDRED
        due.append(worth * time.share_of(payee, month, written.prorate))
    return due


# --- percent -----------------------------------------------------------------------------------


def _scaled(payee: Payee, part: BonusPart, computed: Computed) -> Computed:
    """Return a part times the percent that its scale gives; as it is where it has none."""
    if part.by_index is None and part.by_kpi is None and part.by is None:
        return computed
    percent, steps, lacks = _percent(payee, part)
    if percent is None:
        state: PayState = "not_rated" if lacks == "index" else "no_figure"
        steps = (*computed.steps, *steps)
        return replace(computed, amount=None, steps=steps, state=state, lacks=lacks)
    computed = replace(computed, percent=percent, steps=(*computed.steps, *steps))
    return computed.times(percent / HUNDRED, PayStep("pay.percent", {"percent": percent}))


def _percent(payee: Payee, part: BonusPart) -> tuple[Fraction | None, tuple[PayStep, ...], str]:
    """Return the percent of a part, the steps to it, and what is lacking where there is none."""
    if part.by_index is not None:
        index = payee.row.index
        if index is None:
            return None, (), "index"
        scale = None if part.by_index == "linear" else part.by_index
        percent = percent_of(scale, Fraction(index))
        data = {"index": index, "percent": percent, **_read_at(scale, Fraction(index))}
        return percent, (PayStep("pay.by_index", data),), ""
    if part.by_kpi is not None:
        return _by_kpi(payee, part.by_kpi)
    assert part.by is not None  # noqa: S101  asked before
    answered, by = conditions.percent(payee, part.by)
    if by is None:
        return None, (), answered.lacks
    text, scale = scale_of(part.by)
    value = Fraction(answered.value or 0)
    told = {"of": text, "value": value, "figures": shown(answered.figures), "percent": by}
    return by, (PayStep("pay.by", {**told, **_read_at(scale, value)}),), ""


def _by_kpi(
    payee: Payee, kpis: Mapping[str, OfKpi]
) -> tuple[Fraction | None, tuple[PayStep, ...], str]:
    total, steps = Fraction(0), list[PayStep]()
    for kpi, of_kpi in kpis.items():
        attainment = payee.attainment(kpi)
        percent = _of_kpi(of_kpi, attainment)
        if percent is None:
            return None, (), kpi
        total += percent * Fraction(of_kpi.weight) / HUNDRED
        scale = of_kpi if of_kpi.bands or of_kpi.curve else None
        data = {
            "kpi": kpi,
            "attainment": attainment,
            "percent": percent,
            "weight": of_kpi.weight,
            "threshold": of_kpi.threshold,
            "cap": of_kpi.cap,
            **({} if attainment is None else _read_at(scale, attainment)),
        }
        steps.append(PayStep("pay.by_kpi", data))
    return total, tuple(steps), ""


def _of_kpi(of_kpi: OfKpi, attainment: Fraction | None) -> Fraction | None:
    """Return what a KPI brings in percent: nothing below the threshold, at most the cap."""
    if attainment is None:
        missing = {"zero": Fraction(0), "neutral": HUNDRED}
        return missing.get(of_kpi.missing)
    if of_kpi.threshold is not None and attainment < of_kpi.threshold:
        return Fraction(0)
    scale = of_kpi if of_kpi.bands or of_kpi.curve else None
    percent = max(percent_of(scale, attainment), Fraction(0))
    return percent if of_kpi.cap is None else min(percent, Fraction(of_kpi.cap))


def _read_at(scale: Scale | None, x: Fraction) -> dict[str, object]:
    """Return where on a scale a figure lies: the bounds of its band, or that it is on a curve."""
    if scale is None:
        return {"scale": "linear"}
    if not scale.bands:
        return {"scale": "curve"}
    edge = edge_below(scale.bands, x)
    after = edge_after(scale.bands, edge)
    return {
        "scale": "bands",
        "from": "" if edge is None else str(edge),
        "to": "" if after is None else str(after),
    }


def _factored(payee: Payee, name: str, by: By, computed: Computed) -> Computed:
    """Return a part times a further percentage."""
    if computed.amount is None:
        return computed
    answered, percent = conditions.percent(payee, by)
    if percent is None:
        return replace(computed, amount=None, state="no_figure", lacks=answered.lacks)
    text, scale = scale_of(by)
    value = Fraction(answered.value or 0)
    data = {
        "name": name,
        "of": text,
        "value": value,
        "figures": shown(answered.figures),
        "percent": percent,
        **_read_at(scale, value),
    }
    return computed.times(percent / HUNDRED, PayStep("pay.factor", data))


# --- conditions and time -----------------------------------------------------------------------


def _at_most_percent(computed: Computed, acting: list[Gate]) -> Computed:
    """Return at most so many percent of a part, of all that its scale and its factors give."""
    full = computed.full
    if not full:
        return computed
    for gate in acting:
        if gate.effect.kind == "cap_percent" and computed.amount is not None:
            before, number = computed.amount / full * HUNDRED, Fraction(gate.effect.number)
            data = {"gate": gate.label, "limit": number, "before": before}
            limit = full * number / HUNDRED
            computed = computed.at_most(limit, PayStep("pay.gate_percent", data))
    return computed


def _prorated(payee: Payee, written: Written, computed: Computed) -> Computed:
    """Return a part by the share of each month that somebody was there for, weighted by what the
    month is worth; of a part that is not known the step alone, for what is guaranteed of it."""
    spec = time.spec_of(written.prorate)
    if computed.full is None or spec is None:
        return computed
    worth, due, days, of = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    for month in payee.months:
        there = payee.presence(month, spec.by, spec.absences)
        of_month = Fraction(1)
        if written.part.salary_share is not None:
            of_month = mean_salary(payee.salaries(month, spec)) or Fraction(0)
        worth, due = worth + of_month, due + of_month * there.share
        days, of = days + there.days, of + there.of
    factor = due / worth if worth else days / of if of else Fraction(1)
    data = {
        "by": spec.by,
        "days": days,
        "of": of,
        "absences": tuple(spec.absences),
        "factor": factor,
    }
    step = PayStep("pay.prorate", data)
    if computed.amount is None:
        return replace(computed, steps=(*computed.steps, step))
    return computed.times(factor, step)
