"""Conditions take a text in every way in which it can be written and looks the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields, replace
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app import computation
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import Workspace, open_workspace
from kpictl.cli import app
from kpictl.expressions import Expression, Literal, Operation, Ref, Type
from kpictl.measure import completeness
from kpictl.measure.query import Link, Measure, Op
from kpictl.measure.spellings import _ORDINARY, widened
from kpictl.naming import fold, look
from kpictl.values import EngineName
from plans import LATER, Computed, compute, measured, write

D = Decimal
WRITTEN = {
    "no-break space": "КП\u00a0отправлено",
    "narrow space": "КП\u202fотправлено",
    "two spaces": "КП  отправлено",
    "soft hyphen": "КП отправ\u00adлено",
    "zero width": "\u200bКП отправлено",
    "left-to-right mark": "КП отправлено\u200e",
}
PAIRS = {
    "decomposed": ("Новый", unicodedata.normalize("NFD", "Новый")),
    "composed": (unicodedata.normalize("NFD", "Café"), "Café"),
    "apostrophe": ("O'Brien", "O’Brien"),
    "dash": ("Санкт-Петербург", "Санкт–Петербург"),
    "no-break hyphen": ("b2b-long", "b2b\u2011long"),
    "quotes": ('ООО "Ромашка"', "ООО «Ромашка»"),
    "odd in the plan": ("КП\u00a0отправлено", "КП отправлено"),
    "full width": ("ABC 1", "\uff21\uff22\uff23 1"),
}
CONDITIONS = [
    ("канал = 'X'", "13"),
    ("канал <> 'X'", "4"),
    ("канал in ('Y', 'X')", "13"),
    ("not (канал in ('X'))", "4"),
    ("case when канал = 'X' then true else false end", "13"),
]


def of(folder: Path, where: str, channel: str) -> object:
    plan = f"""\
        sources: {{crm: {{type: csv, deals: deals.csv}}}}
        kpis: {{sold: {{from: deals, sum: amount, where: "{where}", when: close_date}}}}
        """
    deals = (
        "ID;Сумма;Ответственный;Дата закрытия;Канал\n"
        f"1;10;Анна;2024-05-10;{channel}\n2;3;Анна;2024-05-11;{channel}\n"
        "3;4;Анна;2024-05-12;Другое\n4;100;Анна;2024-05-12;\n"
    )
    return compute(folder, plan, {"deals.csv": deals}).of("sold")["Анна"]


@pytest.mark.parametrize("channel", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(("where", "value"), CONDITIONS)
def test_a_condition_takes_what_looks_the_same(
    tmp_path: Path, where: str, value: str, channel: str
) -> None:
    """Spaces of any kind and invisible characters make no difference in a condition; a record
    without the text fulfils neither it nor its opposite."""
    assert of(tmp_path, where.replace("X", "КП отправлено"), channel) == D(value)


@pytest.mark.parametrize(("planned", "channel"), PAIRS.values(), ids=PAIRS)
def test_the_plan_and_the_records_may_write_it_in_either_way(
    tmp_path: Path, planned: str, channel: str
) -> None:
    """Whichever of the two has the unusual spelling, they are the same text."""
    quoted = planned.replace("'", "''").replace('"', '\\"')
    if '"' in channel + planned:
        channel = '"' + channel.replace('"', '""') + '"'
    assert of(tmp_path, f"канал = '{quoted}'", channel) == D(13)


@pytest.mark.parametrize(
    "channel", ["кп отправлено", "КП отправлен", "Kп отправлено", "КПотправлено"]
)
def test_codes_that_differ_stay_different(tmp_path: Path, channel: str) -> None:
    """Case, letters of another alphabet and missing spaces do make a difference in a condition."""
    assert of(tmp_path, "канал = 'КП отправлено'", channel) == D(0)


def test_explain_shows_the_condition_as_it_was_written(tmp_path: Path) -> None:
    """Records of every spelling prove the number; what is said of the condition is one text."""
    plan = """\
        sources: {crm: {type: csv, deals: deals.csv}}
        kpis: {sold: {from: deals, sum: amount, where: "канал = 'A B'", when: close_date}}
        """
    deals = (
        "ID;Сумма;Ответственный;Дата закрытия;Канал\n1;10;Анна;2024-05-10;A\u00a0B\n"
        "2;3;Анна;2024-05-11;A B\n3;4;Анна;2024-05-12;C\n"
    )
    path = write(tmp_path, plan, {"deals.csv": deals})
    words = ["explain", "sold", "-e", "Анна", "-p", "2024-05", "-c", str(path), "--lang", "en"]
    page = CliRunner().invoke(app, words).stdout
    assert "= 13" in page
    assert "1: канал = 'A B'" in page or "канал = 'A B'" in page
    assert "in (" not in page


_WORDS = st.text(st.characters(codec="utf-8"), max_size=6)


@given(_WORDS)
def test_an_ordinary_text_has_one_spelling(text: str) -> None:
    """What the quick test of a column takes for ordinary looks like itself."""
    import re

    ordinary = re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), _ORDINARY)
    if re.fullmatch(ordinary, text):
        assert look(text) == text


@given(_WORDS)
def test_looks_are_stable_and_no_finer_than_names(text: str) -> None:
    """A look looks like itself, and what looks the same is the same name."""
    assert look(look(text)) == look(text)
    assert fold(look(text)) == fold(text)


# --- wherever a condition may stand --------------------------------------------------------------

ENGINES = pytest.mark.parametrize("engine", ["duckdb", "plain"])
JOBS = """\
sources:
  s: {type: csv, jobs: jobs.csv, visits: visits.csv}
kpis: {x: {KPI}}
"""
LINES = {
    "jobs.csv": "id;who;day;stage;other;amount;opened;closed\n"
    "1;Ann;2024-05-10;KP sent;;10;2024-05-10 09:00;\n"
    "2;Ann;2024-05-11;KP\u00a0sent;;3;2024-05-11 09:00;\n"
    "3;Ann;2024-05-12;Lost;KP\u00a0Sent;4;2024-05-12 09:00;2024-05-12 10:00\n",
    "visits.csv": "id;who;day;job;result\n"
    "7;Ann;2024-05-12;1;was here\n8;Ann;2024-05-12;2;was\u00a0here\n9;Ann;2024-05-12;3;not here\n",
}
OF_JOBS = "from: jobs, when: day, by: who"
PLACES = {
    "condition": ("sum: amount, where: \"stage = 'KP sent'\"", "13"),
    "number": ("sum: \"case when stage = 'KP sent' then amount else 0 end\"", "13"),
    "different": ("count: \"distinct case when stage = 'KP sent' then 'sent' end\"", "1"),
    "share": ("share: \"stage = 'KP sent'\"", "66.6666666667"),
    "text that stands in": ("sum: amount, where: \"coalesce(stage, '-') = 'KP sent'\"", "13"),
    "text by cases": (
        "sum: amount, where: \"case when other is null then stage else '-' end <> 'KP sent'\"",
        "4",
    ),
    "small letters": ("sum: amount, where: \"lower(stage) in ('kp sent', other)\"", "13"),
    "capitals": ("sum: amount, where: \"upper(nullif(stage, 'Lost')) = 'KP SENT'\"", "13"),
    "one of two fields": ("sum: amount, where: \"'KP Sent' in (other, stage)\"", "4"),
    "a list with a field": ("sum: amount, where: \"stage in ('KP sent', other)\"", "13"),
}
SUCCESSES = {
    "cohort": "conversion: {from: jobs, to: visits, where: \"result = 'was here'\", when: day,"
    " via: job, within: 30d, basis: cohort}",
    "period": "conversion: {from: jobs, to: visits, where: \"result = 'was here'\", when: day,"
    " by: who, basis: period}",
}


@contextmanager
def asked(folder: Path, kpi: str, engine: EngineName) -> Iterator[tuple[Workspace, ComputeRequest]]:
    with open_workspace(write(folder, JOBS.replace("KPI", kpi), LINES), {}) as workspace:
        period = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        yield workspace, ComputeRequest(period, LATER, engine=engine)


@ENGINES
@pytest.mark.parametrize(("kpi", "value"), PLACES.values(), ids=PLACES)
def test_wherever_a_kpi_compares_texts(
    tmp_path: Path, engine: EngineName, kpi: str, value: str
) -> None:
    """In conditions, in numbers and in shares, of a field or of what a text is made of."""
    with asked(tmp_path, f"{OF_JOBS}, {kpi}", engine) as (workspace, request):
        assert Computed(computation.compute(workspace, request)).of("x") == {"Ann": D(value)}


@ENGINES
@pytest.mark.parametrize("kpi", SUCCESSES.values(), ids=SUCCESSES)
def test_a_success_is_one_in_every_spelling(tmp_path: Path, engine: EngineName, kpi: str) -> None:
    """Of three jobs two were followed by a visit, one of them written with a no-break space."""
    with asked(tmp_path, f"{kpi}, when: day, by: who", engine) as (workspace, request):
        rates = Computed(computation.compute(workspace, request)).of("x")
    assert rates == {"Ann": D("66.6666666667")}


@ENGINES
def test_what_waits_is_counted_and_marked_in_every_spelling(
    tmp_path: Path, engine: EngineName
) -> None:
    """As many are said to be unanswered as the number takes with the time they have waited, and
    `explain` marks them all."""
    hours = "case when stage = 'KP sent' then hours(opened, closed) end"
    kpi = f'{OF_JOBS}, sum: "{hours}", open: elapsed'
    with asked(tmp_path, kpi, engine) as (workspace, request):
        results = computation.compute(workspace, request)
        proof = explain(workspace, request, ExplainRequest("x", "Ann"))
    note = Computed(results).said("compute.open")
    assert (note.data["count"], note.data["n"]) == (2, 2)
    (step,) = proof.steps
    assert {r.id: r.open for r in step.parts[0].records} == {"1": True, "2": True}


@ENGINES
def test_what_went_before_is_seen_in_every_spelling(tmp_path: Path, engine: EngineName) -> None:
    """Whether a KPI has fallen silent is told by records before the period, however these write
    what it asks for."""
    plan = """\
        sources: {s: {type: csv, jobs: jobs.csv}}
        kpis: {x: {from: jobs, sum: amount, where: "stage = 'KP sent'", when: day, by: who}}
        """
    jobs = "id;who;day;stage;amount\n1;Ann;2024-04-10;KP\u00a0sent;10\n2;Ann;2024-05-11;Lost;3\n"
    with measured(tmp_path, plan, {"jobs.csv": jobs}, engine=engine) as computed:
        silent = [p for p in completeness.remarks(computed) if p.code == "complete.silent"]
    assert [p.data["last"] for p in silent] == [date(2024, 4, 10)]


@pytest.mark.parametrize("held_by", [Measure, Link])
def test_no_expression_of_a_question_is_forgotten(held_by: type[Struct]) -> None:
    """Each expression that a measure or its link holds compares with every spelling."""
    stage = Operation("=", (Ref("stage", Type.TEXT), Literal("KP sent", Type.TEXT)), Type.BOOL)
    names = [f.name for f in fields(held_by) if Expression in get_args(f.type)]
    link = Link("jobs", "id", None, "day", 1)
    measure = Measure("x", "value", "jobs", Op.SUM, "day", "who", link=link)
    compares = dict.fromkeys(names, Expression("", stage))
    if held_by is Link:
        measure = replace(measure, link=replace(link, **compares))
    else:
        measure = replace(measure, **compares)
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE jobs AS SELECT 'KP\u00a0sent' AS f_stage")
        (wide,) = widened([measure], connection, {"jobs": "jobs"}).values()
    holder = wide.link if held_by is Link else wide
    assert names
    assert all(getattr(holder, name).tree != stage for name in names)
