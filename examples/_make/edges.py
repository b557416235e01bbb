"""Deals put where a calculation likes to slip: on boundaries, in two versions, by a leaver."""

from __future__ import annotations

from datetime import datetime, timedelta

from _make.lives import OPEN, Deal, Step
from _make.staff import LEAVER, NEWCOMER, PEOPLE, Person

_BY_LOGIN = {person.login: person for person in PEOPLE}


def edge_deals() -> list[Deal]:
    """Return the deals of this page; ids come later, by the date of creation."""
    return [*_boundaries(), *_currencies(), *_versions(), *_people()]


def _boundaries() -> list[Deal]:
    """Return the first and last second of May, and their neighbours outside."""
    return [
        _won("belova", "2024-04-30 23:59:59", 111_111_00, "Последняя секунда апреля"),
        _won("petrov", "2024-05-01 00:00:00", 122_222_00, "Первая секунда мая"),
        _won("demin", "2024-05-31 23:59:59", 133_333_33, "Последняя секунда мая"),
        _won("demin", "2024-06-01 00:00:00", 144_444_44, "Первая секунда июня"),
    ]


def _currencies() -> list[Deal]:
    """Return euros on both sides of a change of rate, and dollars."""
    return [
        _won("lunina", "2024-05-14 23:59:59", 4_000_00, "Импорт 1", currency="Евро"),
        _won("lunina", "2024-05-15 00:00:00", 4_000_00, "Импорт 2", currency="Евро"),
        _won("galeev", "2024-05-20 12:30:00", 2_500_50, "Импорт 3", currency="Доллар США"),
    ]


def _versions() -> list[Deal]:
    """Return deals once seen won: won anew in May, open again, lost after all."""
    anew = _won("sokolova", "2023-12-20 11:00:00", 200_000_00, "Возврат и новый договор")
    anew.steps += _steps(anew, ("2024-04-22 10:00:00", None), ("2024-05-17 16:45:00", True))
    again = _won("melnik", "2023-12-21 12:00:00", 90_000_00, "Возвращена в работу")
    again.steps += _steps(again, ("2024-05-30 09:30:00", None))
    lost = _won("chernov", "2023-12-22 13:00:00", 80_000_00, "Отменена клиентом")
    lost.steps += _steps(lost, ("2024-05-23 14:10:00", False))
    return [anew, again, lost]


def _people() -> list[Deal]:
    """Return a leaver's deal won after he left, one of the newcomer, two of nobody."""
    nobody = [
        _won("kim", "2024-05-08 10:10:10", 75_000_50, "Без ответственного"),
        _won("kim", "2024-05-28 15:20:00", 108_000_00, "=1+1"),
    ]
    for deal in nobody:
        deal.unowned = True
    return [
        *nobody,
        _won(LEAVER.login, "2024-05-07 17:00:00", 150_000_00, "Хвост прошлого квартала"),
        _won(NEWCOMER.login, "2024-05-30 18:05:00", 140_000_00, "Первый договор", days=9),
    ]


def _won(  # noqa: PLR0913 - the parts of a deal
    login: str,
    at: str,
    amount: int,
    title: str,
    *,
    currency: str = "Российский рубль",
    days: int = 20,
) -> Deal:
    owner: Person = _BY_LOGIN[login]
    closed = datetime.fromisoformat(at)
    created = (closed - timedelta(days=days)).replace(hour=10, minute=30, second=0)
    deal = Deal(created, title, "Общая", owner, f"ООО «{title}»", currency=currency)
    deal.steps = [
        Step(created, "Новая", amount),
        Step(closed, deal.final(won=True), amount),
    ]
    return deal


def _steps(deal: Deal, *later: tuple[str, bool | None]) -> list[Step]:
    """Return further steps of a deal: a moment, and whether it was won (None: reopened)."""
    amount = deal.steps[-1].amount
    return [
        Step(
            datetime.fromisoformat(at),
            OPEN[deal.pipeline][-1] if won is None else deal.final(won=won),
            amount and amount * 5 // 4,
        )
        for at, won in later
    ]
