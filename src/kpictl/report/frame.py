"""Results as a pandas DataFrame: one line per row and KPI, for analysts and for the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from kpictl.values import Results

COLUMNS = (
    *("scorecard", "rank", "id", "name", "department", "index", "coverage"),
    *("kpi", "label", "unit", "weight", "value", "n", "state", "target", "attainment", "score"),
)


def records(results: Results) -> list[tuple[Any, ...]]:
    """Return the lines of the frame as tuples in the order of `COLUMNS`."""
    lines: list[tuple[Any, ...]] = []
    for card in results.scorecards:
        columns = {column.kpi: column for column in card.columns}
        for row in card.rows:
            person = (row.rank, row.id, row.name, row.department, row.index, row.coverage)
            for score in row.scores:
                column, target = columns[score.kpi], score.target
                kpi = (score.kpi, column.label, column.unit, score.weight)
                fact = (score.fact.value, score.fact.n, str(score.state))
                held = (target.value if target else None, score.attainment, score.points)
                lines.append((card.id, *person, *kpi, *fact, *held))
    return lines


def to_frame(results: Results) -> pd.DataFrame:
    """Return the frame; every column has dtype object, decimals stay exact, absence is None."""
    import pandas as pd

    return pd.DataFrame(records(results), columns=list(COLUMNS), dtype=object)
