"""Что говорится об отсутствиях и сменах, по-русски."""

TEXTS: dict[str, str] = {
    "absences.unknown_code": "отсутствия: в плане не сказано, что значит «{code}» ({count}"
    " {count|ячейка|ячейки|ячеек}: {places})",
    "absences.unknown_code.hint": "добавьте его в absences: codes: worked, paid_absence, unpaid или"
    " sick",
    "absences.nobody": "отсутствия: в списке сотрудников нет «{name}»",
    "absences.nobody.hint": "напишите имя, почту или id, как в списке сотрудников",
    "absences.backwards": "{name}: отсутствие заканчивается {last}, раньше, чем начинается"
    " ({first})",
    "absences.backwards.hint": "исправьте одну из дат; «по» — последний день включительно",
    "absences.no_month": "столбцы табеля названы днями месяца, а какого – не сказано",
    "absences.no_month.hint": "укажите absences: period: 2024-05 или назовите их 01.05.2024 …",
    "absences.no_days": "это не список отсутствий (с, вид) и не табель (столбец на день): {known}",
    "absences.no_days.hint": "назовите столбцы: сотрудник, с, по, вид; в табеле: 01.05.2024 …",
    "absences.too_long": "{name}: отсутствие «{code}» {day} — {hours} ч, а рабочий день — {norm} ч;"
    " учтён один полный день",
    "absences.too_long.hint": "исправьте часы или оставьте ячейку пустой: без часов отсутствие"
    " занимает весь день",
    "absences.without_people": "списка сотрудников нет: неизвестно, чьи это отсутствия",
    "absences.without_people.hint": "добавьте в источник employees: employees.csv",
    "plan.file_or_from": "в {path} нужно одно из двух: file: или from:",
    "plan.file_or_from.hint": "file: таблица.csv или from: имя сущности источника",
    "shifts.unknown_code": "смены: в плане не сказано, что значит «{code}» ({count}"
    " {count|ячейка|ячейки|ячеек}: {places})",
    "shifts.unknown_code.hint": 'добавьте его в calendar: shifts: codes, например Н: "20:00-08:00"'
    " или ОТ: off",
    "shifts.nobody": "смены: в списке сотрудников нет «{name}»",
    "shifts.nobody.hint": "напишите имя, почту или id, как в списке сотрудников",
    "shifts.no_month": "столбцы графика смен названы днями месяца, а какого — не сказано",
    "shifts.no_month.hint": "укажите calendar: shifts: period: 2024-05 или назовите их"
    " 01.05.2024 …",
    "shifts.no_days": "это не список смен (дата, с, по) и не график (столбец на день): {known}",
    "shifts.no_days.hint": "назовите столбцы: сотрудник, дата, с, по или смена; в графике:"
    " 01.05.2024 …",
    "shifts.overlap": "{name}: смена {day} начинается раньше, чем кончилась предыдущая ({other})",
    "shifts.overlap.hint": "исправьте часы одной из них или удалите лишнюю",
    "shifts.bad_length": "{given}: такой смены не бывает",
    "shifts.bad_length.hint": "смена длится не больше суток и не ноль; конец через полночь пишут"
    " просто: с 20:00 по 08:00",
    "shifts.bad_time": "«{given}» — не время смены",
    "shifts.bad_time.hint": "напишите 08:00 рядом со столбцом даты или дату со временем:"
    " 01.05.2024 08:00",
    "shifts.without_people": "списка сотрудников нет: неизвестно, чьи это смены",
    "shifts.without_people.hint": "добавьте в источник employees: employees.csv",
    "compute.beyond_shifts": "график смен есть не на все дни периода (нет между {first} и {last}),"
    " там взяты обычные часы: {names}",
    "compute.beyond_shifts.hint": "добавьте недостающие дни в таблицу смен",
}
