"""Which person a name means, in records and at the command line: ids, e-mails, surnames, initials,
and signs that set nobody apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpictl.errors import UsageError
from kpictl.people import selection
from kpictl.people.staff import Directory, Person
from plans import Computed, compute, refused

OWNED = """\
sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: personCREDIT}}}EMPLOYEES}}
kpis: {sold: {from: o, sum: amt, when: d}}
"""


def files(*owners: str, staff: str = "") -> dict[str, str]:
    rows = "".join(f'2024-05-10,"{owner}",{10**n}\n' for n, owner in enumerate(owners))
    return {"o.csv": f"d,owner,amt\n{rows}", "e.csv": staff}


def plan(staff: str, credit: str = "") -> str:
    employees = ", employees: e.csv" if staff else ""
    return OWNED.replace("EMPLOYEES", employees).replace("CREDIT", credit)


def sold(folder: Path, *owners: str, staff: str = "", credit: str = "") -> Computed:
    """Compute what was sold by each: 1 by the first owner, 10 by the second, 100 by the third."""
    return compute(folder, plan(staff, credit), files(*owners, staff=staff))


PEOPLE = "id,name,email,position\n"


@pytest.mark.parametrize("credit", ["", ", credit: split"])
def test_a_sign_in_an_address_sets_nobody_apart(tmp_path: Path, credit: str) -> None:
    """“ann+kpi@example.org” is one person's e-mail, also in a column of several people."""
    staff = PEOPLE + "1,Ann Roe,ann+kpi@example.org,\n2,Ben Ito,,\n"
    found = sold(tmp_path, "ann+kpi@example.org", "Ben Ito", staff=staff, credit=credit)
    assert found.of("sold") == {"Ann Roe": 1, "Ben Ito": 10}


@pytest.mark.parametrize(
    ("owner", "whose"),
    [
        ("Ann Roe, Clerk", "1"),  # the very name before one with a word more
        ("Zoe, Clerk", "3"),
        ("2, Clerk", "2"),
        ("Mary Roe, Clerk", "2"),
        ("Zoe G.", "4"),  # the given name is the one written out
        ("G. Zoe", "4"),
        ("Ann A.", "5"),  # an initial that both words have is of the other one
    ],
)
def test_a_name_means_whoever_it_fits_best(tmp_path: Path, owner: str, whose: str) -> None:
    """Before a position as without one: an id or the very name first, else whom it fits."""
    staff = (
        PEOPLE
        + "1,Ann Roe,,Clerk\n2,Ann Mary Roe,,Clerk\n3,Zoe,,Clerk\n4,Zoe Gray,,Head\n5,Ann Abel,,\n"
    )
    found = sold(tmp_path, owner, staff=staff)
    assert {row.id for row in found.card.rows if row.score("sold").fact.value} == {whose}


def test_the_same_words_in_another_order_are_one_person(tmp_path: Path) -> None:
    """Also where only records name people."""
    found = sold(tmp_path, "Ann Roe", "Roe Ann", "Ben Ito")
    assert sorted(map(int, found.of("sold").values())) == [11, 100]


@pytest.mark.parametrize(
    ("owners", "rows"),
    [
        (("Ann Roe,", "Ben Ito"), 2),  # nobody behind the sign
        (("Ann Roe", "Ann Roe / retail"), 2),  # one word behind a name, which nobody else has
        (("Ann Roe", "Ann Roe / retail / two"), 2),
        (("Roe, Ann", "Garcia Lopez, Maria Elena"), 2),  # surnames first
    ],
)
def test_signs_behind_which_nobody_stands(
    tmp_path: Path, owners: tuple[str, ...], rows: int
) -> None:
    """What stands beside a name is a second person only where it may be one."""
    assert len(sold(tmp_path, *owners).card.rows) == rows


@pytest.mark.parametrize(
    ("owners", "several"),
    [
        (("Ann Roe;; Ben Ito",), "Ann Roe;; Ben Ito"),
        # three in a cell say nothing of how the others are written
        (("Zoe, Ann Roe, Ben Ito", "Ann Bell, Cy Orr"), "Ann Bell, Cy Orr"),
    ],
)
def test_signs_behind_which_somebody_stands(
    tmp_path: Path, owners: tuple[str, ...], several: str
) -> None:
    """Two full names in a cell are two people, whatever stands between them."""
    (problem,) = refused(tmp_path, plan(""), files(*owners))
    assert (problem.code, problem.data["name"]) == ("people.two_in_one_cell", several)
    assert problem.data["count"] == 1


# --- at the command line --------------------------------------------------------------------------

BOOK = Directory(
    [
        Person("1", "Garcia Lopez, Maria"),
        Person("2", "Рашид Гасан оглы"),
        Person("3", "Роман Аркадьевич Штейн"),
        Person("4", "Иванов Пётр"),
        Person("5", "Ann Mary Roe"),
        Person("6", "Ирина Хан"),
        Person("7", "Лев Марина"),
    ]
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Lopez", "1"),
        ("Garcia", "1"),
        ("Maria", ""),
        ("Гасан", ""),  # a patronymic
        ("Рашид", "2"),
        ("Штейн", "3"),
        ("Роман", ""),
        ("Иванов", "4"),
        ("Пётр", ""),
        ("Roe", "5"),
        ("Mary", ""),
        ("Хан", "6"),
        ("Ирина", "6"),  # nothing says which of two is the surname
        ("Марина", "7"),
    ],
)
def test_a_surname_is_told_from_other_names(text: str, ids: str) -> None:
    """A word means somebody whose surname it may be: never a given name where the surname is
    known, and no name in the middle."""
    assert " ".join(person.id for person in BOOK.search(text)) == ids


def refusal(text: str, scored: list[Person], others: list[Person]) -> UsageError:
    with pytest.raises(UsageError) as raised:
        selection.person(text, {"card": scored}, Directory([*scored, *others]))
    return raised.value


ROES = [Person("1", "Ann Roe"), Person("2", "Ben Roe")]


@pytest.mark.parametrize(("scored", "others"), [(ROES, [Person("3", "Roe")]), ([], ROES)])
def test_several_of_a_surname_are_told(scored: list[Person], others: list[Person]) -> None:
    """Two of the scorecards are told, though somebody else is called just so; where none is in a
    scorecard, two of the list."""
    wrong = refusal("Roe", scored, others).problem
    assert (wrong.code, wrong.data["people"]) == ("usage.many_people", "Ann Roe (1), Ben Roe (2)")


def test_a_hint_names_five_that_hold_what_was_typed() -> None:
    """Of many names the first five, and none that has nothing of it; without any the likeliest."""
    several = [Person(str(n), f"{name}berg Ito") for n, name in enumerate("ABCDEFG")]
    crowd = [*several, Person("9", "Zoe Orr")]
    assert refusal("BERG", crowd, []).problem.data["near"] == ", ".join(
        f"{name}berg Ito" for name in "ABCDE"
    )
    assert refusal("Zeo Orr", crowd, []).problem.data["near"] == "Zoe Orr"
    assert refusal("Orr", several, []).problem.data["near"] == ""


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("nort", "Far North, North"),
        ("Nroth", "North"),  # mistyped
        ("", ""),
        ("qqqq", ""),
    ],
)
def test_a_hint_names_departments_that_are_near(text: str, near: str) -> None:
    """Those that hold what was typed, else the likeliest, else none."""
    names = ("Far North", "North", "South")
    with pytest.raises(UsageError) as of_unit:
        selection.unit(text, {name.casefold(): name for name in names})
    people = [Person(str(n), f"P{n}", department=name) for n, name in enumerate(names)]
    with pytest.raises(UsageError) as of_people:
        selection.department(text, people)
    assert {e.value.problem.data["near"] for e in (of_unit, of_people)} == {near}
