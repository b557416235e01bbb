"""Signs in the records of a period that a plan is being worked round.

A sign is a flag with its figures, and there may be good reasons for each: it accuses nobody. What
is unusual is told by bounds that anybody can check by hand (kpi-method, "gaming and anomalies").
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from kpictl.lint.base import Remark, money
from kpictl.lint.observed import QUICK, Observed, Part, people_of, share_of_days, tail_of
from kpictl.values import to_decimal

LEAST = 3  # records: fewer are chance
LEAST_OF_SHARE = 5
NOTABLE_SHARE = Fraction(1, 3)
TINY_SHARE = Fraction(1, 4)
TIMES_USUAL = 2
LEAST_HISTORY = 12  # records: what is usual is told from no fewer


def late_wins(observed: Observed) -> Iterator[Remark]:
    """Successes bunched in the last two working days: at least five, a third of all, and twice the
    usual share of the same person (without a history, of what would fall to these days)."""
    even = share_of_days(observed.now)
    if observed.now.slice.end < observed.now.slice.period.end:
        return  # the days are not over
    days = tail_of(observed.now).period
    for win in observed.wins:
        for card, kpi, person in people_of(observed, win):
            late = observed.count(win, "all", person.subject, tail=True)
            whole = observed.count(win, "all", person.subject)
            before = observed.usual(win, "all", person.subject)
            usual = observed.usual(win, "all", person.subject, tail=True)
            known = _share(usual, before) if before.n >= LEAST_HISTORY else even
            if _is_unusual(late, whole, NOTABLE_SHARE, max(known, even)):
                data = {"days": days.text, "usual": _percent(known)}
                ids = observed.ids(win, "all", person.subject, tail=True)
                yield _remark(observed, (card, kpi, person.subject), (late, whole, ids), data)


def quick_wins(observed: Observed) -> Iterator[Remark]:
    """Records won within minutes of being created: at least three."""
    for win in observed.wins:
        if "quick" not in win.conditions:
            continue
        for card, kpi, person in people_of(observed, win):
            quick = observed.count(win, "quick", person.subject)
            if quick.n >= LEAST:
                whole = observed.count(win, "all", person.subject)
                ids = observed.ids(win, "quick", person.subject)
                yield _remark(
                    observed, (card, kpi, person.subject), (quick, whole, ids), {"minutes": QUICK}
                )


def date_moved(observed: Observed) -> Iterator[Remark]:
    """Records that a date typed by hand puts into the period, while their stage says that they were
    won before or after it: at least three."""
    for win in observed.wins:
        if "moved" not in win.conditions:
            continue
        for card, kpi, person in people_of(observed, win):
            moved = observed.count(win, "moved", person.subject)
            if moved.n >= LEAST:
                whole = observed.count(win, "all", person.subject)
                ids = observed.ids(win, "moved", person.subject)
                yield _remark(
                    observed, (card, kpi, person.subject), (moved, whole, ids),
                    {"field": win.measure.when},
                )  # fmt: skip


def won_by_others(observed: Observed) -> Iterator[Remark]:
    """Records that somebody else moved to won than who has them now, as where an owner changes just
    before or after the win: at least three, and a third of all. (No CRM that is read keeps a
    history of owners; who moved the stage last, it does.)"""
    for win in observed.wins:
        if "others" not in win.conditions:
            continue
        for card, kpi, person in people_of(observed, win):
            others = observed.count(win, "others", person.subject)
            whole = observed.count(win, "all", person.subject)
            if others.n >= LEAST and _share(others, whole) >= NOTABLE_SHARE:
                ids = observed.ids(win, "others", person.subject)
                yield _remark(observed, (card, kpi, person.subject), (others, whole, ids), {})


def tiny_deals(observed: Observed) -> Iterator[Remark]:
    """Records of less than a tenth of the median under a KPI that counts them: at least five, a
    quarter of all, and twice the usual share of the same person."""
    for win in observed.wins:
        if "tiny" not in win.conditions:
            continue
        for card, kpi, person in people_of(observed, win):
            if card not in win.counted:
                continue
            tiny = observed.count(win, "tiny", person.subject)
            whole = observed.count(win, "all", person.subject)
            before = observed.usual(win, "all", person.subject)
            usual = observed.usual(win, "tiny", person.subject)
            known = _share(usual, before) if before.n >= LEAST_HISTORY else Fraction(0)
            if _is_unusual(tiny, whole, TINY_SHARE, known):
                ids = observed.ids(win, "tiny", person.subject)
                yield _remark(
                    observed, (card, kpi, person.subject), (tiny, whole, ids),
                    {"usual": _percent(known)},
                )  # fmt: skip


def _share(part: Part, whole: Part) -> Fraction:
    return Fraction(part.n, whole.n) if whole.n else Fraction(0)


def _is_unusual(part: Part, whole: Part, least: Fraction, usual: Fraction) -> bool:
    share = _share(part, whole)
    return part.n >= LEAST_OF_SHARE and share >= least and share >= TIMES_USUAL * usual


def _percent(share: Fraction) -> str:
    return f"{to_decimal(100 * share, 0):f}"


def _remark(
    observed: Observed,
    about: tuple[str, str, str],
    figures: tuple[Part, Part, str],
    data: dict[str, Any],
) -> Remark:
    """Return the remark on somebody (`about`: scorecard, KPI, subject) with the records meant, all
    of them, and the ids."""
    (card, kpi, subject), (part, whole, ids), bound = about, figures, observed.bound
    said = {
        "names": observed.names[subject],
        "kpi": bound.label(kpi),
        "id": kpi,
        "period": observed.now.period.text,
        "count": part.n,
        "whole": whole.n,
        "share": _percent(_share(part, whole)),
        "money": money(observed.bound, part.money),
        "ids": ids or "—",
        **data,
    }
    return Remark(bound.place(("scorecards", card, "kpis", kpi), key=True), said, card)
