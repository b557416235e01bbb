"""Что говорится о рабочем времени, по-русски."""

TEXTS: dict[str, str] = {
    "plan.hours": "«{given}» — не часы работы",
    "plan.hours.hint": 'напишите "09:00-18:00", несколько — через запятую, "22:00-06:00" — через'
    " полночь, или off — выходной",
    "plan.weekday": "«{given}» — не день недели",
    "plan.weekday.hint": "напишите mon, mon-thu или sat, sun; дни недели: {known} (можно пн … вс)",
    "plan.weekday_twice": "часы дня {day} указаны дважды",
    "plan.weekday_twice.hint": "назовите каждый день недели один раз",
    "plan.day": "«{given}» — не дата",
    "plan.day.hint": "напишите 2024-05-31 или 31.05.2024",
    "plan.country": "календаря страны «{given}» нет",
    "plan.country.hint": "напишите код страны: RU, BY, KZ, DE, её части — DE-BY; есть {known}",
    "plan.hours_and_cycle": "часы по дням недели и сменный график вместе указать нельзя",
    "plan.hours_and_cycle.hint": "оставьте что-то одно; часы смен стоят в днях цикла (days)",
    "expr.no_calendar": "функции {name} нужно рабочее время, а календаря в плане нет",
    "expr.no_calendar.hint": 'добавьте раздел calendar: {country: RU, hours: "09:00-18:00"}',
    "calendar.unknown_year": "нужны рабочие дни {year} года, а в календаре {country} этот год точно"
    " не известен",
    "calendar.unknown_year.hint": "укажите в calendar: {file: …} производственный календарь"
    " (XML, как публикуют) или таблицу всех выходных и years: [{year}]; либо возьмите другой"
    " период",
    "calendar.year_not_in_file": "нужны рабочие дни {year} года, а в файле календаря его нет",
    "calendar.year_not_in_file.hint": "добавьте в файл выходные этого года, а в calendar — years:"
    " [{year}]",
}
