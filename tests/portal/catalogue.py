"""The standard fields of each entity, after the docs' object-fields, *-fields and *-get pages."""

from __future__ import annotations

from portal import others
from portal.fields import Field, describe

UTM = """
UTM_SOURCE string Рекламная система
UTM_MEDIUM string Тип трафика
UTM_CAMPAIGN string Обозначение рекламной кампании
UTM_CONTENT string Содержание кампании
UTM_TERM string Условие поиска кампании
"""
PEOPLE = """
ASSIGNED_BY_ID user Ответственный
CREATED_BY_ID user Кем создан @ro
MODIFY_BY_ID user Кем изменён @ro
DATE_CREATE datetime Дата создания @ro
DATE_MODIFY datetime Дата изменения @ro
LAST_ACTIVITY_BY user Кто проявил активность последним @ro
LAST_ACTIVITY_TIME datetime Последняя активность @ro
OPENED boolean Доступен для всех
ORIGINATOR_ID string Внешний источник
ORIGIN_ID string Идентификатор во внешнем источнике
"""
MONEY = """
OPPORTUNITY double Сумма
CURRENCY_ID crm_currency Валюта
IS_MANUAL_OPPORTUNITY boolean Режим расчёта суммы
"""
SOURCE = """
SOURCE_ID crm_status:SOURCE Источник
SOURCE_DESCRIPTION text Дополнительно об источнике
"""
PERSON = """
HONORIFIC crm_status:HONORIFIC Обращение
NAME string Имя
LAST_NAME string Фамилия
SECOND_NAME string Отчество
POST string Должность
BIRTHDATE date Дата рождения
HAS_PHONE boolean Задан телефон @ro
HAS_EMAIL boolean Задан e-mail @ro
HAS_IMOL boolean Задана открытая линия @ro
PHONE crm_multifield[] Телефон @old
EMAIL crm_multifield[] E-mail @old
"""
NEWER = """
WEBFORM_ID integer Создано CRM-формой @new
OBSERVERS user[] Наблюдатели @new
"""
DEAL = (
    """
ID integer ID @ro
TITLE string Название
TYPE_ID crm_status:DEAL_TYPE Тип
CATEGORY_ID crm_category Воронка
STAGE_ID crm_status:DEAL_STAGE Стадия сделки
STAGE_SEMANTIC_ID string Группа стадии @ro
IS_NEW boolean Новая сделка @ro
IS_RECURRING boolean Регулярная сделка
IS_RETURN_CUSTOMER boolean Повторная сделка
IS_REPEATED_APPROACH boolean Повторное обращение
CLOSED boolean Закрыта
PROBABILITY integer Вероятность
TAX_VALUE double Сумма налога
LEAD_ID crm_lead Лид @ro
COMPANY_ID crm_company Компания
CONTACT_ID crm_contact Контакт
CONTACT_IDS crm_contact[] Контакты @new
QUOTE_ID crm_quote Предложение @ro
BEGINDATE date Дата начала
CLOSEDATE date Дата завершения
COMMENTS text Комментарий
ADDITIONAL_INFO string Дополнительная информация
LOCATION_ID location Местоположение
ORDER_STAGE string Статус оплаты сделки @new
MOVED_BY_ID user Кем изменена стадия @ro
MOVED_TIME datetime Дата изменения стадии @ro
IS_WORK boolean В работе @off
IS_WON boolean Выиграна @off
IS_LOSE boolean Проиграна @off
HAS_PRODUCTS boolean Есть товары @off
RECEIVED_AMOUNT string Получено @off
LOST_AMOUNT string Упущено @off
CLOSEDATE_SHORT datetime Дата завершения кратко @off
"""
    + MONEY
    + SOURCE
    + PEOPLE
    + UTM
    + NEWER
)
LEAD = (
    """
ID integer ID @ro
TITLE string Название лида
STATUS_ID crm_status:STATUS Статус
STATUS_DESCRIPTION text Дополнительно о статусе
STATUS_SEMANTIC_ID string Группа статуса @ro
COMPANY_TITLE string Название компании
COMPANY_ID crm_company Компания
CONTACT_ID crm_contact Контакт
CONTACT_IDS crm_contact[] Контакты @new
COMMENTS text Комментарий
DATE_CLOSED datetime Дата завершения @ro
IS_RETURN_CUSTOMER boolean Повторный лид @ro
MOVED_BY_ID user Кем изменён статус @ro
MOVED_TIME datetime Дата изменения статуса @ro
IS_CONVERT boolean Сконвертирован @off
SHORT_NAME string Краткое имя @off
"""
    + PERSON
    + MONEY
    + SOURCE
    + PEOPLE
    + UTM
    + NEWER
)
CONTACT = (
    """
ID integer ID @ro
TYPE_ID crm_status:CONTACT_TYPE Тип контакта
COMPANY_ID crm_company Компания
COMPANY_IDS crm_company[] Компании @new
LEAD_ID crm_lead Лид @ro
COMMENTS text Комментарий
EXPORT boolean Участвует в экспорте
ORIGIN_VERSION string Версия оригинала
"""
    + PERSON
    + SOURCE
    + PEOPLE
    + UTM
    + "OBSERVERS user[] Наблюдатели @new"
)
COMPANY = (
    """
ID integer ID @ro
TITLE string Название компании
COMPANY_TYPE crm_status:COMPANY_TYPE Тип компании
INDUSTRY crm_status:INDUSTRY Сфера деятельности
EMPLOYEES crm_status:EMPLOYEES Кол-во сотрудников
REVENUE double Годовой оборот
CURRENCY_ID crm_currency Валюта
IS_MY_COMPANY boolean Моя компания
LEAD_ID crm_lead Лид @ro
COMMENTS text Комментарий
BANKING_DETAILS string Банковские реквизиты
HAS_PHONE boolean Задан телефон @ro
HAS_EMAIL boolean Задан e-mail @ro
HAS_IMOL boolean Задана открытая линия @ro
PHONE crm_multifield[] Телефон @old
EMAIL crm_multifield[] E-mail @old
ORIGIN_VERSION string Версия оригинала
CONTACT_IDS crm_contact[] Контакты @new
"""
    + PEOPLE
    + UTM
    + "OBSERVERS user[] Наблюдатели @new"
)
QUOTE = (
    """
ID integer ID @ro
QUOTE_NUMBER string Номер предложения @ro
TITLE string Тема
STATUS_ID crm_status:QUOTE_STATUS Стадия предложения
COMPANY_ID crm_company Компания
MYCOMPANY_ID crm_company Реквизиты вашей компании
CONTACT_ID crm_contact Контакт
CONTACT_IDS crm_contact[] Контакты @new
LEAD_ID crm_lead Лид
DEAL_ID crm_deal Сделка
BEGINDATE date Дата выставления
CLOSEDATE date Дата завершения
ACTUAL_DATE date Действительно до
CLOSED boolean Закрыто @ro
TAX_VALUE double Сумма налога
COMMENTS text Комментарий
CONTENT text Содержание
TERMS text Условия
"""
    + MONEY
    + PEOPLE
    + UTM
)
# Invoices and items of smart processes have the universal codes from the start.
ITEM = """
ID integer ID @ro
XML_ID string Внешний код
TITLE string Название
CREATED_BY user Кем создан @ro
UPDATED_BY user Кем изменён @ro
MOVED_BY user Кем передвинут @ro
CREATED_TIME datetime Когда создан @ro
UPDATED_TIME datetime Когда обновлён @ro
MOVED_TIME datetime Когда передвинут @ro
CATEGORY_ID crm_category Воронка
OPENED boolean Доступен для всех
STAGE_ID crm_status Стадия
PREVIOUS_STAGE_ID crm_status Предыдущая стадия @ro
BEGINDATE date Дата начала
CLOSEDATE date Дата завершения
COMPANY_ID crm_company Компания
CONTACT_ID crm_contact Контакт
CONTACT_IDS crm_contact[] Контакты
OPPORTUNITY double Сумма
IS_MANUAL_OPPORTUNITY boolean Режим расчёта суммы
TAX_VALUE double Сумма налога
CURRENCY_ID crm_currency Валюта
MYCOMPANY_ID crm_company Реквизиты вашей компании
SOURCE_ID crm_status:SOURCE Источник
SOURCE_DESCRIPTION text Дополнительно об источнике
ASSIGNED_BY_ID user Ответственный
LAST_ACTIVITY_BY user Кто проявил активность последним @ro
LAST_ACTIVITY_TIME datetime Последняя активность @ro
WEBFORM_ID integer Создано CRM-формой
OBSERVERS user[] Наблюдатели
PARENT_ID_2 crm_entity Сделка
"""
INVOICE = (
    ITEM + "ACCOUNT_NUMBER string Номер\nCOMMENTS text Комментарий\nPARENT_ID_7 crm_entity Смета"
)
TEXTS = {
    "deals": DEAL,
    "leads": LEAD,
    "contacts": CONTACT,
    "companies": COMPANY,
    "invoices": INVOICE,
    "quotes": QUOTE,
    "activities": others.ACTIVITY,
    "calls": others.CALL,
    "tasks": others.TASK,
    "history_1": others.LEAD_HISTORY,
    "history_2": others.HISTORY,
    "history_31": others.HISTORY,
    "product_rows": others.PRODUCT_ROW,
    "users": others.USER,
    "departments": others.DEPARTMENT,
    "statuses": others.STATUS,
    "types": others.TYPE,
}


def standard(entity: str) -> dict[str, Field]:
    """Return the fields that every portal has; a smart process has those of `ITEM`."""
    return describe(TEXTS.get(entity, others.HISTORY if entity.startswith("history_") else ITEM))
