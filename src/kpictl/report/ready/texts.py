"""What the checklist says, in words, whatever form it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kpictl.report import phrases
from kpictl.report.format import Numbers, called, clean, day
from kpictl.values.readiness import Figure, Verdict
from kpictl.words import has, say

if TYPE_CHECKING:
    from kpictl.report import Options
    from kpictl.values.readiness import (
        Assertion,
        Check,
        Finding,
        Missing,
        Pair,
        Readiness,
        Reconciliation,
    )

SHOWN = 5
"""Pairs of records that a page shows of each figure."""
_OF_ASSERTS = "reconcile."
_OWN = ("ready.", "report.left_out.", _OF_ASSERTS)


class Teller(Struct, frozen=True):
    """Says what was found, in one language."""

    readiness: Readiness
    numbers: Numbers

    @classmethod
    def of(cls, readiness: Readiness, options: Options) -> Teller:
        return cls(readiness, Numbers.of(readiness.results, options.lang))

    def say(self, text: str, /, **data: object) -> str:
        return say(self.numbers.lang, text, **data)

    def title(self, check: Check) -> str:
        return clean(check.label) if check.label else self.say(f"ready.check.{check.id}")

    def sum(self) -> str:
        """Return whether all is green, and how much is not."""
        red, green, unknown = (
            self.readiness.count(verdict)
            for verdict in (Verdict.RED, Verdict.GREEN, Verdict.NOT_CHECKED)
        )
        rest = self.say("ready.rest", n=unknown) if unknown else ""
        key = "ready.yes" if self.readiness.is_ready else "ready.no"
        return self.say(key, red=red, green=green, rest=rest)

    def reason(self, check: Check) -> str:
        """Return why something is not checked; "" where it is."""
        if check.reason is None:
            return ""
        data = {name: self._word(value) for name, value in check.reason.data.items()}
        return self.say("ready.not_checked", reason=self.say(check.reason.code, **data))

    def remark(self, check: Check) -> str:
        """Return what stands beside a check that is not red: why it is not checked, what agrees,
        to when the data reach."""
        if check.id == "complete" and check.verdict is Verdict.GREEN:
            return phrases.reach_list(self.readiness.results, self.numbers.lang)
        return self.reason(check) or self.agreement(check.assertion)

    # --- what is red --------------------------------------------------------------------------

    def finding(self, one: Finding) -> str:
        """Return what was found, of how many, whose, and how much money is in it."""
        problem = one.problem
        if not problem.code.startswith(_OWN):
            ((_, text),) = phrases.warnings([problem], self.numbers.lang)
            return text
        data = {name: self._word(value) for name, value in problem.data.items()}
        data |= {"what": phrases.records(one.entity, one.count, self.numbers)}
        text = clean(self.say(problem.code, **data))
        parts = [text, *([clean(one.label)] if one.entity else [])]
        if one.amount is not None and not problem.code.startswith(_OF_ASSERTS):
            parts[0] += f" ({self.numbers.money(one.amount)})"
        if problem.data.get("tolerance", "0") != "0":
            parts.append(self.say("ready.allowed", tolerance=self._tolerance(one)))
        names = self.names(one)
        if problem.code.startswith(_OF_ASSERTS):
            return f"{names}: {', '.join(parts)}" if names else ", ".join(parts)
        text = ", ".join(parts) + (f": {names}" if names else "")
        missing = "; ".join(map(self._missing, one.missing))
        return f"{text} — {missing}" if missing else text

    def names(self, one: Finding) -> str:
        more = f" +{one.more}" if one.more else ""
        return ", ".join(clean(called(name, self.numbers.lang)) for name in one.names) + more

    def hint(self, one: Finding) -> str:
        """Return the next step: the command that shows all of it, or what is said to do."""
        if one.command:
            return phrases.command(self.readiness.results, *one.command)
        key, lang = f"{one.problem.code}.hint", self.numbers.lang
        try:
            return clean(say(lang, key, **one.problem.data)) if has(lang, key) else ""
        except (KeyError, ValueError):
            return ""

    def _missing(self, one: Missing) -> str:
        if one.need is not None:
            state = self.say("report.insufficient", n=one.n, need=one.need)
        else:
            state = self.say(f"report.state.{one.state}")
        return f"{clean(one.label)}: {state}"

    def _tolerance(self, one: Finding) -> str:
        text = str(one.problem.data["tolerance"])
        share = text.endswith("%")
        value = Decimal(text.rstrip("%"))
        if share:
            return self.numbers.percent(value, max(0, -int(value.normalize().as_tuple().exponent)))
        unit = next(v.unit for v in one.problem.data.values() if isinstance(v, Figure))
        return self.numbers.value(value, unit)

    def _word(self, value: Any) -> Any:
        """Return a value as it stands in a sentence."""
        if isinstance(value, Figure) and value.unit == "percent":
            return self.numbers.percent(value.value, 1 if value.value % 1 else 0)
        if isinstance(value, Figure):
            return self.numbers.value(value.value, value.unit)
        if isinstance(value, date) and not isinstance(value, datetime):
            return day(value, self.numbers.lang)
        return clean(value) if isinstance(value, str) else value

    # --- what a plan asserts ------------------------------------------------------------------

    def agreement(self, found: Assertion | None) -> str:
        """Return what agrees: the figures of one, of several how many they are; and the records."""
        if found is None:
            return ""
        agreed = [one for one in found.reconciliations if one.agrees]
        if not agreed:
            return ""
        matched = sum(one.matched for one in agreed)
        records = self.say("ready.matched", n=matched) if found.by_records else ""
        if len(found.reconciliations) > 1:
            said = self.say("ready.agree", n=len(agreed))
        else:
            of = self._sides(found, agreed[0])
            said = self.say(
                "ready.agrees",
                kpi=of["kpi"],
                other=of["other"],
                ours=of["ours"],
                theirs=of["theirs"],
            )
        return phrases.DOT.join(filter(None, (said, records)))

    def pairs(self, found: Assertion, one: Reconciliation) -> Iterator[str]:
        """Yield the first few records without a partner, or with another figure, and how many more
        there are."""
        for pair in one.pairs[:SHOWN]:
            yield self.pair(found, pair)
        if (more := len(one.pairs) - SHOWN) > 0:
            command = phrases.command(self.readiness.results, "ready", "--unmatched", "-")
            yield self.say("ready.pair.more", n=more, command=command)

    def pair(self, found: Assertion, pair: Pair) -> str:
        elsewhere = ""
        if pair.elsewhere is not None:
            at = "" if pair.moment is None else day(pair.moment, self.numbers.lang)
            elsewhere = self.say(f"ready.elsewhere.{pair.elsewhere}", day=at)
        data = self._sides(found, pair) | {"key": self.key(pair), "elsewhere": elsewhere}
        return self.say(f"ready.pair.{pair.side}", **data)

    def key(self, pair: Pair) -> str:
        """Return what records have in common, or which they are where they have no key."""
        if pair.key is not None:
            return clean(" · ".join(pair.key))
        ids = pair.kpi_ids or pair.equals_ids
        more = f" +{len(ids) - SHOWN}" if len(ids) > SHOWN else ""
        return self.say("ready.pair.no_key", ids=clean(", ".join(ids[:SHOWN])) + more)

    def _sides(self, found: Assertion, of: Pair | Reconciliation) -> dict[str, str]:
        return {
            "kpi": clean(found.kpi_label),
            "other": clean(found.equals_label),
            "ours": self._value(of.kpi, found.unit),
            "theirs": self._value(of.equals, found.unit),
        }

    def _value(self, value: Decimal | None, unit: str) -> str:
        return "–" if value is None else self.numbers.value(value, unit)
