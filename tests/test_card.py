"""`kpictl card`: everything of one person, and nothing of anybody else."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from kpictl.card import CardRequest, cards
from kpictl.report import Options
from kpictl.report.card import FORMS, render
from kpictl.values.card import Card
from kpictl.workspace import opened
from plans import HEAD, write

NAMES = ("Анна Белова", "Олег Ким", "Пётр Дёмин", "Ира Соколова", "Юрий Зимин", "Нина Орлова")
PLAN = (
    HEAD
    + """\
calendar: {country: ru}
sources: {f: {type: csv, deals: deals.csv, employees: staff.csv}}
kpis:
  revenue: {label: Объём продаж, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  wins: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
  average: {label: Средний чек, ratio: {of: revenue, over: wins}, unit: money}
scorecards:
  sales:
    label: Менеджеры
    kpis:
      revenue: {weight: 60, target: 1000000/month}
      wins: {weight: 20, target: 4/month}
      average: {weight: 20, target: 250000}
    gates: {few: {label: Мало сделок, when: wins < 3, then: payout * 0.5}}
    bonus:
      salary_share: 40
      by_index: {bands: {0: 0, 80: 50, 100: 100, ">120": 150}}
      prorate: worked_days
awards:
  leader: {label: Лучший, when: rank = 1}
"""
)


def deals() -> str:
    """Four deals a month of each from January to May, larger from one to the next."""
    lines = ["id;название;сумма;ответственный;дата закрытия;стадия"]
    for month in range(1, 6):
        for place, name in enumerate(NAMES):
            for number in range(4):
                amount = 200000 + 20000 * place + 10000 * month
                day = f"{10 + number}.0{month}.2024"
                lines.append(f"{len(lines)};Заказ;{amount};{name};{day};Сделка успешна")
    return "\n".join(lines) + "\n"


STAFF = "имя;отдел;должность;оклад\n" + "".join(
    f"{name};Продажи;Менеджер;{61000 + place * 1100}\n" for place, name in enumerate(NAMES)
)
FILES = {"deals.csv": deals(), "staff.csv": STAFF}


def made(folder: Path, employee: str | None = "Ким", *, pay: bool = True) -> tuple[Card, ...]:
    """Return the pages of May, seen in July."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from kpictl import periods

    path, zone = write(folder, PLAN, FILES), ZoneInfo("Europe/Moscow")
    seen = datetime(2024, 7, 15, 9, tzinfo=UTC)
    with opened(path, {}) as workspace:
        period = periods.parse("2024-05", as_of=seen, zone=zone)
        return cards(workspace, CardRequest(period, seen, employee, pay=pay))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Card:
    (card,) = made(tmp_path_factory.mktemp("card"))
    return card


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_page_names_no_colleague_and_tells_no_colleagues_pay(
    page: Card, form: str, lang: str
) -> None:
    """Neither a name nor a salary nor a payout of anybody else stands on the page, in any format."""
    text = render([page], form, Options(lang=lang)).replace("\u00a0", " ")
    assert "Олег Ким" in text
    for place, name in enumerate(NAMES):
        if name != "Олег Ким":
            salary = 61000 + place * 1100
            assert name not in text
            assert name.split()[0] not in text
            for amount in (salary, salary * 40 // 100, salary * 20 // 100, salary * 60 // 100):
                assert str(amount) not in text
                assert f"{amount:,}".replace(",", " ") not in text


def test_a_page_has_all_that_the_month_says_of_its_person(page: Card) -> None:
    """Index and rank, each KPI with its contribution, the pay in steps, the trend, what is ahead."""
    text = render([page], "table", Options(lang="ru", width=100)).replace("\u00a0", " ")
    for part in ("Олег Ким", "май 2024", "5 из 6", "Объём продаж", "Вклад", "Премия", "24 840"):
        assert part in text, part
    (line,) = page.lines
    (row,) = page.results.scorecards[0].rows
    assert row.index is not None
    given = [part for part in line.contributions if part is not None]
    assert abs(sum(given) - row.index) <= Decimal("0.0002")
    assert [point.period.text for point in line.trend if point.index is not None] == [
        f"2024-0{month}" for month in range(1, 6)
    ]


def test_one_more_typical_deal_is_what_computing_with_it_gives(tmp_path: Path) -> None:
    """The index and the pay that the page promises are those of a computation with the deal."""
    (before,) = made(tmp_path / "before")
    more = before.lines[0].one_more
    assert more is not None
    assert more.amount == 270000
    extra = f"999;Заказ;{more.amount};Олег Ким;20.05.2024;Сделка успешна\n"
    then = {**FILES, "deals.csv": FILES["deals.csv"] + extra}
    folder = tmp_path / "after"
    folder.mkdir()
    (after,) = _made_of(folder, then)
    (row,) = after.results.scorecards[0].rows
    assert row.index == more.index
    paid, earlier = after.results.pay, before.results.pay
    assert paid is not None
    assert earlier is not None
    assert more.pay == (paid.lines[0].payout or 0) - (earlier.lines[0].payout or 0)


def _made_of(folder: Path, files: dict[str, str]) -> tuple[Card, ...]:
    from unittest import mock

    with mock.patch.dict(FILES, files):
        return made(folder)


def test_the_next_step_of_the_scale_is_named_with_what_is_lacking(page: Card) -> None:
    """From index 105.6 the next step is the one above 120."""
    (step,) = page.lines[0].next_steps
    (row,) = page.results.scorecards[0].rows
    assert row.index is not None
    assert (step.of, step.edge, step.percent) == ("index", ">120", Decimal(150))
    assert step.lacking == 120 - row.index


def test_without_pay_nothing_of_it_is_computed_or_shown(tmp_path: Path) -> None:
    """Pay is on the page only where it was asked for."""
    (card,) = made(tmp_path, pay=False)
    assert card.results.pay is None
    assert "Премия" not in render([card], "table", Options(lang="ru"))


def test_everybody_has_a_page_of_their_own(tmp_path: Path) -> None:
    """`--all` makes one page a person, in the order of names."""
    pages = made(tmp_path, None)
    assert [card.name for card in pages] == sorted(NAMES)
    whole = json.loads(render(pages, "json", Options(lang="ru")))
    assert [card["card"]["name"] for card in whole["cards"]] == sorted(NAMES)
