"""Awards, in English."""

TEXTS: dict[str, str] = {
    "award.title": "Awards",
    "award.sheet": "Awards",
    "award.head.award": "Award",
    "award.head.name": "To",
    "award.head.proof": "For",
    "award.nobody": "to nobody",
    "award.hidden": "to none of those shown ({n})",
    "award.undecided": "to nobody; of {n} {n|person|people} it cannot be said:"
    " too little is known of earlier periods",
    "award.held": "{n} of {of} {of|period|periods}",
    "award.most_improved": "{what} against {base}, the mean of the {n}"
    " {n|period|periods} before ({gain})",
    "award.record": "{what}: the best of {n} {n|period|periods}, the best before"
    " was {base} ({gain})",
    "award.gates": "no gate has failed",
    "award.months": "{n} {n|month|months} of service",
    "report.column.awards": "Awards",
    "report.column.award_proof": "For",
    "award.scorecard": "there is no scorecard “{name}”",
    "award.scorecard.hint": "there are {known}",
    "award.kpi": "the scorecards of the award have no KPI “{name}”",
    "award.kpi.hint": "they have {known}",
    "plan.award_for": "“{given}” does not say in how many periods",
    "plan.award_for.hint": "write 3 periods, or 5 of 6 periods",
    "plan.award_count": "“{given}” does not say how many periods",
    "plan.award_count.hint": "write a number and the word: 3 periods",
    "plan.award_periods": "“{given}”: from 2 to {most} periods, the first number not above"
    " the second",
    "plan.award_tenure": "“{given}” does not say how long a service",
    "plan.award_tenure.hint": "write 12 months, or 1 year",
    "plan.award_two": "most_improved and record together are two awards",
    "plan.award_two.hint": "make the second one under an id of its own",
    "plan.award_nothing": "the award has no condition: everybody would get it",
    "plan.award_nothing.hint": "add when, every, most_improved or record",
    "plan.award_of": "of chooses what is compared, and the award compares nothing",
    "plan.award_of.hint": "add most_improved or record",
    "plan.award_for_what": "for says in how many periods a condition holds, and there is none",
    "plan.award_for_what.hint": "add when or every",
}
