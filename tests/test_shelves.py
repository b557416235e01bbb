"""What stands on a shelf keeps the promises of the shelf: words, documentation, a proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from msgspec.structs import replace

from kpictl import catalog
from kpictl.app import computation
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.profile import contents
from kpictl.app.status import standing
from kpictl.app.workspace import open_workspace
from kpictl.bitrix24.sync.order import Order
from kpictl.bitrix24.sync.planning import mentioned
from kpictl.catalog import Field
from kpictl.expressions.functions import FUNCTIONS
from kpictl.kinds import KINDS
from kpictl.measure.dataset import DataRequest, Dataset
from kpictl.measure.dataset import load as load_data
from kpictl.periods import parse
from kpictl.plan.bind import caption
from kpictl.plan.load import known_keys, load
from kpictl.plan.sources import SPECS
from kpictl.report import FORMATS, Options
from kpictl.report import render as render_report
from kpictl.report.explanation import Look, render
from kpictl.scoring.curves import SHAPES
from kpictl.sources import SOURCES
from kpictl.sources.base import COLUMNS
from kpictl.values import EngineName, Results, State
from kpictl.words import LANGUAGES, has, say
from plans import LATER, write
from pulled import Portal, deal
from results_sample import sample

DOCS = Path(__file__).parent.parent / "docs"
MAY = parse("2024-05", as_of=LATER, zone=ZoneInfo("Europe/Moscow"))

# An example of each kind, over the same few deals and leads.
KPIS = {
    "count": "{from: deals, count: rows, when: created_at}",
    "sum": "{from: deals, sum: amount, when: created_at, unit: money}",
    "average": "{from: deals, average: amount, when: created_at}",
    "median": "{from: deals, median: amount, where: amount > 1, when: created_at}",
    "percentile": "{from: deals, percentile: {of: amount, at: 90}, when: created_at}",
    "min": "{from: deals, min: amount, when: created_at}",
    "max": "{from: deals, max: amount, when: created_at}",
    "stddev": "{from: deals, stddev: amount, when: created_at}",
    "share": "{from: deals, share: won, when: created_at}",
    "ratio": "{ratio: {of: sum, over: count}}",
    "conversion": "{conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort},"
    " when: created_at}",
    "formula": "{formula: (sum - max) / count}",
    "manual": "{manual: m.csv}",
}
PLAN = "sources: {crm: {type: csv, deals: d.csv, leads: l.csv}}\nkpis:\n" + "".join(
    f"  {verb}: {kpi}\n" for verb, kpi in KPIS.items()
)
FILES = {
    "d.csv": """\
        ID;Стадия сделки;Сумма;Ответственный;Лид;Дата создания;Дата изменения стадии
        1;Сделка успешна;100,5;Анна Белова;7;05.05.2024 10:00:00;06.05.2024 10:00:00
        2;Сделка провалена;40;Анна Белова;8;31.05.2024 23:30:00;06.06.2024 10:00:00
        3;Сделка успешна;7;Олег Ким;;07.05.2024 10:00:00;07.05.2024 11:00:00
        4;Новая;1;Анна Белова;;09.05.2024 10:00:00;09.05.2024 11:00:00
        """,
    "l.csv": """\
        ID;Ответственный;Дата создания
        7;Анна Белова;01.05.2024 10:00:00
        8;Анна Белова;02.05.2024 10:00:00
        """,
    "m.csv": "Сотрудник;Показатель;Период;Оценка\nАнна Белова;manual;май 2024;4,5\n",
}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("shelf"), PLAN, FILES)


@cache
def computed(plan: Path, engine: EngineName) -> Results:
    with open_workspace(plan, {}) as workspace:
        return computation.compute(workspace, ComputeRequest(MAY, LATER, engine=engine))


@pytest.mark.parametrize("verb", KINDS)
def test_every_kind_is_computed_alike_by_both_engines(plan: Path, verb: str) -> None:
    """Of the same records every engine makes the same fact, for a person and for all together."""
    (fast,), (plain,) = (computed(plan, one).scorecards for one in ("duckdb", "plain"))
    lines = zip((*fast.rows, fast.total), (*plain.rows, plain.total), strict=True)
    facts = [[line.score(verb).fact for line in pair if line is not None] for pair in lines]
    assert all(first == second for first, second in facts)
    assert facts[0][0].state is State.MEASURED


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verb", KINDS)
def test_every_kind_is_explained_in_every_language(plan: Path, verb: str, lang: str) -> None:
    """A kind says in words how it is made, and its records prove the number that `compute` shows."""
    row = computed(plan, "duckdb").scorecards[0].rows[0]
    with open_workspace(plan, {}) as workspace:
        found = explain(workspace, ComputeRequest(MAY, LATER), ExplainRequest(verb, row.id))
    assert found.steps[0].fact == row.score(verb).fact
    page = render(found, lang, Look(width=200))
    how = say(lang, "explain.how")
    (told, *_) = [line for line in page.splitlines() if line.strip().startswith(how)]
    assert len(told.replace(how, "").strip()) > 5
    assert "{" not in page


@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_every_row_and_no_hostile_text(form: str, lang: str) -> None:
    """A report has everybody of every scorecard, says its text as it is asked to, and obeys no text
    of a record."""
    results = sample()
    options = Options(lang=lang, width=400)  # in which no name is cut
    page = render_report(results, form, options)
    text = page if isinstance(page, str) else READ.get(form, utf_8)(page)
    for row in (row for card in results.scorecards for row in card.rows):
        assert letters(row.name) in letters(text), row.name
    assert "\x1b" not in text
    if FORMATS[form].text:
        assert page == render_report(results, form, options)


def letters(text: str) -> str:
    """Return the letters and digits of a text: what is between them each format escapes its way."""
    return re.sub(r"[\W_]", "", text)


def utf_8(page: bytes) -> str:
    return page.decode("utf-8")


def of_workbook(page: bytes) -> str:
    """Return what stands in the cells of a workbook; formulas, which obey a text, are in none."""
    book = openpyxl.load_workbook(BytesIO(page))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"n", "s", "b", "d"}
    return "\n".join(str(cell.value) for cell in cells if cell.value is not None)


# How a page is read that is no text. A new format that is none needs its reader here.
READ: Mapping[str, Callable[[bytes], str]] = {"xlsx": of_workbook}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_documented(form: str) -> None:
    """A format is named where the options of `compute` are."""
    assert documented("cli.md", rf"--format.*\b{form}\b")


def documented(page: str, heading: str) -> bool:
    return re.search(heading, (DOCS / page).read_text("utf-8"), re.MULTILINE) is not None


@pytest.mark.parametrize("verb", KINDS)
def test_every_kind_is_documented(verb: str) -> None:
    """A kind has a section of its own, its keys, and an example (which test_docs computes)."""
    assert documented("plan.md", rf"^### (?:\w+, )*{verb}\b")
    assert documented("plan.md", rf"^<!-- keys: kind\.{verb} -->")
    assert documented("plan.md", rf"\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\b{verb}: ")
    assert documented("numbers.md", rf"`{verb}`")


@pytest.mark.parametrize("verb", KINDS)
def test_what_stands_under_a_verb_is_known_and_documented(verb: str) -> None:
    """Of a kind with a section of its own every key is suggested for a wrong one, and has its line
    in a table of the documentation."""
    below = KINDS[verb].inner()
    path = ("kpis", "k", verb)
    known = known_keys({"kpis": {"k": {verb: {}}}}, path)
    assert known == ([f.alias or n for n, f in below.model_fields.items()] if below else [])
    if below:
        assert documented("plan.md", rf"^<!-- keys: {below.__name__} -->")


@pytest.mark.parametrize("key", SHAPES)
def test_every_shape_is_named_and_documented(key: str) -> None:
    """A shape has its name in every language, and its line in the table of scores."""
    for lang in LANGUAGES:
        assert say(lang, f"explain.shape.{key}")
    assert documented("plan.md", rf"^\|[^|\n]*\b{key}\b")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", catalog.names())
def test_the_records_of_every_entity_have_a_name(name: str, lang: str) -> None:
    """So many records of an entity are said in every language, and not by its key in the plan."""
    assert has(lang, f"report.entity.{name}")
    several = {say(lang, f"report.entity.{name}", n=n) for n in (1, 2, 5)}
    assert len(several) == (3 if lang == "ru" else 2)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_documented(name: str) -> None:
    """A function that a plan may call has its line in the table of functions."""
    assert FUNCTIONS[name].help
    assert documented("plan.md", rf"^\| `{name}\(")


# --- sources -----------------------------------------------------------------------------------

DEALS = """\
    ID;Сумма;Стадия сделки;Ответственный;Дата создания
    1;100,5;Сделка успешна;Анна Белова;05.05.2024 10:00:00
    2;40;Сделка успешна;Анна Белова;31.05.2024 23:30:00
    """


def as_files(folder: Path) -> None:
    (folder / "d.csv").write_text(dedent(DEALS), "utf-8")


def as_pulled(folder: Path) -> None:
    created = ("2024-05-05T10:00:00+03:00", "2024-05-31T23:30:00+03:00")
    of = zip((1, 2), ("100.5", "40"), created, strict=True)
    Portal.of(deals=[deal(i, opportunity=sum_, createdTime=at) for i, sum_, at in of]).write(folder)


# The same two deals in each kind of source: what the plan says, and what puts them there. A new
# kind has its line here.
IN_SOURCES: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "csv": ("{type: csv, deals: d.csv}", as_files),
    "bitrix24": ("{type: bitrix24}", as_pulled),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_figures_contents_and_says_how_it_stands(
    tmp_path: Path, kind: str
) -> None:
    """Of the same records any source makes the same number; a look into it finds them, and its
    status tells either of files or of what was pulled."""
    said, fill = IN_SOURCES[kind]
    kpi = "{from: deals, sum: amount_original, when: created_at}"
    plan = write(
        tmp_path,
        f"sources: {{crm: {said}}}\nkpis: {{k: {kpi}}}\n",
        {},
    )
    fill(tmp_path)
    with open_workspace(plan, {}) as workspace:
        assert not workspace.errors
        (card,) = computation.compute(workspace, ComputeRequest(MAY, LATER)).scorecards
    assert [row.score("k").fact.value for row in card.rows if row.name == "Анна Белова"] == [
        Decimal("140.5")
    ]
    look = contents(str(plan), {}, "deals")
    assert look.records == 2
    assert {field.name for field in look.fields if field.filled == 100} >= {"id", "created_at"}
    (status,) = standing(str(plan), {}).sources
    assert (status.name, status.type) == ("crm", kind)
    assert bool(status.files) is (status.pulled is None)


def misses(dataset: Dataset) -> Iterator[str]:
    """Yield where a table is not what `LoadedEntity` says that a source gives."""
    for entity, loaded in dataset.loaded.items():
        told = dataset.connection.execute(f"DESCRIBE {loaded.table}").fetchall()
        types = {str(column[0]): str(column[1]) for column in told}
        present = dataset.workspace.bound.schemas[entity].present
        needed = {f"f_{n}": {COLUMNS[present[n].type]} for n in dataset.requests[entity].fields}
        for column, fit in {**needed, "part": WHOLE, "line": WHOLE}.items():
            if types.get(column) not in fit:
                given = types.get(column, "not there")
                yield f"{entity}: {column} is {given}, and is to be {' or '.join(sorted(fit))}"


WHOLE = {"INTEGER", "BIGINT"}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_columns_of_the_types_that_engines_expect(
    tmp_path: Path, kind: str
) -> None:
    """Texts, numbers, conditions, days and instants, stored or derived, are what the protocol says,
    and each record is to be found again."""
    said, fill = IN_SOURCES[kind]
    plan = write(tmp_path, f"sources: {{crm: {said}}}\nkpis:\n{OF_ALL_TYPES}", {})
    fill(tmp_path)
    with open_workspace(plan, {}) as workspace:
        assert not workspace.errors
        measures = tuple(one for several in workspace.bound.measures.values() for one in several)
        dataset = load_data(workspace, DataRequest(measures, (MAY,), LATER, ordered=True))
        assert dataset.requests["deals"].fields >= {"id", "amount", "created_at", "won"}
        assert not [f"{kind}: {miss}" for miss in misses(dataset)]


OF_ALL_TYPES = """\
  text: {from: deals, count: distinct id, when: created_at}
  number: {from: deals, sum: amount, when: created_at}
  bool: {from: deals, share: won, when: created_at}
"""


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_is_documented(kind: str) -> None:
    """What a plan may say of a source has its table, and `type` the word for it."""
    assert documented("plan.md", rf"^<!-- keys: {SPECS[kind].__name__} -->")
    assert documented("plan.md", rf"^\| `type` \| `{kind}` \| \*\*required\*\*")


# --- what is decided by what a plan says, and not by what its text looks like --------------------


@pytest.mark.parametrize(
    ("kpi", "brought"),
    [
        ("{from: leads, count: rows, when: created_at, label: first_reply_at}", False),
        ("{from: leads, count: rows, when: first_reply_at}", True),
        ("{from: leads, median: 'minutes(created_at, first_reply_at)', when: created_at}", True),
        ("{from: leads, percentile: {of: 'hour(first_reply_at)', at: 9}, when: created_at}", True),
        ("{from: leads, share: first_reply_at is null, when: created_at}", True),
    ],
)
def test_activities_are_pulled_for_a_reply_that_a_kpi_reads(
    tmp_path: Path, kpi: str, brought: bool
) -> None:
    """What a KPI is called by people reads nothing; what an expression of it names does."""
    text = f"sources: {{crm: {{type: bitrix24}}}}\nkpis: {{k: {kpi}}}\n"
    loaded = load(write(tmp_path, text, {}), {})
    assert loaded.plan is not None
    found = mentioned(loaded.plan, Order("crm"))
    assert ("activities" in found) is brought


def test_a_missing_column_is_called_as_exports_of_the_language_call_it() -> None:
    """The caption in a message is that of the language, also where it has no letter of its own."""
    email = Field("mail", "text", captions=("E-mail", "Email address"))
    named = replace(email, called={"ru": "E-mail", "en": "Email address"})
    assert [caption(named, lang) for lang in LANGUAGES] == ["Email address", "E-mail"]
    assert caption(email, "ru") == caption(email, "en") == "E-mail"
    assert caption(Field("mail", "text"), "ru") == "mail"
