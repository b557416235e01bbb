"""Results as a text that is kept and read again: exact, versioned, and sealed against damage.

Everything stands in it as a code or a figure: decimals and fractions digit by digit, instants with
their zone, absence as a state. It depends on no language, no path as it was typed, and on nothing
of the machine, so that the same plan over the same data at the same moment gives the same text.

    text = dumps(results)
    assert loads(text) == results
"""

from __future__ import annotations

import hashlib
import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.errors import Place, Problem, SourceError
from kpictl.values import Account, Edge, Results

VERSION = 1
_HEAD = "kpictl_results"
_SURROGATE = re.compile("[\ud800-\udfff]")  # no part of UTF-8, so that a file could not hold it
_INSTANT = re.compile(r"(?P<moment>[^\[]+)(?:\[(?P<zone>[^\]]+)\])?")


# --- where the plan lies -----------------------------------------------------------------------


def placed(results: Results, plan: str) -> Results:
    """Return the results with the plan called as somebody calls it, in all their places too."""
    if plan == results.plan_file:
        return results
    return replace(called(results, results.plan_file, plan), plan_file=plan)


def called(value: _Value, file: str, name: str) -> _Value:
    """Return a value in whose places, however deep they lie, a file is called by another name."""
    moved: Any = value
    if isinstance(value, Place):
        moved = replace(value, file=name) if value.file == file else value
    elif isinstance(value, Struct):
        held = {field: getattr(value, field) for field in _placing(type(value))}
        new = {field: called(of, file, name) for field, of in held.items()}
        changed = {field: of for field, of in new.items() if of is not held[field]}
        moved = replace(value, **changed) if changed else value
    elif isinstance(value, tuple | list):
        several = [called(one, file, name) for one in value]
        same = all(map(operator.is_, several, value))
        moved = value if same else type(value)(several)
    elif isinstance(value, Mapping):
        pairs = {key: called(one, file, name) for key, one in value.items()}
        moved = value if all(map(operator.is_, pairs.values(), value.values())) else pairs
    return cast("_Value", moved)


_Value = TypeVar("_Value")


@cache
def _placing(kind: type[Struct]) -> tuple[str, ...]:
    """Return the fields of a value in which places may lie, by the types that they declare."""
    return tuple(name for name in kind.__struct_fields__ if _may_place(_hints(kind)[name]))


def _may_place(hint: Any) -> bool:
    seen: set[Any] = set()
    ahead = [hint]
    while ahead:  # not by asking itself: a target holds targets
        one = ahead.pop()
        if one in (Any, object, Place):
            return True
        if one in seen:
            continue
        seen.add(one)
        ahead.extend(get_args(one))
        if isinstance(one, type) and issubclass(one, Struct):
            ahead.extend(_hints(one).values())
    return False


@cache
def _hints(kind: type[Struct]) -> Mapping[str, Any]:
    """Return the types of the fields of a value, with what is said beside them (`values.Later`);
    made once, since to read them takes longer than to go through the results."""
    return get_type_hints(kind, include_extras=True)


# --- to a text and back ------------------------------------------------------------------------


def dumps(results: Results) -> str:
    """Return the results as a text (JSON, to be kept as UTF-8) that `loads` reads."""
    return sealed(_codec(Results).write(results))


def sealed(content: Any) -> str:
    """Return the text of results that are JSON already, with its version and its seal."""
    body = _body(content)
    return f'{{"{_HEAD}": {VERSION}, "sha256": "{_seal(body)}", "results": {body}}}\n'


def loads(text: str, file: str = "results") -> Results:
    """Return the results that a text of `dumps` holds.

    SourceError where it is no such text, damaged, or of a newer version; `file` is what its place
    is called then.
    """
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = Place(file, getattr(error, "lineno", 0), getattr(error, "colno", 0))
        raise SourceError([Problem("results.unreadable", place)]) from None
    version = whole.get(_HEAD) if isinstance(whole, dict) else None
    if type(version) is not int or version < 1:
        raise SourceError([Problem("results.unreadable", Place(file))])
    if version > VERSION:
        data = {"version": version, "known": VERSION}
        raise SourceError([Problem("results.newer", Place(file), data)])
    if _seal(_body(whole.get("results"))) != whole.get("sha256"):
        raise SourceError([Problem("results.damaged", Place(file))])
    try:
        found: Results = _codec(Results).read(whole["results"])
    except (ArithmeticError, LookupError, TypeError, ValueError, OSError, RecursionError):
        raise SourceError([Problem("results.damaged", Place(file))]) from None
    return found


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()


def _body(encoded: Any) -> str:
    text = json.dumps(encoded, ensure_ascii=False, indent=1)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


# --- how each kind of value is written ---------------------------------------------------------


class _Codec(Struct, frozen=True):
    """How a value is written as JSON has it, and read again; reading what was never written is
    some error."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


@cache
def _codec(hint: Any) -> _Codec:
    """Return how values of a type are written, by the type that their field declares."""
    if get_origin(hint) is not None:
        return _codec_of(get_origin(hint), get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _fielded(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _Codec(str, hint)
    return _PLAIN.get(hint, _ANY)


def _codec_of(kind: Any, of: tuple[Any, ...]) -> _Codec:
    """Return how values of a type made of others are written."""
    if kind is Annotated:
        return _codec(of[0])
    if kind in (Union, UnionType):
        rest = [one for one in of if one is not NoneType]
        return _optional(_codec(rest[0])) if len(rest) == 1 else _ANY
    if kind is Literal:
        return _Codec(lambda value: value, lambda data: of[of.index(data)])
    if kind is tuple:
        return _many(_codec(of[0])) if of[1:] == (...,) else _each([_codec(one) for one in of])
    return _keyed(_codec(of[1]))


def _is(data: Any, kind: type) -> Any:
    """Return data that are of just this type."""
    if type(data) is not kind:
        raise TypeError(data)
    return data


def _optional(of: _Codec) -> _Codec:
    return _Codec(
        lambda value: None if value is None else of.write(value),
        lambda data: None if data is None else of.read(data),
    )


def _many(of: _Codec) -> _Codec:
    return _Codec(
        lambda value: [of.write(one) for one in value],
        lambda data: tuple(of.read(one) for one in _is(data, list)),
    )


def _each(of: Sequence[_Codec]) -> _Codec:
    return _Codec(
        lambda value: [one.write(part) for one, part in zip(of, value, strict=True)],
        lambda data: tuple(one.read(p) for one, p in zip(of, _is(data, list), strict=True)),
    )


def _keyed(of: _Codec) -> _Codec:
    return _Codec(
        lambda value: {key: of.write(one) for key, one in value.items()},
        lambda data: {key: of.read(one) for key, one in _is(data, dict).items()},
    )


def _fielded(kind: type[Struct]) -> _Codec:
    """Return how a value with fields is written: by all of them. Those that have a default may be
    missing of what is read: they came later than the text. Of these some (`values.Later`) stand
    there only where they say something."""
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    bare = frozenset(names[: len(names) - len(defaults)])
    given = dict(zip(names[len(bare) :], defaults, strict=True))

    @cache  # when it is first used: a target holds targets
    def parts() -> dict[str, _Codec]:
        return {name: _codec(_hints(kind)[name]) for name in names}

    @cache
    def later() -> dict[str, Any]:
        return {n: given[n] for n in names if get_origin(_hints(kind)[n]) is Annotated}

    def read(data: Any) -> Any:
        if not bare <= _is(data, dict).keys() <= parts().keys():
            raise TypeError(data)
        return kind(**{name: parts()[name].read(held) for name, held in data.items()})

    def write(value: Any) -> dict[str, Any]:
        held = {name: getattr(value, name) for name in parts()}
        said = (n for n, v in held.items() if n not in later() or v != later()[n])
        return {name: parts()[name].write(held[name]) for name in said}

    return _Codec(write, read)


def _instant(moment: datetime) -> str:
    """Return an instant as it is on the clock of its zone, and the zone where it has a name.

    >>> _instant(datetime(2024, 5, 1, tzinfo=ZoneInfo("Europe/Moscow")))
    '2024-05-01T00:00:00+03:00[Europe/Moscow]'
    """
    zone = moment.tzinfo
    return moment.isoformat() + (f"[{zone.key}]" if isinstance(zone, ZoneInfo) else "")


def _read_instant(text: str) -> datetime:
    """Return the instant that is written; where clocks were changed it is told by its distance from
    UTC which of two it is, and whether its clock ever showed it."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    moment = datetime.fromisoformat(match["moment"])
    if match["zone"] is None:
        return moment
    zone = ZoneInfo(match["zone"])
    shown = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    of_clock = (one for one in shown if one.utcoffset() == moment.utcoffset())
    return next(of_clock, moment.astimezone(zone))


_PLAIN: Mapping[Any, _Codec] = {
    str: _Codec(str, lambda data: _is(data, str)),
    int: _Codec(int, lambda data: _is(data, int)),
    bool: _Codec(bool, lambda data: _is(data, bool)),
    Decimal: _Codec(str, lambda data: Decimal(_is(data, str))),
    Fraction: _Codec(str, lambda data: Fraction(_is(data, str))),
    datetime: _Codec(_instant, lambda data: _read_instant(_is(data, str))),
    date: _Codec(date.isoformat, lambda data: date.fromisoformat(_is(data, str))),
}
# What a field may hold that does not say of which type it is: each under a word of its own.
_TAGGED: Mapping[str, type] = {
    "decimal": Decimal,
    "fraction": Fraction,
    "instant": datetime,
    "date": date,
    "place": Place,
    "account": Account,
    "edge": Edge,
}


def _write_any(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, tuple):
        return {"tuple": [_write_any(one) for one in value]}
    if isinstance(value, list):
        return {"list": [_write_any(one) for one in value]}
    tag = next(tag for tag, kind in _TAGGED.items() if isinstance(value, kind))
    return {tag: _codec(_TAGGED[tag]).write(value)}


def _read_any(data: Any) -> Any:
    if data is None or isinstance(data, bool | str | int):
        return data
    ((tag, held),) = _is(data, dict).items()
    if tag in ("tuple", "list"):
        several = [_read_any(one) for one in _is(held, list)]
        return tuple(several) if tag == "tuple" else several
    return _codec(_TAGGED[tag]).read(held)


_ANY = _Codec(_write_any, _read_any)
