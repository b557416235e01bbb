"""What is said of targets: their files, how they were divided, made and cut, in English."""

TEXTS: dict[str, str] = {
    # files of targets
    # cascade, growth, proration
    "plan.growth": "“{given}” is no growth",
    "plan.growth.hint": "write, for example: {forms}",
    "targets.since_of_what": "{kpi}: “{given}” from a day on: per what?",
    "targets.since_of_what.hint": "write {given}/month",
    "cascade.no_volume": "{kpi} does not add up: its goal cannot be divided",
    "cascade.no_volume.hint": "give the people a target of their own, or the scorecard",
    "cascade.to": "{name} is no scorecard with {kpi}",
    "cascade.to.hint": "one of {known}",
    "cascade.of": "departments cannot be divided among departments",
    "cascade.of.hint": "leave out `of`: the company's goal is divided among them",
    "cascade.by": "in which proportion: `by` or `weights`?",
    "cascade.by.hint": "write one of them: by: equal, headcount, fte, last_year_share, prev_share;"
    " or weights: {name: 2, other: 1}",
    "cascade.weights": "no weight is above zero: nobody would get anything",
    "cascade.under": "{kpi}: targets add up to {total} of {goal}: {percent}%, {difference} less",
    "cascade.over": "{kpi}: targets add up to {total} of {goal}: {percent}%, {difference} more",
    "cascade.under.department": "{kpi}, {name}: targets of its people add up to {total} of {goal}:"
    " {percent}%, {difference} less",
    "cascade.over.department": "{kpi}, {name}: targets of its people add up to {total} of {goal}:"
    " {percent}%, {difference} more",
    "cascade.nobody": "{kpi}: {goal} is given to nobody: none of those who should share it was"
    " there in the period ({names})",
    "cascade.nobody.hint": "give the goal to others: a target of their own, or another department",
    "cascade.nothing_left": "{kpi}: nothing of {goal} is left to divide: others have {kept} of"
    " their"
    " own",
    "cascade.nothing_left.hint": "lower those targets, or raise the goal",
    "cascade.no_history": "{kpi}: {count} {count|has|have} nothing in {period} and got an equal"
    " share: {names}",
    "targets.no_base": "{kpi}: no target for {names}: there is nothing to grow from",
    "targets.no_base.hint": "write a number for them: employee.…",
    "targets.as_written": "{kpi}: the target of {name} is written by name and taken whole, for"
    " {days}"
    " of {of} working days",
    "targets.as_written.hint": "to prorate such ones, too: targets: {prorate: all}",
    "target.working_days": "working days",
    "target.calendar_days": "calendar days",
    "target.working_days.less": "working {days|day|days}",
    "target.calendar_days.less": "calendar {days|day|days}",
    "target.working_days.part": "working days",
    "target.calendar_days.part": "calendar days",
    "target.rounded": ", rounded to {step}",
    "explain.level.cascade": "a share of the goal",
    "step.growth.prev": "the period before, {period}: {value}, {n} {n|record|records}; {percent}%"
    " more;"
    " {command}",
    "step.growth.1y": "a year before, {period}: {value}, {n} {n|record|records}; {percent}% more;"
    " {command}",
    "step.growth.best": "the best of {count} {count|period|periods}, {period}: {value}, {n}"
    " {n|record|records}; {percent}% more; {command}",
    "step.cascade.parent": "{name}: {value}{derivation}{place}",
    "step.cascade.kept": "less what {count} {count|has|have} of their own: {value}",
    "step.cascade.equal": "divided equally among {count}: {percent}%",
    "step.cascade.headcount": "divided by headcount: {own} of {all}, {percent}%",
    "step.cascade.fte": "divided by full posts: {own} of {all}, {percent}%",
    "step.cascade.weights": "divided by weights: {own} of {all}, {percent}%",
    "step.cascade.last_year_share": "divided by {kpi} of {period}: {own} of {all}, {percent}%;"
    " {command}",
    "step.cascade.prev_share": "divided by {kpi} of {period}: {own} of {all}, {percent}%;"
    " {command}",
    "step.cascade.no_history": "nothing in {period}: an equal share, one of {count}; {percent}%",
    "step.cascade.rounded": "in multiples of {step}, by largest remainder",
    "step.cascade.rounded.rest": "in multiples of {step}, by largest remainder; the rest of"
    " {rest} is"
    " here",
    "step.ramp": "newcomer: {percent}% of the target",
    "step.as_written": "written by name and taken whole, for {days} of {of} {unit}",
    "step.away.hired": "not hired before {after}: {days} {unit} less{place}",
    "step.away.left": "left, last day before {first}: {days} {unit} less{place}",
    "step.away.from": "in this post from {after} on: {days} {unit} less{place}",
    "step.away.to": "in this post until before {first}: {days} {unit} less{place}",
    "step.away.gap": "not employed {first} to {last}: {days} {unit} less{place}",
    "step.away.absence": "{kind} {first} to {last}: {days} {unit} less{place}",
    "step.kind.worked": "worked",
    "step.kind.paid_absence": "paid absence",
    "step.kind.unpaid": "unpaid absence",
    "step.kind.sick": "sick",
    "step.kind.company": "company",
    "step.kind.department": "department",
    "step.cascade.adjusted": "with equal shares and the days of each: {percent}%",
    "targets.as_written_by_days": "{kpi}: the target of {name} is written by name and taken whole,"
    " for {days} of {of} calendar days",
    "targets.as_written_by_days.hint": "to prorate such ones, too: targets: {prorate: all}",
    "card.changes_within": "the scorecard {card} changes on {day}, within {period}",
    "card.changes_within.hint": "compute the parts apart: --period {before} and --period {after}",
}
