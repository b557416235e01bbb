"""The checklist as a page: a sign for each check, and under what is red what to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpictl.report import phrases
from kpictl.report.format import NBSP
from kpictl.report.ready.texts import Teller
from kpictl.report.terminal import Segment, paint, wrap
from kpictl.values.readiness import Verdict

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.readiness import Check, Readiness

SIGNS = {Verdict.GREEN: "✓", Verdict.RED: "✗", Verdict.NOT_CHECKED: "–"}
STYLES = {Verdict.GREEN: "green", Verdict.RED: "red", Verdict.NOT_CHECKED: "dim"}
INDENT, NARROWEST = 4, 40


def render_ready(readiness: Readiness, options: Options) -> str:
    page = _Page(Teller.of(readiness, options), max(options.width, NARROWEST))
    text = "".join(paint(line, color=options.color) + "\n" for line in page.lines())
    return text if options.terminal else text.replace(NBSP, " ")


class _Page:
    """Holds what every part of the page needs; `lines` yields the page."""

    def __init__(self, teller: Teller, width: int) -> None:
        self.teller, self.width = teller, width

    def lines(self) -> Iterator[list[Segment]]:
        readiness, lang = self.teller.readiness, self.teller.numbers.lang
        title = self.teller.say("ready.title")
        rest = phrases.DOT.join(["", *phrases.title(readiness.results, lang)])
        head, *more = wrap(title + rest, self.width, 2, cut=False)
        yield [(title, "bold"), (head[len(title) :], "dim")]
        yield from ([(line, "dim")] for line in more)
        yield []
        for check in readiness.checks:
            yield from self.check(check)
        yield []
        yield [(self.teller.sum(), "bold green" if readiness.is_ready else "bold red")]

    def check(self, check: Check) -> Iterator[list[Segment]]:
        style = STYLES[check.verdict]
        title, said = self.teller.title(check), self.teller.remark(check)
        head, *more = wrap(f"{title}  {said}".rstrip(), self.width - 2, 2, cut=False)
        yield [(f"{SIGNS[check.verdict]} ", style), (head, style if style == "dim" else "")]
        yield from ([(f"  {line}", "dim")] for line in more)
        for one in check.findings:
            yield from self.indented(self.teller.finding(one), "", 1)
            if hint := self.teller.hint(one):
                yield [(" " * 2 * INDENT + hint, "dim")]
        if check.assertion is not None:
            for figures in check.assertion.reconciliations:
                for text in self.teller.pairs(check.assertion, figures):
                    yield from self.indented(text, "dim", 2)

    def indented(self, text: str, style: str, depth: int) -> Iterator[list[Segment]]:
        indent = INDENT * depth
        for line in wrap(text, self.width - indent, 2, cut=False):
            yield [(" " * indent + line, style)]
