"""The records that a KPI leaves out, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from kpictl.app.evidence import Record
from kpictl.app.explain import Omission
from kpictl.report import phrases
from kpictl.report.explanation import Cells, Look, Teller
from kpictl.report.format import Numbers, called, clean
from kpictl.report.terminal import Line
from kpictl.values import LeftOut


def render_left_out(omission: Omission, voice: tuple[str, str], look: Look | None = None) -> str:
    """Return what a KPI leaves out, with the records. `voice` is language and currency."""
    look = look or Look()
    lang, currency = voice
    teller = Teller(lang, Numbers(lang, currency), look.limit, look.width)
    return look.page(_left_out(teller, omission.lines))


def _left_out(teller: Teller, lines: Sequence[tuple[LeftOut, list[Record]]]) -> Iterator[Line]:
    for line, records in lines:
        what = phrases.records(line.entity, line.count, teller.numbers)
        head = teller.say(f"report.left_out.{line.reason}", what=what)
        detail = f": {clean(phrases.whose(line, teller.lang))}" if line.names else ""
        yield from teller.text(f"{head}{detail}", style="bold")
        yield from teller.table([_unscored(teller, r) for r in records[: teller.limit]])
    if not lines:
        yield from teller.text(teller.say("explain.nothing_left_out"))


def _unscored(teller: Teller, record: Record) -> Cells:
    name = f"# {clean(record.id)}" if record.id else clean(str(record.place or ""))
    value = teller.exact(record.value) if isinstance(record.value, Decimal) else ""
    written = record.original is not None and record.original != record.value
    original = teller.written(record) if written else ""
    title, moment = clean(record.title or "")[:60], teller.moment(record.moment)
    return Cells((name, title, moment, value, original, clean(called(record.owner, teller.lang))))
