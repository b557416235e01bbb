"""A person's page as JSON: the results of the person alone, and what the page adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpictl.report.json import schema as results_schema
from kpictl.report.json import to_dict, written

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.card import Card, CardLine


def render_card(cards: Sequence[Card], options: Options, *, several: bool) -> str:
    """Return one page as an object; where there may be `several`, a list of them under `cards`,
    however many there are: what a script reads has one shape, whoever is employed."""
    if not several and len(cards) == 1:
        (card,) = cards
        return written(of_card(card, options.lang))
    return written({"cards": [of_card(card, options.lang) for card in cards]})


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what `render_card` writes: a page is the results of one person,
    with `card`."""
    results = results_schema()
    page = {
        "type": "object",
        "description": "A page: results with nothing in them of anybody but one person.",
        "required": [*results["required"], "card"],
        "properties": {**results["properties"], "card": {"$ref": "#/$defs/card"}},
    }
    pages = {
        "type": "object",
        "description": "Several pages, in the order of names.",
        "required": ["cards"],
        "properties": {
            "cards": {
                "type": "array",
                "description": "The pages.",
                "items": {"$ref": "#/$defs/page"},
            }
        },
    }
    return {
        "$schema": results["$schema"],
        "title": "kpictl card",
        "description": "What `kpictl card --format json` writes: NAME a page, --all `cards`.",
        "anyOf": [{"$ref": "#/$defs/page"}, {"$ref": "#/$defs/pages"}],
        "$defs": {"page": page, "pages": pages, **results["$defs"]},
    }


def of_card(card: Card, lang: str) -> dict[str, Any]:
    """Return a page in the shape of results, with `card`: whose it is and what it adds."""
    lines = [_line(line) for line in card.lines]
    own = {"id": card.id, "name": card.name, "lines": lines}
    return {**to_dict(card.results, lang), "card": own}


def _line(line: CardLine) -> dict[str, Any]:
    more, ident = line.one_more, line.subject.partition("\x00")
    return {
        "scorecard": line.scorecard,
        "segment": ident[2],
        "rated": line.rated,
        "contributions": list(line.contributions),
        "trend": [
            {"period": p.period.text, "state": str(p.state), "index": p.index, "rank": p.rank}
            for p in line.trend
        ],
        "one_more": None
        if more is None
        else {
            "kpi": more.kpi,
            "entity": more.entity,
            "records": more.n,
            "amount": more.amount,
            "index": more.index,
            "index_gain": more.index_gain,
            "pay_gain": more.pay,
        },
        "next_steps": [
            {
                "of": step.of,
                "part": step.part,
                "at": step.at,
                "edge": step.edge,
                "lacking": step.lacking,
                "percent_now": step.now,
                "percent": step.percent,
            }
            for step in line.next_steps
        ],
    }
