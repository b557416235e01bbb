"""Dates as people and tools write them: read as what they say, or refused with their place."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kpictl.errors import Problem
from kpictl.sources import moments
from plans import compute, lines, refused

HEAD = "kpictl: 1\ncompany: {timezone: Europe/Berlin}\n"
EN = "January February March April May June July August September October November December"
RU = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
RU_ALONE = "Январь Февраль Март Апрель Май Июнь Июль Август Сентябрь Октябрь Ноябрь Декабрь"
DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))
CLOCKS = st.times().map(lambda t: t.replace(microsecond=0))


def plan(more: str = "", kpi: str = "sum: amt", path: str = "o.csv") -> str:
    """Return a plan whose one KPI adds up `amt` by `who`, with more keys for the table."""
    table = f"{{path: {path}{', ' * bool(more)}{more}}}"
    return f"{HEAD}sources: {{s: {{type: csv, o: {table}}}}}\nkpis: {{v: {{from: o, {kpi}, when: d, by: who}}}}\n"


def values(
    folder: Path, cells: list[str], *, period: str, more: str = "", name: str = "o.csv",
    content: bytes | None = None,
) -> dict[str, Decimal | str]:  # fmt: skip
    """Compute a file in which the n-th date (from 0) is worth 10 to the power of n."""
    rows = [[f'"{cell}"', "Ann", 10**n] for n, cell in enumerate(cells)]
    text = lines("d;who;amt", rows)
    made = compute(folder, plan(more, path=name), {name: content or text}, period=period)
    return made.of("v")


def book(rows: list[list[object]], **options: object) -> bytes:
    """Return a workbook: dates as dates, `=` as a formula that fails."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    moment = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = made.add_worksheet("Отчёт & Co")
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(y, x, cell, moment)
            elif isinstance(cell, date):
                sheet.write_datetime(y, x, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            elif isinstance(cell, str) and cell.startswith("="):
                sheet.write_formula(y, x, cell, None, "#DIV/0!")
            else:
                sheet.write(y, x, cell)
    made.close()
    return out.getvalue()


def iso(text: str, order: moments.Order = "mdy") -> str | None:
    """Return what a cell says, in ISO."""
    moment = moments.read(text, order)
    if moment is None:
        return None
    if moment.written == "month":
        return f"{moment.wall:%Y-%m}"
    if moment.written == "day":
        return moment.wall.date().isoformat()
    instant = moment.utc()
    if instant is None:
        return moment.wall.isoformat(" ")
    minutes = (moment.wall - instant) // timedelta(minutes=1)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    return f"{moment.wall.isoformat(' ')}{sign}{hours:02}:{rest:02}"


# --- one cell --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("4-Jan-22", "2022-01-04"),
        ("04JAN2024", "2024-01-04"),
        ("4-Sept-24", "2024-09-04"),
        ("12/Mar/24 9:41 AM", "2024-03-12 09:41:00"),
        ("January 4, 2024", "2024-01-04"),
        ("June 1st, 2024", "2024-06-01"),
        ("Jan 4, 2024, 9:10 AM", "2024-01-04 09:10:00"),
        ("4 января 2024 г.", "2024-01-04"),
        ("4 янв. 2024", "2024-01-04"),
        ("31 мая 2024 г. в 18:20", "2024-05-31 18:20:00"),
        ("2024.01.04", "2024-01-04"),
        ("20240104", "2024-01-04"),
        ("5/31/2024, 6:20\u202fPM", "2024-05-31 18:20:00"),
        ("05/31/24", "2024-05-31"),
        ("31.05.2024г.", "2024-05-31"),
        ("31.05.2024 (пт)", "2024-05-31"),
        ("Пятница, 31 мая 2024 г.", "2024-05-31"),
        ("Fri, 31 May 2024 18:20:05 +0300", "2024-05-31 18:20:05+03:00"),
        ("Mon May 6 2024", "2024-05-06"),
        ("Fri May 31 18:20:05 UTC 2024", "2024-05-31 18:20:05+00:00"),
        ("Fri May 31 2024 18:20:05 GMT+0200 (CEST)", "2024-05-31 18:20:05+02:00"),
        ("31/May/2024:18:20:05 +0300", "2024-05-31 18:20:05+03:00"),
        ("18:20 31.05.2024", "2024-05-31 18:20:00"),
        ("2024-05-31 18:20:05,123", "2024-05-31 18:20:05.123000"),
        ("2024-05-31T1820", "2024-05-31 18:20:00"),
        ("20240531T182005Z", "2024-05-31 18:20:05+00:00"),
        ("2024-05-31T18:20:00+02:00[Europe/Berlin]", "2024-05-31 18:20:00+02:00"),
        ("2024-05-31 24:00", "2024-06-01 00:00:00"),
        ("2024-05-31 6 PM", "2024-05-31 18:00:00"),
        ("31.05.2024 18:20 Uhr", "2024-05-31 18:20:00"),
        ("Freitag, 31. Mai 2024 um 9 Uhr", "2024-05-31 09:00:00"),
        ("4. Mär. 2024", "2024-03-04"),
        ("05/31/2024 18h20", "2024-05-31 18:20:00"),
        ("vendredi 31 mai 2024 à 18h", "2024-05-31 18:00:00"),
        ("1er août 2024", "2024-08-01"),
        ("févr.-24", "2024-02"),
        ("piątek, 31 maja 2024 r.", "2024-05-31"),
        ("4-paź-24", "2024-10-04"),
        ("wrzesień 2024", "2024-09"),
        ("Март 2024", "2024-03"),
        ("март 2024 г.", "2024-03"),
        ("Mar 2024", "2024-03"),
        ("May-26", "2026-05"),
        ("01.2024", "2024-01"),
        ("2024-03", "2024-03"),
        ("3 2024", "2024-03"),
    ],
)
def test_dates_are_read_as_their_tools_write_them(text: str, read: str) -> None:
    """Each of these forms means one day, moment or month."""
    assert iso(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-31 rubbish", "2024-05-31 18:20 rubbish", "2024-05-31Z", "2024-05-31 9",
        "2024-05-31 18:20 CST", "2024-05-31 18:20 IST", "2024-05-31 10:00 - 12:00",
        "2024-05-31T18:20:00+02:00[Europe/Nowhere]", "2024-05-31 13:20 PM", "2024-05-31 0:20 AM",
        "2024-02-30", "2024-05-31 25:00", "2024-05-31 10:60", "2024-05-31 10:00 +2:99",
        "Mon, 31 May 2024", "14-07-20", "13-13-2024", "May 26", "45422", "2024", "12",
        "4 foo 2024", "4 jan 2024 10", "5 мая 18:20", "31.05.20245", "1850-01-01", "2024-13",
        "2024-05-31 2024-06-01", "31.05.2024-30.06.2024", "", "сегодня",
    ],
)  # fmt: skip
def test_what_is_no_certain_date_is_refused_whole(text: str) -> None:
    """Nothing is cut off, and nothing that means two things is guessed."""
    assert iso(text) is None


def _forms(day: date) -> list[str]:
    en, ru, alone = (names.split()[day.month - 1] for names in (EN, RU, RU_ALONE))
    d, y, short = day.day, day.year, f"{day.year % 100:02}"
    return [
        day.isoformat(), f"{day:%Y.%m.%d}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"{day:%d.%m.%Y}",
        f"{d}.{day.month}.{y}", f"{day:%d.%m.%y}", f"{d} {en} {y}",
        f"{d}-{en[:3]}-{short}", f"{d}/{en[:3]}/{short}", f"{en} {d}, {y}", f"{en[:3]} {d}, {y}",
        f"{day:%a}, {d} {en[:3]} {y}", f"{day:%a} {en[:3]} {d} {y}", f"{y}-{en[:3]}-{d:02}",
        f"{d} {ru} {y}", f"{d} {ru} {y} г.", f"{d} {ru} {y} года", f"{d} {ru[:3]}. {y}",
        f"{d} {alone[:3].upper()} {y}", f"{day:%d%b%Y}", f"{d} {en.upper()} {y}",
    ]  # fmt: skip


@given(DAYS)
def test_a_day_is_read_back_as_itself_from_every_form(day: date) -> None:
    """Whatever tool wrote a day, it is that day, in either order of dates with slashes."""
    for text in _forms(day):
        for order in ("mdy", "dmy"):
            assert iso(text, order) == day.isoformat(), text
    assert iso(f"{day:%d-%m-%Y}", "dmy") == day.isoformat()
    assert iso(f"{day:%m/%d/%Y}", "mdy") == day.isoformat()
    assert iso(f"{day:%d/%m/%y}", "dmy") == day.isoformat()


@given(DAYS, CLOCKS, st.integers(-11 * 60, 14 * 60))
def test_a_moment_is_read_back_as_itself(day: date, clock: datetime, minutes: int) -> None:
    """A time stays with its day, in 24 and in 12 hours, and an offset with its time."""
    read = f"{day} {clock}"
    half = f"{clock:%I:%M:%S %p}"
    for text in _forms(day):
        for time in (f"{clock}", half, half.lower().replace("m", ".m.")):
            assert iso(f"{text} {time}") == read, f"{text} {time}"
            assert iso(f"{text}, {time}") == read
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    whole = f"{sign}{hours:02}:{rest:02}"
    for offset in (whole, f" {whole}", f" {sign}{hours:02}{rest:02}", f" GMT{whole}"):
        assert iso(f"{day}T{clock}{offset}") == f"{read}{whole}"


@given(DAYS, st.text(max_size=12))
def test_what_follows_a_day_is_never_dropped(day: date, rest: str) -> None:
    """A day with something behind it is the day alone only where that says nothing more."""
    found = iso(f"{day} {rest}")
    if found is not None and len(found) == 10:
        word = "".join(c for c in rest.casefold() if c.isalnum())
        assert word in {
            "",
            *(f"{day:%A} {day:%a}".casefold().split()),
            "г",
            "год",
            "года",
            "t",
        } or (not word.isascii())


@given(st.text(max_size=40))
def test_no_text_brings_the_reader_down(text: str) -> None:
    """Any text is a date or none; a date it gives can be read again as itself."""
    found = iso(text, "dmy")
    assert found is None or iso(found) in (found, found.replace("+00:00", "+00:00"))


# --- columns and files -----------------------------------------------------------------------


def test_an_offset_behind_a_space_moves_a_moment_into_its_day(tmp_path: Path) -> None:
    """22:30 +0000 on May 31 is June 1 in Berlin."""
    cells = ["2024-05-10 09:00:00 +0000", "2024-05-31 22:30:00 +0000", "2024-05-31 23:30 MSK"]
    assert values(tmp_path, cells, period="2024-05") == {"Ann": Decimal(101)}


def test_a_declared_date_with_an_offset_is_the_day_of_the_company(tmp_path: Path) -> None:
    """Midnight with an offset says only the day; another time is that of a moment."""
    cells = ["2024-05-31T22:30:00Z", "2024-05-31T00:00:00Z", "2024-05-31T00:00:00-05:00"]
    more = "fields: {d: {column: d, type: date}}"
    assert values(tmp_path, cells, period="2024-05", more=more) == {"Ann": Decimal(110)}


def test_an_unreadable_end_of_a_date_is_shown_with_its_place(tmp_path: Path) -> None:
    """One bad date among good ones stops the run; it is not read as its first ten letters."""
    good = [f"2024-05-{day:02} 10:00" for day in range(1, 15)]
    text = lines("d;who;amt", [[cell, "Ann", 1] for cell in [*good, "2024-05-31 10:00 CST"]])
    (problem,) = refused(tmp_path, plan(), {"o.csv": text})
    assert problem.code == "source.bad_date"
    assert str(problem.place) == "o.csv:16:1"


@pytest.mark.parametrize("cell", ["31.05.2", "5/31/2", "31.05.2 18:20", "1.2.3", " 31.05.2 "])
@pytest.mark.parametrize("others", ["31.05.2024", "31.05.24", "05/31/2024", "05/31/24 18:20"])
def test_a_year_of_one_digit_is_no_year(tmp_path: Path, cell: str, others: str) -> None:
    """It is a slip of the keyboard, whatever the other cells are like, and no day of 2002."""
    text = lines("d;who;amt", [[others, "Ann", 1]] * 12 + [[cell, "Ann", 1]])
    (problem,) = refused(tmp_path, plan(), {"o.csv": text})
    assert (problem.code, str(problem.place)) == ("source.bad_date", "o.csv:14:1")


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_column_is_of_moments_as_soon_as_one_cell_has_a_time(
    tmp_path: Path, ending: str, *, later: bool
) -> None:
    """Bare days among moments are midnights, however far down the first time stands."""
    many = 2500 if later else 12
    days = [date(2024, 5, 2)] * many
    opened: list[object] = [*days, datetime(2024, 5, 3, 9)]  # noqa: DTZ001
    closed: list[object] = [*days, datetime(2024, 5, 3, 23)]  # noqa: DTZ001
    rows = [[a, b, "Bo"] for a, b in zip(days, days, strict=True)]
    rows += [[opened[-1], closed[-1], "Ann"], [datetime(2024, 5, 4, 9), date(2024, 5, 5), "Cy"]]  # noqa: DTZ001
    if ending == "csv":
        content = lines("d;e;who", rows).encode()
    else:
        content = book([["d", "e", "who"], *rows])
    text = plan(kpi='average: "hours(d, e)"', path=f"o.{ending}")
    found = compute(tmp_path, text, {f"o.{ending}": content}).of("v")
    assert found == {"Ann": Decimal(14), "Bo": Decimal(0), "Cy": Decimal(15)}


def test_the_order_is_settled_by_all_files_of_an_entity(tmp_path: Path) -> None:
    """One file shows day before month; the others are read so, and nothing is warned of."""
    files = {
        "o1.csv": "d,who,amt\n05/06/2024,Ann,1\n06/05/2024,Ann,10\n",
        "o2.csv": "d,who,amt\n31/05/2024,Ann,100\n13/06/2024,Ann,1000\n",
    }
    for path in ('"o*.csv"', "[o2.csv, o1.csv]"):
        made = compute(tmp_path, plan(path=path), files)
        assert made.of("v") == {"Ann": Decimal(110)}
        assert "source.date_order" not in made.codes


@pytest.mark.parametrize("more", ["", "dates: dmy", "fields: {d: {column: d, type: date}}"])
def test_a_day_above_twelve_settles_two_digit_years(tmp_path: Path, more: str) -> None:
    """14/07/20 shows the order for 04/07/20, declared or not."""
    cells = ["04/07/20", "14/07/20"]
    assert values(tmp_path, cells, period="2020-07", more=more) == {"Ann": Decimal(11)}


def test_a_late_two_digit_year_is_not_dropped_before_it_is_read(tmp_path: Path) -> None:
    """The first rows have four digits; a cell of two is still of its own year."""
    cells = ["31.03.2024"] * 3 + ["31.05.24"]
    assert values(tmp_path, cells, period="2024-05") == {"Ann": Decimal(1000)}


def test_days_as_spreadsheets_count_them_are_read_where_a_date_is_declared(tmp_path: Path) -> None:
    """45422 is May 10, 2024 in a column that is declared; the fraction is the time."""
    cells = ["45422", "45443,9375", "45444"]
    for kind, expected in (("date", 11), ("datetime", 11)):
        more = f"fields: {{d: {{column: d, type: {kind}}}}}"
        assert values(tmp_path, cells, period="2024-05", more=more) == {"Ann": Decimal(expected)}


def test_a_number_among_undeclared_dates_is_a_mistake(tmp_path: Path) -> None:
    """A stray id in a column that looks like dates is no date of Excel's."""
    text = lines("d;who;amt", [[f"2024-05-{n:02}", "Ann", 1] for n in range(1, 20)])
    (problem,) = refused(tmp_path, plan(), {"o.csv": text + "45422;Ann;1\n"})
    assert problem.code == "source.bad_date"


def test_cells_that_mean_nothing_do_not_count_when_a_type_is_guessed(tmp_path: Path) -> None:
    """Two dashes in three cells leave a column of numbers, or of dates."""
    text = "d;who;amt\n2024-05-01;Ann;1.5\n--;Bo;--\n--;Bo;--\n"
    made = compute(tmp_path, plan('empty: ["--"]'), {"o.csv": text})
    assert made.of("v") == {"Ann": Decimal("1.5"), "Bo": Decimal(0)}


def test_an_html_table_mixes_days_moments_and_words(tmp_path: Path) -> None:
    """What a CRM names .xls is read like any other file."""
    cells = ["31.05.2024", "31.05.2024 23:59:00", "1 июня 2024 г.", "Fri, 31 May 2024 22:30 +0000"]
    rows = "".join(
        f"<tr><td>{c}</td><td>Ann</td><td>{10**n}</td></tr>" for n, c in enumerate(cells)
    )
    html = f"<html><meta charset=utf-8><table><tr><td>d<td>who<td>amt</tr>{rows}</table></html>"
    made = compute(tmp_path, plan(path="o.xls"), {"o.xls": html}, period="2024-05")
    assert made.of("v") == {"Ann": Decimal(11)}


def test_a_column_of_days_without_signs_is_one_of_dates(tmp_path: Path) -> None:
    """20240531 is a number too, but not all of a column by chance."""
    assert values(tmp_path, ["20240531", "20240601"], period="2024-05") == {"Ann": Decimal(1)}
    more = "fields: {d: {column: d, type: number}}"
    text = lines("d;who;amt", [["20240531", "Ann", 1]])
    (problem,) = refused(tmp_path, plan(more), {"o.csv": text})
    assert problem.data["is"] == "number"


def test_a_weekday_that_is_not_the_days_own_is_a_mistake(tmp_path: Path) -> None:
    """Monday, May 31, 2024, was a Friday: which of both is wrong is not for us to guess."""
    good = [f"{n} May 2024" for n in range(1, 15)]
    text = lines("d;who;amt", [[f'"{cell}"', "Ann", 1] for cell in [*good, "Mon, 31 May 2024"]])
    (problem,) = refused(tmp_path, plan(), {"o.csv": text})
    assert problem.data["value"] == "Mon, 31 May 2024"


# --- months ----------------------------------------------------------------------------------

MONTHS = ["Март 2024", "Апрель 2024", "Май 2024"]


@pytest.mark.parametrize(
    "cells",
    [
        MONTHS, ["03.2024", "04.2024", "05.2024"], ["2024-03", "2024-04", "2024-05"],
        ["Mar-24", "Apr-24", "May-24"], ["март 2024 г.", "апрель 2024 г.", "май 2024 г."],
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("period", "expected"),
    [("2024-05", 100), ("2024-Q2", 110), ("2024", 111), ("2024-04-15..2024-06-02", 100),
     ("2024-05-01..2024-05-30", 0), ("2024-05-01", 0), ("2024-W18", 0)],
)  # fmt: skip
def test_a_month_belongs_where_it_lies_wholly_inside(
    tmp_path: Path, cells: list[str], period: str, expected: int
) -> None:
    """A record dated by a month counts in it, its quarter and its year, never in a part of it."""
    found = values(tmp_path, cells, period=period)
    assert found.get("Ann", Decimal(0)) in (Decimal(expected), "no_data")
    if expected:
        assert found == {"Ann": Decimal(expected)}


def test_that_months_count_nowhere_is_said(tmp_path: Path) -> None:
    """A week of a report by months is no week without sales."""
    text = lines("d;who;amt", [[cell, "Ann", 1] for cell in MONTHS])
    made = compute(tmp_path, plan(), {"o.csv": text}, period="2024-W18")
    assert made.said("complete.cut_months").data["field"] == "d"
    assert "complete.cut_months" not in compute(tmp_path, plan(), {"o.csv": text}).codes


@pytest.mark.parametrize("month", ["Май", "05", "5", "May"])
def test_a_month_and_a_year_in_two_columns(tmp_path: Path, month: str) -> None:
    """`column: [Месяц, Год]` is a month."""
    text = f"Год;Месяц;who;amt\n2024;{month};Ann;5\n"
    found = compute(tmp_path, plan("fields: {d: [Месяц, Год]}"), {"o.csv": text})
    assert found.of("v") == {"Ann": Decimal(5)}


def test_a_month_of_a_workbook_is_its_first_day(tmp_path: Path) -> None:
    """Spreadsheets keep `Май 2024` as May 1; another day in a column of months is a mistake."""
    more = "fields: {d: {column: d, type: month}}"
    rows: list[list[object]] = [["d", "who", "amt"], [date(2024, 5, 1), "Ann", 3]]
    made = compute(tmp_path, plan(more, path="o.xlsx"), {"o.xlsx": book(rows)})
    assert made.of("v") == {"Ann": Decimal(3)}
    rows.append([date(2024, 5, 2), "Ann", 3])
    (problem,) = refused(tmp_path, plan(more, path="o.xlsx"), {"o.xlsx": book(rows)})
    assert problem.data["kind"] == "month"


# --- what a plan says ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "cells"),
    [
        ('"%d/%b/%y"', ["14/May/24", "31/мая/24", "1/MAY/24"]),
        ('"%d-%m-%y"', ["14-05-24", "31-05-24", "01-05-24"]),
        ('["%d/%m/%Y", "%Y/%m/%d %H:%M"]', ["05/05/2024", "2024/05/31 23:59", "1/5/2024"]),
        (
            '"%d.%m.%Y %I:%M %p"',
            ["14.05.2024 6:20 PM", "14.05.2024 12:00 AM", "31.05.2024 11:59 pm"],
        ),
    ],
)
def test_a_plan_may_say_the_form_of_dates(tmp_path: Path, dates: str, cells: list[str]) -> None:
    """Cells in the form are read by it, months in words in either language."""
    found = values(tmp_path, cells, period="2024-05", more=f"dates: {dates}")
    assert found == {"Ann": Decimal(111)}


def test_the_date_cells_of_a_workbook_are_read_whatever_the_form(tmp_path: Path) -> None:
    """A declared form is one of texts: real dates of a workbook have none."""
    rows: list[list[object]] = [["d", "who", "amt"], ["14/May/24", "Ann", 1]]
    rows += [[date(2024, 5, 31), "Ann", 10], [datetime(2024, 5, 1, 9), "Ann", 100]]  # noqa: DTZ001
    text = plan('dates: "%d/%b/%y"', path="o.xlsx")
    assert compute(tmp_path, text, {"o.xlsx": book(rows)}).of("v") == {"Ann": Decimal(111)}


def test_what_the_form_denies_is_refused(tmp_path: Path) -> None:
    """With a declared day/month, 05/31/2024 is a mistake and no month/day."""
    text = lines("d;who;amt", [[f"{n:02}/05/2024", "Ann", 1] for n in range(1, 20)])
    text += "05/31/2024;Ann;1\n"
    (problem,) = refused(tmp_path, plan('dates: "%d/%m/%Y"'), {"o.csv": text})
    assert problem.data["value"] == "05/31/2024"


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ("dd.mm.yyyy", "date_form"), ("ymd", "date_form"),
        ('"%d.%m.%Q"', "date_form"), ('"%d.%m"', "date_form"), ('"%d.%Y"', "date_form"),
        ('"%m.%Y %H:%M"', "date_form_day"), ('"%d.%m.%Y %M"', "date_form_time"),
        ('"%d.%m.%Y %I:%M"', "date_form_half"), ('"%d.%m.%Y %H:%M %p"', "date_form_half"),
        ('"%d.%m.%Y %d"', "date_form_twice"), ('"%d.%m.%Y %y"', "date_form_twice"),
        ('["%d.%m.%Y", "%"]', "date_form"),
    ],
)  # fmt: skip
def test_a_form_that_reads_no_dates_is_refused(tmp_path: Path, dates: str, code: str) -> None:
    """A mistake in the form is found in the plan, before any cell is read."""
    found = refused(tmp_path, plan(f"dates: {dates}"), {"o.csv": "d;who;amt\n2024-05-01;A;1\n"})
    assert [p.code for p in found] == [f"plan.{code}"]


def test_no_date_but_a_text_shows_a_cell(tmp_path: Path) -> None:
    """The message names a cell with its place, and the key that would settle it."""

    def said(rows: list[list[object]]) -> Problem:
        (problem,) = refused(tmp_path, plan(), {"o.csv": lines("d;who;amt", rows)})
        return problem

    text = said([["2024-05-01", "Ann", 1], ["14-07-20", "Ann", 1], ["15-07-20", "Ann", 1]])
    assert text.code == "bind.cell_not_a_date"
    assert (str(text.data["file"]), text.data["value"]) == ("o.csv:3:1", "14-07-20")
    serial = said([["45422", "Ann", 1]])
    assert serial.code == "bind.cell_not_a_date"
    assert str(serial.data["file"]) == "o.csv:2:1"


def test_the_fast_forms_of_the_database_agree_with_the_reader(tmp_path: Path) -> None:
    """A column in one form all through is read by DuckDB; a mixed one by us: both the same."""
    start = datetime(2024, 4, 25, 22, 30)  # noqa: DTZ001
    moments = [start + timedelta(hours=7 * n) for n in range(40)]
    counted = sum(m.month == 5 for m in moments)
    for form in ("%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S", "%d-%b-%y %H:%M",
                 "%b %d, %Y, %H:%M", "%d %B %Y %H:%M"):  # fmt: skip
        text = lines("d;who", [[f'"{m.strftime(form)}"', "Ann"] for m in moments])
        made = compute(tmp_path, plan(kpi="count: rows"), {"o.csv": text})
        assert made.of("v") == {"Ann": Decimal(counted)}, form
