"""The outside world → typed tables. One file per kind of source."""
