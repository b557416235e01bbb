"""Points at the edges, ties, quotients that miss records, and targets per what."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.plan.model import Entry
from kpictl.report import Options, render
from kpictl.scoring.curves import Inverse
from kpictl.scoring.score import Expectation, score
from kpictl.values import Fact, State, Target
from plans import compute, refused, write

D = Decimal

ORDERS = "d,who,amount\n2024-05-10,Ann,{0}\n2024-05-10,Ben,{1}\n2024-05-11,Cid,{2}\n"
HEAD = """\
kpictl: 1
sources: {s: {type: csv, o: o.csv}}
"""


# --- inverse ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ["5", "0", "-0.01", "-5"])
def test_inverse_is_best_at_and_below_zero(tmp_path: Path, fact: str) -> None:
    """Less is better all the way: below zero the cap scores, as at zero."""
    plan = (
        HEAD
        + """\
        kpis: {k: {from: o, sum: amount, when: d, by: who, better: lower}}
        scorecards: {s: {kpis: {k: {weight: 100, target: 10, score: inverse, cap: 150}}}}
        """.replace("        ", "")
    )
    found = compute(tmp_path, plan, {"o.csv": ORDERS.format(fact, 20, 10)})
    assert found.score("Ann", "k").points == D(150)
    assert [row.name for row in found.card.rows] == ["Ann", "Cid", "Ben"]


@given(st.fractions(-1000, 1000), st.fractions(-1000, 1000))
def test_inverse_never_rises_with_the_fact(one: Fraction, other: Fraction) -> None:
    """Whatever the two facts, the smaller has no fewer points."""
    entry = Entry(weight=D(100), score=Inverse(), cap=D(150))
    low, high = sorted((one, other))
    points = []
    for fact in (low, high):
        made = score(
            Expectation("k", entry, "lower"),
            Fact(State.MEASURED, fact, 1),
            Target(D(10), "employee"),
        )
        assert made.points is not None
        points.append(made.points)
    assert points[0] >= points[1]


# --- ties ------------------------------------------------------------------------------------

TIED = (
    HEAD
    + """\
kpis:
  rev: {from: o, sum: amount, when: d, by: who}
  cnt: {from: o, count: rows, when: d, by: who}
  big: {from: o, max: amount, when: d, by: who, better: BETTER}
scorecards: {s: {tie_break: BREAK, kpis: {rev: {weight: 50, target: 1000, cap: 150}, cnt: {weight: 50, target: 1}, big: {weight: 0}}}}
"""
)


@pytest.mark.parametrize(
    ("ties", "better", "ranks"),
    [
        ("[]", "higher", [("Ann", 1), ("Ben", 1)]),
        ("[rev]", "higher", [("Ben", 1), ("Ann", 2)]),
        ("[big]", "higher", [("Ben", 1), ("Ann", 2)]),
        ("[big]", "lower", [("Ann", 1), ("Ben", 2)]),
        ("[cnt]", "higher", [("Ann", 1), ("Ben", 1)]),
        ("[cnt, big]", "higher", [("Ben", 1), ("Ann", 2)]),
    ],
)
def test_ties_are_broken_by_facts(
    tmp_path: Path, ties: str, better: str, ranks: list[tuple[str, int]]
) -> None:
    """Facts decide, the better way of each KPI, whether points are capped or there are none."""
    plan = TIED.replace("BREAK", ties).replace("BETTER", better)
    found = compute(tmp_path, plan, {"o.csv": ORDERS.format(2000, 9000, 500)})
    assert [(row.name, row.rank) for row in found.card.rows][:2] == ranks


def test_a_tie_break_twice_is_lint(tmp_path: Path) -> None:
    """What stands there a second time can decide nothing."""
    plan = TIED.replace("BREAK", "[rev, rev]").replace("BETTER", "higher")
    found = compute(tmp_path, plan, {"o.csv": ORDERS.format(2000, 9000, 500)})
    assert found.said("lint.tie_break").data["kpi"] == "rev"


# --- quotients that miss records -------------------------------------------------------------

DEALS = """\
ID;Стадия сделки;Сумма;Валюта;Ответственный;Дата изменения стадии
1;Сделка успешна;100;Рубль;Анна;05.05.2024 10:00:00
2;Сделка успешна;;Рубль;Анна;06.05.2024 10:00:00
3;Сделка успешна;50;Доллар США;Анна;07.05.2024 10:00:00
4;Сделка успешна;60;Рубль;Олег;07.05.2024 10:00:00
"""
AVERAGES = """\
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won_deals: {from: deals, count: rows, where: won, when: closed_at}
  by_ratio: {label: Отношение, ratio: {of: revenue, over: won_deals}, unit: money}
  by_formula: {label: Формула, formula: revenue / won_deals, unit: money}
  average: {from: deals, average: amount, where: won, when: closed_at, unit: money}
scorecards:
  s: {kpis: {by_ratio: {weight: 50, target: 1}, by_formula: {weight: 0}, average: {weight: 50, target: 1}}}
"""


@pytest.mark.parametrize("kpi", ["by_ratio", "by_formula"])
def test_a_quotient_says_what_its_upper_part_lacks(tmp_path: Path, kpi: str) -> None:
    """Won deals without an amount or a rate count below the line: it is said, with counts."""
    found = compute(tmp_path, AVERAGES, {"deals.csv": DEALS})
    fact = found.score("Анна", kpi).fact
    assert (fact.lacking, fact.lacking_rate) == (2, 1)
    assert found.score("Олег", kpi).fact.lacking == 0
    label = {"by_ratio": "Отношение", "by_formula": "Формула"}[kpi]
    said = [p for p in found.results.warnings if p.code == "compute.lacking"]
    (one,) = [p for p in said if p.data["kpi"] == label]
    assert (one.data["count"], one.data["rate"], one.data["names"]) == (2, 1, "Анна 2")
    text = render(found.results, "table", Options(lang="ru", width=120))
    assert isinstance(text, str)
    assert "Анна 2" in text
    line = found.results.to_dict()["scorecards"][0]["rows"][0]["kpis"][kpi]
    assert {"lacking", "lacking_rate"} <= line.keys()
    assert "lacking" in found.results.to_frame().columns


def test_an_average_is_of_what_has_an_amount(tmp_path: Path) -> None:
    """`average: amount` leaves out what has none, above and below the line."""
    found = compute(tmp_path, AVERAGES, {"deals.csv": DEALS})
    assert found.of("average") == {"Анна": D(100), "Олег": D(60)}
    assert found.score("Анна", "average").fact.n == 1


def test_explain_says_what_the_upper_part_lacks(tmp_path: Path) -> None:
    """The proof of a quotient names how many records have no amount."""
    write(tmp_path, AVERAGES, {"deals.csv": DEALS})
    call = ["explain", "by_ratio", "-e", "Анна", "-c", str(tmp_path / "kpi.yaml"), "-p", "2024-05"]
    result = CliRunner().invoke(app, call)
    assert "из них без курса: 1" in " ".join(result.stdout.split()), result.output


CHANNELS = """\
sources: {m: {type: csv, requests: leads.csv, costs: spend.csv, faults: faults.csv}}
kpis:
  leads_n: {label: Leads, from: requests, count: rows, when: created, by: source}
  spend: {from: costs, sum: spend, when: date, by: source, unit: money, better: lower}
  faults_n: {from: faults, count: rows, when: date, by: source, better: lower}
  cpl: {label: Cost per lead, RATIO, unit: money, better: lower}
  fault_rate: {ratio: {of: faults_n, over: leads_n}, better: lower}
scorecards:
  channels: {kpis: {cpl: {weight: 60, target: 25}, leads_n: {weight: 40, target: 3}, fault_rate: {weight: 0}}}
"""
CHANNEL_FILES = {
    "leads.csv": "created,source\n2024-05-02,Ads\n2024-05-03,Ads\n2024-05-04,Organic\n2024-05-05,Organic\n",
    "spend.csv": "date,source,spend\n2024-05-02,Ads,40\n2024-05-02,Free,0\n2024-05-03,Free,0\n",
    "faults.csv": "date,source\n2024-05-02,Ads\n",
}


@pytest.mark.parametrize("made", ["ratio: {of: spend, over: leads_n}", "formula: spend / leads_n"])
def test_no_cost_line_is_no_cheap_lead(tmp_path: Path, made: str) -> None:
    """Less is better, and nothing to add up: no data, never 0 and never the winner; it is said."""
    files = {**CHANNEL_FILES}
    files["leads.csv"] += "2024-05-06,Free\n"
    found = compute(tmp_path, CHANNELS.replace("RATIO", made), files)
    assert found.of("cpl") == {"Ads": D(20), "Organic": "no_data", "Free": D(0)}
    assert found.row("Organic").rank is None
    assert found.said("compute.nothing_above").data["names"] == "Organic"
    assert found.of("fault_rate")["Organic"] == D(0)  # a count of nothing is a measured zero


def test_more_is_better_of_no_record_is_zero(tmp_path: Path) -> None:
    """Where more is better, no record above the line is a measured zero: nothing was sold."""
    plan = CHANNELS.replace("RATIO", "ratio: {of: spend, over: leads_n}").replace(
        "money, better: lower}\n  fault_rate", "money}\n  fault_rate"
    )
    found = compute(tmp_path, plan, CHANNEL_FILES)
    assert found.of("cpl")["Organic"] == D(0)


# --- per what --------------------------------------------------------------------------------

VOLUMES = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {who: {column: who, type: person}}}}}
kpis:
  rev: {label: Revenue, from: o, sum: amount, when: d, by: who}
  cost: {from: o, sum: amount / 4, when: d, by: who}
  avg: {from: o, average: amount, when: d, by: who}
  profit: {formula: rev - cost * 2}
  margin: {formula: (rev - cost) / rev, unit: percent}
scorecards: {s: {kpis: {rev: {weight: 40}, avg: {weight: 30}, profit: {weight: 30}, margin: {weight: 0}}}}
targets: {scorecard.s: TARGETS}
"""
SOLD = {"o.csv": ORDERS.format(10, 20, 30)}


@pytest.mark.parametrize(
    ("target", "period", "value", "derivation"),
    [
        ("5/month", "2024-05", "5", "5/month"),
        ("5/month", "2024-Q2", "15", "5/month × 3"),
        ("5/month", "2024", "60", "5/month × 12"),
        ("100/month", "2024-05-01..2024-05-18", "58.064516129", "100/month × 18/31 calendar_days"),
        ("60/year", "2024-05", "5", "60/year × 1/12"),
        ("12/quarter", "2024-05", "4", "12/quarter × 1/3"),
        ("6/half", "2024-05", "1", "6/half × 1/6"),
        ("1/day", "2024-02", "29", "1/day × 29"),
        ("7/week", "2024-05", "31", "7/week × 31/7"),
        ("31/месяц", "2024-05-03", "1", "31/month × 1/31 calendar_days"),
        ("1 200 / year", "2024-05", "100", "1200/year × 1/12"),
        (
            "{2024-H1: 5/month, 2024-H2: 6/month}",
            "2024",
            "66",
            "2024-H1: 5/month × 6 + 2024-H2: 6/month × 6",
        ),
        ("{2024-05: 62}", "2024-05-01..2024-05-15", "30", "2024-05: 62 × 15/31 calendar_days"),
        (
            "{2024-W19: 7, 2024-W20: 14}",
            "2024-05-06..2024-05-19",
            "21",
            "2024-W19: 7 + 2024-W20: 14",
        ),
    ],
)
def test_a_volume_is_expected_per_something(
    tmp_path: Path, target: str, period: str, value: str, derivation: str
) -> None:
    """Other lengths of time add it up or split it, by months and else by days, and say so."""
    plan = VOLUMES.replace("TARGETS", f"{{rev: {target}, avg: 10}}")
    found = compute(tmp_path, plan, SOLD, period=period)
    made = found.card.rows[0].score("rev").target
    assert made is not None
    assert (made.value, made.derivation) == (D(value), derivation)
    average = found.card.rows[0].score("avg").target
    assert average is not None
    assert (average.value, average.derivation) == (D(10), "")


def test_a_formula_of_volumes_is_a_volume(tmp_path: Path) -> None:
    """A profit is expected per month, and the total adds its targets up; a margin is not."""
    plan = VOLUMES.replace("TARGETS", "{profit: 5/month}")
    found = compute(tmp_path, plan, SOLD, period="2024-Q2")
    assert found.card.total is not None
    total = found.card.total.score("profit").target
    assert total is not None
    assert total.value == D(45)
    for kpi in ("margin", "avg"):
        (problem,) = refused(tmp_path, VOLUMES.replace("TARGETS", f"{{{kpi}: 5/month}}"), SOLD)
        assert problem.code == "targets.per_of_quotient"


def test_per_what_in_a_file(tmp_path: Path) -> None:
    """In a file it stands with the number or in place of the period; a quotient has none."""
    text = "employee,kpi,period,target\nAnn,rev,,5/month\nBen,rev,год,60\nCid,Revenue,2024-Q2,30\n"
    plan = VOLUMES.replace("scorecard.s: TARGETS", "file: t.csv")
    found = compute(tmp_path, plan, {**SOLD, "t.csv": text}, period="2024-05")
    targets = {row.name: row.score("rev").target for row in found.card.rows}
    assert {name: one and one.value for name, one in targets.items()} == {
        "Ann": D(5), "Ben": D(5), "Cid": D(10),
    }  # fmt: skip
    bad = "employee,kpi,period,target\nAnn,avg,,5/month\nAnn,rev,,5/moon\n"
    codes = [p.code for p in refused(tmp_path, plan, {**SOLD, "t.csv": bad})]
    assert codes == ["targets.per_of_quotient", "targets.bad_number"]


def test_per_no_known_length(tmp_path: Path) -> None:
    """A length of time that there is not names those that there are."""
    (problem,) = refused(tmp_path, VOLUMES.replace("TARGETS", "{rev: 5/moon}"), SOLD)
    assert problem.code == "plan.per_period"
    assert "quarter" in problem.data["known"]


@pytest.mark.parametrize(
    ("targets", "period", "warned"),
    [
        ("{rev: 300}", "2024-05", False),
        ("{rev: 300}", "2024", True),
        ("{rev: 300}", "2024-05-01..2024-05-10", True),
        ("{rev: 300, profit: 60/year}", "2024", False),
        ("{rev: 300, profit: 60/year}", "2024-05", True),
        ("{rev: 300/month}", "2024", False),
        ("{avg: 300}", "2024", False),
    ],
)
def test_a_bare_number_for_another_length(
    tmp_path: Path, targets: str, period: str, *, warned: bool
) -> None:
    """A number without a length is taken whole; where others are of another length, that is said;
    where there are no others, that the period is no month."""
    found = compute(tmp_path, VOLUMES.replace("TARGETS", targets), SOLD, period=period)
    said = {"targets.other_length", "targets.no_month"} & found.codes
    code = "targets.other_length" if "60/year" in targets else "targets.no_month"
    assert said == ({code} if warned else set())


def checked_plan(folder: Path, plan: str, files: dict[str, str]) -> dict[str, str]:
    write(folder, plan, files)
    result = CliRunner().invoke(app, ["check", "-c", str(folder / "kpi.yaml"), "-f", "json"])
    found = json.loads(result.stdout)
    listed = found["problems"] if isinstance(found, dict) else found
    return {one["code"]: one["message"] for one in listed}


def test_check_remarks_on_bare_numbers(tmp_path: Path) -> None:
    """`check` says which volumes' targets do not say per what."""
    said = checked_plan(tmp_path, VOLUMES.replace("TARGETS", "{rev: 300, avg: 7}"), SOLD)
    assert "Revenue" in said["lint.bare_target"]
    per = checked_plan(tmp_path, VOLUMES.replace("TARGETS", "{rev: 300/month, avg: 7}"), SOLD)
    assert "lint.bare_target" not in per


def test_check_lists_who_lacks_a_target(tmp_path: Path) -> None:
    """By name, per scorecard and KPI; goals of units are nobody's."""
    plan = """\
        sources: {s: {type: csv, o: {path: o.csv, fields: {who: {column: who, type: person}}}, employees: e.csv}}
        kpis:
          rev: {label: Revenue, from: o, sum: amount, when: d, by: who}
          avg: {label: Average, from: o, average: amount, when: d, by: who}
        scorecards: {s: {label: Team, kpis: {rev: {weight: 50}, avg: {weight: 50}}}}
        targets:
          company: {avg: 20, rev: 100/month}
          members.Sales: {rev: 5/month}
        """
    staff = "name,department\nAnn,Sales\nBen,Support\nCid,Support\n"
    said = checked_plan(tmp_path, plan, {**SOLD, "e.csv": staff})
    assert "Ben, Cid" in said["targets.lacking"]
    assert "Ann" not in said["targets.lacking"]
    assert "Average" in said["targets.lacking_all"]
