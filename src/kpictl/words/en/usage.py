"""What is wrong with a question, and the few words of the command line itself, in English."""

TEXTS: dict[str, str] = {
    # mistakes in asking
    "usage.no_scorecard": "the plan has no scorecard {name}",
    "usage.no_kpi": "there is no KPI {name}",
    "usage.no_person": "neither the employees nor the records have “{name}”",
    "usage.no_department": "the scorecards have no department {name}",
    "usage.many_people": "“{name}”: several employees fit: {people}",
    "usage.many_people.hint": "give the e-mail",
    "usage.index_of_whom": "an index is a person's, and it does not say whose",
    "usage.index_of_whom.hint": "name the employee: --employee Smith",
    "usage.template": "there is no template “{given}”",
    "usage.exists": "the file {file} is already there and was left alone",
    "usage.exists.hint": "name another: --config file.yaml, or replace this one: --force",
    "usage.binary_output": "{format} cannot be shown on a screen",
    "usage.binary_output.hint": "name a file: -o result.{format}",
    "usage.ending": "the name {file} does not say which format to write",
    "usage.ending.hint": "name it: --format, or use one of the endings {known}",
    "usage.output": "the file {file} cannot be written: {detail}",
    "usage.output.hint": "check folder and rights; if it is open in Excel, close it",
    "usage.language": "there is no language “{given}”",
    "usage.no_plan": "there is no plan {file} in this folder or above",
    "usage.no_plan.hint": "make one: kpictl init, or name it: --config path/kpi.yaml",
    "usage.as_of": "“{given}” is neither a day nor a moment",
    "usage.as_of.hint": "write 2024-05-31 or 2024-05-31T18:00",
    "period.unknown": "“{text}” is not a period",
    "period.unknown.hint": "write, for example: {forms}",
    "period.backwards": "the period {text} ends before it begins",
    "period.backwards.hint": "swap the dates",
    # the command line itself
    "usage.sound": "The plan {file} is sound: {kpis} {kpis|KPI|KPIs}, {cards}"
    " {cards|scorecard|scorecards}.",
    "usage.written": "The plan is in {file}. Check it: kpictl check",
    "usage.interrupted": "Interrupted. Nothing was changed.",
    "usage.system": "The system refused: {detail}. Check the rights and the space on the disk.",
    "usage.bug": "Internal error of kpictl ({where}): {detail}. Your files are untouched."
    " Please repeat with --verbose and send the output to the developers.",
}
