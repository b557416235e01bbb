"""`explain`: every number is proved by its records, and what nearly counted is said."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from kpictl import periods
from kpictl.app import evidence
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.explain import INDEX, ExplainRequest, explain, left_out
from kpictl.app.workspace import Workspace, open_workspace
from kpictl.cli import app
from kpictl.errors import KpictlError, UsageError
from kpictl.report.evidence import render_csv
from kpictl.report.explanation import Look, render
from kpictl.results import placed

ROOT = Path(__file__).parent.parent
AS_OF = datetime(2024, 7, 1, tzinfo=UTC)
PLAN = """
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {label: Выручка, from: deals, sum: amount, where: won and amount > 10, when: closed_at, unit: money}
  won: {from: deals, count: rows, where: won, when: closed_at}
  clients: {from: deals, count: distinct client_id, where: won, when: closed_at}
  average: {ratio: {of: revenue, over: won}, unit: money}
  middle: {from: deals, median: amount, where: won, when: closed_at}
  high: {from: deals, percentile: {of: amount, at: 90}, where: won, when: closed_at}
  best: {from: deals, max: amount, where: won, when: closed_at}
  least: {from: deals, min: amount, where: won, when: closed_at}
  mean: {from: deals, average: amount, where: won, when: closed_at}
  wins: {from: deals, share: won, where: won or lost, when: closed_at}
  double: {formula: revenue * 2 / won}
scorecards:
  sales: {kpis: {revenue: {weight: 60, target: 500}, won: {weight: 40, target: 3}}}
targets: {employee.Анна: {revenue: {2024-Q2: 1200}}, company: {revenue: 5000}}
"""
DEALS = """\
ID;Название сделки;Стадия сделки;Сумма;Ответственный;Компания;Дата изменения стадии
1;Насосы;Сделка успешна;100;Анна;А;05.05.2024 10:00:00
2;Трубы;Сделка успешна;300,5;Анна;А;31.05.2024 23:59:59
3;Поздно;Сделка успешна;70;Анна;Б;01.06.2024 00:00:00
4;Рано;Сделка успешна;70;Анна;Б;30.04.2024 23:59:59
5;Мимо;Сделка провалена;900;Анна;Б;10.05.2024 10:00:00
6;Мелочь;Сделка успешна;5;Анна;;11.05.2024 10:00:00
7;Пусто;Сделка успешна;;Анна;В;12.05.2024 10:00:00
8;Чужая;Сделка успешна;50;Борис;В;12.05.2024 10:00:00
9;Ничья;Сделка успешна;40;;В;13.05.2024 10:00:00
"""
KPIS = ("revenue", "won", "clients", "average", "middle", "high", "best", "least", "mean", "wins",
        "double")  # fmt: skip


@contextmanager
def workspace(plan: Path) -> Iterator[tuple[Workspace, ComputeRequest]]:
    with open_workspace(plan, {}) as found:
        zone = ZoneInfo(found.bound.plan.company.timezone)
        yield found, ComputeRequest(periods.parse("2024-05", as_of=AS_OF, zone=zone), AS_OF)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    return tmp_path / "kpi.yaml"


@pytest.mark.parametrize("kpi", KPIS)
@pytest.mark.parametrize("who", ["Анна", None])
def test_a_number_of_any_kind_is_the_sum_of_its_evidence(
    plan: Path, kpi: str, who: str | None
) -> None:
    """Whatever the kind, a person's and the group's number is proved by its own records."""
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest(kpi, who))
        text = render(explanation, "ru")
    assert explanation.steps[0].fact.exact is not None
    assert all(part.records for step in explanation.steps for part in step.parts)
    assert "None" not in text


def test_a_kpi_of_no_weight_is_said_to_be_none_of_the_index(plan: Path) -> None:
    """What is shown and not counted is no part of the sum, and the page says why."""
    text = PLAN.replace("weight: 60", "weight: 100").replace("weight: 40", "weight: 0")
    plan.write_text(text, encoding="utf-8")
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest("index", "Анна"))
    lines = {lang: render(explanation, lang).splitlines() for lang in ("ru", "en")}
    assert any(line.endswith("вес 0, в индекс не входит") for line in lines["ru"])
    assert any(line.endswith("weight 0, not in the index") for line in lines["en"])


@pytest.mark.parametrize("example", ["sales", "marketing", "support"])
def test_what_is_explained_is_what_was_computed(example: str) -> None:
    """Every cell of the examples is explained to the very value that `compute` shows."""
    plan = ROOT / "examples" / example / "kpi.yaml"
    with workspace(plan) as (found, job):
        card = placed(compute(found, job), str(plan)).scorecards[0]
    row = card.rows[len(card.rows) // 2]
    for column in card.columns:
        with workspace(plan) as (found, job):
            explained = explain(found, job, ExplainRequest(column.kpi, row.id))
        assert explained.steps[0].fact == row.score(column.kpi).fact
        assert explained.score == row.score(column.kpi)


def test_the_page_names_target_level_place_and_what_it_overrules(plan: Path) -> None:
    """A reader sees which target holds, where it is written, and which ones do not."""
    with workspace(plan) as (found, job):
        text = render(explain(found, job, ExplainRequest("revenue", "Анна")), "ru")
    assert "2024-Q2: 1 200 × 1/3" in text.replace("\xa0", " ")
    line = next(n for n, row in enumerate(PLAN.splitlines(), 1) if "2024-Q2" in row)
    column = PLAN.splitlines()[line - 1].index("1200") + 1
    assert f"kpi.yaml:{line}:{column}" in text
    assert "план карты 500" in " ".join(text.split())
    assert "план компании" not in text
    assert "сумма amount по записям сделок, где won and amount > 10" in text


def test_a_median_is_found_in_the_middle_of_its_records(plan: Path) -> None:
    """Records of a median stand in the order of their values, and a cut list holds the middle; a
    length of time stands there as the table shows it, too."""
    lines = [f"{n};Д;Сделка успешна;{n * 37 % 101};Анна;А;0{n % 9 + 1}.05.2024 10:00:00"
             for n in range(10, 80)]  # fmt: skip
    deals = DEALS.splitlines()[0] + "\n" + "\n".join(lines) + "\n"
    (plan.parent / "deals.csv").write_text(deals, encoding="utf-8")
    text = PLAN.replace("median: amount,", "median: amount * 3 + 0.1, unit: minutes,")
    plan.write_text(text, encoding="utf-8")
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest("middle", "Анна"))
        page = render(explanation, "ru", Look(limit=5)).replace("\u00a0", " ")
    part, exact = explanation.steps[0].parts[0], explanation.steps[0].fact.exact
    values = [record.value for record in part.records]
    assert values == sorted(Decimal(str(value)) for value in values)
    middle_place = (len(values) - 1) // 2
    assert part.sought == (middle_place, middle_place + 1)
    first = page.splitlines()[0]
    assert re.search(r"= [\d,]+ мин \(\d+ ч( \d\d мин)?\)$", first), first
    assert exact is not None
    low, high = (values[place] for place in part.sought)
    assert isinstance(low, Decimal) and isinstance(high, Decimal)  # noqa: PT018  for mypy
    assert low <= exact <= high
    marked = [line for line in page.splitlines() if line.endswith("← это значение")]
    assert [
        f"# {part.records[place].id}" in line
        for place, line in zip(part.sought, marked, strict=True)
    ]
    assert "сумма сходится" not in page


def test_what_nearly_counted_is_said_with_its_reason(plan: Path) -> None:
    """Records outside the period, against the condition or without a value are counted apart."""
    with workspace(plan) as (found, job):
        part = explain(found, job, ExplainRequest("revenue", "Анна")).steps[0].parts[0]
    reasons = {(e.reason, e.detail): [r.id for r in e.sample] for e in part.exclusions}
    assert reasons == {
        ("condition", "won"): ["5"],
        ("condition", "amount > 10"): ["6", "7"],
        ("before", ""): ["4"],
        ("after", ""): ["3"],
    }
    assert [r.id for r in part.records] == ["1", "2"]


def test_the_index_shows_facts_targets_reasons_and_contributions(plan: Path) -> None:
    """Each KPI with its fact, its target and place, the shape of its points; its CSV says the same
    in figures, and what they give adds up to the index."""
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest(INDEX, "Анна"))
    page = " ".join(render(explanation, "en").split())
    row = explanation.row
    assert row is not None
    for score in row.scores:
        if score.target is not None:
            assert str(score.target.place) in page
    assert "100 % of the weight, an index needs 60 %" in page
    lines = list(csv.DictReader(io.StringIO(render_csv(explanation, "en").decode())))
    assert [line["kpi"] for line in lines] == [score.kpi for score in row.scores]
    given = sum(Decimal(line["contribution"]) for line in lines if line["contribution"])
    assert row.index is not None
    assert abs(given - row.index) < Decimal("0.001")


def test_the_index_is_explained_by_its_parts(plan: Path) -> None:
    """`explain index` shows points, weights and what each gives; together they are the index."""
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest(INDEX, "Анна"))
        text = render(explanation, "ru")
    assert explanation.row is not None
    assert explanation.row.index == Decimal("113.4083")
    assert re.search(r"Выручка +100,125 × 60 / 100 = +60,075", text)


def test_left_out_records_are_listed(plan: Path) -> None:
    """Records of nobody stand in `--left-out` with their ids."""
    with workspace(plan) as (found, job):
        lines = left_out(found, job, ExplainRequest("revenue")).lines
    assert [(line.reason, [r.id for r in records]) for line, records in lines] == [
        ("no_owner", ["9"])
    ]


def test_records_as_csv_add_up(plan: Path) -> None:
    """The CSV of the evidence, summed by anybody, is the number."""
    with workspace(plan) as (found, job):
        raw = render_csv(explain(found, job, ExplainRequest("revenue", "Анна")), "ru")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8"))))
    assert sum(Decimal(row["value"]) for row in rows) == Decimal("400.5")
    assert [row["moment"] for row in rows] == [
        "2024-05-05T10:00:00+03:00",
        "2024-05-31T23:59:59+03:00",
    ]


def test_a_difference_between_number_and_records_is_our_error(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that its records do not add up to is never shown."""
    honest = evidence.records

    def forged(*args: object) -> list[evidence.Record]:
        found = honest(*args)  # type: ignore[arg-type]
        return [replace(record, value=Decimal(1)) for record in found]

    monkeypatch.setattr(evidence, "records", forged)
    with workspace(plan) as (found, job), pytest.raises(KpictlError) as caught:
        explain(found, job, ExplainRequest("revenue", "Анна"))
    assert caught.value.problem.code == "explain.mismatch"


@pytest.mark.parametrize(
    ("kpi", "who", "code"),
    [("revenu", "Анна", "usage.no_kpi"), ("revenue", "Ана", "usage.no_person")],
)
def test_a_slip_of_the_pen_is_answered(plan: Path, kpi: str, who: str, code: str) -> None:
    """A KPI or a person that is not there is refused with what is near."""
    with workspace(plan) as (found, job), pytest.raises(UsageError) as caught:
        explain(found, job, ExplainRequest(kpi, who))
    assert (caught.value.problem.code, caught.value.problem.data["near"]) != (code, "")


def test_the_command_prints_the_page_and_writes_the_records(plan: Path, tmp_path: Path) -> None:
    """`kpictl explain` prints everything to a pipe; `--csv` writes the records to a file."""
    base = ["explain", "revenue", "-e", "Анна", "-p", "2024-05", "-c", str(plan)]
    printed = CliRunner().invoke(app, base)
    assert printed.exit_code == 0
    assert "# 2  Трубы   31.05.2024 23:59  300,50" in printed.stdout.replace("\u00a0", " ")
    written = CliRunner().invoke(app, [*base, "--csv", str(tmp_path / "r.csv")])
    assert written.exit_code == 0
    assert (tmp_path / "r.csv").read_text("utf-8").count("\n") == 3


@pytest.mark.parametrize(("lang", "note"), [("ru", "заметка: deals"), ("en", "note: deals")])
@pytest.mark.parametrize("more", [(), ("--left-out",), ("--csv", "-")])
def test_notes_of_whoever_keeps_the_plan_stand_beside_the_page(
    plan: Path, lang: str, note: str, more: tuple[str, ...]
) -> None:
    """What the administrator should know goes to stderr, in no page and no file; -q leaves it out."""
    words = ["explain", "revenue", "-p", "2024-05", "-c", str(plan), "--lang", lang, *more]
    loud, quiet = (CliRunner().invoke(app, [*words, *q]) for q in ([], ["-q"]))
    assert note in loud.stderr
    assert "Дата изменения стадии»" not in loud.stdout
    assert "Дата изменения стадии”" not in loud.stdout
    assert (quiet.stdout, quiet.stderr) == (loud.stdout, "")


LINKED = """
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: csv, deals: deals.csv, leads: leads.csv}}
kpis:
  turned: {conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort}, when: created_at}
"""
LEADS = """\
ID;Название лида;Ответственный;Дата создания
31;Заявка с очень длинным названием, которое никуда не поместится;Анна;02.05.2024 09:00:00
32;Вторая;Анна;03.05.2024 09:00:00
"""
FOLLOWED = """\
ID;Название сделки;Стадия сделки;Сумма;Ответственный;Лид;Дата изменения стадии
71;Поздняя;Сделка успешна;1;Анна;31;20.05.2024 10:00:00
70;Первая;Сделка успешна;1;Анна;31;12.05.2024 10:00:00
72;Провал;Сделка провалена;1;Анна;32;12.05.2024 10:00:00
"""


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_conversion_names_the_deal_that_made_it(tmp_path: Path, width: int) -> None:
    """A lead that converted shows the first success with its number and moment; a lead that did
    not says so; columns stand one below the other, and only a title is ever cut."""
    for name, text in (("kpi.yaml", LINKED), ("leads.csv", LEADS), ("deals.csv", FOLLOWED)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with workspace(tmp_path / "kpi.yaml") as (found, job):
        explanation = explain(found, job, ExplainRequest("turned", "Анна"))
    page = render(explanation, "ru", Look(width=width))
    lines = page.splitlines()
    assert max(map(len, lines)) <= width
    (first,) = (line for line in lines if "# 31" in line)
    (second,) = (line for line in lines if "# 32" in line)
    assert first.endswith("→ сделка # 70  12.05.2024 10:00")
    assert second.endswith("  нет")
    assert first.index("02.05.2024") == second.index("03.05.2024")
    rows = list(csv.DictReader(io.StringIO(render_csv(explanation, "ru").decode("utf-8"))))
    assert [row["success_id"] for row in rows if row["part"] == "hits"] == ["70", ""]


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("kpi", KPIS)
def test_no_word_or_number_is_broken_at_a_line_end(plan: Path, kpi: str, width: int) -> None:
    """At any width a page has the same words: lines break between them, figures stay whole, and
    nothing is claimed to add up where nothing is added."""
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest(kpi, "Анна"))
    wide = render(explanation, "ru", Look(width=10_000, terminal=True))
    page = render(explanation, "ru", Look(width=width, terminal=True))
    assert all(len(line) <= width or "kpi.yaml:" in line for line in page.splitlines())
    assert [w for w in re.split(r"[ \n]+", page) if w] == [
        w for w in re.split(r"[ \n]+", wide) if w
    ]
    if kpi in ("middle", "high", "best", "least", "won", "clients", "wins"):
        assert "сумма сходится" not in page
    assert ("← это значение" in page) == (kpi in ("middle", "high", "best", "least"))


def test_a_page_is_painted_on_a_terminal_alone(plan: Path) -> None:
    """Colours change no word; a pipe has neither colours nor spaces that grep does not find."""
    with workspace(plan) as (found, job):
        explanation = explain(found, job, ExplainRequest("middle", "Анна"))
    painted = render(explanation, "ru", Look(terminal=True, color=True))
    plain = render(explanation, "ru", Look())
    assert "\x1b[1m" in painted
    stripped = re.sub(r"\x1b\[[\d;]*m", "", painted).replace("\u00a0", " ")
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()
    assert not re.search(r"[\x1b\u00a0]", plain)


@pytest.mark.parametrize(
    ("sold", "lang", "words"),
    [
        ("100", "ru", "50 (по шкале: от 80 % до 100 % включительно)"),
        ("100.01", "ru", "130 (по шкале: свыше 100 %)"),
        ("79", "ru", "0 (по шкале: меньше 80 %)"),
        ("100.01", "en", "130 (by bands: above 100 %)"),
    ],
)
def test_a_bound_that_does_not_belong_to_its_band_is_said(
    tmp_path: Path, sold: str, lang: str, words: str
) -> None:
    """Points of bands name the band that the attainment lies in, with the edge in words."""
    (tmp_path / "deals.csv").write_text(
        "сумма;ответственный;дата закрытия;стадия\n" + f"{sold};Анна;15.05.2024;Сделка успешна\n",
        encoding="utf-8",
    )
    plan = tmp_path / "kpi.yaml"
    plan.write_text(
        "kpictl: 1\nsources: {f: {type: csv, deals: deals.csv}}\n"
        "kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at}}\n"
        "scorecards: {s: {kpis: {revenue: {weight: 100, target: 100,\n"
        '  score: {bands: {80: 50, ">100": 130}}}}}}\n',
        encoding="utf-8",
    )
    with workspace(plan) as (found, job):
        text = render(explain(found, job, ExplainRequest("revenue", "Анна")), lang)
    assert words in text.replace("\N{NO-BREAK SPACE}", " ")
