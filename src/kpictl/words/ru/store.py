"""Что не так с хранилищем и с загрузкой."""

TEXTS: dict[str, str] = {
    "store.newer": "хранилище записано более новой версией kpictl (формат {found}, эта знает"
    " {known}): читать его наугад нельзя",
    "store.newer.hint": "обновите kpictl; ничего не изменено",
    "store.locked": "хранилище {file} уже минуту занято другим процессом",
    "store.locked.hint": "дождитесь, пока он закончит, и повторите",
    "store.busy": "уже идёт другая загрузка (процесс {process}): вторая испортила бы ей счёт",
    "store.busy.hint": "дождитесь её или остановите; считать kpictl compute можно и сейчас",
    "store.disk_full": "на диске нет места: {file} не записать",
    "store.disk_full.hint": "освободите место и повторите; прежние данные целы",
    "store.no_access": "к {file} нет доступа: {detail}",
    "store.no_access.hint": "проверьте права на папку; прежние данные целы",
    "store.newer_database": "хранилище {file} записано более новой DuckDB; установленная {version}"
    " его не читает",
    "store.newer_database.hint": "обновите её (pip install --upgrade duckdb) или отложите файл в"
    " сторону и загрузите заново: kpictl pull; ничего не изменено",
    "store.damaged": "хранилище {file} не открыть: {detail}",
    "store.damaged.hint": "отложите файл в сторону и загрузите заново: kpictl pull --full",
    "store.no_file": "{file} — не файл, а там место хранилища",
    "store.no_file.hint": "переместите его и загрузите заново: kpictl pull",
    "store.no_folder": "{file} — файл, а там место папки хранилища",
    "store.no_folder.hint": "переместите его и повторите",
    "store.open_folder": "в папку хранилища {file} могут писать другие (права {mode}): записи"
    " можно подменить",
    "store.open_folder.hint": "закройте её: {command}",
    "pull.discarded": "{file} был повреждён и выброшен: начатое прежней загрузкой читается заново",
    "pull.no_portal": "в плане {file} нет портала: загружать нечего",
    "pull.no_portal.hint": "добавьте источник: sources: {crm: {type: bitrix24}}",
    "pull.no_entity": "«{entity}» портал не отдаёт; есть: {known}",
    "pull.lacking": "{entity}: портал насчитывает {total}, но {count} из них не отдаёт",
    "pull.lacking.hint": "в расчётах их нет: проверьте, всё ли может читать тот, чей это вебхук"
    " (kpictl status)",
    "pull.twin": "{entity}: поле {field} («{caption}») пусто во всех записях, а {column}, которого"
    " портал не описывает, заполнено в {count}",
    "pull.twin.hint": "портал отдаёт его под другим именем (модуль CRM до 25.0.0) или поле создали"
    " заново: смотрите kpictl fields {entity}; после обновления портала — kpictl pull --full",
    "pull.vanished": "{entity}: не видно {count} {count|записи|записей|записей} из прежних;"
    " столько сразу удаляют редко",
    "pull.vanished.hint": "проверьте, не урезаны ли права того, чей это вебхук: kpictl status",
    # results that were kept
    "results.unreadable": "это не сохранённые результаты или только часть их",
    "results.unreadable.hint": "возьмите файл в том виде, в каком он записан, или посчитайте"
    " заново: kpictl compute",
    "results.damaged": "сохранённые результаты изменились после записи: ни на одно число в них"
    " нельзя положиться",
    "results.damaged.hint": "возьмите неизменённую копию или посчитайте заново: kpictl compute",
    "results.newer": "результаты сохранены более новой версией kpictl (формат {version}, эта знает"
    " {known}): читать их наугад нельзя",
    "results.newer.hint": "обновите kpictl",
}
