"""Награды, по-русски."""

TEXTS: dict[str, str] = {
    "award.title": "Награды",
    "award.sheet": "Награды",
    "award.head.award": "Награда",
    "award.head.name": "Кому",
    "award.head.proof": "За что",
    "award.nobody": "никому",
    "award.hidden": "не тем, кто показан ({n})",
    "award.undecided": "никому; про {n} {n|человека|человек|человек} не сказать:"
    " мало данных за прежние периоды",
    "award.held": "{n} из {of} {of|периода|периодов|периодов}",
    "award.most_improved": "{what} против {base} в среднем за {n}"
    " {n|прежний период|прежних периода|прежних периодов} ({gain})",
    "award.record": "{what}: лучший результат за {n} {n|период|периода|периодов},"
    " прежний {base} ({gain})",
    "award.gates": "блокирующие показатели пройдены",
    "award.months": "стаж {n} {n|месяц|месяца|месяцев}",
    "report.column.awards": "Награды",
    "report.column.award_proof": "За что",
    "award.scorecard": "карты «{name}» нет",
    "award.scorecard.hint": "есть {known}",
    "award.kpi": "KPI «{name}» нет в картах, по которым даётся награда",
    "award.kpi.hint": "в них есть {known}",
    "plan.award_for": "«{given}»: не понять, за сколько периодов",
    "plan.award_for.hint": "напишите 3 periods или 5 of 6 periods",
    "plan.award_count": "«{given}»: не понять, сколько периодов",
    "plan.award_count.hint": "напишите число и слово: 3 periods",
    "plan.award_periods": "«{given}»: нужно от 2 до {most} периодов, и первое число"
    " не больше второго",
    "plan.award_tenure": "«{given}»: не понять, какой нужен стаж",
    "plan.award_tenure.hint": "напишите 12 months или 1 year",
    "plan.award_two": "most_improved и record вместе: это две награды",
    "plan.award_two.hint": "заведите вторую под своим названием",
    "plan.award_nothing": "у награды нет условия: она досталась бы всем",
    "plan.award_nothing.hint": "добавьте when, every, most_improved или record",
    "plan.award_of": "of выбирает, что сравнивать, а награда ничего не сравнивает",
    "plan.award_of.hint": "добавьте most_improved или record",
    "plan.award_for_what": "for говорит, сколько периодов держится условие, а условия нет",
    "plan.award_for_what.hint": "добавьте when или every",
}
