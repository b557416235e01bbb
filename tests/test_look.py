"""How results look: colour and figure agree, units carry over, names shorten before they are cut."""

from __future__ import annotations

import io
import re
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from python_calamine import CalamineWorkbook
from rich.cells import cell_len
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.report import Options, render
from kpictl.report.format import Numbers
from kpictl.report.names import fitted, shortened
from kpictl.values import GRADES, Grades, Results
from plans import compute, refused, write
from results_sample import REVENUE, alone, measured, people, sales

CODES = {"red": "31", "yellow": "33", "green": "32", "bright": "92"}


def shown(results: Results, *, width: int, **options: Any) -> str:
    options = {"width": width, "terminal": True, **options}
    text = render(results, "table", Options(**options))
    assert isinstance(text, str)
    return text.replace("\u00a0", " ")


def one_person(value: str, target: str, points: str | None = None) -> Results:
    row = replace(people()[0], scores=(measured(REVENUE, value, target, points),))
    card = replace(sales([row]), columns=(REVENUE,), total=None)
    return alone(card)


# --- colour and figure -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("percent", "figure", "color"),
    [
        ("99.6", "99,6%", "yellow"),
        ("99.4", "99%", "yellow"),
        ("99.96", "99,96%", "yellow"),
        ("99.9999", "99,9999%", "yellow"),
        ("100", "100%", "green"),
        ("100.4", "100%", "green"),
        ("79.5", "79,5%", "red"),
        ("119.7", "119,7%", "green"),
        ("120", "120%", "bright"),
        ("79.4", "79%", "red"),
    ],
)
@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_figure_is_on_the_side_of_the_bound_that_its_colour_says(
    percent: str, figure: str, color: str, width: int
) -> None:
    """99.6 % is not shown as a yellow 100%, in the compact form nor in the full one."""
    text = shown(one_person(percent, "100"), width=width, color=True)
    assert f"{figure}" in re.sub(r"\x1b\[[\d;]*m", "", text)
    painted = dict(re.findall(r"\x1b\[(31|32|33|92)m *([\d,]+)%?\x1b", text))
    assert CODES[color] in painted


@given(st.decimals(0, 200, places=4), st.integers(0, 2))
def test_no_figure_of_points_ever_crosses_a_bound(points: Decimal, places: int) -> None:
    """Whatever the points, the figure rounds them half-up and has their colour."""
    text = Numbers("en", "RUB").graded(points, places)
    assert GRADES.of(Decimal(text)) == GRADES.of(points)
    digits = len(text.partition(".")[2])
    assert abs(Decimal(text) - points) <= Decimal(5).scaleb(-digits - 1)
    assert digits >= places


PLAN = """\
sources: {crm: {type: csv, deals: deals.csv}}
kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
scorecards: {sales: {kpis: {revenue: {weight: 100, target: 100}}}}
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;90;Анна;05.05.2024 10:00:00
2;Сделка успешна;69.6;Борис;06.05.2024 10:00:00
"""


def test_the_bounds_of_colours_are_the_plans(tmp_path: Path) -> None:
    """`report: {colors: …}` moves the bounds, in the table and in the workbook."""
    plan = PLAN + "report: {colors: {yellow: 70, green: 90, bright: 110}}\n"
    results = compute(tmp_path, plan, {"deals.csv": DEALS}).results
    assert results.grades == Grades(Decimal(70), Decimal(90), Decimal(110))
    text = shown(results, width=100, color=True)
    assert re.search(r"\x1b\[32m *90,0\x1b", text)
    assert re.search(r"\x1b\[31m *69,6\x1b", text)
    assert "69,6%" in text
    raw = render(results, "xlsx", Options())
    assert isinstance(raw, bytes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know data bars
        sheet = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
    rules = [r for rules in sheet.conditional_formatting for r in rules.rules if r.formula]
    bounds = {float(r.formula[0]) for r in rules if r.type == "cellIs"}
    assert bounds == {70, 90, 110}


@pytest.mark.parametrize(
    "colors", ["{yellow: 90, green: 80}", "{green: 120}", "{yellow: -1}", "{yellow: much}"]
)
def test_bounds_that_do_not_ascend_are_a_mistake_with_its_place(
    tmp_path: Path, colors: str
) -> None:
    """Bounds out of order, below zero or no numbers are refused where they stand."""
    plan = PLAN + f"report:\n  colors: {colors}\n"
    (found,) = refused(tmp_path, plan, {"deals.csv": DEALS})
    assert found.place is not None
    assert found.place.line == 7


def test_shaped_points_stand_beside_the_attainment() -> None:
    """Where a curve or a cap made the points, both are shown, and the colour is at the points."""
    text = shown(one_person("150", "100", "110"), width=48, color=True)
    assert re.search(r"150%\x1b\[32m +110,0\x1b", text)
    assert re.search(r"вып\. +балл", shown(alone(sales()), width=80))
    plain = shown(one_person("150", "100"), width=48)
    assert "балл" not in plain
    assert "150,0" not in plain


# --- money -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "scale", "short"),
    [
        ("999949", None, "€999.9K"),
        ("999950", None, "€1.00M"),
        ("1000000", "1000", "€1.00M"),
        ("999960", "1000", "€1.00M"),
        ("-999950", "1000", "−€1.00M"),
        ("995000", None, "€995.0K"),
        ("9999.4", None, "€9,999"),
        ("9999.6", None, "€10.0K"),
        ("999999999", "1000000", "€1.00B"),
        ("999999999999", None, "€1.00T"),
    ],
)
def test_rounding_carries_over_to_the_next_unit(value: str, scale: str | None, short: str) -> None:
    """A thousand thousands are a million, whatever the scale of the column."""
    money = Numbers("en", "EUR").short_money(Decimal(value), Decimal(scale) if scale else None)
    assert money == short


@given(
    st.decimals(0, 10**14, places=2),
    st.sampled_from([None, Decimal(1), Decimal(1000), Decimal(10**6), Decimal(10**9)]),
    st.sampled_from(["ru", "en"]),
)
def test_no_unit_is_ever_written_a_thousand_times(
    value: Decimal, scale: Decimal | None, lang: str
) -> None:
    """No thousands, millions or billions of four digits before the point."""
    text = Numbers(lang, "KZT").short_money(value, scale)
    if re.search(r"[KMB]|тыс|мл", text):
        whole = re.split(r"[.,](?=\d{1,2}\D*$)", text)[0]
        assert len(re.sub(r"\D", "", whole)) <= 3


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Иванов Сергей Петрович", "Иванов С. П."),
        ("Сергей Петрович Иванов", "С. П. Иванов"),
        ("Преображенская Александра", "Преображенская А."),
        ("Александра Преображенская", "А. Преображенская"),
        ("Мамедов Али Гусейн оглы", "Мамедов А. Г."),
        ("Анна-Мария Петрова-Водкина", "А.-М. Петрова-Водкина"),
        ("Maria van der Berg", "M. van der Berg"),
        ("Smith, John Ronald", "Smith, J. R."),
        ("John Ronald Reuel Tolkien", "J. R. R. Tolkien"),
    ],
)
def test_given_names_become_initials_before_anything_is_cut(name: str, short: str) -> None:
    """A surname stays whole, wherever it stands, as long as its initials make it fit."""
    assert shortened(name)[0] == short
    assert fitted([name], cell_len(short)) == [short]
    assert fitted([name], cell_len(name)) == [name]
    assert fitted([name], 9)[0].endswith("…")


def test_posts_of_somebody_are_told_apart_by_first_letters() -> None:
    """Where a department does not fit behind the name, its first letters do; where these are the
    same, or it is one word, it is cut as before. The others keep their names."""
    posts = ["Денис Чернов (Региональный отдел)", "Денис Чернов (Отдел продаж)"]
    assert fitted([*posts, "Олег Ким"], 17) == [
        "Денис Чернов (РО)",
        "Денис Чернов (ОП)",
        "Олег Ким",
    ]
    assert fitted([*posts, "Олег Ким"], 14) == ["Д. Чернов (РО)", "Д. Чернов (ОП)", "Олег Ким"]
    alike = ["Денис Чернов (Отдел продаж)", "Денис Чернов (Отдел поддержки)"]
    assert len(set(fitted(alike, 17))) == 2
    assert "(ОП)" not in "".join(fitted(alike, 17))
    assert fitted(["Денис Чернов (Казань)"], 17) == ["Д. Чернов (Казан…"]


def test_two_people_are_never_shortened_to_the_same() -> None:
    """Where initials would make two people one, a given name stays."""
    names = ["Иванов Сергей Петрович", "Иванов Степан Павлович", "Ким О."]
    assert fitted(names, 17) == ["Иванов Сергей П.", "Иванов Степан П.", "Ким О."]
    assert len(set(fitted(names, 14))) == 3


@given(st.lists(st.text(), max_size=5), st.integers(1, 30))
def test_any_names_fit(names: list[str], width: int) -> None:
    """Whatever they hold, names have the width; where all fit they are untouched."""
    short = fitted(names, width)
    assert all(cell_len(one) <= width for one in short)
    assert short == names or any(cell_len(name) > width for name in names)


def test_a_column_of_names_has_one_form() -> None:
    """Where one name needs initials all have them; where the last of three is enough, only that."""
    names = ["Константинопольский Сергей Петрович", "Анна Белова", "Ким Олег", "Мадонна"]
    assert fitted(names, 26) == ["Константинопольский С. П.", "А. Белова", "Ким О.", "Мадонна"]
    assert fitted(names, 30) == [
        "Константинопольский Сергей П.",
        "Анна Белова",
        "Ким Олег",
        "Мадонна",
    ]


def test_names_that_are_cut_alike_are_told_apart() -> None:
    """Names that differ only behind the cut keep their ends."""
    names = ["Константинопольская Анна", "Константинопольская Александра"]
    assert len(set(fitted(names, 12))) == 2
    assert fitted(["Иван Петров", "Иван Петрова"], 8) == ["И. Пе…ов", "И. Пе…ва"]


def test_a_table_shows_initials(tmp_path: Path) -> None:
    """In a narrow table a long name keeps its surname and its initials."""
    deals = DEALS.replace("Анна", "Константинопольский Сергей Петрович")
    results = compute(tmp_path, PLAN, {"deals.csv": deals}).results
    assert "Константинопольский С. П." in shown(results, width=70)


# --- stdout and stderr -----------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, PLAN, {"deals.csv": DEALS + "3;Сделка успешна;;Анна;06.05.2024 10:00:00\n"})
    monkeypatch.chdir(tmp_path)
    for name in ("KPICTL_CONFIG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


COMPUTE = ["compute", "-p", "2024-05", "--as-of", "2024-06-30"]


def run(*words: str, **environment: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words), env=environment)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("columns", ["40", "80", "200", "", "x"])
def test_a_pipe_has_the_width_that_columns_says(here: Path, columns: str) -> None:
    """COLUMNS, else 120; no colour, no escape, no space that grep would not find."""
    code, out, _ = run(*COMPUTE, COLUMNS=columns)
    assert code == 0
    assert not re.search(r"[\x1b\u00a0]", out)
    assert max(map(cell_len, out.splitlines())) <= int(columns if columns.isdecimal() else 120)
    (here / "long.txt").write_text("", encoding="utf-8")
    run(*COMPUTE, "-o", "table.txt", COLUMNS=columns)
    assert (here / "table.txt").read_text("utf-8") == out


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("error", "warning", "note")), ("ru", ("ошибка", "внимание", "заметка"))]
)  # fmt: skip
def test_stderr_is_one_line_a_message_with_its_level_first(
    here: Path, lang: str, words: tuple[str, str, str]
) -> None:
    """What is no terminal gets whole lines, however long, that grep finds by their level."""
    deals = DEALS.replace("Сделка успешна;69.6", "Неведомая стадия;69.6")
    (here / "deals.csv").write_text(deals, encoding="utf-8")
    _, out, err = run(*COMPUTE, "-f", "json", "--lang", lang, COLUMNS="40")
    levels = [line.partition(": ")[0] for line in err.splitlines()]
    assert set(levels) == set(words[1:])
    assert levels == sorted(levels, key=words.index)  # warnings before notes
    assert not out.startswith(words)
    plan = PLAN.replace("sum: amount", "sum: amuont").replace("revenue: {weight", "revenu: {weight")
    write(here, plan, {})
    code, _, err = run(*COMPUTE, "--lang", lang, COLUMNS="40")
    assert code == 3
    assert [line.partition(": kpi.yaml:")[0] for line in err.splitlines()] == [words[0]] * 2


@pytest.mark.parametrize("wrong", [["--periodd"], ["-p", "nonsense"], ["-o", "x.pdf"], ["-p"]])
def test_a_wrong_command_line_is_one_line_too(here: Path, wrong: list[str]) -> None:
    """Also what the command line itself does not allow is a line with its level, and code 2."""
    code, out, err = run("compute", *wrong, COLUMNS="40")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("ошибка: ")


def test_notes_for_the_keeper_of_the_plan_stand_in_no_report(here: Path) -> None:
    """A note (which column closes a deal) goes to stderr; the table and the workbook have none."""
    _, out, err = run(*COMPUTE)
    assert "Дата изменения стадии" in err
    assert "Дата изменения стадии" not in out
    run(*COMPUTE, "-o", "a.xlsx")
    book = CalamineWorkbook.from_path(here / "a.xlsx")
    cells = {str(c) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
             for c in row}  # fmt: skip
    assert not any("Дата изменения стадии" in cell for cell in cells)


def test_quiet_leaves_errors_alone_on_stderr(here: Path) -> None:
    """With --quiet a run that goes well says nothing, one that fails says why."""
    assert run(*COMPUTE, "-q", "-f", "csv")[2] == ""
    code, out, err = run(*COMPUTE, "-q", "-o", "no/such/folder.csv")
    assert (code, out) == (2, "")
    assert "folder" in err


def test_a_kpi_of_which_nothing_is_expected_is_shown_as_facts_alone(tmp_path: Path) -> None:
    """Without weight and target there is nothing but the fact: no empty columns, no "no target"."""
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {label: Выручка, from: o, sum: amt, when: d, by: who}}
    """
    path = write(tmp_path, plan, {"o.csv": "d;who;amt\n01.05.2024;Анна;1\n02.05.2024;Борис;20\n"})
    call = ["compute", "-c", str(path), "-p", "2024-05", "--as-of", "2024-06-01"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    lines = lines[lines.index(["who", "Выручка"]) :]
    assert lines[:4] == [["who", "Выручка"], ["Анна", "1"], ["Борис", "20"], ["Итого", "21"]]
    assert CliRunner().invoke(app, [*call, "-q", "-o", str(tmp_path / "o.xlsx")]).exit_code == 0
    rows = CalamineWorkbook.from_path(str(tmp_path / "o.xlsx")).get_sheet_by_index(0).to_python()
    head = [cell for row in rows[:5] for cell in row if cell]
    assert "Выручка" in head
    assert not {"план", "вып.", "балл"} & set(head)
