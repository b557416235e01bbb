"""The fields of what stands around the CRM's entities, in the same form as `catalogue`."""

from __future__ import annotations

ACTIVITY = """
ID integer ID
OWNER_ID integer Владелец
OWNER_TYPE_ID integer Тип владельца
TYPE_ID integer Тип
PROVIDER_ID string Провайдер
PROVIDER_TYPE_ID string Тип провайдера
PROVIDER_GROUP_ID string Группа провайдера
ASSOCIATED_ENTITY_ID integer Связанный объект
SUBJECT string Тема
CREATED datetime Создано
LAST_UPDATED datetime Изменено
START_TIME datetime Начало
END_TIME datetime Конец
DEADLINE datetime Срок
COMPLETED boolean Выполнено
STATUS integer Статус
RESPONSIBLE_ID user Ответственный
PRIORITY integer Важность
NOTIFY_TYPE integer Напоминание
NOTIFY_VALUE integer Напомнить за
DESCRIPTION text Описание
DESCRIPTION_TYPE integer Вид описания
DIRECTION integer Направление
LOCATION string Место
SETTINGS map[] Настройки
ORIGINATOR_ID string Внешний источник
ORIGIN_ID string Внешний код
AUTHOR_ID user Автор
EDITOR_ID user Редактор
PROVIDER_PARAMS map[] Параметры провайдера
PROVIDER_DATA string Данные провайдера
RESULT_MARK integer Оценка
RESULT_VALUE double Результат
RESULT_SUM double Сумма
RESULT_CURRENCY_ID string Валюта
RESULT_STATUS integer Состояние
RESULT_STREAM integer Поток
RESULT_SOURCE_ID string Источник
AUTOCOMPLETE_RULE integer Автозавершение
IS_INCOMING_CHANNEL boolean Входящий канал
"""
CALL = """
ID integer ID
PORTAL_USER_ID user Сотрудник
PORTAL_NUMBER string Линия
PHONE_NUMBER string Номер
CALL_ID string Код звонка
EXTERNAL_CALL_ID string Внешний код
CALL_CATEGORY string Категория
CALL_LOG string Журнал
CALL_DURATION integer Длительность
CALL_START_DATE datetime Начало
CALL_RECORD_URL string Запись
CALL_VOTE integer Оценка
COST double Стоимость
COST_CURRENCY string Валюта
CALL_FAILED_CODE string Код результата
CALL_FAILED_REASON string Результат
CRM_ENTITY_TYPE string Объект CRM
CRM_ENTITY_ID integer Номер объекта
CRM_ACTIVITY_ID integer Дело
REST_APP_ID integer Приложение
REST_APP_NAME string Название приложения
TRANSCRIPT_ID integer Расшифровка
TRANSCRIPT_PENDING boolean Ожидает расшифровки
SESSION_ID string Сессия
REDIAL_ATTEMPT integer Попытка
COMMENT string Комментарий
RECORD_DURATION integer Длина записи
RECORD_FILE_ID integer Файл записи
CALL_TYPE integer Тип звонка
"""
TASK = """
ID integer ID
PARENT_ID integer Родительская
TITLE string Название
DESCRIPTION text Описание
STATUS integer Мета-статус
REAL_STATUS integer Статус
PRIORITY integer Важность
MARK string Оценка
RESPONSIBLE_ID user Исполнитель
CREATED_BY user Постановщик
CHANGED_BY user Кем изменена
CLOSED_BY user Кем закрыта
STATUS_CHANGED_BY user Кем изменён статус
CREATED_DATE datetime Создана
CHANGED_DATE datetime Изменена
STATUS_CHANGED_DATE datetime Статус изменён
CLOSED_DATE datetime Закрыта
ACTIVITY_DATE datetime Активность
DATE_START datetime Начата
START_DATE_PLAN datetime План начала
END_DATE_PLAN datetime План конца
DEADLINE datetime Крайний срок
TIME_ESTIMATE integer Оценка времени
TIME_SPENT_IN_LOGS integer Затрачено
DURATION_FACT integer Длительность
GROUP_ID integer Группа
UF_CRM_TASK crm[] Привязка к CRM
"""
HISTORY = """
ID integer ID
TYPE_ID integer Тип записи
OWNER_ID integer Владелец
CREATED_TIME datetime Когда
CATEGORY_ID integer Воронка
STAGE_SEMANTIC_ID string Группа стадии
STAGE_ID string Стадия
"""
LEAD_HISTORY = """
ID integer ID
TYPE_ID integer Тип записи
OWNER_ID integer Владелец
CREATED_TIME datetime Когда
STATUS_SEMANTIC_ID string Группа статуса
STATUS_ID string Статус
"""
PRODUCT_ROW = """
ID integer ID
OWNER_ID integer Владелец
OWNER_TYPE string Тип владельца
PRODUCT_ID integer Товар
PRODUCT_NAME string Название
PRICE double Цена
PRICE_ACCOUNT double Цена в валюте отчётов
PRICE_EXCLUSIVE double Без налога
PRICE_NETTO double Без скидки и налога
PRICE_BRUTTO double Без скидки
QUANTITY double Количество
DISCOUNT_TYPE_ID integer Вид скидки
DISCOUNT_RATE double Скидка, %
DISCOUNT_SUM double Скидка
TAX_RATE double Налог, %
TAX_INCLUDED boolean Налог в цене
CUSTOMIZED boolean Изменён
MEASURE_CODE integer Код единицы
MEASURE_NAME string Единица
SORT integer Порядок
XML_ID string Внешний код
TYPE integer Вид
STORE_ID integer Склад
"""
USER = """
ID integer ID
XML_ID string Внешний код
ACTIVE flag Активен
NAME string Имя
LAST_NAME string Фамилия
SECOND_NAME string Отчество
TITLE string Обращение
EMAIL string E-mail
LAST_LOGIN datetime Последний вход
DATE_REGISTER date Дата регистрации
TIME_ZONE string Часовой пояс
IS_ONLINE boolean На сайте
TIMESTAMP_X map Изменён
LAST_ACTIVITY_DATE map Активность
PERSONAL_GENDER string Пол
PERSONAL_WWW string Сайт
PERSONAL_BIRTHDAY string День рождения
PERSONAL_MOBILE string Мобильный
PERSONAL_CITY string Город
WORK_PHONE string Рабочий телефон
WORK_POSITION string Должность
UF_EMPLOYMENT_DATE string Принят
UF_PHONE_INNER string Внутренний номер
UF_DEPARTMENT integer[] Подразделения
USER_TYPE string Вид
"""
DEPARTMENT = (
    "ID integer ID\nNAME string Название\nSORT integer Порядок\nPARENT integer Родитель\n"
    "UF_HEAD user Руководитель"
)
STATUS = """
ID integer ID
ENTITY_ID string Справочник
STATUS_ID string Код
NAME string Название
NAME_INIT string Исходное название
SORT integer Порядок
SYSTEM boolean Системный
CATEGORY_ID integer Воронка
COLOR string Цвет
SEMANTICS string Семантика
"""
TYPE = """
ID integer ID
TITLE string Название
CODE string Код
ENTITY_TYPE_ID integer Тип
CREATED_BY user Кем создан
CREATED_TIME datetime Когда создан
UPDATED_BY user Кем изменён
UPDATED_TIME datetime Когда изменён
IS_CATEGORIES_ENABLED boolean Воронки
IS_STAGES_ENABLED boolean Стадии
IS_BEGIN_CLOSE_DATES_ENABLED boolean Даты
IS_CLIENT_ENABLED boolean Клиент
IS_LINK_WITH_PRODUCTS_ENABLED boolean Товары
IS_SOURCE_ENABLED boolean Источник
IS_OBSERVERS_ENABLED boolean Наблюдатели
IS_MYCOMPANY_ENABLED boolean Моя компания
IS_RECYCLEBIN_ENABLED boolean Корзина
"""
