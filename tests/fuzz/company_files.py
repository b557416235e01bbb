"""Tables of a company, by chance: who was what from when to when, what they sold, who was away."""

from __future__ import annotations

from datetime import date, timedelta

from fuzz.chance import Dice

NAMES = ("Anna Berg", "Ben Ito", "Cy Orr", "Zoe Lund", "Dee Fox", "Eli Roe")
LIST = ("Anna Berg", "Ben Ito", "Cy Orr", "Zoe Lund", "Dee Fox")
"""Those on the list of employees; Eli Roe has records and stands on none."""
DEPARTMENTS = ("Sales", "North", "South", "Support")
PRODUCTS = ("pump", "hose", "valve", "")
CAMPAIGNS = ("spring", "summer", "web", "nobody's")
MONTHS = tuple(f"2024-{month:02}" for month in range(1, 8))
AMOUNTS = ("0", "0.01", "0.1", "33.33", "999.99", "1000", "12400.50", "99999999.99", "-50.25", "")

Rows = list[list[str]]


def as_csv(rows: Rows) -> bytes:
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows).encode()


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text or ";" in text else text


def day(dice: Dice, first: date = date(2024, 3, 1), last: date = date(2024, 6, 30)) -> date:
    return first + timedelta(dice.randrange((last - first).days + 1))


def moment(dice: Dice, on: date) -> str:
    """Return an instant of a day, often one at a border of something."""
    clock = dice.one("00:00", "08:59", "09:00", "12:30", "13:00", "17:59", "18:00", "23:59")
    return f"{on} {clock}"


def owners(dice: Dice) -> str:
    """Return who has a record: somebody, nobody, or several with or without shares."""
    if dice.often(0.75):
        return dice.choice(NAMES)
    first, second, third = dice.sample(LIST, 3)
    share = dice.one(1, 33, 50, 60, 99)
    return dice.one("", f"{first}; {second}", f"{first} {share}; {second} {100 - share}",
                    f"{first}; {second}; {third}")  # fmt: skip


def deals(dice: Dice, *, several: bool) -> Rows:
    """Return sales of this spring and of the one before; `several` lets a cell name several."""
    rows = [["no", "owner", "amount", "closed", "opened", "answered", "won", "product", "utm"]]
    for number in range(1, dice.one(12, 30, 60)):
        closed = day(dice)
        if dice.often(0.2):
            closed = closed.replace(year=2023)
        opened = closed - timedelta(dice.randrange(12))
        answered = opened + timedelta(dice.randrange(9))
        amount = dice.choice(AMOUNTS) if dice.often(0.3) else f"{dice.randrange(1, 900000) / 100}"
        rows.append([
            str(number), owners(dice) if several else dice.one("", *NAMES * 3), amount,
            "" if dice.often(0.05) else moment(dice, closed), moment(dice, opened),
            "" if dice.often(0.2) else moment(dice, answered), dice.one("yes", "yes", "no"),
            dice.choice(PRODUCTS), dice.choice(CAMPAIGNS),
        ])  # fmt: skip
    return rows


def employees(dice: Dice) -> Rows:
    """Return the list of employees, some of whom came or went in the middle of a month."""
    rows = [["id", "name", "department", "position", "hired", "left", "salary", "fte", "grade"]]
    for number, name in enumerate(LIST, 1):
        hired = dice.one("", "2020-01-01", "2024-02-29", "2024-05-01", "2024-05-16", "2024-05-31")
        left = dice.one("", "", "", "", "2024-05-01", "2024-05-20", "2024-06-10")
        if hired and left and left < hired:
            left = ""
        salary = dice.one("60000", "80000.50", "0.01", "100000") if dice.often(0.9) else ""
        rows.append([
            str(number), name, dice.choice(DEPARTMENTS), dice.one("Manager", "Manager", "Head"), hired,
            left, salary, dice.one("1", "1", "0.5", "0.33"), dice.one("1", "1.5", "2", "0"),
        ])  # fmt: skip
    return rows


def assignments(dice: Dice) -> Rows:
    """Return posts of some people, one after the other without a gap."""
    rows = [["employee", "from", "to", "department", "salary", "fte"]]
    for name in dice.sample(LIST, dice.randrange(1, 4)):
        cuts = sorted(
            {day(dice, date(2024, 4, 1), date(2024, 6, 15)) for _ in range(dice.randrange(1, 3))}
        )
        starts = [date(2020, 1, 1), *cuts]
        ends = [str(cut - timedelta(1)) for cut in cuts] + [""]
        for start, end in zip(starts, ends, strict=True):
            rows.append([name, str(start), end, dice.choice(DEPARTMENTS),
                         dice.one("50000", "70000", "70000.01"), dice.one("1", "0.5")])  # fmt: skip
    return rows


def departments(dice: Dice) -> Rows:
    parents = {"Sales": "", "North": dice.one("Sales", ""), "South": dice.one("Sales", "North"),
               "Support": dice.one("", "Sales")}  # fmt: skip
    return [["name", "parent", "head"],
            *([name, parent, dice.one("", *LIST)] for name, parent in parents.items())]  # fmt: skip


def absences(dice: Dice) -> Rows:
    """Return a list of absences, or a timesheet of May."""
    if dice.often(0.4):
        head = ["employee", *(f"{n:02}.05.2024" for n in range(1, 32))]
        return [
            head,
            *([name, *(dice.one("", "V", "S", "U", "8", "") for _ in range(31))] for name in LIST),
        ]
    rows = [["employee", "from", "to", "kind", "share"]]
    for _ in range(dice.randrange(1, 8)):
        start = day(dice, date(2024, 4, 20), date(2024, 6, 5))
        length = dice.one(0, 0, 1, 5, 14, 40)
        share = dice.one("0.5", "50 %", "0.25") if not length and dice.often(0.5) else ""
        rows.append([dice.choice(LIST), str(start), str(start + timedelta(length)),
                     dice.one("V", "S", "U", "W"), share])  # fmt: skip
    return rows


def shifts(dice: Dice) -> Rows:
    """Return a roster of May of some people."""
    head = ["employee", *(f"{n:02}.05.2024" for n in range(1, 32))]
    people = dice.sample(LIST, dice.randrange(1, 4))
    return [
        head,
        *(
            [name, *(dice.one("D", "N", "", "off", "10:00-16:00") for _ in range(31))]
            for name in people
        ),
    ]


def marks(dice: Dice) -> Rows:
    """Return numbers that an expert typed, some of them corrected."""
    rows = [["employee", "period", "value", "author", "date", "reason"]]
    for name in LIST:
        for month in ("2024-04", "2024-05", "2024-06"):
            if dice.often(0.7):
                rows.append(
                    [
                        name,
                        month,
                        dice.one("0", "3", "4.5", "5", "-1", ""),
                        "Ira Head",
                        f"{month}-28",
                        "",
                    ]
                )
            if dice.often(0.1):
                rows.append([name, month, dice.one("1", "4"), "Ira Head", f"{month}-29", "a slip"])
    return rows


def attendance(dice: Dice) -> Rows:
    """Return a table that lies on its side, days in its columns."""
    head = ["who", *(f"{n:02}.05.2024" for n in range(1, 32))]
    return [head, *([name, *(dice.one("P", "P", "L", "") for _ in range(31))] for name in LIST)]


def campaigns(dice: Dice) -> Rows:
    return [["code", "marketer"], *([code, dice.one("", *LIST)] for code in CAMPAIGNS[:3])]


def participants(dice: Dice, count: int) -> Rows:
    """Return who shares which record: shares add up to a hundred."""
    rows = [["deal", "employee", "share"]]
    for number in range(1, count + 1):
        people = dice.sample(LIST, dice.randrange(4))
        left = 100
        for place, name in enumerate(people):
            others = len(people) - 1 - place
            share = dice.randrange(1, left - others + 1) if others else left
            rows.append([str(number), name, str(share)])
            left -= share
    return rows


def targets(dice: Dice) -> Rows:
    """Return targets in one of the forms that people keep."""
    if dice.often(0.5):
        return [
            ["employee", "kpi", *MONTHS],
            *(
                [name, "revenue", *(dice.one("", "1000", "0.5", "+5% over prev") for _ in MONTHS)]
                for name in LIST
            ),
        ]
    rows = [["employee", "kpi", "period", "target"]]
    pairs = {(dice.choice(LIST), dice.one("2024-05", "2024-Q2", "2024")) for _ in range(5)}
    return [
        *rows,
        *(
            [name, "revenue", period, dice.one("1000", "120000.33")]
            for name, period in sorted(pairs)
        ),
    ]


def payments(dice: Dice, count: int) -> Rows:
    """Return money that came in for records, in parts and too late, some of it for none."""
    rows = [["deal", "received", "amount"]]
    rows += (
        [
            str(dice.randrange(1, count + 3)),
            str(day(dice)),
            dice.one("0.01", "100", "5000.55", "-20"),
        ]
        for _ in range(dice.randrange(3, 25))
    )
    return rows


def adjustments(dice: Dice) -> Rows:
    rows = [["id", "employee", "amount", "period", "reason", "author", "refers_to"]]
    rows += (
        [str(number), dice.choice(LIST), dice.one("700", "-12000.01", "0.01", "-99999999"),
         dice.one("2024-04", "2024-05"), "a refund", "Ira Head", dice.one("", "2024-03")]
        for number in range(dice.randrange(1, 5))
    )  # fmt: skip
    return rows


def sanctions(dice: Dice) -> Rows:
    return [["employee", "order", "date", "period", "reduction"],
            *([dice.choice(LIST), f"{n}-k", "2024-05-20", "2024-05", dice.one("0.01", "50", "100")]
              for n in range(dice.randrange(1, 4)))]  # fmt: skip


def rates(dice: Dice) -> Rows:
    return [["product", "from", "rate"],
            *([product, start, dice.one("0", "1.5", "10")] for product in PRODUCTS[:3]
              for start in ("2020-01-01", "2024-05-15")[: dice.randrange(1, 3)])]  # fmt: skip
