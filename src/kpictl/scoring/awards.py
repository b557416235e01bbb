"""Awards over the rows of scorecards in this period and those before: pure arithmetic.

Most improved: the greatest difference, above zero, of the index and the mean of the N periods
before, all of which must be known. Record: better than in any other of the last N periods, of which
six (all, where N is less) must be known. A condition in M of N periods counts only those in which
it is known. Equal differences are all given the award; who has no index now is given none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from kpictl.plan import awards as plan
from kpictl.plan.conditions import of_plan
from kpictl.scoring import conditions
from kpictl.values import SCORE_PLACES, VALUE_PLACES, Row, SubjectId, to_decimal
from kpictl.values.recognition import Award, AwardPeriod, Figures, Recipient

INDEX = "index"
LEAST_OF_RECORD = 6  # periods that make a best one worth telling


class PeriodRows(Struct, frozen=True):
    """The ranked rows of a scorecard in a period, with what is not known of it left open, and whose
    gates have all `passed`, where that is asked for."""

    period: str
    rows: tuple[Row, ...]
    passed: Mapping[SubjectId, bool]

    def like(self, row: Row) -> Row | None:
        """Return somebody's row of this period; of another post then, the only one they had."""
        same = next((other for other in self.rows if other.subject == row.subject), None)
        posts = [other for other in self.rows if other.id == row.id]
        return same or (posts[0] if len(posts) == 1 else None)


class CardHistory(Struct, frozen=True):
    """A scorecard in several periods, the oldest first and this one last. `kpis` are those of the
    plan (one that a condition asks for and the scorecard lacks is never known), `lower` those of
    which less is better. `months` is how long somebody has served by the end of this period."""

    card: str
    kpis: tuple[str, ...]
    lower: frozenset[str]
    periods: tuple[PeriodRows, ...]
    months: Mapping[SubjectId, int | None]

    @property
    def now(self) -> PeriodRows:
        return self.periods[-1]


def give(award: str, spec: plan.Award, cards: Sequence[CardHistory]) -> Award:
    """Return an award with everybody who is given it. Raises `TooManyDigits` where a condition
    needs more of them than are computed with."""
    recipients: list[Recipient] = []
    undecided = 0
    for card in cards:
        given, open_ones = _Judge(spec, card).given()
        recipients += given
        undecided += open_ones
    return Award(
        id=award,
        label=spec.label,
        recipients=tuple(recipients),
        when=spec.when or "",
        every=spec.every or "",
        compared="most_improved" if spec.most_improved else "record" if spec.record else "",
        of=spec.of or "",
        periods=spec.most_improved or spec.record or 0,
        least=0 if spec.for_ is None else spec.for_.least,
        held=0 if spec.for_ is None else spec.for_.of,
        gates=spec.gates is not None,
        tenure=spec.tenure,
        undecided=undecided,
    )


class _Judge:
    """Holds the rows of one scorecard against an award."""

    def __init__(self, spec: plan.Award, card: CardHistory) -> None:
        self.spec, self.card = spec, card
        self.when, self.every = (
            None if text is None else of_plan(text, plan.names_of(card.kpis, each=each))
            for text, each in ((spec.when, False), (spec.every, True))
        )

    def given(self) -> tuple[list[Recipient], int]:
        """Return who is given the award, and of how many it cannot be said."""
        recipients: list[tuple[Recipient, Fraction]] = []
        undecided = 0
        for row in self.card.now.rows:
            if row.index is None:
                continue
            met = _all([self.meets(row), self.passed(row), self.served(row)])
            gain = self.gain(row) if met is not False else Fraction(0)
            if met is False or (gain is not None and self.compares and gain <= 0):
                continue
            if met is None or gain is None:
                undecided += 1
                continue
            recipients.append((self.recipient(row), gain))
        if self.spec.most_improved and recipients:
            most = max(gain for _, gain in recipients)
            recipients = [pair for pair in recipients if pair[1] == most]
        return [one for one, _ in recipients], undecided

    # --- conditions --------------------------------------------------------------------------

    def meets(self, row: Row) -> bool | None:
        """Say whether the conditions hold in as many periods as are asked for."""
        if self.when is None and self.every is None:
            return True
        if self.spec.for_ is None:
            return self.holds(row)
        verdicts = [self.holds(then) for then in self.past(row, self.spec.for_.of)]
        least = self.spec.for_.least
        if verdicts.count(True) >= least:
            return True
        missing = self.spec.for_.of - len(verdicts) + verdicts.count(None)
        return None if verdicts.count(True) + missing >= least else False

    def holds(self, row: Row | None) -> bool | None:
        """Say whether the conditions hold of a row."""
        if row is None or row.index is None:
            return None
        verdicts: list[bool | None] = []
        if self.when is not None:
            verdicts.append(self.when.holds(conditions.figures(row)))
        if self.every is not None:
            weighted = {score.kpi for score in row.scores if score.weight}
            pairs = conditions.each_kpi(self.every, row)
            verdicts += [self.every.holds(own) for score, own in pairs if score.kpi in weighted]
        return _all(verdicts)

    def passed(self, row: Row) -> bool | None:
        """Say whether no gate has failed in any of the periods that are looked at."""
        if self.spec.gates is None:
            return True
        count = 1 if self.spec.for_ is None else self.spec.for_.of
        verdicts: list[bool | None] = []
        for period in self.card.periods[-count:]:
            then = period.like(row)
            verdicts.append(None if then is None else period.passed.get(then.subject))
        short = [None] * (count - len(verdicts))
        return _all([*verdicts, *short])

    def served(self, row: Row) -> bool | None:
        """Say whether somebody was hired long enough ago."""
        if self.spec.tenure is None:
            return True
        months = self.card.months.get(row.subject)
        return None if months is None else months >= self.spec.tenure

    # --- periods -----------------------------------------------------------------------------

    def past(self, row: Row, count: int) -> list[Row | None]:
        """Return somebody's rows of the last so many periods, the oldest first, this one last."""
        return [period.like(row) for period in self.card.periods[-count:]]

    @property
    def compares(self) -> bool:
        return self.spec.most_improved is not None or self.spec.record is not None

    def value(self, row: Row | None) -> Fraction | None:
        """Return what is compared: the index, or the fact of a KPI."""
        if row is None:
            return None
        if self.spec.of is None:
            return None if row.index is None else Fraction(row.index)
        fact = next((s.fact for s in row.scores if s.kpi == self.spec.of), None)
        return None if fact is None else fact.exact

    def base(self, row: Row) -> Fraction | None:
        """Return what this period is held against; None where too little is known."""
        if self.spec.most_improved is not None:
            count = self.spec.most_improved
            values = [self.value(then) for then in self.past(row, count + 1)[:-1]]
            known = [value for value in values if value is not None]
            return sum(known, Fraction(0)) / count if len(known) == count else None
        count = self.spec.record or 0
        values = [self.value(then) for then in self.past(row, count)[:-1]]
        known = [value for value in values if value is not None]
        if len(known) + 1 < min(LEAST_OF_RECORD, count):
            return None
        return min(known) if self.spec.of in self.card.lower else max(known)

    def gain(self, row: Row) -> Fraction | None:
        """Return by how much this period is better; None where that is not known, 0 where nothing
        is compared."""
        if not self.compares:
            return Fraction(0)
        value, base = self.value(row), self.base(row)
        if value is None or base is None:
            return None
        return base - value if self.spec.of in self.card.lower else value - base

    # --- evidence ----------------------------------------------------------------------------

    def recipient(self, row: Row) -> Recipient:
        """Return a recipient with what proves it."""
        bare = Recipient(self.card.card, row.id, row.name, row.segment, self.asked(row))
        served = self.card.months.get(row.subject) if self.spec.tenure is not None else None
        found = replace(bare, periods=tuple(self.evidence(row)), months=served)
        value, base, gain = self.value(row), None, None
        if self.compares:
            base, gain = self.base(row), self.gain(row)
        if value is None or base is None or gain is None:
            return found
        places = SCORE_PLACES if self.spec.of is None else VALUE_PLACES
        shown = [to_decimal(number, places) for number in (value, base, gain)]
        return replace(found, value=shown[0], base=shown[1], gain=shown[2])

    def asked(self, row: Row) -> Figures:
        """Return the figures that the conditions ask for."""
        found: dict[str, Decimal | None] = {}
        if self.when is not None:
            found |= self.when.asked(conditions.figures(row))
        if self.every is not None:
            for score, own in conditions.each_kpi(self.every, row):
                if score.weight:
                    pairs = self.every.asked(own)
                    each = self.every.of_any_kpi(row)
                    found |= {f"{score.kpi}.{n}" if n in each else n: v for n, v in pairs}
        return tuple(found.items())

    def evidence(self, row: Row) -> Iterator[AwardPeriod]:
        """Yield the periods that are looked at, where they are several."""
        held = 0 if self.spec.for_ is None else self.spec.for_.of
        compared = (self.spec.most_improved or -1) + 1 or self.spec.record or 0
        last = len(self.card.periods)
        for place in range(max(last - max(held, compared), 0), last):
            period = self.card.periods[place]
            then, before = period.like(row), last - place
            met = self.holds(then) if before <= held else None
            figures: dict[str, Decimal | None] = {}
            if before <= held and then is not None:
                figures |= self.asked(then)
            if before <= compared:
                value = self.value(then)
                places = SCORE_PLACES if self.spec.of is None else VALUE_PLACES
                name = self.spec.of or INDEX
                figures[name] = None if value is None else to_decimal(value, places)
            if held or compared:
                yield AwardPeriod(period.period, tuple(figures.items()), met)


def _all(verdicts: Sequence[bool | None]) -> bool | None:
    """Return whether all hold; None where that depends on an unknown one."""
    if False in verdicts:
        return False
    return None if None in verdicts else True
