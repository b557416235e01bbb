"""Two people in one cell are recognised, known or not, and shown in the cell where they stand."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from plans import compute, refused

PLAN = """\
sources: {crm: {type: csv, deals: deals.csv}}
kpis: {sold: {from: deals, sum: amount, when: close_date}}
"""
STAFFED = PLAN.replace("deals.csv}", "deals.csv, employees: employees.csv}")
STAFF = "имя;e-mail\nАнна Белова;belova@example.ru\n"


def deals(*owners: str) -> str:
    rows = (f"{n};10;2024-05-10;{owner}" for n, owner in enumerate(owners, start=1))
    return "\n".join(["ID;Сумма;Дата закрытия;Ответственный", *rows, ""])


@pytest.mark.parametrize("staff", [False, True], ids=["records", "staff"])
@pytest.mark.parametrize(
    "cell",
    ["Ann Roe, Ben Ito", "Анна Рей, Борис Лунд", '"Анна Рей; Борис Лунд"', "Ann Roe & Ben Ito",
     "Анна Рей и Борис Лунд", '"Анна Рей\nБорис Лунд"', "Ann Roe, Ben Ito, Cy Orr"],
)  # fmt: skip
def test_two_unknown_people_in_a_cell_are_refused_at_it(
    tmp_path: Path, cell: str, *, staff: bool
) -> None:
    """Full names beside each other need nobody to vouch for them; the message stands at the cell."""
    files = {"deals.csv": deals("Зоя Лапина", cell)}
    if staff:
        files["employees.csv"] = STAFF
    (problem,) = refused(tmp_path, STAFFED if staff else PLAN, files)
    assert problem.code == "people.two_in_one_cell"
    assert problem.place is not None
    assert (Path(problem.place.file).name, problem.place.line, problem.place.column) == (
        *("deals.csv", 3, 4),
    )


def test_people_who_stand_alone_elsewhere_are_known(tmp_path: Path) -> None:
    """Names of one word are two people where both own other records, next to a staff table too."""
    files = {"deals.csv": deals("Рей", "Лунд", "Рей, Лунд"), "employees.csv": STAFF}
    (problem,) = refused(tmp_path, STAFFED, files)
    assert (problem.code, problem.data["name"]) == ("people.two_in_one_cell", "Рей, Лунд")


@pytest.mark.parametrize(
    "owners",
    [
        ("Иванов, Иван",),
        ("Иванов, Иван Петрович",),
        ("Garcia Lopez, Maria Elena", "Roe, Ann"),
        ("Иванов Иван, отдел продаж",),
        ("Smith, John", "Roe, Ann"),
    ],
)
def test_a_surname_before_a_comma_is_one_person(tmp_path: Path, owners: tuple[str, ...]) -> None:
    """What a comma sets apart may be a surname, or what somebody is: nothing is refused."""
    found = compute(tmp_path, PLAN, {"deals.csv": deals(*owners)})
    assert len(found.card.rows) == len(owners)


def test_a_position_or_department_behind_a_comma_names_nobody(tmp_path: Path) -> None:
    """What the staff table calls a position or a department is no second person."""
    staff = "имя;отдел;должность\nАнна Белова;Key Accounts;Sales Manager\n"
    owners = ("Ann Roe, Sales Manager", "Ben Ito, Key Accounts", "Анна Белова")
    found = compute(tmp_path, STAFFED, {"deals.csv": deals(*owners), "employees.csv": staff})
    assert found.of("sold")["Анна Белова"] == 10


def test_what_stands_behind_many_names_names_nobody(tmp_path: Path) -> None:
    """Behind five names and nowhere else stands a title; behind two, or also first, a person."""
    names = ("Ann Roe", "Ben Ito", "Cy Orr", "Dee Fox", "Eve Lin")
    titled = [f"{name}, Sales Manager" for name in names]
    assert len(compute(tmp_path, PLAN, {"deals.csv": deals(*titled)}).card.rows) == len(names)
    for owners in (titled[:2], [*titled, "Sales Manager, Ann Roe"]):
        problems = refused(tmp_path, PLAN, {"deals.csv": deals(*owners)})
        assert {p.code for p in problems} == {"people.two_in_one_cell"}


@pytest.mark.parametrize("form", ["xlsx", "xls"])
def test_two_people_in_a_cell_of_a_workbook(tmp_path: Path, form: str) -> None:
    """A cell of XLSX, and of the page that Bitrix24 calls XLS, is shown as one of CSV is."""
    rows = [line.split(";") for line in deals("Зоя Лапина", "Ann Roe, Ben Ito").splitlines()]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    lines = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    page = f'<html><meta charset="utf-8"><table>{lines}</table></html>'
    content: str | bytes = buffer.getvalue() if form == "xlsx" else page
    plan = PLAN.replace("deals.csv", f"deals.{form}")
    (problem,) = refused(tmp_path, plan, {f"deals.{form}": content})
    assert problem.code == "people.two_in_one_cell"
    assert problem.place is not None
    assert (problem.place.line, problem.data["name"]) == (3, "Ann Roe, Ben Ito")
