"""The support example: four months of tickets, and nobody's list of employees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from _make.dice import Dice, days_in, month_starts
from _make.table import spreadsheet

SEED = 20240555
MONTHS = month_starts(date(2024, 2, 1), 4)
EXPORTED = datetime(2024, 6, 3, 8)  # noqa: DTZ001 - an export knows no zone
HEADER = (
    "Ticket ID", "Subject", "Channel", "Agent", "Opened", "First reply", "Closed", "Status",
    "Rating", "Reopened",
)  # fmt: skip
SUBJECTS = (
    "Cannot sign in", "Invoice is missing", "Export fails", 'The "Save" button does nothing',
    "Change of address, and VAT number", "Slow since the update", "How do I add a colleague?",
    "Refund",
)  # fmt: skip
CHANNELS = ("email", "chat", "phone")


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent: tickets a month, the slowest usual reply in minutes, happy and rating clients."""

    name: str
    tickets: int
    slowest: int
    happy: int
    rates: int = 40
    reopened: int = 6


AGENTS = (
    Agent("Alice Morgan", 52, 70, 93),
    Agent("Ben O'Connor", 47, 95, 85),
    Agent("Chloé Martin", 45, 110, 88),
    Agent("Daniel Reyes", 47, 95, 84),
    Agent("Emma Walsh", 44, 190, 92),
    Agent("Farid Nasser", 50, 120, 74, reopened=12),
    Agent("Grace Lin", 40, 85, 90, rates=7),
    Agent("Hugo Brandt", 36, 260, 68, reopened=15),
)


def files() -> dict[str, bytes]:
    """Return the content of each file of the example's data folder."""
    dice = Dice(SEED)
    tickets = [
        _ticket(dice, agent, month.replace(day=dice.between(1, days_in(month))))
        for month in MONTHS
        for agent in AGENTS
        for _ in range(dice.around(agent.tickets, 15))
    ]
    tickets.sort(key=lambda cells: cells[3])
    rows = ([f"T-{number}", *cells] for number, cells in enumerate(tickets, 20001))
    return {"tickets.csv": spreadsheet(HEADER, rows, ",")}


def _ticket(dice: Dice, agent: Agent, day: date) -> list[str]:
    opened = dice.office_time(day).replace(second=0)
    replied = opened + timedelta(minutes=dice.skewed(2, agent.slowest))
    closed = replied + timedelta(minutes=dice.skewed(10, 9000))
    reopened = dice.chance(agent.reopened)
    status = "Closed"
    if closed >= EXPORTED or dice.chance(4):
        status = dice.pick(("Open", "Pending"))
    rated = status == "Closed" and dice.chance(agent.rates)
    happy = dice.chance(agent.happy)
    rating = str(dice.between(4, 5) if happy else dice.between(1, 3)) if rated else ""
    answered = status == "Closed" or dice.chance(60)
    return [
        dice.pick(SUBJECTS),
        dice.pick(CHANNELS),
        "" if dice.chance(1) else agent.name,
        f"{opened:%Y-%m-%d %H:%M}",
        f"{replied:%Y-%m-%d %H:%M}" if answered else "",
        f"{closed:%Y-%m-%d %H:%M}" if status == "Closed" else "",
        status,
        rating,
        "yes" if reopened else "no",
    ]
