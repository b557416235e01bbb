"""Exchange rates from the plan or from a file: units of company currency for one unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kpictl import periods
from kpictl.errors import Place, Problem, SourceError
from kpictl.naming import fold
from kpictl.sources import decimals, moments, numbers
from kpictl.sources.bare import open_bare
from kpictl.sources.columns import columns_of
from kpictl.sources.currencies import PLACES, Rates, code_of, keeps
from kpictl.sources.file_reader import said_by_plan
from kpictl.tables import expand, rows

if TYPE_CHECKING:
    from kpictl.plan.bound import Bound

_CAPTIONS = {
    "day": ("date", "дата", "day"),
    "currency": ("currency", "валюта", "код", "code"),
    "rate": ("rate", "курс"),
    "nominal": ("nominal", "номинал", "единиц"),
}


def read_rates(bound: Bound, scratch: Path) -> tuple[Rates, list[Problem]]:
    """Return rates by currency: one number, or numbers by the day from which they hold."""
    said = bound.plan.rates
    problems: list[Problem] = []
    if isinstance(said, str):
        try:
            own = _own_names(bound)
            return _file(said, bound.loaded.folder, scratch, problems, own), problems
        except SourceError as error:
            place = bound.place(("rates",))
            return {}, [said_by_plan(p, place) for p in error.problems]
    found: dict[str, Decimal | dict[date, Decimal]] = {}
    for code, value in said.items():
        values = value if isinstance(value, dict) else {"": value}
        for text, rate in values.items():
            if rate <= 0:
                place = bound.place(("rates", code, text) if text else ("rates", code))
                problems.append(Problem("targets.not_positive", place, {"given": rate}))
            elif not keeps(rate):
                place = bound.place(("rates", code, text) if text else ("rates", code))
                problems.append(_size(place, f"{rate:f}"))
        found[code] = (
            {periods.fixed_days(t)[0]: r for t, r in value.items()}
            if isinstance(value, dict)
            else value
        )
    return found, problems


def _own_names(bound: Bound) -> dict[str, str]:
    """Return how the plan's sources write currencies: a file of rates may write them so too."""
    named: dict[str, str] = {}
    for source in bound.plan.sources.values():
        for one in (source, *getattr(source, "tables", {}).values()):
            named |= {fold(name): code for name, code in one.currencies.items()}
    return named


def _file(
    pattern: str, folder: Path, scratch: Path, problems: list[Problem], own: Mapping[str, str]
) -> Rates:
    found: dict[str, dict[date, Decimal]] = {}
    for path in expand(pattern, folder):
        table, remarks = open_bare(path, folder, scratch)
        shown = table.origin
        problems.extend(remarks)
        columns = columns_of(table.header, _CAPTIONS)
        for name in ("currency", "rate"):
            if name not in columns:
                data = {"caption": " / ".join(_CAPTIONS[name]), "file": shown, "field": name,
                        "near": "", "known": ", ".join(table.header)}  # fmt: skip
                problems.append(Problem("source.no_column", Place(shown, 1), data))
        if any(p.level == "error" for p in problems):
            return {}
        column = columns["rate"]
        reading = decimals.of_column(table, column)
        problems.extend(replace(n, code="layout.decimal_sign") for n in reading.notes)
        decimal = reading.sign
        at = columns.get("day")
        order = moments.shown_order(() if at is None else (cells[at] for _, cells in rows(table)))
        for line, cells in rows(table):
            texts = {name: cells[i].strip() for name, i in columns.items()}
            code, day = code_of(texts["currency"], own), _day(texts.get("day", ""), order)
            rate = numbers.read(texts["rate"], decimal)
            nominal = numbers.read(texts.get("nominal") or "1", decimal)
            if code is None or day is None or not rate or not nominal or min(rate, nominal) <= 0:
                data = {"value": " ".join(texts.values())}
                problems.append(Problem("source.bad_rate", Place(shown, line), data))
                continue
            if not keeps(rate / nominal):
                problems.append(_size(Place(shown, line), " ".join(texts.values())))
                continue
            found.setdefault(code, {})[day] = rate / nominal
    return found


def _size(place: Place | None, given: str) -> Problem:
    return Problem("source.rate_size", place, {"given": given, "places": PLACES})


def _day(text: str, order: moments.Order) -> date | None:
    """Return the first day of a rate; a rate without a day holds from the beginning."""
    return moments.read_day(text, order) if text else date.min
