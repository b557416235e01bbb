"""Plans: whole ones of every kind of KPI, score and target, most of them then spoilt in a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from fuzz.chance import Dice, Plain, document
from fuzz.promises import KEY, Case

Node = dict[str, Any]

ORDERS = b"""\
no,manager,amount,qty,currency,closed,created,status,channel,client,paid
1,Anna Berg,12400.50,3,EUR,2024-05-02 10:15,2024-05-01 09:00,won,web,C1,yes
2,Ben Ito,8150,1,EUR,2024-05-06 16:40,2024-05-02 12:00,won,call,C2,no
3,Anna Berg,21000,2,USD,2024-05-14 09:05,2024-04-28 18:30,lost,web,C1,yes
4,=cmd|' /C calc'!A0,0.1,7,EUR,2024-05-31 23:59,2024-05-31 23:58,won,@home,C3,yes
5,"+7 (999) 1",-50.25,0,EUR,2024-05-15 00:00,,won,=1+1,-C4,no
6,,700,1,EUR,2024-05-20 11:00,2024-05-19 10:00,won,web,,yes
7,Ben Ito,,4,EUR,2024-05-21 11:00,2024-05-20 10:00,open,call,C2,
8,[red]Zoe[/red],99999999.99,12,EUR,2024-06-01 00:00,2024-05-31 23:00,won,,C5,no
9,Ben Ito,300,5,GBP,,2024-05-11 10:00,open,web,C6,no
"""
VISITS = b"""\
no,agent,made,order,minutes
11,Anna Berg,2024-05-01 08:00,1,35
12,Ben Ito,2024-05-02 08:00,2,0.5
13,Ben Ito,2024-05-03 08:00,,120
14,Anna Berg,2024-04-30 23:59,3,
15,Nobody,2024-05-31 12:00,9,77.7
"""
EMPLOYEES = b"""\
id,name,email,department,position,hired,left
1,Anna Berg,anna@example.com,Sales,Manager,2020-01-01,
2,Ben Ito,ben@example.com,Sales/North,Manager,2024-05-10,
3,=1+1,eve@example.com,-Support,Head,,2024-05-20
4,"<b>Zoe</b>",zoe@example.com,,Manager,2025-01-01,
"""
TARGETS = b"employee,kpi,period,target\nanna@example.com,k0,2024-05,100\nBen Ito,k0,2024,1200\n"
FILES = {"orders.csv": ORDERS, "visits.csv": VISITS, "employees.csv": EMPLOYEES,
         "targets.csv": TARGETS}  # fmt: skip

FIELDS: Node = {
    "no": {"column": "no", "type": "id"},
    "manager": {"column": "manager", "type": "person"},
    "amount": {"column": "amount", "type": "money"},
    "qty": {"column": "qty", "type": "number"},
    "currency": {"column": "currency", "type": "text"},
    "closed": {"column": "closed", "type": "datetime"},
    "created": {"column": "created", "type": "datetime"},
    "status": {"column": "status", "type": "text"},
    "channel": {"column": "channel", "type": "text"},
    "client": {"column": "client", "type": "text"},
    "paid": {"column": "paid", "type": "bool"},
}
VISIT_FIELDS: Node = {
    "no": {"column": "no", "type": "id"},
    "agent": {"column": "agent", "type": "person"},
    "made": {"column": "made", "type": "datetime"},
    "order": {"column": "order", "type": "text"},
    "minutes": {"column": "minutes", "type": "number"},
}


# --- expressions -----------------------------------------------------------------------------


def number(dice: Dice, depth: int = 2) -> str:
    """Return an expression over orders that is a number and reads a field."""
    if depth == 0 or dice.often(0.3):
        return dice.one("amount", "qty", "amount", "minutes(created, closed)", "weekday(closed)")
    inner = number(dice, depth - 1)
    return dice.one(
        f"{inner} {dice.one(*'+-*/')} {dice.one(literal(dice), number(dice, depth - 1))}",
        f"({inner}) {dice.one(*'+-*/')} ({number(dice, depth - 1)})",
        f"case when {condition(dice, depth - 1)} then {inner} else {literal(dice)} end",
        f"round({inner}, {dice.randrange(11)})",
        f"{dice.one('least', 'greatest', 'coalesce')}({inner}, {literal(dice)})",
        f"abs({inner})",
        f"nullif({inner}, {literal(dice)})",
        f"-{inner}",
        f"{dice.one('hours', 'days', 'minutes')}({date(dice)}, {date(dice)})",
        f"{dice.one('year', 'month', 'day', 'weekday', 'hour')}({date(dice)})",
        f"length({text(dice)})",
    )


def literal(dice: Dice) -> str:
    return dice.one(
        "0", "1", "2", "100", "0.5", "1000000", "0.0000000001", "-3", "12345678901234567"
    )


def date(dice: Dice) -> str:
    return dice.one("created", "closed", "closed")


def text(dice: Dice) -> str:
    return dice.one("status", "channel", "client", "lower(status)", "upper(channel)", "manager",
                    "coalesce(channel, 'none')", "nullif(client, 'C1')")  # fmt: skip


def quoted(dice: Dice) -> str:
    said = dice.one("won", "web", "C1", "lost", "Anna Berg", dice.text())
    return "'" + said.replace("'", "''").replace("$", "€") + "'"


def condition(dice: Dice, depth: int = 2) -> str:
    """Return a condition over orders."""
    if depth and dice.often(0.4):
        left, right = condition(dice, depth - 1), condition(dice, depth - 1)
        return dice.one(f"{left} and {right}", f"({left} or {right})", f"not ({left})")
    sign = dice.one("=", "<>", "<", "<=", ">", ">=")
    day = dice.one("2024-05-15", "2024-05-01 18:20", "31.05.2024", "2199-12-31", "1900-01-01")
    return dice.one(
        f"{number(dice, max(depth - 1, 0))} {sign} {literal(dice)}",
        f"{text(dice)} {dice.one('=', '<>')} {quoted(dice)}",
        f"{text(dice)} in ({quoted(dice)}, {quoted(dice)})",
        f"{text(dice)} {dice.one('like', 'ilike')} {dice.one(quoted(dice), chr(39) + '%w_n%' + chr(39))}",
        f"{number(dice, 0)} between {literal(dice)} and {literal(dice)}",
        f"{date(dice)} {sign} '{day}'",
        f"date({date(dice)}) between '2024-05-01' and '{day[:10]}'",
        f"{dice.one('amount', 'client', 'created', 'paid')} is {dice.one('', 'not ')}null",
        dice.one("paid", "not paid", "paid is true"),
        f"{dice.one('contains', 'starts_with')}({text(dice)}, {quoted(dice)})",
    )


# --- KPIs ------------------------------------------------------------------------------------


def of_records(dice: Dice) -> Node:
    """Return a KPI that reads orders, or visits."""
    if dice.often(0.15):
        field = dice.one("sum", "average", "max")
        return {"from": "visits", field: "minutes", "when": "made", "by": "agent"}
    verb = dice.one("count", "sum", "average", "median", "min", "max", "share", "percentile")
    measure: Any = number(dice)
    if verb == "count":
        measure = dice.one("rows", "rows", "distinct client", "distinct channel")
    elif verb == "share":
        measure = condition(dice)
    elif verb == "percentile":
        measure = {"of": measure, "at": dice.one(0, 50, 90, 100, Plain("33.3"))}
    kpi: Node = {"from": "orders", verb: measure}
    if dice.often(0.5):
        kpi["where"] = condition(dice)
    kpi["when"] = dice.one("closed", "closed", "created")
    kpi["by"] = dice.one("manager", "manager", "manager", "manager", "channel", "none")
    return kpi


def conversion(dice: Dice) -> Node:
    within: Node = {"basis": "cohort", "within": dice.one("30d", "1h", "2w", "5000d")}
    if dice.often(0.3):
        within = {"basis": "period", "by": "manager"}
    asked = {"from": "visits", "to": "orders", "where": condition(dice), "when": "closed",
             "via": dice.one("no", "client"), **within}  # fmt: skip
    return {"conversion": asked, "when": "made", "by": "agent"}


def of_kpis(dice: Dice, known: list[str]) -> Node:
    """Return a KPI that is made of others."""
    one, other = dice.choice(known), dice.choice(known)
    if dice.often(0.5):
        return {"ratio": {"of": one, "over": other}}
    shape = dice.one("{a} + {b}", "{a} / {b}", "({a} - {b}) / {a}", "round({a} * 0.3 - {b}, 2)",
                     "greatest({a}, {b}, 5)", "case when {a} > 1 then {b} else 0 end", "abs({a}) * 2")  # fmt: skip
    return {"formula": shape.format(a=one, b=other)}


def kpis(dice: Dice) -> Node:
    made: Node = {}
    names = ["k0", "k1", dice.one("выручка", "orders_n", "count_", "k2"), "k3", "k4", "k5"]
    for name in names[: dice.randrange(2, 7)]:
        made_of = [known for known in made if known.isascii() or dice.often(0.9)]
        if made_of and dice.often(0.25):
            kpi = of_kpis(dice, made_of)
        else:
            kpi = conversion(dice) if dice.often(0.12) else of_records(dice)
        for key, values in _ADORNMENTS.items():
            if dice.often(0.25):
                kpi[key] = dice.choice(values)
        if dice.often(0.15):
            kpi["label"] = dice.text() or "x"
        made[name] = kpi
    return made


_ADORNMENTS: dict[str, list[Any]] = {
    "unit": ["money", "percent", "minutes", "hours", "days", "шт."],
    "better": ["higher", "lower"],
    "min_n": [1, 3, 100],
    "label": ["Revenue", "Объём продаж"],
    "description": ["What it is for."],
}


# --- scorecards and targets ------------------------------------------------------------------


def score(dice: Dice, kpi: Node) -> Any:
    curve = {Plain("0"): 0, Plain("70"): 50, Plain("100.5"): 100, Plain("130"): dice.one(200, 90)}
    bands = {Plain("0"): 0, Plain("80"): 50, Plain("100"): 130}
    lower = kpi.get("better") == "lower"
    scale: Node = {"base": 120, "norm": 30} if lower else {"base": 10, "norm": 25}
    beyond = {"goal": 10 if lower else 40, "at_goal": 130}
    return dice.one(
        "linear", "reflected", "inverse", scale, scale | beyond, {"curve": curve}, {"bands": bands},
        {"curve": curve, "of": "value"}, {"bands": bands, "of": "value"}, {"pass": "value >= 4"},
        {"pass": "attainment >= 95"}, {"red_flag": 20, "goal": 40},
    )  # fmt: skip


def amount(dice: Dice, kpi: Node) -> Any:
    """Return what is expected of a KPI; of what grows with time, also per month or the like."""
    one = dice.one("6", "1500.50", "100", "12 000 000", "0.01", "3", "40")
    if not kpi.keys() & {"count", "sum"}:
        return dice.one(Plain(one), {dice.one(Plain("2024-05"), Plain("2024")): Plain(one)})
    per = f"{one}/{dice.one('month', 'year', 'quarter', 'week', 'day', 'half')}"
    return dice.one(
        Plain(one), per, per, Plain(one), {Plain("2024-05"): Plain(one)},
        {Plain("2024-Q2"): Plain(one), Plain("2024-05"): Plain("5")},
        {Plain("2024"): Plain(one)}, {Plain("2024-H1"): per}, {dice.period() or "x": Plain(one)},
    )  # fmt: skip


def weights(dice: Dice, count: int) -> list[int]:
    cuts = sorted(dice.randrange(101) for _ in range(count - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]


def entry(dice: Dice, kpi: Node, weight: int) -> Node:
    """Return a KPI as it stands in a scorecard."""
    made: Node = {"weight": weight}
    if dice.often(0.8):
        made["target"] = amount(dice, kpi)
    if dice.often(0.5):
        made["score"] = score(dice, kpi)
    if dice.often(0.4) or made.get("score") == "inverse":
        made["cap"] = dice.one(100, 150, 200)
    if dice.often(0.1):
        made["missing"] = dice.one("renormalize", "zero", "neutral", "hold")
    return made


def scorecards(dice: Dice, made: Node, known: list[str]) -> Node:
    cards: Node = {}
    for name in ["team", "счёт"][: dice.one(0, 1, 1, 1, 2)]:
        chosen = dice.sample(known, dice.randrange(1, len(known) + 1))
        entries = {
            kpi: entry(dice, made[kpi], weight)
            for kpi, weight in zip(chosen, weights(dice, len(chosen)), strict=True)
        }
        card: Node = {"kpis": entries}
        if dice.often(0.2):
            card["missing"] = dice.one("renormalize", "zero", "neutral", "hold")
        if dice.often(0.2):
            card["min_coverage"] = dice.one(0, 60, 100)
        if dice.often(0.2):
            card["ties"] = dice.one("competition", "dense")
        if dice.often(0.2):
            card["tie_break"] = [chosen[0]]
        cards[name] = card
    return cards


def targets(dice: Dice, known: Node, personal: list[str], cards: list[str]) -> Node:
    levels = ["company", "department.Sales", "members.Sales", "members.Sales/North",
              "employee.anna@example.com", "employee.Ben Ito", *(f"scorecard.{c}" for c in cards if dice.often(0.3))]  # fmt: skip
    chosen = dice.sample(levels, dice.randrange(1, 4))
    made: Node = {}
    for level in chosen:
        kpi = dice.choice(list(known) if level == "company" or not personal else personal)
        made[level] = {kpi: amount(dice, known[kpi])}
    if dice.often(0.3):
        made["file"] = "targets.csv"
    return made


# --- the plan --------------------------------------------------------------------------------


def plan(dice: Dice) -> Node:
    """Return a plan that ought to compute."""
    zone = dice.one("Europe/Moscow", "Europe/Berlin", "UTC", "Asia/Kathmandu", "America/Sao_Paulo")
    company: Node = {"name": "Pumps", "timezone": zone, "language": dice.one("ru", "en")}
    orders: Node = {"path": "orders.csv", "id": "no", "fields": deepcopy(FIELDS)}
    shop: Node = {"type": "csv", "orders": orders,
                  "visits": {"path": "visits.csv", "id": "no", "fields": deepcopy(VISIT_FIELDS)}}  # fmt: skip
    made: Node = {"kpictl": 1, "company": company, "sources": {"shop": shop}}
    if dice.often(0.4):
        company["currency"] = "EUR"
        made["rates"] = {"USD": Plain("0.92"), "GBP": {Plain("2023-01-01"): Plain("1.15")}}
    staff = dice.often(0.5)
    if staff:
        shop["employees"] = "employees.csv"
    if dice.often(0.1):
        made["sources"]["crm"] = {"type": "bitrix24",
                                  "webhook": f"https://romashka.bitrix24.ru/rest/7/{KEY}/"}  # fmt: skip
    made["kpis"] = kpis(dice)
    personal = [k for k, kpi in made["kpis"].items() if _personal(kpi, made["kpis"])]
    cards = scorecards(dice, made["kpis"], personal) if personal else {}
    if cards:
        made["scorecards"] = cards
        if staff and dice.often(0.3):
            next(iter(cards.values()))["who"] = dice.one(
                "department = 'Sales'", "active", "position <> 'Head' and hired < '2024-01-01'",
                "name like '%n%'", "email is not null")  # fmt: skip
    if staff and dice.often(0.5):
        made["targets"] = targets(dice, made["kpis"], personal, list(cards))
    if dice.often(0.1):
        made["report"] = {"colors": {"yellow": 70, "green": 90, "bright": 110}}
    return made


def _personal(kpi: Node, known: Node) -> bool:
    """Say whether a KPI is of people, all the way down: only those stand in a scorecard."""
    if "ratio" in kpi:
        return all(_personal(known[name], known) for name in kpi["ratio"].values())
    if "formula" in kpi:
        return all(_personal(known[name], known) for name in known if name in kpi["formula"])
    return kpi["by"] in ("manager", "agent")


# --- spoiling --------------------------------------------------------------------------------


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values of a document, inner ones too."""
    if path:
        yield path
    for key, value in node.items() if isinstance(node, dict) else ():
        yield from leaves(value, (*path, key))


def holder(made: Node, path: tuple[Any, ...]) -> Node:
    node = made
    for key in path[:-1]:
        node = node[key]
    return node


def replaced(dice: Dice, made: Node, path: tuple[Any, ...]) -> None:
    """Put something odd of the same type in the place of a value."""
    inner, key = holder(made, path), path[-1]
    value = inner[key]
    if isinstance(value, dict):
        inner[key] = dice.one({}, [], None, [dict(value)], dice.text())
    elif isinstance(value, (Plain, int)):
        inner[key] = dice.number()
    else:
        inner[key] = dice.one(dice.text(), dice.text(), dice.number(), [value], {str(value): value})


def renamed(dice: Dice, made: Node, path: tuple[Any, ...]) -> None:
    inner, key = holder(made, path), path[-1]
    fresh = dice.one(dice.text(), dice.period(), f"{key}x", str(key)[:-1], str(key).upper())
    for name in list(inner):
        inner[fresh if name == key else name] = inner.pop(name)


def removed(dice: Dice, made: Node, path: tuple[Any, ...]) -> None:
    del holder(made, path)[path[-1]]


def swapped(dice: Dice, made: Node, path: tuple[Any, ...]) -> None:
    """Exchange a value with another of its type."""
    inner, key = holder(made, path), path[-1]
    alike = [other for other in leaves(made)
             if type(holder(made, other)[other[-1]]) is type(inner[key])
             and other[: len(path)] != path and path[: len(other)] != other]  # fmt: skip
    if alike:
        other = dice.choice(alike)
        there = holder(made, other)
        inner[key], there[other[-1]] = there[other[-1]], inner[key]


def doubled(dice: Dice, made: Node, path: tuple[Any, ...]) -> None:
    inner, key = holder(made, path), path[-1]
    inner[dice.one(f"{key}2", dice.text(), "webhook", "token", "client_id")] = deepcopy(inner[key])


SPOILERS: tuple[Callable[[Dice, Node, tuple[Any, ...]], None], ...] = (
    replaced, replaced, renamed, removed, swapped, doubled,
)  # fmt: skip


def stretched(dice: Dice, made: Node) -> None:
    """Put odd values where any are allowed: such a plan still computes."""
    for path in list(leaves(made)):
        inner, key = holder(made, path), path[-1]
        if key in ("label", "description", "unit", "name") and dice.often(0.4):
            inner[key] = dice.text().replace("$", "€") or "x"
        elif _stretches(path, inner[key]) and dice.often(0.15):
            inner[key] = Plain(dice.choice(SOUND))


def _stretches(path: tuple[Any, ...], value: Any) -> bool:
    return (
        isinstance(value, (Plain, int))
        and path[0] in ("scorecards", "targets", "rates")
        and path[-1] not in ("weight", "min_coverage", "base", "norm", "goal")
    )


SOUND = ("0.0000000001", "1", "100", "33.333333333333333333", "99999999999999999999.99",
         "1" + "0" * 18, "0.1234567890123456789", "12 000 000")  # fmt: skip


def spoilt(dice: Dice, made: Node) -> str:
    """Return a plan as text, spoilt in one place, or in two."""
    for _ in range(dice.one(1, 1, 2)):
        paths = [path for path in leaves(made) if "fields" not in path or dice.often(0.1)]
        if paths:
            dice.choice(SPOILERS)(dice, made, dice.choice(paths))
    written = document(made)
    if dice.often(0.25):
        at, end = dice.randrange(len(written)), dice.randrange(1, 12)
        written = (
            written[:at]
            + dice.one("", dice.text(), written[at : at + end] * 2)
            + written[at + end :]
        )
    return written


def case(seed: int) -> Case:
    """Return a plan, its files and a command."""
    dice = Dice(seed)
    made = plan(dice)
    if dice.often(0.5):
        stretched(dice, made)
    written = spoilt(dice, made) if dice.often(0.25) else document(made)
    names = list(made.get("kpis") or {}) if isinstance(made.get("kpis"), dict) else []
    words, output = command(dice, [name for name in names if isinstance(name, str)])
    raw = written.encode("utf-8", "surrogatepass")
    return Case({**FILES, "kpi.yaml": raw}, words, output)


SOUND_PERIODS = ("2024-Q2", "2024-H1", "2024", "2024-W20", "2024-05-14", "2024-05-01..2024-05-17",
                 "last-month", "mtd", "today", "2023")  # fmt: skip


def command(dice: Dice, names: list[str]) -> tuple[tuple[str, ...], str]:
    """Return a command line, and the file that it writes."""
    period = dice.period() if dice.often(0.08) else dice.one("2024-05", "2024-05", *SOUND_PERIODS)
    as_of = dice.one("2024-07-01", "2024-07-01", "20240520", "2024-05-20T18:00", "31.05.2024")
    when = ("-p", str(period), "--as-of", as_of)
    draw = dice.random()
    if draw < 0.1:
        return ("check", *dice.one((), ("-f", "json"), ("--lang", "ru"))), ""
    if draw < 0.2 and names:
        whose = dice.one(("-e", "Anna Berg"), ("-e", "Ben"), ("-e", "=1+1"))
        more = dice.one((), (), ("--left-out",), ("--lang", "ru"))
        return ("explain", dice.choice(names), *whose, *when, *more), ""
    form = dice.one("json", "json", "csv", "csv", "xlsx", "table")
    options = dice.one((), (), (), ("--excel",), ("--mask",), ("--wide",), ("--sort", "name"),
                       ("--top", "1"), ("--lang", "ru"), ("-e", "anna"), ("-s", "team"))  # fmt: skip
    output = "out.bin" if form == "xlsx" or dice.often(0.5) else ""
    written = ("-o", output) if output else ()
    return ("compute", *when, "-f", form, *options, *written), output
