"""Who is shown which pay: those of no scorecard, one person alone, each scorecard its own funds."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app
from plans import write

PLAN = """\
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {f: {type: csv, deals: deals.csv, employees: staff.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money, label: Объём продаж}
scorecards:
  sales:
    who: position = 'Менеджер'
    kpis: {revenue: {weight: 100, target: 1000000}}
    gates: {low: {label: Мало, when: revenue.attainment < 90, then: cap 80 %}}
    bonus:
      parts:
        main: {label: Основная, salary_share: 40, by_index: linear, prorate: none}
        team: {label: Команда, pool: team, by: revenue}
      fund: all
  support:
    who: position = 'Инженер'
    kpis: {revenue: {weight: 100, target: 100000}}
    bonus: {fixed: 1000, by_index: linear, fund: other, prorate: none}
pools: {team: {amount: 30000/month}}
funds: {all: 60000/month, other: 5000/month}
pay: {adjustments: adjust.csv, since: 2024-10}
"""
FILES = {
    "deals.csv": """\
id;сумма;ответственный;дата закрытия;стадия
1;900000;Анна Белова;15.11.2024;Сделка успешна
2;500000;Олег Ким;15.11.2024;Сделка успешна
3;100000;Юля Орт;15.11.2024;Сделка успешна
""",
    "staff.csv": """\
имя;должность;оклад;дата увольнения
Анна Белова;Менеджер;90000;
Олег Ким;Менеджер;53000;
Юля Орт;Инженер;70000;
Лев Ушёл;Менеджер;40000;31.08.2024
Ия Юрист;Юрист;40000;
""",
    "adjust.csv": """\
номер;сотрудник;сумма;период;основание;автор;относится к
A-2;Лев Ушёл;-7000;2024-10;возврат по сделке 4711;Орлов;2024-07
A-3;Лев Ушёл;2500;2024-11;доплата за август;Орлов;
A-4;Ия Юрист;3000;2024-11;суд выигран;Орлов;
""",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return write(tmp_path, PLAN, FILES).parent


def unpaid(text: str) -> str:
    """Return a plan without what it says of pay; its other lines stay where they are."""
    inner = r"^ {4}(?:gates|bonus):.*\n(?:^ {6,}.*\n)*"
    outer = r"^(?:pools|funds|pay|payroll):.*\n(?:^ +.*\n)*"
    gone = re.compile(f"{inner}|{outer}", re.MULTILINE)
    return gone.sub(lambda found: "\n" * found[0].count("\n"), text)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "-p", "2024-11", "-q", "--as-of", "2025-01-15"])


def shown(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.stdout.replace("\u00a0", " ")


def as_json(*words: str) -> Any:
    return json.loads(shown(*words, "-f", "json"), parse_float=Decimal)


@pytest.mark.parametrize("form", ["table", "md"])
def test_who_is_in_no_scorecard_is_shown_with_the_reason_and_counted(here: Path, form: str) -> None:
    """A lawyer's premium and a leaver's debt stand below the tables, and in the total."""
    text = " ".join(shown("compute", "--pay", "-f", form).split())
    assert "Ия Юрист: к выплате 3 000 ₽ (+3 000 ₽: суд выигран (Орлов))" in text
    assert (
        "Лев Ушёл: к выплате 0 ₽ (+2 500 ₽: доплата за август (Орлов); −7 000 ₽ с прошлых периодов;"
        " −4 500 ₽ на следующий период: меньше нуля не выплачивается)" in text
    )
    assert "Премия всего, вместе с теми, кто вне карт: 64 000 ₽" in text
    masked = shown("compute", "--pay", "-f", form, "--mask")
    assert not re.search("Ушёл|Юрист|Орлов|4711|суд", masked)


def test_explain_pay_tells_of_somebody_in_no_scorecard(here: Path) -> None:
    """Their own lines alone, and no scorecard in the head."""
    text = shown("explain", "pay", "-e", "Ушёл", "--pay")
    assert text.startswith("Премия · Лев Ушёл · ноябрь 2024 = 0 ₽")
    assert "−7 000 ₽ с прошлых периодов = −4 500 ₽" in text
    assert "Белова" not in text


@pytest.mark.parametrize("form", ["txt", "md", "json"])
def test_a_page_tells_nothing_of_what_a_colleague_is_paid(here: Path, form: str) -> None:
    """With two people in a fund its sums would tell the other's pay: there is no sum of both."""
    pay = as_json("compute", "--pay")["pay"]
    (own, other) = pay["lines"][:2]
    secret = [fund[name] for fund in pay["funds"][:2] for name in ("limit", "computed")]
    secret += [other["payout"], other["earned"], other["parts"][1]["amount"], Decimal(1400000)]
    secret += [step["figures"]["computed"] for step in other["steps"] if step["code"] == "fund"]
    shown("card", own["name"], "--pay", "-o", f"page.{form}")
    page = Path(f"page.{form}").read_text(encoding="utf-8").replace("\u00a0", " ")
    bare = re.sub(r"(?<=\d) (?=\d)", "", page).replace(",", ".")
    told = {Decimal(text) for text in re.findall(r"\d+(?:\.\d+)?", bare)}
    assert Decimal(own["payout"]) in told
    assert not told & set(map(Decimal, secret))
    assert "уменьшено с" in page if form != "json" else '"fund.own"' in page


def test_a_file_of_a_scorecard_has_its_own_pools_and_funds(here: Path) -> None:
    """Of others neither sums nor names; who is in no scorecard is in none of these files."""
    shown("compute", "--pay", "-o", "{scorecard}.json")
    found = {n: json.loads(Path(f"{n}.json").read_text())["pay"] for n in ("sales", "support")}
    assert [fund["id"] for fund in found["sales"]["funds"]] == ["team", "all"]
    assert [fund["id"] for fund in found["support"]["funds"]] == ["other"]
    assert {line["scorecard"] for line in found["support"]["lines"]} == {"support"}


def test_pay_beside_another_period_and_of_a_plan_without_any_is_refused(here: Path) -> None:
    """Rather than results in which the pay is silently missing."""
    done = run("compute", "--pay", "--compare", "prev")
    assert (done.exit_code, "--pay, --compare" in done.stderr) == (2, True)
    Path("kpi.yaml").write_text(unpaid(PLAN), encoding="utf-8")
    for words in (("compute",), ("card", "Ким")):
        done = run(*words, "--pay")
        assert done.exit_code == 2
        assert "премии в плане нет: ни у одной карты нет bonus" in done.stderr


def test_a_condition_that_takes_nothing_off_is_said_to(here: Path) -> None:
    """A cap of 80 percent holds of 50: it is shown, and is none of those that act."""
    text = " ".join(shown("explain", "pay", "-e", "Ким", "--pay").split())
    assert "начисляется не больше 80 %, столько и не набирается" in text
    assert "Условия премии" not in shown("compute", "--pay")


@pytest.mark.parametrize("width", ["80", "100", "120"])
def test_no_line_of_a_pay_is_wider_than_the_terminal(
    here: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    """A place that has no room after its text stands below it."""
    monkeypatch.setenv("COLUMNS", width)
    text = shown("explain", "pay", "-e", "Белова", "--pay")
    assert max(map(len, text.splitlines())) <= int(width)


@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_a_bonus_in_the_plan_changes_nothing_without_the_option(here: Path, form: str) -> None:
    """Scorecards are computed alike, whether or not anybody is paid by them."""
    with_bonus = shown("compute", "-f", form)
    Path("kpi.yaml").write_text(unpaid(PLAN), encoding="utf-8")
    without = shown("compute", "-f", form)
    assert plain(with_bonus) == plain(without)


def plain(text: str) -> str:
    """Return an output without what tells one file of a plan from another."""
    return re.sub(r"kpi\.yaml [0-9a-f]{6,}|[0-9a-f]{64}", "", text)
