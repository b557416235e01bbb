"""What a number is where there is no record to make it of, and where no unit can have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans import compute

PLAN = """\
sources: {s: {type: csv, employees: e.csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}, also: {column: also, type: person, credit: overlay}}}, f: f.csv}}
kpis:
  k: KPI
scorecards: {s: {min_coverage: 0, kpis: {k: {weight: 100, target: 1}}}}
"""
FILES = {
    "e.csv": "id,name,department\n1,Ann,North\n2,Ben,North\n3,Cid,South\n",
    "o.csv": "id,day,owner,also,amount\n1,2024-05-02,Ann,Ben,5\n2,2024-05-03,Cid,Ben,7\n",
    "f.csv": "id,day,order\n1,2024-05-04,1\n",
}


@pytest.mark.parametrize(
    ("kpi", "expected"),
    [
        ("{from: o, count: rows, when: day, by: owner}", 0),
        ("{from: o, count: distinct amount, when: day, by: owner}", 0),
        ("{from: o, sum: amount, when: day, by: owner}", 0),
        ("{from: o, median: amount, when: day, by: owner}", "no_data"),
        ("{from: o, max: amount, when: day, by: owner}", "no_data"),
        ("{from: o, average: amount, when: day, by: owner}", "no_data"),
        ("{from: o, share: amount > 1, when: day, by: owner}", "no_data"),
    ],
)
def test_who_has_no_record(tmp_path: Path, kpi: str, expected: object) -> None:
    """A number of records and a sum are zero; a mean, a share and a largest value are not known."""
    assert compute(tmp_path, PLAN.replace("KPI", kpi), FILES).of("k")["Ben"] == expected


def test_who_has_no_record_that_another_followed(tmp_path: Path) -> None:
    """Of records of which none was followed by another the conversion is zero; of no record it is
    not known."""
    conversion = "{from: o, to: f, via: order, within: 30d, basis: cohort, when: day}"
    kpi = f"{{conversion: {conversion}, when: day, by: owner}}"
    found = compute(tmp_path, PLAN.replace("KPI", kpi), FILES).of("k")
    assert found == {"Ann": 100, "Ben": "no_data", "Cid": 0}


def test_no_total_has_a_quotient_of_records_that_several_have_whole(tmp_path: Path) -> None:
    """A ratio of which one part is `overlay` credit is a person's alone, whatever the other is."""
    kpi = (
        "{ratio: {of: other, over: n}}\n  n: {from: o, count: rows, when: day, by: owner}"
        "\n  other: {from: o, sum: amount, when: day, by: also}"
    )
    found = compute(tmp_path, PLAN.replace("KPI", kpi), FILES)
    assert found.total == {"k": "not_applicable"}
    assert found.of("k")["Ann"] == 0
