"""Fields that are made of others: when a deal was closed, whose rate its amount has, who its client
is, and what is said of stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans import Computed, compute

SOURCE = "sources: {crm: {type: csv, deals: d.csv}}\n"
RATES = "rates: {USD: {2024-04-01: 90, 2024-05-01: 100}}\n"
HEAD = "ID;Стадия сделки;Сумма;Валюта;Ответственный;Дата создания;Дата закрытия;Дата изменения стадии\n"
WON = "Сделка успешна"


def deals(folder: Path, kpi: str, rows: str, head: str = HEAD, **more: str) -> Computed:
    plan = SOURCE + f"kpis: {{k: {kpi}}}\n" + "".join(more.values())
    return compute(folder, plan, {"d.csv": head + rows})


@pytest.mark.parametrize(
    ("stage", "closed", "moved", "value"),
    [
        (WON, "20.04.2024", "05.05.2024 12:00:00", 1000),  # by the day of the move
        (WON, "05.05.2024", "", 1000),  # else by the close date
        (WON, "20.04.2024", "", 900),
        ("Новая", "", "05.05.2024 12:00:00", 900),  # open: by the day it was made
    ],
)
def test_an_amount_has_the_rate_of_the_day_of_closing(
    tmp_path: Path, stage: str, closed: str, moved: str, value: int
) -> None:
    """Ten dollars of a deal of April, also where a KPI asks for no day but that of its creation."""
    row = f"1;{stage};10;USD;Анна;10.04.2024 10:00:00;{closed};{moved}\n"
    kpi = "{from: deals, sum: amount, when: created_at, unit: money}"
    plan = SOURCE.replace("d.csv", "d.csv, stages: {Новая: open}") + f"kpis: {{k: {kpi}}}\n" + RATES
    found = compute(tmp_path, plan, {"d.csv": HEAD + row}, period="2024-04")
    assert found.of("k") == {"Анна": value}


def test_without_a_date_of_the_move_the_close_date_is_when_a_deal_was_closed(
    tmp_path: Path,
) -> None:
    """A file with the close date alone counts by it, and says so."""
    head = "ID;Стадия сделки;Ответственный;Дата закрытия\n"
    rows = f"1;{WON};Анна;10.05.2024\n2;{WON};Анна;10.04.2024\n3;Сделка провалена;Анна;10.05.2024\n"
    found = deals(tmp_path, "{from: deals, count: rows, where: won, when: closed_at}", rows, head)
    assert found.of("k") == {"Анна": 1}
    assert found.said("source.closed_by_plan_date").data["caption"] == "Дата закрытия"


def test_deals_without_a_date_of_the_move_are_counted_by_their_close_date(tmp_path: Path) -> None:
    """Where some have none it is said of how many closed ones."""
    rows = (
        f"1;{WON};1;;Анна;;10.05.2024;11.05.2024 10:00:00\n"
        f"2;{WON};1;;Анна;;10.05.2024;\n3;{WON};1;;Анна;;10.05.2024;\n"
        "4;Сделка провалена;1;;Анна;;10.05.2024;\n5;Новая;1;;Анна;;10.05.2024;\n"
    )
    found = deals(tmp_path, "{from: deals, count: rows, where: won, when: closed_at}", rows)
    assert found.of("k") == {"Анна": 3}
    assert found.said("source.some_by_plan_date").data["count"] == 3
    whole = rows.replace("10.05.2024;\n", "10.05.2024;11.05.2024 10:00:00\n")
    again = deals(tmp_path, "{from: deals, count: rows, where: won, when: closed_at}", whole)
    assert "source.some_by_plan_date" not in again.codes


def test_stages_are_explained_only_where_somebody_asks_how_deals_ended(tmp_path: Path) -> None:
    """A condition on the stage itself takes it as it is written; one on the outcome needs it
    explained."""
    row = "1;Другая;1;;Анна;02.05.2024 10:00:00;;\n"
    kpi = "{from: deals, count: rows, where: CONDITION, when: created_at}"
    plain = deals(tmp_path, kpi.replace("CONDITION", "stage = 'Другая'"), row)
    assert plain.of("k") == {"Анна": 1}
    assert "source.unknown_stage" not in plain.codes
    asked = deals(tmp_path, kpi.replace("CONDITION", '"not won"'), row)
    assert asked.said("source.unknown_stage").data["stages"] == "«Другая» (1)"


@pytest.mark.parametrize(
    ("rows", "clients"),
    [
        ("1;Ромашка;Ира;{}\n2;;Ира;{}\n3;Ромашка;;{}\n4;;;{}\n", 2),
        ("1;Ира;;{}\n2;;Ира;{}\n", 1),  # by name a company and a person alike are one
    ],
)
def test_the_client_of_a_deal_is_the_company_else_the_contact(
    tmp_path: Path, rows: str, clients: int
) -> None:
    """Whoever is named, and nobody where neither is."""
    head = "ID;Компания;Контакт;Ответственный;Дата создания\n"
    kpi = "{from: deals, count: distinct client_id, when: created_at}"
    written = rows.replace("{}", "Анна;02.05.2024 10:00:00")
    assert deals(tmp_path, kpi, written, head).of("k") == {"Анна": clients}


@pytest.mark.parametrize("company", ["", "kpictl: 1\ncompany: {name: Roe}\n"])
def test_a_row_of_goods_comes_to_its_price_times_its_quantity(tmp_path: Path, company: str) -> None:
    """Also of a company whose plan names no currency."""
    plan = company + (
        "sources: {s: {type: csv, products: {path: p.csv, fields: {day: {column: day, type: date}}}}}\n"
        "kpis: {sold: {from: products, sum: amount, where: amount > 1, when: day}}\n"
    )
    rows = "ID;Цена;Количество;Ответственный;day\n1;10;3;Анна;2024-05-02\n2;2.5;2;Анна;2024-05-02\n"
    assert compute(tmp_path, plan, {"p.csv": rows}).of("sold") == {"Анна": 35}
