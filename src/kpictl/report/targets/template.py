"""The file of targets to fill in: a row a person and KPI, a column a month, what is known in it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from kpictl.naming import fold
from kpictl.report.csv import neutral
from kpictl.report.format import clean
from kpictl.report.targets.rows import numbers_of
from kpictl.report.workbook import GREY, HEAD, Book, room, write
from kpictl.values import to_decimal
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetLine, TargetList
    from kpictl.report import Options

CAPTIONS = ("employee", "department", "kpi")
_PLACES = 4
Key = tuple[str, str, str]


class Form(Struct, frozen=True):
    """The rows of the file: employee, department, KPI, and a number or None for each month."""

    captions: tuple[str, ...]
    months: tuple[TargetList, ...]
    rows: tuple[tuple[tuple[str, str, str], tuple[Decimal | None, ...]], ...]


def form_of(months: Sequence[TargetList], lang: str) -> Form:
    """Return the file of some months. Somebody with several posts has one row: their sum."""
    lines = [line for month in months for line in month.lines]
    names, labels = _names(lines), _labels(lines)
    heads: dict[Key, tuple[str, str, str]] = {}
    values: dict[Key, dict[int, Decimal]] = {}
    for number, month in enumerate(months):
        for line in month.lines:
            key = (line.kind, line.id, line.kpi)
            own = (_who(line, names, lang), line.department or "", labels[line.kpi])
            heads.setdefault(key, ("", line.name, own[2]) if line.kind == "department" else own)
            if line.target is not None:
                _add(values.setdefault(key, {}), number, line)
    order = _order(lines)
    rows = [
        (head, tuple(values.get(key, {}).get(n) for n in range(len(months))))
        for key, head in sorted(heads.items(), key=lambda pair: order[pair[0]])
    ]
    captions = tuple(say(lang, f"target_list.template.{name}") for name in CAPTIONS)
    return Form(captions, tuple(months), tuple(rows))


def _order(lines: Sequence[TargetLine]) -> dict[Key, tuple[int, str, str, int]]:
    """Return by what the rows are ordered: the company, departments, people by scorecard and name;
    of each the KPIs as the plan has them."""
    kpis = {kpi: place for place, kpi in enumerate(dict.fromkeys(line.kpi for line in lines))}
    kinds = ("company", "department", "employee")
    found: dict[Key, tuple[int, str, str, int]] = {}
    for line in lines:
        place = (kinds.index(line.kind), line.scorecard, fold(line.shown), kpis[line.kpi])
        found.setdefault((line.kind, line.id, line.kpi), place)
    return found


def _add(values: dict[int, Decimal], month: int, line: TargetLine) -> None:
    assert line.target is not None  # noqa: S101  called for such lines
    value = to_decimal(line.target.value, _PLACES)
    known = values.get(month)
    values[month] = value if known is None or not line.volume else known + value


def _names(lines: Sequence[TargetLine]) -> Counter[str]:
    people = {line.id: line.name for line in lines if line.kind == "employee"}
    return Counter(fold(name) for name in people.values())


def _labels(lines: Sequence[TargetLine]) -> dict[str, str]:
    """Return what each KPI is called in the file: its label, or its id where two share one."""
    labels = {line.kpi: line.label for line in lines}
    shared = Counter(fold(label) for label in labels.values())
    return {kpi: label if shared[fold(label)] == 1 else kpi for kpi, label in labels.items()}


def _who(line: TargetLine, names: Counter[str], lang: str) -> str:
    """Return by what a person is found again: the name, or what is theirs alone."""
    if line.kind == "company":
        return say(lang, "target_list.template.company")
    return line.name if names[fold(line.name)] == 1 else line.email or line.id


def as_csv(form: Form, options: Options) -> bytes:
    russian = options.lang == "ru"
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if russian else ",", lineterminator="\r\n")
    writer.writerow([*form.captions, *(month.period.text for month in form.months)])
    for head, values in form.rows:
        cells = ["" if value is None else f"{value:f}" for value in values]
        shown = [cell.replace(".", ",") for cell in cells] if russian else cells
        writer.writerow([*map(neutral, head), *shown])
    return buffer.getvalue().encode("utf-8-sig")


def as_workbook(form: Form, options: Options) -> bytes:
    listed = form.months[0]
    book = Book.about(listed, numbers_of(listed, options.lang))
    sheet = book.sheet(book.reserve(say(options.lang, "target_list.title")))
    head = book.format(bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY)
    month = book.format(
        bold=True, bg_color=HEAD, bottom=1, bottom_color=GREY, num_format="mmm yyyy", align="right"
    )
    for place, caption in enumerate(form.captions):
        write(sheet, (0, place), caption, head)
        texts = (clean(row[place]) for row, _ in form.rows)
        sheet.set_column(place, place, room([f"{caption}  ", *texts], 10, 40))
    first = len(form.captions)
    for number, one in enumerate(form.months):
        write(sheet, (0, first + number), one.period.first, month)
    sheet.set_column(first, first + len(form.months) - 1, 14)
    text, figure = book.format(), book.format(num_format="#,##0.####", align="right")
    whole = book.format(num_format="#,##0", align="right")
    for line, (row, values) in enumerate(form.rows, start=1):
        for place, cell in enumerate(row):
            write(sheet, (line, place), cell, text)
        for number, value in enumerate(values):
            style = whole if value is None or value == value.to_integral_value() else figure
            write(sheet, (line, first + number), value, style)
    sheet.freeze_panes(1, first)
    return book.bytes()
