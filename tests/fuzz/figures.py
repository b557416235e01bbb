"""What is promised of the figures of a company, whatever it is: both engines say the same, results are
kept exactly, and what is divided adds up to what there was."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from fuzz.promises import Case
from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute
from kpictl.app.workspace import open_workspace
from kpictl.errors import KpictlError
from kpictl.results import dumps, loads
from kpictl.values import PayLine, PayPart, Results, Scorecard, to_money


def broken(case: Case, folder: Path) -> tuple[bool, list[str]]:
    """Compute a company with its pay by both engines; return whether it computed, and which promises
    it broke."""
    for name, content in case.files.items():
        (folder / name).write_bytes(content)
    period, as_of = (case.words[case.words.index(key) + 1] for key in ("-p", "--as-of"))
    said = [_computed(folder, period, as_of, engine) for engine in ("duckdb", "plain")]
    first, second = said
    if isinstance(first, str) or isinstance(second, str):
        return False, [] if first == second else [f"the engines refuse differently: {said}"]
    faults = [] if first == second else ["the engines differ", *_differences(first, second)]
    return True, [*faults, *_faults(first)]


def _computed(folder: Path, period: str, as_of: str, engine: str) -> Results | str:
    try:
        with open_workspace(folder / "kpi.yaml", {}) as workspace:
            zone = ZoneInfo(workspace.bound.plan.company.timezone)
            now = periods.read_as_of(as_of, zone)
            when, moment = periods.parse(period, as_of=now, zone=zone), periods.end_of(now, zone)
            request = ComputeRequest(when, moment, engine=engine, pay=True, by_department=True)  # type: ignore[arg-type]
            return compute(workspace, request)
    except KpictlError as error:
        problems = getattr(error, "problems", (error.problem,))
        return "; ".join(f"{one.place}: {one.code}" for one in problems)


def _differences(first: Results, second: Results) -> Iterator[str]:
    for card, other in zip(first.scorecards, second.scorecards, strict=True):
        for row, same in zip(card.rows, other.rows, strict=True):
            if row != same:
                yield f"{card.id} {row.name}: {row} {same}"[:600]
                return
    if first.pay != second.pay:
        yield "pay differs"


def _faults(results: Results) -> Iterator[str]:
    if loads(dumps(results)) != results:
        yield "results are not kept as they are"
    for card in results.scorecards:
        yield from _totals(card)
    if results.pay is None:
        return
    for line in results.pay.lines:
        yield from _steps(line)
    for use in results.pay.funds:
        multiplied = use.kind == "pool" and _is_multiplied(results)
        if use.limit is not None and use.paid > use.limit and not multiplied:
            yield f"{use.kind} {use.id} pays {use.paid} of {use.limit}"
        shares = [
            part.amount or 0
            for line in results.pay.lines
            for part in line.parts
            if part.base == "pool"
        ]
        if use.kind == "pool" and sum(shares) > (use.limit or 0) and not multiplied:
            yield f"the shares of pool {use.id} are {sum(shares)} of {use.limit}"


def _is_multiplied(results: Results) -> bool:
    """Say whether factors change shares of a pool after it was divided, which is said."""
    assert results.pay is not None
    parts = (part for line in results.pay.lines for part in line.parts if part.base == "pool")
    return any(step.code == "pay.factor" for part in parts for step in part.steps)


def _totals(card: Scorecard) -> Iterator[str]:
    """Sums of records that nobody shares add up to the total, to the last digit."""
    if card.total is None or card.by:
        return
    for column in card.columns:
        facts = [row.score(column.kpi).fact for row in card.rows]
        total = card.total.score(column.kpi).fact
        if (
            column.kpi in ("revenue", "gross")
            and total.value is not None
            and column.level == "person"
        ):
            known = [fact.value for fact in facts if fact.value is not None]
            if known and sum(known, Decimal(0)) != total.value:
                yield f"{card.id} {column.kpi}: {sum(known)} are not {total.value}"


def _steps(line: PayLine) -> Iterator[str]:
    """Steps lead to what is paid, and each can be told in every language."""
    for part in line.parts:
        yield from _leads(f"{line.name} {part.id}", part)
    amounts = [step.amount for step in line.steps if step.amount is not None]
    if line.earned is not None and amounts and amounts[-1] != line.earned:
        yield f"{line.name}: steps lead to {amounts[-1]}, earned is {line.earned}"
    if (
        line.earned is not None
        and line.amount is not None
        and abs(to_money(line.earned) - line.amount) > Decimal("0.01")
    ):
        yield f"{line.name}: {line.earned} is rounded to {line.amount}"
    if sum((entry.amount for entry in line.entries), Decimal(0)) != (line.payout or 0):
        yield f"{line.name}: entries are not {line.payout}"
    if line.amount is not None and line.state != "computed":
        yield f"{line.name}: {line.amount}, {line.state}"
    if (line.payout or 0) < 0:  # what was earned may be below nothing, of refunds; it is carried on
        yield f"{line.name}: pays {line.payout}"


def _leads(name: str, part: PayPart) -> Iterator[str]:
    amounts = [step.amount for step in part.steps if step.amount is not None]
    if part.amount is not None and amounts and amounts[-1] != part.amount:
        yield f"{name}: steps lead to {amounts[-1]}, the part is {part.amount}"
