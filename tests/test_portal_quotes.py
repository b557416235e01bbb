"""Quotes of a portal and of files: their own stages, outcome, money, and no history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from plans import compute
from portal import Portal, World
from pulls import trip

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: en}
sources: {crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}}
kpis:
  accepted: {from: quotes, sum: amount, where: won, when: closed_at, unit: money}
  declined: {from: quotes, count: rows, where: lost, when: closed_at}
  sent: {from: quotes, count: rows, where: "stage = 'Отправлено клиенту'", when: created_at}
  win_rate: {from: quotes, share: won, when: created_at, unit: percent}
scorecards: {sales: {kpis: {accepted: {weight: 100, target: 100}}}}
"""


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def offered() -> World:
    """Two sellers, five quotes of May."""
    world = World()
    for name in ("Анна", "Борис"):
        world.add("users", NAME=name, LAST_NAME="Продавец", EMAIL=f"{name}@example.ru")
    made = datetime(2024, 5, 6, 9, tzinfo=UTC)
    for who, amount, currency, stage, closes in (
        (2, "100000", "RUB", "APPROVED", "2024-05-20"),
        (2, "1000", "USD", "APPROVED", "2024-05-31"),
        (2, "70000", "RUB", "DECLAINED", "2024-05-12"),
        (3, "50000", "RUB", "SENT", "2024-05-13"),
        (3, "20000", "RUB", "APPROVED", "2024-06-01"),
    ):
        number = world.add("quotes", at=made, OPPORTUNITY=amount, CURRENCY_ID=currency,
                           ASSIGNED_BY_ID=who, COMPANY_ID=9)  # fmt: skip
        world.move("quotes", number, stage, at=made)
        world.change("quotes", number, at=made, CLOSEDATE=closes)
    return world


@pytest.fixture
def portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    made = Portal(offered())
    with made.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", made.webhook)
        monkeypatch.setattr("kpictl.cli.clock.SystemClock", lambda: made.clock)
        yield made


def figures(period: str) -> dict[str, dict[str, Any]]:
    code, out, err = run("compute", "-p", period, "-f", "json", "--as-of", "2024-06-03")
    assert code == 0, err
    (card,) = json.loads(out, parse_float=Decimal)["scorecards"]
    return {row["name"]: {k: c["value"] for k, c in row["kpis"].items()} for row in card["rows"]}


@pytest.mark.parametrize("older", [False, True], ids=["universal", "crm.quote.list"])
def test_quotes_end_as_their_own_directory_says(portal: Portal, *, older: bool) -> None:
    """`QUOTE_STATUS` says which stage is won and what it is called, whichever method gave them; a
    quote ends on its close date."""
    if older:
        portal.without("crm.item.list", "crm.item.fields")
    plan = Path("kpi.yaml").read_text("utf-8")
    every = "{accepted: {weight: 40, target: 100}, declined: {weight: 20, target: 1},"
    every += " sent: {weight: 20, target: 1}, win_rate: {weight: 20, target: 50}}"
    plan = plan.replace("{accepted: {weight: 100, target: 100}}", every)
    Path("kpi.yaml").write_text(plan, "utf-8")
    code, _, err = run("pull")
    assert code == 0, err
    assert run("check")[0] == 0
    may = figures("2024-05")
    usd = Decimal(portal.world.currencies["USD"]["AMOUNT"])
    assert may["Анна Продавец"] == {
        "accepted": 100000 + 1000 * usd, "declined": 1, "sent": 0,
        "win_rate": pytest.approx(Decimal(200) / 3),
    }  # fmt: skip
    assert may["Борис Продавец"] == {"accepted": 0, "declined": 0, "sent": 1, "win_rate": 50}
    assert figures("2024-06")["Борис Продавец"]["accepted"] == 20000


def test_nobody_asks_for_what_quotes_have_not(portal: Portal) -> None:
    """Neither pipelines nor stage history: the documentation knows none of either for quotes."""
    assert run("pull")[0] == 0
    commands = [c for request in portal.log for c in request.commands]
    about = [c.method for c in commands if str(c.params.get("entityTypeId")) == "7"]
    assert set(about) == {"crm.item.fields", "crm.item.list"}
    assert not [c for c in commands if c.outcome != "ok"]


def test_quotes_are_explained_and_listed(portal: Portal) -> None:
    """`explain`, `fields` and `status` know them by name."""
    assert run("pull")[0] == 0
    code, out, err = run("explain", "accepted", "-e", "Борис Продавец", "-p", "2024-06",
                         "--as-of", "2024-06-03")  # fmt: skip
    assert code == 0, err
    assert "20,000" in out
    assert "Предложение #5" in out
    code, out, _ = run("fields", "quotes", "--format", "csv")
    assert code == 0
    assert "QUOTE_NUMBER" in out or "quoteNumber" in out
    assert "Quotes" in run("status")[1]


def test_a_changed_quote_arrives_with_the_next_pull(tmp_path: Path) -> None:
    """Quotes are pulled as deals are: changes, new ones and deletions."""
    world = World.sample(1, deals=60)
    with trip(Portal(world), tmp_path) as way:
        way.pull(("quotes",))
        assert set(way.rows("quotes")) == set(world["quotes"].ids)
        way.portal.clock.sleep(600)
        first, second = list(world["quotes"].ids)[:2]
        world.change("quotes", first, TITLE="Переписано")
        world.delete("quotes", second)
        new = world.add("quotes", TITLE="Новое")
        changes = way.pull(("quotes",)).changes["quotes"]
        assert changes == {"new": 1, "changed": 1, "gone": 1}
        titles = way.rows("quotes", "title")
        assert titles[first] == ("Переписано",)
        assert titles[new] == ("Новое",)
        assert second not in titles


@pytest.mark.parametrize(
    ("head", "won"),
    [
        ("ID;Тема;Стадия предложения;Сумма;Валюта;Ответственный;Дата завершения", "Принято"),
        ("ID;Subject;Estimate Stage;Amount;Currency;Responsible;Deadline", "Accepted"),
    ],
    ids=["ru", "en"],
)
def test_quotes_of_a_file(tmp_path: Path, head: str, won: str) -> None:
    """A list of quotes with its usual captions and stages needs no declaration."""
    lines = f"{head}\n1;A;{won};100;RUB;Анна;15.05.2024\n2;B;Отклонено;50;RUB;Анна;16.05.2024\n"
    plan = """
    sources: {crm: {type: csv, quotes: q.csv}}
    kpis:
      accepted: {from: quotes, sum: amount, where: won, when: closed_at, unit: money}
      declined: {from: quotes, count: rows, where: lost, when: closed_at}
    """
    done = compute(tmp_path, plan, {"q.csv": lines})
    assert done.figures == {"Анна": {"accepted": 100, "declined": 1}}
