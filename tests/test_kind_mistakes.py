"""A mistake in any key of a KPI, whatever its kind: it is said once, where it is, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans import refused

SOURCES = """\
sources:
  s:
    type: csv
    o: {path: o.csv, fields: {id: id, day: {column: day, type: date}, agent: {column: agent, type: person}, v: {column: v, type: number}, end: {column: end, type: date}}}
    p: {path: p.csv, fields: {day: {column: day, type: date}, agent: {column: agent, type: person}, o_id: {column: o_id, type: text}, v: {column: v, type: number}}}
kpis:
"""
FILES = {
    "o.csv": "id;day;agent;v;end\n1;2024-05-02;Ann;1;\n",
    "p.csv": "o_id;day;agent;v\n1;2024-05-03;Ann;1\n",
}
OPEN = "sum: 'hours(day, end)', open: elapsed"
VERBS = (
    "count: rows",
    "count: distinct v",
    "sum: v",
    "average: v",
    "median: v",
    "percentile: {of: v, at: 90}",
    "min: v",
    "stddev: v",
    "share: v > 0",
    OPEN,
)
WRONG = {
    "where: vv > 1, when: day, by: agent": "expr.unknown_name",
    "when: dey, by: agent": "bind.no_date",
    "when: day, by: agnt": "bind.no_field",
    "when: day, by: end": "bind.owner_kind",
}


@pytest.mark.parametrize(("keys", "code"), WRONG.items())
def test_a_mistake_about_the_records_is_said_once_for_each_kpi(
    tmp_path: Path, keys: str, code: str
) -> None:
    """Which records, of which day and whose: of every kind the mistake is the one thing said."""
    kpis = "".join(f"  k{n}: {{from: o, {verb}, {keys}}}\n" for n, verb in enumerate(VERBS))
    found = refused(tmp_path, SOURCES + kpis, FILES)
    assert [problem.code for problem in found] == [code] * len(VERBS)
    lines = [problem.place and problem.place.line for problem in found]
    assert lines == list(range(lines[0] or 0, (lines[0] or 0) + len(VERBS)))


@pytest.mark.parametrize("more", ["", ", where: v > 1"])
@pytest.mark.parametrize(
    "verb",
    [
        "count: distinct vv",
        "sum: vv",
        "average: vv + 1",
        "percentile: {of: vv, at: 90}",
        "stddev: vv",
        "share: vv > 0",
        "sum: 'hours(day, endd)', open: elapsed",
        "count: distinct endd, open: elapsed",
        "share: 'hours(day, endd) < 2', open: elapsed",
    ],
)
def test_a_mistake_in_what_is_taken_is_the_one_thing_said(
    tmp_path: Path, verb: str, more: str
) -> None:
    """A field that is not there is named, and nothing is said of what would follow from it."""
    plan = f"{SOURCES}  k: {{from: o, {verb}, when: day, by: agent{more}}}\n"
    assert [problem.code for problem in refused(tmp_path, plan, FILES)] == ["expr.unknown_name"]


def test_a_condition_that_cannot_be_read_leaves_open_what_waits(tmp_path: Path) -> None:
    """Where the one duration of a plan has a mistake in it, that there is none is not said too."""
    where = "where: 'hours(day, endd) > 5', open: elapsed"
    plan = f"{SOURCES}  k: {{from: o, count: rows, {where}, when: day, by: agent}}\n"
    assert [problem.code for problem in refused(tmp_path, plan, FILES)] == ["expr.unknown_name"]


@pytest.mark.parametrize("basis", ["cohort", "period"])
@pytest.mark.parametrize(
    ("inside", "beside", "code"),
    [
        ("", "when: dey, by: agent", "bind.no_date"),
        ("", "when: day, by: agnt", "bind.no_field"),
        ("", "when: day, by: agent, where: vv > 1", "expr.unknown_name"),
        (", where: vv > 1", "when: day, by: agent", "expr.unknown_name"),
        (", when: dey", "when: day, by: agent", "bind.no_date"),
    ],
)
def test_a_mistake_on_either_side_of_a_conversion_is_the_one_thing_said(
    tmp_path: Path, basis: str, inside: str, beside: str, code: str
) -> None:
    """What converts and what it converts into are checked alike, by cohort and by period."""
    when = "" if "when" in inside else ", when: day"
    made = f"from: o, to: p, basis: {basis}, via: o_id, within: 30d{when}{inside}"
    plan = f"{SOURCES}  k: {{conversion: {{{made}}}, {beside}}}\n"
    assert [problem.code for problem in refused(tmp_path, plan, FILES)] == [code]


@pytest.mark.parametrize(
    ("basis", "inside", "code"),
    [
        ("cohort", "via: oid", "bind.no_field"),
        ("cohort", "via: day", "bind.not_a_key"),
        ("period", "by: agnt", "bind.no_field"),
        ("period", "by: day", "bind.owner_kind"),
    ],
)
def test_what_links_and_whose_a_success_is_must_be_there(
    tmp_path: Path, basis: str, inside: str, code: str
) -> None:
    """A cohort follows an id, a period has owners: a wrong one is the one thing said."""
    made = f"from: o, to: p, basis: {basis}, when: day, within: 30d, {inside}"
    plan = f"{SOURCES}  k: {{conversion: {{{made}}}, when: day, by: agent}}\n"
    assert [problem.code for problem in refused(tmp_path, plan, FILES)] == [code]


def test_what_cannot_be_counted_is_quoted(tmp_path: Path) -> None:
    """`count` counts rows or different values, and says what it was given instead."""
    plan = f"{SOURCES}  k: {{from: o, count: ' people ', when: day, by: agent}}\n"
    (problem,) = refused(tmp_path, plan, FILES)
    assert (problem.code, problem.data["given"]) == ("kind.count", "people")


@pytest.mark.parametrize(("at", "given"), [("0", []), ("100", []), ("100.1", ["100.1"])])
def test_a_percentile_lies_between_0_and_100(tmp_path: Path, at: str, given: list[str]) -> None:
    """Beyond 100 there is no value to look for, and the plan is refused with the number it has."""
    plan = f"{SOURCES}  k: {{from: o, percentile: {{of: v, at: {at}}}, when: day, by: agnt}}\n"
    found = refused(tmp_path, plan, FILES)
    assert "bind.no_field" in {problem.code for problem in found}
    assert [p.data["given"] for p in found if p.code == "plan.percentile"] == given
