"""`kpictl status`: how things stand, without network and without the key."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.app.status import standing
from kpictl.cli import app
from kpictl.cli.status_view import Page
from kpictl.store import Applied, PulledEntity, WalkState, Work
from portal import Portal, World

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources:
  crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}", portal: "${NOWHERE}"}
  ads: {type: csv, ads: {path: [data/*.csv, more.csv], fields: {day: День}}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  calls: {from: calls, count: rows, when: started_at}
"""
NOON = datetime(2024, 6, 2, 9, 0, tzinfo=UTC)
FACTS = {"scopes": "crm,user", "user": "Анна Белова (ID 7)", "admin": "N", "base_currency": "RUB"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "data").mkdir()
    for name in ("data/a.csv", "data/b.csv"):
        (tmp_path / name).write_text("День\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("KPICTL_CONFIG", "BITRIX24_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["status", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def pulled(folder: Path, **facts: str) -> None:
    """Fill a store as a pull would have done: deals whole, leads only of late."""
    work = Work(folder / ".kpictl", "crm")
    rows = [[str(n), "x"] for n in range(1, 1235)]
    work.put((), "deals", ("title",), rows, fresh=True)
    found = (
        PulledEntity("deals", True, complete_to=NOON, columns=("title", "id"), swept_at=NOON),
        PulledEntity("leads", True, complete_to=NOON, columns=("*",), since=NOON),
    )
    work.apply(Applied("crm", "j1", NOON, NOON, 33, found, {}, {**FACTS, **facts}))
    work.close()


def test_everything_that_matters_is_said(here: Path) -> None:
    """Whose eyes, what the key grants and what it lacks, how many, to when, what the pulls did."""
    pulled(here)
    code, out, err = run()
    assert (code, err) == (0, "")
    said = out.replace("\xa0", " ")
    assert "глазами: Анна Белова (ID 7)" in said
    assert "не администратор" in said
    assert "Права ключа: crm, user" in said
    assert "Нет права telephony: без него не загрузить calls" in said
    assert "deals" in said
    assert "1234" in said
    assert "2024-06-02T12:00:00+03:00" in said
    assert "только изменённые с" in said
    assert "33 запроса" in said
    assert "Сделки +1 234" in said
    assert ".kpictl/store.duckdb" in said
    assert "data/*.csv, more.csv" in said
    assert "2 файла" in said


def test_on_a_terminal_it_reads_like_a_page(here: Path) -> None:
    """Captions and local moments in place of codes; no line is wider than the window."""
    pulled(here)
    found = standing("kpi.yaml", {})
    for width in (60, 80, 120):
        lines = [line.replace("\xa0", " ") for line in Page(found, "ru", width=width).lines()]
        assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "Сделки (deals)" in text
    assert "1 234  02.06.2024 12:00  02.06.2024 12:00" in text


def test_in_a_narrow_window_nothing_is_lost_at_the_edge(here: Path) -> None:
    """Long lines break between words; the number of fields is seen at 80 cells."""
    pulled(here, user="Администратор Очень Длинного Портала (ID 1)", admin="Y")
    work = Work(here / ".kpictl", "crm")
    work.put((), "products", ("id",), [[str(n), "1"] for n in range(1, 9)], fresh=True)
    found = (PulledEntity("stage_history_invoices", True, complete_to=NOON, columns=("a",), swept_at=NOON),
             PulledEntity("products", True, complete_to=NOON, columns=("id",), swept_at=NOON))  # fmt: skip
    work.apply(Applied("crm", "j2", NOON, NOON, 5, found, {}, {}))
    work.close()
    for color in (False, True):
        lines = list(Page(standing("kpi.yaml", {}), "ru", width=80, color=color).lines())
        plain = [re.sub(r"\x1b\[\d+m", "", line) for line in lines]
        assert max(map(len, plain)) <= 80
        assert any(line.strip() == "администратор" or line.endswith(", администратор")
                   for line in plain)  # fmt: skip
        assert any(line.endswith("Полей") for line in plain)
        assert any("Товарные позиции" in line and line.endswith(" 1") for line in plain)


def test_english_speaks_english(here: Path) -> None:
    """`--lang` decides about words, digits and dates."""
    pulled(here, admin="Y")
    out = run("--lang", "en")[1]
    assert "seen by Анна Белова (ID 7), an administrator" in out
    assert "no administrator" not in out
    assert "1 pull" not in out
    assert "Last pulls" in out


def test_programs_get_json(here: Path) -> None:
    """The same as data: moments as ISO 8601 in the company's zone, null where nothing is known."""
    pulled(here)
    found = json.loads(run("-f", "json")[1])
    crm, ads = found["sources"]
    assert (crm["admin"], crm["scopes"], crm["lacking"]["telephony"]) == (
        False,
        ["crm", "user"],
        ["calls"],
    )
    deals, leads = crm["entities"]
    assert deals["records"] == 1234
    assert deals["complete_to"] == "2024-06-02T12:00:00+03:00"
    assert (deals["since"], leads["since"]) == (None, "2024-06-02T12:00:00+03:00")
    assert crm["pulls"][0]["requests"] == 33
    assert ads["entities"][0]["files"] == 2
    assert found["store"]["bytes"] > 0
    assert found["unfinished"] is None


def test_before_the_first_pull_it_says_what_to_do(here: Path) -> None:
    """Nothing was pulled yet, and neither key nor network is needed to say so."""
    code, out, _ = run()
    assert code == 0
    assert "ещё ничего не загружено: kpictl pull" in out
    assert "Хранилища ещё нет" in out
    assert not (here / ".kpictl").exists()


def test_a_pull_that_was_cut_off_is_told(here: Path) -> None:
    """How far it came, and that the next one goes on from there."""
    pulled(here)
    work = Work(here / ".kpictl", "crm")
    work.begin({"id": "j2"})
    work.put([WalkState("deals/all/0", "deals", "all", read=4250)], "deals", ("title",))
    work.close()
    assert "Есть прерванная загрузка (deals 4250)" in run()[1]
    assert json.loads(run("-f", "json")[1])["unfinished"] == {
        "process": None,
        "read": {"deals": 4250},
    }


def test_a_pull_at_work_is_told_and_not_waited_for(here: Path) -> None:
    """While another process pulls, the last complete state is there to be read."""
    import subprocess
    import sys

    pulled(here)
    script = (
        "from kpictl.store import Work; from pathlib import Path; import sys\n"
        "work = Work(Path('.kpictl'), 'crm'); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        out = run()[1]
        other.communicate("")
    assert f"Загрузка идёт прямо сейчас (процесс {other.pid})" in out
    assert "1234" in out


def test_a_damaged_store_is_code_6(here: Path) -> None:
    """What cannot be read is said to be damaged, with the next step, not passed over."""
    pulled(here)
    (here / ".kpictl" / "store.duckdb").write_bytes(b"no database at all" * 1000)
    code, out, err = run()
    assert (code, out) == (6, "")
    assert "kpictl pull --full" in err


def test_a_wrong_plan_is_code_3(here: Path) -> None:
    """Without a plan nobody knows what there should be."""
    (here / "kpi.yaml").write_text("kpictl: 1\nsorces: {}\n", encoding="utf-8")
    assert run()[0] == 3
    assert run("-f", "yaml")[0] == 2


def test_hostile_names_come_out_tame(here: Path) -> None:
    """A user of the portal may be called anything; the terminal is not theirs."""
    pulled(here, user="Анна \x1b[31m\u202eБелова\n (ID 7)")
    out = run()[1]
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_after_a_real_pull_the_portals_own_words_are_there(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a pull has learnt of the portal is what status tells, when the portal is gone."""
    portal = Portal(World.sample(1, deals=20))
    portal.admin = False
    (here / "more.csv").write_text("День\n", encoding="utf-8")
    with portal.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", portal.webhook)
        assert CliRunner().invoke(app, ["pull", "-q"]).exit_code == 0
    monkeypatch.delenv("BITRIX24_WEBHOOK_URL")
    found = standing("kpi.yaml", dict(os.environ))
    (crm, _) = found.sources
    assert crm.pulled is not None
    assert {mark.entity for mark in crm.pulled.marks} >= {"deals", "calls", "users"}
    assert crm.pulled.admin is False
    out = run()[1]
    assert "Администратор Портала (ID 1)" in out
    assert portal.code not in out
