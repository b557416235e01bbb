"""A KPI as a sentence: what is taken, of which records, by which date and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpictl.kinds.base import Word

if TYPE_CHECKING:
    from kpictl.app.explanation import Explanation, Step
    from kpictl.report.explanation import Teller


def sentence(teller: Teller, found: Explanation, step: Step) -> str:
    """Say in words how a KPI is made."""
    phrase = step.kind.phrase()
    data = {
        slot: teller.word(word, found) if isinstance(word, Word) else word
        for slot, word in phrase.data.items()
    }
    text = teller.say(f"sentence.{phrase.key}", **data)
    text += f" ({phrase.aside})" if phrase.aside else ""
    text += teller.say("sentence.where", where=phrase.where) if phrase.where else ""
    if not phrase.when:
        return text
    by = step.parts[0].measure.by if step.parts else ""
    whose = teller.say("sentence.by", by=teller.field(by, step)) if by else ""
    return text + teller.say("sentence.when", when=teller.field(phrase.when, step)) + whose
