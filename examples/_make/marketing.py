"""The marketing example: half a year of advertising, the leads it brought and what they bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from _make.dice import Dice, days_in, month_starts
from _make.table import DAY, decimal_comma, export, money, spreadsheet, stamp

SEED = 20240517
MONTHS = month_starts(date(2023, 12, 1), 6)
EXPORTED = datetime(2024, 7, 1, 8)  # noqa: DTZ001 - an export knows no zone

ADS_HEADER = ("Дата", "Маркетолог", "Кампания", "Канал", "Расход", "Охват", "Клики")
LEAD_HEADER = (
    "ID", "Название лида", "Статус", "Источник", "Ответственный", "Дата создания",
    "UTM Source", "UTM Campaign",
)  # fmt: skip
DEAL_HEADER = (
    "ID", "Название сделки", "Стадия сделки", "Сумма", "Валюта", "Ответственный", "Лид",
    "Дата создания", "Дата изменения стадии", "Сделка закрыта",
)  # fmt: skip
MARK_HEADER = ("Сотрудник", "Месяц", "Оценка", "Эксперт", "Дата оценки", "Причина")
ART_DIRECTOR = "Олег Чаев"
SELLERS = ("Игорь Власов", "Софья Рожкова", "Марат Юсупов")
STATUSES = ("Не обработан", "В работе", "Некачественный лид")


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign: roubles a day, people reached per rouble, leads a month, percent won."""

    name: str
    owner: str
    channel: str
    source: str
    daily: int
    reach: int
    leads: int
    win: int


CAMPAIGNS = (
    Campaign("Насосы для дачи", "Юлия Рей", "VK", "vk", 1300, 21, 29, 12),
    Campaign("Сервис 24/7", "Юлия Рей", "Telegram", "telegram", 1100, 17, 23, 14),
    Campaign("Поиск: насосы", "Тимур Асанов", "Яндекс Директ", "yandex", 2100, 9, 38, 13),
    Campaign("Поиск: бренд", "Тимур Асанов", "Яндекс Директ", "yandex", 700, 7, 18, 16),
    Campaign("Ретаргетинг", "Тимур Асанов", "VK", "vk", 500, 30, 8, 8),
    Campaign("Промышленность", "Алёна Зуева", "Telegram", "telegram", 1700, 14, 22, 11),
    Campaign("Вебинары", "Алёна Зуева", "Рассылка", "email", 600, 12, 17, 12),
    Campaign("Выставка «Вода»", "Никита Громов", "VK", "vk", 1500, 24, 21, 10),
    Campaign("Отзывы; кейсы", "Никита Громов", "Дзен", "dzen", 800, 26, 12, 9),
)
# Whom the art director gave how much in which month, on which day, and why the mark is another.
MARKS = (
    ("Юлия Рей", "март 2024", "4", "02.04.2024", ""),
    ("Тимур Асанов", "март 2024", "3,5", "02.04.2024", ""),
    ("Алёна Зуева", "март 2024", "4", "02.04.2024", ""),
    ("Никита Громов", "март 2024", "4,5", "02.04.2024", ""),
    ("Юлия Рей", "апрель 2024", "4,5", "03.05.2024", ""),
    ("Тимур Асанов", "апрель 2024", "3", "03.05.2024", ""),
    ("Алёна Зуева", "апрель 2024", "4", "03.05.2024", ""),
    ("Никита Громов", "апрель 2024", "4,5", "03.05.2024", ""),
    ("Юлия Рей", "май 2024", "4,5", "03.06.2024", ""),
    ("Тимур Асанов", "май 2024", "3,5", "03.06.2024", ""),
    ("Алёна Зуева", "май 2024", "4", "03.06.2024", ""),
    ("Никита Громов", "май 2024", "5", "03.06.2024", ""),
    ("Тимур Асанов", "май 2024", "4", "04.06.2024", "не учтён ролик от 28 мая"),
)
STAFF = (
    ("31", "Юлия Рей", "rey@example.ru", "Маркетинг", "Маркетолог", "75000"),
    ("32", "Тимур Асанов", "asanov@example.ru", "Маркетинг", "Маркетолог", "82000"),
    ("33", "Алёна Зуева", "zueva@example.ru", "Маркетинг", "Маркетолог", "70000"),
    ("34", "Никита Громов", "gromov@example.ru", "Маркетинг", "Маркетолог", "68000"),
    ("41", "Игорь Власов", "vlasov@example.ru", "Отдел продаж", "Менеджер", "60000"),
    ("42", "Софья Рожкова", "rozhkova@example.ru", "Отдел продаж", "Менеджер", "60000"),
    ("43", "Марат Юсупов", "yusupov@example.ru", "Отдел продаж", "Менеджер", "60000"),
)


@dataclass
class Agency:
    """Days of advertising turn into leads, leads into deals."""

    dice: Dice = field(default_factory=lambda: Dice(SEED))
    ads: list[list[str]] = field(default_factory=list)
    leads: list[tuple[datetime, Campaign | None]] = field(default_factory=list)

    def run(self) -> None:
        for month in MONTHS:
            for campaign in CAMPAIGNS:
                for day in range(days_in(month)):
                    self.advertise(campaign, month + timedelta(days=day))
                for _ in range(self.dice.around(campaign.leads, 35)):
                    self.leads.append((self.moment(month), campaign))
            for _ in range(self.dice.between(15, 25)):
                self.leads.append((self.moment(month), None))
                self.dice.pick(CAMPAIGNS)  # whatever else is left to chance stays as it was
        self.ads.append(["31.05.2024", "Юлия Рей", "Сервис 24/7", "Telegram", "-1500,00", "0", "0"])
        self.leads.sort(key=lambda lead: lead[0])

    def moment(self, month: date) -> datetime:
        return self.dice.office_time(month.replace(day=self.dice.between(1, days_in(month))))

    def advertise(self, campaign: Campaign, day: date) -> None:
        if self.dice.chance(12):
            return
        spent = self.dice.around(campaign.daily * 100, 60)
        reach = spent * self.dice.between(campaign.reach * 7, campaign.reach * 13) // 1000
        clicks = reach * self.dice.between(6, 30) // 1000
        owner = campaign.owner.replace("ё", "е") if day.day % 6 == 0 else campaign.owner
        cells = (day.strftime(DAY), owner, campaign.name, campaign.channel)
        self.ads.append([*cells, decimal_comma(spent), str(reach), str(clicks)])

    def tables(self) -> tuple[list[list[str]], list[list[str]]]:
        """Return the rows of the leads and of the deals that came of them."""
        leads: list[list[str]] = []
        deals: list[list[str]] = []
        for number, (created, campaign) in enumerate(self.leads, 7001):
            seller = SELLERS[number % len(SELLERS)]
            bought = self.dice.chance(34)
            status = "Качественный лид" if bought else self.dice.pick(STATUSES)
            marks = (campaign.source, campaign.name) if campaign else ("", "")
            origin = "Реклама" if campaign else "Рекомендация"
            leads.append(
                [str(number), f"Заявка {number}", status, origin, seller, stamp(created), *marks]
            )
            if bought:
                deals.append(self.deal(9001 + len(deals), number, created, campaign))
        return leads, deals

    def deal(
        self, number: int, lead: int, created: datetime, campaign: Campaign | None
    ) -> list[str]:
        dice = self.dice
        opened = created + timedelta(minutes=dice.between(20, 900))
        closed = dice.office_time((opened + timedelta(days=dice.skewed(1, 50))).date())
        won = dice.chance(campaign.win * 3 if campaign else 40)
        stage = "Сделка успешна" if won else "Сделка провалена"
        if closed >= EXPORTED:
            stage, closed = "В работе", opened
        amount = dice.skewed(12_000, 90_000) * 100 + dice.below(100)
        done = "нет" if stage == "В работе" else "да"
        return [
            str(number), f"Заказ по заявке {lead}", stage, money(amount), "Российский рубль",
            dice.pick(SELLERS), str(lead), stamp(opened), stamp(max(closed, opened)), done,
        ]  # fmt: skip


def files() -> dict[str, bytes]:
    """Return the content of each file of the example's data folder."""
    agency = Agency()
    agency.run()
    leads, deals = agency.tables()
    staff = ([*person[:5], "да", *person[5:]] for person in STAFF)
    return {
        "ads.csv": spreadsheet(ADS_HEADER, agency.ads, ";"),
        "campaigns.csv": spreadsheet(
            ("Кампания", "Владелец"), ([one.name, one.owner] for one in CAMPAIGNS), ";"
        ),
        "LEAD_2024.csv": export(LEAD_HEADER, leads, "utf-8-sig"),
        "DEAL_2024.csv": export(DEAL_HEADER, deals, "utf-8"),
        "marks.csv": spreadsheet(MARK_HEADER, ([*m[:3], ART_DIRECTOR, *m[3:]] for m in MARKS), ";"),
        "employees.csv": spreadsheet(
            ("id", "name", "email", "department", "position", "active", "salary"), staff, ";"
        ),
    }
