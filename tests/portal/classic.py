"""The old methods of the CRM: UPPER_CASE names, every value a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal import listing, php
from portal.fields import Field, Row
from portal.filters import Grammar, compile_filter
from portal.items import Shapes, description
from portal.listing import Found, Order
from portal.php import Params
from portal.shapes import old_value
from portal.state import Answer, Handler, RestError, State
from portal.table import Table

_SHAPES = Shapes()
_OWNERS = frozenset({"OWNER_ID"})
_BRIEF = {  # scopes that show less of a user; `user` shows all
    "user_brief": frozenset(
        [
            "ID",
            "XML_ID",
            "ACTIVE",
            "NAME",
            "LAST_NAME",
            "SECOND_NAME",
            "TITLE",
            "IS_ONLINE",
            "TIME_ZONE",
            "TIMESTAMP_X",
            "DATE_REGISTER",
            "PERSONAL_GENDER",
            "PERSONAL_BIRTHDAY",
            "PERSONAL_CITY",
            "WORK_POSITION",
            "LAST_ACTIVITY_DATE",
            "UF_EMPLOYMENT_DATE",
            "UF_DEPARTMENT",
            "UF_PHONE_INNER",
        ]
    ),
    "user_basic": frozenset(
        [
            "ID",
            "XML_ID",
            "ACTIVE",
            "NAME",
            "LAST_NAME",
            "SECOND_NAME",
            "TITLE",
            "EMAIL",
            "WORK_PHONE",
            "WORK_POSITION",
            "IS_ONLINE",
            "TIME_ZONE",
            "TIMESTAMP_X",
            "DATE_REGISTER",
            "LAST_ACTIVITY_DATE",
            "PERSONAL_GENDER",
            "PERSONAL_BIRTHDAY",
            "PERSONAL_MOBILE",
            "PERSONAL_CITY",
            "UF_DEPARTMENT",
            "UF_PHONE_INNER",
            "UF_EMPLOYMENT_DATE",
        ]
    ),
}
_NOBODY = frozenset({"bot", "email", "imconnector", "replica", "integrator"})


def ask(
    state: State, table: Table, params: Params, *, default: Order = (), filters: Any = None
) -> Found:
    """Answer filter, order and start as the old methods do: an unknown field is not looked at (not
    documented; the product drops the condition), `start` counts whole pages."""
    filters = params.get("filter", {}) if filters is None else filters
    order = params.get("order", {})
    for name, value in (("order", order), ("filter", filters)):
        if value not in ("", None) and not php.is_array(value):
            raise RestError(400, "", f"Parameter '{name}' must be array.")
    names = {code: one for code, one in table.fields.items() if one.family not in {"new", "off"}}
    grammar = Grammar(names, state.world.zone, strict=False, exact_yes_no=False, groups=_OWNERS)
    chosen = order_of(names, order) or default
    where = compile_filter(grammar, filters)
    key = f"old {filters!r} {[(one.code, descending) for one, descending in chosen]}"
    return state.lists.page(table, where, chosen, page_start(params.get("start", 0)), key)


def page_start(value: Any) -> int:
    """Whole pages only: PHP computes the page's number as `intval(start / 50) + 1`."""
    start = php.integer(value)
    return start if start < 0 else start // 50 * 50


def order_of(names: dict[str, Field], order: Any) -> list[tuple[Field, bool]]:
    return [
        (names[name], php.text(direction).upper() == "DESC")
        for name, direction in php.items(order)
        if name in names
    ]


def select_of(table: Table, select: Iterable[Any]) -> list[Field]:
    """Return the fields of a selection: by default all plain and all custom ones; the id always."""
    asked = {php.text(name) for name in select} or {"*", "UF_*"}
    return [
        one
        for code, one in table.fields.items()
        if one.family not in {"new", "off"}
        and (
            code in asked
            or code == "ID"
            or ("*" in asked and not one.custom and not (one.multiple and one.type != "map"))
            or ("UF_*" in asked and one.custom)
        )
    ]


def rows_of(table: Table, rows: Iterable[Row], select: Any) -> list[dict[str, Any]]:
    chosen = tuple(php.text(name) for name in php.values(select))
    build = _SHAPES.get(
        (table.name, id(table), len(table.fields), chosen),
        lambda: [(one.code, one) for one in select_of(table, chosen)],
        old_value,
    )
    return [build(row) for row in rows]


# --- crm.deal.list and its kin ---------------------------------------------------------------


def list_of(entity: str) -> Handler:
    def run(state: State, params: Params) -> Answer:
        table = state.world[entity]
        found = ask(state, table, params)
        rows = rows_of(table, found.rows, params.get("select"))
        return Answer(rows, found.total, found.next)

    return run


def fields_of(entity: str) -> Handler:
    """Make `crm.*.fields`. It names `CONTACT_IDS` too, which the lists do not have (documented)."""

    def run(state: State, _params: Params) -> Answer:
        shown = {
            code: old_description(one)
            for code, one in state.world[entity].fields.items()
            if one.family not in {"new", "off"} or code == "CONTACT_IDS"
        }
        return Answer(shown)

    return run


def old_description(one: Field) -> dict[str, Any]:
    shown = description(one)
    if not one.custom:
        shown["type"] = {"boolean": "char", "text": "string"}.get(one.type, one.type)
    return shown


def userfields_of(entity: str, owner: str) -> Handler:
    def run(state: State, params: Params) -> Answer:
        filters = dict(php.items(params.get("filter")))
        language = filters.pop("LANG", None)
        fields = [one for one in state.world[entity].fields.values() if one.custom]
        shown = [
            userfield(one, owner, 100 + at, labels=bool(language)) for at, one in enumerate(fields)
        ]
        kept = [row for row in shown if all(row.get(k) == v for k, v in filters.items())]
        return Answer(kept, len(kept))

    return run


def userfield(one: Field, owner: str, number: int, *, labels: bool) -> dict[str, Any]:
    """Return a custom field's settings; its captions come only when a language is asked for."""
    row: dict[str, Any] = {
        "ID": str(number),
        "ENTITY_ID": owner,
        "FIELD_NAME": one.code,
        "USER_TYPE_ID": one.type,
        "XML_ID": None,
        "SORT": "100",
        "MULTIPLE": "Y" if one.multiple else "N",
        "MANDATORY": "N",
        "SHOW_FILTER": "E",
        "SHOW_IN_LIST": "Y",
        "EDIT_IN_LIST": "Y",
        "IS_SEARCHABLE": "N",
        "SETTINGS": dict(one.settings) or [],
    }
    if labels:
        row |= dict.fromkeys(
            ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"), one.title
        )
    if one.items:
        row["LIST"] = [
            {"ID": str(option), "SORT": str(10 * (at + 1)), "VALUE": value, "DEF": "N"}
            for at, (option, value) in enumerate(one.items)
        ]
    return row


def activity_list(state: State, params: Params) -> Answer:
    table = state.world["activities"]
    by_start = [(table.fields["START_TIME"], False)]  # the documented default order
    found = ask(state, table, params, default=by_start)
    return Answer(rows_of(table, found.rows, params.get("select")), found.total, found.next)


# --- directories -----------------------------------------------------------------------------

_EXTRA = {None: "process", "S": "success", "F": "failure"}


def status_list(state: State, params: Params) -> Answer:
    """Pages of 50 by `start`, as the examples of the docs read it; the method's table of parameters
    knows only `filter` and `order`."""
    table = state.world["statuses"]
    params = {key: value for key, value in params.items() if key in {"filter", "order", "start"}}
    found = ask(state, table, params, default=[(table.fields["SORT"], False)])
    return Answer([_status(row) for row in found.rows], found.total, found.next)


def _status(row: Row) -> dict[str, Any]:
    shown = {**row, "ID": str(row["ID"]), "SORT": str(row["SORT"])}
    shown["CATEGORY_ID"] = None if row["CATEGORY_ID"] is None else str(row["CATEGORY_ID"])
    if row["ENTITY_ID"] in {"STATUS", "QUOTE_STATUS"} or row["ENTITY_ID"].startswith("DEAL_STAGE"):
        meaning = "apology" if row["STATUS_ID"] == "APOLOGY" else _EXTRA[row["SEMANTICS"]]
        shown["EXTRA"] = {"SEMANTICS": meaning, "COLOR": row["COLOR"]}
    return shown


def currency_list(state: State, params: Params) -> Answer:
    """Pages of 50 by `start`, as the examples of the docs read it; `total` is always 0."""
    page = listing.cut(list(state.world.currencies.values()), params)
    return Answer([dict(row) for row in page.rows], 0, page.next)


def currency_base(state: State, _params: Params) -> Answer:
    return Answer(state.world.base_currency)


# --- people ----------------------------------------------------------------------------------


def user_get(state: State, params: Params) -> Answer:
    """Only the names of the docs are read: `FILTER`, `sort`, `order`, `select`, `start`."""
    table = state.world["users"]
    sort = table.fields.get(php.text(params.get("sort")), table.fields["ID"])
    descending = php.text(params.get("order")).upper() == "DESC"
    filters = dict(php.items(params.get("FILTER")))
    kinds = {row["USER_TYPE"] for row in table} - _NOBODY
    found = ask(
        state,
        table,
        {"start": params.get("start", 0)},
        default=[(sort, descending)],
        filters={"@USER_TYPE": sorted(kinds), **filters},
    )
    select = {php.text(name) for name in php.values(params.get("select"))}
    return Answer([shown_user(state, row, select) for row in found.rows], found.total, found.next)


def shown_user(state: State, row: Row, select: set[str]) -> dict[str, Any]:
    """Return what the scope and the selection let through; unknown names are skipped."""
    seen = set(row)
    if "user" not in state.scopes:
        seen = {c for scope in _BRIEF if scope in state.scopes for c in _BRIEF[scope] if c in row}
    if select and "*" not in select:
        seen &= select | ({c for c in row if c.startswith("UF_")} if "UF_*" in select else set())
    shown = {code: value for code, value in row.items() if code in seen}
    # the example of user.get shows objects without anything in these two
    shown |= {code: {} for code in ("TIMESTAMP_X", "LAST_ACTIVITY_DATE") if code in seen}
    return shown | ({"ID": str(row["ID"])} if "ID" in seen else {})


def user_current(state: State, _params: Params) -> Answer:
    return Answer(shown_user(state, state.world["users"].row(state.user_id), set()))


def department_get(state: State, params: Params) -> Answer:
    """Exact filters at the top level, and `START` in capitals: nothing else is documented."""
    table = state.world["departments"]
    filters = {key: params[key] for key in table.fields if key in params}
    sort = table.fields.get(php.text(params.get("sort")), table.fields["ID"])
    descending = php.text(params.get("order")).upper() == "DESC"
    asked = {"start": params.get("START", 0), "order": {sort.code: "DESC" if descending else "ASC"}}
    found = ask(state, table, asked, filters=filters)
    return Answer([_department(row) for row in found.rows], found.total, found.next)


def _department(row: Row) -> dict[str, Any]:
    shown: dict[str, Any] = {"ID": str(row["ID"]), "NAME": row["NAME"], "SORT": row["SORT"] or 500}
    if row["PARENT"]:
        shown["PARENT"] = str(row["PARENT"])
    if row["UF_HEAD"]:
        shown["UF_HEAD"] = str(row["UF_HEAD"])
    return shown


# --- telephony, tasks ------------------------------------------------------------------------


def call_list(state: State, params: Params) -> Answer:
    """`FILTER`, `SORT` and `ORDER` in capitals, the last two as texts."""
    table = state.world["calls"]
    sort = php.text(params.get("SORT"))
    order = (
        {sort: params.get("ORDER", "ASC")} if sort in table.fields and sort != "CALL_TYPE" else {}
    )
    asked = {"start": params.get("start", 0), "order": order}
    found = ask(state, table, asked, filters=params.get("FILTER", {}))
    return Answer(rows_of(table, found.rows, None), found.total, found.next)


def task_list(state: State, params: Params) -> Answer:
    table = state.world["tasks"]
    for name, _ in php.items(params.get("order")):
        if name not in table.fields:
            raise RestError(400, "0", "Invalid sorting key (internal error)")
    by_id = [(table.fields["ID"], True)]  # documented: the newest first
    found = ask(state, table, params, default=by_id)
    asked = {php.text(name) for name in php.values(params.get("select"))}
    rows = [_task(state, row, asked) for row in found.rows]
    return Answer({"tasks": rows}, found.total, found.next)


def _task(state: State, row: Row, asked: set[str]) -> dict[str, Any]:
    fields = state.world["tasks"].fields
    shown: dict[str, Any] = {"id": str(row["ID"])}
    for code, one in fields.items():
        if (asked and code not in asked) or (code == "UF_CRM_TASK" and code not in asked):
            continue
        name = {"STATUS": "subStatus", "REAL_STATUS": "status", "UF_CRM_TASK": "ufCrmTask"}.get(
            code, one.name
        )
        value = row[code]
        shown[name] = value if isinstance(value, list) or value is None else str(value)
    if "STATUS" in asked or "REAL_STATUS" in asked:  # the example answers both
        shown |= {"status": str(row["REAL_STATUS"]), "subStatus": str(row["STATUS"])}
    if "GROUP_ID" in asked:
        shown["group"] = []
    person = state.world["users"].get(row["RESPONSIBLE_ID"])
    if "RESPONSIBLE_ID" in asked and person:
        name = f"{person['NAME']} {person['LAST_NAME']}"
        shown["responsible"] = {"id": str(person["ID"]), "name": name, "workPosition": ""}
    return shown
