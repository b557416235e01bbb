"""The section `report` of a plan: how results look."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from kpictl.plan.fields import NotNegative, Part, unfit
from kpictl.values import GRADES, Grades


class Colors(Part):
    """From how many points on a score has which colour; below the first bound it is red."""

    yellow: NotNegative = Field(GRADES.yellow, description="From here on yellow; below, red.")
    green: NotNegative = Field(GRADES.green, description="From here on green.")
    bright: NotNegative = Field(GRADES.bright, description="From here on bright green.")

    @model_validator(mode="after")
    def _ascend(self) -> Colors:
        if not self.yellow < self.green < self.bright:
            given = f"{self.yellow}, {self.green}, {self.bright}"
            raise unfit("colors", "green", "yellow", "bright", given=given)
        return self

    @property
    def grades(self) -> Grades:
        return Grades(self.yellow, self.green, self.bright)


class Report(Part):
    """How results look."""

    colors: Colors = Field(default_factory=Colors, description="Bounds of the colours of scores.")
    department_light: Literal["own", "weakest"] = Field(
        "own",
        description="How a department's line stands: by its own score, or by the lowest index of"
        " its people, with a sign before its name.",
    )
