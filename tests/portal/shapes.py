"""A record as an answer shows it: names and types of the old methods or of `crm.item.*`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from portal.fields import WHOLE, Field, Row

Convert = Callable[[Any], Any]
Shape = Callable[[Row], dict[str, Any]]


def text(value: Any) -> Any:
    return value if value is None else str(value)


def texts(value: Any) -> Any:
    # several values of a custom field: the old methods say false when there are none (lead list)
    return [str(one) for one in value] if value else False


def number(value: Any) -> Any:
    """A decimal as PHP writes a float: 19000, 999.9."""
    if value is None:
        return None
    amount = float(value)
    return int(amount) if amount.is_integer() else amount


def empty_text(value: Any) -> Any:
    return "" if value is None else value


def old_flag(value: Any) -> Any:
    # not documented: the stored 1 or 0 as text, like everything of the old family
    return {"Y": "1", "N": "0"}.get(value)


def new_value(field: Field) -> Convert | None:
    """Return how `crm.item.*` shows a stored value; None: as it is."""
    return number if field.type == "double" and not field.multiple else None


def old_value(field: Field) -> Convert | None:
    """Return how the old `crm.*.list` shows a stored value: everything is text."""
    if field.multiple:
        return None if field.type == "map" else texts
    if field.type == "boolean" and field.custom:
        return old_flag
    if field.code in {"DATE_CLOSED", "BIRTHDATE"}:  # "" in the examples of leads and contacts
        return empty_text
    if field.type in WHOLE:
        return text
    return None


def typed_value(field: Field) -> Convert | None:
    """Return how stage history shows a value: whole numbers are numbers."""
    return None


def shape(pairs: Iterable[tuple[str, Field]], convert: Callable[[Field], Convert | None]) -> Shape:
    """Return what turns a record into an answer's object: one key for each pair name, field."""
    chosen = list(pairs)
    names = tuple(name for name, _ in chosen)
    changes = [(name, change) for name, field in chosen if (change := convert(field))]
    codes = [field.code for _, field in chosen]
    if len(codes) < 2:  # itemgetter gives a bare value for one name, and wants at least one
        take: Callable[[Row], Any] = lambda row: [row[code] for code in codes]  # noqa: E731
    else:
        take = itemgetter(*codes)

    def build(row: Row) -> dict[str, Any]:
        shown = dict(zip(names, take(row), strict=True))
        for name, change in changes:
            shown[name] = change(shown[name])
        return shown

    return build
