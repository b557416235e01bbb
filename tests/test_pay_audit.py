"""What pay comes to where things are not as usual: raises with absences, newcomers, quarters,
years, sanctions on several bonuses, funds to the kopeck, and sums that nobody can pay.

Each payout is worked out by hand in the promise of its test.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import kpictl
from kpictl.report.format import Numbers
from kpictl.report.pay import steps_table
from kpictl.values import PayLine, Results
from kpictl.values.pay import to_money
from plans import Files, checked, paid, refused, write
from test_pay import MONTH, bonus, deals, one, payouts, staff

MONTHLY = "revenue: {weight: 100, target: 1000000/month}"
ALL_OR_NOTHING = "fixed: 10000, by_index: {bands: {0: 0, 100: 100}}, prorate: none"
LATE = datetime(2025, 1, 15, 9, tzinfo=UTC)


def sold(*rows: tuple[str, int | str], who: str = "Анна") -> str:
    """Return an export of deals won by one: day, amount."""
    lines = (
        f"{number};{amount};{who};{day};Сделка успешна"
        for number, (day, amount) in enumerate(rows, 1)
    )
    return "\n".join(["id;сумма;ответственный;дата закрытия;стадия", *lines, ""])


def results(folder: Path, plan: str, files: Files, period: str = MONTH) -> Results:
    path = write(folder, plan, files)
    return kpictl.compute(path, period=period, as_of=LATE, environment={}, pay=True)


def months(folder: Path, plan: str, files: Files, *periods: str) -> list[PayLine]:
    return [paid(folder, plan, files, period)["Анна"] for period in periods]


# --- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("away", "payout"),
    [
        ("01.11.2024;15.11.2024", "19047.62"),  # 100 000 × 10/21 × 40 %
        ("16.11.2024;30.11.2024", "16761.90"),  # 80 000 × 11/21 × 40 %
        ("01.11.2024;30.11.2024", "0.00"),
    ],
)
def test_a_day_of_absence_is_taken_off_the_salary_of_that_day(
    tmp_path: Path, away: str, payout: str
) -> None:
    """Who was away before the raise is paid the days after it, at the raised salary."""
    plan = bonus("{salary_share: 40, prorate: {by: worked_days, absences: [unpaid]}}")
    plan += "absences: {file: away.csv, codes: {ДО: unpaid}}\n"
    files = {
        "deals.csv": deals(Анна=1),
        "staff.csv": "имя;оклад;с;по\nАнна;80000;;15.11.2024\nАнна;100000;16.11.2024;\n",
        "away.csv": f"сотрудник;с;по;вид\nАнна;{away};ДО\n",
    }
    assert paid(tmp_path, plan, files, "2024-11")["Анна"].payout == Decimal(payout)


def test_a_raise_is_weighed_by_the_days_that_pay_goes_by(tmp_path: Path) -> None:
    """15 of 30 days of the calendar at 80 000 and 15 at 100 000: 40 percent of 90 000."""
    plan = bonus("{salary_share: 40, prorate: calendar_days}")
    staff_csv = "имя;оклад;с;по\nАнна;80000;;15.11.2024\nАнна;100000;16.11.2024;\n"
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff_csv}
    assert paid(tmp_path, plan, files, "2024-11")["Анна"].payout == 36000


def test_a_guarantee_is_for_the_time_that_somebody_was_there(tmp_path: Path) -> None:
    """Hired on May 20, 10 of 20 working days, and not rated: half of the guaranteed 30 000."""
    plan = bonus(
        "{fixed: 30000, by_index: linear, prorate: worked_days, guarantee: {1: 100}}",
        kpis="revenue: {weight: 100}",
    )
    files = {"deals.csv": deals(Анна=1), "staff.csv": "имя;оклад;принят\nАнна;1;20.05.2024\n"}
    assert one(tmp_path, plan, files) == 15000


def test_a_guarantee_of_a_quarter_is_that_of_its_months(tmp_path: Path) -> None:
    """100, 80 and 60 percent of 30 000 are 72 000, not 60 percent of the quarter."""
    plan = bonus(
        "{fixed: 30000, by_index: linear, prorate: none, guarantee: {1: 100, 2: 80, 3: 60}}",
        kpis=MONTHLY,
    )
    files = {"deals.csv": deals(Анна=620000), "staff.csv": "имя;оклад;принят\nАнна;1;01.04.2024\n"}
    assert paid(tmp_path, plan, files, "2024-Q2")["Анна"].payout == 72000


# --- conditions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid_for", "then", "period", "payout"),
    [
        ("fixed: 30000", "cap 50%", MONTH, 15000),
        ("fixed: 30000, by_index: linear, factors: {season: '130'}", "cap 100%", MONTH, 30000),
        ("fixed: 30000", "cap 20000", "2024-Q2", 60000),
        ("fixed: 30000", "payout × 0.5", MONTH, 15000),
    ],
)
def test_a_condition_caps_what_is_earned_however_it_is_earned(
    tmp_path: Path, paid_for: str, then: str, period: str, payout: int
) -> None:
    """A cap in percent is of the whole bonus with its factors, a sum is a month's, as other caps."""
    plan = bonus(f"{{{paid_for}, prorate: none}}").replace(
        "    bonus:", f"    gates: {{few: {{when: wins < 4, then: {then}}}}}\n    bonus:"
    )
    files = {"deals.csv": deals(Анна=1000000), "staff.csv": staff("Анна;1")}
    assert paid(tmp_path, plan, files, period)["Анна"].payout == payout


# --- funds and pools ---------------------------------------------------------------------------


def test_kopecks_rounded_up_do_not_overdraw_a_fund(tmp_path: Path) -> None:
    """33.335, 33.335 and 33.33 are a hundred; rounded each they would be a kopeck more."""
    plan = bonus("{commission: {of: revenue, rate: 10}, fund: f}") + "funds: {f: {2024-05: 100}}\n"
    files = {
        "deals.csv": deals(А="333.35", Б="333.35", В="333.30"),
        "staff.csv": staff("А;1", "Б;1", "В;1"),
    }
    assert list(payouts(paid(tmp_path, plan, files, MONTH)).values()) == [
        Decimal("33.34"), Decimal("33.33"), Decimal("33.33"),
    ]  # fmt: skip


def test_what_was_paid_of_a_pool_is_what_people_have_of_it(tmp_path: Path) -> None:
    """Half of a pool goes to somebody whom a condition leaves nothing: 500 of 1000 were paid."""
    plan = bonus("{pool: p, by: revenue}").replace(
        "    bonus:", "    gates: {few: {when: wins < 2, then: zero}}\n    bonus:"
    )
    plan += "pools: {p: {amount: 1000/month}}\n"
    files = {"deals.csv": deals(А="10+20", Б="30"), "staff.csv": staff("А;1", "Б;1")}
    pay = results(tmp_path, plan, files).pay
    assert pay is not None
    assert [[use.limit, use.paid] for use in pay.funds] == [[Decimal(1000), Decimal(500)]]
    assert pay.total == 500


def test_a_pool_that_nobody_has_a_share_of_is_named(tmp_path: Path) -> None:
    """All weights are zero: nothing is divided, which is said."""
    plan = bonus("{pool: p, by: revenue}") + "pools: {p: {amount: 1000/month}}\n"
    files = {"deals.csv": deals(А="0", Б="0"), "staff.csv": staff("А;1", "Б;1")}
    computed = results(tmp_path, plan, files)
    (said,) = [p for p in computed.warnings if p.code == "pay.pool_undivided"]
    assert checked(said).data == {"pool": "p", "sum": 1000}


def test_a_pool_of_which_factors_make_more_than_there_is_is_named(tmp_path: Path) -> None:
    """Each share of 500 is multiplied by 1.3 after the division: 1300 are given out of 1000."""
    plan = bonus("{pool: p, by: revenue, factors: {team: {of: index, bands: {0: 130}}}}")
    plan += "pools: {p: {amount: 1000/month}}\n"
    files = {"deals.csv": deals(А="30", Б="30"), "staff.csv": staff("А;1", "Б;1")}
    computed = results(tmp_path, plan, files)
    (said,) = [p for p in computed.warnings if p.code == "pay.pool_exceeded"]
    assert checked(said).data == {"pool": "p", "sum": 1000, "paid": 1300}


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ("pools: {p: {amount: -1/month}}", "pay.negative_amount"),
        ("pools: {p: {amount: 1000/day}}", "pay.amount_per"),
        ("pools: {p: {amount: 0.001/month}}", "pay.amount_kopecks"),
        ("pools: {p: {amount: +10% over prev}}", "pay.amount_growth"),
        ("pools: {p: {2024-05: -5}}", "pay.negative_amount"),
        ("pools: {p: {amount: 1000}}", "pay.amount_adds_up"),
    ],
)
def test_a_sum_that_cannot_be_divided_is_refused(tmp_path: Path, section: str, code: str) -> None:
    """Below zero, for a day, in parts of a kopeck, a growth, or one sum for however long."""
    plan = bonus("{pool: p, by: revenue, accumulate: year}") + section + "\n"
    files = {"deals.csv": deals(А=1), "staff.csv": staff("А;1")}
    (problem,) = refused(tmp_path, plan, files)
    assert problem.place is not None
    assert (problem.code, problem.place.line) == (code, 12)


def test_a_cap_in_percent_of_what_has_no_hundred_is_refused(tmp_path: Path) -> None:
    """`cap 50%` would limit nothing of a commission, without a word."""
    plan = bonus("{commission: {of: revenue, rate: 10}}").replace(
        "    bonus:", "    gates: {few: {when: wins < 4, then: cap 50%}}\n    bonus:"
    )
    files = {"deals.csv": deals(А=1), "staff.csv": staff("А;1")}
    (problem,) = refused(tmp_path, plan, files)
    assert problem.code == "pay.gate_caps_nothing"


# --- since the start of the year ---------------------------------------------------------------

YEAR = sold(*((f"05.0{month}.2024", 1000000) for month in (1, 2, 3, 4)))


@pytest.mark.parametrize("since", ["2024-03", "2024-06"])
def test_since_when_debts_are_carried_is_not_since_when_bonuses_accumulate(
    tmp_path: Path, since: str
) -> None:
    """What January and February were paid is taken off the year's due, whatever `since` says."""
    plan = bonus(f"{{{ALL_OR_NOTHING}, accumulate: year}}", kpis=MONTHLY)
    plan += f"pay: {{since: {since}}}\n"
    (april,) = months(tmp_path, plan, {"deals.csv": YEAR, "staff.csv": staff("Анна;1")}, "2024-04")
    assert april.payout == 10000


def test_a_draw_beside_a_yearly_bonus_is_a_month_s(tmp_path: Path) -> None:
    """5 000 a month are paid ahead, also in March, not three times as much."""
    plan = bonus(f"{{{ALL_OR_NOTHING}, draw: 5000, accumulate: year}}", kpis=MONTHLY)
    plan += "pay: {since: 2024-01}\n"
    files = {"deals.csv": sold(("05.01.2024", 1)), "staff.csv": staff("Анна;1")}
    (march,) = months(tmp_path, plan, files, "2024-03")
    assert [march.payout, march.carried, march.balance] == [5000, -10000, -15000]


def test_a_sanction_lowers_the_bonus_of_its_month_alone(tmp_path: Path) -> None:
    """Half of February's 10 000, of a bonus since January; March does not give it back, and loses
    nothing by it."""
    plan = bonus(f"{{{ALL_OR_NOTHING}, accumulate: year}}", kpis=MONTHLY)
    plan += "pay: {sanctions: {file: orders.csv}}\n"
    files = {
        "deals.csv": YEAR,
        "staff.csv": staff("Анна;60000"),
        "orders.csv": "сотрудник;приказ;дата;период;снижение\nАнна;12-к;20.02.2024;2024-02;50\n",
    }
    lines = months(tmp_path, plan, files, "2024-01", "2024-02", "2024-03")
    assert [line.payout for line in lines] == [10000, 5000, 10000]


def test_a_scorecard_that_changes_within_the_year_is_named(tmp_path: Path) -> None:
    """A bonus since January cannot have the rules of March for half of it: the plan says where."""
    plan = bonus(f"{{{ALL_OR_NOTHING}, accumulate: year}}", kpis=MONTHLY)
    plan += "    from:\n      2024-03-01: {kpis: {revenue: {weight: 100, target: 5/month}}}\n"
    (problem,) = refused(tmp_path, plan, {"deals.csv": YEAR, "staff.csv": staff("Анна;1")})
    assert problem.place is not None
    assert (problem.code, problem.place.line) == ("pay.changes_within_year", 13)


def test_a_scorecard_that_changes_between_two_years_accumulates(tmp_path: Path) -> None:
    """The rules of 2024 are in force from January 1 on: 10 000 in each month from there."""
    plan = bonus("{fixed: 7, prorate: none}", kpis=MONTHLY)
    plan += f"    from:\n      2024-01-01: {{kpis: {{{MONTHLY}}}, "
    plan += f"bonus: {{{ALL_OR_NOTHING}, accumulate: year}}}}\n"
    files = {"deals.csv": YEAR, "staff.csv": staff("Анна;1")}
    lines = months(tmp_path, plan, files, "2023-12", "2024-01", "2024-02")
    assert [line.payout for line in lines] == [7, 10000, 10000]


# --- sanctions, adjustments, balances ----------------------------------------------------------

ORDER = "сотрудник;приказ;дата;период;снижение\nАнна;12-к;20.05.2024;2024-05;100\n"
SANCTIONS = "pay: {sanctions: {file: orders.csv}}\n"


def test_two_bonuses_have_one_wage_and_one_cap(tmp_path: Path) -> None:
    """Salary 60 000 and two bonuses of 30 000: a fifth of 120 000 is taken, half of it of each."""
    plan = bonus("{fixed: 30000, prorate: none}")
    plan += "  t:\n    also: true\n    kpis: {wins: {weight: 100, target: 1}}\n"
    plan += "    bonus: {fixed: 30000, prorate: none}\n" + SANCTIONS
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;60000"), "orders.csv": ORDER}
    pay = results(tmp_path, plan, files).pay
    assert pay is not None
    assert [line.payout for line in pay.lines] == [18000, 18000]


@pytest.mark.parametrize("beside", ["", "adjustments: adjustments.csv, since: 2024-05, "])
def test_of_a_fund_without_a_sum_nothing_is_paid_whatever_comes_after(
    tmp_path: Path, beside: str
) -> None:
    """A quarterly fund gives nothing to one month: neither a sanction nor an adjustment of others
    makes a sum of what is not known."""
    plan = bonus("{fixed: 30000, prorate: none, fund: f}") + "funds: {f: 90000/quarter}\n"
    plan += SANCTIONS.replace("{sanctions", f"{{{beside}sanctions")
    files = {
        "deals.csv": deals(Анна=1),
        "staff.csv": staff("Анна;60000"),
        "orders.csv": ORDER,
        "adjustments.csv": "id;сотрудник;сумма;период;причина;автор;ссылка\n",
    }
    line = paid(tmp_path, plan, files, "2024-05")["Анна"]
    assert (line.state, line.earned, line.amount, line.payout) == ("no_pool", None, None, None)


def test_the_cap_on_a_quarterly_bonus_is_of_one_month_s_wage(tmp_path: Path) -> None:
    """Salary 60 000, a bonus of 60 000 for the quarter: a fifth of 120 000, not of 240 000."""
    plan = bonus("{fixed: 20000, prorate: none}") + SANCTIONS
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;60000"), "orders.csv": ORDER}
    assert paid(tmp_path, plan, files, "2024-Q2")["Анна"].payout == 36000


def test_a_negative_balance_that_nothing_carries_on_is_named(tmp_path: Path) -> None:
    """A refund leaves −10: without `since` the next month would not know of it, which is said."""
    plan = bonus("{commission: {of: revenue, rate: 10}}")
    files = {"deals.csv": deals(Анна="-100"), "staff.csv": staff("Анна;1")}
    computed = results(tmp_path, plan, files)
    (said,) = [p for p in computed.warnings if p.code == "pay.balance_dropped"]
    assert checked(said).data["sum"] == 10
    carried = results(tmp_path, plan + "pay: {since: 2024-05}\n", files)
    assert "pay.balance_dropped" not in {p.code for p in carried.warnings}


def test_debts_are_carried_from_the_month_that_since_lies_in(tmp_path: Path) -> None:
    """A draw of 20 000 in March, of which 5 000 were earned, is made up for in April."""
    plan = bonus("{commission: {of: revenue, rate: 10}, draw: 20000}")
    plan += "pay: {since: 2024-03-15}\n"
    files = {
        "deals.csv": sold(("20.03.2024", 50000), ("05.04.2024", 400000)),
        "staff.csv": staff("Анна;1"),
    }
    assert [one.payout for one in months(tmp_path, plan, files, "2024-03", "2024-04")] == [
        20000, 25000,
    ]  # fmt: skip


def test_an_adjustment_of_a_quarter_is_not_april_s(tmp_path: Path) -> None:
    """It is in the pay of the quarter; in that of a month it is left out, which is said."""
    plan = bonus("{fixed: 100, prorate: none}") + "pay: {adjustments: book.csv}\n"
    files = {
        "deals.csv": deals(Анна=1),
        "staff.csv": staff("Анна;1"),
        "book.csv": "номер;сотрудник;сумма;период;основание;автор\n"
        "1;Анна;1000;2024-Q2;доплата;Орлов\n",
    }
    assert paid(tmp_path, plan, files, "2024-Q2")["Анна"].payout == 1300
    april = results(tmp_path, plan, files, "2024-04")
    assert april.pay is not None
    assert april.pay.total == 100
    (said,) = [p for p in april.warnings if p.code == "pay.longer_period"]
    assert checked(said).place is not None


def test_a_figure_that_cannot_be_worked_out_is_named(tmp_path: Path) -> None:
    """Of a division by zero the expression is said, since each of its figures is known."""
    plan = bonus("{fixed: 100, prorate: none, by: 100 / (wins - wins)}")
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;1")}
    line = paid(tmp_path, plan, files, MONTH)["Анна"]
    assert (line.state, line.lacks) == ("no_figure", "100 / (wins - wins)")


def test_money_has_as_many_digits_as_it_takes() -> None:
    """No sum is too long to be rounded to the kopeck."""
    assert to_money(Fraction(10**35 + 1, 3)) == Decimal("33333333333333333333333333333333333.67")


def test_a_condition_may_be_written_with_a_sign_of_multiplication(tmp_path: Path) -> None:
    """`payout × 0.5` is a factor of half in the sheet of steps, and half is paid."""
    plan = bonus("{fixed: 30000, prorate: none}").replace(
        "    bonus:", "    gates: {few: {when: wins < 4, then: payout × 0.5}}\n    bonus:"
    )
    files = {"deals.csv": deals(Анна=1000000), "staff.csv": staff("Анна;1")}
    computed = results(tmp_path, plan, files)
    assert computed.pay is not None
    steps = steps_table.table(computed, Numbers.of(computed, "ru"), computed.pay.lines)
    (factor,) = [cell.value for row in steps.rows for key, cell in row.items() if "few" in key]
    assert factor == Decimal("0.5")


# --- words of mistakes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid_for", "code", "at"),
    [
        ("by_index: {bands: {100: 50, 100.0: 60}}", "plan.same_bound", "{"),
        ('by_index: {bands: {">=100": 50, 100: 60}}', "plan.same_bound", "{"),
        ("by_index: {curve: {0: 0, 0.0: 60}}", "plan.same_bound", "{"),
        ('by_index: {bands: {">": 60}}', "plan.number", ">"),
        ("guarantee: {1: 100, a: 5}", "plan.number", "a:"),
        ("guarantee: -5", "plan.not_negative", "-5"),
    ],
)
def test_a_table_that_says_two_things_or_none_is_one_mistake(
    tmp_path: Path, paid_for: str, code: str, at: str
) -> None:
    """Of two equal bounds none silently wins; a mistake is said once, where it is."""
    plan = bonus(f"{{fixed: 100, prorate: none, {paid_for}}}")
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;1")}
    (problem,) = refused(tmp_path, plan, files)
    assert problem.place is not None
    line = plan.splitlines()[problem.place.line - 1]
    assert problem.code == code
    assert line[problem.place.column - 1 :].lstrip('"').startswith(at)


@pytest.mark.parametrize("pool", ["{amont: 5/month}", "{}"])
def test_a_pool_with_a_misspelt_amount_lacks_its_amount(tmp_path: Path, pool: str) -> None:
    """A misspelt key is no period: the amount is lacking, and the pool is not said to be none."""
    plan = bonus("{pool: p, by: revenue}") + f"pools: {{p: {pool}}}\n"
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;1")}
    codes = {problem.code for problem in refused(tmp_path, plan, files)}
    assert codes <= {"plan.missing_key", "plan.unknown_key"}
