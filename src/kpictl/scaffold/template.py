"""A portal's portrait → a commented plan that computes as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kpictl.scaffold.discover import VARIABLE, Department, Pipeline, PortalSummary
from kpictl.scaffold.quoting import comment, equals, scalar
from kpictl.words import say

if TYPE_CHECKING:
    from kpictl.store import FieldDescription

SOURCE = "crm"
CARDS = 12  # scorecards; further departments are only mentioned
LIST = 12  # values of a list that are written out
FIELDS = 60  # custom fields of an entity
_LONGEST_NAME = 1000  # characters of a department that a condition can name
_MARKS = {"S": " (+)", "F": " (-)"}
# id → weight without leads and with them, score; the rest is the same for every portal.
_WEIGHTS = {
    "revenue": (60, 45, "linear, cap: 150"),
    "won_deals": (20, 15, "linear, cap: 150"),
    "average_deal": (20, 15, "linear, cap: 150"),
    "lead_conversion": (0, 25, "{base: 0, norm: 20, goal: 40, at_goal: 130}, cap: 130"),
}


def compose(portrait: PortalSummary, lang: str) -> str:
    """Return a plan in YAML, with comments in a language."""
    return "".join(line.rstrip() + "\n" for line in _Draft(portrait, lang).lines())


class _Draft:
    def __init__(self, portrait: PortalSummary, lang: str) -> None:
        self.portrait, self.lang = portrait, lang

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self._sources()
        yield from self._fields()
        yield from self._kpis()
        yield from self._cards()
        yield from self._targets()

    def _say(self, key: str, **data: object) -> str:
        return say(self.lang, key, **data)

    def _remark(self, key: str, indent: int = 0, **data: object) -> Iterator[str]:
        """Yield a text of ours as lines of comment."""
        for line in self._say(key, **data).split("\n"):
            yield " " * indent + f"# {line}".rstrip()

    def _head(self) -> Iterator[str]:
        portrait = self.portrait
        yield from self._remark("draft.head", host=comment(portrait.host))
        if portrait.user:
            yield from self._remark("draft.eyes", user=comment(portrait.user))
        if not portrait.admin:
            yield from self._remark("draft.not_admin")
        yield "kpictl: 1"
        yield ""
        yield from self._remark("draft.company")
        name = scalar(portrait.company or self._say("draft.no_name"))
        currency = f", currency: {portrait.currency}" if _is_currency(portrait.currency) else ""
        place = f"timezone: {portrait.zone}, language: {self.lang}"
        yield f"company: {{name: {name}{currency}, {place}}}"
        yield ""

    def _sources(self) -> Iterator[str]:
        yield from self._remark("draft.source", name=VARIABLE)
        yield "sources:"
        yield f"  {SOURCE}:"
        yield "    type: bitrix24"
        if self.portrait.webhook:
            yield f'    webhook: "${{{VARIABLE}}}"'
        yield from self._remark("draft.pull", 4)
        yield ""
        if self.portrait.pipelines:
            yield from self._remark("draft.pipelines")
            for pipeline in self.portrait.pipelines:
                yield f"#   {_stages(pipeline)}"
            first = self.portrait.pipelines[-1].name
            condition = comment(first).replace("'", "''")
            yield from self._remark("draft.pipeline", name=condition)
            yield ""

    def _fields(self) -> Iterator[str]:
        named = {entity: fields for entity, fields in self.portrait.fields.items() if fields}
        if not named:
            return
        yield from self._remark("draft.fields")
        for entity, fields in named.items():
            yield f"#   {entity}:"
            for one in fields[:FIELDS]:
                yield f"#     {self._field(one)}"
            if len(fields) > FIELDS:
                yield f"#     … +{len(fields) - FIELDS}: kpictl fields {entity}"
        yield ""

    def _field(self, one: FieldDescription) -> str:
        kind = one.type + (", " + self._say("draft.multiple") if one.multiple else "")
        text = f"{comment(one.code.lower())}  «{comment(one.caption)}», {comment(kind)}"
        if one.items:
            values = [comment(value) for _, value in one.items[:LIST]]
            more = f", … +{len(one.items) - LIST}" if len(one.items) > LIST else ""
            text += ": " + ", ".join(values) + more
        return text

    def _kpis(self) -> Iterator[str]:
        yield from self._remark("draft.kpis")
        yield "kpis:"
        money = "unit: money"
        yield from self._kpi(
            "revenue", f"from: deals, sum: amount, where: won, when: closed_at, {money}"
        )
        yield from self._kpi("won_deals", "from: deals, count: rows, where: won, when: closed_at")
        average = "from: deals, average: amount, where: won, when: closed_at"
        yield from self._kpi("average_deal", f"{average}, min_n: 3, {money}")
        conversion = "{from: leads, to: deals, where: won, within: 30d, basis: cohort}"
        shown = "" if self.portrait.has_leads else "# "
        rest = f"conversion: {conversion}, when: created_at, min_n: 10, unit: percent"
        yield from self._kpi("lead_conversion", rest, shown)
        for example in self._examples():
            yield f"  # {example}"
        yield ""

    def _kpi(self, name: str, rest: str, shown: str = "") -> Iterator[str]:
        yield from self._remark(f"draft.kpi.{name}", 2)
        label = scalar(self._say(f"draft.label.{name}"))
        yield f"  {shown}{name}: {{label: {label}, {rest}}}"

    def _examples(self) -> Iterator[str]:
        """Yield KPIs to uncomment, as far as the key grants what they need."""
        scopes = self.portrait.scopes
        yield self._say("draft.examples")
        if not scopes or "telephony" in scopes or "call" in scopes:
            label = self._say("draft.label.calls")
            yield f"calls: {{label: {label}, from: calls, count: rows, when: started_at}}"
        label = self._say("draft.label.activities")
        rest = "from: activities, count: rows, where: completed, when: created_at"
        yield f"activities: {{label: {label}, {rest}}}"
        lists = [
            one for one in self.portrait.fields.get("deals", ()) if one.items and not one.multiple
        ]
        for one in lists[:1]:
            value = one.items[0][1]
            where = equals(one.code.lower(), value).removeprefix('"').removesuffix('"')
            condition = comment(f"won and {where}")
            rest = f'where: "{condition}", when: closed_at, unit: money'
            yield f"part: {{from: deals, sum: amount, {rest}}}"

    def _cards(self) -> Iterator[str]:
        yield from self._remark("draft.cards")
        yield "scorecards:"
        every = [d for d in self.portrait.departments if len(d.name) <= _LONGEST_NAME]
        chosen = [d for d in every if d.sells][:CARDS]
        if not chosen:
            yield from self._card("sales", None)
        for department in chosen:
            name = "sales" if len(chosen) == 1 else f"department_{department.id}"
            yield from self._card(name, department)
        others = [comment(d.name) for d in every if d not in chosen]
        if others:
            yield from self._remark("draft.others", 2, list=comment(", ".join(others)))
        yield ""

    def _card(self, name: str, department: Department | None) -> Iterator[str]:
        yield f"  {name}:"
        label = department.name if department else self._say("draft.everybody")
        yield f"    label: {scalar(label)}"
        if department is not None:
            yield f"    who: {equals('department', department.name)}"
        yield "    kpis:"
        for kpi, (alone, with_leads, score) in _WEIGHTS.items():
            weight = with_leads if self.portrait.has_leads else alone
            if weight:
                yield f"      {kpi}: {{weight: {weight}, score: {score}}}"

    def _targets(self) -> Iterator[str]:
        yield from self._remark("draft.targets")
        sellers = [d for d in self.portrait.departments if d.sells]
        card = "sales" if len(sellers) <= 1 else f"department_{sellers[0].id}"
        yield "# targets:"
        volumes = "revenue: 1000000/month, won_deals: 10/month"
        yield f"#   scorecard.{card}: {{{volumes}, average_deal: 100000}}"
        yield "#   employee.ivanov@example.com: {revenue: 1200000/month}"
        yield "#   file: targets.csv"


def _is_currency(code: str | None) -> bool:
    return code is not None and len(code) == 3 and code.isascii() and code.isalpha()


def _stages(pipeline: Pipeline) -> str:
    stages: Sequence[str] = [comment(name) + _MARKS.get(ends, "") for name, ends in pipeline.stages]
    return f"{comment(pipeline.name)}: {', '.join(stages)}"
