"""Reads the files of a source, whatever their form: CSV, TSV, workbooks, list exports of a CRM.

`open_files` turns the paths of a table into tables with captions. `open_source` holds these against
the plan and the catalogue; the `FileReader` that it returns loads their records and shows cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

import kpictl.catalog as catalogue
from kpictl.catalog import Entity, Field
from kpictl.errors import Place, Problem, SourceError
from kpictl.naming import fold
from kpictl.plan.sources import ALL_SHEETS, Column, CsvSource, Table
from kpictl.sources import footers, moments, numbers, schema
from kpictl.sources.caption_lines import with_captions
from kpictl.sources.columns import Matched, declared_name, match
from kpictl.sources.guessing import infer
from kpictl.sources.parts import FileEntity, FilePart, guess_decimal
from kpictl.sources.schema import Schema
from kpictl.sources.undeclared import settle, with_keys
from kpictl.tables import TableFile, expand, open_table, rows, sheet_names, with_constant

if TYPE_CHECKING:
    from kpictl.database import Connection
    from kpictl.sources.base import LoadedEntity, LoadRequest


class NotDate(Struct, frozen=True):
    """A cell for which a column is not taken for one of dates. Where it is of a month alone,
    `beside` is a cell that has a day."""

    place: Place
    value: str
    caption: str
    beside: str | None = None


class FileReader:
    """The entities of a source of files: their captions have been read, their records not yet."""

    is_of_files = True

    def __init__(self, entities: Mapping[str, FileEntity], scratch: Path) -> None:
        self.entities = entities
        self.scratch = scratch
        self._lines: dict[tuple[str, int], list[int]] = {}

    @property
    def schemas(self) -> Mapping[str, Schema]:
        return {name: found.schema for name, found in self.entities.items()}

    def load(self, connection: Connection, entity: str, request: LoadRequest) -> LoadedEntity:
        from kpictl.sources.loading import load

        return load(connection, self.entities[entity], request, self.scratch)

    def closer(self, problem: Problem) -> Problem:
        """Show of a column that is no date, or no number, the first cell which says so."""
        if "field" in problem.data:
            return self._closer_to_number(problem)
        if problem.code in ("expr.unknown_name", "bind.no_date", "bind.no_field", "bind.no_owner"):
            return self._sideways(problem)
        if problem.code != "bind.not_a_date":
            return problem
        cell = self._not_a_date(str(problem.data["entity"]), str(problem.data["name"]))
        if cell is None:
            return problem
        shown = {"value": cell.value[:80], "file": cell.place, "caption": cell.caption}
        data = {**problem.data, **shown, "beside": (cell.beside or "")[:80]}
        code = "bind.cell_not_a_date" if cell.beside is None else "bind.month_among_days"
        return replace(problem, code=code, data=data)

    def _closer_to_number(self, problem: Problem) -> Problem:
        entity, name = str(problem.data["entity"]), str(problem.data["field"])
        nothing = {"", *self.entities[entity].option("empty")}
        for part in self.entities[entity].parts:
            columns = part.matched.columns.get(name, ())
            if name not in part.matched.undeclared or len(columns) != 1:
                continue
            for line, cells_ in rows(part.file):
                value = cells_[columns[0]].strip()
                if value not in nothing and not any(
                    numbers.read(value, sign) is not None for sign in ".,"
                ):
                    place = part.file.at(line, columns[0])
                    caption = part.file.header[columns[0]]
                    shown = {"name": name, "value": value[:80], "file": place, "caption": caption}
                    data = {**problem.data, **shown}
                    return replace(problem, code="expr.cell_not_a_number", data=data)
        return problem

    def _sideways(self, problem: Problem) -> Problem:
        """Say of a field that is not there where the fields seem to stand as captions."""
        from kpictl.sources import dated_captions, unpivot

        found = self.entities.get(str(problem.data.get("entity")))
        parts = found.parts if found is not None and found.table.unpivot is None else ()
        for part in parts:
            if unpivot.looks_sideways(part.file.header):
                captions = [c for c in part.file.header if dated_captions.may_be(c)]
                shown = ", ".join(captions[:3]) + " …" * (len(captions) > 3)
                data = {**problem.data, "file": part.file.origin, "captions": shown}
                return replace(problem, code="unpivot.sideways", data=data)
        return problem

    def holds(self, entity: str) -> bool:
        return entity in self.entities

    def readable(self, entity: str, field: Field) -> bool:
        """Every column can be read."""
        del field
        return self.holds(entity)

    def guessed(self, connection: Connection, entity: str) -> Mapping[str, str]:
        """Return how columns look that nobody has declared: the plan reads them so once it names
        them."""
        found: dict[str, str] = {}
        for part in self.entities[entity].parts:
            names = sorted(n for n in part.matched.undeclared if not found.get(n))
            if names:
                kinds = infer(part, names, connection)
                found.update({name: kind or "" for name, kind in kinds.items()})
        return found

    def code(self, field: Field) -> str:
        return field.codes[0] if field.codes else ""

    def lenient(self, entity: str) -> FileReader:
        found = self.entities[entity]
        table = found.table.model_copy(update={"on_bad_value": "skip"})
        return FileReader({entity: replace(found, table=table, lenient=True)}, self.scratch)

    def _not_a_date(self, entity: str, field_name: str) -> NotDate | None:
        """Return the first cell of a column that is no date; where all are, but some are of months
        alone, the first of these."""
        found, month, day = self.entities[entity], None, ""
        nothing = {"", *found.option("empty")}
        for part in found.parts:
            columns = part.matched.columns.get(field_name, ())
            for line, cells_ in rows(part.file) if columns else ():
                value = " ".join(cells_[c].strip() for c in columns if cells_[c].strip())
                dated = moments.read(value, "dmy") or moments.read(value, "mdy")
                if value in nothing or (dated and dated.written != "month"):
                    day = day or value
                    continue
                caption = " + ".join(part.file.header[c] for c in columns)
                cell = NotDate(part.file.at(line, columns[0]), value, caption)
                if dated is None:
                    return cell
                month = month or cell
        return month and replace(month, beside=day)

    def cell_of(self, entity: str, field_name: str, text: str) -> Place | None:
        """Return the first cell of a column that holds a text."""
        wanted = fold(text)
        for part in self.entities[entity].parts:
            columns = part.matched.columns.get(field_name, ())
            for line, cells_ in rows(part.file) if columns else ():
                if fold(" ".join(cells_[c].strip() for c in columns)) == wanted:
                    return part.file.at(line, columns[0])
        return None

    def place_of(self, entity: str, part: int, line: int) -> Place | None:
        """Return where the record of that number (from 0) in that file is written."""
        table = self.entities[entity].parts[part].file
        if (entity, part) not in self._lines:
            self._lines[entity, part] = [number for number, _ in rows(table)]
        return table.at(self._lines[entity, part][line])


class FileOpening(Struct, frozen=True):
    """What is needed to open the files of a plan."""

    source: str
    folder: Path
    scratch: Path
    connection: Connection
    mentioned: str  # the plan's text, folded: only columns that it names are looked at
    place: Any  # path in the plan → Place
    keys: frozenset[tuple[str, str]] = frozenset()  # (entity, field, folded) that hold other ids


def open_source(spec: CsvSource, opening: FileOpening) -> tuple[FileReader, list[Problem]]:
    """Read the headers of all files of a source; collect what is wrong with any."""
    found: dict[str, FileEntity] = {}
    problems: list[Problem] = []
    for name, table in spec.tables.items():
        if name == "employees":
            continue
        path = ("sources", opening.source, name)
        if wrong := _misspelt(name, table, opening, path):
            problems.append(wrong)
            continue
        try:
            found[name] = _open_entity(name, table, spec, opening, problems)
        except SourceError as error:
            problems.extend(said_by_plan(p, opening.place(path)) for p in error.problems)
    return FileReader(found, opening.scratch), problems


def _misspelt(
    name: str, table: Table, opening: FileOpening, path: tuple[str, ...]
) -> Problem | None:
    """Return what is wrong with a key that looks like an entity, but is nearly an option."""
    from kpictl.plan.load import misspelt_option

    near = misspelt_option(name, table.path)
    if not near:
        return None
    data = {"key": name, "path": ".".join(path[:2]), "near": near, "known": ""}
    return Problem("plan.unknown_key", opening.place(path, key=True), data)


def said_by_plan(problem: Problem, place: Place) -> Problem:
    """A problem without a line in the file is shown where the plan names the file."""
    if problem.place is None or not problem.place.line:
        file = problem.place.file if problem.place else ""
        return replace(problem, place=place, data={"file": file, **problem.data})
    return problem


def open_files(
    table: Table, settings: CsvSource, folder: Path, scratch: Path, notes: list[Problem]
) -> list[TableFile]:
    """Open every file that a table's `path` names, in order; SourceError holds all mistakes.

    A sentence that the list is empty is no mistake; it goes to `notes`, and gives no file. So do
    the lines that are no records.
    """
    patterns = table.path if isinstance(table.path, list) else [table.path]
    files: list[TableFile] = []
    problems: list[Problem] = []
    for pattern in patterns:
        try:
            paths = expand(pattern, folder)
        except SourceError as error:
            problems.extend(error.problems)
            continue
        reading = _Reading(table, settings, scratch)
        for path in paths:
            files.extend(_sheets_of(path, _shown(path, folder), reading, notes, problems))
    if problems:
        raise SourceError(problems)
    return files


def _sheets_of(
    path: Path, shown: str, reading: _Reading, notes: list[Problem], problems: list[Problem]
) -> Iterator[TableFile]:
    """Yield the sheets of a file that are to be read, as far as they can be."""
    empty: list[Problem] = []
    found = 0
    for sheet in _sheets(path, reading.table, shown):
        try:
            file, remarks = _open_file(path, sheet, reading)
        except SourceError as error:
            for problem in error.problems:
                if problem.code == "table.list_is_empty":
                    data = {"file": shown, **problem.data}
                    notes.append(Problem(problem.code, Place(shown), data, "note"))
                elif problem.code == "table.empty" and reading.table.sheet == ALL_SHEETS:
                    empty.append(problem)
                else:
                    problems.append(problem)
            continue
        found += 1
        notes.extend(remarks)
        yield file
    if not found:
        problems.extend(empty)


SHEET = "sheet"
"""The field that says on which sheet a record stands, where several are read."""


def reads_several_sheets(table: Table) -> bool:
    """Say whether records know on which sheet they stand."""
    return isinstance(table.sheet, list) or table.sheet == ALL_SHEETS


class _Sheet(Struct, frozen=True):
    """A sheet to be read: `name` for the reader (None: the first), how its file is called in
    messages, and what its records have in the field of sheets (None: nothing)."""

    name: str | None
    origin: str
    value: str | None = None


class _Reading(Struct, frozen=True):
    """What the plan says of reading an entity's files."""

    table: Table
    settings: CsvSource
    scratch: Path


def _sheets(path: Path, table: Table, shown: str) -> list[_Sheet]:
    """Return the sheets of a file that the plan asks for; of no workbook the file itself, which is
    called like a sheet."""
    if not reads_several_sheets(table):
        return [_Sheet(None if table.sheet is None else str(table.sheet), shown)]
    names = sheet_names(path)
    if not names:
        return [_Sheet(None, shown, path.stem)]
    listed = table.sheet if isinstance(table.sheet, list) else names
    return [_Sheet(name, f"{shown}#{name}", name) for name in listed]


def _open_file(path: Path, sheet: _Sheet, reading: _Reading) -> tuple[TableFile, list[Problem]]:
    """Open one sheet of a file, as a table of records, without its lines that are none."""
    table, scratch = reading.table, reading.scratch
    first, last = table.header_lines
    try:
        opened = open_table(
            path,
            scratch=scratch,
            sheet=sheet.name,
            header_row=last,
            encoding=table.encoding or reading.settings.encoding,
            delimiter=table.delimiter or reading.settings.delimiter,
        )
    except SourceError as error:
        raise SourceError([_called(problem, sheet.origin) for problem in error.problems]) from None
    opened, lines = with_captions(replace(opened, origin=sheet.origin), first)
    file, notes = footers.leave_out(opened, scratch, table.footer)
    if sheet.value is not None:
        file = with_constant(file, SHEET, sheet.value, scratch)
        lines = tuple((*line, "") for line in lines)
    if table.unpivot is not None:
        from kpictl.sources import unpivot  # for the few tables that lie on their side

        empty = frozenset(table.empty or reading.settings.empty)
        name = sheet.value or sheet.name or ""
        turned = unpivot.Sideways(file, lines, table.unpivot, empty, name)
        file, remarks = unpivot.turn(turned, scratch)
        notes = [*notes, *remarks]
    return file, notes


def _called(problem: Problem, shown: str) -> Problem:
    """Name the file as the user knows it: from the folder of the plan."""
    place = problem.place
    return problem if place is None else replace(problem, place=replace(place, file=shown))


def _shown(path: Path, folder: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _open_entity(
    name: str, table: Table, spec: CsvSource, opening: FileOpening, problems: list[Problem]
) -> FileEntity:
    entity, keyed = _keyed(catalogue.entity(name), table)
    parts = []
    for file in open_files(table, spec, opening.folder, opening.scratch, problems):
        matched = match(entity, keyed, file.header)
        problems.extend(_missing_columns(name, table, file, matched, opening))
        decimal = table.decimal or spec.decimal or guess_decimal(file)
        order, forms = _dates(table.dates or spec.dates)
        rounded = _decimals(entity, table)
        parts.append(FilePart(file, matched, decimal, order, forms, decimals=rounded))
    keys = frozenset(name for of, name in opening.keys if of == entity.name)
    empty = tuple(table.empty or spec.empty)
    parts = settle([with_keys(part, keys) for part in parts], opening, empty)
    stored: dict[str, Field] = {} if parts else _imagined(entity, keyed)
    for part in parts:
        for field_name, found in part.matched.fields.items():
            stored.setdefault(field_name, found)
    broken = frozenset(name for part in parts for name in part.matched.missing)
    built = schema.build(entity, opening.source, stored, broken)
    shared = {
        declared_name(entity, name): column.credit
        for name, column in keyed.columns.items()
        if column.credit is not None
    }
    built = replace(built, credits=shared)
    return FileEntity(entity, table, spec, parts, built)


def _decimals(entity: Entity, table: Table) -> dict[str, int]:
    """Return to how many places the plan has the numbers of which fields rounded."""
    return {
        declared_name(entity, name): column.decimals
        for name, column in table.columns.items()
        if column.decimals is not None
    }


def _keyed(entity: Entity, table: Table) -> tuple[Entity, Table]:
    """Return an entity and a table in which a record is known by what the plan's `id` says."""
    if reads_several_sheets(table) and not any(
        column.column == SHEET for column in table.columns.values()
    ):  # a name, also where it is one of a month
        fields = {**table.fields, SHEET: Column(column=SHEET, type="text")}
        table = table.model_copy(update={"fields": fields})
    if table.id is None:
        # The cells of one line are several records, whatever the line is known by.
        return (entity if table.unpivot is None else replace(entity, id=None)), table
    if fold(str(table.id)) == "none":
        return replace(entity, id=None), table
    fields = {**table.fields, str(entity.id): Column(column=str(table.id))}
    return entity, table.model_copy(update={"fields": fields})


def _imagined(entity: Entity, table: Table) -> dict[str, Field]:
    """Return the fields of an empty list, which has no captions: those that it would have."""
    captions = [c for f in entity.fields.values() if not f.derived for c in f.captions[:1]]
    for column in table.columns.values():
        captions.extend(column.column if isinstance(column.column, list) else [column.column])
    matched = match(entity, table, list(dict.fromkeys(captions)))
    return {
        name: replace(found, untyped=name in matched.undeclared)
        for name, found in matched.fields.items()
    }


def _missing_columns(
    name: str, table: Table, file: TableFile, matched: Matched, opening: FileOpening
) -> Iterator[Problem]:
    from kpictl.plan.load import suggest

    for field_name, caption in matched.missing.items():
        path: tuple[str, ...] = ("sources", opening.source, name, "fields", field_name)
        if field_name not in table.fields and table.id is not None:
            path = ("sources", opening.source, name, "id")
        place = opening.place((*path, "column"))
        if place == opening.place(path, key=True):  # written short, `field: Caption`
            place = opening.place(path)
        captions = [c for c in file.header if c]
        data = {"caption": caption, "file": file.origin, **suggest(caption, captions)}
        yield Problem("source.no_column", place, data)


def _dates(declared: list[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return the order and the forms of dates that a plan declares."""
    said = declared or []
    order = next((one for one in said if one in ("dmy", "mdy")), "mdy")
    return order, tuple(one for one in said if "%" in one)
