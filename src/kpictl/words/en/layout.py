"""What is said of the form of tables with targets and marks, in English."""

TEXTS: dict[str, str] = {
    "layout.two_forms": "some captions are KPIs and others are periods ({captions}): of which KPI"
    " and period are the numbers?",
    "layout.two_forms.hint": "make a sheet a KPI with months as columns, or a line a month with"
    " KPIs as columns",
    "layout.month_of_which_year": "“{given}”: a month of which year?",
    "layout.month_of_which_year.hint": "write “{given} 2024”, or the year into the name of the"
    " file or the sheet",
    "layout.of_which_kpi": "months are columns here, and nothing says of which KPI the numbers are",
    "layout.of_which_kpi.hint": "add a column “kpi”, or call the sheet like the KPI",
    "layout.caption_no_period": "“{given}” is no period, and there are numbers below it",
    "layout.caption_no_period.hint": "write it like “May 2024” or “05.2024”, or move the column"
    " before the months",
    "layout.caption_no_kpi": "“{given}” is no KPI: the numbers below it are not taken",
    "layout.caption_no_kpi.hint": "write its id or its label, or take the column out",
    "layout.whose_line": "the line has numbers, and does not say whose they are",
    "layout.whose_line.hint": "name the employee (a target may be the company's: “company”); take"
    " out a line of totals",
    "layout.columns_left_out": "columns of something else were left out: {names}",
    "layout.lines_left_out": "{count} {count|line|lines} of totals left out: {lines}",
    "layout.caption_unknown": "“{given}” is neither a period nor a KPI, and no column is called"
    " {captions}",
    "layout.caption_unknown.hint": "write months like “May 2024”, KPIs by id or label, or call the"
    " column of numbers by one of these words",
    "layout.zeros": "{count} {count|cell holds|cells hold} 0: taken for no target",
    "layout.sheets_left_out": "sheets that are called like no KPI and no period were left out:"
    " {names}",
    "layout.decimal_sign": "{caption}: “{value}” was read as {read}: nothing in the column says"
    " whether it is {other}",
    "layout.decimal_sign.hint": "write it without groups: {read}, or else {other}",
}
