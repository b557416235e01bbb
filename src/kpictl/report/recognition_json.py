"""The fields of JSON that are there where the plan has awards, or insight was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpictl.values import (
        Award,
        Finding,
        GroupInsight,
        Insight,
        Recipient,
        Results,
        Row,
        Scorecard,
    )


def of_results(results: Results) -> dict[str, Any]:
    return {"awards": [_award(one) for one in results.awards]} if results.awards else {}


def _award(award: Award) -> dict[str, Any]:
    held = {"least": award.least, "of": award.held} if award.held else None
    return {
        "id": award.id,
        "label": award.label,
        "when": award.when or None,
        "every": award.every or None,
        "compared": award.compared or None,
        "of": award.of or None,
        "periods": award.periods or None,
        "for": held,
        "gates": "passed" if award.gates else None,
        "tenure_months": award.tenure,
        "recipients": [_recipient(one) for one in award.recipients],
        "hidden": award.hidden,
        "undecided": award.undecided,
    }


def _recipient(one: Recipient) -> dict[str, Any]:
    return {
        "scorecard": one.scorecard,
        "id": one.id,
        "name": one.name,
        **({"segment": one.segment} if one.segment else {}),
        "figures": dict(one.figures),
        "periods": [
            {"period": then.period, "figures": dict(then.figures), "met": then.met}
            for then in one.periods
        ],
        "value": one.value,
        "base": one.base,
        "gain": one.gain,
        "months": one.months,
    }


def of_card(card: Scorecard) -> dict[str, Any]:
    return {"insights": [_group(one) for one in card.insights]} if card.insights else {}


def of_row(row: Row) -> dict[str, Any]:
    if row.insight is None:
        return {}
    found = {one.kpi: _finding(one) for one in row.insight.findings}
    return {"insight": {"kpis": found, **_training(row.insight)}}


def _training(of: Insight | GroupInsight) -> dict[str, Any]:
    return {"training": {"kpi": of.training, "lift": of.lift} if of.training else None}


def _finding(one: Finding) -> dict[str, Any]:
    peers, history = one.peers, one.history
    return {
        "verdict": one.verdict,
        "measure": one.measure,
        "value": one.value,
        "reached": one.reached,
        "peers": {
            "state": peers.state,
            "n": peers.n,
            "need": peers.need,
            "median": peers.median,
            "z": peers.z,
            "percentile": peers.percentile,
        },
        "history": history and {"n": history.n, "median": history.median, "place": history.place},
        "lift": one.lift,
    }


def _group(one: GroupInsight) -> dict[str, Any]:
    kpis = {
        kpi.kpi: {"people": kpi.people, "strong": kpi.strong, "weak": kpi.weak, "lift": kpi.lift}
        for kpi in one.kpis
    }
    return {
        "department": one.department or None,
        "people": one.people,
        "kpis": kpis,
        **_training(one),
    }
