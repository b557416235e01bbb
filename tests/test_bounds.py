"""What is at the edge of the possible is refused with its place, or counted; nothing in between."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from typer.testing import CliRunner

from kpictl.app.workspace import open_workspace
from kpictl.cli import app
from kpictl.database import connect, rule_difference
from kpictl.engines import duckdb as engine
from kpictl.measure.dataset import DataRequest, load
from kpictl.periods import parse as period
from plans import LATER, compute, refused, write

ORDERS = "closed,manager,amount\n2024-05-02 10:15,Ann,100\n2024-05-06 16:40,Ben,200\n"
SHOP = "sources: {shop: {type: csv, orders: orders.csv}}\n"


def test_an_entity_may_be_named_like_an_option_of_a_portal(tmp_path: Path) -> None:
    """`webhook` and `client_id` are keys of a portal; in a file source they name tables."""
    for name in ("webhook", "client_id", "refresh_token", "portal"):
        plan = f"""
            sources: {{shop: {{type: csv, {name}: [orders.csv]}}}}
            kpis: {{n: {{from: {name}, count: rows, when: closed, by: manager}}}}
        """
        assert compute(tmp_path, plan, {"orders.csv": ORDERS}).total == {"n": 2}


@pytest.mark.parametrize(
    ("kpi", "text"),
    [
        ("average: 2024-05-01", "2024-05-01"),
        ("sum: 100", "100"),
        ("max: 1 + 1", "1 + 1"),
        ("count: rows, where: 1 = 1", "1 = 1"),
        ("share: 2 > 1", "2 > 1"),
    ],
)
def test_a_measure_and_a_condition_name_a_field(tmp_path: Path, kpi: str, text: str) -> None:
    """What is the same for every record measures nothing, and is a mistake with its place."""
    plan = SHOP + f"kpis: {{n: {{from: orders, {kpi}, when: closed, by: manager}}}}\n"
    (problem,) = refused(tmp_path, plan, {"orders.csv": ORDERS})
    assert (problem.code, problem.data["text"]) == ("expr.no_field", text)
    assert problem.place is not None
    assert problem.place.column


def test_a_zone_that_only_python_knows_is_a_mistake_of_the_plan(tmp_path: Path) -> None:
    """`posix/Europe/Berlin` is in Python's time zone database and not in DuckDB's."""
    plan = "kpictl: 1\ncompany: {timezone: posix/Europe/Berlin}\n" + SHOP
    plan += "kpis:\n  n: {from: orders, count: rows, when: closed, by: manager}\n"
    plan += "  m: {from: orders, sum: amont, when: closed, by: manager}\n"
    zone, field = refused(tmp_path, plan, {"orders.csv": ORDERS})
    assert (zone.code, zone.data["near"]) == ("plan.zone", "Europe/Berlin")
    assert str(zone.place).endswith("kpi.yaml:2:21")
    assert field.code == "expr.unknown_name"


def test_the_rules_of_a_zone_are_compared_day_by_day() -> None:
    """Where the two time zone databases differ, the first day on which they do is told."""
    with connect(ZoneInfo("Europe/Moscow")) as connection:
        assert rule_difference(connection, ZoneInfo("Europe/Moscow")) is None

        class Shifted(ZoneInfo):
            key = "Europe/Moscow"  # what DuckDB is asked for

        shifted = Shifted.no_cache("Europe/Samara")
        assert rule_difference(connection, shifted) is not None


def test_many_measures_are_answered_in_parts_that_change_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan of a hundred KPIs has the same values whatever one statement may hold."""
    kinds = ("sum: amount", "count: rows", "average: amount", "median: amount",
             "count: distinct amount")  # fmt: skip
    kpis = "".join(
        f"  k{i}: {{from: orders, {kinds[i % 5]}, where: amount > {i}, when: closed, by: manager}}\n"
        for i in range(100)
    )
    plan = SHOP + "kpis:\n" + kpis
    whole = compute(tmp_path, plan, {"orders.csv": ORDERS})
    monkeypatch.setattr(engine, "MEASURES_PER_SCAN", 7)
    parts = compute(tmp_path, plan, {"orders.csv": ORDERS})
    assert parts.card == whole.card
    assert parts.total["k0"] == 300


@pytest.mark.parametrize("formula", ["n * length('abc')", "n * coalesce(null, 3)"])
def test_a_constant_of_a_formula_need_be_no_number(tmp_path: Path, formula: str) -> None:
    """A text or a null in it is what it is; only numbers are made exact."""
    kpis = "kpis:\n  n: {from: orders, sum: amount, when: closed, by: manager}\n"
    plan = SHOP + kpis + f'  more: {{formula: "{formula}"}}\n'
    assert compute(tmp_path, plan, {"orders.csv": ORDERS}).of("more") == {"Ann": 300, "Ben": 600}


def chain(count: int, step: str) -> str:
    """Return a plan of KPIs of which each is made of the one before."""
    kpis = "  k0: {from: orders, sum: amount, when: closed, by: manager}\n"
    kpis += "".join(f"  k{i}: {step.format(before=f'k{i - 1}')}\n" for i in range(1, count))
    return SHOP + "kpis:\n" + kpis


@pytest.mark.parametrize(
    "step",
    [
        "{{formula: {before} * {before}}}",
        "{{formula: {before} / 3 + 1 / {before}}}",
        "{{formula: {before} * {before} - {before} / 7}}",
    ],
)
def test_a_chain_of_kpis_that_doubles_its_digits_is_a_mistake(tmp_path: Path, step: str) -> None:
    """Forty squarings of a sum would fill any memory: the KPI that goes too far is named."""
    (problem,) = refused(tmp_path, chain(60, step), {"orders.csv": ORDERS})
    assert problem.code == "kpi.too_many_digits"
    assert problem.place is not None
    assert problem.place.column


@pytest.mark.parametrize("last", [
    "formula: k11 * k11", "formula: k11 / k11", "formula: k11 + k11", "formula: k11 - k11", "ratio: {of: k11, over: k11}",
])  # fmt: skip
def test_every_step_over_numbers_too_long_together_is_a_mistake(tmp_path: Path, last: str) -> None:
    """Two numbers of 5,000 digits each may be computed, and nothing of both."""
    plan = chain(12, "{{formula: {before} * {before}}}")
    compute(tmp_path, plan, {"orders.csv": ORDERS})
    (problem,) = refused(tmp_path, f"{plan}  last: {{{last}}}\n", {"orders.csv": ORDERS})
    assert problem.code == "kpi.too_many_digits"


@pytest.mark.parametrize("form", ["table", "json", "csv", "xlsx"])
def test_a_number_of_two_thousand_digits_leaves_in_every_format(tmp_path: Path, form: str) -> None:
    """What may be computed may also be shown."""
    path = write(tmp_path, chain(11, "{{formula: {before} * {before}}}"), {"orders.csv": ORDERS})
    call = ["compute", "-c", str(path), "-p", "2024-05", "-f", form, "-q"]
    done = CliRunner().invoke(app, [*call, "-o", str(tmp_path / f"out.{form}")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / f"out.{form}").stat().st_size


@pytest.mark.usefixtures("cold")
def test_nothing_outside_is_read_once_the_records_are_there(tmp_path: Path) -> None:
    """Whatever a formula or a condition should come to, the database that computes opens no file."""
    plan = """
    sources: {shop: {type: csv, orders: {path: o.csv, fields: {closed: c, manager: m, amount: a}}}}
    kpis: {n: {from: orders, sum: amount, when: closed, by: manager}}
    """
    path = write(tmp_path, plan, {"o.csv": "c;m;a\n2024-05-01;Ann;1\n"})
    with open_workspace(path, {}) as workspace:
        measures = tuple(m for found in workspace.bound.measures.values() for m in found)
        data = load(
            workspace,
            DataRequest(measures, (period("2024-05", as_of=LATER, zone=ZoneInfo("UTC")),), LATER),
        )
        with pytest.raises(duckdb.PermissionException):
            data.connection.execute(f"FROM read_text('{path}')")
