"""Records that no portal should give: whatever their keys and ids are, nothing fails inside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kpictl.bitrix24.read import descriptions
from kpictl.bitrix24.rest.methods import LARGEST_ID, item
from kpictl.bitrix24.sync.entity_sync import cells, numbered
from portal import Clock, Portal, World
from pulls import Trip, trip, truth

Row = MutableMapping[str, Any]
Harm = Callable[[int, Row], object]
LISTS = ("crm.item.list", "user.get", "department.get", "crm.status.list", "crm.currency.list",
         "crm.category.list", "crm.stagehistory.list", "crm.item.productrow.list")  # fmt: skip
ALL = ("deals", "leads", "products", "stage_history")


def harmed(monkeypatch: pytest.MonkeyPatch, harm: Harm, methods: tuple[str, ...] = LISTS) -> None:
    """Change every row that the portal gives in a list."""
    run = Portal._run  # noqa: SLF001  between the question and the answer

    def _run(self: Portal, caller: str, method: str, params: Mapping[str, Any]) -> Any:
        answer = run(self, caller, method, params)
        if method not in methods:
            return answer
        result = json.loads(json.dumps(answer.result))
        rows = result if isinstance(result, list) else next(iter(result.values()))
        for number, row in enumerate(rows):
            harm(number, row)
        return replace(answer, result=result)

    monkeypatch.setattr(Portal, "_run", _run)


def company() -> Portal:
    return Portal(World.sample(1, deals=30), Clock())


def everything(way: Trip, **more: Any) -> Any:
    return way.pull(ALL, **more)


ODD = ("", "_id", "_ID", "Foo", "foo", "FOO", "tItLe", "TITLE", "straße", "STRASSE", "STRAßE",
       "Имя", "имя", "İd", "ſ", "S", "s", "Id", " ", "1")  # fmt: skip


@pytest.mark.parametrize("all_fields", [False, True])
def test_keys_that_no_table_can_have_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_fields: bool
) -> None:
    """An empty key, one of the store's own, and keys that differ by the size of letters alone: the
    fields that were asked for are what they are, and the next pull goes on."""
    with trip(company(), tmp_path) as way:
        harmed(monkeypatch, lambda _, row: row.update(dict.fromkeys(ODD, "x")))
        everything(way, all_fields=all_fields)
        assert way.deals == truth(way.portal.world)
        way.portal.world.change("deals", way.portal.world["deals"].ids[3], TITLE="после правки")
        way.portal.clock.sleep(3600)
        everything(way, all_fields=all_fields)
        assert way.deals == truth(way.portal.world)
        assert len(way.rows("users", "NAME")) > 3


def test_of_twins_the_field_that_was_asked_for_is_kept() -> None:
    """`title` was asked for: `TITLE` beside it does not take its place; of two that nobody asked
    for, the first is kept."""
    rows = [{"id": 1, "TITLE": "b", "title": "a", "X": 1, "x": 2, "": 3, "_ID": 4}]
    named, values = cells(rows, ("title", "*"), "id")
    assert (named, values) == (("title", "id", "X"), [(1, "a", 1, 1)])
    assert numbered([{"X": 1}, {"x": 2, "": 3, "_id": 4}]) == (("X",), [(1, 1), (2, None)])


def test_descriptions_name_each_column_once() -> None:
    """A field without a name, or with that of another, is not described."""
    told = {"": {}, "_id": {}, "title": {"type": "string"}, "TITLE": {"type": "date"}}
    assert [(one.name, one.type) for one in descriptions.read(told)] == [("title", "string")]


@pytest.mark.parametrize(
    ("delivered", "read"),
    [(7, 7), ("7", 7), (0, 0), (LARGEST_ID, LARGEST_ID), (LARGEST_ID + 1, None),
     (str(LARGEST_ID + 1), None), (10**400, None), (-1, None), ("-1", None), (True, None),
     (None, None), ("", None), ("1_0", None), (" 7", None), ("٣", None), ("1.5", None),
     ([7], None), ({}, None), ("9" * 5000, None)],
)  # fmt: skip
def test_an_id_is_a_whole_number_that_the_store_can_hold(delivered: Any, read: int | None) -> None:
    """Anything else is no id."""
    assert item("deals", 2).id_of({"id": delivered}) == read
    assert item("deals", 2).id_of({}) is None


BIG: dict[str, Harm] = {
    "beyond": lambda number, row: row.update({ident(row): 2**63 + number}),
    "as text": lambda number, row: row.update({ident(row): str(2**63 + number)}),
    "none": lambda _, row: row.pop(ident(row)),
    "one without": lambda number, row: row.pop(ident(row)) if number == 0 else None,
    "a list": lambda _, row: row.update({ident(row): [1]}),
    "the same": lambda _, row: row.update({ident(row): 7}),
    "negative": lambda number, row: row.update({ident(row): number - 5}),
    "other digits": lambda number, row: row.update({ident(row): "٣" * (number + 1)}),
}


def ident(row: Row) -> str:
    return next(key for key in ("id", "ID", "CURRENCY") if key in row)


@pytest.mark.parametrize("harm", BIG)
def test_a_list_whose_ids_are_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    """Records that cannot be told apart are none that can be counted: the entity is refused, and
    what was pulled before stays; it is never taken for empty."""
    with trip(company(), tmp_path) as way:
        way.pull()
        before = way.deals
        harmed(monkeypatch, BIG[harm], ("crm.item.list",))
        way.portal.clock.sleep(3600)
        outcome = way.pull(full=True)
        assert {problem.code for problem in outcome.refused} == {"portal.no_data"}
        assert way.deals == before


@pytest.mark.parametrize("harm", BIG)
def test_entries_of_directories_without_an_id_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    """Users, departments, stages, currencies, pipelines, moves and product rows without an id of
    use: the deals come all the same."""
    with trip(company(), tmp_path) as way:
        harmed(monkeypatch, BIG[harm], tuple(m for m in LISTS if m != "crm.item.list"))
        everything(way)
        assert way.deals == truth(way.portal.world)
