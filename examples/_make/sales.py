"""The sales example: sixteen months of deals and leads of a company that sells pumps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from _make.dice import Dice, days_in, month_starts
from _make.edges import edge_deals
from _make.lives import OPEN, Deal, Lead, Step, book_of_names
from _make.staff import HEAD, LEAVER, NEWCOMER, PEOPLE, SALES, Person
from _make.table import DAY, decimal_comma, export, money, spreadsheet, stamp
from _make.workbook import workbook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _make.workbook import Cell

SEED = 20240531
FIRST_EXPORT = datetime(2024, 1, 15, 8)  # noqa: DTZ001 - an export knows no zone
LAST_EXPORT = datetime(2024, 7, 1, 8)  # noqa: DTZ001
MONTHS = month_starts(date(2023, 2, 1), 16)
YEAR_TURN = datetime(2024, 1, 1)  # noqa: DTZ001

DEAL_HEADER = (
    "ID", "Название сделки", "Воронка", "Стадия сделки", "Сумма", "Валюта", "Ответственный",
    "Компания", "Лид", "Повторная сделка", "Дата создания", "Дата изменения",
    "Дата изменения стадии", "Предполагаемая дата закрытия", "Сделка закрыта",
)  # fmt: skip
LEAD_HEADER = (
    "ID", "Название лида", "Статус", "Источник", "Ответственный", "Дата создания",
    "Дата изменения",
)  # fmt: skip
STAFF_HEADER = (
    "id", "name", "aliases", "email", "department", "position", "active", "hired", "left",
    "from", "to", "salary",
)  # fmt: skip
WORK = (
    "Поставка насосов", "Сервисный договор", "Насосная станция", "Запчасти", "Пусконаладка",
    "Ремонт насоса", "Автоматика", "Модернизация",
)  # fmt: skip
SOURCES = ("Веб-сайт", "Звонок", "Реклама", "Рекомендация", "Выставка")

MISTYPED = 4943  # its act says 139 000 for 193 000
# Roubles for a hundred euros, from a day on; dollars do not change.
EURO = ((date(2024, 1, 1), 9860), (date(2024, 5, 1), 9820), (date(2024, 5, 15), 9900))
DOLLAR = 9150


def in_roubles(amount: int, currency: str, day: date) -> int:
    """Return an amount of cents, or of kopecks, in kopecks at the rate of the day, half up."""
    euro = [rate for since, rate in EURO if since <= day][-1]
    rate = {"Доллар США": DOLLAR, "Евро": euro}.get(currency, 100)
    return (amount * rate + 50) // 100


@dataclass
class World:
    """Everything that happens, in the order in which chance brings it about."""

    dice: Dice = field(default_factory=lambda: Dice(SEED))
    leads: list[Lead] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    clients: dict[Person, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = book_of_names(self.dice)

    def live(self) -> None:
        for month in MONTHS:
            for person in PEOPLE:
                if person.works_in(month):
                    self.month_of(person, month)
        self.deals += edge_deals()
        self.leads.sort(key=lambda lead: lead.created)
        self.deals.sort(key=lambda deal: deal.created)
        for number, lead in enumerate(self.leads, 501):
            lead.number = number
        for number, deal in enumerate(self.deals, 101):
            deal.number = number

    def month_of(self, person: Person, month: date) -> None:
        first = person.hired.day if person.hired > month else 1
        own = self.dice.around(person.deals, 30)
        for _ in range(self.dice.around(person.leads, 25)):
            created = self.some_day(month, first)
            lead = Lead(created, person.name, self.dice.pick(SOURCES))
            self.leads.append(lead)
            if self.dice.chance(30 + person.win / 2):
                own -= 1
                self.from_lead(person, lead)
            else:
                lead.status = self.dice.pick(("Не обработан", "В работе", "Некачественный лид"))
            if self.dice.chance(0.6):
                lead.owner = ""
        for _ in range(max(0, own)):
            self.deals.append(self.deal(person, self.some_day(month, first), None))

    def from_lead(self, person: Person, lead: Lead) -> None:
        """Turn a lead into a deal, now and then into two, now and then a colleague's."""
        lead.status = "Качественный лид"
        for _ in range(2 if self.dice.chance(4) else 1):
            wait = timedelta(minutes=self.dice.between(10, 3000))
            owner = self.dice.pick(PEOPLE[1:8]) if self.dice.chance(4) else person
            busy = owner.works_in(lead.created.date())
            self.deals.append(self.deal(owner if busy else person, lead.created + wait, lead))

    def some_day(self, month: date, first: int) -> datetime:
        return self.dice.office_time(month.replace(day=self.dice.between(first, days_in(month))))

    def deal(self, person: Person, created: datetime, lead: Lead | None) -> Deal:
        dice = self.dice
        company, is_return = self.company(person, lead)
        tenders = dice.chance(14 if person.department == SALES else 20)
        deal = Deal(
            created=created,
            title=self.title(),
            pipeline="Тендеры" if tenders else "Общая",
            owner=person,
            company=company,
            is_return=is_return,
            lead=lead,
            currency=self.currency(),
        )
        self.life(deal, person)
        if dice.chance(0.8):
            deal.unowned = True
        return deal

    def life(self, deal: Deal, person: Person) -> None:
        """Lead the deal from its first stage to a final one, or as far as the export sees."""
        dice = self.dice
        amount = dice.skewed(person.low, person.high) * 1000_00
        amount += dice.pick((0, 0, 0, dice.below(1000_00), dice.below(1000) * 100))
        if deal.currency != "Российский рубль":
            amount //= 93
        span = timedelta(days=dice.skewed(2, 44 if deal.lead else 56))
        closed = dice.office_time((deal.created + span).date())
        stages = OPEN[deal.pipeline]
        guess = None if dice.chance(12) else amount
        deal.steps = [Step(deal.created, stages[0], guess)]
        middle = deal.created + span / 2
        deal.steps.append(Step(middle.replace(microsecond=0), dice.pick(stages[1:]), guess))
        final = None if dice.chance(1) else amount
        deal.steps.append(Step(max(closed, middle), deal.final(won=dice.chance(person.win)), final))
        if dice.chance(1.2):
            self.come_back(deal)

    def come_back(self, deal: Deal) -> None:
        """Reopen a closed deal and win it once more, dearer."""
        last = deal.steps[-1]
        again = self.dice.office_time((last.at + timedelta(days=self.dice.between(5, 70))).date())
        later = self.dice.office_time((again + timedelta(days=self.dice.between(3, 25))).date())
        amount = last.amount and last.amount * 11 // 10
        deal.steps.append(Step(again, OPEN[deal.pipeline][-1], amount))
        deal.steps.append(Step(later, deal.final(won=True), amount))

    def company(self, person: Person, lead: Lead | None) -> tuple[str, bool]:
        known = self.clients.setdefault(person, [])
        if self.dice.chance(2):
            return "", False
        if known and self.dice.chance(7):
            return known[-1], False
        if len(known) > 3 and self.dice.chance(25 if lead else 60):
            return self.dice.pick(known), True
        known.append(self.names.pop())
        return known[-1], False

    def currency(self) -> str:
        if self.dice.chance(95):
            return "Российский рубль"
        return self.dice.pick(("Доллар США", "Доллар США", "Евро"))

    def title(self) -> str:
        title = self.dice.pick(WORK)
        if self.dice.chance(97):
            return title
        ends = (' "под ключ"', " ; срочно", "\nвторая очередь", " — этап 2", ' ";"', " <b>VIP</b>")
        return title + self.dice.pick(ends)


def files() -> dict[str, bytes]:
    """Return the content of each file of the example's data folder."""
    world = World()
    world.live()
    older = (deal for deal in world.deals if deal.created < YEAR_TURN)
    newer = (deal for deal in world.deals if deal.version(LAST_EXPORT).at >= YEAR_TURN)
    return {
        "DEAL_2023.csv": _deals(older, FIRST_EXPORT, "cp1251"),
        "DEAL_2024.csv": _deals(newer, LAST_EXPORT, "utf-8-sig"),
        "LEAD_2024.csv": export(LEAD_HEADER, map(_lead_row, world.leads), "utf-8-sig"),
        "employees.csv": _employees(),
        "absences.csv": _absences(),
        "targets_2023.xlsx": _older_target_book(),
        "targets.xlsx": _target_book(),
        "targets.csv": _targets(),
        "adjustments.csv": _adjustments(),
        "acts.csv": _acts(world.deals),
    }


def _deals(deals: Iterable[Deal], seen: datetime, encoding: str) -> bytes:
    return export(DEAL_HEADER, (_deal_row(deal, seen) for deal in deals), encoding)


def _deal_row(deal: Deal, seen: datetime) -> list[str]:
    step = deal.version(seen)
    touched = min(step.at + timedelta(minutes=deal.number % 90), seen)
    return [
        str(deal.number),
        deal.title,
        deal.pipeline,
        step.stage,
        "" if step.amount is None else money(step.amount),
        deal.currency,
        deal.owner_as_exported(seen),
        deal.company,
        str(deal.lead.number) if deal.lead else "",
        "да" if deal.is_return else "нет",
        stamp(deal.created),
        stamp(touched),
        stamp(step.at),
        (deal.created + timedelta(days=7)).strftime(DAY),
        "нет" if step.stage in OPEN[deal.pipeline] else "да",
    ]


def _lead_row(lead: Lead) -> list[str]:
    touched = lead.created + timedelta(hours=lead.number % 60)
    times = (stamp(lead.created), stamp(touched))
    return [str(lead.number), f"Заявка {lead.number}", lead.status, lead.source, lead.owner, *times]


def _employees() -> bytes:
    """Write a line for each post and salary: two of who was moved or got a raise."""
    rows: list[list[str]] = []
    for p in PEOPLE:
        who = [str(p.number), p.name, p.alias, p.email]
        employed = [
            p.position, "нет" if p.left else "да", p.hired.isoformat(),
            p.left.isoformat() if p.left else "",
        ]  # fmt: skip
        change = p.moved or p.raised
        until = (change.day - timedelta(days=1)).isoformat() if change else ""
        rows.append([*who, p.department, *employed, "", until, str(p.salary)])
        if change:
            department = p.moved.department if p.moved else p.department
            since = change.day.isoformat()
            rows.append([*who, department, *employed, since, "", str(change.salary)])
    return spreadsheet(STAFF_HEADER, rows, ";")


def _absences() -> bytes:
    """Write a vacation, days of sickness and a day without pay, all in May 2024."""
    rows = [
        ["Дарья Мельник", "13.05.2024", "24.05.2024", "ОТ"],
        ["Семён Фёдоров", "27.05.2024", "31.05.2024", "Б"],
        ["Тимур Асланов", "17.05.2024", "17.05.2024", "ДО"],
    ]
    return spreadsheet(["сотрудник", "с", "по", "код"], rows, ";")


def _target_book() -> bytes:
    """Plan revenue for half a year as people do: a row a manager, a column a month."""
    months = month_starts(date(2024, 1, 1), 6)
    rows: list[list[Cell]] = []
    leaver: list[Cell] = [
        None if LEAVER.left and month > LEAVER.left else LEAVER.revenue_target for month in months
    ]
    for person in PEOPLE:
        if person in (HEAD, LEAVER) or person.login == "kim":
            continue
        who = person.surname_first if person.login == "sokolova" else person.email
        planned: list[Cell] = [person.revenue_target for _ in months]
        if person is NEWCOMER:
            planned = [None, None, None, None, 400_000, 700_000]
        rows.append([who, "Объём продаж", *planned])
    rows.append([LEAVER.email, "Объём продаж", *leaver])
    return workbook("План", [["Сотрудник", "Показатель", *months], *rows])


def _older_target_book() -> bytes:
    """Plan revenue for the second half of the year before, with the June ahead of it."""
    months = month_starts(date(2023, 6, 1), 7)
    rows: list[list[Cell]] = [
        [
            person.email,
            "Объём продаж",
            *(person.revenue_target if person.works_in(month) else None for month in months),
        ]
        for person in PEOPLE
        if person not in (HEAD, NEWCOMER)
    ]
    return workbook("План", [["Сотрудник", "Показатель", *months], *rows])


def _targets() -> bytes:
    """Plan what is no month's revenue, a line each: of one manager by quarter, of clients."""
    kim = next(person.revenue_target for person in PEOPLE if person.login == "kim")
    rows = [
        ["kim@example.ru", "revenue", "2024-Q1", str(3 * kim)],
        ["kim@example.ru", "revenue", "2024-Q2", str(3 * kim + 90_000)],
        ["belova@example.ru", "new_clients", "2024-05", "7"],
    ]
    return spreadsheet(["сотрудник", "показатель", "период", "план"], rows, ";")


def _adjustments() -> bytes:
    """Write what people decided: a deal given back, a late one of the leaver, a mentor."""
    rows = [
        [
            "К-1", "kim@example.ru", "-6400", "2024-04", "2024-03", "Вера Громова", "12.04.2024",
            "сделка 4480 расторгнута: без неё премия за март 25 600 вместо 32 000",
        ],
        [
            "К-2", "starostin@example.ru", "2250", "2024-05", "2024-03", "Вера Громова",
            "31.05.2024", "сделка 4800 закрыта после ухода: 1,5 % от 150 000",
        ],
        [
            "К-3", "belova@example.ru", "5000", "2024-05", "", "Вера Громова", "31.05.2024",
            "наставник Полины Орешкиной с 13 мая",
        ],
    ]  # fmt: skip
    header = ["№", "сотрудник", "сумма", "период", "относится к", "автор", "дата", "причина"]
    return spreadsheet(header, rows, ";")


def _acts(deals: Iterable[Deal]) -> bytes:
    """Write what the accountants have of two months: an act a deal won, in roubles; in one of them
    two digits have changed places."""
    rows: list[list[str]] = []
    for deal in deals:
        last = deal.version(LAST_EXPORT)
        at = last.at
        if last.stage != deal.final(won=True) or last.amount is None:
            continue
        if (at.year, at.month) not in ((2024, 4), (2024, 5)):
            continue
        kopecks = in_roubles(last.amount, deal.currency, at.date())
        if deal.number == MISTYPED:
            kopecks = 139_000_00
        rows.append([str(deal.number), at.strftime(DAY), decimal_comma(kopecks)])
    rows.sort(key=lambda row: (row[1][3:5], row[1][:2], int(row[0])))
    return spreadsheet(["Сделка", "Дата акта", "Сумма, руб."], rows, ";")
