"""The small types that every part of the plan is made of, with their messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from kpictl import periods
from kpictl.values import Edge


class Part(BaseModel):
    """A mapping of the plan: frozen, and a key that it does not know is a mistake."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        coerce_numbers_to_str=True,
        arbitrary_types_allowed=True,  # values that validators make of texts
        defer_build=True,  # a plan has few of the sections: what reads the others is not made
    )
    file_keys: ClassVar[tuple[str, ...]] = ()
    """Which of its keys name files."""

    def files(self) -> Iterator[str]:
        """Yield the names and patterns of the files that it and all inside it read, in order."""
        for name, value in self:
            if name in self.file_keys and isinstance(value, str | list):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _files_in(value)


def _files_in(value: object) -> Iterator[str]:
    if isinstance(value, Part):
        yield from value.files()
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _files_in(inner)


KEYS = "keys"


def unfit(code: str, *keys: str, **data: str) -> PydanticCustomError:
    """Return a mistake of a mapping as a whole; it is shown at the first of `keys` that the plan
    has."""
    return PydanticCustomError(code, "does not fit together", {KEYS: keys, **data})


_GROUPED = re.compile(r"[-+]?\d{1,3}([ \u00a0\u202f]\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")


def to_number(value: Any) -> Any:
    """Take numbers, also in groups of three (`12 000 000`); not `1_000`, not `1,5`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise PydanticCustomError("number", "not a number", {})
    text = str(value).strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ \u00a0\u202f]", "", text)
    if isinstance(value, str) and not _NUMBER.fullmatch(text):
        raise PydanticCustomError("number", "not a number", {"given": str(value)})
    number = Decimal(text)
    if not number.is_finite() or abs(number) >= Decimal(10) ** 20:
        raise PydanticCustomError("number_size", "too large", {"given": str(value)})
    return number


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("positive", "not positive", {"given": str(value)})
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("not_negative", "negative", {"given": str(value)})
    return value


def _count(value: Decimal) -> int:
    if value < 1 or value != value.to_integral_value():
        raise PydanticCustomError("count", "not a count", {"given": str(value)})
    return int(value)


class PerPeriod(Struct, frozen=True):
    """A volume expected of each month (or day, week, quarter, half, year): `5/month`."""

    value: Decimal
    per: str

    def __str__(self) -> str:
        return f"{self.value:f}/{self.per}"


# Unit → months in it, or days where it is no number of months.
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAYS = {"day": 1, "week": 7}
_UNITS = {unit: unit for unit in (*DAYS, *MONTHS)} | {
    "день": "day", "дн": "day", "неделя": "week", "неделю": "week", "нед": "week",
    "месяц": "month", "мес": "month", "квартал": "quarter", "кв": "quarter",
    "полугодие": "half", "год": "year",
}  # fmt: skip


def unit_of(text: str) -> str | None:
    """Return the length of time that a word names, in English or Russian; None for none."""
    return _UNITS.get(text.strip().lower().removesuffix("."))


Base = Literal["prev", "-1y", "best"]
GROWTHS = ("+10% over prev", "+10% over -1y", "best of 12 periods", "+5% over best of 12 periods")
_GROWTH = re.compile(
    r"(?:(?P<percent>[+\-−]?\s*\d+(?:[.,]\d+)?)\s*%\s*over\s+)?"
    r"(?:(?P<base>prev|-1y|−1y)|best\s+of\s+(?P<count>\d{1,3})\s+periods?)"
)


class Growth(Struct, frozen=True):
    """A target that a fact makes: `percent` more than that of the period before (`prev`), of a year
    before (`-1y`), or than the best of `count` periods before."""

    percent: Decimal
    base: Base
    count: int = 1

    @classmethod
    def of(cls, base: Base) -> Growth:
        """Return what is just as much as the fact of a base."""
        return cls(Decimal(0), base)

    def __str__(self) -> str:
        base = f"best of {self.count} periods" if self.base == "best" else self.base
        return f"{self.percent:+f}% over {base}" if self.percent or self.base != "best" else base


def growth_of(text: str) -> Growth | None:
    """Return the growth that a text means; None for any other text."""
    match = _GROWTH.fullmatch(" ".join(text.lower().split()))
    if match is None or (match["percent"] is None and match["count"] is None):
        return None
    number = (match["percent"] or "0").replace(" ", "").replace(",", ".").replace("−", "-")
    if match["count"] is not None:
        return Growth(Decimal(number), "best", int(match["count"]))
    return Growth(Decimal(number), "prev" if match["base"] == "prev" else "-1y")


def allowed_growth(text: str) -> Growth | None:
    """Return the growth that a text means, if it may be a target: of more than -100 %, over no more
    periods than are computed with."""
    growth, least = growth_of(text), Decimal(-100)
    if growth is None or growth.percent <= least or not 1 <= growth.count <= MOST_PERIODS:
        return None
    return growth


def _amount(value: Any) -> Any:
    """Take a number, a number per what (`5/month`, `1 200 000 / year`), or growth."""
    if isinstance(value, PerPeriod | Growth):
        return value
    if isinstance(value, str) and ("%" in value or "best" in value.lower()):
        growth = allowed_growth(value)
        if growth is None:
            known = ", ".join(GROWTHS)
            raise PydanticCustomError("growth", "not a growth", {"given": value, "forms": known})
        return growth
    if not isinstance(value, str) or "/" not in value:
        return to_number(value)
    number, _, unit = value.rpartition("/")
    per = unit_of(unit)
    if per is None:
        known = ", ".join((*DAYS, *MONTHS))
        raise PydanticCustomError("per_period", "per what", {"given": unit, "known": known})
    return PerPeriod(to_number(number.strip()), per)


def _whole(value: Decimal) -> int:
    if _not_negative(value) != value.to_integral_value():
        raise PydanticCustomError("whole", "not a whole number", {"given": str(value)})
    return int(value)


MOST_PERIODS = 60  # whose best is taken
MOST_PLACES = 10  # decimals that a number keeps


def _places(value: Decimal) -> int:
    if not 0 <= value <= MOST_PLACES or value != value.to_integral_value():
        raise PydanticCustomError("places", "not a count", {"given": str(value)})
    return int(value)


def _period(value: Any) -> str:
    text = str(value)
    if not periods.is_fixed(text):
        if periods.names_year_beyond(text):
            years = {"first": periods.FIRST_YEAR, "last": periods.LAST_YEAR}
            raise PydanticCustomError(
                "period_year", "beyond the calendar", {"given": text, **years}
            )
        raise PydanticCustomError("fixed_period", "not a period", {"given": text})
    return text


def since(text: str) -> date | None:
    """Return the day from which on a target holds: `from 2024-05-15`; None for any other text."""
    match = _SINCE.fullmatch(" ".join(text.lower().split()))
    if match is None:
        return None
    with suppress(ValueError):
        first, _ = periods.fixed_days(match[1])
        return first
    return None


_SINCE = re.compile(r"(?:from|с) (.+)")


def _target_period(value: Any) -> str:
    """Take a period, or the day from which on: `from 2024-05-15`."""
    text = str(value)
    return text if since(text) is not None else _period(value)


def _version(value: Any) -> int:
    if str(value) != "1":
        raise PydanticCustomError("version", "unknown version", {"given": str(value)})
    return 1


_WINDOW = re.compile(r"(\d+)\s*(d|h|w|days?|hours?|weeks?)")


def zone_name(name: str) -> str:
    """Take the IANA name of a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("zone", "unknown zone", {"given": name}) from None
    return name


def _window(value: Any) -> int:
    """`30d`, `12h`, `2w` → seconds."""
    match = _WINDOW.fullmatch(str(value).strip())
    if match is None or not int(match[1]):
        raise PydanticCustomError("window", "not a length of time", {"given": str(value)})
    return int(match[1]) * {"h": 3600, "d": 86400, "w": 604800}[match[2][0]]


_JSON_AMOUNT = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"type": "string", "examples": ["5/month", "60/year", "+10% over prev"]},
        ]
    }
)


DIRECTIVES = frozenset("dmbByYHIMSpfz")  # those of `strptime` that say a part of a moment


def _date_form(value: str) -> str:
    """Take an order of day and month, or a form of dates that names a month and a year at least."""
    if value in ("dmy", "mdy"):
        return value
    found = re.findall("%(.?)", value)
    used = set(found)
    if not used <= DIRECTIVES or not used & set("yY") or not used & set("mbB"):
        raise PydanticCustomError("date_form", "no form of dates", {"given": value})
    if len(found) > len(used) or any(len(used & set(same)) > 1 for same in ("yY", "mbB", "HI")):
        raise PydanticCustomError("date_form_twice", "a part twice", {"given": value})
    if used & set("HI") and "d" not in used:
        raise PydanticCustomError("date_form_day", "a time without a day", {"given": value})
    if ("p" in used) != ("I" in used):
        raise PydanticCustomError("date_form_half", "half a day", {"given": value})
    if _lacks(used, "M", "HI") or _lacks(used, "S", "M") or _lacks(used, "f", "S"):
        raise PydanticCustomError("date_form_time", "a part of a time", {"given": value})
    return value


def _lacks(used: set[str], part: str, above: str) -> bool:
    return part in used and not used & set(above)


def _edge(value: Any) -> Any:
    """Take the lower bound of a band: a number that belongs to it, or `">100"`, which does not."""
    if isinstance(value, Edge):
        return value
    text = str(value).strip()
    sign = next((sign for sign in (">=", ">") if text.startswith(sign)), "")
    bare = text.removeprefix(sign).strip().removesuffix("%").strip() if sign else value
    bare = text if bare == "" else bare
    return Edge(to_number(bare), above=sign == ">")


EdgeKey = Annotated[
    Edge,
    BeforeValidator(_edge),
    WithJsonSchema({"type": ["number", "string"], "examples": [">100"]}),
]


def _told_apart(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Refuse a table two keys of which are one when they are read: `100` and `100.0`."""
    table = read(value)
    if isinstance(value, dict) and len(table) < len(value):
        several = ", ".join(str(key) for key in value)
        raise PydanticCustomError("same_bound", "one bound twice", {"given": several})
    return table


ToldApart = WrapValidator(_told_apart)
_JSON_NUMBER = WithJsonSchema({"type": "number"})
Number = Annotated[Decimal, BeforeValidator(to_number), _JSON_NUMBER]
Amount = Annotated[Decimal | PerPeriod | Growth, BeforeValidator(_amount), _JSON_AMOUNT]
Positive = Annotated[
    Decimal,
    BeforeValidator(to_number),
    AfterValidator(_positive),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
NotNegative = Annotated[
    Decimal,
    BeforeValidator(to_number),
    AfterValidator(_not_negative),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Count = Annotated[
    int,
    BeforeValidator(lambda value: _count(to_number(value))),
    WithJsonSchema({"type": "integer", "minimum": 1}),
]
DateForm = Annotated[
    str,
    AfterValidator(_date_form),
    WithJsonSchema({"type": "string", "examples": ["dmy", "mdy", "%d/%b/%y"]}),
]
Whole = Annotated[
    int,
    BeforeValidator(lambda value: _whole(to_number(value))),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
Places = Annotated[
    int,
    BeforeValidator(lambda value: _places(to_number(value))),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_PLACES}),
]
TargetPeriod = Annotated[
    str,
    BeforeValidator(_target_period),
    WithJsonSchema({"type": "string", "examples": ["2024-05", "from 2024-05-15"]}),
]
PeriodText = Annotated[str, BeforeValidator(_period), WithJsonSchema({"type": "string"})]
Window = Annotated[
    int, BeforeValidator(_window), WithJsonSchema({"type": "string", "examples": ["30d"]})
]
Version = Annotated[int, BeforeValidator(_version), WithJsonSchema({"const": 1})]
Text = Annotated[str, WithJsonSchema({"type": ["string", "number"]})]
