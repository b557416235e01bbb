"""The universal methods: `crm.item.*`, `crm.category.list`, `crm.type.list`, stage history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from portal import listing, php
from portal.fields import Field
from portal.filters import BadValue, Grammar, UnknownField, compile_filter, split
from portal.listing import Found
from portal.php import Params
from portal.shapes import Convert, Shape, new_value, shape
from portal.state import Answer, RestError, State
from portal.table import Table

CRM = ("crm",)
_OWNERS = frozenset({"OWNER_ID"})


# --- what the universal methods share --------------------------------------------------------


def type_id(params: Params) -> int:
    if "entityTypeId" not in params:
        raise RestError(400, "100", "Could not find value for parameter {entityTypeId}")
    return php.integer(params["entityTypeId"])


def entity_of(state: State, params: Params) -> str:
    number = type_id(params)
    if number == 5:  # old invoices have methods of their own
        raise RestError(400, "ENTITY_TYPE_NOT_SUPPORTED", "Entity type INVOICE is not supported")
    if number not in state.world.types:
        raise RestError(400, "NOT_FOUND", "SPA not found")
    return state.world.types[number]


def names_of(table: Table, *, original: bool) -> dict[str, Field]:
    """Return the fields of `crm.item.*` by the names that they have there."""
    return {
        one.code if original and one.custom else one.name: one
        for one in table.fields.values()
        if one.family != "old"
    }


def original_names(params: Params) -> bool:
    return php.text(params.get("useOriginalUfNames")).upper() in {"Y", "1"}


def array_of(params: Params, name: str) -> Any:
    """Return a parameter that must be an array, as the new controllers insist."""
    value = params.get(name)
    if value is None or php.is_array(value):
        return value or {}
    raise RestError(
        400, "100", f"Invalid value {{{php.text(value)}}} to match with parameter {{{name}}}."
        " Should be value of type array.",
    )  # fmt: skip


def order_of(grammar: Grammar, order: Any) -> list[tuple[Field, bool]]:
    """Read an order; the new methods say what they do not understand."""
    chosen: list[tuple[Field, bool]] = []
    for name, direction in php.items(order):
        one = grammar.names.get(name)
        if one is None:
            raise RestError(
                400, "INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order"
            )
        word = php.text(direction).upper()
        if word not in {"ASC", "DESC"}:
            message = "Invalid order: allowed sort directions are `ASC, DESC`. But got"
            raise RestError(400, "INVALID_ARG_VALUE", f"{message} '{direction}' for field '{name}'")
        chosen.append((one, word == "DESC"))
    return chosen


def ask(state: State, table: Table, grammar: Grammar, params: Params) -> Found:
    """Answer filter, order and start as the new methods do: `start` counts records."""
    filters, order = array_of(params, "filter"), array_of(params, "order")
    try:
        where = compile_filter(grammar, filters)
    except UnknownField as error:
        message = f"Invalid filter: field '{error}' is not allowed in filter"
        raise RestError(400, "INVALID_ARG_VALUE", message) from None
    except BadValue:
        message = f"Invalid filter: field '{_culprit(grammar, filters)}' has invalid value"
        raise RestError(400, "INVALID_ARG_VALUE", message) from None
    start = php.integer(params.get("start", 0))
    key = f"new {filters!r} {order!r}"
    return state.lists.page(table, where, order_of(grammar, order), start, key)


def _culprit(grammar: Grammar, filters: Any) -> str:
    for key, value in php.items(filters):
        if not key.isdigit():
            one = split(grammar, key)[1]
            moment = grammar.zone.instant(php.text(value))
            if one and one.type in {"date", "datetime"} and moment is None:
                return key.lstrip("!=<>@%")
    return ""


class Shapes:
    """Shapes by what was selected: a puller asks for the same fields thousands of times."""

    def __init__(self) -> None:
        self._made: dict[Any, Shape] = {}

    def get(
        self,
        key: Any,
        pairs: Callable[[], Iterable[tuple[str, Field]]],
        convert: Callable[[Field], Convert | None],
    ) -> Shape:
        if key not in self._made:
            if len(self._made) > 500:
                self._made.clear()
            self._made[key] = shape(pairs(), convert)
        return self._made[key]


_SHAPES = Shapes()


# --- crm.item.* ------------------------------------------------------------------------------


def item_list(state: State, params: Params) -> Answer:
    table = state.world[entity_of(state, params)]
    original = original_names(params)
    names = names_of(table, original=original)
    usable = {name: one for name, one in names.items() if one.family != "off"}
    found = ask(state, table, Grammar(usable, state.world.zone, nested=True), params)
    select = tuple(php.text(name) for name in php.values(array_of(params, "select")))
    build = item_shape(table, select, original=original)
    rows = [build(row) for row in found.rows]
    if not select or "*" in select:
        for shown, row in zip(rows, found.rows, strict=True):
            shown.update(phones(row), entityTypeId=type_id(params))
    return Answer({"items": rows}, found.total, found.next)


def item_shape(table: Table, select: tuple[str, ...], *, original: bool) -> Shape:
    """Return the shape of a selection; a name that is no field is left out (not documented)."""
    key = (table.name, id(table), len(table.fields), select, original)

    def pairs() -> list[tuple[str, Field]]:
        names = names_of(table, original=original)
        chosen = names if not select or "*" in select else dict.fromkeys(select)
        return [(name, names[name]) for name in chosen if name in names]

    return _SHAPES.get(key, pairs, new_value)


def phones(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return `fm`, which comes with all fields only."""
    if "PHONE" not in row:
        return {}
    every = [*(row["PHONE"] or ()), *(row["EMAIL"] or ())]
    return {
        "fm": [
            {
                "id": php.integer(one["ID"]),
                "valueType": one["VALUE_TYPE"],
                "value": one["VALUE"],
                "typeId": one["TYPE_ID"],
            }
            for one in every
        ]
    }


def item_get(state: State, params: Params) -> Answer:
    table = state.world[entity_of(state, params)]
    row = table.get(php.integer(params.get("id")))
    if row is None or row["ID"] in table.hidden:
        raise RestError(400, "NOT_FOUND", "Element not found")
    shown = item_shape(table, (), original=original_names(params))(row)
    return Answer({"item": {**shown, **phones(row), "entityTypeId": type_id(params)}})


def item_fields(state: State, params: Params) -> Answer:
    table = state.world[entity_of(state, params)]
    names = names_of(table, original=original_names(params))
    fields = {name: new_description(state, one) for name, one in names.items()}
    return Answer({"fields": fields})


def new_description(state: State, one: Field) -> dict[str, Any]:
    upper = one.code if state.upper_names == "entity" else one.common
    return {**description(one), "upperName": upper}


def description(one: Field) -> dict[str, Any]:
    """Return what both families say of a field."""
    shown: dict[str, Any] = {
        "type": one.type,
        "isRequired": False,
        "isReadOnly": one.read_only,
        "isImmutable": False,
        "isMultiple": one.multiple,
        "isDynamic": one.custom,
        "title": one.title,
    }
    if one.items:
        shown["items"] = [{"ID": str(number), "VALUE": value} for number, value in one.items]
    if one.custom:
        shown |= dict.fromkeys(("listLabel", "formLabel", "filterLabel"), one.title)
        shown["settings"] = dict(one.settings) or []
    if one.directory:
        shown["statusType"] = one.directory
    if one.code == "CONTACT_ID":
        shown["isDeprecated"] = True
    return shown


# --- pipelines, smart processes, history, product rows ---------------------------------------


def category_list(state: State, params: Params) -> Answer:
    entity_of(state, params)
    number = type_id(params)
    categories = state.world.categories.get(number, [])
    if not categories:
        message = f"Entity type {state.world.types[number].upper()} is not supported"
        raise RestError(400, "ENTITY_TYPE_NOT_SUPPORTED", message)
    page = listing.cut(categories, params)
    return Answer({"categories": [dict(one) for one in page.rows]}, page.total, page.next)


def type_list(state: State, params: Params) -> Answer:
    if not state.admin:
        raise RestError(400, "ACCESS_DENIED", "Access denied")
    table = state.world["types"]
    names = names_of(table, original=False)
    found = ask(state, table, Grammar(names, state.world.zone, nested=True), params)
    build = item_shape(table, (), original=False)
    return Answer({"types": [build(row) for row in found.rows]}, found.total, found.next)


def history_list(state: State, params: Params) -> Answer:
    number = type_id(params)
    table = state.world.tables.get(f"history_{number}")
    if table is None:
        message = f"Entity type {number} is not supported"
        raise RestError(400, "ENTITY_TYPE_NOT_SUPPORTED", message)
    grammar = Grammar(table.fields, state.world.zone, groups=_OWNERS)
    found = ask(state, table, grammar, params)
    select = tuple(php.text(name) for name in php.values(array_of(params, "select")))
    build = _SHAPES.get(
        (table.name, select),
        lambda: [
            (code, one)
            for code, one in table.fields.items()
            if not select or code in select or "*" in select
        ],
        lambda _field: None,
    )
    return Answer({"items": [build(row) for row in found.rows]}, found.total, found.next)


def product_rows(state: State, params: Params) -> Answer:
    filters = array_of(params, "filter")
    given = {key for key, _ in php.items(filters)}
    if not {"=ownerType", "=ownerId"} <= given:
        raise RestError(400, "100", "Required parameters not provided: =ownerType, =ownerId")
    table = state.world["product_rows"]
    names = names_of(table, original=False)
    found = ask(state, table, Grammar(names, state.world.zone, groups=_OWNERS), params)
    build = item_shape(table, (), original=False)
    return Answer({"productRows": [build(row) for row in found.rows]}, found.total, found.next)
