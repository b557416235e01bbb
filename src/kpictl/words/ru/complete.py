"""How complete the data of a period are, in Russian."""

TEXTS: dict[str, str] = {
    "complete.goes_on": "период {period} не окончен: посчитано по {day}, впереди ещё"
    " {days} {days|день|дня|дней}",
    "complete.not_begun": "период {period} ещё не начался",
    "complete.pull_ends": "{entity}: загружено по {at}, раньше конца {period}",
    "complete.pull_ends.hint": "загрузите новое: kpictl pull",
    "complete.ends": "{entity}: последняя запись от {last}, до конца {period}"
    " {days} {days|день|дня|дней} без записей; обычно не больше {usual}",
    "complete.ends_of_few": "{entity}: последняя запись от {last}, до конца {period}"
    " {days} {days|день|дня|дней} без записей; записей мало, обычно ли это, не видно",
    "complete.ends_of_few.hint": "проверьте, по какой день выгружен файл",
    "complete.ends.hint": "проверьте, по какой день выгружен файл",
    "complete.cut_months": "{kpis}: записи датированы месяцами ({field}); месяц, который не входит"
    " в {period} целиком, не учтён",
    "complete.cut_months.hint": "считайте за месяц, квартал или год",
    "complete.cut_spans": "{kpis}: каждое значение за квартал, полугодие или год, а в {period}"
    " ни один не входит целиком",
    "complete.cut_spans.hint": "считайте за больший период или укажите every: month и внесите"
    " значения за месяцы",
    "complete.no_records": "{entity}: ни одной записи до конца {period}",
    "complete.no_records.hint": "проверьте файл и столбец с датой",
    "complete.not_typed": "{kpis}: за {period} никто не внёс значений; последнее за период с"
    " {last}",
    "complete.not_typed.hint": "спросите того, кто их вносит, или проверьте периоды в файле",
    "complete.not_typed_of": "«{kpi}»: не {count|внесено|внесены|внесено} {count}"
    " {count|значение|значения|значений} из {of} ({periods}), хотя срок ({due}"
    " {due|день|дня|дней} после конца периода) прошёл: {names}",
    "complete.not_typed_of.hint": "попросите внести; у кого значения быть не должно, тому не нужен"
    " и показатель в карте",
    "complete.silent": "{kpis}: за {period} нет ни одной записи; последняя была {last} ({entity})",
    "complete.silent.hint": "проверьте, всё ли выгружено и не сменились ли названия стадий",
    "complete.no_ranks": "{card}: за {period} нет ни одной записи, места не распределены",
    "report.reach": "Данные по: {list}",
    "report.about.reach": "Данные по",
    "report.reach.one": "{entity} {at}",
    "report.reach.none": "{entity} нет",
}
