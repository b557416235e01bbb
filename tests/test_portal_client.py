"""The client: commands as the portal reads them, what answers mean, what is tried again."""

from __future__ import annotations

import json
import re
import ssl
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpictl.bitrix24.rest.client import (
    Answer,
    Command,
    Fault,
    PortalError,
    Retry,
)
from kpictl.bitrix24.rest.commands import encode
from kpictl.bitrix24.rest.responses import Reply, decoded, read
from wires import HOST, KEY, START, URL, Talk, batch, good

# --- commands --------------------------------------------------------------------------------


def php(query: str) -> dict[str, Any]:
    """Return what PHP makes of a query: decoded once, brackets nest."""
    found: dict[str, Any] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        first, *inner = re.findall(r"^[^\[]+|\[([^\]]*)\]", unquote_plus(name))
        whole = unquote_plus(name)
        path = [whole.partition("[")[0], *inner] if inner or not first else [whole]
        into = found
        for key in path[:-1]:
            into = into.setdefault(key, {})
        into[path[-1]] = unquote_plus(value)
    return found


def as_php(value: Any) -> Any:
    """Return parameters as PHP holds them: texts, and lists as maps of 0, 1, 2."""
    match value:
        case Mapping():
            return {str(k): as_php(v) for k, v in value.items() if v not in ({}, [])}
        case list():
            return {str(n): as_php(v) for n, v in enumerate(value) if v not in ({}, [])}
        case bool():
            return "1" if value else "0"
        case None:
            return ""
        case _:
            return str(value)


NAMES = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_commands_arrive_as_they_were_meant(params: dict[str, Any]) -> None:
    """Whatever stands in parameters, PHP reads the same out of a command."""
    command = str(Command("a", "crm.item.list", params))
    method, _, query = command.partition("?")
    assert method == "crm.item.list"
    assert php(query) == as_php(params)
    assert re.fullmatch(r"[\w.%&=+~-]*", query)


def test_a_command_is_encoded_once() -> None:
    """A plus of a time zone, signs of a filter and a reference come through."""
    query = encode(
        {
            "entityTypeId": 2,
            "filter": {">=updatedTime": "2024-06-02T08:15:00+03:00", ">id": "$result[a][items][49][id]"},
            "select": ["id", "UF_CRM_1"],
            "start": -1,
            "useOriginalUfNames": True,
            "empty": None,
            "nothing": [],
        }
    )  # fmt: skip
    assert query == (
        "entityTypeId=2&filter%5B%3E%3DupdatedTime%5D=2024-06-02T08%3A15%3A00%2B03%3A00"
        "&filter%5B%3Eid%5D=%24result%5Ba%5D%5Bitems%5D%5B49%5D%5Bid%5D"
        "&select%5B0%5D=id&select%5B1%5D=UF_CRM_1&start=-1&useOriginalUfNames=1&empty="
    )
    with pytest.raises(TypeError):
        encode({"amount": 1.5})


# --- one call --------------------------------------------------------------------------------


def test_a_call_is_a_post_of_json() -> None:
    """Parameters go as JSON by POST, with a name and a version; numbers come back as delivered."""
    body = b'{"result": [{"ID": "1", "sum": 10.50, "n": 5, "big": 1e30}], "total": 1, "next": "50"}'
    talk = Talk(body)
    answer = talk.client.call("crm.deal.list", {"filter": {">ID": 1}, "select": ["ID"]})
    (request,) = talk.asked
    assert (request.method, str(request.url)) == ("POST", URL + "crm.deal.list")
    assert talk.bodies == [{"filter": {">ID": 1}, "select": ["ID"]}]
    assert re.fullmatch(r"kpictl/[\d.]+", request.headers["user-agent"])
    assert answer.result == [{"ID": "1", "sum": "10.50", "n": 5, "big": "1e30"}]
    assert (answer.total, answer.next, answer.time) == (1, 50, {})
    assert (talk.client.requests, talk.client.faults, talk.waits) == (1, 0, [])


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.ReadError("reset"),
        httpx.ConnectError("refused"),
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(500, json={"error": "INTERNAL_SERVER_ERROR", "error_description": "?"}),
        httpx.Response(503, json={"error": "", "error_description": "?"}),
        httpx.Response(429, text="slow down"),
        httpx.Response(504),
        b"<html>Maintenance</html>",
        b'{"result": [{"ID": "1"}, {"I',
        b"[" * 100_000,
        b"",
        b"null",
        b"[]",
        b'{"time": {}}',
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again(trouble: Any) -> None:
    """Broken, late, garbled and refused answers are asked for again after a pause."""
    talk = Talk(trouble, trouble, good([7]))
    assert talk.client.call("user.get").result == [7]
    assert (talk.client.requests, talk.client.faults) == (3, 2)
    assert talk.clock.slept == [0.5, 1.0]
    assert [(w.reason, w.method) for w in talk.waits] == [("fault", "user.get")] * 2


def test_pauses_grow_to_half_a_minute_and_come_to_an_end() -> None:
    """Twelve attempts in a row, at growing distances, spread by jitter; then it is final."""
    talk = Talk(httpx.ReadTimeout("slow"))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    error = caught.value
    assert (error.fault.code, error.attempts, error.host) == ("timeout", 12, HOST)
    assert talk.clock.slept == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
    talk = Talk(httpx.ReadTimeout("slow"), good(), jitter=0.0)
    talk.client.call("user.get")
    assert talk.clock.slept == [0.25]


def test_a_portal_that_was_never_reached_is_given_up_soon() -> None:
    """A misspelled host is told after seconds; one that had answered is waited for."""
    talk = Talk(httpx.ConnectError("[Errno -2] Name or service not known"))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.attempts == 4
    assert sum(talk.clock.slept) < 4
    talk = Talk(good(), httpx.ConnectError("network is unreachable"))
    talk.client.call("user.get")
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.attempts == 12


def test_an_untrusted_certificate_is_final() -> None:
    """Asking again does not make a certificate right."""
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("certificate verify failed: expired")
    talk = Talk(error)
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert (caught.value.fault.code, talk.client.requests) == ("tls", 1)


def test_a_wait_that_the_answer_asks_for_is_kept() -> None:
    """`Retry-After`, which proxies send, is waited out, as long as it is a few minutes."""
    later = httpx.Response(503, headers={"retry-after": "7"}, text="later")
    talk = Talk(later, good())
    talk.client.call("user.get")
    assert talk.clock.slept == [7]
    talk = Talk(httpx.Response(503, headers={"retry-after": "300"}), good())
    talk.client.call("user.get")
    assert talk.clock.slept == [300]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((401, "NO_AUTH_FOUND"), "NO_AUTH_FOUND"),
        ((401, "expired_token"), "expired_token"),
        ((403, "insufficient_scope"), "insufficient_scope"),
        ((403, "ACCESS_DENIED"), "ACCESS_DENIED"),
        ((503, "OVERLOAD_LIMIT"), "OVERLOAD_LIMIT"),
        ((500, "PORTAL_DELETED"), "PORTAL_DELETED"),
        ((404, "ERROR_METHOD_NOT_FOUND"), "ERROR_METHOD_NOT_FOUND"),
        ({"error": "", "error_description": "Access denied."}, "ACCESS_DENIED"),
        ({"error": 0, "error_description": "Доступ запрещён"}, "ACCESS_DENIED"),
        ({"error": "", "error_description": "Not found"}, "NOT_FOUND"),
        ({"error": "", "error_description": "Parameter 'filter' must be array."}, "error"),
        ({"error": {"code": "BITRIX_REST_V3_X", "message": "no"}}, "BITRIX_REST_V3_X"),
        (httpx.Response(404, text="<html>nginx</html>"), "http_404"),
        (httpx.Response(403, text="blocked"), "http_403"),
    ],
    ids=str,
)
def test_what_will_not_pass_is_told_at_once(answer: Any, code: str) -> None:
    """A refusal is final at the first answer, also one that says `error` with status 200."""
    talk = Talk(answer)
    with pytest.raises(PortalError) as caught:
        talk.client.call("crm.deal.list")
    assert caught.value.fault.code == code
    assert (caught.value.method, talk.client.requests) == ("crm.deal.list", 1)


# --- limits ----------------------------------------------------------------------------------


def test_a_full_bucket_is_waited_for() -> None:
    """A refusal for too many requests slows down, and is no failure however often it comes."""
    full = (503, "QUERY_LIMIT_EXCEEDED")
    talk = Talk(*[full] * 6, good())
    assert talk.client.call("user.get").result is True
    assert talk.client.requests == 7
    assert {wait.reason for wait in talk.waits} == {"bucket"}
    assert talk.clock.slept == [1, 1.5, 3, 6, 12, 24]
    talk = Talk(full)
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert (caught.value.fault.code, caught.value.attempts) == ("QUERY_LIMIT_EXCEEDED", 40)


def test_a_method_without_time_left_is_waited_for() -> None:
    """A call that may not run waits until the portal forgets the oldest minute; others go on."""
    time_ = {"finish": START, "operating": 481, "operating_reset_at": int(START) + 300}
    talk = Talk(good([], time=time_), (429, "OPERATION_TIME_LIMIT"), good([1]))
    talk.client.call("crm.item.list")
    assert talk.client.call("crm.item.list").result == [1]
    assert talk.clock.slept == [301]
    assert talk.waits[0].reason == "method"
    talk = Talk(good([], time=time_), (429, "OPERATION_TIME_LIMIT"), good([1]))
    talk.client.call("crm.item.list")
    talk.answers.insert(0, batch(errors={"a": {"error": "OPERATION_TIME_LIMIT"}}))
    found = talk.client.batch([Command("a", "crm.item.list", {})])
    assert found["a"] == Fault("OPERATION_TIME_LIMIT", "", Retry.METHOD)
    assert talk.client.free_at("crm.item.list") == START + 301
    assert talk.client.free_at("user.get") == 0
    assert talk.clock.slept == []


# --- batches ---------------------------------------------------------------------------------


def test_each_command_has_its_answer_or_its_fault() -> None:
    """A batch that answers 200 is looked through: results, errors, totals, and who is missing."""
    talk = Talk(
        batch(
            {"a": {"items": [{"id": 1}]}, "b": []},
            {"c": {"error": "INVALID_ARG_VALUE", "error_description": "no such field"},
             "d": {"error": "QUERY_LIMIT_EXCEEDED"},
             "e": {"error": "INTERNAL_SERVER_ERROR", "error_description": ""}},
            total={"a": 120}, next={"a": 50}, time={"a": {"operating": 1.5}},
        )
    )  # fmt: skip
    found = talk.client.batch([Command(x, "crm.item.list", {"start": 0}) for x in "abcdef"])
    assert found == {
        "a": Answer({"items": [{"id": 1}]}, 120, 50, {"operating": "1.5"}),
        "b": Answer([]),
        "c": Fault("INVALID_ARG_VALUE", "no such field", Retry.NEVER),
        "d": Fault("QUERY_LIMIT_EXCEEDED", "", Retry.BUCKET),
        "e": Fault("INTERNAL_SERVER_ERROR", "", Retry.SOON),
        "f": Fault("bad_answer", "no answer to f", Retry.SOON),
    }
    assert talk.bodies == [{"halt": 0, "cmd": dict.fromkeys("abcdef", "crm.item.list?start=0")}]
    assert talk.client.pace.tariff is not None
    assert talk.client.requests == 1


def test_maps_that_come_as_lists() -> None:
    """PHP writes a map of 0, 1, 2 as a list, and an empty one too."""
    talk = Talk(batch([["x"], ["y"]], total=[2]))
    found = talk.client.batch([Command("0", "m", {}), Command("1", "m", {})])
    assert found == {"0": Answer(["x"], 2), "1": Answer(["y"])}


def test_a_whole_batch_is_tried_again() -> None:
    """What is no batch is asked for again; more than fifty commands or a label twice is our bug."""
    talk = Talk(good([]), b"<html>", batch({"a": 1}))
    assert talk.client.batch([Command("a", "scope", {})]) == {"a": Answer(1)}
    assert talk.client.requests == 3
    for labels in (["a", "a"], [f"c{n}" for n in range(51)]):
        with pytest.raises(ValueError, match="labels"):
            talk.client.batch([Command(label, "scope", {}) for label in labels])


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_portal_keeps_the_body(status: int) -> None:
    """The request is posted again with the same body, and no GET without a filter is made."""
    away = httpx.Response(status, headers={"location": f"/rest/7/{KEY}/crm.deal.list/"})
    talk = Talk(away, good([]))
    talk.client.call("crm.deal.list", {"filter": {">ID": 5}})
    assert [str(r.url) for r in talk.asked] == [URL + "crm.deal.list", URL + "crm.deal.list/"]
    assert {r.method for r in talk.asked} == {"POST"}
    assert talk.bodies == [{"filter": {">ID": 5}}] * 2
    assert talk.client.requests == 2


@pytest.mark.parametrize(
    ("location", "host"),
    [
        (f"https://vasilek.bitrix24.ru/rest/7/{KEY}/user.get", "vasilek.bitrix24.ru"),
        (f"https://{HOST}:8443/rest/", f"{HOST}:8443"),
        (f"http://{HOST}/rest/7/{KEY}/user.get", HOST),
        (f"//evil.example/rest/7/{KEY}/", "evil.example"),
        (f"https://{HOST}@evil.example/", "evil.example"),
    ],
)
def test_a_key_does_not_follow_to_another_host(location: str, host: str) -> None:
    """A redirect elsewhere, or to where others listen, names the place and gets nothing."""
    talk = Talk(httpx.Response(302, headers={"location": location}))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.fault == Fault("moved", host, Retry.NEVER, 302, host)
    assert talk.client.requests == 1


@pytest.mark.parametrize("location", ["", f"/rest/7/{KEY}/user.get", "https://[", "https://a:b/"])
def test_redirects_that_lead_nowhere(location: str) -> None:
    """A circle or a broken address is a fault like another, with an end."""
    talk = Talk(httpx.Response(302, headers={"location": location}))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.fault.code in {"bad_answer", "dropped"}
    assert talk.client.requests <= 12 * 4


# --- answers as bytes ------------------------------------------------------------------------


def reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, {}, body, URL)


def test_halves_of_characters_are_made_whole() -> None:
    """Half of an emoji cannot be stored; whole ones, and backslashes written out, stay."""
    body = rb'{"result": "\ud83d\ude00 \ud83d! \ude00 \\ud83d \\\ud83d \u0416"}'
    found = read(reply(body))
    assert isinstance(found, Answer)
    assert found.result == "😀 �! � \\ud83d \\� Ж"
    assert read(reply(b'\xef\xbb\xbf{"result": "\xd0\x96 \xff"}')) == Answer("Ж �")


def test_odd_numbers_are_kept_as_they_are() -> None:
    """No decimal loses a digit; what is no number at all stays text."""
    found = decoded(reply(b'{"a": 0.10, "b": -0.0, "c": NaN, "d": 12345678901234567890}'))
    assert found == {"a": "0.10", "b": "-0.0", "c": "NaN", "d": 12345678901234567890}


def test_a_large_answer_is_read_at_once() -> None:
    """A batch of 2500 deals as PHP writes it, Cyrillic escaped, is read without a step of ours for
    each record: what is done a few hundred times, and not a few thousand, takes no time."""
    deal = {"id": 123456, "title": "Поставка насосов", "opportunity": 420000.5, "stageId": "C3:WON",
            "assignedById": 17, "createdTime": "2024-05-28T17:40:00+03:00", "comments": "😀 спасибо",
            "updatedTime": "2024-05-28T17:40:00+03:00", "ufCrm_1": ["a", "b"], "closed": "Y"}  # fmt: skip
    pages = {f"c{n}": {"items": [deal] * 50} for n in range(50)}
    body = json.dumps(batch(pages)).encode()
    assert len(body) > 900_000
    steps: list[str] = []
    before = sys.getprofile()
    sys.setprofile(lambda _, event, __: steps.append(event) if event == "call" else None)
    try:
        answer = read(reply(body))
    finally:
        sys.setprofile(before)
    assert isinstance(answer, Answer)
    assert len(steps) < 500
