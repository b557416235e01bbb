"""One run of a command in this process, and what is promised of it whatever its input is."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer.main
from python_calamine import CalamineWorkbook

from kpictl import masking
from kpictl.cli import app
from kpictl.words import LANGUAGES, say
from warm import cold

KEY = "zq7w1thh3ldk3y5x"
"""The secret of every plan that has one: it is in no output."""
CODES = frozenset({0, 2, 3, 4, 5, 6})
OLD = b"what was here before"
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_FORMULA_IN_XML = re.compile(rb"<f(?:[ /][^>]*)?>([^<]*)")
_OF_OURS = re.compile(rb"(?:[A-Z]{1,3}\d+|SUM|MAX|MIN|ROUND|[\d.,:+*/()-])+")
"""What the formulas of a sheet of pay are made of: cells and arithmetic, nothing that is called."""


@dataclass(frozen=True, slots=True)
class Case:
    """A folder and a command in it."""

    files: Mapping[str, bytes]
    words: tuple[str, ...]
    output: str = ""
    """The file that the command is to write; none where it writes to stdout."""


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    stdout: bytes
    stderr: str
    output: bytes | None = None

    @property
    def computed(self) -> bool:
        return self.code in (0, 5)


@cache
def _command() -> Any:
    return typer.main.get_command(app)


def run(*words: str) -> Outcome:
    """Run `kpictl WORDS` as a process would, in the folder where we are."""
    masking._known.clear()  # noqa: SLF001  a process knows the keys of its own plan alone
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "utf-8", errors="replace", newline="", write_through=True)
    err, code = io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            _command().main(list(words), prog_name="kpictl")
        except SystemExit as stop:
            code = 0 if stop.code is None else int(stop.code)
    out.flush()
    return Outcome(code, raw.getvalue(), err.getvalue())


def broken(case: Case, folder: Path, *, twice: bool = False) -> tuple[Outcome, list[str]]:
    """Run a case in an empty folder; return what came of it, and which promises it broke."""
    one, faults = _broken_once(case, folder)
    if twice:
        with cold():
            other, _ = _broken_once(case, folder)
        if (other.code, other.stdout, other.output) != (one.code, one.stdout, one.output):
            faults.append("a second run says something else")
    return one, faults


def _broken_once(case: Case, folder: Path) -> tuple[Outcome, list[str]]:
    _fill(case, folder)
    before = _bytes(folder)
    with chdir(folder):
        done = run(*case.words)
    after = _bytes(folder)
    output = after.pop(case.output, None) if case.output else None
    earlier = before.pop(case.output, None) if case.output else None
    done = Outcome(done.code, done.stdout, done.stderr, output)
    return done, [*said(done), *_written(case, done, earlier), *_changed(before, after)]


def _fill(case: Case, folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
    if case.output and len(case.files["kpi.yaml"]) % 2:
        (folder / case.output).write_bytes(OLD)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def said(done: Outcome, key: str = KEY) -> Iterator[str]:
    """Yield what is wrong with the end of a command and its messages."""
    if done.code not in CODES:
        yield f"exit code {done.code}"
    shown = done.stdout.decode("utf-8", "replace") + done.stderr
    if "Traceback" in shown or any(_bug(lang) in shown for lang in LANGUAGES):
        yield "an internal error"
    if done.code and not shown.strip():
        yield "nothing is said"
    if key in shown or (done.output and key.encode() in done.output):
        yield "a secret is shown"


@cache
def _bug(lang: str) -> str:
    return say(lang, "usage.bug", where="", detail="").partition("(")[0]


def _written(case: Case, done: Outcome, earlier: bytes | None) -> Iterator[str]:
    """Look at the result: whole, and nothing in it that runs."""
    result = done.output if case.output else done.stdout
    form = case.words[case.words.index("-f") + 1] if "-f" in case.words else "text"
    if not done.computed:
        if case.output and done.output != earlier:
            yield "a failed run has written its output"
        if form != "text" and done.stdout and case.words[0] != "check":
            yield "a failed run has written to stdout"
        return
    if result is None or result == OLD or (form != "text" and not result):
        yield "no result was written"
    elif form == "json":
        yield from _bad_json(result)
    elif form == "csv":
        yield from _bad_csv(result, excel="--excel" in case.words)
    elif form == "xlsx":
        yield from _bad_workbook(result)


def _bad_json(raw: bytes) -> Iterator[str]:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(raw, parse_constant=refuse)
    except ValueError as error:
        yield f"no JSON: {error}"


def _bad_csv(raw: bytes, *, excel: bool) -> Iterator[str]:
    text = raw.decode("utf-8-sig")
    head = text.partition("\n")[0]
    delimiter = ";" if excel and head.count(";") > head.count(",") else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    if len({len(row) for row in rows}) != 1:
        yield "lines of the CSV differ in length"
    for row in rows:
        for cell in row:
            if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
                yield f"a formula in the CSV: {cell[:40]!r}"


def _bad_workbook(raw: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if archive.testzip():
            yield "the workbook is torn"
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                formulas = _FORMULA_IN_XML.findall(archive.read(name))
                yield from (f"{name}: {f!r}" for f in formulas if not _OF_OURS.fullmatch(f))
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    for sheet in book.sheet_names:
        book.get_sheet_by_name(sheet).to_python()


def _changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[str]:
    if before != after:
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        yield f"files were changed: {names}"
