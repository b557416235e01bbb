"""Methods that everybody may call, and the list of all that this portal has."""

from __future__ import annotations

from portal import classic, items, php
from portal.php import Params
from portal.state import Answer, Method, RestError, State

_OLD = {
    "deal": "deals", "lead": "leads", "contact": "contacts", "company": "companies",
    "quote": "quotes",
}  # fmt: skip
_USER = ("user", "user_basic", "user_brief")


def scope(state: State, _params: Params) -> Answer:
    return Answer(sorted(state.scopes))


def method_get(state: State, params: Params) -> Answer:
    name = php.text(params.get("name"))
    there = name in METHODS and name not in state.absent
    return Answer({"isExisting": there, "isAvailable": there and allowed(state, METHODS[name])})


def methods(state: State, _params: Params) -> Answer:
    return Answer([name for name, one in METHODS.items() if allowed(state, one)])


def profile(state: State, _params: Params) -> Answer:
    row = state.world["users"].row(state.user_id)
    return Answer(
        {
            "ID": str(row["ID"]),
            "ADMIN": state.admin,
            "NAME": row["NAME"],
            "LAST_NAME": row["LAST_NAME"],
            "PERSONAL_GENDER": "",
            "TIME_ZONE": "",
        }
    )


def user_admin(state: State, _params: Params) -> Answer:
    return Answer(state.admin)


def server_time(state: State, _params: Params) -> Answer:
    return Answer(state.world.zone.text(state.clock.now()))


def app_info(state: State, _params: Params) -> Answer:
    if not state.by_application:
        raise RestError(400, "ACCESS_DENIED", "Access denied! Application context required")
    return Answer(
        {
            "ID": 5,
            "CODE": "local.kpictl",
            "VERSION": 1,
            "STATUS": "L",
            "INSTALLED": True,
            "PAYMENT_EXPIRED": "N",
            "DAYS": None,
            "LANGUAGE_ID": "ru",
            "LICENSE": "ru_std",
            "LICENSE_TYPE": "std",
            "LICENSE_FAMILY": "std",
        }
    )


def allowed(state: State, one: Method) -> bool:
    return not one.scopes or any(name in state.scopes for name in one.scopes)


METHODS: dict[str, Method] = {
    "scope": Method(scope),
    "profile": Method(profile),
    "methods": Method(methods),
    "method.get": Method(method_get),
    "server.time": Method(server_time),
    "user.admin": Method(user_admin),
    "app.info": Method(app_info),
    "user.current": Method(classic.user_current, _USER),
    "user.get": Method(classic.user_get, _USER),
    "department.get": Method(classic.department_get, ("department",)),
    "voximplant.statistic.get": Method(classic.call_list, ("telephony",)),
    "tasks.task.list": Method(classic.task_list, ("task",)),
    "crm.item.list": Method(items.item_list, items.CRM),
    "crm.item.get": Method(items.item_get, items.CRM),
    "crm.item.fields": Method(items.item_fields, items.CRM),
    "crm.item.productrow.list": Method(items.product_rows, items.CRM),
    "crm.category.list": Method(items.category_list, items.CRM),
    "crm.type.list": Method(items.type_list, items.CRM),
    "crm.stagehistory.list": Method(items.history_list, items.CRM),
    "crm.activity.list": Method(classic.activity_list, items.CRM),
    "crm.status.list": Method(classic.status_list, items.CRM),
    "crm.currency.list": Method(classic.currency_list, items.CRM),
    "crm.currency.base.get": Method(classic.currency_base, items.CRM),
}
for _word, _entity in _OLD.items():
    METHODS[f"crm.{_word}.list"] = Method(classic.list_of(_entity), items.CRM)
    METHODS[f"crm.{_word}.fields"] = Method(classic.fields_of(_entity), items.CRM)
    METHODS[f"crm.{_word}.userfield.list"] = Method(
        classic.userfields_of(_entity, f"CRM_{_word.upper()}"), items.CRM
    )
