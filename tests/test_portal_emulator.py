"""The emulated portal keeps what the documentation of Bitrix24 says of the real one."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from portal import Caller, Portal, World
from portal.fields import custom

LAST = "[items][49][id]"


def company(deals: int = 120) -> World:
    """A portal with deals 1…n, each worth a thousand times its id, every third one won."""
    world = World()
    for number in range(1, deals + 1):
        world.add("deals", TITLE=f"Сделка {number}", OPPORTUNITY=f"{number}000.50")
        if number % 3 == 0:
            world.move("deals", number, "WON")
    return world


@pytest.fixture
def portal() -> Portal:
    return Portal(company())


@pytest.fixture
def call(portal: Portal) -> Caller:
    return Caller(portal)


# --- lists -----------------------------------------------------------------------------------


def test_pages_hold_fifty_and_name_the_next(call: Caller) -> None:
    """A list comes in pages of 50 with `total`, and with `next` except on the last."""
    pages = [call("crm.item.list", entityTypeId=2, start=start) for start in (0, 50, 100)]
    assert [len(page["result"]["items"]) for page in pages] == [50, 50, 20]
    assert [page.get("next") for page in pages] == [50, 100, None]
    assert {page["total"] for page in pages} == {120}


def test_start_minus_one_does_not_count(call: Caller) -> None:
    """With `start=-1` the total is 0 and there is no `next`, though more rows match."""
    page = call("crm.item.list", entityTypeId=2, start=-1)
    assert (len(page["result"]["items"]), page["total"], "next" in page) == (50, 0, False)


def test_items_are_typed_and_old_lists_are_text(call: Caller) -> None:
    """The same deal has numbers in `crm.item.list` and texts in `crm.deal.list`."""
    new = call.items(filter={"id": 2})[0]
    old = call("crm.deal.list", filter={"ID": 2})["result"][0]
    assert (new["id"], new["opportunity"], new["companyId"]) == (2, 2000.5, 0)
    assert (old["ID"], old["OPPORTUNITY"], old["COMPANY_ID"]) == ("2", "2000.50", "0")
    assert new["closedate"] == old["CLOSEDATE"] == "2024-06-10T03:00:00+03:00"
    assert (new["isWon"], new["leadId"], old["LEAD_ID"]) == (None, None, None)
    assert new["createdTime"] == old["DATE_CREATE"] == "2024-06-03T09:00:00+03:00"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({">id": 118}, [119, 120]),
        ({">id": "", "<=id": 2}, [1, 2]),
        ({"@id": [3, 5, 999]}, [3, 5]),
        ({"id": [4, 7]}, [4, 7]),
        ({"=stageId": "WON", "<id": 7}, [3, 6]),
        ({"!stageId": "WON", "<id": 5}, [1, 2, 4]),
        ({"!@stageId": ["WON", "LOSE"], "<=id": 2}, [1, 2]),
        ({"%title": "сделка 11", "<id": 115}, [11, 110, 111, 112, 113, 114]),
        ({"=%title": "%ка 7"}, [7]),
        ({"!=%title": "Сделка 1%", "<id": 4}, [2, 3]),
        ({">=opportunity": 119000.5}, [119, 120]),
        ({"=companyId": "", "<id": 2}, [1]),
        ({"0": {"logic": "OR", "0": {"id": 1}, "1": {">id": 119}}}, [1, 120]),
        ({">=updatedTime": "2024-06-03T06:00:00+00:00", "<id": 3}, [1, 2]),
        ({">updatedTime": "2024-06-03T09:00:00+03:00"}, []),
        ({"<createdTime": "2024-06-03"}, []),
        ({"begindate": "2024-06-03", "<id": 3}, [1, 2]),
    ],
)
def test_filters(call: Caller, filters: dict[str, Any], found: list[int]) -> None:
    """Every documented prefix finds what it says; an empty number is 0."""
    assert call.ids(filter=filters, start=-1) == found
    assert call.ids(filter=filters, order={"id": "ASC"}) == found


def test_order_and_paging_through_a_filtered_list(call: Caller) -> None:
    """Sorted and filtered lists page by `start` as whole ones do."""
    found = []
    for start in (0, 50):
        found += call.ids(filter={"!stageId": "WON"}, order={"opportunity": "DESC"}, start=start)
    assert found == [number for number in range(120, 0, -1) if number % 3]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"filter": {">foo": 1}}, "Invalid filter: field 'foo' is not allowed in filter"),
        ({"filter": {"isWon": "Y"}}, "Invalid filter: field 'isWon' is not allowed in filter"),
        ({"filter": {">createdTime": "x"}}, "field 'createdTime' has invalid value"),
        ({"order": {"foo": "ASC"}}, "Invalid order: field 'foo' is not allowed in order"),
        ({"order": {"id": "up"}}, "allowed sort directions are `ASC, DESC`. But got 'up'"),
    ],
)
def test_item_lists_refuse_what_they_do_not_know(
    call: Caller, params: dict[str, Any], message: str
) -> None:
    """`crm.item.list` answers 400 INVALID_ARG_VALUE and names the field."""
    answer = call("crm.item.list", entityTypeId=2, **params)
    assert (call.status, answer["error"]) == (400, "INVALID_ARG_VALUE")
    assert message in answer["error_description"]


def test_old_lists_say_nothing_of_unknown_fields(call: Caller) -> None:
    """The old lists drop an unknown condition, and insist only on arrays."""
    assert call("crm.deal.list", filter={"FOO": 1})["total"] == 120
    answer = call("crm.deal.list", filter="x")
    assert (call.status, answer["error"]) == (400, "")
    assert answer["error_description"] == "Parameter 'filter' must be array."


def test_custom_fields_by_both_names(portal: Portal, call: Caller) -> None:
    """`useOriginalUfNames` decides whether a custom field is UF_CRM_1_2 or ufCrm1_2."""
    region = custom("UF_CRM_3_1700", "enumeration", "Регион", ["Урал", "Сибирь"])
    urals = region.items[0][0]
    portal.world.add_field("deals", region)
    portal.world.add_field("deals", custom("UF_CRM_1701", "boolean", "Подписан"))
    portal.world.change("deals", 5, UF_CRM_3_1700=urals, UF_CRM_1701="Y")
    assert call.items(filter={"ufCrm3_1700": urals})[0]["ufCrm_1701"] == "Y"
    original = call.items(filter={"UF_CRM_1701": 1}, useOriginalUfNames="Y")
    assert [(row["id"], row["UF_CRM_3_1700"]) for row in original] == [(5, urals)]
    assert call.ids(filter={"ufCrm_1701": "Y"}) == []  # documented: 1 and 0 only
    assert call.error("crm.item.list", entityTypeId=2, filter={"UF_CRM_1701": 1})[0] == 400
    fields = call("crm.item.fields", entityTypeId=2)["result"]["fields"]
    assert fields["ufCrm3_1700"]["upperName"] == "UF_CRM_3_1700"
    assert fields["ufCrm3_1700"]["items"][0] == {"ID": str(urals), "VALUE": "Урал"}
    settings = call("crm.deal.userfield.list", filter={"LANG": "ru"})["result"]
    assert [(one["FIELD_NAME"], one["EDIT_FORM_LABEL"]) for one in settings] == [
        ("UF_CRM_3_1700", "Регион"),
        ("UF_CRM_1701", "Подписан"),
    ]


def test_upper_names_of_fields(portal: Portal, call: Caller) -> None:
    """`upperName` is the name in upper case; a switch makes it the entity's own code."""
    name = call("crm.item.fields", entityTypeId=2)["result"]["fields"]["createdTime"]["upperName"]
    portal.upper_names = "entity"
    own = call("crm.item.fields", entityTypeId=2)["result"]["fields"]["createdTime"]["upperName"]
    assert (name, own) == ("CREATED_TIME", "DATE_CREATE")


def test_hidden_rows_are_left_out_without_a_word(portal: Portal, call: Caller) -> None:
    """Rows without the right to them are not in lists, and not counted."""
    portal.hide("deals", [1, 2, 7])
    answer = call("crm.item.list", entityTypeId=2, select=["id"])
    assert [row["id"] for row in answer["result"]["items"][:4]] == [3, 4, 5, 6]
    assert answer["total"] == 117
    assert call.error("crm.item.get", entityTypeId=2, id=7) == (400, "NOT_FOUND")


# --- changes ---------------------------------------------------------------------------------


def test_a_move_writes_history_and_stamps(portal: Portal, call: Caller) -> None:
    """Moving a deal changes its semantics and times and writes a row of history by the rules."""
    portal.clock.sleep(60)
    portal.world.move("deals", 1, "EXECUTING")
    portal.clock.sleep(60)
    portal.world.move("deals", 1, "LOSE")
    portal.clock.sleep(60)
    portal.world.change("deals", 1, CATEGORY_ID=1)
    answer = call("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": 1})["result"]
    assert [
        (row["TYPE_ID"], row["STAGE_ID"], row["STAGE_SEMANTIC_ID"]) for row in answer["items"]
    ] == [
        (1, "NEW", "P"),
        (2, "EXECUTING", "P"),
        (3, "LOSE", "F"),
        (5, "C1:NEW", "P"),
    ]
    deal = call.items(filter={"id": 1})[0]
    assert deal["movedTime"] == deal["updatedTime"] == "2024-06-03T09:03:00+03:00"
    assert (deal["closed"], deal["stageSemanticId"]) == ("N", "P")


def test_changes_are_found_by_time(portal: Portal, call: Caller) -> None:
    """`>=updatedTime` finds what was changed since, deleted and merged records are gone."""
    portal.world.clock.sleep(10)
    portal.world.change("deals", 9, TITLE="Другая")
    portal.world.merge("deals", 20, 21)
    portal.world.delete("deals", 30)
    new = portal.world.add("deals")
    since = {">=updatedTime": "2024-06-03T09:00:10+03:00"}
    assert call.ids(filter=since, order={"id": "ASC"}, start=-1) == [9, 20, new]
    assert call.ids(filter=since, order={"updatedTime": "ASC", "id": "ASC"}) == [9, 20, new]
    assert call.ids(filter={"@id": [20, 21, 30]}) == [20]


# --- batch -----------------------------------------------------------------------------------


def walk(pages: int, *, encode: bool) -> dict[str, str]:
    """Commands that read deals page after page, each from the last id of the one before."""
    commands = {}
    for page in range(pages):
        last = f"$result[p{page - 1}]{LAST}" if page else "0"
        pairs = {
            "entityTypeId": "2",
            "select[0]": "id",
            "order[id]": "ASC",
            "start": "-1",
            "filter[>id]": last,
        }
        query = urlencode(pairs) if encode else "&".join(f"{k}={v}" for k, v in pairs.items())
        commands[f"p{page}"] = f"crm.item.list?{query}"
    return commands


@pytest.mark.parametrize("encode", [True, False])
def test_batches_follow_references(call: Caller, encode: bool) -> None:
    """References to earlier results are resolved, encoded or not; one that leads nowhere is empty,
    and `>id` of nothing begins again."""
    result = call.batch(walk(4, encode=encode))
    firsts = {label: page["items"][0]["id"] for label, page in result["result"].items()}
    assert firsts == {"p0": 1, "p1": 51, "p2": 101, "p3": 1}
    assert (result["result_error"], result["result_next"]) == ([], [])
    assert set(result["result_total"].values()) == {0}
    assert {"operating", "operating_reset_at"} <= set(result["result_time"]["p0"])


def test_commands_fail_one_by_one(call: Caller) -> None:
    """A batch answers 200; errors stand under their labels, and `halt` ends it."""
    commands = {
        "a": "nothing.list",
        "b": "crm.item.list?entityTypeId=999",
        "c": "batch?cmd[]=scope",
        "d": "scope",
    }
    result = call.batch(commands)
    codes = {label: one["error"] for label, one in result["result_error"].items()}
    assert call.status == 200
    assert codes == {
        "a": "ERROR_METHOD_NOT_FOUND",
        "b": "NOT_FOUND",
        "c": "ERROR_BATCH_METHOD_NOT_ALLOWED",
    }
    assert list(result["result"]) == ["d"]
    halted = call.batch(commands, halt=1)
    assert (halted["result"], list(halted["result_error"])) == ([], ["a"])


def test_the_fifty_first_command_is_refused(call: Caller) -> None:
    """Fifty commands run, each further one has an error of its own."""
    result = call.batch({f"c{number}": "scope" for number in range(52)})
    assert len(result["result"]) == 50
    assert {one["error"] for one in result["result_error"].values()} == {
        "ERROR_BATCH_LENGTH_EXCEEDED"
    }
    assert list(result["result_error"]) == ["c50", "c51"]


def test_lists_of_commands_give_lists(call: Caller) -> None:
    """Commands without labels answer in lists, as PHP encodes an array counted from zero."""
    result = call.batch(["scope", "server.time"])
    assert result["result"] == [sorted(call.portal.scopes), "2024-06-03T09:00:00+03:00"]


def test_forms_and_addresses_work_like_json(call: Caller) -> None:
    """The same call as a form, as a query and with `.json` brings the same."""
    query = "entityTypeId=2&filter[%3Eid]=118&select[]=id&start=-1"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    address = f"{call.portal.webhook}crm.item.list"
    answers = [
        call.portal.respond("GET", f"{address}?{query}", {}, b"")[2],
        call.portal.respond("POST", address, form, query.encode())[2],
        call.portal.respond("GET", f"{address}.json?{query}", {}, b"")[2],
    ]
    assert {json.dumps(json.loads(answer)["result"]) for answer in answers} == {
        '{"items": [{"id": 119}, {"id": 120}]}'
    }


def test_what_the_portal_prints_leads_to_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines of `make portal` work one after another in an empty folder."""
    shown = runpy.run_path(str(Path(__file__).parent / "portal" / "__main__.py"))
    portal = Portal(World.sample(1, deals=40))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    monkeypatch.setattr("kpictl.cli.clock.SystemClock", lambda: portal.clock)
    with portal.serve():
        steps = shown["steps"](portal.webhook)
        given, *commands = [step for step in steps if not step.startswith("export PATH")]
        monkeypatch.setenv(*given.removeprefix("export ").split("=", 1))
        for command in commands:
            name, *words = command.split()
            done = CliRunner().invoke(app, words)
            assert (name, done.exit_code) == ("kpictl", 0), done.stderr
