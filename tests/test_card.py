"""`kpictl card`: everything of one person, and nothing of anybody else."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from kpictl.app.card import CardRequest, cards
from kpictl.app.workspace import open_workspace
from kpictl.cli.schema import output_schema
from kpictl.report import Options
from kpictl.report.card import FORMS, render
from kpictl.values.card import Card
from kpictl.words import say
from plans import HEAD, write
from test_json_outputs import closed

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


def made(
    folder: Path,
    employee: str | None = "Ким",
    *,
    pay: bool = True,
    plan: str = PLAN,
    **files: str,
) -> tuple[Card, ...]:
    """Return the pages of May, seen in July, of files of which some are other."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from kpictl import periods

    written = FILES | {f"{name}.csv": text for name, text in files.items()}
    path, zone = write(folder, plan, written), ZoneInfo("Europe/Moscow")
    seen = datetime(2024, 7, 15, 9, tzinfo=UTC)
    with open_workspace(path, {}) as workspace:
        period = periods.parse("2024-05", as_of=seen, zone=zone)
        return cards(workspace, CardRequest(period, seen, employee, pay=pay))


def validator(found: object) -> None:
    """Hold a page, or several, against the published schema, which knows every field of it."""
    jsonschema.Draft202012Validator(closed(output_schema("card"))).validate(found)


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
    (after,) = made(tmp_path / "after", deals=FILES["deals.csv"] + extra)
    (row,) = after.results.scorecards[0].rows
    assert row.index == more.index
    paid, earlier = after.results.pay, before.results.pay
    assert paid is not None
    assert earlier is not None
    assert more.pay == (paid.lines[0].payout or 0) - (earlier.lines[0].payout or 0)


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
    whole = json.loads(render(pages, "json", Options(lang="ru"), several=True))
    validator(whole)
    assert [card["card"]["name"] for card in whole["cards"]] == sorted(NAMES)


def test_json_has_one_shape_however_many_there_are(page: Card) -> None:
    """One person's page is an object; where everybody's was asked for it is a list, even of one."""
    one = json.loads(render([page], "json", Options(lang="ru")))
    validator(one)
    assert one["card"]["lines"][0]["next_steps"][0]["edge"] == ">120"
    listed = json.loads(render([page], "json", Options(lang="ru"), several=True))
    assert listed == {"cards": [one]}


EVIL = "\x1b[31mЕва\x07 [тут](javascript:x) <img src=x onerror=y> `к` **ж** | ячейка"


@pytest.mark.parametrize("form", FORMS)
def test_hostile_names_are_tamed(tmp_path: Path, form: str) -> None:
    """No escape sequence reaches a terminal, no link, image or cell of a record's making a page."""
    plan = PLAN.replace("Объём продаж", "'Объём <b>|[a](b)'").replace("Лучший", "<i>Лучший")
    plan = plan.replace("Мало сделок", "<u>Мало")
    names = {name: text.replace("Олег Ким", EVIL) for name, text in FILES.items()}
    staff, sales = names["staff.csv"], names["deals.csv"].replace("Менеджер", EVIL)
    (evil,) = made(tmp_path, None, plan=plan, staff=_only(staff, EVIL), deals=_only(sales, EVIL))
    text = render([evil], form, Options(lang="ru", width=100))
    assert "Ева" in text
    assert not {char for char in text if ord(char) < 32 and char != "\n"}
    if form == "md":
        assert not re.search(r"(?<!\\)<(?:img|b|i|u)\b", text)
        assert not re.search(r"(?<!\\)\]\(", text)
        assert not re.search(r"(?<!\\)\*\*ж", text)
        widths = {
            len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line[:1] == "|"
        }
        assert len(widths) == 1


def _only(text: str, name: str) -> str:
    """Return the head of a table and the lines that hold a name."""
    head, *lines = text.splitlines()
    return "\n".join([head, *(line for line in lines if name in line)]) + "\n"


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("width", [60, 120])
def test_a_page_fits_and_keeps_what_matters(page: Card, lang: str, width: int) -> None:
    """No line of the table is wider than the terminal; fact, target and points stay in the
    narrowest, and a name that is long goes on below instead of being cut."""
    text = render([page], "table", Options(lang=lang, width=width)).replace("\u00a0", " ")
    lines = text.splitlines()
    assert [line for line in lines if len(line) > width] == []
    (head,) = [line for line in lines if say(lang, "page.head.fact") in line]
    for name in ("fact", "target", "points"):
        assert say(lang, f"page.head.{name}") in head
    assert (say(lang, "page.head.weight") in head) is (width > 60)
    below = lines[lines.index(head) :]
    assert any("Объём" in line for line in below)
    assert any("продаж" in line for line in below)


def test_each_post_has_its_part_of_the_page(tmp_path: Path) -> None:
    """Somebody with two posts sees both, each with its own figures and pay, under its name."""
    staff = FILES["staff.csv"].replace("\n", ";;\n").replace("оклад;;", "оклад;с;по")
    staff = staff.replace(
        "Олег Ким;Продажи;Менеджер;62100;;",
        "Олег Ким;Продажи;Менеджер;62100;01.01.2024;15.05.2024\n"
        "Олег Ким;Опт;Старший;80000;16.05.2024;",
    )
    (card,) = made(tmp_path, staff=staff)
    assert [line.scorecard for line in card.lines] == ["sales", "sales"]
    text = render([card], "table", Options(lang="ru", width=100))
    assert "Менеджеры · Менеджер\n" in text
    assert "Менеджеры · Старший\n" in text
    validator(json.loads(render([card], "json", Options(lang="ru"))))


def test_who_is_unrated_reads_why(tmp_path: Path) -> None:
    """Without an index there is no rank and no promise, and the reason stands in their place."""
    plan = PLAN.replace("weight: 60", "weight: 10").replace(
        "average: {weight: 20", "average: {weight: 70"
    )
    (card,) = made(tmp_path, plan=plan, deals=_none())
    (row,) = card.results.scorecards[0].rows
    assert row.index is None
    assert card.lines[0].one_more is None
    text = render([card], "table", Options(lang="ru", width=60)).replace("\u00a0", " ")
    assert "Место" not in text
    assert "Индекс" in text
    assert [line for line in text.splitlines() if len(line) > 60] == []


def _none() -> str:
    """Return deals of which none is of Oleg Kim."""
    return "\n".join(line for line in FILES["deals.csv"].splitlines() if "Ким" not in line) + "\n"


def test_adjustments_alone_are_a_page_too(tmp_path: Path) -> None:
    """Who is on no scorecard and was given something by hand has a page with just that."""
    plan = PLAN + "pay: {adjustments: extra.csv}\n"
    plan = plan.replace("label: Менеджеры", "label: Менеджеры\n    who: department = 'Продажи'")
    staff = FILES["staff.csv"] + "Зоя Лис;Склад;Кладовщик;50000\n"
    extra = (
        "номер;сотрудник;период;сумма;причина;автор\n"
        "А-1;Зоя Лис;2024-05;1500;Инвентаризация;Орлова\n"
    )
    (card,) = made(tmp_path, "Лис", plan=plan, staff=staff, extra=extra)
    assert (card.name, card.lines) == ("Зоя Лис", ())
    for form in FORMS:
        text = render([card], form, Options(lang="ru")).replace("\u00a0", " ")
        assert "1 500" in text or "1500" in text
        assert "Инвентаризация" in text
    validator(json.loads(render([card], "json", Options(lang="ru"))))
