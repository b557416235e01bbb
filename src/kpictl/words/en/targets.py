"""What is said of targets: their files, how they were divided, made and cut, in English."""

TEXTS: dict[str, str] = {
    # files of targets
    "targets.two_forms": "some captions are KPIs and others are periods ({captions}): of which KPI"
    " and period are the numbers?",
    "targets.two_forms.hint": "make a sheet a KPI with months as columns, or a line a month with"
    " KPIs as columns",
    "targets.month_of_which_year": "“{given}”: a month of which year?",
    "targets.month_of_which_year.hint": "write “{given} 2024”, or the year into the name of the"
    " file or the sheet",
    "targets.of_which_kpi": "months are columns here, and nothing says of which KPI the"
    " numbers are",
    "targets.of_which_kpi.hint": "add a column “kpi”, or call the sheet like the KPI",
    "targets.caption_no_period": "“{given}” is no period, and there are numbers below it",
    "targets.caption_no_period.hint": "write it like “May 2024” or “05.2024”, or move the column"
    " before the months",
    "targets.caption_no_kpi": "“{given}” is no KPI of the plan: the numbers below it are no"
    " targets",
    "targets.caption_no_kpi.hint": "write its id or its label, or take the column out",
    "targets.whose_line": "the line has numbers, and does not say whose they are",
    "targets.whose_line.hint": "name the employee, or write “company”; take out a line of totals",
    "targets.columns_left_out": "columns that are no targets were left out: {names}",
    "targets.lines_left_out": "{count} {count|line|lines} of totals left out: {lines}",
    "targets.zeros": "{count} {count|cell holds|cells hold} 0: taken for no target",
    "targets.sheets_left_out": "sheets that are called like no KPI and no period were left out:"
    " {names}",
}
