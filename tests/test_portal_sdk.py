"""The official SDK reads the same portal: it must find the records that kpictl finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from b24pysdk import BitrixWebhook, Client

from portal import Portal, World
from pulls import Records, money, trip

COLUMNS = ("ID", "TITLE", "OPPORTUNITY", "STAGE_ID", "DATE_MODIFY")


@pytest.fixture
def portal() -> Portal:
    return Portal(World.sample(3, deals=180))


@pytest.fixture
def sdk(portal: Portal) -> Iterator[Client]:
    """The SDK, which speaks requests: every request of its goes into the portal's own core."""

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        status, headers, found = portal.respond(
            request.method, request.url, dict(request.headers), raw
        )
        return status, dict(headers), found

    token = f"{portal.user_id}/{portal.code}"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(r"https://portal\.example/.*"), callback=answer)
        yield Client(BitrixWebhook(domain="portal.example", webhook_token=token))


def deals(rows: Any) -> Records:
    return {
        int(row["ID"]): (
            row["TITLE"],
            money(row["OPPORTUNITY"]),
            row["STAGE_ID"],
            row["DATE_MODIFY"],
        )
        for row in rows
    }


@pytest.mark.parametrize("way_of_reading", ["as_list", "as_list_fast"])
def test_the_sdk_and_kpictl_find_the_same_deals(
    tmp_path: Path, portal: Portal, sdk: Client, way_of_reading: str
) -> None:
    """Every deal, with the same title, amount, stage and moment of change."""
    asked = sdk.crm.deal.list(select=list(COLUMNS))
    theirs = deals(getattr(asked, way_of_reading)().result)
    with trip(portal, tmp_path) as way:
        way.pull()
        assert way.deals == theirs
    assert len(theirs) == 180


def test_the_sdk_and_kpictl_find_the_same_users_and_history(
    tmp_path: Path, portal: Portal, sdk: Client
) -> None:
    """People, and every move of a deal through its stages."""
    history = sdk.crm.stagehistory.list(entity_type_id=2).as_list().result
    users = sdk.user.get().as_list().result
    with trip(portal, tmp_path) as way:
        way.pull(("deals", "stage_history"))
        assert set(way.rows("stage_history")) == {int(row["ID"]) for row in history}
        names = set(way.rows("users", "ID", "LAST_NAME").values())
        assert names == {(str(row["ID"]), row.get("LAST_NAME")) for row in users}
