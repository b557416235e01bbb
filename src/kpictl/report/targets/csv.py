"""The list of targets as CSV, for programs or for Excel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.report.csv import Sheet, written
from kpictl.report.targets import rows

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetList
    from kpictl.report import Options


def render_targets(listed: TargetList, options: Options) -> bytes:
    sheet = Sheet(rows.COLUMNS, rows.rows(listed), rows.CAPTION, rows.worded)
    return written(sheet, rows.numbers_of(listed, options.lang), excel=options.excel)
