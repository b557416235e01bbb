"""What each kind makes of the records at its borders: too few, none, without a value, undecided."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plans import compute, lines

MOSCOW = ZoneInfo("Europe/Moscow")
SOURCE = "sources: {s: {type: csv, o: {path: o.csv}}}\n"
COHORT = """\
    sources: {crm: {type: csv, leads: leads.csv, deals: deals.csv}}
    kpis:
      turned:
        conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort}
        when: created_at
    """


def orders(**values: list[object]) -> dict[str, str]:
    """Return orders of 2 May by agent and value."""
    rows = [("2024-05-02", who, value) for who, them in values.items() for value in them]
    return {"o.csv": lines("day;agent;v", rows)}


@pytest.mark.parametrize(
    "kpi",
    [
        "count: rows",
        "count: distinct v",
        "sum: v",
        "average: v",
        "median: v",
        "percentile: {of: v, at: 90}",
        "min: v",
        "max: v",
        "share: v > 0",
    ],
)
def test_as_many_records_as_min_n_are_enough(tmp_path: Path, kpi: str) -> None:
    """Three records with `min_n: 3` are a result, two are too few, and it says how many it needs."""
    plan = f"{SOURCE}kpis: {{k: {{from: o, {kpi}, when: day, by: agent, min_n: 3}}}}\n"
    found = compute(tmp_path, plan, orders(Ann=[1, 2, 3], Bob=[1, 2]))
    enough, few = (found.score(name, "k").fact for name in ("Ann", "Bob"))
    assert (str(enough.state), enough.n) == ("measured", 3)
    assert (str(few.state), few.value, few.need) == ("insufficient", None, 3)


def test_as_many_records_below_the_line_as_min_n_are_enough(tmp_path: Path) -> None:
    """A ratio counts the records of its denominator, a formula those of its rarest operand."""
    plan = f"""{SOURCE}
kpis:
  total: {{from: o, sum: v, when: day, by: agent}}
  big: {{from: o, count: rows, where: v >= 3, when: day, by: agent}}
  all: {{from: o, count: rows, when: day, by: agent}}
  r: {{ratio: {{of: total, over: all}}, min_n: 3}}
  f: {{formula: all + big, min_n: 2}}
"""
    found = compute(tmp_path, plan, orders(Ann=[1, 3, 5], Bob=[1, 3]))
    assert found.of("r") == {"Ann": 3, "Bob": "insufficient"}
    assert found.of("f") == {"Ann": 5, "Bob": "insufficient"}


@pytest.mark.parametrize(
    ("last", "open_"),
    [
        pytest.param("18.06.2024 09:59:59", 1, id="the data end before the window does"),
        pytest.param("19.06.2024 10:00:00", 0, id="the data end with the window"),
        pytest.param("14.07.2024 10:00:00", 0, id="the data end long after it"),
    ],
)
def test_what_the_data_do_not_reach_is_undecided(tmp_path: Path, last: str, open_: int) -> None:
    """Asked in July of an export of June, a lead whose 30 days the export does not hold is open:
    nobody knows yet whether it turned."""
    leads = [("1", "Анна Белова", "20.05.2024 10:00:00"), ("2", "Анна Белова", last)]
    files = {
        "leads.csv": lines("ID;Ответственный;Дата создания", leads),
        "deals.csv": "ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии\n",
    }
    found = compute(tmp_path, COHORT, files)
    assert found.score("Анна Белова", "turned").fact.immature == open_
    assert ("compute.immature" in found.codes) == bool(open_)


def test_what_comes_after_as_of_is_not_known_yet(tmp_path: Path) -> None:
    """Asked on 1 June of an export of July, a lead of 20 May is open, and a deal of 10 June is not
    seen."""
    leads = [("1", "Анна Белова", "20.05.2024 10:00:00"), ("2", "Анна Белова", "10.07.2024 10:00")]
    deals = [("9", "Сделка успешна", "Анна Белова", "1", "10.06.2024 12:00:00")]
    files = {
        "leads.csv": lines("ID;Ответственный;Дата создания", leads),
        "deals.csv": lines("ID;Стадия сделки;Ответственный;Лид;Дата изменения стадии", deals),
    }
    found = compute(tmp_path, COHORT, files, as_of=datetime(2024, 6, 1, tzinfo=MOSCOW))
    fact = found.score("Анна Белова", "turned").fact
    assert (fact.value, fact.immature) == (Decimal(0), 1)
