"""A key that nobody knows hides no other mistake of its KPI or of its scorecard."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans import refused

DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;50;Анна Белова;10.05.2024 12:00:00
"""
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at}
  sold: {from: deals, count: rows, where: won, when: closed_at}
scorecards:
  s: {kpis: {revenue: {weight: 60}, sold: {weight: 40}}}
"""
UNKNOWN = "plan.unknown_key"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"sum: amount, where": "sum: amont, wher"}, [UNKNOWN, "expr.unknown_name"]),
        ({"rows, where: won": "rows, where: wonn, lable: x"}, [UNKNOWN, "expr.unknown_name"]),
        ({"rows, where: won": "rows, where: won =, lable: x"}, [UNKNOWN, "expr.syntax"]),
        ({"sold: {from": "sold: {bey: owner_id, from"}, [UNKNOWN]),
        ({"{weight: 40}": "{weight: 30, scor: linear}"}, [UNKNOWN, "card.weights"]),
        ({"{weight: 40}": "{wieght: 40}"}, [UNKNOWN]),
        ({"{weight: 40}": "{weight: 40, cpa: 3}"}, [UNKNOWN]),
        ({"sold: {from": "sold: {xx: 1, yy: 2, from"}, [UNKNOWN, UNKNOWN]),
        ({"sum: amount": "sum: amont, xx: 1", "{weight: 40}": "{weight: 30, xx: 1}"},
         [UNKNOWN, UNKNOWN, "card.weights", "expr.unknown_name"]),
        ({"sum: amount": "smu: amont"}, ["plan.no_verb", "expr.unknown_name"]),
        ({"rows, where: won, when": "rows, where: won, whn"}, [UNKNOWN]),
    ],
)  # fmt: skip
def test_everything_else_is_checked(
    tmp_path: Path, changes: dict[str, str], codes: list[str]
) -> None:
    """What follows from the key alone is not said; what is wrong whatever it means is."""
    plan = PLAN
    for old, new in changes.items():
        assert old in plan
        plan = plan.replace(old, new)
    assert sorted(p.code for p in refused(tmp_path, plan, {"deals.csv": DEALS})) == sorted(codes)
