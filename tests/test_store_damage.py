"""A store in which a bit has turned over, and whatever else may lie in the place of its files."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hard import seeds
from kpictl.cli import app
from kpictl.errors import StoreError, UsageError
from kpictl.store import Work, attach, ddl
from portal import Clock, Portal, World
from pulled import Portal as Stored
from pulled import deal, move
from pulls import trip, truth

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: en}
sources: {crm: {type: bitrix24}}
kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
scorecards: {sales: {kpis: {revenue: {weight: 100, target: 100}}}}
"""
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files and modes")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Return a plan beside a store of two hundred deals won in May."""
    path = tmp_path / "kpi.yaml"
    path.write_text(PLAN, encoding="utf-8")
    won = "2024-05-10T12:00:00+03:00"
    Stored.of(
        deals=[deal(i, opportunity=100 + i * 7) for i in range(1, 201)],
        stage_history=[move(i, i, won, "WON", "S") for i in range(1, 201)],
    ).write(tmp_path)
    return path


def run(plan: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*words, "-c", str(plan)])
    return done.exit_code, done.stdout, done.stderr


def compute(plan: Path) -> tuple[int, str, str]:
    return run(plan, "compute", "-p", "2024-05", "-f", "csv", "--as-of", "2024-07-01")


def test_a_bit_that_has_turned_over_changes_no_figure(plan: Path) -> None:
    """Wherever a single bit of the store flips: the same figures, or exit code 6; never 1."""
    store = plan.parent / ddl.FOLDER / ddl.STORE
    sound = store.read_bytes()
    _, figures, _ = compute(plan)
    dice, ends = random.Random(20), Counter[int]()  # noqa: S311
    for _ in seeds(10, 200):
        spoilt, bit = bytearray(sound), dice.randrange(len(sound) * 8)
        spoilt[bit // 8] ^= 1 << bit % 8
        store.write_bytes(spoilt)
        code, shown, said = compute(plan)
        assert code in (0, 6), (bit, said)
        assert code == 6 or shown == figures, bit
        ends[code] += 1
    assert ends[6]


def test_check_reads_every_block_of_the_store(plan: Path) -> None:
    """`check` alone believes what it need not read; with --store a block of the records that is
    not as it was written ends it with 6."""
    code, shown, _ = run(plan, "check", "--store")
    assert (code, "every block" in shown) == (0, True)
    store = plan.parent / ddl.FOLDER / ddl.STORE
    sound = store.read_bytes()
    told = set()
    for block in range(3 * 4096, len(sound), 256 * 1024):
        spoilt = bytearray(sound)
        spoilt[block + 100] ^= 1
        store.write_bytes(spoilt)
        told.add((run(plan, "check")[0], run(plan, "check", "--store")[0]))
        if (0, 6) in told:
            break
    assert (0, 6) in told
    assert told <= {(0, 6), (6, 6), (0, 0)}  # the last: a block of which nothing is in use


# --- a pull in progress ----------------------------------------------------------------------


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path: Path) -> None:
    """Turn a bit of every block over, so that a block of the rows is among them."""
    spoilt = bytearray(path.read_bytes())
    for block in range(3 * 4096, len(spoilt), 256 * 1024):
        spoilt[block + 100] ^= 1
    path.write_bytes(spoilt)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def full_folder(path: Path) -> None:
    folder(path)
    (path / "mine.txt").write_text("mine")


def other_tables(path: Path) -> None:
    import duckdb

    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE walks(x INTEGER)")


def garbage_beside(path: Path) -> None:
    path.with_name(f"{path.name}.wal").write_bytes(b"\xff" * 5000)
    path.write_bytes(b"\0" * 4096)


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere" / "at all")


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES = [
    pytest.param(lambda path: path.write_bytes(b"nothing of the kind" * 999), id="garbage"),
    pytest.param(lambda path: path.write_bytes(b""), id="empty"),
    *(half, flipped, folder, full_folder, other_tables, garbage_beside),
    pytest.param(link_to_nowhere, marks=POSIX),
    pytest.param(pipe, marks=POSIX),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_lies_in_place_of_a_pull_in_progress_does_no_harm(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    """A pull that was cut off, and whose file is damaged since, is begun anew, and a note says so;
    the store is then what the portal holds."""
    portal = Portal(World.sample(1, deals=120), Clock())
    with trip(portal, tmp_path) as way:
        way.pull()
        work = way.folder / ddl.WORK
        with closing(Work(way.folder, "crm")) as left:
            left.begin({"id": "j", "signature": "s", "marks": "{}"})
            rows = [[str(i), str(i), "x" * 200] for i in range(1, 3000)]
            left.put((), "deals", ("id", "title"), rows, fresh=True)
        damage(work)
        portal.world.change("deals", portal.world["deals"].ids[3], TITLE="после аварии")
        portal.clock.sleep(3600)
        outcome = way.pull()
        assert [note.code for note in outcome.notes] == ["pull.discarded"]
        assert way.deals == truth(portal.world)
        assert way.pull().notes == ()
    if damage is full_folder:
        assert (way.folder / f"{ddl.WORK}.1" / "mine.txt").read_text() == "mine"


# --- the folder ------------------------------------------------------------------------------


def test_a_file_in_place_of_the_folder_is_told_of(tmp_path: Path) -> None:
    """`.kpictl` that is a file: exit code 6 and where it lies; what reads sees no store."""
    plan = tmp_path / "kpi.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    (tmp_path / ddl.FOLDER).write_text("notes")
    with pytest.raises(StoreError) as caught:
        Work(tmp_path / ddl.FOLDER, "crm")
    assert caught.value.problem.code == "store.no_folder"
    assert compute(plan)[0] == 4
    assert run(plan, "status")[0] == 0
    assert (tmp_path / ddl.FOLDER).read_text() == "notes"


def test_a_folder_in_place_of_the_store_is_told_of(tmp_path: Path) -> None:
    """What lies in the place of the store itself is left alone, and said."""
    path = tmp_path / ddl.FOLDER / ddl.STORE
    path.mkdir(parents=True)
    with pytest.raises(StoreError) as caught, closing(Work(path.parent, "crm")) as work:
        work.was_applied("j")
    assert caught.value.problem.code == "store.no_file"


@POSIX
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777, 0o1777])
def test_a_folder_in_which_others_may_write_is_refused(plan: Path, mode: int) -> None:
    """Whoever may write beside the store can exchange it: no figure is read there, nothing is
    pulled there, and the message says how to close it."""
    place = plan.parent / ddl.FOLDER
    place.chmod(mode)
    code, shown, said = compute(plan)
    assert (code, shown) == (2, "")
    assert f"chmod go-w {place}" in said
    with pytest.raises(UsageError):
        Work(place, "crm")
    place.chmod(0o755)
    assert compute(plan)[0] == 0


def test_attaching_twice_is_no_harm(plan: Path) -> None:
    """`check --store` reads the store that the plan's own sources have attached already."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        place = plan.parent / ddl.FOLDER
        assert attach(connection, place, "crm") is not None
        assert attach(connection, place, "") is not None
