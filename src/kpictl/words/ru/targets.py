"""Что говорится о планах: их файлы, как они разделены, получены и уменьшены, по-русски."""

TEXTS: dict[str, str] = {
    # файлы планов
    # разделение, рост, пересчёт
    "plan.growth": "«{given}» – не рост",
    "plan.growth.hint": "пишите, например: {forms}",
    "targets.since_of_what": "{kpi}: план «{given}» с какого-то дня, но не сказано, за какой срок",
    "targets.since_of_what.hint": "напишите {given}/month",
    "cascade.no_volume": "{kpi} не складывается: такую цель нельзя разделить",
    "cascade.no_volume.hint": "дайте план сотрудникам или карте",
    "cascade.to": "карты {name} с показателем {kpi} нет",
    "cascade.to.hint": "одно из: {known}",
    "cascade.of": "цели отделов нельзя делить между отделами",
    "cascade.of.hint": "уберите of: между ними делится цель компании",
    "cascade.by": "неясно, в какой пропорции делить: нужно либо by, либо weights",
    "cascade.by.hint": "напишите одно: by: equal, headcount, fte, last_year_share, prev_share или"
    " weights: {имя: 2, другое: 1}",
    "cascade.weights": "все веса нулевые: никто ничего не получит",
    "cascade.under": "{kpi}: планы в сумме дают {total} из {goal}: {percent} %, не хватает"
    " {difference}",
    "cascade.over": "{kpi}: планы в сумме дают {total} из {goal}: {percent} %, лишние {difference}",
    "cascade.under.department": "{kpi}, {name}: планы сотрудников в сумме дают {total} из {goal}:"
    " {percent} %, не хватает {difference}",
    "cascade.over.department": "{kpi}, {name}: планы сотрудников в сумме дают {total} из {goal}:"
    " {percent} %, лишние {difference}",
    "cascade.nobody": "{kpi}: цель {goal} разделить не между кем: весь период"
    " отсутствовали {names}",
    "cascade.nobody.hint": "передайте её другим: задайте им планы или отдайте цель другому отделу",
    "cascade.nothing_left": "{kpi}: от цели {goal} делить нечего: у других уже есть свои {kept}",
    "cascade.nothing_left.hint": "уменьшите эти планы или увеличьте цель",
    "cascade.no_history": "{kpi}: за {period} нет данных, равная доля ({count}): {names}",
    "targets.no_base": "{kpi}: нет плана у {names}: расти не от чего",
    "targets.no_base.hint": "напишите им число: employee.…",
    "targets.as_written": "{kpi}: план {name} написан поимённо и взят целиком, за {days} из {of}"
    " рабочих дней",
    "targets.as_written.hint": "чтобы пересчитывать и такие: targets: {prorate: all}",
    "target.working_days": "рабочих дней",
    "target.calendar_days": "календарных дней",
    "target.working_days.less": "{days|рабочий день|рабочих дня|рабочих дней}",
    "target.calendar_days.less": "{days|календарный день|календарных дня|календарных дней}",
    "target.working_days.part": "рабочего дня",
    "target.calendar_days.part": "календарного дня",
    "target.rounded": ", с округлением до {step}",
    "explain.level.cascade": "доля общей цели",
    "step.growth.prev": "прошлый период, {period}: {value}, {n} {n|запись|записи|записей}; рост"
    " {percent} %; {command}",
    "step.growth.1y": "год назад, {period}: {value}, {n} {n|запись|записи|записей}; рост"
    " {percent} %;"
    " {command}",
    "step.growth.best": "лучший из {count} {count|периода|периодов|периодов}, {period}: {value},"
    " {n}"
    " {n|запись|записи|записей}; рост {percent} %; {command}",
    "step.cascade.parent": "{name}: {value}{derivation}{place}",
    "step.cascade.kept": "минус собственные планы ({count}): {value}",
    "step.cascade.equal": "поровну на {count}: {percent} %",
    "step.cascade.headcount": "по числу людей: {own} из {all}, {percent} %",
    "step.cascade.fte": "по ставкам: {own} из {all}, {percent} %",
    "step.cascade.weights": "по весам: {own} из {all}, {percent} %",
    "step.cascade.last_year_share": "по {kpi} за {period}: {own} из {all}, {percent} %; {command}",
    "step.cascade.prev_share": "по {kpi} за {period}: {own} из {all}, {percent} %; {command}",
    "step.cascade.no_history": "за {period} ничего нет: равная доля, одна из {count}; {percent} %",
    "step.cascade.rounded": "кратно {step}, по наибольшему остатку",
    "step.cascade.rounded.rest": "кратно {step}, по наибольшему остатку; остаток {rest} здесь",
    "step.ramp": "новичок: {percent} % плана",
    "step.as_written": "написан поимённо и взят целиком, за {days} из {of} {unit}",
    "step.away.hired": "принят {after}: минус {days} {unit}{place}",
    "step.away.left": "уволен, с {first} не работает: минус {days} {unit}{place}",
    "step.away.from": "в этой должности с {after}: минус {days} {unit}{place}",
    "step.away.to": "в этой должности до {first}: минус {days} {unit}{place}",
    "step.away.gap": "не работал с {first} по {last}: минус {days} {unit}{place}",
    "step.away.absence": "{kind} с {first} по {last}: минус {days} {unit}{place}",
    "step.kind.worked": "работа",
    "step.kind.paid_absence": "оплачиваемое отсутствие",
    "step.kind.unpaid": "без содержания",
    "step.kind.sick": "больничный",
    "step.kind.company": "компания",
    "step.kind.department": "отдел",
    "step.cascade.adjusted": "с равными долями и отработанными днями каждого: {percent} %",
    "targets.as_written_by_days": "{kpi}: план {name} написан поимённо и взят целиком, за {days} из"
    " {of} календарных дней",
    "targets.as_written_by_days.hint": "чтобы пересчитывать и такие: targets: {prorate: all}",
    "card.changes_within": "карта {card} меняется {day}, внутри периода {period}",
    "card.changes_within.hint": "посчитайте части отдельно: --period {before} и --period {after}",
}
