"""Exact, or refused: no number of a file is rounded unasked."""

from __future__ import annotations

import io
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from statistics import median

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from plans import compute, refused

PLAN = """\
kpictl: 1
sources:
  shop: {type: csv, orders: {path: FILE, fields: {amount: COLUMN}}}
kpis:
  s: {from: orders, sum: amount, when: closed, by: who}
scorecards:
  team: {kpis: {s: {weight: 100, target: 1/month}}}
"""
STRICT = PLAN.replace("COLUMN", "{column: amount, type: number}")


def table(cells: list[str], delimiter: str = ",") -> str:
    lines = (delimiter.join(("2024-05-01", "A", cell)) for cell in cells)
    return "\n".join((delimiter.join(("closed", "who", "amount")), *lines, ""))


def total(folder: Path, plan: str, files: dict[str, str | bytes]) -> Decimal:
    value = compute(folder, plan, files).of("s")["A"]
    assert isinstance(value, Decimal)
    return value


numbers = st.builds(
    lambda sign, whole, digits: f"{sign}{whole}" + (f".{digits}" if digits else ""),
    st.sampled_from(("", "-")),
    st.integers(0, 10**6),
    st.text("0123456789", max_size=20) | st.text("09", max_size=20),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=st.lists(numbers, min_size=1, max_size=3), comma=st.booleans())
def test_a_sum_is_the_fractions_or_a_cell_is_refused(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], comma: bool
) -> None:
    """Numbers of up to 20 decimals add up exactly, or the file is refused for one that cannot."""
    folder = tmp_path_factory.mktemp("exact")
    plan = STRICT.replace("FILE", "o.csv")
    fine = [c for c in cells if c.partition(".")[2][10:].strip("0")]
    text = table([c.replace(".", ",") if comma else c for c in cells], ";" if comma else ",")
    plan = plan.replace("type: csv,", f'type: csv, decimal: "{"," if comma else "."}",')
    if fine:
        codes = {p.code for p in refused(folder, plan, {"o.csv": text})}
        assert codes == {"source.too_fine"}
    else:
        assert Fraction(total(folder, plan, {"o.csv": text})) == sum(map(Fraction, cells))


VERBS = """\
kpictl: 1
sources:
  shop:
    type: csv
    on_bad_value: BAD
    orders: {path: FILE, fields: {a: {column: a, type: number}, b: {column: b, type: number}}}
kpis:
  s: {from: orders, sum: a, when: closed, by: who}
  avg: {from: orders, average: a, when: closed, by: who}
  mid: {from: orders, median: a, when: closed, by: who}
  top: {from: orders, max: a, when: closed, by: who}
  t: {from: orders, sum: b, when: closed, by: who}
  q: {formula: s / t}
  of: {ratio: {of: s, over: t}}
scorecards:
  team: {kpis: {s: {weight: 100, target: 1/month}, avg: {weight: 0}, mid: {weight: 0}, top: {weight: 0},
                t: {weight: 0}, q: {weight: 0}, of: {weight: 0}}}
"""


def cell(random: Random) -> str:
    """Make a number of up to 20 decimals; most of them have no more than are kept."""
    digits = random.choice((0, 2, 9, 10, 10, 10, 20))
    tail = "".join(random.choices("0123456789", k=min(digits, 10))) + "0" * max(digits - 10, 0)
    if random.random() < 0.03:
        tail = f"{tail:0<10}" + "".join(random.choices("0123456789", k=9)) + "5"
    return (
        f"{random.choice(('', '-'))}{random.randrange(10 ** random.choice((1, 3, 9)))}.{tail or 0}"
    )


def written(number: Fraction | None) -> Decimal | str:
    """Return a number as it leaves kpictl: ten decimals, half away from zero."""
    if number is None:
        return "no_data"
    scaled = (abs(number) * 10**10 + Fraction(1, 2)).__floor__()
    return Decimal(scaled if number >= 0 else -scaled).scaleb(-10)


def by_hand(pairs: list[tuple[str, str]]) -> dict[str, Decimal | str]:
    """Work out the KPIs of one person by fractions, of the cells that can be kept."""
    left, right = (
        [Fraction(c) for c in column if not is_fine(c)] for column in zip(*pairs, strict=True)
    )
    total, below = sum(left, Fraction(0)), sum(right, Fraction(0))
    found: dict[str, Fraction | None] = {"s": total, "t": below}
    found["avg"] = total / len(left) if left else None
    found["mid"] = Fraction(median(left)) if left else None
    found["top"] = max(left, default=None)
    found["q"] = found["of"] = total / below if below else None
    return {kpi: written(number) for kpi, number in found.items()}


def is_fine(text: str) -> bool:
    return bool(text.partition(".")[2][10:].strip("0"))


@settings(
    max_examples=3,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32), form=st.sampled_from(("csv", "comma", "xlsx")))
def test_every_verb_is_the_fractions(
    tmp_path_factory: pytest.TempPathFactory, seed: int, form: str
) -> None:
    """Sums, averages, medians and quotients over numbers of up to 20 decimals are those of fractions;
    each cell of more than ten is counted out, and refused where nobody says to skip it."""
    folder, random = tmp_path_factory.mktemp("verbs"), Random(seed)  # noqa: S311
    people = {
        f"P{n}": [(cell(random), cell(random)) for _ in range(random.randint(1, 9))]
        for n in range(30)
    }
    rows = [("2024-05-01", who, *pair) for who, pairs in people.items() for pair in pairs]
    name = "o.xlsx" if form == "xlsx" else "o.csv"
    plan = VERBS.replace("FILE", name).replace(
        "shop:", f"shop:\n    decimal: '{',' if form == 'comma' else '.'}'"
    )
    files = {name: as_file([("closed", "who", "a", "b"), *rows], form)}
    found = compute(folder, plan.replace("BAD", "skip"), files)
    assert found.figures == {who: by_hand(pairs) for who, pairs in people.items()}
    fine = sum(is_fine(c) for row in rows for c in row[2:])
    if fine:
        assert {p.code for p in refused(folder, plan.replace("BAD", "error"), files)} <= {
            "source.too_fine",
            "source.more_bad_values",
        }


def as_file(rows: list[tuple[str, ...]], form: str) -> bytes:
    """Write rows of texts as a file; in a workbook they are cells of text."""
    if form == "xlsx":
        made = io.BytesIO()
        with Workbook(made) as book:
            sheet = book.add_worksheet()
            for line, row in enumerate(rows):
                for column, text in enumerate(row):
                    sheet.write_string(line, column, text)
        return made.getvalue()
    lines = [",".join(row) for row in rows]
    if form == "comma":
        lines = [line.replace(",", ";").replace(".", ",") for line in lines]
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize(
    "cell",
    ["0.12345678905", "1,000.12345678905", "(0.00000000001)", "$5.123456789012", "1.00000000001%"],
)
def test_a_finer_number_is_refused_with_its_place_and_a_cure(tmp_path: Path, cell: str) -> None:
    """However a number is dressed, more than ten decimals are a mistake with line and column."""
    (found,) = refused(tmp_path, STRICT.replace("FILE", "o.csv"), {"o.csv": table([f'"{cell}"'])})
    assert (found.code, str(found.place)) == ("source.too_fine", "o.csv:2:3")


def test_a_number_of_too_many_digits_is_refused(tmp_path: Path) -> None:
    """28 digits stand before the point; a cell of 29 is shown with its place."""
    plan = STRICT.replace("FILE", "o.csv")
    assert total(tmp_path, plan, {"o.csv": table(["9" * 28])}) == Decimal("9" * 28)
    (found,) = refused(tmp_path, plan, {"o.csv": table(["9" * 29])})
    assert (found.code, str(found.place)) == ("source.bad_value", "o.csv:2:3")


@pytest.mark.parametrize("column", ["amount", "{column: amount, type: money}"])
def test_an_undeclared_column_of_fine_numbers_is_no_text(tmp_path: Path, column: str) -> None:
    """A column that is all fine numbers is still one of numbers, and each of its cells refused."""
    plan = PLAN.replace("COLUMN", column).replace("FILE", "o.csv")
    found = refused(tmp_path, plan, {"o.csv": table(["0.30000000000000004", "0.12345678905"])})
    assert [p.code for p in found] == ["source.too_fine"] * 2


@pytest.mark.parametrize(
    ("cell", "places", "value"),
    [
        ("0.0049999999999999", 2, "0"),
        ("0.005", 2, "0.01"),
        ("-0.005", 2, "-0.01"),
        ("2.5", 0, "3"),
        ("0.12345678905", 10, "0.1234567891"),
        ("0.30000000000000004", 10, "0.3"),
        ("12345678901234567890.123456789012345", 3, "12345678901234567890.123"),
        ("1 234.5678", 1, "1234.6"),
    ],
)
def test_decimals_round_once_while_reading(
    tmp_path: Path, cell: str, places: int, value: str
) -> None:
    """`decimals: N` rounds a text itself, half away from zero, not what was rounded before."""
    column = f"{{column: amount, type: number, decimals: {places}}}"
    plan = PLAN.replace("COLUMN", column).replace("FILE", "o.csv")
    assert total(tmp_path, plan, {"o.csv": table([cell])}) == Decimal(value)


def test_zeros_behind_the_tenth_decimal_say_nothing(tmp_path: Path) -> None:
    """`0.10000000000000` is a tenth."""
    plan = STRICT.replace("FILE", "o.csv")
    assert total(tmp_path, plan, {"o.csv": table(["0.10000000000000"] * 3)}) == Decimal("0.3")


def test_a_bad_number_of_places_is_a_mistake_of_the_plan(tmp_path: Path) -> None:
    """There are 0 to 10 places."""
    for places in ("11", "-1", "2.5", "many"):
        column = f"{{column: amount, decimals: {places}}}"
        plan = PLAN.replace("COLUMN", column).replace("FILE", "o.csv")
        (found,) = refused(tmp_path, plan, {"o.csv": table(["1"])})
        assert found.code in ("plan.places", "plan.number")


def test_a_finer_number_may_be_skipped(tmp_path: Path) -> None:
    """`on_bad_value: skip` leaves a number out that cannot be kept, and lists it."""
    plan = STRICT.replace("FILE", "o.csv").replace("type: csv,", "type: csv, on_bad_value: skip,")
    found = compute(tmp_path, plan, {"o.csv": table(["0.12345678905", "2"])})
    assert found.of("s")["A"] == 2
    assert found.said("source.skipped_value").data["value"] == "0.12345678905"


def test_a_number_of_a_workbook_is_what_the_workbook_shows(tmp_path: Path) -> None:
    """The binary fraction of a workbook's cell is read to fifteen digits and ten decimals."""
    path = tmp_path / "o.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["closed", "who", "amount"])
        for row, number in enumerate((0.1 + 0.2, 1.1 * 3, 1e-12, 33.333333333333336), start=1):
            sheet.write_row(row, 0, ["2024-05-01", "A", number])
    plan = STRICT.replace("FILE", "o.xlsx")
    assert total(tmp_path, plan, {}) == Decimal("0.3") + Decimal("3.3") + Decimal("33.3333333333")
