"""Records that point to others by their id: an id is a text, whatever it looks like."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hard import examples
from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as computed
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.values import EngineName
from plans import LATER, Computed, compute, lines, refused, write

ENGINES: tuple[EngineName, ...] = ("duckdb", "plain")
DONE = "  done: {conversion: {from: tickets, to: works, basis: cohort, via: ticket, when: done, within: 7d}, when: asked, by: owner, min_n: 1}\n"


def plan(fields: str = "", more: str = "") -> str:
    return (
        "sources: {desk: {type: csv, tickets: tickets.csv,"
        f" works: {{path: works.csv{fields}}}}}}}\nkpis:\n{DONE}{more}"
    )


def files(tickets: list[str], works: list[str], asked: str = "2024-05-13 08:00") -> dict[str, str]:
    own = lines("id;asked;owner", ((one, asked, "Анна Белова") for one in tickets))
    followed = ((900 + n, one, "2024-05-14 10:00") for n, one in enumerate(works))
    return {"tickets.csv": own, "works.csv": lines("id;ticket;done", followed)}


def hits(folder: Path, text: str, out: dict[str, str], engine: EngineName) -> list[str]:
    """Return the ids of the records that led to a success, after holding them against the KPI."""
    with open_workspace(write(folder, text, out), {}) as workspace:
        assert workspace.errors == []
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        job = ComputeRequest(may, LATER, engine=engine)
        share = Computed(computed(workspace, job)).of("done")["Анна Белова"]
        proof = explain(workspace, job, ExplainRequest("done", "Анна Белова"))
        records = [r for part in proof.steps[0].parts for r in part.records]
        found = list(dict.fromkeys(str(r.id) for r in records if r.success is not None))
        all_of_them = {r.id for r in records}
        assert isinstance(share, Decimal)
        assert abs(share - Decimal(100 * len(found)) / len(all_of_them)) < Decimal("0.01")
        return found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_numbers_links_records_by_what_is_written(
    tmp_path: Path, engine: EngineName
) -> None:
    """7 is not 007 and 12 is not 12.0; what no computer holds as a whole number is still an id."""
    tickets = ["1", "007", "12.0", "9223372036854775809", "15"]
    works = ["1", "7", "12", "9223372036854775809", "015"]
    assert sorted(hits(tmp_path, plan(), files(tickets, works), engine)) == [
        "1", "9223372036854775809"
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_a_number_that_the_plan_declares_links_by_its_digits(
    tmp_path: Path, engine: EngineName
) -> None:
    """Who writes `type: number` has 1 234 mean the record 1234, and 12,0 the record 12."""
    fields = ", fields: {ticket: {column: ticket, type: number}}"
    out = files(["1234", "12", "12.0", "100"], ["1 234", "12,0", "100"])
    assert sorted(hits(tmp_path, plan(fields), out, engine)) == ["100", "12", "1234"]


_IDS = st.one_of(
    st.integers(0, 30).map(str),
    st.integers(0, 30).map(lambda n: f"{n:03}"),
    st.integers(0, 30).map(lambda n: f"{n}.0"),
    st.integers(0, 30).map(lambda n: f"{n},00"),
    st.integers(2**63 - 2, 2**63 + 2).map(str),
    st.integers(0, 9).map(lambda n: f"A{n}"),
)


@settings(max_examples=examples(8, 60))
@given(
    tickets=st.lists(_IDS, min_size=1, max_size=12, unique=True),
    works=st.lists(_IDS, min_size=1, max_size=12),
)
def test_any_ids_link_where_their_texts_are_the_same(tickets: list[str], works: list[str]) -> None:
    """Both engines find the records whose id stands in the other file, letter by letter."""
    linked = sorted(set(tickets) & set(works))
    for engine in ENGINES:
        with TemporaryDirectory() as folder:
            found = hits(Path(folder), plan(), files(tickets, works), engine)
        assert sorted(found) == linked


def test_ids_that_a_spreadsheet_rounded_are_refused_where_they_link(tmp_path: Path) -> None:
    """1,23E+14 stands for many records, also where it points to one."""
    (problem,) = refused(tmp_path, plan(), files(["123456789012345"], ["1,23457E+14"]))
    assert (problem.code, problem.data["caption"]) == ("source.spoilt_id", "ticket")


def test_a_date_links_nothing(tmp_path: Path) -> None:
    """A declared date is no id: the plan is refused at `via`, not answered with 0."""
    fields = ", fields: {ticket: {column: ticket, type: date}}"
    (problem,) = refused(tmp_path, plan(fields), files(["1"], ["2024-05-01"]))
    assert (problem.code, problem.data["is"]) == ("bind.not_a_key", "date")


def test_the_field_of_ids_is_called_by_its_caption_too(tmp_path: Path) -> None:
    """What the plan calls the column does not matter: it is read as ids all the same."""
    out = files(["007"], ["007"])
    out["works.csv"] = out["works.csv"].replace("id;ticket;", "id;Номер заявки;")
    text = plan().replace("via: ticket", "via: номер_заявки")
    assert compute(tmp_path, text, out).of("done") == {"Анна Белова": 100}
