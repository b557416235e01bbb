"""What is paid, as people are shown it: the column, the steps, the files; and nothing without --pay."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app
from kpictl.report.format import Numbers
from kpictl.report.json import schema
from kpictl.report.pay.texts import PayTexts
from kpictl.values import PayStep
from plans import write

PLAN = """\
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow, language: ru}
calendar: {country: ru}
sources: {f: {type: csv, deals: deals.csv, employees: staff.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money, label: Объём продаж}
  wins: {from: deals, count: rows, where: won, when: closed_at, label: Сделки}
scorecards:
  sales:
    label: Менеджеры
    kpis: {revenue: {weight: 100, target: 1000000}}
    gates:
      few: {label: Мало сделок, when: wins < 2, then: payout * 0.5}
      many: {label: Много сделок, when: wins > 30, then: zero}
    bonus:
      prorate: worked_days
      parts:
        main: {label: Основная, salary_share: 40, by_index: {bands: {0: 0, 80: 97, ">100": 130}}}
        team: {label: Команда, pool: team, by: revenue, eligible: index >= 50}
      cap: 150000
      fund: all
pools: {team: {amount: 30000/month}}
funds: {all: 60000/month}
"""
FILES = {
    "deals.csv": """\
id;сумма;ответственный;дата изменения стадии;стадия
1;900000;Анна Белова;15.11.2024;Сделка успешна
2;70000;Анна Белова;30.11.2024;Сделка успешна
3;470000;Олег Ким;15.11.2024;Сделка успешна
""",
    "staff.csv": """\
имя;отдел;оклад;с;по
Анна Белова;Москва;80000;;15.11.2024
Анна Белова;Москва;100000;16.11.2024;
Олег Ким;Казань;50000;;
Пётр Дёмин;Казань;;;
""",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return write(tmp_path, PLAN, FILES).parent


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "-q", "--as-of", "2025-01-15"])


def shown(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 0, done.output
    return done.stdout


def compute(*words: str) -> str:
    return shown("compute", "-p", "2024-11", *words)


def explain(*words: str) -> str:
    return shown("explain", "pay", "-p", "2024-11", *words)


def as_json(*words: str) -> Any:
    return json.loads(compute("--pay", "-f", "json", *words), parse_float=Decimal)


# --- the table ---------------------------------------------------------------------------------


def test_the_table_has_a_column_of_what_is_paid_or_why_there_is_no_amount(here: Path) -> None:
    """Payouts stand beside the ranks, with their total and departments, conditions and funds."""
    text = compute("--pay")
    (anna,) = (line for line in text.splitlines() if "Анна Белова" in line and "97,0" in line)
    assert "60 000 ₽" in anna
    assert "нет: не указан оклад" in next(li for li in text.splitlines() if "Дёмин" in li)
    assert (
        "Премия всего: 60 000 ₽ (Москва 60 000 ₽, Казань 0 ₽); сумма неизвестна: 1 человек" in text
    )
    assert "«Мало сделок» («Сделки» = 1): начисляется × 0,5 – Олег Ким" in text
    assert "all: в фонде 60 000 ₽, посчитано 64 735,24 ₽, начислено 60 000 ₽: все доли" in text
    assert "team: делится 30 000 ₽, начислено 30 000 ₽" in text


@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_nothing_of_pay_is_shown_without_the_option(here: Path, form: str) -> None:
    """A scorecard that is sent around says nobody's bonus, in no format."""
    text = compute("-f", form)
    assert "ремия" not in text
    assert "60000" not in text.replace(" ", "")
    assert "salary" not in text


def test_a_total_is_not_what_the_rows_that_are_shown_come_to(here: Path) -> None:
    """With a part of the rows, the total line has no payout of its own."""
    text = compute("--pay", "-e", "Ким")
    (total,) = (line for line in text.splitlines() if "Итого" in line)
    assert "₽" not in total.partition("48,0")[0]
    assert "Белова" not in text


def test_markdown_has_the_column_too(here: Path) -> None:
    """The column follows the index; what stands below it is a list."""
    text = compute("--pay", "-f", "md")
    assert "| # | Сотрудник | Индекс | Премия | Объём продаж, вес 100 |" in text
    assert "| 1 | Анна Белова | 97,0 | 60 000 ₽ |" in text
    assert "- «Мало сделок» («Сделки» = 1): начисляется × 0,5 – Олег Ким" in text


def test_masked_names_are_masked_in_pay(here: Path) -> None:
    """Numbers in place of names, also beside conditions and in every step."""
    for form in ("table", "md", "csv", "json"):
        text = compute("--pay", "--mask", "-f", form)
        assert "Белова" not in text
        assert "Ким" not in text
        assert "Сотрудник 1" in text


def test_pay_is_of_people(here: Path) -> None:
    """Rows of departments are paid nothing: it is said instead of an empty column."""
    done = run("compute", "-p", "2024-11", "--pay", "--by", "department")
    assert done.exit_code == 2
    assert "--pay, --by department нельзя указать вместе" in done.stderr


def test_files_with_pay_are_readable_by_their_owner_alone(here: Path) -> None:
    """0600, also where a file of the same name was there before; without pay as any file."""
    for name in ("a.csv", "a.json", "a.md", "a.xlsx", "a.txt"):
        compute("-o", name)
        assert stat.S_IMODE(Path(name).stat().st_mode) & 0o044
        compute("--pay", "-o", name)
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    explain("-e", "Ким", "--pay", "--csv", "steps.csv")
    assert stat.S_IMODE(Path("steps.csv").stat().st_mode) == 0o600


# --- JSON and CSV ------------------------------------------------------------------------------


def closed(node: Any) -> Any:
    """Return a schema that allows no field that it does not describe."""
    if isinstance(node, dict):
        own = {"additionalProperties": False} if "properties" in node else {}
        return {**own, **{key: closed(value) for key, value in node.items()}}
    return [closed(one) for one in node] if isinstance(node, list) else node


def test_the_json_is_as_its_schema_says(here: Path) -> None:
    """Every field of pay is described; amounts are exact decimals."""
    found = as_json()
    jsonschema.Draft202012Validator(closed(schema())).validate(found)
    pay = found["pay"]
    assert pay["total"] == Decimal("60000.00")
    assert [line["payout"] for line in pay["lines"]] == [Decimal("60000.00"), Decimal("0.00"), None]
    assert pay["lines"][0]["parts"][0]["full"] == Decimal("35809.5238095238")
    assert [line["state"] for line in pay["lines"]] == ["computed", "computed", "no_salary"]


def test_only_the_rows_that_are_shown_are_in_the_json(here: Path) -> None:
    """--top and -d choose the lines of pay as they choose the rows."""
    assert [line["name"] for line in as_json("--top", "1")["pay"]["lines"]] == ["Анна Белова"]
    own = as_json("-d", "Казань")["pay"]["lines"]
    assert [line["name"] for line in own] == ["Олег Ким", "Пётр Дёмин"]


def test_the_csv_has_a_line_for_each_step(here: Path) -> None:
    """Long form: whose, which part, which step with its figures, the amount then, its place."""
    rows = list(csv.DictReader(io.StringIO(compute("--pay", "-f", "csv"))))
    own = [row for row in rows if row["kind"] == "pay" and row["name"] == "Анна Белова"]
    steps = [(row["part"], row["step"], row["amount"]) for row in own]
    assert steps[:4] == [
        ("main", "salary", "35809.5238095238"),
        ("main", "by_index", ""),
        ("main", "percent", "34735.2380952381"),
        ("main", "prorate", "34735.2380952381"),
    ]
    assert steps[-1] == ("", "payout", "60000.00")
    assert own[1]["step_figures"] == "index=97; percent=97; scale=bands; from=80; to=>100"
    assert own[1]["step_place"] == "kpi.yaml:18:51"
    kpis = [row for row in rows if row["kind"] == "row"]
    assert {row["step"] for row in kpis} == {""}


# --- explain pay -------------------------------------------------------------------------------


def test_explain_pay_shows_every_step_with_its_figures_and_places(here: Path) -> None:
    """Salary by stretches, the band in words, the days, the pool, the fund, the one rounding."""
    text = explain("-e", "Белова", "--pay")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    joined = " ".join(lines)
    assert lines[0] == "Премия · Анна Белова · ноябрь 2024 · Менеджеры = 60 000 ₽"
    assert "80 000 ₽ (11 дн., 01.11.2024 – 15.11.2024)" in joined
    assert re.search(
        r"→ 40 % от 89 523,81 ₽ = 35 809,52 ₽ kpi.yaml:18:\d+ · staff.csv:2 · staff.csv:3", joined
    )
    assert "Индекс 97 → 97 % (от 80 % до 100 % включительно) = 34 735,24 ₽" in joined
    assert "Время 21 из 21 (рабочие дни)" in joined
    assert "Доля фонда 30 000 ₽ × 970 000 ₽ / 970 000 ₽ (по величине: «Объём продаж»)" in joined
    assert "Всего 34 735,24 ₽ + 30 000 ₽ = 64 735,24 ₽" in joined
    assert "Фонд в фонде 60 000 ₽, посчитано 64 735,24 ₽" in joined
    assert "«Много сделок» («Сделки» = 2): на премию не влияет" in joined
    assert "К выплате 60 000 ₽" in joined


def test_the_steps_that_are_shown_add_up(here: Path) -> None:
    """From the figures of the steps alone the payout comes out, to the kopeck."""
    line, *_ = as_json()["pay"]["lines"]
    total = Fraction(0)
    for part in line["parts"]:
        total += computed(part["steps"])
        assert abs(computed(part["steps"]) - Fraction(part["amount"])) < Fraction(1, 10**8)
    (sum_, fund) = line["steps"]
    assert abs(Fraction(sum_["amount"]) - total) < Fraction(1, 10**8)
    size, whole, own = (Fraction(fund["figures"][k]) for k in ("size", "computed", "before"))
    assert abs(own * size / whole - Fraction(line["payout"])) < Fraction(1, 100)


def computed(steps: list[dict[str, Any]]) -> Fraction:
    """Return what the steps of a part come to, by their figures alone."""
    amount = Fraction(0)
    for step in steps:
        figures = {
            key: Fraction(value)
            for key, value in step["figures"].items()
            if isinstance(value, int | Decimal) and not isinstance(value, bool)
        }
        match step["code"]:
            case "salary":
                amount = figures["base"] * figures["share"] / 100
            case "percent":
                amount *= figures["percent"] / 100
            case "prorate":
                amount *= figures["days"] / figures["of"]
            case "gate":
                amount *= Fraction(step["figures"]["then"].removeprefix("payout * "))
            case "pool":
                amount = figures["size"] * figures["weight"] / figures["of"]
    return amount


def test_explain_pay_is_refused_without_the_option_and_without_a_name(here: Path) -> None:
    """A pay is shown when it is asked for, and of somebody."""
    for words, said in (
        (
            ("-e", "Ким"),
            "премия показывается только с --pay; если её можно показать, добавьте --pay",
        ),
        (("--pay",), "чья премия, не сказано; назовите сотрудника: -e Белова"),
        (("--pay", "-d", "Казань"), "pay, --department нельзя указать вместе"),
        (("--pay", "-e", "Никто"), "сотрудника «Никто» нет"),
    ):
        done = run("explain", "pay", "-p", "2024-11", *words)
        assert done.exit_code == 2
        assert said in " ".join(done.stderr.split())


def test_explain_pay_speaks_english_too(here: Path) -> None:
    """The same steps in the other language."""
    text = explain("-e", "Ким", "--pay", "--lang", "en")
    assert "Index          47 → 0 % (from 0 %, but less than 80 %) = ₽0" in text
    assert "“Мало сделок”: earned × 0.5 (“Сделки” = 1)" in text


def test_pay_is_no_name_for_a_kpi(here: Path) -> None:
    """`pay` means something else on the command line, as `index` does."""
    Path("kpi.yaml").write_text(PLAN.replace("wins", "pay"), encoding="utf-8")
    done = CliRunner().invoke(app, ["check"])
    assert done.exit_code == 3
    assert re.search(r"kpi.yaml:7:3.*pay", done.output)


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        ("80", ">100", "от 80 % до 100 % включительно"),
        ("80", "100", "от 80 %, но меньше 100 %"),
        (">100", "", "свыше 100 %"),
        (">100", ">120", "свыше 100 % до 120 % включительно"),
        (">100", "120", "свыше 100 %, но меньше 120 %"),
        ("", ">80", "до 80 % включительно"),
        ("", "80", "меньше 80 %"),
        ("99.5", "", "от 99,5 %"),
    ],
)
def test_bounds_of_a_band_in_words(lower: str, upper: str, said: str) -> None:
    """Whether a bound belongs to its band is said as regulations say it."""
    texts = PayTexts(Numbers("ru", "RUB"), {})
    assert texts.band(lower, upper).replace("\u00a0", " ") == said


def every_step() -> Iterator[PayStep]:
    strange = {"x": Fraction(1, 3), "name": "=cmd\x1b[31m", "list": (Decimal(1), None, "a")}
    yield PayStep("pay.not_known_yet", strange)
    yield PayStep("pay.percent", {})


def test_a_step_without_words_is_its_code_and_figures() -> None:
    """What a later version computes is shown, tame, rather than a traceback."""
    texts = PayTexts(Numbers("ru", "RUB"), {})
    strange, lacking = (texts.step(step) for step in every_step())
    assert "0,3333" in strange
    assert "\x1b" not in strange
    assert lacking.startswith("percent")


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_the_workbook_has_a_sheet_of_pay(here: Path) -> None:
    """A row each, a column for each step, the amount as a formula whose value is ours."""
    compute("--pay", "-o", "a.xlsx")
    values = openpyxl.load_workbook("a.xlsx", data_only=True)["Премия"]
    formulas = openpyxl.load_workbook("a.xlsx")["Премия"]
    heads = [cell.value for cell in values[1]]
    place = heads.index("Сумма")
    assert [row[place].value for row in values.iter_rows(min_row=2)] == [60000, 0, None, 60000]
    assert str(formulas.cell(2, place + 1).value).startswith("=ROUND(")
    compute("-o", "b.xlsx")
    assert "Премия" not in openpyxl.load_workbook("b.xlsx").sheetnames
