"""What a plan says of its sources: a class for each kind of them, and the shelf of these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from kpictl.catalog import Kind as FieldKind
from kpictl.plan.fields import Count, DateForm, Part, PeriodText, Places, Text, Whole, unfit


def _currency(code: str) -> str:
    if not (len(code) == 3 and code.isalpha() and code.isascii()):
        raise PydanticCustomError("currency", "not a code", {"given": code})
    return code.upper()


Currency = Annotated[str, AfterValidator(_currency)]


class Column(Part):
    """Where a field comes from, and how its cells are read."""

    column: Text | list[Text] = Field(
        description="Caption of the column; several are joined with a space (a date and a time)."
    )
    type: FieldKind | None = Field(None, description="Default: what all its cells look like.")
    decimals: Places | None = Field(
        None,
        description="Round numbers to 0 to 10 places, half away from zero, while reading. "
        "Default: a number with more than 10 is refused.",
    )

    credit: Literal["split", "overlay"] | None = Field(
        None,
        description="Of people: a cell may name several. split: they share the record, alike or as "
        "written (Ann Roe 60; Ben Ito 40); overlay: each has all of it, and totals have none.",
    )

    @field_validator("column")
    @classmethod
    def _some(cls, value: str | list[str]) -> str | list[str]:
        if not value:
            raise PydanticCustomError("no_caption", "no caption", {"given": str(value)})
        return value


class LookUp(Part):
    """A field that is taken from another entity, over a key."""

    entity: Text = Field(alias="from", description="The entity in which it is looked up.")
    key: Text = Field(
        description="Own field = field of the other: utm_campaign = code. One name where both are "
        "called so. In the other, each value stands once."
    )
    take: Text = Field(description="The field of the other that is taken.")
    credit: Literal["split", "overlay"] | None = Field(
        None,
        description="Of people: several records of the other may have the key, and name who shares "
        "the record (split), or has all of it (overlay), as in a column.",
    )
    share: Text | None = Field(
        None, description="Of people who split: the field with their percent. Default: alike."
    )

    @model_validator(mode="after")
    def _shared(self) -> LookUp:
        if self.share is not None and self.credit != "split":
            raise unfit("share_alone", "share")
        return self

    @field_validator("key")
    @classmethod
    def _two_names(cls, key: str) -> str:
        parts = [part.strip() for part in key.split("=")]
        if len(parts) > 2 or not all(parts):
            raise PydanticCustomError("lookup_key", "no key", {"given": key})
        return key

    @property
    def keys(self) -> tuple[str, str]:
        """Return the field of the own entity and that of the other."""
        own, _, other = self.key.partition("=")
        return own.strip(), (other or own).strip()


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str | Decimal | list) else value


def _is_look_up(value: Any) -> str:
    keys = value if isinstance(value, dict) else {}
    looked_up = isinstance(value, LookUp) or ({"from", "take", "key"} & keys.keys())
    return "of_lookup" if looked_up and "column" not in keys else "of_column"


FieldSpec = Annotated[
    Annotated[Column, Tag("of_column")] | Annotated[LookUp, Tag("of_lookup")],
    Discriminator(_is_look_up),
    BeforeValidator(_column),
]
LookUps = dict[str, LookUp]


Delimiter = Literal[";", ",", "\t", "|"]


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


class _Reading(Part):
    """How files are read; said for a source or for one entity of it."""

    encoding: Text | None = Field(None, description="Default: recognised.")
    delimiter: Delimiter | None = Field(None, description="Default: recognised.")
    decimal: Literal[".", ","] | None = Field(None, description="Default: recognised.")
    dates: Annotated[list[DateForm], BeforeValidator(_listed)] | None = Field(
        None,
        description="Order in dates with slashes, dmy or mdy (default: as a day above 12 shows "
        'it), or the form of all dates: "%d/%b/%y", or a list of forms.',
    )
    empty: list[Text] = Field([], description="Cells that mean nothing: n/a, -.")
    on_bad_value: Literal["error", "skip"] | None = Field(
        None,
        description="error (default): a cell that cannot be read stops the run; skip: the "
        "value is left out and listed.",
    )
    stages: dict[Text, Literal["won", "lost", "open", "converted", "junk"]] = Field(
        {}, description="What a stage's caption means for the outcome."
    )
    currencies: dict[Text, Currency] = Field(
        {}, description="How the source writes a currency → its code: Юань: CNY."
    )


DATES = "dates"
"""The columns of which the captions are days or months."""
_ROLE = re.compile(r"(value|caption)( [1-9])?")


def _role(text: str) -> str:
    if not _ROLE.fullmatch(text) or text.startswith("value "):
        raise PydanticCustomError("unpivot_role", "no part of a cell", {"given": text})
    return text


def _chosen(value: Any) -> Any:
    if isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            data = {"given": value, "detail": str(error)}
            raise PydanticCustomError("pattern", "no pattern", data) from None
    return value


Role = Annotated[str, AfterValidator(_role), WithJsonSchema({"pattern": f"^{_ROLE.pattern}$"})]


class Unpivot(Part):
    """Columns that are turned into records: each filled cell becomes one."""

    columns: Annotated[Text | list[Text], AfterValidator(_chosen)] = Field(
        DATES,
        description="Which columns: dates (captions that are days or months), a list of captions, "
        "or a regular expression that a whole caption fits.",
    )
    into: dict[Text, Role] = Field(
        description="Field of the records → what goes into it: value (the cell), caption (what "
        "stands above it; a day or a month as such), caption 1, caption 2 (one of its lines)."
    )
    period: PeriodText | None = Field(
        None,
        description="The month of captions 1, 2, 3, or the year of captions without one. Default: "
        "what the captions, a title, the sheet's or the file's name say.",
    )

    @field_validator("into")
    @classmethod
    def _has_value(cls, into: dict[str, str]) -> dict[str, str]:
        if "value" not in into.values():
            raise PydanticCustomError("unpivot_value", "no value", {"given": ", ".join(into)})
        return into


MOST_LINES = 5
_LINES = re.compile(r"(\d{1,6}) ?[-–] ?(\d{1,6})")


def _header(value: Any) -> Any:
    """Take a row, the rows of captions on several lines as a list, or as `2-3`."""
    if isinstance(value, str) and (match := _LINES.fullmatch(value.strip())):
        value = list(range(int(match[1]), min(int(match[2]), int(match[1]) + MOST_LINES) + 1))
    if not isinstance(value, list):
        return value
    rows = [int(str(row)) for row in value if str(row).isdecimal()]
    last = rows[0] + len(value) if rows else 0
    if not rows or rows != list(range(rows[0], last)) or len(rows) > MOST_LINES or not rows[0]:
        given = ", ".join(map(str, value))
        raise PydanticCustomError("header_lines", "not neighbours", {"given": given})
    return rows


_HEADER: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "array", "items": {"type": "integer", "minimum": 1}},
        {"type": "string", "pattern": "^[0-9]+-[0-9]+$"},
    ]
}
Header = Annotated[list[int] | Count, BeforeValidator(_header), WithJsonSchema(_HEADER)]
ALL_SHEETS = "*"


class Table(_Reading):
    """One entity read from files."""

    file_keys: ClassVar = ("path",)

    path: Text | list[Text] = Field(description="File, glob, or a list of them.")
    sheet: Text | list[Text] | None = Field(
        None,
        description='Sheet of a workbook, a list of them, or "*": all, and the name of each is the '
        "field sheet. Default: the first.",
    )
    header: Header | None = Field(
        None,
        description="Row of the captions, or rows: [2, 3] or 2-3. Default: the first.",
    )
    unpivot: Unpivot | None = Field(None, description="Turn columns into records.")
    footer: Whole | None = Field(
        None, description="Lines at the end that are no records. Default: recognised; 0: none."
    )
    id: Text | None = Field(
        None,
        description="Caption of the column by which a record is known; none: each line is a "
        "record. Default: the column captioned so.",
    )
    lines: Literal["add"] | None = Field(
        None, description="add: a record is the sum of its lines. Default: its latest version."
    )
    fields: dict[str, FieldSpec] = Field(
        {}, description="Names for the plan → captions of columns, or look-ups."
    )

    @property
    def columns(self) -> dict[str, Column]:
        """Return the fields that are columns of the files."""
        return {n: one for n, one in self.fields.items() if isinstance(one, Column)}

    @property
    def header_lines(self) -> tuple[int | None, int | None]:
        """Return the first row of captions on several lines (else None), and the last or only
        one."""
        if isinstance(self.header, list):
            return (self.header[0] if len(self.header) > 1 else None), self.header[-1]
        return None, self.header

    @property
    def paths(self) -> list[str]:
        """Return its names and patterns of files."""
        return self.path if isinstance(self.path, list) else [self.path]


def _table(value: Any) -> Any:
    return {"path": value} if isinstance(value, str | list) else value


class SourceSpec(Part):
    """What a plan says of a source, whatever its kind."""

    if TYPE_CHECKING:
        type: str

    is_described: ClassVar[bool] = False
    """Whether the source itself says of what type its fields are."""
    brings_only_needed: ClassVar[bool] = False
    """Whether of its records only those fields are at hand that KPIs read."""
    may_hold_keys: ClassVar[bool] = False
    """Whether its texts may be keys, which nobody is to see."""

    def entities(self) -> tuple[str, ...]:
        """Return the entities that the plan names at it."""
        return ()

    def look_ups(self) -> dict[str, LookUps]:
        """Return the fields that are looked up, by entity."""
        return {}

    def look_up_path(self, entity: str) -> tuple[str, ...]:
        """Return under which keys of the source the look-ups of an entity are written."""
        return ("fields", entity)


class CsvSource(_Reading, SourceSpec):
    """CSV, TSV, XLSX and the exports of a CRM; every further key is an entity."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[Table, BeforeValidator(_table)]] = Field(init=False)

    type: Literal["csv"]

    @property
    def tables(self) -> dict[str, Table]:
        return dict(self.__pydantic_extra__)

    def entities(self) -> tuple[str, ...]:
        return tuple(self.tables)

    def look_ups(self) -> dict[str, LookUps]:
        return {
            entity: {n: one for n, one in table.fields.items() if isinstance(one, LookUp)}
            for entity, table in self.tables.items()
        }

    def look_up_path(self, entity: str) -> tuple[str, ...]:
        return (entity, "fields")


class Bitrix24Source(SourceSpec):
    """A Bitrix24 portal."""

    is_described: ClassVar[bool] = True
    brings_only_needed: ClassVar[bool] = True
    may_hold_keys: ClassVar[bool] = True

    type: Literal["bitrix24"]
    webhook: Text | None = Field(None, description="Address of an incoming webhook; a secret.")
    client_id: Text | None = Field(None, description="Of an OAuth application.")
    client_secret: Text | None = Field(None, description="Of an OAuth application; a secret.")
    refresh_token: Text | None = Field(
        None, description="The first refresh token of an OAuth application; a secret."
    )
    portal: Text | None = Field(None, description="Address of the portal, for OAuth.")
    authorization_server: Text | None = Field(
        None, description="Where OAuth tokens are renewed. Default: Bitrix24's own server."
    )
    pull: list[Text] = Field([], description="Entities to bring. Default: what KPIs read.")
    items: dict[Text, Count] = Field(
        {}, description="Your name of a smart process → its entityTypeId."
    )
    fields: dict[Text, LookUps] = Field(
        {}, description="Entity → fields that are looked up in another entity."
    )
    on_bad_value: Literal["error", "skip"] | None = Field(
        None, description="As in files: whether a value that cannot be read stops the run."
    )
    stages: dict[Text, Literal["won", "lost", "open", "converted", "junk"]] = Field(
        {}, description="What a stage's caption means for the outcome."
    )
    currencies: dict[Text, Currency] = Field(
        {}, description="How the source writes a currency → its code: Юань: CNY."
    )

    def entities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.pull, *self.items)))

    def look_ups(self) -> dict[str, LookUps]:
        return dict(self.fields)


FILES = "csv"
"""The type of a source that does not say its own."""
SPECS: Mapping[str, type[SourceSpec]] = {FILES: CsvSource, "bitrix24": Bitrix24Source}
"""Type of a source → what a plan may say of it. What the source does is in `kpictl.sources`."""
