"""Rows by a field that no column holds: it is worked out for each record."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from plans import compute, lines

DEALS = lines(
    "ID;Стадия сделки;Сумма;Ответственный;Компания;Контакт;Дата создания",
    [
        (1, "Новая", 5, "Анна", "Альфа", "", "02.05.2024 10:00:00"),
        (2, "Сделка успешна", 5, "Анна", "", "Иван", "03.05.2024 10:00:00"),
        (3, "В работе", 5, "Анна", "Альфа", "", "04.05.2024 10:00:00"),
        (4, "В работе", 5, "Анна", "Бета", "", "04.04.2024 10:00:00"),
    ],
)


@pytest.mark.parametrize(
    ("field", "rows"),
    [("client_id", {"Альфа": 2, "Иван": 1}), ("outcome", {"open": 2, "won": 1})],
)
def test_rows_may_be_of_a_derived_field(tmp_path: Path, field: str, rows: dict[str, int]) -> None:
    """Clients and outcomes that have records in the period are rows like channels or products."""
    plan = f"""
sources: {{crm: {{type: csv, deals: d.csv}}}}
kpis: {{n: {{from: deals, count: rows, when: created_at, by: {field}}}}}
scorecards: {{c: {{kpis: {{n: {{weight: 100, target: 1}}}}}}}}
"""
    computed = compute(tmp_path, plan, {"d.csv": DEALS})
    assert computed.of("n") == {name: Decimal(count) for name, count in rows.items()}
