"""The file of accounting."""

TEXTS: dict[str, str] = {
    "payroll.sheet": "Payroll",
    "payroll.ground": "computed for {period} by the plan {plan} as of {as_of}",
    "payroll.control": "Rows: {rows}, control sum {sum}",
    "payroll.unknown_amounts": "the amount is not known, the file lacks: {names}",
    "payroll.unknown_amounts.hint": (
        "add what is missing (kpictl explain pay -e NAME --pay), or write the file "
        "without these people: --partial"
    ),
    "payroll.unknown": "the column “{caption}” cannot hold {name}",
    "payroll.unknown.hint": ("there are: {known}; a text stands in quotes: \"'P01'\""),
    "payroll.without_payout": "the file of accounting has no column with the amount",
    "payroll.without_payout.hint": "add a column: Sum: payout",
}
