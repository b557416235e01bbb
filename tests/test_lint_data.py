"""`check --period`: targets against the year before, and signs that a plan is worked round."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.lint.data_rules import DATA_RULES
from kpictl.lint.history import quantile
from plans import lines, write

HEAD = "ID;Сумма;Стадия сделки;Дата изменения стадии;Предполагаемая дата закрытия;Ответственный;Дата создания"
STAFF = "имя;e-mail;отдел\nАнна Белова;belova@example.ru;Москва\nОлег Ким;kim@example.ru;Москва\n"
PLAN = """\
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow, language: ru}
calendar: {country: RU, hours: "09:00-18:00"}
sources: {crm: {type: csv, deals: deals.csv, employees: staff.csv}}
kpis:
  won: {label: Сделки, from: deals, count: rows, where: won, when: WHEN}
  average: {label: Чек, from: deals, average: amount, where: won, when: WHEN, unit: money}
scorecards:
  sales: {kpis: {won: {weight: 60, target: TARGET}, average: {weight: 40, target: 1000}}}
"""
Deal = tuple[str, datetime, int, timedelta]
WEEK = timedelta(days=7)


def deal(day: str, *, who: str = "Анна Белова", amount: int = 1000, took: timedelta = WEEK) -> Deal:
    """A deal that is won on a day at noon, so long after it was created."""
    return who, datetime.strptime(f"{day} 12:00", "%Y-%m-%d %H:%M"), amount, took  # noqa: DTZ007


def usual(*, who: str = "Анна Белова", amount: int = 1000) -> list[Deal]:
    """A year of two deals a month in its midst: May 2023 to April 2024."""
    months = [f"{2023 + (n + 4) // 12}-{(n + 4) % 12 + 1:02}" for n in range(12)]
    return [deal(f"{month}-{day}", who=who, amount=amount) for month in months for day in (14, 16)]


def table(deals: Iterable[Deal], closed: str = "%d.%m.%Y") -> str:
    rows = (
        (n, amount, "Сделка успешна", f"{won:%d.%m.%Y %H:%M:%S}", won.strftime(closed), who,
         f"{won - took:%d.%m.%Y %H:%M:%S}")
        for n, (who, won, amount, took) in enumerate(deals, 1)
    )  # fmt: skip
    return lines(HEAD, rows)


def checked(
    folder: Path, deals: Iterable[Deal], *words: str, target: str = "2/month",
    when: str = "closed_at", closed: str = "%d.%m.%Y",
) -> dict[str, list[dict[str, Any]]]:  # fmt: skip
    """Return what `check -p 2024-05` remarks on: rule → its remarks."""
    plan = PLAN.replace("TARGET", target).replace("WHEN", when)
    path = write(folder, plan, {"deals.csv": table(deals, closed), "staff.csv": STAFF})
    call = [
        "check",
        "-c",
        str(path),
        "-p",
        "2024-05",
        "--as-of",
        "2024-06-10",
        "-f",
        "json",
        *words,
    ]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    found: dict[str, list[dict[str, Any]]] = {}
    for one in json.loads(done.stdout):
        if one.get("rule") in DATA_RULES:
            assert "{" not in one["message"]
            found.setdefault(one["rule"], []).append(one)
    return found


def test_a_usual_month_has_no_sign(tmp_path: Path) -> None:
    """Nothing is flagged of a month like those before it."""
    assert checked(tmp_path, [*usual(), deal("2024-05-14"), deal("2024-05-30")]) == {}


def test_wins_bunched_in_the_last_days_are_flagged_with_figures(tmp_path: Path) -> None:
    """Five of seven in the last two working days, of somebody who has none there as a rule."""
    late = [deal("2024-05-30"), *(deal("2024-05-31", amount=500) for _ in range(4))]
    found = checked(tmp_path, [*usual(), deal("2024-05-14"), deal("2024-05-15"), *late])
    (said,) = found["late_wins"]
    assert "Анна Белова, Сделки: 5 из 7 (71 %)" in said["message"]
    assert "2024-05-30..2024-05-31, обычно 0 %" in said["message"]
    assert "3 000 ₽; записи: 27, 28, 29, 30, 31" in said["message"]
    assert (said["level"], said["line"]) == ("warning", 9)
    fewer = [*usual(), *(deal("2024-05-14") for _ in range(3)), *late[:4]]
    assert "late_wins" not in checked(tmp_path, fewer)


def test_who_always_closes_at_the_end_is_not_flagged(tmp_path: Path) -> None:
    """What is usual of somebody is no sign: a wholesaler's month ends with its orders."""
    ends = [
        deal(f"2024-{month:02}-{day}") for month in range(1, 5) for day in ("14", "29", "29", "29")
    ]
    assert "late_wins" not in checked(tmp_path, [*ends, *(deal("2024-05-31") for _ in range(6))])


def test_deals_that_are_won_as_soon_as_they_are_made_are_flagged(tmp_path: Path) -> None:
    """Three won within a quarter of an hour; one created after it was won is bad data, no sign."""
    quick = [
        deal(f"2024-05-{day}", took=timedelta(minutes=took))
        for day, took in ((6, 0), (7, 15), (8, 5))
    ]
    odd = [
        deal("2024-05-13", took=timedelta(minutes=-5)),
        deal("2024-05-14", took=timedelta(minutes=16)),
    ]
    (said,) = checked(tmp_path, [*usual(), *quick, *odd])["quick_wins"]
    assert "3 из 5 выиграны не позже чем через 15 мин" in said["message"]
    assert "записи: 25, 26, 27" in said["message"]
    assert "quick_wins" not in checked(tmp_path, [*usual(), *quick[1:], *odd])


def test_small_deals_under_a_count_are_flagged(tmp_path: Path) -> None:
    """Many deals below a tenth of the median, where each counts as one; not where all are alike."""
    tiny = [deal("2024-05-15", amount=99) for _ in range(5)]
    large = [deal("2024-05-15") for _ in range(6)]
    (said,) = checked(tmp_path, [*usual(), *large, *tiny])["tiny_deals"]
    assert "5 из 11 (45 %)" in said["message"]
    assert "495 ₽" in said["message"]
    at_the_bound = [deal("2024-05-15", amount=100) for _ in range(5)]
    assert "tiny_deals" not in checked(tmp_path, [*usual(), *large, *at_the_bound])
    as_ever = [*usual(amount=50), *large, *tiny]
    assert "tiny_deals" not in checked(tmp_path, as_ever)


def test_a_date_typed_into_another_month_is_flagged(tmp_path: Path) -> None:
    """By `close_date`, which people edit, three June deals are in May; by `closed_at` none is."""
    june = [deal(f"2024-06-0{day}") for day in (3, 4, 5)]
    moved = [*usual(), deal("2024-05-15"), *june]
    (said,) = checked(tmp_path, moved, when="close_date", closed="20.05.2024")["date_moved"]
    assert "3 из 28" not in said["message"]
    assert "стадия изменена до него или после" in said["message"]
    assert "date_moved" not in checked(tmp_path, moved)


def test_wins_that_somebody_else_made_are_flagged(tmp_path: Path) -> None:
    """Three of four were moved to won by Oleg and are Anna's; one's own moves are none."""
    may = [deal(f"2024-05-1{day}") for day in range(4)]
    head, *rows = table([*usual(), *may]).splitlines()
    movers = ["Анна Белова"] * 25 + ["Олег Ким"] * 3
    text = "\n".join(
        [f"{head};Кто изменил стадию", *(f"{r};{m}" for r, m in zip(rows, movers, strict=True))]
    )
    plan = PLAN.replace("TARGET", "2/month").replace("WHEN", "closed_at")
    path = write(tmp_path, plan, {"deals.csv": text, "staff.csv": STAFF})
    call = ["check", "-c", str(path), "-p", "2024-05", "--as-of", "2024-06-10", "-f", "json"]
    said = {one.get("rule"): one for one in json.loads(CliRunner().invoke(app, call).stdout)}
    assert "Анна Белова, Сделки: 3 из 4 (75 %)" in said["won_by_others"]["message"]
    assert "записи: 26, 27, 28" in said["won_by_others"]["message"]


def test_a_target_out_of_reach_and_a_trivial_one_are_flagged(tmp_path: Path) -> None:
    """Beyond the 95th percentile of a year, or below the tenth, with what was reached how often."""
    may = [deal("2024-05-14"), deal("2024-05-15")]
    (far,) = checked(tmp_path, [*usual(), *may], target="3/month")["target_unreachable"]
    assert "Сделки, план 3 (Анна Белова, Олег Ким)" in far["message"]
    assert "0 раз из 24" in far["message"]
    (easy,) = checked(tmp_path, [*usual(), *usual(who="Олег Ким"), *may], target="1/month")[
        "target_trivial"
    ]
    assert "24 раз из 24" in easy["message"]
    fits = checked(tmp_path, [*usual(), *usual(who="Олег Ким"), *may], target="2/month")
    assert "target_trivial" not in fits
    assert "target_unreachable" not in fits


def test_short_histories_say_nothing_of_targets(tmp_path: Path) -> None:
    """Of fewer than six results no percentile is taken; months before the first record are none."""
    few = [deal(f"2024-0{month}-15") for month in (3, 4, 5)]
    assert "target_unreachable" not in checked(tmp_path, few, target="90/month")


def test_a_mask_hides_who_it_is(tmp_path: Path) -> None:
    """--mask names nobody in a remark."""
    late = [deal("2024-05-31") for _ in range(5)]
    (said,) = checked(tmp_path, [*usual(), *late], "--mask")["late_wins"]
    assert said["message"].startswith("Сотрудник 1, Сделки")


def test_signs_are_turned_off_like_any_remark(tmp_path: Path) -> None:
    """With a reason in the plan; no note says that there is nothing to remark on this month."""
    off = "lint: {ignore: {late_wins: отгрузки в конце месяца}}\n"
    late = [deal("2024-05-31") for _ in range(5)]
    plan = PLAN + off
    for deals, listed in ((late, ["отгрузки в конце месяца"]), ([deal("2024-05-14")], [])):
        files = {"deals.csv": table([*usual(), *deals]), "staff.csv": STAFF}
        path = write(
            tmp_path, plan.replace("TARGET", "2/month").replace("WHEN", "closed_at"), files
        )
        call = ["check", "-c", str(path), "-p", "2024-05", "--as-of", "2024-06-10", "-f", "json"]
        said = json.loads(CliRunner().invoke(app, call).stdout)
        assert [one["silenced"] for one in said if one.get("rule") == "late_wins"] == listed
        assert "lint.unused_silence" not in {one["code"] for one in said}


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40), st.integers(0, 100))
def test_a_quantile_lies_among_the_values_and_grows_with_its_position(
    values: list[int], percent: int
) -> None:
    """Exact, between the neighbours in proportion, the ends at 0 and 1."""
    ascending = sorted(Fraction(value) for value in values)
    found = quantile(ascending, Fraction(percent, 100))
    assert ascending[0] == quantile(ascending, Fraction(0)) <= found
    assert found <= quantile(ascending, Fraction(1)) == ascending[-1]
    assert found <= quantile(ascending, Fraction(min(percent + 1, 100), 100))
    below = sum(1 for value in ascending if value <= found)
    assert below >= Fraction(percent, 100) * (len(ascending) - 1)


def test_the_fund_that_a_scorecard_may_need_is_proved(tmp_path: Path) -> None:
    """Two salaries of 80 000 and 60 000, 40 percent at most 130 percent of it, and a pool that is
    shared once: 72 800 and 10 000, and never without --pay."""
    bonus = (
        "    bonus: {prorate: none, parts: {main: {salary_share: 40, by_index: {bands: {0: 0, 80: 50,"
        " 100: 130}}}, team: {pool: team, by: index}}}\npools: {team: 10000/month}\n"
    )
    plan = (
        PLAN.replace("TARGET", "2/month")
        .replace("WHEN", "closed_at")
        .replace(
            "{kpis: {won: {weight: 60, target: 2/month}, average: {weight: 40, target: 1000}}}",
            "\n    kpis: {won: {weight: 60, target: 2/month}, average: {weight: 40, target: 1000}}",
        )
    )
    pooled = bonus.replace("team: 10000/month", "team: {amount: 10000/month}")
    staff = (
        STAFF.replace("отдел\n", "отдел;оклад\n")
        .replace("Белова;belova@example.ru;Москва", "Белова;belova@example.ru;Москва;80000")
        .replace("ru;Москва\n", "ru;Москва;60000\n")
    )
    files = {"deals.csv": table(usual()), "staff.csv": staff}
    path = write(tmp_path, plan + pooled, files)
    call = ["check", "-c", str(path), "-p", "2024-05", "--as-of", "2024-06-10", "-f", "json"]
    said = CliRunner().invoke(app, [*call, "--pay"])
    found = [p for p in json.loads(said.stdout) if p.get("rule") == "highest_fund"]
    (one,) = found
    assert "82 800" in one["message"].replace("\u00a0", " ")
    assert "highest_fund" not in CliRunner().invoke(app, call).stdout
