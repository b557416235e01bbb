"""What conditions on results say, in English."""

TEXTS: dict[str, str] = {
    "fail_on.met": "Met: {condition}, {n} {n|time|times}:",
    "fail_on.not_met": "Not met by anybody: {condition}",
    "fail_on.new": "new: {line}",
    "fail_on.over": "no longer: {line}",
    "fail_on.of.index": "index",
    "fail_on.of.rank": "rank",
    "fail_on.of.coverage": "measured",
    "fail_on.of.pace": "pace",
    "fail_on.of.attainment": "attainment",
    "fail_on.of.score": "score",
    "fail_on.of.target": "target",
    "fail_on.of.expected": "expected by now",
    "fail_on.of.forecast": "forecast",
    "fail_on.of.needed_per_day": "needed a day",
    "fail_on.name": "--fail-on: there is no {name} to ask for",
    "fail_on.name.hint": "there are: {known}",
    "fail_on.alone": "--on-change needs a condition",
    "fail_on.alone.hint": 'for example: --fail-on "pace < 80" --on-change',
    "fail_on.state": "{file}: what the last run found cannot be read, so that all is taken for new",
    "report.column.alert": "Condition met",
}
