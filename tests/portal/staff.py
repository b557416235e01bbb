"""ООО «Ромашка»: who works there, and what they have made of their CRM."""

from __future__ import annotations

from dataclasses import dataclass

from portal.fields import custom
from portal.world import World

# department → people: name, last name, position; the first heads it
DEPARTMENTS = {
    "Отдел продаж": (
        ("Анна", "Белова", "Руководитель отдела"),
        ("Иван", "Петров", "Менеджер"),
        ("Мария", "Соколова", "Менеджер"),
        ("Олег", "Ким", "Старший менеджер"),
        ("Тимур", "Асанов", "Менеджер"),
    ),
    "Группа ключевых клиентов": (
        ("Пётр", "Дёмин", "Руководитель группы"),
        ("Елена", "Щукина", "Менеджер"),
        ("Гульнара", "Ахметова", "Менеджер"),
    ),
    "Служба поддержки": (
        ("Сергей", "Ёлкин", "Руководитель службы"),
        ("Дарья", "Жукова", "Специалист"),
        ("Никита", "Орлов", "Специалист"),
    ),
    "Отдел маркетинга": (
        ("Юлия", "Рей", "Маркетолог"),
        ("Павел", "Чернов", "Маркетолог"),
    ),
}
GHOST = 977
"""An owner of records who has no row of their own: removed for good, or an integrator."""

REGION = custom(
    "UF_CRM_1700000001", "enumeration", "Регион", ["Москва", "Санкт-Петербург", "Урал", "Сибирь"]
)
TAGS = custom(
    "UF_CRM_1700000002",
    "enumeration",
    "Метки",
    ["Срочно", "Тендер", "Рассрочка", "Монтаж; доставка"],
    multiple=True,
)
BUDGET = custom("UF_CRM_1700000003", "money", "Бюджет")
SIGNED = custom("UF_CRM_1700000004", "boolean", "Договор подписан")
SHIPPED = custom("UF_CRM_1700000005", "date", "Дата отгрузки")
CONTRACT = custom("UF_CRM_1700000006", "string", "Номер договора")
MEASURED = custom("UF_CRM_1700000007", "datetime", "Время замера")
MARGIN = custom("UF_CRM_1700000008", "double", "Маржа, %")
INTEREST = custom(
    "UF_CRM_1700000101", "enumeration", "Чем интересуется", ["Насосы", "Котлы", "Сервис"]
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Ids of users by what they do."""

    sales: tuple[int, ...]
    key: tuple[int, ...]
    support: tuple[int, ...]
    marketing: tuple[int, ...]
    dismissed: int

    @property
    def sellers(self) -> tuple[int, ...]:
        return (*self.sales, *self.key)


def hire(world: World) -> Staff:
    """Add departments and people: one dismissed, one integrator (whom `user.get` never shows)."""
    teams: list[tuple[int, ...]] = []
    for department, people in DEPARTMENTS.items():
        number = world.add("departments", NAME=department, PARENT=1, SORT=500)
        team = tuple(_person(world, number, *person) for person in people)
        world.change("departments", number, UF_HEAD=team[0])
        teams.append(team)
    dismissed = _person(world, 2, "Виктор", "Громов", "Менеджер")
    world.change("users", dismissed, ACTIVE=False)
    _person(world, 1, "Интегратор", "Внешний", "")
    world.change("users", world["users"].last_id, USER_TYPE="integrator")
    sales, key, support, marketing = teams
    return Staff(sales, key, support, marketing, dismissed)


def _person(world: World, department: int, name: str, last_name: str, position: str) -> int:
    number = world["users"].next_id()
    return world.add(
        "users",
        NAME=name,
        LAST_NAME=last_name,
        EMAIL=f"user{number}@example.ru",
        WORK_POSITION=position,
        UF_DEPARTMENT=[department],
        UF_EMPLOYMENT_DATE=world.zone.day(f"20{17 + number % 6}-0{1 + number % 9}-15"),
        UF_PHONE_INNER=str(100 + number),
    )


def customize(world: World) -> None:
    """Add the custom fields, and the smart process of contracts."""
    for field in (REGION, TAGS, BUDGET, SIGNED, SHIPPED, CONTRACT, MEASURED, MARGIN):
        world.add_field("deals", field)
    world.add_field("leads", INTEREST)
    world.add_type(
        177, "Договоры", "NEW Черновик\nSIGN На подписи\nSUCCESS Подписан @S\nFAIL Отказ @F"
    )
