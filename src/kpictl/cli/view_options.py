"""The options of several commands that say which part of a result is shown, how, and where to."""

from __future__ import annotations

from typing import Annotated

import typer

from kpictl.report import FORMATS

ScorecardOption = Annotated[
    list[str] | None,
    typer.Option("--scorecard", "-s", help="Only this one (id or label); repeatable."),
]
EmployeeOption = Annotated[
    str | None,
    typer.Option("--employee", "-e", help="Only this person: id, e-mail, name or surname."),
]
DepartmentOption = Annotated[
    str | None, typer.Option("--department", "-d", help="Only this department.")
]
TopOption = Annotated[
    int | None, typer.Option("--top", min=1, metavar="N", help="Only the first N ranks.")
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="|".join(FORMATS),
        help="Default: what the ending of -o says, else table.",
    ),
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to a file; repeatable. Names may hold {period} and {as_of}; - is stdout.",
    ),
]
MaskOption = Annotated[bool, typer.Option("--mask", help="Numbers in place of names.")]
ExcelOption = Annotated[
    bool, typer.Option("--excel", help="CSV as a spreadsheet in the plan's language wants it.")
]
