"""Records that stand on several lines, and lines that are nobody's.

With product columns an export writes a deal once per product line, and the amount on such a line
is the line's own: those are added up. The same record in two files, or twice in one, is one
record: the version that was changed last counts, and that is said. Lines of one id in one file
that differ in what is added up, and that no date of change tells apart, are no versions: which of
them counts is for the plan to say (`id`, `lines`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kpictl.errors import Problem, SourceError
from kpictl.expressions.sql import column, name
from kpictl.sources.bad_values import SHOWN
from kpictl.tables import rows

if TYPE_CHECKING:
    from kpictl.sources.job import FileLoad
    from kpictl.sources.parts import FilePart
    from kpictl.sources.row_stats import LineCount

_LINE_AMOUNT = "amount_original"
_ADDED = ("number", "money", "duration")
_MEASURED = (*_ADDED, "percent")
_STAMPS = ("modified_at", "moved_at")
_WITH_REQUISITES = ("companies", "contacts")
"""Of these a portal's export writes further requisites on lines of their own, without an id."""


def settle(job: FileLoad, lines: LineCount) -> str:
    """Return the table in which every record stands once; the job has read all lines in order."""
    ident = column(str(job.found.entity.id))
    if lines.total > lines.filled:
        _lines_without_id(job, some_have_ids=bool(lines.filled))
    if job.found.lenient and not lines.filled:
        return job.table  # a look at what is there, though no line has an id
    if lines.filled == lines.different:
        return _filtered(job, ident)
    if job.found.table.lines == "add":
        return _added(job, ident)
    _refuse_parts(job, ident)
    return _one_each(job, ident)


# --- lines without an id --------------------------------------------------------------------------


def _lines_without_id(job: FileLoad, *, some_have_ids: bool) -> None:
    """Show the lines that hold anything but an id, whichever columns the plan reads."""
    broken: list[Problem] = []
    requisites = 0
    for part in job.found.parts:
        own = _own_columns(job, part)
        for line, cells in _without_id(job, part):
            if not any(cell.strip() for cell in cells):
                continue
            if own is not None and not any(cells[place].strip() for place in own):
                requisites += 1
                continue
            text = " ".join(cell.strip() for cell in cells if cell.strip())
            place = part.file.at(line, _id_column(job, part))
            caption = part.file.header[_id_column(job, part)]
            broken.append(Problem("source.no_id", place, {"value": text[:80], "caption": caption}))
    if broken:
        skips = some_have_ids and job.found.option("on_bad_value") == "skip"
        _report(job, broken, skips=skips or job.found.lenient)
    if requisites:
        data = {"entity": job.found.entity.name, "count": requisites}
        job.notes.append(Problem("source.requisites", None, data, "note"))


def _report(job: FileLoad, broken: list[Problem], *, skips: bool) -> None:
    shown = [replace(p, data={**p.data, "count": len(broken)}) for p in broken[:SHOWN]]
    if not skips:
        raise SourceError(shown)
    job.notes.extend(replace(p, code="source.skipped_line", level="warning") for p in shown)


def _without_id(job: FileLoad, part: FilePart) -> list[tuple[int, list[str]]]:
    empty = {"", *(text.strip() for text in job.found.option("empty"))}
    place = _id_column(job, part)
    return [(line, cells) for line, cells in rows(part.file) if cells[place].strip() in empty]


def _id_column(job: FileLoad, part: FilePart) -> int:
    return part.matched.columns[str(job.found.entity.id)][0]


def _own_columns(job: FileLoad, part: FilePart) -> list[int] | None:
    """Return the columns of the record's own fields, where other ones may be requisites."""
    if job.found.entity.name not in _WITH_REQUISITES:
        return None
    own = {*job.found.entity.fields, *job.found.table.fields, *job.fields}
    return [places[0] for field, places in part.matched.columns.items() if field in own]


def _filtered(job: FileLoad, ident: str) -> str:
    job.connection.execute(f"DELETE FROM {job.table} WHERE {ident} IS NULL")
    return job.table


# --- lines of one id ------------------------------------------------------------------------------


def _stamp(job: FileLoad) -> str:
    stamps = [column(n) for n in _STAMPS if n in job.fields]
    return f"coalesce({', '.join(stamps)})" if stamps else "CAST(NULL AS TIMESTAMP)"


def _plain(job: FileLoad) -> str:
    """Return the condition that a line is no product line."""
    return f"{column('product')} IS NULL" if "product" in job.fields else "TRUE"


def _refuse_parts(job: FileLoad, ident: str) -> None:
    """Refuse lines of one id that differ in a number, with no date of change to choose by."""
    measured = [n for n in job.kept if job.fields[n].kind in _MEASURED]
    if not measured or job.found.lenient:
        return
    differ = " OR ".join(
        f"count(DISTINCT {column(n)}) + max(CASE WHEN {column(n)} IS NULL THEN 1 ELSE 0 END) > 1"
        for n in measured
    )
    latest = f"""SELECT * FROM {job.table} WHERE {ident} IS NOT NULL AND {_plain(job)} QUALIFY
        rank() OVER (PARTITION BY {ident}, part ORDER BY {_stamp(job)} DESC NULLS LAST) = 1"""
    found = job.connection.execute(
        f"""SELECT part, {ident}, list(line ORDER BY line) FROM ({latest})
        GROUP BY part, {ident} HAVING count(*) > 1 AND ({differ}) ORDER BY part, min(line)"""
    ).fetchall()
    if found:
        raise SourceError(_parts_of_records(job, found, measured))


def _parts_of_records(
    job: FileLoad, found: list[tuple[int, str, list[int]]], measured: list[str]
) -> list[Problem]:
    problems = []
    key = str(job.found.entity.id)
    for index in sorted({part for part, _, _ in found}):
        part = job.found.parts[index]
        ids = [(ident, lines) for number, ident, lines in found if number == index]
        wanted = {line for _, lines in ids[:SHOWN] for line in lines}
        places = {n: place for n, (place, _) in enumerate(rows(part.file)) if n in wanted}
        shown = "; ".join(
            f"{ident}: {', '.join(str(places[line]) for line in lines[:SHOWN])}"
            + " …" * (len(lines) > SHOWN)
            for ident, lines in ids[:SHOWN]
        )
        caption = part.matched.columns[key][0]
        data = {
            "caption": part.file.header[caption],
            "entity": job.found.entity.name,
            "count": len(ids),
            "lines": shown + " …" * (len(ids) > SHOWN),
            "fields": ", ".join(next(iter(job.fields[n].captions), n) for n in measured),
        }
        place = part.file.at(places[ids[0][1][1]], caption)
        problems.append(Problem("source.lines_of_one_id", place, data))
    return problems


def _one_each(job: FileLoad, ident: str) -> str:
    """Make the table of last versions, product lines summed."""
    table = name(f"single_{job.found.entity.name}")
    versions = f"""SELECT *, rank() OVER (PARTITION BY {ident}
        ORDER BY {_stamp(job)} DESC NULLS LAST, part DESC) AS version
        FROM {job.table} WHERE {ident} IS NOT NULL"""
    kept = [*(column(n) for n in job.kept), *job.derived]
    amount = column(_LINE_AMOUNT)
    if "product" in job.fields and _LINE_AMOUNT in job.fields:
        product = column("product")
        total = f"sum({amount}) FILTER ({product} IS NOT NULL) OVER (PARTITION BY {ident})"
        summed = f"CASE WHEN {product} IS NULL THEN {amount} ELSE {total} END AS {amount}"
        kept = [summed if c == amount else c for c in kept]
    job.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT part, line, {", ".join(kept)} FROM ({versions}) WHERE version = 1
        QUALIFY row_number() OVER (PARTITION BY {ident} ORDER BY line DESC) = 1"""
    )
    _say(job, ident)
    return table


def _say(job: FileLoad, ident: str) -> None:
    """Note how many records stood on how many lines, and what chose among them: a date of change,
    or but the order of files and lines."""
    for apart, dated, differs, count, total, example in _written_often(job, ident):
        data = {
            "entity": job.found.entity.name,
            "count": count,
            "lines": int(total),
            "example": example,
        }
        if differs:
            data["fields"] = ", ".join(_differing(job, ident, str(example)))
        code = _CHOSEN[bool(apart), bool(dated), bool(differs)]
        note = Problem(code, None, data, "warning" if differs else "note")
        if note not in job.notes:
            job.notes.append(note)


_CHOSEN = {
    # apart, dated, differs
    (True, True, False): "source.in_two_files",
    (True, False, False): "source.in_later_file",
    (False, True, False): "source.written_twice",
    (False, False, False): "source.on_later_line",
    (False, False, True): "source.later_line_differs",
}


def _written_often(job: FileLoad, ident: str) -> list[tuple[Any, ...]]:
    """Return of records on several lines, by whether these are in files apart, whether a date of
    change chose among them, and whether the lines differ: how many records and lines, and one."""
    cells = ", ".join(column(n) for n in job.kept)
    lines = f"""SELECT {ident} AS ident, part, {_plain(job)} AS plain, {_stamp(job)} AS stamp,
        hash({cells}) AS cells FROM {job.table} WHERE {ident} IS NOT NULL"""
    latest = f"SELECT *, stamp = max(stamp) OVER (PARTITION BY ident) AS latest FROM ({lines})"
    # Versions of the same moment that are the same in everything leave nothing to be decided.
    dated = """CASE WHEN count(DISTINCT part) = 1 THEN count(*) FILTER (latest) = 1
        ELSE count(DISTINCT part) FILTER (latest) = 1
            OR (bool_or(latest) AND count(DISTINCT cells) FILTER (latest) = 1) END"""
    records = f"""SELECT ident, count(DISTINCT part) > 1 AS apart, count(*) FILTER (plain) AS plain,
        count(*) AS lines, coalesce({dated}, FALSE) AS dated,
        NOT apart AND NOT coalesce({dated}, FALSE)
            AND count(DISTINCT cells) FILTER (latest IS DISTINCT FROM FALSE) > 1 AS differs
        FROM ({latest}) GROUP BY ident"""
    return job.connection.execute(
        f"""SELECT apart, dated, differs, count(*), sum(lines), min(ident) FROM ({records})
        WHERE apart OR plain > 1 GROUP BY ALL ORDER BY apart DESC, dated DESC, differs DESC"""
    ).fetchall()


def _differing(job: FileLoad, ident: str, example: str) -> list[str]:
    """Return the captions of what differs between the lines of a record."""
    tests = ", ".join(
        f"count(DISTINCT {column(n)}) + max(({column(n)} IS NULL)::INT) > 1" for n in job.kept
    )
    row = job.connection.execute(
        f"SELECT {tests} FROM {job.table} WHERE {ident} = ?", [example]
    ).fetchone()
    assert row is not None  # noqa: S101  an aggregate always gives a row
    named = [n for n, differs in zip(job.kept, row, strict=True) if differs]
    return list(dict.fromkeys(next(iter(job.fields[n].captions), n) for n in named))


# --- lines that are added up ----------------------------------------------------------------------


def _added(job: FileLoad, ident: str) -> str:
    """Make the table of records that are the sums of their lines.

    Of a record in several files only the lines of one count: of the file in which it was changed
    last, else of the later one. What is not added up must agree; an empty cell agrees.
    """
    table = name(f"single_{job.found.entity.name}")
    newest = f"""SELECT {ident} AS ident, part AS newest FROM {job.table} WHERE {ident} IS NOT NULL
        GROUP BY {ident}, part QUALIFY row_number() OVER (PARTITION BY {ident}
            ORDER BY max({_stamp(job)}) DESC NULLS LAST, part DESC) = 1"""
    lines = f"""SELECT t.* FROM {job.table} t JOIN ({newest}) n
        ON t.{ident} = n.ident AND t.part = n.newest"""
    agreeing = [n for n in job.kept if job.fields[n].kind not in _ADDED and n not in _STAMPS]
    _refuse_disagreement(job, ident, lines, [*agreeing, *job.derived])
    made = [f"{ident}"]
    for field in job.kept:
        cell = column(field)
        if cell == ident:
            continue
        how = "sum" if job.fields[field].kind in _ADDED else "max"
        made.append(f"CAST({how}({cell}) AS {_type_of(job, field)}) AS {cell}")
    made += [f"max({alias}) AS {alias}" for alias in job.derived]
    job.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {table} AS SELECT max(part) AS part, max(line) AS line,
        {", ".join(made)} FROM ({lines}) GROUP BY {ident}"""
    )
    return table


def _type_of(job: FileLoad, field: str) -> str:
    row = job.connection.execute(
        f"SELECT any_value(typeof({column(field)})) FROM (SELECT {column(field)} FROM {job.table}"
        " LIMIT 1)"
    ).fetchone()
    return str(row[0]) if row and row[0] else "VARCHAR"


def _refuse_disagreement(job: FileLoad, ident: str, lines: str, cells: list[str]) -> None:
    """Refuse records whose lines differ in what cannot be added up."""
    problems: list[Problem] = []
    for cell in cells:
        stored = column(cell) if cell in job.fields else cell
        found = job.connection.execute(
            f"""SELECT any_value(part), {ident}, list(line ORDER BY line), count(*) OVER ()
            FROM (SELECT * FROM ({lines}) WHERE {stored} IS NOT NULL) GROUP BY {ident}
            HAVING count(DISTINCT {stored}) > 1 ORDER BY min(line) LIMIT 1"""
        ).fetchall()
        for part, key, numbers, count in found:
            file = job.found.parts[part].file
            places = {n: place for n, (place, _) in enumerate(rows(file)) if n in numbers}
            data = {
                "caption": _caption(job, cell),
                "id": key,
                "count": count,
                "lines": ", ".join(str(places[n]) for n in numbers[:SHOWN]),
            }
            place = file.at(places[numbers[1]])
            problem = Problem("source.lines_disagree", place, data)
            # Several fields may be made of one column: it is to be mended once.
            if not any(p.data["caption"] == data["caption"] for p in problems):
                problems.append(problem)
    if problems:
        raise SourceError(problems)


def _caption(job: FileLoad, cell: str) -> str:
    """Return what stands over the column of a field, or over the first that one is made of."""
    if cell not in job.fields:
        cell = cell.strip('"').removeprefix("f_")
        needs = [need for group in job.found.entity.fields[cell].needs for need in group]
        cell = next((need for need in needs if need in job.fields), cell)
    return next(iter(job.fields[cell].captions), cell) if cell in job.fields else cell
