"""`compute --fail-on`: of whom a condition holds, in every format, and for scripts."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner, Result

from kpictl.cli import app
from kpictl.report.json import schema
from plans import HEAD

PLAN = """\
calendar: {country: RU}
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  wins: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
scorecards:
  sales:
    kpis:
      revenue: {weight: 50, target: 1000/month}
      wins: {weight: 50, target: 4/month}
targets: {company: {revenue: {2024-05: 5000}}}
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;600;Анна Белова;06.05.2024 12:00:00
2;Сделка успешна;200;Анна Белова;07.05.2024 12:00:00
3;Сделка успешна;300;Олег Ким;07.05.2024 12:00:00
4;Сделка успешна;200;Олег Ким;08.05.2024 12:00:00
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kpi.yaml").write_text(HEAD + PLAN, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    return tmp_path


def run(
    folder: Path, condition: str, *words: str, as_of: str = "2024-05-17", plan: str = "kpi.yaml"
) -> Result:
    when = ("-p", "2024-05", "--as-of", as_of, "-c", str(folder / plan), "-q")
    return CliRunner().invoke(app, ["compute", *when, "--fail-on", condition, *words])


def met(folder: Path, condition: str, *words: str) -> list[tuple[Any, ...]]:
    """Return of whom a condition holds: kind, name, KPI."""
    done = run(folder, condition, "-f", "json", *words)
    found = json.loads(done.stdout)
    jsonschema.validate(found, schema())
    assert done.exit_code == (5 if found["fail_on"]["met"] else 0), done.output
    return [(one["kind"], one["name"], one["kpi"]) for one in found["fail_on"]["met"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("index < 60", [("row", "Олег Ким", None)]),
        ("rank = 1", [("row", "Анна Белова", None)]),
        ("coverage < 100", []),
        ("revenue < 600", [("row", "Олег Ким", None)]),
        ("revenue.attainment >= 80", [("row", "Анна Белова", None)]),
        ("revenue.pace < 101 and rank = 2", [("row", "Олег Ким", None)]),
        ("pace < 80", [("company", None, "revenue")]),
        ("pace > 150 or index > 64", [("row", "Анна Белова", None)]),
        ("pace > 110", [("row", "Анна Белова", "revenue")]),
        ("revenue >= 1000 and index is null", [("company", None, None)]),
        ("wins.target is null", [("company", None, None)]),
        ("revenue.forecast < 1100 and not index > 55", [("row", "Олег Ким", None)]),
    ],
)  # fmt: skip
def test_of_whom_it_holds(folder: Path, condition: str, expected: list[tuple[Any, ...]]) -> None:
    """By the numbers of a row; `pace` alone asks each KPI; what is not known meets nothing; the
    company is asked too. Exit code 5 where it holds of anybody."""
    assert met(folder, condition) == expected


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("profit < 3", "revenue, wins"),
        ("revenue.colour < 3", "revenue.colour"),
        ("wins.revenue.pace < 3", "wins"),
        ("index <", "«<»"),
        ("index", "условие"),
        ("index < 'x'", "сравнить"),
    ],
)
def test_a_condition_that_means_nothing(folder: Path, condition: str, said: str) -> None:
    """A slip is a usage error, with what may be asked for; it is never taken for not met."""
    done = run(folder, condition)
    assert done.exit_code == 2
    assert said in done.output


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ("index < 1e999999999", "--fail-on:9: "),
        ("1e-999999999 < index", "--fail-on:1: "),
        ("index < 10000000000000000000000000000", "--fail-on:9: "),
        ("index ** 99999 > 1", "--fail-on:1: "),
        ("index < 3 or pace < 4 and profit > 1", "--fail-on:27: "),
        ("index" + " * 9999999999999999999999999999" * 90 + " > 1", ""),
        ("index" + " * index" * 490 + " > 1", "--fail-on"),
        ("(" * 900 + "index" + ")" * 900 + " > 1", "--fail-on"),
    ],
)
def test_numbers_that_nobody_can_mean(folder: Path, condition: str, place: str) -> None:
    """An absurd number, a power or a long chain is a usage error with its place in the condition,
    at once; what can be computed exactly is."""
    done = run(folder, condition)
    assert done.exit_code == (2 if place else 5), done.output
    assert place in done.output


def test_a_chain_that_needs_too_many_digits(folder: Path) -> None:
    """Also what only shows while it is computed is a usage error."""
    huge = 10**27
    plan = (folder / "kpi.yaml").read_text("utf-8").replace("revenue", "r")
    (folder / "kpi.yaml").write_text(plan, encoding="utf-8")
    rows = f"1;Сделка успешна;{huge};Анна Белова;06.05.2024 12:00:00\n"
    (folder / "deals.csv").write_text(DEALS.splitlines()[0] + "\n" + rows, encoding="utf-8")
    product = "*".join(["(" + "*".join(["r"] * 60) + ")"] * 20)
    done = run(folder, f"{product} > 1")
    assert done.exit_code == 2, done.output
    assert "--fail-on:1: чтобы проверить условие точно" in done.output


def test_a_slip_in_a_condition_is_said_before_records_are_read(folder: Path) -> None:
    """Nobody waits for millions of records to be told of a name that the plan does not know."""
    (folder / "deals.csv").write_text("ID;Сумма\n1;сто\n", encoding="utf-8")
    assert "--fail-on:1: спросить profit нельзя" in run(folder, "profit < 1").output
    assert "--fail-on" not in run(folder, "revenue < 1").output


def test_every_format_lists_them(folder: Path, tmp_path: Path) -> None:
    """On the page, in Markdown and on stderr by name with the figures; in CSV line by line."""
    done = run(folder, "revenue.pace < 101", "--mask")
    assert "Олег" not in done.output
    assert "Сотрудник 2" in done.stderr
    for form in ("table", "md"):
        page = run(folder, "revenue.pace < 101", "-f", form).stdout.replace("\u00a0", " ")
        assert "revenue.pace" in page
        assert "Олег Ким: Объём темп 100,0 %" in page
    lines = list(csv.DictReader(io.StringIO(run(folder, "pace < 80", "-f", "csv").stdout)))
    assert [(x["kind"], x["kpi"]) for x in lines if x["alert"] == "true"] == [
        ("company", "revenue")
    ]
    out = tmp_path / "kpi.xlsx"
    assert run(folder, "index < 60", "-o", str(out)).exit_code == 5
    assert out.stat().st_size
    plain = CliRunner().invoke(
        app, ["compute", "-p", "2024-05", "-c", str(folder / "kpi.yaml"), "-f", "csv", "-q"]
    )
    assert "alert" not in plain.stdout


def test_only_what_is_new_is_told(folder: Path) -> None:
    """The first time everybody is new; then nothing is said and all is well, until somebody comes in
    or goes out; the file is for its owner alone."""
    quiet = "--on-change"
    first = run(folder, "index < 60", quiet)
    assert (first.exit_code, "новое: Олег Ким" in first.stderr) == (5, True)
    again = run(folder, "index < 60", quiet)
    assert (again.exit_code, again.output) == (0, "")
    other = run(folder, "index < 99", quiet)  # another question has its own memory
    assert other.exit_code == 5
    assert "Анна Белова" in other.stderr
    (folder / "deals.csv").write_text(
        DEALS + "5;Сделка успешна;2000;Олег Ким;15.05.2024 12:00:00\n", encoding="utf-8"
    )
    better = run(folder, "index < 60", quiet)
    assert (better.exit_code, "больше нет: Олег Ким" in better.stderr) == (0, True)
    (state,) = folder.glob(".kpictl/alerts.json")
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"kpictl_alerts": 1, "asked": 5}'])
def test_a_memory_that_is_damaged(folder: Path, kept: str) -> None:
    """What cannot be read is said and written anew; everybody is new then."""
    (folder / ".kpictl").mkdir()
    (folder / ".kpictl" / "alerts.json").write_text(kept, encoding="utf-8")
    done = run(folder, "index < 60", "--on-change")
    assert done.exit_code == 5
    assert "alerts.json" in done.stderr
    assert run(folder, "index < 60", "--on-change").output == ""


def test_warnings_are_told_also_where_nothing_has_changed(folder: Path) -> None:
    """--strict asks about the data: it ends with 5 and says why each time, while the page and the
    list stay away until somebody is new."""
    assert run(folder, "index < 60", "--on-change").exit_code == 5
    done = run(folder, "index < 60", "--on-change", "--strict")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "период 2024-05 не окончен" in done.stderr
    assert "Олег" not in done.stderr


def test_notes_are_no_change(folder: Path) -> None:
    """Where nothing has changed and there is no warning, --strict is as silent as --on-change is,
    also where notes would be told."""
    lead = "5;Сделка успешна;100;Олег Ким;31.05.2024 12:00:00\n"
    (folder / "deals.csv").write_text(DEALS + lead, encoding="utf-8")
    plan = str(folder / "kpi.yaml")
    words = ("compute", "-p", "2024-05", "--as-of", "2024-06-30", "-c", plan, "--strict")
    plain = CliRunner().invoke(app, list(words))
    assert "заметка: " in plain.stderr
    assert plain.exit_code == 0
    alert = [*words, "--fail-on", "index < 70", "--on-change"]
    assert CliRunner().invoke(app, alert).exit_code == 5
    again = CliRunner().invoke(app, alert)
    assert (again.exit_code, again.output) == (0, "")


def test_each_plan_of_a_folder_has_its_own_memory(folder: Path) -> None:
    """Two plans side by side, asked the same: neither silences nor calls off what the other told."""
    stricter = HEAD + PLAN.replace("1000/month", "2000/month")
    (folder / "two.yaml").write_text(stricter, encoding="utf-8")
    for plan, names in (("kpi.yaml", ["Олег Ким"]), ("two.yaml", ["Анна Белова", "Олег Ким"])):
        first = run(folder, "index < 60", "--on-change", plan=plan)
        assert first.exit_code == 5
        assert re.findall("новое: (.+?):", first.stderr) == names
    for plan in ("kpi.yaml", "two.yaml"):
        again = run(folder, "index < 60", "--on-change", plan=plan)
        assert (again.exit_code, again.output) == (0, "")


def test_a_plan_that_is_linked_to_has_one_memory(folder: Path) -> None:
    """A link to a plan is that plan: what was told of it is not told again."""
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "two.yaml").symlink_to(folder / "kpi.yaml")
    (folder / "elsewhere" / "deals.csv").symlink_to(folder / "deals.csv")
    assert run(folder, "index < 60", "--on-change").exit_code == 5
    again = run(folder, "index < 60", "--on-change", plan="elsewhere/two.yaml")
    assert (again.exit_code, again.output) == (0, "")


def test_a_memory_that_names_no_plan(folder: Path) -> None:
    """What an earlier kpictl kept may be of any plan of the folder: everybody is told once more."""
    before = {"341aefdec7c8f8f5": {"row\tsales\tОлег Ким\t\t": "Олег Ким"}}
    (folder / ".kpictl").mkdir(0o700)
    kept = json.dumps({"kpictl_alerts": 1, "asked": before})
    (folder / ".kpictl" / "alerts.json").write_text(kept, encoding="utf-8")
    first = run(folder, "index < 60", "--on-change")
    assert (first.exit_code, "новое: Олег Ким" in first.stderr) == (5, True)
    assert "alerts.json" not in first.stderr
    assert run(folder, "index < 60", "--on-change").output == ""


def test_changes_of_nothing(folder: Path) -> None:
    """--on-change without a condition is refused."""
    done = CliRunner().invoke(app, ["compute", "-c", str(folder / "kpi.yaml"), "--on-change"])
    assert done.exit_code == 2


def test_a_workbook_says_of_whom_it_holds(folder: Path) -> None:
    """The sheet of circumstances has the condition and a line for each, as the other formats do."""
    out = folder / "out.xlsx"
    done = run(folder, "revenue.attainment < 80", "-o", str(out))
    assert done.exit_code == 5
    book = CalamineWorkbook.from_path(str(out))
    texts = [str(row[0]) for row in book.get_sheet_by_name("О расчёте").to_python()]
    start = texts.index("Сработало условие revenue.attainment < 80, 2 раза:")
    assert texts[start + 1 : start + 4] == [
        "Олег Ким: Объём выполнение 50,0 %",
        "Компания: Объём выполнение 26,0 %",
        "",
    ]
