"""The table: on terminals of every width, and in a pipe."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from kpictl.errors import UsageError
from kpictl.report import Options, phrases, render
from kpictl.report.format import Numbers, number
from kpictl.values import Column, Fact, LeftOut, Results, Row, Rule, Score, Scorecard, State
from results_sample import (
    CLIENTS,
    REVENUE,
    SALES,
    absent,
    alone,
    many,
    measured,
    people,
    sales,
    sample,
    support,
    total,
)

ANSI = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069]")


def shown(results: Results, width: int | None = None, **options: Any) -> str:
    """Return the table on a terminal of that width, without one in a pipe."""
    if width is not None:
        options = {"width": width, "terminal": True, **options}
    text = render(results, "table", Options(**options))
    assert isinstance(text, str)
    return text


INITIALS = "А. К. Преоб"
"""How the longest name of the sample begins where it does not fit."""


def name_in(text: str, row: Row) -> str:
    """Return how a name begins in a table: whole, or by initials."""
    return row.name[:9] if row.name[:9] in text else INITIALS


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if start in line)


@pytest.mark.parametrize("width", [*range(32, 90, 7), 80, 100, 120, 160, 200, 300])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_no_line_is_wider_than_the_terminal(width: int, wide: bool, lang: str) -> None:
    """Whatever the width, no line of any scorecard runs over it."""
    for results in (sample(), alone(many(8)), alone(many(1)), alone(sales([])), alone(support())):
        text = shown(results, width=width, color=True, wide=wide, lang=lang)
        assert max(cell_len(ANSI.sub("", line)) for line in text.split("\n")) <= width


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_rank_name_and_index_always_show(width: int | None) -> None:
    """However narrow the terminal, everyone's rank, name and index are there."""
    text = shown(alone(many(9)), width=width)
    for row in people():
        if row.rank:
            line = line_of(text, name_in(text, row))
            assert line.startswith(str(row.rank))
            assert row.index is not None
            assert number(row.index, "ru", 1) in line


def test_eighty_columns_hold_the_two_heaviest_kpis_and_name_the_others() -> None:
    """At 80 columns the heaviest KPIs stay; how to see the others is said."""
    text = shown(alone(sales()), width=80)
    assert "Объём продаж" in text
    assert "лидов" in text
    assert "+2 KPI: --wide (Новые клиенты, Средний чек)" in text
    assert "из 6" not in text


def test_a_hundred_and_twenty_columns_hold_every_kpi() -> None:
    """At 120 columns all four KPIs stand in one line with attainment."""
    text = shown(alone(sales()), width=120)
    assert "--wide" not in text
    line = line_of(text, "Анна Белова")
    for part in ("118,4", "1,66\u00a0млн\u00a0₽ 118%", "8 из 6 133%", "92,0\u00a0тыс", "124%"):
        assert part in line


def test_two_hundred_columns_set_fact_target_attainment_and_score_apart() -> None:
    """At 200 columns each KPI has four captioned columns."""
    text = shown(alone(sales()), width=200)
    assert len(re.findall(r"факт +план +вып\. +балл", text)) == 4
    line = line_of(text, "Анна Белова")
    assert re.search(r"1,66\u00a0млн\u00a0₽ +1,40\u00a0млн\u00a0₽ +118% +160,8", line)


def test_wide_shows_every_kpi_in_further_blocks() -> None:
    """With --wide no KPI is missing at 80 columns; each person comes once in every block."""
    text = shown(alone(many(8)), width=80, wide=True)
    assert "--wide" not in text
    blocks = sum("Сотрудник" in line for line in text.splitlines())
    assert blocks > 1
    assert sum("Анна Белова" in line for line in text.splitlines()) == blocks
    assert text.count("вес ") == 8


def test_every_absence_says_why_in_words() -> None:
    """Too few records, silence, no target, not applicable and too little weight are words."""
    text = shown(alone(sales()), width=200)
    assert "2 из 3 нужно" in text
    assert "нет данных" in text
    assert "нет плана" in line_of(text, INITIALS)
    unrated = "без оценки: измерено 20\u00a0% веса, нужно 60\u00a0%"
    assert unrated in line_of(text, "Мария Соколова")
    assert "2 of 3 needed" in shown(alone(sales()), width=200, lang="en")


@pytest.mark.parametrize(
    ("index", "code"),
    [("79.9999", "31"), ("80", "33"), ("99.9", "33"), ("100", "32"), ("120", "92")],
)
def test_colour_carries_the_score_and_the_number_stands_there_too(index: str, code: str) -> None:
    """Red below 80, yellow below 100, green from there, bright from 120; the figure is printed, with
    as many decimals as it takes to be on its own side of the bound."""
    row = replace(people()[0], index=Decimal(index))
    text = shown(alone(replace(sales([row]), total=None)), width=80, color=True)
    figure = index.replace(".", ",") if "." in index else f"{index},0"
    assert re.search(rf"\x1b\[{code}m *{figure}\x1b\[0m", text)


def test_without_colour_there_is_no_escape_at_all() -> None:
    """A terminal without colour gets the same table without a single escape."""
    text = shown(sample(), width=120)
    assert "\x1b" not in text
    assert text == ANSI.sub("", text)


def test_bars_are_longer_for_more_and_never_longer_than_their_column() -> None:
    """The bar grows with the index in eighths; nothing is drawn for zero."""
    text = shown(alone(sales()), width=80)
    bars = [re.sub(r"[^▏▎▍▌▋▊▉█]", "", line_of(text, name_in(text, row))) for row in people()[:6]]
    assert [len(bar) for bar in bars] == sorted((len(bar) for bar in bars), reverse=True)
    assert bars[0] == "███████▉"
    assert bars[-1] == ""


def test_a_scorecard_where_nobody_has_an_index_shows_its_facts() -> None:
    """Without any index the index columns go, the facts stay and one line says why."""
    rows = [replace(row, rank=None, index=None) for row in people()]
    card = replace(sales(rows), total=replace(total(), index=None))
    text = shown(alone(card), width=120)
    assert "Индекс " not in text
    assert "1,66\u00a0млн" in line_of(text, "Анна Белова")
    assert "нужно измерить 60\u00a0% веса" in text


@pytest.mark.parametrize("width", [None, 80])
def test_an_empty_scorecard_says_so(width: int | None) -> None:
    """No rows: a sentence, which tells a filter from an empty scorecard."""
    assert "Никого нет" in shown(alone(sales([])), width=width)
    hidden = replace(sales([]), hidden=13)
    assert "Отбор скрыл все строки (13)" in shown(alone(hidden), width=width)


def test_the_title_says_period_plan_and_age_of_the_data() -> None:
    """Above the table: label, period in words, days, plan with its hash, data as of."""
    title = shown(alone(sales()), width=120).splitlines()[0]
    assert title == (
        "Менеджеры по продажам · май 2024 · 01.05–31.05 · план kpi.yaml 3f9c12"
        " · данные на 02.06.2024 08:15"
    )


def test_what_was_left_out_is_counted_once_with_its_reason_and_money() -> None:
    """The same records missing in two KPIs are one phrase; the warnings follow."""
    text = shown(sample(), width=200)
    assert text.count("2 сделки без ответственного (183\u00a0000\u00a0₽)") == 1
    assert "2 сделки без ответственного," not in text
    assert "1 сделка без даты (5\u00a0000,50\u00a0₽)" in text
    assert "21 лид тех, кого нет в картах" in text
    assert "5 записей в валюте без курса" in text
    assert "kpictl explain revenue --left-out" in text
    assert "Внимание: kpi.yaml:12:3" in text
    assert "Заметка" not in text  # is for whoever keeps the plan


def test_many_reasons_are_a_line_for_each_kpi() -> None:
    """More than a sentence holds is told under the labels of the KPIs; the lines fit the window."""
    labels = {"revenue": "Выручка", "new_clients": "Новые"}
    found = sample()
    columns = {**found.columns}
    left = tuple(
        LeftOut(kpi, entity, reason, 3)
        for kpi, entity in (("revenue", "deals"), ("new_clients", "leads"))
        for reason in ("no_owner", "no_date", "no_amount", "no_rate")
    )
    columns = {k: replace(c, label=labels.get(k, c.label)) for k, c in columns.items()}
    lines = shown(replace(found, left_out=left, columns=columns), width=80).splitlines()
    begin = lines.index("Не вошли:")
    assert lines[begin + 1].startswith("  Выручка: 3 сделки без ответственного, ")
    assert any(line.startswith("  Новые: 3 лида без ответственного, ") for line in lines)
    assert max(map(len, lines[begin:])) <= 80


def test_totals_company_and_hidden_rows_are_shown() -> None:
    """The total row, the company's own KPIs and how many rows a filter hid."""
    text = shown(sample(), width=120)
    assert "96,7" in line_of(text, "Итого")
    assert "59%" in line_of(text, "план 12,00")
    assert "Показано 3 из 5" in text


def test_a_pipe_gets_the_table_of_a_terminal_of_120_columns() -> None:
    """In a pipe: the same table, no colour, spaces as people type them."""
    text = shown(alone(sales()))
    assert not re.search(r"[\t\x1b\u00a0]", text)
    assert text == shown(alone(sales()), width=120).replace("\u00a0", " ")
    assert max(cell_len(line) for line in text.splitlines()) <= 120
    assert "без оценки: измерено 20 % веса, нужно 60 %" in line_of(text, "Мария Соколова")


@pytest.mark.parametrize("kpis", [4, 12])
def test_wide_in_a_pipe_is_one_line_a_person_however_long(kpis: int) -> None:
    """With --wide a pipe gets every column of every KPI, whole names, one line a person."""
    text = shown(alone(many(kpis)), wide=True)
    assert len(re.findall(r"факт +план +вып\. +балл", text)) == kpis
    for row in people():
        (line,) = (line for line in text.splitlines() if row.name.strip("\x1b")[:50] in line)
        assert line.startswith(str(row.rank or "–"))
    assert "--wide" not in text


def test_hostile_names_are_shown_and_obeyed_nowhere() -> None:
    """Markup is text, an escape sequence shows as a placeholder."""
    text = shown(sample(), width=120, color=True)
    assert "[red]x[/red]" in text
    assert "<script>" in text
    assert "\x1b[31mred" not in text
    assert "\ufffd[31mred" in text


@settings(max_examples=150, deadline=None)
@given(
    name=st.text(max_size=60), label=st.text(max_size=40), width=st.sampled_from([None, 60, 120])
)
def test_no_text_breaks_the_output(name: str, label: str, width: int | None) -> None:
    """Any text as a name, label, id or detail: no control character, the same number of lines."""
    base = replace(support(), total=None)
    row = replace(base.rows[0], name=name, id=name, department=name)
    column = replace(base.columns[0], label=label)
    card = replace(base, label="x", rows=(row, *base.rows[1:]), columns=(column,))
    text = shown(alone(card), width=width)
    assert not CONTROL.search(text)
    table = [line for line in text.splitlines() if re.match(r"[12–] ", line)]
    assert len(table) == 3
    if width is None:
        assert len(text.splitlines()) in (7, 8)  # the title may need a second line


@settings(max_examples=150, deadline=None)
@given(
    label=st.text(alphabet="абв 李a", min_size=1, max_size=40),
    word=st.sampled_from(["money", "percent", "minutes", "count", "проданных автомобилей в день"]),
    value=st.integers(0, 10**12),
    share=st.integers(1, 3000),
    width=st.integers(32, 140),
    lang=st.sampled_from(["ru", "en"]),
)
def test_a_unit_fits_every_window(
    label: str, word: str, value: int, share: int, width: int, lang: str
) -> None:
    """Whatever a KPI of the company is called and comes to, its line fits and ends with its
    attainment; a KPI that has nothing yet stands beside it."""
    goal = Decimal(value + 1) * 100 / share
    scores = (measured(REVENUE, f"{value + 1}", f"{goal}"), absent(CLIENTS, State.NO_DATA))
    columns = {**sample().columns, "revenue": replace(REVENUE, label=label, unit=word)}
    found = replace(alone(sales([])), scorecards=(), company=scores, columns=columns)
    for terminal in (True, False):
        text = shown(found, width=width, terminal=terminal, color=terminal, lang=lang)
        lines = ANSI.sub("", text).splitlines()
        assert max(map(cell_len, lines)) <= width
        assert any(re.search(r" [\d\u00a0 ,.]+%$", line) for line in lines)


def test_sorting_changes_the_order_and_not_the_ranks() -> None:
    """By a KPI: best first, people without a value last; ranks are what they were."""
    text = shown(alone(sales()), sort="revenue")
    ranks = [line[0] for line in text.splitlines() if re.match(r"[\d–] ", line)]
    assert ranks[:6] == ["4", "1", "2", "2", "5", "6"]
    by_name = shown(alone(sales()), sort="name")
    assert by_name.index("Анна Белова") < by_name.index("Мария") < by_name.index("Олег")
    with pytest.raises(UsageError, match="unknown_sort"):
        shown(alone(sales()), sort="revenu")


def test_lower_is_better_sorts_upwards() -> None:
    """Of a KPI where lower is better the lowest value is the best."""
    text = shown(alone(support()), sort="first_reply")
    assert text.index("李小龍") < text.index("Пётр Орлов")


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_masked_output_names_nobody(form: str) -> None:
    """With mask no name and no id of a person is in any format, not even in a warning."""
    output = render(sample(), form, Options(mask=True, lang="ru"))
    text = output.decode() if isinstance(output, bytes) else output
    for row in people():
        assert row.name not in text
        assert row.id not in text
    assert "Сотрудник 1" in text


def test_a_thousand_people_are_a_thousand_lines() -> None:
    """A large scorecard is laid out whole, one line a person."""
    card = many(8)
    rows = tuple(replace(row, id=f"{n}") for n in range(125) for row in card.rows)
    text = shown(alone(replace(card, rows=rows)), width=120)
    assert sum(bool(re.match(r" *[\d–] ", line)) for line in text.splitlines()) == 1000


def test_columns_of_money_have_one_scale() -> None:
    """Sums of one column are written in one unit, so that the eye compares them."""
    text = shown(alone(sales()), width=120)
    assert "0,80\u00a0млн\u00a0₽" in text
    assert len(SALES) == 4


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("renormalize", "not rated: nothing was measured"),
        ("hold", "not rated until this is measured: Goods"),
    ],
)
def test_why_there_is_no_index_where_no_weight_is_lacking(missing: Any, words: str) -> None:
    """Nobody reads that 0 % of the weight was measured and 0 % were needed."""
    column = Column("a", "Goods", "count", Decimal(100), "higher", Rule(missing=missing))
    bare = Score("a", Decimal(100), Fact(State.NO_DATA), State.NO_DATA)
    row = Row("1", "Ann", (bare,))
    card = Scorecard("s", "Sales", (column,), (row,), None, min_coverage=Decimal(0))
    assert phrases.unrated(row, card, Numbers("en", "EUR")) == words
