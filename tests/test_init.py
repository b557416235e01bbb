"""`kpictl init`: a plan to start from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from kpictl.cli import app
from kpictl.plan.load import load

ROOT = Path(__file__).parent.parent
TEMPLATES = ("sales", "marketing", "support")
LANGUAGES = ("ru", "en")
# The example of each name is in the language of the company that it tells of.
OF_THE_EXAMPLES = (("sales", "ru"), ("marketing", "ru"), ("support", "en"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    return tmp_path


def init(*words: str) -> str:
    done = CliRunner().invoke(app, ["init", *words])
    assert done.exit_code == 0, done.stderr
    return Path("kpi.yaml").read_text("utf-8")


@pytest.mark.parametrize(("template", "lang"), OF_THE_EXAMPLES)
def test_a_template_measures_what_the_example_of_its_name_does(
    here: Path, template: str, lang: str
) -> None:
    """What `init` writes has the KPIs and weights that the documents show; an example pays, agrees
    with accounting and reaches further back besides."""
    written = yaml.safe_load(init("-t", template, "--lang", lang))
    example = yaml.safe_load((ROOT / "examples" / template / "kpi.yaml").read_text("utf-8"))
    assert written["kpis"].items() <= example["kpis"].items()
    assert written["company"] == example["company"]
    assert [*written["scorecards"]] == [*example["scorecards"]]
    for card, spec in written["scorecards"].items():
        assert spec["kpis"] == example["scorecards"][card]["kpis"]


def bones(value: Any) -> Any:
    """Return the shape of a plan without its words: keys, numbers, and that there is a text."""
    if isinstance(value, dict):
        return {
            str(key) if str(key).isascii() else "…": bones(inner) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [bones(inner) for inner in value]
    return "…" if isinstance(value, str) else value


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_there_in_each_language(here: Path, template: str) -> None:
    """Both languages measure the same things by the same weights; each speaks its own."""
    ru, en = (yaml.safe_load(init("-t", template, "--lang", lang, "--force")) for lang in LANGUAGES)
    assert bones(ru["kpis"]) == bones(en["kpis"])
    assert bones(ru["scorecards"]) == bones(en["scorecards"])
    assert (ru["company"]["language"], en["company"]["language"]) == LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_a_sound_plan(here: Path, template: str, lang: str) -> None:
    """Every template loads, and an English one has no Russian word in it."""
    text = init("-t", template, "--lang", lang)
    assert load(here / "kpi.yaml", {}).problems == ()
    assert bool(re.search("[а-яё]", text)) == (lang == "ru")


@pytest.mark.parametrize(("locale", "lang"), [("ru_RU.UTF-8", "ru"), ("en_GB.UTF-8", "en")])
def test_the_language_is_the_locales_unless_asked_for(
    here: Path, monkeypatch: pytest.MonkeyPatch, locale: str, lang: str
) -> None:
    """Without a plan that says otherwise, the terminal's language decides."""
    monkeypatch.setenv("LC_ALL", locale)
    assert f"language: {lang}" in init()


def test_an_existing_plan_is_kept_unless_forced(here: Path) -> None:
    """`init` never overwrites a plan that somebody may need."""
    (here / "kpi.yaml").write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(app, ["init"])
    assert refused.exit_code == 2
    assert (here / "kpi.yaml").read_text("utf-8") == "mine"
    assert "kpictl: 1" in init("--force")


def test_an_unknown_template_names_those_there_are(here: Path) -> None:
    """A misspelt template is answered with the list."""
    refused = CliRunner().invoke(app, ["init", "-t", "sale"])
    assert refused.exit_code == 2
    assert "marketing" in refused.stderr
    assert not (here / "kpi.yaml").exists()
