"""Что говорят pull, status, fields и init --from-portal, по-русски."""

TEXTS: dict[str, str] = {
    # entities
    "pull.entity.deals": "Сделки",
    "pull.entity.leads": "Лиды",
    "pull.entity.contacts": "Контакты",
    "pull.entity.companies": "Компании",
    "pull.entity.invoices": "Счета",
    "pull.entity.activities": "Дела",
    "pull.entity.calls": "Звонки",
    "pull.entity.tasks": "Задачи",
    "pull.entity.products": "Товарные позиции",
    "pull.entity.stage_history": "История стадий",
    "pull.entity.users": "Сотрудники",
    "pull.entity.employees": "Сотрудники",
    "pull.entity.departments": "Отделы",
    "pull.entity.statuses": "Справочники",
    "pull.entity.categories": "Воронки",
    "pull.entity.currencies": "Валюты",
    "pull.history_of": "История: {of}",
    # on the way
    "pull.asking": "Портал отвечает на первые вопросы…",
    "pull.kind.changes": "изменений: {n}",
    "pull.kind.sweep": "сверка: {n}",
    "pull.of": "{n} из {all}",
    "pull.rate": "{n}/с",
    "pull.left": "ещё {t}",
    "pull.done": "готово",
    "pull.wait.bucket": "Портал просит подождать {n} с (лимит запросов); продолжу сам.",
    "pull.wait.method": "Портал просит подождать {n} с (лимит времени метода {method});"
    " продолжу сам.",
    "pull.wait.fault": "Портал не ответил ({code}); повторю сам через {n} с.",
    # at the end
    "pull.requests": "{n} {n|запрос|запроса|запросов}",
    "pull.seconds": "{n} с",
    "pull.complete_to": "всё до {at}",
    "pull.resumed": "прерванная загрузка продолжена",
    "pull.nothing_new": "нового нет",
    "pull.changed": "изменено {n}",
    "pull.gone": "удалено {n}",
    "pull.interrupted": "Прервано. Загруженное сохранено: kpictl pull продолжит с этого места.",
    "pull.interrupted_early": "Прервано, ещё ничего не загружено. Прежние данные целы;"
    " повторите kpictl pull.",
    "pull.kept": "Загруженное до сих пор сохранено: повторите kpictl pull, он продолжит с этого"
    " места.",
    "pull.safe": "Прежние данные целы; повторите kpictl pull, когда причина устранена.",
    "pull.rest": "Остальное загружено до {at}; повторите kpictl pull после исправления.",
    "pull.rest_nothing": "Больше загружать было нечего; прежние данные целы. Повторите kpictl pull"
    " после исправления.",
    # status
    "status.files": "файлы, читаются заново каждой командой",
    "status.found": "{n} {n|файл|файла|файлов}",
    "status.nothing": "ещё ничего не загружено: kpictl pull",
    "status.scopes": "Права ключа: {list}",
    "status.admin": "глазами: {user}, администратор",
    "status.user": "глазами: {user}",
    "status.not_admin": "Это не администратор: портал показывает только то, что этому человеку"
    " разрешено видеть, и молчит об остальном. Цифры могут быть неполными.",
    "status.lacking": "Нет права {scope}: без него не загрузить {entities}. Добавьте его вебхуку и"
    " повторите kpictl pull.",
    "status.head.entity": "Записи",
    "status.head.rows": "Сколько",
    "status.head.to": "Полны до",
    "status.head.sweep": "Сверка удалённых",
    "status.head.fields": "Полей",
    "status.all_fields": "все",
    "status.since": "только изменённые с {at}",
    "status.pulls": "Последние загрузки",
    "status.store": "Хранилище: {file}, {size} МБ",
    "status.no_store": "Хранилища ещё нет: его создаст kpictl pull.",
    "status.running": "Загрузка идёт прямо сейчас (процесс {process}).",
    "status.cut_off": "Есть прерванная загрузка ({read}): kpictl pull продолжит с этого места.",
    # fields
    "fields.head.name": "Поле",
    "fields.head.code": "Код CRM",
    "fields.head.type": "Тип",
    "fields.head.caption": "Подпись",
    "fields.head.filled": "Заполнено",
    "fields.head.values": "Частые значения",
    "fields.derived": "вычисляется",
    "fields.different": "разных: {n}",
    "fields.private": "личное, не показано",
    "fields.nothing": "пусто",
    "fields.not_pulled_yet": "не загружено: kpictl pull --all-fields",
    "fields.not_pulled_yet.short": "не загружено",
    "fields.lacking": "Не {n|загружено|загружены|загружены} {n} {n|поле|поля|полей}:"
    " kpictl pull --all-fields",
    "fields.codes": "Коды CRM: в окне пошире или --format csv",
    "fields.no_entity": "записей {entity} нет ни в одном источнике",
    "fields.no_source": "источника {name} в плане нет",
    "fields.not_pulled": "{entity}: ещё ничего не загружено, какие там поля, неизвестно",
    "fields.not_pulled.hint": "загрузите их: kpictl pull --only {entity}",
    # init --from-portal
    "draft.head": "План, составленный по порталу {host}. Проверьте его и посчитайте:\n\n"
    "    kpictl check\n    kpictl pull\n    kpictl compute --period last-month\n\n"
    "Строки за # это пояснения и заготовки: уберите #, чтобы они заработали.",
    "draft.eyes": "Портал показал это глазами: {user}.",
    "draft.not_admin": "Это не администратор: чего ему не видно, того не будет и в цифрах.",
    "draft.company": "Название, валюта и часовой пояс взяты с портала; пояс угадан, проверьте его.",
    "draft.no_name": "Компания",
    "draft.source": "Ключ стоит не здесь, а в переменной окружения {name} или в файле .env рядом с"
    " планом (chmod 600).",
    "draft.pull": "Что загружать, решают KPI. Больше того: pull: [deals, leads, activities,"
    " calls]\nСмарт-процессы, своё имя и entityTypeId: items: {договоры: 177}",
    "draft.pipelines": "Воронки сделок и их стадии, (+) выиграна, (-) проиграна:",
    "draft.pipeline": "Только одна из них: where: won and pipeline = '{name}'",
    "draft.fields": "Поля, которые компания добавила сама. В where, by, sum и when они стоят под"
    " своим кодом.\nЧто в них лежит: kpictl fields deals",
    "draft.multiple": "несколько значений",
    "draft.kpis": "Что измеряется. where выбирает записи, when говорит, какая дата относит их к"
    " периоду.",
    "draft.kpi.revenue": "Сумма выигранных сделок, в день выигрыша.",
    "draft.kpi.won_deals": "Те же сделки, счётом.",
    "draft.kpi.average_deal": "Одно на другое; если сделок меньше трёх, среднего нет.",
    "draft.kpi.lead_conversion": "Какая доля лидов периода за 30 дней стала выигранной сделкой.",
    "draft.label.revenue": "Объём продаж",
    "draft.label.won_deals": "Выигранные сделки",
    "draft.label.average_deal": "Средний чек",
    "draft.label.lead_conversion": "Конверсия лидов",
    "draft.label.calls": "Звонки",
    "draft.label.activities": "Завершённые дела",
    "draft.examples": "Заготовки:",
    "draft.cards": "Кто и чем измеряется; веса карты в сумме дают 100. Здесь отделы, за которыми"
    " сделки, и отделы продаж.",
    "draft.everybody": "Все сотрудники",
    "draft.others": "Другие отделы: {list}",
    "draft.targets": "Чего ждут. Важнее то, что ближе: сотрудник, отдел, карта, компания. Без плана"
    " у KPI нет оценки,\nа есть только факт.",
    "draft.written": "План по порталу {host} записан в {file}: {cards} {cards|карта|карты|карт},"
    " своих полей CRM {fields}. Дальше: kpictl check, kpictl pull.",
    "draft.two_ways": "--from-portal и --template вместе: неясно, откуда брать план",
    "draft.two_ways.hint": "оставьте одно из двух",
}
