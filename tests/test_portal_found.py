"""What a new user of a portal stumbled over, each thing once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.computation import compute as computed
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.bitrix24.read import required_columns
from kpictl.bitrix24.read.reader import offered
from kpictl.bitrix24.read.schema import describe
from kpictl.bitrix24.rest.client import PortalError
from kpictl.bitrix24.rest.problems import problem_of
from kpictl.bitrix24.rest.responses import Fault, Retry
from kpictl.errors import Problem
from kpictl.values import Results
from kpictl.words import LANGUAGES, say
from plans import LATER, compute, write
from pulled import DEALS, Portal, Row, deal, field_of, move
from test_portal_reading import (
    ANNA,
    BORIS,
    MOSCOW,
    opening_problems,
    plan,
    product,
    read,
    stopped,
)

BUDGET = field_of("UF_CRM_3 UF_CRM_3 money Бюджет")
SIZE = field_of("UF_CRM_1 UF_CRM_1 enumeration Размер", [("79", "Крупный"), ("81", "Мелкий")])
TAGS = field_of("UF_CRM_2 UF_CRM_2 enumeration[] Метки", [("5", "Срочно"), ("7", "Опт")])


def with_custom(*deals: Row, **rows: Any) -> Portal:
    found = Portal.of(deals=list(deals), **rows)
    found.described["deals"] = [*DEALS, BUDGET, SIZE, TAGS]
    return found


def job(*cards: str) -> ComputeRequest:
    return ComputeRequest(
        periods.parse("2024-05", as_of=LATER, zone=MOSCOW), LATER, scorecards=cards
    )


def results(folder: Path, text: str, *cards: str) -> Results:
    """Compute only some scorecards."""
    with open_workspace(write(folder, text, {}), {}) as workspace:
        return computed(workspace, job(*cards))


def of_code(problems: list[Problem], code: str) -> list[Problem]:
    """Return what is said under a code; it can be said in every language."""
    found = [p for p in problems if p.code == code]
    for lang in LANGUAGES:
        assert all(say(lang, p.code, **p.data) for p in found)
    return found


# --- money that bears its currency -------------------------------------------------------------

MONEY = "budget: {from: deals, sum: uf_crm_3, when: created_at, unit: money}"
PRICED = [
    deal(1, UF_CRM_3="1000|RUB"),
    deal(2, UF_CRM_3="10|USD"),
    deal(3, UF_CRM_3="7|EUR", assignedById=9),
    deal(4, UF_CRM_3="5", assignedById=9),
    deal(5, UF_CRM_3="", assignedById=9),
    deal(6, UF_CRM_3="2|ЮЮЮ", assignedById=9),
]
RATES = "rates: {USD: {2024-01-01: 80, 2024-05-10: 90, 2024-05-11: 200}}\n"


def test_custom_money_is_converted_like_the_amount(tmp_path: Path) -> None:
    """Into the company's currency, at the rate of the day of closing; what has no rate is listed,
    what bears no currency is in the company's."""
    found = read(tmp_path, with_custom(*PRICED), MONEY, more=RATES)
    assert found.of("budget") == {ANNA: 1900, BORIS: 5}
    left = found.left_out("budget")
    assert {reason: (one.count, one.ids) for reason, one in left.items()} == {
        "no_rate": (2, ("3", "6")), "no_amount": (1, ("5",)),
    }  # fmt: skip
    said = found.said("source.unknown_currency")
    assert (said.data["entity"], said.data["currencies"]) == ("deals, Бюджет", "ЮЮЮ")


def test_custom_money_and_the_amount_of_one_record(tmp_path: Path) -> None:
    """Each is converted from its own currency, also where both are in one expression or a condition."""
    portal = with_custom(
        deal(1, UF_CRM_3="10|USD", currencyId="KZT"), deal(2, UF_CRM_3="800|RUB"),
        deal(3, UF_CRM_3="1|EUR"),
    )  # fmt: skip
    found = read(
        tmp_path, portal,
        "rest: {from: deals, sum: uf_crm_3 - amount, when: created_at, unit: money}",
        'large: {from: deals, sum: amount, where: "\\"Бюджет\\" > 850", when: created_at, unit: money}',
        more="rates: {USD: 90, KZT: 0.2}\n",
    )  # fmt: skip
    assert found.figures[ANNA] == {"rest": 900 - 20 + 800 - 100, "large": 20}
    assert found.left_out("rest")["no_rate"].ids == ("3",)


def test_explained_custom_money_adds_up(tmp_path: Path) -> None:
    """The records show what was written in which currency, and come to the figure."""
    with_custom(*PRICED).write(tmp_path)
    with open_workspace(write(tmp_path, plan(MONEY, more=RATES), {}), {}) as workspace:
        (part,) = explain(workspace, job(), ExplainRequest("budget", "белова")).steps[0].parts
    assert [(str(r.value), str(r.original), r.currency) for r in part.records] == [
        ("1000.0000000000", "1000.0000000000", "RUB"), ("900.0000000000", "10.0000000000", "USD"),
    ]  # fmt: skip


def test_the_portals_rates_serve_custom_money_too(tmp_path: Path) -> None:
    """Where the plan has no rate the portal's is taken, and said."""
    found = read(tmp_path, with_custom(deal(1, UF_CRM_3="2|USD")), MONEY)
    assert found.of("budget") == {ANNA: Decimal(183)}
    assert found.said("portal.rates").data["rates"] == "USD 91.5"


def test_custom_money_of_several_currencies_is_not_added_in_silence(tmp_path: Path) -> None:
    """Without a currency of the company nothing can be converted: field and currencies are named."""
    with_custom(*PRICED[:3]).write(tmp_path)
    head = "kpictl: 1\ncompany: {name: Р, timezone: Europe/Moscow}\n"
    found = compute(tmp_path, head + plan(MONEY), {})
    said = found.said("source.mixed_currencies")
    assert (said.data["entity"], said.data["currencies"]) == ("deals, Бюджет", "EUR, RUB, USD")


def test_custom_money_needs_what_its_day_is_made_of() -> None:
    """A pull brings the moment of closing and the stage history, as for the amount."""
    schema = describe("deals", [*DEALS, BUDGET], frozenset(offered({})))
    assert required_columns.columns("deals", schema, ["uf_crm_3"]) >= {
        "UF_CRM_3",
        "closedate",
        "movedTime",
    }
    assert set(required_columns.related("deals", schema, ["uf_crm_3"])) == {"stage_history"}


# --- what is not in the store ------------------------------------------------------------------

CARDS = """\
scorecards:
  a: {who: active, kpis: {won: {weight: 100, target: 1}}}
  b: {who: active, kpis: {other: {weight: 100, target: 1}}}
"""
WON = "won: {from: deals, count: rows, where: won, when: closed_at}"


def test_check_warns_of_fields_that_no_pull_has_brought(tmp_path: Path) -> None:
    """At the KPI that reads them; only what computes that KPI stops, and others say nothing."""
    Portal.of(deals=[{k: v for k, v in deal(1).items() if k != "sourceId"}]).write(tmp_path)
    other = "other: {from: deals, count: rows, where: source = 'Звонок', when: closed_at}"
    text = plan(WON, other, more=CARDS)
    (said,) = of_code(opening_problems(tmp_path, text), "portal.fields_not_pulled")
    assert (said.level, said.data["fields"], said.place and said.place.line) == (
        "warning", "source", 6,
    )  # fmt: skip
    assert [p.code for p in stopped(tmp_path, text)] == ["portal.fields_not_pulled"]
    alone = results(tmp_path, text, "a")
    assert not of_code(list(alone.warnings), "portal.fields_not_pulled")


def test_check_warns_of_what_fields_are_made_of(tmp_path: Path) -> None:
    """The first reply is made of activities, a product row's day of its deal's."""
    bare = {k: v for k, v in deal(1).items() if k not in ("closedate", "begindate")}
    Portal.of(deals=[bare], products=[product(1, 1, 5, 2)]).write(tmp_path)
    text = plan(
        "replied: {from: deals, count: rows, when: first_reply_at}",
        "sold: {from: products, sum: amount, when: closed_at, unit: money}",
    )
    found = opening_problems(tmp_path, text)
    assert [p.data["entity"] for p in of_code(found, "portal.not_pulled")] == ["activities"]
    assert [p.data["entity"] for p in of_code(found, "portal.fields_not_pulled")] == ["deals"]


@pytest.mark.parametrize(
    ("scopes", "code"),
    [("crm,user", "portal.not_granted"), ("crm,telephony", "portal.not_pulled")],
)
def test_a_scope_that_the_key_lacks_is_named(tmp_path: Path, scopes: str, code: str) -> None:
    """Another pull cannot bring what the key does not grant; scorecards that do without go on."""
    replace(Portal.of(deals=[deal(1)]), facts={"scopes": scopes}).write(tmp_path)
    text = plan(WON, "other: {from: calls, count: rows, when: started_at}", more=CARDS)
    for found in (opening_problems(tmp_path, text), stopped(tmp_path, text)):
        (said,) = of_code(found, code)
        assert (said.data["entity"], said.data.get("scope", "telephony")) == ("calls", "telephony")
    alone = results(tmp_path, text, "a")
    assert alone.scorecards[0].rows[0].name == ANNA
    assert not of_code(list(alone.warnings), code)


def test_what_an_entity_is_made_of_may_lack_a_scope(tmp_path: Path) -> None:
    """It is named for activities that a first reply needs, too."""
    replace(Portal.of(deals=[deal(1)]), facts={"scopes": "task"}).write(tmp_path)
    text = plan("other: {from: deals, count: rows, when: first_reply_at}")
    assert [p.data["scope"] for p in of_code(stopped(tmp_path, text), "portal.not_granted")] == [
        "crm"
    ]


def test_a_refusal_names_the_entity() -> None:
    """A method's name means nothing to who wrote the plan: what it lists stands beside it."""
    fault = Fault("insufficient_scope", "", Retry.NEVER, 401)
    for method, shown in (("voximplant.statistic.get", "voximplant.statistic.get (calls)"),
                          ("crm.item.list", "crm.item.list")):  # fmt: skip
        said = problem_of(PortalError(fault, method), source="crm", needed_by=None)
        assert said.data["method"] == shown


# --- notes -------------------------------------------------------------------------------------


def test_rows_of_templates_are_not_said_to_belong_to_nothing(tmp_path: Path) -> None:
    """Their deal is there: a template, which has its own note."""
    portal = Portal.of(
        deals=[deal(1), deal(2, isRecurring="Y")],
        products=[product(1, 1, 5, 2), product(2, 2, 5, 2)],
    )
    kpi = "sold: {from: products, sum: amount, when: closed_at, unit: money}"
    found = read(tmp_path, portal, kpi)
    assert found.of("sold") == {ANNA: 10}
    assert found.said("portal.templates").data["count"] == 1
    assert "portal.orphans" not in found.codes


def test_who_is_listed_is_only_asked_where_a_scorecard_does_not_say(tmp_path: Path) -> None:
    """A plan whose scorecards all say who is in them hears nothing of it."""
    cards = "scorecards: {{a: {{{}kpis: {{won: {{weight: 100, target: 1}}}}}}}}\n"
    portal = Portal.of(deals=[deal(1)])
    said = read(tmp_path, portal, WON, more=cards.format("who: active, "))
    assert "portal.people_named" not in said.codes
    assert "portal.people_named" in compute(tmp_path, plan(WON, more=cards.format("")), {}).codes


def test_the_moment_of_closing_is_only_spoken_of_where_it_is_read(tmp_path: Path) -> None:
    """Product rows by the day their deal was made, whose rate is that of the closing: no word."""
    deals = [deal(1, movedTime=None)]
    portal = Portal.of(deals=deals, products=[product(1, 1, 5, 2)])
    portal.rows["stage_history"] = [move(1, 9, "2024-05-06T10:00:00+03:00", "WON", "S", 3)]
    by_day = "sold: {{from: products, sum: amount, when: {}, unit: money}}"
    made = read(tmp_path, portal, by_day.format("created_at"))
    assert not {c for c in made.codes if c.startswith("source.closed_by")}
    closed = compute(tmp_path, plan(by_day.format("closed_at")), {})
    assert {c for c in closed.codes if c.startswith("source.closed_by")}


BEFORE = [move(1, 9, "2024-05-06T10:00:00+03:00", "WON", "S", 3)]
OWN = [*BEFORE, move(2, 1, "2024-05-07T10:00:00+03:00", "WON", "S", 3)]
UNMOVED = deal(1, movedTime=None)


@pytest.mark.parametrize(
    ("row", "history", "counts", "level"),
    [
        (deal(1), OWN, (1, 0, 0), "note"),
        (deal(1), BEFORE, (0, 1, 0), "note"),
        (UNMOVED, OWN, (1, 0, 0), "note"),
        (UNMOVED, BEFORE, (0, 0, 1), "warning"),
        (deal(1, stageId="NEW", stageSemanticId="P", closed="N"), OWN, None, ""),
    ],
)
def test_how_many_moments_of_closing_are_whose_word_is_said(
    tmp_path: Path, row: Row, history: list[Row], counts: tuple[int, int, int] | None, level: str
) -> None:
    """Those of the history, of the last move, and of the close date, which anybody may edit; of
    records that are open nothing."""
    found = read(tmp_path, Portal.of(deals=[row], stage_history=history), WON)
    if counts is None:
        assert "source.closed_by_history" not in found.codes
        return
    said = found.said("source.closed_by_history")
    assert tuple(said.data[key] for key in ("history", "moved", "planned")) == counts
    assert (said.level, said.data["caption"]) == (level, "Дата изменения стадии")


@pytest.mark.parametrize(
    ("history", "counts", "level"), [(OWN, (1, 0, 0), "note"), (BEFORE, (0, 0, 1), "warning")]
)
def test_a_portal_that_knows_no_moves_closes_by_its_history_or_the_plan(
    tmp_path: Path, history: list[Row], counts: tuple[int, int, int], level: str
) -> None:
    """Where deals have no moment of their last move, the close date alone stands in."""
    row = {key: value for key, value in deal(1).items() if key != "movedTime"}
    portal = Portal.of(deals=[row], stage_history=history)
    portal.described["deals"] = [one for one in DEALS if one.name != "movedTime"]
    said = read(tmp_path, portal, WON).said("source.closed_by_history")
    assert tuple(said.data[key] for key in ("history", "moved", "planned")) == counts
    assert (said.level, said.data["caption"]) == (level, "Дата завершения")


# --- values that are never there ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "field", "near"),
    [
        ("uf_crm_1 = 'Крупнй'", "Размер", "Крупный"),
        ("uf_crm_1 in ('Мелкий', '79')", "Размер", "Крупный"),
        ("stage <> 'Договр подписан'", "stage", "Договор подписан"),
        ("won and stage = 'WON'", "stage", "Сделка успешна"),
        ("pipeline = 'Услуга'", "pipeline", "Услуги"),
        ("coalesce(source = 'Звонки', false)", "source", "Звонок"),
        ("uf_crm_2 = 'Срочн'", "Метки", "Срочно"),
    ],
)
def test_a_value_that_a_list_does_not_have_is_noticed(
    tmp_path: Path, where: str, field: str, near: str
) -> None:
    """Enumerations, directories, stages and pipelines: with the one that was probably meant."""
    with_custom(deal(1, UF_CRM_1="79", UF_CRM_2=[5])).write(tmp_path)
    text = plan(f'n: {{from: deals, count: rows, where: "{where}", when: created_at}}')
    (said,) = of_code(opening_problems(tmp_path, text), "portal.no_value")
    assert (said.level, said.data["field"], said.data["near"]) == ("warning", field, near)


@pytest.mark.parametrize(
    "where",
    [
        "uf_crm_1 = 'Крупный' or uf_crm_1 = '999'",
        "stage in ('Услуга оказана', 'Новая') and pipeline = 'Общая'",
        "title = 'Что угодно' or contains(uf_crm_2, 'Опт')",
        "type = 'Продажа'",  # of this directory nothing is known
        "outcome = 'won'",
    ],
)
def test_what_may_be_there_is_not_remarked_on(tmp_path: Path, where: str) -> None:
    """Values that are in the list, free text, codes of values that were deleted."""
    with_custom(deal(1, UF_CRM_1="79", UF_CRM_2=[5])).write(tmp_path)
    text = plan(f'n: {{from: deals, count: rows, where: "{where}", when: created_at}}')
    assert opening_problems(tmp_path, text) == []


@pytest.mark.parametrize("value", ["Срочно", "Срочно, Опт"])
def test_one_value_of_several_is_asked_for_by_contains(tmp_path: Path, value: str) -> None:
    """Several values are one text: only a record that has no other value equals it."""
    with_custom(deal(1, UF_CRM_2=[5]), deal(2, UF_CRM_2=[5, 7])).write(tmp_path)
    kpi = 'n: {{from: deals, count: rows, where: "{}", when: created_at}}'
    text = plan(kpi.format(f"uf_crm_2 = '{value}'"))
    (said,) = of_code(opening_problems(tmp_path, text), "portal.one_of_several")
    assert (said.data["field"], said.data["name"]) == ("Метки", "uf_crm_2")
    found = compute(tmp_path, plan(kpi.format(f"contains(uf_crm_2, '{value}')")), {})
    assert found.of("n") == {ANNA: 2 if value == "Срочно" else 1}


def test_a_department_that_the_portal_does_not_have_is_noticed(tmp_path: Path) -> None:
    """`who` would choose nobody; departments that nobody is in are known as well."""
    Portal.of(deals=[deal(1)]).write(tmp_path)
    cards = "scorecards: {{a: {{who: \"{} = '{}'\", kpis: {{won: {{weight: 100, target: 1}}}}}}}}\n"

    def said(field: str, called: str) -> list[Problem]:
        return opening_problems(tmp_path, plan(WON, more=cards.format(field, called)))

    (wrong,) = of_code(said("department", "Отдел продажи"), "portal.no_value")
    assert (wrong.data["field"], wrong.data["near"]) == ("department", "Отдел продаж")
    assert [p.code for p in said("departments", "Отдел продаж")] == ["portal.one_of_several"]
    assert said("department", "Отдел продаж") == said("position", "Кто угодно") == []


def test_a_text_against_a_text_is_noticed(tmp_path: Path) -> None:
    """A field's name in single quotes is a text: beside a field that is one, the comparison is
    noticed; a condition without any field is refused."""
    with_custom(deal(1)).write(tmp_path)
    kpi = "n: {{from: deals, count: rows, where: \"{}'Размер' = 'Крупный'\", when: created_at}}"
    (said,) = of_code(opening_problems(tmp_path, plan(kpi.format("won and "))), "lint.constant")
    assert (said.level, said.data["name"]) == ("warning", "Размер")
    (refusal,) = of_code(opening_problems(tmp_path, plan(kpi.format(""))), "expr.no_field")
    assert refusal.level == "error"
