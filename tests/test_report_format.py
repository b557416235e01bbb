"""Numbers, dates and words as people write them, and hostile text made tame."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl.errors import UsageError
from kpictl.report import FORMATS, Options, render
from kpictl.report.format import (
    Numbers,
    clean,
    moment,
    number,
    period_days,
    period_words,
    scale_of,
    symbol,
)
from kpictl.report.terminal import bar, clip, fit, pad, wrap
from kpictl.values import Period
from kpictl.words import table
from results_sample import sample

RU, EN = Numbers("ru", "RUB"), Numbers("en", "RUB")


def spaces(text: str) -> str:
    return text.replace("\u00a0", " ")


def period(text: str, first: str, end: str) -> Period:
    start, stop = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, end))
    return Period(text, start, stop)


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        ("1655420.50", "1 655 420,50 ₽", "₽1,655,420.50"),
        ("183000", "183 000 ₽", "₽183,000"),
        ("-183000", "−183 000 ₽", "−₽183,000"),
        ("-0.001", "0 ₽", "₽0"),
        ("0.005", "0,01 ₽", "₽0.01"),
    ],
)
def test_money_in_full(value: str, russian: str, english: str) -> None:
    """Money is grouped, kopecks show where there are any, the minus is a minus."""
    assert spaces(RU.money(Decimal(value))) == russian
    assert spaces(EN.money(Decimal(value))) == english


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        ("1655420.50", "1,66 млн ₽", "₽1.66M"),
        ("92000", "92,0 тыс ₽", "₽92.0K"),
        ("999999", "1,00 млн ₽", "₽1.00M"),
        ("2500000000", "2,50 млрд ₽", "₽2.50B"),
        ("4500", "4 500 ₽", "₽4,500"),
        ("0", "0 ₽", "₽0"),
        ("-1655420", "−1,66 млн ₽", "−₽1.66M"),
    ],
)
def test_money_in_few_signs(value: str, russian: str, english: str) -> None:
    """Short money keeps three digits or so and its unit."""
    assert spaces(RU.short_money(Decimal(value))) == russian
    assert spaces(EN.short_money(Decimal(value))) == english


def test_a_column_has_one_scale_but_no_value_drowns_in_it() -> None:
    """800 000 beside millions is 0,80 млн; 3 000 beside millions stays 3 000."""
    scale = scale_of([Decimal(1400000), Decimal(800000)])
    assert spaces(RU.short_money(Decimal(800000), scale)) == "0,80 млн ₽"
    assert spaces(RU.short_money(Decimal(3000), scale)) == "3 000 ₽"


@pytest.mark.parametrize(
    ("unit", "value", "russian", "english"),
    [
        ("percent", "31.04", "31,0 %", "31.0%"),
        ("minutes", "45", "45 мин", "45 min"),
        ("minutes", "83", "1 ч 23 мин", "1 h 23 min"),
        ("minutes", "125", "2 ч 05 мин", "2 h 05 min"),
        ("minutes", "59.7", "1 ч", "1 h"),
        ("hours", "2.5", "2 ч 30 мин", "2 h 30 min"),
        ("days", "3.5", "3,5 дн", "3.5 d"),
        ("seconds", "35", "35 с", "35 s"),
        ("count", "8", "8", "8"),
        ("count", "12345", "12 345", "12,345"),
        ("шт", "2.5", "2,50 шт", "2.50 шт"),
    ],
)
def test_every_unit_is_written(unit: str, value: str, russian: str, english: str) -> None:
    """Percent, durations, counts and the plan's own units, with no-break spaces."""
    assert spaces(RU.value(Decimal(value), unit)) == russian
    assert spaces(EN.value(Decimal(value), unit)) == english


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(0, 4))
def test_rounding_is_half_up_and_no_digit_is_lost(value: Decimal, places: int) -> None:
    """What is printed is the value rounded half-up, whatever its size."""
    text = number(value, "en", places).replace(",", "").replace("−", "-")
    assert abs(Fraction(text) - Fraction(value)) * 2 <= Fraction(1, 10**places)


def test_currencies_have_their_signs() -> None:
    """Known signs instead of codes, codes where there is no sign."""
    assert [symbol(code, "en") for code in ("RUB", "USD", "EUR", "KZT")] == ["₽", "$", "€", "₸"]
    assert symbol("XTS", "ru") == "XTS"
    assert spaces(Numbers("en", "XTS").money(Decimal(5))) == "XTS 5"


@pytest.mark.parametrize(
    ("text", "first", "end", "russian", "english"),
    [
        ("2024", "2024-01-01", "2025-01-01", "2024 год", "2024"),
        ("2024-H1", "2024-01-01", "2024-07-01", "1-е полугодие 2024", "H1 2024"),
        ("2024-Q2", "2024-04-01", "2024-07-01", "2-й квартал 2024", "Q2 2024"),
        ("2024-05", "2024-05-01", "2024-06-01", "май 2024", "May 2024"),
        ("2024-W21", "2024-05-20", "2024-05-27", "21-я неделя 2024", "week 21, 2024"),
        ("2024-05-17", "2024-05-17", "2024-05-18", "17 мая 2024", "May 17, 2024"),
        ("2024-05-01..2024-05-17", "2024-05-01", "2024-05-18", "1–17 мая 2024", "May 1–17, 2024"),
    ],
)
def test_periods_in_words(text: str, first: str, end: str, russian: str, english: str) -> None:
    """Every kind of period reads as people say it."""
    one = period(text, first, end)
    assert period_words(one, "ru") == russian
    assert period_words(one, "en") == english


def test_days_of_a_period() -> None:
    """First and last day; the year only where it changes."""
    assert period_days(sample().period, "ru") == "01.05–31.05"
    assert period_days(sample().period, "en") == "May 1–31"
    turn = period("x", "2023-12-01", "2024-02-01")
    assert period_days(turn, "ru") == "01.12.2023–31.01.2024"
    assert period_days(turn, "en") == "Dec 1, 2023 – Jan 31, 2024"


def test_instants_are_shown_in_the_company_zone() -> None:
    """An unknown zone leaves the instant in its own."""
    instant = datetime(2024, 6, 2, 5, 15, tzinfo=UTC)
    assert moment(instant, "Europe/Moscow", "ru") == "02.06.2024 08:15"
    assert moment(instant, "Nowhere/Else", "en") == "Jun 2, 2024 05:15"


@pytest.mark.parametrize(
    ("raw", "tame"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("a\tb\r\nc", "a b c"),
        ("a\u202egpj.exe", "a\ufffdgpj.exe"),
        ("a\u200b \u2028 b", "a b"),
        ("\x9b31m", "\ufffd31m"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("Ёж «№ 5» – 日本", "Ёж «№ 5» – 日本"),
        ("\ud800", "\ufffd"),
    ],
)
def test_hostile_text_becomes_one_visible_line(raw: str, tame: str) -> None:
    """Nothing hidden, nothing obeyed, ordinary text untouched."""
    assert clean(raw) == tame


@given(st.text(), st.integers(1, 40))
def test_fitted_text_has_its_width(text: str, width: int) -> None:
    """Cutting and padding count terminal cells, also of wide characters."""
    from rich.cells import cell_len

    assert cell_len(fit(clean(text), width)) <= width
    assert cell_len(pad(clean(text), width)) == width
    assert all(cell_len(line) <= width for line in wrap(clean(text), width))
    assert sum(cell_len(part) for part, _ in clip([(clean(text), ""), ("ab", "")], width)) <= width


def test_bars_are_drawn_in_eighths() -> None:
    """A bar is exact to an eighth of a cell, shows anything above zero and never overflows."""
    full = Decimal(120)
    assert bar(Decimal("118.4237"), full, 12) == "███████████▉"
    assert bar(Decimal(60), full, 12) == "██████"
    assert bar(Decimal("0.001"), full, 12) == "▏"
    assert bar(Decimal(0), full, 12) == ""
    assert bar(Decimal(500), full, 12) == "█" * 12


def test_both_languages_have_the_same_texts() -> None:
    """No text of the reports is missing in either language."""
    keys = [{key for key in table(lang) if key.startswith("report.")} for lang in ("ru", "en")]
    assert keys[0] == keys[1]


def test_an_unknown_format_is_a_mistake_of_the_user() -> None:
    """The error names the formats that there are."""
    with pytest.raises(UsageError) as caught:
        render(sample(), "pdf", Options())
    assert caught.value.problem.data["known"].split(", ") == [*FORMATS]
