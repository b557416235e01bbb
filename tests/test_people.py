"""Whose name is whose: names that look the same are the same, and what is typed means one person."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app
from kpictl.naming import fold, spelling, tidy
from kpictl.people.staff import Directory, Person

Files = Mapping[str, str | bytes]


def run(folder: Path, command: str, files: Files, *words: str) -> Result:
    """Write files beside one another and run a command over them, May 2024 seen from July."""
    for name, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(raw)
    call = [
        command,
        *words,
        "-c",
        str(folder / "kpi.yaml"),
        "-p",
        "2024-05",
        "--as-of",
        "2024-07-01",
    ]
    return CliRunner().invoke(app, call)


def rows(folder: Path, files: Files, *words: str) -> dict[str, dict[str, Decimal | None]]:
    """Compute and return row → KPI → value of the one scorecard."""
    done = run(folder, "compute", files, "-q", "-f", "json", *words)
    assert done.exit_code == 0, done.stderr
    (card,) = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)["scorecards"]
    return {r["name"]: {k: c["value"] for k, c in r["kpis"].items()} for r in card["rows"]}


ALIKE = [
    ("René Müller", "Rene\u0301 Mu\u0308ller"),
    ("Anna", "An\u00adna\u200b"),
    ("O'Brien", "O’Brien"),
    ("O'Brien", "OʼBrien"),
    ("O'Brien", "O`Brien"),
    ("O'Brien", "O´Brien"),
    ("O'Brien", "O′Brien"),
    ("Анна-Мария", "Анна‑Мария"),
    ("Анна-Мария", "Анна–Мария"),
    ("Анна-Мария", "Анна−Мария"),
    ("Ann Roe", "Ann\u00a0Roe"),
    ("Ann Roe", "Ann\u3000 Roe"),
    ("Ann Roe", "Ann\u2009Roe\ufeff"),
    ("Ann Roe", "\u202aAnn Roe\u202c"),
    ("Алёна", "алена"),
    ("Алена", "Але\u0308на"),
    ("Сергей", "Cергей"),
    ("ИВАНОВ", "ИBAHОВ"),
    ("Андрей", "Андреи\u0306"),
    ("ＡＢＣ", "abc"),
    ("ﬁnance", "Finance"),
    ("Straße", "STRASSE"),
    ("Отдел «Север»", 'отдел "Север"'),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_the_same_are_the_same(one: str, other: str) -> None:
    """Two spellings that a reader cannot tell apart fold to one text."""
    assert fold(one) == fold(other)
    assert fold(fold(one)) == fold(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("m²", "m2"), ("Иван", "Иона"), ("COM", "СОМ"), ("Анна Мария", "Анна-Мария"), ("й", "и")],
)
def test_names_that_look_different_stay_apart(one: str, other: str) -> None:
    """Folding merges only what looks the same."""
    assert fold(one) != fold(other)


def test_the_spelling_that_is_shown_does_not_depend_on_order() -> None:
    """Of several spellings the tidy one is shown, and not the shouted one."""
    texts = ["google\u200b", "GOOGLE", "Google", "google"]
    assert spelling(texts) == spelling(reversed(texts)) == "Google"
    assert tidy("Rene\u0301\u00a0 Roe\u200b") == "René Roe"


PEOPLE_PLAN = """\
kpictl: 1
sources:
  s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}
kpis: {rev: {from: o, sum: amt, when: d}}
scorecards:
  n: {who: department = 'Отдел «Север»', kpis: {rev: {weight: 100}}}
targets: {employee.O'Brien Pat: {rev: 200}}
"""


def test_people_and_departments_are_found_however_they_are_spelt(tmp_path: Path) -> None:
    """Owner, employee, department in `who` and target agree across spellings, in every file."""
    staff = (
        'id,name,department,aliases\n1,René Müller,Отдел «Север»,\n2,O’Brien Pat,отдел\u00a0"Север",\n'
        "3,Ann Roe,Отдел «Сe\u200bвер»,A‑Roe\n"
    ).replace('отдел\u00a0"Север"', '"отдел\u00a0""Север"""')
    orders = (
        "d,owner,amt\n2024-05-10,Rene\u0301 Mu\u0308ller,100\n2024-05-10,Pat O´Brien,100\n"
        "2024-05-10,a-roe\u200b,100\n"
    )
    files = {"kpi.yaml": PEOPLE_PLAN, "e.csv": staff, "o.csv": orders}
    assert rows(tmp_path, files) == {
        "René Müller": {"rev": 100},
        "O’Brien Pat": {"rev": 100},
        "Ann Roe": {"rev": 100},
    }
    page = run(tmp_path, "explain", files, "rev", "-e", "O'BRIEN").stdout
    assert "200" in page


LABELS = """\
kpictl: 1
sources: {s: {type: csv, o: o.csv, ads: a.csv}}
kpis:
  n: {from: o, count: rows, when: d, by: channel}
  people: {from: o, count: distinct who, when: d, by: channel}
  spend: {from: ads, sum: cost, when: d, by: source}
  each: {formula: spend / n}
"""


def test_channels_that_look_the_same_are_one(tmp_path: Path) -> None:
    """Spellings of one channel, also those of another file, make one row, and their records count
    together."""
    orders = "d,channel,who\n2024-05-01,Google Ads,1\n2024-05-02,google\u00a0ads,1\n2024-05-03,Goo\u00adgle Ads\u200b,2\n"
    ads = "d,source,cost\n2024-05-01,GOOGLE ADS,60\n"
    files = {"kpi.yaml": LABELS, "o.csv": orders, "a.csv": ads}
    assert rows(tmp_path, files) == {"Google Ads": {"n": 3, "people": 2, "spend": 60, "each": 20}}


def test_people_whom_only_records_name_are_one_in_every_spelling(tmp_path: Path) -> None:
    """Without a list of employees an invisible character makes no second person."""
    plan = "kpictl: 1\nsources: {s: {type: csv, o: o.csv}}\nkpis: {n: {from: o, count: rows, when: d, by: who}}\n"
    lines = "d,who\n2024-05-01,Anna\n2024-05-01,Anna\u200b\n2024-05-01,An\u00adna\n"
    assert rows(tmp_path, {"kpi.yaml": plan, "o.csv": lines}) == {"Anna": {"n": 3}}


@pytest.mark.parametrize(
    "caption", ["Сделка успешна", "СДЕЛКА\u00a0УСПЕШНА", "Сдe\u00adлка успешна"]
)
@pytest.mark.parametrize("written", ["сделка успешна", "Сделка\u2009успешна"])
def test_stages_mean_the_same_in_every_spelling(tmp_path: Path, caption: str, written: str) -> None:
    """What the plan says of a stage holds for every spelling of its caption."""
    plan = f"""\
kpictl: 1
sources:
  crm: {{type: csv, deals: d.csv, stages: {{"{written}": won}}}}
kpis: {{n: {{from: deals, count: rows, where: won, when: created_at}}}}
"""
    lines = (
        f"ID,Стадия сделки,Сумма,Ответственный,Дата создания\n1,{caption},5,Анна,2024-05-02 10:00\n"
    )
    assert rows(tmp_path, {"kpi.yaml": plan, "d.csv": lines}) == {"Анна": {"n": 1}}


@pytest.mark.parametrize(
    "caption", ["Сумма‑нетто", "сумма–нетто", "Су\u200bмма-нетто", "Сумма-не\u00adтто"]
)
def test_captions_are_found_in_every_spelling(tmp_path: Path, caption: str) -> None:
    """A caption in the plan is found over its column whatever its hyphens and hidden characters."""
    plan = """\
kpictl: 1
sources: {s: {type: csv, o: {path: o.csv, fields: {net: {column: Сумма-нетто, type: number}}}}}
kpis: {n: {from: o, sum: net, when: d, by: who}}
"""
    lines = f"d,who,{caption}\n2024-05-01,Anna,7\n"
    assert rows(tmp_path, {"kpi.yaml": plan, "o.csv": lines}) == {"Anna": {"n": 7}}


# --- who is meant ------------------------------------------------------------------------------


STAFF = Directory(
    [
        Person("1", "Иванов Сергей Петрович", email="ivanov@example.ru"),
        Person("2", "Петрова Анна Ивановна"),
        Person("3", "Сидорова Мария Ивановна"),
        Person("4", "Сергей Абрамович"),
        Person("5", "Ann Roe"),
        Person("6", "Roe, Ben"),
        Person("7", "Анна ван дер Берг", aliases=("Берг А.",)),
        Person("8", "Роман Аркадьевич Абрамов"),
        Person("9", "Абрамов Пётр Ильич"),
        Person("10", "Алиев Рашид Гасан оглы"),
    ]
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Петров", ""),  # not the patronymic Петрович, nor a part of Петрова
        ("Петрович", ""),
        ("Ивановна", ""),
        ("Иванов", "1"),  # not the two whose patronymic is Ивановна
        ("иванов сергей", "1"),
        ("Сергей Петрович Иванов", "1"),
        ("ivanov@example.ru", "1"),
        ("ivanov", ""),
        ("Петрова", "2"),
        ("Ильич", ""),
        ("Аркадьевич", ""),
        ("Абрамов", "8 9"),
        ("Абрамович", "4"),
        ("Roe", "5 6"),
        ("Roe Ann", "5"),
        ("Ro", ""),
        ("Ben Roe", "6"),
        ("Берг", "7"),
        ("ван дер Берг", "7"),
        ("Алиев", "10"),
        ("оглы", ""),
        ("Гасан", ""),
        ("1", "1"),
        ("", ""),
    ],
)
def test_who_is_meant_by_what_is_typed(text: str, ids: str) -> None:
    """Whole words only: id, e-mail, name in either order, then an exact surname; nothing else."""
    assert " ".join(sorted((p.id for p in STAFF.search(text)), key=int)) == ids


TEAM: dict[str, str | bytes] = {
    "kpi.yaml": """\
kpictl: 1
sources:
  s: {type: csv, o: {path: o.csv, fields: {owner: {column: owner, type: person}}}, employees: e.csv}
kpis: {rev: {label: Выручка, from: o, sum: amt, when: d}, calls: {label: Звонки, from: o, count: rows, when: d}}
scorecards:
  n: {label: Отдел поддержки, kpis: {rev: {weight: 50}, calls: {weight: 50}}}
  m: {label: Продажи, who: id = '3', kpis: {rev: {weight: 100}}}
""",
    "e.csv": "id,name,department\n1,Иванов Сергей Петрович,Север\n2,Петрова Анна Ивановна,Юг\n"
    "3,Иванов Пётр,Север\n4,Сидорова Мария,Юг\n",
    "o.csv": "d,owner,amt\n2024-05-10,Иванов Сергей Петрович,100\n2024-05-10,Петрова Анна Ивановна,50\n",
}


@pytest.mark.parametrize("command", [("compute",), ("explain", "rev")])
def test_a_part_of_a_name_is_nobody(tmp_path: Path, command: tuple[str, ...]) -> None:
    """`-e Петров` is refused where only Петрович and Петрова are, and says who is near."""
    done = run(tmp_path, command[0], TEAM, *command[1:], "-e", "Петров", "--lang", "ru")
    assert done.exit_code == 2
    assert "Иванов Сергей Петрович" in done.stderr


@pytest.mark.parametrize("command", [("compute",), ("explain", "rev")])
def test_several_of_a_surname_are_listed_with_their_ids(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Two people of one surname are not guessed between."""
    done = run(tmp_path, command[0], TEAM, *command[1:], "-e", "иванов", "--lang", "ru")
    assert done.exit_code == 2
    assert "Иванов Пётр (3), Иванов Сергей Петрович (1)" in " ".join(done.stderr.split())


def test_a_surname_chooses_its_person(tmp_path: Path) -> None:
    """`-e Петрова` shows her row, of every scorecard that has her."""
    done = run(tmp_path, "compute", TEAM, "-q", "-f", "csv", "-e", "петрова")
    lines = csv.DictReader(done.stdout.splitlines())
    names = {line["name"] for line in lines if line["kind"] == "row"}
    assert names == {"Петрова Анна Ивановна"}


def test_somebody_who_is_in_no_scorecard_is_told_from_a_stranger(tmp_path: Path) -> None:
    """An employee whom `who` leaves out exists; the message says where to look."""
    done = run(tmp_path, "compute", TEAM, "-s", "Продажи", "-e", "Сидорова", "--lang", "en")
    assert done.exit_code == 2
    assert "Сидорова Мария is in none of these scorecards" in done.stderr


@pytest.mark.parametrize("text", ["СЕВЕР", "Се\u00adвер"])
def test_a_department_is_matched_whole(tmp_path: Path, text: str) -> None:
    """`-d` takes the department in any spelling, and never a part of its name."""
    done = run(tmp_path, "compute", TEAM, "-q", "-f", "csv", "-s", "n", "-d", text)
    lines = csv.DictReader(done.stdout.splitlines())
    assert {line["id"] for line in lines if line["kind"] == "row"} == {"1", "3"}
    part = run(tmp_path, "compute", TEAM, "-d", "Сев", "--lang", "ru")
    assert (part.exit_code, "Север" in part.stderr) == (2, True)


# --- labels where ids are ------------------------------------------------------------------------


def card_ids(done: Result) -> list[str]:
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["scorecards"]
    return [card["id"] for card in found]


@pytest.mark.parametrize("text", ["n", "N", "Отдел поддержки", "отдел\u00a0поддержки"])
def test_a_scorecard_is_named_by_its_label(tmp_path: Path, text: str) -> None:
    """`-s` takes the id or the label, in any spelling."""
    assert card_ids(run(tmp_path, "compute", TEAM, "-q", "-f", "json", "-s", text)) == ["n"]


def test_sorting_by_a_label_is_sorting_by_its_kpi(tmp_path: Path) -> None:
    """`--sort Звонки` and `--sort calls` give the same."""
    by_label = run(tmp_path, "compute", TEAM, "-q", "-f", "csv", "--sort", "звонки")
    assert by_label.exit_code == 0
    assert (
        by_label.stdout
        == run(tmp_path, "compute", TEAM, "-q", "-f", "csv", "--sort", "calls").stdout
    )


@pytest.mark.parametrize("text", ["Выручка", "выручка", "REV"])
def test_explain_takes_labels(tmp_path: Path, text: str) -> None:
    """`explain Выручка --scorecard Продажи` is `explain rev --scorecard m`."""
    words = ("-e", "3", "--scorecard")
    by_label = run(tmp_path, "explain", TEAM, text, *words, "продажи")
    assert by_label.exit_code == 0, by_label.stderr
    assert by_label.stdout == run(tmp_path, "explain", TEAM, "rev", *words, "m").stdout
    assert run(tmp_path, "explain", TEAM, text, "--left-out").exit_code == 0


def test_a_label_of_two_is_not_guessed(tmp_path: Path) -> None:
    """Where two KPIs have one label, both ids are listed, and either works."""
    plan = str(TEAM["kpi.yaml"]).replace("label: Звонки", "label: выручка")
    files = {**TEAM, "kpi.yaml": plan}
    done = run(tmp_path, "explain", files, "Выручка", "--lang", "en")
    assert done.exit_code == 2
    assert "rev, calls" in done.stderr
    assert run(tmp_path, "explain", files, "calls").exit_code == 0


def test_what_fits_nothing_lists_labels_and_ids(tmp_path: Path) -> None:
    """A mistyped name shows what there is, by both names."""
    done = run(tmp_path, "explain", TEAM, "Вырутчка", "--lang", "en")
    assert done.exit_code == 2
    assert "did you mean Выручка?" in done.stderr


def test_explain_speaks_of_labels(tmp_path: Path) -> None:
    """A formula and a ratio are told in the labels of their KPIs, a field by its caption."""
    more = "each: {label: Средний чек, formula: rev / calls}, quot: {label: Доля, ratio: {of: rev, over: calls}}"
    plan = re.sub(r"\}\nscorecards:", f", {more}}}\nscorecards:", str(TEAM["kpi.yaml"]))
    files = {**TEAM, "kpi.yaml": plan}
    formula = run(tmp_path, "explain", files, "Средний чек", "--lang", "ru").stdout
    assert "«Выручка» / «Звонки»" in formula
    assert "«owner»" not in formula  # its caption is its name
    ratio = run(tmp_path, "explain", files, "доля", "--lang", "en").stdout
    assert "“Выручка” over “Звонки”" in ratio
