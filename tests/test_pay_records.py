"""What is paid record by record: rates by fields of the record, and money that is waited for."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import kpictl
from kpictl import periods
from kpictl.app.computation import ComputeRequest, compute, measure
from kpictl.app.workspace import open_workspace
from kpictl.errors import PlanRejected, Problem
from kpictl.pay.records import PaidRecord
from kpictl.pay.release import Earned, Received, bucket, listed
from kpictl.plan.pay_records import reads
from kpictl.sources.pay_rates import mistakes
from kpictl.values import EngineName, PayLine, Release
from plans import HEAD, checked, paid, write

MONTH = "2024-05"
SOURCES = "sources: {f: {type: csv, deals: deals.csv, employees: staff.csv}}\n"
KPIS = """\
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  wins: {from: deals, count: rows, where: won, when: closed_at}
"""
STAFF = "имя;оклад\nАнна;1\nОлег;1\n"
DEALS = """\
id;сумма;ответственный;дата закрытия;стадия;product_group;client_kind
1;1000000;Анна;06.05.2024;Сделка успешна;Насосы;новый
2;200000;Анна;15.05.2024;Сделка успешна;насосы ;старый
3;50000,50;Анна;20.05.2024;Сделка успешна;Трубы;новый
4;70000;Анна;21.05.2024;Сделка провалена;Краны;новый
5;300000;Олег;21.05.2024;Сделка успешна;Трубы;старый
"""


def plan(bonus: str, *, sources: str = SOURCES, kpis: str = KPIS) -> str:
    card = f"scorecards: {{s: {{kpis: {{revenue: {{weight: 100}}}}, bonus: {bonus}}}}}\n"
    return HEAD + sources + kpis + card


def payouts(lines: dict[str, PayLine]) -> dict[str, str]:
    return {name: f"{line.payout}" for name, line in lines.items()}


def refused(folder: Path, text: str, files: dict[str, str], period: str = MONTH) -> list[Problem]:
    path = write(folder, text, files)
    with pytest.raises(PlanRejected) as caught:
        kpictl.compute(path, period=period, environment={}, pay=True)
    return [checked(p) for p in caught.value.problems if p.level == "error"]


def on_both(folder: Path, text: str, files: dict[str, str], period: str) -> dict[str, PayLine]:
    """Return the pay by name, the same by either engine."""
    seen, pays = datetime(2025, 1, 15, 9, tzinfo=UTC), []
    engines: tuple[EngineName, ...] = ("duckdb", "plain")
    with open_workspace(write(folder, text, files), {}) as workspace:
        month = periods.parse(period, as_of=seen, zone=workspace.bound.zone)
        for engine in engines:
            job = ComputeRequest(month, seen, pay=True, engine=engine)
            pays.append(compute(workspace, job).pay)
    assert pays[0] == pays[1]
    assert pays[0] is not None
    return {line.name: line for line in pays[0].lines}


# --- a rate for each record ------------------------------------------------------------------


def test_each_product_group_has_its_rate(tmp_path: Path) -> None:
    """3 percent of pumps and 1 of anything else, however a cell spells the group."""
    bonus = "{commission: {of: revenue, rates: {by: product_group, table: {Насосы: 3}, other: 1}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF}
    lines = on_both(tmp_path, plan(bonus), files, MONTH)
    assert payouts(lines) == {"Анна": "36500.01", "Олег": "3000.00"}
    pumps, other, whole = lines["Анна"].parts[0].steps
    assert (pumps.data["values"], pumps.data["sum"], pumps.data["count"]) == ("Насосы", 1200000, 2)
    assert (other.code, other.data["sum"]) == ("pay.commission.rate_other", Fraction(500005, 10))
    assert (whole.amount, whole.data["rates"]) == (Fraction(3650000500, 100000), 2)
    assert pumps.place is not None
    assert pumps.place.line == 7


RATES = """\
product_group;client_kind;ставка;с
Насосы;новый;5;01.01.2024
Насосы;новый;4;10.05.2024
Насосы;старый;2,5;
Трубы;новый;1 %;
Трубы;старый;0,5;
"""


def test_rates_of_a_file_go_by_several_fields_and_days(tmp_path: Path) -> None:
    """The rate of two fields that held on the day of the record, with the line that says it."""
    bonus = "{commission: {of: revenue, rates: {by: [product_group, client_kind], file: r.csv}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF, "r.csv": RATES}
    lines = on_both(tmp_path, plan(bonus), files, MONTH)
    assert payouts(lines) == {"Анна": "55500.01", "Олег": "1500.00"}
    places = [str(step.place) for step in lines["Анна"].parts[0].steps[:-1]]
    assert places == ["r.csv:2", "r.csv:4", "r.csv:5"]


def test_a_price_for_each_record_goes_by_a_field(tmp_path: Path) -> None:
    """Of what is counted each record has the price of its client."""
    bonus = "{piece: {of: wins, rates: {by: client_kind, table: {новый: 500, старый: 200}}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF}
    assert payouts(on_both(tmp_path, plan(bonus), files, MONTH)) == {
        "Анна": "1200.00",
        "Олег": "200.00",
    }


def test_of_a_shared_record_each_has_the_rate_on_their_part(tmp_path: Path) -> None:
    """A deal split 60 to 40 brings each the rate of its group on the part that is theirs."""
    sources = (
        "sources: {f: {type: csv, employees: staff.csv, deals: {path: deals.csv, "
        "fields: {owner: {column: кто, type: person, credit: split}}}}}\n"
    )
    deals = (
        "id;сумма;кто;дата закрытия;стадия;product_group\n"
        '1;100,01;"Анна 60%; Олег 40%";06.05.2024;Сделка успешна;Насосы\n'
        "2;50;Олег;06.05.2024;Сделка успешна;Трубы\n"
    )
    bonus = "{commission: {of: revenue, rates: {by: product_group, table: {Насосы: 10, Трубы: 2}}}}"
    files = {"deals.csv": deals, "staff.csv": STAFF}
    lines = on_both(tmp_path, plan(bonus, sources=sources), files, MONTH)
    assert payouts(lines) == {"Анна": "6.00", "Олег": "5.00"}


def test_what_has_no_rate_is_listed_and_nothing_is_paid(tmp_path: Path) -> None:
    """Values without a rate are a mistake that names all of them, with how many records."""
    bonus = "{commission: {of: revenue, rates: {by: product_group, table: {Краны: 3}}}}"
    (problem,) = refused(tmp_path, plan(bonus), {"deals.csv": DEALS, "staff.csv": STAFF})
    assert problem.code == "pay.no_rate"
    assert problem.data["values"] == "Насосы (1); Трубы (2); насосы (1)"
    assert problem.place is not None


def test_before_the_first_day_of_a_rate_there_is_none(tmp_path: Path) -> None:
    """A group that is listed from a later day on is not paid as any other."""
    rates = "product_group;rate;from\nНасосы;3;10.05.2024\n"
    bonus = "{commission: {of: revenue, rates: {by: product_group, file: r.csv, other: 1}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF, "r.csv": rates}
    (problem,) = refused(tmp_path, plan(bonus), files)
    assert (problem.code, problem.data["values"]) == ("pay.no_rate", "Насосы (1)")


@pytest.mark.parametrize(
    ("bonus", "code", "near"),
    [
        ("{commission: {of: revenue, rates: {by: produkt_group, table: {a: 1}}}}",
         "bind.no_field", "product_group"),
        ("{commission: {of: mean, rates: {by: product_group, table: {a: 1}}}}",
         "pay.by_record", ""),
        ("{piece: {of: clients, rates: {by: product_group, table: {a: 1}}}}", "pay.by_record", ""),
        ("{commission: {of: revenue, rate: 1, release: {from: deals, key: id, when: closed_at}}}",
         "pay.release_key", ""),
        ("{commission: {of: revenue, rate: 1, release: {from: dels, key: id = id, when: closed_at}}}",
         "bind.unknown_entity", "deals"),
        ("{commission: {of: revenue, rate: 1, release: {from: deals, key: idd = id, when: closed_at}}}",
         "bind.no_field", "id"),
        ("{commission: {of: revenue, rate: 1, release: {from: deals, key: id = id, when: money_at}}}",
         "bind.no_date", ""),
        ("{piece: {of: wins, rate: 1, release: {from: deals, key: id = id, of: title, when: closed_at}}}",
         "bind.no_field", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_by_record_is_said_at_its_place(
    tmp_path: Path, bonus: str, code: str, near: str
) -> None:
    """KPIs without a number for each record, and fields that are not there, are refused."""
    kpis = KPIS + (
        "  mean: {from: deals, average: amount, where: won, when: closed_at}\n"
        "  clients: {from: deals, count: distinct client_kind, where: won, when: closed_at}\n"
    )
    files = {"deals.csv": DEALS, "staff.csv": STAFF}
    (problem,) = refused(tmp_path, plan(bonus, kpis=kpis), files)
    assert problem.code == code
    assert problem.place is not None
    assert problem.place.column > 0
    assert problem.data.get("near", near) == near


@pytest.mark.parametrize(
    ("rates", "code", "line"),
    [
        ("product_group;rate\nНасосы;3\nнасосы;4\n", "pay.rate_twice", 3),
        ("product_group;rate\nНасосы;много\n", "pay.bad_rate", 2),
        ("product_group;rate;from\nНасосы;3;вчера\n", "pay.bad_rate", 2),
        ("group;rate\nНасосы;3\n", "source.no_column", 1),
    ],
)
def test_what_is_wrong_in_a_file_of_rates_is_said_at_its_line(
    tmp_path: Path, rates: str, code: str, line: int
) -> None:
    """Two rates of one value, what is no rate or no day, and a column that is missing."""
    bonus = "{commission: {of: revenue, rates: {by: product_group, file: r.csv, other: 0}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF, "r.csv": rates}
    (problem,) = refused(tmp_path, plan(bonus), files)
    assert problem.code == code
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == ("r.csv", line)


def test_check_reads_the_rates_of_a_file(tmp_path: Path) -> None:
    """What is wrong in a file of rates is known before anything is computed."""
    bonus = "{commission: {of: revenue, rates: {by: product_group, file: r.csv, other: 0}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF, "r.csv": "product_group;rate\nНасосы;?\n"}
    with open_workspace(write(tmp_path, plan(bonus), files), {}) as workspace:
        (problem,) = mistakes(workspace.bound, workspace.scratch)
    assert (problem.code, str(problem.place)) == ("pay.bad_rate", "r.csv:2:2")


def test_every_record_that_is_paid_can_be_listed_with_its_rate(tmp_path: Path) -> None:
    """Each with the line of its rate and what it brought; together they are the amount."""
    bonus = (
        "{commission: {of: revenue, rates: {by: product_group, file: r.csv, other: 1}}, cap: 30000}"
    )
    bonus = f"{{parts: {{a: {bonus}}}}}"
    files = {"deals.csv": DEALS, "staff.csv": STAFF, "r.csv": "product_group;rate\nНасосы;3\n"}
    with open_workspace(write(tmp_path, plan(bonus), files), {}) as workspace:
        seen = datetime(2025, 1, 15, 9, tzinfo=UTC)
        month = periods.parse(MONTH, as_of=seen, zone=workspace.bound.zone)
        computed = measure(workspace, ComputeRequest(month, seen, pay=True))
        several = [one for one in listed(computed) if one.payee.row.name == "Анна"]
    shown = [(one.record.id, one.record.rate and str(one.record.rate.place)) for one in several]
    assert [ident for ident, _ in shown] == ["1", "2", "3"]
    assert [place for _, place in shown][:2] == ["r.csv:2", "r.csv:2"]
    assert sum(one.amount for one in several) == 30000
    assert several[0].amount == Fraction(30000) * 30000 / Fraction("36500.005")


# --- earned at one date, released at another -------------------------------------------------

WAITING = """\
id;сумма;ответственный;дата закрытия;стадия
1;600000;Анна;15.04.2024;Сделка успешна
2;600000;Анна;16.04.2024;Сделка успешна
3;500000;Анна;15.05.2024;Сделка успешна
"""
MONEY = """\
deal_id;amount;paid_at
1;300000;20.04.2024
1;300000;03.05.2024
2;900000;04.05.2024
3;100000;30.04.2024
3;100000;31.05.2024
3;-50000;05.06.2024
9;777;01.05.2024
"""
PAID = SOURCES.replace("employees:", "payments: money.csv, employees:")
RELEASE = "release: {from: payments, key: id = deal_id, sum: amount, when: paid_at, since: 2024-01}"
SEEN = {"deals.csv": WAITING, "staff.csv": "имя\nАнна\n", "money.csv": MONEY}


def released(folder: Path, form: str, period: str) -> Release:
    bonus = f"{{commission: {{of: revenue, {form}, {RELEASE}}}}}"
    text = plan(bonus, sources=PAID).replace("{weight: 100}", "{weight: 100, target: 1000000}")
    line = on_both(folder, text, SEEN, period)["Анна"]
    assert line.release is not None
    assert line.payout == max(line.release.released, Decimal(0))
    return line.release


def of(earned: str, before: str, now: str, waiting: str) -> Release:
    return Release(Decimal(earned), Decimal(before), Decimal(now), Decimal(waiting))


@pytest.mark.parametrize(
    ("period", "buckets"),
    [
        ("2024-04", of("36000.00", "0.00", "9000.00", "27000.00")),
        ("2024-05", of("51000.00", "9000.00", "33000.00", "9000.00")),
        ("2024-06", of("51000.00", "42000.00", "-1500.00", "10500.00")),
        ("2024-07", of("51000.00", "40500.00", "0.00", "10500.00")),
    ],
)
def test_commission_is_released_as_the_money_comes_in(
    tmp_path: Path, period: str, buckets: Release
) -> None:
    """Of what is earned as much as has come in: an overpayment releases no more than that, money
    that came before the deal was won waits for it, a refund takes back."""
    assert released(tmp_path, "rate: 3", period) == buckets


@pytest.mark.parametrize(
    ("form", "buckets"),
    [
        ("whole: {0: 3, 100: 5}", of("75000.00", "15000.00", "51000.00", "9000.00")),
        ("marginal: {0: 3, 100: 9}", of("63000.00", "12000.00", "42000.00", "9000.00")),
    ],
)
def test_what_is_released_has_the_rate_of_the_month_that_earned_it(
    tmp_path: Path, form: str, buckets: Release
) -> None:
    """April was above the target and May below: what April earned is released at April's rate."""
    assert released(tmp_path, form, "2024-05") == buckets


def test_money_comes_in_in_every_spelling(tmp_path: Path) -> None:
    """What the sum of payments compares texts with is taken in all ways in which it looks alike."""
    money = (
        "deal_id;amount;paid_at;kind\n1;300000;20.04.2024;by card\n"
        "1;300000;21.04.2024;by\u00a0card\n2;900000;21.04.2024;lost\n"
    )
    summed = "case when kind = 'by card' then amount else 0 end"
    form = RELEASE.replace("sum: amount", f'sum: "{summed}"')
    text = plan(f"{{commission: {{of: revenue, rate: 3, {form}}}}}", sources=PAID)
    line = on_both(tmp_path, text, {**SEEN, "money.csv": money}, "2024-04")["Анна"]
    assert line.release == of("36000.00", "0.00", "18000.00", "18000.00")


def test_who_has_left_is_paid_what_comes_in_for_their_deals(tmp_path: Path) -> None:
    """Somebody who is on the scorecard no longer has a line of what is released, and only that."""
    bonus = f"{{commission: {{of: revenue, rate: 3, {RELEASE}}}}}"
    staff = "имя;принят;уволен\nАнна;01.01.2020;30.04.2024\nОлег;01.01.2020;\n"
    deals = WAITING.replace("3;500000;Анна", "3;500000;Олег")
    files = {**SEEN, "staff.csv": staff, "deals.csv": deals}
    lines = on_both(tmp_path, plan(bonus, sources=PAID), files, "2024-05")
    assert payouts(lines) == {"Олег": "6000.00", "Анна": "27000.00"}
    assert lines["Анна"].release == of("36000.00", "9000.00", "27000.00", "0.00")
    assert payouts(on_both(tmp_path, plan(bonus, sources=PAID), files, "2024-07")) == {"Олег": "0"}


def test_what_pay_reads_is_known_to_who_brings_it(tmp_path: Path) -> None:
    """A portal brings the fields that rates and releases ask for, and the entity of the payments
    with the KPI whose records they are for."""
    rates = "rates: {by: стадия, table: {a: 1}}"
    bonus = f"{{commission: {{of: revenue, {rates}, {RELEASE}}}}}"
    with open_workspace(write(tmp_path, plan(bonus, sources=PAID), SEEN), {}) as workspace:
        read = {entity: (kpi, set(fields)) for kpi, entity, fields in reads(workspace.bound)}
        assert workspace.bound.plan.entities_of("revenue") == ("deals", "payments")
    assert read == {
        "deals": ("revenue", {"id", "amount", "stage"}),
        "payments": ("revenue", {"deal_id", "amount", "paid_at"}),
    }


def test_conditions_and_caps_are_those_of_the_month_that_earned_it(tmp_path: Path) -> None:
    """A cap of April holds what April earned down, however much comes in for it in May."""
    bonus = f"{{parts: {{a: {{commission: {{of: revenue, rate: 3, {RELEASE}}}, cap: 18000}}}}}}"
    line = on_both(tmp_path, plan(bonus, sources=PAID), SEEN, "2024-05")["Анна"]
    assert line.release == of("33000.00", "4500.00", "19500.00", "9000.00")


money = st.decimals(min_value="-1000", max_value="1000000", places=2)


@st.composite
def waited(draw: st.DrawFn) -> tuple[list[list[Earned]], list[dict[str, Fraction]]]:
    """Return for each month the records that have earned something until then, and what had come in
    by key at its beginning; of the last month at its end, too."""
    nobody: Any = None
    number = draw(st.integers(1, 6))
    records = [
        Earned(
            nobody,
            "a",
            PaidRecord(str(n), None, None, Fraction(1), key=str(n), due=Fraction(draw(money))),
            Fraction(draw(st.fractions(min_value=-1000, max_value=100000, max_denominator=997))),
        )
        for n in range(number)
    ]
    month = st.dictionaries(st.sampled_from([str(n) for n in range(number)]), money)
    came_in: dict[str, Fraction] = {}
    ends = [dict(came_in)]
    for payments in draw(st.lists(month, min_size=1, max_size=5)):
        for key, amount in payments.items():
            came_in[key] = came_in.get(key, Fraction(0)) + Fraction(amount)
        ends.append(dict(came_in))
    months = len(ends) - 1
    won = [(draw(st.integers(0, months - 1)), one) for one in records]
    each = [
        [replace(one, is_new=when == month) for when, one in won if when <= month]
        for month in range(months)
    ]
    return each, ends


@settings(max_examples=150)
@given(case=waited())
def test_what_is_released_and_what_waits_are_what_is_earned(
    case: tuple[list[list[Earned]], list[dict[str, Fraction]]],
) -> None:
    """To the kopeck in every month, and what all months release is what was released in the end."""
    earned, ends = case
    months = [
        bucket(several, Received(before, until))
        for several, (before, until) in zip(earned, pairwise(ends), strict=True)
    ]
    for month in months:
        assert month.before + month.released + month.waiting == month.earned
    for month, after in pairwise(months):
        assert month.before + month.released == after.before
    assert months[0].before == 0
    positive = [one for one in earned[-1] if one.amount >= 0]
    until = bucket(positive, Received({}, ends[-1]))
    assert 0 <= until.released <= until.earned


@settings(max_examples=25, deadline=None)
@given(
    amounts=st.lists(
        st.decimals(min_value=-10000, max_value=1000000, places=2), min_size=1, max_size=6
    ),
    rate=st.decimals(min_value=0, max_value=30, places=2),
)
def test_commission_by_records_is_that_of_the_sum_when_every_rate_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, amounts: list[Decimal], rate: Decimal
) -> None:
    """However the records are grouped, one rate for each is one rate for all."""
    folder = tmp_path_factory.mktemp("same")
    deals = "id;сумма;ответственный;дата закрытия;стадия;product_group\n" + "".join(
        f"{n};{amount};Анна;15.05.2024;Сделка успешна;{'Насосы' if n % 2 else 'Трубы'}\n"
        for n, amount in enumerate(amounts)
    )
    table = f"rates: {{by: product_group, table: {{Насосы: {rate}}}, other: {rate}}}"
    bonus = (
        f"{{parts: {{a: {{commission: {{of: revenue, {table}}}}}, "
        f"b: {{commission: {{of: revenue, rate: {rate}}}}}}}}}"
    )
    files = {"deals.csv": deals, "staff.csv": "имя\nАнна\n"}
    by_records, by_sum = paid(folder, plan(bonus), files, MONTH)["Анна"].parts
    assert by_records.amount == by_sum.amount
