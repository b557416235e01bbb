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
from kpictl.expressions.show import show
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
    "city not like 'О%'": False,
    "city like 'Т%' or city not ilike 'т%'": True,
    "city <> 3": True,  # a code may be written as a number
    "city = 3": False,
    "null = amount": None,
    "amount = null": None,
    # time: a date in text is a day, an instant is of the company's zone
    "days(day, '2024-05-10')": Decimal(7),
    "hours(made, '2024-05-03')": Decimal("-0.5"),
    "hours(day, '2024-05-04')": Decimal(24),
    "date(made) = day": True,
    "weekday(made)": Decimal(5),
    "hour(day)": Decimal(0),
    "made < '2024-05-03'": False,
    "day <= '2024-05-03'": True,
    "day = date '2024-05-03'": True,
    "made > day": True,  # half an hour after its midnight in Moscow
    "day >= made": False,
    # numbers
    "greatest(1, amount, 3)": Decimal("10.5"),
    "least(1, amount, 3, -2)": Decimal(-2),
    "coalesce(gone, amount)": Decimal("10.5"),
    "coalesce(gone, gone, amount)": Decimal("10.5"),
    "amount + 1_000": Decimal("1010.5"),
    "amount > 0e40": True,  # zero has no digits too many
    "round(amount)": Decimal(11),
    "round(amount, 1)": Decimal("10.5"),
    "amount / 0": None,
    "-amount + 1": Decimal("-9.5"),
    "amount + gone": None,
    "nullif(amount, 10.5)": None,
    "nullif(gone, amount)": None,
    "nullif(amount, gone)": Decimal("10.5"),
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
        ("amount + 1 = city", "expr.compare"),
        ("days(city, day)", "expr.operand"),
        ("timestamp '2024-05-03' = made", "expr.not_allowed"),
        ("date 'soon' = day", "expr.not_allowed"),
        ("paid is city", "expr.not_allowed"),
        ("amount is not 3", "expr.not_allowed"),
        ("round(amount, null)", "expr.round_places"),
        ("round(amount, 11)", "expr.round_places"),
        ("amount > 1e28", "expr.too_many_digits"),
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


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("city + 1", {"what": "city", "field": "city"}),  # whose texts may be numbers
        ("day + 1", {"what": "day"}),
        ("paid + 1", {"what": "paid"}),
    ],
)
def test_a_field_of_texts_is_named_where_a_number_is_needed(
    text: str, data: dict[str, str]
) -> None:
    """Only there it helps to read the column as numbers."""
    (error,) = parse(text, Names(), zone=MOSCOW)[1]
    assert {key: error.data.get(key) for key in ("what", "field")} == {"field": None, **data}


@pytest.mark.parametrize(
    ("text", "code", "data"),
    [
        ("amount > 1e", "expr.syntax", {"near": "1e"}),
        ("deal.amount > 1", "expr.not_allowed", {"what": "deal.amount"}),
    ],
)
def test_what_is_refused_is_quoted(text: str, code: str, data: dict[str, str]) -> None:
    """A number that is none, and a name of something that is not asked here."""
    (error,) = parse(text, Names(), zone=MOSCOW)[1]
    assert (error.code, error.data) == (code, data)


class OfOthers(Names):
    """Some names are those of another: `north.sold.pace`."""

    def find_of(self, owner: str, name: str) -> tuple[str, Type] | None:
        return (f"{owner}.{name}", Type.NUMBER) if owner == "north.sold" else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("north.sold.pace > 1", None),
        ("south.sold.pace > 1", "expr.unknown_name"),
        ("west.north.sold.pace > 1", "expr.not_allowed"),
    ],
)
def test_a_name_of_another_is_found_whole(text: str, code: str | None) -> None:
    """What stands before it is never left out."""
    expression, errors = parse(text, OfOthers(), zone=MOSCOW)
    assert [error.code for error in errors] == ([] if code is None else [code])
    assert (expression is None) == (code is not None)


def test_an_expression_may_have_four_thousand_characters() -> None:
    """One more is too long to be meant."""
    assert parse("amount > 1".ljust(4000), Names(), zone=MOSCOW)[0] is not None
    (error,) = parse("amount > 1".ljust(4001), Names(), zone=MOSCOW)[1]
    assert error.code == "expr.too_long"


def test_a_hint_names_three_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fields as of functions those that look most like what was written."""
    monkeypatch.setattr(Names, "known", lambda _self: ["sum_1", "sum_2", "sum_3", "sum_4"])
    (field,) = parse("sum_x > 0", Names(), zone=MOSCOW)[1]
    (function,) = parse("working_day(day, day)", Names(), zone=MOSCOW)[1]
    assert len(str(field.data["near"]).split(", ")) == 3
    assert function.data["near"] == "working_days, working_hours, is_working"


SHOWN = [
    "not paid", "paid = true", "paid = false", "gone is null", "amount + gone is null",
    "city = 'O''Brien'", "day = '2024-05-03'", "city in ('Омск', 'Томск')", "city like 'О%'",
    "amount > 1 or paid and city = 'Омск'", "(amount > 1 or paid) and city = 'Омск'",
    "not (paid or amount > 1)", "not (amount > 1 and paid)", "not amount > 1",
    "(amount > 1) = paid", "(paid or amount > 1) is null",
    "amount * (gone + 1) / 2 > 10", "amount - (gone - 1) > 0", "amount - gone - 1 > 0",
    "amount / (gone * 2) > 1", "-(amount + 1) < 0", "-amount * 2 < 0", "-(-amount) > 0", "(amount + 1) * 2 > 10",
    "round(amount, 1) = coalesce(gone, 2)", "days(day, made) > 3",
    "case when paid then 1 when gone is null then 2 end > 1", "case when paid then 1 else 2 end + 1 > 1",
]  # fmt: skip


@pytest.mark.parametrize("text", SHOWN)
def test_an_expression_is_shown_as_it_may_be_written(text: str) -> None:
    """With the brackets that it needs and no others: what is shown means the same."""
    expression, _ = parse(text, Names(), zone=MOSCOW)
    assert expression is not None
    assert show(expression.tree) == text


def test_what_is_shown_says_the_moment_and_each_text_once() -> None:
    """Of a day before an instant the midnight that it stands for; of spellings the first, and one
    alone as what the field is."""
    for written, shown in {
        "made > '2024-05-03'": "made > '2024-05-03 00:00'",
        "amount between 1 and 2 and paid": "amount >= 1 and amount <= 2 and paid",
        "paid and (paid and amount > 1)": "paid and paid and amount > 1",
        "city in ('Омск')": "city = 'Омск'",
        "city in ('КП ушло', 'КП\u00a0ушло', 'Омск')": "city in ('КП ушло', 'Омск')",
    }.items():
        expression, _ = parse(written, Names(), zone=MOSCOW)
        assert expression is not None
        assert show(expression.tree) == shown
