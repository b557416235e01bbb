"""The file that accounting imports: the columns that the plan maps, or each step in one.

Numbers are numbers, without spaces and signs of a currency; there is no line with a total unless
the plan asks for it, since an import would take it for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kpictl.report.csv import Sheet, written
from kpictl.report.format import Numbers, clean, day, period_words
from kpictl.report.pay.explained import adjustment
from kpictl.report.pay.rows import exact
from kpictl.report.pay.sheet import fill
from kpictl.report.pay.steps_table import SUM, Cell, Column, Key, Shape, StepsTable, table
from kpictl.report.pay.texts import PayTexts
from kpictl.report.phrases import SHA_SHOWN
from kpictl.report.workbook import Book
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.payroll import Payroll, PayrollColumn, PayrollRow
    from kpictl.report import Options
    from kpictl.values import PayLine

FORMS = ("csv", "xlsx")
_MONEY = ("payout", "part.")


def render(payroll: Payroll, form: str, options: Options) -> bytes:
    """Return the file in one of `FORMS`."""
    numbers = Numbers.of(payroll.results, options.lang)
    shown = _mapped(payroll, numbers) if payroll.columns else _steps(payroll, numbers)
    if form == "xlsx":
        book = Book.about(payroll.results, numbers)
        sheet = book.sheet(book.reserve(say(numbers.lang, "payroll.sheet")))
        fill(book, sheet, shown, total=payroll.total)
        return book.bytes()
    lines = list(_lines(shown))
    if payroll.total:
        cells: dict[int, Any] = {0: say(numbers.lang, "report.total")}
        cells |= {n: shown.total for n, one in enumerate(shown.columns) if one.key == SUM}
        lines.append([cells.get(n) for n in range(len(shown.columns))])
    by_name = not payroll.columns and not options.excel
    heads = [column.name if by_name else column.caption for column in shown.columns]
    return written(Sheet(heads, lines), numbers, excel=options.excel)


def _lines(shown: StepsTable) -> Iterator[list[Any]]:
    for row in shown.rows:
        yield [row[c.key].value if c.key in row else None for c in shown.columns]


def _steps(payroll: Payroll, numbers: Numbers) -> StepsTable:
    lines: list[PayLine] = []
    for row in payroll.rows:
        lines += [row.line] if row.line not in lines[-1:] else []
    return table(payroll.results, numbers, lines)


def _mapped(payroll: Payroll, numbers: Numbers) -> StepsTable:
    texts = PayTexts(numbers, payroll.results.columns)
    columns = tuple(
        Column(_key(one, place), one.caption, one.caption, _shape(payroll, place))
        for place, one in enumerate(payroll.columns)
    )
    rows = []
    for row in payroll.rows:
        cells = (
            _value(payroll, row, (one.name or "", figure), texts)
            for one, figure in zip(payroll.columns, row.figures, strict=True)
        )
        keyed = zip((column.key for column in columns), cells, strict=True)
        rows.append({key: Cell(value) for key, value in keyed})
    return StepsTable(columns, tuple(rows))


def _key(column: PayrollColumn, place: int) -> Key:
    return SUM if column.name == "payout" else (str(place), column.caption)


def _shape(payroll: Payroll, place: int) -> Shape:
    """Return how a column is shown: as what its figures are."""
    name = payroll.columns[place].name or ""
    figures = [row.figures[place] for row in payroll.rows if row.figures[place] is not None]
    if name.startswith(_MONEY):
        return "money"
    if figures and all(isinstance(one, date) for one in figures):
        return "day"
    return "number" if figures and all(_is_number(one) for one in figures) else "text"


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | Fraction | int) and not isinstance(value, bool)


def _value(payroll: Payroll, row: PayrollRow, named: tuple[str, Any], texts: PayTexts) -> Any:
    """Return a figure as it is written; kinds and grounds in words."""
    name, value = named
    if name == "kind":
        return texts.say(f"pay.kind.{row.entry.kind}")
    if name == "ground":
        return _ground(payroll, row, texts)
    return exact(value) if isinstance(value, Fraction) else value


def _ground(payroll: Payroll, row: PayrollRow, texts: PayTexts) -> str:
    """Return by what an amount is paid: the computation of a period by a plan, or an adjustment
    with its reason and author."""
    results = payroll.results
    if row.entry.adjustment is not None:
        return adjustment(row.entry.adjustment, texts)
    period = period_words(results.period, texts.lang)
    plan = f"{clean(results.plan_file)} {results.plan_sha256[:SHA_SHOWN]}"
    as_of = day(results.as_of_day, texts.lang)
    return texts.say("payroll.ground", period=period, plan=plan, as_of=as_of)
