"""The index of a row in words: of each KPI the fact, the target, the points, and what they give."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from kpictl.report.csv import neutral
from kpictl.report.format import NBSP, clean
from kpictl.report.terminal import Line, cell_len, pad
from kpictl.values import to_decimal

if TYPE_CHECKING:
    from kpictl.app.explanation import Explanation
    from kpictl.report.explanation import Teller
    from kpictl.values import Row, Score

_LEAST_LABEL = 12
_INDENT = 6
HEADER = (
    *("kpi", "label", "unit", "value", "n", "state", "target", "target_level", "target_place"),
    *("attainment", "score", "weight", "counted", "missing", "contribution"),
)


def lines(teller: Teller, found: Explanation, whose: tuple[str, str]) -> Iterator[Line]:
    """Yield the page of an index; `whose` is the subject and the period."""
    row, labels = found.row, found.labels
    assert row is not None  # noqa: S101  seen by `page`
    value = teller.say("explain.not_rated") if row.index is None else teller.exact(row.index)
    yield from teller.head(teller.say("explain.index"), *whose, value=value)
    yield []
    whole = _weights(row)
    names = [clean(labels.get(score.kpi, score.kpi)) for score in row.scores]
    sums = [_part(teller, score, whole) for score in row.scores]
    sizes = [max(map(cell_len, column)) for column in zip(*(s for s in sums if s), strict=True)]
    room = max(teller.width - 4 - sum(sizes) - 12, _LEAST_LABEL)
    width = min(max(map(cell_len, names), default=0), room)
    for score, name, cells in zip(row.scores, names, sums, strict=True):
        begin = f"  {pad(name, width)}  "
        if cells:
            points, weight, total, given = (
                pad(cell, size, "right") for cell, size in zip(cells, sizes, strict=True)
            )
            line: Line = [(begin, ""), (points, teller.numbers.style(score.points))]
            yield [*line, (f" × {weight} / {total} = {given}", "")]
        else:
            yield [(begin, ""), (_not_counted(teller, score), "dim")]
        yield from teller.text(_made_of(teller, found, score), _INDENT, "dim")
    yield []
    coverage = f"{teller.exact(row.coverage)}{NBSP}%"
    if found.min_coverage is not None:
        need = f"{teller.exact(found.min_coverage)}{NBSP}%"
        coverage = teller.say("explain.coverage.of", have=coverage, need=need)
    yield from teller.line("coverage", coverage)
    if row.rank is not None:
        yield from teller.line("rank", _rank(teller, found, row))


def render_csv(found: Explanation) -> bytes:
    """Return the KPIs of an index as CSV (UTF-8): fact, target, points, what they give."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    assert found.row is not None  # noqa: S101  called for an index
    whole = _weights(found.row)
    for score in found.row.scores:
        target = score.target
        given = _given(score, whole)
        cells = (
            *(score.kpi, neutral(found.labels.get(score.kpi, score.kpi))),
            *(neutral(found.units.get(score.kpi, "")), score.fact.value, score.fact.n),
            str(score.state),
            *((target.value, target.level) if target else (None, None)),
            neutral(str(target.place)) if target and target.place else None,
            *(score.attainment, score.points, score.weight, str(score.counted).lower()),
            *(found.missing.get(score.kpi), given),
        )
        writer.writerow([f"{c:f}" if isinstance(c, Decimal) else c for c in cells])
    return out.getvalue().encode("utf-8")


def _weights(row: Row) -> Decimal:
    return sum((s.weight for s in row.scores if s.counted), Decimal(0))


def _given(score: Score, whole: Decimal) -> Decimal | None:
    """Return how many points of the index a KPI gives."""
    if score.points is None or not score.counted:
        return None
    return to_decimal(Fraction(score.weight) * Fraction(score.points) / Fraction(whole), 4)


def _part(teller: Teller, score: Score, whole: Decimal) -> tuple[str, ...]:
    """Return points, weight, all weights, and what they give; () for what does not count."""
    given = _given(score, whole)
    if score.points is None or given is None:
        return ()
    return tuple(map(teller.exact, (score.points, score.weight, whole, given)))


def _made_of(teller: Teller, found: Explanation, score: Score) -> str:
    """Return a KPI's fact, its target with where that is written, and how the points came about."""
    unit = found.units.get(score.kpi, "")
    parts = [] if score.fact.exact is None else [teller.fact(score.fact, unit)]
    if score.target is not None:
        parts.append(teller.target(score.target, unit))
    if score.attainment is not None:
        parts.append(f"{teller.exact(score.attainment)}{NBSP}%")
    if score.points is not None and not score.substituted and score.kpi in found.shapes:
        parts.append(teller.say(f"explain.shape.{type(found.shapes[score.kpi]).key}"))
    if score.weight and (score.points is None or score.substituted):
        parts.append(teller.say(f"explain.missing.{found.missing[score.kpi]}"))
    return "; ".join(parts)


def _not_counted(teller: Teller, score: Score) -> str:
    """Say why a KPI gives nothing to the index."""
    if not score.weight:
        return teller.say("explain.unweighted")
    data = {"n": score.fact.n, "need": score.fact.need or 0}
    return teller.say(f"explain.state.{score.state}", **data)


def _rank(teller: Teller, found: Explanation, row: Row) -> str:
    """Return the place, and what decides between equal indexes."""
    if not found.tie_break:
        return str(row.rank)
    facts = [
        f"{teller.kpi(kpi, found)} {teller.fact(row.score(kpi).fact, found.units.get(kpi, ''))}"
        for kpi in found.tie_break
    ]
    return f"{row.rank}; " + teller.say("explain.tie_break", facts=", ".join(facts))
