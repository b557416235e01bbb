"""The examples, computed by kpictl, against the answers computed by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import kpictl
from by_hand import EXAMPLES, Cell, in_may, index, ranks, rounded
from examples_by_hand import (
    CASES,
    FOLDERS,
    campaign_row,
    campaigns,
    marketing_bonus,
    marketing_pay,
    support,
    support_pay,
)  # fmt: skip
from kpictl.values import Pay, PayLine
from sales_by_hand import (
    DEPARTMENTS,
    GOALS,
    all_departments,
    company_won,
    days_there,
    department_deals,
    departments,
    facts,
    index_of_several,
    moved,
    people_deals,
    posts,
    revenue_in,
    sales,
    sales_posts,
    sales_won,
    together,
)  # fmt: skip
from sales_pay_by_hand import Month, bonuses, managers, measured

ROOT = EXAMPLES.parent
CELLS = [(case, who, kpi) for case, card in CASES.items() for who in card() for kpi in card()[who]]


def close_to(said: Decimal | None, expected: Fraction | None) -> bool:
    """Four decimals are promised; intermediate rounding may move the last one."""
    if said is None or expected is None:
        return said is None and expected is None
    return abs(Fraction(said) - expected) <= Fraction(1, 10_000)


@cache
def said(plan: Path, period: str = "2024-05") -> dict[str, Any]:
    from kpictl.cli import app

    call = ["compute", "--config", str(plan), "--period", period, "--format", "json"]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout, parse_float=Decimal, parse_int=Decimal))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep the checkout clean: whatever kpictl leaves beside a plan lands in a copy."""
    folder = tmp_path_factory.mktemp("kpictl")
    shutil.copytree(
        EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns("__pycache__", ".kpictl")
    )
    shutil.copy(ROOT / "kpi.yaml.example", folder)
    return folder


def answer(copy: Path, case: str) -> dict[str, Any]:
    return said(copy / "examples" / FOLDERS.get(case, case) / "kpi.yaml")


def scorecard(copy: Path, case: str) -> dict[str, Any]:
    (card,) = (card for card in answer(copy, case)["scorecards"] if card["id"] == case)
    return dict(card)


def rows(copy: Path, case: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a scorecard by name, of somebody with two with the department behind it."""
    found = scorecard(copy, case)["rows"]
    names = Counter(row["name"] for row in found)
    return {
        row["name"] if names[row["name"]] == 1 else f"{row['name']} ({row['department']})": row
        for row in found
    }


def agree(shown: dict[str, Any], cells: Mapping[str, Cell], *, scores: bool = True) -> None:
    """Hold each KPI of a line against its cell: value, state, target, attainment and score."""
    for kpi, expected in cells.items():
        cell = shown["kpis"][kpi]
        assert cell["state"] == expected.state, kpi
        assert expected.value is None or cell["value"] == rounded(expected.value, 10), kpi
        assert expected.n is None or cell["n"] == expected.n, kpi
        if expected.target is not None:
            assert cell["target"] == rounded(expected.target, 10), kpi
            assert close_to(cell["attainment"], expected.attainment), kpi
        if scores:
            assert cell["score"] == expected.points, kpi


@pytest.mark.parametrize("case", CASES)
def test_the_scorecard_holds_exactly_the_expected_people(copy: Path, case: str) -> None:
    """Leavers, heads and people of other departments are no rows; everyone else is one."""
    assert sorted(rows(copy, case)) == sorted(CASES[case]())


@pytest.mark.parametrize(("case", "who", "kpi"), CELLS)
def test_each_number_is_the_one_computed_by_hand(copy: Path, case: str, who: str, kpi: str) -> None:
    """Value, state, target, attainment and score of every person and KPI are exact."""
    expected, row = CASES[case]()[who][kpi], rows(copy, case)[who]
    assert row["kpis"][kpi]["weight"] == expected.weight
    agree(row, {kpi: expected})


@pytest.mark.parametrize("case", CASES)
def test_indexes_and_ranks_follow_from_the_scores(copy: Path, case: str) -> None:
    """The index weighs what is measured, ties share a rank, the unrated have neither, and order says so."""
    card, found = CASES[case](), rows(copy, case)
    for name, cells in card.items():
        expected = index(cells)
        assert close_to(found[name]["index"], None if expected is None else Fraction(expected)), (
            name
        )
        weights = [cell.weight for cell in cells.values() if cell.points is not None]
        assert found[name]["coverage"] == sum(weights), name
    assert {name: row["rank"] for name, row in found.items()} == ranks(card)
    shown = [row["rank"] or len(found) for row in found.values()]
    assert shown == sorted(shown)


@pytest.mark.parametrize("case", CASES)
def test_the_answer_names_period_plan_and_units(copy: Path, case: str) -> None:
    """A script finds what was asked, what plan answered, and in what unit each number stands."""
    found = answer(copy, case)
    assert found["kpictl"] == 1
    assert found["period"]["text"] == "2024-05"
    assert found["period"]["from"].startswith("2024-05-01")
    assert Path(found["plan"]["file"]).name == "kpi.yaml"
    assert len(found["plan"]["sha256"]) == 64
    assert {"as_of", "data_as_of", "totals", "left_out", "warnings"} <= found.keys()
    units = {"revenue": "money", "lead_conversion": "percent", "ad_roi": "percent", "cpl": "money"}
    for row in rows(copy, case).values():
        wrong = {
            k: c["unit"] for k, c in row["kpis"].items() if c["unit"] != units.get(k, c["unit"])
        }
        assert not wrong


def test_a_month_of_the_older_file_counts_too(copy: Path) -> None:
    """June 2023 stands in the windows-1251 file alone, and its euros have their own rate."""
    june = said(copy / "examples/sales/kpi.yaml", "2023-06")
    found = {row["name"]: row["kpis"]["revenue"] for row in june["scorecards"][0]["rows"]}
    for name, revenue in revenue_in(2023, 6).items():
        assert found[name]["value"] == rounded(revenue, 10), name


def test_deals_of_nobody_are_listed_with_their_sum(copy: Path) -> None:
    """Won deals without a responsible are no one's revenue, and are not lost from sight."""
    nobodys = [deal for deal in sales_won() if not deal.owner and in_may(deal.closed)]
    listed = [
        (Decimal(entry["count"]), Fraction(entry["amount"]))
        for entry in said(copy / "examples/sales/kpi.yaml")["left_out"]
        if entry["kpi"] == "revenue" and entry["amount"] is not None
    ]
    lost = sum((deal.amount for deal in nobodys), Fraction(0))
    assert (Decimal(len(nobodys)), lost) in listed


def test_the_total_of_campaigns_is_of_all_that_was_spent_and_came(copy: Path) -> None:
    """Return and cost of a lead are quotients of the sums, not means of those of campaigns."""
    total, expected = scorecard(copy, "campaigns")["total"], campaign_row(set(campaigns()))
    agree(total, expected)
    assert close_to(total["index"], Fraction(index(expected) or 0))


# --- people, time and targets of the sales example ------------------------------------------


def test_a_total_is_of_the_records_of_all(copy: Path) -> None:
    """Below the managers: sums, different clients and quotients of all their records, targets of
    volumes added up, and the index of that."""
    total, expected = scorecard(copy, "sales")["total"], together(sales_posts())
    agree(total, expected)
    assert close_to(total["index"], Fraction(index(expected) or 0))
    total, expected = scorecard(copy, "departments")["total"], all_departments()
    agree(total, expected)
    assert close_to(total["index"], Fraction(index(expected) or 0))


def test_a_department_has_the_records_of_all_its_people(copy: Path) -> None:
    """The line of a department counts its head, and who was moved for the days there; its goal is
    the plan's."""
    found = {line["name"]: line for line in scorecard(copy, "sales")["departments"]}
    assert set(found) == set(DEPARTMENTS)
    for name, line in found.items():
        own = facts([post for post in posts() if post.department == name])
        average = own.revenue / own.valued
        agree(
            line,
            {
                "revenue": Cell(own.revenue, 0, target=Fraction(GOALS[name])),
                "new_clients": Cell(Fraction(own.clients), 0),
                "average_deal": Cell(average, 0, own.valued),
                "lead_conversion": Cell(own.conversion, 0, len(own.leads)),
                "won_deals": Cell(
                    Fraction(len(own.won)), 0, target=Fraction(department_deals()[name])
                ),
            },
            scores=False,
        )


def test_the_company_and_its_departments_stand_against_their_goals(copy: Path) -> None:
    """The company has what nobody owns, too; each unit's revenue and deals have their goals."""
    won = company_won()
    revenue = sum((deal.amount for deal in won), Fraction(0))
    expected = {
        "": {
            "revenue": Cell(revenue, 0, target=Fraction(27_000_000)),
            "won_deals": Cell(Fraction(len(won)), 0, len(won), target=Fraction(190)),
        },
        **{
            name: {kpi: cells[kpi] for kpi in ("revenue", "won_deals")}
            for name, cells in departments().items()
        },
    }
    found = {unit["name"]: unit for unit in answer(copy, "sales")["units"]}
    assert found.keys() == expected.keys()
    for name, cells in expected.items():
        agree(found[name], cells, scores=False)


def test_who_was_moved_has_two_lines_and_one_index(copy: Path) -> None:
    """Eight days in one department and twelve in another: two indexes, and their mean by days; the
    facts of the person are those of all records."""
    ((name, held),) = moved().items()
    assert [days_there(post) for post in held] == [8, 12]
    (person,) = answer(copy, "sales")["people"]
    assert (person["name"], person["days"]) == (name, 20)
    assert [(line["department"], line["days"]) for line in person["posts"]] == [
        (post.department, days_there(post)) for post in held
    ]
    for line, post in zip(person["posts"], held, strict=True):
        assert close_to(line["index"], Fraction(index(sales()[post.label]) or 0))
    assert close_to(person["index"], index_of_several(held))
    agree(person, together(held), scores=False)


def test_days_of_people_are_those_that_the_documents_tell() -> None:
    """Of twenty working days: who came on the 13th, had a vacation, was ill; a day at one's own cost
    lowers nothing."""
    days = {post.label: days_there(post) for post in sales_posts() if days_there(post) != 20}
    assert days == {
        "Полина Орешкина": 15,
        "Дарья Мельник": 10,
        "Семён Фёдоров": 15,
        "Денис Чернов (Региональный отдел)": 8,
        "Денис Чернов (Отдел продаж)": 12,
    }


def test_the_parts_of_the_goal_add_up_to_it() -> None:
    """190 deals are divided among departments, and each department's among its people, exactly."""
    assert sum(department_deals().values()) == 190
    assert sum(people_deals().values()) == 190


# --- the pay of the examples ----------------------------------------------------------------


@cache
def pay(plan: Path, period: str) -> Pay:
    """Return what is paid for a month."""
    found = kpictl.compute(plan, period=period, pay=True).pay
    assert found is not None
    return found


def bonus_lines(paid: Pay) -> dict[str, PayLine]:
    """Return the lines of scorecards by name, of somebody with two with the department behind it."""
    own = [line for line in paid.lines if line.scorecard]
    names = Counter(line.name for line in own)
    return {
        line.name if names[line.name] == 1 else f"{line.name} ({line.department})": line
        for line in own
    }


@pytest.mark.parametrize("period", ["2023-07", "2023-09", "2024-03", "2024-05"])
def test_each_bonus_is_the_one_computed_by_hand(copy: Path, period: str) -> None:
    """Months with newcomers, a leaver, a raise, a transfer, absences, and conditions that act."""
    year, _, number = period.partition("-")
    expected = bonuses(Month(int(year), int(number)))
    found = bonus_lines(pay(copy / "examples/sales/kpi.yaml", period))
    if "Денис Чернов" in found:  # one post that month, which the list of posts tells apart
        found["Денис Чернов (Региональный отдел)"] = found.pop("Денис Чернов")
    assert {name: line.amount for name, line in found.items()} == expected


def test_a_deal_given_back_is_taken_from_the_next_bonuses(copy: Path) -> None:
    """Without the deal the March bonus would have been 6 400 less; April brings nothing to take
    that from, so it is carried into May."""
    march, april, may = (Month(2024, number) for number in (3, 4, 5))
    without = bonuses(march, frozenset({"4480"}))["Олег Ким"]
    had = bonuses(march)["Олег Ким"]
    assert had is not None
    assert without is not None
    difference = without - had
    plan = copy / "examples/sales/kpi.yaml"
    (then,) = (line for line in pay(plan, april.text).lines if line.name == "Олег Ким")
    (now,) = (line for line in pay(plan, may.text).lines if line.name == "Олег Ким")
    assert [one.amount for one in then.adjustments] == [difference] == [Decimal(-6400)]
    assert (then.amount, then.payout, then.balance) == (Decimal(0), Decimal(0), difference)
    assert bonuses(may)["Олег Ким"] == now.amount == Decimal(32000)
    assert (now.carried, now.payout, now.balance) == (difference, Decimal(25600), Decimal(0))


def test_what_was_decided_by_hand_is_paid_beside_the_bonus(copy: Path) -> None:
    """A mentor has 5 000 more than the bonus; who left in March is paid for a deal closed in May."""
    paid = pay(copy / "examples/sales/kpi.yaml", "2024-05")
    mentor = bonus_lines(paid)["Анна Белова"]
    assert mentor.amount == bonuses(Month(2024, 5))["Анна Белова"] == Decimal(49400)
    assert mentor.payout == Decimal(54400)
    (left,) = (line for line in paid.lines if not line.scorecard)
    (deal,) = (deal for deal in sales_won() if deal.id == "4800")
    assert (left.name, left.payout) == ("Глеб Старостин", rounded(deal.amount * 15 / 1000, 2))
    known = [amount for amount in bonuses(Month(2024, 5)).values() if amount is not None]
    assert paid.total == sum(known, Decimal(0)) + 5000 + 2250 - 6400


def test_marketers_are_paid_by_index_and_a_commission_in_tiers(copy: Path) -> None:
    """A fifth of the salary times the index, and 2, 3 and 5 percent of what lies in each tier."""
    found = bonus_lines(pay(copy / "examples/marketing/kpi.yaml", "2024-05"))
    assert {name: line.payout for name, line in found.items()} == marketing_pay()
    for name, line in found.items():
        assert tuple(part.amount for part in line.parts) == marketing_bonus(name)


def test_the_pool_of_support_is_shared_to_the_penny(copy: Path) -> None:
    """By index among those who have reached 90; equal indexes differ by the penny left over."""
    paid = pay(copy / "examples/support/kpi.yaml", "2024-05")
    assert {line.name: line.payout for line in paid.lines} == support_pay()
    assert paid.total == 3200


def test_the_awards_of_may_go_to_who_leads_and_who_rose_most(copy: Path) -> None:
    """The first by index; the largest rise above the mean index of the three months before."""

    def indexes(number: int) -> dict[str, Decimal | None]:
        month = Month(2024, number)
        return {post.name: index(measured(post, month)) for post in managers(month)}

    now, before = indexes(5), [indexes(number) for number in (2, 3, 4)]
    rated = {name: own for name, own in now.items() if own is not None and name not in moved()}
    risen = {
        name: own - sum((b[name] or Decimal(0) for b in before), Decimal(0)) / 3
        for name, own in rated.items()
        if all(b.get(name) is not None for b in before)
    }
    given = {one["id"]: one["recipients"] for one in answer(copy, "sales")["awards"]}
    leaders = [name for name in rated if rated[name] == max(rated.values())]
    assert [one["name"] for one in given["leader"]] == leaders
    best = [name for name in risen if risen[name] == max(risen.values())]
    assert [one["name"] for one in given["improved"]] == best


def test_before_paying_the_acts_agree_but_one(copy: Path) -> None:
    """Accounting has every deal of April; of May all but one, in whose act digits changed places."""
    from kpictl.cli import app

    for period, color, pairs in ("2024-04", "green", []), ("2024-05", "red", ["4943"]):
        call = ["ready", period, "-c", str(copy / "examples/sales/kpi.yaml"), "-f", "json", "-q"]
        said = json.loads(CliRunner().invoke(app, call).stdout)
        (found,) = (one for one in said["checks"] if one["id"] == "assert.acts")
        assert found["verdict"] == color
        (one,) = found["assert"]["figures"]
        apart = {p["key"][0]: p["kpi"] - p["equals"] for p in one["unmatched"]}
        assert [key for key, size in apart.items() if abs(size) > 0.01] == pairs


# --- the examples themselves ----------------------------------------------------------------


def test_the_data_are_what_the_generator_writes() -> None:
    """Every committed file of data comes out of `generate.py` byte for byte."""
    call = [sys.executable, str(EXAMPLES / "generate.py"), "--check"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_examples_show_what_is_hard() -> None:
    """Among the answers are an unrated person, insufficient values, a shared rank and a true zero."""
    places = ranks(sales())
    assert [name for name, rank in places.items() if rank is None] == ["Полина Орешкина"]
    states = {cell.state for cells in support().values() for cell in cells.values()}
    assert states == {"measured", "insufficient"}
    assert sorted(r for r in ranks(support()).values() if r) == [1, 2, 3, 4, 5, 5, 7, 8]
    assert sales()["Пётр Дёмин"]["lead_conversion"].value == 0


def test_the_example_plan_is_the_sales_plan(copy: Path) -> None:
    """`kpi.yaml.example` differs from the plan of the sales example in comments and paths only."""

    def plan(path: Path) -> dict[str, Any]:
        text = path.read_text(encoding="utf-8").replace("examples/sales/data/", "data/")
        return dict(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - plain text only

    assert plan(ROOT / "kpi.yaml.example") == plan(EXAMPLES / "sales/kpi.yaml")
    one, other = (
        said(copy / name)["scorecards"] for name in ("kpi.yaml.example", "examples/sales/kpi.yaml")
    )
    for card in (*one, *other):
        for line in (*card["rows"], *card["departments"]):
            for cell in line["kpis"].values():
                cell.pop("target_place")  # each plan says where its own files are
    assert one == other
