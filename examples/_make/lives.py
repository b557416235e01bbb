"""Deals and leads as they live through their stages, so that two exports can see them differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from _make.dice import Dice
    from _make.staff import Person

OPEN = {
    "Общая": ("Новая", "Подготовка документов", "Счёт на предоплату", "В работе"),
    "Тендеры": ("Отбор", "Подготовка заявки", "Заявка подана", "Торги"),
}
WON = {"Общая": "Сделка успешна", "Тендеры": "Контракт подписан"}
LOST = {"Общая": "Сделка провалена", "Тендеры": "Отказ заказчика"}

_FORMS = ("ООО «{}»", "ООО «{}»", "АО «{}»", 'ООО "{}"', "ТОО {}", "ЗАО «{}»")
_KINDS = (
    "Северный", "Южный", "Первый", "Новый", "Верхний", "Речной", "Горный", "Степной", "Зелёный",
    "Быстрый", "Тихий", "Дальний", "Светлый", "Каменный", "Лесной", "Морской", "Чистый",
    "Золотой", "Большой", "Ближний", "Вольный", "Тёплый", "Ясный", "Старый", "Синий", "Крайний",
    "Высокий", "Восточный", "Западный", "Уральский", "Волжский", "Донской", "Невский", "Камский",
    "Обский", "Азовский", "Балтийский", "Окский", "Енисейский", "Ладожский",
)  # fmt: skip
_THINGS = (
    "лес", "луч", "берег", "завод", "водоканал", "кварц", "вектор", "порт", "комбинат", "исток",
    "двор", "рудник", "карьер", "элеватор", "молзавод", "трест", "цех", "парк", "квартал", "дом",
    "ключ", "родник", "остров", "перевал", "край", "мост", "путь", "плёс", "бор", "утёс", "ветер",
    "холм", "залив", "камень", "хутор", "посад", "стан", "уезд", "рубеж", "альянс", "союз",
    "фарватер", "маяк", "якорь", "причал", "контур", "ресурс", "техник", "мастер", "прогресс",
    "горизонт", "полюс", "зенит", "меридиан", "восход", "рассвет", "маршрут", "профиль",
    "сервис", "стандарт", "магнит", "резерв", "формат", "баланс", "гарант", "синтез", "модуль",
    "фрегат", "атлант", "колос",
)  # fmt: skip


@dataclass(eq=False, slots=True)
class Lead:
    """A request of a possible client; `number` comes when all are in the order of creation."""

    created: datetime
    owner: str
    source: str
    status: str = "Не обработан"
    number: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on a deal stands in `stage` at `amount` kopecks (or cents; None: left empty)."""

    at: datetime
    stage: str
    amount: int | None


@dataclass(eq=False, slots=True)
class Deal:
    """A deal with all its steps; an export shows the last one that it has seen."""

    created: datetime
    title: str
    pipeline: str
    owner: Person
    company: str
    is_return: bool = False
    lead: Lead | None = None
    currency: str = "Российский рубль"
    unowned: bool = False
    steps: list[Step] = field(default_factory=list)
    number: int = 0

    def final(self, *, won: bool) -> str:
        return (WON if won else LOST)[self.pipeline]

    def version(self, seen: datetime) -> Step:
        return [step for step in self.steps if step.at < seen][-1]

    def owner_as_exported(self, seen: datetime) -> str:
        """Write the owner as this export does: at times surname first, at times without ё."""
        if self.unowned:
            return ""
        name = self.owner.name
        if self.number % 29 == 0 and seen.month == 7:
            name = self.owner.surname_first
        elif self.number % 7 == 0 and self.owner.alias:
            name = self.owner.alias
        return name.replace("ё", "е") if self.number % 5 == 0 else name


def book_of_names(dice: Dice) -> list[str]:
    """Return a few thousand company names in an order of chance, each once."""
    names = [f"{kind} {thing}" for kind in _KINDS for thing in _THINGS]
    for index in range(len(names) - 1, 0, -1):
        other = dice.below(index + 1)
        names[index], names[other] = names[other], names[index]
    book = [dice.pick(_FORMS).format(name) for name in names]
    book[-40:-36] = ["ООО «Луч; и партнёры»", 'ООО "Кварц "Плюс""', "ИП Галеев Р. Ф.", "+Плюс"]
    return book
