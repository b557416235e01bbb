"""What a new Russian portal has before anybody works in it: stages, sources, currencies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.fields import Row

# directory → lines `CODE Caption [S|F]`; captions as a new portal writes them
STAGES = {
    "DEAL_STAGE": """
        NEW Новая
        PREPARATION Подготовка документов
        PREPAYMENT_INVOICE Счёт на предоплату
        EXECUTING В работе
        FINAL_INVOICE Финальный счёт
        WON Сделка успешна @S
        LOSE Сделка провалена @F
        APOLOGY Анализ причины провала @F""",
    "DEAL_STAGE_1": """
        C1:NEW Заявка на сервис
        C1:EXECUTING Выезд мастера
        C1:WON Обслуживание завершено @S
        C1:LOSE Отказ клиента @F""",
    "STATUS": """
        NEW Не обработан
        IN_PROCESS В работе
        PROCESSED Обработан
        CONVERTED Качественный лид @S
        JUNK Некачественный лид @F""",
    "QUOTE_STATUS": """
        DRAFT Новое
        SENT Отправлено клиенту
        APPROVED Принято @S
        DECLAINED Отклонено @F""",
    "SMART_INVOICE_STAGE_5": """
        DT31_5:N Новый
        DT31_5:S Отправлен
        DT31_5:P Оплачен @S
        DT31_5:D Не оплачен @F""",
}
PLAIN = {
    "SOURCE": "CALL Звонок|WEB Веб-сайт|ADVERTISING Реклама|PARTNER Существующий клиент"
    "|RECOMMENDATION По рекомендации|TRADE_SHOW Выставка|STORE Интернет-магазин|OTHER Другое",
    "DEAL_TYPE": "SALE Продажа|COMPLEX Комплексная продажа|SERVICE Сервисное обслуживание",
    "CONTACT_TYPE": "CLIENT Клиенты|SUPPLIER Поставщики|PARTNER Партнёры|OTHER Другое",
    "COMPANY_TYPE": "CUSTOMER Клиент|SUPPLIER Поставщик|COMPETITOR Конкурент|OTHER Другое",
    "INDUSTRY": "IT Информационные технологии|MANUFACTURING Производство|DELIVERY Доставка"
    "|GOVERNMENT Правительство|OTHER Другое",
    "EMPLOYEES": "EMPLOYEES_1 менее 50|EMPLOYEES_2 50-250|EMPLOYEES_3 250-500|EMPLOYEES_4 более 500",
    "HONORIFIC": "HNR_RU_1 г-н|HNR_RU_2 г-жа",
}
CURRENCIES = (
    ("RUB", "Российский рубль", "1.0000", "1", "Y", "# руб."),
    ("USD", "Доллар США", "89.2500", "1", "N", "$#"),
    ("EUR", "Евро", "96.9000", "1", "N", "# €"),
    ("KZT", "Казахстанский тенге", "19.9200", "100", "N", "# тг."),
)
CATEGORIES = {
    2: ((0, "Общая", 300, "Y"), (1, "Сервис", 200, "N")),
    31: ((5, "Общая", 500, "Y"),),
}


def statuses() -> Iterator[Row]:
    """Yield the rows of all directories, without ids."""
    for entity, lines in STAGES.items():
        for at, line in enumerate(filter(str.strip, lines.splitlines())):
            caption, _, semantics = line.strip().partition(" @")
            code, _, name = caption.partition(" ")
            yield stage(entity, code, name, semantics or None, at)
    for entity, text in PLAIN.items():
        for at, entry in enumerate(text.split("|")):
            code, _, name = entry.partition(" ")
            yield status(entity, code, name, sort=10 * (at + 1))


def stage(entity: str, code: str, name: str, semantics: str | None, at: int) -> Row:
    row = status(entity, code, name, sort=10 * (at + 1))
    tail = entity.rpartition("_STAGE_")[2]
    row["CATEGORY_ID"] = int(tail) if tail.isdigit() else None
    row["SEMANTICS"] = semantics
    row["COLOR"] = {"S": "#7BD500", "F": "#FF5752", None: "#39A8EF"}[semantics]
    row["SYSTEM"] = "Y" if at == 0 or semantics else "N"
    return row


def status(entity: str, code: str, name: str, *, sort: int) -> Row:
    return {
        "ENTITY_ID": entity,
        "STATUS_ID": code,
        "NAME": name,
        "NAME_INIT": name,
        "SORT": sort,
        "SYSTEM": "N",
        "CATEGORY_ID": None,
        "COLOR": None,
        "SEMANTICS": None,
    }


def currencies(updated: str) -> dict[str, dict[str, Any]]:
    """Return the currencies by code, as `crm.currency.list` shows them."""
    return {
        code: {
            "CURRENCY": code,
            "AMOUNT_CNT": count,
            "AMOUNT": rate,
            "SORT": str(100 * (at + 1)),
            "BASE": base,
            "FULL_NAME": name,
            "LID": "ru",
            "FORMAT_STRING": form,
            "DEC_POINT": ".",
            "THOUSANDS_SEP": "&nbsp;",
            "DECIMALS": "2",
            "DATE_UPDATE": updated,
        }
        for at, (code, name, rate, count, base, form) in enumerate(CURRENCIES)
    }


def categories(entity_type: int) -> list[dict[str, Any]]:
    """Return the pipelines that a new portal of ours has for an entity."""
    return [
        category(entity_type, number, name, sort=sort, default=default)
        for number, name, sort, default in CATEGORIES.get(entity_type, ())
    ]


def category(
    entity_type: int, number: int, name: str, *, sort: int = 500, default: str = "N"
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": number,
        "name": name,
        "sort": sort,
        "entityTypeId": entity_type,
        "isDefault": default,
    }
    # the general pipeline of deals is no record of its own and has no origin (docs' example)
    return row if number == 0 else {**row, "originId": "", "originatorId": ""}
