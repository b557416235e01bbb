"""Every way in which a portal says no, as a problem that its reader can do something about."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.client import PortalError
from kpictl.bitrix24.rest.responses import Fault, Retry
from kpictl.errors import Problem

# The portal's codes, in upper case, and ours as they are.
_TEXTS: Mapping[str, str] = {
    "NO_AUTH_FOUND": "portal.key",
    "INVALID_CREDENTIALS": "portal.key",
    "INVALID_TOKEN": "portal.key",
    "EXPIRED_TOKEN": "portal.key",
    "AUTHORIZATION_ERROR": "portal.key",
    "INSUFFICIENT_SCOPE": "portal.scope",
    "ACCESS_DENIED": "portal.right",
    "ACCESS_ERROR": "portal.right",
    "ALLOWED_ONLY_INTRANET_USER": "portal.outsider",
    "USER_ACCESS_ERROR": "portal.not_for_user",
    "WRONG_AUTH_TYPE": "portal.wrong_auth",
    "OVERLOAD_LIMIT": "portal.overload",
    "PORTAL_DELETED": "portal.deleted",
    "ERROR_METHOD_NOT_FOUND": "portal.no_method",
    "METHOD_NOT_FOUND": "portal.no_method",
    "QUERY_LIMIT_EXCEEDED": "portal.busy",
    "OPERATION_TIME_LIMIT": "portal.method_time",
    "INTERNAL_SERVER_ERROR": "portal.server",
    "ERROR_UNEXPECTED_ANSWER": "portal.server",
    "INVALID_GRANT": "portal.grant",
    "INVALID_CLIENT": "portal.application",
    "INVALID_SCOPE": "portal.application",
    "PAYMENT_REQUIRED": "portal.payment",
    "moved": "portal.moved",
    "no_connection": "portal.no_connection",
    "tls": "portal.tls",
    "timeout": "portal.timeout",
    "dropped": "portal.dropped",
    "too_large": "portal.too_large",
    "asked_wait": "portal.asked_wait",
    "html": "portal.no_data",
    "not_json": "portal.no_data",
    "bad_answer": "portal.no_data",
    # what is told by more than a code
    "not paid": "portal.tariff",
    "http, passing": "portal.server",
    "http, lasting": "portal.no_portal",
    "other": "portal.refused",
}
# The same code means a missing right in a method, and in the whole of REST that it is not paid for.
_NOT_PAID = re.compile(r"commercial plan|коммерческ\w+ тариф", re.IGNORECASE)

# The beginning of a method's name → the scope that it needs.
_SCOPES: Mapping[str, str] = {
    "crm": "crm",
    "user": "user",
    "department": "department",
    "task": "task",
    "tasks": "task",
    "voximplant": "telephony",
    "telephony": "telephony",
}
# A method, or the beginning of its name → the right of a person that it needs.
_RIGHTS: Mapping[str, str] = {
    "crm.type": "crm_settings",
    "userfieldconfig": "crm_settings",
    "crm": "crm",
    "voximplant": "calls",
    "telephony": "calls",
    "task": "task",
    "tasks": "task",
}

# What a text may name; what is not known is empty.
_DATA: Mapping[str, object] = {
    "source": "",
    "method": "",
    "scope": "",
    "host": "",
    "new_host": "",
    "code": "",
    "detail": "",
    "attempts": 1,
    "why": "",
}


def problem_of(error: PortalError, *, source: str, needed_by: str | None) -> Problem:
    """Return what a portal's refusal means to the user of a plan.

    `source` is its name in the plan; `needed_by` names the KPIs that lack the answer. In the data,
    `key` picks the next step: by scope or right, with or without a reason.
    """
    fault, method = error.fault, error.method
    code = _text(fault)
    scope = _longest(_SCOPES, method) or method.split(".")[0]
    about = ""
    if code in ("portal.scope", "portal.right") and (entity := methods.entity_of(method)):
        method = f"{method} ({entity})"
    if code == "portal.scope" and scope in _SCOPES.values():
        about = scope
    elif code == "portal.right":
        about = _longest(_RIGHTS, error.method)
    data = {
        **_DATA,
        "source": source,
        "method": method,
        "scope": scope,
        "host": error.host or source,
        "new_host": fault.host or "",
        "code": fault.code,
        "detail": fault.detail or fault.code,
        "attempts": error.attempts,
        "why": needed_by or "",
        "key": "_".join(part for part in (about, "needed" if needed_by else "") if part),
    }
    return Problem(code, None, data)


def _text(fault: Fault) -> str:
    name = fault.code
    if name.upper() == "ACCESS_DENIED" and _NOT_PAID.search(fault.detail):
        name = "not paid"
    elif name.startswith("http_"):
        name = "http, lasting" if fault.retry is Retry.NEVER else "http, passing"
    return _TEXTS.get(name) or _TEXTS.get(name.upper()) or _TEXTS["other"]


def _longest(table: Mapping[str, str], method: str) -> str:
    """Return the entry of the longest beginning of a method's name, "" for none."""
    parts = method.split(".")
    beginnings = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((table[name] for name in beginnings if name in table), "")
