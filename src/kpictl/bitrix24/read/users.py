"""Users and departments of a portal → people: whose numbers stand in its person fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct

from kpictl import store as store_of
from kpictl.bitrix24.read import staff_history
from kpictl.expressions.sql import name
from kpictl.naming import fold
from kpictl.people.staff import Person
from kpictl.sources.base import Users
from kpictl.sources.cells import FALSE, TRUE

if TYPE_CHECKING:
    from kpictl.store import Stored as Store

_USERS = ("ID", "NAME", "LAST_NAME", "EMAIL", "ACTIVE", "WORK_POSITION", "UF_DEPARTMENT",
          "UF_EMPLOYMENT_DATE", "USER_TYPE")  # fmt: skip
_DEPARTMENTS = ("ID", "NAME", "PARENT", "UF_HEAD")
_EMPLOYEE = "employee"

_Row = Mapping[str, str]


class Department(Struct, frozen=True):
    """A department; `head` is the number of a user, `parent` of a department, or ""."""

    name: str
    parent: str
    head: str


def read(store: Store, zone: ZoneInfo) -> Users | None:
    """Return the users that were pulled, with the posts that earlier pulls know of, by the days of
    a zone; None when no users were."""
    if not store.columns("users"):
        return None
    users = list(_rows(store, "users", _USERS))
    departments = {row["ID"]: _department(row) for row in _rows(store, "departments", _DEPARTMENTS)}
    names = {row["ID"]: _name(row) for row in users}
    own = [row for row in users if row["USER_TYPE"] in ("", _EMPLOYEE)]
    people = [_person(row, departments, names) for row in own]
    past = {entity: tuple(store_of.states(store, entity)) for entity in ("users", "departments")}
    rows = {row["ID"]: row for row in own}

    def as_then(ident: str, state: _Row, of_then: Mapping[str, _Row]) -> Person:
        known = {d: _department(row) for d, row in of_then.items()}
        return _person({**rows[ident], **state}, known, names)

    return Users(tuple(staff_history.with_posts(people, past, as_then, zone)), names)


def _department(row: _Row) -> Department:
    return Department(row["NAME"], _number(row["PARENT"]), _number(row["UF_HEAD"]))


def _rows(store: Store, table: str, asked: Iterable[str]) -> Iterable[_Row]:
    """Yield the rows of a table; what is not there is ""."""
    there = {c.upper() for c in store.columns(table)}
    if not there:
        return
    wanted = [c for c in asked if c in there]
    columns = ", ".join(f"trim(coalesce({name(c)}, ''))" for c in wanted)
    for row in store.rows(f"SELECT {columns} FROM {store.table(table)} ORDER BY _id"):
        yield {**dict.fromkeys(asked, ""), **dict(zip(wanted, row, strict=True))}


def _number(written: str) -> str:
    return "" if written in ("0", "[]", "false") else written


def _name(row: _Row) -> str:
    called = " ".join(f"{row['NAME']} {row['LAST_NAME']}".split())
    return called or row["EMAIL"] or row["ID"]


def _person(row: _Row, departments: Mapping[str, Department], names: Mapping[str, str]) -> Person:
    own = [d for d in _list(row["UF_DEPARTMENT"]) if d in departments]
    called = [departments[d].name for d in own]
    head = _head(row["ID"], own[:1], departments)
    return Person(
        id=row["ID"],
        name=_name(row),
        email=row["EMAIL"] or None,
        department=called[0] if called else None,
        position=row["WORK_POSITION"] or None,
        active=_flag(row["ACTIVE"]),
        hired=_day(row["UF_EMPLOYMENT_DATE"]),
        more={"departments": ", ".join(called) or None},
        head=names.get(head),
        above=frozenset(fold(departments[d].name) for d in _upwards(own, departments)),
        is_head=row["ID"] in {one.head for one in departments.values()},
    )


def _list(written: str) -> list[str]:
    """Return the numbers in a list as it was delivered; outsiders have none."""
    with suppress(ValueError):
        found = json.loads(written)
        if isinstance(found, list):
            return [str(one) for one in found]
        if isinstance(found, int) and found:
            return [str(found)]
    return []


def _upwards(own: Iterable[str], departments: Mapping[str, Department]) -> frozenset[str]:
    """Return the numbers of departments and of all that they are parts of."""
    found: set[str] = set()
    waiting = list(own)
    while waiting:
        place = waiting.pop()
        if place in departments and place not in found:
            found.add(place)
            waiting.append(departments[place].parent)
    return frozenset(found)


def _head(user: str, own: list[str], departments: Mapping[str, Department]) -> str:
    """Return the head of the nearest department, upwards, that has one other than the user."""
    seen: set[str] = set()
    place = own[0] if own else ""
    while place in departments and place not in seen:
        seen.add(place)
        found = departments[place]
        if found.head and found.head != user:
            return found.head
        place = found.parent
    return ""


def _flag(written: str) -> bool | None:
    lower = written.casefold()
    return True if lower in TRUE else False if lower in FALSE else None


def _day(written: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(written[:10])
    with suppress(ValueError):
        return datetime.strptime(written[:10], "%d.%m.%Y").date()  # noqa: DTZ007  a calendar day
    return None
