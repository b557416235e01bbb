"""How each entity of a portal is listed: the one table of methods, parameters and answer shapes.

Facts: the official REST documentation, repository bitrix24/b24restdocs. A list method never says
where its rows lie by itself, so nothing here is guessed from an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field
from msgspec.structs import replace

PAGE = 50
"""Rows of a page: fixed by the portal."""
COMMANDS = 50
"""Commands of a batch: the most that a portal takes."""

DEALS, LEADS, CONTACTS, COMPANIES, QUOTES, INVOICES = 2, 1, 3, 4, 7, 31
ITEM_TYPES: Mapping[str, int] = {
    "deals": DEALS,
    "leads": LEADS,
    "contacts": CONTACTS,
    "companies": COMPANIES,
    "quotes": QUOTES,
    "invoices": INVOICES,
}
"""Entities of `crm.item.list` that every portal has; smart processes are named by the plan."""

WITHOUT_PIPELINES = frozenset({LEADS, CONTACTS, COMPANIES, QUOTES})
WITHOUT_HISTORY = frozenset({CONTACTS, COMPANIES, QUOTES})
"""Types whose moves through stages are written down nowhere."""
OWNER_LETTERS: Mapping[str, str] = {"deals": "D", "leads": "L", "quotes": "Q", "invoices": "SI"}
"""Whose product rows there are, as `crm.item.productrow.list` calls them."""

Paging = Literal["ids", "offset", "owners"]

LARGEST_ID = 2**63 - 1
"""The largest id that the store can hold."""
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)


def _same(names: str) -> str:
    return names


class Listing(Struct, frozen=True):
    """How to list an entity.

    `rows` is the path to the rows in a result, `id` the key of a row's id, `filter_id` what filters
    and orders call it. `changed` is the field that any change moves, None where there is none:
    then `appended` says that records never change, else `window` names a date whose last days are
    read again. `always` are the delivered fields that are brought whatever is asked for, and
    `asks` turns a delivered name into what `select` wants to hear, `any_of` is the prefix of
    a filter that takes several values.
    """

    entity: str
    method: str
    rows: tuple[str, ...] = ()
    id: str = "ID"
    filter_id: str = "ID"
    fixed: Mapping[str, Any] = {}
    order: Mapping[str, Any] = field(default_factory=lambda: {"order": {"ID": "ASC"}})
    filters: str = "filter"
    selects: str | None = "select"
    uncounted: bool = True
    changed: str | None = None
    window: str | None = None
    appended: bool = False
    always: tuple[str, ...] = ()
    everything: tuple[str, ...] = ("*",)
    asks: Callable[[str], str] = _same
    any_of: str = "@"
    paging: Paging = "ids"
    older: Listing | None = None
    scope: str = "crm"

    def params(
        self,
        columns: Sequence[str],
        conditions: Mapping[str, Any],
        *,
        counted: bool = False,
        newest: bool = False,
    ) -> dict[str, Any]:
        """Return the parameters of one page: these fields of the records under these conditions."""
        params: dict[str, Any] = dict(self.fixed)
        if self.selects is not None:
            names = self.everything if "*" in columns else tuple(self.asks(c) for c in columns)
            params[self.selects] = list(dict.fromkeys(names))
        params.update(_descending(self.order) if newest else self.order)
        params[self.filters] = {**self.fixed.get(self.filters, {}), **conditions}
        if self.uncounted and not counted:
            params["start"] = -1
        return params

    def found(self, result: Any) -> list[Mapping[str, Any]] | None:
        """Return the rows of a result; None when it is not of this method's shape."""
        for key in self.rows:
            if not isinstance(result, Mapping):
                return [] if result == [] else None
            result = result.get(key)
        if not isinstance(result, list) or not all(isinstance(row, Mapping) for row in result):
            return None
        return result

    def id_of(self, row: Mapping[str, Any]) -> int | None:
        """Return the id of a row; None where it has none, or one that no store can hold."""
        value = row.get(self.id)
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if value.__class__ is int and 0 <= value <= LARGEST_ID:
            found: int = value
            return found
        return None


def whole(delivered: Any) -> int:
    """Return a whole number of at most 19 digits as it was delivered; 0 for anything else."""
    text = str(delivered)
    return int(text) if _DIGITS.fullmatch(text) else 0


def _descending(order: Mapping[str, Any]) -> dict[str, Any]:
    def turned(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: turned(inner) for key, inner in value.items()}
        return {"ASC": "DESC", "asc": "desc"}.get(value, value)

    return {key: turned(value) for key, value in order.items()}


# What a KPI can hardly do without, under the names that `crm.item.list` gives them. A type of
# smart process has only those of them that are switched on; see `known`.
_ITEM_KEYS = ("id", "createdTime", "updatedTime", "assignedById")
_ITEM_ALSO = ("title", "stageId", "categoryId", "movedTime", "opportunity", "currencyId")
_DEAL_ALSO = (*_ITEM_ALSO, "stageSemanticId", "closedate", "isRecurring")
_ALSO = {
    DEALS: _DEAL_ALSO,
    LEADS: ("title", "stageId", "stageSemanticId", "movedTime", "opportunity", "currencyId"),
    CONTACTS: (),
    COMPANIES: ("title", "isMyCompany"),
    QUOTES: ("title", "stageId", "movedTime", "opportunity", "currencyId", "closedate"),
}

_OLD_KEYS = {
    "deals": ("ID", "TITLE", "DATE_CREATE", "DATE_MODIFY", "ASSIGNED_BY_ID", "STAGE_ID",
              "STAGE_SEMANTIC_ID", "CATEGORY_ID", "MOVED_TIME", "OPPORTUNITY", "CURRENCY_ID",
              "CLOSEDATE", "IS_RECURRING"),
    "leads": ("ID", "TITLE", "DATE_CREATE", "DATE_MODIFY", "ASSIGNED_BY_ID", "STATUS_ID",
              "STATUS_SEMANTIC_ID", "MOVED_TIME", "OPPORTUNITY", "CURRENCY_ID"),
    "contacts": ("ID", "DATE_CREATE", "DATE_MODIFY", "ASSIGNED_BY_ID"),
    "companies": ("ID", "TITLE", "DATE_CREATE", "DATE_MODIFY", "ASSIGNED_BY_ID", "IS_MY_COMPANY"),
    "quotes": ("ID", "TITLE", "DATE_CREATE", "DATE_MODIFY", "ASSIGNED_BY_ID", "STATUS_ID",
               "OPPORTUNITY", "CURRENCY_ID", "CLOSEDATE"),
}  # fmt: skip
_SINGULAR = {
    "deals": "deal", "leads": "lead", "contacts": "contact", "companies": "company",
    "quotes": "quote",
}  # fmt: skip


def _old(entity: str) -> Listing | None:
    """Return the method of before `crm.item.list`, for a portal that has no other."""
    if entity not in _SINGULAR:
        return None
    return Listing(
        entity,
        f"crm.{_SINGULAR[entity]}.list",
        changed="DATE_MODIFY",
        always=_OLD_KEYS[entity],
        everything=("*", "UF_*"),
    )


def item(entity: str, type_id: int) -> Listing:
    """Return the listing of a type of CRM items: deals, leads, … and smart processes."""
    return Listing(
        entity,
        "crm.item.list",
        rows=("items",),
        id="id",
        filter_id="id",
        fixed={"entityTypeId": type_id, "useOriginalUfNames": "Y"},
        order={"order": {"id": "ASC"}},
        changed="updatedTime",
        always=(*_ITEM_KEYS, *_ALSO.get(type_id, _ITEM_ALSO)),
        older=_old(entity),
    )


def stage_history(entity: str, type_id: int) -> Listing:
    """Return the listing of the moves of an entity's records through their stages."""
    lead = type_id == LEADS
    stage = ("STATUS_ID", "STATUS_SEMANTIC_ID") if lead else ("STAGE_ID", "STAGE_SEMANTIC_ID")
    return Listing(
        entity,
        "crm.stagehistory.list",
        rows=("items",),
        fixed={"entityTypeId": type_id},
        appended=True,
        always=("ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", *stage),
    )


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _task_name(delivered: str) -> str:
    """Return what tasks call a field when they are asked for it: `closedDate` → `CLOSED_DATE`."""
    return _CAMEL.sub("_", delivered).upper()


_OTHERS: Mapping[str, Listing] = {
    listing.entity: listing
    for listing in (
        Listing(
            "activities",
            "crm.activity.list",
            changed="LAST_UPDATED",
            always=("ID", "OWNER_TYPE_ID", "OWNER_ID", "TYPE_ID", "DIRECTION", "COMPLETED",
                    "RESPONSIBLE_ID", "CREATED", "LAST_UPDATED", "START_TIME"),
        ),
        Listing(
            "calls",
            "voximplant.statistic.get",
            filters="FILTER",
            order={"SORT": "ID", "ORDER": "ASC"},
            selects=None,
            uncounted=False,
            window="CALL_START_DATE",
            scope="telephony",
        ),
        Listing(
            "tasks",
            "tasks.task.list",
            rows=("tasks",),
            id="id",
            order={"order": {"ID": "asc"}},
            changed="CHANGED_DATE",
            always=("id", "title", "status", "responsibleId", "createdBy", "createdDate",
                    "changedDate", "closedDate", "deadline"),
            asks=_task_name,
            any_of="",
            scope="task",
        ),
        Listing(
            "users",
            "user.get",
            filters="FILTER",
            order={"sort": "ID", "order": "ASC"},
            selects=None,
            scope="user",
        ),
        Listing(
            "departments",
            "department.get",
            filters="",
            order={"sort": "ID", "order": "ASC"},
            selects=None,
            paging="offset",
            scope="department",
        ),
        # By one field alone, or equal ones may stand on two pages in a row, and others on none.
        Listing("statuses", "crm.status.list", selects=None, paging="offset"),
        Listing(
            "currencies", "crm.currency.list", id="CURRENCY", selects=None, order={},
            paging="offset",
        ),
        Listing(
            "categories", "crm.category.list", rows=("categories",), id="id", selects=None,
            order={}, paging="offset",
        ),
    )
}  # fmt: skip

TYPES = Listing(
    "types", "crm.type.list", rows=("types",), id="id", selects=None,
    order={"order": {"id": "ASC"}}, paging="offset",
)  # fmt: skip
"""The smart processes that a portal has."""
REFERENCE = ("users", "departments", "statuses", "currencies", "categories")
"""What records refer to: read anew by each pull, and small."""
HISTORY = "stage_history"


def listing(entity: str, items: Mapping[str, int]) -> Listing | None:
    """Return how an entity is listed; `items` are the plan's smart processes. None: no such."""
    types = {**ITEM_TYPES, **items}
    if entity in types:
        return item(entity, types[entity])
    if entity == HISTORY:
        return stage_history(entity, DEALS)
    if entity.startswith(f"{HISTORY}_") and (of := entity.removeprefix(f"{HISTORY}_")) in types:
        return None if types[of] in WITHOUT_HISTORY else stage_history(entity, types[of])
    if entity == "products":
        return products("deals")
    return _OTHERS.get(entity)


def entity_of(method: str) -> str:
    """Return the entity that a method lists, "" for one that lists several."""
    return next((entity for entity, found in _OTHERS.items() if found.method == method), "")


def products(owner: str) -> Listing:
    """Return the listing of the product rows of an entity's records."""
    return Listing(
        "products",
        "crm.item.productrow.list",
        rows=("productRows",),
        id="id",
        filter_id="id",
        fixed={"filter": {"=ownerType": OWNER_LETTERS[owner]}},
        order={"order": {"id": "asc"}},
        selects=None,
        uncounted=False,
        paging="owners",
    )


def names(items: Mapping[str, int]) -> tuple[str, ...]:
    """Return every entity that a plan may have pulled, in the order in which they are shown."""
    return (*ITEM_TYPES, *items, "activities", "calls", "tasks", "products", HISTORY)


# A wider scope grants what a narrower one is asked for.
_WIDER: Mapping[str, tuple[str, ...]] = {"user": ("user_basic", "user_brief")}


def grants(granted: Collection[str], scope: str) -> bool:
    """Say whether the scopes of a key cover one that is needed."""
    return not {scope, *_WIDER.get(scope, ())}.isdisjoint(granted)


def narrowed(found: Listing, known: Sequence[str]) -> Listing:
    """Return a listing that asks only for fields which the portal has; () means unknown."""
    if not known:
        return found
    return replace(found, always=tuple(n for n in found.always if n in known))
