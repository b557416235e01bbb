"""A company with any number of deals that take no memory: each is worked out from its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.fields import Row, complete
from portal.staff import REGION, Staff, customize, hire
from portal.table import Formula, Table
from portal.world import DAY, World

_YEARS = 3 * 365 * DAY
_STAGES = {  # pipeline → a stage by outcome: in progress, won, lost
    0: (("EXECUTING", "P"), ("WON", "S"), ("LOSE", "F")),
    1: (("C1:EXECUTING", "P"), ("C1:WON", "S"), ("C1:LOSE", "F")),
}
_SOURCES = ("CALL", "WEB", "ADVERTISING", "RECOMMENDATION", "OTHER", None)
_CURRENCIES = ("RUB",) * 14 + ("USD", "EUR")
_MIX = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Life:
    """What happened to a deal: Unix seconds, and bits that decide everything else."""

    created: int
    moved: int
    modified: int
    bits: int


def lives(count: int, seed: int, end: int) -> Callable[[int], Life]:
    """Return the life of a deal by its id: made in order over three years, moved within weeks."""
    begin = end - _YEARS
    salt = seed * 7919

    def life(number: int) -> Life:
        bits = (number + salt) * _MIX & _MASK
        bits = (bits ^ bits >> 29) * _MIX & _MASK
        bits ^= bits >> 32
        created = begin + number * _YEARS // (count + 1)
        left = max(end - created, 1)
        moved = created + (bits >> 20) % min(30 * DAY, left)
        modified = moved + (bits >> 7) % min(3 * DAY, end - moved + 1)
        return Life(created, moved, modified, bits)

    return life


def furnish(world: World, seed: int, count: int) -> World:
    """Give the world its staff, a few companies, and `count` deals with two rows of history each."""
    staff = hire(world)
    customize(world)
    for number in range(1, 51):
        world.add("companies", TITLE=f"ООО «Клиент {number}»")
    life = lives(count, seed, int(world.clock.now()))
    fields = world["deals"].fields
    deals = Formula(count, deal_of(world, staff, life), lambda code, n: _seconds(code, life(n)))
    world.tables["deals"] = Table("deals", fields, world.zone, deals)
    history = Formula(2 * count, history_of(world, life), lambda _code, n: _entered(n, life))
    table = Table("history_2", world["history_2"].fields, world.zone, history)
    world.tables["history_2"] = table
    return world


def _seconds(code: str, one: Life) -> int:
    times = {"DATE_CREATE": one.created, "DATE_MODIFY": one.modified, "MOVED_TIME": one.moved}
    return times.get(code, one.modified)


def _outcome(bits: int) -> tuple[int, str, str]:
    category = 1 if bits % 5 == 0 else 0
    stage, semantics = _STAGES[category][(0, 1, 1, 2)[bits >> 3 & 3]]
    return category, stage, semantics


def deal_of(world: World, staff: Staff, life: Callable[[int], Life]) -> Callable[[int], Row]:
    sellers = (*staff.sellers, staff.dismissed)
    blank = complete(world["deals"].fields, {"OPENED": "Y", "IS_MANUAL_OPPORTUNITY": "Y"})
    regions = [number for number, _ in REGION.items]
    text, day = world.zone.text, world.zone.day

    def row(number: int) -> Row:
        one = life(number)
        bits = one.bits
        category, stage, semantics = _outcome(bits)
        owner = sellers[bits % len(sellers)]
        modified, made = text(one.modified), text(one.created)
        changed: dict[str, Any] = {
            "ID": number,
            "TITLE": f"Поставка {number}",
            "TYPE_ID": "SALE",
            "CATEGORY_ID": category,
            "STAGE_ID": stage,
            "STAGE_SEMANTIC_ID": semantics,
            "CLOSED": "N" if semantics == "P" else "Y",
            "IS_RETURN_CUSTOMER": "Y" if bits & 7 == 0 else "N",
            "OPPORTUNITY": f"{1000 + bits % 900_000}.{bits % 100:02}",
            "CURRENCY_ID": _CURRENCIES[bits & 15],
            "PROBABILITY": 50,
            "COMPANY_ID": 1 + (bits >> 11) % 50,
            "BEGINDATE": day(made),
            "CLOSEDATE": day(modified),
            "ASSIGNED_BY_ID": owner,
            "CREATED_BY_ID": owner,
            "MODIFY_BY_ID": owner,
            "MOVED_BY_ID": owner,
            "LAST_ACTIVITY_BY": owner,
            "DATE_CREATE": made,
            "DATE_MODIFY": modified,
            "MOVED_TIME": text(one.moved),
            "LAST_ACTIVITY_TIME": modified,
            "SOURCE_ID": _SOURCES[(bits >> 5) % 6],
            REGION.code: regions[(bits >> 9) & 3],
        }
        return {**blank, **changed}

    return row


def _entered(number: int, life: Callable[[int], Life]) -> int:
    one = life((number + 1) // 2)
    return one.created if number % 2 else one.moved


def history_of(world: World, life: Callable[[int], Life]) -> Callable[[int], Row]:
    first = {0: "NEW", 1: "C1:NEW"}

    def row(number: int) -> Row:
        owner = (number + 1) // 2
        category, stage, semantics = _outcome(life(owner).bits)
        kind = 2 if semantics == "P" else 3
        if number % 2:
            kind, stage, semantics = 1, first[category], "P"
        return {
            "ID": number,
            "TYPE_ID": kind,
            "OWNER_ID": owner,
            "CREATED_TIME": world.zone.text(_entered(number, life)),
            "CATEGORY_ID": category,
            "STAGE_SEMANTIC_ID": semantics,
            "STAGE_ID": stage,
        }

    return row
