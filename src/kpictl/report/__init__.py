"""Results in the form that somebody needs: a table to look at, a file to keep, JSON to build on.

A format is one module here with `render(results, options) -> bytes | str` and one line in
`FORMATS`, from which the command line has its formats and endings; it is imported when it is asked
for. Text is `str` where a terminal shows it, `bytes`
where the encoding is part of the format.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import UsageError

if TYPE_CHECKING:
    from kpictl.values import Results


class Format(Struct, frozen=True):
    """Which module writes a format, the ending of a file that says it, whether it is text, and
    whether its page holds the warnings, so that nobody else needs to say them."""

    module: str
    ending: str
    text: bool = True
    warns: bool = False


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "table": Format("kpictl.report.table", ".txt", warns=True),
        "json": Format("kpictl.report.json", ".json"),
        "csv": Format("kpictl.report.csv", ".csv"),
        "xlsx": Format("kpictl.report.xlsx", ".xlsx", text=False),
        "md": Format("kpictl.report.md", ".md", warns=True),
    }
)


class Options(Struct, frozen=True):
    """How a report is to look. Every format takes what concerns it and ignores the rest.

    `lang` is "" for the company's own language. `width` is how many cells a line of the table has.
    `terminal` says that somebody looks at it: then `color` may be on, and spaces may be ones at
    which no line breaks; in a pipe they are those that people type. `wide` shows every KPI: on a
    terminal in further blocks where one line does not hold them, in a pipe in one line as long as
    it takes. `sort` is "" (by rank), `name`, or a KPI (best first, people
    without a value last). `mask` replaces names and ids by numbers. `excel` makes a CSV that a
    double click opens rightly: with a byte order mark, and in Russian with `;` and decimal comma.
    """

    lang: str = ""
    width: int = 120
    terminal: bool = False
    color: bool = False
    wide: bool = False
    sort: str = ""
    mask: bool = False
    excel: bool = False


def render(results: Results, form: str, options: Options | None = None) -> bytes | str:
    """Return the results in one of `FORMATS`; an unknown form is a `UsageError`."""
    from kpictl.report.view import arrange

    if form not in FORMATS:
        raise UsageError("report.unknown_format", name=form, known=", ".join(FORMATS))
    chosen = options or Options()
    chosen = replace(chosen, lang=chosen.lang or results.language)
    output: bytes | str = importlib.import_module(FORMATS[form].module).render(
        arrange(results, chosen), chosen
    )
    return output


def render_page(
    page: str, shown: Any, form: str, options: Options, language: str, **more: Any
) -> Any:
    """Return what is no scorecards (`page` is its folder here: `trend`, `targets`, …) in one of its
    forms, each a module of the folder with `render_PAGE(shown, options)`."""
    seen, chosen = as_asked(page, shown, options, language)
    module = importlib.import_module(f"kpictl.report.{page}.{form}")
    return getattr(module, f"render_{page}")(seen, chosen, **more)


def as_asked(page: str, shown: Any, options: Options, language: str) -> tuple[Any, Options]:
    """Return what a page is to show, masked where that is asked for, and the options with its
    language: its own where they name none."""
    chosen = replace(options, lang=options.lang or language)
    if chosen.mask:  # nobody else needs it: `--help` reads the names of the forms alone
        shown = importlib.import_module(f"kpictl.report.{page}.masked").masked(shown, chosen.lang)
    return shown, chosen
