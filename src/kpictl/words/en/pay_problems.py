"""Mistakes in the sections of a plan that pay."""

TEXTS: dict[str, str] = {
    "plan.pay_scale": "one scale is needed here: bands or curve",
    "plan.pay_scale.hint": (
        'write {bands: {0: 0, 80: 50, ">100": 130}} or {curve: {70: 50, 100: 100}}'
    ),
    "plan.pay_rates": "rates are given in one way: table or file",
    "plan.pay_rates.hint": (
        "write {by: product, table: {Pumps: 3}, other: 1} or {by: [product, client_type], "
        "file: rates.csv}"
    ),
    "plan.pay_rates_by": "a table is by one field only",
    "plan.pay_rates_by.hint": "rates by several fields are kept in a file: file: rates.csv",
    "plan.pay_commission": "a commission has one form: rate, marginal, whole or rates",
    "plan.pay_commission.hint": (
        "write {of: revenue, rate: 3} or {of: revenue, marginal: {0: 3, 100: 5}}"
    ),
    "plan.pay_piece": "a price for each record needs one rate: rate or rates",
    "plan.pay_piece.hint": "write {of: won_deals, rate: 500}",
    "plan.pay_then": "“{given}” is no effect: a condition lowers the payout",
    "plan.pay_then.hint": "write one of: {forms}",
    "plan.pay_bases": (
        "a part of a bonus is of one thing: salary_share, fixed, commission, piece or pool"
    ),
    "plan.pay_bases.hint": "make several parts of them: parts: {main: …, commission: …}",
    "plan.pay_scales": "the percentage is read on one scale: by_index, by_kpi or by",
    "plan.pay_scales.hint": "keep one; write the others as factors or as a part of their own",
    "plan.pay_pool_by": "a share of a pool needs what the pool is divided by: an expression in by",
    "plan.pay_pool_by.hint": "write {pool: team, by: index} or by: index * salary",
    "plan.pay_eligible": "eligible is for a share of a pool only",
    "plan.pay_eligible.hint": "for other parts there are gates",
    "plan.pay_weights": "the weights of by_kpi add up to {total}, need 100",
    "plan.pay_weights.hint": "correct the weight of the KPIs",
    "plan.pay_parts": "a bonus either has parts or is one itself",
    "plan.pay_parts.hint": "move the rest into parts as a part of its own",
    "plan.pay_no_base": "it is not said what the bonus is a share of",
    "plan.pay_no_base.hint": "add one of: salary_share, fixed, commission, piece, pool; or parts",
    "plan.pay_part_no_base": "it is not said what part “{part}” is a share of",
    "plan.pay_part_no_base.hint": "add one of: salary_share, fixed, commission, piece, pool",
    "pay.of_departments": ("the rows of this scorecard are departments, and people get a bonus"),
    "pay.of_departments.hint": (
        "move bonus to a scorecard of people; there a department's KPI is level: department"
    ),
    "pay.unknown_fund": "there is no fund “{name}”",
    "pay.unknown_fund.hint": "describe it in funds",
    "pay.unknown_pool": "there is no pool “{name}”",
    "pay.unknown_pool.hint": "describe it in pools",
    "pay.kpi_not_on_card": (
        "the KPI {name} is not on this scorecard, so there is no attainment of it"
    ),
    "pay.kpi_not_on_card.hint": "add it to the scorecard, with weight 0 if need be; on it: {known}",
    "pay.prorate_silent": "it is not said what somebody gets who was not there all month",
    "pay.prorate_silent.hint": (
        "add prorate: {by: worked_days, absences: [paid_absence, sick, unpaid]} or prorate: none"
    ),
    "pay.prorate_absences": "it is not said which absences lower the pay",
    "pay.prorate_absences.hint": (
        "write prorate: {by: {by}, absences: [paid_absence, sick, unpaid]}; [] for none"
    ),
    "pay.prorate_calendar": "{by} cannot be counted without a calendar",
    "pay.prorate_calendar.hint": "add calendar: {country: ru}, or count calendar_days",
    "pay.gates_without_bonus": "the gates of {card} act on nothing: it has no bonus",
    "pay.gates_without_bonus.hint": "add a bonus, or take the gates away",
    "pay.unused": "{section}.{name} is needed by no bonus",
    "pay.unused.hint": "name it in the bonus of a scorecard, or take it away",
    "pay.unknown_figure": "there is no figure {name}",
    "pay.unknown_figure.hint": (
        "there are index, salary, days, the KPIs and their attainment, score, "
        "target; behind department., company., scorecard. the same of all"
    ),
    "pay.too_many_digits": "“{text}” gives a number of too many digits",
    "pay.too_many_digits.hint": "round it: round(…, 2)",
    "pay.period": "pay is for whole months, and {period} is not made of them",
    "pay.period.hint": "take a month, a quarter, a half or a year",
    "pay_table.empty": "an empty cell in the column “{caption}”: without it the line means nothing",
    "pay_table.empty.hint": "fill in the cell, or take the line away",
    "pay_table.nobody": "there is no “{name}” in the list of employees",
    "pay_table.nobody.hint": "money that would go to nobody is not computed",
    "pay_table.period": "“{given}” is no month or quarter",
    "pay_table.period.hint": "write 2024-05, May 2024 or 2024-Q2",
    "pay_table.id_twice": "the number {id} is there already: {place}",
    "pay_table.id_twice.hint": "give each line a number of its own: it is found by it in reports",
    "pay_table.kopecks": "{given} has parts of a hundredth",
    "pay_table.kopecks.hint": "round the sum to two decimals",
    "pay_table.unknown_kpi": "there is no KPI “{name}”",
    "pay_table.unknown_kpi.hint": "there are: {known}",
    "pay_table.unknown_part": "there is no part “{name}” of a bonus",
    "pay_table.unknown_part.hint": "there are: {known}",
    "pay_table.reduction": "a bonus is reduced by 0 to 100 %, not by {given}",
    "pay_table.reduction.hint": "write the percentage of the reduction: 50",
    "pay.salaries_open": "the file of salaries {file} can be read by others (mode {mode})",
    "pay.salaries_open.hint": "close it: chmod 600 {file}",
    "pay.salary_twice": "a second salary from the same day: {name}, the first is {place}",
    "pay.salary_twice.hint": "keep one",
    "pay.salary_of_which": "{name} holds two posts at once: of which of them is this salary?",
    "pay.salary_of_which.hint": "write the salaries in the lines of the posts: a column salary",
    "pay.without_people": "this table names employees, and sources has no list of them",
    "pay.without_people.hint": "add a source of employees",
    "pay.draw_since": (
        "a draw is made up for in later months, and it is not said from which month on"
    ),
    "pay.draw_since.hint": "add pay: {since: 2024-01}",
    "pay.no_index": "there is no pay, because there is no index: {names}",
    "pay.no_figure": "there is no pay, because {lacks} is not known: {names}",
    "pay.no_salary": "there is no pay, because the salary is not known: {names}",
    "pay.no_pool": ("there is no pay, because {lacks} has no amount for this period: {names}"),
    "pay.gate_unknown": (
        "the condition “{gate}” could not be judged, for a figure of it is not known; it "
        "does not act on: {names}"
    ),
    "pay.by_record": (
        "{kpi} has no number for each record, so neither rates by record nor release by payments"
    ),
    "pay.by_record.hint": "take a KPI of the kind {kinds} whose records have an owner",
    "pay.by_record_level": (
        "{kpi} is shared on this scorecard (level: {level}): whose records are paid?"
    ),
    "pay.by_record_level.hint": "leave level out, or name a KPI in of that is each one's own",
    "pay.release_key": "“{given}” does not say which payment belongs to which record",
    "pay.release_key.hint": (
        "write key: id = deal_id, the field of the record = that of the payment"
    ),
    "pay.release_of": ("{entity} do not say how much is to come in: there is no number {field}"),
    "pay.release_of.hint": "name the field with the amount of a record: of: …",
    "pay.no_rate": "there is no rate for {fields}: {values}",
    "pay.no_rate.hint": (
        "add rates, or other: … for all the rest; there are {n} such records, the first is "
        "{example}"
    ),
    "pay.rate_twice": "there is a rate for {values} from the same day on: {other}",
    "pay.rate_twice.hint": "keep one, or say in the column from since when the other holds",
    "pay.bad_rate": "{column}: “{value}” cannot be read",
    "pay.bad_rate.hint": "a rate is a number (3 or 2.5 %), from is a date; mend the cell",
    "pay.gate_caps_nothing": (
        "the condition {gate}: “{then}” limits nothing, for this bonus has no hundred "
        "percent: it is neither of the salary nor of a sum"
    ),
    "pay.gate_caps_nothing.hint": "cap it at a sum: cap 20000, or lower it: payout * 0.5",
    "pay.negative_amount": ("{path}: the sum is below zero ({given}), there is nothing to divide"),
    "pay.negative_amount.hint": "give a sum of 0 or more",
    "pay.amount_per": ("{path}: pay is computed for months, and the sum is for a shorter time"),
    "pay.amount_per.hint": "give a sum per month, quarter, half or year",
    "pay.amount_adds_up": (
        "{path}: the bonus accumulates from the start of the year or quarter, and it is "
        "not said for what time this sum is: since the start of the year it would be what"
        " it is for a month"
    ),
    "pay.amount_adds_up.hint": "say for what it is: 100000/month",
    "pay.changes_within_year": (
        "the scorecard {card} changes on {day}, within the year, and the bonus of {of} is"
        " computed since the start of the year (accumulate: year): it would have two sets"
        " of rules"
    ),
    "pay.changes_within_year.hint": "change scorecards on January 1, or leave accumulate out",
    "pay.changes_within_quarter": (
        "the scorecard {card} changes on {day}, within the quarter, and the bonus of {of}"
        " is computed since the start of the quarter (accumulate: quarter): it would have"
        " two sets of rules"
    ),
    "pay.changes_within_quarter.hint": (
        "change scorecards on the first day of a quarter, or leave accumulate out"
    ),
    "pay.pool_undivided": (
        "the pool “{pool}” ({sum}) is not divided: everybody's share of it is zero"
    ),
    "pay.pool_exceeded": (
        "{paid} is given out of the pool “{pool}” ({sum}): factors multiply the shares"
    ),
    "pay.pool_exceeded.hint": (
        "multiply what the pool is divided by instead (by), or limit it with a fund"
    ),
    "pay.balance_dropped": (
        "a negative balance of {sum} will not be made up for in the next period: {names}"
    ),
    "pay.balance_dropped.hint": "to have balances carried on add pay: {since: {since}}",
    "pay.amount_growth": ("{path}: there is nothing here that it could grow from"),
    "pay.amount_growth.hint": "give a sum: 100000/month",
    "pay.amount_kopecks": ("{path}: the sum has parts of a kopeck ({given})"),
    "pay.amount_kopecks.hint": "round it to kopecks",
    "pay.longer_period": (
        "{what}: its period {of} is longer than that of this pay, which leaves it out: {name}"
    ),
    "pay.longer_period.hint": "write the month in which it counts into the table",
    "plan.same_bound": "one bound is there twice: {given}",
    "plan.same_bound.hint": 'keep one; a bound that does not belong to its band: ">100"',
}
