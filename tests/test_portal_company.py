"""The emulated portal's company, the other methods, and the troubles on the way to a reader."""

from __future__ import annotations

import csv
import http.client
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal import Caller, Faults, Meddler, Portal, Script, Unanswered, World
from portal.faults import AFTER, BEFORE, INSIDE
from portal.staff import GHOST, REGION, TAGS

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def sample() -> World:
    return World.sample(seed=3, deals=200)


@pytest.fixture
def call(sample: World) -> Caller:
    return Caller(Portal(sample))


# --- the company -----------------------------------------------------------------------------


def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    return {name: list(table) for name, table in world.tables.items()}


def test_a_seed_makes_one_company(sample: World) -> None:
    """The same seed makes the same records, another one makes others."""
    assert everything(World.sample(seed=3, deals=200)) == everything(sample)
    assert everything(World.sample(seed=4, deals=200)) != everything(sample)


def test_the_company_is_believable(sample: World) -> None:
    """Won, lost and open deals in two pipelines and several currencies, people without a row,
    leads behind deals, products behind amounts, and deals that came back."""
    deals = list(sample["deals"])
    assert {row["STAGE_SEMANTIC_ID"] for row in deals} == {"P", "S", "F"}
    assert {row["CATEGORY_ID"] for row in deals} == {0, 1}
    assert len({row["CURRENCY_ID"] for row in deals}) > 2
    assert GHOST in {row["ASSIGNED_BY_ID"] for row in deals}
    assert any(row["LEAD_ID"] for row in deals)
    assert any(row[TAGS.code] for row in deals)
    assert any(row["IS_MANUAL_OPPORTUNITY"] == "N" for row in deals)
    ends = [row["OWNER_ID"] for row in sample["history_2"] if row["TYPE_ID"] == 3]
    assert len(ends) > len(set(ends))
    assert all(row["DATE_CREATE"] <= row["MOVED_TIME"] <= row["DATE_MODIFY"] for row in deals)
    last = {row["OWNER_ID"]: row["STAGE_ID"] for row in sample["history_2"]}
    assert last == {row["ID"]: row["STAGE_ID"] for row in deals}


def test_many_deals_are_formulas() -> None:
    """A bulk world answers any page without holding its deals, and can be changed like another."""
    world = World.bulk(100_000)
    call = Caller(Portal(world))
    assert call.ids(filter={">id": 99_998}, start=-1) == [99_999, 100_000]
    before = call.items(filter={"id": 77})[0]
    world.clock.sleep(5)
    world.change("deals", 77, OPPORTUNITY="1")
    world.delete("deals", 78)
    assert call.ids(filter={">=id": 77, "<=id": 79}) == [77, 79]
    after = call.items(filter={"id": 77})[0]
    assert (after["opportunity"], after["title"]) == (1, before["title"])
    assert call.ids(filter={">=updatedTime": world.stamp()}) == [77]
    history = call("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": 80})["result"][
        "items"
    ]
    stages = [row["STAGE_ID"] for row in history]
    assert stages[-1] == call.items(filter={"id": 80})[0]["stageId"]


# --- the other methods -----------------------------------------------------------------------


def test_users_come_by_documented_names(sample: World, call: Caller) -> None:
    """`user.get` reads FILTER, sort and order; integrators do not come, dismissed people do."""
    users = call("user.get")["result"]
    names = {row["ID"]: row["LAST_NAME"] for row in users}
    assert "Внешний" not in names.values()
    assert [row["LAST_NAME"] for row in users if row["ACTIVE"] is False] == ["Громов"]
    assert call("user.get", FILTER={"ACTIVE": True})["total"] == len(users) - 1
    assert call("user.get", filter={"ACTIVE": True})["total"] == len(users)
    first = call("user.get", sort="ID", order="DESC")["result"][0]
    assert first["ID"] == max(names, key=int)
    assert call("user.get", FILTER={">ID": 3}, start=-1)["result"][0]["ID"] == "4"
    assert isinstance(users[0]["UF_DEPARTMENT"], list)


def test_scopes_show_less_of_people(call: Caller) -> None:
    """`user_brief` has no e-mail, `user_basic` has."""
    call.portal.scopes = {"user_brief"}
    assert "EMAIL" not in call("user.get")["result"][0]
    call.portal.scopes = {"user_basic"}
    assert call("user.get", select=["EMAIL", "NOTHING"])["result"][1] == {
        "EMAIL": "user2@example.ru"
    }


def test_departments_page_by_capitals(call: Caller) -> None:
    """`department.get` filters at the top level and pages by START; the root has no parent."""
    departments = call("department.get")["result"]
    assert "PARENT" not in departments[0]
    assert departments[1] == {
        "ID": "2",
        "NAME": "Отдел продаж",
        "SORT": 500,
        "PARENT": "1",
        "UF_HEAD": "2",
    }
    assert call("department.get", NAME="Отдел маркетинга")["total"] == 1
    assert call("department.get", START=50)["result"] == []
    assert call("department.get", start=50)["result"] == departments


def test_directories(call: Caller) -> None:
    """Stages have semantics, and EXTRA only where the docs give it; pipelines and currencies have
    shapes of their own."""
    stages = call("crm.status.list", filter={"ENTITY_ID": "DEAL_STAGE"}, order={"SORT": "ASC"})
    by_code = {row["STATUS_ID"]: row for row in stages["result"]}
    assert (by_code["WON"]["SEMANTICS"], by_code["WON"]["EXTRA"]["SEMANTICS"]) == ("S", "success")
    assert by_code["APOLOGY"]["EXTRA"]["SEMANTICS"] == "apology"
    assert by_code["NEW"]["SEMANTICS"] is None
    invoice = call("crm.status.list", filter={"ENTITY_ID": "SMART_INVOICE_STAGE_5"})["result"]
    assert "EXTRA" not in invoice[0]
    first = call("crm.status.list", order={"ID": "ASC"})
    assert (len(first["result"]), first["next"]) == (50, 50)
    assert first["total"] > 50
    rest = call("crm.status.list", order={"ID": "ASC"}, start=50)
    assert (len(rest["result"]), "next" in rest) == (first["total"] - 50, False)
    categories = call("crm.category.list", entityTypeId=2)
    assert [(row["id"], row["isDefault"]) for row in categories["result"]["categories"]] == [
        (0, "Y"),
        (1, "N"),
    ]
    assert call.error("crm.category.list", entityTypeId=1) == (400, "ENTITY_TYPE_NOT_SUPPORTED")
    currencies = call("crm.currency.list")
    assert (currencies["total"], currencies["result"][0]["BASE"]) == (0, "Y")
    assert call("crm.currency.base.get")["result"] == "RUB"


def test_smart_processes_and_invoices(sample: World, call: Caller) -> None:
    """They are read like deals, by their own number; old invoices are refused."""
    kind = call("crm.type.list")["result"]["types"][0]
    assert (kind["entityTypeId"], kind["title"], kind["id"]) == (177, "Договоры", 1)
    item = call.items(177)[0]
    assert item["stageId"].startswith("DT177_1:")
    assert call.items(31)[0]["accountNumber"] == "1"
    moves = call("crm.stagehistory.list", entityTypeId=177, filter={"OWNER_ID": item["id"]})
    assert moves["result"]["items"][-1]["STAGE_ID"] == item["stageId"]
    assert call.error("crm.item.list", entityTypeId=5) == (400, "ENTITY_TYPE_NOT_SUPPORTED")
    assert call.error("crm.item.list", entityTypeId=1000) == (400, "NOT_FOUND")
    call.portal.admin = False
    assert call.error("crm.type.list") == (400, "ACCESS_DENIED")


def test_product_rows_want_an_owner(sample: World, call: Caller) -> None:
    """Product rows come for one or several owners; numbers are numbers; the sum is the amount."""
    assert call("crm.item.productrow.list", filter={"=ownerType": "D"})["error"] == "100"
    owners = sorted({row["OWNER_ID"] for row in sample["product_rows"]})[:2]
    rows = call("crm.item.productrow.list", filter={"=ownerType": "D", "=ownerId": owners})
    sums = dict.fromkeys(owners, 0.0)
    for row in rows["result"]["productRows"]:
        sums[row["ownerId"]] += row["price"] * row["quantity"]
    deals = {row["id"]: row["opportunity"] for row in call.items(filter={"@id": owners})}
    assert deals == pytest.approx(sums)


def test_activities_calls_and_tasks(call: Caller) -> None:
    """Each has its own default order, names and texts."""
    activities = call("crm.activity.list")["result"]
    assert [row["START_TIME"] for row in activities] == sorted(
        row["START_TIME"] for row in activities
    )
    assert call("crm.activity.list", order={"ID": "ASC"}, start=-1)["result"][0]["ID"] == "1"
    assert (activities[0]["SETTINGS"], activities[0]["TYPE_ID"]) == ([], activities[0]["TYPE_ID"])
    calls = call("voximplant.statistic.get", FILTER={">ID": 5}, SORT="ID", ORDER="ASC")["result"]
    assert [row["ID"] for row in calls[:2]] == ["6", "7"]
    assert isinstance(calls[0]["CALL_DURATION"], str)
    tasks = call("tasks.task.list", select=["ID", "CLOSED_DATE", "REAL_STATUS", "UF_CRM_TASK"])
    found = tasks["result"]["tasks"]
    assert [int(row["id"]) for row in found] == sorted(
        (int(row["id"]) for row in found), reverse=True
    )
    assert re.fullmatch(r"D_\d+", found[0]["ufCrmTask"][0])
    assert {"status", "subStatus", "closedDate"} <= set(found[0])
    walk = call("tasks.task.list", order={"ID": "asc"}, filter={">ID": 2}, start=-1)["result"][
        "tasks"
    ]
    assert walk[0]["id"] == "3"
    assert call.error("tasks.task.list", order={"NOTHING": "asc"}) == (400, "0")


def test_phones_come_with_all_fields_only(call: Caller) -> None:
    """`fm` comes with `*`; the old list has phones when they are named."""
    assert call.items(3, filter={"id": 1})[0]["fm"][0]["typeId"] == "PHONE"
    assert "fm" not in call.items(3, filter={"id": 1}, select=["id"])[0]
    assert "PHONE" not in call("crm.contact.list", filter={"ID": 1})["result"][0]
    assert call("crm.contact.list", filter={"ID": 1}, select=["PHONE"])["result"][0]["PHONE"]


# --- the other door --------------------------------------------------------------------------


def test_exports_are_the_crms_own(sample: World, tmp_path: Path) -> None:
    """Every cell is quoted and ends in `;`; names and captions stand for ids and codes."""
    path = sample.export_csv("deals", tmp_path / "deals.csv")
    assert (
        path.read_text("utf-8")
        .split("\n", 1)[0]
        .endswith(
            '"Сделка закрыта";"UTM Source";"UTM Campaign";"Комментарий";"Регион";"Метки";"Бюджет";"Договор подписан";"Дата отгрузки";"Номер договора";"Время замера";"Маржа, %";'
        )
    )
    with path.open(encoding="utf-8", newline="") as file:
        rows = {int(row["ID"]): row for row in csv.DictReader(file, delimiter=";")}
    assert list(rows) == list(sample["deals"].ids)
    won = next(row for row in sample["deals"] if row["STAGE_ID"] == "WON" and row[REGION.code])
    shown = rows[won["ID"]]
    assert (shown["Стадия сделки"], shown["Воронка"]) == ("Сделка успешна", "Общая")
    assert shown["Сумма"] == (won["OPPORTUNITY"] or "")
    assert shown["Регион"] == dict(REGION.items)[won[REGION.code]]
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", shown["Дата изменения стадии"])
    people = sample.export_csv("users", tmp_path / "employees.csv").read_text("utf-8").splitlines()
    assert people[0] == "ID;ФИО;Email;Отдел;Должность;Активен"
    assert people[2] == "2;Анна Белова;user2@example.ru;Отдел продаж;Руководитель отдела;да"


def test_exports_with_products_repeat_deals(sample: World, tmp_path: Path) -> None:
    """With products a deal has a line per product, whose sums are the deal's amount."""
    path = sample.export_csv("deals", tmp_path / "deals.csv", products=True)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["Товар"]]
    owner = int(rows[0]["ID"])
    total = sum(float(row["Сумма"]) for row in rows if int(row["ID"]) == owner)
    assert total == pytest.approx(float(sample["deals"].row(owner)["OPPORTUNITY"]))


# --- troubles --------------------------------------------------------------------------------


def test_troubles_are_by_seed_and_end(sample: World) -> None:
    """The same seed brings the same troubles, and one request is not hit for ever."""
    seen = []
    for _ in range(2):
        faults = Faults(seed=5, rate=1.0, in_a_row=2)
        seen.append([faults.next(b"same", batch=True) for _ in range(9)])
    assert seen[0] == seen[1]
    assert [bool(kind) for kind in seen[0]] == [True, True, False] * 3
    assert set(filter(None, seen[0])) <= {*BEFORE, *AFTER, *INSIDE}
    rare = Faults(rate=1.0, at_most=1)
    assert [bool(rare.next(b"a", batch=False)), bool(rare.next(b"b", batch=False))] == [True, False]


@pytest.mark.parametrize(
    ("kind", "status", "sign"),
    [
        ("query_limit", 503, '"QUERY_LIMIT_EXCEEDED"'),
        ("http_500", 500, '"INTERNAL_SERVER_ERROR"'),
        ("http_502", 502, "<html>"),
        ("http_504", 504, "<html>"),
        ("login_page", 200, "<html>"),
        ("overload", 503, '"OVERLOAD_LIMIT"'),
        ("portal_deleted", 500, '"PORTAL_DELETED"'),
        ("expired_token", 401, '"expired_token"'),
        ("bad_json", 200, "<b>Warning</b>"),
    ],
)
def test_answers_of_trouble(sample: World, kind: str, status: int, sign: str) -> None:
    """Each kind has its status and its body; after it the portal is well again."""
    portal = Portal(sample, faults=[kind])
    ask = partial(portal.respond, "POST", f"{portal.webhook}scope", JSON)
    code, _, body = ask(b"{}")
    assert (code, sign in body.decode()) == (status, True)
    assert ask(b"{}")[0] == 200


def test_redirects(sample: World) -> None:
    """One leads to another path that works, one to another host."""
    portal = Portal(sample, faults=["redirect", None, "moved"])
    _, headers, _ = portal.respond("POST", f"{portal.webhook}scope", JSON, b"{}")
    assert headers["Location"].startswith(f"{portal.address}/moved/rest/1/")
    assert portal.respond("POST", headers["Location"], JSON, b"{}")[0] == 200
    status, headers, _ = portal.respond("POST", f"{portal.webhook}scope", JSON, b"{}")
    assert (status, urlsplit(headers["Location"]).hostname) == (302, "new-name.bitrix24.example")


def test_trouble_inside_a_batch(sample: World) -> None:
    """One command has an error, or is missing from every map."""
    faults = Script(["command_error:1", "command_limit", "command_missing:2"])
    call = Caller(Portal(sample, faults=faults))
    commands = {"a": "scope", "b": "scope", "c": "scope"}
    assert call.batch(commands)["result_error"]["b"]["error"] == "INTERNAL_SERVER_ERROR"
    assert call.batch(commands)["result_error"]["a"]["error"] == "OPERATION_TIME_LIMIT"
    silent = call.batch(commands)
    assert (list(silent["result"]), silent["result_error"]) == (["a", "b"], [])
    assert set(call.batch(commands)["result"]) == {"a", "b", "c"}


def test_trouble_on_the_wire(sample: World) -> None:
    """On a socket answers are dropped, cut short, or do not come; then the portal is well again."""
    portal = Portal(sample, faults=["dropped", "cut", "slow", "truncated"])
    with portal.serve() as address:

        def ask(patience: float = 300.0) -> bytes:
            connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=patience)
            try:
                connection.request("POST", urlsplit(portal.webhook).path + "scope", b"{}", JSON)
                return connection.getresponse().read()
            finally:
                connection.close()

        for error in (ConnectionError, http.client.IncompleteRead):
            with pytest.raises(error):
                ask()
        with pytest.raises(TimeoutError):
            ask(patience=0.2)
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(ask())
        assert json.loads(ask())["result"]


def test_people_work_while_somebody_reads() -> None:
    """A meddler changes deals between commands, by its seed, and remembers what it did."""

    def run() -> tuple[Meddler, World]:
        portal = Portal(World.sample(seed=1, deals=60))
        meddler = portal.before_command = Meddler(seed=2, rate=0.5, seconds=1.0)
        call = Caller(portal)
        for _ in range(60):
            call("scope")
        return meddler, portal.world

    (first, world), (second, _) = run(), run()
    assert first.done == second.done
    assert len(first.done) > 4
    assert first.gone.isdisjoint(world["deals"].ids)
    assert first.touched <= set(world["deals"].ids)


def test_hooks_see_each_command(sample: World) -> None:
    """Hooks run around every command, of a batch too, with what it asked for."""
    portal = Portal(sample)
    seen: list[tuple[str, str, Any]] = []

    def note(when: str) -> Callable[[str, Any, Portal], None]:
        return lambda method, params, _portal: seen.append((when, method, params.get("a")))

    portal.before_command, portal.after_command = note("before"), note("after")
    Caller(portal).batch({"x": "scope?a=1", "y": "server.time"})
    assert seen == [
        ("before", "scope", "1"),
        ("after", "scope", "1"),
        ("before", "server.time", None),
        ("after", "server.time", None),
    ]
    assert [command.label for command in portal.log[0].commands] == ["x", "y"]


def test_lost_answers_were_worked_for(sample: World) -> None:
    """A dropped answer cost a request of the bucket and ran its commands."""
    portal = Portal(sample, plan="standard", faults=["dropped"])
    with pytest.raises(Unanswered):
        Caller(portal)("scope")
    assert portal.bucket
    assert (portal.bucket.level, portal.counters["method:scope"]) == (1.0, 1)
