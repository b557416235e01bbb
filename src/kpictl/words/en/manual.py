"""What is said of values that people type, in English."""

TEXTS: dict[str, str] = {
    "plan.late_alone": "late says what is done after a term, and there is none",
    "plan.late_alone.hint": "add due: 5, the days after the end of a period, or drop late",
    "manual.no_kpi_column": "{file} has no column that says of which KPI a value is, and several"
    " read it: {kpis}",
    "manual.no_kpi_column.hint": "add a column kpi, or give each KPI a file of its own",
    "manual.unknown_kpi": "“{name}” is no KPI of the plan: nobody takes the lines that name it"
    " ({count})",
    "manual.unknown_kpi.hint": "write the id or the label of a KPI; there are {known}",
    "manual.bad_period": "“{given}” is not a period",
    "manual.bad_period.hint": "write 2024-05, 05.2024, May 2024; a quarter as 2024-Q2",
    "manual.other_length": "“{given}” is no {every}, and each value of “{kpi}” is of a {every}",
    "manual.other_length.hint": "correct the period, or say of the KPI of what its values are:"
    " every: month, quarter, half or year",
    "manual.not_a_number": "{caption}: “{given}” is not a number that can be computed with",
    "manual.not_a_number.hint": "write a number with at most 10 decimals (marks in words get one"
    " each); leave the cell empty where there is no value",
    "manual.bad_date": "“{given}” is not a day",
    "manual.bad_date.hint": "write the day on which the value was typed: 2024-06-03",
    "manual.no_date": "there is no day, and “{kpi}” has a term (due) to hold it against",
    "manual.no_date.hint": "write the day on which the value was typed: 2024-06-03",
    "manual.no_employee": "there is a value of “{kpi}” and nobody whose it is",
    "manual.no_employee.hint": "write the employee's name or e-mail",
    "manual.nobody": "there is no employee “{name}”: this value is nobody's",
    "manual.no_author": "it is not said who typed the value, and of “{kpi}” only some may:"
    " {authors}",
    "manual.no_author.hint": "write who typed it",
    "manual.author": "{author} may not type values of “{kpi}”; who may: {authors}",
    "manual.author.hint": "have one of them type it, or add the author to authors in the plan",
    "manual.no_reason": "a second value of “{kpi}” for {employee}, {period}, without a reason; the"
    " first is {value} ({place})",
    "manual.no_reason.hint": "write in the column reason why it is another one; it holds then, and"
    " the first stays visible in explain",
    "manual.late": "“{kpi}”: {count} {count|value was|values were} typed more than {due}"
    " {due|day|days} after the end of the period, and counted: {places}",
    "manual.late.hint": "late: ignore would leave them out",
    "manual.late_ignored": "“{kpi}”: {count} {count|value was|values were} typed more than {due}"
    " {due|day|days} after the end of the period, and not taken: {places}",
    "manual.late_ignored.hint": "correct the day if it is wrong, or take them: late: warn",
}
