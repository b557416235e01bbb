"""The other door: list exports of the same records, in the form in which the CRM writes them.

Captions, captions of stages and options instead of codes, names instead of ids, local times; every
cell in quotes, a `;` after each, the last too. Activities, calls, tasks, stage history and whatever
else has no export of its own come as plain tables under their codes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from portal.fields import Field, Row
from portal.world import World

Cell = Callable[[Row], str]
Columns = dict[str, Cell]

# entity → `CODE Caption` of its export; customs follow
LISTS = {
    "deals": "ID ID|TITLE Название сделки|CATEGORY_ID Воронка|STAGE_ID Стадия сделки|TYPE_ID Тип"
    "|SOURCE_ID Источник|OPPORTUNITY Сумма|CURRENCY_ID Валюта|PROBABILITY Вероятность"
    "|ASSIGNED_BY_ID Ответственный|CREATED_BY_ID Кем создана|COMPANY_ID Компания"
    "|CONTACT_ID Контакт|IS_RETURN_CUSTOMER Повторная сделка|DATE_CREATE Дата создания"
    "|DATE_MODIFY Дата изменения|MOVED_TIME Дата изменения стадии|BEGINDATE Дата начала"
    "|CLOSEDATE Предполагаемая дата закрытия|CLOSED Сделка закрыта|UTM_SOURCE UTM Source"
    "|UTM_CAMPAIGN UTM Campaign|COMMENTS Комментарий",
    "leads": "ID ID|TITLE Название лида|STATUS_ID Статус|SOURCE_ID Источник|NAME Имя"
    "|LAST_NAME Фамилия|COMPANY_TITLE Название компании|ASSIGNED_BY_ID Ответственный"
    "|CREATED_BY_ID Кем создан|DATE_CREATE Дата создания|DATE_MODIFY Дата изменения"
    "|OPPORTUNITY Возможная сумма|CURRENCY_ID Валюта|UTM_SOURCE UTM Source|COMMENTS Комментарий",
    "contacts": "ID ID|NAME Имя|LAST_NAME Фамилия|SECOND_NAME Отчество|TYPE_ID Тип контакта"
    "|SOURCE_ID Источник|COMPANY_ID Компания|POST Должность|PHONE Телефон|EMAIL E-mail"
    "|ASSIGNED_BY_ID Ответственный|DATE_CREATE Дата создания|DATE_MODIFY Дата изменения",
    "companies": "ID ID|TITLE Название компании|COMPANY_TYPE Тип компании"
    "|INDUSTRY Сфера деятельности|REVENUE Годовой оборот|CURRENCY_ID Валюта"
    "|ASSIGNED_BY_ID Ответственный|DATE_CREATE Дата создания|DATE_MODIFY Дата изменения",
}
PRODUCT = ("Товар", "Цена", "Количество")
_HIDDEN = frozenset({"integrator", "bot", "email"})


def export(world: World, entity: str, path: Path, *, products: bool = False) -> Path:
    """Write an entity to `path`; `products` gives deals a line per product row, whose amount then
    is the product's, as the CRM does."""
    if entity == "users":
        _plain(path, ("ID", "ФИО", "Email", "Отдел", "Должность", "Активен"), _people(world))
        return path
    rows = [row for row in world[entity] if row["ID"] not in world[entity].hidden]
    cells = Cells(world)
    if entity not in LISTS:
        columns = cells.plain(entity)
        _plain(path, columns, ([cell(row) for cell in columns.values()] for row in rows))
        return path
    columns = cells.columns(entity)
    head = [*columns]
    lines: Iterable[list[str]] = ([cell(row) for cell in columns.values()] for row in rows)
    if products and entity == "deals":
        lines = _product_lines(world, columns, rows)
        head += PRODUCT
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in (head, *lines):
            file.write("".join('"' + cell.replace('"', '""') + '";' for cell in line) + "\n")
    return path


def _product_lines(world: World, columns: Columns, rows: Iterable[Row]) -> Iterator[list[str]]:
    table = world["product_rows"]
    amount = list(columns).index("Сумма")
    for row in rows:
        line = [cell(row) for cell in columns.values()]
        numbers = table.having("OWNER_ID", [row["ID"]])
        owned = [one for one in map(table.row, numbers) if one["OWNER_TYPE"] == "D"]
        if not owned:
            yield [*line, "", "", ""]
        for product in owned:
            price, quantity = Decimal(product["PRICE"]), Decimal(product["QUANTITY"])
            cent = Decimal("0.01")
            total = (price * quantity).quantize(cent, ROUND_HALF_UP)
            shown = [*line[:amount], str(total), *line[amount + 1 :]]
            yield [*shown, product["PRODUCT_NAME"], str(price), f"{quantity.normalize():f}"]


def _plain(path: Path, head: Iterable[str], lines: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(head)
        writer.writerows(lines)


def _people(world: World) -> Iterator[list[str]]:
    departments = world["departments"]
    for row in world["users"]:
        if row["USER_TYPE"] not in _HIDDEN:
            teams = [departments.row(number)["NAME"] for number in row["UF_DEPARTMENT"]]
            active = "да" if row["ACTIVE"] else "нет"
            position = row["WORK_POSITION"]
            yield [str(row["ID"]), _name(row), row["EMAIL"], ", ".join(teams), position, active]


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['NAME'] or ''} {row['LAST_NAME'] or ''}".strip()


class Cells:
    """How the values of one world are written."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._zone = ZoneInfo(world.local_zone)
        self._names = {row["ID"]: _name(row) for row in world["users"]}
        self._captions: dict[tuple[str, str], str] = {
            (row["ENTITY_ID"], row["STATUS_ID"]): row["NAME"] for row in world["statuses"]
        }

    def columns(self, entity: str) -> Columns:
        """Return caption → cell, of the entity's export with all fields."""
        fields = self._world[entity].fields
        pairs = [pair.split(" ", 1) for pair in LISTS[entity].split("|")]
        pairs += [[code, one.title] for code, one in fields.items() if one.custom]
        return {caption: self._cell(entity, fields[code]) for code, caption in pairs}

    def plain(self, entity: str) -> Columns:
        """Return code → cell, of an entity without an export: people by name, the rest as it is."""
        fields = self._world[entity].fields
        return {code: self._plain_cell(one) for code, one in fields.items()}

    def _plain_cell(self, one: Field) -> Cell:
        if one.type in {"user", "datetime"}:
            return self._cell("", one)
        return lambda row: self._text(row[one.code])

    def _cell(self, entity: str, one: Field) -> Cell:
        code = one.code
        if code in {"STAGE_ID", "STATUS_ID"}:
            return lambda row: self._stage(entity, row, code)
        special = {"CATEGORY_ID": self._category, "CURRENCY_ID": self._currency}.get(code)
        if special:
            return lambda row: special(entity, row[code])
        if one.items:
            options = dict(one.items)
            return lambda row: ", ".join(options.get(n, "") for n in _values(row[code]))
        by_type: Mapping[str, Callable[[Any], str]] = {
            "user": lambda value: self._names.get(value, ""),
            "datetime": self._moment,
            "date": lambda value: f"{value[8:10]}.{value[5:7]}.{value[:4]}" if value else "",
            "boolean": lambda value: {"Y": "да", "N": "нет"}.get(value, ""),
            "crm_company": self._company,
            "crm_contact": self._contact,
            "crm_multifield": lambda value: ", ".join(one["VALUE"] for one in value or ()),
            "crm_status": lambda value: self._captions.get((one.directory, value), value or ""),
        }
        write = by_type.get(one.type, self._text)
        return lambda row: write(row[code])

    def _stage(self, entity: str, row: Row, code: str) -> str:
        directory = self._world.directory(entity, row.get("CATEGORY_ID") or 0)
        stage: str = row[code]
        return self._captions.get((directory, stage), stage)  # a deleted stage: its bare code

    def _category(self, entity: str, value: Any) -> str:
        categories = self._world.categories[self._world.type_of(entity)]
        return next((str(one["name"]) for one in categories if one["id"] == value), "")

    def _currency(self, _entity: str, value: Any) -> str:
        return str(self._world.currencies[value]["FULL_NAME"]) if value else ""

    def _company(self, value: Any) -> str:
        row = self._world["companies"].get(value or 0)
        return str(row["TITLE"]) if row else ""

    def _contact(self, value: Any) -> str:
        row = self._world["contacts"].get(value or 0)
        return _name(row) if row else ""

    def _moment(self, value: Any) -> str:
        if not value:
            return ""
        return datetime.fromisoformat(value).astimezone(self._zone).strftime("%d.%m.%Y %H:%M:%S")

    @staticmethod
    def _text(value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return "" if value is None else str(value)


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
