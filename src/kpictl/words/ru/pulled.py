"""What is said of records that were pulled from a portal, in Russian."""

TEXTS: dict[str, str] = {
    # what is not there
    "portal.nothing_pulled": "{source}: с портала ещё ничего не загружено",
    "portal.nothing_pulled.hint": "выполните kpictl pull",
    "portal.not_pulled": "{source}: с портала не загружено: {entity}",
    "portal.not_pulled.hint": "выполните kpictl pull",
    "portal.not_granted": "{source}: с портала не загружено: {entity}: ключу не дано право"
    " «{scope}»",
    "portal.not_granted.hint": "Битрикс24 → Разработчикам → Другое → Входящий вебхук → права:"
    " отметьте «{scope}», сохраните и выполните kpictl pull; у приложения права стоят в его"
    " карточке",
    "portal.fields_not_pulled": "{source}: {entity} загружены без полей: {fields}",
    "portal.fields_not_pulled.hint": "выполните kpictl pull: он привезёт всё, что нужно плану"
    " теперь",
    "portal.no_entity": "на портале нет {entity}",
    "portal.no_users": "{source}: пользователи не загружены, вместо имён стоят номера",
    "portal.no_users.hint": "дайте ключу право user (пользователи) и выполните kpictl pull",
    # what is left out or half there
    "portal.partial": "{entity}: загружены только записи, изменённые с {since}; более ранних нет",
    "portal.partial.hint": "выполните kpictl pull --full",
    "portal.templates": "{entity}: {count} {count|шаблон|шаблона|шаблонов} регулярных сделок не"
    " {count|учтён|учтены|учтены}",
    "portal.own_companies": "{entity}: {count} {count|своя компания|свои компании|своих компаний}"
    " (реквизиты вашей компании) не в счёт",
    "portal.orphans": "{entity}: {count} {count|строка|строки|строк} не в счёт: их {parent} нет"
    " (удалены или не видны)",
    "portal.bad_value": "{entity} {id}, {caption}: «{value}» не читается, нужно {kind}",
    "portal.bad_value.hint": "исправьте запись в CRM и загрузите снова, или пропускайте такие"
    " значения: on_bad_value: skip",
    "portal.more_bad_values": "{entity}, {caption}: ещё {more} таких значений",
    "portal.skipped_value": "{entity} {id}, {caption}: «{value}» не прочитано, значение пропущено",
    # values that are never there
    "portal.no_value": "в {field} не бывает значения «{value}»",
    "portal.one_of_several": "в {field} может быть несколько значений сразу: «{value}» равно ему,"
    " только если оно одно",
    "portal.one_of_several.hint": "пишите contains({name}, '{value}')",
    "lint.constant": "{text} сравнивает текст с текстом: для всех записей одно и то же",
    "lint.constant.hint": 'имя поля пишется в двойных кавычках: "{name}"',
    # what figures stand on
    "source.closed_by_history": "{entity}: момент закрытия взят из истории стадий ({history}),"
    " «{caption}» ({moved}), даты закрытия ({planned})",
    "portal.rates": "{entity}: взяты курсы портала на {day}: {rates}",
    "portal.rates_of_today": "{entity}: взяты курсы портала на {day}, а период был раньше: {rates}",
    "portal.rates_of_today.hint": "запишите курсы того времени в план, иначе числа прошлого"
    " поплывут: rates: {USD: {2024-05-01: 92.1}}",
    "portal.people_named": "сотрудники нигде не перечислены: без who в карточках те пользователи"
    " портала, кого называют записи",
    # people
    "portal.name_for_number": "в {field} здесь номера пользователей, «{name}» среди них не бывает",
    "portal.name_for_number.hint": "напишите номер пользователя: {field} = '{id}'",
    "people.account": "пользователь {id}",
    "people.account_of_whom": "пользователь портала {id}, «{name}»: кто это из сотрудников?"
    " ({people})",
    "people.account_of_whom.hint": "укажите в файле сотрудников e-mail, или в колонке aliases"
    " номера пользователей",
}
