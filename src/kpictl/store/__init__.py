"""The local store of what was pulled from portals: one file beside the plan."""

from __future__ import annotations

from kpictl.store.layout import folder_of
from kpictl.store.reading import FieldDescription, Mark, Pulled, Stored, attach, sound
from kpictl.store.work import Applied, Found, WalkState, Work

__all__ = [
    "Applied",
    "FieldDescription",
    "Found",
    "Mark",
    "Pulled",
    "Stored",
    "WalkState",
    "Work",
    "attach",
    "folder_of",
    "sound",
]
