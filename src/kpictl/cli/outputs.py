"""Where results go: which files, in which formats, under which names; all written or none.

An `-o` is a name with slots, `{period}`, `{scorecard}`, `{as_of}`, and an ending that says the
format. What is wrong with the names is found before anything is computed; the files are written
beside their places and renamed when all of them are there.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kpictl.cli.options import is_terminal, out
from kpictl.errors import UsageError
from kpictl.naming import shortened
from kpictl.report import FORMATS
from kpictl.report.format import clean
from kpictl.values import Pay

if TYPE_CHECKING:
    from kpictl.cli.overwriting import Protected
    from kpictl.plan.model import Plan
    from kpictl.report import Options
    from kpictl.values import Alert, Results, Scorecard

Data = bytes | str
Page = tuple[Mapping[str, str], Data]  # what fills the slots of its name, and what is written

STDOUT = "-"
PRIVATE = 0o600  # the rights of a file that says what people are paid, also of one replaced
ENDINGS: Mapping[str, str] = {form.ending: name for name, form in FORMATS.items()}
PLANNED = ("html",)  # formats that people ask for and that there are not yet
SLOTS = ("period", "scorecard", "as_of")
LONGEST = 80  # characters of what fills a slot: a name of a file may have 255 bytes
_SLOT = re.compile(r"\{([^{}]*)\}")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
# Names that Windows keeps for devices, whatever ending follows.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)


class Output(Struct, frozen=True):
    """A file that is asked for: its name with slots, and its format."""

    name: str
    form: str

    @property
    def is_stdout(self) -> bool:
        return self.name == STDOUT

    @property
    def per_scorecard(self) -> bool:
        return "{scorecard}" in self.name


class File(Struct, frozen=True):
    """A file to write. `folder_made` says that its folder is named by a slot and may be made,
    `private` that nobody else may read it: it says what people are paid."""

    path: Path
    data: bytes
    folder_made: bool = False
    private: bool = False


def parse_outputs(
    names: Sequence[str],
    form: str | None,
    slots: Sequence[str] = SLOTS,
    known: Collection[str] = FORMATS,
    usual: str = "table",
) -> tuple[Output, ...]:
    """Return what `-o` and `-f` ask for together; without `-o` it is stdout, which is in the
    `usual` format unless another is asked for. UsageError says which format is not among those that
    are `known`, which name fits none, which contradicts `-f`, and which comes twice. `slots` are
    those that names may have."""
    if form is not None:
        _require_format(form, known)
    asked = tuple(Output(name, _format(name, form, usual)) for name in names or (STDOUT,))
    for unfit in (output.form for output in asked if output.form not in known):
        raise UsageError("usage.format_unfit", format=unfit, known=", ".join(known))
    for output in asked:
        for slot in _SLOT.findall(output.name):
            if slot not in slots:
                known = ", ".join(f"{{{known}}}" for known in slots)
                raise UsageError("usage.slot", slot=f"{{{slot}}}", file=output.name, known=known)
    _require_different(output.name for output in asked)
    return asked


def _format(name: str, form: str | None, usual: str) -> str:
    """Return the format of one output: what its ending says, else `form`; of stdout `usual`."""
    ending = "" if name == STDOUT else Path(name).suffix.lower()
    says = ENDINGS.get(ending)
    if says is not None and form is not None and says != form:
        raise UsageError("usage.ending_contradicts", file=name, says=says, format=form)
    if says is not None or form is not None:
        return says or str(form)
    if name == STDOUT:
        return usual
    if ending.removeprefix(".") in PLANNED:
        _require_format(ending.removeprefix("."), FORMATS)
    raise UsageError("usage.ending", file=name, known=", ".join(ENDINGS))


def _require_format(form: str, known: Collection[str]) -> None:
    if form in PLANNED:
        raise UsageError("usage.format_planned", format=form, known=", ".join(known))
    if form not in FORMATS:
        raise UsageError("report.unknown_format", name=form, known=", ".join(known))


def require_writable(asked: Sequence[Output]) -> None:
    """Refuse, before anything is pulled or computed, what cannot be written: into a folder that is
    not there (one that a slot names is made later), or, where it is no text, over a terminal."""
    for output in asked:
        if output.is_stdout:
            if is_terminal(sys.stdout) and not FORMATS[output.form].text:
                raise UsageError("usage.binary_output", format=output.form)
        elif not _SLOT.search(str(Path(output.name).parent)):
            require_place(output.name)


def require_place(name: str) -> None:
    """Refuse a name that no file can have: its folder is not there, it is too long, or it is a link
    that leads to itself."""
    path = Path(name)
    try:
        if not path.parent.is_dir():
            path.parent.stat()
            raise UsageError("usage.no_folder", file=name, folder=str(path.parent))
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        if path.parent.is_dir():
            return
        raise UsageError("usage.no_folder", file=name, folder=str(path.parent)) from None
    except (OSError, ValueError) as error:
        raise _refused(path, error) from None


def require_no_input(names: Sequence[str], plan: Plan, file: str) -> Protected | None:
    """Refuse to write over the plan, a file that it reads, or its store; return what these are, for
    names whose slots are not filled yet, or None where nothing is to be written."""
    from kpictl.cli.overwriting import protected

    files = [name for name in names if name != STDOUT]
    if not files:
        return None
    found = protected(plan, file)
    found.refuse(files)
    return found


def deliver(
    asked: Sequence[Output],
    page: Callable[[Output], Data],
    words: Mapping[str, str],
    protected: Protected | None,
    *,
    private: bool = False,
) -> None:
    """Write one page in all the forms that are asked for, to files and to stdout; `words` fill the
    slots of their names, `private` files are their owner's alone."""
    pages = write_pages(asked, lambda each: [(words, page(each))], protected, private=private)
    for data in pages:
        out(data)


def write_pages(
    asked: Sequence[Output],
    pages: Callable[[Output], Iterable[Page]],
    protected: Protected | None,
    *,
    private: bool = False,
) -> list[Data]:
    """Write the pages of every output that is a file, all of them or none; return those of stdout.
    `private` files are their owner's alone."""
    files, shown = [], []
    for output in asked:
        folder = bool(_SLOT.search(str(Path(output.name).parent)))
        for words, data in pages(output):
            if output.is_stdout:
                shown.append(data)
                continue
            raw = data.encode("utf-8") if isinstance(data, str) else data
            files.append(File(Path(filled(output.name, words)), raw, folder, private))
    _require_different(str(file.path) for file in files)
    if protected is not None:
        protected.refuse(str(file.path) for file in files)
    write_all(files)
    return shown


def as_of_words(as_of: datetime, given: str | None) -> str:
    """Return the moment of a computation as it stands in a name: a day, or an instant that was
    asked for. A day asked for ends at midnight."""
    if as_of.time() == time.min:
        return f"{(as_of - timedelta(microseconds=1)).date()}"
    return f"{as_of:%Y-%m-%dT%H-%M}" if given else f"{as_of.date()}"


def write_results(
    asked: Sequence[Output],
    results: Results,
    options: tuple[Options, Options],
    protected: Protected | None,
    *,
    as_of: str,
) -> list[Data]:
    """Write results to the files that are asked for, of which each scorecard may have its own;
    return what goes to stdout. `options` are those of files and of stdout; `as_of` fills
    `{as_of}`."""
    from kpictl.report import render

    def pages(output: Output) -> Iterator[Page]:
        chosen = options[1] if output.is_stdout else options[0]
        for part, card in _parts(output, results):
            words = {"period": results.period.text, "as_of": as_of, "scorecard": card}
            yield words, render(part, output.form, chosen)

    return write_pages(asked, pages, protected, private=results.pay is not None)


def _parts(output: Output, results: Results) -> Iterator[tuple[Results, str]]:
    if not output.per_scorecard:
        yield results, ""
        return
    for card in results.scorecards:
        yield of_scorecard(results, card), card.id


def of_scorecard(results: Results, card: Scorecard) -> Results:
    """Return the results of one scorecard alone: of units and of what is left out, what concerns
    its own KPIs."""
    kpis = {column.kpi for column in card.columns}
    departments = (
        replace(unit, scores=tuple(score for score in unit.scores if score.kpi in kpis))
        for unit in results.departments
    )
    return replace(
        results,
        scorecards=(card,),
        company=tuple(score for score in results.company if score.kpi in kpis),
        departments=tuple(unit for unit in departments if unit.scores),
        alert=results.alert and _alert_of(results.alert, card.id),
        pay=results.pay and _pay_of(results.pay, card.id),
        left_out=tuple(one for one in results.left_out if one.kpi in kpis),
    )


def _alert_of(alert: Alert, card: str) -> Alert:
    """Return an alert as far as it is of a scorecard, or of units."""
    return replace(alert, breaches=tuple(b for b in alert.breaches if b.scorecard in ("", card)))


def _pay_of(pay: Pay, card: str) -> Pay:
    """Return the pay of a scorecard, with the pools and funds that it has a share in."""
    lines = tuple(line for line in pay.lines if line.scorecard == card)
    return Pay(lines, tuple(fund for fund in pay.funds if card in fund.scorecards))


def filled(name: str, words: Mapping[str, str]) -> str:
    """Return a name with its slots filled, so that every system takes it.

    >>> filled("out/{scorecard}-{period}.csv", {"scorecard": "a/b: c?", "period": "2024-05"})
    'out/a_b_ c-2024-05.csv'
    """
    return _SLOT.sub(lambda slot: safe(words[slot[1]]), name)


def has_slot(name: str) -> bool:
    """Say whether a name has something to fill in."""
    return _SLOT.search(name) is not None


def safe(text: str) -> str:
    """Return text that may stand in a name of a file on Linux, macOS and Windows.

    >>> safe("CON"), safe("..")
    ('CON_', '_')
    """
    tame = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", clean(text)))
    tame = tame[:LONGEST].strip(" ._") or "_"
    return f"{tame}_" if _DEVICE.fullmatch(tame.partition(".")[0]) else tame


def _require_different(names: Iterable[str]) -> None:
    """Refuse two outputs to one file; on many disks the case of letters makes no difference."""
    from kpictl.cli.overwriting import spelling

    first: dict[str, str] = {}
    for name in names:
        same = STDOUT if name == STDOUT else spelling(Path(name))
        if same in first:
            raise UsageError("usage.same_output", file=name, other=first[same])
        first[same] = name


# --- writing ---------------------------------------------------------------------------------


def write(path: Path, data: bytes) -> None:
    """Write one file, whole or not at all."""
    write_all([File(path, data)])


def write_all(wanted: Sequence[File]) -> None:
    """Write files, all of them or none: each beside its place first, then all are renamed. What
    was there before comes back where one of them cannot be replaced."""
    regular: list[File] = []
    other: list[File] = []
    for file in wanted:
        path = _followed(file.path)  # what a link points to is replaced, not the link
        special = _exists(path) and not path.is_file() and not path.is_dir()
        (other if special else regular).append(replace(file, path=path))
    made: list[Path] = []
    beside: list[Path] = []
    try:
        for file in regular:
            made += _folders(file)
            beside.append(_beside(file))
        _rename(beside, [file.path for file in regular])
    except BaseException:
        for path in beside:
            path.unlink(missing_ok=True)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise
    for file in other:
        _write_through(file)


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise _refused(path, error) from None
    return True


def _followed(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise _refused(path, error) from None


def _folders(file: File) -> list[Path]:
    """Make the folder that a slot names; return those that were not there."""
    missing = [p for p in (file.path.parent, *file.path.parent.parents) if not p.exists()]
    if not file.folder_made or not missing:
        return []
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(file.path, error) from None
    return missing[::-1]


def _beside(file: File) -> Path:
    """Write the data into a new file in the same folder, with the rights that it is to have."""
    path = file.path
    try:
        if path.is_dir():
            raise IsADirectoryError(21, os.strerror(21))
        handle, name = tempfile.mkstemp(prefix=".kpictl-", dir=path.parent)
    except OSError as error:
        raise _refused(path, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(file.data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(PRIVATE if file.private else _mode(path))
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _refused(path, error) from None
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _rename(beside: Sequence[Path], paths: Sequence[Path]) -> None:
    """Put the new files in their places; undo it all where one of them cannot be put."""
    undo: list[tuple[Path, Path | None]] = []
    several = len(paths) > 1
    try:
        for new, path in zip(beside, paths, strict=True):
            kept = _kept(path) if several and path.exists() else None
            undo.append((path, kept))
            try:
                new.replace(path)
            except BaseException:
                undo.pop()
                if kept is not None:
                    kept.unlink(missing_ok=True)
                raise
    except BaseException as error:
        for done, kept in reversed(undo):
            with suppress(OSError):
                done.unlink() if kept is None else kept.replace(done)
        if isinstance(error, OSError):
            raise _refused(path, error) from None
        raise
    for _, kept in undo:
        if kept is not None:
            kept.unlink(missing_ok=True)


def _kept(path: Path) -> Path:
    """Keep what is there under another name, by a link where the disk knows links."""
    folder = Path(tempfile.mkdtemp(prefix=".kpictl-", dir=path.parent))
    kept = folder.with_name(folder.name + ".old")
    folder.rmdir()
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
    return kept


def _write_through(file: File) -> None:
    """Write to a device or a pipe, which is there to be written to and never replaced."""
    try:
        with file.path.open("wb") as stream:
            stream.write(file.data)
    except OSError as error:
        raise _refused(file.path, error) from None


def _refused(path: Path, error: Exception) -> UsageError:
    detail = getattr(error, "strerror", None)
    if isinstance(error, RuntimeError):  # how Python 3.11 and 3.12 say it
        detail = os.strerror(errno.ELOOP)
    return UsageError("usage.output", file=shortened(str(path)), detail=detail or str(error))


def _mode(path: Path) -> int:
    """Keep the rights of a file that is replaced; a new one gets those of any new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
