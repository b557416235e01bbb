"""`make mutants`: one wrong sign at a time in the core, to see whether a test notices.

Not part of the suite. pytest collects the tests that speak of numbers and notes once which lines each
test reaches; then, for each change, a forked child puts the changed code into the functions
that live and runs the tests that reach the line, the quickest first, to the first failure.

Our own, because half of the arithmetic stands in SQL, in properties and in tables: mutmut changes
neither f-strings nor decorated functions nor anything outside functions, and cosmic-ray starts
Python and collects the tests anew for each change, which takes seconds where a fork takes none.

    make mutants [MUTANTS="--every 3 --patience 20 kinds engines.sql"]
    make mutants MUTANTS=--survivors

How each change ended is written to `.mutants/ends.txt`, what survived to `.mutants/survivors.txt`,
which `--survivors` tries again. A change that
makes no difference to anybody is named in `mutants-equal.txt`, with the reason.
"""

from __future__ import annotations

import argparse
import functools
import gc
import hashlib
import importlib
import json
import multiprocessing
import operator
import os
import pkgutil
import resource
import shutil
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import pytest
from hypothesis import Phase, settings

import kpictl
from mutations import Mutant, mutants

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src" / "kpictl"
WORK = HERE.parent / ".mutants"
TESTS = {  # which files speak of which modules, the plainest first
    "kinds": "kinds borders_of_time scores vectors manual calendar_plan shelves regressions bad_plans",
    "scoring/score": "points scores look insight regressions",
    "scoring/curves": "points scores results shelves bad_plans",
    "scoring/targets": "target_arithmetic attendance shares_of_targets targets target_making audit_targets levels target_files"
    " target_list absences presence editions shifts timesheets scores goals",
    "scoring/units": "goals levels department_light targets",
    "scoring/posts": "posts two_posts working_time explain_units levels",
    "scoring/scorecards": "scores goals by targets completeness people kinds pace posts levels",
    "app/leftout": "left_out people by shared_records regressions",
    "measure": "slices borders_of_time kinds engines manual goals by completeness left_out spellings scores regressions",
    "engines": "record_reasons slices waiting borders_of_time kinds engines links working_time goals left_out"
    " asked_beside hours_of_posts",
    "app/computation": "kinds borders_of_time goals by completeness editions two_posts regressions exact computed_together",
    "expressions": "expression_values waiting days_apart mixed_arithmetic who engines vectors working_time night_shifts"
    " hours_of_posts calendar_plan derivations lookups dates bad_plans regressions",
    "periods": "periods period_edges borders_of_time trend compare",
    "people": "people who by namesakes staff_history posts two_posts two_in_a_cell shared_records"
    " absences presence working_time shifts levels regressions goals posts_in_time shared_in_groups"
    " whose_column names_meant portal_posts hours_of_posts asked_beside",
    "sources/derive": "derived_fields derivations vectors regressions left_out scores borders_of_time by"
    " portal_found portal_reading",
}
WHOLE = "explain explain_units samples csv_reading left_out assignments goals outputs"
"""Files that speak of whole results, and so of every module: asked last."""

HEAVY = ("duckdb", "_duckdb", "pandas", "sqlglot", "yaml", "babel.numbers", "rich.table")
STUCK = 99
FUNCTIONS: list[FunctionType] = []


@dataclass(frozen=True)
class Hunt:
    """What is changed, and how long it is looked at.

    `every` n-th change; of `keys` alone, if given; `patience`: seconds of tests that a change is
    given, the quickest first; `jobs`: how many changes are tried at once.
    """

    modules: list[str]
    every: int
    keys: frozenset[str] | None
    patience: float
    jobs: int


def forked(work: Callable[[], int], limit: float) -> int:
    """Return what the work returns in a child of its own; STUCK where it crashes or never ends."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else STUCK
    signal.alarm(int(limit) + 1)
    resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    code = STUCK
    try:
        code = work()
    finally:
        os._exit(code)


def taken(counter: Any) -> int:
    with counter.get_lock():
        counter.value += 1
        return int(counter.value) - 1


class Net:
    """The plugin that takes the place of pytest's loop over the tests."""

    def __init__(self, hunt: Hunt) -> None:
        self.hunted = hunt
        self.items: dict[str, pytest.Item] = {}
        self.seconds: dict[str, float] = {}
        self.reach: dict[tuple[str, int], int] = defaultdict(int)  # a bit for each test
        self.kills: dict[str, Counter[str]] = defaultdict(Counter)
        self.failed, self.spent = False, 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """The same examples each time, and none made smaller: that it fails is all we ask."""
        once = settings(
            settings.get_profile("suite"), database=None, derandomize=True,
            phases=(Phase.explicit, Phase.generate),
        )  # fmt: skip
        settings.register_profile("mutants", once)
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed
        self.spent += report.duration

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.rooms = session.config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001
        for module in pkgutil.walk_packages(kpictl.__path__, "kpictl."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        for heavy in HEAVY:  # what is imported late would be imported by each child
            importlib.import_module(heavy)
        FUNCTIONS.extend(f for f in gc.get_objects() if isinstance(f, FunctionType) and ours(f))
        gc.freeze()
        self.look()
        self.hunt()
        return True

    def passes(self, name: str) -> bool:
        item = self.items[name]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return not self.failed

    # --- which test reaches which line ------------------------------------------------------

    def look(self) -> None:
        source = b"".join(path.read_bytes() for path in sorted(SOURCE.rglob("*.py")))
        by_file: dict[Path, list[str]] = defaultdict(list)
        for name, item in self.items.items():
            by_file[item.path].append(name)
        kept: dict[Path, list[str]] = {}
        for path, names in by_file.items():
            mark = hashlib.sha256(source + path.read_bytes()).hexdigest()[:12]
            kept[WORK / f"{path.stem}-{mark}.json"] = names
        unseen = [path for path in kept if not path.exists()]
        self.share(lambda path: forked(lambda: self.trace(kept[path], path), 1800), unseen)
        for path in kept:
            told = json.loads(path.read_text())
            for file, lines in told["reach"].items():
                for line, mask in lines.items():
                    self.reach[file, int(line)] |= int(mask, 16) << len(self.seconds)
            self.seconds |= told["seconds"]
        print(f"{len(self.seconds)} tests, {sum(self.seconds.values()):.0f} s", flush=True)

    def share(self, work: Callable[[Any], object], parts: Sequence[Any]) -> None:
        """Do the parts in as many processes as there are jobs, each with a room of its own; who is
        done with one takes the next."""
        children, next_part = [], multiprocessing.Value("i", 0)
        for job in range(self.hunted.jobs):
            children.append(os.fork())
            if not children[-1]:
                base = WORK / f"tmp-{job}"
                shutil.rmtree(base, ignore_errors=True)
                base.mkdir()
                self.rooms._basetemp = base.resolve()  # noqa: SLF001
                try:
                    while (at := taken(next_part)) < len(parts):
                        work(parts[at])
                finally:
                    os._exit(0)
        for child in children:
            os.waitpid(child, 0)

    def trace(self, names: list[str], kept: Path) -> int:
        """Write down which lines each test reaches."""
        reach = coverage.Coverage(source=[str(SOURCE)], data_file=None, config_file=False)
        seconds: dict[str, float] = {}
        reach.start()
        for name in names:
            self.failed, self.spent = False, 0.0
            reach.switch_context(name)
            if self.passes(name):
                seconds[name] = round(self.spent, 3)
        reach.stop()
        told = {"seconds": seconds, "reach": masks(reach.get_data(), list(seconds))}
        kept.write_text(json.dumps(told))
        return 0

    # --- one change after the other ---------------------------------------------------------

    def hunt(self) -> None:
        equal = HERE / "mutants-equal.txt"
        harmless = {row.split("  # ")[0].strip() for row in equal.read_text().splitlines()}
        ends, keys = WORK / "ends.txt", self.hunted.keys
        ends.write_text("", encoding="utf-8")
        made: list[tuple[str, Mutant]] = []
        for module in self.hunted.modules:
            for path in files(module):
                of_file = [m for m in mutants(path, SOURCE) if keys is None or m.key in keys]
                made += [(module, mutant) for mutant in of_file[:: self.hunted.every]]

        def try_out(part: tuple[str, Mutant]) -> None:
            module, mutant = part
            end = "equal" if mutant.key in harmless else self.end_of(mutant, tests_of(module))
            with ends.open("a", encoding="utf-8") as file:
                file.write(f"{end}\t{mutant.path.relative_to(SOURCE)}\t{mutant.key}\n")
            if end in ("survived", "unreached"):
                print(f"{end}: {mutant.path.name}:{mutant.line} {mutant.key}", flush=True)

        self.share(try_out, made)
        self.tell(ends)

    def tell(self, ends: Path) -> None:
        """Print how the changes of each file ended, and keep the survivors."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        survivors = []
        for row in ends.read_text(encoding="utf-8").splitlines():
            end, file, key = row.split("\t")
            counts[file][end] += 1
            if end in ("survived", "unreached"):
                survivors.append(f"{key}\n")
        (WORK / "survivors.txt").write_text("".join(survivors), encoding="utf-8")
        for file, ended in sorted(counts.items()):
            print(f"{file}: {dict(ended)}")
        print(dict(sum(counts.values(), Counter())))

    def end_of(self, mutant: Mutant, asked: list[Path]) -> str:
        file = str(mutant.path.relative_to(SOURCE))
        masks = [self.reach.get((file, line), 0) for line in mutant.lines]
        if mutant.at_import:
            masks = [mask for (f, _), mask in self.reach.items() if f == file]
        mask = functools.reduce(operator.or_, masks, 0)
        tests = (name for at, name in enumerate(self.seconds) if mask >> at & 1)
        reached = {name for name in tests if self.items[name].path in asked}
        if not reached:
            return "unreached"
        known = self.kills[mutant.path.stem]
        total = 0.0
        chosen: list[str] = []
        for name in self.in_order(reached, known, asked):
            total += self.seconds[name]
            if total < self.hunted.patience or not chosen:
                chosen.append(name)
        base = self.rooms.getbasetemp()
        last = base.with_suffix(".last")
        limit = 20 + 4 * min(total, self.hunted.patience)
        code = forked(lambda: self.run(mutant, chosen, last), limit)
        if code == STUCK:  # a library's thread may hold a lock in the moment of the fork
            code = forked(lambda: self.run(mutant, chosen, last), limit)
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(exist_ok=True)
        if code == 1:
            known[last.read_text()] += 1
        return {0: "survived", 3: "not run", STUCK: "stuck"}.get(code, "killed")

    def in_order(self, names: set[str], known: Counter[str], asked: list[Path]) -> list[str]:
        """Those that noticed most in this module; then in turn the quickest of all, and the
        quickest of each file, one file after the other."""
        quickest = sorted(names, key=lambda n: (self.seconds[n], n))
        places: Counter[Path] = Counter()
        ranks: dict[str, tuple[int, int]] = {}
        for name in quickest:
            file = self.items[name].path
            places[file] += 1
            ranks[name] = places[file], asked.index(file)
        noticed = [name for name, _ in known.most_common() if name in names]
        by_file = sorted(names, key=ranks.__getitem__)
        both = chain.from_iterable(zip(quickest, by_file, strict=True))
        return list(dict.fromkeys([*noticed, *both]))

    def run(self, mutant: Mutant, names: list[str], last: Path) -> int:
        if not put(mutant):
            return 3
        for name in names:
            if not self.passes(name):
                last.write_text(name)
                return 1
        return 0


def masks(data: coverage.CoverageData, names: list[str]) -> dict[str, dict[int, str]]:
    """Return which of the tests reach each line of the files that are changed: a bit for each."""
    bits = {name: 1 << at for at, name in enumerate(names)}
    found: dict[str, dict[int, str]] = {}
    for path in {path for module in TESTS for path in files(module)}:
        lines = data.contexts_by_lineno(str(path)).items()
        found[str(path.relative_to(SOURCE))] = {
            line: f"{sum(bits.get(name, 0) for name in set(tests)):x}" for line, tests in lines
        }
    return found


def ours(function: FunctionType) -> bool:
    return function.__code__.co_filename.startswith(str(SOURCE))


def tests_of(module: str) -> list[Path]:
    own = next(names for key, names in TESTS.items() if module.replace(".", "/").startswith(key))
    names = dict.fromkeys([*own.split(), *WHOLE.split()])
    return [p for name in names if (p := HERE / f"test_{name}.py").exists()]


def files(module: str) -> list[Path]:
    path = SOURCE / module.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def inner(code: CodeType) -> Iterator[CodeType]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part
            yield from inner(part)


def put(mutant: Mutant) -> bool:
    """Put a change into the functions or the table that it touches; False: it touches none."""
    if mutant.at_import:
        return put_table(mutant)
    name = str(mutant.path)
    old = compile(mutant.path.read_text(encoding="utf-8"), name, "exec", dont_inherit=True)
    new = compile(mutant.change(), name, "exec", dont_inherit=True)
    pairs = [(a, b) for a, b in zip(inner(old), inner(new), strict=False) if a != b]
    if [a.co_qualname for a in inner(old)] != [b.co_qualname for b in inner(new)]:
        named = {(b.co_qualname, b.co_firstlineno): b for b in inner(new)}
        both = [(a, named.get((a.co_qualname, a.co_firstlineno))) for a in inner(old)]
        pairs = [(a, b) for a, b in both if b is not None and a != b]
    done = False
    for function in FUNCTIONS:
        if function.__code__.co_filename == name:
            for a, b in pairs:
                if function.__code__ == a and a.co_freevars == b.co_freevars:
                    function.__code__, done = b, True
                    break
    return done


def put_table(mutant: Mutant) -> bool:
    """Run the statement again, changed, and hand what it makes to all who have what it made."""
    dotted = mutant.path.relative_to(SOURCE.parent).with_suffix("").parts
    module = sys.modules[".".join(p for p in dotted if p != "__init__")]
    made = dict(vars(module))
    exec(compile(mutant.change(), str(mutant.path), "exec", dont_inherit=True), made)  # noqa: S102
    owner, _, name = mutant.target.rpartition(".")
    if owner:
        setattr(getattr(module, owner), name, made[name])
        return True
    old, done = getattr(module, name), False
    for other in list(sys.modules.values()):
        for attribute, value in list(vars(other).items()) if hasattr(other, "__dict__") else ():
            if value is old and type(old) not in (bool, int, str):
                setattr(other, attribute, made[name])
                done = True
    setattr(module, name, made[name])
    return done or type(old) in (bool, int, str)


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="make mutants")
    asked.add_argument("modules", nargs="*", help="kinds, score, engines.sql, …; all, if none")
    asked.add_argument("--every", type=int, default=1, help="each n-th change of a file alone")
    asked.add_argument("--patience", type=float, default=120, help="seconds of tests for a change")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--survivors", action="store_true", help="those of the last run alone")
    options = asked.parse_args(words)
    WORK.mkdir(exist_ok=True)
    keys = None
    if options.survivors:
        keys = frozenset((WORK / "survivors.txt").read_text(encoding="utf-8").splitlines())
    modules = options.modules or list(TESTS)
    tests = [str(p) for p in dict.fromkeys(p for m in modules for p in tests_of(m))]
    quiet = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
    base = ["--basetemp", str(WORK / "tmp"), "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    net = Net(Hunt(modules, options.every, keys, options.patience, options.jobs))
    return int(pytest.main([*quiet, *base, *tests], plugins=[net]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
