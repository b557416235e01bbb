"""Conditions take a text in every way in which it can be written and looks the same."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.measure.spellings import _ORDINARY
from kpictl.naming import fold, look
from plans import compute, write

D = Decimal
WRITTEN = {
    "no-break space": "КП\u00a0отправлено",
    "narrow space": "КП\u202fотправлено",
    "two spaces": "КП  отправлено",
    "soft hyphen": "КП отправ\u00adлено",
    "zero width": "\u200bКП отправлено",
    "left-to-right mark": "КП отправлено\u200e",
}
PAIRS = {
    "decomposed": ("Новый", unicodedata.normalize("NFD", "Новый")),
    "composed": (unicodedata.normalize("NFD", "Café"), "Café"),
    "apostrophe": ("O'Brien", "O’Brien"),
    "dash": ("Санкт-Петербург", "Санкт–Петербург"),
    "no-break hyphen": ("b2b-long", "b2b\u2011long"),
    "quotes": ('ООО "Ромашка"', "ООО «Ромашка»"),
    "odd in the plan": ("КП\u00a0отправлено", "КП отправлено"),
    "full width": ("ABC 1", "\uff21\uff22\uff23 1"),
}
CONDITIONS = [
    ("канал = 'X'", "13"),
    ("канал <> 'X'", "4"),
    ("канал in ('Y', 'X')", "13"),
    ("not (канал in ('X'))", "4"),
    ("case when канал = 'X' then true else false end", "13"),
]


def of(folder: Path, where: str, channel: str) -> object:
    plan = f"""\
        sources: {{crm: {{type: csv, deals: deals.csv}}}}
        kpis: {{sold: {{from: deals, sum: amount, where: "{where}", when: close_date}}}}
        """
    deals = (
        "ID;Сумма;Ответственный;Дата закрытия;Канал\n"
        f"1;10;Анна;2024-05-10;{channel}\n2;3;Анна;2024-05-11;{channel}\n"
        "3;4;Анна;2024-05-12;Другое\n4;100;Анна;2024-05-12;\n"
    )
    return compute(folder, plan, {"deals.csv": deals}).of("sold")["Анна"]


@pytest.mark.parametrize("channel", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(("where", "value"), CONDITIONS)
def test_a_condition_takes_what_looks_the_same(
    tmp_path: Path, where: str, value: str, channel: str
) -> None:
    """Spaces of any kind and invisible characters make no difference in a condition; a record
    without the text fulfils neither it nor its opposite."""
    assert of(tmp_path, where.replace("X", "КП отправлено"), channel) == D(value)


@pytest.mark.parametrize(("planned", "channel"), PAIRS.values(), ids=PAIRS)
def test_the_plan_and_the_records_may_write_it_in_either_way(
    tmp_path: Path, planned: str, channel: str
) -> None:
    """Whichever of the two has the unusual spelling, they are the same text."""
    quoted = planned.replace("'", "''").replace('"', '\\"')
    if '"' in channel + planned:
        channel = '"' + channel.replace('"', '""') + '"'
    assert of(tmp_path, f"канал = '{quoted}'", channel) == D(13)


@pytest.mark.parametrize(
    "channel", ["кп отправлено", "КП отправлен", "Kп отправлено", "КПотправлено"]
)
def test_codes_that_differ_stay_different(tmp_path: Path, channel: str) -> None:
    """Case, letters of another alphabet and missing spaces do make a difference in a condition."""
    assert of(tmp_path, "канал = 'КП отправлено'", channel) == D(0)


def test_explain_shows_the_condition_as_it_was_written(tmp_path: Path) -> None:
    """Records of every spelling prove the number; what is said of the condition is one text."""
    plan = """\
        sources: {crm: {type: csv, deals: deals.csv}}
        kpis: {sold: {from: deals, sum: amount, where: "канал = 'A B'", when: close_date}}
        """
    deals = (
        "ID;Сумма;Ответственный;Дата закрытия;Канал\n1;10;Анна;2024-05-10;A\u00a0B\n"
        "2;3;Анна;2024-05-11;A B\n3;4;Анна;2024-05-12;C\n"
    )
    path = write(tmp_path, plan, {"deals.csv": deals})
    words = ["explain", "sold", "-e", "Анна", "-p", "2024-05", "-c", str(path), "--lang", "en"]
    page = CliRunner().invoke(app, words).stdout
    assert "= 13" in page
    assert "1: канал = 'A B'" in page or "канал = 'A B'" in page
    assert "in (" not in page


_WORDS = st.text(st.characters(codec="utf-8"), max_size=6)


@given(_WORDS)
def test_an_ordinary_text_has_one_spelling(text: str) -> None:
    """What the quick test of a column takes for ordinary looks like itself."""
    import re

    ordinary = re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), _ORDINARY)
    if re.fullmatch(ordinary, text):
        assert look(text) == text


@given(_WORDS)
def test_looks_are_stable_and_no_finer_than_names(text: str) -> None:
    """A look looks like itself, and what looks the same is the same name."""
    assert look(look(text)) == look(text)
    assert fold(look(text)) == fold(text)
