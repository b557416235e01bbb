"""What `check` remarks on in a plan and in its data, in English: `lint.` and the rule's name."""

TEXTS: dict[str, str] = {
    # how to turn them off
    "plan.silence_reason": "a remark is turned off without a reason",
    "plan.silence_reason.hint": "write why the plan is right here: whoever reads it after you must"
    " see that",
    "lint.unused_silence": "“{id}” is turned off ({reason}), but there is nothing to remark on any"
    " more",
    "lint.unused_silence.hint": "take this line out of lint",
    "check.silenced": "turned off: {reason}",
    "check.turn_off": "If it is meant so, turn the remark off in the plan: lint: {ignore: {{id}:"
    " reason}}",
    "check.silenced_count": "{n} {n|remark is|remarks are} turned off in the plan (check -v shows"
    " them)",
    # scorecards and KPIs
    "lint.many_kpis": "the scorecard {card} has {count} KPIs with a weight: nobody can keep an eye"
    " on so many",
    "lint.many_kpis.hint": "keep the five to seven that matter",
    "lint.light": "{kpi} weighs only {weight} %: it will not move the index",
    "lint.light.hint": "give it 5 at least, or take it out",
    "lint.heavy": "{kpi} weighs {weight} %: nothing else in {card} needs doing",
    "lint.heavy.hint": "keep it at 60 at most",
    "lint.count_without_quality": "the scorecard {card} is all about how many ({kpis}) and nothing"
    " about how good: it pays to do much and badly",
    "lint.count_without_quality.hint": "add an average, a share, a conversion, a mark or a sum of"
    " money, with a weight or as a condition in gates",
    "lint.same_records": "{first} and {second} grow with the very same records ({entity}): each"
    " counts twice, together for {weight} % of the index",
    "lint.same_records.hint": "keep one of them, or make the second an average or a share",
    "lint.manual_weight": "in the scorecard {card} {weight} % of the index is typed by hand"
    " ({kpis}): no record proves it",
    "lint.manual_weight.hint": "type 20 at most",
    "lint.company_weight": "in the scorecard {card} {weight} % of the index is the same for"
    " everybody ({kpis}, level: company): one person hardly moves it",
    "lint.company_weight.hint": "give the company's numbers 50 at most",
    "lint.period_conversion": "{kpi}: with basis: period one late success can make 300 %"
    " where new records are few",
    "lint.period_conversion.hint": "add min_n: 10, or choose basis: cohort",
    "lint.negative_points": "{kpi} can take points away (floor: {floor}): one bad number eats up"
    " what the others have earned",
    "lint.negative_points.hint": "keep floor: 0, and make what must not happen a condition in"
    " gates: that leaves the index alone",
    "lint.fine": "“{name}”: the word “{word}” means a punishment in money, and Russian labour law"
    " knows no fines (art. 192)",
    "lint.fine.hint": "call it a condition under which the bonus is not earned",
    # what the plan pays
    "check.of.salary": "of the salary",
    "check.of.part": "of this part",
    "check.term.kind": "the kind of bonus (label)",
    "check.term.conditions": "the conditions (a scale or gates)",
    "check.term.due": "when it is paid (pay.due)",
    "lint.pay_cliff": "at {figure} = {edge} the pay jumps from {before} to {after} %: this step is"
    " worth {worth}",
    "lint.pay_cliff.hint": "at its edge deals are held back or hurried: make the steps smaller, or"
    " straight lines of them (curve)",
    "lint.whole_tier": "{kpi}: at {edge} the rate of everything jumps from {before} to {after} %,"
    " at that point {money}; steps like that: {steps}",
    "lint.whole_tier.hint": "marginal takes each rate of its own step alone and never jumps",
    "lint.falling_scale": "the scale by {figure} falls: the more is done, the less is paid",
    "lint.falling_scale.hint": "look at the percentages: no step should be below the one before",
    "lint.unreachable_band": "{edges} on the scale by {figure} cannot be reached: with these"
    " weights and caps nothing is above {highest}",
    "lint.unreachable_band.hint": "raise the cap of the KPIs, or take these steps away",
    "lint.idle_gate": "the condition “{gate}” ({when}) is never met: there are no such values",
    "lint.idle_gate.hint": "look at the bound and its unit: percent is written 25, not 0.25",
    "lint.negative_pay": "this is below zero ({least}): it takes back what was earned, and Russian"
    " labour law knows no fines (art. 192)",
    "lint.negative_pay.hint": "keep 0: the bonus is not earned; corrections are lines of their own"
    " (pay: {adjustments: …})",
    "lint.no_ceiling": "scorecard {card}: the bonus has no highest amount ({parts})",
    "lint.no_ceiling.hint": "one large deal may eat up the fund: there is cap, of a bonus and of"
    " its parts, and fund",
    "lint.highest_pay": "scorecard {card}: nobody can have more than {most} a month (proved by the"
    " scales)",
    "lint.highest_pay.hint": "hold it against the fund",
    "lint.missing_terms": "scorecard {card}: a bonus regulation must name this, too (art. 135 of"
    " the Russian Labour Code), and the plan does not: {terms}",
    "lint.missing_terms.hint": "add it, so that the plan and the regulation say the same",
    # targets against history
    "lint.target_unreachable": "{kpi}, target {target} ({names}): in the year before ({periods}"
    " {periods|period|periods}) as much was reached {reached} times of {facts}; the median is"
    " {median}, better than {bound} is one of twenty",
    "lint.target_unreachable.hint": "what cannot be reached moves nobody: lower it, or say in lint"
    " what has changed",
    "lint.target_trivial": "{kpi}, target {target} ({names}): in the year before ({periods}"
    " {periods|period|periods}) as much was reached {reached} times of {facts}; the median is"
    " {median}, worse than {bound} is one of ten",
    "lint.target_trivial.hint": "a target that is met without effort changes nothing: raise it",
    # signs in the records: a flag with figures, no accusation
    "lint.late_wins": "{names}, {kpi}: {count} of {whole} ({share} %) fell on the last working days"
    " {days}, usually {usual} %; worth {money}; records: {ids}",
    "lint.late_wins.hint": "look when they were closed in fact: kpictl explain {id} -p {period}",
    "lint.quick_wins": "{names}, {kpi}: {count} of {whole} were won within {minutes} min of being"
    " created; worth {money}; records: {ids}",
    "lint.quick_wins.hint": "this is so where deals are entered afterwards: look at them, kpictl"
    " explain {id} -p {period}",
    "lint.won_by_others": "{names}, {kpi}: {count} of {whole} ({share} %) were moved to won by"
    " somebody else; worth {money}; records: {ids}",
    "lint.won_by_others.hint": "this is so where the owner is changed just before the win: look at"
    " them, kpictl explain {id} -p {period}",
    "lint.date_moved": "{names}, {kpi}: {count} of {whole} are in {period} by {field}, and their"
    " stage was changed before or after it; worth {money}; records: {ids}",
    "lint.date_moved.hint": "{field} is typed by hand: count by when: closed_at",
    "lint.tiny_deals": "{names}, {kpi}: {count} of {whole} ({share} %) are below a tenth of the"
    " median, usually {usual} %; worth {money}; records: {ids}",
    "lint.tiny_deals.hint": "where pieces are counted, a least size helps: where: … and amount"
    " >= …",
    "lint.highest_fund": "scorecard {card}: {people} {people|person|people} together can have at "
    "most {most} for {period} (proved by the scales; without a salary: {unknown})",
    "lint.highest_fund.hint": "hold it against the fund, or limit it: fund",
}
