"""A portal's records, read from the local store: values, stages, moments, people, rates."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from hard import examples
from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain, left_out
from kpictl.app.workspace import open_workspace
from kpictl.bitrix24.read import required_columns
from kpictl.bitrix24.read.reader import Settings, offered, open_portal
from kpictl.bitrix24.read.schema import describe
from kpictl.bitrix24.sync import PullRequest as Pulling
from kpictl.bitrix24.sync import pull
from kpictl.database import connect
from kpictl.errors import Problem, SourceError
from kpictl.sources.base import LoadRequest
from kpictl.store import attach, folder_of
from kpictl.values import Account, State
from plans import LATER, Computed, compute, lines, refused, write
from portal import Clock, World
from portal import Portal as EmulatedPortal
from pulled import DEALS, LEADS, USERS, Portal, Row, copied, deal, field_of, fields, move, user

MOSCOW = ZoneInfo("Europe/Moscow")
PORTAL = "sources: {crm: {type: bitrix24}}\n"
REVENUE = (
    "revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}",
    "won: {from: deals, count: rows, where: won, when: closed_at}",
)
ANNA, BORIS, VERA = "Анна Белова", "Борис Ким", "Вера Орлова"


def plan(*kpis: str, source: str = PORTAL, more: str = "") -> str:
    return source + "kpis:\n" + "".join(f"  {kpi}\n" for kpi in kpis) + dedent(more)


def read(folder: Path, portal: Portal, *kpis: str, **more: Any) -> Computed:
    """Compute KPIs over a portal."""
    portal.write(folder)
    source, rest = more.pop("source", PORTAL), more.pop("more", "")
    return compute(folder, plan(*kpis, source=source, more=rest), more.pop("files", {}), **more)


def opening_problems(folder: Path, text: str) -> list[Problem]:
    """Return what `check` would say."""
    with open_workspace(write(folder, text, {}), {}) as workspace:
        return list(workspace.problems)


def stopped(folder: Path, text: str) -> list[Problem]:
    """Return why the sources of a plan stop its computation."""
    with pytest.raises(SourceError) as caught:
        compute(folder, text, {})
    return list(caught.value.problems)


# --- the same as from files --------------------------------------------------------------------

# Per deal: stage, amount, currency, owner, company, contact, moved (wall clock in Moscow), begun.
WORLD = [
    ("WON", "100.50", "RUB", 5, 7, 0, "2024-05-10 12:00:00", "2024-05-01"),
    ("WON", "200", "USD", 5, 7, 3, "2024-05-31 23:59:59", "2024-05-31"),
    ("WON", "1", "RUB", 9, 0, 7, "2024-06-01 00:00:00", "2024-06-01"),
    ("WON", "7.25", "EUR", 9, 8, 0, "2024-05-01 00:00:00", "2024-04-30"),
    ("LOSE", "55", "RUB", 9, 0, 3, "2024-05-03 09:30:00", "2024-05-02"),
    ("NEW", "9000", "RUB", 12, 0, 0, "2024-05-03 09:30:00", "2024-05-02"),
    ("C4:WON", "13", "RUB", 12, 0, 3, "2024-05-30 03:00:00", "2024-05-02"),
    ("APOLOGY", "13", "RUB", 12, 0, 3, "2024-05-30 03:00:00", "2024-05-02"),
    ("C4:SIGNED", "21", "RUB", 5, 9, 0, "2024-05-15 03:00:00", "2024-05-09"),
]
CAPTIONS = {"WON": "Сделка успешна", "LOSE": "Сделка провалена", "NEW": "Новая",
            "C4:WON": "Услуга оказана", "APOLOGY": "Анализ причины провала",
            "C4:SIGNED": "Договор подписан"}  # fmt: skip
ENDS = {"WON": "S", "C4:WON": "S", "LOSE": "F", "APOLOGY": "F"}
NAMES = {5: ANNA, 9: "Ким Борис", 12: VERA}
MONEY = {"RUB": "Российский рубль", "USD": "Доллар США", "EUR": "Евро"}
SAME = """\
kpis:
  revenue:  {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won:      {from: deals, count: rows, where: won, when: closed_at}
  lost:     {from: deals, count: rows, where: lost and pipeline = 'Общая', when: closed_at}
  clients:  {from: deals, count: distinct client_id, where: outcome = 'won', when: closed_at}
  begun:    {from: deals, sum: amount, when: begins_on, unit: money}
  signed:   {from: deals, count: rows, where: stage = 'Договор подписан', when: moved_at}
  late:     {from: deals, count: rows, where: hour(moved_at) >= 18 and source = 'Веб-сайт', when: moved_at}
  rate:     {from: deals, share: won, where: "outcome <> 'open'", when: closed_at}
  biggest:  {from: deals, max: amount_original, where: won, when: closed_at}
rates: {USD: {2024-01-01: 90, 2024-05-31: 91.5}, EUR: 99}
scorecards:
  all: {kpis: {revenue: {weight: 100, target: 1000}, won: {weight: 0}, lost: {weight: 0}, clients: {weight: 0}, begun: {weight: 0},
               signed: {weight: 0}, late: {weight: 0}, rate: {weight: 0}, biggest: {weight: 0}}}
targets: {company: {revenue: 5000}}
"""


FOR_CSV = "sources: {crm: {type: csv, deals: d.csv, stages: {Услуга оказана: won}}}\n"


def as_portal(world: Sequence[tuple[Any, ...]]) -> Portal:
    """Return the records as a portal delivers them, from a server far away from Moscow."""
    found = []
    for i, (stage, amount, currency, owner, company, contact, moved, begun) in enumerate(world, 1):
        at = datetime.fromisoformat(moved).replace(tzinfo=MOSCOW)
        made = at - timedelta(hours=1)
        zone = timezone(timedelta(hours=2))
        found.append(deal(
            i, stageId=stage, stageSemanticId=ENDS.get(stage, "P"), opportunity=amount,
            currencyId=currency, assignedById=owner, companyId=company, contactId=contact,
            categoryId=4 if stage.startswith("C4") else 0, closed="Y" if stage in ENDS else "N",
            movedTime=at.astimezone(zone).isoformat(), createdTime=made.astimezone(zone).isoformat(),
            begindate=f"{begun}T02:00:00+02:00",
        ))  # fmt: skip
    return Portal.of(deals=found)


def as_csv(world: Sequence[tuple[Any, ...]]) -> str:
    """Return the records as that portal's own list export writes them."""
    rows = []
    for i, (stage, amount, currency, owner, company, contact, moved, begun) in enumerate(world, 1):
        at = datetime.fromisoformat(moved)
        wall = f"{at:%d.%m.%Y %H:%M:%S}"
        made = f"{at - timedelta(hours=1):%d.%m.%Y %H:%M:%S}"
        day = f"{datetime.fromisoformat(begun):%d.%m.%Y}"
        pipeline = "Услуги" if stage.startswith("C4") else "Общая"
        rows.append([
            i, CAPTIONS[stage], pipeline, amount, MONEY[currency], NAMES[owner],
            f"ООО {company}" if company else "", f"Клиент {contact}" if contact else "",
            wall, made, day, "да" if stage in ENDS else "нет", "Веб-сайт",
        ])  # fmt: skip
    head = ("ID;Стадия сделки;Воронка;Сумма;Валюта;Ответственный;Компания;Контакт;"
            "Дата изменения стадии;Дата создания;Дата начала;Сделка закрыта;Источник")  # fmt: skip
    return lines(head, rows)


def outcome_of(computed: Computed) -> Any:
    """Return everything that a reader sees of a computation but how he got it."""
    found = computed.results
    rows = [
        (r.name, r.rank, r.index, [(s.kpi, s.fact.value, s.state, s.points) for s in r.scores])
        for card in found.scorecards
        for r in sorted(card.rows, key=lambda r: r.name)
    ]
    left = sorted((o.kpi, o.reason, o.count, o.amount) for o in found.left_out)
    total = computed.total if computed.card.total is not None else {}
    return rows, total, [s.fact.value for s in found.company], left


def test_a_portal_and_its_export_give_the_same_figures(tmp_path: Path) -> None:
    """One plan over the same records, pulled or exported: figures, points, ranks, what is left."""
    folders = [tmp_path / "csv", tmp_path / "portal"]
    for folder in folders:
        folder.mkdir()
    exported = compute(folders[0], FOR_CSV + SAME, {"d.csv": as_csv(WORLD)})
    as_portal(WORLD).write(folders[1])
    pulled = compute(folders[1], PORTAL + SAME, {})
    # In a file a name is all there is; a portal writes it in its own order.
    files = replace_names(outcome_of(exported), {"Ким Борис": BORIS})
    assert outcome_of(pulled) == files
    assert pulled.of("revenue") == {ANNA: Decimal("18400.5"), BORIS: Decimal("717.75"), VERA: 13}


def replace_names(found: Any, names: Mapping[str, str]) -> Any:
    rows, *rest = found
    return (sorted((names.get(r[0], r[0]), *r[1:]) for r in rows), *rest)


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(sorted(CAPTIONS)),
        st.decimals(Decimal(0), Decimal(10**9), places=2).map(str),
        st.sampled_from(sorted(MONEY)),
        st.sampled_from(sorted(NAMES)),
        st.integers(0, 3),
        st.integers(0, 3),
        st.datetimes(
            datetime.fromisoformat("2024-04-28"), datetime.fromisoformat("2024-06-03")
        ).map(lambda m: m.isoformat(" ", "seconds")),
        st.dates(date(2024, 4, 28), date(2024, 6, 3)).map(str),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=examples(4, 40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RECORDS)
def test_any_records_give_the_same_figures_both_ways(
    tmp_path_factory: pytest.TempPathFactory, world: list[tuple[Any, ...]]
) -> None:
    """Whatever the stages, amounts, currencies, clients and moments: exported or pulled."""
    files, store = tmp_path_factory.mktemp("csv"), tmp_path_factory.mktemp("portal")
    as_portal(world).write(store)
    exported = compute(files, FOR_CSV + SAME, {"d.csv": as_csv(world)})
    pulled = compute(store, PORTAL + SAME, {})
    assert outcome_of(pulled) == replace_names(outcome_of(exported), {"Ким Борис": BORIS})


COMPANY_YEAR = """\
rates: {USD: {2023-01-01: 80, 2024-04-10: 92}, EUR: 99, KZT: 0.2}
kpis:
  revenue:  {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won:      {from: deals, count: rows, where: won, when: closed_at}
  lost:     {from: deals, count: rows, where: lost, when: closed_at}
  clients:  {from: deals, count: distinct client_id, where: won, when: closed_at}
  begun:    {from: deals, sum: amount, when: begins_on, unit: money}
  made:     {from: deals, count: rows, where: "source is not null and pipeline = 'Общая'", when: created_at}
  region:   {from: deals, count: rows, where: "\\"Регион\\" = 'Москва'", when: created_at}
  signed:   {from: deals, count: rows, where: "\\"Договор подписан\\"", when: created_at}
  margin:   {from: deals, average: "\\"Маржа, %\\"", when: created_at}
  leads:    {from: leads, count: rows, when: created_at}
  quality:  {from: leads, share: converted, when: created_at}
"""


@pytest.mark.parametrize(("seed", "really"), [(1, False), (2, True)], ids=["copied", "pulled"])
def test_a_whole_company_gives_the_same_figures(tmp_path: Path, seed: int, *, really: bool) -> None:
    """A year of an emulated portal, copied page by page or pulled, and that portal's own export."""
    world = World.sample(seed=seed, deals=250)
    for template in [r["ID"] for r in world["deals"] if r["IS_RECURRING"] == "Y"]:
        world.delete("deals", template)  # the emulated export, unlike the list, has them
    for contact in world["contacts"].ids:  # in an export two of one name would be one client
        world.change("contacts", contact, LAST_NAME=f"Номеров-{contact}")
    emulated = EmulatedPortal(world, Clock(), plan=None)
    portal = copied(emulated)
    ends = {
        row["NAME"]: {"S": "won", "F": "lost"}.get(row["SEMANTICS"] or "", "open")
        for row in portal.rows["statuses"]
        if row["ENTITY_ID"].startswith("DEAL_STAGE")
    }
    stages = ", ".join(f'"{caption}": {end}' for caption, end in ends.items())
    files, store = tmp_path / "csv", tmp_path / "portal"
    for folder in (files, store):
        folder.mkdir()
    for entity in ("deals", "leads"):
        world.export_csv(entity, files / f"{entity}.csv")
    if really:
        with emulated.serve():
            path = write(store, PORTAL + COMPANY_YEAR, {})
            pull(str(path), {"BITRIX24_WEBHOOK_URL": emulated.webhook}, Pulling(), emulated.clock)
    else:
        portal.write(store)
    source = (
        "sources: {crm: {type: csv, deals: deals.csv, leads: {path: leads.csv}, stages: {%s}}}\n"
    )
    for period in ("2023-Q4", "2024-05"):
        exported = compute(files, source % stages + COMPANY_YEAR, {}, period=period)
        pulled = compute(store, PORTAL + COMPANY_YEAR, {}, period=period)
        assert pulled.figures == exported.figures
        assert pulled.total == exported.total


# --- values ------------------------------------------------------------------------------------

CUSTOM = fields("""
UF_CRM_1 UF_CRM_1 enumeration Размер
UF_CRM_2 UF_CRM_2 enumeration[] Интересы
UF_CRM_3 UF_CRM_3 money Бюджет
UF_CRM_4 UF_CRM_4 boolean Срочно
UF_CRM_5 UF_CRM_5 double Оценка клиента
UF_CRM_6 UF_CRM_6 date День доставки
UF_CRM_7 UF_CRM_7 datetime Обещано
UF_CRM_8 UF_CRM_8 employee Ведущий инженер
UF_CRM_9 UF_CRM_9 string[] Метки
UF_CRM_10 UF_CRM_10 crm_status:SOURCE Второй источник
UF_CRM_11 UF_CRM_11 string Примечание
""")
CUSTOM[0] = structs.replace(CUSTOM[0], items=(("79", "Крупный"), ("81", "Мелкий")))
CUSTOM[1] = structs.replace(CUSTOM[1], items=(("5", "Окна"), ("7", "Двери, «люкс»")))


def custom(*deals: Row) -> Portal:
    found = Portal.of(deals=list(deals))
    found.described["deals"] = [*DEALS, *CUSTOM]
    return found


def values(folder: Path, portal: Portal, entity: str, *names: str) -> list[tuple[Any, ...]]:
    """Return fields of an entity as they are loaded, in the order of its records."""
    portal.write(folder)
    connection = connect(MOSCOW)
    try:
        store = attach(connection, folder_of(folder / "kpi.yaml"), "crm")
        assert store is not None
        items = {"projects": 1036}
        reader = open_portal(store, Settings("crm", items=items), offered(items))
        loaded = reader.load(connection, entity, LoadRequest(frozenset(names)))
        columns = ", ".join(f'"f_{name}"' for name in names)
        query = f"SELECT {columns} FROM {loaded.table} ORDER BY line"
        return list(connection.execute(query).fetchall())
    finally:
        connection.close()


def test_custom_fields_are_read_by_their_type(tmp_path: Path) -> None:
    """Enumerations by value, money without its currency, several values joined, days as days."""
    filled = deal(
        1, UF_CRM_1=79, UF_CRM_2=[5, "7"], UF_CRM_3="300.5|EUR", UF_CRM_4="1", UF_CRM_5=9.5,
        UF_CRM_6="2024-05-31T03:00:00+03:00", UF_CRM_7="2024-05-31T23:30:00-05:00", UF_CRM_8=9,
        UF_CRM_9=["а", "б;в"], UF_CRM_10="CALL", UF_CRM_11="  да  ",
    )  # fmt: skip
    empty = deal(
        2, UF_CRM_1=None, UF_CRM_2=[], UF_CRM_3="", UF_CRM_4="N", UF_CRM_5=None, UF_CRM_6="",
        UF_CRM_7=None, UF_CRM_8=0, UF_CRM_9=False, UF_CRM_10="", UF_CRM_11="",
    )  # fmt: skip
    odd = deal(3, UF_CRM_1="999", UF_CRM_2=[999, 5], UF_CRM_10="GONE", UF_CRM_5="1.5e+3")
    names = [f"uf_crm_{i}" for i in range(1, 12)]
    first, second, third = values(tmp_path, custom(filled, empty, odd), "deals", *names)
    assert first == (
        "Крупный", "Окна, Двери, «люкс»", Decimal("300.5"), True, Decimal("9.5"),
        date(2024, 5, 31), datetime.fromisoformat("2024-06-01T04:30"), "9", "а, б;в", "Звонок", "да",
    )  # fmt: skip
    assert second == (None, None, None, False, *[None] * 7)
    assert (third[0], third[1], third[9], third[4]) == ("999", "999, Окна", "GONE", Decimal(1500))


def test_fields_are_called_by_code_or_caption(tmp_path: Path) -> None:
    """A plan may write `uf_crm_1`, `UF_CRM_1` or the caption, of standard fields all three too."""
    portal = custom(deal(1, UF_CRM_1="79", UF_CRM_5=3), deal(2, UF_CRM_1="81", UF_CRM_5=4))
    found = read(
        tmp_path, portal,
        "a: {from: deals, sum: uf_crm_5, where: UF_CRM_1 = 'Крупный', when: closed_at}",
        'b: {from: deals, sum: \'"Оценка клиента"\', where: "\\"Размер\\" = \'Мелкий\'", when: MOVED_TIME}',
        "c: {from: deals, sum: OPPORTUNITY, where: STAGE_ID = 'Сделка успешна', when: movedTime}",
    )  # fmt: skip
    assert found.figures[ANNA] == {"a": 3, "b": 4, "c": 200}


OFFSETS = st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h)))
MOMENTS = st.datetimes(
    datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2100-01-01"), timezones=OFFSETS
).map(lambda m: m.replace(microsecond=0))
NUMBERS = st.decimals(
    Decimal(-(10**15)), Decimal(10**15), places=4, allow_nan=False, allow_infinity=False
)


@settings(
    max_examples=examples(8, 80),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(MOMENTS, NUMBERS, st.booleans()), min_size=1, max_size=8))
def test_values_are_read_as_they_are_meant(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[datetime, Decimal, bool]]
) -> None:
    """Any instant becomes its UTC, any day stays the day written, any number is exact."""
    rows = [
        deal(
            i, createdTime=moment.isoformat(), begindate=moment.isoformat(),
            opportunity=str(number), closed="Y" if flag else "N", UF_CRM_4="1" if flag else "0",
        )
        for i, (moment, number, flag) in enumerate(found, 1)
    ]  # fmt: skip
    names = ("created_at", "begins_on", "amount_original", "closed", "uf_crm_4")
    got = values(tmp_path_factory.mktemp("v"), custom(*rows), "deals", *names)
    for (moment, number, flag), row in zip(found, got, strict=True):
        assert row[0] == moment.astimezone(UTC).replace(tzinfo=None)
        assert row[1] == moment.date()
        assert row[2] == number.quantize(Decimal("0.0001"), ROUND_HALF_UP)
        assert row[3:] == (flag, flag)


def test_a_late_evening_belongs_to_its_day_in_the_company(tmp_path: Path) -> None:
    """The portal's server is elsewhere: 20:59 UTC is May in Moscow, 21:00 UTC is June."""
    deals = [
        deal(1, movedTime="2024-05-31T20:59:59+00:00"),
        deal(2, movedTime="2024-05-31T21:00:00+00:00"),
        deal(3, movedTime="2024-06-01T06:59:59+10:00"),
        deal(4, movedTime="2024-04-30T16:00:00-05:00"),
    ]
    found = read(tmp_path, Portal.of(deals=deals), *REVENUE)
    assert found.of("won") == {ANNA: 3}


def test_a_day_is_never_shifted(tmp_path: Path) -> None:
    """Fields of type date come with a time and a zone, which mean nothing."""
    days = ["2024-05-31T00:00:00+12:00", "2024-05-01T02:00:00-11:00", "2024-06-01T00:00:00+14:00",
            "2024-04-30T23:00:00-12:00", "2024-05-15"]  # fmt: skip
    deals = [deal(i, begindate=day) for i, day in enumerate(days, 1)]
    found = read(tmp_path, Portal.of(deals=deals), "n: {from: deals, count: rows, when: begins_on}")
    assert found.of("n") == {ANNA: 3}


def test_a_deal_made_later_lacks_no_day_of_the_period(tmp_path: Path) -> None:
    """Nobody misses a deal of June in May; of one whose creation cannot be read nobody knows."""
    made = ["2024-05-31T23:59:59+03:00", "2024-06-01T00:00:00+03:00", "yesterday"]
    deals = [deal(i, begindate="", createdTime=moment) for i, moment in enumerate(made, 1)]
    found = read(tmp_path, Portal.of(deals=deals), "n: {from: deals, count: rows, when: begins_on}")
    assert found.left_out("n")["no_date"].count == 2


@pytest.mark.parametrize("nothing", [0, "0", "", None])
def test_a_link_to_nothing_is_no_client(tmp_path: Path, nothing: object) -> None:
    """0, "0", "" and null mean no company; a company and a contact of one number are two."""
    deals = [deal(1, companyId=nothing, contactId=nothing), deal(2, companyId=7, contactId=3),
             deal(3, companyId=nothing, contactId="7"), deal(4, companyId="7", contactId=8)]  # fmt: skip
    kpi = "clients: {from: deals, count: distinct client_id, when: closed_at}"
    found = read(tmp_path, Portal.of(deals=deals), kpi)
    assert found.of("clients") == {ANNA: 2}
    assert found.left_out("clients")["no_client"].ids == ("1",)


def test_unreadable_values_stop_with_their_records(tmp_path: Path) -> None:
    """A value of the wrong kind is shown with its record; `skip` leaves it out and says so."""
    deals = [
        deal(1),
        *(deal(i, opportunity="много") for i in range(2, 9)),
        deal(9, begindate="31/31"),
    ]
    kpis = ("s: {from: deals, sum: amount_original, when: closed_at}",
            "b: {from: deals, count: rows, when: begins_on}")  # fmt: skip
    Portal.of(deals=deals).write(tmp_path)
    problems = stopped(tmp_path, plan(*kpis))
    assert [(p.code, p.data.get("id")) for p in problems] == [
        *(("portal.bad_value", i) for i in range(2, 7)),
        ("portal.more_bad_values", None),
        ("portal.bad_value", 9),
    ]
    assert (problems[0].data["value"], problems[0].data["caption"]) == ("много", "Сумма")
    source = "sources: {crm: {type: bitrix24, on_bad_value: skip}}\n"
    found = compute(tmp_path, plan(*kpis, source=source), {})
    assert found.figures[ANNA] == {"s": 200, "b": 8}
    assert "portal.skipped_value" in found.codes
    assert found.left_out("s")["no_value"].count == 7


def test_bad_values_of_other_periods_do_not_stop(tmp_path: Path) -> None:
    """Only records that can matter must be readable."""
    deals = [deal(1), deal(2, opportunity="много", movedTime="2023-01-10T12:00:00+03:00")]
    assert read(tmp_path, Portal.of(deals=deals), *REVENUE).of("revenue") == {ANNA: 100}


# --- stages and moments ------------------------------------------------------------------------


def test_the_history_says_when_a_deal_was_won(tmp_path: Path) -> None:
    """Newest entry to the present outcome, else the last move, else the close date; counted."""
    deals = [
        deal(1, movedTime="2024-06-20T12:00:00+03:00"),  # moved on among won stages
        deal(2, movedTime="2024-05-12T12:00:00+03:00"),
        deal(3, movedTime=None),
        deal(4, stageId="LOSE", stageSemanticId="F", movedTime="2024-05-12T12:00:00+03:00"),
    ]
    history = [
        move(1, 1, "2024-05-05T10:00:00+03:00", "NEW", "P", 1),
        move(2, 1, "2024-05-06T10:00:00+03:00", "WON", "S", 3),
        move(3, 4, "2024-05-07T10:00:00+03:00", "WON", "S", 3),
    ]
    portal = Portal.of(deals=deals, stage_history=history)
    ended = "ended: {from: deals, count: rows, when: closed_at}"
    found = read(tmp_path, portal, *REVENUE, ended)
    assert found.figures[ANNA] == {"revenue": 300, "won": 3, "ended": 4}
    said = found.said("source.closed_by_history")
    assert {k: said.data[k] for k in ("history", "moved", "planned")} == {
        "history": 1, "moved": 2, "planned": 1,
    }  # fmt: skip
    assert said.level == "warning"  # the close date is a plan that anyone can edit


def test_a_reopened_deal_counts_when_it_was_won_again(tmp_path: Path) -> None:
    """Won in May, reopened, won in June: June's. Won and still open again: nobody's."""
    history = [
        move(1, 1, "2024-05-06T10:00:00+03:00", "WON", "S", 3),
        move(2, 1, "2024-05-20T10:00:00+03:00", "NEW", "P"),
        move(3, 1, "2024-06-06T10:00:00+03:00", "WON", "S", 3),
        move(4, 2, "2024-05-06T10:00:00+03:00", "WON", "S", 3),
        move(5, 2, "2024-05-20T10:00:00+03:00", "NEW", "P"),
    ]
    deals = [
        deal(1, movedTime="2024-06-06T10:00:00+03:00"),
        deal(2, stageId="NEW", stageSemanticId="P", movedTime="2024-05-20T10:00:00+03:00"),
    ]
    portal = Portal.of(deals=deals, stage_history=history)
    kpis = (
        *REVENUE,
        "open: {from: deals, count: rows, where: outcome = 'open', when: created_at}",
    )
    may = read(tmp_path, portal, *kpis)
    june = compute(tmp_path, plan(*kpis), {}, period="2024-06")
    assert may.figures[ANNA] == {"revenue": 0, "won": 0, "open": 1}
    assert june.figures[ANNA] == {"revenue": 100, "won": 1, "open": 0}


def test_without_a_history_the_last_move_is_the_moment(tmp_path: Path) -> None:
    """Where no history was pulled, the report says that the stage change date is taken."""
    found = read(tmp_path, Portal.of(deals=[deal(1)]), *REVENUE)
    assert found.said("source.closed_by_move").data["caption"] == "Дата изменения стадии"


def test_the_plan_overrules_how_a_stage_ends(tmp_path: Path) -> None:
    """A stage that is work in progress for the portal may be a success for the company: the moment
    is then that of entering it."""
    deals = [deal(1, stageId="C4:SIGNED", stageSemanticId="P", closed="N", categoryId=4,
                  movedTime="2024-06-10T12:00:00+03:00"), deal(2)]  # fmt: skip
    history = [move(1, 1, "2024-05-07T10:00:00+03:00", "C4:SIGNED", "P")]
    source = (
        "sources: {crm: {type: bitrix24, stages: {договор подписан: won, Сделка успешна: lost}}}\n"
    )
    portal = Portal.of(deals=deals, stage_history=history)
    found = read(tmp_path, portal, *REVENUE, source=source)
    assert found.of("won") == {ANNA: 1}


def test_a_stage_ends_by_its_semantics_or_its_directory(tmp_path: Path) -> None:
    """S and F of the record; failing them those of the stage; a stage of neither is listed."""
    deals = [
        deal(1, stageId="LOSE", stageSemanticId="S"),  # a record's own word comes first
        deal(2, stageId="WON", stageSemanticId=None),
        deal(3, stageId="C9:GONE", stageSemanticId="", closed="Y"),
        deal(4, stageId="C9:GONE", stageSemanticId="S"),
        deal(5, stageId="C4:SIGNED", stageSemanticId=None),
    ]
    found = read(tmp_path, Portal.of(deals=deals), *REVENUE)
    assert found.of("won") == {ANNA: 3}
    assert found.said("source.unknown_stage").data["stages"] == "«C9:GONE» (1)"


def test_leads_convert_or_are_junk(tmp_path: Path) -> None:
    """S is converted, F is junk; a lead's own closing date is its moment; deals link to leads."""
    leads = [lead(1, "CONVERTED", "S", dateClosed="2024-05-20T23:00:00+00:00"),
             lead(2, "JUNK", "F", dateClosed="2024-05-21T10:00:00+03:00"),
             lead(3, "NEW", "P", dateClosed="")]  # fmt: skip
    portal = Portal.of(leads=leads, deals=[deal(1, leadId=1), deal(2, leadId=0)])
    found = read(
        tmp_path, portal,
        "converted: {from: leads, count: rows, where: converted, when: closed_at}",
        "junk: {from: leads, share: junk, when: created_at}",
        "conversion: {conversion: {from: leads, to: deals, where: won, within: 30d, basis: cohort}, when: created_at}",
    )  # fmt: skip
    assert found.figures[ANNA]["converted"] == 1
    assert [round(v, 2) for v in list(found.figures[ANNA].values())[1:] if isinstance(v, Decimal)] == [
        Decimal("33.33"), Decimal("33.33"),
    ]  # fmt: skip


def lead(ident: int, stage: str, ended: str, **more: Any) -> Row:
    return {
        "id": ident, "title": f"Лид {ident}", "stageId": stage, "stageSemanticId": ended,
        "opportunity": "0.00", "currencyId": "RUB", "sourceId": "WEB", "assignedById": 5,
        "createdTime": "2024-05-02T09:00:00+03:00", "updatedTime": "2024-05-21T10:00:00+03:00",
        "movedTime": "2024-05-21T10:00:00+03:00", "dateClosed": None, **more,
    }  # fmt: skip


def activity(ident: int, owner: int, at: str, **more: Any) -> Row:
    return {
        "ID": str(ident), "OWNER_TYPE_ID": "1", "OWNER_ID": str(owner), "TYPE_ID": "2",
        "DIRECTION": "2", "COMPLETED": "Y", "SUBJECT": f"Дело {ident}", "RESPONSIBLE_ID": "5",
        "CREATED": at, "START_TIME": "", "LAST_UPDATED": at, **more,
    }  # fmt: skip


def test_the_first_reply_is_the_first_outgoing_activity(tmp_path: Path) -> None:
    """Completed, outgoing, of this very record, not before it was made; by its start time."""
    day = "2024-05-02T"
    activities = [
        activity(1, 1, f"{day}08:00:00+03:00"),  # before the lead
        activity(2, 1, f"{day}09:10:00+03:00", DIRECTION="1"),
        activity(3, 1, f"{day}09:20:00+03:00", COMPLETED="N"),
        activity(4, 1, f"{day}09:30:00+03:00", OWNER_TYPE_ID="2"),  # of the deal of that number
        activity(5, 1, f"{day}09:00:00+03:00", START_TIME=f"{day}09:45:00+03:00"),
        activity(6, 1, f"{day}09:50:00+03:00"),
    ]
    portal = Portal.of(leads=[lead(1, "NEW", "P"), lead(2, "NEW", "P")], activities=activities)
    kpi = 'reply: {from: leads, median: "minutes(created_at, first_reply_at)", when: created_at, unit: minutes}'
    found = read(tmp_path, portal, kpi)
    assert found.of("reply") == {ANNA: 45}
    assert found.left_out("reply")["no_value"].ids == ("2",)


# --- other entities ----------------------------------------------------------------------------

PROJECTS = fields("""
id ID integer ID
title TITLE string Название
stageId STAGE_ID crm_status:DYNAMIC_1036_STAGE_9 Стадия
categoryId CATEGORY_ID crm_category Воронка
opportunity OPPORTUNITY double Сумма
currencyId CURRENCY_ID crm_currency Валюта
assignedById ASSIGNED_BY_ID user Ответственный
createdTime CREATED_TIME datetime Когда создан
updatedTime UPDATED_TIME datetime Когда обновлён
movedTime MOVED_TIME datetime Когда передвинут
parentId2 PARENT_ID_2 crm_entity Сделка
""")


def test_a_smart_process_has_the_name_the_plan_gives(tmp_path: Path) -> None:
    """Items end by the semantics of their stages, and their own history says when."""
    rows = [
        {"id": 1, "title": "A", "stageId": "DT1036_9:SUCCESS", "categoryId": 9, "opportunity": 70,
         "currencyId": "RUB", "assignedById": 9, "createdTime": "2024-05-01T10:00:00+03:00",
         "updatedTime": "2024-06-01T10:00:00+03:00", "movedTime": "2024-06-01T10:00:00+03:00",
         "parentId2": 0},
    ]  # fmt: skip
    history = [move(1, 1, "2024-05-30T10:00:00+03:00", "DT1036_9:SUCCESS", "S", 3)]
    portal = Portal.of(projects=rows, stage_history_projects=history)
    portal.described["projects"] = PROJECTS
    source = "sources: {crm: {type: bitrix24, items: {projects: 1036}}}\n"
    kpi = "done: {from: projects, sum: amount, where: won and stage = 'Сдано', when: closed_at, unit: money}"
    found = read(tmp_path, portal, kpi, source=source)
    assert found.of("done") == {BORIS: 70}
    assert found.said("source.closed_by_history").data["history"] == 1


def product(ident: int, owner: int, price: object, quantity: object, **more: Any) -> Row:
    return {"id": ident, "ownerId": owner, "ownerType": "D", "productId": 1,
            "productName": f"Товар {ident}", "price": price, "quantity": quantity, **more}  # fmt: skip


def test_product_rows_are_their_deals(tmp_path: Path) -> None:
    """Whose, when, won and in which currency is the deal's; rows of no deal are said to be left."""
    products = [
        product(1, 1, "10.005", 3), product(2, 1, 5, 2), product(3, 2, 1, 1),
        product(4, 99, 1, 1), product(5, 1, 1, 1, ownerType="L"), product(6, 3, 1, 1),
    ]  # fmt: skip
    deals = [deal(1, assignedById=9, movedTime="2024-06-20T10:00:00+03:00"),
             deal(2, currencyId="USD"), deal(3, isRecurring="Y")]  # fmt: skip
    history = [move(1, 1, "2024-05-06T10:00:00+03:00", "WON", "S", 3)]
    portal = Portal.of(products=products, deals=deals, stage_history=history)
    found = read(
        tmp_path, portal,
        "sold: {from: products, sum: amount, where: won, when: closed_at, unit: money}",
        "lines: {from: products, sum: quantity, where: pipeline = 'Общая', when: closed_at}",
        more="rates: {USD: 90}\n",
    )  # fmt: skip
    assert found.of("sold") == {BORIS: Decimal("40.02"), ANNA: 90}
    assert found.of("lines") == {BORIS: 5, ANNA: 1}
    assert found.said("portal.orphans").data["count"] == 1  # the other one's is a template


def test_moves_can_be_counted(tmp_path: Path) -> None:
    """Deals that reached a stage in the period, whatever became of them; whose is the deal's."""
    history = [
        move(1, 1, "2024-05-06T10:00:00+03:00", "C4:SIGNED", "P"),
        move(2, 1, "2024-05-08T10:00:00+03:00", "C4:SIGNED", "P"),
        move(3, 2, "2024-05-31T22:00:00+00:00", "C4:SIGNED", "P"),
        move(4, 1, "2024-05-09T10:00:00+03:00", "WON", "S", 3),
    ]
    portal = Portal.of(deals=[deal(1), deal(2)], stage_history=history)
    found = read(
        tmp_path, portal,
        "signed: {from: stage_history, count: distinct record_id, where: stage = 'Договор подписан', when: moved_at}",
        "finals: {from: stage_history, count: rows, where: won and type = 'closed', when: moved_at}",
    )  # fmt: skip
    assert found.figures == {ANNA: {"signed": 1, "finals": 1}}


def test_calls_tasks_and_activities(tmp_path: Path) -> None:
    """Their codes are words, their people users, their moments instants; a vote of 0 is none."""
    calls = [
        call(1, "200", 95, "5"),
        call(2, "304", 0, "0", CALL_TYPE="2"),
        call(3, "200", 5, None),
    ]
    tasks = [
        task(1, "5", "2024-05-03T10:00:00+03:00"),
        task(2, "3", None),
        task(3, "5", "2024-05-31T23:00:00+00:00"),
    ]
    activities = [activity(1, 1, "2024-05-03T10:00:00+03:00"),
                  activity(2, 1, "2024-05-03T10:00:00+03:00", TYPE_ID="1", DIRECTION="0")]  # fmt: skip
    found = read(
        tmp_path, Portal.of(calls=calls, tasks=tasks, activities=activities),
        "talked: {from: calls, sum: seconds, where: answered and type = 'outgoing', when: started_at}",
        "vote: {from: calls, average: vote, when: started_at}",
        "missed: {from: calls, count: rows, where: not answered, when: started_at}",
        "done: {from: tasks, count: rows, where: status = 'completed', when: closed_at}",
        "meetings: {from: activities, count: rows, where: type = 'meeting' and direction is null, when: created_at}",
    )  # fmt: skip
    assert found.figures == {
        ANNA: {"talked": 100, "vote": 5, "missed": 1, "done": 1, "meetings": 1}
    }


def call(ident: int, code: str, seconds: int, vote: str | None, **more: Any) -> Row:
    return {
        "ID": str(ident), "PORTAL_USER_ID": "5", "CALL_TYPE": "1", "CALL_DURATION": str(seconds),
        "CALL_START_DATE": "2024-05-06T14:08:40+01:00", "CALL_FAILED_CODE": code, "CALL_VOTE": vote,
        **more,
    }  # fmt: skip


def task(ident: int, status: str, closed: str | None) -> Row:
    return {"id": str(ident), "title": "t", "status": status, "responsibleId": "5",
            "createdDate": "2024-05-01T10:00:00+03:00", "closedDate": closed}  # fmt: skip


def test_own_companies_and_templates_are_no_records(tmp_path: Path) -> None:
    """The company's own details are no client, a template is no deal; a plan may ask for them."""
    companies = [{"id": i, "title": "О", "isMyCompany": mine, "assignedById": 5,
                  "createdTime": "2024-05-01T10:00:00+03:00"} for i, mine in enumerate("YNNY", 1)]  # fmt: skip
    described = fields("""
    id ID integer ID
    title TITLE string Название
    isMyCompany IS_MY_COMPANY boolean Моя
    assignedById ASSIGNED_BY_ID user Ответственный
    createdTime CREATED_TIME datetime Создана
    """)
    portal = Portal.of(companies=companies, deals=[deal(1), deal(2, isRecurring="Y")])
    portal.described["companies"] = described
    new = "new: {from: companies, count: rows, when: created_at}"
    found = read(tmp_path, portal, new, "won: {from: deals, count: rows, when: closed_at}")
    assert found.figures == {ANNA: {"new": 2, "won": 1}}
    assert found.said("portal.own_companies").data["count"] == 2
    assert found.said("portal.templates").data["count"] == 1
    asked = "templates: {from: deals, count: rows, where: is_template, when: created_at}"
    assert compute(tmp_path, plan(asked), {}).of("templates") == {ANNA: 1}


def test_an_old_portal_delivers_old_names(tmp_path: Path) -> None:
    """The older methods give upper-case names and texts: the figures are the same."""
    old = fields("\n".join(f"{d.code} {d.code} {d.type} {d.caption}" for d in DEALS))
    names = {d.name: d.code for d in DEALS}
    rows = [
        {names[k]: None if v is None else str(v) for k, v in deal(i, opportunity="100.00").items()}
        for i in (1, 2)
    ]
    portal = Portal.of(deals=rows)
    portal.described["deals"] = old
    assert read(tmp_path, portal, *REVENUE).of("revenue") == {ANNA: 200}


# --- people ------------------------------------------------------------------------------------


def test_two_users_of_one_name_are_two_people(tmp_path: Path) -> None:
    """Records name users by number: namesakes are never mixed up, which an export cannot avoid."""
    users = [user(5, ANNA), user(6, ANNA), user(7, "Пётр Сидоров")]
    deals = [
        deal(1),
        deal(2, assignedById=6, opportunity=7),
        deal(3, assignedById=6, opportunity=8),
    ]
    found = read(tmp_path, Portal.of(deals=deals, users=users), *REVENUE)
    rows = sorted((r.id, r.name, r.score("revenue").fact.value) for r in found.card.rows)
    assert rows == [("5", ANNA, Decimal(100)), ("6", ANNA, Decimal(15))]


def test_an_owner_without_a_user_is_listed(tmp_path: Path) -> None:
    """A number that no user row explains is nobody's, shown as a user and never dropped."""
    deals = [deal(1), deal(2, assignedById=77), deal(3, assignedById=0)]
    portal = Portal.of(deals=deals)
    found = read(tmp_path, portal, *REVENUE)
    left = found.left_out("revenue")
    assert (left["unknown_owner"].names, left["unknown_owner"].amount) == (
        (Account("77"),),
        Decimal(100),
    )
    assert left["no_owner"].ids == ("3",)
    assert found.of("won") == {ANNA: 1}


def test_records_are_shown_with_names(tmp_path: Path) -> None:
    """Evidence and left-out lists show who somebody is, not a number."""
    users = [*USERS, user(30, "Гость Портала", USER_TYPE="extranet")]
    deals = [deal(1), deal(2, assignedById=77), deal(3, assignedById=30)]
    Portal.of(deals=deals, users=users).write(tmp_path)
    path = write(tmp_path, plan(*REVENUE), {})
    job = ComputeRequest(periods.parse("2024-05", as_of=LATER, zone=MOSCOW), LATER)
    with open_workspace(path, {}) as workspace:
        shown = explain(workspace, job, ExplainRequest("revenue", "белова"))
        assert [r.owner for r in shown.steps[0].parts[0].records] == [ANNA]
    with open_workspace(path, {}) as workspace:
        lines_ = left_out(workspace, job, ExplainRequest("revenue")).lines
        assert [r.owner for _, found in lines_ for r in found] == [
            Account("77"),
            "Гость Портала",
        ]
        assert lines_[0][0].names == ("Гость Портала", Account("77"))


def test_guests_and_bots_are_not_scored_but_the_dismissed_are_known(tmp_path: Path) -> None:
    """Only employees are people; who was dismissed is one, inactive, and keeps their records."""
    users = [
        *USERS,
        user(30, "Гость Портала", USER_TYPE="extranet"),
        user(31, "Бот", USER_TYPE="bot"),
    ]
    deals = [deal(1), deal(2, assignedById=12), deal(3, assignedById=30)]
    portal = Portal.of(deals=deals, users=users)
    assert read(tmp_path, portal, *REVENUE).of("won") == {ANNA: 1, VERA: 1}
    active = compute(tmp_path, with_who("active"), {})
    assert active.of("won") == {ANNA: 1, BORIS: 0}
    assert active.left_out("won")["unknown_owner"].count == 2


def with_who(who: str) -> str:
    return plan(
        *REVENUE,
        more=f'scorecards: {{all: {{who: "{who}", kpis: {{won: {{weight: 100, target: 1}}}}}}}}\n',
    )


def test_departments_and_heads_choose_people(tmp_path: Path) -> None:
    """`who` may ask for department, departments, position and head; a head's head is above."""
    users = [
        user(1, "Директор Главный", UF_DEPARTMENT=[1]), user(2, "Начальник Отдела", UF_DEPARTMENT=[2]),
        user(5, ANNA, UF_DEPARTMENT=[3, 2], WORK_POSITION="Менеджер"),
        user(9, BORIS, UF_DEPARTMENT=["2"], UF_EMPLOYMENT_DATE="2024-05-15T03:00:00+03:00"),
        user(12, VERA, UF_DEPARTMENT=[]),
    ]  # fmt: skip
    departments = [
        {"ID": "1", "NAME": "Компания", "SORT": 1, "UF_HEAD": "1"},
        {"ID": "2", "NAME": "Продажи", "SORT": 1, "PARENT": "1", "UF_HEAD": "2"},
        {"ID": "3", "NAME": "Опт", "SORT": 1, "PARENT": "2"},
    ]
    Portal.of(deals=[deal(1)], users=users, departments=departments).write(tmp_path)
    with open_workspace(write(tmp_path, with_who("true"), {}), {}) as workspace:
        people = {p.id: p for p in workspace.employees or ()}
    assert {p.id: (p.department, p.more["departments"], p.head) for p in people.values()} == {
        "1": ("Компания", "Компания", None),
        "2": ("Продажи", "Продажи", "Директор Главный"),
        "5": ("Опт", "Опт, Продажи", "Начальник Отдела"),
        "9": ("Продажи", "Продажи", "Начальник Отдела"),
        "12": (None, None, None),
    }
    assert (people["5"].position, str(people["9"].hired)) == ("Менеджер", "2024-05-15")
    chosen = compute(tmp_path, with_who("head = 'Начальник Отдела'"), {})
    assert chosen.of("won") == {ANNA: 1, BORIS: 0}


STAFF = """\
ID;Сотрудник;E-mail;Псевдонимы;Отдел
5;Орлова Вера;vera@example.ru;;Опт
17;Анна Белова;;;Опт
18;Ким Б.;u9@example.ru;;Розница
"""


def employees(folder: Path, portal: Portal, staff: str) -> Computed:
    source = "sources: {crm: {type: bitrix24}, staff: {type: csv, employees: e.csv}}\n"
    return read(folder, portal, *REVENUE, source=source, files={"e.csv": staff})


def test_employees_of_a_file_are_matched_with_users(tmp_path: Path) -> None:
    """By e-mail, by name, by number; a number of the file's own does not make somebody another."""
    deals = [deal(1), deal(2, assignedById=9), deal(3, assignedById=12, opportunity=8)]
    found = employees(tmp_path, Portal.of(deals=deals), STAFF)
    assert found.of("revenue") == {ANNA: 100, "Ким Б.": 100, "Орлова Вера": 8}
    assert {r.name: r.department for r in found.card.rows}["Ким Б."] == "Розница"


def test_a_name_alone_settles_nothing_between_two_users(tmp_path: Path) -> None:
    """Two accounts of one name: the file must say by a number or an e-mail which is whose."""
    portal = Portal.of(
        deals=[deal(1), deal(2, assignedById=6)], users=[user(5, ANNA), user(6, ANNA)]
    )
    staff = "Сотрудник;Псевдонимы\nАнна Белова;{}\n"
    source = "sources: {crm: {type: bitrix24}, staff: {type: csv, employees: e.csv}}\n"
    portal.write(tmp_path)
    problems = refused(tmp_path, plan(*REVENUE, source=source), {"e.csv": staff.format("")})
    assert [(p.code, p.data["id"]) for p in problems] == [
        ("people.account_of_whom", "5"), ("people.account_of_whom", "6"),
    ]  # fmt: skip
    both = compute(tmp_path, plan(*REVENUE, source=source), {"e.csv": staff.format("5, 6")})
    assert both.of("won") == {ANNA: 2}
    one = compute(tmp_path, plan(*REVENUE, source=source), {"e.csv": staff.format("6")})
    assert one.of("won") == {ANNA: 1}
    assert one.left_out("won")["unknown_owner"].names == (ANNA,)


def test_numbers_of_companies_are_not_taken_for_users(tmp_path: Path) -> None:
    """`by: company_id` scores companies, although some of their numbers are users' too."""
    deals = [deal(1, companyId=5), deal(2, companyId=9), deal(3, companyId=8)]
    found = read(
        tmp_path,
        Portal.of(deals=deals),
        "n: {from: deals, count: rows, when: closed_at, by: company_id}",
    )
    assert found.of("n") == {"5": 1, "9": 1, "8": 1}


def test_a_name_where_a_number_stands_is_a_mistake(tmp_path: Path) -> None:
    """What a plan for files says of people would never be true here, and say nothing of it."""
    Portal.of(deals=[deal(1), deal(2, createdBy=9)]).write(tmp_path)
    kpi = "n: {{from: deals, count: rows, where: \"created_by in ({}) or title = 'x'\", when: closed_at}}"
    (found,) = refused(tmp_path, plan(kpi.format("'Ким Борис', '5'")), {})
    assert (found.code, found.data["id"]) == ("portal.name_for_number", "9")
    right = compute(tmp_path, plan(kpi.format("'9', '77'")), {})
    assert right.of("n") == {ANNA: 1}


def test_without_users_numbers_stand_for_people(tmp_path: Path) -> None:
    """A key without the right to see users still gives figures, and a warning."""
    portal = Portal.of(deals=[deal(1), deal(2, assignedById=9)])
    del portal.rows["users"], portal.rows["departments"]
    found = read(tmp_path, portal, *REVENUE)
    assert found.of("won") == {"5": 1, "9": 1}
    assert found.said("portal.no_users").level == "warning"


# --- money -------------------------------------------------------------------------------------


def test_rates_of_the_plan_come_before_those_of_the_portal(tmp_path: Path) -> None:
    """The plan's rates by their days; the portal's, which are of today, only where it has none."""
    deals = [deal(1, currencyId="USD"), deal(2, currencyId="KZT"), deal(3)]
    found = read(tmp_path, Portal.of(deals=deals), *REVENUE, more="rates: {USD: 90}\n")
    assert found.of("revenue") == {ANNA: Decimal("9120.1")}
    said = found.said("portal.rates_of_today")  # of July, when May was over
    assert (said.level, said.data["rates"], str(said.data["day"])) == (
        "warning",
        "KZT 0.201",
        "2024-07-01",
    )


def test_rates_are_crossed_through_the_base_currency(tmp_path: Path) -> None:
    """The company counts in tenge, the portal in roubles: 1 USD is 91.5 / 0.201 tenge."""
    head = "kpictl: 1\ncompany: {name: Р, currency: KZT, timezone: Europe/Moscow}\n"
    deals = [
        deal(1, currencyId="USD", opportunity="2.01"),
        deal(2, opportunity="20.1"),
        deal(3, currencyId="KZT"),
    ]
    Portal.of(deals=deals).write(tmp_path)
    found = compute(tmp_path, head + plan(*REVENUE), {})
    assert round(found.of("revenue")[ANNA], 2) == Decimal("1115.00")  # type: ignore[arg-type]


def test_a_currency_without_any_rate_is_left_out(tmp_path: Path) -> None:
    """Neither the plan nor the portal knows it: its amounts are listed."""
    deals = [deal(1, currencyId="EUR"), deal(2)]
    found = read(tmp_path, Portal.of(deals=deals), *REVENUE)
    assert found.of("revenue") == {ANNA: 100}
    assert found.left_out("revenue")["no_rate"].ids == ("1",)


def test_rates_of_the_day_are_only_noted(tmp_path: Path) -> None:
    """While the period still runs, the portal's rates are those of the time."""
    portal = Portal.of(deals=[deal(1, currencyId="USD")])
    found = read(tmp_path, portal, *REVENUE)
    assert found.said("portal.rates").level == "note"


# --- what was pulled, and what was not ---------------------------------------------------------


def test_nothing_pulled_yet(tmp_path: Path) -> None:
    """`check` warns with the next step; what computes stops as a source that failed."""
    text = plan(*REVENUE)
    (said,) = opening_problems(tmp_path, text)
    assert (said.code, said.level) == ("portal.nothing_pulled", "warning")
    assert [p.code for p in stopped(tmp_path, text)] == ["portal.nothing_pulled"]


def test_an_entity_that_was_not_pulled_is_named(tmp_path: Path) -> None:
    """The plan reads calls, the store has deals: only what reads calls stops."""
    Portal.of(deals=[deal(1)]).write(tmp_path)
    calls = "calls: {from: calls, count: rows, when: started_at}"
    cards = """\
    scorecards:
      a: {kpis: {won: {weight: 100, target: 1}}}
      b: {kpis: {calls: {weight: 100, target: 1}}}
    """
    text = plan(*REVENUE, calls, more=cards)
    said = {p.code: p for p in opening_problems(tmp_path, text)}
    assert said["portal.not_pulled"].data["entity"] == "calls"
    assert [p.data["entity"] for p in stopped(tmp_path, text)] == ["calls"]
    path = write(tmp_path, text, {})
    job = ComputeRequest(
        periods.parse("2024-05", as_of=LATER, zone=MOSCOW), LATER, scorecards=("a",)
    )
    from kpictl.app.computation import compute as computed

    with open_workspace(path, {}) as workspace:
        assert computed(workspace, job).scorecards[0].rows[0].name == ANNA


def test_fields_that_were_not_pulled_are_named(tmp_path: Path) -> None:
    """The plan has come to need a field that the last pull did not bring."""
    portal = Portal.of(
        deals=[{k: v for k, v in deal(1).items() if k not in ("sourceId", "leadId")}]
    )
    portal.write(tmp_path)
    kpi = "web: {from: deals, count: rows, where: source = 'Веб-сайт', when: closed_at}"
    (found,) = stopped(tmp_path, plan(kpi))
    assert (found.code, found.data["fields"]) == ("portal.fields_not_pulled", "source")


def test_first_replies_need_activities(tmp_path: Path) -> None:
    """What is made of other records says which were not pulled."""
    Portal.of(leads=[lead(1, "NEW", "P")]).write(tmp_path)
    kpi = "n: {from: leads, count: rows, when: first_reply_at}"
    assert [(p.code, p.data["entity"]) for p in stopped(tmp_path, plan(kpi))] == [
        ("portal.not_pulled", "activities")
    ]


def test_data_are_complete_to_the_least_of_their_parts(tmp_path: Path) -> None:
    """Each entity has its own mark: a report is as complete as the least complete that it read."""
    portal = Portal.of(deals=[deal(1)], leads=[lead(1, "NEW", "P")])
    early = datetime(2024, 7, 1, 5, tzinfo=UTC)
    portal = replace(portal, complete={"leads": early})
    leads = "leads: {from: leads, count: rows, when: created_at}"
    assert read(tmp_path, portal, *REVENUE, leads).results.data_as_of == early
    only_deals = compute(tmp_path, plan(*REVENUE), {})
    assert only_deals.results.data_as_of == datetime(2024, 7, 15, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pulled", "as_of", "warned"),
    [
        (datetime(2024, 5, 20, 9, tzinfo=UTC), LATER, True),
        (datetime(2024, 5, 31, 20, 59, tzinfo=UTC), LATER, True),
        (datetime(2024, 5, 31, 21, tzinfo=UTC), LATER, False),  # midnight in Moscow
        (datetime(2024, 5, 20, 6, tzinfo=UTC), datetime(2024, 5, 20, 18, tzinfo=UTC), False),
        (datetime(2024, 5, 18, 6, tzinfo=UTC), datetime(2024, 5, 20, 18, tzinfo=UTC), True),
    ],
)
def test_a_pull_before_the_end_of_a_period_is_said(
    tmp_path: Path, pulled: datetime, as_of: datetime, warned: bool
) -> None:
    """What was pulled before the period was over lacks what came later; while it goes on, a pull of
    the same day is no news."""
    portal = replace(Portal.of(deals=[deal(1)]), complete={"deals": pulled})
    portal.write(tmp_path)
    found = compute(tmp_path, plan(*REVENUE), {}, as_of=as_of)
    assert ("complete.pull_ends" in found.codes) == warned


def test_records_since_a_day_are_not_all(tmp_path: Path) -> None:
    """A store that holds only what changed since June says so of May, not of July."""
    portal = Portal.of(deals=[deal(1)])
    portal = replace(portal, since={"deals": datetime(2024, 6, 1, tzinfo=UTC)})
    assert "portal.partial" in read(tmp_path, portal, *REVENUE).codes
    july = compute(tmp_path, plan(*REVENUE), {}, period="2024-07")
    assert "portal.partial" not in july.codes


def test_an_empty_entity_is_zero_and_not_a_mistake(tmp_path: Path) -> None:
    """Nothing there at all, not even columns: counts are zero, the rest is no data."""
    portal = Portal.of(deals=[], calls=[], stage_history=[], activities=[], users=[user(5, ANNA)])
    kpis = (*REVENUE, "calls: {from: calls, average: seconds, when: started_at}",
            "replies: {from: deals, count: rows, when: first_reply_at}")  # fmt: skip
    portal.write(tmp_path)
    cards = "scorecards: {all: {who: active, kpis: {won: {weight: 100, target: 1}, calls: {weight: 0}, replies: {weight: 0}}}}\n"
    found = compute(tmp_path, plan(*kpis, more=cards), {})
    assert found.figures == {ANNA: {"won": 0, "calls": str(State.NO_DATA), "replies": 0}}


def test_sources_share_entities_only_by_agreement(tmp_path: Path) -> None:
    """A file's entity is the file's, unless the plan names it at the portal too; two portals must
    say which is whose; what no portal has is a mistake."""
    Portal.of(deals=[deal(1)]).write(tmp_path)
    leads = "leads: {from: leads, count: rows, when: created_at}"
    files = {"l.csv": "ID;Дата создания;Ответственный\n1;02.05.2024;Анна Белова\n"}
    both = "sources: {{crm: {{type: bitrix24{}}}, f: {{type: csv, leads: l.csv}}}}\n"
    mixed = compute(tmp_path, plan(*REVENUE, leads, source=both.format("")), files)
    assert mixed.figures == {ANNA: {"revenue": 100, "won": 1, "leads": 1}}
    for more, code in ((", pull: [leads]", "source.entity_twice"), (", pull: [laeds]", "portal.no_entity"),
                       (", items: {calls: 1036}", "plan.reserved")):  # fmt: skip
        found = refused(tmp_path, plan(leads, source=both.format(more)), files)
        assert [p.code for p in found] == [code]
    two = "sources: {crm: {type: bitrix24}, b: {type: bitrix24}}\n"
    assert "source.entity_twice" in [
        p.code for p in refused(tmp_path, plan(*REVENUE, source=two), {})
    ]


def test_two_portals_of_one_plan(tmp_path: Path) -> None:
    """Numbers of one portal's users mean nobody at the other; people are joined by e-mail."""
    Portal.of(deals=[deal(1)]).write(tmp_path)
    second = Portal.of(
        leads=[lead(1, "NEW", "P", assignedById=9), lead(2, "NEW", "P", assignedById=5)],
        users=[user(9, ANNA, EMAIL="u5@example.ru"), user(5, "Семён Чужой", EMAIL="s@example.ru")],
    )
    replace(second, source="second").write(tmp_path)
    source = "sources: {crm: {type: bitrix24}, second: {type: bitrix24, pull: [leads]}}\n"
    leads = "leads: {from: leads, count: rows, when: created_at}"
    found = compute(
        tmp_path, plan("won: {from: deals, count: rows, when: closed_at}", leads, source=source), {}
    )
    assert found.figures == {ANNA: {"won": 1, "leads": 1}, "Семён Чужой": {"won": 0, "leads": 1}}


# --- what has to be pulled ---------------------------------------------------------------------

EVERYTHING = frozenset(offered({}))


def test_a_schema_is_made_of_descriptions_alone() -> None:
    """Known fields by canonical name, others by code, derived ones from both; no record is seen."""
    schema = describe("deals", [*DEALS, *CUSTOM], EVERYTHING, source="crm")
    assert schema.present["amount_original"].codes[:2] == ("opportunity", "OPPORTUNITY")
    assert schema.present["close_date"].captions[0] == "Дата завершения"
    kinds = {n: schema.present[n].kind for n in schema.present if n.startswith("uf_")}
    assert list(kinds.values()) == [
        "text", "text", "money", "bool", "number", "date", "datetime", "person", "text", "text", "text",
    ]  # fmt: skip
    assert {"won", "closed_at", "client_id", "first_reply_at", "amount"} <= set(schema.present)
    assert "probability" in schema.absent
    assert "first_reply_at" not in describe("deals", DEALS, ["deals"]).present
    assert describe("calls", [], EVERYTHING).present["seconds"].codes[0] == "CALL_DURATION"
    assert describe("tasks", [], EVERYTHING).present["closed_at"].codes[0] == "closedDate"


def test_a_field_that_would_take_a_known_name_gets_another() -> None:
    """A custom field whose code is a canonical name of another field stays reachable."""
    odd = [*DEALS, field_of("AMOUNT AMOUNT double Своя сумма"), field_of("won WON string Победа")]
    present = describe("deals", odd, EVERYTHING).present
    assert (present["crm_amount"].codes[0], present["crm_won"].codes[0]) == ("AMOUNT", "won")
    assert present["won"].kind == "bool"


KEYS = {"id", "title", "stageId", "stageSemanticId", "categoryId", "assignedById", "createdTime",
        "updatedTime", "movedTime", "opportunity", "currencyId", "isRecurring"}  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "own", "others"),
    [
        ([], set(), {}),
        (["source"], {"sourceId"}, {}),
        (["client_id"], {"companyId", "contactId"}, {}),
        (["closed_at"], {"closedate", "closed"}, {"stage_history"}),
        (["amount"], {"closedate", "closed"}, {"stage_history"}),
        (["first_reply_at", "won"], {"closed"}, {"activities"}),
    ],
)
def test_only_what_is_needed_is_pulled(
    wanted: Iterable[str], own: set[str], others: Iterable[str]
) -> None:
    """Keys and dates always; of the rest what the fields are made of, and of which other records."""
    schema = describe("deals", DEALS, EVERYTHING)
    assert required_columns.columns("deals", schema, wanted) == KEYS | own
    assert set(required_columns.related("deals", schema, wanted)) == set(others)


def test_product_rows_need_their_deals() -> None:
    """And of these the columns that whose, when and for which client are made of."""
    deals = describe("deals", DEALS, EVERYTHING)
    products = structs.replace(describe("products", [], EVERYTHING), parent=deals)
    found = required_columns.related("products", products, ["amount", "closed_at", "client_id"])
    assert set(found) == {"deals", "stage_history"}
    assert found["deals"] >= KEYS | {"companyId", "contactId", "closedate"}
    leads = describe("leads", LEADS, EVERYTHING)
    assert required_columns.related("leads", leads, ["closed_at", "outcome"]) == {}


def test_files_are_read_without_any_of_this(tmp_path: Path) -> None:
    """A plan over files loads neither the store nor what reads portals."""
    path = write(tmp_path, FOR_CSV + SAME, {"d.csv": as_csv(WORLD)})
    script = (
        "import sys, kpictl\n"
        f"kpictl.compute({str(path)!r}, period='2024-05', environment={{}})\n"
        "print(*[m for m in sys.modules if 'bitrix24' in m or 'kpictl.store' in m or m == 'httpx'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert not done.stdout.strip()


def test_files_say_what_only_a_portal_has(tmp_path: Path) -> None:
    """The first reply is made of activities: an export lacks it under that very name."""
    files = {"l.csv": "ID;Дата создания;Ответственный\n1;02.05.2024;Анна Белова\n"}
    text = plan(
        "n: {from: leads, count: rows, when: first_reply_at}",
        source="sources: {crm: {type: csv, leads: l.csv}}\n",
    )
    (found,) = refused(tmp_path, text, files)
    assert (found.code, found.data["captions"]) == ("bind.absent_field", "first_reply_at")
