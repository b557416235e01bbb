"""Every way in which a portal says no, and what to do about it, in Russian.

A next step is picked by what is missing: `portal.scope.crm.hint`.
"""

from kpictl.words.reasons import with_reasons

_WHY = "зачем нужно: KPI {why}. Что сделать: "
_HOOK = "Битрикс24 → Разработчикам → Другое → Входящий вебхук"
_TRIED = "{attempts} {attempts|попытка|попытки|попыток}"
_SCOPES = {
    "crm": "CRM (crm)",
    "user": "Пользователи (user)",
    "department": "Структура компании (department)",
    "task": "Задачи (task)",
    "telephony": "Телефония (telephony)",
}
_RIGHTS = {
    "crm": "CRM → Настройки → Права доступа → его роль: чтение «Все»",
    "crm_settings": "CRM → Настройки → Права доступа → его роль: «Разрешить изменять настройки»",
    "calls": "Телефония → Настройки → Права доступа → его роль: «Статистика звонков: просмотр»",
    "task": "Задачи и проекты → Права доступа → его роль: просмотр задач",
}

_SAID: dict[str, str] = {
    # the key
    "portal.key": "{source}: портал {host} не принимает ключ («{code}»)",
    "portal.key.hint": f"вебхук удалён, просрочен или набран с ошибкой, либо его владельца"
    f" лишили прав: {_HOOK}, создайте новый и запишите его адрес в BITRIX24_WEBHOOK_URL",
    "portal.scope": "{source}: портал отвечает «{code}» на {method}: ключу не дано право «{scope}»",
    "portal.scope.hint": f"{_HOOK} → права: отметьте «{{scope}}» и сохраните; у приложения права"
    " стоят в его карточке",
    **{
        f"portal.scope.{name}.hint": f"{_HOOK} → права: отметьте «{title}» и сохраните;"
        " у приложения права стоят в его карточке"
        for name, title in _SCOPES.items()
    },
    "portal.right": "{source}: портал отвечает «{code}» на {method}: владельцу ключа это"
    " не разрешено",
    "portal.right.hint": "дайте это право сотруднику, чей это вебхук, или возьмите вебхук"
    " администратора",
    **{
        f"portal.right.{name}.hint": f"дайте право сотруднику, чей это вебхук: {where};"
        " или возьмите вебхук администратора"
        for name, where in _RIGHTS.items()
    },
    "portal.outsider": "{source}: портал отвечает «{code}» на {method}: владелец ключа"
    " не сотрудник компании",
    "portal.outsider.hint": f"создайте вебхук от имени сотрудника: {_HOOK}",
    "portal.not_for_user": "{source}: приложение на портале {host} закрыто для этого сотрудника"
    " («{code}»)",
    "portal.not_for_user.hint": "администратор откроет его: Приложения → Установленные →"
    " Права доступа",
    "portal.wrong_auth": "{source}: портал отвечает «{code}» на {method}: с таким ключом этот"
    " метод не вызвать",
    "portal.wrong_auth.hint": "одним методам нужно приложение (OAuth), другим вебхук: возьмите"
    " другой вид ключа",
    "portal.tariff": "{source}: портал {host} отвечает «{code}»: REST есть только на коммерческих"
    " тарифах",
    "portal.tariff.hint": "включите тариф с REST или выгрузите списки в CSV и поставьте type: csv",
    # an application (OAuth)
    "portal.grant": "{source}: разрешение приложения для портала {host} больше не действует"
    " («{code}»)",
    "portal.grant.hint": "авторизуйте приложение заново и запишите новый ключ обновления"
    " в BITRIX24_REFRESH_TOKEN",
    "portal.application": "{source}: сервер авторизации не признаёт приложение («{code}»)",
    "portal.application.hint": "сверьте BITRIX24_CLIENT_ID и BITRIX24_CLIENT_SECRET с карточкой"
    " приложения и проверьте, что оно установлено на портале",
    "portal.payment": "{source}: оплаченный срок приложения кончился («{code}»)",
    "portal.payment.hint": "продлите приложение или возьмите входящий вебхук:"
    f" {_HOOK}, адрес в BITRIX24_WEBHOOK_URL",
    # the portal
    "portal.overload": "{source}: Битрикс24 закрыл REST портала {host} из-за нагрузки («{code}»)",
    "portal.overload.hint": "снимает запрет только поддержка Битрикс24: напишите ей, потом"
    " повторите",
    "portal.deleted": "{source}: портал {host} закрыт или удалён («{code}»)",
    "portal.deleted.hint": "проверьте адрес; в коробке откройте публичную часть: Рабочий стол →"
    " Настройки → Настройки продукта → Настройки модулей → Главный модуль",
    "portal.no_method": "{source}: на портале {host} нет метода {method} («{code}»)",
    "portal.no_method.hint": "этих данных портал не отдаёт: уберите их из pull, в коробке обновите"
    " модули",
    "portal.no_type": "{source}: смарт-процесса {type} нет на портале {host}",
    "portal.no_type.hint": "исправьте в плане items: {entity}; число стоит в адресе списка:"
    " …/crm/type/<число>/",
    "portal.moved": "{source}: портал {host} переехал на {new_host}; ключ туда не послан",
    "portal.moved.hint": "если это ваш портал, замените в BITRIX24_WEBHOOK_URL {host}"
    " на {new_host}",
    "portal.busy": "{source}: портал {host} всё время отвечает «{code}»: запросов слишком много"
    " (" + _TRIED + ")",
    "portal.busy.hint": "с этого же адреса портал опрашивают другие программы: остановите их на"
    " время или повторите позже",
    "portal.method_time": "{source}: время метода {method} исчерпано («{code}», " + _TRIED + ")",
    "portal.method_time.hint": "повторите через десять минут; чаще всего тот же вебхук нагружает"
    " другая программа: дайте ей свой",
    "portal.server": "{source}: на портале {host} сбой ({detail}, " + _TRIED + ")",
    "portal.server.hint": "повторите позже; если так и останется, напишите в поддержку Битрикс24",
    "portal.refused": "{source}: портал отвечает «{code}» на {method}: {detail}",
    "portal.refused.hint": "такой ответ не предусмотрен: сообщите о нём разработчикам kpictl",
    # the way to it
    "portal.no_connection": "{source}: нет связи с порталом {host} ({detail})",
    "portal.no_connection.hint": "проверьте имя портала в адресе вебхука, интернет и прокси"
    " (HTTPS_PROXY), потом повторите",
    "portal.tls": "{source}: сертификату портала {host} нельзя верить ({detail})",
    "portal.tls.hint": "проверьте имя портала и часы компьютера; если в сети свой центр"
    " сертификации, назовите его файл в SSL_CERT_FILE",
    "portal.proxy": "прокси, заданный в окружении, не подходит (HTTPS_PROXY, ALL_PROXY)",
    "portal.proxy.socks.hint": "это SOCKS-прокси, для него нет пакета: pip install 'httpx[socks]';"
    " или задайте HTTP-прокси: http://host:port",
    "portal.proxy.scheme.hint": "запишите его как http://host:port; узлы, которым прокси не нужен,"
    " перечислите в NO_PROXY",
    "portal.timeout": "{source}: портал {host} не ответил вовремя (" + _TRIED + ")",
    "portal.timeout.hint": "повторите позже, лучше ночью: загруженное не пропадёт",
    "portal.dropped": "{source}: связь с порталом {host} обрывается (" + _TRIED + ")",
    "portal.too_large": "{source}: один ответ портала {host} на {method} больше {detail}",
    "portal.too_large.hint": "столько портал не присылает: проверьте адрес и то, что стоит между"
    " вами",
    "portal.asked_wait": "{source}: портал {host} просит подождать {detail} мин",
    "portal.asked_wait.hint": "повторите тогда; загруженное сохранено",
    "portal.dropped.hint": "проверьте сеть и прокси и повторите: загруженное не пропадёт",
    "portal.no_data": "{source}: портал {host} присылает не данные ({code}, " + _TRIED + ")",
    "portal.no_data.hint": "откройте адрес портала в браузере: возможно, на нём работы или это"
    " страница прокси; потом повторите",
    "portal.no_portal": "{source}: {host} отвечает {code}: похоже, это не портал Битрикс24",
    "portal.no_portal.hint": "проверьте имя портала в адресе вебхука",
    # no key at all
    "portal.no_key": "ключа портала нет: {name} не задан ни в окружении, ни в файле {file},"
    " ни в связке ключей",
    "portal.no_key.hint": f"{_HOOK}: создайте вебхук и запишите в этот файл строку"
    " {name}=<его адрес>",
    "portal.half_a_key": "ключ приложения задан не весь, не хватает: {missing}",
    "portal.half_a_key.hint": "возьмите их из карточки приложения или замените всё адресом"
    " вебхука: BITRIX24_WEBHOOK_URL",
    "portal.no_token": "приложению нечем войти: нет ни {name}, ни файла {file}",
    "portal.no_token.hint": "авторизуйте приложение и запишите ключ обновления в {name}",
    "portal.open_file": "файл {file} с ключом могут читать другие (права {mode})",
    "portal.open_file.hint": "закройте его: {command}",
    "portal.no_address": "вместо адреса портала задано что-то другое: адрес это https:// и имя"
    " портала",
    "portal.no_address.hint": "возьмите адрес целиком, как его показывает Битрикс24: https://…;"
    " обычно он стоит в BITRIX24_WEBHOOK_URL",
    "portal.not_https": "адрес портала {host} не начинается с https://, ключ по нему не послать",
    "portal.not_https.hint": "возьмите адрес целиком, как его показывает Битрикс24: https://…",
    "portal.not_webhook": "это не адрес входящего вебхука (портал {host})",
    "portal.not_webhook.hint": "он выглядит так: https://<портал>/rest/<номер>/<код>/;"
    f" {_HOOK}, скопируйте целиком",
}

TEXTS: dict[str, str] = with_reasons(_SAID, _WHY)
