"""A person's page in the form that somebody needs: text for a terminal, Markdown, JSON.

Each form is a module here with `render_card(cards, options, several=…)`. Nobody's name is masked on
a page that is of one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpictl.report import render_page

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.card import Card

FORMS = {"table": ".txt", "md": ".md", "json": ".json"}
"""The formats of a page, and the endings of files that say them."""


def render(cards: Sequence[Card], form: str, options: Options, *, several: bool = False) -> str:
    """Return pages in one of `FORMS`, one after the other; `several` says that there may be more
    than one, which JSON has a shape of its own for."""
    language = cards[0].results.language
    output: str = render_page("card", cards, form, options, language, several=several)
    return output
