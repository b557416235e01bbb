"""How a sheet lies on A4: its heading on every page, and as much of it on each as can be read.

A table too wide for one page is printed in parts that begin with a group of columns and repeat the
names. Each part is an area of its own, fitted to the width of a page whatever the font of the
machine, so that nothing is clipped or left over; what stands above and below the table belongs to
the first part alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from msgspec import Struct

from kpictl.report.format import clean
from kpictl.report.terminal import widest
from kpictl.report.workbook import cut

READABLE = 58  # percent of the size of 10 points: smaller print is not read
PAGE = 1065  # pixels across A4 landscape within the margins, at full size
TEXT = 120  # characters of a line of text that the eye does not lose
_LONGEST_HEADING = 255  # a limit of Excel


class Table(Struct, frozen=True):
    """Where a table lies on its sheet, in rows and columns from 0.

    `widths` are those of its columns in characters; the first `stub` of them stand on the first
    page, the `groups` behind them (how many columns each) are not divided; `names` are the first
    and the last column to stand on every page; `end` is the last row of what is printed below it.
    """

    top: int
    bottom: int
    end: int
    widths: Sequence[int]
    stub: int
    groups: Sequence[int]
    names: tuple[int, int]


def head(sheet: Any, title: str, circumstances: str) -> None:
    """Set a sheet up for A4, with its title and circumstances above and its place below."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.3, right=0.3, top=0.9, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    fixed = {"scale_with_doc": False, "align_with_margins": True}
    name = cut(clean(title), 60).replace("&", "&&")
    start = f'&L&14&"Arial,Bold"{name}\n&9&"Arial,Regular"'
    meta = clean(circumstances)
    room = _LONGEST_HEADING - len(start.encode("utf-16-le")) // 2 - meta.count("&")
    sheet.set_header(start + cut(meta, room).replace("&", "&&"), {"margin": 0.3} | fixed)
    sheet.set_footer(f"&L&8{name}&R&8&P / &N", {"margin": 0.3} | fixed)


def lay(sheet: Any, table: Table) -> int:
    """Print a table in as few parts as can be read, as wide as each other; return the last column
    of the first of them."""
    ends = [table.stub, *(table.stub + end for end in accumulate(table.groups))]
    groups = [_pixels(table.widths[a:b]) for a, b in pairwise(ends)]
    first, last = table.names
    starts = (_pixels(table.widths[: table.stub]), _pixels(table.widths[first : last + 1]))
    sizes = _parts(groups, starts)
    bounds = [ends[end] for end in accumulate(sizes)] or [table.stub]
    areas = [(table.top, 0, table.end, bounds[0] - 1)]
    areas += [(table.top, a, table.bottom, b - 1) for a, b in pairwise(bounds)]
    if len(areas) > 1:
        sheet.repeat_columns(first, last)
    sheet.print_area_range = ",".join(_references(sheet, areas))
    return bounds[0] - 1


def paragraph(
    sheet: Any, place: tuple[int, int], widths: Sequence[int], text: str, style: Any
) -> None:
    """Write text over columns of these widths, as many as a line needs, in as many lines as it
    takes; the style must wrap it."""
    row, column = place
    sums = list(accumulate(widths))
    used = next((n for n, width in enumerate(sums) if width >= TEXT), len(sums) - 1)
    if used > 0:
        sheet.merge_range(row, column, row, column + used, "", style)
    sheet.write_string(row, column, clean(text), style)
    lines = -(-widest([clean(text)]) * 10 // (9 * sums[used]))
    if lines > 1:
        sheet.set_row(row, 3 + 14 * lines)


def _references(sheet: Any, areas: Sequence[tuple[int, int, int, int]]) -> Iterator[str]:
    for area in areas:
        sheet.print_area(*area)  # which writes the name of the sheet as formulas have it
        yield sheet.print_area_range


def _pixels(widths: Sequence[int]) -> int:
    return sum(7 * width + 5 for width in widths)


def _parts(groups: Sequence[int], starts: tuple[int, int]) -> list[int]:
    """Return how many groups stand in each part."""
    sums = {sum(groups[a:b]) for a in range(len(groups)) for b in range(a + 1, len(groups) + 1)}
    limits = sorted({start + width for start in starts for width in sums})
    readable = 100 * PAGE // READABLE
    fewest = len(_filled(groups, starts, max(readable, *limits[:1])))
    if fewest <= 1:
        return [len(groups)]
    ways = [sizes for one in limits if len(sizes := _filled(groups, starts, one)) <= fewest]
    return min(ways, key=lambda one: _widest_part(groups, starts, one))


def _widest_part(groups: Sequence[int], starts: tuple[int, int], sizes: Sequence[int]) -> int:
    ends = [0, *accumulate(sizes)]
    parts = (sum(groups[a:b]) for a, b in pairwise(ends))
    return max(starts[number > 0] + part for number, part in enumerate(parts))


def _filled(groups: Sequence[int], starts: tuple[int, int], limit: int) -> list[int]:
    """Return how many groups stand in each part of so many pixels, at least one in each; the first
    part begins with all of the stub, the others with the names."""
    sizes: list[int] = []
    room = 0
    for width in groups:
        if not sizes or width > room:
            room = limit - starts[bool(sizes)]
            sizes.append(0)
        sizes[-1] += 1
        room -= width
    return sizes
