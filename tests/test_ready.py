"""`kpictl ready`: what stands in the way of paying is red, with how many, how much and what shows
it; what is mended is green."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from typer.testing import CliRunner, Result

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.payable import checks
from kpictl.app.readiness import READY, readiness
from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.errors import Place
from kpictl.plan.asserts import Tolerance
from kpictl.report import Options
from kpictl.report.ready import render
from kpictl.values import Adjustment, EngineName, FundUse, Pay, PayLine
from kpictl.values.readiness import Check, Finding, Readiness, Verdict
from plans import LATER, refused, write
from results_sample import sample
from test_json_outputs import hold

PLAN = """\
kpictl: 1
company: {name: Acme, currency: RUB}
sources:
  crm:
    type: csv
    employees: staff.csv
    sales: {path: sales.csv, fields: {number: No, day: {column: Day, type: date}, amount: {column: Sum, type: money}, owner: {column: Who, type: person}}}
    payments: {path: payments.csv, fields: {sale: Sale, paid_at: {column: Day, type: date}, sum: {column: Sum, type: money}, owner: {column: Who, type: person}}}
kpis:
  revenue: {label: Revenue, from: sales, sum: amount, when: day, by: owner, unit: money}
  won: {label: Won, from: sales, count: rows, when: day, by: owner}
  paid: {label: Paid, from: payments, sum: sum, when: paid_at, by: owner, unit: money}
scorecards: {sales: {label: Sales, who: active, kpis: {revenue: {weight: 100, target: 1000/month}}}}
"""
ASSERT = (
    "assert: {books: {label: As in the books, kpi: revenue, equals: paid, match: {number: sale}}}\n"
)
STAFF = "name,department\nAnn Roe,North\nBen Ito,North\n"
DAYS = range(1, 32)
SALES = "ID,No,Day,Sum,Who\n" + "".join(
    f"s{d},N-{d},2024-05-{d:02},10,{'Ann Roe' if d % 2 else 'Ben Ito'}\n" for d in DAYS
)
PAYMENTS = "ID,Sale,Day,Sum,Who\n" + "".join(
    f"p{d},n-{d} ,2024-05-{d:02},10.0,{'Ann Roe' if d % 2 else 'Ben Ito'}\n" for d in DAYS
)
FILES = {"staff.csv": STAFF, "sales.csv": SALES, "payments.csv": PAYMENTS}


def checked(
    folder: Path,
    plan: str = PLAN,
    as_of: datetime = LATER,
    engine: EngineName = "duckdb",
    **files: str,
) -> Readiness:
    """Write a plan and its files, of which some are other, and go through the list for May."""
    path = write(folder, plan, FILES | {f"{name}.csv": text for name, text in files.items()})
    with open_workspace(str(path), {}) as workspace:
        zone = workspace.bound.zone
        period = periods.parse("2024-05", as_of=as_of, zone=zone)
        return readiness(workspace, ComputeRequest(period, as_of, engine=engine))


def check(found: Readiness, ident: str) -> Check:
    (only,) = [one for one in found.checks if one.id == ident]
    return only


def red(found: Readiness) -> dict[str, list[Finding]]:
    return {c.id: list(c.findings) for c in found.checks if c.verdict is Verdict.RED}


def only(found: Readiness, ident: str) -> Finding:
    """Return the one thing that is red, in the one check that is."""
    assert list(red(found)) == [ident]
    (one,) = red(found)[ident]
    return one


# --- the checks ----------------------------------------------------------------------------------


def test_sound_data_are_green(tmp_path: Path) -> None:
    """Where nothing is missing nothing is red, and what cannot be checked says why."""
    found = checked(tmp_path)
    assert found.is_ready
    assert {c.id: c.reason.code for c in found.checks if c.reason} == {
        "manual": "ready.no_manual",
        "pay": "ready.no_bonus",
        "asserts": "ready.no_asserts",
    }
    assert len(found.checks) >= len(READY)


def test_a_period_that_goes_on_is_not_complete(tmp_path: Path) -> None:
    """Nobody is paid by half a month: it is red that the period goes on."""
    as_of = datetime.fromisoformat("2024-05-20T00:00:00+00:00")
    one = only(checked(tmp_path, as_of=as_of), "complete")
    assert one.problem.code == "complete.goes_on"


def test_records_without_an_owner(tmp_path: Path) -> None:
    """How many, how much money, which, and the command that lists them; money is preferred to a
    mere count of the same records."""
    more = "x1,N-40,2024-05-31,70,\nx2,N-41,2024-05-31,5.5,\n"
    one = only(checked(tmp_path, sales=SALES + more), "no_owner")
    assert (one.count, one.amount, one.ids) == (2, Decimal("75.5"), ("x1", "x2"))
    assert one.command == ("explain", "revenue", "--left-out")


def test_records_of_an_owner_whom_nobody_knows(tmp_path: Path) -> None:
    """A slip of the pen is nobody's money; it is not somebody who is on no scorecard."""
    staff = STAFF + "Cy Head,Board\n"
    plan = PLAN.replace("who: active", "who: department = 'North'")
    more = "x1,N-40,2024-05-31,70,Anne Row\nx2,N-41,2024-05-31,5,Cy Head\n"
    one = only(checked(tmp_path, plan, staff=staff, sales=SALES + more), "strangers")
    assert (one.count, one.amount, one.names) == (1, Decimal(70), ("Anne Row",))


def test_records_without_a_date(tmp_path: Path) -> None:
    """Money without a date is in no month: it is told how much it is."""
    one = only(
        checked(tmp_path, sales=SALES + "x1,N-40,,70,Ann Roe\nx2,N-41,,2,Ben Ito\n"), "no_date"
    )
    assert (one.count, one.amount) == (2, Decimal(72))


def test_records_without_an_amount_or_a_rate(tmp_path: Path) -> None:
    """A sale without a sum, and one in a currency that has no rate, are two checks; an average is
    of those that have a number."""
    found = checked(tmp_path, sales=SALES + "x1,N-40,2024-05-31,,Ann Roe\n")
    assert only(found, "no_value").count == 1
    mean = PLAN.replace("sum: amount,", "average: amount,").replace("1000/month", "1000")
    assert checked(tmp_path, mean, sales=SALES + "x1,N-40,2024-05-31,,Ann Roe\n").is_ready
    plan = """\
    kpictl: 1
    company: {currency: RUB}
    sources: {crm: {type: csv, deals: deals.csv}}
    rates: {USD: {2024-06: 90}}
    kpis: {revenue: {from: deals, sum: amount, when: closed_at, unit: money}}
    scorecards: {s: {kpis: {revenue: {weight: 100, target: 1/month}}}}
    """
    deals = (
        "ID;Стадия сделки;Сумма;Валюта;Ответственный;Дата изменения стадии\n"
        "1;Сделка успешна;5;USD;Ann Roe;31.05.2024 12:00:00\n"
    )
    path = tmp_path / "rates"
    path.mkdir()
    assert [one.count for one in red(checked(path, plan, deals=deals))["no_rate"]] == [1]


def test_who_has_no_target(tmp_path: Path) -> None:
    """Those without a target that points depend on, by name; the command lists them."""
    plan = PLAN.replace(", target: 1000/month", "")
    plan += "targets: {employee.Ann Roe: {revenue: 1000/month}}\n"
    found = red(checked(tmp_path, plan))
    (one,) = found["targets"]
    assert (one.count, one.names, one.kpi) == (1, ("Ben Ito",), "revenue")
    assert one.command[:2] == ("targets", "--lacking")
    (unrated,) = found["rated"]
    assert [m.state for m in unrated.missing] == ["no_target"]


def test_values_that_nobody_has_typed(tmp_path: Path) -> None:
    """A mark that is due and not there is red for whom it is missing; before its term it is said
    until when there is time."""
    plan = PLAN.replace(
        "kpis:\n", "kpis:\n  quality: {label: Quality, manual: marks.csv, due: 5}\n", 1
    ).replace("revenue: {weight: 100", "quality: {weight: 50, target: 4}, revenue: {weight: 50")
    marks = "employee,period,value,date\nAnn Roe,2024-05,5,2024-06-03\n"
    found = red(checked(tmp_path, plan, marks=marks))
    assert [(f.count, f.names, f.kpi) for f in found["manual"]] == [(1, ("Ben Ito",), "quality")]
    early = datetime.fromisoformat("2024-06-04T00:00:00+00:00")
    waits = check(checked(tmp_path, plan, as_of=early, marks=marks), "manual")
    assert waits.verdict is Verdict.NOT_CHECKED
    assert waits.reason is not None
    assert f"{waits.reason.data['day']}" == "2024-06-05"
    both = marks + "Ben Ito,2024-05,4,2024-06-03\n"
    assert checked(tmp_path, plan, marks=both).is_ready


def test_who_is_on_two_scorecards_or_on_none(tmp_path: Path) -> None:
    """Somebody who would be paid twice, and somebody of the same position as others who would not
    be paid at all."""
    card = (
        "north: {label: N, who: department = 'North', kpis: {won: {weight: 100, target: 1/month}}}"
    )
    twice = PLAN.replace("scorecards: {", f"scorecards: {{{card}, ")
    assert only(checked(tmp_path, twice), "on_cards").problem.code == "compute.on_two_cards"
    staff = "name,department,position\nAnn Roe,North,Seller\nBen Ito,North,Seller\nDee Fox,West,Seller\n"
    plan = PLAN.replace("who: active", "who: department = 'North'")
    one = only(checked(tmp_path, plan, staff=staff), "on_cards")
    assert (one.problem.code, one.problem.data["names"]) == ("compute.on_no_card", "Dee Fox")


def test_who_is_not_rated_and_why(tmp_path: Path) -> None:
    """Those who lack the same are one line, with what is missing; who was away all month is none."""
    plan = PLAN.replace(
        "revenue: {weight: 100, target: 1000/month}", "mean: {weight: 100, target: 1}"
    )
    plan = plan.replace(
        "kpis:\n",
        "kpis:\n  mean: {label: Mean, from: sales, average: amount, when: day, by: owner, min_n: 16}\n",
        1,
    )
    one = only(checked(tmp_path, plan), "rated")
    assert (one.count, one.names) == (1, ("Ben Ito",))
    assert [(m.label, m.state, m.n, m.need) for m in one.missing] == [
        ("Mean", "insufficient", 15, 16)
    ]
    away = PLAN + "absences: {file: away.csv, codes: {rest: paid_absence}}\n"
    rest = "employee,from,to,kind\nBen Ito,2024-05-01,2024-05-31,rest\n"
    assert "rated" not in red(checked(tmp_path, away, away=rest))


def test_whoever_is_to_be_paid_can_be(tmp_path: Path) -> None:
    """Who has no salary that the bonus is a share of; whose pay lacks a figure, and which; a
    condition of which a figure is not known; and no amount of anybody."""
    plan = PLAN.replace(
        "target: 1000/month}}}",
        "target: 1000/month}}, bonus: {salary_share: 30, by_index: linear, prorate: none}}",
    )
    staff = "name,department,salary\nAnn Roe,North,1000\nBen Ito,North,\n"
    found = checked(tmp_path, plan, staff=staff)
    one = only(found, "salary")
    assert (one.count, one.names, one.amount) == (1, ("Ben Ito",), None)
    both = staff.replace("Ben Ito,North,", "Ben Ito,North,900")
    assert checked(tmp_path, plan, staff=both).is_ready
    unrated = plan.replace(
        "revenue: {weight: 100, target: 1000/month}", "mean: {weight: 100, target: 1}"
    )
    unrated = unrated.replace(
        "kpis:\n",
        "kpis:\n  mean: {label: Mean, from: sales, average: amount, when: day, by: owner, min_n: 16}\n",
        1,
    )
    (cannot,) = red(checked(tmp_path, unrated, staff=both))["pay"]
    assert (cannot.problem.code, cannot.names) == ("ready.unpaid.not_rated", ("Ben Ito",))
    gated = unrated.replace(
        "mean: {weight: 100, target: 1}",
        "revenue: {weight: 100, target: 1000/month}, mean: {weight: 0}",
    )
    gated = gated.replace(", bonus:", ", gates: {few: {when: mean < 5, then: zero}}, bonus:")
    (gate,) = red(checked(tmp_path, gated, staff=both))["pay"]
    assert (gate.problem.code, gate.problem.data["lacks"]) == ("ready.gate_unknown", "mean")


def test_a_pay_without_a_figure_says_which() -> None:
    """Alike lines are one finding; an adjustment that nobody signed is one, too."""
    results = sample()
    card = results.scorecards[0]
    unsigned = Adjustment("A-1", Decimal(5), " ", "Ann", place=Place("adjust.csv", 3))
    lines = (
        PayLine(card.id, "1", "Ann", "no_figure", lacks="paid"),
        PayLine(card.id, "2", "Ben", "no_figure", lacks="paid"),
        PayLine(card.id, "3", "Cy", "no_pool", lacks="team"),
        PayLine(card.id, "4", "Dee", "computed", amount=Decimal(1), adjustments=(unsigned,)),
        PayLine(card.id, "5", "Eve", "not_employed"),
    )
    pool = FundUse("team", "pool", None, Fraction(0), Decimal(0), None, figures=(("won", None),))
    found = {one.id: one for one in checks(replace(results, pay=Pay(lines, (pool,))))}
    assert [(f.problem.code, f.names) for f in found["pay"].findings] == [
        ("ready.unpaid.no_figure", ("Ann", "Ben")),
        ("ready.unpaid.no_pool", ("Cy",)),
        ("ready.pool_unknown", ()),
    ]
    assert [f.command for f in found["pay"].findings] == [
        ("compute", "--pay", "--scorecard", card.id),
        ("explain", "pay", "-e", "Cy", "--pay"),
        ("compute", "--pay"),
    ]
    assert [str(f.problem.place) for f in found["adjustments"].findings] == ["adjust.csv:3"]


def test_somebody_with_two_posts_is_one_of_those_who_cannot_be_paid(tmp_path: Path) -> None:
    """Two lines of one person are one name and count as one; the command shows that person's pay,
    and where names are masked it names nobody."""
    plan = PLAN.replace(
        "target: 1000/month}}}",
        "target: 1000/month}}, bonus: {salary_share: 30, by_index: linear, prorate: none}}",
    )
    staff = (
        "name,department,position,salary,from,to\nAnn Roe,North,Agent,1000,,\n"
        "Ben Ito,North,Agent,,2024-01-01,2024-05-15\nBen Ito,South,Head,,2024-05-16,\n"
    )
    found = checked(tmp_path, plan, staff=staff)
    one = only(found, "salary")
    assert (one.names, one.count, one.problem.data["n"]) == (("Ben Ito",), 1, 1)
    assert one.command == ("explain", "pay", "-e", "Ben Ito", "--pay")
    lines = render(found, "table", Options(lang="en", mask=True))
    assert "kpictl explain pay -e '…' --pay -p 2024-05" in str(lines)
    assert "Ben" not in str(lines)


def test_departments_are_no_employees(tmp_path: Path) -> None:
    """What lacks a target is called a row where the rows are not people."""
    plan = PLAN.replace(
        "who: active, kpis: {revenue: {weight: 100, target: 1000/month}}",
        "rows: departments, who: active, kpis: {revenue: {weight: 100}}",
    )
    one = next(f for f in red(checked(tmp_path, plan))["targets"])
    assert one.problem.code == "ready.no_target.rows"
    assert (one.count, one.names) == (1, ("North",))


def test_a_warning_that_nothing_else_shows(tmp_path: Path) -> None:
    """What is to be said of the figures besides is red, too; lint of the plan is none of it."""
    plan = PLAN + "targets: {employee.Zoe Gone: {revenue: 5/month}}\n"
    one = only(checked(tmp_path, plan), "warnings")
    assert one.problem.code == "people.unknown"


def test_some_scorecards(tmp_path: Path) -> None:
    """Of a part of the scorecards it cannot be said who is on two of them."""
    path = write(tmp_path, PLAN, FILES)
    with open_workspace(str(path), {}) as workspace:
        period = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        found = readiness(workspace, ComputeRequest(period, LATER, scorecards=("Sales",)))
    assert check(found, "on_cards").verdict is Verdict.NOT_CHECKED


# --- what a plan asserts --------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_figures_that_agree_record_by_record(tmp_path: Path, engine: EngineName) -> None:
    """The number of a sale is the same in other letters and with a space behind it; 10 is 10.0;
    several payments of one sale are one figure."""
    parts = PAYMENTS.replace(
        "p7,n-7 ,2024-05-07,10.0", "p7,n-7 ,2024-05-07,4,Ann Roe\nq7,N-7,2024-05-09,6"
    )
    for payments in (PAYMENTS, parts):
        found = check(
            checked(tmp_path, PLAN + ASSERT, engine=engine, payments=payments), "assert.books"
        )
        assert found.verdict is Verdict.GREEN
        assert found.assertion is not None
        (one,) = found.assertion.reconciliations
        assert (one.kpi, one.equals) == (Decimal(310), Decimal(310))
        assert (one.matched, one.pairs) == (31, ())


def test_a_record_without_an_amount_is_nothing_to_match(tmp_path: Path) -> None:
    """A sum leaves it out: it is not one more rouble that the other side lacks."""
    sales = SALES + "s32,N-32,2024-05-20,,Ann Roe\n"
    found = check(checked(tmp_path, PLAN + ASSERT, sales=sales), "assert.books")
    assert found.verdict is Verdict.GREEN
    assert found.assertion is not None
    (one,) = found.assertion.reconciliations
    assert (one.matched, one.pairs) == (31, ())


@pytest.mark.parametrize("engine", ["duckdb", "plain"])
def test_records_without_a_partner(tmp_path: Path, engine: EngineName) -> None:
    """What is on one side alone, on both with another figure, or has no key, the largest difference
    first; and where a partner is that does not count."""
    plan = (PLAN + ASSERT).replace("sum: sum,", "sum: sum, where: sum > 1,")
    payments = (
        PAYMENTS.replace("p3,n-3 ,2024-05-03,10.0", "p3,n-3 ,2024-05-03,9.5")
        .replace("p4,n-4 ,2024-05-04,10.0,Ben Ito\n", "")
        .replace("p5,n-5 ,2024-05-05", "p5,N-5,2024-06-02")
        .replace("p6,n-6 ,2024-05-06,10.0", "p6,N-6,2024-05-06,1")
        .replace("p8,n-8 ,2024-05-08", "p8,N-8,")
        + "z,X-1,2024-05-31,700,Ann Roe\ny,,2024-05-31,3,Ann Roe\n"
    )
    found = check(checked(tmp_path, plan, engine=engine, payments=payments), "assert.books")
    assert found.verdict is Verdict.RED
    assert found.assertion is not None
    (one,) = found.assertion.reconciliations
    assert [(p.key, p.side, p.kpi, p.equals, p.elsewhere) for p in one.pairs] == [
        (("X-1",), "equals", None, 700, None),
        (("N-4",), "kpi", 10, None, None),
        (("N-5",), "kpi", 10, None, "after"),
        (("N-6",), "kpi", 10, None, "fails"),
        (("N-8",), "kpi", 10, None, "no_date"),
        (None, "equals", None, 3, None),
        (("N-3",), "both", 10, Decimal("9.5"), None),
    ]
    assert (one.pairs[0].equals_ids, one.pairs[2].kpi_ids) == (("z",), ("s5",))
    assert f"{one.pairs[2].moment}" == "2024-06-02"
    assert one.matched == 26
    (finding,) = found.findings
    assert (finding.count, finding.amount) == (7, Decimal("662.5"))


def test_differences_of_records_do_not_cancel_out(tmp_path: Path) -> None:
    """Both sums are 310, and somebody would be paid for another's sale: red, unless the plan allows
    that much of both differences together."""
    payments = PAYMENTS.replace("n-3 ,2024-05-03,10.0", "n-3 ,2024-05-03,13").replace(
        "n-4 ,2024-05-04,10.0", "n-4 ,2024-05-04,7"
    )
    one = only(checked(tmp_path, PLAN + ASSERT, payments=payments), "assert.books")
    assert (one.problem.code, one.amount) == ("reconcile.by_records", Decimal(0))
    alone = ASSERT.replace(", match: {number: sale}", "")
    assert checked(tmp_path, PLAN + alone, payments=payments).is_ready
    for tolerance, is_ready in (("5.99", False), ("6", True), ("1.9%", False), ("2%", True)):
        plan = PLAN + ASSERT.replace("paid,", f"paid, tolerance: {tolerance},")
        assert checked(tmp_path, plan, payments=payments).is_ready is is_ready, tolerance


def test_of_each_employee(tmp_path: Path) -> None:
    """A payment that stands under another's name changes no sum of the company, and is red of both
    people by name."""
    payments = PAYMENTS.replace("2024-05-04,10.0,Ben Ito", "2024-05-04,10.0,Ann Roe")
    assert checked(tmp_path, PLAN + ASSERT, payments=payments).is_ready
    plan = PLAN + ASSERT.replace("paid,", "paid, of: employee,")
    found = red(checked(tmp_path, plan, payments=payments))["assert.books"]
    assert [(f.names, f.problem.code, f.amount) for f in found] == [
        (("Ann Roe",), "reconcile.less", Decimal(10)),
        (("Ben Ito",), "reconcile.more", Decimal(10)),
    ]
    cards = PLAN + ASSERT.replace("paid,", "paid, of: scorecard,")
    assert checked(tmp_path, cards, payments=payments).is_ready


def test_nothing_to_compare(tmp_path: Path) -> None:
    """Where one side has no value that is red; where neither has, it is not checked."""
    plan = PLAN.replace("sum: sum,", "average: sum,") + ASSERT.replace(
        ", match: {number: sale}", ""
    )
    head = "ID,Sale,Day,Sum,Who\n"
    found = checked(tmp_path, plan, payments=head)
    assert [f.problem.code for f in red(found)["assert.books"]] == ["reconcile.lacks"]
    some = plan.replace("paid,", "paid, tolerance: 1,")
    page = render(checked(tmp_path, some, payments=head), "table", Options())
    assert "allowed" not in str(page)
    assert "допуск" not in str(page)
    both = plan.replace("sum: amount,", "average: amount,").replace("1000/month", "1000")
    empty = checked(tmp_path, both, payments=head, sales="ID,No,Day,Sum,Who\n")
    assert check(empty, "assert.books").verdict is Verdict.NOT_CHECKED


@given(st.decimals(0, 100, places=2), st.fractions(), st.fractions())
def test_a_tolerance_has_no_sign(value: Decimal, difference: Fraction, second: Fraction) -> None:
    """It allows as much too little as too much, of a negative figure as of a positive one; nothing
    at all allows only what is equal; a hundred percent allows the figure itself."""
    for percent in (False, True):
        tolerance = Tolerance(value, percent=percent)
        allowed = tolerance.allows(difference, second)
        assert (
            allowed
            == tolerance.allows(-difference, second)
            == tolerance.allows(difference, -second)
        )
    assert Tolerance().allows(difference, second) == (difference == 0)
    assert Tolerance(Decimal(100), percent=True).allows(second, second)


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("{a: {kpi: ▸revenu, equals: paid}}", "bind.unknown_kpi"),
        ("{a: {kpi: revenue, equals: ▸revenue}}", "plan.assert_itself"),
        ("{a: {kpi: revenue, equals: ▸won}}", "assert.units"),
        ("{a: {kpi: revenue, equals: none, of: ▸employee}}", "assert.of_nobody"),
        ("{a: {kpi: revenue, equals: paid, tolerance: ▸-1}}", "plan.not_negative"),
        ("{a: {kpi: revenue, equals: paid, tolerance: ▸some %}}", "plan.number"),
        ("{a: {kpi: revenue, equals: ▸mean, match: {number: sale}}}", "assert.no_records"),
        ("{a: {kpi: revenue, equals: paid, match: {▸numbr: sale}}}", "bind.no_field"),
        ("{a: {kpi: revenue, equals: paid, match: {number: ▸salle}}}", "bind.no_field"),
        ("{a: {kpi: revenue, equals: paid, ▸toleranc: 1}}", "plan.unknown_key"),
    ],
)
def test_mistakes_in_the_section(tmp_path: Path, section: str, code: str) -> None:
    """Each is said once, at the word that is wrong."""
    kpis = """\
kpis:
  none: {from: payments, sum: sum, when: paid_at, by: none, unit: money}
  mean: {formula: paid / won, unit: money}
"""
    written = f"assert: {section}"
    plan = PLAN.replace("kpis:\n", kpis, 1) + written.replace("▸", "") + "\n"
    (problem,) = refused(tmp_path, plan, FILES)
    place = problem.place and problem.place.column
    assert (problem.code, place) == (code, written.index("▸") + 1)


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    payments = PAYMENTS.replace("p3,n-3 ,2024-05-03,10.0", "p3,n-3 ,2024-05-03,9.5")
    sales = SALES + "x,=N-9!,2024-05-31,7,\n"
    plan = PLAN + ASSERT.replace("paid,", "paid, of: employee,")
    write(tmp_path, plan, FILES | {"payments.csv": payments, "sales.csv": sales})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*words: str) -> Result:
    return CliRunner().invoke(app, ["ready", *words, "--as-of", "2024-07-15"])


def test_the_page_says_what_to_look_at(here: Path) -> None:
    """A sign for each check; under what is red the sentence, the money, and the command; exit code
    5."""
    done = said("2024-05")
    assert done.exit_code == 5
    assert "✗ Every record has an owner\n" in done.stdout
    assert "    1 record without an owner (₽7), Revenue\n" in done.stdout
    assert "        kpictl explain revenue --left-out -p 2024-05\n" in done.stdout
    assert "    Ann Roe: Revenue ₽160, Paid ₽159.50: ₽0.50 more\n" in done.stdout
    assert "        N-3: ₽10 in Revenue, ₽9.50 in Paid\n" in done.stdout
    assert "Not ready: 2 checks red, 9 green, 2 not checked\n" in done.stdout
    assert said("2024-05", "--lang", "ru").stdout.startswith("Готовность к выплате · май 2024")
    assert said("2024-05", "-p", "2024-04").exit_code == 2


def test_green_is_zero(here: Path) -> None:
    """A script goes on where nothing is red; the page says what agrees."""
    write(here, PLAN + ASSERT, FILES)
    done = said("-p", "2024-05")
    assert done.exit_code == 0
    assert "✓ As in the books  Revenue ₽310 = Paid ₽310 · 31 matched\n" in done.stdout
    assert "Ready: 11 checks green, 2 not checked\n" in done.stdout


def test_the_json_is_as_its_schema_says(here: Path) -> None:
    """Every field is described; the figures are exact."""
    found: Any = hold("ready", "2024-05", "--as-of", "2024-07-15")
    assert (found["ready"], found["counts"]["red"]) == (False, 2)
    books = found["checks"][-1]
    assert books["id"] == "assert.books"
    assert books["assert"]["figures"][0]["unmatched"][0]["difference"] == 0.5


def test_files(here: Path) -> None:
    """CSV has a row a finding, Markdown what is red below the table, `--unmatched` every record in
    a table of its own; no spreadsheet runs what a record says."""
    done = said("2024-05", "-o", "r-{period}.csv", "-o", "r.md", "--unmatched", "u.csv")
    assert done.exit_code == 5
    rows = list(csv.DictReader(io.StringIO((here / "r-2024-05.csv").read_text("utf-8"))))
    owner = next(row for row in rows if row["check"] == "no_owner")
    assert (owner["verdict"], owner["count"], owner["amount"], owner["ids"]) == (
        "red",
        "1",
        "7",
        "x",
    )
    page = (here / "r.md").read_text("utf-8")
    assert "- 1 record without an owner (₽7), Revenue: `kpictl explain" in page
    unmatched = list(csv.DictReader(io.StringIO((here / "u.csv").read_text("utf-8"))))
    assert [
        (r["name"], r["side"], r["key"], r["kpi"], r["equals"], r["kpi_ids"]) for r in unmatched
    ] == [("Ann Roe", "both", "N-3", "10", "9.5", "s3")]
    write(here, PLAN + ASSERT, {"sales.csv": SALES + "x,=N-9!,2024-05-31,7,\n"})
    assert ",'=N-9!,7," in said("2024-05", "--unmatched", "-").stdout
    write(here, PLAN, {})
    assert said("2024-05", "--unmatched", "-").exit_code == 2


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_nobody_is_named_where_names_are_masked(here: Path, form: str) -> None:
    """Numbers stand for those of the scorecards, and who is on none is not named."""
    sales = SALES + "x,N-99,2024-05-31,7,Zed Nobody\n"
    (here / "sales.csv").write_text(sales, "utf-8")
    shown = said("2024-05", "--mask", "-f", form)
    assert shown.exit_code == 5
    assert "Employee 1" in shown.stdout
    for name in ("Ann", "Ben", "Zed"):
        assert name not in shown.stdout
