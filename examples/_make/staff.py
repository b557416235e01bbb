"""The invented people of the sales example, and how each of them works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SALES, KEY, REGION = "Отдел продаж", "Группа ключевых клиентов", "Региональный отдел"
LONG_AGO = date(2019, 3, 11)


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer: the first day in another department, and the salary there."""

    day: date
    department: str
    salary: int


@dataclass(frozen=True, slots=True)
class Raise:
    """Another salary in the same post: its first day, and how much."""

    day: date
    salary: int


@dataclass(frozen=True, slots=True)
class Person:
    """One employee: `deals` and `leads` a month, `win` in percent, amounts in thousand roubles."""

    number: int
    first: str
    last: str
    login: str
    department: str
    deals: int
    win: int
    low: int
    high: int
    leads: int
    salary: int
    position: str = "Менеджер"
    alias: str = ""
    hired: date = LONG_AGO
    left: date | None = None
    moved: Move | None = None
    raised: Raise | None = None

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def surname_first(self) -> str:
        return f"{self.last} {self.first}"

    @property
    def email(self) -> str:
        return f"{self.login}@example.ru"

    @property
    def revenue_target(self) -> int:
        """What a month usually brings, rounded like a plan, in roubles."""
        usual = self.deals * self.win * (2 * self.low + self.high) * 10 // 3
        return (usual + 25_000) // 50_000 * 50_000

    def works_in(self, month: date) -> bool:
        joined = (self.hired.year, self.hired.month) <= (month.year, month.month)
        return joined and (self.left is None or month <= self.left)


HEAD = Person(
    1, "Вера", "Громова", "gromova", SALES, 2, 50, 150, 600, 0, 160_000, "Руководитель отдела"
)
LEAVER = Person(
    9, "Глеб", "Старостин", "starostin", SALES, 17, 42, 40, 380, 14, 78_000,
    left=date(2024, 3, 29),
)  # fmt: skip
NEWCOMER = Person(
    10, "Полина", "Орешкина", "oreshkina", SALES, 9, 20, 40, 320, 7, 70_000,
    hired=date(2024, 5, 13),
)  # fmt: skip

# fmt: off
PEOPLE: tuple[Person, ...] = (
    HEAD,
    Person(2, "Анна", "Белова", "belova", SALES, 18, 55, 40, 420, 17, 92_000, "Старший менеджер",
           alias="Анна Крылова", raised=Raise(date(2024, 5, 20), 98_000)),
    Person(3, "Иван", "Петров", "petrov", SALES, 18, 48, 40, 400, 17, 85_000,
           alias="Петров Иван"),
    Person(4, "Илья", "Петров", "petrov2", SALES, 17, 44, 35, 360, 16, 80_000),
    Person(5, "Пётр", "Дёмин", "demin", SALES, 18, 46, 40, 380, 17, 82_000),
    Person(6, "Мария", "Соколова", "sokolova", SALES, 17, 50, 45, 390, 16, 84_000),
    Person(7, "Олег", "Ким", "kim", SALES, 19, 42, 40, 360, 17, 80_000),
    Person(8, "Алёна", "Воробьёва", "vorobyova", SALES, 17, 47, 35, 370, 16, 81_000,
           hired=date(2023, 7, 10)),
    LEAVER,
    NEWCOMER,
    Person(11, "Рустам", "Галеев", "galeev", KEY, 13, 50, 180, 900, 13, 125_000,
           "Старший менеджер", alias="Галеев Рустам"),
    Person(12, "Екатерина", "Лунина", "lunina", KEY, 12, 52, 170, 880, 13, 118_000),
    Person(13, "Семён", "Фёдоров", "fyodorov", KEY, 13, 46, 160, 850, 13, 115_000),
    Person(14, "Жанна", "Ахметова", "akhmetova", KEY, 12, 50, 190, 900, 5, 120_000),
    Person(15, "Тимур", "Асланов", "aslanov", KEY, 13, 47, 150, 840, 13, 112_000),
    Person(16, "Наталья", "Рябинина", "ryabinina", REGION, 23, 48, 20, 230, 16, 72_000,
           "Старший менеджер"),
    Person(17, "Артём", "Королёв", "korolyov", REGION, 22, 45, 20, 210, 15, 66_000),
    Person(18, "Дарья", "Мельник", "melnik", REGION, 22, 50, 20, 200, 15, 66_000,
           alias="Мельник Дарья"),
    Person(19, "Юрий", "Савченко", "savchenko", REGION, 21, 42, 20, 220, 14, 65_000),
    Person(20, "Лейла", "Мамедова", "mamedova", REGION, 22, 46, 20, 210, 15, 66_000,
           hired=date(2023, 9, 4)),
    Person(21, "Денис", "Чернов", "chernov", REGION, 21, 44, 20, 200, 14, 65_000,
           moved=Move(date(2024, 5, 16), SALES, 78_000)),
)
# fmt: on
