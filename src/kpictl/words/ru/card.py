"""Слова личной страницы."""

TEXTS: dict[str, str] = {
    "card.rank": "{rank} из {rated}",
    "card.place": "Место",
    "card.pay": "Премия",
    "card.remarks": "Замечания",
    "card.insight": "Сильные и слабые стороны",
    "card.ahead": "Что дальше",
    "card.trend": "Индекс по периодам",
    "card.head.kpi": "Показатель",
    "card.head.weight": "Вес",
    "card.head.fact": "Факт",
    "card.head.target": "План",
    "card.head.attainment": "Выполнение",
    "card.head.points": "Баллы",
    "card.head.contribution": "Вклад",
    "card.one_more": (
        "{kpi}: ещё одна типичная запись ({amount}, медиана из {n} своих) изменит индекс на {gain}"
    ),
    "card.one_more_counted": "{kpi}: ещё одна запись изменит индекс на {gain}",
    "card.one_more_pay": "премию на {pay}",
    "card.next_from": (
        "{of}: до следующей ступени ({edge}) не хватает {lacking}; там {percent} % вместо {now} %"
    ),
    "card.next_above": (
        "{of}: следующая ступень — свыше {edge}, до неё больше {lacki"
        "ng}; там {percent} % вместо {now} %"
    ),
    "card.whose": "назовите одного сотрудника или добавьте --all",
    "card.whose.hint": "kpictl card Белова или kpictl card --all",
    "card.nobody": "за этот период ни на одной карте никого нет",
    "card.nobody.hint": "проверьте --period, --scorecard и --department",
}
