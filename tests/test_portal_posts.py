"""Users of a portal with posts that the pulls have seen, and with numbers that stand for them or for
something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpictl import periods
from kpictl.app.computation import ComputeRequest
from kpictl.app.explain import ExplainRequest, explain
from kpictl.app.workspace import open_workspace
from kpictl.store import ddl
from kpictl.values import Account
from plans import LATER, compute, write
from pulled import DEPARTMENTS, Portal, deal, user

ANNA = "Анна Белова"
PORTAL = "sources: {crm: {type: bitrix24}}\n"
WON = "kpis: {won: {from: deals, count: rows, where: won, when: closed_at}}\n"
SOUTH = {"ID": "2", "NAME": "Юг", "SORT": 500, "UF_HEAD": ""}


def moved(folder: Path, ident: int, day: str) -> None:
    """Write down that a user was in department 1 until the pull of a day saw them in 2."""
    states = [(1, None, ["true", "", "[1]"]), (2, datetime.fromisoformat(day), ["true", "", "[2]"])]
    departments = [(1, ["Отдел продаж", "", "5"]), (2, ["Юг", "", ""])]
    path = folder / ddl.FOLDER / ddl.STORE
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS store")
        for number, since, state in states:
            row = ["crm", "users", ident, number, since, state]
            connection.execute("INSERT INTO store.history VALUES (?, ?, ?, ?, ?, ?)", row)
        for number, state in departments:
            row = ["crm", "departments", number, 1, None, state]
            connection.execute("INSERT INTO store.history VALUES (?, ?, ?, ?, ?, ?)", row)


def test_a_user_has_a_row_for_each_post_of_the_period_alone(tmp_path: Path) -> None:
    """Who was moved on 20 April is one row in May, of the post that was held then, and two in
    April."""
    portal = Portal.of(
        deals=[
            deal(1),
            deal(2, movedTime="2024-04-10T12:00:00+03:00"),
            deal(3, movedTime="2024-04-25T12:00:00+03:00"),
        ],
        users=[user(5, ANNA, UF_DEPARTMENT=[2])],
        departments=[*DEPARTMENTS, SOUTH],
    )
    portal.write(tmp_path)
    moved(tmp_path, 5, "2024-04-20T06:00:00")

    def rows(period: str) -> list[tuple[str | None, Any]]:
        found = compute(tmp_path, PORTAL + WON, {}, period=period)
        return [(row.department, row.score("won").fact.value) for row in found.card.rows]

    assert rows("2024-05") == [("Юг", 1)]
    assert sorted(rows("2024-04"), key=str) == [("Отдел продаж", 1), ("Юг", 1)]


@pytest.mark.parametrize("by", ["company_id", "source"])
def test_numbers_beside_those_of_users_are_no_users(tmp_path: Path, by: str) -> None:
    """In one scorecard with figures of users, a column of companies or sources is of these also
    where one of them has the number of a user."""
    deals = [
        deal(1, companyId=5, sourceId="5"),
        deal(2, companyId=8, sourceId="8"),
        deal(3, companyId=8, sourceId="8", assignedById=77),
    ]
    portal = Portal.of(deals=deals)
    portal.write(tmp_path)
    plan = (
        PORTAL
        + WON.replace("}}", "}")
        + (f", came: {{from: deals, count: rows, where: won, when: closed_at, by: {by}}}}}\n")
    )
    found = compute(tmp_path, plan, {})
    shown = {
        tuple(sorted((row.id, s.kpi, s.fact.value or 0) for row in card.rows for s in row.scores))
        for card in found.results.scorecards
    }
    assert shown == {(("5", "won", 2),), (("5", "came", 1), ("8", "came", 2))}
    assert found.left_out("won")["unknown_owner"].names == (Account("77"),)


def test_records_by_source_are_shown_with_their_sources(tmp_path: Path) -> None:
    """A source whose number a user has too is not called as that user."""
    Portal.of(deals=[deal(1, sourceId="5"), deal(2)]).write(tmp_path)
    plan = PORTAL + WON.replace("closed_at", "closed_at, by: source")
    with open_workspace(write(tmp_path, plan, {}), {}) as workspace:
        may = periods.parse("2024-05", as_of=LATER, zone=workspace.bound.zone)
        page = explain(workspace, ComputeRequest(may, LATER), ExplainRequest("won", company=True))
    assert {record.owner for record in page.steps[0].parts[0].records} == {"5", "Веб-сайт"}


BOTH = "sources: {crm: {type: bitrix24}, staff: {type: csv, employees: e.csv}}\n"


def test_who_is_known_by_an_address_is_no_namesake(tmp_path: Path) -> None:
    """A user whose e-mail the list has is that person, though the very name is another's there."""
    Portal.of(deals=[deal(1, assignedById=9), deal(2)]).write(tmp_path)
    staff = "ID;Сотрудник;E-mail\n18;Ким Б.;u9@example.ru\n19;Борис Ким;\n20;Анна Белова;\n"
    found = compute(tmp_path, BOTH + WON, {"e.csv": staff})
    assert found.of("won") == {"Ким Б.": 1, "Борис Ким": 0, ANNA: 1}


def test_a_number_of_the_list_settles_between_namesakes(tmp_path: Path) -> None:
    """Two users of one name are told apart by their numbers, where the list has both; who has no
    e-mail is found by name."""
    users = [user(5, ANNA), user(6, ANNA), user(7, "Олег Ким", EMAIL="")]
    deals = [deal(1), deal(2, assignedById=6), deal(3), deal(4, assignedById=7)]
    Portal.of(deals=deals, users=users).write(tmp_path)
    staff = f"ID;Сотрудник\n5;{ANNA}\n6;{ANNA}\n20;Олег Ким\n"
    found = compute(tmp_path, BOTH + WON, {"e.csv": staff})
    assert {row.id: row.score("won").fact.value for row in found.card.rows} == {
        "5": 2,
        "6": 1,
        "20": 1,
    }


def test_a_number_means_another_user_in_each_portal(tmp_path: Path) -> None:
    """Of two portals beside one list of employees each has its own user 7: the records are those of
    whoever has the address, and a user without a name is nobody's namesake by number."""
    Portal.of(deals=[deal(1, assignedById=7)], users=[user(7, ANNA), user(8, "Борис Ким")]).write(
        tmp_path
    )
    leads = [
        {"id": ident, "stageId": "NEW", "assignedById": whose, "createdTime": "2024-05-02T09:00:00+03:00"}
        for ident, whose in ((1, 7), (2, 7), (3, 8))
    ]  # fmt: skip
    users = [user(7, "Борис Ким", EMAIL="u8@example.ru"), user(8, "", EMAIL="")]
    replace(Portal.of(leads=leads, users=users), source="other").write(tmp_path)
    plan = (
        "sources: {crm: {type: bitrix24}, other: {type: bitrix24, pull: [leads]},"
        " staff: {type: csv, employees: e.csv}}\n"
        + WON.replace("}}", "}")
        + ", came: {from: leads, count: rows, when: created_at}}\n"
    )
    staff = f"Сотрудник;E-mail\n{ANNA};u7@example.ru\nБорис Ким;u8@example.ru\n"
    found = compute(tmp_path, plan, {"e.csv": staff})
    assert found.figures == {ANNA: {"won": 1, "came": 0}, "Борис Ким": {"won": 0, "came": 2}}
    assert found.left_out("came")["unknown_owner"].count == 1
