"""A local store as a pull leaves it, written by hand, so that reading it can be tested alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from kpictl.expressions.sql import name
from kpictl.store import FieldDescription, ddl
from portal import Portal as Emulated

Row = Mapping[str, Any]
COMPLETE = datetime(2024, 7, 15, 6, tzinfo=UTC)


def field_of(line: str, items: Iterable[tuple[str, str]] = ()) -> FieldDescription:
    """Make a description of `name CODE type[:DIRECTORY][[]] Caption words`."""
    delivered, code, kind, *caption = line.split()
    kind, _, directory = kind.partition(":")
    multiple = kind.endswith("[]")
    return FieldDescription(
        delivered, code, kind.removesuffix("[]"), " ".join(caption) or code, multiple,
        directory or None, tuple(items),
    )  # fmt: skip


def fields(text: str) -> list[FieldDescription]:
    return [field_of(line) for line in text.strip().splitlines()]


DEALS = fields("""
id ID integer ID
title TITLE string Название
typeId TYPE_ID crm_status:DEAL_TYPE Тип
categoryId CATEGORY_ID crm_category Воронка
stageId STAGE_ID crm_status:DEAL_STAGE Стадия сделки
stageSemanticId STAGE_SEMANTIC_ID string Группа стадии
isRecurring IS_RECURRING boolean Регулярная сделка
isReturnCustomer IS_RETURN_CUSTOMER boolean Повторная сделка
closed CLOSED boolean Закрыта
opportunity OPPORTUNITY double Сумма
currencyId CURRENCY_ID crm_currency Валюта
leadId LEAD_ID crm_lead Лид
companyId COMPANY_ID crm_company Компания
contactId CONTACT_ID crm_contact Контакт
sourceId SOURCE_ID crm_status:SOURCE Источник
begindate BEGINDATE date Дата начала
closedate CLOSEDATE date Дата завершения
assignedById ASSIGNED_BY_ID user Ответственный
createdBy CREATED_BY_ID user Кем создана
createdTime DATE_CREATE datetime Дата создания
updatedTime DATE_MODIFY datetime Дата изменения
movedTime MOVED_TIME datetime Дата изменения стадии
movedBy MOVED_BY_ID user Кем изменена стадия
""")
LEADS = fields("""
id ID integer ID
title TITLE string Название лида
stageId STAGE_ID crm_status:STATUS Статус
stageSemanticId STAGE_SEMANTIC_ID string Группа статуса
opportunity OPPORTUNITY double Сумма
currencyId CURRENCY_ID crm_currency Валюта
sourceId SOURCE_ID crm_status:SOURCE Источник
assignedById ASSIGNED_BY_ID user Ответственный
createdTime CREATED_TIME datetime Дата создания
updatedTime UPDATED_TIME datetime Дата изменения
movedTime MOVED_TIME datetime Дата изменения статуса
dateClosed DATE_CLOSED datetime Дата завершения
""")
STATUSES: list[Row] = [
    {"ID": str(i), "ENTITY_ID": e, "STATUS_ID": code, "NAME": caption, "SEMANTICS": ends}
    for i, (e, code, caption, ends) in enumerate(
        [
            ("DEAL_STAGE", "NEW", "Новая", None),
            ("DEAL_STAGE", "WON", "Сделка успешна", "S"),
            ("DEAL_STAGE", "LOSE", "Сделка провалена", "F"),
            ("DEAL_STAGE", "APOLOGY", "Анализ причины провала", "F"),
            ("DEAL_STAGE_4", "C4:NEW", "Заявка", None),
            ("DEAL_STAGE_4", "C4:SIGNED", "Договор подписан", None),
            ("DEAL_STAGE_4", "C4:WON", "Услуга оказана", "S"),
            ("STATUS", "NEW", "Не обработан", None),
            ("STATUS", "CONVERTED", "Качественный лид", "S"),
            ("STATUS", "JUNK", "Некачественный лид", "F"),
            ("SOURCE", "WEB", "Веб-сайт", None),
            ("SOURCE", "CALL", "Звонок", None),
            ("DYNAMIC_1036_STAGE_9", "DT1036_9:NEW", "Начало", None),
            ("DYNAMIC_1036_STAGE_9", "DT1036_9:SUCCESS", "Сдано", "S"),
        ],
        1,
    )
]
CATEGORIES: list[Row] = [
    {"entityTypeId": 2, "id": 0, "name": "Общая"},
    {"entityTypeId": 2, "id": 4, "name": "Услуги"},
]
CURRENCIES: list[Row] = [
    {"CURRENCY": "RUB", "AMOUNT": "1.0000", "AMOUNT_CNT": "1", "BASE": "Y"},
    {"CURRENCY": "USD", "AMOUNT": "91.5000", "AMOUNT_CNT": "1", "BASE": "N",
     "DATE_UPDATE": "2024-05-03T10:00:00+03:00"},
    {"CURRENCY": "KZT", "AMOUNT": "20.1000", "AMOUNT_CNT": "100", "BASE": "N",
     "DATE_UPDATE": "2024-07-01T10:00:00+03:00"},
]  # fmt: skip


def user(ident: int, called: str, **more: Any) -> Row:
    """Make a row of `user.get`."""
    first, _, last = called.partition(" ")
    return {
        "ID": str(ident), "ACTIVE": True, "NAME": first, "LAST_NAME": last,
        "EMAIL": f"u{ident}@example.ru", "WORK_POSITION": "", "UF_DEPARTMENT": [1],
        "UF_EMPLOYMENT_DATE": "", "USER_TYPE": "employee", **more,
    }  # fmt: skip


USERS = [user(5, "Анна Белова"), user(9, "Борис Ким"), user(12, "Вера Орлова", ACTIVE=False)]
DEPARTMENTS: list[Row] = [{"ID": "1", "NAME": "Отдел продаж", "SORT": 500, "UF_HEAD": "5"}]


def deal(ident: int, **more: Any) -> Row:
    """Make a row of `crm.item.list`: a deal of Anna's, won on 10 May 2024 at noon in Moscow."""
    return {
        "id": ident, "title": f"Сделка {ident}", "typeId": "SALE", "categoryId": 0,
        "stageId": "WON", "stageSemanticId": "S", "isRecurring": "N", "isReturnCustomer": "N",
        "closed": "Y", "opportunity": 100, "currencyId": "RUB", "leadId": 0, "companyId": 0,
        "contactId": 0, "sourceId": "WEB", "begindate": "2024-05-01T02:00:00+03:00",
        "closedate": "2024-05-20T02:00:00+03:00", "assignedById": 5, "createdBy": 5,
        "createdTime": "2024-05-02T10:00:00+03:00", "updatedTime": "2024-05-10T12:00:00+03:00",
        "movedTime": "2024-05-10T12:00:00+03:00", "movedBy": 5, **more,
    }  # fmt: skip


def move(ident: int, owner: int, at: str, stage: str, ended: str, kind: int = 2) -> Row:
    """Make a row of `crm.stagehistory.list`."""
    return {"ID": ident, "TYPE_ID": kind, "OWNER_ID": owner, "CREATED_TIME": at,
            "CATEGORY_ID": 0, "STAGE_SEMANTIC_ID": ended, "STAGE_ID": stage}  # fmt: skip


@dataclass
class Portal:
    """What was pulled: rows by entity, the portal's descriptions, how far it is complete."""

    rows: dict[str, Sequence[Row]]
    described: dict[str, Sequence[FieldDescription]] = field(default_factory=dict)
    source: str = "crm"
    complete: Mapping[str, datetime] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, **rows: Sequence[Row]) -> Portal:
        """Make a portal with the usual directories and people; `deals=[…], leads=[…]`."""
        usual: dict[str, Sequence[Row]] = {
            "statuses": STATUSES, "categories": CATEGORIES, "currencies": CURRENCIES,
            "users": USERS, "departments": DEPARTMENTS,
        }  # fmt: skip
        described = {"deals": DEALS, "leads": LEADS}
        return cls(usual | rows, {e: described[e] for e in rows if e in described})

    def write(self, folder: Path) -> None:
        """Write the store beside the plan, as the last pull would have left it."""
        place = folder / ddl.FOLDER
        ddl.make_folder(place)
        with duckdb.connect(":memory:") as connection:
            path = place / ddl.STORE
            connection.execute(f"ATTACH '{path}' AS store ({ddl.writable(path)})")
            ddl.prepare(connection, "store")
            ddl.make_schema(connection, "store", self.source)
            connection.execute("BEGIN")  # a transaction of its own for each row would take minutes
            for entity, rows in self.rows.items():
                self._entity(connection, entity, rows)
            for key, value in self.facts.items():
                connection.execute("INSERT INTO store.facts VALUES (?, ?, ?)",
                                   [self.source, key, value])  # fmt: skip
            connection.execute("COMMIT")

    def _entity(
        self, connection: duckdb.DuckDBPyConnection, entity: str, rows: Sequence[Row]
    ) -> None:
        columns = tuple(dict.fromkeys([
            *self.columns.get(entity, ()),
            *(d.name for d in self.described.get(entity, ()) if rows == []),
            *(key for row in rows for key in row),
        ]))  # fmt: skip
        ddl.make_table(connection, "store", self.source, entity, columns)
        table = f"store.{name(self.source)}.{name(entity)}"
        names = ", ".join(["_id", *map(name, columns)])
        marks = ", ".join("?" * (len(columns) + 1))
        lines = [
            [int(row.get("id", row.get("ID", number))), *(cell(row.get(key)) for key in columns)]
            for number, row in enumerate(rows, 1)
        ]
        if lines:
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", lines)
        mark = [
            self.source, entity, naive(self.complete.get(entity, COMPLETE)), None, len(rows), 0,
            list(columns), "", naive(self.since.get(entity)),
        ]  # fmt: skip
        connection.execute(f"INSERT INTO store.entities VALUES ({', '.join('?' * 9)})", mark)
        for d in self.described.get(entity, ()):
            values = [entity, d.name, d.code, d.type, d.caption, d.multiple, d.status_type,
                      json.dumps(d.items, ensure_ascii=False)]  # fmt: skip
            into = f"store.{name(self.source)}.fields"
            connection.execute(f"INSERT INTO {into} VALUES ({', '.join('?' * 8)})", values)


def copied(portal: Emulated) -> Portal:
    """Return all of an emulated portal, asked for page by page without our own client."""
    from kpictl.bitrix24.read import descriptions
    from portal.caller import Caller

    ask = Caller(portal)
    found = Portal({})
    for entity, kind in (("deals", 2), ("leads", 1)):
        fixed = {"entityTypeId": kind, "useOriginalUfNames": "Y"}
        found.rows[entity] = every(ask, "crm.item.list", "items", select=["*"], **fixed)
        told = ask("crm.item.fields", **fixed)["result"]
        found.described[entity] = descriptions.read(told)
    found.rows["stage_history"] = every(ask, "crm.stagehistory.list", "items", entityTypeId=2)
    pipelines = every(ask, "crm.category.list", "categories", entityTypeId=2)
    found.rows["categories"] = [{"entityTypeId": 2, **row} for row in pipelines]
    for entity, method in (("statuses", "crm.status.list"), ("currencies", "crm.currency.list")):
        found.rows[entity] = every(ask, method)
    found.rows["users"] = every(ask, "user.get")
    found.rows["departments"] = ask("department.get")["result"]
    return found


def every(ask: Any, method: str, key: str = "", **params: Any) -> list[Row]:
    """Return the rows of all pages of a list."""
    rows: list[Row] = []
    while True:
        answer = ask(method, **params, start=len(rows))
        rows += answer["result"][key] if key else answer["result"]
        if "next" not in answer:
            return rows


def naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def cell(value: Any) -> str | None:
    """Return a delivered value as the store keeps it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)
