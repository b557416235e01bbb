"""Numbers as people write them: which of comma and point is the decimal sign, and what groups."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.sources import numbers
from plans import compute, refused

D = Decimal

PLAN = """\
kpictl: 1
sources: {{s: {{type: csv, o: {{path: {path}, fields: {{d: {{column: d, type: date}}, x: {{column: x, type: money}}}}{options}}}}}}}
kpis: {{x: {{from: o, sum: x, when: d, by: who}}}}
"""


def amounts(folder: Path, cells: list[str], options: str = "", delimiter: str = ";") -> Any:
    """Compute a column of amounts, a person a line; the result has `figures` and `codes`."""
    rows = [
        delimiter.join((f"2024-05-{day:02}", f"p{day:02}", f'"{cell}"'))
        for day, cell in enumerate(cells, 1)
    ]
    text = "\n".join((delimiter.join(("d", "who", "x")), *rows, ""))
    plan = PLAN.format(path="o.csv", options=options and f", {options}")
    return compute(folder, plan, {"o.csv": text})


def values(computed: Any) -> list[Any]:
    return list(dict(sorted(computed.of("x").items())).values())


@pytest.mark.parametrize(
    ("cells", "expected", "options", "delimiter"),
    [
        (["12.500 €", "8.150,50 €", "21.000 €"], ["12500", "8150.5", "21000"], "", ";"),
        (["12.500", "7"], ["12500", "7"], 'decimal: ","', ";"),
        (["12.500", "7"], ["12.5", "7"], 'decimal: "."', ";"),
        (["12.500", "1.250.000"], ["12500", "1250000"], "", ","),
        (["12.500", "0,5"], ["12500", "0.5"], "", ","),
        (["12.500", "-3,25"], ["12500", "-3.25"], "", "\t"),
        (["12,500", "8,150.50", "21,000"], ["12500", "8150.5", "21000"], "", ";"),
        (["12,500", "0.5"], ["12500", "0.5"], "", ";"),
        (["12,500", "7.25 $"], ["12500", "7.25"], "", ";"),
        (["12.500", "0.125"], ["12.5", "0.125"], "", ";"),
        (["1.234", "1234.567"], ["1.234", "1234.567"], "", ";"),
        (["12,500", "1 234,567"], ["12.5", "1234.567"], "", ","),
        (["1'234.50", "12,34,567.00"], ["1234.5", "1234567"], "", ","),
    ],
)
def test_any_cell_of_a_column_shows_its_decimal_sign(
    tmp_path: Path, cells: list[str], expected: list[str], options: str, delimiter: str
) -> None:
    """A column is read in one way, which the plan or any of its cells shows; nothing is warned of."""
    found = amounts(tmp_path, cells, options, delimiter)
    assert values(found) == [D(e) for e in expected]
    assert "source.decimal_sign" not in found.codes


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected", "read", "sign"),
    [
        (["7", "1.234"], ";", ["7", "1234"], "1234", ","),
        (["1.234 €", "2.500 €"], ",", ["1.234", "2.5"], "1.234", "."),
        (["1,234"], ",", ["1234"], "1234", "."),
        (["1,234"], ";", ["1.234"], "1.234", ","),
    ],
)
def test_where_nothing_decides_a_warning_names_the_reading(
    tmp_path: Path, cells: list[str], delimiter: str, expected: list[str], read: str, sign: str
) -> None:
    """Where all cells have two readings, the warning names the one taken, a cell and the key."""
    found = amounts(tmp_path, cells, delimiter=delimiter)
    assert values(found) == [D(e) for e in expected]
    warning = found.said("source.decimal_sign")
    assert (warning.level, warning.data["read"], warning.data["sign"]) == ("warning", read, sign)
    assert (warning.place.file, warning.place.line > 1, warning.place.column) == ("o.csv", True, 3)


def test_a_line_of_another_period_shows_the_sign_too(tmp_path: Path) -> None:
    """The reading of a column does not change with the period that is asked for."""
    plan = PLAN.format(path="o.csv", options="")
    for other in ("0,75", "1.000.000"):
        text = f'd,who,x\n2024-05-01,Ann,12.500\n2023-01-01,Ann,"{other}"\n'
        assert compute(tmp_path, plan, {"o.csv": text}).of("x") == {"Ann": D(12500)}
    text = "d;who;x\n2024-05-01;Ann;12.500\n2023-01-01;Ann;0.75\n"
    found = compute(tmp_path, plan, {"o.csv": text})
    assert found.of("x") == {"Ann": D("12.5")}
    assert "source.decimal_sign" not in found.codes


def test_all_files_of_an_entity_show_the_sign(tmp_path: Path) -> None:
    """A file whose cells show nothing is read as the others are; one that shows its own, by it."""
    plan = PLAN.format(path='"o*.csv"', options="")
    head = "d;who;x\n"
    files = {
        "o1.csv": f"{head}2024-05-01;Ann;12.500\n",
        "o2.csv": f"{head}2024-05-02;Ben;0.75\n",
    }
    found = compute(tmp_path, plan, files)
    assert found.of("x") == {"Ann": D("12.5"), "Ben": D("0.75")}
    assert "source.decimal_sign" not in found.codes
    files["o3.csv"] = f"{head}2024-05-03;Cid;3.000,5\n"
    found = compute(tmp_path, plan, files)
    assert found.of("x")["Cid"] == D("3000.5")
    assert found.said("source.decimal_sign").data["file"] == "o1.csv"


def test_numbers_of_a_workbook_stand_beside_its_texts(tmp_path: Path) -> None:
    """A number cell is what it is, three decimals and all; a text cell is read as texts show."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        rows: list[list[object]] = [
            ["d", "who", "x"],
            ["2024-05-01", "a", 1.234],
            ["2024-05-02", "b", "12.500 €"],
            ["2024-05-03", "c", "8.150,50 €"],
            ["2024-05-04", "d", 12.5],
            ["2024-05-05", "e", 123456789012345678],
        ]
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    plan = PLAN.format(path="o.xlsx", options="")
    found = compute(tmp_path, plan, {"o.xlsx": out.getvalue()})
    expected = ["1.234", "12500", "8150.5", "12.5", "123456789012345680"]
    assert values(found)[:4] == [D(e) for e in expected[:4]]
    assert abs(values(found)[4] - D(expected[4])) < 1000
    assert "source.decimal_sign" not in found.codes


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("US$ 12", "12"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("5-", "-5"),
        ("5,25- €", "-5.25"),
        ("5 € -", "-5"),
        ("–7", "-7"),
        ("(1 200,50 ₽)", "-1200.5"),
        ("(7) ₽", "-7"),
        ("CHF 1'250", "1250"),
        ("chf 7", "7"),
        ("1’234’567,5 zł", "1234567.5"),
        ("12 500 тенге", "12500"),
        ("300 грн.", "300"),
        ("1200р.", "1200"),
        ("₴ 5", "5"),
        ("5 %", "5"),
        ("1\u2007200", "1200"),
        ("5--", None),
        ("-5-", None),
        ("12 5", None),
        ("1e5", None),
        ("1.23.4", None),
        ("0.123.456", None),
        ("XYZ 5", None),
    ],
)
def test_signs_of_currency_and_minus(cell: str, value: str | None) -> None:
    """Both readers take signs and codes of currencies at either end and every form of a minus."""
    expected = None if value is None else D(value)
    assert numbers.read(cell, ",") == expected
    assert in_duckdb(cell, ",") == expected


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("12.-", "12", "12"),
        ("Fr. 5.-", "5", "5"),
        ("1'250.—", "1250", "1250"),
        ("(5.-)", "-5", "-5"),
        ("-5.- CHF", "-5", "-5"),
        ("12,-", None, "12"),
        ("12.500,- €", None, "12500"),
        ("12,500.--", "12500", None),
        ("12.50-", "-12.5", "-12.5"),
        (".-", None, None),
        ("5,-,-", None, None),
    ],
)
def test_a_dash_for_no_cents_is_no_minus(cell: str, point: str | None, comma: str | None) -> None:
    """`12.-` is twelve francs and not minus twelve; which sign stands before the dash is shown."""
    for sign, value in ((".", point), (",", comma)):
        expected = None if value is None else D(value)
        assert numbers.read(cell, sign) == expected
        assert in_duckdb(cell, sign) == expected


def test_prices_without_cents_are_added_up(tmp_path: Path) -> None:
    """A column of prices as shops write them: no price lowers the sum."""
    lines = "d;who;x\n2024-05-01;a;12.500,- €\n2024-05-02;b;8.150,50 €\n2024-05-03;c;3,-\n"
    found = compute(tmp_path, PLAN.format(path="o.csv", options=""), {"o.csv": lines})
    assert values(found) == [D(12500), D("8150.5"), D(3)]


def in_duckdb(cell: str, sign: str) -> Decimal | None:
    """Return what DuckDB's reader makes of a cell."""
    row = _DUCK.execute(
        f"SELECT {numbers.number_sql('x', sign)} FROM (SELECT ? AS x)", [cell]
    ).fetchone()
    assert row is not None
    found: Decimal | None = row[0]
    return found


_DUCK = duckdb.connect()

NUMBERS = st.decimals(-(10**12), 10**12, places=3, allow_nan=False, allow_infinity=False)
GROUPS = {",": ["", ".", " ", "\u00a0", "'", "’"], ".": ["", ",", " ", "\u202f", "'"]}


@st.composite
def written(draw: st.DrawFn) -> tuple[Decimal, str, str]:
    """A number, the way in which somebody has written it, and its decimal sign."""
    value, sign = draw(NUMBERS), draw(st.sampled_from(",."))
    places = draw(st.integers(0, 3))
    value = round(value, places)
    whole, _, part = f"{abs(value):,.{places}f}".partition(".")
    group = draw(st.sampled_from(GROUPS[sign]))
    text = whole.replace(",", group) + (sign + part if part else "")
    if draw(st.booleans()):
        money = draw(st.sampled_from(["€", "₽", "руб.", "USD", "CHF", "%", "$"]))
        text = draw(st.sampled_from([f"{text} {money}", f"{money}{text}", f"{text}{money}"]))
    if value < 0:
        form = draw(st.sampled_from(["-{}", "−{}", "({})", "- {}", "{}-"]))
        text = form.format(text)
    return value, text, sign


@given(written())
def test_a_number_is_read_back_as_it_was_written(case: tuple[Decimal, str, str]) -> None:
    """Whatever groups, signs and minus somebody writes, both readers give the very number."""
    value, text, sign = case
    # A point that groups nothing has one reading; three digits behind it are a group to a comma.
    assert numbers.read(text, sign) == value
    assert in_duckdb(text, sign) == value


@given(st.text("0123456789.,-+( )'€e\u00a0—", max_size=12), st.sampled_from(",."))
def test_the_two_readers_agree(text: str, sign: str) -> None:
    """What one reader refuses the other refuses, and neither sees another number."""
    cell = text.strip()
    if cell:
        assert numbers.read(cell, sign) == in_duckdb(cell, sign)


@pytest.mark.parametrize(
    ("rows", "expected", "warned"),
    [
        (["12.500", "8.150,50"], "12500", False),
        (["12.500", "700"], "12500", True),
        (["12500", "700"], "12500", False),
    ],
)
def test_targets_are_read_by_their_column(
    tmp_path: Path, rows: list[str], expected: str, *, warned: bool
) -> None:
    """The column of a target file is read as a whole as well, and in doubt that is said."""
    plan = (
        PLAN.format(path="o.csv", options="")
        + "scorecards: {all: {kpis: {x: {weight: 100}}}}\ntargets: {file: targets.csv}\n"
    )
    lines = [f"{who};x;2024-05;{cell}" for who, cell in zip(("Ann", "Ben"), rows, strict=True)]
    files = {
        "o.csv": "d;who;x\n2024-05-01;Ann;1\n2024-05-02;Ben;1\n",
        "targets.csv": "\n".join(("employee;kpi;period;target", *lines, "")),
    }
    found = compute(tmp_path, plan, files)
    target = found.score("Ann", "x").target
    assert target is not None
    assert target.value == D(expected)
    assert ("layout.decimal_sign" in found.codes) is warned


def test_check_warns_of_the_reading_too(tmp_path: Path) -> None:
    """Who checks a plan hears of a doubtful reading before any figure is made of it."""
    (tmp_path / "kpi.yaml").write_text(PLAN.format(path="o.csv", options=""), "utf-8")
    (tmp_path / "o.csv").write_text("d;who;x\n2024-05-01;Ann;1.234\n", "utf-8")
    result = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "kpi.yaml")])
    assert result.exit_code == 0
    assert "1.234" in result.output


@pytest.mark.parametrize(
    "kpi",
    [
        "{from: o, sum: qty, when: d, by: who}",
        "{from: o, sum: qty * 2, when: d, by: who}",
        "{from: o, count: rows, when: d, by: who, where: qty > 3}",
        "{from: o, count: rows, when: d, by: who, where: qty between 3 and 9}",
        "{from: o, count: rows, when: d, by: who, where: 3 <= qty}",
    ],
)
def test_a_cell_shows_why_a_column_is_no_number(kpi: str, tmp_path: Path) -> None:
    """As texts 100 stands before 3, so order is never asked of texts against a number: the mistake
    names the first cell that is none, and its place."""
    plan = f"""
        sources: {{s: {{type: csv, o: o.csv}}}}
        kpis:
          v: {kpi}
    """
    lines = "d;who;qty\n01.05.2024;Анна;100\n02.05.2024;Анна;12 шт\n"
    (problem,) = refused(tmp_path, plan, {"o.csv": lines})
    assert problem.code == "expr.cell_not_a_number"
    assert (problem.data["value"], str(problem.data["file"])) == ("12 шт", "o.csv:3:3")


def test_a_code_may_be_written_as_a_number_where_it_is_the_same_or_not(tmp_path: Path) -> None:
    """`stage = 5` means the code 5, which an export writes as a text."""
    plan = """
        sources: {s: {type: csv, o: o.csv}}
        kpis: {v: {from: o, count: rows, when: d, by: who, where: "code = 5 or code in (7, 8)"}}
    """
    lines = "d;who;code\n01.05.2024;Анна;5\n02.05.2024;Анна;7\n03.05.2024;Анна;X1\n"
    assert compute(tmp_path, plan, {"o.csv": lines}, period="2024-05").of("v")["Анна"] == 2
