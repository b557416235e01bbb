"""What can go wrong, in two forms.

A mistake in the user's files is a value, `Problem`: collected, placed, shown together with the
others. What stops a command is an exception of the small tree below; its branches are the
different things that the user can do next, and each carries its exit code.

    KpictlError (1)
    ├── UsageError (2)      the command line asks for something that is not there
    ├── PlanRejected (3)    the plan has mistakes; holds them all, those of sources too
    ├── SourceError (4)     the data cannot be read, and the plan is sound; holds the problems
    └── StoreError (6)      the local store is locked, damaged or newer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

Level = Literal["error", "warning", "note"]


class Place(Struct, frozen=True, order=True):
    """Where something is written: the file as the user named it, line and column from 1, or 0."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


class Problem(Struct, frozen=True):
    """One mistake or remark about the user's files.

    `code` names a text in the table of words (`kpictl.words`), `data` fills it; a text under
    `<code>.hint` is the next step. Rendering happens where the language is known.
    """

    code: str
    place: Place | None = None
    data: Mapping[str, Any] = {}
    level: Level = "error"


class KpictlError(Exception):
    """Anything that ends a command; `code` and `data` as in `Problem`."""

    exit_code = 1

    def __init__(self, code: str, /, **data: object) -> None:
        self.problem = Problem(code, None, data)
        super().__init__(code, data)


class UsageError(KpictlError):
    exit_code = 2


class _Collected(KpictlError):
    """An error that stands for a list of problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems[0].code, **self.problems[0].data)


class PlanRejected(_Collected):
    exit_code = 3


class SourceError(_Collected):
    exit_code = 4


def rejection(problems: Sequence[Problem], plan: str) -> PlanRejected | SourceError:
    """Return the error that stands for mistakes of both kinds, all of them in it.

    `plan` is the plan's file as its places name it. PlanRejected if any mistake is the plan's: it
    is to be mended first; SourceError where only files of data are to blame.
    """
    return (
        PlanRejected(problems)
        if any(_of_plan(p, plan) for p in problems)
        else SourceError(problems)
    )


def _of_plan(problem: Problem, plan: str) -> bool:
    """Whether the plan is to be mended: a file that is missing or unreadable is shown where the
    plan names it, and is a source's failure all the same. So are names in records."""
    if problem.code.startswith("table."):
        return False
    if problem.code in ("people.two_in_one_cell", "people.two_of_one_name"):
        return False
    return problem.place is None or problem.place.file == plan


class StoreError(KpictlError):
    exit_code = 6
