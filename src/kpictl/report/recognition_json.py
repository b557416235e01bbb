"""The fields of JSON that are there where the plan has awards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpictl.values import Award, Recipient, Results


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
