"""Who may ask the emulated portal, how often, and over which wire."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from portal import Caller, Clock, Portal, Unanswered, World


@pytest.fixture
def portal() -> Portal:
    return Portal(World())


@pytest.fixture
def call(portal: Portal) -> Caller:
    return Caller(portal)


# --- who may ---------------------------------------------------------------------------------


def test_keys_scopes_and_missing_methods(portal: Portal, call: Caller) -> None:
    """A wrong key is 401, a missing scope 403, a missing method 404."""
    portal.without("crm.item.list")
    assert call.error("crm.item.list", entityTypeId=2) == (404, "ERROR_METHOD_NOT_FOUND")
    assert call("method.get", name="crm.item.list")["result"]["isExisting"] is False
    portal.scopes -= {"crm"}
    assert call.error("crm.deal.list") == (403, "insufficient_scope")
    assert call("method.get", name="crm.deal.list")["result"] == {
        "isExisting": True,
        "isAvailable": False,
    }
    portal.revoked = True
    assert call.error("scope") == (401, "NO_AUTH_FOUND")


def test_tokens_expire_and_rotate(portal: Portal) -> None:
    """A token lives an hour on the clock; the refresh brings new ones and spends the old."""
    oauth = portal.oauth
    call = Caller(portal, token=oauth.access_token)
    assert call("app.info")["result"]["INSTALLED"] is True
    portal.clock.sleep(3600)
    assert call.error("scope") == (401, "expired_token")
    query = {
        "grant_type": "refresh_token",
        "client_id": oauth.client_id,
        "client_secret": oauth.client_secret,
        "refresh_token": oauth.refresh_token,
    }
    address = f"{portal.authorization_server}?{urlencode(query)}"
    status, _, body = portal.respond("GET", address, {}, b"")
    fresh = json.loads(body)
    assert (status, fresh["expires_in"], fresh["client_endpoint"]) == (
        200,
        3600,
        f"{portal.address}/rest/",
    )
    assert Caller(portal, token=fresh["access_token"])("scope")["result"]
    status, _, body = portal.respond("GET", address, {}, b"")
    assert (status, json.loads(body)["error"]) == (400, "invalid_grant")
    assert (oauth.refreshes, oauth.refused) == (1, 1)
    assert Caller(portal, "unknown").error("scope") == (401, "NO_AUTH_FOUND")


def test_webhooks_are_no_applications(call: Caller) -> None:
    """`app.info` wants an application; `profile` says who the webhook is."""
    assert call.error("app.info") == (400, "ACCESS_DENIED")
    assert call("profile")["result"]["ADMIN"] is True


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("plan", "depth", "drain"), [("standard", 50, 2), ("enterprise", 250, 5)])
def test_the_bucket_overflows_and_drains(plan: str, depth: int, drain: int) -> None:
    """So many requests go at once, then so many a second; the counter falls once a second."""
    portal = Portal(World(), plan=plan)
    call = Caller(portal)
    assert {call("scope").get("error") for _ in range(depth)} == {None}
    assert call.error("scope") == (503, "QUERY_LIMIT_EXCEEDED")
    portal.clock.sleep(0.9)
    assert call.error("scope") == (503, "QUERY_LIMIT_EXCEEDED")
    portal.clock.sleep(0.1)
    assert {call("scope").get("error") for _ in range(drain)} == {None}
    assert call.error("scope") == (503, "QUERY_LIMIT_EXCEEDED")


def test_execution_time_blocks_one_method(portal: Portal, call: Caller) -> None:
    """The call that crosses the line runs, the next is refused, other methods go on; the oldest
    minute falls out ten minutes after its first call (the docs' example of 480 seconds)."""
    portal.cost["crm.item.list"] = 20.0
    for _ in range(2):
        call("crm.item.list", entityTypeId=2)
    portal.clock.sleep(60)
    used = [call("crm.item.list", entityTypeId=2)["time"]["operating"] for _ in range(23)]
    assert used[-1] == 500.0
    answer = call("crm.item.list", entityTypeId=2)
    assert (call.status, answer["error"]) == (429, "OPERATION_TIME_LIMIT")
    result = call.batch({"a": "crm.item.list?entityTypeId=2", "b": "crm.deal.list"})
    assert result["result_error"]["a"]["error"] == "OPERATION_TIME_LIMIT"
    resets = result["result_time"]["b"]["operating_reset_at"]
    assert resets == int(portal.clock.now()) + 600
    portal.clock.sleep(540)
    assert call("crm.item.list", entityTypeId=2)["time"]["operating"] == 480.0


def test_requests_take_time(portal: Portal, call: Caller) -> None:
    """`latency` moves the clock, and the answer's `time` says so."""
    portal.latency = 1.5
    time = call("scope")["time"]
    assert (time["duration"], time["date_finish"]) == (1.5, "2024-06-03T09:00:01+03:00")
    portal.latency = lambda request: float(len(request.commands))
    call.batch({"a": "scope", "b": "scope"})
    assert portal.clock.now() == portal.log[0].time + 3.5


# --- on the wire -----------------------------------------------------------------------------


@pytest.fixture
def served(portal: Portal) -> Iterator[str]:
    with portal.serve() as address:
        yield address


def get(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=300) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_it_is_served_on_loopback(portal: Portal, served: str) -> None:
    """A true HTTP server answers, also to several at once."""
    assert served.startswith("http://127.0.0.1:")
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(get(f"{portal.webhook}scope")[0]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 8
    assert portal.counters["requests"] == 8
    assert get(f"{served}/rest/1/wrong/scope")[0] == 401


def test_nothing_is_answered_where_the_connection_dies() -> None:
    """Without a network a lost answer is an exception; the commands ran all the same."""
    portal = Portal(World(), Clock(), faults=["dropped", "slow", None])
    call = Caller(portal)
    with pytest.raises(Unanswered):
        call("scope")
    with pytest.raises(TimeoutError):
        call("scope")
    assert call("scope")["result"]
    assert [request.outcome for request in portal.log] == ["dropped", "slow", "ok"]
    assert [len(request.commands) for request in portal.log] == [1, 1, 1]
