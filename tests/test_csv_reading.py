"""How files are read: numbers, dates, words, people, stages, currencies, repeated records.

Every test is a plan and a few lines of CSV. `cells` reads one column and says what each of its
cells came to.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from kpictl.errors import Place, Problem, SourceError
from kpictl.words import has
from plans import Computed, Files, compute, lines, refused, write

D = Decimal

COLUMN = """\
sources:
  crm: {{type: csv, t: {{path: {path}, fields: {{n: {{column: n, type: text}}, day: {{column: day, type: date}}, x: {{column: x, type: {kind}}}}}{options}}}}}
kpis: {{x: {{from: t, max: "{value}", when: day, by: n}}}}
scorecards: {{all: {{kpis: {{x: {{weight: 100}}}}}}}}
"""


def column(
    written: Sequence[str], *, kind: str, value: str, options: str, delimiter: str
) -> tuple[str, Files]:
    """Return a plan and a file of one column; its rows are named a, b, c …"""
    path = "t.tsv" if delimiter == "\t" else "t.csv"
    names = [chr(ord("a") + i) for i in range(len(written))]
    rows = [(name, "2024-05-05", f'"{cell}"') for name, cell in zip(names, written, strict=True)]
    text = lines(delimiter.join(("n", "day", "x")), rows, delimiter)
    plan = COLUMN.format(path=path, kind=kind, value=value, options=options and f", {options}")
    return plan, {path: text}


def cells(
    folder: Path,
    written: Sequence[str],
    *,
    kind: str = "number",
    value: str = "x",
    options: str = "",
    delimiter: str = ";",
) -> list[Decimal | str]:
    """Return what the cells of a column are read as."""
    plan, files = column(written, kind=kind, value=value, options=options, delimiter=delimiter)
    return list(dict(sorted(compute(folder, plan, files).of("x").items())).values())


def bad(folder: Path, written: Sequence[str], *, kind: str, options: str = "") -> list[Problem]:
    """Return what is said of a column that cannot be read."""
    value = "case when x is null then 0 else 1 end"
    plan, files = column(written, kind=kind, value=value, options=options, delimiter=";")
    return refused(folder, plan, files)


def moments(folder: Path, written: Sequence[str], options: str = "") -> list[str]:
    """Return the wall-clock times in Moscow that the cells of a column are read as."""
    found = cells(
        folder, written, kind="datetime", value="minutes('2024-01-01', x) * 60", options=options
    )
    start = datetime(2024, 1, 1)  # noqa: DTZ001  a wall clock
    return [
        str(start + timedelta(seconds=round(s))) if isinstance(s, Decimal) else s for s in found
    ]


DEALS = "ID;Стадия сделки;Сумма;Валюта;Ответственный;Дата изменения стадии"
REVENUE = """\
sources: {crm: {type: csv, deals: "deals*.csv"}}
kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
scorecards: {all: {kpis: {revenue: {weight: 100}}}}
"""
STAFFED = REVENUE.replace('"deals*.csv"', '"deals*.csv", employees: employees.csv')


def deals(*rows: str, head: str = DEALS) -> str:
    return "\n".join((head, *rows))


def won(
    ident: object,
    amount: object,
    who: str = "Анна Белова",
    day: str = "10.05.2024",
    money: str = "",
) -> str:
    moved = day if ":" in day else f"{day} 12:00:00"
    return f"{ident};Сделка успешна;{amount};{money};{who};{moved}"


# --- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1250000.5", "1250000.5"),
        ("1 250 000,50", "1250000.5"),
        ("1\u00a0250\u00a0000,50", "1250000.5"),
        ("1\u202f250\u202f000,50", "1250000.5"),
        ("1\u2009250\u2009000,50", "1250000.5"),
        ("1'250'000", "1250000"),
        ("1.250.000,50", "1250000.5"),
        ("(5,5)", "-5.5"),
        ("-5,5", "-5.5"),
        ("−5,5", "-5.5"),
        ("+5", "5"),
        ("12 руб.", "12"),
        ("1 200,50 ₽", "1200.5"),
        ("$12", "12"),
        ("45%", "45"),
        ("45 %", "45"),
        (",5", None),
        ("0", "0"),
        ("", "no_data"),
        ("   ", "no_data"),
    ],
)
def test_numbers_of_russian_spreadsheets(
    tmp_path: Path, written: str, expected: str | None
) -> None:
    """Spaces, signs of money and percent, brackets and commas are all ways to write a number."""
    if expected is None:
        assert bad(tmp_path, [written], kind="number")
        return
    wanted = expected if expected == "no_data" else D(expected)
    assert cells(tmp_path, [written]) == [wanted]


def test_numbers_of_english_spreadsheets(tmp_path: Path) -> None:
    """In a file with commas between cells, a comma inside a number groups thousands."""
    written = ["1,250,000.50", "1,250", "$1,250.5", "(1,250)", "7"]
    expected = [D("1250000.5"), D(1250), D("1250.5"), D(-1250), D(7)]
    assert cells(tmp_path, written, delimiter=",") == expected


def test_the_ambiguous_comma_follows_the_file(tmp_path: Path) -> None:
    """`1,250` is one and a quarter beside semicolons, and 1250 beside commas."""
    assert cells(tmp_path, ["1,250"]) == [D("1.25")]
    assert cells(tmp_path, ["1,250"], delimiter=",") == [D(1250)]


def test_the_ambiguous_comma_follows_the_column(tmp_path: Path) -> None:
    """Where another cell can only be read the other way, the whole column is."""
    assert cells(tmp_path, ["1,250", "1,250.50"]) == [D(1250), D("1250.5")]
    assert cells(tmp_path, ["1,250", "2,5"], delimiter=",") == [D("1.25"), D("2.5")]


def test_each_column_has_its_own_comma(tmp_path: Path) -> None:
    """Two columns of one file may be written in two ways."""
    plan = """\
        sources: {crm: {type: csv, t: t.csv}}
        kpis:
          a: {from: t, sum: a, when: day}
          b: {from: t, sum: b, when: day}
        scorecards: {all: {kpis: {a: {weight: 50}, b: {weight: 50}}}}
        """
    table = "owner;day;a;b\nАнна Белова;05.05.2024;1,250.50;1,5\n"
    found = compute(tmp_path, plan, {"t.csv": table})
    assert found.figures == {"Анна Белова": {"a": D("1250.5"), "b": D("1.5")}}


def test_the_plan_may_say_the_decimal_sign(tmp_path: Path) -> None:
    """What the plan says of a file overrules what the file looks like."""
    assert cells(tmp_path, ["1,250"], options='decimal: "."') == [D(1250)]
    found = bad(tmp_path, ["2,5"], kind="number", options='decimal: "."')
    assert [p.code for p in found] == ["source.bad_value"]


def test_numbers_keep_ten_decimals(tmp_path: Path) -> None:
    """No digit is lost to binary floats on the way."""
    assert cells(tmp_path, ["0.1234567891", "12345678901234567890.1"]) == [
        D("0.1234567891"),
        D("12345678901234567890.1"),
    ]


# --- yes and no ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yes", "no"),
    [("Да", "Нет"), ("да", "нет"), ("Yes", "No"), ("Y", "N"), ("1", "0"), ("TRUE", "FALSE")],
)
def test_yes_and_no(tmp_path: Path, yes: str, no: str) -> None:
    """Yes and no are read in both languages and in any case; an empty cell is neither."""
    value = "case when x then 1 when not x then 0 else 7 end"
    assert cells(tmp_path, [yes, no, ""], kind="bool", value=value) == [D(1), D(0), D(7)]


def test_neither_yes_nor_no(tmp_path: Path) -> None:
    """Anything else in such a column is shown with its place."""
    (problem,) = bad(tmp_path, ["да", "возможно"], kind="bool")
    assert (problem.place, problem.data["value"]) == (Place("t.csv", 3, 3), "возможно")


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "31.05.2024 18:20:05",
        "2024-05-31 18:20:05",
        "2024-05-31T18:20:05",
        "2024-05-31T18:20:05+03:00",
        "2024-05-31T15:20:05+00:00",
        "2024-05-31T15:20:05Z",
        "2024-05-31 20:20:05+05",
        "05/31/2024 06:20:05 pm",
        "05/31/2024 06:20:05 PM",
        "31/05/2024 18:20:05",
        "2024/05/31 18:20:05",
        "31-05-2024 18:20:05",
        "31-May-2024 18:20:05",
    ],
)
def test_instants_in_all_spellings(tmp_path: Path, written: str) -> None:
    """An instant is the same however it is written; without an offset it is Moscow's time."""
    assert moments(tmp_path, [written]) == ["2024-05-31 18:20:05"]


@pytest.mark.parametrize(
    "written",
    ["31.05.2024", "31.05.24", "2024-05-31", "05/31/2024", "5/31/24", "31/05/2024", "31 May 2024"],
)
def test_days_in_all_spellings(tmp_path: Path, written: str) -> None:
    """A day is the same however it is written."""
    value = "year(x) * 10000 + month(x) * 100 + day(x)"
    assert cells(tmp_path, [written], kind="date", value=value) == [D(20240531)]


def test_spellings_may_mix_in_one_column(tmp_path: Path) -> None:
    """A column is read cell by cell, whatever its first cells look like."""
    written = ["31.05.2024 18:20:05"] * 3 + ["2024-05-31T15:20:05Z", " 31.05.2024  18:20:05 "]
    written += ["05/31/2024 06:20:05 pm", "31.05.2024", ""]
    instant = "2024-05-31 18:20:05"
    assert moments(tmp_path, written) == [*[instant] * 6, "2024-05-31 00:00:00", "no_data"]
    numbers = ["5", "1 250,5", "12 руб.", "\u00a07\u00a0", "(3)", "1e5"]
    assert cells(tmp_path, numbers[:5]) == [D(5), D("1250.5"), D(12), D(7), D(-3)]
    assert bad(tmp_path, numbers, kind="number")[0].data["value"] == "1e5"


def test_midnight_and_noon_of_the_twelve_hour_clock(tmp_path: Path) -> None:
    """12 am is midnight and 12 pm is noon."""
    written = ["05/31/2024 12:00:00 am", "05/31/2024 12:00:00 pm", "05/31/2024 12:30 am"]
    assert moments(tmp_path, written) == [
        "2024-05-31 00:00:00",
        "2024-05-31 12:00:00",
        "2024-05-31 00:30:00",
    ]


def test_the_order_of_day_and_month_is_the_columns(tmp_path: Path) -> None:
    """One day above 12 decides how the whole column is read."""
    value = "month(x) * 100 + day(x)"
    assert cells(tmp_path, ["03/05/2024", "25/05/2024"], kind="date", value=value) == [
        D(503),
        D(525),
    ]
    assert cells(tmp_path, ["03/05/2024", "05/25/2024"], kind="date", value=value) == [
        D(305),
        D(525),
    ]


def test_an_undecided_order_of_day_and_month_is_said(tmp_path: Path) -> None:
    """Where every day could be a month, that is said; the plan can settle it."""
    written, value = ["03/05/2024", "04/05/2024"], "month(x) * 100 + day(x)"
    plan, files = column(written, kind="date", value=value, options="", delimiter=";")
    found = compute(tmp_path, plan, files)
    assert found.of("x") == {"a": D(305), "b": D(405)}
    assert found.said("source.date_order").data == {"field": "x", "order": "mdy"}
    assert cells(tmp_path, written, kind="date", value=value, options="dates: dmy") == [
        D(503),
        D(504),
    ]


def test_each_column_has_its_own_order_of_day_and_month(tmp_path: Path) -> None:
    """Two columns of dates in one file may be written in two ways."""
    plan = """\
        sources: {crm: {type: csv, t: {path: t.csv, fields: {day: {column: day, type: date}, due: {column: due, type: date}}}}}
        kpis: {wait: {from: t, sum: "days(day, due)", when: day}}
        scorecards: {all: {kpis: {wait: {weight: 100}}}}
        """
    table = "owner;day;due\nАнна Белова;05/13/2024;15/05/2024\n"
    assert compute(tmp_path, plan, {"t.csv": table}).of("wait") == {"Анна Белова": D(2)}


def test_a_month_ends_at_midnight_in_moscow(tmp_path: Path) -> None:
    """The first instant of June in Moscow is 21:00 of the last of May in Greenwich."""
    rows = [
        won(1, 1, day="2024-05-31T20:59:59Z"),
        won(2, 10, day="2024-05-31T21:00:00Z"),
        won(3, 100, day="2024-04-30T21:00:00Z"),
        won(4, 1000, day="2024-04-30T20:59:59Z"),
        won(5, 10000, day="2024-05-31T23:59:59-01:00"),
    ]
    assert compute(tmp_path, REVENUE, {"deals.csv": deals(*rows)}).of("revenue") == {
        "Анна Белова": D(101)
    }


def test_date_and_time_in_two_columns(tmp_path: Path) -> None:
    """A date and a time of two columns are one instant; without a date there is none."""
    plan = """\
        sources:
          desk:
            type: csv
            tickets: {path: t.csv, fields: {opened: {column: [Дата, Время], type: datetime}, owner: Кто}}
        kpis:
          late: {from: tickets, count: rows, where: hour(opened) >= 18, when: opened}
          all:  {from: tickets, count: rows, when: opened}
        scorecards: {all: {kpis: {late: {weight: 50}, all: {weight: 50}}}}
        """
    table = """\
        Кто;Дата;Время
        Анна Белова;05.05.2024;18:30
        Анна Белова;05.05.2024;9:15
        Анна Белова;05.05.2024;
        Анна Белова;;18:30
        """
    found = compute(tmp_path, plan, {"t.csv": table})
    assert found.figures == {"Анна Белова": {"late": D(1), "all": D(3)}}
    assert found.left_out("all")["no_date"].count == 1


def test_durations_are_minutes(tmp_path: Path) -> None:
    """`1:30` and `1:30:00` are an hour and a half, `0:00:20` a third of a minute."""
    written = ["1:30", "1:30:00", "0:00:20", "100:00", "15", "-0:30"]
    expected = [D(90), D(90), D("0.3333333333"), D(6000), D(15), D(-30)]
    assert cells(tmp_path, written, kind="duration") == expected


@pytest.mark.parametrize("hours", ["1000000000000000000000000000000", "9" * 44])
def test_a_duration_beyond_all_numbers_is_a_bad_cell(tmp_path: Path, hours: str) -> None:
    """A clock of more hours than a number holds is refused at its cell."""
    with pytest.raises(SourceError) as caught:
        cells(tmp_path, ["1:30", f"{hours}:30"], kind="duration")
    assert [problem.code for problem in caught.value.problems] == ["source.bad_value"]


def test_undeclared_columns_are_what_their_cells_look_like(tmp_path: Path) -> None:
    """Without a declared type, a column is numbers, clock times, dates, yes/no or text."""
    plan = """\
        sources: {desk: {type: csv, tickets: t.csv}}
        kpis:
          reply: {from: tickets, median: reply, when: opened, where: "urgent and code = '007'"}
          marks: {from: tickets, sum: mark, when: opened}
        scorecards: {all: {kpis: {reply: {weight: 50}, marks: {weight: 50}}}}
        """
    table = """\
        owner;opened;reply;urgent;code;mark
        Анна Белова;05.05.2024 10:00;1:30;да;007;4,5
        Анна Белова;06.05.2024 10:00;0:30;нет;008;5
        """
    assert compute(tmp_path, plan, {"t.csv": table}).figures == {
        "Анна Белова": {"reply": D(90), "marks": D("9.5")}
    }


# --- cells that cannot be read ---------------------------------------------------------------


def test_a_bad_value_stops_with_its_place(tmp_path: Path) -> None:
    """Each bad cell is shown with file, line, column, caption and value, and how many there are."""
    rows = [won(1, 5), won(2, "много"), won(3, 7), won(4, "?")]
    first, second = refused(tmp_path, REVENUE, {"deals.csv": deals(*rows)})
    assert (first.code, first.place) == ("source.bad_value", Place("deals.csv", 3, 3))
    assert {k: first.data[k] for k in ("caption", "value", "count", "kind")} == {
        "caption": "Сумма", "value": "много", "count": 2, "kind": "money",
    }  # fmt: skip
    assert (second.place, second.data["value"]) == (Place("deals.csv", 5, 3), "?")


def test_many_bad_values_are_counted(tmp_path: Path) -> None:
    """Five are shown; the number of the others is said."""
    rows = [won(i, "?") for i in range(1, 9)]
    found = refused(tmp_path, REVENUE, {"deals.csv": deals(*rows)})
    assert [p.code for p in found] == ["source.bad_value"] * 5 + ["source.more_bad_values"]
    assert (found[-1].data["count"], found[-1].data["more"]) == (8, 3)


def test_bad_values_of_all_columns_at_once(tmp_path: Path) -> None:
    """A bad amount and a bad date come in one run."""
    rows = [won(1, "?"), won(2, 5, day="32.05.2024")]
    found = refused(tmp_path, REVENUE, {"deals.csv": deals(*rows)})
    assert {(p.data["caption"], p.place and p.place.line) for p in found} == {
        ("Сумма", 2),
        ("Дата изменения стадии", 3),
    }


def test_bad_values_may_be_skipped(tmp_path: Path) -> None:
    """With `on_bad_value: skip` the value is left out, warned of, and listed."""
    plan = REVENUE.replace("type: csv", "type: csv, on_bad_value: skip")
    found = compute(tmp_path, plan, {"deals.csv": deals(won(1, 5), won(2, "?"))})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    problem = found.said("source.skipped_value")
    assert (problem.place, problem.data["value"]) == (Place("deals.csv", 3, 3), "?")
    assert found.left_out("revenue")["no_amount"].ids == ("2",)


def test_markers_of_emptiness(tmp_path: Path) -> None:
    """`empty:` names the cells that mean nothing; other cells still must be readable."""
    rows = [won(1, 5), won(2, "n/a"), won(3, "-")]
    plan = REVENUE.replace("type: csv", "type: csv, empty: [n/a, '-', x, y, z, нет данных]")
    found = compute(tmp_path, plan, {"deals.csv": deals(*rows)})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert found.left_out("revenue")["no_amount"].count == 2


def test_an_unreadable_column_that_nobody_asks_for(tmp_path: Path) -> None:
    """Only columns that the plan uses are read: others may hold anything."""
    text = deals(
        "1;Сделка успешна;5;;Анна Белова;10.05.2024 12:00:00;???", head=DEALS + ";Вероятность"
    )
    assert compute(tmp_path, REVENUE, {"deals.csv": text}).of("revenue") == {"Анна Белова": D(5)}


# --- currencies ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Доллар США", "US Dollar", "USD", "usd"])
def test_currencies_by_name(tmp_path: Path, name: str) -> None:
    """Exports name currencies in the site's language; the plan names them by code."""
    plan = "rates: {USD: 90}\n" + REVENUE
    text = deals(won(1, 2, money=name), won(2, 5, money="Российский рубль"), won(3, 7))
    assert compute(tmp_path, plan, {"deals.csv": text}).of("revenue") == {"Анна Белова": D(192)}


def test_rates_by_date(tmp_path: Path) -> None:
    """A deal takes the last rate that is not after the day it was won on."""
    plan = "rates: {USD: {2024-05-01: 90, 2024-05-10: 100}}\n" + REVENUE
    text = deals(
        won(1, 1, day="09.05.2024 23:59:59", money="USD"),
        won(2, 1, day="10.05.2024 00:00:00", money="USD"),
    )
    assert compute(tmp_path, plan, {"deals.csv": text}).of("revenue") == {"Анна Белова": D(190)}


def test_rates_from_a_file(tmp_path: Path) -> None:
    """A file of rates may count in tens or hundreds of units, as the central bank does."""
    plan = "rates: rates.csv\n" + REVENUE
    rates = "дата;валюта;номинал;курс\n01.05.2024;Казахский тенге;100;20,5\n01.05.2024;USD;1;90\n"
    text = deals(won(1, 1000, money="KZT"), won(2, 1, money="Доллар США"))
    found = compute(tmp_path, plan, {"deals.csv": text, "rates.csv": rates})
    assert found.of("revenue") == {"Анна Белова": D(295)}


def test_a_missing_rate(tmp_path: Path) -> None:
    """A deal in a currency without a rate, or before its first rate, is left out and listed."""
    plan = "rates: {USD: {2024-05-10: 100}}\n" + REVENUE
    text = deals(
        won(1, 1, day="09.05.2024", money="USD"),
        won(2, 1, day="11.05.2024", money="USD"),
        won(3, 1, money="Евро"),
    )
    found = compute(tmp_path, plan, {"deals.csv": text})
    assert found.of("revenue") == {"Анна Белова": D(100)}
    assert found.left_out("revenue")["no_rate"].ids == ("1", "3")


def test_an_unknown_currency(tmp_path: Path) -> None:
    """A name that is no currency's is said, and its deals are left out."""
    plan = "rates: {USD: 90}\n" + REVENUE
    found = compute(tmp_path, plan, {"deals.csv": deals(won(1, 1, money="Фантики"), won(2, 5))})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert found.said("source.unknown_currency").data["currencies"] == "Фантики"
    assert found.left_out("revenue")["no_rate"].count == 1


# --- stages ----------------------------------------------------------------------------------


def test_captions_of_stages(tmp_path: Path) -> None:
    """The plan explains its own captions, in any case; it may overrule the usual ones."""
    plan = REVENUE.replace("type: csv", "type: csv, stages: {Договор подписан: won, Won: lost}")
    rows = ["1;Договор подписан;1;;Анна Белова;10.05.2024", "2;ДОГОВОР ПОДПИСАН;10;;Анна Белова;10.05.2024",
            "3;Won;100;;Анна Белова;10.05.2024", "4;Сделка успешна;1000;;Анна Белова;10.05.2024"]  # fmt: skip
    found = compute(tmp_path, plan, {"deals.csv": deals(*rows)})
    assert found.of("revenue") == {"Анна Белова": D(1011)}
    assert "source.unknown_stage" not in found.codes


def test_unknown_stages_are_listed(tmp_path: Path) -> None:
    """A caption that nobody explained is never guessed: it is named, with its number of deals."""
    rows = [
        won(1, 5),
        "2;Оплата получена;7;;Анна Белова;10.05.2024",
        "3;Оплата получена;7;;Анна Белова;10.05.2024",
    ]
    found = compute(tmp_path, REVENUE, {"deals.csv": deals(*rows)})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert found.said("source.unknown_stage").data["stages"] == "«Оплата получена» (2)"


def test_stages_of_open_deals_explain_themselves(tmp_path: Path) -> None:
    """A deal that is not closed is open, whatever its stage is called."""
    text = deals(
        "1;Сделка успешна;5;;Анна Белова;10.05.2024;да",
        "2;Торгуемся;7;;Анна Белова;10.05.2024;нет",
        head=DEALS + ";Сделка закрыта",
    )
    found = compute(tmp_path, REVENUE, {"deals.csv": text})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert "source.unknown_stage" not in found.codes


def test_which_date_won_is_said(tmp_path: Path) -> None:
    """Without the date of the stage change the close date stands in, and the output says so."""
    head = "ID;Стадия сделки;Сумма;Ответственный;Предполагаемая дата закрытия"
    text = deals("1;Сделка успешна;5;Анна Белова;10.05.2024", head=head)
    found = compute(tmp_path, REVENUE, {"deals.csv": text})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert "source.closed_by_plan_date" in found.codes


# --- people ----------------------------------------------------------------------------------

STAFF = """\
имя;псевдонимы;e-mail;отдел;принят;уволен
Пётр Дёмин;;demin@example.ru;Продажи;;
Анна Белова;Анечка|Белова-Ким Анна;belova@example.ru;Продажи;;
"""


@pytest.mark.parametrize(
    "written",
    [
        "Пётр Дёмин",
        "Петр Демин",
        "Дёмин Пётр",
        "ДЕМИН петр",
        "  Дёмин   Пётр ",
        "Дёмин Пётр Ильич",
        "Дёмин П. И.",
        "demin@example.ru",
    ],
)
def test_people_are_recognised(tmp_path: Path, written: str) -> None:
    """Order, case, ё, a patronymic and initials make no difference to whose deal it is."""
    files = {"deals.csv": deals(won(1, 5, written)), "employees.csv": STAFF}
    found = compute(tmp_path, STAFFED, files)
    assert found.of("revenue") == {"Пётр Дёмин": D(5), "Анна Белова": D(0)}


def test_people_have_aliases(tmp_path: Path) -> None:
    """Several aliases stand in one cell; each is a name in full."""
    files = {
        "deals.csv": deals(
            won(1, 5, "Анечка"), won(2, 7, "Анна Белова-Ким"), won(3, 1, "Белова Анна")
        ),
        "employees.csv": STAFF,
    }
    assert compute(tmp_path, STAFFED, files).of("revenue") == {
        "Пётр Дёмин": D(0),
        "Анна Белова": D(13),
    }


def test_two_of_one_name(tmp_path: Path) -> None:
    """Deals of a name that two people bear are refused, and both people are named."""
    staff = "имя;e-mail\nИван Петров;petrov1@example.ru\nИван Петров;petrov2@example.ru\n"
    files = {"deals.csv": deals(won(1, 5, "Иван Петров")), "employees.csv": staff}
    (problem,) = refused(tmp_path, STAFFED, files)
    assert problem.code == "people.two_of_one_name"
    assert has("ru", "people.two_of_one_name.hint")
    assert problem.place == Place("employees.csv", 2)
    people = "Иван Петров (petrov1@example.ru), Иван Петров (petrov2@example.ru)"
    assert problem.data["people"] == people


def test_an_alias_tells_two_of_one_name_apart(tmp_path: Path) -> None:
    """The way out of two people of one name: an alias that the CRM shows."""
    staff = """\
        имя;e-mail;псевдонимы
        Иван Петров;petrov1@example.ru;Петров Иван (Москва)
        Иван Петров;petrov2@example.ru;Петров Иван (Казань)
        """
    files = {"deals.csv": deals(won(1, 5, "Петров Иван (Казань)")), "employees.csv": staff}
    found = compute(tmp_path, STAFFED, files)
    by_id = {row.id: row.score("revenue").fact.value for row in found.card.rows}
    assert by_id == {"petrov1@example.ru": D(0), "petrov2@example.ru": D(5)}


def test_deals_without_an_owner(tmp_path: Path) -> None:
    """A deal without a responsible is nobody's: left out of every row, and listed with its sum."""
    found = compute(tmp_path, REVENUE, {"deals.csv": deals(won(1, 5), won(2, 7, ""))})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    line = found.left_out("revenue")["no_owner"]
    assert (line.count, line.amount, line.ids) == (1, D(7), ("2",))


def test_deals_of_strangers(tmp_path: Path) -> None:
    """Deals of someone whom the employees file lacks are listed by name."""
    files = {
        "deals.csv": deals(won(1, 5, "Анна Белова"), won(2, 7, "Глеб Чужой")),
        "employees.csv": STAFF,
    }
    found = compute(tmp_path, STAFFED, files)
    line = found.left_out("revenue")["unknown_owner"]
    assert (line.count, line.amount, line.names) == (1, D(7), ("Глеб Чужой",))


def test_people_from_the_records_alone(tmp_path: Path) -> None:
    """Without an employees file everybody whom the records name is scored, once, and that is said."""
    text = deals(won(1, 5, "Пётр Дёмин"), won(2, 7, "Демин Петр"), won(3, 1, "Олег Ким"))
    found = compute(tmp_path, REVENUE, {"deals.csv": text})
    assert sorted(found.of("revenue").values()) == [D(1), D(12)]
    assert len(found.figures) == 2
    assert "compute.people_from_records" in found.codes


def test_employees_in_russian(tmp_path: Path) -> None:
    """The employees file may be in Russian captions; its own columns serve `who` as well."""
    staff = """\
        Сотрудник;Электронная почта;Подразделение;Должность;Дата приёма;Уволен;Оклад;Смена
        Анна Белова;belova@example.ru;Продажи;Менеджер;01.02.2024;;80 000,50;ночная
        Олег Ким;kim@example.ru;Продажи;Руководитель;01.02.2024;;90000;дневная
        """
    plan = STAFFED.replace(
        "all: {", "all: {who: \"position = 'Менеджер' and salary > 80000 and смена = 'ночная'\", "
    )
    files = {"deals.csv": deals(won(1, 5), won(2, 7, "Олег Ким")), "employees.csv": staff}
    found = compute(tmp_path, plan, files)
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert (found.row("Анна Белова").department, found.row("Анна Белова").id) == (
        "Продажи",
        "belova@example.ru",
    )


@pytest.mark.parametrize(
    ("hired", "left", "there"),
    [
        ("", "", True),
        ("31.05.2024", "", True),
        ("01.06.2024", "", False),
        ("01.01.2020", "01.05.2024", True),
        ("01.01.2020", "30.04.2024", False),
        ("01.01.2020", "15.06.2024", True),
    ],
)
def test_hired_and_left(tmp_path: Path, hired: str, left: str, there: bool) -> None:
    """Who worked on any day of May belongs to May, whatever came later."""
    staff = f"имя;принят;уволен\nАнна Белова;{hired};{left}\nОлег Ким;;\n"
    files = {"deals.csv": deals(won(1, 5)), "employees.csv": staff}
    found = compute(tmp_path, STAFFED, files)
    assert ("Анна Белова" in found.figures) is there
    assert "Олег Ким" in found.figures


def test_a_bad_cell_among_employees(tmp_path: Path) -> None:
    """A date of hire that is none is shown with its place."""
    staff = "имя;принят\nАнна Белова;вчера\n"
    (problem,) = refused(tmp_path, STAFFED, {"deals.csv": deals(won(1, 5)), "employees.csv": staff})
    assert (problem.code, problem.place) == ("source.bad_value", Place("employees.csv", 2, 2))


def test_a_scorecard_of_channels(tmp_path: Path) -> None:
    """`by` may be any column: a channel has a scorecard like a person, and needs no employees."""
    plan = """\
        sources: {crm: {type: csv, ads: {path: ads.csv, fields: {day: Дата, channel: Канал, spend: Расход}}}}
        kpis: {spend: {from: ads, sum: spend, when: day, by: channel, unit: money, better: lower}}
        scorecards: {channels: {kpis: {spend: {weight: 100, target: 10, cap: 150}}}}
        """
    ads = "Дата;Канал;Расход\n01.05.2024;VK;5\n02.05.2024;Telegram;7\n03.05.2024;VK;1,5\n04.06.2024;Яндекс;3\n"
    found = compute(tmp_path, plan, {"ads.csv": ads})
    assert found.of("spend") == {"Telegram": D(7), "VK": D("6.5"), "Яндекс": D(0)}
    assert [row.name for row in found.card.rows] == ["Яндекс", "VK", "Telegram"]
    assert "compute.people_from_records" not in found.codes


# --- records written more than once ----------------------------------------------------------


def test_equal_product_lines_are_two(tmp_path: Path) -> None:
    """With a product column a deal is the sum of its lines; two equal lines are two."""
    text = deals(
        f"{won(1, 10)};Насос",
        f"{won(1, 10)};Насос",
        f"{won(1, 5)};Труба",
        f"{won(2, 7)};",
        head=DEALS + ";Товар",
    )
    found = compute(tmp_path, REVENUE, {"deals.csv": text})
    assert found.of("revenue") == {"Анна Белова": D(32)}
    assert "source.written_twice" not in found.codes


def test_product_lines_in_two_files(tmp_path: Path) -> None:
    """Of a deal exported twice only the later file's lines are added up."""
    head = DEALS + ";Товар"
    early = deals(
        f"{won(1, 10, day='05.05.2024')};Насос", f"{won(1, 5, day='05.05.2024')};Труба", head=head
    )
    late = deals(
        f"{won(1, 20, day='06.05.2024')};Насос", f"{won(1, 5, day='06.05.2024')};Труба", head=head
    )
    found = compute(tmp_path, REVENUE, {"deals1.csv": early, "deals2.csv": late})
    assert found.of("revenue") == {"Анна Белова": D(25)}


def test_requisites_without_an_id(tmp_path: Path) -> None:
    """Lines whose standard cells are empty are further requisites of the record above."""
    plan = """\
        sources: {crm: {type: csv, companies: companies.csv}}
        kpis: {companies: {from: companies, count: rows, when: created_at}}
        scorecards: {all: {kpis: {companies: {weight: 100}}}}
        """
    text = """\
        ID;Название компании;Ответственный;Дата создания;ИНН
        1;ООО Луч;Анна Белова;10.05.2024 10:00:00;7701
        ;;;;7702
        ;;;;7703
        2;АО Лес;Анна Белова;11.05.2024 10:00:00;7704
        """
    found = compute(tmp_path, plan, {"companies.csv": text})
    assert found.of("companies") == {"Анна Белова": D(2)}
    assert found.said("source.requisites").data == {"entity": "companies", "count": 2}


def test_a_record_without_an_id(tmp_path: Path) -> None:
    """A line that has data but no id is broken, and is shown."""
    (problem,) = refused(tmp_path, REVENUE, {"deals.csv": deals(won(1, 5), won(2, 7)[1:])})
    assert (problem.code, problem.place) == ("source.no_id", Place("deals.csv", 3, 1))


def test_the_same_record_in_two_files(tmp_path: Path) -> None:
    """The version that was changed last counts, whichever file it is in, and it is said."""
    for old, new in ("deals1.csv", "deals2.csv"), ("deals2.csv", "deals1.csv"):
        files = {old: deals(won(1, 5), won(2, 7)), new: deals(won(1, 50, day="11.05.2024"))}
        found = compute(tmp_path, REVENUE, files)
        assert found.of("revenue") == {"Анна Белова": D(57)}
        assert found.said("source.in_two_files").data["count"] == 1


def test_equal_dates_leave_it_to_the_order_of_files(tmp_path: Path) -> None:
    """Of versions with the same date the later file's counts."""
    files = {"deals1.csv": deals(won(1, 5)), "deals2.csv": deals(won(1, 50))}
    assert compute(tmp_path, REVENUE, files).of("revenue") == {"Анна Белова": D(50)}


def test_the_same_record_twice_in_one_file(tmp_path: Path) -> None:
    """A long list written page by page may hold a record twice: it counts once, and it is said."""
    found = compute(tmp_path, REVENUE, {"deals.csv": deals(won(1, 5), won(2, 7), won(1, 5))})
    assert found.of("revenue") == {"Анна Белова": D(12)}
    assert found.said("source.on_later_line").data == {
        "entity": "deals",
        "count": 1,
        "lines": 2,
        "example": "1",
    }


@pytest.mark.parametrize(
    ("written", "records"),
    [
        (["1", "2", "3"], 3),
        (["1", "2", "1"], 2),
        (["1", " 1", "1\u00a0"], 1),
        (["1", "01", "+1", "1.0"], 4),
        (["7", "4000000000", "7"], 2),
        (["4294967295", "4294967296", "4294967295"], 2),
        (["1", "12345678901234567890", "12345678901234567890", "-1"], 3),
        (["C1", "C2", "C1"], 2),
        (["1", "C1", "1"], 2),
    ],
)
def test_records_are_as_many_as_different_ids(
    tmp_path: Path, written: list[str], records: int
) -> None:
    """Numbers near to one another and far, other texts, the same with blanks around: an id is the
    text that is written, and a line repeated under it counts once."""
    files = {"deals.csv": deals(*(won(ident, 5) for ident in written))}
    found = compute(tmp_path, REVENUE, files)
    assert found.of("revenue") == {"Анна Белова": D(5 * records)}
    assert ("source.on_later_line" in found.codes) is (records < len(written))


# --- columns ---------------------------------------------------------------------------------


def test_a_wide_file(tmp_path: Path) -> None:
    """Five hundred columns are no obstacle, and one far right is found by its caption."""
    head = ";".join([DEALS, *(f"Поле {i}" for i in range(500))])
    row = ";".join([won(1, 5), *(str(i) for i in range(500))])
    plan = REVENUE.replace("sum: amount", "sum: поле_499 + amount")
    assert compute(tmp_path, plan, {"deals.csv": f"{head}\n{row}\n"}).of("revenue") == {
        "Анна Белова": D(504)
    }


def test_header_only(tmp_path: Path) -> None:
    """A list with captions and no lines is nothing measured, not a mistake."""
    files = {"deals.csv": DEALS + "\n", "employees.csv": STAFF}
    found = compute(tmp_path, STAFFED, files)
    assert found.of("revenue") == {"Анна Белова": D(0), "Пётр Дёмин": D(0)}
    assert compute(tmp_path, REVENUE, files).figures == {}


@pytest.mark.parametrize("sentence", ["Список пуст", "Список сделок пуст.", "The list is empty."])
def test_the_sentence_of_an_empty_list(tmp_path: Path, sentence: str) -> None:
    """An export of an empty list is a sentence: it is said, and no column is missed."""
    files = {"deals.csv": sentence, "employees.csv": STAFF}
    found = compute(tmp_path, STAFFED, files)
    assert found.of("revenue") == {"Анна Белова": D(0), "Пётр Дёмин": D(0)}
    assert found.said("table.list_is_empty").place == Place("deals.csv")


def test_an_empty_list_beside_a_full_one(tmp_path: Path) -> None:
    """One empty list among several files takes nothing from the others."""
    files = {"deals1.csv": "Список пуст", "deals2.csv": deals(won(1, 5))}
    assert compute(tmp_path, REVENUE, files).of("revenue") == {"Анна Белова": D(5)}


def test_a_column_that_one_of_two_files_lacks(tmp_path: Path) -> None:
    """A field that only some files have would be half empty: the file and the caption are named."""
    files = {
        "deals1.csv": deals(won(1, 5)),
        "deals2.csv": deals(won(2, 7).replace(";7;", ";", 1), head=DEALS.replace("Сумма;", "")),
    }
    (problem,) = refused(tmp_path, REVENUE, files)
    assert (problem.code, problem.place) == ("source.file_lacks", Place("deals2.csv", 1))
    assert problem.data["caption"] == "Сумма"


def test_a_column_that_no_file_has(tmp_path: Path) -> None:
    """A field that the plan asks for and the export lacks is named by its caption."""
    text = deals(
        "1;Сделка успешна;Анна Белова;10.05.2024",
        head="ID;Стадия сделки;Ответственный;Дата изменения стадии",
    )
    (problem,) = refused(tmp_path, REVENUE, {"deals.csv": text})
    assert (problem.code, problem.data["captions"]) == ("bind.absent_field", "Сумма")


def test_repeated_captions(tmp_path: Path) -> None:
    """Of two columns under one caption the first is taken, and it is said which."""
    text = deals(f"{won(1, 5)};700", head=DEALS + ";Сумма")
    found = compute(tmp_path, REVENUE, {"deals.csv": text})
    assert found.of("revenue") == {"Анна Белова": D(5)}
    assert found.said("source.repeated_caption").data == {"caption": "Сумма", "taken": 3}


def test_an_entity_of_the_plans_own_with_fields(tmp_path: Path) -> None:
    """`fields:` gives the plan's names to captions; a caption that is not there is named."""
    plan = """\
        sources: {hr: {type: csv, visits: {path: v.csv, fields: {day: Дата визита, owner: Кто, sum: "Сумма, руб"}}}}
        kpis: {visits: {from: visits, sum: sum, when: day}}
        scorecards: {all: {kpis: {visits: {weight: 100}}}}
        """
    table = "Кто;Дата визита;Сумма, руб\nАнна Белова;05.05.2024;7,5\n"
    assert compute(tmp_path, plan, {"v.csv": table}).of("visits") == {"Анна Белова": D("7.5")}
    (problem, *_) = refused(tmp_path, plan.replace("Дата визита", "Дата визитов"), {"v.csv": table})
    assert (problem.code, problem.data["near"]) == ("source.no_column", "Дата визита")


def test_an_entity_of_the_plans_own_without_fields(tmp_path: Path) -> None:
    """Without `fields:` a column is called by its caption as a name, or by the caption in quotes."""
    plan = """\
        sources: {hr: {type: csv, visits: v.csv}}
        kpis:
          by_name:  {from: visits, sum: сумма_руб, when: дата_визита, by: Кто}
          by_quote: {from: visits, sum: '"Сумма, руб"', where: "\\"Дата визита\\" > '2024-05-05'", when: Дата визита, by: кто}
        scorecards: {all: {kpis: {by_name: {weight: 50}, by_quote: {weight: 50}}}}
        """
    table = "Кто;Дата визита;Сумма, руб\nАнна;05.05.2024;7,5\nАнна;06.05.2024;1\n"
    assert compute(tmp_path, plan, {"v.csv": table}).figures == {
        "Анна": {"by_name": D("8.5"), "by_quote": D(1)}
    }


def test_codes_of_the_crm(tmp_path: Path) -> None:
    """The CRM's own codes name fields too, in any case."""
    plan = """\
        sources: {crm: {type: csv, deals: deals.csv}}
        kpis: {revenue: {from: deals, sum: opportunity, where: "STAGE_ID = 'Сделка успешна'", when: MOVED_TIME}}
        scorecards: {all: {kpis: {revenue: {weight: 100}}}}
        """
    assert compute(tmp_path, plan, {"deals.csv": deals(won(1, 5))}).of("revenue") == {
        "Анна Белова": D(5)
    }


# --- workbooks -------------------------------------------------------------------------------

WORKBOOK = """\
sources:
  desk:
    type: csv
    calls: {path: calls.xlsx, fields: {owner: Кто, at: {column: Когда, type: datetime}, day: {column: День, type: date}, length: {column: Длина, type: duration}, price: {column: Цена, type: money}}OPTIONS}
kpis:
  price:  {from: calls, sum: price, when: at}
  late:   {from: calls, count: rows, where: hour(at) >= 18, when: day}
  length: {from: calls, sum: length, when: day}
scorecards: {all: {kpis: {price: {weight: 40}, late: {weight: 30}, length: {weight: 30}}}}
"""
CAPTIONS = ("Кто", "Когда", "День", "Длина", "Цена")
CALLS: tuple[tuple[Any, ...], ...] = (
    ("Анна Белова", datetime(2024, 5, 31, 18, 20, 5), datetime(2024, 5, 31), timedelta(minutes=90), 1250.5),  # noqa: DTZ001
    ("Анна Белова", datetime(2024, 5, 1), datetime(2024, 5, 1), timedelta(minutes=5), 0.1),  # noqa: DTZ001
    ("Анна Белова", datetime(2024, 6, 1), datetime(2024, 6, 1), timedelta(minutes=5), 100),  # noqa: DTZ001
)  # fmt: skip


def by_xlsxwriter(sheet_name: str, above: Sequence[str]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet("Пустой")
    sheet = book.add_worksheet(sheet_name)
    formats = {datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
               timedelta: book.add_format({"num_format": "[h]:mm:ss"})}  # fmt: skip
    for row, line in enumerate([*((text,) for text in above), CAPTIONS, *CALLS]):
        for place, cell in enumerate(line):
            sheet.write(row, place, cell, formats.get(type(cell)))
    book.close()
    return buffer.getvalue()


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (CAPTIONS, *CALLS):
        sheet.append(line)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


CALLED = {"Анна Белова": {"price": D("1250.6"), "late": D(1), "length": D(95)}}


def test_real_cells_of_a_workbook(tmp_path: Path) -> None:
    """Dates, times, durations and numbers of a workbook are read as what they are."""
    plan = WORKBOOK.replace("OPTIONS", "")
    assert compute(tmp_path, plan, {"calls.xlsx": by_openpyxl()}).figures == CALLED
    assert compute(tmp_path, plan, {"calls.xlsx": by_xlsxwriter("Звонки", ())}).figures == CALLED


def test_sheet_and_header_of_a_workbook(tmp_path: Path) -> None:
    """`sheet` names the sheet and `header` the row of captions, below whatever stands above it."""
    plan = WORKBOOK.replace("OPTIONS", ", sheet: Звонки, header: 3")
    book = by_xlsxwriter("Звонки", ("Отчёт за май", "для внутреннего пользования"))
    assert compute(tmp_path, plan, {"calls.xlsx": book}).figures == CALLED
    (problem, *_) = refused(
        tmp_path, plan.replace("sheet: Звонки", "sheet: Письма"), {"calls.xlsx": book}
    )
    assert (problem.code, problem.data["sheets"]) == ("table.sheet", "Пустой, Звонки")


def test_header_row_of_a_text_file(tmp_path: Path) -> None:
    """A CSV with a title above its captions is read from the row that the plan names."""
    plan = REVENUE.replace('"deals*.csv"', "{path: deals.csv, header: 3}")
    text = f"Сделки за май;;\nвыгружено 01.06.2024;;\n{deals(won(1, 5))}\n"
    assert compute(tmp_path, plan, {"deals.csv": text}).of("revenue") == {"Анна Белова": D(5)}


def test_nothing_is_written_beside_the_plan(tmp_path: Path) -> None:
    """Computing leaves the folder as it was."""
    files = {"deals.csv": deals(won(1, 5))}
    write(tmp_path, REVENUE, files)
    before = sorted(p.name for p in tmp_path.iterdir())
    found: Computed = compute(tmp_path, REVENUE, files)
    assert found.figures
    assert sorted(p.name for p in tmp_path.iterdir()) == before
