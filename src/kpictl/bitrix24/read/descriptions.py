"""What a portal says of its fields, in whichever form → `FieldDescription`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kpictl.store import FieldDescription, can_be_column, column_key


def read(result: Any) -> tuple[FieldDescription, ...]:
    """Read the answer of `crm.item.fields`, or of the older `crm.*.fields`.

    The first has its fields one level down and gives the old name of each as `upperName`.
    """
    fields = result.get("fields", result) if isinstance(result, Mapping) else {}
    if not isinstance(fields, Mapping):
        return ()
    told: dict[str, FieldDescription] = {}
    for name, spec in fields.items():
        if isinstance(spec, Mapping) and can_be_column(name):
            told.setdefault(column_key(name), _field(name, spec))
    return tuple(told.values())


def _field(name: str, spec: Mapping[str, Any]) -> FieldDescription:
    captions = (spec.get(key) for key in ("formLabel", "listLabel", "title"))
    caption = next((str(c) for c in captions if c and str(c) != name), "")
    return FieldDescription(
        name=name,
        code=str(spec.get("upperName") or name),
        type=str(spec.get("type", "string")),
        caption=caption or str(spec.get("title") or name),
        multiple=spec.get("isMultiple") is True or spec.get("isMultiple") in ("Y", "1", 1),
        status_type=str(spec["statusType"]) if spec.get("statusType") else None,
        items=tuple(_items(spec.get("items") or spec.get("LIST") or ())),
    )


def _items(items: Any) -> Iterable[tuple[str, str]]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping) and "ID" in item:
            yield str(item["ID"]), str(item.get("VALUE", ""))
