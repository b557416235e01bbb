"""Working time: production calendars of countries, hours, shifts, and what they make of a day."""

from kpictl.calendar.country import UnknownCountry, UnknownYear
from kpictl.calendar.schedule import WorkCalendar

__all__ = ["UnknownCountry", "UnknownYear", "WorkCalendar"]
