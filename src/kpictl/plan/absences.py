"""The section `absences` of a plan: where they are, what their codes mean, which lower targets."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from kpictl.plan.fields import Part, PeriodText, Text

Kind = Literal["worked", "paid_absence", "unpaid", "sick"]


class AbsencesPlan(Part):
    """Who was away when: a table of absences, or a timesheet."""

    file_keys: ClassVar = ("file",)

    file: Text | list[Text] | None = Field(None, description="CSV or XLSX; glob, or a list.")
    from_: Text | None = Field(
        None, alias="from", description="Instead of file: an entity of a source, with its options."
    )
    codes: dict[Text, Kind | Literal["off"]] = Field(
        {},
        description="What a code or a word of the file means: ОТ: paid_absence; off: a free day.",
    )
    lowers: list[Kind] = Field(
        ["paid_absence", "sick"],
        description="Which of them lower the targets of volumes.",
    )
    period: PeriodText | None = Field(
        None, description="The month of a timesheet whose columns are called 1 to 31."
    )

    @field_validator("lowers")
    @classmethod
    def _not_worked(cls, value: list[Kind]) -> list[Kind]:
        if "worked" in value:
            raise PydanticCustomError(
                "choice", "worked lowers nothing",
                {"given": "worked", "known": "paid_absence, unpaid, sick"},
            )  # fmt: skip
        return value
