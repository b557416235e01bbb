"""The words of a person's page."""

TEXTS: dict[str, str] = {
    "card.rank": "{rank} of {rated}",
    "card.place": "Rank",
    "card.pay": "Pay",
    "card.remarks": "Remarks",
    "card.insight": "Strengths and weaknesses",
    "card.ahead": "What comes next",
    "card.trend": "Index by period",
    "card.head.kpi": "KPI",
    "card.head.weight": "Weight",
    "card.head.fact": "Fact",
    "card.head.target": "Target",
    "card.head.attainment": "Attainment",
    "card.head.points": "Points",
    "card.head.contribution": "Contribution",
    "card.one_more": (
        "{kpi}: one more typical record ({amount}, the median of {n} of one's own) would "
        "change the index by {gain}"
    ),
    "card.one_more_counted": "{kpi}: one more record would change the index by {gain}",
    "card.one_more_pay": "the pay by {pay}",
    "card.next_from": (
        "{of}: {lacking} to the next step ({edge}); there {percent} % instead of {now} %"
    ),
    "card.next_above": (
        "{of}: the next step is above {edge}, more than {lacking} awa"
        "y; there {percent} % instead of {now} %"
    ),
    "card.whose": "name one employee, or add --all",
    "card.whose.hint": "kpictl card Roe, or kpictl card --all",
    "card.nobody": "nobody is on any scorecard in this period",
    "card.nobody.hint": "look at --period, --scorecard and --department",
}
