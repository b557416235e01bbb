"""Manual KPIs: numbers that people type, with who may, by when, and why they were changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as compute_of
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.measure.query import whole_months
from kpictl.report.evidence import render_csv
from kpictl.report.explanation import Look, render
from kpictl.values import EngineName
from kpictl.words import LANGUAGES
from plans import LATER, compute, refused, write

D = Decimal
ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
STAFF = "id,name,department\n1,Ann Roe,East\n2,Ben Ito,West\n3,Carl Nov,West\n"
HEAD = "employee,kpi,period,value,author,date,reason\n"
MARKS = f"""\
{HEAD}Ann Roe,quality,2024-04,3,Ira Head,2024-05-02,
Ann Roe,quality,2024-05,4,Ira Head,2024-06-03,
1,Quality of work,05.2024,4.5,Ira Head,2024-06-04,a slip
Ben Ito,quality,May 2024,3,Ira Head,2024-06-10,
Ben Ito,nps,2024-Q2,41,survey,2024-07-02,
Carl Nov,quality,2024-05,,Ira Head,2024-06-03,
"""
FILES = {"e.csv": STAFF, "m.csv": MARKS}
PLAN = """
    sources: {s: {type: csv, employees: e.csv}}
    kpis:
      quality: {manual: m.csv, label: Quality of work, authors: [Ira Head], due: 5}
      nps: {manual: m.csv, every: quarter}
    scorecards:
      all: {kpis: {quality: {weight: 60, target: 5}, nps: {weight: 40, target: 50}},
            min_coverage: 0}
"""
NOTHING = "no_data"


def with_lines(*lines: str, head: str = HEAD) -> dict[str, str]:
    return {**FILES, "m.csv": head + "\n".join(lines) + "\n"}


def test_the_last_value_of_a_month_holds_and_what_nobody_typed_is_no_data(tmp_path: Path) -> None:
    """A corrected mark counts once, as it was corrected; an empty cell is no mark, and never 0."""
    found = compute(tmp_path, PLAN, FILES)
    assert found.of("quality") == {"Ann Roe": D("4.5"), "Ben Ito": 3, "Carl Nov": NOTHING}
    assert found.total["quality"] == D("3.75")
    ann, carl = (found.score(name, "quality").fact for name in ("Ann Roe", "Carl Nov"))
    assert (ann.n, ann.parts) == (1, (Fraction("4.5"), Fraction(1)))
    assert (carl.n, carl.parts) == (0, (Fraction(0), Fraction(0)))


def test_months_make_a_quarter_by_their_mean_and_a_quarter_makes_no_month(tmp_path: Path) -> None:
    """A quarter has the mean of its months; what is typed of a quarter is there in the quarter and
    the year, and its months have none, which is said."""
    quarter = compute(tmp_path, PLAN, FILES, period="2024-Q2")
    assert quarter.of("quality") == {"Ann Roe": D("3.75"), "Ben Ito": 3, "Carl Nov": NOTHING}
    assert quarter.of("nps") == {"Ann Roe": NOTHING, "Ben Ito": 41, "Carl Nov": NOTHING}
    assert quarter.total["quality"] == D("3.5")  # of three values, whoever has them
    assert compute(tmp_path, PLAN, FILES, period="2024").of("nps")["Ben Ito"] == 41
    may = compute(tmp_path, PLAN, FILES)
    assert set(may.of("nps").values()) == {NOTHING}
    assert may.said("complete.cut_spans").data["kpis"] == "nps"
    assert "complete.cut_spans" not in quarter.codes


@pytest.mark.parametrize(
    ("text", "each", "months"),
    [
        ("2024-05", 3, None),
        ("2024-Q2", 3, ("2024-04-01", "2024-07-01")),
        ("2024-02-01..2024-07-31", 3, ("2024-04-01", "2024-07-01")),
        ("2024-02-15..2024-12-30", 6, None),
        ("2024", 6, ("2024-01-01", "2025-01-01")),
        ("2023-11-01..2025-02-28", 12, ("2024-01-01", "2025-01-01")),
    ],
)
def test_a_period_holds_the_quarters_and_years_that_lie_in_it_whole(
    text: str, each: int, months: tuple[str, str] | None
) -> None:
    """Quarters, halves and years begin where those of the calendar do."""
    start, end = whole_months(periods.parse(text, as_of=LATER, zone=UTC), each)  # type: ignore[arg-type]
    assert (None if start >= end else (str(start), str(end))) == months


def test_a_month_of_which_nobody_typed_anything_is_said(tmp_path: Path) -> None:
    """Where there were values before and are none now, somebody forgot: the last ones are named."""
    june = compute(tmp_path, PLAN.replace(", due: 5", ""), FILES, period="2024-06")
    said = june.said("complete.not_typed")
    assert (said.data["kpis"], str(said.data["last"])) == ("Quality of work", "2024-05-01")
    assert "complete.silent" not in june.codes


def test_a_sum_adds_what_is_typed_up(tmp_path: Path) -> None:
    """`together: sum` is a volume: months and people add up, and its target is prorated as one."""
    plan = PLAN.replace("every: quarter", "together: sum").replace("target: 50", "target: 10/month")
    files = with_lines("Ann Roe,nps,2024-04,5,,,", "Ann Roe,nps,2024-05,7,,,", "2,nps,2024-05,1,,,")
    found = compute(tmp_path, plan, files, period="2024-Q2")
    assert found.of("nps") == {"Ann Roe": 12, "Ben Ito": 1, "Carl Nov": NOTHING}
    assert found.total["nps"] == 13
    target = found.score("Ann Roe", "nps").target
    assert target is not None
    assert target.value == 30


def test_the_engines_agree_on_what_is_typed(tmp_path: Path) -> None:
    """The engine in plain Python takes the same values of the same periods."""
    path, found = write(tmp_path, PLAN, FILES), []
    for engine in ENGINES:
        with open_workspace(path, {}) as workspace:
            period = periods.parse("2024-Q2", as_of=LATER, zone=workspace.bound.zone)
            job = ComputeRequest(period, LATER, engine=engine, by_department=True)
            found.append(compute_of(workspace, job))
    assert found[0] == found[1]


def test_a_report_of_an_earlier_moment_has_the_value_of_then(tmp_path: Path) -> None:
    """What was typed after the moment of the report is not there yet: a closed period stays as it
    was, whatever is corrected later."""
    third, fourth = (datetime(2024, 6, day, 20, tzinfo=UTC) for day in (3, 4))
    assert compute(tmp_path, PLAN, FILES, as_of=third).of("quality")["Ann Roe"] == 4
    assert compute(tmp_path, PLAN, FILES, as_of=fourth).of("quality")["Ann Roe"] == D("4.5")


def test_a_late_value_is_said_or_left_out_as_the_plan_says(tmp_path: Path) -> None:
    """Five days after the end are in time to the day; later ones count with a warning, or do not
    where the plan ignores them, and then the value before them holds."""
    on_time = "Carl Nov,quality,2024-05,5,Ira Head,2024-06-05,"
    again = "Carl Nov,quality,2024-05,1,Ira Head,2024-06-06,too harsh"
    files = {**FILES, "m.csv": f"{MARKS}{on_time}\n{again}\n"}
    found = compute(tmp_path, PLAN, files)
    assert found.of("quality") == {"Ann Roe": D("4.5"), "Ben Ito": 3, "Carl Nov": 1}
    assert found.said("manual.late").data["places"] == "m.csv:5:4, m.csv:9:4"
    strict = PLAN.replace("due: 5", "due: 5, late: ignore")
    found = compute(tmp_path, strict, files)
    assert found.of("quality") == {"Ann Roe": D("4.5"), "Ben Ito": NOTHING, "Carl Nov": 5}
    assert found.said("manual.late_ignored").data["count"] == 2
    assert "manual.late_ignored" not in compute(tmp_path, strict, files, period="2024-04").codes


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_shows_each_value_with_who_when_and_why(tmp_path: Path, lang: str) -> None:
    """The value that holds and the one before it stay visible, with author, day and reason, and no
    text of a cell is obeyed."""
    evil = "1,quality,2024-05,4.5,Ira Head,2024-06-04,\x1b[31m=1+1"
    files = {
        **FILES,
        "m.csv": MARKS.replace("1,Quality of work,05.2024,4.5,Ira Head,2024-06-04,a slip", evil),
    }
    path = write(tmp_path, PLAN, files)
    with open_workspace(path, {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        found = explain(workspace, ComputeRequest(may, LATER), ExplainRequest("quality", "Ann Roe"))
    (part,) = found.steps[0].parts
    assert [(one.value, str(one.place)) for one in part.records] == [(D("4.5"), "m.csv:4:4")]
    assert [(one.reason, one.sample[0].value) for one in part.exclusions] == [
        ("replaced", 4),
        ("before", 3),
    ]
    page = render(found, lang, Look(width=200))
    assert "=1+1" in page
    assert "\x1b" not in page
    assert "m.csv:3:4 · 4 · Ira Head" in page
    header, line = render_csv(found, lang).decode().splitlines()
    assert header.endswith(",author,typed,reason")
    assert "Ira Head,2024-06-04," in line


def test_people_and_months_are_whoever_and_whichever_a_line_means(tmp_path: Path) -> None:
    """Two names of one person are one cell: the second value asks for a reason all the same."""
    files = with_lines(
        "Ann Roe,quality,2024-05,4,Ira Head,2024-06-03,",
        "Roe Ann,quality,May 2024,5,Ira Head,2024-06-04,",
    )
    (problem,) = refused(tmp_path, PLAN, files)
    assert (problem.code, str(problem.place)) == ("manual.no_reason", "m.csv:3:7")
    assert problem.data["value"] == "4"


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("Ann Roe,quality,2024-05,good,Ira Head,2024-06-03,", "manual.not_a_number", 4),
        ("Ann Roe,quality,2024-05,0.12345678901,Ira Head,2024-06-03,", "manual.not_a_number", 4),
        ("Ann Roe,quality,spring,4,Ira Head,2024-06-03,", "manual.bad_period", 3),
        ("Ann Roe,quality,,4,Ira Head,2024-06-03,", "manual.bad_period", 3),
        ("Ann Roe,quality,2024-Q2,4,Ira Head,2024-06-03,", "manual.other_length", 3),
        ("Ann Roe,nps,2024-05,4,,,", "manual.other_length", 3),
        ("Ann Roe,quality,2024-05,4,Ira Head,yesterday,", "manual.bad_date", 6),
        ("Ann Roe,quality,2024-05,4,Ira Head,,", "manual.no_date", 6),
        ("Ann Roe,quality,2024-05,4,Ann Roe,2024-06-03,", "manual.author", 5),
        ("Ann Roe,quality,2024-05,4,,2024-06-03,", "manual.no_author", 5),
        (",quality,2024-05,4,Ira Head,2024-06-03,", "manual.no_employee", 1),
    ],
)
def test_what_cannot_be_taken_is_refused_at_its_cell(
    tmp_path: Path, line: str, code: str, column: int
) -> None:
    """Each mistake names its cell; nothing is guessed."""
    (problem,) = refused(tmp_path, PLAN, with_lines(line))
    assert (problem.code, str(problem.place)) == (code, f"m.csv:2:{column}")


def test_a_mistake_of_another_month_stops_only_that(tmp_path: Path) -> None:
    """May is computed although a mark of April is none; `check` names it."""
    files = with_lines(
        "Ann Roe,quality,2024-04,good,Ira Head,2024-05-03,",
        "Ann Roe,quality,2024-05,4,Ira Head,2024-06-03,",
    )
    assert compute(tmp_path, PLAN, files).of("quality")["Ann Roe"] == 4
    refused(tmp_path, PLAN, files, period="2024-04")
    checked = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "kpi.yaml")])
    assert checked.exit_code == 4
    assert "m.csv:2:4" in checked.output


def test_what_the_plan_asks_of_a_file_must_stand_in_it(tmp_path: Path) -> None:
    """Authors ask for a column of authors, a term for one of days, several KPIs for one of KPIs."""
    bare = {**FILES, "m.csv": "employee,period,value\nAnn Roe,2024-05,4\n"}
    problems = refused(tmp_path, PLAN, bare)
    codes = [(p.code, p.data.get("field")) for p in problems]
    assert ("manual.no_kpi_column", None) in codes
    alone = (
        PLAN.replace("      nps: {manual: m.csv, every: quarter}\n", "")
        .replace("weight: 60", "weight: 100")
        .replace(", nps: {weight: 40, target: 50}", "")
    )
    assert {p.data["field"] for p in refused(tmp_path, alone, bare)} == {"author", "date"}
    free = alone.replace(", authors: [Ira Head], due: 5", "")
    assert compute(tmp_path, free, bare).of("quality")["Ann Roe"] == 4


def test_lines_that_nobody_takes_are_said(tmp_path: Path) -> None:
    """A KPI that is not in the plan and an employee who is not in the list are named with their
    cells, and what they were most likely meant to be."""
    files = {
        **FILES,
        "m.csv": MARKS + "Ann Roe,qualty,2024-05,4,x,2024-06-03,\n"
        "Ann Row,quality,2024-05,4,Ira Head,2024-06-03,\n",
    }
    found = compute(tmp_path, PLAN, files)
    assert (str(found.said("manual.unknown_kpi").place)) == "m.csv:8:2"
    nobody = found.said("manual.nobody")
    assert (str(nobody.place), nobody.data["near"]) == ("m.csv:9:1", "Ann Roe")
    assert found.left_out("quality")["unknown_owner"].count == 1


def test_who_was_hired_in_the_month_has_the_mark_of_the_month(tmp_path: Path) -> None:
    """A mark of May belongs to a post that began on the 20th; after a transfer it belongs to the
    post of the first day, and to one alone."""
    staff = (
        "id,name,department,hired,from,to\n1,Ann Roe,East,2024-05-20,2024-05-20,\n"
        "2,Ben Ito,West,2020-01-01,2020-01-01,2024-05-15\n2,Ben Ito,East,2020-01-01,2024-05-16,\n"
    )
    found = compute(tmp_path, PLAN, {**FILES, "e.csv": staff})
    facts = [
        (row.name, row.department, str(row.score("quality").fact.value)) for row in found.card.rows
    ]
    assert ("Ann Roe", "East", "4.5") in facts
    assert sorted(f for f in facts if f[0].startswith("Ben")) == [
        ("Ben Ito", "East", "None"),
        ("Ben Ito", "West", "3"),
    ]


def test_a_workbook_with_russian_captions_and_real_dates(tmp_path: Path) -> None:
    """The form that people fill in: months as dates of a spreadsheet, captions in Russian."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ФИО", "Месяц", "Оценка", "Эксперт", "Дата оценки", "Комментарий"])
    sheet.append(["Ann Roe", date(2024, 5, 1), 4.5, "Ira Head", date(2024, 6, 3), None])
    sheet.append(["Ben Ito", "май 2024", "3,5", "Ira Head", "04.06.2024", None])
    book.save(tmp_path / "m.xlsx")
    plan = """
        sources: {s: {type: csv, employees: e.csv}}
        kpis: {quality: {manual: m.xlsx, authors: [Ira Head], due: 5}}
    """
    found = compute(tmp_path, plan, {"e.csv": STAFF})
    assert found.of("quality") == {"Ann Roe": D("4.5"), "Ben Ito": D("3.5"), "Carl Nov": NOTHING}


def test_other_kpis_are_made_of_typed_ones(tmp_path: Path) -> None:
    """A formula takes a mark as it takes any number, and has none where there is none."""
    plan = PLAN.replace("    scorecards:", "      double: {formula: quality * 2}\n    scorecards:")
    plan = plan.replace("weight: 40, target: 50}", "weight: 40, target: 50}, double: {weight: 0}")
    found = compute(tmp_path, plan, FILES)
    assert found.of("double") == {"Ann Roe": 9, "Ben Ito": 6, "Carl Nov": NOTHING}


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("{manual: m.csv, late: ignore}", "plan.late_alone"),
        ("{manual: no.csv}", "table.missing_near"),
        ("{manual: [m.csv, no.csv]}", "table.missing_near"),
        ("{manual: m.csv, every: week}", "plan.choice"),
        ("{manual: m.csv, due: soon}", "plan.number"),
    ],
)
def test_a_wrong_section_is_refused_at_its_place(tmp_path: Path, spec: str, code: str) -> None:
    """What the plan says of a typed KPI is checked as every other part of it."""
    plan = f"sources: {{s: {{type: csv, employees: e.csv}}}}\nkpis: {{quality: {spec}}}\n"
    (problem,) = refused(tmp_path, plan, FILES)
    assert problem.code == code
    assert "kpi.yaml:4:" in str(problem.place)


# --- forms of files ------------------------------------------------------------------------------

WIDE = """\
    sources: {s: {type: csv, employees: e.csv}}
    kpis:
      quality: {manual: FILE, label: Quality of work}
    scorecards:
      all: {kpis: {quality: {weight: 100, target: 5}}}
"""


def test_a_row_a_person_and_a_column_a_month(tmp_path: Path) -> None:
    """Each filled cell below a month is a value, 0 among them; totals are none, and the line's
    author and day are those of all of its values."""
    marks = (
        "ФИО;Эксперт;Дата оценки;апр 2024;май 2024;Итого\n"
        "Ann Roe;Ira Head;03.06.2024;4;4,5;8,5\nBen Ito;Ira Head;03.06.2024;;0;0\nИтого;;;4;4,5;8,5\n"
    )
    plan = WIDE.replace("FILE", "m.csv, authors: [Ira Head], due: 10")
    found = compute(tmp_path, plan, {"e.csv": STAFF, "m.csv": marks})
    assert found.of("quality") == {"Ann Roe": D("4.5"), "Ben Ito": 0, "Carl Nov": NOTHING}
    assert found.said("layout.columns_left_out").data["names"] == "«Итого»"
    april = compute(tmp_path, plan, {"e.csv": STAFF, "m.csv": marks}, period="2024-04")
    assert april.of("quality") == {"Ann Roe": 4, "Ben Ito": NOTHING, "Carl Nov": NOTHING}
    assert april.said("manual.late").data["places"] == "m.csv:2:4"


def test_a_column_a_kpi_and_a_line_a_month(tmp_path: Path) -> None:
    """Captions that are KPIs say of which each cell is; one file serves several of them."""
    marks = "name,period,Quality of work,nps\nAnn Roe,2024-05,4.5,41\nBen Ito,05.2024,,38\n"
    plan = PLAN.replace(", authors: [Ira Head], due: 5", "").replace(", every: quarter", "")
    found = compute(tmp_path, plan, {"e.csv": STAFF, "m.csv": marks})
    assert found.of("quality") == {"Ann Roe": D("4.5"), "Ben Ito": NOTHING, "Carl Nov": NOTHING}
    assert found.of("nps") == {"Ann Roe": 41, "Ben Ito": 38, "Carl Nov": NOTHING}


def book_of(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
    book = openpyxl.Workbook()
    for number, (name, lines) in enumerate(sheets.items()):
        sheet = book.active if not number else book.create_sheet()
        assert sheet is not None
        sheet.title = name
        for line in lines:
            sheet.append(line)
    book.save(path)


@pytest.mark.parametrize(
    ("sheet", "quality"),
    [
        ("", {"Ann Roe": 5, "Ben Ito": NOTHING, "Carl Nov": NOTHING}),
        (", sheet: West", {"Ann Roe": NOTHING, "Ben Ito": 3, "Carl Nov": 2}),
        (", sheet: '*'", {"Ann Roe": 5, "Ben Ito": 3, "Carl Nov": 2}),
    ],
)
def test_which_sheets_of_a_workbook_are_read(
    tmp_path: Path, sheet: str, quality: dict[str, object]
) -> None:
    """The first one, a named one, or all of them: a sheet a department."""
    head = ["employee", "period", "value"]
    book_of(
        tmp_path / "m.xlsx",
        {
            "East": [head, ["Ann Roe", "2024-05", 5]],
            "West": [head, ["Ben Ito", "2024-05", 3], ["Carl Nov", "2024-05", 2]],
        },
    )
    found = compute(tmp_path, WIDE.replace("FILE", f"m.xlsx{sheet}"), {"e.csv": STAFF})
    assert found.of("quality") == quality


def test_sheets_are_read_that_are_called_like_kpis_or_a_sheet_that_is_not_there_is_said(
    tmp_path: Path,
) -> None:
    """A sheet a KPI needs no column for it; notes on another sheet are left out, and that is said."""
    wide: list[list[object]] = [["name", "May 2024"], ["Ann Roe", 4]]
    book_of(
        tmp_path / "m.xlsx",
        {
            "Notes": [["to do"], ["ask Ira"]],
            "Quality of work": wide,
            "nps": [wide[0], ["Ben Ito", 9]],
        },
    )
    plan = PLAN.replace(", authors: [Ira Head], due: 5", "").replace(", every: quarter", "")
    plan = plan.replace("m.csv", "m.xlsx")
    found = compute(tmp_path, plan, {"e.csv": STAFF})
    assert found.of("quality")["Ann Roe"] == 4
    assert found.of("nps")["Ben Ito"] == 9
    assert found.said("layout.sheets_left_out").data["names"] == "Notes"
    absent = plan.replace("m.xlsx, label", "m.xlsx, sheet: Marks, label")
    (problem,) = refused(tmp_path, absent, {"e.csv": STAFF})
    assert (problem.code, problem.data["sheet"]) == ("table.sheet", "Marks")


def test_what_is_wrong_in_a_wide_form_is_refused_at_its_cell(tmp_path: Path) -> None:
    """A cell that is no number, and a caption that is no month, are named where they stand."""
    plan = WIDE.replace("FILE", "m.csv")
    files = {"e.csv": STAFF, "m.csv": "name,May 2024\nAnn Roe,good\nBen Ito,3\n"}
    (problem,) = refused(tmp_path, plan, files)
    assert (problem.code, str(problem.place)) == ("manual.not_a_number", "m.csv:2:2")
    files["m.csv"] = "name,May 2024,Mya 2024\nAnn Roe,4,5\nBen Ito,3,4\n"
    (problem,) = refused(tmp_path, plan, files)
    assert (problem.code, str(problem.place)) == ("layout.caption_no_period", "m.csv:1:3")


# --- who lacks a value ---------------------------------------------------------------------------


def test_who_lacks_a_value_after_its_term_is_named(tmp_path: Path) -> None:
    """From the day after the last one on, for each month of the period; who was not employed then,
    or away all month, lacks none, and a late value that is ignored is none."""
    staff = (
        "id,name,department,hired\n1,Ann Roe,East,\n2,Ben Ito,West,\n3,Carl Nov,West,\n"
        "4,Dana Oz,West,2024-06-03\n5,Eve Pim,West,\n"
    )
    away = "employee,from,to,kind\nEve Pim,2024-05-01,2024-05-31,vacation\n"
    files = {**FILES, "e.csv": staff, "a.csv": away}
    plan = PLAN + "    absences: {file: a.csv, codes: {vacation: paid_absence}}\n"
    strict = plan.replace("due: 5", "due: 5, late: ignore")
    in_time, over = (datetime(2024, 6, day, 20, tzinfo=UTC) for day in (5, 6))
    assert "complete.not_typed_of" not in compute(tmp_path, plan, files, as_of=in_time).codes
    early = compute(tmp_path, plan, files, as_of=over).said("complete.not_typed_of").data
    assert (early["names"], early["count"], early["of"]) == ("Ben Ito, Carl Nov", 2, 3)
    said = compute(tmp_path, plan, files).said("complete.not_typed_of").data
    assert (said["names"], said["periods"]) == ("Carl Nov", "2024-05")
    ignored = compute(tmp_path, strict, files).said("complete.not_typed_of").data
    assert ignored["names"] == "Ben Ito, Carl Nov"
    quarter = compute(tmp_path, plan, files, period="2024-Q2").said("complete.not_typed_of").data
    assert (quarter["count"], quarter["of"]) == (3 + 1 + 5, 4 + 3 + 5)
    assert quarter["periods"] == "2024-04, 2024-05, 2024-06"


def test_check_names_who_lacks_the_last_value_and_names_are_masked(tmp_path: Path) -> None:
    """`check` looks at the last term that is over; `--mask` names nobody."""
    path = str(write(tmp_path, PLAN, FILES))
    checked = CliRunner().invoke(app, ["check", "--config", path, "--lang", "en"])
    assert checked.exit_code == 0
    assert "3 of 3 values were not typed" in " ".join(checked.output.split())
    masked = CliRunner().invoke(
        app, ["compute", "-c", path, "-p", "2024-05", "--as-of", "2024-08-01", "--mask"]
    )
    assert "не внесено 1 значение" in " ".join(masked.output.split())
    assert "Carl" not in masked.output


def test_to_when_values_reach_is_said_by_the_kpi(tmp_path: Path) -> None:
    """Nobody wrote the name of an entity into the plan: what they wrote is shown."""
    path = str(write(tmp_path, PLAN, FILES))
    shown = CliRunner().invoke(
        app, ["compute", "-c", path, "-p", "2024-05", "--as-of", "2024-08-01"]
    )
    assert "Данные по: nps 02.07.2024, Quality of work 10.06.2024" in shown.output
    assert "manual." not in shown.output
