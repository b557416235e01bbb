"""What is wrong with a question, and the few words of the command line itself, in Russian."""

TEXTS: dict[str, str] = {
    # mistakes in asking
    "usage.no_scorecard": "карты {name} в плане нет",
    "usage.no_kpi": "KPI {name} нет",
    "usage.no_person": "сотрудника «{name}» нет ни в списке, ни в записях",
    "usage.no_department": "отдела «{name}» в картах нет",
    "usage.many_people": "«{name}»: подходят несколько сотрудников: {people}",
    "usage.many_people.hint": "укажите почту",
    "usage.index_of_whom": "индекс есть у человека, а чей он, не сказано",
    "usage.index_of_whom.hint": "назовите сотрудника: --employee Белова",
    "usage.template": "шаблона «{given}» нет",
    "usage.exists": "файл {file} уже есть, он не тронут",
    "usage.exists.hint": "назовите другой: --config файл.yaml, или замените этот: --force",
    "usage.binary_output": "{format} не показать на экране",
    "usage.binary_output.hint": "назовите файл: -o результат.{format}",
    "usage.ending": "по имени {file} не понять, в каком виде его писать",
    "usage.ending.hint": "назовите вид: --format, или возьмите окончание из этих: {known}",
    "usage.output": "файл {file} не записать: {detail}",
    "usage.output.hint": "проверьте папку и права; если файл открыт в Excel, закройте его",
    "usage.language": "языка «{given}» нет",
    "usage.no_plan": "плана {file} нет ни в этой папке, ни выше",
    "usage.no_plan.hint": "создайте его: kpictl init, или назовите: --config путь/kpi.yaml",
    "usage.as_of": "«{given}» не день и не момент",
    "usage.as_of.hint": "пишите 2024-05-31 или 2024-05-31T18:00",
    "period.unknown": "«{text}» не период",
    "period.unknown.hint": "пишите, например: {forms}",
    "period.backwards": "период {text} кончается раньше, чем начинается",
    "period.backwards.hint": "поменяйте даты местами",
    # the command line itself
    "usage.sound": "План {file} в порядке: {kpis} KPI, {cards} {cards|карта|карты|карт}.",
    "usage.written": "План записан в {file}. Проверьте его: kpictl check",
    "usage.interrupted": "Прервано. Ничего не изменено.",
    "usage.system": "Система не дала это сделать: {detail}. Проверьте права и место на диске.",
    "usage.bug": "Внутренняя ошибка kpictl ({where}): {detail}. Ваши файлы не тронуты."
    " Повторите с --verbose и пришлите вывод разработчикам.",
}
