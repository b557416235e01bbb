"""The sample exports in every form they come in, against the answers of their README."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from plans import Computed, Figures, Files, compute

D = Decimal
SAMPLES = Path(__file__).parent / "samples"
README = {
    "Анна Белова": (1, D("74985.63")),
    "Иван Петров": (3, D("999669.11")),
    "Мария Соколова": (1, D("166922.94")),
    "Олег Ким": (1, D("274716.4")),
    "Пётр Дёмин": (1, D("183005.95")),
}
SUM = D("1699300.03")
FIRST_TWELVE = {
    "Иван Петров": (2, README["Иван Петров"][1] - D("48454.19")),  # without deal 126
    "Олег Ким": README["Олег Ким"],
    "Пётр Дёмин": README["Пётр Дёмин"],
}
PRODUCTS = {
    "101": D("51762.52"),
    "102": D("421732.28"),
    "103": D(18400),
    "104": D("518677.36"),
    "105": D("211226.32"),
    "106": D("118013.79"),
    "107": "no_data",
    "108": D("236866.09"),
}

WON = """\
sources: {{crm: {{type: csv, deals: {files}}}}}
rates: {{USD: 90}}
kpis:
  deals:   {{from: deals, count: rows, where: {where}, when: closed_at}}
  revenue: {{from: deals, sum: amount, where: {where}, when: closed_at, unit: money}}
scorecards: {{all: {{kpis: {{deals: {{weight: 50}}, revenue: {{weight: 50}}}}}}}}
"""


def samples(folder: Path, plan: str, *names: str) -> Computed:
    files = {name: (SAMPLES / name).read_bytes() for name in names}
    return compute(folder, plan, files)


def won(
    folder: Path, *names: str, where: str = "won and currency = 'Российский рубль'"
) -> Computed:
    plan = WON.format(files=f"[{', '.join(names)}]", where=where)
    return samples(folder, plan, *names)


def figures(expected: dict[str, tuple[int, Decimal]]) -> Figures:
    return {name: {"deals": D(n), "revenue": amount} for name, (n, amount) in expected.items()}


@pytest.mark.parametrize(
    "name",
    ["deals_ru.csv", "deals_ru.xls", "deals_ru_from_spreadsheet.tsv"],
)
def test_rouble_deals_are_the_same_in_every_form(tmp_path: Path, name: str) -> None:
    """Seven rouble deals of five people, whatever button, program and encoding made the file."""
    found = won(tmp_path, name)
    assert found.figures == figures(README)
    assert found.total == {"deals": D(7), "revenue": SUM}
    assert not found.left_out("revenue")


@pytest.mark.parametrize("name", ["deals_ru_bom.csv", "deals_ru_cp1251.csv"])
def test_rouble_deals_are_the_same_in_every_encoding(tmp_path: Path, name: str) -> None:
    """The files of the first twelve deals give theirs, with a byte order mark and in cp1251."""
    found = {
        name: values for name, values in won(tmp_path, name).figures.items() if values["deals"]
    }
    assert found == figures(FIRST_TWELVE)


def test_all_deals_need_the_rate_of_the_dollar_only_where_there_are_dollars(
    tmp_path: Path,
) -> None:
    """No dollar deal was won in May, so the sum in roubles is the sum of the rouble deals."""
    assert won(tmp_path, "deals_ru.csv", where="won").total == {"deals": D(7), "revenue": SUM}


def test_dollars_by_name(tmp_path: Path) -> None:
    """The English export (captions, 12-hour clock, mm/dd) is dollars, at the plan's rate."""
    found = won(tmp_path, "deals_en.csv", where="won")
    assert found.of("deals") == {
        "John Peters": D(3), "Oleg Kim": D(1), "Mary Falcon": D(1), "Peter Demin": D(1), "Ann Bell": D(1),
    }  # fmt: skip
    assert found.total == {"deals": D(7), "revenue": 90 * SUM}


def test_in_two_files_the_later_version_counts(tmp_path: Path) -> None:
    """Deal 103, won in the later file, replaces the open one; three unchanged ones count once."""
    both = won(tmp_path, "deals_ru.csv", "deals_ru_2.csv")
    maria = (2, D("166922.94") + D("77000.5"))
    assert both.figures == figures({**README, "Мария Соколова": maria})
    assert both.said("source.in_two_files").data == {
        "entity": "deals",
        "count": 4,
        "lines": 8,
        "example": "103",
    }


def test_in_two_files_their_order_does_not_matter(tmp_path: Path) -> None:
    """Which version is later is told by its dates, not by the order of the files."""
    other_way = won(tmp_path, "deals_ru_2.csv", "deals_ru.csv")
    assert other_way.total["revenue"] == SUM + D("77000.5")


def test_a_deal_is_the_sum_of_its_product_lines(tmp_path: Path) -> None:
    """With product columns the deal's amount is the sum of its lines, equal ones both counted."""
    plan = """\
        sources: {crm: {type: csv, deals: deals_ru_products.csv}}
        kpis:
          amount: {from: deals, sum: amount, when: moved_at, by: id, unit: money}
          deals:  {from: deals, count: rows, when: moved_at, by: id}
          biggest: {from: deals, max: amount, when: moved_at, by: id, unit: money}
        scorecards: {all: {kpis: {amount: {weight: 40}, deals: {weight: 30}, biggest: {weight: 30}}}}
        """
    name = "deals_ru_products.csv"
    year = compute(tmp_path, plan, {name: (SAMPLES / name).read_bytes()}, period="2024")
    assert year.of("biggest") == PRODUCTS
    assert year.of("deals") == dict.fromkeys(PRODUCTS, D(1))
    assert year.left_out("amount")["no_amount"].ids == ("107",)


def test_leads_by_status_and_person(tmp_path: Path) -> None:
    """Leads count by the meaning of their captions, and dates are Moscow's."""
    plan = """\
        sources: {crm: {type: csv, leads: leads_ru.csv}}
        kpis:
          leads:     {from: leads, count: rows, when: created_at}
          converted: {from: leads, share: converted, when: created_at}
          junk:      {from: leads, share: junk, when: created_at}
        scorecards: {all: {kpis: {leads: {weight: 40}, converted: {weight: 30}, junk: {weight: 30}}}}
        """
    found = compute(
        tmp_path, plan, {"leads_ru.csv": (SAMPLES / "leads_ru.csv").read_bytes()}, period="2024-04"
    )
    with (SAMPLES / "leads_ru.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    expected: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        expected[row["Ответственный"]].append(row["Статус"])
    assert found.figures == {
        name: {
            "leads": D(len(said)),
            "converted": D(100 * said.count("Качественный лид")) / len(said),
            "junk": D(100 * said.count("Некачественный лид")) / len(said),
        }
        for name, said in expected.items()
    }


def test_ads_by_marketer(tmp_path: Path) -> None:
    """A file of the plan's own: money with a decimal comma, by marketer and by channel."""
    plan = """\
        sources:
          ads:
            type: csv
            ads: {path: ads.csv, fields: {day: {column: Дата, type: date}, owner: Маркетолог, spend: {column: Расход, type: money}, reach: Охват}}
        kpis:
          spend: {from: ads, sum: spend, when: day, unit: money}
          reach: {from: ads, sum: reach, when: day}
        scorecards: {all: {kpis: {spend: {weight: 50}, reach: {weight: 50}}}}
        """
    found = compute(tmp_path, plan, {"ads.csv": (SAMPLES / "ads.csv").read_bytes()})
    spend: dict[str, Decimal] = defaultdict(D)
    reach: dict[str, Decimal] = defaultdict(D)
    with (SAMPLES / "ads.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["Дата"].endswith("05.2024"):
                spend[row["Маркетолог"]] += D(row["Расход"].replace(",", "."))
                reach[row["Маркетолог"]] += D(row["Охват"])
    assert found.of("spend") == spend
    assert found.of("reach") == reach


def test_employees_by_alias_and_dates(tmp_path: Path) -> None:
    """`ё` or `е`, either order of names; the newcomer and the leaver belong to May."""
    plan = """\
        sources: {crm: {type: csv, deals: deals_ru.csv, employees: employees.csv}}
        kpis: {deals: {from: deals, count: rows, where: won and currency = 'Российский рубль', when: closed_at}}
        scorecards: {all: {kpis: {deals: {weight: 100}}}}
        """
    deals = (SAMPLES / "deals_ru.csv").read_text("utf-8").replace("Пётр Дёмин", "Демин Петр")
    files: Files = {
        "deals_ru.csv": deals,
        "employees.csv": (SAMPLES / "employees.csv").read_bytes(),
    }
    may = compute(tmp_path, plan, files)
    assert may.of("deals") == {name: D(n) for name, (n, _) in README.items()}
    assert may.row("Пётр Дёмин").department == "Группа ключевых клиентов"
    june = compute(tmp_path, plan, files, period="2024-06")
    assert "Пётр Дёмин" not in june.figures
    april = compute(tmp_path, plan, files, period="2024-04")
    assert "Мария Соколова" not in april.figures


def test_nobodys_deal_is_listed(tmp_path: Path) -> None:
    """Deal 117 has no responsible: it is nobody's, and it is listed."""
    plan = """\
        sources: {crm: {type: csv, deals: deals_ru.csv}}
        kpis: {created: {from: deals, count: rows, when: created_at}}
        scorecards: {all: {kpis: {created: {weight: 100}}}}
        """
    found = samples(tmp_path, plan, "deals_ru.csv")
    (nobodys,) = found.results.left_out
    assert (nobodys.reason, nobodys.count, nobodys.ids) == ("no_owner", 1, ("117",))


def test_nothing_of_the_future_is_seen(tmp_path: Path) -> None:
    """As of 10 May only what was won before it counts."""
    plan = WON.format(files="deals_ru.csv", where="won")
    files = {"deals_ru.csv": (SAMPLES / "deals_ru.csv").read_bytes()}
    found = compute(tmp_path, plan, files, as_of=datetime(2024, 5, 9, 21, tzinfo=UTC))
    assert found.total == {"deals": D(3), "revenue": D("183005.95") + D("274716.4") + D("48454.19")}
