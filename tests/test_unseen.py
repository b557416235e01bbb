"""What nobody sees parts nobody: all characters of Unicode that show nothing, in Python and in SQL."""

from __future__ import annotations

import sys
from pathlib import Path
from unicodedata import category
from zoneinfo import ZoneInfo

from kpictl import naming
from kpictl.database import connect
from plans import Computed, compute

FORMAT = [chr(c) for c in range(sys.maxunicode + 1) if category(chr(c)) == "Cf"]
"""Every format character: zero-width, soft hyphen, marks of direction, tags."""


def test_sql_and_python_trim_the_same_characters() -> None:
    """Of all code points: what a cell may begin and end with means nothing, in both alike."""
    rows = connect(ZoneInfo("UTC")).execute(
        "SELECT i FROM (SELECT i, chr(CAST(i AS INTEGER)) AS c FROM range(1, 1114112) r(i)"
        " WHERE i NOT BETWEEN 55296 AND 57343) WHERE cell_text(c || 'a b' || c) = 'a b'"
        " AND cell_text('я' || c) = 'я' AND cell_text(c || 'я') = 'я' AND cell_text('z' || c) = 'z'"
    )
    trimmed = {chr(row[0]) for row in rows.fetchall()}
    ideographs = {*range(0x3400, 0xA000), *range(0xAC00, 0xD7A4), *range(0x20000, 0xE0000)}
    every = (chr(c) for c in range(1, 0xE1000) if c not in ideographs and category(chr(c)) != "Cs")
    unseen = {c for c in every if naming.trim(f"{c}a b{c}") == "a b"}
    assert unseen >= {*FORMAT, " ", "\u00a0", "\u2800", "\u3164"}
    # A character that only one of both knows is too new for the other.
    assert {c for c in trimmed ^ unseen if category(c) != "Cn"} == set()


def test_a_character_that_is_not_shown_parts_nobody(tmp_path: Path) -> None:
    """In one computation: an owner, a stage, a department and a compared text with each of them."""
    deals = ["ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии;Источник"]
    staff = ["имя;отдел"]
    for n, c in enumerate(FORMAT):
        cells = (f"Сделка{c} успешна", "1", f"Ан{c}на Белова{c}", "10.05.2024", f"{c}В{c}еб")
        deals.append(";".join((str(n), *cells)))
        staff.append(f"Коллега {n};Про{c}дажи")
    staff.append("Анна Белова;Продажи")
    plan = """
    sources: {crm: {type: csv, deals: d.csv, employees: e.csv}}
    kpis:
      all: {from: deals, sum: amount, where: won, when: closed_at}
      web: {from: deals, count: rows, where: source = 'Веб' and stage = 'Сделка успешна', when: closed_at}
    scorecards:
      s: {who: department = 'Продажи', kpis: {all: {weight: 100, target: 1/month}, web: {weight: 0}}}
    """
    found: Computed = compute(
        tmp_path, plan, {"d.csv": "\n".join(deals), "e.csv": "\n".join(staff)}
    )
    assert found.figures["Анна Белова"] == {"all": len(FORMAT), "web": len(FORMAT)}
    assert len(found.figures) == len(FORMAT) + 1
    assert {row.department for row in found.card.rows} == {"Продажи"}


def test_captions_and_what_is_typed_are_folded_alike() -> None:
    """A caption, a stage or a name with any of them is the one without."""
    for c in FORMAT:
        for same in (naming.fold, naming.look, naming.tidy):
            assert same(f"{c}От{c}дел продаж{c}") == same("Отдел продаж")
