"""Expected values: which of those written holds for whom, for which period, and for everybody."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpictl.errors import Place
from kpictl.values import Target
from plans import STAFF, Computed, Files, compute, refused

D = Decimal

DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;50;Анна Белова;10.05.2024 12:00:00
2;Сделка успешна;20;Олег Ким;10.05.2024 12:00:00
3;Сделка успешна;30;Олег Ким;11.05.2024 12:00:00
"""
PLAN = """\
sources: {crm: {type: csv, deals: deals.csv, employees: employees.csv}}
kpis:
  revenue: {label: Объём продаж, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  average: {label: Средний чек, from: deals, average: amount, where: won, when: closed_at, unit: money}
scorecards:
  sales: {label: Продажи, kpis: {revenue: {weight: 50}, average: {weight: 50}}}
"""
FILES: Files = {"deals.csv": DEALS, "employees.csv": STAFF}


def planned(
    folder: Path, targets: str, *, period: str = "2024-05", **files: str | bytes
) -> Computed:
    """Compute the plan with a `targets:` section; files are named by their stem."""
    more = {f"{name}.csv": content for name, content in files.items()}
    return compute(folder, f"{PLAN}targets:\n{targets}", {**FILES, **more}, period=period)


def target(found: Computed, who: str, kpi: str = "revenue") -> Target:
    expected = found.score(who, kpi).target
    assert expected is not None
    return expected


ALL_LEVELS = """\
  company: {revenue: 1000}
  scorecard.sales: {revenue: 300}
  members.Казань: {revenue: 200}
  employee.kim@example.ru: {revenue: 100}
"""


def test_the_nearest_target_wins(tmp_path: Path) -> None:
    """Employee before the members of the department before scorecard."""
    found = planned(tmp_path, ALL_LEVELS)
    assert {who: (t.value, t.level) for who in found.figures if (t := target(found, who))} == {
        "Олег Ким": (D(100), "employee"),
        "Пётр Дёмин": (D(200), "members"),
        "Анна Белова": (D(300), "scorecard"),
    }


def test_what_a_target_overrules_is_kept(tmp_path: Path) -> None:
    """The targets that did not win are shown, the next nearest first, each with its line."""
    oleg = target(planned(tmp_path, ALL_LEVELS), "Олег Ким")
    assert [(t.level, t.value) for t in oleg.overruled] == [
        ("members", D(200)),
        ("scorecard", D(300)),
    ]
    places = [t.place for t in (oleg, *oleg.overruled)]
    assert [p.line for p in places if p] == [13, 12, 11]
    assert all(p and p.file.endswith("kpi.yaml") for p in places)


def test_an_employee_is_named_in_any_way(tmp_path: Path) -> None:
    """A target finds its employee by e-mail or by name, in either order, with `е` for `ё`."""
    found = planned(tmp_path, "  employee.Демин Петр: {revenue: 7}\n")
    assert target(found, "Пётр Дёмин").value == D(7)


def test_a_target_in_the_scorecard(tmp_path: Path) -> None:
    """A scorecard may hold its targets beside its weights."""
    plan = PLAN.replace(
        "revenue: {weight: 50}", "revenue: {weight: 50, target: {2024-05: 40, 2024-06: 60}}"
    )
    found = compute(tmp_path, plan, FILES)
    assert (target(found, "Анна Белова").value, target(found, "Анна Белова").level) == (
        D(40),
        "scorecard",
    )
    assert found.score("Анна Белова", "revenue").attainment == D(125)
    (problem,) = refused(tmp_path, f"{plan}targets: {{scorecard.sales: {{revenue: 1}}}}", FILES)
    assert problem.code == "targets.twice"


def test_a_kpi_without_a_target(tmp_path: Path) -> None:
    """What has no target is measured, but scores nothing; the index is of the rest."""
    found = planned(tmp_path, "  scorecard.sales: {revenue: 100}\n")
    average = found.score("Анна Белова", "average")
    assert (str(average.state), average.fact.value, average.points) == ("no_target", D(50), None)
    assert found.row("Анна Белова").coverage == D(50)


@pytest.mark.parametrize(
    ("period", "value", "derivation"),
    [
        ("2024-05", 50, ""),
        ("2024-04", 30, "2024-Q2: 90 × 1/3"),
        ("2024-Q2", 90, ""),
        ("2024-07", 100, "2024: 1200 × 1/12"),
        ("2024", 1200, ""),
        ("2024-H1", 390, "2024: 1200 × 3/12 + 2024-Q2: 90"),
        ("2025-01", None, ""),
        ("2024-W20", "11.2903225806", "2024-05: 50 × 7/31 calendar_days"),
        ("2024-05-01..2024-05-17", "27.4193548387", "2024-05: 50 × 17/31 calendar_days"),
        (
            "2024-W18",
            "10.0645161290",
            "2024-Q2: 90 × 1/3 × 2/30 calendar_days + 2024-05: 50 × 5/31 calendar_days",
        ),
        ("2024-12-30..2025-01-02", None, ""),
    ],
)
def test_targets_of_volumes_by_period(
    tmp_path: Path, period: str, value: int | str | None, derivation: str
) -> None:
    """A volume's target is its own period's, else a share of the shortest one that holds it; months
    are added up, and of a stretch that is not of whole months days; where one is missing, none."""
    written = "  scorecard.sales: {revenue: {2024: 1200, 2024-Q2: 90, 2024-05: 50}}\n"
    found = planned(tmp_path, written, period=period).score("Анна Белова", "revenue").target
    if value is None:
        assert found is None
    else:
        assert found is not None
        assert (found.value, found.derivation) == (D(value), derivation)


def test_months_add_up_to_a_quarter(tmp_path: Path) -> None:
    """A quarter's target is the sum of its months', where each has one."""
    months = "  scorecard.sales: {revenue: {2024-04: 10, 2024-05: 20, 2024-06: 31}}\n"
    found = target(planned(tmp_path, months, period="2024-Q2"), "Анна Белова")
    assert (found.value, found.derivation) == (D(61), "2024-04: 10 + 2024-05: 20 + 2024-06: 31")
    gap = "  scorecard.sales: {revenue: {2024-04: 10, 2024-06: 31}}\n"
    assert planned(tmp_path, gap, period="2024-Q2").score("Анна Белова", "revenue").target is None


def test_a_third_of_a_quarter_is_exact(tmp_path: Path) -> None:
    """A share that does not come out even is kept to ten places."""
    found = target(
        planned(tmp_path, "  scorecard.sales: {revenue: {2024-Q2: 100}}\n"), "Анна Белова"
    )
    assert found.value == D("33.3333333333")


@pytest.mark.parametrize(
    ("period", "value", "derivation"),
    [
        ("2024-05", 40, "2024-Q2: 40"),
        ("2024-Q2", 40, ""),
        ("2024-07", 60, "2024: 60"),
        ("2024-05-17", 40, "2024-Q2: 40"),
        ("2024-W20", 40, "2024-Q2: 40"),
        ("2024-H1", 60, "2024: 60"),
    ],
)
def test_targets_of_quotients_are_not_split(
    tmp_path: Path, period: str, value: int, derivation: str
) -> None:
    """An average expected of a quarter is expected of each of its months and days."""
    written = "  scorecard.sales: {average: {2024: 60, 2024-Q2: 40}}\n"
    found = target(planned(tmp_path, written, period=period), "Анна Белова", "average")
    assert (found.value, found.derivation) == (D(value), derivation)


def test_months_do_not_add_up_to_a_quotient(tmp_path: Path) -> None:
    """Three monthly averages are no quarter's average."""
    written = "  scorecard.sales: {average: {2024-04: 10, 2024-05: 20, 2024-06: 31}}\n"
    found = planned(tmp_path, written, period="2024-Q2")
    assert found.score("Анна Белова", "average").target is None


def test_a_plain_number_is_every_periods(tmp_path: Path) -> None:
    """A number without a period is expected of whichever period is computed."""
    for period in ("2024-05", "2024-Q2", "2024-W20"):
        found = planned(tmp_path, "  scorecard.sales: {revenue: 100}\n", period=period)
        assert (target(found, "Анна Белова").value, target(found, "Анна Белова").derivation) == (
            D(100),
            "",
        )


# --- the file --------------------------------------------------------------------------------

RUSSIAN = """\
Показатель;Сотрудник;Месяц;План;Каждому в отделе;Карта
Объём продаж;Белова Анна;05.2024;1 250 000,50;;
revenue;kim@example.ru;2024-05;100;;
ОБЪЕМ ПРОДАЖ;;5.2024;200;Казань;
Средний чек;;;70;;Продажи
Объём продаж;;2024-Q2;9 000 000 ₽;;
;;;;;
"""


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_targets(tmp_path: Path, encoding: str) -> None:
    """A spreadsheet in Russian: captions, labels of KPIs, months as `05.2024`, numbers with spaces."""
    text = RUSSIAN if encoding != "cp1251" else RUSSIAN.replace("₽", "")
    found = planned(tmp_path, "  file: t.csv\n", t=text.encode(encoding))
    assert {who: target(found, who).value for who in found.figures} == {
        "Анна Белова": D("1250000.5"),
        "Олег Ким": D(100),
        "Пётр Дёмин": D(200),
    }
    assert {target(found, who, "average").value for who in found.figures} == {D(70)}
    assert target(found, "Анна Белова").place == Place("t.csv", 2, 4)
    (company,) = found.results.company
    assert company.target is not None
    assert company.target.derivation == "2024-Q2: 9000000 × 1/3"


def test_a_target_written_twice(tmp_path: Path) -> None:
    """A number in the plan and again in the file is a mistake that names both places."""
    text = "employee,kpi,period,target\nkim@example.ru,revenue,2024-05,100\n"
    targets = "  employee.kim@example.ru: {revenue: {2024-05: 1}}\n  file: t.csv\n"
    (problem,) = refused(tmp_path, f"{PLAN}targets:\n{targets}", {**FILES, "t.csv": text})
    assert (problem.code, problem.place) == ("targets.written_twice", Place("t.csv", 2, 4))
    assert problem.data["other"].line == 10


def test_mistakes_in_a_file_of_targets(tmp_path: Path) -> None:
    """Everything wrong with a file is said at once, each at its cell."""
    text = """\
        employee,kpi,period,target
        kim@example.ru,revenu,2024-05,100
        kim@example.ru,revenue,May,100
        kim@example.ru,revenue,2024-05,much
        kim@example.ru,revenue,2024-06,0
        """
    found = refused(tmp_path, f"{PLAN}targets:\n  file: t.csv\n", {**FILES, "t.csv": text})
    assert [(p.code, str(p.place)) for p in found] == [
        ("bind.unknown_kpi", "t.csv:2:2"),
        ("targets.bad_period", "t.csv:3:3"),
        ("targets.bad_number", "t.csv:4:4"),
        ("targets.not_positive", "t.csv:5:4"),
    ]
    assert found[0].data["near"] == "revenue"


def test_a_stranger_in_a_file_of_targets(tmp_path: Path) -> None:
    """A target for somebody who is no employee is a warning; the others hold."""
    text = "employee,kpi,period,target\nГлеб Чужой,revenue,,5\nkim@example.ru,revenue,,100\n"
    found = planned(tmp_path, "  file: t.csv\n", t=text)
    assert target(found, "Олег Ким").value == D(100)
    assert found.said("people.unknown").data["name"] == "Глеб Чужой"


# --- totals and the company ------------------------------------------------------------------


def test_the_total_adds_up_targets_of_volumes(tmp_path: Path) -> None:
    """A scorecard's target is the sum of its people's, against all their records together."""
    found = planned(tmp_path, ALL_LEVELS)
    assert found.card.total is not None
    total = found.card.total.score("revenue")
    assert (total.fact.value, total.target) == (D(100), Target(D(600), "sum", None, "Σ 3"))
    assert total.attainment == D("16.6667")


def test_the_total_of_a_quotient(tmp_path: Path) -> None:
    """A quotient's target is the group's where it is everybody's, and none where they differ."""
    same = planned(tmp_path, "  scorecard.sales: {average: 50}\n")
    assert same.card.total is not None
    assert same.card.total.score("average").target == target(same, "Анна Белова", "average")
    differ = planned(
        tmp_path, "  scorecard.sales: {average: 50}\n  members.Казань: {average: 40}\n"
    )
    assert differ.card.total is not None
    assert differ.card.total.score("average").target is None


def test_the_total_without_some_targets(tmp_path: Path) -> None:
    """Where somebody has no target, the group's is not known."""
    found = planned(tmp_path, "  members.Казань: {revenue: 40}\n")
    assert found.card.total is not None
    assert found.card.total.score("revenue").target is None


def test_the_company_is_all_records(tmp_path: Path) -> None:
    """The company's row takes in deals of nobody and of strangers, which no person's row has."""
    more = (
        DEALS
        + "4;Сделка успешна;7;;10.05.2024 12:00:00\n5;Сделка успешна;3;Глеб Чужой;10.05.2024 12:00:00\n"
    )
    targets = "targets: {company: {revenue: {2024-05: 200}, average: 40}}\n"
    found = compute(tmp_path, PLAN + targets, {**FILES, "deals.csv": more})
    revenue, average = found.results.company
    assert (revenue.kpi, revenue.fact.value, revenue.attainment) == ("revenue", D(110), D(55))
    assert (average.kpi, average.fact.value, average.attainment) == ("average", D(22), D(55))
    assert found.total["revenue"] == D(100)
