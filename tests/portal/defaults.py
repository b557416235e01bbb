"""What the portal puts into a new record where its maker wrote nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.fields import Row
from portal.moments import utc

if TYPE_CHECKING:
    from portal.world import World

Given = Mapping[str, Any]


def defaults(world: World, entity: str, given: Given, moment: str) -> Row:
    """Return the values of fields that were not given."""
    if entity.startswith("items_"):
        return _universal(world, given, moment, entity)
    make = MAKERS.get(entity)
    return make(world, given, moment) if make else {}


def _crm(world: World, given: Given, moment: str, word: str) -> Row:
    made = given.get("DATE_CREATE", moment)
    by = given.get("ASSIGNED_BY_ID", 1)
    contact = given.get("CONTACT_ID")
    return {
        "TITLE": f"{word} #{given['ID']}",
        "CONTACT_IDS": [contact] if contact else [],
        "DATE_CREATE": made,
        "DATE_MODIFY": made,
        "ASSIGNED_BY_ID": by,
        "CREATED_BY_ID": by,
        "MODIFY_BY_ID": by,
        "LAST_ACTIVITY_BY": by,
        "LAST_ACTIVITY_TIME": made,
        "OPENED": "Y",
    }


def _money(world: World) -> Row:
    return {"CURRENCY_ID": world.base_currency, "IS_MANUAL_OPPORTUNITY": "Y"}


def _deal(world: World, given: Given, moment: str) -> Row:
    row = _crm(world, given, moment, "Сделка") | _money(world)
    category = given.get("CATEGORY_ID", 0)
    stage = given.get("STAGE_ID") or world.first_stage("deals", category)
    semantics = world.semantics("deals", category, stage)
    day = row["DATE_CREATE"][:10]
    return row | {
        "CATEGORY_ID": category,
        "STAGE_ID": stage,
        "STAGE_SEMANTIC_ID": semantics,
        "CLOSED": "N" if semantics == "P" else "Y",
        "IS_NEW": "Y" if stage == world.first_stage("deals", category) else "N",
        "TYPE_ID": "SALE",
        "MOVED_TIME": row["DATE_CREATE"],
        "MOVED_BY_ID": row["ASSIGNED_BY_ID"],
        "BEGINDATE": world.zone.day(day),
        "CLOSEDATE": world.zone.day(_days_later(world, day, 7)),  # documented, open deals too
        "PROBABILITY": {"S": 100, "F": 0}.get(semantics, 50),
    }


def _lead(world: World, given: Given, moment: str) -> Row:
    row = _crm(world, given, moment, "Лид") | _money(world)
    stage = given.get("STATUS_ID") or "NEW"
    semantics = world.semantics("leads", 0, stage)
    return row | {
        "STATUS_ID": stage,
        "STATUS_SEMANTIC_ID": semantics,
        "MOVED_TIME": row["DATE_CREATE"],
        "MOVED_BY_ID": row["ASSIGNED_BY_ID"],
        "DATE_CLOSED": None if semantics == "P" else row["DATE_CREATE"],
    }


def _contact(world: World, given: Given, moment: str) -> Row:
    row = _crm(world, given, moment, "")
    del row["TITLE"], row["CONTACT_IDS"]
    return row | {"TYPE_ID": "CLIENT", "EXPORT": "Y", "NAME": "Контакт"}


def _company(world: World, given: Given, moment: str) -> Row:
    row = _crm(world, given, moment, "Компания")
    return row | {"COMPANY_TYPE": "CUSTOMER", "CURRENCY_ID": world.base_currency}


def _quote(world: World, given: Given, moment: str) -> Row:
    row = _crm(world, given, moment, "Предложение") | _money(world)
    stage = given.get("STATUS_ID") or world.first_stage("quotes", 0)
    day = row["DATE_CREATE"][:10]
    return row | {
        "QUOTE_NUMBER": str(given["ID"]),
        "STATUS_ID": stage,
        "CLOSED": "N" if world.semantics("quotes", 0, stage) == "P" else "Y",
        "BEGINDATE": world.zone.day(day),
        "CLOSEDATE": world.zone.day(_days_later(world, day, 7)),
    }


def _invoice(world: World, given: Given, moment: str) -> Row:
    row = _universal(world, given, moment, "invoices")
    return row | {"TITLE": f"Счёт #{given['ID']}", "ACCOUNT_NUMBER": str(given["ID"])}


def _universal(world: World, given: Given, moment: str, entity: str) -> Row:
    """Defaults of invoices and of items of smart processes."""
    made = given.get("CREATED_TIME", moment)
    by = given.get("ASSIGNED_BY_ID", 1)
    category = given.get("CATEGORY_ID", world.categories[world.type_of(entity)][0]["id"])
    return _money(world) | {
        "TITLE": f"Элемент #{given['ID']}",
        "CREATED_TIME": made,
        "UPDATED_TIME": made,
        "MOVED_TIME": made,
        "ASSIGNED_BY_ID": by,
        "CREATED_BY": by,
        "UPDATED_BY": by,
        "MOVED_BY": by,
        "LAST_ACTIVITY_BY": by,
        "LAST_ACTIVITY_TIME": made,
        "OPENED": "Y",
        "CATEGORY_ID": category,
        "STAGE_ID": world.first_stage(entity, category),
        "BEGINDATE": world.zone.day(made[:10]),
        "CLOSEDATE": world.zone.day(_days_later(world, made[:10], 7)),
    }


def _activity(_world: World, given: Given, moment: str) -> Row:
    made = given.get("CREATED", moment)
    who = given.get("RESPONSIBLE_ID", 1)
    return {
        "OWNER_TYPE_ID": 2,
        "TYPE_ID": 2,
        "PROVIDER_ID": "VOXIMPLANT_CALL",
        "PROVIDER_TYPE_ID": "CALL",
        "ASSOCIATED_ENTITY_ID": 0,
        "SUBJECT": "Исходящий звонок",
        "CREATED": made,
        "LAST_UPDATED": made,
        "START_TIME": made,
        "END_TIME": made,
        "DEADLINE": made,
        "COMPLETED": "Y",
        "STATUS": 2,
        "RESPONSIBLE_ID": who,
        "AUTHOR_ID": who,
        "EDITOR_ID": who,
        "PRIORITY": 2,
        "NOTIFY_TYPE": 1,
        "NOTIFY_VALUE": 15,
        "DESCRIPTION": "",
        "DESCRIPTION_TYPE": 1,
        "DIRECTION": 2,
        "LOCATION": "",
        "RESULT_MARK": 0,
        "RESULT_VALUE": None,
        "RESULT_SUM": None,
        "RESULT_STATUS": 0,
        "RESULT_STREAM": 0,
        "AUTOCOMPLETE_RULE": 0,
        "IS_INCOMING_CHANNEL": "N",
    }


def _call(_world: World, given: Given, moment: str) -> Row:
    return {
        "PORTAL_USER_ID": 1,
        "PORTAL_NUMBER": "reg133788",
        "PHONE_NUMBER": "+74951234567",
        "CALL_ID": f"11018129443EB80D.{given['ID']}",
        "CALL_CATEGORY": "external",
        "CALL_DURATION": 60,
        "CALL_START_DATE": moment,
        "CALL_RECORD_URL": "",
        "COST": "0.0000",
        "COST_CURRENCY": "RUR",
        "CALL_FAILED_CODE": "200",
        "CALL_FAILED_REASON": "",
        "TRANSCRIPT_PENDING": "N",
        "CALL_TYPE": 1,
    }


def _task(_world: World, given: Given, moment: str) -> Row:
    made = given.get("CREATED_DATE", moment)
    who = given.get("CREATED_BY", 1)
    status = given.get("REAL_STATUS", 2)
    return {
        "TITLE": f"Задача #{given['ID']}",
        "DESCRIPTION": "",
        "REAL_STATUS": status,
        "STATUS": status,
        "PRIORITY": 1,
        "MARK": None,
        "RESPONSIBLE_ID": who,
        "CREATED_BY": who,
        "CHANGED_BY": who,
        "STATUS_CHANGED_BY": who,
        "CREATED_DATE": made,
        "CHANGED_DATE": made,
        "STATUS_CHANGED_DATE": made,
        "ACTIVITY_DATE": made,
        "TIME_ESTIMATE": 0,
        "GROUP_ID": 0,
    }


def _user(world: World, given: Given, _moment: str) -> Row:
    return {
        "ACTIVE": True,
        "NAME": "Имя",
        "LAST_NAME": f"Фамилия {given['ID']}",
        "SECOND_NAME": "",
        "EMAIL": f"user{given['ID']}@example.ru",
        "LAST_LOGIN": world.zone.text(world.clock.now()),
        "DATE_REGISTER": world.zone.day("2022-02-01"),
        "TIME_ZONE": "",
        "IS_ONLINE": "N",
        "PERSONAL_GENDER": "",
        "PERSONAL_BIRTHDAY": "",
        "WORK_POSITION": "",
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": [1],
        "USER_TYPE": "employee",
    }


def _product(_world: World, given: Given, _moment: str) -> Row:
    price = given.get("PRICE", "0.00")
    return {
        "OWNER_TYPE": "D",
        "PRODUCT_ID": 0,
        "PRODUCT_NAME": "Товар",
        "PRICE": price,
        "PRICE_ACCOUNT": price,
        "PRICE_EXCLUSIVE": price,
        "PRICE_NETTO": price,
        "PRICE_BRUTTO": price,
        "QUANTITY": "1.00",
        "DISCOUNT_TYPE_ID": 2,
        "TAX_RATE": None,
        "TAX_INCLUDED": "Y",
        "CUSTOMIZED": "Y",
        "MEASURE_CODE": 796,
        "MEASURE_NAME": "шт",
        "SORT": 10,
        "XML_ID": f"sale_basket_{given['ID']}",
        "TYPE": 4,
        "STORE_ID": None,
    }


def _type(_world: World, _given: Given, moment: str) -> Row:
    return {
        "CODE": "",
        "CREATED_BY": 1,
        "UPDATED_BY": 1,
        "CREATED_TIME": moment,
        "UPDATED_TIME": moment,
        "IS_CATEGORIES_ENABLED": "Y",
        "IS_STAGES_ENABLED": "Y",
        "IS_BEGIN_CLOSE_DATES_ENABLED": "Y",
        "IS_CLIENT_ENABLED": "Y",
    }


def _days_later(world: World, day: str, days: int) -> str:
    moment = world.zone.instant(day) or 0.0
    return (utc(moment).astimezone(world.zone.zone) + timedelta(days=days)).date().isoformat()


MAKERS: Mapping[str, Callable[[World, Given, str], Row]] = {
    "deals": _deal,
    "leads": _lead,
    "contacts": _contact,
    "companies": _company,
    "invoices": _invoice,
    "quotes": _quote,
    "activities": _activity,
    "calls": _call,
    "tasks": _task,
    "users": _user,
    "product_rows": _product,
    "types": _type,
}
