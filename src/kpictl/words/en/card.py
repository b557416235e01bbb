"""The words of a person's page."""

TEXTS: dict[str, str] = {
    "page.rank": "{rank} of {rated}",
    "page.place": "Rank",
    "page.pay": "Pay",
    "page.remarks": "Remarks",
    "page.insight": "Strengths and weaknesses",
    "page.ahead": "What comes next",
    "page.trend": "Index by period",
    "page.head.kpi": "KPI",
    "page.head.weight": "Weight",
    "page.head.fact": "Fact",
    "page.head.target": "Target",
    "page.head.attainment": "Attainment",
    "page.head.points": "Points",
    "page.head.contribution": "Contribution",
    "page.one_more": (
        "{kpi}: one more typical record ({amount}, the median of {n} of one's own) would "
        "change the index by {gain}"
    ),
    "page.one_more.same": (
        "{kpi}: one more typical record ({amount}, the median of {n} of one's own) would "
        "change nothing"
    ),
    "page.one_more_counted.same": "{kpi}: one more record would change nothing",
    "page.one_more_counted": "{kpi}: one more record would change the index by {gain}",
    "page.one_more_pay": "the pay by {pay}",
    "page.next_from": (
        "{of}: {lacking} to the next step ({edge}); there {percent} % instead of {now} %"
    ),
    "page.next_above": (
        "{of}: the next step is above {edge}, more than {lacking} away; "
        "there {percent} % instead of {now} %"
    ),
    "card.whose": "name one employee, or add --all",
    "card.whose.hint": "kpictl card Roe, or kpictl card --all",
    "card.nobody": "nobody is on any scorecard in this period",
    "card.nobody.hint": "look at --period, --scorecard and --department",
}
