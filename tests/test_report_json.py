"""The JSON contract: read back by other parsers, described by its schema."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kpictl.report import FORMATS, Options, render
from kpictl.report.json import schema, to_dict
from kpictl.values import Results
from results_sample import HOSTILE, REVENUE, alone, measured, people, sales, sample


def written(results: Results, **options: Any) -> str:
    text = render(results, "json", Options(**options))
    assert isinstance(text, str)
    return text


def read(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def test_output_follows_the_shipped_schema() -> None:
    """Everything that is written validates, and the schema itself is sound."""
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    for results in (sample(), alone(sales([])), replace(sample(), data_as_of=None)):
        assert list(validator.iter_errors(read(written(results)))) == []


def test_the_schema_describes_every_field_that_is_written() -> None:
    """Closed against unknown fields, the schema still accepts the output; all have descriptions."""

    def closed(node: dict[str, Any]) -> dict[str, Any]:
        if "properties" in node:
            node.setdefault("additionalProperties", False)
            assert all("description" in p or "const" in p for p in node["properties"].values())
        for value in node.values():
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, dict):
                    closed(child)
        return node

    jsonschema.Draft202012Validator(closed(schema())).validate(read(written(sample())))


def test_the_shape_is_the_documented_one() -> None:
    """The keys of the contract are where the documentation says, in a stable order."""
    found = read(written(sample()))
    assert found["kpictl"] == 1
    assert found["period"] == {
        "text": "2024-05",
        "from": "2024-05-01T00:00:00+03:00",
        "to": "2024-06-01T00:00:00+03:00",
    }
    assert found["data_as_of"] == "2024-06-02T08:15:00+03:00"
    assert datetime.fromisoformat(found["as_of"]).utcoffset() is not None
    assert found["plan"]["file"] == "kpi.yaml"
    row = found["scorecards"][0]["rows"][0]
    assert row["rank"] == 1
    assert row["index"] == Decimal("118.4237")
    kpi = row["kpis"]["revenue"]
    assert kpi["value"] == Decimal("1655420.5")
    assert kpi["target"] == 1400000
    assert kpi["target_place"] == "kpi.yaml:52:7"
    assert kpi["state"] == "measured"
    conversion = row["kpis"]["lead_conversion"]
    assert (conversion["numerator"], conversion["denominator"]) == (9, 29)
    assert found["totals"]["sales"]["kpis"]["revenue"]["value"] == Decimal("6864720.53")
    assert found["totals"]["company"]["kpis"]["revenue"]["target"] == 12000000
    assert found["totals"]["support"] is None
    assert found["left_out"][0]["amount"] == 183000
    assert found["warnings"][0]["place"] == "kpi.yaml:12:3"


def test_absence_is_null_with_a_state() -> None:
    """Where there is no value, null and the reason; never zero, never NaN."""
    kpi = read(written(sample()))["scorecards"][0]["rows"][2]["kpis"]["average_deal"]
    assert kpi["value"] is None
    assert (kpi["state"], kpi["n"], kpi["need"]) == ("insufficient", 2, 3)
    zero = read(written(sample()))["scorecards"][0]["rows"][5]["kpis"]["revenue"]
    assert (zero["value"], zero["state"]) == (0, "measured")


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("1699300.03", "1699300.03"),
        ("0.0000000001", "0.0000000001"),
        ("100000000000000000000000000.07", "100000000000000000000000000.07"),
        ("-0.1", "-0.1"),
    ],
)
def test_numbers_are_written_digit_by_digit(value: str, digits: str) -> None:
    """No number passes through a float or an exponent."""
    row = replace(people()[0], scores=(measured(REVENUE, value, "1E+6"), *people()[0].scores[1:]))
    text = written(alone(sales([row])))
    assert f'"value": {digits},' in text
    assert '"target": 1000000,' in text
    assert "E+" not in text


def test_text_is_readable_and_harmless() -> None:
    """Cyrillic is written as it is; what a terminal would obey is escaped; it reads back equal."""
    text = written(sample())
    assert "Анна Белова" in text
    assert "\x1b" not in text
    assert text.endswith("}\n")
    assert '\n  "period": {\n    "text"' in text
    names = [row["name"] for card in read(text)["scorecards"] for row in card["rows"]]
    assert set(HOSTILE) <= set(names)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_name_reads_back_equal(name: str) -> None:
    """Whatever a name holds, any JSON parser returns it unchanged and UTF-8 can carry it."""
    row = replace(people()[0], name=name)
    text = written(alone(sales([row])))
    text.encode("utf-8")
    assert read(text)["scorecards"][0]["rows"][0]["name"] == name


@given(st.fractions(max_denominator=10**6))
def test_any_value_reads_back_exactly(exact: Fraction) -> None:
    """The decimal in the file is the decimal of the value, to the last digit."""
    fact = replace(people()[0].scores[0].fact, exact=Fraction(exact))
    score = replace(people()[0].scores[0], fact=fact)
    row = replace(people()[0], scores=(score, *people()[0].scores[1:]))
    found = read(written(alone(sales([row]))))
    assert found["scorecards"][0]["rows"][0]["kpis"]["revenue"]["value"] == fact.value


def test_results_offer_the_same_dictionary() -> None:
    """`Results.to_dict()` is what the file says, with decimals in place of its numbers."""
    assert to_dict(sample()) == sample().to_dict()
    assert sample().to_dict() == read(written(sample()))


def test_every_format_can_be_asked_for_by_name() -> None:
    """The shelf's list and its modules agree."""
    for form in FORMATS:
        assert render(sample(), form, Options(lang="en"))
