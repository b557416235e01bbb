"""Pay and recognition of a company, by chance: bonuses with their parts, gates, pools, funds, books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fuzz import company_files as tables
from fuzz.chance import Dice, Plain

if TYPE_CHECKING:
    from fuzz.companies import Company

Node = dict[str, Any]

_LADDER: Node = {Plain("0"): 0, Plain("80"): 50, Plain("100"): 100, ">100": Plain("130.5")}
_LINE: Node = {Plain("0"): 0, Plain("50"): 20, Plain("100"): 100, Plain("150"): 300}
FIGURES = ("index", "coverage", "revenue.attainment", "scorecard.revenue.attainment", "days * 100 / days_of",
           "company.revenue.attainment", "department.revenue.attainment", "tenure * 10", "fte * 100",
           "department.index")  # fmt: skip


def add(dice: Dice, made: Company) -> None:
    """Have scorecards of people pay, most often."""
    cards = {name: card for name, card in made.plan["scorecards"].items() if name != "units"}
    if dice.often(0.15):
        return
    if dice.often(0.6):
        made.plan["pools"] = {"team": _pool(dice)}
    if dice.often(0.4):
        made.plan["funds"] = {
            "all": dice.one("10000.01/month", "1000000/quarter", {Plain("2024-05"): Plain("5000")})
        }
    for card in cards.values():
        editions = [card, *card.get("from", {}).values()]
        always = [
            kpi for kpi in card["kpis"] if all(kpi in edition["kpis"] for edition in editions)
        ]
        card["bonus"] = _bonus(dice, made, always)
        if dice.often(0.4):
            card["gates"] = {"few": {
                "when": dice.one("wins < 3", "index < 80", "revenue.attainment < 50", "rank > 2", "coverage < 100"),
                "then": dice.one("zero", "payout * 0.5", "cap 100%", "cap 20000")}}  # fmt: skip
    _books(dice, made)


def _pool(dice: Dice) -> Node:
    pool: Node = {
        "amount": dice.one(
            "30000/month", "100.01/month", "0.05/month", {Plain("2024-05"): Plain("7000")}
        )
    }
    if dice.often(0.3):
        pool["when"] = dice.one("scorecard.revenue.attainment >= 10", "company.revenue > 0")
    if dice.often(0.3):
        pool["rest"] = dice.one("share", "return")
    return pool


def _scale(dice: Dice) -> Node:
    return dice.one({"bands": _LADDER}, {"curve": _LINE})


def _percent(dice: Dice, kpis: list[str]) -> Node:
    """Return how much of a part is earned."""
    of_kpi: Node = dice.one({}, {"threshold": 80}, {"cap": 120}, _scale(dice)) | dice.one(
        {}, {"missing": dice.one("zero", "neutral", "hold")}
    )
    figure = dice.choice(FIGURES)
    return dice.one({}, {"by_index": "linear"}, {"by_index": _scale(dice)}, {"by_kpi": {dice.choice(kpis): of_kpi}} if kpis else {},
                    {"by": {"of": figure, **_scale(dice)}}, {"by": figure})  # fmt: skip


def _timed(dice: Dice, made: Company) -> Node:
    units = ["calendar_days", *(["worked_days", "worked_hours"] if "calendar" in made.plan else [])]
    if "absences" in made.plan and dice.often(0.8):  # else for nobody less
        return {"prorate": {"by": dice.choice(units), "absences": dice.one([], ["sick", "unpaid"])}}
    return {"prorate": dice.one("none", *(units if "absences" not in made.plan else ()))}


def _part(dice: Dice, made: Company, kpis: list[str]) -> Node:
    draw = dice.random()
    if draw < 0.3:
        part: Node = {"salary_share": dice.one(40, Plain("33.3"), 0), **_percent(dice, kpis)}
    elif draw < 0.55:
        part = {"fixed": dice.one(10000, Plain("0.01")), **_percent(dice, kpis)}
    elif draw < 0.75:
        part = {"commission": {"of": "revenue", **_rates(dice, made), **_release(dice, made)}}
    elif draw < 0.87 or "pools" not in made.plan:
        part = {
            "piece": {
                "of": "wins",
                **dice.one({"rate": 500}, {"rate": Plain("0.01")}, _table(dice, made)),
            }
        }
    else:
        part = {
            "pool": "team",
            "by": dice.one("index", "revenue", "days", "salary", "employee.grade", "fte * days"),
        }
        if dice.often(0.5):
            part["eligible"] = dice.one("index >= 80", "revenue.attainment >= 50", "days > 0")
    if dice.often(0.2):
        part["factors"] = {
            "dept": dice.one("department.revenue.attainment", {"of": "index", **_scale(dice)})
        }
    if dice.often(0.2):
        part["cap"] = dice.one(100, 5000)
    return part


def _rates(dice: Dice, made: Company) -> Node:
    steps = {Plain("0"): 1, Plain("100"): 2, ">130": Plain("0.5")}
    at = {"at": dice.one("attainment", "value")}
    return dice.one(
        {"rate": Plain("3.33")},
        {"marginal": steps, **at},
        {"whole": steps, **at},
        _table(dice, made),
    )


def _table(dice: Dice, made: Company) -> Node:
    other = {"other": dice.one(0, 1)} if dice.often(0.9) else {}
    if dice.often(0.3):
        return {"rates": {"by": "product", "file": made.add("rates", tables.rates(dice)), **other}}
    return {"rates": {"by": "product", "table": {"pump": 5, "hose": Plain("0.01")}, **other}}


def _release(dice: Dice, made: Company) -> Node:
    if made.credit or dice.often(0.6):
        return {}
    made.source["payments"] = {
        "path": made.add("payments", tables.payments(dice, made.deals)),
        "fields": {"deal": {"column": "deal", "type": "id"}, "received": {"column": "received", "type": "date"},
                   "amount": {"column": "amount", "type": "money"}}}  # fmt: skip
    return {
        "release": {"from": "payments", "key": "no = deal", "sum": "amount", "when": "received"}
    }


def _bonus(dice: Dice, made: Company, kpis: list[str]) -> Node:
    bonus: Node = _timed(dice, made)
    if dice.often(0.5):
        bonus |= _part(dice, made, kpis)
    else:
        bonus["parts"] = {f"part{n}": _part(dice, made, kpis) for n in range(dice.randrange(1, 4))}
    if dice.often(0.25):
        bonus["guarantee"] = dice.one(50, {1: 100, 2: 50})
    if dice.often(0.2):
        bonus["cap"] = dice.one(1000, 150000)
    if "funds" in made.plan:
        bonus["fund"] = "all"
    if dice.often(0.15):
        bonus["accumulate"] = dice.one("quarter", "year")
    elif dice.often(0.15):
        bonus["draw"] = dice.one(20000, Plain("0.01"))
        made.plan["pay"] = {"since": Plain("2024-04")}
    return bonus


def _books(dice: Dice, made: Company) -> None:
    pay: Node = made.plan.get("pay", {})
    if dice.often(0.4):
        pay["adjustments"] = made.add("adjustments", tables.adjustments(dice))
    if dice.often(0.3):
        pay["sanctions"] = {
            "file": made.add("orders", tables.sanctions(dice)),
            "base": dice.one("wage", "salary"),
        }
    if pay:
        made.plan["pay"] = pay
