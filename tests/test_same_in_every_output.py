"""What one output says another does: the data sheet is the CSV, and JSON fits its schema."""

from __future__ import annotations

import csv
import json
import warnings
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from typer.testing import CliRunner

from kpictl.cli import app

EXAMPLES = Path(__file__).parent.parent / "examples"
PLACES = Decimal("1e-9")  # a cell of a workbook is a binary float
# A sheet has a word of its language where the CSV has a code: always the same one.
SPOKEN = {"kind", "state", "unit", "target_level", "target_derivation"}


def same(written: str, cell: object) -> bool:
    if cell is None:
        return written == ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10] == written[:10]
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return abs(Decimal(written) - Decimal(cell)) <= PLACES * max(
            Decimal(1), abs(Decimal(written))
        )
    return str(cell) == written


@pytest.mark.parametrize("period", ["2024-05", "2024-Q2"])
@pytest.mark.parametrize("example", ["sales", "marketing", "support"])
def test_csv_the_data_sheet_and_json_agree(tmp_path: Path, example: str, period: str) -> None:
    """Every cell of the data sheet is that of the CSV or the word for it, of totals and units too;
    JSON fits."""
    csv_file, book, page = (tmp_path / f"a.{end}" for end in ("csv", "xlsx", "json"))
    words = ["compute", "-c", str(EXAMPLES / example / "kpi.yaml"), "-p", period, "-q"]
    words += ["--as-of", "2024-07-10"]
    for file in (csv_file, book, page):
        words += ["-o", str(file)]
    assert CliRunner().invoke(app, words).exit_code == 0
    with csv_file.open(encoding="utf-8-sig", newline="") as text:
        lines = list(csv.reader(text))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # data bars are an extension
        sheet = openpyxl.load_workbook(book).worksheets[-2]
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert len(cells) == len(lines)
    different = [
        (number, caption, written, cell)
        for number, (line, row) in enumerate(zip(lines[1:], cells[1:], strict=True), 2)
        for caption, written, cell in zip(lines[0], line, row, strict=True)
        if not same(written, cell)
    ]
    assert [d for d in different if d[1] not in SPOKEN] == []
    told = {(caption, written, cell) for _, caption, written, cell in different}
    assert len({one[:2] for one in told}) == len(told) == len({(one[0], one[2]) for one in told})
    assert {"kind", "period", "from", "to", "rank"} <= set(lines[0])
    schema = resources.files("kpictl.report") / "results.schema.json"
    jsonschema.validate(json.loads(page.read_text("utf-8")), json.loads(schema.read_text("utf-8")))
