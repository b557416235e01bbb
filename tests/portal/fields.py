"""Fields of the portal's entities: the own upper-case code, the name in `crm.item.*`, the type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

_NUMBERED = re.compile(r"UF_CRM_(\d+)_(.+)")
# Names of `crm.item.*` that are not the camel case of the entity's own code, and the code that the
# universal methods use instead (`upperName`).
COMMON = {
    "DATE_CREATE": "CREATED_TIME",
    "DATE_MODIFY": "UPDATED_TIME",
    "CREATED_BY_ID": "CREATED_BY",
    "MODIFY_BY_ID": "UPDATED_BY",
    "MOVED_BY_ID": "MOVED_BY",
    "STATUS_ID": "STAGE_ID",
    "STATUS_SEMANTIC_ID": "STAGE_SEMANTIC_ID",
    "COMPANY_TYPE": "TYPE_ID",
}
WHOLE = frozenset(
    [
        "integer",
        "user",
        "crm_category",
        "crm_company",
        "crm_contact",
        "crm_lead",
        "crm_deal",
        "crm_quote",
        "crm_entity",
        "enumeration",
        "employee",
    ]
)
"""Types whose values are whole numbers."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `family` says who knows it: `both`, only the `new` methods, only the `old` ones,
    or `off`: listed by the new ones and always null."""

    code: str
    name: str
    type: str
    title: str
    multiple: bool = False
    directory: str = ""
    family: str = "both"
    read_only: bool = False
    items: tuple[tuple[int, str], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def custom(self) -> bool:
        return self.code.startswith("UF_")

    @property
    def common(self) -> str:
        """The upper-case form of the name, which is what `crm.item.fields` calls `upperName`."""
        return self.code if self.custom else COMMON.get(self.code, self.code)

    @property
    def default(self) -> Any:
        """What a record has that was made without it."""
        if self.multiple:
            return []
        if self.family == "off":
            return None
        if self.type in {"crm_company", "crm_contact"} or self.code == "WEBFORM_ID":
            return 0
        return {"boolean": "N", "double": "0.00"}.get(self.type) if not self.custom else None


def camel(code: str) -> str:
    """`STAGE_ID` → `stageId`; custom fields keep their number: `ufCrm_17`, `ufCrm3_17`."""
    numbered = _NUMBERED.fullmatch(code)
    if numbered:
        return f"ufCrm{numbered[1]}_{numbered[2]}"
    if code.startswith("UF_CRM_") and code[7:8].isdigit():
        return f"ufCrm_{code[7:]}"
    head, *rest = code.lower().split("_")
    return head + "".join(part.capitalize() for part in rest)


def describe(text: str) -> dict[str, Field]:
    """Read lines `CODE type[:DIRECTORY][[]] Title words @flag @flag` into fields by code."""
    fields = (parse(line.split()) for line in text.splitlines() if line.strip())
    return {one.code: one for one in fields}


def parse(words: list[str]) -> Field:
    code, kind, *rest = words
    flags = {word[1:] for word in rest if word.startswith("@")}
    kind, _, directory = kind.partition(":")
    return Field(
        code=code,
        name=camel(COMMON.get(code, code)),
        type=kind.removesuffix("[]"),
        title=" ".join(word for word in rest if not word.startswith("@")) or code,
        multiple=kind.endswith("[]"),
        directory=directory,
        family=next(iter(flags & {"new", "old", "off"}), "both"),
        read_only="ro" in flags,
    )


def custom(  # a field that somebody of the company made
    code: str, kind: str, title: str, options: Iterable[str] = (), *, multiple: bool = False
) -> Field:
    """Make a custom field; options of a list get ids in the order given, as the portal counts."""
    seed = 40 + sum(map(ord, code)) % 1000
    return Field(
        code=code,
        name=camel(code),
        type=kind,
        title=title,
        multiple=multiple,
        items=tuple((seed + 2 * at, option) for at, option in enumerate(options)),
    )


def complete(fields: Mapping[str, Field], row: Mapping[str, Any]) -> Row:
    """Return the record with every field that it was not given."""
    whole = {code: one.default for code, one in fields.items()}
    whole.update(row)
    return whole
