"""The lint of `check`: what is allowed in a plan and often regretted, and how it is turned off."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.lint.data_rules import DATA_RULES
from kpictl.lint.rules import PLAN_RULES
from kpictl.plan.lint import RULE_IDS
from kpictl.words import LANGUAGES, has, table
from plans import write

DOCS = Path(__file__).parent.parent / "docs"

FILES = {
    "deals.csv": "ID;Сумма;Стадия сделки;Дата изменения стадии;Ответственный;Дата создания\n"
    "1;100;Сделка успешна;10.05.2024 12:00:00;Анна Белова;01.05.2024 12:00:00\n",
    "m.csv": "employee,kpi,period,value,author,date\nАнна Белова,mark,2024-05,4,Ira,2024-06-03\n",
}
KPIS = """\
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at}
  won: {label: Сделки, from: deals, count: rows, where: won, when: closed_at}
  made: {from: deals, count: rows, when: created_at}
  average: {from: deals, average: amount, where: won, when: closed_at}
  share: {from: deals, share: won, when: created_at}
  mark: {manual: m.csv}
  per_deal: {formula: mark / won}
"""
VOLUMES = ("revenue", "won", "made")


def check(folder: Path, plan: str, *words: str, files: Any = FILES) -> tuple[int, str]:
    """Run `kpictl check` on a plan; return its exit code and what it prints."""
    path = write(folder, plan, files)
    done = CliRunner().invoke(app, ["check", "-c", str(path), *words])
    assert not done.exception or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def remarks(folder: Path, plan: str, *words: str, files: Any = FILES) -> dict[str, dict[str, Any]]:
    """Return what the lint says of a plan: rule → its remark as JSON."""
    code, text = check(folder, plan, "-f", "json", *words, files=files)
    listed = json.loads(text)
    assert code == 0, listed
    return {one["rule"]: one for one in listed if "rule" in one}


def card(kpis: str, more: str = "") -> str:
    """Return a plan of one scorecard, with targets for whatever needs one."""
    body = f"{KPIS}scorecards:\n  sales:\n    label: Продажи\n"
    lines = dedent(more).strip().splitlines()
    return body + "".join(f"    {line}\n" for line in [f"kpis: {{{kpis}}}", *lines])


def weights(**kpis: float) -> str:
    return ", ".join(
        f"{kpi}: {{weight: {weight}, target: {'10/month' if kpi in VOLUMES else 10}}}"
        for kpi, weight in kpis.items()
    )


BASE = "score: {base: 0, norm: 10}"
EIGHT = KPIS + "".join(
    f"  k{n}: {{from: deals, average: amount, when: created_at}}\n" for n in range(8)
)


def of_conversion(more: str) -> str:
    rate = "{from: deals, to: deals, where: won, basis: period, via: id}"
    return (
        f"{KPIS}  rate: {{conversion: {rate}, when: created_at{more}}}\n"
        "scorecards: {s: {kpis: {rate: {weight: 100, target: 20}}}}\n"
    )


def paying(bonus: str, more: str = "") -> str:
    """Return a plan that pays, whose index is 120 at most."""
    scored = "revenue: {weight: 60, target: 10/month, cap: 120}, average: {weight: 40, target: 9, cap: 120}"
    body = bonus[:-1] + ", prorate: none}"
    return card(scored, f"bonus: {body}\n{more}")


# Rule → a plan that it remarks on, and one beside it that is right.
EXAMPLES: dict[str, tuple[str, str]] = {
    "many_kpis": (
        EIGHT + "scorecards: {s: {kpis: {" + ", ".join(
            f"k{n}: {{weight: 12.5, {BASE}}}" for n in range(8)) + "}}}\n",
        EIGHT + "scorecards: {s: {kpis: {" + ", ".join(
            f"k{n}: {{weight: {20 if n < 5 else 0}, {BASE}}}" for n in range(8)) + "}}}\n",
    ),
    "light": (card(weights(revenue=50, average=46, share=4)), card(weights(revenue=50, average=45, share=5))),
    "heavy": (card(weights(revenue=61, average=39)), card(weights(revenue=60, average=40))),
    "count_without_quality": (
        card(weights(won=50, made=50)),
        card(weights(won=50, made=50), "gates: {q: {when: average > 5, then: payout * 0.5}}"),
    ),
    "same_records": (card(weights(revenue=50, won=50)), card(weights(revenue=50, made=50))),
    "manual_weight": (
        card(weights(revenue=60, mark=15, per_deal=25)),
        card(weights(revenue=60, mark=20, average=20)),
    ),
    "company_weight": (
        card("revenue: {weight: 51, target: 10, level: company}, average: {weight: 49, target: 10}"),
        card("revenue: {weight: 50, target: 10, level: company}, average: {weight: 50, target: 10}"),
    ),
    "period_conversion": (of_conversion(""), of_conversion(", min_n: 10")),
    "negative_points": (
        card("revenue: {weight: 60, target: 10}, average: {weight: 40, target: 10, floor: -50}"),
        card("revenue: {weight: 60, target: 10}, average: {weight: 40, target: 10, floor: 0}"),
    ),
    "fine": (
        card(weights(revenue=60, average=40), "gates: {штраф_за_срок: {when: share < 5, then: payout * 0.5}}"),
        card(weights(revenue=60, average=40), "gates: {refined: {when: share < 5, then: payout * 0.5}}"),
    ),
    "pay_cliff": (
        paying("{salary_share: 40, by_index: {bands: {70: 30, 100: 100}}}"),
        paying("{salary_share: 40, by_index: {bands: {70: 29, 80: 58, 90: 87, 100: 100}}}"),
    ),
    "whole_tier": (
        paying("{commission: {of: revenue, whole: {0: 5, 100: 8}}}"),
        paying("{commission: {of: revenue, marginal: {0: 5, 100: 8}}}"),
    ),
    "falling_scale": (
        paying("{fixed: 100, by_index: {curve: {0: 100, 100: 80}}}"),
        paying("{fixed: 100, by_index: {curve: {0: 0, 100: 80}}}"),
    ),
    "unreachable_band": (
        paying('{fixed: 100, by_index: {bands: {80: 20, ">120": 40}}}'),
        paying("{fixed: 100, by_index: {bands: {80: 20, 120: 40}}}"),
    ),
    "idle_gate": (
        paying("{fixed: 100}", "gates: {q: {when: share < 0, then: zero}}"),
        paying("{fixed: 100}", "gates: {q: {when: share <= 0, then: zero}}"),
    ),
    "negative_pay": (
        paying("{commission: {of: revenue, rate: -1}}"),
        paying("{commission: {of: revenue, rate: 0}}"),
    ),
    "no_ceiling": (
        paying("{commission: {of: revenue, rate: 1}}"),
        paying("{commission: {of: revenue, rate: 1}, cap: 50000}"),
    ),
    "highest_pay": (
        paying("{fixed: 1000, by_index: {curve: {0: 0, 100: 100}}}"),
        paying("{commission: {of: revenue, rate: 1}}"),
    ),
    "missing_terms": (
        paying("{fixed: 1000, by_index: linear}"),
        paying("{label: Премия, fixed: 1000, by_index: linear}") + "pay: {due: до 15 числа}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", PLAN_RULES)
def test_a_rule_remarks_on_what_is_wrong_and_on_nothing_beside_it(
    tmp_path: Path, rule: str
) -> None:
    """Each rule speaks at its bound, with the place and all figures, and is silent just before."""
    wrong, right = EXAMPLES[rule]
    said = remarks(tmp_path, wrong)[rule]
    assert said["level"] == PLAN_RULES[rule].level  # type: ignore[index]
    assert said["line"]
    assert said["code"] == f"lint.{rule}"
    assert "{" not in said["message"]
    assert said["silenced"] is None
    assert "{" not in remarks(tmp_path, wrong, "--lang", "en")[rule]["message"]
    assert rule not in remarks(tmp_path, right)


def test_a_rule_that_is_turned_off_is_listed_with_its_reason(tmp_path: Path) -> None:
    """The plan says why it is right: then nothing warns, -v and the JSON still show the remark."""
    off = "lint: {ignore: {heavy: одна цель на квартал}}"
    plan = card(weights(revenue=70, average=30), off)
    said = remarks(tmp_path, plan)["heavy"]
    assert (said["level"], said["silenced"]) == ("note", "одна цель на квартал")
    code, text = check(tmp_path, plan, "--strict")
    assert code == 0
    assert "heavy" not in text
    assert "Отключено в плане: 1 замечание" in text
    _, long = check(tmp_path, plan, "-v")
    assert "[heavy] (отключено: одна цель на квартал)" in " ".join(long.split())


def test_a_scorecard_turns_a_rule_off_for_itself_alone(tmp_path: Path) -> None:
    """What one scorecard has a reason for is still said of another; the plan's own section is for
    all of them."""
    both = card(weights(revenue=70, average=30), "lint: {ignore: {heavy: так и надо}}")
    both += f"  other: {{kpis: {{{weights(revenue=80, average=20)}}}}}\n"
    said = remarks(tmp_path, both)["heavy"]
    assert said["silenced"] is None
    assert "80 %" in said["message"]
    whole = both.replace("    lint: {ignore: {heavy: так и надо}}\n", "")
    whole += "lint: {ignore: {heavy: так и надо}}\n"
    assert check(tmp_path, whole, "--strict")[0] == 0


@pytest.mark.parametrize(
    ("off", "code", "hint"),
    [
        ("{hevy: так и надо}", "plan.choice", "heavy"),
        ("{heavy: }", "plan.silence_reason", "почему"),
        ("{heavy: '  '}", "plan.silence_reason", "почему"),
        ("{heavy: 1}", "plan.silence_reason", "почему"),
    ],
)
def test_what_turns_nothing_off_is_a_mistake(
    tmp_path: Path, off: str, code: str, hint: str
) -> None:
    """A rule that there is not gets a suggestion; without a reason nothing is turned off."""
    plan = card(weights(revenue=70, average=30), f"lint: {{ignore: {off}}}")
    exit_code, text = check(tmp_path, plan, "-f", "json")
    (said,) = json.loads(text)
    assert (exit_code, said["code"], said["level"]) == (3, code, "error")
    assert hint in said["hint"]
    assert said["line"] == 16


def test_a_silence_that_is_needed_no_more_is_said(tmp_path: Path) -> None:
    """Where a rule has nothing to remark on any more, the line in the plan is to go."""
    plan = card(weights(revenue=60, average=40)) + "lint: {ignore: {heavy: раньше было 70}}\n"
    _, text = check(tmp_path, plan, "-f", "json")
    said = {one["code"]: one for one in json.loads(text)}["lint.unused_silence"]
    assert said["level"] == "note"
    assert "раньше было 70" in said["message"]


def test_strict_and_quiet_mean_of_the_lint_what_they_mean_of_warnings(tmp_path: Path) -> None:
    """--strict ends with code 5 at a remark, --quiet prints none; no remark stops anything."""
    plan = card(weights(revenue=70, average=30))
    code, text = check(tmp_path, plan)
    assert code == 0
    assert "[heavy]" in text
    assert "lint: {ignore: {heavy: причина}}" in text
    assert check(tmp_path, plan, "--strict")[0] == 5
    assert "heavy" not in check(tmp_path, plan, "--quiet")[1]


def test_a_plan_with_mistakes_is_mended_first(tmp_path: Path) -> None:
    """Advice on a plan that is refused would hide what is to be mended."""
    plan = card(weights(revenue=70, average=20))
    code, text = check(tmp_path, plan, "-f", "json")
    assert code == 3
    assert [one["code"] for one in json.loads(text)] == ["card.weights"]


def test_every_rule_has_its_words_and_its_line_in_the_documentation() -> None:
    """A rule on the shelf is known to the plan, to both languages and to the page, and no other."""
    shelf = [*PLAN_RULES, *DATA_RULES]
    assert shelf == list(RULE_IDS)
    assert set(EXAMPLES) >= set(PLAN_RULES)
    page = (DOCS / "lint.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == shelf
    for lang in LANGUAGES:
        own = {key.split(".")[1] for key in table(lang) if key.startswith("lint.")}
        assert own >= set(shelf)
        assert all(has(lang, f"lint.{rule}.hint") for rule in shelf)


def test_different_clients_are_not_the_same_records_as_revenue(tmp_path: Path) -> None:
    """Each deal adds to the revenue, and only the first of a client to the number of clients."""
    plan = KPIS + "  clients: {from: deals, count: distinct id, where: won, when: closed_at}\n"
    cards = weights(revenue=60) + ", clients: {weight: 40, target: 2/month}"
    assert "same_records" not in remarks(
        tmp_path, plan + f"scorecards: {{s: {{kpis: {{{cards}}}}}}}\n"
    )
