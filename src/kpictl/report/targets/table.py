"""The list of targets as a page: goals, then people by scorecard, and below who lacks one and how
much of each goal is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from kpictl.report import phrases
from kpictl.report.derivation import spoken
from kpictl.report.format import NBSP, clean, period_words
from kpictl.report.targets import rows
from kpictl.report.terminal import Segment, fit, pad, paint, widest, wrap
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.app.target_list import TargetLine, TargetList
    from kpictl.report import Options
    from kpictl.scoring.target_remarks import Assignment

GAP, NARROWEST, LONGEST_NAME, LEAST_NOTE = "  ", 40, 28, 24
BOUNDLESS = 10**6
_Painted = list[Segment]


def render_targets(listed: TargetList, options: Options) -> str:
    page = _Page(listed, options)
    text = "".join(paint(line, color=options.color) + "\n" for line in page.lines())
    return text if options.terminal else text.replace(NBSP, " ")


class _Page:
    """Holds what every part of the page needs; `lines` yields the page."""

    def __init__(self, listed: TargetList, options: Options) -> None:
        self.listed, self.lang = listed, options.lang
        self.numbers = rows.numbers_of(listed, self.lang)
        self.width = BOUNDLESS if options.wide else max(options.width, NARROWEST)

    def lines(self) -> Iterator[_Painted]:
        title = say(self.lang, "target_list.title")
        plan = f"{clean(self.listed.plan_file)} {self.listed.plan_sha256[: phrases.SHA_SHOWN]}"
        period = period_words(self.listed.period, self.lang)
        rest = phrases.DOT.join(["", period, say(self.lang, "report.plan", plan=plan.strip())])
        yield [(title, "bold"), (rest, "dim")]
        if not self.listed.lines:
            yield []
            yield [(say(self.lang, "report.nobody"), "")]
        sizes = self.sizes()
        groups = groupby(self.listed.lines, key=lambda line: (line.scorecard, line.scorecard_label))
        for (card, label), lines in groups:
            yield []
            yield [(clean(label) if card else say(self.lang, "target_list.goals"), "bold")]
            yield from self.block(list(lines), sizes)
        yield from self.footer()

    def sizes(self) -> tuple[int, int, int]:
        names = [self.name(line) for line in self.listed.lines]
        labels = [clean(line.label) for line in self.listed.lines]
        values = [self.value(line) for line in self.listed.lines]
        most = (LONGEST_NAME, LONGEST_NAME, BOUNDLESS)
        found = zip((names, labels, values), most, strict=True)
        first, second, third = (min(widest(texts), limit) for texts, limit in found)
        return first, second, third

    def block(self, lines: Sequence[TargetLine], sizes: tuple[int, int, int]) -> Iterator[_Painted]:
        before = ""
        for line in lines:
            name = self.name(line)
            shown = "" if name == before else fit(name, sizes[0])
            before = name
            value = pad(self.value(line), sizes[2], "right")
            label = pad(fit(clean(line.label), sizes[1]), sizes[1])
            head = f"{pad(shown, sizes[0])}{GAP}{label}{GAP}"
            indent = sum(sizes) + 3 * len(GAP)
            room = max(self.width - indent, LEAST_NOTE)
            note, *more = wrap(self.note(line), room, cut=False) or [""]
            style = "red" if line.lacks else "dim" if line.target is None else ""
            yield [(head, ""), (value, style), (GAP + note, "dim")]
            yield from ([(" " * indent + text, "dim")] for text in more)

    def name(self, line: TargetLine) -> str:
        if line.kind == "company":
            return say(self.lang, "report.company")
        return clean(line.shown) or clean(line.id)

    def value(self, line: TargetLine) -> str:
        if line.target is None:
            return say(self.lang, f"target_list.state.{rows.state(line)}")
        return self.numbers.value(line.target.value, line.unit)

    def note(self, line: TargetLine) -> str:
        """Return where a target comes from, how it was made and what else is written."""
        target = line.target
        if target is None:
            return ""
        parts = [say(self.lang, f"explain.level.{target.level}")]
        if target.derivation:
            parts.append(spoken(target.derivation, self.numbers))
        if target.place is not None:
            parts.append(clean(str(target.place)))
        text = phrases.DOT.join(parts)
        if target.overruled:
            others = "; ".join(
                f"{say(self.lang, f'explain.level.{t.level}')}"
                f" {self.numbers.value(t.value, line.unit)}, {clean(str(t.place or ''))}"
                for t in target.overruled
            )
            text += " (" + say(self.lang, "explain.overrules", others=others) + ")"
        return text

    def footer(self) -> Iterator[_Painted]:
        lacking = [line for line in self.listed.lines if line.lacks]
        if lacking:
            yield []
            names = list(dict.fromkeys(f"{self.name(one)} ({clean(one.label)})" for one in lacking))
            said = say(self.lang, "target_list.lack", n=len(lacking), names=", ".join(names))
            yield from ([(text, "red")] for text in wrap(said, self.width, 2, cut=False))
        if self.listed.assignments:
            yield []
            for one in self.listed.assignments:
                text = self.assignment(one)
                yield from ([(line, "")] for line in wrap(text, self.width, 2, cut=False))
        remarks = [one for one in self.listed.warnings if one.level != "note"]
        for level, text in phrases.warnings(remarks, self.lang):
            said = f"{level}: {text}"
            yield from ([(line, "yellow")] for line in wrap(said, self.width, 2, cut=False))

    def assignment(self, one: Assignment) -> str:
        """Return how much of a goal is given: `Revenue: people's targets are 14.64M of 18.00M`."""
        line = next(line for line in self.listed.lines if line.kpi == one.kpi)
        name = say(self.lang, "report.company") if one.kind == "company" else clean(one.name)
        difference = abs(one.difference)
        key = "exact" if not difference else "under" if one.difference < 0 else "over"
        lacking = say(self.lang, "target_list.given.lacking", n=one.lacking) if one.lacking else ""
        return (
            say(
                self.lang,
                f"target_list.given.{key}",
                name=name,
                kpi=clean(line.label),
                of=say(self.lang, f"target_list.given_to.{one.of}"),
                given=self.numbers.value(one.total, line.unit),
                goal=self.numbers.value(one.goal.value, line.unit),
                percent=self.numbers.number(one.percent, 2 if one.percent % 1 else 0),
                difference=self.numbers.value(difference, line.unit),
            )
            + lacking
        )
