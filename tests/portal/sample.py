"""ООО «Ромашка» at work: leads, deals, their stages, calls, tasks and invoices, by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal import staff as people
from portal.staff import Staff, customize, hire
from portal.world import DAY, World

MONTHS = 270
_FIRMS = ("Луч; и партнёры", "Северный лес", 'Кварц "Плюс"', "Алтын", "Вектор", "Заря", "Гранит")
_FORMS = ("ООО", "АО", "ИП", "ТОО")
_NAMES = ("Роман", "Ольга", "Фёдор", "Алёна", "Ринат", "Жанна", "Лев", "Эльвира")
_LAST = ("Галеев", "Щербак", "Цой", "Яковлев", "Юсупова", "Ёжикова", "О'Нил", "Мамин-Сибиряк")
_GOODS = (
    ("Насос 50", 12_940.63),
    ("Котёл КВ-1", 185_300.0),
    ("Монтаж", 18_510.26),
    ("Труба", 930.5),
)
_TITLES = (
    "Поставка {}",
    "Монтаж {}",
    "Насосы; срочно {}",
    "=СУММ({};1)",
    'Котёл "Заря" {}',
    "Проект\n{}",
)
_SOURCES = ("CALL", "WEB", "WEB", "ADVERTISING", "RECOMMENDATION", "TRADE_SHOW", "PARTNER")
_CURRENCIES = ("RUB",) * 17 + ("USD", "EUR", "KZT")
_WORK = (9, 18)


@dataclass(slots=True)
class Years:
    """Draws everything from one seed, and knows who works where."""

    world: World
    dice: random.Random
    staff: Staff
    end: float
    companies: list[int] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)

    def moment(self, since: float, days: float) -> float:
        """Return a moment of working time up to `days` later, never past the end."""
        day = (since + self.dice.random() * days * DAY) // DAY * DAY
        while datetime.fromtimestamp(day, self.world.zone.zone).weekday() > 4:
            day += DAY
        midnight = day - self.world.zone.hours * 3600
        start = max(since + 60, midnight + _WORK[0] * 3600)
        stop = max(midnight + _WORK[1] * 3600, start + 3600)
        return min(float(int(start + self.dice.random() * (stop - start))), self.end)

    def many(self, count: int) -> list[float]:
        """Return moments of making, in order: records' ids grow with time."""
        begin = self.end - MONTHS * DAY
        return sorted(self.moment(begin, MONTHS - 1) for _ in range(count))

    def pick(self, among: Any) -> Any:
        return self.dice.choice(among)

    def chance(self, percent: int) -> bool:
        return self.dice.random() * 100 < percent


def furnish(world: World, seed: int, deals: int, until: datetime | None) -> World:
    """Fill a new world; the same seed makes the same company."""
    end = until.timestamp() if until else world.clock.now() - 3600
    hired = hire(world)
    customize(world)
    years = Years(world, random.Random(seed), hired, float(int(end)))  # noqa: S311
    _clients(years, deals)
    converted = _leads(years, max(deals * 4 // 5, 5))
    _deals(years, deals, converted)
    _tasks(years, max(deals // 4, 5))
    _contracts(years, max(deals // 10, 3))
    _quotes(years, random.Random(seed + 7))  # noqa: S311  its own: the rest stays as it was
    for name in ("history_1", "history_2", "history_31", "history_177"):
        world[name].sort_by("CREATED_TIME")
    return world


def _clients(years: Years, deals: int) -> None:
    world, pick = years.world, years.pick
    world.add("companies", at=years.end - 400 * DAY, TITLE="ООО «Ромашка»", IS_MY_COMPANY="Y")
    for at in years.many(max(deals // 6, 4)):
        title = f"{pick(_FORMS)} «{pick(_FIRMS)}» {years.dice.randrange(100)}"
        kind = pick(("CUSTOMER", "CUSTOMER", "OTHER"))
        owner = pick(years.staff.sellers)
        number = world.add("companies", at=at, TITLE=title, COMPANY_TYPE=kind, ASSIGNED_BY_ID=owner)
        years.companies.append(number)
    for at in years.many(max(deals // 4, 5)):
        number = world["contacts"].next_id()
        phone = {"ID": str(2 * number), "VALUE_TYPE": "WORK", "TYPE_ID": "PHONE"}
        values = {
            "NAME": pick(_NAMES),
            "LAST_NAME": pick(_LAST),
            "COMPANY_ID": pick(years.companies) if years.chance(70) else 0,
            "HAS_PHONE": "Y",
            "PHONE": [{**phone, "VALUE": f"+7912{number:07}"}],
            "SOURCE_ID": pick(_SOURCES),
            "ASSIGNED_BY_ID": pick(years.staff.sellers),
        }
        years.contacts.append(world.add("contacts", at=at, **values))


def _leads(years: Years, count: int) -> list[tuple[int, float]]:
    """Add leads; return those that became deals, with the moment."""
    world, converted = years.world, []
    for at in years.many(count):
        owner = years.pick((*years.staff.sellers, *years.staff.marketing))
        amount = str(years.dice.randrange(5, 400) * 1000) if years.chance(60) else None
        number = world.add(
            "leads",
            at=at,
            TITLE=f"Заявка {world['leads'].next_id()}",
            NAME=years.pick(_NAMES),
            SOURCE_ID=years.pick(_SOURCES),
            UTM_SOURCE=years.pick((None, "yandex", "vk")),
            OPPORTUNITY=amount or "0",
            ASSIGNED_BY_ID=owner,
            UF_CRM_1700000101=years.pick([None, *(n for n, _ in people.INTEREST.items)]),
        )
        seen = at
        if years.chance(85):
            seen = _talk(years, 1, number, owner, years.moment(at, 0.5))
            world.move("leads", number, "IN_PROCESS", at=seen)
        end = years.moment(seen, 6)
        if end < years.end and years.chance(80):
            good = years.chance(55)
            world.move("leads", number, "CONVERTED" if good else "JUNK", at=end)
            if good:
                converted.append((number, end))
    return converted


def _talk(years: Years, owner_type: int, owner: int, who: int, at: float) -> float:
    """Add an activity, and the call behind it if it is one; return its end."""
    world = years.world
    call, incoming = years.chance(70), years.chance(35)
    seconds = years.dice.randrange(5, 900)
    end = min(at + seconds, years.end)
    activity = world.add(
        "activities",
        at=at,
        OWNER_TYPE_ID=owner_type,
        OWNER_ID=owner,
        TYPE_ID=2 if call else 4,
        PROVIDER_ID="VOXIMPLANT_CALL" if call else "CRM_EMAIL",
        PROVIDER_TYPE_ID="CALL" if call else "EMAIL",
        SUBJECT=("Входящий" if incoming else "Исходящий") + (" звонок" if call else " e-mail"),
        DIRECTION=1 if incoming else 2,
        END_TIME=end,
        RESPONSIBLE_ID=who,
        COMPLETED="Y" if years.chance(90) else "N",
    )
    if call:
        missed = incoming and years.chance(20)
        world.add(
            "calls",
            at=at,
            PORTAL_USER_ID=who,
            CALL_TYPE=2 if incoming else 1,
            CALL_DURATION=0 if missed else seconds,
            CALL_FAILED_CODE="304" if missed else "200",
            CALL_VOTE=years.pick((None, None, 4, 5)),
            CRM_ENTITY_TYPE="LEAD" if owner_type == 1 else "CONTACT",
            CRM_ENTITY_ID=owner if owner_type == 1 else years.pick(years.contacts),
            CRM_ACTIVITY_ID=activity,
        )
    return end


def _deals(years: Years, count: int, converted: list[tuple[int, float]]) -> None:
    made = years.many(count)
    starts: list[tuple[float, int]] = [(at, number) for number, at in converted[:count]]
    starts += [(at, 0) for at in made[: count - len(starts)]]
    for at, lead in sorted(starts):
        _deal(years, at, lead)


def _deal(years: Years, at: float, lead: int) -> None:
    world, pick, chance = years.world, years.pick, years.chance
    number = world["deals"].next_id() + chance(3)  # one was deleted: ids have gaps
    service = chance(20)
    owner = pick(years.staff.support if service else years.staff.sellers)
    if chance(6):
        owner = pick((years.staff.dismissed, people.GHOST))
    source = world["leads"].row(lead)["SOURCE_ID"] if lead else pick((*_SOURCES, None))
    amount = (
        None if chance(4) else f"{years.dice.randrange(3_000, 900_000)}.{pick((0, 0, 50, 99)):02}"
    )
    currency = pick(_CURRENCIES)
    world.add(
        "deals",
        at=at,
        ID=number,
        IS_RECURRING="Y" if chance(1) else "N",
        TITLE=pick(_TITLES).format(number),
        CATEGORY_ID=1 if service else 0,
        TYPE_ID="SERVICE" if service else pick(("SALE", "SALE", "COMPLEX")),
        OPPORTUNITY=amount,
        CURRENCY_ID=currency,
        ASSIGNED_BY_ID=owner,
        SOURCE_ID=source,
        LEAD_ID=lead or None,
        COMPANY_ID=pick(years.companies) if chance(75) else 0,
        CONTACT_ID=pick(years.contacts) if chance(80) else 0,
        IS_RETURN_CUSTOMER="Y" if chance(25) else "N",
        UTM_CAMPAIGN=pick((None, None, "весна_2024")),
        **_customs(years, number),
    )
    if chance(45) and currency == "RUB":
        _products(years, number, at)
    for _ in range(years.dice.randrange(4)):
        _talk(years, 2, number, owner, years.moment(at, 10))
    _walk(years, number, service, at)


def _customs(years: Years, number: int) -> dict[str, Any]:
    pick = years.pick
    return {
        people.REGION.code: pick([None, *(n for n, _ in people.REGION.items)]),
        people.TAGS.code: years.dice.sample([n for n, _ in people.TAGS.items], pick((0, 0, 1, 2))),
        people.BUDGET.code: f"{years.dice.randrange(10, 90)}0000|{pick(('RUB', 'EUR'))}",
        people.SIGNED.code: pick(("Y", "N", None)),
        people.SHIPPED.code: pick((None, "2024-05-31", "2024-04-01")),
        people.CONTRACT.code: f"Д-{number:05}" if years.chance(50) else "",
        people.MARGIN.code: pick((None, "12.5", "30")),
    }


def _products(years: Years, deal: int, at: float) -> None:
    """Add product rows; the deal's amount is their sum from then on."""
    total = 0.0
    for at_row in range(years.dice.randrange(1, 4)):
        name, price = years.pick(_GOODS)
        quantity = years.dice.randrange(1, 6)
        total += price * quantity
        years.world.add(
            "product_rows",
            OWNER_ID=deal,
            PRODUCT_NAME=name,
            PRICE=f"{price:.2f}",
            QUANTITY=quantity,
            SORT=10 * (at_row + 1),
        )
    amount = f"{total:.2f}"
    years.world.change("deals", deal, at=at, OPPORTUNITY=amount, IS_MANUAL_OPPORTUNITY="N")


def _walk(years: Years, deal: int, service: bool, at: float) -> None:
    """Move a deal through its pipeline: a third stays in work, some come back after the end."""
    world, chance = years.world, years.chance
    stages = world.stages("deals", 1 if service else 0)
    won, lost = ("C1:WON", "C1:LOSE") if service else ("WON", "LOSE")
    for stage in stages[1 : 2 + years.dice.randrange(4)]:
        at = years.moment(at, 12)
        if at >= years.end or stage in {won, lost, "APOLOGY"}:
            break
        world.move("deals", deal, stage, at=at)
    at = years.moment(at, 20)
    if at >= years.end or chance(20):
        return
    good = chance(60)
    world.move("deals", deal, won if good else years.pick((lost, lost, stages[-1])), at=at)
    world.change("deals", deal, at=at, CLOSEDATE=world.stamp(at)[:10])
    if good and not service and chance(40):
        row = world["deals"].row(deal)
        money = {"OPPORTUNITY": row["OPPORTUNITY"] or "0", "CURRENCY_ID": row["CURRENCY_ID"]}
        invoice = world.add(
            "invoices", at=at, PARENT_ID_2=deal, COMPANY_ID=row["COMPANY_ID"], **money
        )
        world.move(
            "invoices", invoice, "DT31_5:P" if chance(70) else "DT31_5:S", at=years.moment(at, 9)
        )
    later = years.moment(at, 15)
    if chance(5) and later < years.end:
        world.reopen(deal, at=later)
        again = years.moment(later, 10)
        if chance(50) and again < years.end:
            world.move("deals", deal, won, at=again)


def _quotes(years: Years, dice: random.Random) -> None:
    """Add a quote to every third deal: half of them are accepted, some declined."""
    world, deals = years.world, years.world["deals"]
    for number in list(deals.ids)[::3]:
        row = deals.row(number)
        made = (world.zone.instant(row["DATE_CREATE"]) or years.end) + 3600
        if made >= years.end:
            continue
        given = {code: row[code] for code in ("OPPORTUNITY", "CURRENCY_ID", "COMPANY_ID",
                                              "CONTACT_ID", "ASSIGNED_BY_ID")}  # fmt: skip
        quote = world.add("quotes", at=made, DEAL_ID=number, **given)
        ended = min(made + dice.randrange(1, 15) * DAY, years.end)
        stage = dice.choice(("DRAFT", "SENT", "APPROVED", "APPROVED", "APPROVED", "DECLAINED"))
        world.move("quotes", quote, stage, at=ended)
        if stage in {"APPROVED", "DECLAINED"}:
            world.change("quotes", quote, at=ended, CLOSEDATE=world.stamp(ended)[:10])


def _tasks(years: Years, count: int) -> None:
    world = years.world
    for at in years.many(count):
        who = years.pick((*years.staff.sellers, *years.staff.support))
        deadline = years.moment(at, 7)
        number = world.add(
            "tasks",
            at=at,
            TITLE=years.pick(("Подготовить КП", "Перезвонить", "Отправить договор")),
            RESPONSIBLE_ID=who,
            CREATED_BY=1,
            DEADLINE=deadline,
            TIME_ESTIMATE=3600,
            UF_CRM_TASK=[f"D_{years.dice.randrange(1, 1 + world['deals'].last_id)}"],
        )
        done = years.moment(at, 12)
        if done < years.end and years.chance(75):
            late = done > deadline
            world.change(
                "tasks", number, at=done, REAL_STATUS=5, STATUS=5, CLOSED_DATE=done, CLOSED_BY=who,
                STATUS_CHANGED_DATE=done, MARK=years.pick((None, "P", "N" if late else "P")),
            )  # fmt: skip


def _contracts(years: Years, count: int) -> None:
    world = years.world
    for at in years.many(count):
        owner = years.pick(years.staff.key)
        number = world.add("items_177", at=at, ASSIGNED_BY_ID=owner, OPPORTUNITY="150000")
        category = world["items_177"].row(number)["CATEGORY_ID"]
        end = years.moment(at, 30)
        if end < years.end:
            stage = years.pick(world.stages("items_177", category)[1:])
            world.move("items_177", number, stage, at=end)
