"""The steps in which a target was made, in words."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpictl.report.derivation import spoken
from kpictl.report.format import clean, day
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.explanation import Explanation
    from kpictl.errors import Place
    from kpictl.report.explanation import Teller
    from kpictl.values import TargetStep

_VALUES = frozenset({"value", "own", "all", "rest", "step"})  # in the unit of the KPI
_OF_COUNTS = (".fte", ".headcount", ".weights")


def step_told(step: TargetStep, teller: Teller, of: tuple[Explanation, str]) -> str:
    """Return a step as a sentence; `of` is whose number it is of, and the unit of its KPI."""
    found, unit = of
    data = {name: _word(name, value, step, teller, unit) for name, value in step.data.items()}
    if "kpi" in data:
        data["kpi"] = teller.kpi(str(step.data["kpi"]), found)
    data["place"] = _place(step.data.get("place"))
    if "first" in step.data:
        data["last"] = day(step.data["after"] - timedelta(days=1), teller.lang)
    if step.code.startswith("step.growth.") or step.code.endswith("_share"):
        data["command"] = _command(step, found)
    data["name"] = _whose(step, teller)
    if step.code.startswith("step.away."):
        data["unit"] = _days_less(step.data["unit"], step.data["days"], teller.lang)
    rest = step.code == "step.cascade.rounded" and step.data["rest"]
    return say(teller.lang, f"{step.code}.rest" if rest else step.code, **data)


def _word(name: str, value: Any, step: TargetStep, teller: Teller, unit: str) -> str:
    lang = teller.lang
    if name == "derivation":
        return f" = {spoken(value, teller.numbers)}" if value else ""
    if name == "unit":
        return say(lang, f"target.{value}")
    if name == "kind":
        return say(lang, f"step.kind.{value}") if value else ""
    if isinstance(value, Decimal):
        in_unit = name in _VALUES and not step.code.endswith(_OF_COUNTS)
        return teller.value(value, unit) if in_unit else teller.exact(value)
    return day(value, lang) if isinstance(value, date) else clean(str(value))


def _days_less(unit: str, days: Decimal, lang: str) -> str:
    """Return the word for days that are taken off; half a day has a form of its own."""
    if days % 1:
        return say(lang, f"target.{unit}.part")
    return say(lang, f"target.{unit}.less", days=int(days))


def _place(place: Place | None) -> str:
    return f" · {clean(str(place))}" if place is not None else ""


def _whose(step: TargetStep, teller: Teller) -> str:
    if step.data.get("kind") == "company":
        return say(teller.lang, "report.company")
    return clean(str(step.data.get("name", "")))


def _command(step: TargetStep, found: Explanation) -> str:
    """Return the command that shows the records of a base value."""
    words = ["kpictl", "explain", str(step.data["kpi"])]
    if found.unit is None:
        words += ["-e", found.subject]
    elif found.unit.kind == "company":
        words += ["--company"]
    else:
        words += ["--department", found.unit.name]
    return clean(shlex.join([*words, "-p", str(step.data["period"])]))
