"""`kpictl pull`: what is seen while it runs, what it says at the end, and how it is stopped."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from typer.testing import CliRunner

import kpictl.bitrix24.sync
from kpictl.bitrix24.rest.client import Wait
from kpictl.bitrix24.rest.responses import Fault, Retry
from kpictl.bitrix24.sync import Outcome, Progress, PullRequest
from kpictl.cli import app, pull_view
from kpictl.cli.progress import Board, Log, Tracks
from kpictl.errors import Problem
from portal import Clock, Portal, World

MOSCOW = ZoneInfo("Europe/Moscow")
START = datetime(2024, 6, 2, 8, 15, tzinfo=MOSCOW)
PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
scorecards: {sales: {kpis: {revenue: {weight: 100, target: 100}}}}
"""
CALLS = PLAN.replace(
    "scorecards:", "  calls: {from: calls, count: rows, when: started_at}\nscorecards:"
)
DONE = Outcome(
    "crm",
    {"deals": {"read": 61200, "before": 0, "gone": 0}, "leads": {"read": 18033, "before": 0}},
    START.astimezone(UTC),
    33,
    21.2,
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    monkeypatch.delenv("BITRIX24_WEBHOOK_URL", raising=False)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield tmp_path
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.fixture
def portal(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    made = Portal(World.sample(1, deals=40))
    with made.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", made.webhook)
        monkeypatch.setattr("kpictl.cli.clock.SystemClock", lambda: made.clock)
        yield made


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def instead(monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    """Put a function in the place of the pull itself."""
    monkeypatch.setattr(kpictl.bitrix24.sync, "pull", work)


# --- on a terminal ---------------------------------------------------------------------------


def tracks() -> Tracks:
    return Tracks(Clock(START.timestamp()))


def board(found: Tracks, lang: str, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, no_color=True)
    console.print(Board(found, lang))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue().replace("\xa0", " ")
    assert all(len(line) <= width for line in text.splitlines())
    return [line.rstrip() for line in text.splitlines()]


def working() -> Tracks:
    """Return a pull in the middle of its work: 9,800 deals in four seconds, all leads."""
    found = tracks()
    found.progress(Progress("deals", "all", 0, 61200))
    found.progress(Progress("leads", "all", 0, 18033))
    found.clock.sleep(4)
    found.progress(Progress("deals", "all", 9800, 61200))
    found.progress(Progress("leads", "all", 18033, 18033, done=True))
    return found


def test_bars_say_how_far_how_fast_and_how_long() -> None:
    """A line per kind of record: caption, bar, read of all, rate, time left; what is over says so."""
    deals, leads = board(working(), "ru", 100)
    assert deals.split("  ")[0] == "Сделки"
    assert deals.endswith("9 800 из 61 200  2 450/с  ещё 0:21")
    assert deals.count("━") + deals.count("╸") in (5, 6)
    assert leads.startswith("Лиды")
    assert leads.endswith("18 033             готово")
    assert leads.count("━") == 34


def test_the_board_speaks_english_too() -> None:
    """The plan's language decides about captions and digits."""
    deals, leads = board(working(), "en", 100)
    assert deals.endswith("9,800 of 61,200  2,450/s  0:21 left")
    assert leads.endswith("done")


@pytest.mark.parametrize("width", [50, 60, 80, 120])
def test_the_board_fits_its_window(width: int) -> None:
    """No line is longer than the window is wide, whatever it has to give up."""
    assert "9 800 из 61 200" in board(working(), "ru", width)[0]


def test_a_wait_is_told_and_forgotten() -> None:
    """Why the portal is waited for stands below the bars as long as it takes, counted down."""
    found = working()
    found.wait(Wait(12.0, "method", "crm.item.list"))
    assert board(found, "ru", 100)[2] == (
        "Портал просит подождать 12 с (лимит времени метода crm.item.list); продолжу сам."
    )
    found.clock.sleep(8)
    assert "4 с" in board(found, "ru", 100)[2]
    found.clock.sleep(5)
    assert len(board(found, "ru", 100)) == 2
    fault = Fault("http_502", "", Retry.SOON)
    found.wait(Wait(3.0, "fault", None, fault))
    assert board(found, "ru", 100)[2] == "Портал не ответил (http_502); повторю сам через 3 с."


def test_short_waits_are_not_worth_a_word() -> None:
    """Keeping the pace is waiting too; nobody needs to be told."""
    found = working()
    found.wait(Wait(0.4, "bucket"))
    assert len(board(found, "ru", 100)) == 2


def test_a_pull_that_goes_on_counts_only_its_own_speed() -> None:
    """Records of an earlier process are in the count, not in the rate."""
    found = tracks()
    found.progress(Progress("deals", "all", 50000, 61200))
    found.clock.sleep(2)
    found.progress(Progress("deals", "all", 51000, 61200))
    assert board(found, "en", 100)[0].endswith("51,000 of 61,200  500/s  0:20 left")


def test_changes_and_sweeps_are_called_so() -> None:
    """A later pull counts changes; the end of it does not take the count away."""
    found = tracks()
    found.progress(Progress("deals", "changed", 120, None))
    found.progress(Progress("deals", "new", 3, None))
    assert board(found, "ru", 100) == ["Сделки    изменений: 123"]
    found.progress(Progress("deals", "ids", 2500, 61200))
    assert "сверка: 2 500" in board(found, "ru", 100)[0]
    found.progress(Progress("deals", "all", 0, None, done=True))
    assert board(found, "ru", 100)[0].endswith("сверка: 2 500    готово")


def test_hostile_names_do_not_paint_the_terminal() -> None:
    """A smart process may be called anything; escape sequences and markup come out tame."""
    found = tracks()
    found.progress(Progress("\x1b[31m[bold]red", "all", 1, None))
    assert "\x1b[31m" not in board(found, "ru", 100)[0]
    assert "[bold]" in board(found, "ru", 100)[0]


# --- in a log --------------------------------------------------------------------------------


def log(found: Tracks) -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return Log(found, stream, MOSCOW), stream


def test_a_log_has_a_line_every_few_seconds() -> None:
    """Time of day in the company's zone, kind, read of all, rate: the same in every language."""
    found = tracks()
    writer, stream = log(found)
    for read in (0, 2450, 4900, 7350, 9800, 12250, 14700, 17150):
        writer.progress(Progress("deals", "all", read, 61200))
        found.clock.sleep(1)
    assert stream.getvalue().splitlines() == [
        "08:15:02 deals 4900/61200 2450/s",
        "08:15:07 deals 17150/61200 2450/s",
    ]


def test_a_log_tells_waits_once() -> None:
    """Why, and for how long; the same wait of many threads is one line."""
    found = tracks()
    writer, stream = log(found)
    for _ in range(3):
        writer.wait(Wait(12.0, "method", "crm.item.list"))
    writer.wait(Wait(0.3, "bucket"))
    writer.wait(Wait(4.0, "fault", "batch", Fault("http_502", "", Retry.SOON)))
    assert stream.getvalue().splitlines() == [
        "08:15:00 crm.item.list: method time limit, waiting 12 s",
        "08:15:00 fault http_502, waiting 4 s",
    ]


def test_a_log_is_ascii_whatever_things_are_called() -> None:
    """Names from the plan and codes from the portal cannot break a log, nor forge a line."""
    found = tracks()
    writer, stream = log(found)
    found.clock.sleep(3)
    writer.progress(Progress("договоры\n08:15:00 done", "all", 1, None))
    (line,) = stream.getvalue().splitlines()
    assert line.isascii()


def test_the_last_line_sums_up() -> None:
    """What came, in how many requests and seconds, and to when it is complete."""
    assert pull_view.line(DONE, MOSCOW) == (
        "done: deals +61200, leads +18033, 33 requests, 21 s, complete to 2024-06-02T08:15:00+03:00"
    )
    later = {"deals": {"new": 12, "changed": 40, "gone": 1}, "leads": {"new": 0, "changed": 0}}
    again = Outcome("crm", later, None, 3, 0.2, resumed=True)
    assert pull_view.line(again, MOSCOW, several=True) == (
        "done: crm: deals +12 ~40 -1, leads +0, 3 requests, 1 s, resumed"
    )


def test_the_last_words_on_a_terminal() -> None:
    """The same for people, in the plan's language."""
    later = {"deals": {"new": 12, "changed": 1040, "gone": 1}, "leads": {"new": 0, "changed": 0}}
    said = pull_view.summary(Outcome("crm", later, DONE.complete_to, 3, 2.0), "ru", MOSCOW)
    assert said.replace("\xa0", " ") == (
        "crm: Сделки +12, изменено 1 040, удалено 1 · 3 запроса · 2 с · всё до 02.06.2024 08:15"
    )
    nothing = Outcome("crm", {"deals": {"new": 0}}, None, 2, 1.0)
    assert pull_view.summary(nothing, "en", MOSCOW) == "crm: nothing new · 2 requests · 1 s"


# --- against a portal ------------------------------------------------------------------------


def test_a_pull_fills_the_store_and_says_so(portal: Portal, here: Path) -> None:
    """Progress goes to stderr, stdout stays empty, the store is the user's alone."""
    code, out, err = run("pull")
    assert (code, out) == (0, "")
    last = err.splitlines()[-1]
    assert "done: deals +40, stage_history +" in last
    assert last.endswith("complete to 2024-06-03T09:00:00+03:00")
    store = here / ".kpictl" / "store.duckdb"
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.parent.stat().st_mode) == 0o700
    code, out, err = run("pull")
    assert "done: deals +0" in err.splitlines()[-1]


def test_quiet_is_quiet(portal: Portal) -> None:
    """With --quiet a pull that went well says nothing at all."""
    assert run("pull", "--quiet") == (0, "", "")


def test_a_pull_tells_programs_what_it_did(portal: Portal) -> None:
    """`--format json` puts the outcome on stdout, and nothing else there."""
    code, out, _ = run("pull", "--format", "json")
    (pulled,) = json.loads(out)["pulls"]
    assert code == 0
    assert pulled["changes"]["deals"]["read"] == 40
    assert pulled["complete_to"] == "2024-06-03T09:00:00+03:00"
    assert pulled["refused"] == []


def test_what_is_refused_is_told_in_full(portal: Portal, here: Path) -> None:
    """What, why it matters, what to do, what is safe, in that order; the rest was stored; code 4."""
    (here / "kpi.yaml").write_text(CALLS, encoding="utf-8")
    portal.scopes.discard("telephony")
    code, out, err = run("pull")
    assert (code, out) == (4, "")
    said = " ".join(err.split())
    places = [
        said.index(words)
        for words in (
            "refused voximplant.statistic.get",
            "«insufficient_scope» на voximplant.statistic.get",
            "calls. Что сделать",
            "Телефония (telephony)",
            "Остальное загружено до 03.06.2024 09:00; повторите kpictl pull",
        )
    ]
    assert places == sorted(places)
    assert "План не посчитан" not in said
    assert run("compute", "-p", "2024-05", "-s", "sales")[0] == 0


def test_a_wrong_key_is_never_shown(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused webhook ends with code 4 and what is safe, and without the key."""
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", portal.webhook.replace(portal.code, "wr0ngc0de"))
    code, out, err = run("pull")
    assert (code, out) == (4, "")
    assert "NO_AUTH_FOUND" in err
    assert "Ничего не загружено; повторите kpictl pull" in err
    assert "wr0ngc0de" not in err


def test_earlier_data_are_spoken_of_where_there_are_any(portal: Portal) -> None:
    """After a pull that went well, one that fails says that what it brought is safe."""
    assert run("pull")[0] == 0
    portal.revoked = True
    assert "Прежние данные целы" in run("pull")[2]


def test_a_day_stays_the_day_that_was_asked_for(portal: Portal) -> None:
    """What --since left out is told in the company's own time."""
    assert run("pull", "--since", "2024-05-20")[0] == 0
    code, out, err = run("compute", "-p", "2024-05")
    assert code == 0
    assert "изменённые с 2024-05-20 00:00+03:00" in " ".join((out + err).split())


def test_a_smart_process_that_is_not_there_is_answered_with_those_that_are(
    portal: Portal, here: Path
) -> None:
    """Code 4, which number is wrong, which there are, and nothing of an answer not foreseen."""
    plan = PLAN.replace('URL}"}', 'URL}", items: {projects: 178}}').replace(
        "scorecards:", "  projects: {from: projects, count: rows, when: created_at}\nscorecards:"
    )
    (here / "kpi.yaml").write_text(plan, encoding="utf-8")
    for words in ((), ("--only", "projects")):
        code, _, err = run("pull", *words)
        assert code == 4
        assert "смарт-процесса 178 нет" in err
        assert "есть: 177 Договоры" in err
        assert "KPI projects" in err
        assert "не предусмотрен" not in err


def test_a_missing_scope_is_told_once_for_all_that_lack_it(portal: Portal, here: Path) -> None:
    """One message names all methods; where nothing came, nothing is called complete."""
    portal.scopes.discard("crm")
    code, _, err = run("pull")
    said = " ".join(err.split())
    assert code == 4
    assert said.count("отметьте «CRM (crm)»") == 1
    assert "crm.item.fields" in said
    assert "crm.status.list" in said
    assert "complete to" not in said
    (here / "kpi.yaml").write_text(CALLS, encoding="utf-8")
    assert ", rest complete to 2024-06-03" in run("pull")[2]


def test_on_a_terminal_the_last_words_break_between_words(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line of the end is wider than the window, and no word is cut in two."""
    monkeypatch.setattr("kpictl.cli.pull.is_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", "40")
    code, _, err = run("pull", "--only", "deals,leads,activities,calls")
    last = err[err.index("crm: ") :].splitlines()
    assert code == 0
    assert len(last) > 2
    assert max(map(len, last)) <= 40
    joined = " ".join(line.strip() for line in last)
    assert "Сделки +40; Лиды +32; Дела +84; Звонки +58 · 2 запроса" in joined


def test_product_rows_that_are_read_are_told_so(portal: Portal, here: Path) -> None:
    """The last that is heard of product rows is that they are done."""
    from kpictl.bitrix24.sync import Listener, pull
    from kpictl.cli.clock import SystemClock

    heard: list[Progress] = []
    listener = Listener(progress=heard.append)
    pull("kpi.yaml", os.environ, PullRequest(only=("products",)), SystemClock(), listener)
    last = [one for one in heard if one.entity == "products"][-1]
    assert (last.read, last.done) == (last.expected, True)


def test_a_failure_half_way_keeps_what_was_brought(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After something was brought, the message says that it is kept."""
    from kpictl.errors import SourceError

    def half(plan: str, env: Any, asked: PullRequest, clock: Any, listener: Any) -> None:
        listener.progress(Progress("deals", "all", 50, 100))
        raise SourceError([Problem("pull.vanished", None, {"entity": "deals", "count": 1})])

    instead(monkeypatch, half)
    code, _, err = run("pull")
    assert code == 4
    assert "Загруженное до сих пор сохранено" in err


def test_options_become_the_order(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day begins where the company is; kinds are named with commas, or one by one."""
    seen: list[PullRequest] = []

    def note(
        plan: str, env: Any, asked: PullRequest, clock: Any, listener: Any
    ) -> tuple[Outcome, ...]:
        seen.append(asked)
        assert os.umask(0o077) == 0o077  # what is made meanwhile is the user's alone
        return ()

    instead(monkeypatch, note)
    before = os.umask(0o022)
    try:
        words = ("--full", "--sweep", "--all-fields", "--since", "2024-05-01")
        assert run("pull", *words, "--only", "deals, leads", "--only", "calls")[0] == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    since = datetime(2024, 5, 1, tzinfo=MOSCOW)
    assert seen == [PullRequest(("deals", "leads", "calls"), True, since, True, True)]


@pytest.mark.parametrize(
    "words", [("--since", "yesterday"), ("--only", "dels"), ("--format", "xml")]
)
def test_a_slip_on_the_command_line_is_code_2(portal: Portal, words: tuple[str, str]) -> None:
    """A date that is none, a kind of record that no portal has, a format that is not there."""
    code, out, err = run("pull", *words)
    assert (code, out) == (2, "")
    assert err


def test_a_plan_without_a_portal_has_nothing_to_pull(here: Path) -> None:
    """`pull` says so; `compute --fresh` reads the files, which are always fresh."""
    plan = PLAN.replace(
        '{type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}', "{type: csv, deals: d.csv}"
    )
    (here / "kpi.yaml").write_text(plan, encoding="utf-8")
    deals = "ID;Стадия сделки;Сумма;Ответственный;Дата изменения стадии\n1;Сделка успешна;1;Анна;05.05.2024 10:00:00\n"
    (here / "d.csv").write_text(deals, encoding="utf-8")
    assert run("pull")[0] == 2
    assert run("compute", "-p", "2024-05", "--fresh")[0] == 0


# --- fresh figures ---------------------------------------------------------------------------


def test_fresh_figures_are_pulled_first(portal: Portal) -> None:
    """`compute --fresh` and `explain --fresh` see what has just changed in the CRM."""
    words = ("-p", "2024-06", "--fresh", "--as-of", "2024-06-30")
    code, _, err = run("compute", *words)
    assert code == 0
    assert "done: deals +40" in err
    portal.clock.sleep(60)
    portal.world.change("deals", 1, OPPORTUNITY="1")
    code, out, err = run("explain", "revenue", *words)
    assert code == 0
    assert "done: deals ~1" in err
    assert out


@pytest.mark.parametrize("words", [("compute",), ("explain", "revenue")])
def test_no_figure_is_shown_when_the_portal_is_silent(
    portal: Portal, words: tuple[str, ...]
) -> None:
    """Old figures under a fresh title would be a lie: code 4 and nothing on stdout."""
    assert run("pull")[0] == 0
    portal.revoked = True
    code, out, _ = run(*words, "-p", "2024-05", "--fresh")
    assert (code, out) == (4, "")


def test_fresh_figures_need_all_that_was_asked_for(portal: Portal, here: Path) -> None:
    """Something refused is something old among the figures: code 4, nothing on stdout."""
    (here / "kpi.yaml").write_text(CALLS, encoding="utf-8")
    portal.scopes.discard("telephony")
    assert run("compute", "-p", "2024-05", "--fresh")[:2] == (4, "")


@pytest.mark.parametrize(
    "words",
    [
        ("compute", "--pay", "--by", "department"),
        ("compute", "--pay", "--compare", "prev"),
        ("compute", "-p", "2024-13"),
        ("compute", "--as-of", "soon"),
        ("trend", "--index", "--by", "department", "-e", "Анна"),
        ("trend", "--index", "--by", "company", "-d", "Казань"),
        ("trend", "--index", "-p", "sometimes"),
        ("explain", "revenue", "-e", "Анна", "-d", "Казань"),
        ("explain", "revenue", "--company", "-s", "sales"),
        ("explain", "revenue", "--left-out", "--company", "-d", "Казань"),
        ("explain", "pay", "--pay"),
        ("explain", "revenue", "-p", "2024-13"),
        ("payroll", "-p", "2024-05-31..2024-05-01"),
        ("ready", "2024-13"),
        ("card", "Анна", "--as-of", "32.05.2024"),
        ("compute", "--compare", "2024-13"),
        ("compute", "-p", "2024-05", "--compare", "2024-05"),
        ("compute", "--fail-on", "index <"),
        ("compute", "--fail-on", "revenue.paces < 80"),
        ("compute", "--fail-on", "revenue + 1"),
    ],
)
def test_what_the_options_alone_refuse_waits_for_no_portal(
    here: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Options that contradict each other, a period, a moment or a condition that is none, are a
    usage error before anything is pulled, which may take minutes."""
    instead(monkeypatch, lambda *_: pytest.fail("pulled"))
    code, out, err = run(*words, "--fresh")
    assert (code, out) == (2, "")
    assert err.startswith("ошибка: ")


@pytest.mark.parametrize("command", ["compute", "trend --index", "payroll"])
def test_a_workbook_for_a_terminal_is_refused_before_the_pull(
    here: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """What no terminal can show is known before anything is pulled."""
    instead(monkeypatch, lambda *_: pytest.fail("pulled"))
    monkeypatch.setattr("kpictl.cli.outputs.is_terminal", lambda _: True)
    code, out, err = run(*command.split(), "--fresh", "-f", "xlsx")
    assert (code, out) == (2, "")
    assert "xlsx не показать на экране" in err


def test_a_board_of_no_period_asks_no_portal(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`watch` refuses a period that is none before it pulls."""
    instead(monkeypatch, lambda *_: pytest.fail("pulled"))
    code, _, err = run("watch", "--once", "-p", "2024-13")
    assert code == 2
    assert "2024-13" in err


# --- being stopped ---------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("read", [0, 50])
def test_a_signal_ends_a_pull_and_tells_what_is_kept(
    here: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, code: int, read: int
) -> None:
    """Ctrl-C and SIGTERM end it at once, each with its code and the same good news."""

    def work(plan: str, env: Any, asked: PullRequest, clock: Any, listener: Any) -> None:
        listener.progress(Progress("deals", "all", read, 100))
        os.kill(os.getpid(), sent)

    instead(monkeypatch, work)
    found, out, err = run("pull")
    assert (found, out) == (code, "")
    assert ("kpictl pull продолжит с этого места" in err) == bool(read)
    assert ("ещё ничего не загружено" in err) == (not read)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_second_signal_waits_for_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C twice is not kept waiting by whatever the first one is still doing."""
    left: list[int] = []
    monkeypatch.setattr(os, "_exit", left.append)

    def work(plan: str, env: Any, asked: PullRequest, clock: Any, listener: Any) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    instead(monkeypatch, work)
    assert run("pull")[0] == 130
    assert left == [130]


def test_an_interrupted_query_is_ctrl_c_too(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database reports it as an error of its own; the user has pressed the same keys."""

    def work(*_: Any) -> None:
        raise RuntimeError("INTERRUPT Error: Interrupted!")

    instead(monkeypatch, work)
    code, _, err = run("pull")
    assert code == 130
    assert "Прервано" in err


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_waits_until_a_library_is_loaded(name: str) -> None:
    """Interrupted while it is loaded, DuckDB's would abort the whole process; a command that waits
    for something hears of it nevertheless."""
    script = f"""if True:
        import signal, threading
        from importlib.machinery import ExtensionFileLoader
        from kpictl.cli.stopping import stopping

        class Library(ExtensionFileLoader):
            def exec_module(self, module):
                signal.raise_signal(signal.{name})
                print("whole", flush=True)

        try:
            with stopping() as stop:
                Library("library", "library.so").exec_module(None)
                threading.Event().wait(60)
                print("late")
        except KeyboardInterrupt:
            print(stop.code)
    """
    call = [sys.executable, "-c", script]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    code = 128 + getattr(signal, name)
    assert (done.stdout.split(), done.returncode) == (["whole", str(code)], 0), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_stopped_process_leaves_nothing_but_its_message(portal: Portal, here: Path) -> None:
    """A real process, stopped in the middle: code 130, no traceback, and the next one goes on."""
    children: list[subprocess.Popen[str]] = []

    def stop(method: str, params: Any, _: Any) -> None:
        if method == "crm.item.list" and children:
            children.pop().send_signal(signal.SIGINT)

    script = "from kpictl.cli import main; main()"
    with portal.lock:  # nothing is answered before the child is known
        child = subprocess.Popen(
            [sys.executable, "-c", script, "pull"],
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        children.append(child)
        portal.before_command = stop
    _, err = child.communicate(timeout=300)
    portal.before_command = None
    assert child.returncode == 130
    assert err.splitlines()[-1].startswith("ошибка: Прервано")
    assert "Traceback" not in err
    assert "leaked" not in err
    assert run("pull")[0] == 0


# --- how fast it starts ----------------------------------------------------------------------


def test_help_asks_for_nothing_heavy() -> None:
    """`--help` of the new commands loads neither database nor network."""
    heavy = {"pandas", "duckdb", "httpx", "sqlglot", "babel"}
    for command in ("pull", "status", "fields", "init"):
        script = (
            f"import sys; sys.argv = ['kpictl', '{command}', '--help']\n"
            "from kpictl.cli import main\n"
            "try:\n    main()\nexcept SystemExit:\n    pass\n"
            f"print('loaded:', *({heavy!r} & set(sys.modules)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "loaded:"


def test_a_clock_that_is_set_meanwhile_does_not_move_the_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody sets the machine's clock ahead during a pull: the pull's own goes on as before."""
    import time

    from kpictl.cli.clock import SystemClock

    clock = SystemClock()
    before = clock.now()
    monkeypatch.setattr(time, "time", lambda: before + 86_400)
    assert clock.now() - before < 3600
