"""A person's page in the form that somebody needs: text for a terminal, Markdown, JSON."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.card import Card

FORMS = {"table": ".txt", "md": ".md", "json": ".json"}
"""The formats of a page, and the endings of files that say them."""


def render(cards: Sequence[Card], form: str, options: Options, *, several: bool = False) -> str:
    """Return pages in one of `FORMS`, one after the other; `several` says that there may be more
    than one, which JSON has a shape of its own for."""
    lang = options.lang or cards[0].results.language
    module = importlib.import_module(f"kpictl.report.card.{form}")
    output: str = module.render_cards(cards, replace(options, lang=lang), several=several)
    return output
