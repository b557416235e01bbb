"""Where records come from: a shelf of kinds of source, each with all that only it knows.

A kind is a module with `SOURCE`, which does what the protocol `Source` in `sources.base` says, and
one line here; it is imported when a plan has such a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpictl.sources.base import Source

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "kpictl.sources.files",
        "bitrix24": "kpictl.bitrix24.read.source",
    }
)
"""The type of a source in a plan → the module that knows how it is opened."""


def source_of(kind: str) -> Source:
    """Return the kind of source of that type."""
    found: Source = import_module(SOURCES[kind]).SOURCE
    return found
