"""Every way in which a portal says no, and what to do about it, in English.

A next step is picked by what is missing: `portal.scope.crm.hint`.
"""

from kpictl.words.reasons import with_reasons

_WHY = "why it matters: KPI {why}. What to do: "
_HOOK = "Bitrix24 → Applications → Developer resources → Other → Incoming webhook"
_TRIED = "{attempts} {attempts|attempt|attempts}"
_SCOPES = {
    "crm": "CRM (crm)",
    "user": "Users (user)",
    "department": "Company structure (department)",
    "task": "Tasks (task)",
    "telephony": "Telephony (telephony)",
}
_RIGHTS = {
    "crm": "CRM → Settings → Access permissions → their role: Read, All items",
    "crm_settings": "CRM → Settings → Access permissions → their role: may change settings",
    "calls": "Telephony → Settings → Access permissions → their role: Call statistics, View",
    "task": "Tasks and Projects → Access permissions → their role: view tasks",
}

_SAID: dict[str, str] = {
    # the key
    "portal.key": "{source}: the portal {host} does not accept the key (“{code}”)",
    "portal.key.hint": "the webhook was deleted, has expired or is misspelled, or its owner has"
    f" lost their rights: {_HOOK}, make a new one and put its address into BITRIX24_WEBHOOK_URL",
    "portal.scope": "{source}: the portal answers “{code}” to {method}: the key lacks the"
    " permission “{scope}”",
    "portal.scope.hint": f"{_HOOK} → permissions: tick “{{scope}}” and save; those of an"
    " application stand in its card",
    **{
        f"portal.scope.{name}.hint": f"{_HOOK} → permissions: tick “{title}” and save; those of an"
        " application stand in its card"
        for name, title in _SCOPES.items()
    },
    "portal.right": "{source}: the portal answers “{code}” to {method}: the owner of the key may"
    " not see this",
    "portal.right.hint": "give this right to the employee whose webhook it is, or use a webhook of"
    " an administrator",
    **{
        f"portal.right.{name}.hint": "give a right to the employee whose webhook it is:"
        f" {where}; or use a webhook of an administrator"
        for name, where in _RIGHTS.items()
    },
    "portal.outsider": "{source}: the portal answers “{code}” to {method}: the owner of the key is"
    " not an employee of the company",
    "portal.outsider.hint": f"make the webhook as an employee: {_HOOK}",
    "portal.not_for_user": "{source}: the application on the portal {host} is not open to this user"
    " (“{code}”)",
    "portal.not_for_user.hint": "an administrator opens it: Applications → Installed → Access"
    " permissions",
    "portal.wrong_auth": "{source}: the portal answers “{code}” to {method}: not with this kind of"
    " key",
    "portal.wrong_auth.hint": "some methods want an application (OAuth), others a webhook: use the"
    " other kind of key",
    "portal.tariff": "{source}: the portal {host} answers “{code}”: REST comes with commercial"
    " plans only",
    "portal.tariff.hint": "choose a plan with REST, or export lists to CSV and set type: csv",
    # an application (OAuth)
    "portal.grant": "{source}: the application's grant for the portal {host} is no longer valid"
    " (“{code}”)",
    "portal.grant.hint": "authorize the application again and put the new refresh token into"
    " BITRIX24_REFRESH_TOKEN",
    "portal.application": "{source}: the authorization server does not know the application"
    " (“{code}”)",
    "portal.application.hint": "compare BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET with the"
    " application's card, and see that it is installed on the portal",
    "portal.payment": "{source}: the paid period of the application is over (“{code}”)",
    "portal.payment.hint": "renew the application, or use an incoming webhook:"
    f" {_HOOK}, its address in BITRIX24_WEBHOOK_URL",
    # the portal
    "portal.overload": "{source}: Bitrix24 has closed REST of the portal {host} because of overload"
    " (“{code}”)",
    "portal.overload.hint": "only Bitrix24 support can lift this: write to them, then try again",
    "portal.deleted": "{source}: the portal {host} is closed or deleted (“{code}”)",
    "portal.deleted.hint": "check the address; on-premise, open the public section: Desktop →"
    " Settings → Product Settings → Module Settings → Main Module",
    "portal.no_method": "{source}: the portal {host} has no method {method} (“{code}”)",
    "portal.no_method.hint": "the portal does not give these data: take them out of pull;"
    " on-premise, update the modules",
    "portal.no_type": "{source}: the portal {host} has no smart process {type}",
    "portal.no_type.hint": "correct items: {entity} of the plan; the number stands in the address"
    " of its list: …/crm/type/<number>/",
    "portal.moved": "{source}: the portal {host} has moved to {new_host}; the key was not sent"
    " there",
    "portal.moved.hint": "if that is your portal, change {host} to {new_host} in"
    " BITRIX24_WEBHOOK_URL",
    "portal.busy": "{source}: the portal {host} keeps answering “{code}”: too many requests"
    " (" + _TRIED + ")",
    "portal.busy.hint": "other programs ask the portal from the same address: stop them for a"
    " while, or try again later",
    "portal.method_time": "{source}: the time of the method {method} is used up (“{code}”,"
    " " + _TRIED + ")",
    "portal.method_time.hint": "try again in ten minutes; mostly another program uses the same"
    " webhook: give it one of its own",
    "portal.server": "{source}: the portal {host} has failed ({detail}, " + _TRIED + ")",
    "portal.server.hint": "try again later; if it stays so, write to Bitrix24 support",
    "portal.refused": "{source}: the portal answers “{code}” to {method}: {detail}",
    "portal.refused.hint": "no such answer was expected: tell the developers of kpictl",
    # the way to it
    "portal.no_connection": "{source}: no connection to the portal {host} ({detail})",
    "portal.no_connection.hint": "check the portal's name in the address of the webhook, the"
    " network and the proxy (HTTPS_PROXY), then try again",
    "portal.tls": "{source}: the certificate of the portal {host} cannot be trusted ({detail})",
    "portal.tls.hint": "check the portal's name and the clock of this computer; where the network"
    " has its own authority, name its file in SSL_CERT_FILE",
    "portal.proxy": "the proxy that the environment names cannot be used (HTTPS_PROXY, ALL_PROXY)",
    "portal.proxy.socks.hint": "it is a SOCKS proxy, for which a package is missing: pip install"
    " 'httpx[socks]'; or name an HTTP proxy: http://host:port",
    "portal.proxy.scheme.hint": "write it as http://host:port; hosts that need none go into"
    " NO_PROXY",
    "portal.timeout": "{source}: the portal {host} did not answer in time (" + _TRIED + ")",
    "portal.timeout.hint": "try again later, best at night: what was loaded is kept",
    "portal.dropped": "{source}: the connection to the portal {host} keeps breaking ("
    + _TRIED
    + ")",
    "portal.too_large": "{source}: a single answer of the portal {host} to {method} is larger than"
    " {detail}",
    "portal.too_large.hint": "no portal sends so much: see whether the address is right, and what"
    " stands between",
    "portal.asked_wait": "{source}: the portal {host} asks to wait {detail} minutes",
    "portal.asked_wait.hint": "try again then; what was loaded is kept",
    "portal.dropped.hint": "check network and proxy and try again: what was loaded is kept",
    "portal.no_data": "{source}: the portal {host} sends something else than data ({code},"
    " " + _TRIED + ")",
    "portal.no_data.hint": "open the portal in a browser: it may be under maintenance, or this may"
    " be a page of a proxy; then try again",
    "portal.no_portal": "{source}: {host} answers {code}: it seems to be no Bitrix24 portal",
    "portal.no_portal.hint": "check the portal's name in the address of the webhook",
    # no key at all
    "portal.no_key": "there is no key to the portal: {name} is neither in the environment, nor in"
    " {file}, nor in the keyring",
    "portal.no_key.hint": f"{_HOOK}: make a webhook and write into this file the line"
    " {name}=<its address>",
    "portal.half_a_key": "the key of the application is not complete, missing: {missing}",
    "portal.half_a_key.hint": "take them from the application's card, or use the address of a"
    " webhook instead: BITRIX24_WEBHOOK_URL",
    "portal.no_token": "the application has nothing to sign in with: neither {name} nor the file"
    " {file}",
    "portal.no_token.hint": "authorize the application and put the refresh token into {name}",
    "portal.open_file": "others can read the file {file} with the key (mode {mode})",
    "portal.open_file.hint": "close it: {command}",
    "portal.no_address": "what is given as the portal's address is none: that is https:// and the"
    " portal's name",
    "portal.no_address.hint": "take the whole address as Bitrix24 shows it: https://…; it usually"
    " stands in BITRIX24_WEBHOOK_URL",
    "portal.not_https": "the portal's address {host} does not begin with https://: no key is sent"
    " there",
    "portal.not_https.hint": "take the whole address as Bitrix24 shows it: https://…",
    "portal.not_webhook": "this is not the address of an incoming webhook (portal {host})",
    "portal.not_webhook.hint": "it looks like this: https://<portal>/rest/<number>/<code>/;"
    f" {_HOOK}, copy all of it",
}

TEXTS: dict[str, str] = with_reasons(_SAID, _WHY)
