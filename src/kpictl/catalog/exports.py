"""Which tool has written a file, by its captions: Zoho, HubSpot, Pipedrive, amoCRM, Jira, …

A caption of another tool holds only in a file that bears several of that tool's: a column
«Бюджет» that somebody has added to an export of a portal is not its amount.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from kpictl.naming import fold

if TYPE_CHECKING:
    from kpictl.catalog import Kind

Captions = Mapping[str, tuple[str, ...]]
LEAST = 3
"""So many fields of a tool must be there."""

OWN = "own"
OWN_KINDS: Mapping[str, Kind] = {
    "id": "id",
    "owner": "person",
    "stage": "text",
    "created_at": "datetime",
    "modified_at": "datetime",
    "closed_at": "datetime",
    "amount": "money",
}
"""The fields that an entity of the plan's own gets of a tool, and how they are read."""


@cache
def tools(entity: str) -> Mapping[str, Captions]:
    """Return what tools call the fields of an entity: tool → field → captions, best first."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (resources.files(__package__) / "exports.yaml").read_text("utf-8")
    raw = yaml.load(text, Loader=loader)  # noqa: S506  our own package data
    return {
        tool: {field: tuple(captions) for field, captions in fields.items()}
        for tool, fields in raw.get(entity, {}).items()
    }


def recognised(entity: str, header: Collection[str], own: Collection[str]) -> Captions:
    """Return the captions of the tool that has written a header, or none.

    `own` are captions that the entity knows anyway: they prove nothing of a tool, and those of
    them that the tool never writes speak against it.
    """
    there, known = {fold(caption) for caption in header}, {fold(caption) for caption in own}
    best: Captions = {}
    most = 0
    for fields in tools(entity).values():
        hits = [{fold(c) for c in captions} & there for captions in fields.values()]
        count = sum(bool(found) for found in hits)
        written = {fold(c) for captions in fields.values() for c in captions}
        peculiar, foreign = (written & there) - known, (known & there) - written
        if count >= LEAST and len(peculiar) > len(foreign) and count > most:
            best, most = fields, count
    return best
