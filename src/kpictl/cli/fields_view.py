"""The fields of an entity as a table, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal

from kpictl.app.profile import EMPTY, EntityProfile, FieldProfile
from kpictl.cli.progress import caption
from kpictl.cli.text_columns import columns
from kpictl.report.csv import neutral
from kpictl.report.format import clean, number
from kpictl.report.terminal import fit, paint
from kpictl.words import say

_WIDE = 110  # cells from which on there is room for the CRM's codes
_LIMITS = {"name": 28, "code": 24, "caption": 24}
_NARROW = {"name": 24, "code": 16, "caption": 18}
_SHORT = 22  # cells of one of several values
NONE = "-"


class Page:
    """The lines of a table: cut to a width, or for a pipe (`width` None) whole."""

    def __init__(
        self, found: EntityProfile, lang: str, *, width: int | None = None, color: bool = False
    ) -> None:
        self.found, self.lang, self.width, self.color = found, lang, width, color
        self.codes = width is None or width >= _WIDE

    def lines(self) -> Iterator[str]:
        if self.width is not None:
            yield paint([(self._title(), "bold")], color=self.color)
        heads = [say(self.lang, f"fields.head.{key}") for key in self._keys()]
        rows = [
            heads,
            *([self._cells(field)[key] for key in self._keys()] for field in self.found.fields),
        ]
        aligns = "".join("r" if key == "filled" else "l" for key in self._keys())
        head, *lines = columns(rows, aligns, width=self.width)
        yield paint([(head, "dim")], color=self.color)
        yield from lines
        if self.width is None:
            return
        lacking = sum(1 for field in self.found.fields if field.filled is None)
        notes = [say(self.lang, "fields.lacking", n=lacking)] if lacking else []
        notes += [] if self.codes else [say(self.lang, "fields.codes")]
        for note in notes:
            yield paint([(note, "dim")], color=self.color)

    def _keys(self) -> tuple[str, ...]:
        code = ("code",) if self.codes else ()
        return ("name", *code, "type", "caption", "filled", "values")

    def _title(self) -> str:
        found = self.found
        name = caption(found.entity, self.lang)
        named = name if name == found.entity else f"{name} ({clean(found.entity)})"
        count = number(Decimal(found.records), self.lang)
        noun = say(self.lang, "report.entity.records", n=found.records)
        parts = [named, clean(found.source), f"{count} {noun}"]
        return fit(" · ".join(part for part in parts if part), self.width or 0)

    def _cells(self, field: FieldProfile) -> dict[str, str]:
        cells = {
            "name": clean(field.name),
            "code": clean(field.code) or NONE,
            "type": say(self.lang, "fields.empty") if field.kind == EMPTY else field.kind,
            "caption": self._caption(field),
            "filled": self._filled(field),
            "values": self._values(field),
        }
        if self.width is None:
            return cells
        limits = _LIMITS if self.codes else _NARROW
        return {key: fit(text, limits.get(key, len(text))) for key, text in cells.items()}

    def _caption(self, field: FieldProfile) -> str:
        return say(self.lang, "fields.derived") if field.derived else clean(field.caption) or NONE

    def _filled(self, field: FieldProfile) -> str:
        if field.filled is None:
            return NONE
        if self.width is None:
            return f"{field.filled:f}"
        return percent(field.filled, self.lang)

    def _values(self, field: FieldProfile) -> str:
        if field.filled is None:
            short = "" if self.width is None else ".short"
            return say(self.lang, f"fields.not_pulled_yet{short}")
        if field.holds == "range":
            least, most = (clean(value.text) for value in field.values)
            return f"{least} … {most}"
        if field.holds == "different":
            count = number(Decimal(field.different), self.lang)
            return say(self.lang, "fields.different", n=count)
        if field.holds != "values":
            return say(self.lang, f"fields.{field.holds}")
        return ", ".join(self._value(value.text, value.share) for value in field.values)

    def _value(self, text: str, share: Decimal) -> str:
        tame = clean(text)
        if self.width is not None:
            tame = fit(tame, _SHORT)
        return f"{tame} {percent(share, self.lang)}"


def percent(share: Decimal, lang: str) -> str:
    """Return a share in whole percent; what is there is never 0 %, what is lacking never 100 %."""
    mark = " %" if lang == "ru" else "%"
    if 0 < share < 1:
        return f"<1{mark}"
    if 99 < share < 100:
        return f">99{mark}"
    return number(share, lang) + mark


def to_json(found: EntityProfile) -> str:
    """Return the fields as JSON; `filled` and shares are in percent, null where nothing is."""
    fields = [
        {
            "name": field.name,
            "code": field.code or None,
            "type": field.kind,
            "caption": field.caption or None,
            "derived": field.derived,
            "pulled": field.filled is not None,
            "filled": None if field.filled is None else float(field.filled),
            "holds": field.holds,
            "values": [{"value": v.text, "share": float(v.share)} for v in field.values]
            if field.holds == "values"
            else [],
            "different": field.different
            if field.holds in ("values", "range", "different")
            else None,
            "range": [v.text for v in field.values] if field.holds == "range" else None,
        }
        for field in found.fields
    ]
    whole = {
        "kpictl": 1,
        "entity": found.entity,
        "source": found.source or None,
        "records": found.records,
        "fields": fields,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def to_csv(found: EntityProfile) -> str:
    """Return the fields as CSV, safe to open in a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["name", "code", "type", "caption", "filled", "values"])
    for field in found.fields:
        filled = "" if field.filled is None else f"{field.filled:f}"
        sep = " … " if field.holds == "range" else "; "
        values = sep.join(
            value.text if field.holds == "range" else f"{value.text} ({value.share:f} %)"
            for value in field.values
        )
        texts = (field.name, field.code, field.kind, field.caption)
        writer.writerow([*map(neutral, texts), filled, neutral(values)])
    return buffer.getvalue()
