"""Which files a pattern means, and what to say when it means none."""

from __future__ import annotations

import difflib
import glob
import re
from pathlib import Path

from kpictl.errors import SourceError
from kpictl.tables.file import refusal


def expand(pattern: str, base: Path) -> list[Path]:
    """Return the files of a pattern or plain path, seen from `base`, 2 before 10.

    A name that exists is taken as it stands, brackets and all. Files that an open spreadsheet
    leaves beside itself (`~$…`) are passed over.
    """
    full = home(pattern)
    path = base / full
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:  # a name too long, a link to itself, no name at all
        if not glob.has_magic(pattern):
            reason = getattr(error, "strerror", None) or str(error)
            raise refusal(pattern, "table.unreadable", reason=reason) from None
    else:
        return [path]
    if not glob.has_magic(pattern):
        raise missing(path, pattern)
    mask = str(full) if full.is_absolute() else str(Path(glob.escape(str(base))) / full)
    found = [Path(name) for name in glob.glob(mask, recursive=True)]  # noqa: PTH207 - `**` and absolute masks
    files = [file for file in found if file.is_file() and not file.name.startswith("~$")]
    if not files:
        raise refusal(pattern, "table.no_match", pattern=pattern, folder=str(base))
    return sorted(files, key=_natural)


def home(pattern: str) -> Path:
    """Return a pattern with `~` filled; where nobody is called so, the sign stands for itself."""
    try:
        return Path(pattern).expanduser()
    except RuntimeError:
        return Path(pattern)


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Order names as people do: numbers by value, letters without regard to case."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts], str(path)


def missing(path: Path, origin: str) -> SourceError:
    """Return the error for a file that is not there, with names that resemble it."""
    try:
        names = {entry.name.casefold(): entry.name for entry in path.parent.iterdir()}
    except OSError:
        return refusal(origin, "table.missing_folder", folder=str(path.parent))
    near = difflib.get_close_matches(path.name.casefold(), names, n=3, cutoff=0.6)
    if not near:
        return refusal(origin, "table.missing")
    return refusal(origin, "table.missing_near", near=", ".join(names[name] for name in near))
