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


PEOPLE = "id;имя;отдел;должность\n"
ROES = PEOPLE + "1;Ann Roe;Москва;Clerk\n2;Ann Roe;Казань;Sales Manager\n3;Ben Ito;Казань;Clerk\n"


@pytest.mark.parametrize(
    ("cell", "whose"),
    [("Ann Roe, Sales Manager", "2"), ("Ann Roe (sales manager)", "2"), ("Ann Roe / Clerk", "1"),
     ("Ann Roe | Казань", "2"), ("Roe, Ann, Clerk", "1"), ("Ann Roe — Sales Manager", "2"),
     ("Ben Ito, Sales Manager", "3")],
)  # fmt: skip
def test_what_somebody_is_tells_namesakes_apart(tmp_path: Path, cell: str, whose: str) -> None:
    """A position or department behind a name says which of two it is; an only one needs none."""
    found = compute(tmp_path, STAFFED, {"deals.csv": deals(cell), "employees.csv": ROES})
    assert {row.id for row in found.card.rows if row.score("sold").fact.value} == {whose}


@pytest.mark.parametrize("cell", ["Ann Roe", "Ann Roe, Clerk", "Roe, Ann (Clerk)", "A. Roe, Clerk"])
def test_namesakes_are_never_guessed(tmp_path: Path, cell: str) -> None:
    """Where a name and what stands behind it fit two people, both are named and nothing is computed."""
    staff = PEOPLE + "1;Ann Roe;Москва;Clerk\n2;Ann Roe;Казань;Clerk\n"
    (problem,) = refused(tmp_path, STAFFED, {"deals.csv": deals(cell), "employees.csv": staff})
    assert problem.code == "people.two_of_one_name"
    assert "(1" in problem.data["people"]
    assert "(2" in problem.data["people"]


@pytest.mark.parametrize(
    "listed",
    [
        "Maria Elena Garcia Lopez",
        "Garcia Lopez Maria",
        "Maria E. Garcia Lopez",
        "Maria Garcia Lopez",
    ],
)
def test_a_staff_table_settles_a_surname_before_a_comma(tmp_path: Path, listed: str) -> None:
    """Surname of two words, then given names: one person, where the list has this surname whole."""
    files = {"employees.csv": f"{PEOPLE}1;{listed};Москва;Clerk\n"}
    files["deals.csv"] = deals("Garcia Lopez, Maria Elena")
    assert list(compute(tmp_path, STAFFED, files).of("sold").values()) == [10]


@pytest.mark.parametrize("listed", ["Ann Roe", "Ann Ito", "Maria Garcia", "Ben Ito\n2;Ann Roe"])
def test_a_name_that_is_not_whole_settles_nothing(tmp_path: Path, listed: str) -> None:
    """Two full names beside each other stay two people, though one of them or a part is listed."""
    for cell in ("Ann Roe, Ben Ito", "Garcia Lopez, Maria Elena"):
        files = {"employees.csv": f"id;имя\n1;{listed}\n", "deals.csv": deals(cell)}
        (problem,) = refused(tmp_path, STAFFED, files)
        assert problem.code == "people.two_in_one_cell"


def test_the_hint_for_one_person_with_a_sign_in_the_name_works(tmp_path: Path) -> None:
    """The name without the sign among the aliases is what the message says, and it helps."""
    staff = "id;имя;aliases\n1;Maria Garcia;Garcia Lopez Maria Elena\n"
    files = {"deals.csv": deals("Garcia Lopez, Maria Elena"), "employees.csv": staff}
    assert compute(tmp_path, STAFFED, files).of("sold") == {"Maria Garcia": 10}
