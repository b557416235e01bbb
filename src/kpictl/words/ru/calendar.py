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
    "compute.open": "{kpi}: {count} из {n} {n|записи|записей|записей} ещё без"
    " ответа, учтено время до момента отчёта",
    "explain.open": "ещё без ответа",
    "kind.open": "open: elapsed — для длительности до даты из записи, а здесь её нет",
    "kind.open.hint": "напишите, например, median: minutes(created_at, first_reply_at), или "
    "уберите open",
    "calendar.bad_day": "«{given}» — не день",
    "calendar.bad_day.hint": "напишите 2024-05-31, 31.05.2024 или отрезок: 2024-05-02..2024-05-03",
    "calendar.bad_kind": "«{given}» — непонятный вид дня",
    "calendar.no_kind": "не сказано, какой это день",
    "calendar.no_kind.hint": "напишите: выходной, рабочий или сокращённый — либо часы: 09:00-15:00",
    "calendar.bad_hours": "«{given}» — не часы работы и не их число",
    "calendar.bad_hours.hint": "напишите 09:00-15:00 или 6 — шесть часов от обычного начала",
    "calendar.kind_and_hours": "вид дня — {kind}, а часы — «{given}»: так не бывает",
    "calendar.kind_and_hours.hint": "оставьте что-то одно",
    "calendar.day_twice": "для {day} другое сказано в {other}",
    "calendar.day_twice.hint": "оставьте одну из двух строк",
    "calendar.xml_entities": "в XML объявлены свои типы или сущности, календарю они не нужны",
    "calendar.xml_entities.hint": "возьмите файл, как он опубликован, без <!DOCTYPE …>",
    "calendar.xml_syntax": "файл {file} не читается как XML: {detail}",
    "calendar.xml_syntax.hint": "скачайте его снова или составьте таблицу: дата, вид",
    "calendar.xml_year": "в файле {file} вместо года «{given}»",
    "calendar.xml_year.hint": 'год стоит в <calendar year="2028">',
    "calendar.xml_day": "в файле {file} непонятный день: {given}",
    "calendar.xml_day.hint": 'день записывают так: <day d="05.09" t="1"/>; t: 1 — выходной, 2 — '
    "короткий, 3 — рабочий",
    "calendar.xml_empty": "в файле {file} нет ни одного выходного: это не производственный "
    "календарь",
    "calendar.xml_empty.hint": "проверьте, тот ли это файл",
}
