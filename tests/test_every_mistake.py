"""All mistakes of a plan in one run: none hides another, none is said that only follows from one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plans import refused

FILES = {
    "deals.csv": "ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии\n"
    "1;Сделка успешна;50;Анна Белова;10.05.2024 12:00:00\n",
    "e.csv": "name,department\nАнна Белова,Продажи\n",
}
PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow}
sources: {crm: {type: csv, deals: deals.csv, employees: e.csv, stages: {Новая: open}}}
rates: {USD: {2024-01: 90}}
kpis:
  rev: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  sold: {from: deals, count: rows, where: won, when: closed_at}
  mean: {formula: rev / sold}
scorecards:
  s:
    who: department = 'Продажи'
    kpis:  # of the card
      rev: {weight: 60, target: 5/month}
      sold: {weight: 40, target: {2024-05: 3}}
    tie_break: [rev]
targets: {company: {rev: 5/month}}
"""
# What is changed, a mark before each mistake: `▸code|`.
CASES = [
    """target: 5/month} → target: ▸plan.per_period|5/mnth, cap: ▸plan.number|abc, floor: ▸plan.number|x}
    where: won, when: closed_at, unit → where: ▸expr.unknown_name|wonn, when: closed_at, unit""",
    """sum: amount, where: won → ▸plan.no_verb|smu: ▸expr.unknown_name|amont, where: ▸expr.unknown_name|wonn, ▸plan.unknown_key|whne: x
    rev / sold → rev / ▸expr.unknown_kpi|sould""",
    """sum: amount → sum: ▸expr.unknown_name|amont
    when: closed_at, unit: money → when: ▸bind.no_date|closd_at, ▸plan.unknown_key|where2: y""",
    """where: won, when: closed_at} → where: ▸expr.unknown_name|wonn, when: ▸bind.no_date|closd_at, by: ▸bind.no_field|ownr, min_n: ▸plan.number|zero}""",
    """RUB → ▸plan.currency|RUBB
    Europe/Moscow → ▸plan.zone|Europe/Moskow
    2024-01: 90 → ▸plan.fixed_period|2024-13: 90
    sum: amount → sum: ▸expr.unknown_name|amont""",
    """deals: deals.csv → deals: ▸table.missing_near|dealz.csv
    Новая: open → Новая: ▸plan.choice|opn
    rev / sold → rev / ▸expr.unknown_kpi|sould
    weight: 40 → weight: 30
    kpis:  # of → ▸card.weights|kpis:  # of""",
    """{2024-05: 3} → {▸plan.fixed_period|2024-13: 3, 2024-06: ▸plan.number|x}
    department = → ▸bind.unknown_who|departmnt =
    [rev] → [▸card.tie_break|revv]
    company: {rev → company: {▸bind.unknown_kpi|revv""",
    """csv, deals → csv, ▸plan.unknown_key|delimter: x, dates: ▸plan.date_form|zzz, deals
    where: won, when: closed_at, unit → where: won ▸expr.syntax|and, when: closed_at, unit""",
    """from: deals, count: rows → from: ▸bind.unknown_entity|dealz, count: rows, better: ▸plan.choice|uper
    rev / sold → rev / ▸expr.syntax|/ sold
    weight: 60 → weight: ▸plan.number|abc""",
    """sum: amount → label: ▸plan.needs_text|[1], sum: amount
    target: 5/month} → target: 5/month, score: {▸plan.no_shape|linear: x}}
    sold: {weight: 40 → ▸bind.unknown_kpi|slod: {weight: 40, cap: ▸plan.number|x""",
    """company: {rev: 5/month} → company: {rev: ▸plan.number|x}, department.Foo: {sold: ▸plan.number|y, ▸bind.unknown_kpi|zzz: 1}, members.Bar: {rev: ▸plan.per_period|3/mnth}""",
    """{USD: {2024-01: 90}} → {USD: ▸plan.number|abc, ▸plan.currency|EURR: 3, GBP: {▸plan.fixed_period|2024-02-30: 4}}
    when: closed_at, unit → when: ▸bind.not_a_date|amount, unit""",
    """mean: {formula: rev / sold} → mean: {formula: ▸bind.cycle|mean + rev}\\n  lost: {formula: ▸expr.unknown_kpi|revv + mean}
    {weight: 40, target: {2024-05: 3}} → {weight: ▸plan.number|x, target: {2024-05: 3}}
    company: {rev: 5/month} → company: {rev: 5/month, mean: 3}""",
    """unit: money} → unit: money, ▸yaml.duplicate|where: lost}
    sum: amount → sum: ▸expr.unknown_name|amont
    weight: 40 → weight: ▸plan.not_negative|-40""",
    """{formula: rev / sold} → {ratio: {of: revv, over: sold, ▸plan.unknown_key|x: 1}, min_n: ▸plan.number|q}
    ratio: {of → ratio: ▸bind.unknown_kpi|{of""",
    """mean: {formula: rev / sold} → mean: {▸plan.no_verb|formla: rev / sold, ▸plan.unknown_key|lable: z, min_n: ▸plan.number|q}
    tie_break: → ▸plan.unknown_key|tie_brake:""",
    """sold: {from: deals, count: rows → ▸plan.no_verb|sold: {from: deals, tally: rows, ▸plan.unknown_key|wher: won
    where: won, when: closed_at} → where: ▸expr.unknown_name|wonn, when: ▸bind.no_date|closd_at}""",
]  # fmt: skip


def changed(case: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the plan with its mistakes, and of each its code and where it must be shown."""
    text = PLAN
    for change in case.splitlines():
        old, new = change.strip().split(" → ")
        assert old in text, old
        text = text.replace(old, new.replace("\\n", "\n"), 1)
    expected = []
    while mark := re.search(r"▸([a-z_.]+)\|", text):
        before = text[: mark.start()]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        expected.append((mark[1], f"kpi.yaml:{line}:{column}"))
        text = before + text[mark.end() :]
    return text, expected


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_said_once_at_its_place(tmp_path: Path, case: str) -> None:
    """Shape and meaning together: what stands beside a broken value, a misspelt verb or a wrong date
    is looked at all the same, and nothing is said that is only a consequence."""
    plan, expected = changed(case)
    found = [(p.code, str(p.place).rpartition("/")[2]) for p in refused(tmp_path, plan, FILES)]
    assert sorted(found) == sorted(expected)
