"""Слова личной страницы."""

TEXTS: dict[str, str] = {
    "page.rank": "{rank} из {rated}",
    "page.place": "Место",
    "page.pay": "Премия",
    "page.remarks": "Замечания",
    "page.insight": "Сильные и слабые стороны",
    "page.ahead": "Что дальше",
    "page.trend": "Индекс по периодам",
    "page.head.kpi": "Показатель",
    "page.head.weight": "Вес",
    "page.head.fact": "Факт",
    "page.head.target": "План",
    "page.head.attainment": "Выполнение",
    "page.head.points": "Баллы",
    "page.head.contribution": "Вклад",
    "page.one_more": (
        "{kpi}: ещё одна типичная запись ({amount}, медиана из {n} своих) изменит индекс на {gain}"
    ),
    "page.one_more.same": (
        "{kpi}: ещё одна типичная запись ({amount}, медиана из {n} своих) ничего не изменит"
    ),
    "page.one_more_counted.same": "{kpi}: ещё одна запись ничего не изменит",
    "page.one_more_counted": "{kpi}: ещё одна запись изменит индекс на {gain}",
    "page.one_more_pay": "премию на {pay}",
    "page.next_from": (
        "{of}: до следующей ступени ({edge}) не хватает {lacking}; там {percent} % вместо {now} %"
    ),
    "page.next_above": (
        "{of}: следующая ступень – свыше {edge}, до неё больше {lacking}; "
        "там {percent} % вместо {now} %"
    ),
    "card.whose": "назовите одного сотрудника или добавьте --all",
    "card.whose.hint": "kpictl card Белова или kpictl card --all",
    "card.nobody": "за этот период ни на одной карте никого нет",
    "card.nobody.hint": "проверьте --period, --scorecard и --department",
}
