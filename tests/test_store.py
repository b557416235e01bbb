"""The local store: one state at a time, whatever is killed, and nobody else's business."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl.database import Connection, connect
from kpictl.errors import StoreError
from kpictl.store import (
    Applied,
    FieldDescription,
    PulledEntity,
    Stored,
    WalkState,
    Work,
    attach,
    ddl,
)
from kpictl.store.bulk_insert import VIEW, packs, selected, shown

NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)


def applied(*found: PulledEntity, job: str = "j1", **more: Any) -> Applied:
    return Applied("crm", job, NOON, NOON + timedelta(seconds=9), 3, found, **more)


def whole(entity: str = "deals", **more: Any) -> PulledEntity:
    return PulledEntity(entity, True, complete_to=NOON, columns=("id", "title"), **more)


def changes(entity: str = "deals", **more: Any) -> PulledEntity:
    return PulledEntity(entity, False, complete_to=NOON, columns=("id", "title"), **more)


def reading(folder: Path) -> tuple[Connection, Stored]:
    connection = connect(ZoneInfo("Europe/Moscow"))
    stored = attach(connection, folder, "crm")
    assert stored is not None
    return connection, stored


def titles(folder: Path, entity: str = "deals") -> dict[int, str | None]:
    connection, stored = reading(folder)
    try:
        return dict(stored.rows(f"SELECT _id, title FROM {stored.table(entity)} ORDER BY _id"))
    finally:
        connection.close()


def put(work: Work, rows: dict[int, str], entity: str = "deals", *, fresh: bool = True) -> None:
    cells = [[str(i), str(i), title] for i, title in rows.items()]
    work.put((), entity, ("id", "title"), cells, fresh=fresh)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".kpictl"


def test_a_first_pull_becomes_the_state(folder: Path) -> None:
    """What was brought can be read by another connection, with how far it is complete."""
    work = Work(folder, "crm")
    put(work, {1: "a", 2: "b"})
    described = (FieldDescription("title", "TITLE", "string", "Название", items=(("1", "x"),)),)
    work.apply(applied(whole(), descriptions={"deals": described}, facts={"scopes": "crm"}))
    work.close()
    connection, stored = reading(folder)
    mark = stored.marks["deals"]
    assert (mark.complete_to, mark.rows, mark.columns) == (NOON, 2, ("id", "title"))
    assert stored.columns("deals") == ("id", "title")
    assert stored.descriptions("deals") == described
    assert stored.fact("scopes") == "crm"
    assert stored.pulls()[0].changes == {"deals": {"read": 2, "before": 0, "gone": 0}}
    connection.close()
    assert titles(folder) == {1: "a", 2: "b"}


def test_changes_replace_and_add(folder: Path) -> None:
    """A record that came again is replaced, a new one is added, the others stay."""
    work = Work(folder, "crm")
    put(work, {1: "a", 2: "b"})
    work.apply(applied(whole()))
    work.begin({})
    put(work, {2: "B", 3: "c"}, fresh=False)
    put(work, {3: "C"}, fresh=False)
    found = work.apply(applied(changes(), job="j2"))
    assert found == {"deals": {"new": 1, "changed": 1, "gone": 0}}
    work.close()
    assert titles(folder) == {1: "a", 2: "B", 3: "C"}


def test_a_sweep_takes_away_what_it_has_not_seen(folder: Path) -> None:
    """Only ids up to the end of the sweep can be missed by it: later ones came after it began."""
    work = Work(folder, "crm")
    put(work, {1: "a", 2: "b", 3: "c", 9: "late"})
    work.apply(applied(whole()))
    work.begin({})
    work.put_ids((), "deals", [1, 3, 4])
    with work.store() as stored:
        assert work.unknown(stored, changes()) == [4]
    found = work.apply(applied(changes(swept_to=3, swept_at=NOON), job="j2"))
    assert found["deals"]["gone"] == 1
    work.close()
    assert titles(folder) == {1: "a", 3: "c", 9: "late"}


def test_rows_and_cursor_are_one(folder: Path) -> None:
    """Rows that were brought are there with the place of their reading when opened again."""
    work = Work(folder, "crm")
    work.begin({"id": "j1", "signature": "s"})
    state = WalkState("deals/all", "deals", "all", cursor=2, last=9, read=2)
    work.put([state], "deals", ("id", "title"), [["1", "1", "a"], ["2", "2", "b"]], fresh=True)
    work.close()
    again = Work(folder, "crm")
    assert again.walks() == [state]
    assert again.job() == {"id": "j1", "signature": "s"}
    assert again.brought("deals") == 2
    again.begin({})
    assert (again.walks(), again.brought("deals")) == ([], 0)
    again.close()


def test_a_failure_while_applying_leaves_the_old_state(folder: Path) -> None:
    """The store changes in one transaction: half of it is none of it."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.begin({})
    put(work, {1: "A", 2: "b"})
    broken = applied(changes(), job="j2", facts={"scopes": object()})
    with pytest.raises(Exception):  # noqa: B017, PT011  whatever the database says
        work.apply(broken)
    work.close()
    assert titles(folder) == {1: "a"}


def test_new_columns_join_old_rows(folder: Path) -> None:
    """A field that comes later is empty where it was not asked for."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.begin({})
    work.put((), "deals", ("id", "title", "UF_CRM_1"), [["2", "2", "b", "x"]])
    work.apply(applied(changes(), job="j2"))
    work.close()
    connection, stored = reading(folder)
    rows = stored.rows(f'SELECT _id, "UF_CRM_1" FROM {stored.table("deals")} ORDER BY 1')
    assert rows == [(1, None), (2, "x")]
    connection.close()


def test_rows_of_a_record_are_replaced_together(folder: Path) -> None:
    """A product row that is gone from its deal is gone from the store."""
    work = Work(folder, "crm")
    columns = ("id", "ownerId")
    rows = [["1", "1", "7"], ["2", "2", "7"], ["3", "3", "8"]]
    work.put((), "products", columns, rows, fresh=True)
    found = PulledEntity("products", True, complete_to=NOON, columns=columns, owners="ownerId")
    work.apply(applied(found))
    work.begin({})
    work.put((), "products", columns, [["2", "2", "7"]])
    work.put_ids((), "products", [7])
    again = PulledEntity("products", False, complete_to=NOON, columns=columns, owners="ownerId")
    work.apply(applied(again, job="j2"))
    work.close()
    connection, stored = reading(folder)
    assert stored.rows(f"SELECT _id FROM {stored.table('products')} ORDER BY 1") == [(2,), (3,)]
    connection.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_can_read_it(folder: Path) -> None:
    """The store holds the company's customers: nobody else's eyes."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in (ddl.STORE, ddl.WORK):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"


def test_nothing_pulled_is_no_store(folder: Path) -> None:
    """A plan whose portal was never pulled has nothing to read."""
    connection = connect(ZoneInfo("UTC"))
    assert attach(connection, folder, "crm") is None
    connection.close()


def test_a_damaged_store_is_told_of(folder: Path) -> None:
    """A file that is no store is said to be none, and is left as it is."""
    folder.mkdir()
    (folder / ddl.STORE).write_bytes(b"nothing of the kind" * 1000)
    connection = connect(ZoneInfo("UTC"))
    with pytest.raises(StoreError) as caught:
        attach(connection, folder, "crm")
    assert caught.value.problem.code == "store.damaged"
    connection.close()


def test_a_newer_store_is_refused(folder: Path) -> None:
    """What a newer version has written is not guessed at."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.close()
    raw = duckdb.connect(str(folder / ddl.STORE))
    raw.execute(f"UPDATE layout SET version = {ddl.LAYOUT + 1}")
    raw.close()
    with pytest.raises(StoreError) as caught:
        reading(folder)
    assert caught.value.problem.code == "store.newer"
    work = Work(folder, "crm")
    with pytest.raises(StoreError) as caught, work.store():
        pass
    assert caught.value.problem.code == "store.newer"
    work.close()


@pytest.mark.parametrize("file", [ddl.STORE, ddl.WORK])
def test_the_files_are_in_a_format_that_every_duckdb_reads(folder: Path, file: str) -> None:
    """Whichever DuckDB makes the store, 1.5 reads it: 2.0's own format would shut it out."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.close()
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{folder / file}' AS one (READ_ONLY)")
        query = "SELECT tags FROM duckdb_databases() WHERE database_name = 'one'"
        assert connection.execute(query).fetchall() == [({"storage_version": "v1.5.0+"},)]
    versions = int.from_bytes((folder / file).read_bytes()[12:20], "little")
    assert versions == 68  # what DuckDB writes at the head of files that 1.5 reads


def checksum(block: bytes) -> bytes:
    """Return what DuckDB writes before a block of a file to know it again."""
    words = (int.from_bytes(block[i : i + 8], "little") for i in range(0, len(block), 8))
    found = 5381
    for word in words:
        found ^= word * 0xBF58476D1CE4E5B9 % (1 << 64)
    return found.to_bytes(8, "little")


def test_a_format_that_is_too_new_is_called_so(folder: Path) -> None:
    """A store that a DuckDB of the future has written is not damaged: the message says what to do.
    A pull in progress of such a format is begun anew."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.close()
    written = too_new(folder / ddl.STORE)
    with pytest.raises(StoreError) as caught:
        reading(folder)
    assert caught.value.problem.code == "store.newer_database"
    path = folder / ddl.STORE
    assert caught.value.problem.data == {"file": str(path), "version": duckdb.__version__}
    assert path.read_bytes() == written
    too_new(folder / ddl.WORK)
    with closing(Work(folder, "crm")) as again:
        assert again.discarded
        assert again.job() == {}


def too_new(path: Path) -> bytes:
    """Raise the format that stands at the head of a file; return the file as it is then."""
    before = path.read_bytes()
    head = before[8:12] + (99).to_bytes(8, "little") + before[20:4096]
    path.write_bytes(checksum(head) + head + before[4096:])
    return path.read_bytes()


def test_an_older_store_migrates_forward(folder: Path) -> None:
    """The statements of each layout are run in turn, and the records stay."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    path = folder / ddl.STORE
    work.connection.execute(f"ATTACH '{path}' AS old")
    steps = {
        ddl.LAYOUT: ("ALTER TABLE pulls ADD COLUMN remark VARCHAR",),
        ddl.LAYOUT + 1: ("UPDATE pulls SET remark = 'migrated'",),
    }
    ddl.prepare(work.connection, "old", migrations=steps, layout=ddl.LAYOUT + 2)
    assert ddl.version(work.connection, "old") == ddl.LAYOUT + 2
    assert work.connection.execute("SELECT remark FROM old.pulls").fetchall() == [("migrated",)]
    rows = work.connection.execute("SELECT title FROM old.crm.deals").fetchall()
    assert rows == [("a",)]
    work.close()


HOLDER = """
import sys
from pathlib import Path
from kpictl.store import Work
work = Work(Path(sys.argv[1]), "crm")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_pull_is_told_who_holds_the_store(folder: Path) -> None:
    """Two processes never write at once; the later one hears which process it is."""
    command = [sys.executable, "-c", HOLDER, str(folder)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught:
            Work(folder, "crm")
        assert caught.value.problem.code == "store.busy"
        assert caught.value.problem.data["process"] == str(holder.pid)
    finally:
        holder.communicate("")


def test_the_state_is_read_while_a_pull_is_at_work(folder: Path) -> None:
    """A reader sees the last complete state, not what is being brought."""
    work = Work(folder, "crm")
    put(work, {1: "a"})
    work.apply(applied(whole()))
    work.begin({})
    put(work, {1: "A", 2: "b"})
    script = (
        "import sys; from pathlib import Path; from zoneinfo import ZoneInfo\n"
        "from kpictl.database import connect; from kpictl.store import attach\n"
        "s = attach(connect(ZoneInfo('UTC')), Path(sys.argv[1]), 'crm')\n"
        "print(s.rows(f'SELECT title FROM {s.table(\"deals\")}'))"
    )
    command = [sys.executable, "-c", script, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[('a',)]"
    work.close()


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec=None))), min_size=1, max_size=5))
def test_any_text_can_be_kept(cells: list[str | None]) -> None:
    """Texts are kept to the letter; only NUL and half surrogates, which no text may hold, go."""
    with duckdb.connect(":memory:") as connection:
        (packed,) = packs([["1", *cells]])
        with shown(connection, packed):
            row = connection.execute(f"SELECT {selected(packed)} FROM {VIEW}").fetchone()
    assert row is not None
    kept = row[1:]
    for before, after in zip(cells, kept, strict=True):
        if before is None:
            assert after is None
        elif "\0" not in before and not any("\ud800" <= c <= "\udfff" for c in before):
            assert after == before


def test_odd_texts_reach_the_disk(folder: Path) -> None:
    """Quotes, lines, emoji, NUL and half an emoji are stored; numbers keep every digit."""
    work = Work(folder, "crm")
    odd = {
        1: 'a"b\\',
        2: "line\nline\ttab",
        3: "😀",
        4: "a\0b",
        5: "\ud83d",
        6: "0.10000000000000000001",
    }
    put(work, odd)
    work.apply(applied(whole()))
    work.close()
    assert titles(folder) == {**odd, 4: "a�b", 5: "?"}
