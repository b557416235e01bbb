"""Что говорят условия на результаты, по-русски."""

TEXTS: dict[str, str] = {
    "fail_on.met": "Сработало условие {condition}, {n} {n|раз|раза|раз}:",
    "fail_on.not_met": "Условие ни у кого не сработало: {condition}",
    "fail_on.new": "новое: {line}",
    "fail_on.over": "больше нет: {line}",
    "fail_on.of.index": "индекс",
    "fail_on.of.rank": "место",
    "fail_on.of.coverage": "измерено",
    "fail_on.of.pace": "темп",
    "fail_on.of.attainment": "выполнение",
    "fail_on.of.score": "оценка",
    "fail_on.of.target": "план",
    "fail_on.of.expected": "к сроку",
    "fail_on.of.forecast": "прогноз",
    "fail_on.of.needed_per_day": "нужно в день",
    "fail_on.name": "--fail-on: спросить {name} нельзя",
    "fail_on.name.hint": "можно: {known}",
    "fail_on.alone": "для --on-change нужно условие",
    "fail_on.alone.hint": "например: --fail-on 'pace < 80' --on-change",
    "fail_on.state": "не читается, что нашёл прошлый запуск ({file}): всё считается новым",
    "report.column.alert": "Условие сработало",
}
