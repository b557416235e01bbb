"""The house: who may import whom, what a shelf must register, and how large a thing may grow."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import resources
from inspect import isfunction, signature
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
import typer

import kpictl
from kpictl import catalog
from kpictl.cli import app
from kpictl.errors import PlanRejected
from kpictl.kinds import KINDS
from kpictl.measure.query import Engine
from kpictl.plan.model import Plan
from kpictl.plan.sources import SPECS
from kpictl.report import FORMATS
from kpictl.scoring import curves
from kpictl.sources import SOURCES, source_of
from kpictl.sources.base import Source
from kpictl.values import EngineName, Results
from kpictl.words import LANGUAGES, table
from plans import write
from rooms import ALSO, LATE, TABLE

SOURCE = Path(kpictl.__file__).parent
MAX_FILE, MAX_FUNCTION = 500, 51
HEAVY = (
    "pandas",
    "duckdb",
    "httpx",
    "sqlglot",
    "pydantic",
    "babel",
    "xlsxwriter",
    "python_calamine",
)


class Import(NamedTuple):
    """One import of ours in one file."""

    file: str
    line: int
    importer: str
    imported: str


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def files() -> dict[str, Path]:
    """Return every module of the package, by its dotted name."""
    return {module_of(path): path for path in sorted(SOURCE.rglob("*.py"))}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module: to walk through a tree takes as long as to read it."""
    return tuple(ast.walk(tree_of(path)))


def room(module: str) -> str:
    """Return the room that a module is in: the longest name of the table that it begins with."""
    parts = module.split(".")[1:] or ["kpictl"]
    inner = ".".join(parts[:2])
    return inner if inner in TABLE else parts[0]


def imported_by(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports; none where it is no import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        full = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in files() else str(node.module) for name in full]
    return []


def imports() -> Iterator[Import]:
    """Yield every import from one room into another, also those inside functions."""
    for module, path in files().items():
        for node in nodes_of(path):
            for name in imported_by(node):
                if name.split(".")[0] == "kpictl" and room(name) != room(module):
                    line = getattr(node, "lineno", 0)
                    yield Import(path.name, line, room(module), room(name))


def functions() -> Iterator[tuple[str, int]]:
    """Yield every function as `file:line name`, with the number of its lines below the signature
    (that of a command is the list of its options) and the docstring (its help)."""
    for path in files().values():
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                said = ast.get_docstring(node) is not None
                before = (first.end_lineno or first.lineno) if said else first.lineno - 1
                size = (node.end_lineno or node.lineno) - before
                yield f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}", size


# --- who may import whom ---------------------------------------------------------------------


def test_every_module_is_in_a_room() -> None:
    """A new module needs a line in the table: what may it know?"""
    assert {room(module) for module in files()} == set(TABLE)


def test_rooms_import_only_what_the_table_allows() -> None:
    """No room reaches for what is not its business."""
    wrong = [
        f"{one.file}:{one.line} {one.importer} → {one.imported}"
        for one in imports()
        if one.imported not in TABLE[one.importer].split()
        and (one.importer, one.imported) not in ALSO
    ]
    assert not wrong


def test_the_table_has_no_circle() -> None:
    """Rooms stand on one another, never in a circle."""
    graph = {name: set(allowed.split()) for name, allowed in TABLE.items()}
    assert set().union(*graph.values()) <= set(TABLE)
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
    assert order.index("values") < order.index("cli")


def test_what_needs_a_type_alone_does_not_import_it() -> None:
    """Where a room asks what stands above it, it is a name that only a type checker reads."""
    typed = set(ALSO) - {("values", "report")}
    wrong = [
        f"{module} → {name}"
        for module in files()
        for name in imported_when_run(module)
        if (room(module), room(name)) in typed
    ]
    assert not wrong


def test_reports_take_values_alone_of_what_computes() -> None:
    """A report words what it is given: of the rooms that compute it knows types and constants."""
    wrong = []
    for module, path in files().items():
        for node in nodes_of(path):
            for name in imported_by(node) if room(module) == "report" else ():
                if name in files() and room(name) in ("app", "people", "scoring"):
                    assert isinstance(node, ast.ImportFrom)
                    source = importlib.import_module(name)
                    taken = [getattr(source, alias.name) for alias in node.names]
                    wrong += [f"{module} → {one}" for one in taken if isfunction(one)]
    assert not wrong


def test_modules_import_one_another_in_no_circle() -> None:
    """Inside a room as between rooms: what a module stands on does not stand on it, not even by an
    import inside a function. (A name that only a type checker reads makes no circle.)"""
    graph = {name: set(imported_when_run(name)) for name in files()}
    late = {(f"kpictl.{first}", f"kpictl.{second}") for first, second in LATE}
    assert all(second in graph[first] for first, second in late)
    kept = {name: {o for o in found if (name, o) not in late} for name, found in graph.items()}
    try:
        assert len([*TopologicalSorter(kept).static_order()]) >= len(files())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@cache
def imported_when_run(module: str) -> tuple[str, ...]:
    """Return the modules of ours that a module imports, at its top or inside its functions."""
    nodes = nodes_of(files()[module])
    unread = {
        id(inner)
        for node in nodes
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    read = (node for node in nodes if id(node) not in unread)
    names = (name for node in read for name in imported_by(node))
    return tuple(name for name in names if name in files() and name != module)


def test_exceptions_to_the_table_are_needed() -> None:
    """An exception that nothing uses any more is taken away."""
    assert {(one.importer, one.imported) for one in imports()} >= set(ALSO)


def test_only_the_command_line_prints_and_reads_clock_and_environment() -> None:
    """`print`, `sys.exit`, `os.environ` and the wall clock belong to `cli`; `api` is its twin."""
    wrong = re.compile(
        r"\bprint\(|sys\.exit|os\.environ|os\.getenv|datetime\.now\(|\.today\(|time\.time\("
    )
    found = [
        f"{path.relative_to(SOURCE)}:{number} {line.strip()}"
        for module, path in files().items()
        if room(module) not in ("cli", "api")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if wrong.search(line)
    ]
    assert not found


def test_no_test_asks_the_clock_or_waits() -> None:
    """What a test finds depends on no clock: a loaded machine is a slow one, not a wrong one."""
    asks = re.compile(
        r"\btime\.(?:sleep|time|monotonic|perf_counter|process_time)\(|(?:datetime|date|dt)\.(?:now|utcnow|today)\("
    )
    tests = Path(__file__).parent
    exempt = {"portal/clock.py", "test_house.py"}  # the portal for people at the keyboard; this
    found = [
        f"{name}:{number} {line.strip()}"
        for path in sorted(tests.rglob("*.py"))
        if (name := path.relative_to(tests).as_posix()) not in exempt
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if asks.search(line)
    ]
    assert not found


def test_what_every_command_has_is_written_once() -> None:
    """A command says only its own options; those of all come from one place, and each has them."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    each = [{flag for one in of.params for flag in one.opts} for of in commands.values()]
    common = set.intersection(*each) - {"--help"}
    for name, command in commands.items():
        options = {flag for one in command.params for flag in one.opts}
        assert options >= {"--config", "--quiet", "--verbose", "--no-color", "--lang"}, name
        own = (SOURCE / "cli" / f"{name}.py").read_text("utf-8")
        assert not re.search(r"\b(?:Config|Quiet|Verbose|NoColor|Lang)\b", own), name
    assert not [
        f"{module}:{node.lineno} {arg.value!r}"
        for module, path in files().items()
        if room(module) == "cli" and module != "kpictl.cli.options"
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Option")
        for arg in node.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        if common & set(arg.value.split("/"))
    ]


# --- how fast it starts ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [(["--help"], ""), (["--version"], ""), (["compute", "--help"], "pydantic")],
)
def test_help_loads_nothing_heavy(arguments: list[str], allowed: str) -> None:
    """Help is instant: it loads neither tables, database, parser nor network.

    (Typer itself reads the options of a command with pydantic, even for its help.)
    """
    script = (
        "import sys\n"
        f"sys.argv = ['kpictl', *{arguments!r}]\n"
        "from kpictl.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert set(done.stdout.splitlines()[-1].split()) - {allowed} == {"loaded:"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import kpictl` costs nothing until something is computed."""
    script = f"import sys, kpictl; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert not done.stdout.strip()


def test_values_are_structs() -> None:
    """A dataclass, fifty times as slow to make, stands only where a secret must not be shown."""
    named = {
        name for name, path in files().items() if "from dataclasses" in path.read_text("utf-8")
    }
    assert all(name.startswith("kpictl.bitrix24.rest.") for name in named), named


# --- how large things are --------------------------------------------------------------------


def test_files_are_short() -> None:
    """A file is read in one sitting."""
    sizes = {
        str(path.relative_to(SOURCE)): len(path.read_text("utf-8").splitlines())
        for path in files().values()
    }
    assert not {name: size for name, size in sizes.items() if size >= MAX_FILE}


def test_functions_are_short() -> None:
    """A function is seen at one glance."""
    assert not [f"{name}: {size} lines" for name, size in functions() if size >= MAX_FUNCTION]


# --- shelves ---------------------------------------------------------------------------------


def shelf(folder: str, *not_on_it: str) -> set[str]:
    names = {path.stem for path in (SOURCE / folder).glob("*.py")}
    return names - {"__init__", *not_on_it}


def test_every_kind_is_registered() -> None:
    """A file in `kinds/` is one kind, under the name of its verb, and the plan knows it."""
    assert {kind.__module__.rsplit(".", 1)[1] for kind in KINDS.values()} == shelf("kinds", "base")
    for verb, kind in KINDS.items():
        assert kind.verb == verb == kind.__module__.rsplit(".", 1)[1]
        assert kind.__doc__, verb
        assert verb in kind.model_fields, verb
    assert str(Plan.model_json_schema()).count("percentile") > 1


def test_every_shape_is_registered() -> None:
    """A class of `curves` that has a key is a shape that a scorecard may name."""
    shapes = [
        one
        for one in vars(curves).values()
        if isinstance(one, type) and issubclass(one, curves.Shape) and hasattr(one, "key")
    ]
    assert {shape.key for shape in shapes} == set(curves.SHAPES)
    assert set(curves.SHAPES.values()) == set(shapes)
    assert all(shape.__doc__ for shape in shapes)


def test_every_format_is_registered() -> None:
    """A module of `report/` with `render(results, options)` is a format, and every format is one."""
    found = {}
    for name in shelf("report"):
        module = importlib.import_module(f"kpictl.report.{name}")
        render = getattr(module, "render", None)
        if render is not None and [*signature(render).parameters] == ["results", "options"]:
            found[name] = module.__name__
    assert found == {name: form.module for name, form in FORMATS.items()}
    assert len({form.ending for form in FORMATS.values()}) == len(FORMATS)


def test_every_source_is_registered() -> None:
    """A type of source that a plan may have is one line of `SOURCES`, and does what the protocol
    says."""
    assert [*SOURCES] == [*SPECS]
    promised = {n: m for n, m in vars(Source).items() if isfunction(m) and not n.startswith("_")}
    assert promised
    for kind in SOURCES:
        made = source_of(kind)
        assert isinstance(made.yields, bool), kind
        for name, method in promised.items():
            own = [*signature(getattr(made, name)).parameters]
            assert own == [*signature(method).parameters][1:], (kind, name)


def of_one_source(kind: str) -> tuple[set[str], tuple[str, ...]]:
    """Return the classes that only the folder of a kind of source and the plan's own shelf may
    name: what a plan says of it, what opens it (`FileSource`) and what reads it (`FileReader`)."""
    home = SOURCES[kind].removeprefix("kpictl.").rpartition(".")[0]
    source = type(source_of(kind)).__name__
    names = {SPECS[kind].__name__, source, f"{source.removesuffix('Source')}Reader"}
    return names, (f"{home}.", "plan.sources")


@pytest.mark.parametrize("kind", SOURCES)
def test_what_only_one_source_may_name_is_there(kind: str) -> None:
    """A class that was renamed or moved is forbidden elsewhere under its new name."""
    names, homes = of_one_source(kind)
    defined = {
        node.name
        for module, path in files().items()
        if module.removeprefix("kpictl.").startswith(homes)
        for node in nodes_of(path)
        if isinstance(node, ast.ClassDef)
    }
    assert names <= defined


def test_nobody_asks_what_kind_a_source_is() -> None:
    """What is true of one kind of source alone, that kind says itself: elsewhere no class of it is
    named, and no type of a source is compared with a word."""
    found = []
    private = {kind: of_one_source(kind) for kind in SOURCES}
    for module, path in files().items():
        inside = module.removeprefix("kpictl.")
        for node in nodes_of(path):
            for kind, (names, homes) in private.items():
                if inside.startswith(homes):
                    continue
                if (
                    (isinstance(node, ast.Name) and node.id in names)
                    or (isinstance(node, ast.alias) and node.name in names)
                    or (isinstance(node, ast.Compare) and _compares_type(node, kind))
                ):
                    found.append(f"{module}: {ast.unparse(node)}")
    assert not found


def _compares_type(node: ast.Compare, kind: str) -> bool:
    sides = [node.left, *node.comparators]
    words = [one for one in sides if isinstance(one, ast.Constant) and one.value == kind]
    return bool(words) and any(
        "type" in ast.unparse(one) or "kind" in ast.unparse(one) for one in sides
    )


ENGINES: tuple[str, ...] = get_args(EngineName)


def test_nobody_asks_what_kind_a_kpi_or_which_shape_a_score_is() -> None:
    """What is true of one kind alone, or of one shape, that class says itself: elsewhere it is told
    neither by its class nor by its name, so that a new one is not forgotten there."""
    shelves = (
        ({one.__name__ for one in KINDS.values()}, set(KINDS), ("verb",), "kinds."),
        ({one.__name__ for one in curves.SHAPES.values()}, set(curves.SHAPES), ("key", "shape"), "scoring.curves"),
    )  # fmt: skip
    found = set()
    for module, path in files().items():
        inside = module.removeprefix("kpictl.")
        for node in (n for n in nodes_of(path) if isinstance(n, ast.Call | ast.Compare)):
            for classes, words, names, home in shelves:
                if not inside.startswith(home) and _asks(node, classes, words, names):
                    found.add((inside, ast.unparse(node)))
    assert not found


def _asks(
    node: ast.Call | ast.Compare, classes: set[str], words: set[str], names: tuple[str, ...]
) -> bool:
    """Say whether something is compared by its class, by its name, or by having a key."""
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        if called in ("isinstance", "issubclass"):
            return any(isinstance(n, ast.Name) and n.id in classes for n in ast.walk(node.args[1]))
        asked = node.args[1] if called in ("getattr", "hasattr") else None
        return isinstance(asked, ast.Constant) and asked.value in words
    sides = [node.left, *node.comparators]
    if not any(isinstance(one, ast.Attribute) and one.attr in names for one in sides):
        return False
    return any(isinstance(n, ast.Constant) and n.value in words for n in ast.walk(node))


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_answers(name: str) -> None:
    """A module of `engines/` is one engine, which answers all that the protocol says, and has a
    name by which it is asked for."""
    assert shelf("engines") == set(ENGINES)
    promised = {n: m for n, m in vars(Engine).items() if isfunction(m) and not n.startswith("_")}
    module = importlib.import_module(f"kpictl.engines.{name}")
    made = [
        one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__
    ]
    (engine,) = (
        one for one in made if isinstance(one, type) and promised.keys() <= vars(one).keys()
    )
    for method, meant in promised.items():
        own = [*signature(getattr(engine, method)).parameters]
        assert own == [*signature(meant).parameters], (name, method)


@pytest.mark.parametrize("name", catalog.names())
def test_every_entity_is_sound(name: str) -> None:
    """Names its owner and id among its fields; no caption stands for two fields."""
    entity = catalog.entity(name)
    assert entity.known
    assert {entity.owner, entity.id} - {None} <= set(entity.fields)
    captions = [c.casefold() for field in entity.fields.values() for c in field.captions]
    per_field = [c for f in entity.fields.values() for c in {x.casefold() for x in f.captions}]
    assert sorted(set(captions)) == sorted(per_field)
    for field in entity.fields.values():
        assert field.kind in catalog.EXPRESSION_TYPES
        assert {n for group in field.needs for n in group} <= set(entity.fields)


def test_languages_have_the_same_words() -> None:
    """What one language says, every language says, with the same slots."""
    slot = re.compile(r"\{(\w+)(?:\|[^|{}]*)*\}")
    first, *others = (table(lang) for lang in LANGUAGES)
    for other in others:
        assert set(first) == set(other)
        for key, text in first.items():
            assert set(slot.findall(text)) == set(slot.findall(other[key])), key


# --- the library's door ----------------------------------------------------------------------

PLAN = """\
sources: {crm: {type: csv, deals: deals.csv}}
kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
scorecards: {all: {kpis: {revenue: {weight: 100, target: 10}}}}
"""
DEALS = """\
ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии
1;Сделка успешна;12,5;Анна Белова;10.05.2024 12:00:00
"""


def test_the_public_names() -> None:
    """What `__all__` promises is there, and nothing else is asked for by accident."""
    assert all(getattr(kpictl, name) is not None for name in kpictl.__all__)
    assert kpictl.Results is Results
    with pytest.raises(AttributeError):
        _ = kpictl.nonsense


def test_a_plan_is_computed_from_python(tmp_path: Path) -> None:
    """Load a plan, compute it, look at it as a frame with exact decimals."""
    path = write(tmp_path, PLAN, {"deals.csv": DEALS})
    assert list(kpictl.load_plan(path).kpis) == ["revenue"]
    moment = datetime(2024, 6, 1, tzinfo=UTC)
    results = kpictl.compute(path, period="last-month", as_of=moment, environment={})
    assert results.period.text == "2024-05"
    frame = results.to_frame()
    (line,) = frame.to_dict("records")
    assert (line["name"], line["value"], line["index"]) == ("Анна Белова", Decimal("12.5"), 125)
    assert results.to_dict()["period"]["text"] == "2024-05"


def test_a_wrong_plan_raises_all_its_mistakes(tmp_path: Path) -> None:
    """PlanRejected holds every problem, each with its place."""
    path = write(tmp_path, "sources: {}\nkpis: {a: {from: deals}, b: 5}\nscorcards: {}", {})
    with pytest.raises(PlanRejected) as caught:
        kpictl.load_plan(path, {})
    assert len(caught.value.problems) == 3
    assert {p.place.line for p in caught.value.problems if p.place} == {4, 5}


def test_the_package_is_typed() -> None:
    """`py.typed` tells type checkers that the annotations are to be used."""
    assert (resources.files("kpictl") / "py.typed").is_file()
