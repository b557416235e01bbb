"""Timesheets in the printed form T-13: codes on one line, hours on the next, halves of a month."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from kpictl import periods
from kpictl.app.workspace import open_workspace
from kpictl.people.absences import Absence
from kpictl.people.presence import presence
from plans import LATER, write

PLAN = """\
calendar: {{country: RU}}
sources: {{s: {{type: csv, o: {{path: o.csv, fields: {{owner: {{column: owner, type: person}}}}}}, employees: e.csv{more}}}}}
kpis: {{s: {{from: o, sum: amt, when: d}}}}
scorecards: {{n: {{kpis: {{s: {{weight: 100, target: 1000000/month}}}}}}}}
absences: {{{where}, codes: {{ОТ: paid_absence, "09": paid_absence, Б: sick, ДО: unpaid, Я: worked, "01": worked, В: off, "26": off}}}}
"""
STAFF = "id,name,email\n7,Анна Белова,belova@example.ru\n8,Олег Ким,kim@example.ru\n"
FREE = {1, 4, 5, 9, 10, 11, 12, 18, 19, 25, 26}  # of May 2024

Marks = Mapping[int, str]


def line(
    marks: Marks, hours: Mapping[int, str] | None = None
) -> tuple[dict[int, str], dict[int, str]]:
    """Return the two lines of somebody who was at work on the other days: Я and 8 hours."""
    codes = {n: marks.get(n, "В" if n in FREE else "Я") for n in range(1, 32)}
    below = {n: "8" for n, code in codes.items() if code in ("Я", "01")} | dict(hours or {})
    return codes, below


ANNA = line({13: "ОТ", 14: "ОТ", 15: "Б", 16: "Я/ДО", 20: "09"}, {15: "4", 16: "6/2", 20: "8"})
OLEG = line({31: "Б"}, {31: "2"})
# Two days and an hour of a half: 13, 14, half of the 15th, and the 20th, all of it; two hours of
# unpaid leave lower nothing. Oleg was ill for two hours of eight.
DAYS = {"Анна Белова": 20 - 3 - Fraction(1, 2), "Олег Ким": 20 - Fraction(1, 4)}

Rows = list[list[str]]
People = Sequence[tuple[str, tuple[dict[int, str], dict[int, str]]]]


def beside(people: People) -> Rows:
    """Return a timesheet whose halves stand side by side, each with its sums."""
    first, second = range(1, 16), range(16, 32)
    made = [["№", "ФИО", *map(str, first), "Итого I", *map(str, second), "Итого II", "Всего"]]
    for number, (name, lines) in enumerate(people, start=1):
        for head, cells in zip(([str(number), name], ["", ""]), lines, strict=True):
            sums = ("10", "11", "21") if head[0] else ("80", "88", "168")
            texts = [cells.get(n, "") for n in range(1, 32)]
            made.append([*head, *texts[:15], sums[0], *texts[15:], *sums[1:]])
    return made


def below(people: People) -> Rows:
    """Return the form as it is printed: the second half of the month under the first."""
    made = [
        ["№", "ФИО", *map(str, range(1, 16)), "Х", "Итого"],
        ["", "", *map(str, range(16, 32)), ""],
        [str(n) for n in range(1, 20)],
    ]
    for number, (name, lines) in enumerate(people, start=1):
        halves = [[*(cells.get(n, "") for n in range(1, 16)), "Х", "80"] for cells in lines] + [
            [*(cells.get(n, "") for n in range(16, 32)), "168"] for cells in lines
        ]
        heads = [[str(number), name], ["", ""], ["", ""], ["", ""]]
        made += [[*head, *half] for head, half in zip(heads, halves, strict=True)]
    return made


PEOPLE = [("Анна Белова", ANNA), ("Олег Ким", OLEG)]


def text(rows: Rows) -> bytes:
    return "".join(";".join(row) + "\n" for row in rows).encode()


def book(rows: Rows) -> bytes:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(
            [int(cell) if cell.isdecimal() and cell[0] != "0" else cell for cell in row]
        )
    made.save(out)
    return out.getvalue()


def company(folder: Path, name: str, content: bytes, where: str, more: str = "") -> str:
    files: dict[str, str | bytes] = {name: content, "e.csv": STAFF}
    files["o.csv"] = "d,owner,amt\n2024-05-10,Анна Белова,1\n"
    return str(write(folder, PLAN.format(where=where, more=more), files))


def days(path: str) -> dict[str, Fraction]:
    with open_workspace(path, {}) as workspace:
        assert [p for p in workspace.problems if p.level != "note"] == []
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        return {
            person.name: presence(person, may, workspace.bound.calendar, workspace.absences).days
            for person in workspace.staff.people or ()
        }


@pytest.mark.parametrize("made", [beside, below])
@pytest.mark.parametrize(("name", "packed"), [("t.csv", text), ("t.xlsx", book)])
def test_the_printed_form_is_read_with_its_hours(
    tmp_path: Path, made: Callable[[People], Rows], name: str, packed: Callable[[Rows], bytes]
) -> None:
    """The line below the codes says how many hours of absence; halves beside or below each other."""
    where = f"file: {name}, period: 2024-05"
    assert days(company(tmp_path, name, packed(made(PEOPLE)), where)) == DAYS


def test_captions_on_two_lines_may_be_named(tmp_path: Path) -> None:
    """An entity of a source says on which lines the captions of the halves stand; the month is that
    of the title."""
    rows = [["Табель за май 2024"], *below(PEOPLE)]
    rows.pop(3)
    more = ", t: {path: t.csv, header: [2, 3]}"
    assert days(company(tmp_path, "t.csv", text(rows), "from: t", more)) == DAYS


@pytest.mark.parametrize("name", ["t.csv", "табель май 2024.csv"])
def test_a_timesheet_turned_into_records_has_its_hours(tmp_path: Path, name: str) -> None:
    """Records of one cell each: those of the line below are hours, of the person above."""
    period = ", period: 2024-05" if name == "t.csv" else ""
    more = f', t: {{path: "{name}", unpivot: {{into: {{day: caption, mark: value}}{period}}}}}'
    path = company(tmp_path, name, text(beside(PEOPLE)), "from: t", more)
    assert days(path) == DAYS


def test_a_name_on_both_lines_is_one_person(tmp_path: Path) -> None:
    """Some programs repeat the name beside the hours."""
    rows = beside(PEOPLE)
    for above, under in ((1, 2), (3, 4)):
        rows[under][:2] = rows[above][:2]
    where = "file: t.csv, period: 2024-05"
    assert days(company(tmp_path, "t.csv", text(rows), where)) == DAYS


def test_codes_of_digits_have_hours_below_them(tmp_path: Path) -> None:
    """01 is work and 09 leave in the digits of the form; 8 below is hours of it."""
    marks = {n: "26" if n in FREE else "01" for n in range(1, 32)} | {13: "09", 14: "09"}
    rows = beside([("Анна Белова", line(marks, {13: "8", 14: "4"}))])
    where = "file: t.csv, period: 2024-05"
    found = days(company(tmp_path, "t.csv", text(rows), where))
    assert found == {"Анна Белова": 20 - 1 - Fraction(1, 2), "Олег Ким": 20}


def test_a_line_of_sums_is_no_line_of_hours(tmp_path: Path) -> None:
    """One line a person, and how many were there below them all, without any word before it."""
    rows = [
        row
        for number, row in enumerate(beside([*PEOPLE, ("Белова А", ANNA)]))
        if number in (0, 1, 3)
    ]
    rows.append(["", "", *["2" for _ in rows[0][2:]]])
    where = "file: t.csv, period: 2024-05"
    path = company(tmp_path, "t.csv", text(rows).replace("Я/ДО".encode(), "Я".encode()), where)
    assert days(path) == {"Анна Белова": 20 - 4, "Олег Ким": 20 - 1}


def test_places_are_those_of_the_cells(tmp_path: Path) -> None:
    """A code that nobody has explained is listed with its cell, also in the second half; so is a
    name."""
    rows = below([("Анна Белова", line({16: "ЖЖ"})), ("Зоя Пак", ANNA)])
    with open_workspace(
        company(tmp_path, "t.csv", text(rows), "file: t.csv, period: 2024-05"), {}
    ) as workspace:
        found = {p.code: str(p.place) for p in workspace.problems if p.code.startswith("absences")}
    assert found == {"absences.unknown_code": "t.csv:6:3", "absences.nobody": "t.csv:8:2"}


def test_absences_keep_the_code_they_have(tmp_path: Path) -> None:
    """Several codes of one day are as many absences, each with its own hours."""
    with open_workspace(
        company(tmp_path, "t.csv", text(beside(PEOPLE)), "file: t.csv, period: 2024-05"), {}
    ) as workspace:
        several: tuple[Absence, ...] = workspace.absences.of["7"]
    assert [(a.first.day, a.last.day, a.code, a.hours) for a in several] == [
        (13, 14, "ОТ", None),
        (15, 15, "Б", 4),
        (16, 16, "ДО", 2),
        (20, 20, "09", 8),
    ]
