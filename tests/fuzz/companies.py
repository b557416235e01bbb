"""Plans of whole companies: people who come, move and are away, working time, divided goals, and pay
(`fuzz.paying`). Nearly all of them ought to compute; some are spoilt as `fuzz.plans` spoils its own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from fuzz import company_files as tables
from fuzz import paying
from fuzz.chance import Dice, Plain, document
from fuzz.plans import spoilt, weights
from fuzz.promises import Case

Node = dict[str, Any]

FIELDS: Node = {
    "no": {"column": "no", "type": "id"},
    "amount": {"column": "amount", "type": "money"},
    "closed": {"column": "closed", "type": "datetime"},
    "opened": {"column": "opened", "type": "datetime"},
    "answered": {"column": "answered", "type": "datetime"},
    "won": {"column": "won", "type": "bool"},
    "product": {"column": "product", "type": "text"},
    "utm": {"column": "utm", "type": "text"},
}
PERIODS = (
    "2024-05",
    "2024-05",
    "2024-05",
    "2024-Q2",
    "2024-06",
    "2024-W20",
    "2024-05-01..2024-05-17",
    "mtd",
)
MOMENTS = ("2024-07-15", "2024-07-15", "2024-05-20", "2024-05-31", "2024-06-03T10:00")


@dataclass(slots=True)
class Company:
    """A plan in the making, with the files that it needs."""

    plan: Node
    files: dict[str, bytes] = field(default_factory=dict)
    credit: str = ""
    deals: int = 0

    @property
    def kpis(self) -> list[str]:
        return list(self.plan["kpis"])

    @property
    def source(self) -> Node:
        shop: Node = self.plan["sources"]["shop"]
        return shop

    def add(self, name: str, rows: tables.Rows) -> str:
        self.files[f"{name}.csv"] = tables.as_csv(rows)
        return f"{name}.csv"


def company(dice: Dice) -> Company:
    """Return a plan that ought to compute, with its files."""
    made = Company({"kpictl": 1}, credit=dice.one("", "", "split", "overlay"))
    zone = dice.one("Europe/Moscow", "Europe/Berlin", "UTC", "America/Sao_Paulo")
    made.plan["company"] = {"timezone": zone, "currency": "EUR", "language": dice.one("ru", "en")}
    _sources(dice, made)
    calendar = _calendar(dice, made)
    made.plan["kpis"] = _kpis(dice, made, timed=bool(calendar))
    made.plan["scorecards"] = _scorecards(dice, made)
    made.plan["targets"] = _targets(dice, made)
    if dice.often(0.4):
        made.plan["absences"] = {
            "file": made.add("absences", tables.absences(dice)),
            "codes": {
                "V": "paid_absence",
                "S": "sick",
                "U": "unpaid",
                "W": "worked",
                "8": "worked",
            },
            **dice.one({}, {"lowers": []}, {"lowers": ["sick", "unpaid"]}),
        }
    paying.add(dice, made)
    _remarks(dice, made)
    return made


def _sources(dice: Dice, made: Company) -> None:
    rows = tables.deals(dice, several=bool(made.credit))
    made.deals = len(rows) - 1
    owner: Node = {"column": "owner", "type": "person"}
    if made.credit:
        owner["credit"] = made.credit
    deals: Node = {
        "path": made.add("deals", rows),
        "id": "no",
        "fields": deepcopy(FIELDS) | {"owner": owner},
    }
    source: Node = {"type": "csv", "deals_": deals,
                    "employees": made.add("staff", tables.employees(dice))}  # fmt: skip
    made.plan["sources"] = {"shop": source}
    if dice.often(0.4):
        source["assignments"] = made.add("posts", tables.assignments(dice))
    if dice.often(0.4):
        source["departments"] = made.add("departments", tables.departments(dice))
    if dice.often(0.4):
        source["campaigns"] = {"path": made.add("campaigns", tables.campaigns(dice)),
                               "fields": {"marketer": {"column": "marketer", "type": "person"}}}  # fmt: skip
        deals["fields"]["leader"] = {"from": "campaigns", "key": "utm = code", "take": "marketer"}
    if dice.often(0.3):
        source["participants"] = {
            "path": made.add("participants", tables.participants(dice, made.deals)),
            "fields": {"deal": {"column": "deal", "type": "id"}, "share": {"column": "share", "type": "number"},
                       "employee": {"column": "employee", "type": "person"}}}  # fmt: skip
        deals["fields"]["sellers"] = {"from": "participants", "key": "no = deal", "take": "employee",
                                      "share": "share", "credit": "split"}  # fmt: skip
    if dice.often(0.3):
        source["days_at_work"] = {"path": made.add("attendance", tables.attendance(dice)),
                                  "unpivot": {"into": {"day": "caption", "mark": "value"}},
                                  "fields": {"who": {"column": "who", "type": "person"}}}  # fmt: skip


def _calendar(dice: Dice, made: Company) -> Node:
    calendar: Node = dice.one(
        {}, {"country": "RU", "hours": "09:00-18:00", "breaks": ["13:00-13:45"]},
        {"hours": {"mon-thu": "09:00-18:00", "sat": "10:00-12:30"}},
        {"country": "RU", "hours": "09:00-18:00", "schedules": {
            "night": {"who": "department = 'North'",
                      "cycle": {"from": "2024-01-01", "days": ["08:00-20:00", "20:00-08:00", "off", "off"]}},
            "far": {"who": "department = 'South'", "zone": "Asia/Vladivostok"}}},
        {"country": "DE", "hours": "08:30-17:00", "decree_days": "off"},
    )  # fmt: skip
    if calendar and dice.often(0.3):
        calendar["shifts"] = {"file": made.add("shifts", tables.shifts(dice)),
                              "codes": {"D": "08:00-20:00", "N": "20:00-08:00"}}  # fmt: skip
    if calendar:
        made.plan["calendar"] = calendar
    return calendar


def _kpis(dice: Dice, made: Company, *, timed: bool) -> Node:
    base: Node = {"from": "deals_", "when": "closed", "by": "owner"}
    waited = "working_minutes(opened, answered)" if timed else "minutes(opened, answered)"
    kpis: Node = {
        "revenue": {**base, "sum": "amount", "where": "won", "unit": "money"},
        "wins": {**base, "count": "rows", "where": "won"},
    }
    more: Node = {
        "gross": {**base, "sum": "amount", "unit": "money"},
        "asked": {**base, "count": dice.one("rows", "distinct product")},
        "reply": {**base, dice.one("median", "average", "max"): waited, "better": "lower",
                  **({"open": "elapsed"} if dice.often(0.5) else {})},
        "share_": {**base, "share": "won"},
        "spread": {**base, "stddev": "amount"},
        "mean": {"ratio": {"of": "revenue", "over": "wins"}, "unit": "money"},
        "mixed": {"formula": dice.one("revenue / wins - 5", "revenue * 0.3 + wins", "wins / 3")},
        "marks": {"manual": made.add("marks", tables.marks(dice)), "authors": ["Ira Head"],
                  "together": dice.one("mean", "sum"), "due": dice.one(1, 5)},
    }  # fmt: skip
    if "leader" in made.source["deals_"]["fields"]:
        more["led"] = {**base, "sum": "amount", "by": "leader", "unit": "money"}
    if "sellers" in made.source["deals_"]["fields"]:
        more["shared"] = {**base, dice.one("sum", "average"): "amount", "by": "sellers"}
    if "days_at_work" in made.source:
        more["came"] = {
            "from": "days_at_work",
            "count": "rows",
            "where": "mark = 'P'",
            "when": "day",
            "by": "who",
        }
    chosen = dice.sample(list(more), dice.randrange(len(more) + 1))
    kpis |= {name: more[name] for name in chosen}
    if "marks" not in chosen:
        made.files.pop("marks.csv")
    if dice.often(0.1):
        kpis["revenue"]["min_n"] = dice.one(1, 3)
    return kpis


def target(dice: Dice, kpi_plan: Node) -> Any:
    """Return what is expected of a KPI."""
    grown = dice.one(
        "+10% over prev", "+10% over -1y", "best of 3 periods", "+5% over best of 2 periods"
    )
    if kpi_plan.keys() & {"sum", "count"} or kpi_plan.get("together") == "sum":
        one = dice.one("1000", "0.07", "33333.33", "6", "100000")
        return dice.one(f"{one}/month", f"{one}/quarter", f"{one}/day", {Plain("2024-05"): Plain(one)},
                        {"from 2024-01-01": f"{one}/month", "from 2024-05-15": "700/month"}, grown)  # fmt: skip
    if "formula" in kpi_plan:  # it may be a volume, or none
        return dice.one(Plain("5"), grown)
    return dice.one(
        Plain("5"),
        Plain("0.33"),
        grown,
        {"from 2024-01-01": Plain("5"), "from 2024-05-15": Plain("7")},
    )


def _entry(dice: Dice, made: Company, kpi: str, weight: int) -> Node:
    entry: Node = {"weight": weight}
    kpi_plan = made.plan["kpis"][kpi]
    if dice.often(0.8):
        entry["target"] = target(dice, kpi_plan)
    lower = kpi_plan.get("better") == "lower"
    if dice.often(0.4):
        entry["score"] = dice.one(
            "linear", "reflected", {"curve": {Plain("0"): 0, Plain("100"): 100, Plain("130"): 200}},
            {"bands": {Plain("0"): 0, Plain("80"): 50, Plain("100"): 130}},
            {"base": 300, "norm": 30} if lower else {"base": 10, "norm": 25}, {"pass": "attainment >= 95"},
        )  # fmt: skip
    if dice.often(0.3):
        entry["cap"] = dice.one(100, 150)
    if dice.often(0.25):
        entry["level"] = dice.one("department", "company")
    if dice.often(0.2):
        entry["missing"] = dice.one("renormalize", "zero", "neutral", "hold")
    return entry


def _scorecards(dice: Dice, made: Company) -> Node:
    cards: Node = {}
    for name in ("team", "units", "heads")[: dice.one(1, 1, 2, 2, 3)]:
        chosen = dice.sample(made.kpis, dice.randrange(1, len(made.kpis) + 1))
        if name == "team" and "revenue" not in chosen:
            chosen[0] = "revenue"
        pairs = zip(chosen, weights(dice, len(chosen)), strict=True)
        card: Node = {"kpis": {kpi: _entry(dice, made, kpi, weight) for kpi, weight in pairs}}
        if name == "units":
            card["rows"] = "departments"
            for entry in card["kpis"].values():
                entry.pop("level", None)
        elif name == "heads":
            card |= {
                "who": dice.one("is_head", "department under 'Sales'", "months_since(hired) >= 3"),
                "also": True,
            }
        elif dice.often(0.3):
            card["who"] = dice.one(
                "department in ('Sales', 'North')", "position <> 'Head'", "fte > 0.4"
            )
        if dice.often(0.3):
            card["min_coverage"] = dice.one(0, 100)
        if name != "units" and dice.often(0.3):
            card["ramp"] = dice.one({1: 50, 2: 75}, {1: 0}, {1: 33})
        if dice.often(0.12):
            first, *rest = dice.sample(made.kpis, min(2, len(made.kpis)))
            later: Node = {
                first: {
                    "weight": 60 if rest else 100,
                    "target": target(dice, made.plan["kpis"][first]),
                }
            }
            later |= {kpi: {"weight": 40} for kpi in rest}
            card["from"] = {
                Plain(dice.one("2024-06-01", "2024-05-01", "2024-06-01", "2024-05-15")): {
                    "kpis": later
                }
            }
        cards[name] = card
    return cards


def _targets(dice: Dice, made: Company) -> Node:
    goals: Node = {
        "company": {
            "revenue": dice.one(
                "3000000.01/month", {Plain("2024-05"): Plain("100000")}, "+10% over prev"
            )
        }
    }
    if dice.often(0.5):
        goals["department.Sales"] = {"revenue": "500000/month"}
    if dice.often(0.3):
        goals["members.North"] = {"wins": dice.one("5/month", "best of 3 periods")}
    if dice.often(0.3):
        goals["employee.Ben Ito"] = {
            "revenue": dice.one("90000/month", {"from 2024-05-15": "1/day"})
        }
    if dice.often(0.3):
        goals["prorate"] = "all"
    if dice.often(0.3):
        rows = tables.targets(dice)
        goals["file"] = made.add("revenue", rows)
    if dice.often(0.6):
        goals["cascade"] = {"revenue": _cascade(dice)}
        for card in made.plan["scorecards"].values():  # a scorecard's own target would overrule it
            for entry in (card["kpis"].get("revenue") or {},):
                entry.pop("target", None)
    return goals


def _cascade(dice: Dice) -> Any:
    by = dice.one("equal", "headcount", "fte", "last_year_share", "prev_share")
    rounded: Node = dice.one(
        {}, {"round": Plain("1000")}, {"round": Plain("0.01")}, {"round": Plain("7")}
    )
    to_people: Node = {"to": "team", "by": "equal" if by == "headcount" else by, **rounded}
    if dice.often(0.2):
        weighted: Node = {"Anna Berg": 2, "Ben Ito": Plain("1.5"), "Cy Orr": 0}
        return {"to": "team", "weights": weighted} | rounded
    to_departments: Node = {"to": "departments", "by": by} | rounded
    return dice.one(to_people, to_departments, [to_departments, to_people])


def _remarks(dice: Dice, made: Company) -> None:
    if dice.often(0.3):
        made.plan["report"] = {"department_light": "weakest"}
    if dice.often(0.3):
        made.plan["insight"] = {
            "peers": dice.one("scorecard", "department"),
            "min_peers": dice.one(1, 3),
        }
    if dice.often(0.4):
        made.plan["awards"] = {
            "leader": {
                "label": "Leader",
                "when": "rank = 1",
                **dice.one({}, {"tenure": "3 months"}),
            },
            "risen": {"label": "Risen", "most_improved": "2 periods"},
            "best": {"label": "Best", "record": "3 periods", "of": "revenue"},
            "all": {
                "label": "All",
                "every": "attainment >= 50",
                "for": dice.one("2 periods", "1 of 3 periods"),
            },
        }
    if "gross" in made.kpis and dice.often(0.7):
        made.plan["assert"] = {"same": {"kpi": "revenue", "equals": "gross", "tolerance": dice.one("1%", Plain("0.01")),
                                        "of": dice.one("company", "scorecard", "employee")}}  # fmt: skip
    if dice.often(0.1):
        made.plan["lint"] = {"ignore": {"many_kpis": "the regulation names them"}}


# --- the case --------------------------------------------------------------------------------


def case(seed: int) -> Case:
    """Return a company, its files and a command."""
    dice = Dice(f"company {seed}")
    made = company(dice)
    written = spoilt(dice, made.plan) if dice.often(0.1) else document(made.plan)
    words, output = _command(dice, made)
    return Case({**made.files, "kpi.yaml": written.encode("utf-8", "surrogatepass")}, words, output)


def _command(dice: Dice, made: Company) -> tuple[tuple[str, ...], str]:  # noqa: PLR0911  one by one
    when = ("-p", dice.choice(PERIODS), "--as-of", dice.choice(MOMENTS))
    told = dice.one((), (), ("--lang", "ru"))
    pay = ("--pay",) if dice.often(0.6) else ()
    form = dice.one("json", "csv", "xlsx", "table")
    output = "out.bin" if form == "xlsx" or dice.often(0.3) else ""
    written = ("-f", form, *(("-o", output) if output else ()))
    draw = dice.random()
    if draw < 0.06:
        return ("check", *dice.one((), ("-p", "2024-05", "--as-of", "2024-07-15")), *told), ""
    if draw < 0.12:
        return ("explain", "pay", "-e", dice.choice(tables.LIST), "--pay", *when, *told), ""
    if draw < 0.2:
        whose = dice.one(("-e", dice.choice(tables.LIST)), ("-d", "Sales"), ("--company",), ())
        return ("explain", dice.one("index", *made.kpis), *whose, *when, *told), ""
    if draw < 0.25:
        return ("targets", *when, *written), output
    if draw < 0.3:
        more = dice.one(("--index",), ("-k", "revenue"), ("-k", "revenue", "--by", "department"))
        return ("trend", *more, "--periods", "3", *when, *written), output
    if draw < 0.35:
        return (
            "card",
            dice.choice(tables.LIST),
            *pay,
            *when,
            "--format",
            dice.one("json", "table", "md"),
        ), ""
    if draw < 0.4:
        return ("ready", *when, "-f", dice.one("table", "json", "csv", "md")), ""
    if draw < 0.45:
        return ("watch", "--once", *when), ""
    options = dice.one((), ("--by", "department"), ("--compare", "prev"), ("--compare", "-1y"), ("--insight",),
                       ("--mask",), ("--fail-on", "index < 60 or revenue.pace < 80"), ("-d", "Sales"), ("--wide",))  # fmt: skip
    return ("compute", *when, *written, *options, *pay, *told), output
