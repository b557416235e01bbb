"""What expressions come to, worked out by hand: for each record in Python and in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpictl.database import connect
from kpictl.expressions import Type, parse
from kpictl.expressions.context import Context
from kpictl.expressions.evaluate import evaluate
from kpictl.expressions.sql import compile_sql

MOSCOW = ZoneInfo("Europe/Moscow")
TYPES = {
    "amount": Type.NUMBER, "city": Type.TEXT, "paid": Type.BOOL, "day": Type.DATE,
    "made": Type.DATETIME, "gone": Type.NUMBER,
}  # fmt: skip
RECORD: dict[str, Any] = {
    "amount": Decimal("10.5"),
    "city": "Омск",
    "paid": True,
    "day": date(2024, 5, 3),
    "made": datetime(2024, 5, 2, 21, 30, tzinfo=UTC),  # half past midnight of the third in Moscow
    "gone": None,
}
VALUES: dict[str, Any] = {
    # bounds of `between` belong to it
    "amount between 10.5 and 11": True,
    "amount between 10 and 10.5": True,
    "amount between 10.6 and 11": False,
    "amount not between 10.5 and 11": False,
    "day between '2024-05-03' and '2024-05-03'": True,
    # conditions
    "paid is true": True,
    "paid is not true": False,
    "gone is null": True,
    "case when amount > 10.5 then 1 when city = 'Омск' then 2 else 3 end": Decimal(2),
    "if(amount > 11, 1, 2)": Decimal(2),
    "if(amount > 11, 1)": None,
    "city in ('Томск', 'Омск')": True,
    "city not in ('Омск')": False,
    # time: a date in text is a day, an instant is of the company's zone
    "days(day, '2024-05-10')": Decimal(7),
    "hours(made, '2024-05-03')": Decimal("-0.5"),
    "hours(day, '2024-05-04')": Decimal(24),
    "date(made) = day": True,
    "weekday(made)": Decimal(5),
    "made < '2024-05-03'": False,
    "day <= '2024-05-03'": True,
    # numbers
    "greatest(1, amount, 3)": Decimal("10.5"),
    "least(1, amount, 3, -2)": Decimal(-2),
    "coalesce(gone, amount)": Decimal("10.5"),
    "amount / 0": None,
    "-amount + 1": Decimal("-9.5"),
    "amount + gone": None,
    "nullif(amount, 10.5)": None,
}


class Names:
    """The fields of the record."""

    def find(self, name: str) -> tuple[str, Type] | None:
        return (name, TYPES[name]) if name in TYPES else None

    def known(self) -> Iterable[str]:
        return TYPES


def by_database(sql: str) -> Any:
    connection = connect(MOSCOW)
    columns = {
        "amount": "10.5::DECIMAL(38,10)",
        "city": "'Омск'",
        "paid": "TRUE",
        "day": "DATE '2024-05-03'",
        "made": "TIMESTAMP '2024-05-02 21:30:00'",
        "gone": "NULL::DECIMAL(38,10)",
    }
    record = ", ".join(f'{value} AS "f_{name}"' for name, value in columns.items())
    try:
        row = connection.execute(f"SELECT {sql} FROM (SELECT {record}) e").fetchone()
    finally:
        connection.close()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_an_expression_comes_to_what_is_worked_out_by_hand(text: str, value: Any) -> None:
    """Bounds, absence, days and zones: Python and the database give the same, and the right one."""
    expression, errors = parse(text, Names(), zone=MOSCOW)
    assert expression is not None, errors
    tree, context = expression.tree, Context(MOSCOW)
    found = evaluate(tree, RECORD, context)
    assert found == value
    assert by_database(compile_sql(tree, context)) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("city under 'Sales'", "expr.only_who"),
        ("amount in ()", "expr.not_allowed"),
        ("greatest(amount)", "expr.arguments"),
        ("city > 3", "expr.compare"),
        ("amount +", "expr.syntax"),
    ],
)
def test_what_means_nothing_is_refused(text: str, code: str) -> None:
    """Each mistake is said as what it is, and nothing is read in its place."""
    expression, errors = parse(text, Names(), zone=MOSCOW)
    assert expression is None
    assert {error.code for error in errors} == {code}


# --- letters ---------------------------------------------------------------------------------

LETTERS = tuple(
    char
    for char in map(chr, range(1, 0x1F000))
    if not "\ud800" <= char < "\ue000"
    if char < "\u0600" or {char.lower(), char.upper(), char.casefold()} != {char}
)


@pytest.mark.parametrize(
    "text", ["lower(city)", "upper(city)", "city ilike 'ς'", "city ilike 'ſ'", "city ilike 'K%'"]
)
def test_every_letter_has_the_same_other_case_in_the_database(text: str) -> None:
    """Small and capital letters of all alphabets, alone and as the last of a word."""
    expression, errors = parse(text, Names(), zone=MOSCOW)
    assert expression is not None, errors
    tree, context = expression.tree, Context(MOSCOW)
    cells = [*LETTERS, *(f"ΟΔΟ{char}" for char in LETTERS[:1500]), "Straße", "İstanbul"]
    asked = f"SELECT city, {compile_sql(tree, context)} FROM (SELECT unnest($1) AS city, city AS f_city)"
    connection = connect(MOSCOW)
    try:
        rows = connection.execute(asked, [cells]).fetchall()
    finally:
        connection.close()
    assert len(rows) == len(cells)
    assert [(c, v) for c, v in rows if evaluate(tree, {"city": c}, context) != v] == []
