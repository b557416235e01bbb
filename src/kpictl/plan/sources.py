"""What a plan says of its sources: a class for each kind of them, and the shelf of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from kpictl.catalog import Kind as FieldKind
from kpictl.plan.fields import Count, DateForm, Part, Places, Text, Whole


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

    @field_validator("column")
    @classmethod
    def _some(cls, value: str | list[str]) -> str | list[str]:
        if not value:
            raise PydanticCustomError("no_caption", "no caption", {"given": str(value)})
        return value


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str | Decimal | list) else value


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


class Table(_Reading):
    """One entity read from files."""

    path: Text | list[Text] = Field(description="File, glob, or a list of them.")
    sheet: Text | None = Field(None, description="Sheet of a workbook. Default: the first.")
    header: Count | None = Field(None, description="Row of the captions. Default: the first.")
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
    fields: dict[str, Annotated[Column, BeforeValidator(_column)]] = Field(
        {}, description="Names for the plan → captions of columns."
    )

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

    def files(self) -> Iterator[str]:
        """Yield the names and patterns of the files that it reads."""
        return iter(())


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

    def files(self) -> Iterator[str]:
        for table in self.tables.values():
            yield from table.paths


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


FILES = "csv"
"""The type of a source that does not say its own."""
SPECS: Mapping[str, type[SourceSpec]] = {FILES: CsvSource, "bitrix24": Bitrix24Source}
"""Type of a source → what a plan may say of it. What the source does is in `kpictl.sources`."""
