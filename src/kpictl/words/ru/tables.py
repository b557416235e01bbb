"""What is wrong with the files of records, and remarks on what was read, in Russian."""

TEXTS: dict[str, str] = {
    # a file as a table
    "table.missing": "файла {file} нет",
    "table.missing.hint": "путь пишут от папки, в которой лежит план",
    "table.missing_near": "файла {file} нет",
    "table.missing_folder": "файла {file} нет, как и папки {folder}",
    "table.missing_folder.hint": "путь пишут от папки, в которой лежит план",
    "table.no_match": "под {pattern} не подходит ни один файл в {folder}",
    "table.no_match.hint": "проверьте папку и маску имени",
    "table.directory": "{file} это папка, а нужен файл",
    "table.directory.hint": "назовите файл или маску: {file}/*.csv",
    "table.no_file": "{file} это канал или устройство, а нужен файл",
    "table.no_file.hint": "сначала запишите данные в файл и назовите его",
    "table.far_cell": "лист «{sheet}» из-за содержимого {cell} занимает "
    "строк: {rows}, столбцов: {columns}; столько не прочесть",
    "table.far_cell.hint": "удалите строки и столбцы за пределами таблицы и сохраните файл "
    "или скопируйте таблицу на новый лист",
    "table.unpacked": "в файле {file} слишком много данных: "
    "его часть {member} занимает {size} МБ, а в сжатом виде {packed} КБ",
    "table.unpacked.hint": "сохраните файл заново в табличном редакторе, "
    "выгружайте меньше за раз или возьмите CSV",
    "table.far_time": "ячейка этой строки показана как время, а число в ней временем быть не может",
    "table.far_time.hint": "исправьте ячейку или задайте ей числовой формат",
    "table.large_file": "файл {file} занимает {size} МБ, а старая книга может занимать {limit}",
    "table.large_file.hint": "сохраните его как XLSX или CSV или выгружайте меньше за раз",
    "table.unreadable": "файл {file} не открыть: {reason}",
    "table.unreadable.hint": "закройте его в других программах и проверьте права",
    "table.empty": "в файле {file} ничего нет",
    "table.empty.hint": "выгрузите его заново",
    "table.list_is_empty": "в файле {file} вместо таблицы сказано: «{sentence}»",
    "table.list_is_empty.hint": "снимите фильтр в CRM и выгрузите заново",
    "table.binary": "файл {file} не таблица, а {kind}",
    "table.binary.hint": "сохраните его как CSV или XLSX",
    "table.not_text": "файл {file} не таблица и не текст",
    "table.not_text.hint": "сохраните его как CSV или XLSX",
    "table.password": "файл {file} закрыт паролем",
    "table.password.hint": "сохраните его без пароля",
    "table.encoding": "здесь буквы не читаются как {encoding}",
    "table.encoding.hint": "уберите encoding: он узнаётся сам, или назовите другой",
    "table.mixed_encoding": "в одном файле две кодировки: до этой строки UTF-8, дальше"
    " windows-1251",
    "table.mixed_encoding.hint": "выгрузите части заново в одной кодировке",
    "table.encoding_name": "кодировки {encoding} нет",
    "table.encoding_name.hint": "пишите utf-8 или windows-1251; лучше совсем не указывать",
    "table.sheet": "листа «{sheet}» в файле {file} нет",
    "table.sheet.hint": "есть: {sheets}",
    "table.header_row": "в строке {row} файла {file} нет заголовков, а всего строк {rows}",
    "table.header_row.hint": "укажите строку с названиями колонок: header: 1",
    "table.ragged": "в строке {cells} {cells|ячейка|ячейки|ячеек}, а колонок {columns}",
    "table.ragged.hint": "обычно виноват разделитель внутри текста: возьмите текст в кавычки;"
    " строки в конце, которые не записи: footer: 1",
    "table.ragged_of_bare": "в строке {cells} {cells|ячейка|ячейки|ячеек}, а колонок {columns}",
    "table.ragged_of_bare.hint": "обычно виноват разделитель внутри текста: возьмите текст в"
    " кавычки; строки в конце, которые не записи, удалите",
    "table.footer": "{count} {count|строка не запись и пропущена|строки не записи и пропущены"
    "|строк не записи и пропущены}: {lines}",
    "table.footer.hint": "если это всё же запись: footer: 0",
    "table.title": "строка {row} похожа на заголовок, а названия колонок стоят,"
    " видимо, в строке {captions}",
    "table.title.hint": "скажите, где названия колонок: header: {captions}",
    "table.title_of_bare": "строка {row} похожа на заголовок, а названия колонок стоят,"
    " видимо, в строке {captions}",
    "table.title_of_bare.hint": "уберите из файла строки над названиями колонок",
    "table.footer_of_bare": "{count} {count|строка не запись и пропущена|строки не записи и"
    " пропущены|строк не записи и пропущены}: {lines}",
    "table.footer_of_bare.hint": "если это всё же запись, заполните в ней пустые ячейки и уберите"
    " слово итога",
    "table.quote": "кавычка открыта здесь и не закрыта там, где надо",
    "table.quote.hint": "закройте её; кавычка внутри текста пишется дважды",
    "table.columns": "в заголовке {columns} ячеек, а в электронной таблице их не больше {most}",
    "table.columns.hint": 'тот ли разделитель? Напишите его: delimiter: ";"',
    "table.long": "строка длиннее 16 МБ: похоже, кавычка выше не закрыта",
    "table.long.hint": "найдите незакрытую кавычку или выгрузите файл заново",
    # a table on its side
    "unpivot.sideways": "поля {name} в {entity} нет, а заголовки столбцов в {file} – дни или"
    " месяцы: {captions}",
    "unpivot.sideways.hint": "если каждая такая ячейка – запись, разверните таблицу:"
    " unpivot: {into: {day: caption, mark: value}}",
    "unpivot.no_dates": "в {file} нет столбца, озаглавленного днём или месяцем: {known}",
    "unpivot.no_dates.hint": "скажите, в каких строках заголовки, header: 2 или header: [2, 3],"
    " или какие столбцы имеются в виду, columns: [первый, второй]",
    "unpivot.no_period": "какого месяца дни в заголовках {file}: {known}?",
    "unpivot.no_period.hint": "скажите: period: 2024-06 (для месяцев без года: period: 2024)",
    "unpivot.no_column": "в {file} нет столбца {columns}, который надо развернуть в записи",
    "unpivot.no_column.hint": "есть: {known}",
    "unpivot.no_fit": "ни один заголовок в {file} не подходит под {columns} целиком",
    "unpivot.no_fit.hint": "есть: {known}",
    "unpivot.period": "«{caption}» и подобные прочитаны как {period}: так сказано в {where}",
    "unpivot.period.hint": "если это другой месяц: period: 2024-06",
    "unpivot.totals": "{count} {count|столбец – итог и пропущен|столбца – итоги и пропущены"
    "|столбцов – итоги и пропущены}: {columns}",
    "unpivot.impossible": "{count} {count|столбец озаглавлен|столбца озаглавлены"
    "|столбцов озаглавлены} числом, которого нет в этом месяце; их содержимое пропущено: {columns}",
    # a look-up
    "lookup.not_unique": "{entity}: «{value}» встречается в {key} не один раз, какая из записей"
    " имеется в виду? {lines}",
    "lookup.not_unique.hint": "у ключа подстановки одна запись: оставьте по строке на каждый"
    " (таких ключей: {count})",
    "lookup.no_partner": "{entity}.{field}: {count} {count|запись|записи|записей} с ключом,"
    " которого нет ни у одной записи {other} в {key}: {keys}",
    "lookup.no_partner.hint": "добавьте эти ключи в {other} или исправьте их",
    # a source
    "source.entity_twice": "{entity} уже дал другой источник: неясно, чьи записи верны",
    "source.entity_twice.hint": "оставьте один; несколько файлов перечисляют списком: [a.csv,"
    " b.csv]",
    "source.products_without_id": "в файле есть колонки товаров, но нет ID:"
    " строки одной сделки не собрать, суммы были бы неверны",
    "source.products_without_id.hint": "выгрузите сделки с колонкой ID или без колонок товаров",
    "source.no_column": "колонки «{caption}» в файле {file} нет",
    "source.bad_value": "{caption}: «{value}» не прочитать, ожидается {kind}",
    "source.bad_value.hint": 'поправьте ячейку; значения вроде «-» перечисляют в empty: ["-"],'
    " значение можно не брать, запись при этом останется: on_bad_value: skip",
    "source.bad_date": "{caption}: «{value}» не прочитать, ожидается {kind}",
    "source.bad_date.hint": "исправьте ячейку или скажите, как пишутся даты: dates: dmy"
    ' или форма dates: "%d/%b/%y"; что ничего не значит, стоит в empty: ["-"]; значение'
    " можно не брать: on_bad_value: skip",
    "source.time_among_days": "{caption}: «{value}» не прочитать: в столбце дни без времени",
    "source.time_among_days.hint": "если в ячейках моменты, объявите {caption} с type:"
    " datetime; если важен только день, с type: date",
    "source.too_fine": "{caption}: у «{value}» больше 10 знаков после запятой, столько не хранится",
    "source.too_fine.hint": "округлите в выгрузке или скажите, до скольких знаков:"
    " fields: {{field}: {column: {caption}, decimals: 2}}",
    "source.more_bad_values": "{caption}: таких ячеек ещё {more}",
    "source.far_date": "{caption}: «{value}» намного позже всех других дат и {as_of}; в более"
    " ранние периоды запись не входит, и о полноте данных эта дата не говорит",
    "source.far_date.hint": "исправьте год в ячейке",
    "source.more_far_dates": "{caption}: таких дат ещё {more}",
    "source.skipped_value": "{caption}: «{value}» не прочитано, значение пропущено",
    "source.employees_without_name": "неясно, как зовут сотрудников: нет колонки с именем или"
    " почтой",
    "source.employees_without_name.hint": "назовите колонку «Сотрудник» или «Email»; есть: {known}",
    "source.employee_twice": "сотрудник {id} уже есть в строке {line}, и не сказано, какая строка"
    " когда действует: неясно, чьи записи чьи",
    "source.employee_twice.hint": "если это один человек с разными назначениями, укажите сроки"
    " каждой строки в колонках «с» и «по» (последний день); если это разные люди, дайте им"
    " разные id",
    "source.assignment_backwards": "{name}: назначение заканчивается {last}, раньше, чем"
    " начинается ({first})",
    "source.assignment_backwards.hint": "исправьте одну из дат; «по» — последний день включительно",
    "source.assignments_overlap": "{name}: с {first} по {last} два назначения сразу (второе:"
    " {other}): неясно, к какому отнести записи этих дней",
    "source.assignments_overlap.hint": "пусть первое заканчивается накануне второго; при"
    " совместительстве укажите в обеих строках долю ставки (fte) и разные должность или отдел",
    "source.assignment_gap": "{name}: с {first} по {last} ({days} {days|день|дня|дней}) нет"
    " назначения: записи этих дней останутся без сотрудника",
    "source.assignment_gap.hint": "исправьте «с» или «по»; если человек не работал, укажите дату"
    " увольнения",
    "source.assignment_of_nobody": "в списке сотрудников нет «{name}»: назначение ничьё",
    "source.assignment_of_nobody.hint": "напишите имя, почту или id, как в списке сотрудников",
    "source.bad_rate": "курс не прочитать: {value}",
    "source.rate_size": "в курсе {given} больше {places} знаков до запятой или после неё",
    "source.rate_size.hint": "запишите его короче",
    "source.bad_rate.hint": "нужны валюта (USD), курс больше нуля и, если есть, дата",
    "source.decimal_sign": "{caption}: «{value}» прочитано как {read}: по колонке не видно,"
    " не {other} ли это ({count} {count|такая ячейка|такие ячейки|таких ячеек})",
    "source.decimal_sign.hint": 'скажите в источнике decimal: "{sign}" или же decimal:'
    ' "{other_sign}"',
    "source.date_order": "даты {field} с косой чертой прочитаны как {order}"
    " (d день, m месяц), по самим датам этого не видно",
    "source.date_order.hint": "напишите в источнике dates: dmy или dates: mdy",
    "source.offset_or_shift": "{caption}: «{value}» прочитано как время со сдвигом от UTC,"
    " но возможна смена через полночь ({count} {count|такая ячейка|такие ячейки|таких ячеек})",
    "source.offset_or_shift.hint": 'если это сдвиг, напишите dates: "%Y-%m-%d %H:%M%z"; начало и'
    " конец смены выгрузите в двух столбцах",
    "source.requisites": "{entity}: {count} {count|строка|строки|строк} без номера:"
    " это ещё одни реквизиты записи выше, они не считаются отдельно",
    "source.no_id": "«{value}»: запись без номера ({caption}): неясно, новая она или продолжает"
    " ту, что выше (всего таких строк: {count})",
    "source.no_id.hint": "исправьте строку или пропускайте такие: on_bad_value: skip; если каждая"
    " строка — отдельная запись: id: none",
    "source.skipped_line": "«{value}»: в строке нет номера ({caption}), она пропущена"
    " (всего таких строк: {count})",
    "source.in_two_files": "{entity}: {count} {count|запись|записи|записей} в нескольких файлах"
    " (строк: {lines}), взята версия, изменённая последней (например, {example})",
    "source.in_later_file": "{entity}: {count} {count|запись|записи|записей} в нескольких файлах"
    " (строк: {lines}), взята та, что в более позднем файле (например, {example})",
    "source.written_twice": "{entity}: {count} {count|запись|записи|записей} в нескольких строках"
    " файла (строк: {lines}), взята версия, изменённая последней (например, {example})",
    "source.on_later_line": "{entity}: {count} {count|запись|записи|записей} в нескольких строках"
    " файла (строк: {lines}), всё, что читает план, в них одинаково (например, {example})",
    "source.later_line_differs": "{entity}: {count} {count|запись|записи|записей} в нескольких"
    " строках файла (строк: {lines}), где различается {fields}, и дата изменения не решает, какая"
    " верна: взята последняя строка (например, {example})",
    "source.later_line_differs.hint": "оставьте по одной строке на запись или выгрузите дату"
    " изменения; если каждая строка — отдельная запись: id: none",
    "source.lines_of_one_id": "{entity}: {count} {count|запись стоит|записи стоят|записей стоят} в"
    " нескольких строках, где различается {fields}, и дата изменения не решает, какая верна;"
    " {caption} и строки: {lines}",
    "source.lines_of_one_id.hint": "каждая строка — отдельная запись: id: none; строки — части"
    " записи: lines: add; записи различает другая колонка: id: её название",
    "source.lines_disagree": "{caption}: строки записи {id} различаются ({lines}; таких записей:"
    " {count}), а складываются только числа",
    "source.lines_disagree.hint": "исправьте строки или считайте каждую записью: id: none",
    "source.spoilt_id": "{caption}: «{value}» не номер записи: его округлила электронная таблица"
    " (таких ячеек: {count})",
    "source.spoilt_id.hint": "выгрузите файл заново и не сохраняйте его из таблицы или дайте"
    " колонке формат «Текст»; если номера не нужны: id: none",
    "source.repeated_caption": "колонок «{caption}» несколько, взята {taken}-я",
    "source.file_lacks": "в этом файле нет колонки «{caption}», а в других есть:"
    " часть записей осталась бы без поля {field}",
    "source.file_lacks.hint": "выгрузите файлы с одними и теми же колонками",
    "source.refused": "файл не прочитать: {detail}",
    "source.refused.hint": "выгрузите его заново или сохраните как CSV в UTF-8",
    "source.unknown_stage": "{entity}: неясно, чем кончаются стадии {stages}; их записи ни"
    " выиграны,"
    " ни проиграны",
    "source.unknown_stage.hint": "скажите в источнике, например: stages: {Договор подписан: won}",
    "source.closed_by_plan_date": "{entity}: дня закрытия в выгрузке нет, взята колонка"
    " «{caption}», а её правят вручную",
    "source.closed_by_plan_date.hint": "добавьте в выгрузку колонку «Дата изменения стадии»",
    "source.closed_by_move": "{entity}: датой закрытия считается «{caption}»",
    "source.some_by_plan_date": "{entity}: у {count} {count|записи|записей|записей} «{caption}»"
    " пуста, взята дата закрытия",
    "source.mixed_currencies": "{entity}: суммы в разных валютах ({currencies}) сложены как есть",
    "source.mixed_currencies.hint": "назовите валюту компании (company: {currency: RUB}) и курсы"
    " (rates)",
    "source.unknown_currency": "{entity}: неизвестные валюты {currencies}; суммы в них не вошли",
    "source.unknown_currency.hint": "назовите в источнике код каждой: currencies:"
    " {{example}: …}, и курс в rates",
    # people
    "people.ambiguous": "«{name}»: подходят несколько сотрудников ({people})",
    "people.ambiguous.hint": "укажите почту",
    "people.unknown": "сотрудника «{name}» нет: план для него не действует",
    "people.two_in_one_cell": "{entity}, {field}: несколько людей в одной ячейке («{name}»; разных"
    " таких ячеек: {count}), и чья это запись, не решить",
    "people.two_in_one_cell.hint": "если запись делится между ними, скажите это: fields: {{field}:"
    " {column: …, credit: split}}, доли – как «Анна Белова 60; Олег Ким 40» или поровну; иначе"
    " выгрузите колонку с одним человеком и назовите её (by: …); если это один человек, добавьте"
    " это имя без знака между словами в колонку aliases списка сотрудников",
    "credit.not_whole": "{entity}, {field}: каждая доля больше 0, а все вместе – 100; в «{name}»"
    " в сумме {total}",
    "credit.not_whole_of": "{entity}: каждая доля больше 0, а все вместе – 100; у {key} «{value}»"
    " в сумме {total} ({lines})",
    "credit.not_whole_of.hint": "дайте долю каждому, а у кого её нет, того не пишите; или"
    " уберите share, тогда доли равные",
    "credit.not_whole.hint": "дайте долю каждому или никому (тогда поровну) и никого не пишите"
    " дважды: Анна Белова 60; Олег Ким 40",
    "people.two_of_one_name": "«{name}» ({entity}, {field}): подходят несколько сотрудников"
    " ({people}), записи не разделить",
    "people.two_of_one_name.hint": "если это разные люди, добавьте в список сотрудников колонку"
    " aliases с именем из CRM; если человека перевели, дайте обеим строкам один id и укажите"
    " сроки каждой (колонки «с» и «по» или «принят» и «уволен»)",
    # the result
    "compute.people_from_records": "списка сотрудников нет: в картах все, кого назвали записи",
    "compute.too_large": "{entity}: числа больше 10²⁸ не сосчитать (KPI: {kpis})",
    "compute.too_large.hint": "проверьте суммы в файле и формулы этих KPI",
    "compute.immature": "{kpi}: у {count} {count|записи|записей|записей} срок ещё не вышел,"
    " число может вырасти",
    "compute.lacking": "{kpi}: у {count} {count|записи|записей|записей} нет суммы в числителе,"
    " а в знаменателе {count|она есть|они есть|они есть} (из них без курса: {rate}): {names}",
    "compute.lacking.hint": "заполните суммы или курсы; средний чек лучше считать как"
    " average: amount",
    "compute.nothing_above": "{kpi}: в числителе нечего складывать, значит, нет данных: {names}; их"
    " записи в знаменателе входят в итог",
    "compute.over_zero": "{kpi}: делить не на что, хотя числитель есть ({names})",
    "compute.part_of_period.working_days": "не весь период работали (рабочих дней): {names}",
    "compute.part_of_period.calendar_days": "не весь период работали (календарных дней): {names}",
    "compute.on_no_card": "ни в одной карте нет {count} {count|сотрудника|сотрудников|сотрудников}:"
    " {names}",
    "compute.on_no_card.hint": "ни одно условие who их не выбирает",
    "compute.on_two_cards": "{count} {count|сотрудник|сотрудника|сотрудников} сразу в нескольких"
    " картах ({cards}): {names}",
    "posts.one_card": "{name}: два назначения сразу ({posts}) в одной карте «{card}»: записи"
    " засчитались бы и оплатились дважды",
    "posts.one_card.hint": "пусть who карты берёт одно из них: position = '…' или department = '…'",
    "posts.shared_kpi": "{name}: два назначения сразу ({posts}) в картах {cards} с общим"
    " показателем: {kpis}: записи засчитались бы и оплатились дважды",
    "posts.shared_kpi.hint": "оставьте показателю вес в одной карте или сделайте для второй свой"
    " показатель с другим where",
    "compute.on_two_cards.hint": "уточните who или напишите also: true в дополнительной карте",
}
