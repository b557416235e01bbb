"""How complete the data of a period are, in English."""

TEXTS: dict[str, str] = {
    "complete.goes_on": "the period {period} is not over: computed to {day},"
    " {days} {days|day|days} to go",
    "complete.not_begun": "the period {period} has not begun",
    "complete.pull_ends": "{entity}: pulled to {at}, before {period} ends",
    "complete.pull_ends.hint": "pull what is new: kpictl pull",
    "complete.ends": "{entity}: the last record is of {last}, {days} {days|day|days} before"
    " {period} ends; usually at most {usual} pass without one",
    "complete.ends_of_few": "{entity}: the last record is of {last}, {days} {days|day|days} before"
    " {period} ends; there are too few to say whether that is usual",
    "complete.ends_of_few.hint": "check up to which day the file was exported",
    "complete.ends.hint": "check up to which day the file was exported",
    "complete.cut_months": "{kpis}: the records are dated by months ({field}); a month that"
    " does not lie wholly in {period} does not count",
    "complete.cut_months.hint": "compute a month, a quarter or a year",
    "complete.cut_spans": "{kpis}: each value is of a quarter, half-year or year, and {period}"
    " holds none of them whole",
    "complete.cut_spans.hint": "compute a longer period, or say every: month and write values of"
    " months",
    "complete.no_records": "{entity}: no record up to the end of {period}",
    "complete.no_records.hint": "check the file and its column of dates",
    "complete.not_typed": "{kpis}: nobody has typed a value of {period}; the last one is of the"
    " period that begins on {last}",
    "complete.not_typed.hint": "ask whoever types them, or check the periods in the file",
    "complete.not_typed_of": "“{kpi}”: {count} of {of} values {count|was|were} not typed"
    " ({periods}), and the term ({due} {due|day|days} after the end of the period) is over:"
    " {names}",
    "complete.not_typed_of.hint": "ask for them; who is to have no such value needs no such KPI in"
    " a scorecard either",
    "complete.silent": "{kpis}: no record in {period}; the last one was of {last} ({entity})",
    "complete.silent.hint": "check that all is exported and that stages are still called the same",
    "complete.no_ranks": "{card}: no record in {period}, so nobody is ranked",
    "report.reach": "Data up to: {list}",
    "report.about.reach": "Data up to",
    "report.reach.one": "{entity} {at}",
    "report.reach.none": "{entity} none",
}
