"""Results made by hand, as a Russian sales department would see them; invented people and sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from kpictl.errors import Place, Problem
from kpictl.values import (
    Column,
    Fact,
    LeftOut,
    Period,
    Results,
    Row,
    Score,
    Scorecard,
    State,
    Target,
    to_decimal,
)

MOSCOW = ZoneInfo("Europe/Moscow")
HOSTILE = ("=cmd|'/c calc'!A1", "[red]x[/red]", "\x1b[31mred", "<script>")

REVENUE = Column("revenue", "Объём продаж", "money", Decimal(40), "higher")
CLIENTS = Column("new_clients", "Новые клиенты", "count", Decimal(20), "higher")
AVERAGE = Column("average_deal", "Средний чек", "money", Decimal(15), "higher")
CONVERSION = Column("lead_conversion", "Конверсия лидов", "percent", Decimal(25), "higher")
REPLY = Column("first_reply", "Время ответа", "minutes", Decimal(100), "lower")
SALES = (REVENUE, CLIENTS, AVERAGE, CONVERSION)


def measured(
    column: Column,
    value: str | Fraction,
    target: str | None,
    points: str | None = None,
    n: int = 12,
) -> Score:
    """A measured KPI; without points the score is the attainment, without a target there is none."""
    exact = Fraction(value)
    fact = Fact(State.MEASURED, exact, n)
    if target is None:
        return Score(column.kpi, column.weight, fact, State.NO_TARGET)
    aim = Decimal(target)
    ratio = Fraction(aim) / exact if column.better == "lower" else exact / Fraction(aim)
    share = to_decimal(ratio * 100, 4)
    shaped = Decimal(points) if points else share
    held = Target(aim, "employee", Place("kpi.yaml", 52, 7))
    return Score(column.kpi, column.weight, fact, State.MEASURED, held, share, shaped, counted=True)


def absent(column: Column, state: State, n: int = 0, need: int | None = None) -> Score:
    return Score(column.kpi, column.weight, Fact(state, None, n, need=need), state)


def ratio(column: Column, over: str, under: str, target: str, points: str | None = None) -> Score:
    """A KPI that keeps its numerator and denominator."""
    parts = (Fraction(over), Fraction(under))
    factor = 100 if column.unit == "percent" else 1
    score = measured(column, parts[0] / parts[1] * factor, target, points, n=int(parts[1]))
    return replace(score, fact=replace(score.fact, parts=parts))


def person(
    rank: int | None, mail: str, name: str, index: str | None, coverage: str, *scores: Score
) -> Row:
    return Row(
        id=f"{mail}@example.ru",
        name=name,
        scores=scores,
        department="Отдел продаж",
        position="Менеджер",
        rank=rank,
        index=None if index is None else Decimal(index),
        coverage=Decimal(coverage),
    )


def people() -> tuple[Row, ...]:
    few = absent(AVERAGE, State.INSUFFICIENT, 2, 3)
    return (
        person(
            *(1, "belova", "Анна Белова", "118.4237", "100"),
            measured(REVENUE, "1655420.50", "1400000", "160.8147"),
            measured(CLIENTS, "8", "6"),
            ratio(AVERAGE, "1655420.50", "18", "85000"),
            ratio(CONVERSION, "9", "29", "25", "118.103"),
        ),
        person(
            *(2, "ivanov", "Иван Петров", "97.2", "100"),
            measured(REVENUE, "1310000", "1400000", "94.1"),
            measured(CLIENTS, "6", "6"),
            ratio(AVERAGE, "1310000", "15", "85000"),
            ratio(CONVERSION, "7", "29", "25"),
        ),
        person(
            *(2, "kim", "Олег Ким", "97.2", "85"),
            measured(REVENUE, "1400000", "1400000"),
            measured(CLIENTS, "5", "6"),
            few,
            ratio(CONVERSION, "13", "50", "25"),
        ),
        person(
            *(4, "constantinova", "Александра Константиновна Преображенская-Вознесенская"),
            *("88.05", "75"),
            measured(REVENUE, "1699300.03", "1900000"),
            measured(CLIENTS, "4", None),
            ratio(AVERAGE, "1699300.03", "17", "85000"),
            absent(CONVERSION, State.NO_DATA),
        ),
        person(
            *(5, "cmd", HOSTILE[0], "61", "100"),
            measured(REVENUE, "800000", "1400000"),
            measured(CLIENTS, "4", "6"),
            ratio(AVERAGE, "800000", "10", "85000"),
            ratio(CONVERSION, "1", "8", "25", "50"),
        ),
        person(
            *(6, "red", HOSTILE[1], "0", "85"),
            measured(REVENUE, "0", "1400000"),
            measured(CLIENTS, "0", "6"),
            few,
            ratio(CONVERSION, "0", "14", "25"),
        ),
        person(
            *(None, "esc", HOSTILE[2], None, "20"),
            absent(REVENUE, State.NOT_APPLICABLE),
            measured(CLIENTS, "3", "6"),
            few,
            absent(CONVERSION, State.NO_DATA),
        ),
        person(
            *(None, "sokolova", "Мария Соколова", None, "20"),
            absent(REVENUE, State.NO_DATA),
            measured(CLIENTS, "1", "6"),
            few,
            absent(CONVERSION, State.INSUFFICIENT, 4, 10),
        ),
    )


def total() -> Row:
    conversion = ratio(CONVERSION, "30", "130", "25")
    open_ = replace(conversion, fact=replace(conversion.fact, immature=14))
    scores = (
        measured(REVENUE, "6864720.53", "7500000", n=61),
        measured(CLIENTS, "31", "36", n=61),
        ratio(AVERAGE, "6864720.53", "61", "85000"),
        open_,
    )
    return Row("total", "Итого", scores, index=Decimal("96.7"), coverage=Decimal(100))


def sales(rows: Sequence[Row] | None = None) -> Scorecard:
    return Scorecard(
        id="sales",
        label="Менеджеры по продажам",
        columns=SALES,
        rows=people() if rows is None else tuple(rows),
        total=total(),
        min_coverage=Decimal(60),
    )


def support() -> Scorecard:
    """One KPI, better when lower, in minutes."""
    rows = (
        person(1, "li", "李小龍", "150", "100", measured(REPLY, "20", "30")),
        person(2, "orlov", "Пётр Орлов", "36.1446", "100", measured(REPLY, "83", "30")),
        person(None, "tag", HOSTILE[3], None, "0", absent(REPLY, State.NO_DATA)),
    )
    return Scorecard("support", "Поддержка", (REPLY,), rows, None, Decimal(60), hidden=2)


def problems() -> tuple[Problem, ...]:
    return (
        Problem("report.unknown_sort", Place("kpi.yaml", 12, 3), {"name": "x"}, "warning"),
        Problem("not.a_known_code", None, {"employee": "Анна Белова"}, "note"),
    )


def sample(*cards: Scorecard) -> Results:
    """Two scorecards with everything that can happen, or the given ones."""
    return Results(
        period=Period(
            "2024-05",
            datetime(2024, 5, 1, tzinfo=MOSCOW),
            datetime(2024, 6, 1, tzinfo=MOSCOW),
        ),
        as_of=datetime(2024, 6, 2, 6, 0, tzinfo=UTC),
        data_as_of=datetime(2024, 6, 2, 5, 15, tzinfo=UTC),
        plan_file="kpi.yaml",
        plan_sha256="3f9c12" + "0a" * 29,
        company_name="ООО «Ромашка»",
        currency="RUB",
        timezone="Europe/Moscow",
        language="ru",
        scorecards=cards or (sales(), support()),
        company=(measured(REVENUE, "7047720.53", "12000000", n=63),),
        columns={column.kpi: column for column in (*SALES, REPLY)},
        left_out=(
            LeftOut("revenue", "deals", "no_owner", 2, Decimal(183000), ("4718", "4690")),
            LeftOut("new_clients", "deals", "no_owner", 2, None, ("4718", "4690")),
            LeftOut("revenue", "deals", "no_date", 1, Decimal("5000.50"), ("4655",)),
            LeftOut(
                "lead_conversion", "leads", "unknown_owner", 21, None, ("77",), ("[bold]x\x07",)
            ),
            LeftOut("revenue", "visits", "no_rate", 5),
        ),
        warnings=problems(),
    )


def alone(card: Scorecard) -> Results:
    """One scorecard and nothing below it."""
    return replace(sample(card), company=(), left_out=(), warnings=())


def many(kpis: int, card: Scorecard | None = None) -> Scorecard:
    """The sales scorecard with its KPIs repeated under longer names."""
    base = card or sales()
    columns = tuple(
        replace(SALES[n % 4], kpi=f"kpi{n}", label=f"{SALES[n % 4].label} в сегменте {n}")
        for n in range(kpis)
    )

    def wider(row: Row) -> Row:
        scores = (replace(row.scores[n % 4], kpi=f"kpi{n}") for n in range(kpis))
        return replace(row, scores=tuple(scores))

    rows = tuple(wider(row) for row in base.rows)
    return replace(base, columns=columns, rows=rows, total=wider(base.total or base.rows[0]))
