"""The local store of what was pulled from portals: one file beside the plan."""

from __future__ import annotations

from kpictl.store.ddl import can_be_column, column_key, folder_of, make_folder
from kpictl.store.healing import read_every_block
from kpictl.store.history import PastState, known_since, states
from kpictl.store.reader import FieldDescription, Mark, Pulled, Stored, attach, sound
from kpictl.store.work import Applied, PulledEntity, WalkState, Work

__all__ = [
    "Applied",
    "FieldDescription",
    "Mark",
    "PastState",
    "Pulled",
    "PulledEntity",
    "Stored",
    "WalkState",
    "Work",
    "attach",
    "can_be_column",
    "column_key",
    "folder_of",
    "known_since",
    "make_folder",
    "read_every_block",
    "sound",
    "states",
]
