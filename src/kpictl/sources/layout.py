"""The forms in which people keep numbers of people, KPIs and periods (targets, marks), told by the
captions of a table.

    long             employee, kpi, period, target
    a column a month employee, [kpi], May 2024, 06.2024, Jul-24, …
    a column a KPI   employee, [period], Revenue, Won deals, …
    a sheet a KPI    any of these without a column for the KPI

Whatever the form, a `Line` comes out for each number: the form says where its KPI, its period and
its value stand. What the columns are called, and whose the numbers may be, a `Subject` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from kpictl import periods
from kpictl.errors import Place, Problem
from kpictl.naming import fold
from kpictl.plan.fields import since
from kpictl.plan.load import suggest
from kpictl.sources import decimals, footers, moments, numbers
from kpictl.sources.columns import columns_of, no_column
from kpictl.sources.parts import guess_decimal
from kpictl.tables import TableFile, rows

if TYPE_CHECKING:
    from kpictl.plan.model import Plan

NAMES = ("фио", "ф.и.о.", "имя", "менеджер", "продавец", "name", "manager", "salesperson")
"""What people call the column of employees where a table is not of the long form."""
NOTHING = frozenset(("", "-", "–", "—", "x", "х", "н/д", "n/a", "нет"))
_PLANNED = re.compile(
    r"^(?:план|цель|plan|target)\s*(?:на|за|for)?\s+|\s*[,(]?\s*(?:план|plan)\)?$"
)
_SHORT_YEAR = re.compile(r"(?P<word>[a-zа-я]{3,})\.?[\s\-.,/'’]*(?P<year>[0-9]{2})(?:\s*г\.?)?")
_NO_PLAN = re.compile(r"\b(?:факт\w*|fact|actual|выполнен\w*|откл\w*|delta|variance)\b|%")
_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")
_MANY = 5


class Subject(Struct, frozen=True):
    """What a table is about: its columns with all that they may be called (`employee`, `kpi` and
    `period` among them), in which of them the numbers of the long form stand, which of them say
    whose a number is, and whether 0 is a number like any other."""

    captions: Mapping[str, Sequence[str]]
    value: str
    levels: Sequence[str]
    zero_counts: bool

    def columns(self, header: Sequence[str]) -> dict[str, int]:
        """Return in which columns what is known stands."""
        return columns_of(header, self.captions)


class KpiNames(Struct, frozen=True):
    """The KPIs that a table may be of, by their folded ids and labels, and their labels."""

    ids: Mapping[str, str]
    labels: Sequence[str]

    @classmethod
    def of(cls, plan: Plan, kpis: Iterable[str] | None = None) -> KpiNames:
        """Return the names of some KPIs of a plan, of all by default."""
        listed = list(plan.kpis if kpis is None else kpis)
        labels = {kpi: plan.kpis[kpi].label or kpi for kpi in listed}
        by_id = {fold(kpi): kpi for kpi in listed}
        return cls(by_id | {fold(label): kpi for kpi, label in labels.items()}, [*labels.values()])

    def find(self, text: str) -> str | None:
        """Return the KPI of this id or label; None for none."""
        return self.ids.get(fold(text))


class Line(Struct, frozen=True):
    """A number of a file: what says whose, of which KPI and of which period it is, by the
    columns that say it; `heads` are the places of what stands in captions or in a sheet's name."""

    sheet: Sheet
    number: int
    cells: Mapping[str, str]
    columns: Mapping[str, int]
    decimal: str
    order: moments.Order = "dmy"
    heads: Mapping[str, Place] = {}

    def place(self, column: str) -> Place:
        if column in self.heads:
            return self.heads[column]
        return Place(self.sheet.file.origin, self.number, self.columns.get(column, 0) + 1)


class Sheet(Struct, frozen=True):
    """A table, what it is about, of which KPIs it may be, and what the name of its sheet says: a
    KPI, a period, or the year of all of them."""

    file: TableFile
    about: Subject
    kpis: KpiNames
    kpi: str = ""
    period: str = ""
    year: str = ""

    @property
    def header_line(self) -> int:
        return max(self.file.skip, 1)

    def caption(self, column: int) -> Place:
        return Place(self.file.origin, self.header_line, column + 1)

    def no_column(self, name: str) -> Problem:
        return no_column(self.file, name, self.about.captions[name])


Meaning = tuple[Literal["kpi", "period"], str]
"""What the numbers below a caption are of."""


class Captions(Struct, frozen=True):
    """What the captions of a table say: `named` columns, and whose `values` stand below others."""

    named: Mapping[str, int]
    values: Mapping[int, Meaning]
    left_out: tuple[str, ...] = ()


def lines_of(sheet: Sheet, problems: list[Problem]) -> Iterator[Line]:
    """Yield a line for each number of a table; what cannot be understood becomes a problem."""
    named = sheet.about.columns(sheet.file.header)
    if sheet.about.value in named:
        yield from _long(sheet, named, problems)
        return
    captions = _read_captions(sheet, named, problems)
    if captions is not None:
        yield from _wide(sheet, captions, problems)


# --- long --------------------------------------------------------------------------------------


def _long(sheet: Sheet, columns: dict[str, int], problems: list[Problem]) -> Iterator[Line]:
    file = sheet.file
    said = {"kpi": sheet.kpi, "period": sheet.period}
    said = {name: text for name, text in said.items() if text and name not in columns}
    if "kpi" not in columns and "kpi" not in said:
        problems.append(sheet.no_column("kpi"))
        return
    column = columns[sheet.about.value]
    reading = decimals.of_column(file, column)
    problems.extend(replace(note, code="layout.decimal_sign") for note in reading.notes)
    heads = dict.fromkeys(said, Place(file.origin, sheet.header_line))
    order = (
        order_of(cells[columns["period"]] for _, cells in rows(file))
        if "period" in columns
        else "dmy"
    )
    for number, cells in rows(file):
        named = {name: " ".join(cells[i].split()) for name, i in columns.items()}
        if any(named.values()):
            yield Line(sheet, number, named | said, columns, reading.sign, order, heads)


# --- wide: what the captions mean ----------------------------------------------------------------


def period_named(text: str, order: moments.Order = "dmy") -> str | None:
    """Return the period that a caption names, as `2024-05`; None where it names none.

    >>> [period_named(t) for t in ("май 2024", "05.2024", "May-24", "01.05.2024", "2024-Q2", "май")]
    ['2024-05', '2024-05', '2024-05', '2024-05', '2024-Q2', None]
    """
    words = _PLANNED.sub("", fold(text).removesuffix(" 00:00:00"))
    if (short := _SHORT_YEAR.fullmatch(words)) and short["word"] in periods.MONTHS:
        return f"20{short['year']}-{periods.MONTHS[short['word']]:02}"
    with suppress(ValueError):
        return _of_months(*periods.fixed_days(words))
    day = moments.read_day(words, order)
    return None if day is None else f"{day:%Y-%m}" if day.day == 1 else f"{day}"


def order_of(texts: Iterable[str]) -> moments.Order:
    """Return the order of day and month in which dates are written, of which most are the first day
    of a month: `5/1/2024`, `6/1/2024`."""
    listed = list(texts)
    pairs = [match for text in listed if (match := re.search(moments.NUMERIC, text))]
    first, second = ({int(match[i]) for match in pairs} for i in (1, 3))
    if pairs and (first == {1}) != (second == {1}):
        return "dmy" if first == {1} else "mdy"
    return moments.shown_order(listed)


def _of_months(first: date, after: date) -> str:
    """Write a period; a spreadsheet's month is the first day of it."""
    if first.day == 1 and (after - first).days == 1:
        return f"{first:%Y-%m}"
    return periods.write(first, after)


def _read_captions(sheet: Sheet, named: dict[str, int], problems: list[Problem]) -> Captions | None:
    """Return what the captions of a wide table mean; None, with the problems, where that is not
    clear."""
    header = sheet.file.header
    free = {i: c for i, c in enumerate(header) if c and i not in named.values()}
    order = order_of(free.values())
    meanings: dict[int, Meaning] = {}
    for place, caption in free.items():
        if (kpi := sheet.kpis.find(caption)) is not None:
            meanings[place] = ("kpi", kpi)
        elif (period := _period_of(caption, sheet, order)) is not None:
            meanings[place] = ("period", period)
    said = {what for what, _ in meanings.values()}
    if not said:
        problems.extend(_nothing_named(sheet, named, free))
        return None
    if len(said) > 1:
        listed = ", ".join(header[i] for i in meanings)
        here = sheet.caption(next(iter(meanings)))
        problems.append(Problem("layout.two_forms", here, {"captions": listed}))
        return None
    return _settled(sheet, named, meanings, problems)


def _period_of(caption: str, sheet: Sheet, order: moments.Order) -> str | None:
    if (day := since(caption)) is not None:
        return f"from {day}"
    found = period_named(caption, order)
    if found is None and sheet.year and fold(caption).strip(". ") in periods.MONTHS:
        return period_named(f"{caption} {sheet.year}")
    return found


def _nothing_named(
    sheet: Sheet, named: Mapping[str, int], free: Mapping[int, str]
) -> Iterator[Problem]:
    """Say why a table is of no form: months without a year, else that it lacks its columns."""
    months = [i for i, c in free.items() if fold(c).strip(". ") in periods.MONTHS]
    if months:
        data = {"given": free[months[0]], "count": len(months)}
        yield Problem("layout.month_of_which_year", sheet.caption(months[0]), data)
        return
    unknown = [i for i in free if _is_of_numbers(sheet.file, i)]
    about = sheet.about
    if unknown and any(name in named for name in about.levels) and about.value not in named:
        data = {"given": free[unknown[0]], "captions": " / ".join(about.captions[about.value])}
        yield Problem("layout.caption_unknown", sheet.caption(unknown[0]), data)
        return
    lacking = [name for name in ("kpi", about.value) if name not in named]
    yield from (sheet.no_column(name) for name in lacking)


def _settled(
    sheet: Sheet,
    named: dict[str, int],
    meanings: dict[int, Meaning],
    problems: list[Problem],
) -> Captions | None:
    """Find the column of employees, and leave out columns that are totals or of something else."""
    header = sheet.file.header
    values = _without_totals(meanings)
    totals = [header[i] for i in meanings if i not in values]
    rest = [i for i in range(len(header)) if i not in named.values() and i not in meanings]
    place = None if "employee" in named else _column_of_names(sheet, named, rest, min(values))
    if place is not None:
        named = {**named, "employee": place}
        rest.remove(place)
    by_month = next(iter(values.values()))[0] == "period"
    if by_month and "kpi" not in named and not sheet.kpi:
        problems.append(Problem("layout.of_which_kpi", sheet.caption(min(values))))
        return None
    for place in rest:
        caption = header[place]
        if not caption or _is_total(caption) or _NO_PLAN.search(fold(caption)):
            totals += [caption] if caption else []
        elif place > min(values) and _is_of_numbers(sheet.file, place):
            problems.append(_unknown_caption(sheet, place, by_month=by_month))
        else:
            totals.append(caption)
    return Captions(named, values, tuple(totals))


def _without_totals(meanings: dict[int, Meaning]) -> dict[int, Meaning]:
    """Leave out the periods that others, shorter ones, of the table make up together: `Q1` beside
    its months, the year beside its quarters."""
    spans = {
        i: periods.fixed_days(text)
        for i, (what, text) in meanings.items()
        if what != "kpi" and not since(text)
    }

    def is_total(whole: periods.Days) -> bool:
        inside = [s for s in spans.values() if s != whole and whole[0] <= s[0] and s[1] <= whole[1]]
        reached = whole[0]
        for first, after in sorted(inside):
            if first <= reached:
                reached = max(reached, after)
        return len(inside) > 1 and reached == whole[1]

    return {i: m for i, m in meanings.items() if i not in spans or not is_total(spans[i])}


def _column_of_names(
    sheet: Sheet, named: Mapping[str, int], rest: Sequence[int], before: int
) -> int | None:
    """Return the column that names whose the numbers are: by its caption, else, where none says it,
    the first one that stands before the numbers and holds no numbers itself."""
    header = sheet.file.header
    called = [i for i in rest if fold(header[i]) in NAMES]
    if called or any(name in named for name in sheet.about.levels):
        return next(iter(called), None)
    texts = (i for i in rest if i < before and not _is_of_numbers(sheet.file, i))
    return next(texts, None)


def _is_of_numbers(file: TableFile, column: int) -> bool:
    """Say whether a column holds numbers, in most of its filled cells."""
    cells = [c for _, record in rows(file) if (c := record[column].strip()) not in NOTHING]
    read = sum(numbers.read(c, ".") is not None or numbers.read(c, ",") is not None for c in cells)
    return read * 2 > len(cells)


def _is_total(text: str) -> bool:
    return footers.is_total(text) or fold(text) in ("год", "year", "σ", "∑")


def _unknown_caption(sheet: Sheet, place: int, *, by_month: bool) -> Problem:
    """Say that nobody knows what the numbers below a caption are of."""
    caption = sheet.file.header[place]
    if by_month:
        return Problem("layout.caption_no_period", sheet.caption(place), {"given": caption})
    data = {"given": caption, **suggest(caption, list(sheet.kpis.labels))}
    return Problem("layout.caption_no_kpi", sheet.caption(place), data, "warning")


# --- wide: the numbers ---------------------------------------------------------------------------


def _wide(sheet: Sheet, captions: Captions, problems: list[Problem]) -> Iterator[Line]:
    """Yield a line for each filled cell below the captions that say what its numbers are."""
    file, values = sheet.file, captions.values
    sign = _sign(sheet, list(values), problems)
    said = {"kpi": sheet.kpi, "period": sheet.period}
    said = {name: text for name, text in said.items() if text and name not in captions.named}
    here = Place(file.origin, sheet.header_line)
    totals: list[tuple[int, str]] = []
    zeros = 0
    for number, cells in rows(file):
        named = {name: " ".join(cells[i].split()) for name, i in captions.named.items()}
        label = next((named[name] for name in sheet.about.levels if named.get(name)), "")
        filled = {i: c for i in values if fold(c := " ".join(cells[i].split())) not in NOTHING}
        if filled and _is_total(label):
            totals.append((number, label))
            continue
        if filled and not label:
            problems.append(Problem("layout.whose_line", Place(file.origin, number, 1)))
            continue
        for column, text in filled.items():
            if not sheet.about.zero_counts and numbers.read(text, sign) == 0:
                zeros += 1
                continue
            what, meant = values[column]
            columns: dict[str, int] = {**captions.named, sheet.about.value: column}
            heads = {**dict.fromkeys(said, here), str(what): sheet.caption(column)}
            whole: dict[str, str] = {**named, **said, str(what): meant, sheet.about.value: text}
            yield Line(sheet, number, whole, columns, sign, "dmy", heads)
    problems.extend(_left_out(sheet, captions, totals, zeros))


def _sign(sheet: Sheet, columns: list[int], problems: list[Problem]) -> str:
    """Return the decimal sign of a table's numbers, by what all of them show together."""
    file = sheet.file
    cells = (record[i].strip() for _, record in rows(file) for i in columns)
    seen = numbers.evidence(cells, by_row=file.by_row)
    if not seen.decided:
        notes = (note for i in columns for note in decimals.of_column(file, i).notes)
        first = next(notes, None)
        problems.extend([replace(first, code="layout.decimal_sign")] if first else [])
    return seen.sign or guess_decimal(file)


def _left_out(
    sheet: Sheet, captions: Captions, totals: Sequence[tuple[int, str]], zeros: int
) -> Iterator[Problem]:
    """Say which columns and lines were no targets."""
    origin = sheet.file.origin
    if captions.left_out:
        data = {"names": _few(f"«{c}»" for c in captions.left_out)}
        yield Problem("layout.columns_left_out", sheet.caption(0), data, "note")
    if totals:
        listed = _few(f"{n} «{text}»" for n, text in totals)
        shown = {"lines": listed, "count": len(totals)}
        yield Problem("layout.lines_left_out", Place(origin, totals[0][0]), shown, "note")
    if zeros:
        yield Problem("layout.zeros", Place(origin), {"count": zeros}, "note")


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:_MANY]) + (" …" if len(listed) > _MANY else "")
