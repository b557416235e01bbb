"""The company behind the portal: its records, and how work changes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal import directories
from portal.catalogue import standard
from portal.clock import Clock
from portal.fields import Field, Row
from portal.moments import Zone
from portal.table import Table

ENTITIES = {
    1: "leads", 2: "deals", 3: "contacts", 4: "companies", 7: "quotes", 31: "invoices",
}  # fmt: skip
LETTERS = {
    "leads": "L", "deals": "D", "contacts": "C", "companies": "CO", "quotes": "Q", "invoices": "SI",
}  # fmt: skip
OWN = ("activities", "calls", "tasks", "product_rows", "users", "departments", "statuses", "types")
# entity → columns of the moment of making and of the last change
STAMPS = {
    "activities": ("CREATED", "LAST_UPDATED"),
    "tasks": ("CREATED_DATE", "CHANGED_DATE"),
    "calls": ("CALL_START_DATE", "CALL_START_DATE"),
    "types": ("CREATED_TIME", "UPDATED_TIME"),
}
_CRM = ("DATE_CREATE", "DATE_MODIFY")
_ITEM = ("CREATED_TIME", "UPDATED_TIME")
DAY = 86_400


class World:
    """Records of one company, by entity and id. Every change is stamped with the clock.

    `add`, `change`, `delete`, `move` and `merge` do what people do in the CRM; values are given
    under upper-case codes: `world.change("deals", 7, OPPORTUNITY="1500.50")`."""

    def __init__(self, clock: Clock | None = None, offset: int = 3) -> None:
        self.clock = clock or Clock()
        self.zone = Zone(offset)
        self.local_zone = "Europe/Moscow"
        self.tables: dict[str, Table] = {}
        self._known: tuple[int, dict[str, Mapping[str, str | None]]] = (-1, {})
        for name in (*ENTITIES.values(), *OWN, "history_1", "history_2", "history_31"):
            self.tables[name] = Table(name, standard(name), self.zone)
        self.types: dict[int, str] = dict(ENTITIES)
        self.currencies = directories.currencies(self.stamp())
        self.base_currency = "RUB"
        self.categories = {number: directories.categories(number) for number in ENTITIES}
        for row in directories.statuses():
            self.add("statuses", **row)
        self.add("departments", NAME="ООО «Ромашка»", SORT=500)
        self.add("users", NAME="Администратор", LAST_NAME="Портала", EMAIL="admin@example.ru")

    @classmethod
    def sample(cls, seed: int = 1, deals: int = 300, until: datetime | None = None) -> World:
        """Return a believable company with `deals` deals, whose last day of work is `until`."""
        from portal.sample import furnish

        return furnish(cls(), seed, deals, until)

    @classmethod
    def bulk(cls, deals: int, seed: int = 1, clock: Clock | None = None) -> World:
        """Return the staff of `sample` with deals and stage history that are formulas of the id."""
        from portal.bulk import furnish

        return furnish(cls(clock), seed, deals)

    # --- reading -----------------------------------------------------------------------------

    def __getitem__(self, entity: str) -> Table:
        return self.tables[entity]

    def stamp(self, at: datetime | float | None = None) -> str:
        """Return a moment, or this one, as the portal writes it."""
        moment = at.timestamp() if isinstance(at, datetime) else at
        return self.zone.text(self.clock.now() if moment is None else moment)

    def semantics(self, entity: str, category: int, stage: str) -> str:
        """Return `P`, `S` or `F` of a stage; one that is in no directory counts as in progress."""
        return self._stages(self.directory(entity, category)).get(stage) or "P"

    def first_stage(self, entity: str, category: int) -> str:
        return next(iter(self._stages(self.directory(entity, category))), "NEW")

    def stages(self, entity: str, category: int = 0) -> list[str]:
        return list(self._stages(self.directory(entity, category)))

    def directory(self, entity: str, category: int) -> str:
        """Return the directory of stages: `DEAL_STAGE_1`, `STATUS`, `DYNAMIC_128_STAGE_9`."""
        if entity == "leads":
            return "STATUS"
        if entity == "quotes":
            return "QUOTE_STATUS"
        if entity == "deals":
            return f"DEAL_STAGE_{category}" if category else "DEAL_STAGE"
        if entity == "invoices":
            return f"SMART_INVOICE_STAGE_{category}"
        return f"DYNAMIC_{self.type_of(entity)}_STAGE_{category}"

    def type_of(self, entity: str) -> int:
        return next(number for number, name in self.types.items() if name == entity)

    def letter(self, entity: str) -> str:
        """Return the short code of an entity: `D`, and `T80` for a smart process."""
        return LETTERS.get(entity) or f"T{self.type_of(entity):x}"

    def _stages(self, directory: str) -> Mapping[str, str | None]:
        table = self.tables["statuses"]
        if self._known[0] != table.version:
            self._known = (table.version, {})
        known = self._known[1]
        if directory not in known:
            rows = (table.row(number) for number in table.having("ENTITY_ID", [directory]))
            known[directory] = {row["STATUS_ID"]: row["SEMANTICS"] for row in rows}
        return known[directory]

    # --- changing ----------------------------------------------------------------------------

    def add(self, entity: str, /, *, at: datetime | float | None = None, **values: Any) -> int:
        """Add a record and return its id; what is not given gets what the portal would put."""
        from portal.defaults import defaults

        table = self.tables[entity]
        given = self._normal(table, values)
        given.setdefault("ID", table.next_id())
        row = table.put({**defaults(self, entity, given, self.stamp(at)), **given})
        if entity in self._staged():
            self._record(entity, row, 1, row[self.stamps(entity)[0]])
        return int(row["ID"])

    def change(
        self, entity: str, number: int, /, *, at: datetime | float | None = None, **values: Any
    ) -> Row:
        """Change fields of a record; a new stage or pipeline is a move, with all that follows."""
        table = self.tables[entity]
        old = table.row(number)
        row = {**old, **self._normal(table, values)}
        moment = self.stamp(at)
        if entity in STAMPS or entity in self.types.values():
            row[self.stamps(entity)[1]] = moment
        if entity in self._staged():
            self._follow(entity, old, row, moment)
        if entity == "quotes":  # of whose moves nothing is kept
            row["CLOSED"] = "N" if self.semantics(entity, 0, row["STATUS_ID"]) == "P" else "Y"
        return table.put(row)

    def move(
        self, entity: str, number: int, stage: str, *, at: datetime | float | None = None
    ) -> Row:
        """Put a record on a stage of its pipeline."""
        return self.change(entity, number, at=at, **{self._stage_code(entity): stage})

    def reopen(self, number: int, *, at: datetime | float | None = None) -> Row:
        """Take a closed deal back to work."""
        category = self["deals"].row(number)["CATEGORY_ID"]
        return self.move("deals", number, self.stages("deals", category)[1], at=at)

    def delete(self, entity: str, number: int) -> None:
        """Delete a record with its history, products and activities (not documented; the product
        does so). Nothing of it stays to be listed."""
        self.tables[entity].remove(number)
        if entity not in self.types.values():
            return
        type_id = self.type_of(entity)
        for name, keys in (
            (f"history_{type_id}", {"OWNER_ID": number}),
            ("product_rows", {"OWNER_ID": number, "OWNER_TYPE": self.letter(entity)}),
            ("activities", {"OWNER_ID": number, "OWNER_TYPE_ID": type_id}),
        ):
            table = self.tables.get(name)
            for one in table.having("OWNER_ID", [number]) if table else ():
                row = table.row(one) if table else {}
                if table and all(row[key] == value for key, value in keys.items()):
                    table.remove(one)

    def merge(self, entity: str, kept: int, gone: int) -> None:
        """Merge a duplicate into a record: it takes over the activities and whatever points to it,
        of which no date of change tells; the duplicate goes."""
        self._point(entity, kept, gone)
        type_id = self.type_of(entity)
        activities = self.tables["activities"]
        for one in activities.having("OWNER_ID", [gone]):
            if activities.row(one)["OWNER_TYPE_ID"] == type_id:
                activities.put({**activities.row(one), "OWNER_ID": kept})
        self.delete(entity, gone)
        self.change(entity, kept, COMMENTS=f"Объединено с {gone}")

    def _point(self, entity: str, kept: int, gone: int) -> None:
        code = {"contacts": "CONTACT_ID", "companies": "COMPANY_ID"}.get(entity)
        for table in map(self.tables.get, self.types.values()):
            if table is None or code not in table.fields:
                continue
            for row in [row for row in table if row[code] == gone]:
                table.put({**row, code: kept})

    def add_field(self, entity: str, field: Field) -> Field:
        """Give an entity a custom field made by `fields.custom`."""
        self.tables[entity].add_field(field)
        return field

    def add_type(self, number: int, title: str, stages: str = "") -> str:
        """Add a smart process and return the name of its entity, `items_<number>`. `stages` are
        lines `CODE Caption [@S|@F]`; its only pipeline has the number of the type's record."""
        name = f"items_{number}"
        record = self.add("types", TITLE=title, ENTITY_TYPE_ID=number)
        self.types[number] = name
        self.tables[name] = Table(name, standard(name), self.zone)
        self.tables[f"history_{number}"] = Table(
            f"history_{number}", standard("history_"), self.zone
        )
        self.categories[number] = [directories.category(number, record, "Общая", default="Y")]
        for at, line in enumerate(filter(str.strip, stages.splitlines())):
            caption, _, semantics = line.strip().partition(" @")
            code, _, caption = caption.partition(" ")
            directory = f"DYNAMIC_{number}_STAGE_{record}"
            code = f"DT{number}_{record}:{code}"
            row = directories.stage(directory, code, caption, semantics or None, at)
            self.add("statuses", **row)
        return name

    def export_csv(self, entity: str, path: Path, **options: Any) -> Path:
        """Write the entity as the CRM's own export would; see `portal.export`."""
        from portal.export import export

        return export(self, entity, path, **options)

    # --- what follows ------------------------------------------------------------------------

    def stamps(self, entity: str) -> tuple[str, str]:
        """Return the columns of the moment of making and of the last change."""
        return STAMPS.get(entity) or (_ITEM if "CREATED_TIME" in self[entity].fields else _CRM)

    def _staged(self) -> set[str]:
        return {"leads", "deals", "invoices"} | {n for n in self.tables if n.startswith("items_")}

    @staticmethod
    def _stage_code(entity: str) -> str:
        return "STATUS_ID" if entity in {"leads", "quotes"} else "STAGE_ID"

    def _follow(self, entity: str, old: Row, row: Row, moment: str) -> None:
        """Do what the CRM does when a stage or a pipeline has changed."""
        code = self._stage_code(entity)
        category, before = row.get("CATEGORY_ID") or 0, old.get("CATEGORY_ID") or 0
        if category != before and row[code] == old[code]:
            row[code] = self.first_stage(entity, category)
        if row[code] == old[code]:
            return
        semantics = self.semantics(entity, category, row[code])
        row["MOVED_TIME"] = moment
        if entity in {"leads", "deals"}:
            row["STATUS_SEMANTIC_ID" if entity == "leads" else "STAGE_SEMANTIC_ID"] = semantics
            row["IS_NEW"] = "N"
            row["MOVED_BY_ID"] = row["MODIFY_BY_ID"]
        else:
            row["PREVIOUS_STAGE_ID"] = old[code]
        if entity == "leads":
            row.pop("IS_NEW")
            row["DATE_CLOSED"] = None if semantics == "P" else moment
        elif entity == "deals":
            row["CLOSED"] = "N" if semantics == "P" else "Y"
        kind = 5 if category != before else 2 if semantics == "P" else 3
        self._record(entity, row, kind, moment)

    def _record(self, entity: str, row: Row, kind: int, moment: str) -> None:
        """Write a row of stage history: 1 made, 2 moved, 3 moved to a final stage, 5 pipeline."""
        table = self.tables[f"history_{self.type_of(entity)}"]
        code = self._stage_code(entity)
        category = row.get("CATEGORY_ID") or 0
        entry: Row = {
            "ID": table.next_id(),
            "TYPE_ID": kind,
            "OWNER_ID": row["ID"],
            "CREATED_TIME": moment,
            code: row[code],
            code.replace("_ID", "_SEMANTIC_ID"): self.semantics(entity, category, row[code]),
        }
        if entity != "leads":
            entry["CATEGORY_ID"] = category
        table.put(entry)

    def _normal(self, table: Table, values: Mapping[str, Any]) -> Row:
        """Return values in the form in which they are stored."""
        return {code: self._stored(table.fields[code], value) for code, value in values.items()}

    def _stored(self, field: Field, value: Any) -> Any:
        if isinstance(value, list) or value is None:
            return value
        if field.type == "datetime":
            return (
                self.stamp(value)
                if isinstance(value, datetime | float | int)
                else (self.zone.normal(value))
            )
        if field.type == "date":
            return self.zone.day(value) if value else None
        if field.type == "double":
            amount = Decimal(str(value))
            return f"{amount:.2f}" if int(amount.as_tuple().exponent) >= -2 else f"{amount:f}"
        return value
