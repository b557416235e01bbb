"""What is paid: the worked cases of pay by number, each as a plan and a few lines of CSV."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from kpictl.values import PayLine
from plans import HEAD, Files, paid, refused, write

MONTH = "2024-05"
CALENDAR = "calendar: {country: ru}\n"
DEALS = """\
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  wins: {from: deals, count: rows, where: won, when: closed_at}
"""


def deals(**amounts: str | int) -> str:
    """Return an export in which each has won these amounts (`100+200`) in the middle of May."""
    lines = ["id;сумма;ответственный;дата закрытия;стадия"]
    for name, several in amounts.items():
        for amount in str(several).split("+"):
            lines.append(f"{len(lines)};{amount};{name};15.05.2024;Сделка успешна")
    return "\n".join(lines) + "\n"


def staff(*lines: str, more: str = "") -> str:
    """Return a list of employees: name;salary, and the columns that `more` names."""
    return "\n".join([f"имя;оклад{more}", *lines]) + "\n"


def bonus(text: str, *, kpis: str = "revenue: {weight: 100, target: 1000000}") -> str:
    """Return a plan that pays this for these KPIs."""
    sources = "sources: {f: {type: csv, deals: deals.csv, employees: staff.csv}}\n"
    card = f"scorecards:\n  s:\n    kpis: {{{kpis}}}\n    bonus: {text}\n"
    return HEAD + CALENDAR + sources + DEALS + card


def payouts(lines: dict[str, PayLine]) -> dict[str, Decimal | None]:
    return {name: line.payout for name, line in lines.items()}


def one(tmp_path: Path, plan: str, files: Files, name: str = "Анна") -> Decimal | None:
    return payouts(paid(tmp_path, plan, files, MONTH))[name]


@pytest.mark.parametrize(
    ("sold", "payout"),
    [
        ("199999.99", "0.00"),
        ("200000", "13500.00"),
        ("249000", "15950.00"),
        ("250000", "16000.00"),
        ("250000.01", "22750.00"),
    ],
)
def test_f2_bands_have_upper_edges_that_belong(tmp_path: Path, sold: str, payout: str) -> None:
    """Up to 100 percent inclusive, and above 100, are two bands, told apart by a kopeck."""
    plan = bonus(
        """
      prorate: none
      parts:
        salary: {salary_share: 100, by: {of: revenue.attainment, bands: {80: 10, ">100": 15}}}
        sales:  {commission: {of: revenue, whole: {80: 5, ">100": 7}}}
""",
        kpis="revenue: {weight: 100, target: 250000}",
    )
    files = {"deals.csv": deals(Анна=sold), "staff.csv": staff("Анна;35000")}
    assert one(tmp_path, plan, files) == Decimal(payout)


def test_f3_a_team_bonus_is_shared_by_those_who_met_their_own_plan(tmp_path: Path) -> None:
    """The pool is there because the team met its plan; by volume, among who met theirs."""
    plan = bonus("{pool: team, by: revenue, eligible: revenue.attainment >= 100}")
    plan = plan.replace("revenue: {weight: 100, target: 1000000}", "revenue: {weight: 100}")
    plan += (
        "pools: {team: {amount: 10000, when: scorecard.revenue.attainment >= 100}}\n"
        "targets:\n"
        + "".join(
            f"  employee.{name}: {{revenue: {{2024-05: {target}}}}}\n"
            for name, target in {"А": 130000, "Б": 240000, "В": 250000, "Г": 230000}.items()
        )
    )
    files = {
        "deals.csv": deals(А=130000, Б=230000, В=249000, Г=262000),
        "staff.csv": staff("А;1", "Б;1", "В;1", "Г;1"),
    }
    assert payouts(paid(tmp_path, plan, files, MONTH)) == {
        "Г": Decimal("6683.67"),
        "А": Decimal("3316.33"),
        "В": Decimal("0.00"),
        "Б": Decimal("0.00"),
    }


@pytest.mark.parametrize(
    ("by", "payout"),
    [
        ("worked_days", "20000.00"),
        ("worked_hours", "19874.21"),
        ("calendar_days", "24516.13"),
    ],
)
def test_f4_a_vacation_takes_its_part(tmp_path: Path, by: str, payout: str) -> None:
    """10 of 20 days, 79 of 159 hours, or 19 of 31 days of the calendar, as the plan says."""
    plan = bonus(f"{{fixed: 40000, prorate: {{by: {by}, absences: [paid_absence]}}}}")
    plan += "absences: {file: away.csv, codes: {ОТ: paid_absence}}\n"
    files = {
        "deals.csv": deals(Анна=1000000),
        "staff.csv": staff("Анна;1"),
        "away.csv": "сотрудник;с;по;вид\nАнна;13.05.2024;24.05.2024;ОТ\n",
    }
    assert one(tmp_path, plan, files) == Decimal(payout)


SHIFTS = 'calendar:\n  country: ru\n  shifts: {file: shifts.csv, codes: {Д: "08:00-20:00"}}\n'
TWO_BY_TWO = (1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22, 25, 26, 29, 30)


def roster(name: str) -> str:
    """Return a roster of May 2024: two days of twelve hours, two days off."""
    days = [f"{n:02}.05.2024" for n in range(1, 32)]
    cells = ("Д" if n in TWO_BY_TWO else "" for n in range(1, 32))
    return f"ФИО;{';'.join(days)}\n{name};{';'.join(cells)}\n"


@pytest.mark.parametrize("by", ["worked_days", "worked_hours"])
def test_who_works_in_shifts_is_paid_by_them(tmp_path: Path, by: str) -> None:
    """A vacation takes 6 of 16 shifts; by the week of the office it would be 10 of 20 days."""
    plan = bonus(f"{{fixed: 40000, prorate: {{by: {by}, absences: [paid_absence]}}}}")
    plan = plan.replace(CALENDAR, SHIFTS)
    plan += "absences: {file: away.csv, codes: {ОТ: paid_absence}}\n"
    files = {
        "deals.csv": deals(Анна=1000000),
        "staff.csv": staff("Анна;1"),
        "away.csv": "сотрудник;с;по;вид\nАнна;13.05.2024;24.05.2024;ОТ\n",
        "shifts.csv": roster("Анна"),
    }
    assert one(tmp_path, plan, files) == Decimal("25000.00")


def test_a_raise_holds_for_the_shifts_after_it(tmp_path: Path) -> None:
    """10 shifts at 80 000 and 6 at 100 000, where the office has 13 days and 7: 40 percent."""
    plan = bonus("{salary_share: 40, by_index: linear, prorate: worked_days}")
    staff_csv = "имя;оклад;с;по\nАнна;80000;;20.05.2024\nАнна;100000;21.05.2024;\n"
    files = {
        "deals.csv": deals(Анна=1000000),
        "staff.csv": staff_csv,
        "shifts.csv": roster("Анна"),
    }
    line = paid(tmp_path, plan.replace(CALENDAR, SHIFTS), files, MONTH)["Анна"]
    (salary, *_) = line.parts[0].steps
    assert [stretch[:2] for stretch in salary.data["stretches"]] == [(80000, 10), (100000, 6)]
    assert line.payout == Decimal("35000.00")


def test_f5_a_raise_in_mid_month_is_two_stretches_of_one_salary(tmp_path: Path) -> None:
    """11 of 21 working days at 80 000 and 10 at 100 000: 40 percent of that at index 97."""
    plan = bonus("{salary_share: 40, by_index: linear, prorate: worked_days}")
    staff_csv = "имя;оклад;с;по\nАнна;80000;;15.11.2024\nАнна;100000;16.11.2024;\n"
    sold = deals(Анна=970000).replace("15.05", "15.11")
    files = {"deals.csv": sold, "staff.csv": staff_csv}
    line = paid(tmp_path, plan, files, "2024-11")["Анна"]
    assert line.payout == Decimal("34735.24")
    (salary, *_) = line.parts[0].steps
    assert [stretch[:2] for stretch in salary.data["stretches"]] == [(80000, 11), (100000, 10)]


@pytest.mark.parametrize(
    ("by", "payout"),
    [
        ("revenue.attainment * wins.attainment / 100 * company.revenue / 10000", "28256.04"),
        ("0.6 * revenue.attainment + 0.3 * wins.attainment + 0.1 * company.revenue", "27945.00"),
    ],
)
def test_f8_own_department_and_company_multiply_or_add(
    tmp_path: Path, by: str, payout: str
) -> None:
    """1.08, 0.95 and 1.02 as a product, or weighted 60, 30 and 10."""
    by = by.replace("company.revenue", "score_of_firm").replace("/ 10000", "/ 100")
    plan = bonus(
        f"{{salary_share: 30, by: {by}, prorate: none}}",
        kpis="revenue: {weight: 50, target: 100}, wins: {weight: 50, target: 2}, "
        "score_of_firm: {weight: 0}",
    ).replace("  wins:", "  score_of_firm: {formula: revenue - revenue + 102}\n  wins:")
    plan = plan.replace("wins: {weight: 50, target: 2}", "wins: {weight: 50, target: 20}")
    sold = deals(Анна="+".join(["90", *["1"] * 18]))
    files = {"deals.csv": sold, "staff.csv": staff("Анна;90000")}
    assert one(tmp_path, plan, files) == Decimal(payout)


def test_f9_a_fund_scales_everybody_down_to_the_kopeck(tmp_path: Path) -> None:
    """386 400 computed, 350 000 there: every share is less by the same part, and they add up."""
    computed = {"А": 120000, "Б": 98400, "В": 91000, "Г": 77000}
    plan = bonus("{commission: {of: revenue, rate: 10}, fund: sales}")
    plan += "funds: {sales: {2024-05: 350000}}\n"
    files = {
        "deals.csv": deals(**{name: amount * 10 for name, amount in computed.items()}),
        "staff.csv": staff(*(f"{name};1" for name in computed)),
    }
    amounts = payouts(paid(tmp_path, plan, files, MONTH))
    assert [f"{amounts[name]}" for name in computed] == [
        "108695.65", "89130.43", "82427.54", "69746.38",
    ]  # fmt: skip
    assert sum(amount or 0 for amount in amounts.values()) == 350000


def test_f10_a_pool_is_shared_by_participation_and_days(tmp_path: Path) -> None:
    """A column of the list of employees and the days worked weigh the shares of a pool."""
    plan = bonus("{pool: fund, by: employee.ктр * employee.дни}")
    plan += "pools: {fund: {2024-05: 180000}}\n"
    files = {
        "deals.csv": deals(А=30, Б=20, В=10),
        "staff.csv": staff("А;1;1,2;20", "Б;1;1,0;18", "В;1;0,8;20", more=";ктр;дни"),
    }
    amounts = payouts(paid(tmp_path, plan, files, MONTH))
    assert {name: f"{amount}" for name, amount in amounts.items()} == {
        "А": "74482.76", "Б": "55862.07", "В": "49655.17",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("period", "sold", "payout"),
    [
        ("2024-05", 620000, "30000.00"),
        ("2024-06", 620000, "24000.00"),
        ("2024-07", 620000, "18600.00"),
        ("2024-08", 620000, "18600.00"),
        ("2024-06", 950000, "28500.00"),
    ],
)
def test_f14_a_newcomer_is_guaranteed_a_part(
    tmp_path: Path, period: str, sold: int, payout: str
) -> None:
    """100, 80 and 60 percent in the first three months; who earned more has more."""
    plan = bonus(
        "{fixed: 30000, by_index: linear, prorate: none, guarantee: {1: 100, 2: 80, 3: 60}}"
    )
    sold_then = deals(Анна=sold).replace("15.05.2024", f"15.{period[5:]}.2024")
    staff_csv = "имя;оклад;принят\nАнна;1;01.05.2024\n"
    files = {"deals.csv": sold_then, "staff.csv": staff_csv}
    assert paid(tmp_path, plan, files, period)["Анна"].payout == Decimal(payout)


def test_who_is_not_rated_yet_is_guaranteed_a_part_for_the_days_there(tmp_path: Path) -> None:
    """Without an index, too: 80 percent of 30 000 for 16 of the 31 days since the 16th."""
    plan = bonus(
        "{fixed: 30000, by_index: linear, prorate: calendar_days, guarantee: {1: 80}}",
        kpis="revenue: {weight: 100}",  # without a target there is no index
    )
    files = {"deals.csv": deals(Анна=5), "staff.csv": "имя;оклад;принят\nАнна;1;16.05.2024\n"}
    assert one(tmp_path, plan, files) == Decimal("12387.10")


@pytest.mark.parametrize(
    ("of_kpi", "payout"), [("threshold: 80, cap: 120", "30400.00"), ("cap: 1000", "39880.00")]
)
def test_f15_each_kpi_has_its_own_threshold(tmp_path: Path, of_kpi: str, payout: str) -> None:
    """Attainments of 112, 79 and 100, weighted 50, 30, 20: what is below the threshold is none."""
    plan = bonus(
        "{fixed: 40000, prorate: none, by_kpi: {"
        f"a: {{weight: 50, {of_kpi}}}, b: {{weight: 30, {of_kpi}}}, c: {{weight: 20, {of_kpi}}}}}}}",
        kpis="a: {weight: 40, target: 100}, b: {weight: 30, target: 100}, "
        "c: {weight: 30, target: 100}",
    ).replace(
        "  wins:",
        "  a: {formula: revenue}\n  b: {formula: revenue - 33}\n  c: {formula: revenue - 12}\n  wins:",
    )
    files = {"deals.csv": deals(Анна=112), "staff.csv": staff("Анна;1")}
    assert one(tmp_path, plan, files) == Decimal(payout)


@pytest.mark.parametrize(
    ("form", "sold", "payout"),
    [
        ("marginal", "1400000", "85000.00"),
        ("whole", "1400000", "140000.00"),
        ("whole", "999999.99", "50000.00"),
        ("whole", "1000000", "80000.00"),
        ("marginal", "1000000", "50000.00"),
    ],
)
def test_25_and_26_tiers_are_marginal_or_whole(
    tmp_path: Path, form: str, sold: str, payout: str
) -> None:
    """5 percent to the quota, 8 to 125 percent of it, 10 above: of each slice, or of everything."""
    plan = bonus(f"{{commission: {{of: revenue, {form}: {{0: 5, 100: 8, 125: 10}}}}}}")
    files = {"deals.csv": deals(Анна=sold), "staff.csv": staff("Анна;1")}
    assert one(tmp_path, plan, files) == Decimal(payout)


def test_27_a_share_of_the_salary_by_a_curve(tmp_path: Path) -> None:
    """80 000 × 40 %, index 98 between 70→50 and 100→100: 96.6667 % of 32 000."""
    plan = bonus(
        "{salary_share: 40, by_index: {curve: {70: 50, 100: 100, 130: 200}}, prorate: none}"
    )
    files = {"deals.csv": deals(Анна=980000), "staff.csv": staff("Анна;80000")}
    assert one(tmp_path, plan, files) == Decimal("30933.33")


@pytest.mark.parametrize(
    ("indexes", "shares"),
    [
        ({"А": 118, "Б": 92, "В": 75}, ["41403.51", "32280.70", "26315.79"]),
        ({"А": 100, "Б": 100, "В": 100}, ["33333.34", "33333.33", "33333.33"]),
    ],
)
def test_28_and_29_a_pool_adds_up(
    tmp_path: Path, indexes: dict[str, int], shares: list[str]
) -> None:
    """100 000 by index to the kopeck; of equal remainders the first in rank has the kopeck."""
    plan = bonus("{pool: fund, by: index}") + "pools: {fund: {2024-05: 100000}}\n"
    files = {
        "deals.csv": deals(**{name: index * 10000 for name, index in indexes.items()}),
        "staff.csv": staff(*(f"{name};1" for name in indexes)),
    }
    amounts = payouts(paid(tmp_path, plan, files, MONTH))
    assert [f"{amounts[name]}" for name in indexes] == shares


def test_13_a_gate_halves_the_payout_and_shows_the_figure(tmp_path: Path) -> None:
    """The index stays 98; the payout is halved, and the figure that met the condition is there."""
    plan = bonus("{fixed: 10000, by_index: linear, prorate: none}").replace(
        "    bonus:", "    gates: {few: {when: wins < 4, then: payout * 0.5}}\n    bonus:"
    )
    files = {"deals.csv": deals(Анна="900000+80000"), "staff.csv": staff("Анна;1")}
    line = paid(tmp_path, plan, files, MONTH)["Анна"]
    (gate,) = line.gates
    assert line.payout == Decimal("4900.00")
    assert (gate.met, gate.figures) == (True, (("wins", Decimal(2)),))


@pytest.mark.parametrize(
    ("then", "payout"),
    [("zero", "0.00"), ("cap 100%", "10000.00"), ("cap 7000", "7000.00")],
)
def test_a_gate_takes_all_or_caps(tmp_path: Path, then: str, payout: str) -> None:
    """A condition may leave nothing, or hold the percentage or the sum down."""
    plan = bonus("{fixed: 10000, by_index: linear, prorate: none}").replace(
        "    bonus:", f"    gates: {{few: {{when: wins < 4, then: {then}}}}}\n    bonus:"
    )
    files = {"deals.csv": deals(Анна="1200000"), "staff.csv": staff("Анна;1")}
    assert one(tmp_path, plan, files) == Decimal(payout)


def test_without_an_index_there_is_no_amount_but_a_reason(tmp_path: Path) -> None:
    """Who is not rated is paid nothing silently: the line says that the index is lacking."""
    plan = bonus("{fixed: 10000, by_index: linear, prorate: none}", kpis="revenue: {weight: 100}")
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;1")}
    line = paid(tmp_path, plan, files, MONTH)["Анна"]
    assert (line.payout, line.state) == (None, "not_rated")


# --- from one period to the next, and by hand ---------------------------------------------------


@pytest.mark.parametrize(
    ("base", "fixed", "reduction", "payout"),
    [
        ("wage", 40000, 100, "20000.00"),
        ("wage", 40000, 50, "20000.00"),
        ("wage", 40000, 60, "20000.00"),
        ("wage", 15000, 100, "0.00"),
        ("wage", 10000, 100, "0.00"),
        ("salary", 40000, 100, "28000.00"),
    ],
)
def test_f6_a_sanction_takes_at_most_a_fifth_of_the_wage(
    tmp_path: Path, base: str, fixed: int, reduction: int, payout: str
) -> None:
    """Salary 60 000: 20 percent of salary and bonus, or of the salary alone, is the cap; what the
    order wanted and what it was held down to stand in the step."""
    plan = bonus(f"{{fixed: {fixed}, prorate: none}}")
    plan += f"pay: {{sanctions: {{file: orders.csv, base: {base}}}}}\n"
    order = f"сотрудник;приказ;дата;период;снижение\nАнна;12-к;20.05.2024;2024-05;{reduction}\n"
    files = {"deals.csv": deals(Анна=1), "staff.csv": staff("Анна;60000"), "orders.csv": order}
    line = paid(tmp_path, plan, files, MONTH)["Анна"]
    assert line.payout == Decimal(payout)
    (step,) = [step for step in line.steps if step.code == "pay.sanction"]
    assert step.data["wanted"] == Decimal(fixed) * reduction / 100
    assert step.data["cap"] == (60000 + (fixed if base == "wage" else 0)) * Decimal("0.2")


@pytest.mark.parametrize(
    ("accumulate", "payouts_by_month"),
    [("", [0, 10000, 10000]), (", accumulate: year", [0, 20000, 10000])],
)
def test_f11_a_year_to_date_bonus_makes_up_for_a_weak_month(
    tmp_path: Path, accumulate: str, payouts_by_month: list[int]
) -> None:
    """10 000 a month, all or nothing: 0.80, 1.30 and 1.05 of the plan, each month alone or since
    January."""
    plan = bonus(
        f"{{fixed: 10000, by_index: {{bands: {{0: 0, 100: 100}}}}, prorate: none{accumulate}}}",
        kpis="revenue: {weight: 100, target: 1000000/month}",
    )
    sold = "id;сумма;ответственный;дата закрытия;стадия\n" + "".join(
        f"{month};{amount};Анна;15.0{month}.2024;Сделка успешна\n"
        for month, amount in enumerate((800000, 1300000, 1050000), 1)
    )
    files = {"deals.csv": sold, "staff.csv": staff("Анна;1")}
    amounts = [paid(tmp_path, plan, files, f"2024-0{month}")["Анна"].payout for month in (1, 2, 3)]
    assert amounts == payouts_by_month


def test_f13_a_refund_is_carried_as_a_negative_balance(tmp_path: Path) -> None:
    """4 percent of 300 000 come back in June, when 9 500 are earned: nothing is paid, 2 500 are
    carried, July pays 12 500; May stays as it was."""
    plan = bonus("{commission: {of: revenue, rate: 4}}")
    plan += "pay: {adjustments: adjustments.csv}\n"
    sold = "id;сумма;ответственный;дата закрытия;стадия\n" + "".join(
        f"{month};{amount};Анна;15.0{month}.2024;Сделка успешна\n"
        for month, amount in ((5, 535000), (6, 237500), (7, 375000))
    )
    book = (
        "номер;сотрудник;сумма;период;основание;автор;дата;за период\n"
        "1;Анна;-12 000,00;июнь 2024;возврат по сделке 4711;Орлов;05.06.2024;2024-05\n"
    )
    files = {"deals.csv": sold, "staff.csv": staff("Анна;1"), "adjustments.csv": book}
    may, june, july = (paid(tmp_path, plan, files, f"2024-0{month}")["Анна"] for month in (5, 6, 7))
    assert [may.payout, june.payout, july.payout] == [21400, 0, 12500]
    assert [june.amount, june.balance, july.carried] == [9500, -2500, -2500]
    (adjustment,) = june.adjustments
    assert (adjustment.reason, adjustment.author) == ("возврат по сделке 4711", "Орлов")
    assert adjustment.refers_to == "2024-05"


def test_a_draw_is_paid_ahead_and_made_up_for(tmp_path: Path) -> None:
    """20 000 are paid although 5 000 are earned; the 15 000 are taken from the next 40 000."""
    plan = bonus("{commission: {of: revenue, rate: 10}, draw: 20000}")
    plan += "pay: {since: 2024-05}\n"
    sold = "id;сумма;ответственный;дата закрытия;стадия\n" + "".join(
        f"{month};{amount};Анна;15.0{month}.2024;Сделка успешна\n"
        for month, amount in ((5, 50000), (6, 400000))
    )
    files = {"deals.csv": sold, "staff.csv": staff("Анна;1")}
    may, june = (paid(tmp_path, plan, files, f"2024-0{month}")["Анна"] for month in (5, 6))
    assert [may.payout, may.balance, june.carried, june.payout] == [20000, -15000, -15000, 25000]


def test_an_adjustment_for_somebody_without_a_line_is_not_lost(tmp_path: Path) -> None:
    """Who left in April is paid in May what was owed, on a line of its own."""
    plan = bonus("{commission: {of: revenue, rate: 4}}")
    plan += "pay: {adjustments: adjustments.csv}\n"
    files = {
        "deals.csv": deals(Анна=1000),
        "staff.csv": "имя;оклад;уволен\nАнна;1;\nОлег;1;15.04.2024\n",
        "adjustments.csv": "номер;сотрудник;сумма;период;основание;автор\n"
        "1;Олег;700;2024-05;доплата за апрель;Орлов\n",
    }
    lines = paid(tmp_path, plan, files, MONTH)
    assert {name: line.payout for name, line in lines.items()} == {"Анна": 40, "Олег": 700}
    assert (lines["Олег"].state, lines["Олег"].amount) == ("not_employed", None)


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("1;Анна;700;2024-05;;Орлов", "pay_table.empty", 5),
        ("1;Анна;700;2024-05;доплата;", "pay_table.empty", 6),
        ("1;Аня;700;2024-05;доплата;Орлов", "pay_table.nobody", 2),
        ("1;Анна;много;2024-05;доплата;Орлов", "manual.not_a_number", 3),
        ("1;Анна;0,001;2024-05;доплата;Орлов", "pay_table.kopecks", 3),
        ("1;Анна;700;когда-то;доплата;Орлов", "pay_table.period", 4),
        ("0;Анна;700;2024-05;доплата;Орлов", "pay_table.id_twice", 1),
    ],
)
def test_an_adjustment_nobody_can_answer_for_is_refused(
    tmp_path: Path, line: str, code: str, column: int
) -> None:
    """Without a reason or an author, of nobody, of no sum or no time: each with its cell."""
    plan = bonus("{commission: {of: revenue, rate: 4}}")
    plan += "pay: {adjustments: adjustments.csv}\n"
    files = {
        "deals.csv": deals(Анна=1000),
        "staff.csv": staff("Анна;1"),
        "adjustments.csv": "номер;сотрудник;сумма;период;основание;автор\n"
        f"0;Анна;1;2024-05;доплата;Орлов\n{line}\n",
    }
    (problem,) = refused(tmp_path, plan, files)
    assert problem.place is not None
    assert (problem.code, problem.place.file, problem.place.line) == (code, "adjustments.csv", 3)
    assert problem.place.column == column


def test_salaries_in_a_file_of_their_own_hold_by_day(tmp_path: Path) -> None:
    """The file says from when each salary holds; the list of employees has none."""
    plan = bonus("{salary_share: 40, by_index: linear, prorate: worked_days}")
    plan += "pay: {salaries: salaries.csv}\n"
    files = {
        "deals.csv": deals(Анна=970000).replace("15.05", "15.11"),
        "staff.csv": "имя;отдел\nАнна;Продажи\n",
        "salaries.csv": "сотрудник;оклад;с\nАнна;80000;\nАнна;100000;16.11.2024\n",
    }
    write(tmp_path, plan, files)
    (tmp_path / "salaries.csv").chmod(0o600)
    assert paid(tmp_path, plan, files, "2024-11")["Анна"].payout == Decimal("34735.24")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_of_salaries_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Salaries that everybody on the machine can read are no secret: nothing is computed."""
    plan = bonus("{fixed: 1, prorate: none}") + "pay: {salaries: salaries.csv}\n"
    files = {
        "deals.csv": deals(Анна=1),
        "staff.csv": "имя;отдел\nАнна;Продажи\n",
        "salaries.csv": "сотрудник;оклад\nАнна;80000\n",
    }
    write(tmp_path, plan, files)
    (tmp_path / "salaries.csv").chmod(0o644)
    (problem,) = refused(tmp_path, plan, files)
    assert (problem.code, problem.data["mode"]) == ("pay.salaries_open", "0644")


def test_f1_the_matrix_of_base_norm_and_goal(tmp_path: Path) -> None:
    """Weights 40, 30, 20, 10 over four matrices, one of days where less is better: 95.52 of the
    target bonus."""
    plan = bonus(
        "{fixed: 40000, by_index: linear, prorate: none}",
        kpis="revenue: {weight: 40, score: {base: 1000000, norm: 1500000, goal: 2000000, "
        "at_goal: 120}}, wins: {weight: 30, score: {base: 3, norm: 8, goal: 12, at_goal: 130}}, "
        "late: {weight: 20, score: {base: 20, norm: 10, goal: 5, at_goal: 120}}, "
        "discipline: {weight: 10, score: {base: 70, norm: 95}}",
    ).replace(
        "  wins:",
        "  late: {from: deals, max: days_late, where: won, when: closed_at, better: lower}\n"
        "  discipline: {from: deals, min: mark, where: won, when: closed_at}\n  wins:",
    )
    deals_csv = "id;сумма;ответственный;дата закрытия;стадия;days_late;mark\n" + "".join(
        f"{n};{amount};Анна;15.05.2024;Сделка успешна;{n};{89 + n}\n"
        for n, amount in enumerate([200000] * 6 + [420000], 1)
    ).replace(";7;96", ";8;96")
    files = {"deals.csv": deals_csv, "staff.csv": staff("Анна;1")}
    line = paid(tmp_path, plan, files, MONTH)["Анна"]
    assert line.parts[0].steps[1].data["index"] == Decimal("95.52")
    assert line.payout == Decimal("38208.00")


@pytest.mark.parametrize(("form", "payout"), [("marginal", "73800.00"), ("whole", "124200.00")])
def test_f7_a_commission_is_lowered_for_overdue_debt(
    tmp_path: Path, form: str, payout: str
) -> None:
    """3, 4 and 6 percent of 2.3 of 2 million received; 12 percent overdue leave nine tenths."""
    factor = 'debt: {of: overdue, bands: {0: 100, ">10": 90}}'
    plan = bonus(
        f"{{commission: {{of: revenue, {form}: {{0: 3, 80: 4, 100: 6}}}}, factors: {{{factor}}}}}",
        kpis="revenue: {weight: 100, target: 2000000}",
    ).replace(
        "  wins:",
        "  debt: {from: deals, sum: unpaid, where: won, when: closed_at}\n"
        "  overdue: {ratio: {of: debt, over: revenue}, unit: percent}\n  wins:",
    )
    deals_csv = (
        "id;сумма;ответственный;дата закрытия;стадия;unpaid\n"
        "1;2000000;Анна;15.05.2024;Сделка успешна;276000\n"
        "2;300000;Анна;16.05.2024;Сделка успешна;0\n"
    )
    files = {"deals.csv": deals_csv, "staff.csv": staff("Анна;1")}
    assert one(tmp_path, plan, files) == Decimal(payout)
