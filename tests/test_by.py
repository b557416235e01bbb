"""Whose number it is: one person, a channel, or the company alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kpictl.cli import app

Files = Mapping[str, str]


def run(folder: Path, command: str, files: Files, *words: str) -> Result:
    """Write files beside one another and run a command over them, May 2024 seen from July."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    call = [command, *words, "-c", str(folder / "kpi.yaml")]
    if command != "check":
        call += ["-p", "2024-05", "--as-of", "2024-07-01"]
    return CliRunner().invoke(app, call)


def computed(folder: Path, files: Files, *words: str) -> dict[str, Any]:
    done = run(folder, "compute", files, "-q", "-f", "json", *words)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
    return found


# --- several people ------------------------------------------------------------------------------

OWNED = """\
kpictl: 1
sources: {{s: {{type: csv, o: {{path: o.csv, fields: {{owner: {{column: owner, type: person}}}}}}{employees}}}}}
kpis: {{rev: {{from: o, sum: amt, when: d}}}}
"""
STAFF = "id,name,aliases\n1,Ann Roe,\n2,Ben Ito,\n3,Roe Industries & Sons,\n4,Иван Петров,\n5,Анна Белова,\n"


def owned(owner: str, *, employees: bool) -> dict[str, str]:
    lines = f'd,owner,amt\n2024-05-10,"{owner}",10\n2024-05-11,Ann Roe,1\n2024-05-11,Ben Ito,1\n'
    lines += "2024-05-11,Иван Петров,1\n2024-05-12,Анна Белова,1\n"
    more = ", employees: e.csv" if employees else ""
    return {"kpi.yaml": OWNED.format(employees=more), "o.csv": lines, "e.csv": STAFF}


@pytest.mark.parametrize("employees", [True, False])
@pytest.mark.parametrize(
    "owner",
    [
        "Ann Roe, Ben Ito",
        "Ann Roe; Ben Ito",
        "Ann Roe / Ben Ito",
        "Ann Roe\nBen Ito",
        "Ann Roe and Ben Ito",
        "Roe Ann & Ito Ben",
        "Иван Петров, Анна Белова",
        "Белова Анна и Петров Иван",
        "Ann Roe, Somebody Else",
        "Ann Roe | Ben Ito | Иван Петров",
    ],
)
def test_two_people_in_one_cell_are_called_so(tmp_path: Path, owner: str, employees: bool) -> None:
    """A record of two people is nobody's to guess: refused, called what it is, without advice of
    aliases, which cannot help."""
    done = run(tmp_path, "compute", owned(owner, employees=employees), "--lang", "en")
    said = " ".join(done.stderr.split())
    assert done.exit_code == 4
    assert "two people in one cell" in said
    assert "aliases" not in said


@pytest.mark.parametrize(
    ("owner", "whose"),
    [("Roe, Ann", "Ann Roe"), ("Белова, Анна", "Анна Белова"), ("Roe Industries & Sons", None)],
)
def test_one_name_with_a_comma_is_one_person(tmp_path: Path, owner: str, whose: str | None) -> None:
    """A surname before a comma, or a name with an ampersand, is one owner."""
    (card,) = computed(tmp_path, owned(owner, employees=True))["scorecards"]
    value = {row["name"]: row["kpis"]["rev"]["value"] for row in card["rows"]}
    assert value[whose or owner] == (11 if whose else 10)


# --- currencies under the names of the source ------------------------------------------------------

MONEY = """\
kpictl: 1
company: {currency: RUB}
sources: {s: {type: csv, deals: d.csv%s}}
kpis: {rev: {from: deals, sum: amount, when: created_at, unit: money}}
rates: {CNY: 12.5}
"""
DEALS = """\
ID,Стадия сделки,Сумма,Валюта,Ответственный,Дата создания
1,Сделка успешна,4,Юань (офшор),Анна,2024-05-02 10:00
2,Сделка успешна,7,Тугрик большой,Анна,2024-05-02 10:00
3,Сделка успешна,100,RUB,Анна,2024-05-02 10:00
"""


@pytest.mark.parametrize(
    "written", ["Юань (офшор)", "юань  (офшор)", "ЮАНЬ\u00a0(ОФШОР)", "Юа\u00adнь (офшор)"]
)
def test_a_currency_is_known_by_the_name_that_the_source_gives_it(
    tmp_path: Path, written: str
) -> None:
    """`currencies` beside `stages` says the code of a name, in any spelling."""
    plan = MONEY % f", currencies: {{{written}: CNY}}"
    (card,) = computed(tmp_path, {"kpi.yaml": plan, "d.csv": DEALS})["scorecards"]
    assert card["rows"][0]["kpis"]["rev"]["value"] == 150


def test_a_deal_in_an_unknown_currency_shows_what_was_written(tmp_path: Path) -> None:
    """What nobody could convert is listed with its amount and its currency."""
    done = run(tmp_path, "explain", {"kpi.yaml": MONEY % "", "d.csv": DEALS}, "rev", "--left-out")
    assert "7 Тугрик большой" in done.stdout
    assert "4 Юань (офшор)" in done.stdout


def test_a_currency_that_is_no_code_is_refused(tmp_path: Path) -> None:
    """The right side of `currencies` is an ISO code."""
    plan = MONEY % ", currencies: {Юань: юань}"
    done = run(tmp_path, "check", {"kpi.yaml": plan, "d.csv": DEALS}, "--lang", "en")
    assert (done.exit_code, "USD" in done.stdout) == (3, True)
