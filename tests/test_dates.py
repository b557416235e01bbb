"""Dates as people and their tools write them: understood to the last letter, or refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl.sources import moments
from kpictl.sources.moments import read
from plans import compute, refused, write

AT = datetime(2024, 5, 31, 18, 20)  # noqa: DTZ001  wall clocks
DAYS = {
    "2024-05-31": "dmy", "31.05.2024": "mdy", "31.05.24": "mdy", "2024/05/31": "dmy",
    "2024.05.31": "dmy", "20240531": "dmy", "31/05/2024": "dmy", "5/31/2024": "mdy",
    "05/31/24": "mdy", "31-05-2024": "dmy", "31-May-24": "mdy", "31/May/2024": "mdy",
    "31 May 2024": "mdy", "31May2024": "mdy", "May 31, 2024": "dmy", "MAY 31 2024": "dmy",
    "Fri, 31 May 2024": "dmy", "Friday, May 31, 2024": "dmy", "Fri May 31 2024": "dmy",
    "31 мая 2024 г.": "mdy", "31 мая 2024 года": "mdy", "31 мая 2024": "mdy",
    "31-мая-24": "mdy", "пятница, 31 мая 2024 г.": "mdy", "31. Mai 2024": "mdy",
    "31st of May 2024": "mdy", "2024-05-31 ": "dmy", "\u200b31.05.2024": "dmy",
}  # fmt: skip
TIMES = (
    " 18:20", " 18:20:00", "T18:20", "T1820", "T182000", ", 18:20", " 6:20 PM", ", 6:20\u202fPM",
    " 6:20:00 p.m.", " 18:20:00.000", " 18:20:00,000000", " в 18:20", " at 6:20pm",
)  # fmt: skip


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read_in_every_form(text: str) -> None:
    """Whoever wrote it, the 31st of May is the 31st of May."""
    moment = read(text, "dmy" if DAYS[text] == "dmy" else "mdy")
    assert moment is not None
    assert (moment.written, moment.wall.date()) == ("day", AT.date())


@pytest.mark.parametrize("clock", TIMES)
@pytest.mark.parametrize("day", ["2024-05-31", "31.05.2024", "May 31, 2024", "31 мая 2024 г."])
def test_a_time_behind_a_day_is_read_in_every_form(day: str, clock: str) -> None:
    """Twenty past six in the evening, with a comma, a T, in words, in two halves of a day."""
    moment = read(day + clock, "dmy")
    assert moment is not None
    assert (moment.written, moment.wall, moment.zone) == ("moment", AT, None)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Z", 0), (" UTC", 0), (" GMT", 0), ("+03:00", 3), (" +0300", 3), (" +03", 3), (" +3", 3),
        ("-0700", -7), (" GMT+3", 3), (" UTC+03:00", 3), (" MSK", 3), (" МСК", 3), (" CEST", 2),
        (" PDT", -7), (" Europe/Berlin", 2), (" Asia/Almaty", 5),
        (" GMT+0300 (Moscow Standard Time)", 3),
    ],
)  # fmt: skip
def test_a_zone_behind_a_time_is_understood(zone: str, hours: int) -> None:
    """What the cell says of its zone decides which instant it is."""
    moment = read("2024-05-31 18:20" + zone, "dmy")
    assert moment is not None
    assert moment.utc() == AT - timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-31 foo", "2024-05-31 18:20 CST", "2024-05-31 18:20 IST", "2024-05-31 25:00",
        "2024-05-31 18:60", "2024-05-31 18", "2024-05-31-01", "2024-13-01", "2024-02-30",
        "31.06.2024", "2024-05-31 13:20 PM", "2024-05-31..2024-06-01", "2024-05-31 (BC)",
        "№ 5 от 03.04.2024", "14-07-20", "1.2.2024.5", "192.168.1.1", "45422", "2024", "12.500",
        "1899-12-31", "2200-01-01", "2024-05-31 18:20 +99:00", "завтра", "5 шт", "", "9" * 500,
    ],
)  # fmt: skip
def test_what_is_not_understood_whole_is_refused(text: str) -> None:
    """Nothing behind a date is cut off, and nothing that only looks like a date is one."""
    assert read(text, "dmy") is None
    assert read(text, "mdy") is None


@pytest.mark.parametrize(
    "text",
    [
        "Май 2024", "май 2024 г.", "мая 2024", "May 2024", "may-24", "May'24", "05.2024", "5/2024",
        "2024-05", "2024.05", "2024 май", "05 2024", "2024 5", "202405",
    ],
)  # fmt: skip
def test_a_month_alone_is_a_month(text: str) -> None:
    """It is no day of it."""
    moment = read(text, "dmy")
    assert moment is not None
    assert (moment.written, moment.wall.date()) == ("month", date(2024, 5, 1))
    assert moment.day(UTC) is None


FORMS: tuple[Callable[[datetime], str], ...] = (
    lambda m: f"{m:%Y-%m-%d %H:%M:%S}", lambda m: f"{m:%d.%m.%Y %H:%M:%S}",
    lambda m: f"{m:%d/%m/%Y %H:%M:%S}", lambda m: f"{m:%B} {m.day}, {m.year}, {m:%I:%M:%S %p}",
    lambda m: f"{m:%a, %d %b %Y %H:%M:%S}", lambda m: f"{m:%a %b %d %H:%M:%S %Y}",
    lambda m: f"{m:%Y%m%dT%H%M%S}",
)  # fmt: skip


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)),  # noqa: DTZ001
    st.sampled_from(FORMS),
)
def test_any_moment_written_in_any_form_is_read_back(
    wall: datetime, form: Callable[[datetime], str]
) -> None:
    """Reading undoes writing, for every second of three centuries."""
    whole = wall.replace(microsecond=0)
    moment = read(form(whole), "dmy")
    assert moment is not None
    assert moment.wall == whole


@given(st.text(max_size=40))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    """It answers with a moment or with nothing."""
    for order in ("dmy", "mdy"):
        read(text, "dmy" if order == "dmy" else "mdy")
    moments.serial(text)


def sums(folder: Path, cells: list[str], *, declared: str = "", period: str = "2024-05") -> Decimal:
    """Return the sum of 1, 2, 4, … over the records of a period that are dated by the cells."""
    lines = "".join(f'"{cell}";Анна;{2**i}\n' for i, cell in enumerate(cells))
    field = f"fields: {{d: {{column: d, type: {declared}}}}}" if declared else ""
    plan = f"""
        sources: {{s: {{type: csv, o: {{path: o.csv, {field}}}}}}}
        kpis: {{v: {{from: o, sum: amt, when: d, by: who}}}}
    """
    values = compute(folder, plan, {"o.csv": "d;who;amt\n" + lines}, period=period).of("v")
    value = values["Анна"]
    assert isinstance(value, Decimal)
    return value


def test_an_offset_behind_a_time_moves_a_record_into_its_day(tmp_path: Path) -> None:
    """22:30 UTC on the 31st of May is June in Moscow."""
    assert sums(tmp_path, ["2024-05-10 09:00:00 +0000", "2024-05-31 22:30:00 +0000"]) == 1


def test_one_cell_with_a_time_makes_moments_of_a_column(tmp_path: Path) -> None:
    """Bare days beside it are midnights, whichever stands first."""
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, average: "hours(opened, replied)", when: opened, by: who, unit: hours}}
    """
    lines = (
        "opened;replied;who\n12.05.2024 09:00;13.05.2024;Анна\n13.05.2024;13.05.2024 11:00;Анна\n"
    )
    assert compute(tmp_path, plan, {"o.csv": lines}).of("v")["Анна"] == 13


def test_a_time_beyond_the_first_rows_is_never_cut_off(tmp_path: Path) -> None:
    """A column that looked like days is one of moments where a later cell has a time."""
    lines = "".join(f"{1 + i % 28:02}.05.2024;Анна;1\n" for i in range(3000))
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    files = {"o.csv": f"d;who;amt\n{lines}31.05.2024 23:30;Анна;1\n"}
    assert compute(tmp_path, plan, files).of("v")["Анна"] == 3001


def test_all_files_of_an_entity_settle_day_and_month_together(tmp_path: Path) -> None:
    """A day above 12 in the second part of an export is proof for the first."""
    plan = """
        sources: {s: {type: csv, o: "o*.csv"}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    files = {
        "o1.csv": "d,who,amt\n05/06/2024,Анна,1\n06/05/2024,Анна,10\n",
        "o2.csv": "d,who,amt\n31/05/2024,Анна,100\n13/06/2024,Анна,1000\n",
    }
    done = compute(tmp_path, plan, files)
    assert done.of("v")["Анна"] == 110
    assert "source.date_order" not in done.codes


@pytest.mark.parametrize(
    ("cells", "period", "value", "warned"),
    [
        (["04/07/20", "14/07/20"], "2020-07", 3, False),
        (["7/4/20", "7/14/20"], "2020-07", 3, False),
        (["05/06/2024", "06/05/2024"], "2024-05", 1, True),
        (["05-06-2024", "06-05-2024"], "2024-05", 2, True),
        (["05-31-2024", "05-06-2024"], "2024-05", 3, False),
    ],
)
def test_a_day_above_twelve_proves_the_order(
    tmp_path: Path, cells: list[str], period: str, value: int, warned: bool
) -> None:
    """Also with years of two digits and with hyphens; where nothing does, a warning says so."""
    lines = "".join(f"{cell};Анна;{2**i}\n" for i, cell in enumerate(cells))
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    done = compute(tmp_path, plan, {"o.csv": "d;who;amt\n" + lines}, period=period)
    assert done.of("v")["Анна"] == value
    assert ("source.date_order" in done.codes) is warned


def test_serial_days_of_a_spreadsheet_are_read_where_a_date_is_declared(tmp_path: Path) -> None:
    """45422 is the 10th of May 2024; without a declaration a number stays a number."""
    assert sums(tmp_path, ["45422", "45423.75"], declared="datetime") == 3
    (problem,) = refused(
        tmp_path,
        "sources: {s: {type: csv, o: o.csv}}\nkpis: {v: {from: o, sum: amt, when: d, by: who}}\n",
        {"o.csv": "d;who;amt\n45422;Анна;1\n"},
    )
    assert (problem.code, problem.data["value"]) == ("bind.cell_not_a_date", "45422")


def test_a_cell_shows_why_a_column_is_no_date(tmp_path: Path) -> None:
    """The mistake names the first cell that is none, its place and the keys that would settle it."""
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    (problem,) = refused(tmp_path, plan, {"o.csv": "d;who;amt\n01.05.2024;Анна;1\nпозже;Анна;2\n"})
    assert problem.code == "bind.cell_not_a_date"
    assert (problem.data["value"], str(problem.data["file"])) == ("позже", "o.csv:3:1")


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("%d/%b/%y", ["12/Mar/24", "12/мар/24"]),
        ("%Y-%d-%m", ["2024-12-03", "2024-31-03"]),
        ("%d%m%Y", ["12032024", "31032024"]),
        ("%m.%d.%Y", ["03.12.2024", "03.31.2024"]),
    ],
)
def test_a_plan_may_say_the_form_of_its_dates(tmp_path: Path, form: str, cells: list[str]) -> None:
    """And then it is the only one."""
    lines = "".join(f"{cell};Анна;{2**i}\n" for i, cell in enumerate(cells))
    plan = f"""
        sources:
          s: {{type: csv, o: {{path: o.csv, dates: "{form}", fields: {{d: {{column: d, type: date}}}}}}}}
        kpis: {{v: {{from: o, sum: amt, when: d, by: who}}}}
    """
    assert (
        compute(tmp_path, plan, {"o.csv": "d;who;amt\n" + lines}, period="2024-03").of("v")["Анна"]
        == 3
    )
    other = refused(tmp_path, plan, {"o.csv": "d;who;amt\n12 марта 2024 г.;Анна;1\n"})
    assert [p.code for p in other] == ["source.bad_date"]


@pytest.mark.parametrize("form", ["%d", "dd.mm.yyyy", "%d.%m", "%q-%Y-%m", "%"])
def test_a_form_that_is_none_is_a_mistake_of_the_plan(tmp_path: Path, form: str) -> None:
    """It must name a month and a year at least."""
    plan = f"""
        sources: {{s: {{type: csv, o: {{path: o.csv, dates: "{form}"}}}}}}
        kpis: {{v: {{from: o, sum: amt, when: d, by: who}}}}
    """
    codes = {p.code for p in refused(tmp_path, plan, {"o.csv": "d;who;amt\n01.05.2024;Анна;1\n"})}
    assert codes == {"plan.date_form"}


@pytest.mark.parametrize(
    ("period", "value"),
    [("2024-05", 2), ("2024-Q2", 7), ("2024", 7), ("2024-05-01..2024-05-30", 0), ("2024-W20", 0),
     ("2024-05-01", 0)],
)  # fmt: skip
def test_a_month_counts_in_the_periods_that_hold_it_whole(
    tmp_path: Path, period: str, value: int
) -> None:
    """No week and no day holds a month."""
    assert sums(tmp_path, ["Апрель 2024", "Май 2024", "Июнь 2024"], period=period) == value


def test_a_month_and_a_year_in_two_columns_are_a_month(tmp_path: Path) -> None:
    """They are joined like a date and a time; names and numbers of months are both understood."""
    plan = """
        sources: {s: {type: csv, o: {path: o.csv, fields: {m: {column: [Месяц, Год], type: month}}}}}
        kpis: {v: {from: o, sum: amt, when: m, by: who}}
    """
    lines = "Месяц;Год;who;amt\nМай;2024;Анна;1\n5;2024;Анна;2\nИюнь;2024;Анна;4\n"
    assert compute(tmp_path, plan, {"o.csv": lines}).of("v")["Анна"] == 3


def test_a_workbook_mixes_days_moments_and_texts(tmp_path: Path) -> None:
    """Real dates, dates with times and dates as text in one column are all read."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["d", "who", "amt"])
    for index, cell in enumerate(
        [datetime(2024, 5, 1), datetime(2024, 5, 31, 23, 30), "2 мая 2024 г.", "2024-06-01"]  # noqa: DTZ001
    ):
        sheet.append([cell, "Анна", 2**index])
    raw = io.BytesIO()
    book.save(raw)
    plan = """
        sources: {s: {type: csv, o: o.xlsx}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    assert compute(tmp_path, plan, {"o.xlsx": raw.getvalue()}).of("v")["Анна"] == 7


def test_cells_that_mean_nothing_do_not_decide_a_type(tmp_path: Path) -> None:
    """With `empty` half of a column may be dashes: the rest says what it holds."""
    plan = """
        sources: {s: {type: csv, o: {path: o.csv, empty: ["--", n/a]}}}
        kpis: {v: {from: o, sum: amt, when: d, by: who}}
    """
    lines = "d;who;amt\n01.05.2024;Анна;1\nn/a;Анна;2\n02.05.2024;Анна;--\n--;Анна;n/a\n"
    assert compute(tmp_path, plan, {"o.csv": lines}).of("v")["Анна"] == 1


def test_dates_of_employees_are_read_like_all_others(tmp_path: Path) -> None:
    """Hired on 14/05/2024, left on 4 июня 2024 г.: an employee of May."""
    plan = """
        sources: {s: {type: csv, o: {path: o.csv, fields: {owner: {column: who, type: person}}}, employees: e.csv}}
        kpis: {v: {from: o, sum: amt, when: d}}
        scorecards: {c: {kpis: {v: {weight: 100, target: 1}}}}
    """
    files = {
        "o.csv": "d;who;amt\n20.05.2024;Анна Рей;1\n",
        "e.csv": "id;name;hired;left\n1;Анна Рей;14/05/2024;4 июня 2024 г.\n2;Борис Лунд;03/06/2024;\n",
    }
    path = write(tmp_path, plan, files)
    assert path.exists()
    assert [row.name for row in compute(tmp_path, plan, files).card.rows] == ["Анна Рей"]
