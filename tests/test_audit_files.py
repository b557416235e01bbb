"""Files as tools and people leave them: empty exports, small tables with totals, doubled lines."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.errors import SourceError
from plans import Files, compute, refused

D = Decimal
HEAD = "kpictl: 1\ncompany: {currency: RUB, language: ru, timezone: Europe/Moscow}\n"
SALES = "day;who;amount\n2024-03-01;Анна Рей;100\n2024-03-02;Борис Лунд;50\n"
PERSON = "sales: {path: sales.csv, fields: {who: {column: who, type: person}}}"
V = "v: {from: sales, sum: amount, when: day, by: who}"


def plan(kpis: str = V, more: str = "", *, files: str = "sales: sales.csv") -> str:
    return f"{HEAD}sources: {{s: {{type: csv, {files}}}}}\nkpis: {{{kpis}}}\n{more}"


def check(folder: Path, text: str, files: Files) -> tuple[int, str]:
    """Run `kpictl check` over a plan and its files."""
    (folder / "kpi.yaml").write_text(text, encoding="utf-8")
    for name, content in files.items():
        assert isinstance(content, str)
        (folder / name).write_text(content, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "-c", str(folder / "kpi.yaml")])
    return done.exit_code, done.output


# --- columns without a cell -----------------------------------------------------------------------

EMPTY = "day;opened;closed;who;amount;status;qty;done\n"
ASKING = (
    "v: {from: sales, sum: amount, when: day, by: who},"
    " n: {from: sales, count: rows, where: \"status = 'x' and qty > 5 and done\", when: day, by: who},"
    ' m: {from: sales, median: "minutes(opened, closed)", when: day, by: who}'
)


@pytest.mark.parametrize("lines", ["", ";;;Анна Рей;;;;\n"])
def test_a_column_without_a_cell_is_what_the_plan_takes_it_for(tmp_path: Path, lines: str) -> None:
    """An export without records is healthy: nothing is refused, and the figures are those of none."""
    assert check(tmp_path, plan(ASKING), {"sales.csv": EMPTY + lines})[0] == 0
    done = compute(tmp_path, plan(ASKING), {"sales.csv": EMPTY + lines}, period="2024-03")
    assert done.figures == ({"Анна Рей": {"v": 0, "n": 0, "m": "no_data"}} if lines else {})


def test_a_column_without_a_cell_is_one_thing(tmp_path: Path) -> None:
    """What is added up in one place is no text in another."""
    kpis = V + ", n: {from: sales, count: rows, where: \"amount = 'x'\", when: day, by: who}"
    assert refused(tmp_path, plan(kpis), {"sales.csv": "day;who;amount\n"})


def test_a_filled_column_is_still_held_against_its_use(tmp_path: Path) -> None:
    """A text is no number only because other columns are empty."""
    files = {"sales.csv": "day;who;amount\n;A;much\n;B;little\n"}
    (problem,) = refused(tmp_path, plan(), files)
    assert problem.place is not None
    assert problem.code == "expr.cell_not_a_number"


# --- totals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "below",
    [
        "Итого;;150\nСреднее;;75\n",
        "Total;;150\nAverage;;75\n",
        "Итого сделок;2;150\n",
        "Mar 31, 2024;Total;150\n",
        ";Всего сделок: 2;\n",
        ";Total deals: 2;\n",
    ],
)
def test_lines_that_sum_up_are_no_records(tmp_path: Path, below: str) -> None:
    """Averages below a total, a count in a column of people, a count within the words."""
    done = compute(tmp_path, plan(), {"sales.csv": SALES + below}, period="2024-03")
    assert done.of("v") == {"Анна Рей": 100, "Борис Лунд": 50}
    assert done.said("table.footer").data["count"] == below.count("\n")


@pytest.mark.parametrize(
    "below", ["2024-03-03;Итого;70\n", "2024-03-03;Всего: 2;70\n", "2024-03-03;Среднее;70\n"]
)
def test_a_name_like_a_total_is_a_name(tmp_path: Path, below: str) -> None:
    """A client may be called so: a whole record that sums up nothing counts."""
    done = compute(tmp_path, plan(), {"sales.csv": SALES + below}, period="2024-03")
    assert done.total == {"v": 220}


@pytest.mark.parametrize("below", ["Итого;150000\n", "Итого: 2;150000\n"])
def test_a_total_below_people_is_nobody(tmp_path: Path, below: str) -> None:
    """In a table of two columns no cell is empty in a total: that it repeats the sum shows it."""
    more = "scorecards: {a: {who: salary > 0, kpis: {v: {weight: 100}}}}\n"
    text = plan(more=more, files="sales: sales.csv, employees: people.csv")
    people = "ФИО;Оклад\nАнна Рей;100000\nБорис Лунд;50000\n" + below
    done = compute(tmp_path, text, {"sales.csv": SALES, "people.csv": people}, period="2024-03")
    assert set(done.figures) == {"Анна Рей", "Борис Лунд"}


@pytest.mark.parametrize("last", ["Итого", "Итого: 2", "Total"])
def test_a_total_ends_a_table_of_one_column(tmp_path: Path, last: str) -> None:
    """Among days a word for a total is none."""
    kpi = "n: {from: sales, count: rows, when: Дата, by: none}"
    files = {"sales.csv": f"Дата\n01.03.2024\n02.03.2024\n{last}\n"}
    done = compute(tmp_path, plan(kpi), files, period="2024-03")
    assert str(done.said("table.footer").place) == "sales.csv:4"
    (unit,) = done.results.units
    assert unit.score("n").fact.value == 2


def test_what_is_not_to_be_written_is_not_advised(tmp_path: Path) -> None:
    """Files of targets have no keys: neither `header` nor `footer` is offered for them, and they
    are called as seen from the plan."""
    more = "scorecards: {a: {kpis: {v: {weight: 100}}}}\ntargets: {file: t.csv}\n"
    lines = "employee;kpi;period;target\nАнна Рей;v;2024-03;100\n"
    titled = {"sales.csv": SALES, "t.csv": "Планы на март\n" + lines}
    (problem,) = refused(tmp_path, plan(more=more), titled)
    assert (problem.code, problem.place and str(problem.place)) == (
        "table.title_of_bare",
        "t.csv:1",
    )
    files = {"sales.csv": SALES, "t.csv": lines + "Итого;;;100\n"}
    done = compute(tmp_path, plan(more=more), files, period="2024-03")
    assert done.said("table.footer_of_bare").data["count"] == 1


def test_labels_of_a_report_above_the_captions(tmp_path: Path) -> None:
    """`Period:;March` is no line of captions."""
    (problem,) = refused(
        tmp_path, plan(), {"sales.csv": f"Отчёт:;Продажи;\nПериод:;март;\n{SALES}"}
    )
    assert (problem.code, problem.data["captions"]) == ("table.title", 3)


# --- lines of one record --------------------------------------------------------------------------


def test_lines_that_differ_in_the_owner_are_warned_of(tmp_path: Path) -> None:
    """Whose the money is must not depend on the order of lines without a word."""
    lines = "id;day;who;amount\n1;2024-03-01;A;100\n1;2024-03-01;B;100\n2;2024-03-02;B;5\n"
    done = compute(tmp_path, plan(), {"sales.csv": lines}, period="2024-03")
    said = done.said("source.later_line_differs")
    assert (said.level, said.data["fields"], said.data["count"]) == ("warning", "who", 1)
    same = compute(tmp_path, plan(), {"sales.csv": lines.replace(";B;100", ";A;100")})
    assert same.said("source.on_later_line").level == "note"


# --- people ---------------------------------------------------------------------------------------


def test_check_finds_two_people_in_one_cell(tmp_path: Path) -> None:
    """What stops a computation stops a check, with the same exit code."""
    text = plan(files=PERSON)
    files = {"sales.csv": f"{SALES}2024-03-03;Анна Рей, Борис Лунд;7\n"}
    code, output = check(tmp_path, text, files)
    assert (code, "Анна Рей, Борис Лунд" in " ".join(output.split())) == (4, True)
    with pytest.raises(SourceError):
        compute(tmp_path, text, files, period="2024-03")


@pytest.mark.parametrize(
    ("cell", "several"),
    [("Вера Ким / Олег Дан", True), ("Вера Ким & Олег Дан", True), ("García López, Ana", False)],
)
def test_full_names_set_apart_are_several(tmp_path: Path, cell: str, several: bool) -> None:
    """A comma stands between surname and name as well; a slash does not."""
    files = {"sales.csv": f"{SALES}2024-03-03;{cell};7\n"}
    assert check(tmp_path, plan(files=PERSON), files)[0] == (4 if several else 0)


@pytest.mark.parametrize(("written", "value"), [("€", 100), ("₽", 1), ("£", 120), ("Евро", 100)])
def test_signs_of_currencies(tmp_path: Path, written: str, value: int) -> None:
    """A sign that only one currency has names it."""
    kpi = "v: {from: deals, sum: amount, when: created_at}"
    text = plan(kpi, "rates: {EUR: 100, GBP: 120}\n", files="deals: deals.csv")
    lines = f"ID;Сумма;Валюта;Ответственный;Дата создания\n1;1;{written};А Б;01.03.2024\n"
    assert compute(tmp_path, text, {"deals.csv": lines}, period="2024-03").of("v") == {"А Б": value}
