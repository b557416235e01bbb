"""The Markdown: what a wiki or a chat shows of it, and what no name can do to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kpictl.report import Options, render
from kpictl.report.format import clean
from kpictl.report.md import code, literal, paragraph
from results_sample import HOSTILE, alone, sales, sample


def shown(lang: str = "ru") -> str:
    return str(render(sample(), "md", Options(lang=lang)))


BARE = re.compile(r"(?<!\\)(?:\\\\)*[|<\[*_`]")  # a sign that no stroke tames


def cells(line: str) -> list[str]:
    """Return the cells of a line of a table, as a reader of Markdown sees them."""
    inner = re.split(r"(?<!\\)\|", line)[1:-1]
    return [re.sub(r"\\(.)", r"\1", cell).strip() for cell in inner]


def test_a_scorecard_is_a_table_of_rank_name_index_and_kpis() -> None:
    """A row has a cell for each head: the fact, of a count its target, the attainment, the points
    where they are shaped."""
    lines = shown().splitlines()
    heads = next(n for n, line in enumerate(lines) if line.startswith("| #"))
    assert cells(lines[heads]) == [
        *("#", "Сотрудник", "Индекс", "Объём продаж, вес 40"),
        *("Новые клиенты, вес 20", "Средний чек, вес 15", "Конверсия лидов, вес 25"),
    ]
    assert cells(lines[heads + 2]) == [
        *("1", "Анна Белова", "118,4", "1,66 млн ₽ · 118% · 160,8", "8 из 6 · 133%"),
        *("92,0 тыс ₽ · 108%", "31,0 % · 124% · 118,1"),
    ]
    width = len(cells(lines[heads]))
    table = lines[heads : next(n for n in range(heads, len(lines)) if not lines[n].startswith("|"))]
    assert {len(cells(line)) for line in table} == {width}


def test_what_is_missing_is_said_in_words() -> None:
    """Too few records, no data, no target and no index stand there as such."""
    page = shown("en")
    for words in ("2 of 3 needed", "no data", "not rated: "):
        assert words in page
    assert "Left out:" in page
    assert "- **Warning:**" in page
    assert "`kpictl explain revenue --left-out -p 2024-05`" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_record_is_markup(text: str) -> None:
    """Signs of Markdown, of HTML and of a terminal are shown, not obeyed."""
    card = sales()
    results = alone(replace(card, rows=(replace(card.rows[0], name=text),)))
    page = str(render(results, "md", Options(lang="en")))
    line = next(line for line in page.splitlines() if line.startswith("| 1 |"))
    assert cells(line)[1] == clean(text)
    assert len(cells(line)) == 3 + len(card.columns)
    assert not BARE.search(line.split(" | ")[1])


@given(st.text(max_size=20))
def test_any_name_stays_in_its_cell(name: str) -> None:
    """Whatever a name holds, it begins no other cell, line, link or tag."""
    found = literal(name)
    assert "\n" not in found
    assert not BARE.search(found)


def test_addresses_and_list_signs_are_no_links_and_lists() -> None:
    """An address in a name is not to be clicked, and a number with a point begins no list."""
    assert literal("http://x.ru www.x.ru a@x.ru") == r"http\://x.ru www\.x.ru a\@x.ru"
    assert paragraph("1. May") == r"1\. May"
    assert paragraph("+ x") == r"\+ x"
    assert code("a `b`") == "`` a `b` ``"
