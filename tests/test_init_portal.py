"""`kpictl init --from-portal`: a plan that knows the portal, and computes as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.expressions import Type
from kpictl.expressions.parse import parse
from kpictl.plan import document
from kpictl.plan.load import validate
from kpictl.scaffold import Department, Pipeline, PortalSummary, compose
from kpictl.scaffold.quoting import comment, equals, scalar
from kpictl.store import FieldDescription
from portal import Portal, World, fields

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("KPICTL_CONFIG", "BITRIX24_WEBHOOK_URL", "BITRIX24_PORTAL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def portal(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    made = Portal(World.sample(1, deals=60))
    with made.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", made.webhook)
        monkeypatch.setattr("kpictl.cli.clock.SystemClock", lambda: made.clock)
        yield made


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def drafted(*words: str) -> tuple[str, Any]:
    code, _, err = run("init", "--from-portal", *words)
    assert (code, err) == (0, "")
    text = Path("kpi.yaml").read_text("utf-8")
    return text, yaml.safe_load(text)


# --- against a portal ------------------------------------------------------------------------


def test_the_plan_holds_what_the_portal_has(portal: Portal) -> None:
    """The base currency, the zone, a scorecard for each department that sells; pipelines and
    custom fields as comments."""
    text, plan = drafted("--lang", "ru")
    assert plan["company"] == {
        "name": "ООО «Ромашка»",
        "currency": "RUB",
        "timezone": "Europe/Moscow",
        "language": "ru",
    }
    assert plan["sources"]["crm"]["type"] == "bitrix24"
    whos = {card["label"]: card["who"] for card in plan["scorecards"].values()}
    assert whos["Отдел продаж"] == "department = 'Отдел продаж'"
    assert "Отдел маркетинга" not in whos
    assert "Другие отделы: ООО «Ромашка», Отдел маркетинга" in text
    assert "#   Сервис: Заявка на сервис, Выезд мастера, Обслуживание завершено (+)," in text
    assert "uf_crm_1700000001  «Регион», enumeration: Москва, Санкт-Петербург" in text
    assert "# targets:" in text


def test_the_plan_passes_check_before_and_after_the_pull(portal: Portal) -> None:
    """Nothing has to be edited: check, pull, compute."""
    drafted("--lang", "ru")
    code, out, err = run("check")
    assert code == 0, out + err
    assert run("pull", "-q") == (0, "", "")
    assert run("check")[0] == 0
    code, out, err = run("compute", "--period", "last-month", "--as-of", "2024-06-03")
    assert code == 0, err
    assert "Отдел продаж" in out
    assert "Белова" in out


def test_the_key_is_not_written_down(portal: Portal) -> None:
    """The plan names the variable; the webhook itself stands neither in it nor on the screen."""
    code, out, err = run("init", "--from-portal")
    text = Path("kpi.yaml").read_text("utf-8")
    assert code == 0
    assert portal.code not in text + out + err
    assert 'webhook: "${BITRIX24_WEBHOOK_URL}"' in text


def test_the_key_may_stand_beside_the_plan(
    portal: Portal, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `.env` that only its owner may read serves as well."""
    (here / ".env").write_text(f"BITRIX24_WEBHOOK_URL={portal.webhook}\n", encoding="utf-8")
    (here / ".env").chmod(0o600)
    monkeypatch.delenv("BITRIX24_WEBHOOK_URL")
    assert "ООО «Ромашка»" in drafted()[0]


def test_it_costs_the_portal_next_to_nothing(portal: Portal) -> None:
    """Two requests, and nobody's record is kept."""
    drafted()
    assert portal.counters["requests"] <= 3


def test_english_when_asked(portal: Portal) -> None:
    """`--lang en` gives an English plan: only the portal's own words are Russian."""
    text, plan = drafted("--lang", "en")
    assert plan["company"]["language"] == "en"
    assert plan["kpis"]["revenue"]["label"] == "Revenue"
    assert "Who is measured by what" in text


def test_a_portal_without_leads_gets_no_conversion(portal: Portal) -> None:
    """Where leads are switched off the KPI is only suggested, and the weights still add up."""
    for number in list(portal.world["leads"].ids):
        portal.world.delete("leads", number)
    text, plan = drafted("--lang", "ru")
    assert "lead_conversion" not in plan["kpis"]
    assert "# lead_conversion:" in text
    for card in plan["scorecards"].values():
        assert sum(entry["weight"] for entry in card["kpis"].values()) == 100


def test_a_key_that_sees_no_people_still_gives_a_plan(portal: Portal) -> None:
    """Without the scopes for users and departments there is one scorecard, for everybody."""
    portal.scopes -= {"user", "department"}
    _, plan = drafted("--lang", "ru")
    (card,) = plan["scorecards"].values()
    assert "who" not in card
    assert run("check")[0] == 0
    assert run("pull", "-q")[0] == 0
    assert run("compute", "--period", "last-month", "--as-of", "2024-06-03")[0] == 0


def test_an_older_portal_will_do(portal: Portal) -> None:
    """Where there is no crm.item.list, the older methods tell the same."""
    portal.without("crm.item.list", "crm.item.fields")
    _, plan = drafted("--lang", "ru")
    assert "Отдел продаж" in {card["label"] for card in plan["scorecards"].values()}


def test_an_existing_plan_is_kept_and_nobody_asked(portal: Portal, here: Path) -> None:
    """Never overwritten without --force; the portal is not even asked."""
    (here / "kpi.yaml").write_text("mine", encoding="utf-8")
    assert run("init", "--from-portal")[0] == 2
    assert (here / "kpi.yaml").read_text("utf-8") == "mine"
    assert portal.counters["requests"] == 0
    assert "bitrix24" in drafted("--force")[0]


def test_no_key_no_plan(here: Path) -> None:
    """Without a key, or with one that the portal refuses, there is a next step and no file."""
    code, _, err = run("init", "--from-portal")
    assert code == 2
    assert "BITRIX24_WEBHOOK_URL" in err
    assert run("init", "--from-portal", "-t", "sales")[0] == 2
    assert not (here / "kpi.yaml").exists()


def test_a_refused_key_is_a_failed_source(portal: Portal, here: Path) -> None:
    """Code 4, what to do, and no half of a plan."""
    portal.revoked = True
    code, out, err = run("init", "--from-portal")
    assert (code, out) == (4, "")
    assert "NO_AUTH_FOUND" in err
    assert not (here / "kpi.yaml").exists()


def test_a_key_that_sees_no_deals_gives_no_plan(portal: Portal, here: Path) -> None:
    """Without the scope crm there is the scope to add, code 4, and nothing is written."""
    portal.scopes.discard("crm")
    code, out, err = run("init", "--from-portal", "--lang", "ru")
    assert (code, out) == (4, "")
    assert "отметьте «CRM (crm)»" in " ".join(err.split())
    assert not (here / "kpi.yaml").exists()


def test_the_plan_speaks_as_the_portal_does(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where --lang is silent, the letters of the portal's own names decide, not the console."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert drafted()[1]["company"]["language"] == "ru"
    english = PortalSummary("p", company="Acme", departments=(Department("1", "Sales", 1, 1),))
    assert english.language == "en"
    assert PortalSummary("p").language is None


def test_what_is_no_address_is_called_so(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word in place of a webhook is told of without an empty name of a portal."""
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", "hello")
    code, _, err = run("init", "--from-portal", "--lang", "ru")
    assert code == 2
    assert "вместо адреса портала задано что-то другое" in err
    assert "  не" not in err


def test_hostile_names_in_the_portal_do_no_harm(portal: Portal) -> None:
    """Departments, fields, pipelines called like YAML, SQL or a variable leave a plan that computes."""
    world = portal.world
    name = "O'Brien: \"${HOME}\" # {a: b}\t\\ 'x' or 1=1"
    world.change("departments", 2, NAME=name)
    nasty = fields.custom("UF_CRM_1", "enumeration", "a\n- b: |\n  c", ["x\ny: z", "${HOME}"])
    world.add_field("deals", nasty)
    text, _ = drafted("--lang", "ru")
    assert "\n- b" not in text
    assert run("check")[0] == 0
    assert run("pull", "-q")[0] == 0
    code, out, err = run("compute", "--period", "last-month", "--as-of", "2024-06-03", "-f", "json")
    assert code == 0, err
    assert "Анна Белова" in out


# --- any text at all -------------------------------------------------------------------------

SYNTAX = st.text(alphabet="aя'\"\\${}#:,-%_ \n\t[]&*!|>?@`~\u2028\ufeff")
TEXTS = st.one_of(st.text(), SYNTAX)


class Departments:
    """The one field that the conditions here may name."""

    def find(self, name: str) -> tuple[str, Type] | None:
        return ("department", Type.TEXT) if name == "department" else None

    def known(self) -> list[str]:
        return ["department"]


@given(TEXTS)
@example("null")
@example("no")
@example("a ${HOME} b")
@example("Отдел продаж")
def test_any_text_is_quoted_so_that_it_stays_what_it_is(text: str) -> None:
    """As a value, in a condition, in a comment: nothing else of the plan changes, and the text
    comes back; but one that looks like a variable is not filled in."""
    condition = equals("department", text)
    written = f"a: {scalar(text)}\nb: {{c: {scalar(text)}, who: {condition}}}  # {comment(text)}\n"
    found = document.read(written, "kpi.yaml", {})
    assert found.problems == []
    expression, errors = parse(found.data["b"]["who"], Departments(), zone=MOSCOW)
    assert errors == []
    assert expression is not None
    if "${" not in text:
        assert (found.data["a"], found.data["b"]["c"]) == (text, text)
        assert f"Literal(value={text!r}" in repr(expression.tree)


def portal_summary(parts: Mapping[str, Any]) -> PortalSummary:
    return PortalSummary(**parts)


NAMES = TEXTS.filter(str.strip)
PORTRAITS = st.fixed_dictionaries({
    "host": NAMES,
    "company": TEXTS,
    "currency": st.sampled_from(["RUB", "KZT", None, "???"]),
    "zone": st.just("Europe/Moscow"),
    "user": TEXTS,
    "admin": st.booleans(),
    "scopes": st.just(("crm",)),
    "has_leads": st.booleans(),
    "departments": st.lists(
        st.builds(Department, st.integers(1, 999).map(str), NAMES, st.integers(1, 9), st.integers(0, 9)),
        max_size=4,
        unique_by=lambda d: d.id,
    ).map(tuple),
    "pipelines": st.lists(
        st.builds(Pipeline, TEXTS, st.lists(st.tuples(TEXTS, st.sampled_from("SF")), max_size=3).map(tuple)),
        max_size=2,
    ).map(tuple),
    "fields": st.lists(
        st.builds(
            FieldDescription, TEXTS, TEXTS, TEXTS, TEXTS, st.booleans(), st.none(),
            st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(lambda found: {"deals": tuple(found)}),
}).map(portal_summary)  # fmt: skip


@given(PORTRAITS, st.sampled_from(["ru", "en"]))
def test_any_portal_gives_a_plan_that_loads(portrait: PortalSummary, lang: str) -> None:
    """Whatever a portal calls its things, the plan is sound, and its scorecards are the departments."""
    read = document.read(compose(portrait, lang), "kpi.yaml", {"BITRIX24_WEBHOOK_URL": "x"})
    plan, problems = validate(read)
    assert problems == []
    assert plan is not None
    sellers = [department for department in portrait.departments if department.sells]
    assert len(plan.scorecards) == max(len(sellers), 1)
