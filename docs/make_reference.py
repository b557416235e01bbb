# ruff: noqa: INP001  a folder of pages, not a package
"""Write the parts of the documentation that repeat the code: tables of keys, and docs/cli.md.

    python docs/make_reference.py            writes them
    python docs/make_reference.py --check    exits 1 and names the files that differ

A table stands between `<!-- keys: Entry -->` and `<!-- end -->`. The first word says where its
lines come from: `keys` a section of the plan, `functions` the functions of expressions, `fields` an
entity of the catalogue, `json` a part of the results, `rooms` who may import whom. The command
line's page is whole ours.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import typer

import kpictl.catalog as catalogue
from kpictl.cli import app
from kpictl.expressions.functions import FUNCTIONS, Function
from kpictl.kinds import KINDS
from kpictl.kinds.base import Kind, RecordKind
from kpictl.plan import calendar, model, pay
from kpictl.plan.absences import AbsencesPlan
from kpictl.plan.insight import InsightPlan
from kpictl.plan.lint import LintPlan
from kpictl.plan.sources import SPECS, Column, LookUp, SourceSpec, Table, Unpivot
from kpictl.plan.sources import _Reading as Reading
from kpictl.report.json import schema as results_schema
from kpictl.scoring.curves import SHAPES, Shape

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))
import rooms  # noqa: E402  of the tests, which hold the code to it

WIDTH = 80

_HOURS = ("WorkingHours", "OwnHours", "ShiftCycle", "ShiftsPlan")
SECTIONS: Mapping[str, Any] = {
    **{name: getattr(model, name) for name in (
        "Plan", "Company", "ScorecardPlan", "Edition", "Entry", "Targets", "Report", "Colors",
        "Calendar",
        "Cascade", "Award", "Close", "Assert",
    )},
    **{f"pay.{cls.__name__}": cls for cls in (
        pay.Bonus, pay.OfKpi, pay.Reading, pay.Commission, pay.Piece, pay.RateTable, pay.ReleaseBy,
        pay.ProrateSpec, pay.GatePlan, pay.Pool, pay.PayPlan, pay.Sanctions, pay.Payroll,
    )},
    **{cls.__name__: cls for cls in (*SPECS.values(), Table, Column, LookUp, Unpivot)},
    **{cls.__name__: cls for cls in (Kind, RecordKind)},
    **{below.__name__: below for kind in KINDS.values() if (below := kind.inner())},
    "Reading": Reading,
    "AbsencesPlan": AbsencesPlan,
    "InsightPlan": InsightPlan,
    "LintPlan": LintPlan,
    **{name: getattr(calendar, name) for name in _HOURS},
    **{f"kind.{verb}": kind for verb, kind in KINDS.items()},
    **{f"score.{key}": shape for key, shape in SHAPES.items()},
}  # fmt: skip
# What a table of a section leaves to the table of a more general one.
_BASES = (Kind, RecordKind, Reading, Shape, calendar.WorkingHours)
# Where the schema cannot say what a person may write.
_TYPES = {
    ("Entry", "score"): "word or mapping",
    ("Table", "fields"): "mapping: name → caption, mapping or look-up",
    ("Table", "header"): "whole number, list of them, or `2-3`",
    ("Bitrix24Source", "fields"): "mapping: entity → (name → look-up)",
    ("Unpivot", "into"): "mapping: field → `value`, `caption`, `caption 1` …",
    ("Plan", "rates"): "mapping: code → number or (date → number); or a file",
    ("LintPlan", "ignore"): "mapping: rule → reason",
    ("Targets", "company"): "mapping: KPI → target",
    ("WorkingHours", "hours"): "hours, or mapping: days → hours",
    ("WorkingHours", "breaks"): "hours or a list of them",
    ("WorkingHours", "cycle"): "mapping",
    ("Calendar", "years"): "year or a list of them",
    ("Calendar", "schedules"): "mapping: name → schedule",
    ("Assert", "match"): "mapping: field → field",
    ("Assert", "tolerance"): "number, or percent: `1%`",
}
# Where a class does not say what its key means.
_MEANINGS = {
    ("Plan", "report"): "How results look.",
    ("Report", "colors"): "Bounds of the colours of scores.",
    ("Plan", "company"): "Whose plan it is.",
    ("Plan", "lint"): "Remarks of `check` that are known.",
    ("ScorecardPlan", "lint"): "Remarks of `check` on it that are known.",
    ("Plan", "targets"): "Expected values.",
    ("CsvSource", "type"): "Files.",
    ("Bitrix24Source", "type"): "A portal.",
    ("Close", "late"): "What becomes of records that come late.",
    ("Close", "after_days"): "How long after its end a period may be closed.",
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the generated parts of the documentation.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    files = contents()
    stale = sorted(
        path for path, text in files.items()
        if not path.exists() or path.read_text("utf-8") != text
    )  # fmt: skip
    if parser.parse_args().check:
        for path in stale:
            sys.stderr.write(f"out of date, run `make docs`: {path.relative_to(DOCS.parent)}\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(files[path], "utf-8")
    return 0


def contents() -> dict[Path, str]:
    """Return every page with its generated parts as they should be."""
    pages = (DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
    made = {path: fill(path.read_text("utf-8")) for path in pages if path.name != "cli.md"}
    return {**made, DOCS / "cli.md": command_line()}


_MARKED = re.compile(
    r"(<!-- (keys|fields|json|functions|rooms)(?:: ([\w.]+))? -->\n)(?:(?!<!-- ).)*(<!-- end -->)",
    re.DOTALL,
)


def fill(text: str) -> str:
    """Replace what stands between the markers of a page."""

    def table(match: re.Match[str]) -> str:
        return match[1] + TABLES[match[2]](match[3] or "") + match[4]

    return _MARKED.sub(table, text)


def rows(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    written = [titles, ["---"] * len(titles), *lines]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in written
    )


# --- the plan --------------------------------------------------------------------------------


def keys(name: str) -> str:
    """Return the table of a section's own keys."""
    section = SECTIONS[name]
    inherited = {
        key
        for base in _BASES
        if issubclass(section, base) and section is not base
        for key in base.model_json_schema()["properties"]
    }
    found = section.model_json_schema(by_alias=True)
    required = found.get("required", ())
    lines = []
    for key, spec in found.get("properties", {}).items():
        if key in inherited:
            continue
        written = _TYPES.get((name, key)) or kind_of(spec)
        default = "**required**" if key in required else default_of(spec.get("default"))
        said = spec.get("description") or _MEANINGS.get((name, key)) or _of_class(section, key)
        meaning = " ".join(str(said).split())
        lines.append((f"`{key}`", written, default, meaning))
    return rows(("key", "type", "default", "meaning"), lines)


def _of_class(section: type[Any], key: str) -> str:
    """Return what is said of a verb under which a section of its own stands, and of the type of a
    source: what the class says of itself."""
    if issubclass(section, SourceSpec) and key == "type":
        return str(section.__doc__)
    below = section.inner() if issubclass(section, Kind) and key == section.verb else None
    if below is None:
        sys.exit(f"{section.__name__}: nothing says what `{key}` means; give it a description")
    return f"{below.__doc__} See below."


_TARGET = [
    {"type": "number"},
    {"additionalProperties": {"type": "number"}, "type": "object"},
]


def kind_of(spec: Mapping[str, Any]) -> str:
    """Say in words what a schema allows."""
    if spec.get("oneOf") == _TARGET:
        return "number or (period → number)"
    if options := spec.get("anyOf") or spec.get("oneOf"):
        words = [kind_of(one) for one in options if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    if "enum" in spec or "const" in spec:
        return ", ".join(f"`{_shown(one)}`" for one in spec.get("enum", [spec.get("const")]))
    if "$ref" in spec or "properties" in spec:
        return "mapping"
    kind = spec["type"]
    return "text" if isinstance(kind, list) else _KINDS[kind](spec)


def _mapping(spec: Mapping[str, Any]) -> str:
    inner = spec.get("additionalProperties")
    return f"mapping: … → {kind_of(inner)}" if isinstance(inner, dict) else "mapping"


def _number(spec: Mapping[str, Any]) -> str:
    above = f" > {spec['exclusiveMinimum']}" if "exclusiveMinimum" in spec else ""
    least = f" ≥ {spec['minimum']}" if "minimum" in spec else ""
    return ("whole number" if spec["type"] == "integer" else "number") + above + least


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "array": lambda spec: f"list of {kind_of(spec['items'])}s",
    "object": _mapping,
    "integer": _number,
    "number": _number,
    "string": lambda _spec: "text",
    "boolean": lambda _spec: "yes or no",
}


def _shown(option: object) -> str:
    return "tab" if option == "\t" else str(option)


def default_of(value: object) -> str:
    return "–" if value in (None, "", [], {}) else f"`{value}`"


# --- expressions, entities, results ----------------------------------------------------------


def functions(_name: str) -> str:
    lines = ((f"`{call(name, spec)}`", spec.help) for name, spec in FUNCTIONS.items())
    return rows(("function", "gives"), lines)


def call(name: str, spec: Function) -> str:
    args = ["/".join(sorted(kinds)) if len(kinds) < 5 else "any" for kinds in spec.args]
    args = [f"[{a}]" if i >= len(args) - spec.optional else a for i, a in enumerate(args)]
    return f"{name}({', '.join([*args, '…'] if spec.variadic else args)})"


def fields(entity: str) -> str:
    """Return the table of what the catalogue knows of an entity."""
    lines = []
    for field in catalogue.entity(entity).fields.values():
        captions = ", ".join(f"«{caption}»" for caption in field.captions)
        if field.derived:
            ways = (" and ".join(f"`{name}`" for name in way) for way in field.needs)
            captions = f"made from {' or '.join(ways)}"
            captions += f" and the {field.also} of a portal" if field.also else ""
        elif field.inherited:
            captions = "of the record that it belongs to"
        code = f"`{field.codes[0]}`" if field.codes else ""
        lines.append((f"`{field.name}`", field.kind, captions, code))
    return rows(("field", "type", "captions", "code"), lines)


def results(name: str) -> str:
    """Return the table of a part of the results' schema."""
    whole = results_schema()
    spec = whole if name == "results" else whole["$defs"][name]
    lines = []
    for key, one in spec["properties"].items():
        lines.append((f"`{key}`", json_kind(one), one.get("description", "")))
        for inner, deeper in one.get("properties", {}).items():
            lines.append((f"`{key}.{inner}`", json_kind(deeper), deeper.get("description", "")))
    return rows(("field", "type", "meaning"), lines)


def json_kind(spec: Mapping[str, Any]) -> str:
    if "const" in spec:
        return f"`{spec['const']}`"
    if "$ref" in spec:
        return str(spec["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in spec:
        return " or ".join(json_kind(one) for one in spec["anyOf"])
    kinds = spec["type"] if isinstance(spec["type"], list) else [spec["type"]]
    if kinds == ["array"]:
        return f"list of {json_kind(spec['items'])}"
    if kinds == ["object"] and isinstance(spec.get("additionalProperties"), dict):
        return f"map → {json_kind(spec['additionalProperties'])}"
    return " or ".join("time" if spec.get("format") and k == "string" else k for k in kinds)


def rooms_table(_name: str) -> str:
    """Return the table of the house: who may import whom."""
    lines = []
    for room, allowed in rooms.TABLE.items():
        named = [f"`{name}`" for name in allowed.split() if name not in _FOR_ALL]
        if room not in _FOR_ALL and not room.startswith("_"):
            lines.append((f"`{room}`", ", ".join(named) or "nothing else"))
    return rows(("room", "may import"), lines)


_FOR_ALL = ("errors", "naming", "values", "words", "_version")
TABLES: Mapping[str, Callable[[str], str]] = {
    "keys": keys,
    "functions": functions,
    "fields": fields,
    "json": results,
    "rooms": rooms_table,
}


# --- the command line ------------------------------------------------------------------------

_INTRO = """\
# The command line

<!-- Made by docs/make_reference.py from what `kpictl --help` is made from; not to be edited. -->

The result goes to stdout and nothing else does; errors, warnings, notes and progress go to stderr.
A table shows its warnings itself, below it, so that they are not repeated; notes are for whoever
keeps the plan and stand in no report. On a terminal the table has colours and the terminal's width;
in a pipe or a file it is the same table of `COLUMNS`, else 120 columns, without colour. What does
not fit is named below it; `--wide` shows it, on a terminal in further blocks, in a pipe in lines as
long as it takes.

Where stderr is no terminal, each message is one line that begins with its level, `error:`,
`warning:` or `note:` (in Russian `ошибка:`, `внимание:`, `заметка:`), so that grep finds it; errors
come first. `--quiet` leaves errors alone: no progress, no notes, no warnings on
stderr, so that cron writes a letter when something failed and only then. It changes neither what
is computed nor the exit code.

The environment: `KPICTL_CONFIG` names the plan, `NO_COLOR`
switches colours off, `COLUMNS` overrules the width; `${NAME}` in a plan is filled from the
environment.

`-o` may be given several times: the sources are read once, and all files are written or none. The
ending names the format (`.csv`, `.xlsx`, `.json`, `.md`, `.txt` for the table); `-f` names it where
the ending says nothing, and is refused where the two differ. In names, `{period}` is the resolved
period, `{as_of}` the day of the computation (or the instant, where one was asked for), and
`{scorecard}` makes a file for each scorecard, as `-s` would have given it; signs that some system
forbids in names become `_`. Two outputs to one file, and an output over the plan or a file that it
reads, are refused before anything is computed.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | an internal error: ours, please report it (`--verbose` shows where) |
| 2 | usage: an option or a name that is not there, a file that cannot be written |
| 3 | the plan is rejected: every mistake is listed, those of its files too |
| 4 | the plan is sound, a source is not: a file is missing, a cell is wrong, a portal refuses\
; or, with `--require-complete`, data of the period are or may be missing |
| 5 | with `--strict`: there are warnings; with `--fail-on`: its condition holds of somebody; \
of `ready`: something is red; \
the output is written |
| 6 | the local store (`.kpictl/`) is busy, damaged, or of a newer kpictl |
| 130 | interrupted |

Periods are `2024`, `2024-H1`, `2024-Q2`, `2024-05`, `2024-W21` (ISO week), `2024-05-17`,
`2024-05-01..2024-05-17` (both days included; without the second, until today), `today`,
`yesterday`, `this-month`, `last-month` (or `prev`), `mtd`, `qtd`, `ytd` (month, quarter, year to
date), `last-7d` (today is the last of the seven); or as people write them: `май 2024`, `05.2024`,
`May 2024`, `Q2 2024`, `2 квартал 2024`, `1 полугодие 2024`, `17.05.2024`. Without `--period` it is
`last-month`, and the heading says so. Relative ones are resolved by the day of `--as-of` in the
company's time zone, and every output names what they were resolved to.
"""


def command_line() -> str:
    root: Any = typer.main.get_command(app)
    parts = [_INTRO, block("kpictl", root)]
    for name, command in root.commands.items():
        parts.append(f"\n## {name}\n")
        parts.append(block(f"kpictl {name}", command))
    return "\n".join(parts)


def block(name: str, command: Any) -> str:
    """Return a command's help as a block of text of a fixed width."""
    options = [p for p in command.params if p.param_type_name == "option"]
    needed = [f"{p.opts[0]} {metavar(p)}" for p in options if p.required]
    args = [metavar(p) for p in command.params if p.param_type_name == "argument"]
    given = [*args, *needed, "[OPTIONS]"]
    if getattr(command, "commands", None):
        given.append("COMMAND")
    lines = [" ".join([name, *given]), ""]
    for paragraph in str(command.help).strip().split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), WIDTH), ""]
    for param in command.params:
        if not getattr(param, "hidden", False):
            lines += option(param)
    lines += option_text("-h, --help", "Show this message and exit.")
    for sub, one in getattr(command, "commands", {}).items():
        first = str(one.help).strip().split("\n\n")[0]
        if sub == next(iter(command.commands)):
            lines.append("")
        lines += option_text(sub, " ".join(first.split()))
    return "```text\n" + "\n".join(lines).rstrip() + "\n```\n"


def metavar(param: Any) -> str:
    return str(param.metavar or str(param.name).upper())


def option(param: Any) -> list[str]:
    if param.param_type_name == "argument":
        return option_text(metavar(param), str(param.help or ""))
    names = ", ".join(sorted(param.opts, key=len))
    taken = "" if param.is_flag else f" {metavar(param)}"
    text = str(param.help or "") + (" Required." if param.required else "")
    return option_text(names + taken, text)


def option_text(head: str, text: str) -> list[str]:
    indent = 26
    wrapped = textwrap.wrap(text, WIDTH - indent, break_on_hyphens=False) or [""]
    first = f"  {head:<{indent - 4}}  {wrapped[0]}"
    lines = [first] if len(head) <= indent - 4 else [f"  {head}", " " * indent + wrapped[0]]
    return [*lines, *(" " * indent + line for line in wrapped[1:])]


if __name__ == "__main__":
    sys.exit(main())
