"""`kpictl fields`: what a kind of record has to offer, and what of it is nobody's business."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kpictl.app.profile import contents
from kpictl.cli import app
from kpictl.cli.fields_view import Page
from portal import Portal, World

PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources:
  crm: {type: csv, deals: deals.csv, employees: employees.csv}
kpis: {revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}}
"""
HEAD = "ID;Название сделки;Стадия сделки;Сумма;Ответственный;Дата изменения стадии;Комментарий;Телефон;Отрасль;Скидка;Контакт для связи\n"
LINE = "{n};Сделка {n};{stage};{n},50;Анна Белова;05.05.2024 10:{n:02}:00;секрет {n};+7 912 000-00-{n:02};{branch};{n};{mail}\n"
PORTAL = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}}
kpis:
  revenue: {from: deals, sum: amount, where: "won and uf_crm_1700000001 is not null", when: closed_at}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    lines = "".join(
        LINE.format(
            n=n,
            stage="Сделка успешна" if n % 4 else "Новая",
            branch=("Насосы", "=cmd|'/c calc'!A1", "Котлы", "Котлы", "")[n % 5],
            mail=f"u{n % 3}@example.ru",
        )
        for n in range(1, 41)
    )
    (tmp_path / "deals.csv").write_text(HEAD + lines, encoding="utf-8")
    people = "Сотрудник;Email;Отдел;Оклад\nАнна Белова;a@example.ru;Продажи;90000\nОлег Ким;k@example.ru;Продажи;\n"
    (tmp_path / "employees.csv").write_text(people, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("KPICTL_CONFIG", "BITRIX24_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["fields", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def fields(*words: str) -> dict[str, dict[str, Any]]:
    code, out, err = run(*words, "-f", "json")
    assert (code, err) == (0, "")
    return {field["name"]: field for field in json.loads(out)["fields"]}


# --- files -----------------------------------------------------------------------------------


def test_each_field_says_how_full_it_is_and_what_stands_in_it(here: Path) -> None:
    """Name, CRM code, type and caption; shares are of the filled cells, fullness of all records."""
    found = fields("deals")
    stage = found["stage"]
    assert (stage["code"], stage["caption"], stage["type"]) == ("STAGE_ID", "Стадия сделки", "text")
    assert (stage["filled"], stage["holds"]) == (100, "values")
    assert stage["values"] == [
        {"value": "Сделка успешна", "share": 75},
        {"value": "Новая", "share": 25},
    ]
    branch = found["отрасль"]
    assert branch["filled"] == 80
    assert [one["share"] for one in branch["values"]] == [50, 25, 25]


def test_numbers_and_days_are_given_as_a_range(here: Path) -> None:
    """Of amounts and moments the least and the greatest tell more than the commonest; moments are
    in the company's zone."""
    found = fields("deals")
    assert found["amount_original"]["range"] == ["1.5", "40.5"]
    assert found["moved_at"]["range"] == ["2024-05-05 10:01", "2024-05-05 10:40"]


def test_a_column_that_nobody_declared_has_the_type_that_it_would_get(here: Path) -> None:
    """The plan reads it so as soon as it names it."""
    assert fields("deals")["скидка"]["type"] == "number"
    assert fields("deals")["отрасль"]["type"] == "text"


def test_what_is_computed_is_there_too(here: Path) -> None:
    """Conditions may use derived fields; they are told apart from columns."""
    won = fields("deals")["won"]
    assert (won["derived"], won["caption"]) == (True, None)
    assert won["values"] == [{"value": "true", "share": 75}, {"value": "false", "share": 25}]


def test_personal_things_are_counted_and_not_shown(here: Path) -> None:
    """Comments, telephones, and whatever looks like an address of a person, by whatever name."""
    found = fields("deals")
    for name in ("comment", "телефон", "контакт_для_связи"):
        assert (found[name]["holds"], found[name]["values"]) == ("private", [])
        assert found[name]["filled"] == 100
    for form in ("table", "csv", "json"):
        out = run("deals", "-f", form)[1]
        assert "секрет" not in out
        assert "912 000" not in out
        assert "@example" not in out


def test_numbers_are_never_taken_for_telephones(here: Path) -> None:
    """A sum with many digits is no contact: only texts are looked at for them."""
    text = (here / "deals.csv").read_text("utf-8")
    for n in range(1, 41):
        text = text.replace(f";{n},50;", f";{79120000001 + n % 3},5;")
    (here / "deals.csv").write_text(text, encoding="utf-8")
    found = fields("deals")["amount_original"]
    assert (found["holds"], len(found["values"])) == ("values", 3)


def test_what_is_different_in_each_record_is_not_listed(here: Path) -> None:
    """Numbers and titles have no commonest value; how many there are is said."""
    found = fields("deals")["title"]
    assert (found["holds"], found["different"], found["values"]) == ("different", 40, [])


def test_a_bad_cell_hides_no_field(here: Path) -> None:
    """What cannot be read is left out, and lowers how full the field is."""
    text = (here / "deals.csv").read_text("utf-8").replace(";7,50;", ";дорого;")
    (here / "deals.csv").write_text(text, encoding="utf-8")
    assert fields("deals")["amount_original"]["filled"] == 97.5


def test_employees_say_what_who_may_ask_for(here: Path) -> None:
    """Departments and positions are shown; names, addresses and salaries are not."""
    found = fields("employees")
    assert found["department"]["values"] == [{"value": "Продажи", "share": 100}]
    assert found["salary"]["filled"] == 50
    out = run("employees")[1]
    assert "Белова" not in out
    assert "90000" not in out


def test_csv_cannot_start_a_formula(here: Path) -> None:
    """What a spreadsheet would run is put in a harmless form."""
    rows = list(csv.reader(io.StringIO(run("deals", "-f", "csv")[1])))
    assert rows[0] == ["name", "code", "type", "caption", "filled", "values"]
    assert not [c for row in rows[1:] for c in row if c.startswith(("=", "+", "@", "-"))]
    (branch,) = (row for row in rows if row[0] == "отрасль")
    assert "Котлы (50 %)" in branch[5]


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_the_table_fits_its_window(here: Path, width: int) -> None:
    """Codes give way before names and values do."""
    page = Page(contents("kpi.yaml", {}, "deals"), "ru", width=width)
    lines = list(page.lines())
    assert max(map(len, lines)) <= width
    assert ("STAGE_ID" in "\n".join(lines)) == (width >= 110)
    assert lines[0].startswith("Сделки (deals) · crm · 40 записей")


def test_hostile_values_come_out_tame(here: Path) -> None:
    """Captions and cells may hold what paints a terminal; here they do not."""
    text = (here / "deals.csv").read_text("utf-8").replace("Насосы", "\x1b[31mНасосы\u202e")
    (here / "deals.csv").write_text(text, encoding="utf-8")
    out = run("deals")[1]
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("deels",), "deals"),
        (("deals", "--source", "cmr"), "crm"),
        (("deals", "-f", "xml"), "table"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    here: Path, words: tuple[str, ...], near: str
) -> None:
    """A slip is code 2, with the name that was meant."""
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert near in err


def test_a_file_that_cannot_be_opened_is_a_failed_source(here: Path) -> None:
    """Records that the plan declares and no file has are code 4, as for any command."""
    (here / "deals.csv").unlink()
    code, _, err = run("deals")
    assert code == 4
    assert "deals.csv" in err


# --- a portal --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which a portal has been pulled; the portal is gone."""
    folder = tmp_path_factory.mktemp("pulled")
    (folder / "kpi.yaml").write_text(PORTAL, encoding="utf-8")
    portal = Portal(World.sample(1, deals=60))
    plan = str(folder / "kpi.yaml")
    with portal.serve(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("BITRIX24_WEBHOOK_URL", portal.webhook)
        assert CliRunner().invoke(app, ["pull", "-q", "-c", plan]).exit_code == 0
    return folder


def test_a_portals_fields_hold_captions_not_codes(pulled: Path) -> None:
    """Stages, pipelines and lists stand there as conditions of the plan write them."""
    found = fields("deals", "-c", str(pulled / "kpi.yaml"))
    assert found["stage"]["values"][0]["value"] == "Сделка успешна"
    assert {one["value"] for one in found["pipeline"]["values"]} == {"Общая", "Сервис"}
    region = found["uf_crm_1700000001"]
    assert (region["code"], region["caption"]) == ("UF_CRM_1700000001", "Регион")
    assert {one["value"] for one in region["values"]} <= {
        "Москва", "Санкт-Петербург", "Урал", "Сибирь",
    }  # fmt: skip
    names = {one["value"] for one in found["owner_id"]["values"]}
    assert not [name for name in names if name.isdecimal()]


def test_what_was_not_pulled_is_listed_with_the_way_to_it(pulled: Path) -> None:
    """The portal has described it, so the plan may name it; it only is not here yet."""
    plan = str(pulled / "kpi.yaml")
    budget = fields("deals", "-c", plan)["uf_crm_1700000003"]
    assert (budget["pulled"], budget["filled"], budget["type"]) == (False, None, "money")
    (line,) = (
        one
        for one in run("deals", "-c", plan)[1].splitlines()
        if one.startswith("uf_crm_1700000003")
    )
    assert line.endswith("не загружено: kpictl pull --all-fields")
    lines = list(Page(contents(plan, {}, "deals"), "ru", width=100).lines())
    assert any("kpictl pull --all-fields" in one for one in lines)


def test_records_that_were_not_pulled_say_how_to_get_them(pulled: Path) -> None:
    """A kind of record that a portal has is no unknown word."""
    code, _, err = run("contacts", "-c", str(pulled / "kpi.yaml"))
    assert code == 2
    assert "kpictl pull --only contacts" in err
