"""`kpictl watch`: frames of a live board, and what they show, with a clock that nobody waits for."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app import watch
from kpictl.app.computation import ComputeRequest
from kpictl.app.watch import BoardReading, Frame, Watched, frames
from kpictl.app.workspace import open_workspace
from kpictl.cli import app, keys
from kpictl.cli.watch import length
from kpictl.errors import Place, PlanRejected, Problem, SourceError, UsageError
from kpictl.report.board import BoardLook, lines
from kpictl.report.terminal import cell_len
from plans import HEAD
from portal import Portal, World

PLAN = """\
calendar: {country: RU}
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  wins: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
scorecards:
  sales:
    label: Продажи
    kpis:
      revenue: {weight: 60, target: 1000/month}
      wins: {weight: 40, target: 4/month}
"""
HEADER = "ID;Название;Стадия сделки;Сумма;Ответственный;Дата изменения стадии\n"
FIRST = """\
1;Насос;Сделка успешна;600;Анна Белова;06.05.2024 12:00:00
2;Кран;Сделка успешна;500;Олег Ким;07.05.2024 13:30:00
"""
LATER = "3;Вентиль;Сделка успешна;400;Олег Ким;07.05.2024 09:15:00\n"
NOON = datetime(2024, 5, 20, 9, tzinfo=UTC)  # in Moscow; ten of twenty working days are over


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at, self.slept = NOON.timestamp(), list[float]()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kpi.yaml").write_text(HEAD + PLAN, encoding="utf-8")
    write(tmp_path, FIRST)
    return tmp_path


def write(folder: Path, rows: str) -> None:
    (folder / "deals.csv").write_text(HEADER + rows, encoding="utf-8")


def reader(folder: Path, **job: object) -> Callable[[datetime], BoardReading]:
    def read(at: datetime) -> BoardReading:
        with open_workspace(folder / "kpi.yaml", {}) as workspace:
            zone = workspace.bound.zone
            period = periods.parse("mtd", as_of=at, zone=zone)
            return watch.read(workspace, ComputeRequest(period, at, **job))  # type: ignore[arg-type]

    return read


def shown(frame: Frame, **look: object) -> str:
    wide = {"lang": "ru", "width": 120, "zone": "Europe/Moscow", **look}
    drawn = lines(frame, BoardLook(**wide))  # type: ignore[arg-type]
    texts = ["".join(text for text, _ in line).rstrip() for line in drawn]
    assert all(cell_len(text) <= wide["width"] for text in texts)  # type: ignore[operator]
    return "\n".join(texts).replace("\u00a0", " ")


def in_turn(*steps: BoardReading | Exception) -> Callable[[datetime], BoardReading]:
    left = list(steps)

    def read(_: datetime) -> BoardReading:
        step = left.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    return read


def test_ranks_lights_and_records_as_they_come(folder: Path) -> None:
    """A record that comes in is told with time, owner, KPI and value, although it is older than
    others; ranks that it moves are told since the first frame; the light stands at the figure."""
    read = reader(folder)
    first = Watched().after(read(NOON), NOON)
    page = shown(first.frame)
    assert "1  Анна Белова" in page
    assert "▲" not in page
    assert "600 ₽ ★  120%" in page  # of 500 expected by now
    assert "  07.05.2024 13:30  Олег Ким     Объём  500 ₽  Кран" in page
    write(folder, FIRST + LATER)
    second = first.after(read(NOON), NOON)
    page = shown(second.frame)
    assert "1 ▲1 Олег Ким" in page
    assert "2 ▼1 Анна Белова" in page
    last = page[page.index("Последние записи") :].splitlines()
    assert last[1] == "+ 07.05.2024 09:15  Олег Ким     Объём  400 ₽  Вентиль"
    assert last[2].startswith("  07.05.2024 13:30  Олег Ким")
    third = second.after(read(NOON), NOON)  # nothing new: what came while watching stays marked
    assert shown(third.frame) == page


def test_another_month_begins_anew(folder: Path) -> None:
    """Ranks and new records are told within a month; the next day of it goes on."""
    read = reader(folder)
    watched = Watched().after(read(NOON), NOON)
    write(folder, FIRST + LATER)
    tomorrow = NOON + timedelta(days=1)
    watched = watched.after(read(tomorrow), tomorrow)
    assert len(watched.frame.new) == 1
    june = NOON + timedelta(days=20)
    write(folder, FIRST + LATER + "4;x;Сделка успешна;10;Анна Белова;03.06.2024 10:00:00\n")
    watched = watched.after(read(june), june)
    assert watched.frame.new == frozenset()
    assert not any(watched.frame.gained.values())
    assert [one.value for one in watched.frame.records] == [10]


def test_a_source_that_fails_once(folder: Path) -> None:
    """The last figures stay with their age, the reason is said in one line, and the next reading
    clears it; between two readings as long is slept as was asked."""
    good = reader(folder)(NOON)
    away = SourceError(
        [Problem("usage.system", Place("deals.csv", 3, 1), {"detail": "нет\x1b[2J\nфайла"})] * 2
    )
    clock = Clock()
    taken = list(islice(frames(in_turn(good, away, good), clock, 300), 4))
    assert taken[0] == Frame()
    assert "Показателей пока нет" in shown(taken[0])
    assert [bool(frame.failures) for frame in taken] == [False, False, True, False]
    assert sum(clock.slept) == 600
    assert max(clock.slept) <= 1
    assert taken[2].results == good.results
    page = shown(taken[2], now=NOON + timedelta(seconds=300))
    (line,) = [one for one in page.splitlines() if one.startswith("Новее нет: ")]
    assert "deals.csv:3:1: " in line
    assert line.endswith("(+1)")
    assert "\x1b" not in page
    assert "прочитано в 12:00:00, 5 мин назад · обновлю в 12:10:00" in page


def test_a_failure_of_ours_does_not_end_it(folder: Path) -> None:
    """A bug is said on the board and kept for the end; the next frame is as good as ever."""
    good = reader(folder)(NOON)
    taken = list(islice(frames(in_turn(ValueError("x"), good), Clock(), 30), 3))
    assert isinstance(taken[1].bug, ValueError)
    assert "внутренняя ошибка (ValueError)" in shown(taken[1])
    assert taken[2].bug is None
    assert taken[2].results is not None


@pytest.mark.parametrize(
    "error", [UsageError("watch.as_of"), PlanRejected([Problem("usage.system")])]
)
def test_what_was_asked_for_wrongly_ends_it_at_once(folder: Path, error: Exception) -> None:
    """A slip at the start is a message, not a board of nothing; later it is said on the board."""
    with pytest.raises(type(error)):
        list(islice(frames(in_turn(error), Clock(), 30), 2))
    good = reader(folder)(NOON)
    taken = list(islice(frames(in_turn(good, error), Clock(), 30), 3))
    assert taken[2].failures
    assert taken[2].results == good.results


def test_a_portal_that_is_away_leaves_the_figures_of_before(folder: Path) -> None:
    """What was not brought is said above figures that are computed of what is there."""
    problem = Problem("usage.system", None, {"detail": "портал не отвечает"})
    reading = replace(reader(folder)(NOON), failures=(problem,))
    (_, frame) = islice(frames(in_turn(reading), Clock(), 30), 2)
    assert "портал не отвечает" in shown(frame)
    assert "Анна Белова" in shown(frame)


@pytest.mark.parametrize(("width", "height"), [(120, 40), (70, 24), (40, 12), (20, 5), (1, 1)])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_it_fits_any_window(folder: Path, width: int, height: int, lang: str) -> None:
    """No line is wider and no page higher than the window; what is left out is counted."""
    names = [f"Сотрудник Номер{n:02} Длинноотчествович" for n in range(40)]
    write(folder, "".join(
        f"{n};[bold]x[/]\x1b[31m;Сделка успешна;{n}00;{name};06.05.2024 12:00:00\n"
        for n, name in enumerate(names)
    ))  # fmt: skip
    frame = replace(Watched().after(reader(folder)(NOON), NOON).frame, next_at=NOON)
    page = shown(frame, lang=lang, width=width, height=height, now=NOON)
    assert len(page.splitlines()) <= height
    assert "\x1b" not in page
    if width >= 70:
        assert ("ещё" if lang == "ru" else "more") in page


def test_only_some_rows(folder: Path) -> None:
    """-e and --top choose rows, and -e whose records are told; ranks stay those among all."""
    frame = Watched().after(reader(folder, employee="Ким")(NOON), NOON).frame
    page = shown(frame)
    assert "2  Олег Ким" in page
    assert "Белова" not in page


def once(folder: Path, *words: str) -> tuple[int, str, str]:
    asked = ["watch", "--once", "-c", str(folder / "kpi.yaml"), "--as-of", "2024-05-17", *words]
    done = CliRunner().invoke(app, asked)
    return done.exit_code, done.stdout, done.stderr


def test_one_frame_in_a_pipe(folder: Path) -> None:
    """--once prints a frame without colour or movement and ends; a file that cannot be read ends it
    as it ends compute."""
    code, page, _ = once(folder)
    assert code == 0
    assert "Анна Белова" in page
    assert "\x1b" not in page
    assert "выход" not in page
    (folder / "deals.csv").unlink()
    code, page, told = once(folder, "--lang", "en")
    assert (code, page) == (4, "")
    assert "deals.csv" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--once", "--every", "1s"], "--every 1s"),
        (["--once", "--every", "soon"], "30s, 5m"),
        (["--as-of", "2024-05-17"], "--once"),
        ([], "--once"),
        (["--once", "-e", "Nobody"], "Nobody"),
        (["--once", "-p", "sometimes"], "sometimes"),
    ],
)
def test_slips(folder: Path, words: Sequence[str], said: str) -> None:
    """What cannot be meant is a usage error that says what can."""
    done = CliRunner().invoke(
        app, ["watch", "-c", str(folder / "kpi.yaml"), "--lang", "en", *words]
    )
    assert done.exit_code == 2, done.output
    assert said in done.stderr


def test_lengths_of_time() -> None:
    """Seconds, minutes, hours, in whole numbers."""
    assert [length(text) for text in ("30s", "5m", " 1H ")] == [30, 300, 3600]


PORTAL_PLAN = """\
sources: {crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}}
kpis:
  revenue: {label: Объём, from: deals, sum: amount, when: created_at, unit: money}
scorecards: {sales: {kpis: {revenue: {weight: 100, target: 100/month}}}}
"""


def test_a_portal_is_pulled_and_may_be_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--once brings what is new before it computes; of a portal that is away it says so above the
    figures of the store and ends with 4; --no-pull asks nobody."""
    (tmp_path / "kpi.yaml").write_text(HEAD + PORTAL_PLAN, encoding="utf-8")
    portal = Portal(World.sample(1, deals=10))
    monkeypatch.setattr("kpictl.cli.clock.WallClock", lambda: portal.clock)
    with portal.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", portal.webhook)
        code, page, told = once(tmp_path, "-p", "2024")
        assert code == 0, told
        assert "Новее нет" not in page
        names = [line for line in page.splitlines() if "₽" in line]
        assert names
    code, page, _ = once(tmp_path, "-p", "2024")
    assert code == 4
    assert "Новее нет: crm: нет связи с порталом" in page
    assert [line for line in page.splitlines() if "₽" in line] == names
    code, page, _ = once(tmp_path, "-p", "2024", "--no-pull")
    assert (code, "Новее нет" in page) == (0, False)


ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("key", "code"), [("й", 0), ("", 130)])
def test_the_screen_is_left_as_it_was(folder: Path, key: str, code: int) -> None:
    """A key (on whatever keyboard it lies) and Ctrl-C end a board on a terminal: the other screen is
    left, the keys are shown again, and the exit code tells which it was."""
    import pty
    import termios

    own, its = pty.openpty()
    before = termios.tcgetattr(its)
    words = [
        sys.executable,
        "-m",
        "kpictl",
        "watch",
        "-c",
        str(folder / "kpi.yaml"),
        "-p",
        "2024-05",
    ]
    with subprocess.Popen(words, stdin=its, stdout=its, stderr=its) as process:
        seen = _until(own, "Белова".encode())
        assert ENTER in seen
        assert LEAVE not in seen
        if key:
            os.write(own, key.encode())
        else:
            process.send_signal(signal.SIGINT)  # as the terminal does
        assert process.wait(60) == code
    assert _until(own, LEAVE)
    assert termios.tcgetattr(its)[3] == before[3]
    os.close(own)
    os.close(its)


def _until(terminal: int, wanted: bytes) -> bytes:
    """Return what a terminal shows, up to what is waited for; it fails after a minute of silence."""
    seen = b""
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, seen
        seen += os.read(terminal, 4096)
    return seen


def test_names_are_masked_on_the_board(folder: Path) -> None:
    """--mask has the numbers of every report for people, in records, too, and no titles of them;
    ranks won stay beside who won them."""
    watched = Watched().after(reader(folder)(NOON), NOON)
    plain = shown(watched.frame)
    board = shown(watched.frame, mask=True)
    assert "Олег Ким" in plain
    assert not re.search("Ким|Белова", board)
    assert re.search(r"1 +Сотрудник 1", board)
    assert board.count("Сотрудник 1") == plain.count("Анна Белова")


def test_all_kpis_are_shown_however_narrow(folder: Path) -> None:
    """--wide lays out in further blocks what one line has no room for."""
    frame = Watched().after(reader(folder)(NOON), NOON).frame
    assert shown(frame, width=45, wide=True).count("Олег Ким") > shown(frame, width=45).count(
        "Олег Ким"
    )


def test_a_key_leaves_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the console is asked for keys: q interrupts, others do not."""
    typed = list("xq")
    console = SimpleNamespace(kbhit=lambda: bool(typed), getwch=lambda: typed.pop(0))
    monkeypatch.setitem(sys.modules, "msvcrt", console)
    monkeypatch.setattr(keys, "_LOOK", 0)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    pressed = keys.Keys(leave="q")
    with pytest.raises(KeyboardInterrupt), pressed:
        threading.Event().wait(10)
    assert pressed.left
    assert not typed


def test_a_scorecard_without_a_row(folder: Path) -> None:
    """Before anybody has a record there is a board all the same, and it says so."""
    write(folder, "")
    page = shown(Watched().after(reader(folder)(NOON), NOON).frame)
    assert "Продажи" in page
